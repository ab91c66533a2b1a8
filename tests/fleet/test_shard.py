"""Shards of a fleet: each site is in one of them, the same on every machine, and few move when their number changes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envoy.errors import EnvoyError
from envoy.fleet import Fleet, Shard, State
from envoy.fleet.shard import MAX_SHARDS, number_of
from envoy.identity import site_lfdi
from envoy.testing import UtilityServer
from tests.support.commands import envoy
from tests.support.fleets import compared, end_devices, lfdi_of, options, write_fleet

LFDIS = st.binary(min_size=20, max_size=20)
COUNTS = st.integers(min_value=1, max_value=300)


@given(LFDIS, COUNTS)
def test_a_site_is_in_one_shard(lfdi: bytes, count: int) -> None:
    assert [number for number in range(1, count + 1) if lfdi in Shard(number, count)] == [number_of(lfdi, count)]


@given(LFDIS, COUNTS)
def test_with_a_shard_more_a_site_stays_or_goes_to_the_new_one(lfdi: bytes, count: int) -> None:
    assert number_of(lfdi, count + 1) in (number_of(lfdi, count), count + 1)


@pytest.mark.parametrize("count", [2, 7, 100])
def test_the_sites_of_an_aggregator_are_spread_evenly(count: int) -> None:
    sites = 100 * count
    sizes = Counter(number_of(site_lfdi(number, 32473), count) for number in range(1, sites + 1))
    assert set(sizes) == set(range(1, count + 1))
    # Five times the standard deviation of what chance would do.
    assert all(abs(size - 100) < 50 for size in sizes.values())


def test_a_shard_is_the_same_in_every_release() -> None:
    lfdis = [site_lfdi(number, 32473) for number in (1, 2, 3, 1000)]
    assert [[number_of(lfdi, count) for lfdi in lfdis] for count in (4, 5, 1000)] == [
        [2, 4, 1, 3],
        [5, 4, 1, 3],
        [243, 763, 909, 701],
    ]


@given(COUNTS, st.data())
def test_a_shard_is_written_as_it_is_read(count: int, data: st.DataObject) -> None:
    shard = Shard(data.draw(st.integers(min_value=1, max_value=count)), count)
    assert Shard.parse(str(shard)) == shard


@pytest.mark.parametrize("text", ["", "1", "0/4", "5/4", "1/0", "-1/4", "1/4/4", "a/b", "1.0/4", f"1/{MAX_SHARDS + 1}"])
def test_what_is_not_a_shard_is_refused(text: str) -> None:
    with pytest.raises(EnvoyError):
        Shard.parse(text)


def test_the_shards_of_a_fleet_are_the_fleet(tmp_path: Path) -> None:
    path = write_fleet(tmp_path / "fleet.csv", range(1, 41))
    parts = [list(Fleet(path, shard=Shard(number, 3)).rows()) for number in (1, 2, 3)]
    assert all(parts)
    rows = sorted((row for part in parts for row in part), key=lambda row: row.number)
    assert rows == list(Fleet(path).rows())


def test_a_row_without_an_lfdi_that_can_be_read_is_in_every_shard(tmp_path: Path) -> None:
    path = tmp_path / "fleet.jsonl"
    path.write_text(f'{{"lfdi": "{lfdi_of(1)}"}}\n{{"lfdi": 5}}\n{{"lfdi": "12"}}\n{{\n{{}}\n')
    for number in (1, 2):
        fleet = Fleet(path, shard=Shard(number, 2))
        assert [row.number for row in fleet.rows() if row.number > 1] == [2, 3, 4, 5]


def test_the_shards_of_a_registration_are_the_fleet(tmp_path: Path, utility_server: UtilityServer) -> None:
    path = write_fleet(tmp_path / "fleet.csv", range(1, 6))
    command = ("register", "fleet.csv", *options(utility_server))
    registered: list[str] = []
    for number in (1, 2):
        done = envoy(*command, "--shard", f"{number}/2", cwd=tmp_path)
        assert done.returncode == 0
        mine = [row.table["lfdi"] for row in Fleet(path, shard=Shard(number, 2)).rows() if row.table]
        registered += mine
        assert end_devices(utility_server) == sorted(registered)
        assert (tmp_path / f"fleet.csv.{number}-of-2.results.jsonl").read_text().count("\n") == len(mine)
    assert compared(utility_server, path) == {State.UNCHANGED: 5}


def test_a_shard_that_cannot_be_registered_is_refused(tmp_path: Path, utility_server: UtilityServer) -> None:
    write_fleet(tmp_path / "fleet.csv", range(1, 2))
    command = ("register", "fleet.csv", *options(utility_server))
    number = 3 - number_of(bytes.fromhex(lfdi_of(1)), 2)
    for further in (("--shard", "0/2"), ("--shard", f"{number}/2"), ("--shard", "1/2", "--dask", "tcp://127.0.0.1:1")):
        assert envoy(*command, *further, cwd=tmp_path).returncode == 2
    assert end_devices(utility_server) == []
    (tmp_path / "site.toml").write_text(f'lfdi = "{lfdi_of(1)}"\n')
    assert envoy("register", "site.toml", *options(utility_server), "--shard", "1/2", cwd=tmp_path).returncode == 2
