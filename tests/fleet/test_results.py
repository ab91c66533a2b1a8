"""The result file of a fleet: what it replaces, and what can be wrong with it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from envoy.errors import EnvoyError
from envoy.fleet import ResultFile, SiteResult
from envoy.testing import UtilityServer
from tests.support.commands import envoy, started
from tests.support.fleets import lfdi_of, options, write_fleet
from tests.support.scripted import Serve, ok


def test_files_that_cannot_be_written_are_reported_before_anything_is_sent(tmp_path: Path, serve: Serve) -> None:
    write_fleet(tmp_path / "fleet.csv", range(1, 3))
    server = serve(ok)
    for option in ("--results", "--journal"):
        done = envoy("register", "fleet.csv", "--server", server.url, option, tmp_path / "no" / "file", cwd=tmp_path)
        assert (done.returncode, done.stdout, server.requests) == (2, "", [])
        assert done.stderr.startswith(f"Error: {tmp_path / 'no' / 'file'}: ")


# The result file


def result(where: str) -> SiteResult:
    return SiteResult(where, bytes(20))


def test_the_results_of_an_earlier_run_are_replaced_when_the_first_comes(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    with ResultFile(path) as results:
        results.add(result("fleet.csv:2"))
        results.add(result("fleet.csv:3"))
    before = path.read_bytes()
    with ResultFile(path) as results:
        assert path.read_bytes() == before
        results.add(result("fleet.csv:4"))
        assert [json.loads(line)["site"] for line in path.read_text().splitlines()] == ["fleet.csv:4"]
    # A full disk, or a power cut, leaves a part of a line.
    for part in (b"", before[:3], before[:30]):
        path.write_bytes(part)
        with ResultFile(path) as results:
            results.add(result("fleet.csv:5"))
        assert json.loads(path.read_text())["site"] == "fleet.csv:5"


@pytest.mark.skipif(os.name == "nt", reason="has no such modes")
def test_results_are_private(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        ResultFile(tmp_path / "results.jsonl").close()
    finally:
        os.umask(before)
    assert (tmp_path / "results.jsonl").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["lfdi,nmi\n", '{"lfdi": "00"}\n', "SQLite format 3", "\n"])
def test_nothing_but_results_is_replaced_by_results(content: str, tmp_path: Path) -> None:
    path = tmp_path / "precious"
    path.write_text(content)
    with pytest.raises(EnvoyError) as caught:
        ResultFile(path)
    assert caught.value.where == str(path)
    assert path.read_text() == content


@pytest.mark.parametrize("option", ["fleet.csv", "fleet.csv.journal"])
def test_neither_the_fleet_nor_its_journal_is_replaced_by_results(option: str, tmp_path: Path, serve: Serve) -> None:
    fleet = write_fleet(tmp_path / "fleet.csv", range(1, 3)).read_bytes()
    server = serve(ok)
    done = envoy("register", "fleet.csv", "--server", server.url, "--results", option, cwd=tmp_path)
    assert (done.returncode, done.stdout, server.requests) == (2, "", [])
    assert (
        done.stderr
        == f"Error: {option}: already exists and is not a results file\n  Name another file for the results.\n"
    )
    assert (tmp_path / "fleet.csv").read_bytes() == fleet


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_full_disk_ends_the_run_and_is_reported(tmp_path: Path, utility_server: UtilityServer) -> None:
    write_fleet(tmp_path / "fleet.csv", range(1, 4))
    done = envoy("register", "fleet.csv", *options(utility_server), "--results", "/dev/full", cwd=tmp_path)
    assert done.returncode == 1
    assert "        3  not tried\n" in done.stdout
    assert done.stderr.startswith("Error: /dev/full: ")


def test_results_may_go_to_a_pipe(tmp_path: Path, utility_server: UtilityServer) -> None:
    write_fleet(tmp_path / "fleet.csv", range(1, 4))
    command = ("register", "fleet.csv", *options(utility_server), "--results", "/dev/stdout")
    with started(*command, cwd=tmp_path) as process:
        printed, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert len([line for line in printed.splitlines() if line.startswith('{"site": "fleet.csv:')]) == 3


@pytest.mark.skipif(os.name == "nt", reason="file names are text there")
def test_a_site_file_whose_name_is_no_text_has_a_result(tmp_path: Path, utility_server: UtilityServer) -> None:
    (tmp_path / "sites").mkdir()
    name = os.fsdecode(b"caf\xe9.toml")
    (tmp_path / "sites" / name).write_text(f'lfdi = "{lfdi_of(1)}"\n')
    done = envoy("register", "sites", *options(utility_server), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (line,) = (tmp_path / "sites.results.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["site"] == f"sites/{name}"
