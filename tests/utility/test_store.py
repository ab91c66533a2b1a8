"""The store of the server by itself: what is written as a whole, and what goes with what is removed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import pytest

from envoy.utility.store import Store
from sep2 import DER, EndDevice

OWNER, OTHER = bytes(20), bytes([1] * 20)


@pytest.fixture
def store() -> Iterator[Store]:
    with closing(Store()) as store:
        yield store


def end_device() -> EndDevice:
    return EndDevice(sfdi=0, changed_time=0)


def with_devices(store: Store, count: int) -> list[str]:
    """Add EndDevices with a DER each; return their paths."""
    paths = [store.add(OWNER, "/edev", end_device()) for _ in range(count)]
    for path in paths:
        store.add(OWNER, f"{path}/der", DER())
    return paths


def held(store: Store, paths: list[str], owner: bytes = OWNER) -> list[str]:
    """Return the paths whose EndDevice and DER are both there; one without the other is neither."""
    there = {path: (store.exists(owner, path), store.exists(owner, f"{path}/der/1")) for path in paths}
    assert set(there.values()) <= {(True, True), (False, False)}
    return [path for path, pair in there.items() if pair == (True, True)]


@contextmanager
def failing(store: Store) -> Iterator[None]:
    """A transaction that an exception leaves at its end."""
    with suppress(ZeroDivisionError), store.transaction():
        yield
        raise ZeroDivisionError


def test_what_is_done_before_an_exception_is_undone(store: Store) -> None:
    with failing(store):
        with_devices(store, 2)
    assert (store.count(OWNER, "/edev"), store.exists(OWNER, "/edev/1/der/1")) == (0, False)
    with store.transaction():
        # The numbers were not used up, and nothing is left open.
        assert with_devices(store, 1) == ["/edev/1"]
    assert held(store, ["/edev/1"]) == ["/edev/1"]


def test_a_change_is_undone_as_well(store: Store) -> None:
    with_devices(store, 1)
    with failing(store):
        store.put(OWNER, "/edev/1", EndDevice(sfdi=1, changed_time=0))
        store.delete(OWNER, "/edev/1/der/1")
    assert store.get(OWNER, "/edev/1").sfdi == 0
    assert held(store, ["/edev/1"]) == ["/edev/1"]


def test_what_is_removed_goes_with_all_below_it_and_nothing_beside_it(store: Store) -> None:
    paths = with_devices(store, 21)
    assert store.delete(OWNER, "/edev/2")
    assert held(store, paths) == [path for path in paths if path != "/edev/2"]
    # A list that is still there goes on counting, as a path is never used twice.
    assert store.add(OWNER, "/edev/20/der", DER()) == "/edev/20/der/2"


def test_what_is_handed_over_goes_with_all_below_it_and_nothing_beside_it(store: Store) -> None:
    paths = with_devices(store, 21)
    store.hand_over("/edev/2", OTHER)
    assert held(store, paths, OTHER) == ["/edev/2"]
    assert held(store, paths) == [path for path in paths if path != "/edev/2"]
