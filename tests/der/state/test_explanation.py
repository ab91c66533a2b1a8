"""Explanations: what was in force at a time that is past, what is, and what will be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from envoy._sqlite import Database
from envoy.der.state.explanation import Explanation, dump_explanation, explain_controls
from envoy.der.state.history import read_history
from envoy.der.state.state_file import STATE_FILE
from envoy.der.state.state_format import STATE_FORMAT
from envoy.errors import StateError
from tests.support.recorded import BEGIN, Recording, event, record_story
from tests.support.schedules import SHORT, make_program

A1, B2, C3, D4 = (mrid * 16 for mrid in ("A1", "B2", "C3", "D4"))


@pytest.fixture
def recording(tmp_path: Path) -> Iterator[Recording]:
    recording = record_story(tmp_path / "state")
    yield recording
    recording.kill()


def explain(recording: Recording, at: int, *, now: int = 3600, around: int = 86_400) -> Explanation:
    history = read_history(recording.folder)
    return explain_controls(history, now=BEGIN + now, at=BEGIN + at, before=around, after=around)


def values(explanation: Explanation) -> dict[str, tuple[str, str]]:
    """Return what is in force: value, and where it comes from."""
    return {SHORT[span.mode]: (str(span.value), span.mrid or str(span.origin)) for span in explanation.in_force}


def test_what_was_is_and_will_be_in_force(recording: Recording) -> None:
    expected: dict[int, dict[str, tuple[str, str]]] = {
        0: {"EL": ("1500", "failsafe")},
        60: {"EL": ("1500", "default")},
        700: {"EL": ("5000", A1)},
        1000: {"EL": ("5000", A1), "GL": ("3000", C3)},
        1250: {"EL": ("1500", "default"), "GL": ("3000", C3)},
        # It was killed at 2000, and the device was left with what held.
        2200: {"EL": ("1500", "default")},
        3100: {"EL": ("0", B2)},
        3600: {"EL": ("0", B2)},
        4300: {"EL": ("1500", "default")},
        100_000: {"EL": ("1500", "default")},
    }
    assert {at: values(explain(recording, at)) for at in expected} == expected
    assert values(explain(recording, -10)) == {}


def test_the_reasons_name_who_lost(recording: Recording) -> None:
    (export,) = explain(recording, 3600).in_force
    assert len(export.reasons) == 2 and D4 in export.reasons[1]
    assert (export.since, export.until, export.expected) == (BEGIN + 3000, BEGIN + 4200, False)
    (after,) = explain(recording, 4300).in_force
    assert (after.since, after.until, after.expected) == (BEGIN + 4200, None, True)


def test_events_have_their_states_losses_and_responses(recording: Recording) -> None:
    events = {each.record.event.mrid: each for each in explain(recording, 3600).events}
    assert {mrid: str(each.record.state) for mrid, each in events.items()} == {
        A1: "completed",
        B2: "active",
        C3: "completed",
        D4: "superseded",
    }
    assert events[C3].record.lost == {"opModExpLimW": A1}
    assert [(time - BEGIN, str(state)) for time, state in events[A1].steps] == [
        (60, "scheduled"),
        (600, "active"),
        (1200, "completed"),
    ]
    assert [(each.status, each.created - BEGIN, each.outcome) for each in events[A1].responses] == [
        (1, 60, "HTTP 201"),
        (2, 600, "HTTP 201"),
        (3, 1200, "HTTP 201"),
    ]
    # Nothing was sent since 2400.
    assert [(each.status, each.done) for each in events[D4].responses[1:]] == [(7, None)]


def test_only_what_is_asked_for_is_shown(recording: Recording) -> None:
    explanation = explain(recording, 700, around=100)
    assert [each.record.event.mrid for each in explanation.events] == [A1]
    assert [(span.since - BEGIN, span.text) for span in explanation.spans] == [(600, "5000 W")]
    assert explanation.gaps == [] and explanation.shown_downtimes == []


def test_contact_and_process_are_there(recording: Recording) -> None:
    explanation = explain(recording, 3600)
    assert [(gap.side, gap.since - BEGIN, (gap.until or 0) - BEGIN) for gap in explanation.gaps] == [
        ("server", 1500, 2400)
    ]
    # That it was killed is known by the last that it has recorded.
    assert explanation.downtimes == [(BEGIN + 1800, BEGIN + 2400)]
    assert explanation.followed


def test_of_a_process_that_is_killed_it_is_known_that_none_follows(tmp_path: Path) -> None:
    recording = record_story(tmp_path / "state")
    recording.kill()
    explanation = explain(recording, 4300, now=4300)
    assert not explanation.followed and explanation.downtimes[-1] == (BEGIN + 3300, None)
    # If one is started now, the event that has run out meanwhile is over.
    assert [(span.text, span.since - BEGIN) for span in explanation.in_force] == [("1500 W", 4300)]
    assert values(explain(recording, 4250, now=4300)) == {"EL": ("0", B2)}


def test_it_is_plain_data(recording: Recording) -> None:
    plain = json.loads(json.dumps(dump_explanation(explain(recording, 3600))))
    assert plain["at"] == "2026-11-18T12:07:00Z" and plain["followed"] is True
    assert [(each["mode"], each["value"], each["unit"], each["event"]) for each in plain["in_force"]] == [
        ("opModExpLimW", "0", "W", B2)
    ]
    assert {each["mrid"] for each in plain["events"]} == {A1, B2, C3, D4}
    assert plain["without_contact"][0]["reason"] == "timed out"


def test_times_beyond_the_calendar_are_told_apart(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    far = event("A1", 2**62, 2**62 + 10, EL=5)
    recording.read(10, make_program("F1", 1, far, offset=2**61))
    recording.kill()
    plain = dump_explanation(explain(recording, 20, around=2**63))
    assert plain["events"][0]["responses"][0]["created"] == str(2**61 + BEGIN + 10)


@pytest.mark.parametrize("content", [None, b"", b"nothing of the kind"])
def test_what_is_no_state_is_reported_and_left_alone(tmp_path: Path, content: Any) -> None:
    file = tmp_path / "state.sqlite"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(StateError) as caught:
        read_history(tmp_path)
    assert caught.value.where == str(file) and caught.value.remedy
    assert (file.read_bytes() if content is not None else None) == content
    assert list(tmp_path.iterdir()) == ([] if content is None else [file])


def test_a_state_in_which_nothing_was_recorded_yet_explains_nothing(tmp_path: Path) -> None:
    Database(tmp_path / STATE_FILE, STATE_FORMAT).close()
    history = read_history(tmp_path)
    explanation = explain_controls(history, now=BEGIN, at=BEGIN, before=3600, after=3600)
    assert (explanation.in_force, explanation.spans, explanation.events, explanation.followed) == ([], [], [], False)


def test_nothing_is_written_by_reading(tmp_path: Path) -> None:
    recording = record_story(tmp_path / "state")
    recording.kill()
    before = {file.name: file.read_bytes() for file in recording.folder.iterdir()}
    explain(recording, 3600)
    assert {file.name: file.read_bytes() for file in recording.folder.iterdir()} == before
