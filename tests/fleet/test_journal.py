"""The journal of a fleet: whose it is, what damages it, and what survives."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from envoy.errors import JournalError
from envoy.fleet import Journal
from envoy.profiles import get_profile
from envoy.testing import UtilityServer
from tests.support.fleets import lfdi_of, options


def test_a_journal_of_another_server_is_refused(tmp_path: Path) -> None:
    profile = get_profile()
    with Journal(tmp_path / "journal", "https://one", profile) as journal:
        journal.add(b"1", b"digest", "/edev/1")
    for other in (("https://two", profile), ("https://one", get_profile("csip-aus-1.3"))):
        with pytest.raises(JournalError):
            Journal(tmp_path / "journal", *other)
    with Journal(tmp_path / "journal", "https://one", profile) as journal:
        assert journal.done(b"1", b"digest") == "/edev/1"
        assert journal.done(b"1", b"another") == ""
        journal.remove(b"1")
        assert journal.done(b"1", b"digest") == ""


def test_a_damaged_journal_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with Journal(path, "https://one", get_profile()) as journal:
        for number in range(1000):
            journal.add(number.to_bytes(20), bytes(16), f"/edev/{number}")
    whole = path.read_bytes()
    for damaged in (whole[:5000], whole[:4096] + bytes(4096) + whole[8192:], b"lfdi,nmi\n" * 900):
        path.write_bytes(damaged)
        with pytest.raises(JournalError):
            Journal(path, "https://one", get_profile())
    path.unlink()
    sqlite3.connect(path).execute("CREATE TABLE other (x)").connection.close()
    before = path.read_bytes()
    with pytest.raises(JournalError):
        Journal(path, "https://one", get_profile())
    assert path.read_bytes() == before


def test_a_journal_of_an_earlier_development_version_is_upgraded(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with Journal(path, "https://one", get_profile()) as journal:
        journal.add(b"1", b"digest", "/edev/1")
    made = sqlite3.connect(path)
    made.executescript("DROP TABLE refused; PRAGMA user_version = 1")
    made.close()
    with Journal(path, "https://one", get_profile()) as journal:
        assert journal.done(b"1", b"digest") == "/edev/1"
        journal.add_refused(b"1", b"digest", "/edev/1")
        assert journal.refused(b"1", b"digest") == "/edev/1"


def test_one_run_has_the_journal_at_a_time(tmp_path: Path) -> None:
    with (
        Journal(tmp_path / "journal", "https://one", get_profile()),
        pytest.raises(JournalError),
    ):
        Journal(tmp_path / "journal", "https://one", get_profile())
    Journal(tmp_path / "journal", "https://one", get_profile()).close()


def fill(journal: Journal) -> None:
    for number in range(10_000):
        journal.add(number.to_bytes(20), bytes(16), f"/edev/{number}")


def test_a_journal_that_has_no_more_room_says_so_and_keeps_what_it_had(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with Journal(path, "https://one", get_profile()) as journal:
        journal.add(b"first", b"digest", "/edev/1")
    with Journal(path, "https://one", get_profile()) as journal:
        journal.execute("PRAGMA max_page_count = 20")
        with pytest.raises(JournalError):
            fill(journal)
    with Journal(path, "https://one", get_profile()) as journal:
        assert journal.done(b"first", b"digest") == "/edev/1"


@pytest.mark.unmeasured
@pytest.mark.skipif(os.name == "nt", reason="the system has no limit of the size of files")
def test_a_disk_that_is_full_of_the_journal_ends_the_run_and_what_was_done_is_reported(
    tmp_path: Path, utility_server: UtilityServer
) -> None:
    rows = [json.dumps({"lfdi": lfdi_of(number)}) for number in range(1, 61)]
    (tmp_path / "fleet.jsonl").write_text("\n".join(rows))
    command = [sys.executable, "-m", "envoy", "register", "fleet.jsonl", *options(utility_server)]
    limited = "import os, resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (size := int(sys.argv[1]), size))"
    statuses = []
    for size in (3000, 40_000):
        files = ["--results", "/dev/null", "--journal", f"{size}.journal"]
        program = [sys.executable, "-c", f"{limited}; os.execv(sys.argv[2], sys.argv[2:])", str(size)]
        done = subprocess.run([*program, *command, *files], cwd=tmp_path, capture_output=True, text=True, timeout=300)
        assert (f"{size}.journal: " in done.stderr) == bool(done.returncode)
        # Where there is no room even for its tables, nothing is sent.
        assert ("/dev/null" in done.stdout) == (done.returncode != 2)
        statuses.append(done.returncode)
    assert statuses == [2, 1]


KILLED = """
import sys, time
from envoy.fleet import Journal
from envoy.profiles import get_profile
journal = Journal(sys.argv[1], "https://one", get_profile())
for number in range(50):
    journal.add(number.to_bytes(20), bytes(16), f"/edev/{number}")
print("done", flush=True)
time.sleep(600)
"""


def test_what_a_killed_run_has_noted_is_there(tmp_path: Path) -> None:
    program = subprocess.Popen([sys.executable, "-c", KILLED, tmp_path / "journal"], stdout=subprocess.PIPE)
    assert program.stdout is not None and program.stdout.readline() == b"done\n"
    program.kill()
    program.communicate()
    with Journal(tmp_path / "journal", "https://one", get_profile()) as journal:
        assert [journal.done(number.to_bytes(20), bytes(16)) for number in range(51)] == [
            *(f"/edev/{number}" for number in range(50)),
            "",
        ]
