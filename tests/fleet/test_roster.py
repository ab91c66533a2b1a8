"""The roster of a fleet that is followed: its sites by their keys, and what has changed since it was read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from envoy.errors import SiteError
from envoy.fleet import Shard
from envoy.fleet.roster import RosterChanges, RosterFile

LFDIS = [f"{number:032d}00032473" for number in range(1, 6)]
COLUMNS = "lfdi,nmi,der.capability.type,der.capability.modes_supported,der.capability.rtg_max_w"
DER = "PHOTOVOLTAIC_SYSTEM,OP_MOD_MAX_LIM_W,5000"


def write(path: Path, *rows: str) -> None:
    path.write_text("\n".join([COLUMNS, *rows, ""]), encoding="utf-8")


def row(number: int, nmi: str = "", der: str = DER) -> str:
    return f"{LFDIS[number]},{nmi},{der}"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "fleet.csv"
    write(path, row(0), row(1), row(2))
    return path


def test_the_sites_have_their_lfdi_as_key_and_share_equal_ders(path: Path) -> None:
    write(path, row(0), row(1), row(2, der=DER.replace("5000", "6000")))
    roster = RosterFile(path).read()
    assert [*roster.sites] == LFDIS[:3] and not roster.errors
    sites = [entry.site for entry in roster.sites.values()]
    assert [site.lfdi.hex() for site in sites] == LFDIS[:3]
    assert sites[0].ders is sites[1].ders and sites[0].ders != sites[2].ders
    assert len(sites[1].ders) == 1


def test_what_has_changed_is_said_by_key_and_what_has_not_is_the_same_object(path: Path) -> None:
    file = RosterFile(path)
    before = file.read()
    write(path, row(3), row(2, nmi="6001234567"), row(0))
    after = file.read()
    changes = RosterChanges.between(before.sites, after.sites)
    assert (changes.added, changes.removed, changes.changed) == ((LFDIS[3],), (LFDIS[1],), (LFDIS[2],))
    assert after.sites[LFDIS[0]] is before.sites[LFDIS[0]]
    assert not RosterChanges.between(after.sites, file.read().sites)


def test_rows_that_are_wrong_are_left_out_with_what_is_wrong_with_them(path: Path) -> None:
    write(path, row(0), row(0, nmi="6001234567"), row(1), "nonsense,,,,", row(2, der="PHOTOVOLTAIC,OP_MOD_X,5000"))
    roster = RosterFile(path).read()
    assert [*roster.sites] == LFDIS[:2]
    assert [(error.where or "").rpartition(":")[2] for error in roster.errors] == ["3", "5", "6"]
    assert "fleet.csv:2" in roster.errors[0].what


@pytest.mark.parametrize("text", ["", COLUMNS, "nmi\n6001234567\n"])
def test_a_file_without_sites_or_with_a_wrong_header_is_an_error(path: Path, text: str) -> None:
    file = RosterFile(path)
    file.read()
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SiteError):
        file.read()
    path.unlink()
    with pytest.raises(SiteError):
        file.read()


def test_a_change_is_one_once_it_has_settled(path: Path) -> None:
    file = RosterFile(path)
    file.read()
    assert not file.look() and not file.look()
    write(path, row(0))
    assert not file.look()  # it may still be written to
    write(path, row(0), row(1), row(4))
    assert not file.look()
    assert file.look() and file.look()
    file.read()
    assert not file.look()
    # The same content, written again.
    os.utime(path, (1, 1))
    assert not file.look() and file.look()
    # It is not there while it is replaced; who has read it goes on.
    path.unlink()
    assert not file.look() and file.look()
    with pytest.raises(SiteError):
        file.read()
    assert not file.look()


def test_a_folder_of_site_files_is_a_fleet_too(tmp_path: Path) -> None:
    folder = tmp_path / "sites"
    folder.mkdir()
    for number in range(2):
        (folder / f"{number}.toml").write_text(f'lfdi = "{LFDIS[number]}"\n', encoding="utf-8")
    file = RosterFile(folder)
    assert [*file.read().sites] == LFDIS[:2]
    (folder / "2.toml").write_text(f'lfdi = "{LFDIS[2]}"\n', encoding="utf-8")
    assert not file.look() and file.look()
    assert [*file.read().sites] == LFDIS[:3]


def test_a_shard_has_its_sites_alone_and_may_have_none(path: Path) -> None:
    shards = [RosterFile(path, shard=Shard(number, 40)).read().sites for number in range(1, 41)]
    assert sorted(key for sites in shards for key in sites) == LFDIS[:3]
    assert {} in shards
    write(path)
    with pytest.raises(SiteError):
        RosterFile(path, shard=Shard(1, 40)).read()


def test_there_has_to_be_a_fleet(tmp_path: Path) -> None:
    for name in ("fleet.csv", "site.toml"):
        with pytest.raises(SiteError):
            RosterFile(tmp_path / name)
