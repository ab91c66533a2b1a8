"""The shards of a fleet: processes that share it, and states that are for one process and one shard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from envoy.fleet import Shard
from envoy.testing import UtilityServer
from envoy.tls.pki import Pki
from tests.support.commands import envoy
from tests.support.fleets import lfdi_of, write_fleet
from tests.support.follow_lines import copy_connection, following_path

SITES = [lfdi_of(number) for number in range(1, 9)]
DEVICE = ("--device", "simulated", "-o", "steady=true")


@pytest.fixture(scope="module")
def server(pki: Pki) -> Iterator[UtilityServer]:
    with UtilityServer(folder=pki.ca.certificate.parent) as server:
        yield server


def test_each_site_is_followed_by_the_process_of_its_shard(server: UtilityServer, pki: Pki, tmp_path: Path) -> None:
    fleet = write_fleet(tmp_path / "fleet.csv", range(1, 9))
    options = [*copy_connection(server.url, pki, tmp_path), *DEVICE]
    shards = [Shard(1, 2), Shard(2, 2)]
    own = [sorted(lfdi for lfdi in SITES if bytes.fromhex(lfdi) in shard) for shard in shards]
    one, two = (("--shard", str(shard), "--state", str(tmp_path / f"state-{shard.number}")) for shard in shards)
    with following_path(fleet, *options, *one) as first, following_path(fleet, *options, *two) as second:
        for lines, sites in zip((first, second), own, strict=True):
            lines.wait("registered", len(sites))
            assert sorted(event["site"] for event in lines.named("registered")) == sites
        # Neither another process on a state nor another shard gets in.
        refused = envoy("follow", fleet, *options, *one)
        assert refused.returncode == 2 and f"process {first.process.pid} on " in refused.stderr
        assert (first.end(), second.end()) == (0, 0)
    assert {each.lfdi.hex().upper() for each in server.devices() if each.lfdi} >= set(SITES)
    for shard in ("2/2", "1/3"):
        refused = envoy("follow", fleet, *options, "--state", tmp_path / "state-1", "--shard", shard)
        assert refused.returncode == 2 and "envoy fleet reshard" in refused.stderr
