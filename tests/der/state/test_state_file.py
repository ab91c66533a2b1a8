"""The state file: what holds over restarts, whose it is, how often it is written, and disks that fail."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envoy._sqlite import Database
from envoy.der.abilities import Abilities
from envoy.der.follow.news import ContactLost, ContactRegained, DeviceLost, ResponseSent, Silenced
from envoy.der.policies import Edition, Policy
from envoy.der.schedule import Schedule
from envoy.der.state import pruning
from envoy.der.state.state_file import STATE_FILE, StateFile
from envoy.der.state.state_format import STATE_FORMAT
from envoy.errors import StateError
from tests.support.clock import VirtualClock
from tests.support.schedules import make_event, make_program, make_values
from tests.support.utilities import new_lfdi

LFDI = new_lfdi()
SERVER = "https://utility.example:8443"


class Place:
    """A folder with a state, and the clock of the process that has it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / STATE_FILE
        self.clock = VirtualClock(0.0)

    def open(self, now: float = 0, **others: Any) -> StateFile:
        self.clock.now = now
        return StateFile(self.folder, **{"lfdi": LFDI, "server": SERVER, "clock": self.clock, **others})

    def rows(self, select: str) -> list[tuple[Any, ...]]:
        """Look into the file while another has it."""
        with Database(self.file, STATE_FORMAT, read_only=True) as db:
            return db.rows(select)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "state")


def load(state: StateFile) -> Schedule:
    """Come up as a follower does."""
    schedule = state.load()
    schedule.resume(state._clock())
    state.save(schedule)
    return schedule


def in_force(schedule: Schedule) -> dict[str, Any]:
    return {setting.mode: setting.value for setting in schedule.in_force()}


def responses(schedule: Schedule) -> list[tuple[str, int, int]]:
    return [(due.mrid, int(due.status), due.created) for due in schedule.owed]


def begin(place: Place, *, until: float) -> None:
    """Read an event of [100, 400) and a default, follow until a time, send what is owed, and be killed."""
    state = place.open()
    schedule = state.load()
    event = make_event("A1", 100, 400, EL=5000)
    schedule.update(0, [make_program("F1", 1, event, default={"EL": 1500})])
    for now in (0, 100, 400):
        if now <= until:
            schedule.advance(now)
            state.save(schedule)
            for due in schedule.owed:
                schedule.acknowledge(due)
                state.save(schedule)
    kill(state)


def kill(state: StateFile) -> None:
    """Leave the file as a process does that was killed: nothing is tidied up."""
    state._opened.close()


def test_with_nothing_known_the_failsafe_holds(place: Place) -> None:
    with place.open() as state:
        schedule = state.load(failsafe=make_values({"EL": 0}))
        assert in_force(schedule) == make_values({"EL": 0})
    # Still nothing is known; who starts it decides what its failsafe is.
    with place.open(50) as state:
        assert in_force(state.load(failsafe=make_values({"EL": 100}))) == make_values({"EL": 100})


def test_a_lost_contact_ends_no_event_and_its_response_has_the_true_time(place: Place) -> None:
    begin(place, until=150)
    with place.open(150) as state:
        schedule = load(state)
        schedule.advance(600)
        assert in_force(schedule) == make_values({"EL": 1500})
        assert responses(schedule) == [("A1", 3, 400)]


def test_a_restart_in_an_event_goes_on_with_it(place: Place) -> None:
    begin(place, until=150)
    with place.open(300) as state:
        schedule = load(state)
        assert in_force(schedule) == make_values({"EL": 5000}) and schedule.owed == ()
        schedule.advance(400)
        state.save(schedule)
        assert responses(schedule) == [("A1", 3, 400)]


def test_a_restart_after_an_event_completes_it_at_its_end(place: Place) -> None:
    begin(place, until=150)
    with place.open(500) as state:
        schedule = load(state)
        assert in_force(schedule) == make_values({"EL": 1500})
        assert responses(schedule) == [("A1", 3, 400)]
        assert place.rows("SELECT time, state FROM step") == [(0, "scheduled"), (100, "active"), (400, "completed")]


def test_what_is_owed_is_owed_after_each_restart_until_it_is_acknowledged(place: Place) -> None:
    begin(place, until=150)
    for now in (500, 600):
        with place.open(now) as state:
            schedule = load(state)
            assert responses(schedule) == [("A1", 3, 400)]
    with place.open(700) as state:
        schedule = load(state)
        schedule.acknowledge(schedule.owed[0])
        state.save(schedule)
    with place.open(800) as state:
        assert load(state).owed == ()


def test_what_was_drawn_is_not_drawn_again(place: Place) -> None:
    with place.open() as state:
        schedule = state.load(draw=lambda mrid, chance, bound: 37)
        schedule.update(0, [make_program("F1", 1, make_event("A1", 100, 200, EL=5000, randomize_start=60))])
        state.save(schedule)
    with place.open(50) as state:
        assert state.load(draw=lambda mrid, chance, bound: 5).next_change() == 137


def test_a_clock_that_was_set_back_ends_nothing_again(place: Place) -> None:
    begin(place, until=400)
    with place.open(10) as state:
        schedule = load(state)
        assert (schedule.now, in_force(schedule)) == (400, make_values({"EL": 1500}))
        assert schedule.owed == ()


def test_what_the_device_is_able_to_follow_is_not_the_state_s_to_say(place: Place) -> None:
    with place.open() as state:
        state.load(Abilities(frozenset({"opModConnect"})), Policy(Edition.E2023), failsafe=make_values({"CO": False}))
    with place.open() as state:
        schedule = state.load()
        assert (schedule.abilities, schedule.policy, schedule.failsafe) == (Abilities(), Policy(), {})


@pytest.mark.parametrize("other", [{"lfdi": new_lfdi()}, {"server": "https://other.example"}])
def test_the_state_of_another_device_or_server_is_refused(place: Place, other: dict[str, Any]) -> None:
    begin(place, until=150)
    before = place.file.read_bytes()
    with pytest.raises(StateError, match="not of") as caught:
        place.open(200, **other)
    assert caught.value.where == str(place.file) and caught.value.remedy
    assert place.file.read_bytes() == before
    with place.open(200) as state:
        assert in_force(load(state)) == make_values({"EL": 5000})


def test_a_second_process_is_refused_and_may_look(place: Place) -> None:
    with place.open() as state:
        schedule = state.load()
        with pytest.raises(StateError, match="another process"):
            place.open()
        schedule.update(0, [make_program("F1", 1, default={"EL": 1500})])
        state.save(schedule)
        assert place.rows("SELECT mode, until FROM held") == [("opModExpLimW", None)]
    with place.open() as state:
        state.load()


def spoil_middle(file: Path) -> None:
    content = bytearray(file.read_bytes())
    at = content.index(b'"opModExpLimW":"1500"')
    content[at + 17 : at + 21] = b"9500"
    file.write_bytes(content)


def truncate(file: Path) -> None:
    os.truncate(file, file.stat().st_size - 4096)


def replace_by_text(file: Path) -> None:
    file.write_bytes(b"[site]\nlfdi = 1\n" * 400)


def replace_by_database(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as db:
        db.execute("CREATE TABLE precious (number INTEGER)")


def replace_by_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize(
    "spoil", [spoil_middle, truncate, replace_by_text, replace_by_database, replace_by_folder], ids=lambda f: f.__name__
)
def test_what_is_not_a_whole_state_is_refused_and_left_as_it_is(place: Place, spoil: Any) -> None:
    begin(place, until=150)
    spoil(place.file)
    before = place.file.read_bytes() if place.file.is_file() else b""
    with pytest.raises(StateError) as caught:
        place.open(200)
    assert caught.value.where == str(place.file) and caught.value.remedy
    if place.file.is_file():
        assert place.file.read_bytes() == before


@settings(max_examples=30, deadline=None)
@given(place_of=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), cut=st.booleans())
def test_what_is_damaged_anywhere_is_refused_or_all_there(
    tmp_path_factory: pytest.TempPathFactory, place_of: float, bit: int, cut: bool
) -> None:
    place = Place(tmp_path_factory.mktemp("damaged") / "state")
    begin(place, until=150)
    content = bytearray(place.file.read_bytes())
    at = 1 + int(place_of * (len(content) - 1))
    if cut:
        del content[at:]
    else:
        content[at] ^= 1 << bit
    with place.open(150) as state:
        whole = state.load().dump()
    place.file.write_bytes(content)
    try:
        with place.open(150) as state:
            assert state.load().dump() == whole
    except StateError:
        assert place.file.read_bytes() == content
    shutil.rmtree(place.folder)


def test_a_folder_that_cannot_be_made_is_reported(place: Place) -> None:
    place.folder.write_text("a file")
    with pytest.raises(StateError) as caught:
        place.open()
    assert caught.value.where == str(place.folder) and caught.value.remedy


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_read_only_is_refused_and_may_be_looked_at(place: Place) -> None:
    begin(place, until=150)
    place.folder.chmod(0o500)
    try:
        with pytest.raises(StateError):
            place.open(200)
        assert place.rows("SELECT mode FROM held WHERE until IS NULL") == [("opModExpLimW",)]
    finally:
        place.folder.chmod(0o700)


def limit_pages(state: StateFile, pages: int) -> None:
    """Let the disk be full, as SQLite sees it, with a number of pages; never with fewer than it has."""
    state._db.execute(f"PRAGMA max_page_count = {pages}")


def test_a_full_disk_loses_nothing_that_was_recorded_and_is_tried_again(place: Place) -> None:
    with place.open() as state:
        schedule = state.load()
        limit_pages(state, 1)
        schedule.update(0, [make_program(f"F{number}", 1, default={"EL": 1500}) for number in range(500)])
        with pytest.raises(StateError) as caught:
            state.save(schedule)
        assert (caught.value.what, caught.value.where) == ("the disk is full", str(place.file))
        assert caught.value.remedy and place.rows("SELECT * FROM program") == []
        state.note(ContactLost(time=1, since=None, reason="no route"))
        limit_pages(state, 1_000_000)
        state.save(schedule)
        assert len(place.rows("SELECT * FROM program")) == 500
        assert place.rows("SELECT reason FROM gap") == [("no route",)]
        # That it stops is not worth an error.
        limit_pages(state, 1)


@pytest.mark.unmeasured
def test_a_day_in_which_nothing_changes_is_written_once_an_hour(place: Place) -> None:
    program = make_program("F1", 1, make_event("A1", 200_000, 200_300, EL=5000), default={"EL": 1500})
    with place.open() as state:
        schedule = state.load()
        with closing(sqlite3.connect(place.file)) as other:
            versions = []
            for now in range(0, 86_400, 60):
                schedule.update(now, [program])
                state.save(schedule)
                versions.append(other.execute("PRAGMA data_version").fetchone()[0])
    writes = sum(one != other for one, other in pairwise(versions))
    # The first poll brings all; then the hours go by.
    assert writes == 23


def test_the_history_is_pruned_and_bounded(place: Place) -> None:
    with place.open() as state:
        schedule = state.load()
        for number in range(30):
            now = number * 100
            schedule.update(now, [make_program("F1", 1, make_event(f"A{number}", now, now + 50, EL=number))])
            state.save(schedule)
        schedule.update(3000, [])
        state.save(schedule)
        schedule.update(20 * 86_400, [])
        state.save(schedule)
        state.note(ContactLost(time=3000, since=None, reason="no route"))
        state.note(ContactRegained(time=3100, since=None))
        state.save(schedule)
        assert count_rows(place) == {"event": 30, "step": 60, "held": 30, "gap": 1, "response": 90}
        pruning.prune(state._db, schedule.now, most=20)
        # What is owed is never forgotten.
        assert count_rows(place) == {"event": 20, "step": 20, "held": 20, "gap": 1, "response": len(schedule.owed)}
        pruning.prune(state._db, schedule.now + pruning.KEPT_SECONDS)
        assert count_rows(place) == {"event": 0, "step": 0, "held": 0, "gap": 0, "response": len(schedule.owed)}


def count_rows(place: Place) -> dict[str, int]:
    tables = ("event", "step", "held", "gap", "response")
    return {table: len(place.rows(f"SELECT id FROM {table}")) for table in tables}  # noqa: S608


def test_contact_and_outcomes_are_in_the_history(place: Place) -> None:
    begin(place, until=0)
    with place.open(100) as state:
        schedule = load(state)
        (started,) = schedule.owed
        state.note(ContactLost(time=110, since=100, reason="timed out"))
        state.note(ContactLost(time=120, since=100, reason="timed out again"))
        state.note(DeviceLost(time=120, reason="no reply"))
        state.note(ContactRegained(time=130, since=100))
        schedule.acknowledge(started)
        state.note_sent(started, 131, 201)
        state.save(schedule)
        schedule.advance(400)
        (completed,) = schedule.owed
        state.save(schedule)
        schedule.acknowledge(completed)
        state.note_sent(completed, 401, 0)
        state.save(schedule)
        state.note(Silenced(time=402, reason="wrong PIN"))
        assert place.rows("SELECT side, time, until, reason FROM gap") == [
            ("server", 110, 130, "timed out"),
            ("device", 120, None, "no reply"),
            ("server", 402, None, "wrong PIN"),
        ]
        assert place.rows("SELECT owed, time, done, outcome FROM response")[-2:] == [
            (0, 100, 100, "HTTP 201"),
            (0, 400, 400, "found"),
        ]
        state.note(ResponseSent(time=402, response=started, repeated=True))
        assert place.rows("SELECT outcome FROM response")[-2:] == [("HTTP 201 again",), ("found",)]
    with place.open(500) as state:
        load(state)
        assert {row[0] for row in place.rows("SELECT until FROM gap")} == {130, 500}
        assert place.rows("SELECT time, stopped FROM run") == [(0, None), (100, 100), (500, None)]


def test_the_files_of_a_state_are_private(place: Place) -> None:
    with place.open() as state:
        state.load()
        modes = {file.stat().st_mode & 0o777 for file in place.folder.iterdir()}
    assert modes == {0o600} and place.folder.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(place.folder)


def test_what_others_keep_is_there_again_and_in_nobodys_way(place: Place) -> None:
    with place.open() as state:
        assert state.get("report") is None
        load(state)
        state.put("report", {"now": 1, "alarms": [2]})
        state.put("report", {"now": 2, "alarms": [2]})
        assert state.get("report") == {"now": 2, "alarms": [2]}
    with place.open(5) as state:
        load(state)
        assert state.get("report") == {"now": 2, "alarms": [2]} and state.get("now") is None
