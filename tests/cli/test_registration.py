"""Commands around registrations: what a refused file leaves behind, and spreadsheets."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.commands import envoy
from tests.support.fleets import lfdi_of

NOWHERE = ("--server", "https://127.0.0.1:9")


@pytest.mark.parametrize("text", ["lfdi,nmi\n,6001234567\n", "lfdi;nmi\n", "lfdi,color\n", ""])
def test_a_refused_fleet_leaves_nothing_behind(tmp_path: Path, text: str) -> None:
    (tmp_path / "fleet.csv").write_text(text)
    done = envoy("register", "fleet.csv", *NOWHERE, cwd=tmp_path)
    assert done.returncode == 2
    assert [path.name for path in tmp_path.iterdir()] == ["fleet.csv"]


def test_a_refused_fleet_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "fleet.csv").write_text("lfdi\nx\n")
    (tmp_path / "fleet.csv.results.jsonl").touch()
    envoy("register", "fleet.csv", *NOWHERE, cwd=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fleet.csv", "fleet.csv.results.jsonl"]


def test_refused_readings_leave_no_spool_behind(tmp_path: Path) -> None:
    (tmp_path / "day.csv").write_text("time,active-power\nnoon,1\n")
    options = ("--mirror", ROOT / "examples" / "mirror.toml", "--spool", "readings.spool")
    done = envoy("post-readings", "day.csv", *options, *NOWHERE, cwd=tmp_path)
    assert done.returncode == 2
    assert [path.name for path in tmp_path.iterdir()] == ["day.csv"]


def test_semicolons_are_read_if_that_is_asked_for_and_said(tmp_path: Path) -> None:
    said = "columns are separated by semicolons, and commas stand before decimals"
    (tmp_path / "fleet.csv").write_text(f"lfdi;der.capability.rtg_v_nom\n{lfdi_of(1)};230,5\nx;1\n")
    done = envoy("register", "fleet.csv", *NOWHERE, "--delimiter", "auto", cwd=tmp_path)
    assert done.returncode == 2  # the second row has no LFDI
    assert f"fleet.csv: {said}" in done.stderr
    (tmp_path / "day.csv").write_text("time;voltage\n2026-01-31T12:00:00Z;239,8\n")
    mirror = ROOT / "examples" / "mirror.toml"
    done = envoy("post-readings", "day.csv", "--mirror", mirror, "--dry-run", "--delimiter", "auto", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, f"day.csv: {said}\n")
