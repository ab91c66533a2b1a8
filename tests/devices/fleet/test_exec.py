"""One program for the devices of all sites of a fleet: keys in each line, programs that die, sites that come and go."""

from __future__ import annotations

import json
import shlex
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from envoy import Site
from envoy.der.follow.device import DeviceStatus, Readings
from envoy.der.limits import Limit, Limits
from envoy.devices.exec import ExecOptions
from envoy.devices.fleet import open_fleet_devices
from envoy.devices.fleet.exec import ExecDevices
from envoy.devices.json_form import parse_order
from envoy.errors import DeviceError, DeviceRefusal
from tests.support.clock import VirtualClock
from tests.support.fleets import until

SITE = Site(lfdi=bytes(20))

HEAD = """
import json, os, sys
def say(**report):
    print(json.dumps(report), flush=True)
"""
OBEDIENT = """
for line in sys.stdin:
    order = json.loads(line)
    with open("orders", "a") as orders:
        orders.write(line)
    say(site=order["site"], taken=order["order"])
"""

Open = Callable[..., ExecDevices]


def held(watts: int) -> Limits:
    return Limits(
        generation_w=Limit(Decimal(5000), "device"),
        export_w=Limit(Decimal(watts), "opModExpLimW"),
        values={"opModExpLimW": Decimal(watts)},
    )


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Return the devices of a fleet that are a Python program, by its text."""
    monkeypatch.chdir(tmp_path)
    opened: list[ExecDevices] = []

    def start(text: str, clock: Callable[[], float] = time.monotonic, **options: Any) -> ExecDevices:
        Path("plant.py").write_text(HEAD + textwrap.dedent(text), encoding="utf-8")
        arguments = [sys.executable, "-I", "-S", "plant.py"]
        read = ExecOptions(**{"command": shlex.join(arguments), "deadline": 60, "grace": 20} | options)
        opened.append(ExecDevices(arguments, read, clock=clock))
        return opened[-1]

    yield start
    for devices in opened:
        devices.close()


def orders() -> list[tuple[str, Limits]]:
    lines = Path("orders").read_text(encoding="utf-8").splitlines()
    return [(json.loads(line)["site"], parse_order(line).limits) for line in lines]


def test_one_program_gets_the_orders_of_all_sites_each_with_its_key(run: Open) -> None:
    devices = run(OBEDIENT)
    sites = {key: devices.open(key, SITE) for key in ("a", "b", "c")}
    for watts in (1, 2):
        for key, device in sites.items():
            device.apply(held(watts))
            assert device.status() == DeviceStatus(), key
    assert orders() == [(key, held(watts)) for watts in (1, 2) for key in sites]


def test_what_is_reported_is_that_of_the_site_it_names(run: Open) -> None:
    devices = run("""
        for line in sys.stdin:
            order = json.loads(line)
            site = order["site"]
            power = order["limits"]["export"]["watts"]
            say(site=site, readings={"site": {"active-power": power}}, status={"failed": site == "b"})
            say(site=site, taken=order["order"], refused=["opModExpLimW"] if site == "c" else [])
    """)
    one, two, three = (devices.open(key, SITE) for key in "abc")
    one.apply(held(1))
    two.apply(held(2))
    with pytest.raises(DeviceRefusal, match="site c") as caught:
        three.apply(held(3))
    assert caught.value.modes == {"opModExpLimW"}
    assert [device.readings() for device in (one, two, three)] == [
        Readings(site={"active-power": Decimal(watts)}) for watts in (1, 2, 3)
    ]
    assert [device.status().failed for device in (one, two, three)] == [False, True, False]


def test_a_site_that_does_not_acknowledge_holds_no_other_one_up(run: Open) -> None:
    devices = run(
        """
        for line in sys.stdin:
            order = json.loads(line)
            if order["site"] != "silent":
                say(site=order["site"], taken=order["order"])
    """,
        deadline=0.2,
    )
    silent, others = devices.open("silent", SITE), [devices.open(str(number), SITE) for number in range(20)]
    taken = silent.begin(held(1), lambda: None)
    for device in others:
        device.apply(held(1))
    assert [device.status().failed for device in (silent, *others)] == [True] + [False] * 20
    with pytest.raises(DeviceError, match="not acknowledged"):
        until(taken)


def test_limits_that_are_not_waited_for_are_taken_when_the_program_says_so(run: Open) -> None:
    devices = run("""
        orders = [json.loads(sys.stdin.readline()) for _ in range(2)]
        for order in reversed(orders):
            say(site=order["site"], taken=order["order"])
        sys.stdin.read()
    """)
    first, second = (devices.open(key, SITE) for key in "ab")
    woken = threading.Semaphore(0)
    one = first.begin(held(1), woken.release)
    assert not one()
    two = second.begin(held(2), woken.release)
    until(lambda: one() and two())
    assert woken.acquire(timeout=60) and woken.acquire(timeout=60)


def test_a_program_that_dies_has_failed_for_all_and_is_given_all_limits_again(run: Open) -> None:
    clock = VirtualClock()
    devices = run(
        """
        for line in sys.stdin:
            order = json.loads(line)
            with open("orders", "a") as orders:
                orders.write(line)
            if order["limits"]["export"]["watts"] == 13:
                print("no inverters", file=sys.stderr, flush=True)
                sys.exit(3)
            say(site=order["site"], taken=order["order"])
    """,
        clock,
    )
    one, two, idle = (devices.open(key, SITE) for key in "abc")
    one.apply(held(1))
    two.apply(held(2))
    with pytest.raises(DeviceError, match="has ended with exit status 3") as caught:
        one.apply(held(13))
    assert "no inverters" in caught.value.remedy
    for device in (one, two, idle):
        with pytest.raises(DeviceError, match="started again in 1 s"):
            device.status()
    Path("orders").unlink()
    clock.now += 1
    for device in (idle, two):  # it is started again, and dies again of what it is given for the first one
        with pytest.raises(DeviceError, match="exit status 3"):
            until(lambda device=device: device.status() is None)
    assert orders()[0] == ("a", held(13))
    with pytest.raises(DeviceError, match="started again in 2 s"):
        one.apply(held(1))
    clock.now += 2
    Path("orders").unlink()
    two.apply(held(2))
    assert sorted(orders(), key=lambda order: order[0])[:2] == [("a", held(1)), ("b", held(2))]
    assert not one.status().failed


def test_a_site_that_has_left_is_not_given_its_limits_again_and_may_come_back(run: Open) -> None:
    clock = VirtualClock()
    devices = run(OBEDIENT, clock)
    one, two = (devices.open(key, SITE) for key in "ab")
    one.apply(held(1))
    two.apply(held(2))
    again = devices.open("a", SITE)
    one.close()  # which it may be late with
    again.apply(held(3))
    again.close()
    assert orders() == [("a", held(1)), ("b", held(2)), ("a", held(3))]


@pytest.mark.parametrize(
    "line",
    ["nonsense", "[]", '{"taken": 1}', '{"site": 1}', '{"site": "nobody", "taken": 1}', '{"site": "a", "taken": "x"}'],
)
def test_a_line_that_is_of_no_use_is_logged_and_harms_nobody(
    run: Open, line: str, caplog: pytest.LogCaptureFixture
) -> None:
    devices = run(f"print({line!r}, flush=True)\nprint({line!r}, flush=True)\n{OBEDIENT}")
    device = devices.open("a", SITE)
    device.apply(held(1))
    assert not device.status().failed
    assert len([record for record in caplog.records if record.name.startswith("envoy.devices")]) == 1


def test_many_sites_are_written_and_acknowledged_at_once_and_to_the_last_order(run: Open) -> None:
    devices = run(OBEDIENT)
    sites = [devices.open(f"site-{number}", SITE) for number in range(1000)]
    for watts in (1, 2):
        waiting = [device.begin(held(watts), lambda: None) for device in sites]
        until(lambda waiting=waiting: all(taken() for taken in waiting))
    for device in sites:
        device.begin(held(3), lambda: None)
        device.close()
    devices.close()
    newest = dict(orders())
    assert newest == {f"site-{number}": held(3) for number in range(1000)}


def test_nothing_works_after_it_is_closed(run: Open) -> None:
    devices = run(OBEDIENT)
    device = devices.open("a", SITE)
    device.apply(held(1))
    devices.close()
    for call in (device.status, device.readings, lambda: device.apply(held(2))):
        with pytest.raises(DeviceError, match="closed"):
            call()
    device.close()


@pytest.mark.parametrize("options", [{}, {"command": "no-such-program"}, {"command": "'"}, {"command": "sh", "x": "1"}])
def test_an_option_that_is_wrong_is_an_error_before_anything_is_started(options: dict[str, str]) -> None:
    with pytest.raises(DeviceError):
        open_fleet_devices("exec", options)
