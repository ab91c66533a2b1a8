"""States for another number of shards: every site is in the one of its shard, with all that was known of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from envoy.client.subscribing import SECRET
from envoy.der.state.fleet_state import FLEET_FILE, FleetState
from envoy.errors import EnvoyError, StateError
from envoy.fleet import Shard
from envoy.fleet.reshard import reshard
from envoy.identity import site_lfdi
from tests.support.clock import VirtualClock
from tests.support.commands import envoy
from tests.support.schedules import make_event, make_program

SERVER = "https://utility.example:8443"
SITES = [site_lfdi(number, 32473) for number in range(1, 21)]


def write_state(folder: Path, sites: Iterable[bytes], shard: str, *, now: int = 150, server: str = SERVER) -> None:
    """Write the state of sites in which an event of their own is active, and the next one has been received."""
    with FleetState(folder, server=server, shard=shard, clock=VirtualClock(float(now))) as state:
        for lfdi in sites:
            schedule, memory = state.load(lfdi)
            own = lfdi.hex()[:8]
            events = [make_event(f"{own}-{start}", start, start + 100, EL=start) for start in (100, 300)]
            schedule.update(now, [make_program("A", 1, *events)])
            memory.put("device", own)
            memory.save(schedule)
        assert state.commit()


def read_state(folder: Path, shard: str) -> dict[bytes, Any]:
    """Return what is known of each site."""
    found = {}
    with FleetState(folder, server=SERVER, shard=shard) as state:
        for lfdi in SITES:
            if lfdi in Shard.parse(shard):
                schedule, memory = state.load(lfdi)
                found[lfdi] = (schedule.dump(), memory.get("device"))
    return found


def write_shards(folder: Path, count: int) -> list[Path]:
    folders = []
    for shard in (Shard(number, count) for number in range(1, count + 1)):
        folders.append(folder / f"old-{shard.number}")
        write_state(folders[-1], [lfdi for lfdi in SITES if lfdi in shard], str(shard))
    return folders


@pytest.mark.parametrize(("before", "after"), [(1, 3), (3, 4), (3, 1), (2, 2)])
def test_all_that_is_known_of_a_site_is_in_the_state_of_its_shard(before: int, after: int, tmp_path: Path) -> None:
    folders = write_shards(tmp_path, before)
    old = [read_state(folder, f"{number}/{before}") for number, folder in enumerate(folders, start=1)]
    sizes = reshard(folders, tmp_path / "new", after)
    assert list(sizes) == [tmp_path / "new" / f"shard-{number:02}" for number in range(1, after + 1)]
    new = [read_state(folder, f"{number}/{after}") for number, folder in enumerate(sizes, start=1)]
    assert [len(each) for each in new] == list(sizes.values())
    known = dict(itertools.chain.from_iterable(each.items() for each in old))
    assert len(known) == len(SITES) and all(device for _, device in known.values())
    assert dict(itertools.chain.from_iterable(each.items() for each in new)) == known
    # The old ones are as they were.
    assert [read_state(folder, f"{number}/{before}") for number, folder in enumerate(folders, start=1)] == old


def test_of_a_site_in_two_states_the_one_that_was_followed_last_counts(tmp_path: Path) -> None:
    write_state(tmp_path / "b", SITES[:5], "1/2", now=250)
    write_state(tmp_path / "a", SITES[:10], "2/2", now=150)
    (folder,) = reshard([tmp_path / "a", tmp_path / "b"], tmp_path / "new", 1)
    found = read_state(folder, "1/1")
    assert [schedule["now"] for schedule, _ in itertools.islice(found.values(), 10)] == [250] * 5 + [150] * 5


def write_facts(folder: Path, shard: str, **facts: Any) -> None:
    with FleetState(folder, server=SERVER, shard=shard) as state:
        for name, value in facts.items():
            state.put(name, value)


def read_facts(folder: Path, shard: str, name: str) -> Any:
    with FleetState(folder, server=SERVER, shard=shard) as state:
        return state.get(name)


@pytest.mark.parametrize(("before", "after"), [(2, 3), (3, 2), (1, 1), (1, 3)])
def test_no_two_states_have_the_secret_of_one(before: int, after: int, tmp_path: Path) -> None:
    """A process with the secret of another one would delete its subscriptions."""
    folders = write_shards(tmp_path, before)
    for number, folder in enumerate(folders, start=1):
        write_facts(folder, f"{number}/{before}", **{SECRET: f"{number:064x}"})
    sizes = reshard(folders, tmp_path / "new", after)
    secrets = [read_facts(folder, f"{number}/{after}", SECRET) for number, folder in enumerate(sizes, start=1)]
    kept = [secret for secret in secrets if secret is not None]
    assert len(set(kept)) == len(kept) == min(before, after)
    if before > 1:
        # Most of its sites are where they were.
        assert secrets[:2] == [f"{number:064x}" for number in (1, 2)]


def test_the_clock_is_that_of_the_state_that_was_followed_last(tmp_path: Path) -> None:
    for number, (now, mark) in enumerate([(150, ["a", 3.0]), (250, ["b", 1.0]), (250, ["b", 2.0])], start=1):
        shard = f"{number}/3"
        write_state(tmp_path / shard[0], [lfdi for lfdi in SITES if lfdi in Shard.parse(shard)], shard, now=now)
        write_facts(tmp_path / shard[0], shard, clock=mark)
    sizes = reshard([tmp_path / number for number in "123"], tmp_path / "new", 2)
    assert [read_facts(folder, f"{number}/2", "clock") for number, folder in enumerate(sizes, start=1)] == [
        ["b", 2]
    ] * 2
    for number, folder in enumerate(sizes, start=1):
        kept = read_facts(folder, f"{number}/2", "choices")
        assert kept and kept == read_facts(tmp_path / "1", "1/3", "choices")


def test_a_state_is_of_one_shard(tmp_path: Path) -> None:
    write_state(tmp_path / "state", SITES[:2], "1/2")
    for shard in ("2/2", "1/3", ""):
        with pytest.raises(StateError) as caught:
            FleetState(tmp_path / "state", server=SERVER, shard=shard)
        assert "reshard" in caught.value.remedy


def test_a_state_that_is_in_use_is_left_alone(tmp_path: Path) -> None:
    folders = write_shards(tmp_path, 2)
    with FleetState(folders[1], server=SERVER, shard="2/2"), pytest.raises(StateError):
        reshard(folders, tmp_path / "new", 3)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["old-1", "old-2"]


def test_what_cannot_be_resharded_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    folders = write_shards(tmp_path, 2)
    write_state(tmp_path / "other", SITES[:1], "1/1", server="https://other.example")
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / FLEET_FILE).write_bytes(b"x" * 5000)
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / FLEET_FILE).touch()
    there = sorted(each.name for each in tmp_path.iterdir())
    for states, target, count in (
        ([*folders, tmp_path / "other"], "new", 3),
        ([*folders, tmp_path / "nothing"], "new", 3),
        ([*folders, tmp_path / "damaged"], "new", 3),
        ([*folders, tmp_path / "empty"], "new", 3),
        (folders[1:], "new", 3),
        ([], "new", 3),
        (folders, "new", 0),
        (folders, "old-1", 3),
        (folders, "nowhere/new", 3),
    ):
        with pytest.raises(EnvoyError):
            reshard(states, tmp_path / target, count)
        assert sorted(each.name for each in tmp_path.iterdir()) == there


def test_a_folder_may_be_named_twice(tmp_path: Path) -> None:
    folders = write_shards(tmp_path, 2)
    sizes = reshard([*folders, folders[0] / ".." / "old-1"], tmp_path / "new", 1)
    assert list(sizes.values()) == [len(SITES)]


def test_the_command_says_where_the_sites_are(tmp_path: Path) -> None:
    write_shards(tmp_path, 2)
    done = envoy("fleet", "reshard", "old-1", "old-2", "--shards", "3", "--to", "new", cwd=tmp_path)
    assert done.returncode == 0
    counts = [int(line.split()[1]) for line in done.stdout.splitlines()]
    assert (len(counts), sum(counts)) == (3, len(SITES))
    assert envoy("fleet", "reshard", "old-1", "--shards", "3", "--to", "new", cwd=tmp_path).returncode == 2
