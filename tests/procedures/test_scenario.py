"""Scenarios: timelines of one's own are read, run, and described by the JSON schema that editors use."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from syrupy.assertion import SnapshotAssertion

from envoy._data import data_folder
from envoy.errors import ProcedureError
from envoy.procedures.outcome import Verdict
from envoy.procedures.scenario import read_scenario
from envoy.procedures.scenario_schema import format_schema
from tests.conftest import ROOT
from tests.support.der_client import DERClient, Event
from tests.support.rehearsals import rehearse, write_procedure

EXAMPLE = ROOT / "examples" / "scenarios" / "export-limit.yaml"
SMALL = """\
description: A small scenario
start: first-request
before:
  - create-der-program: {primacy: 1, tag: P}
timeline:
  - at: +1m
    do:
      - create-der-control: {start: $now, duration_seconds: 60, opModExpLimW: 0, tag: C}
    expect:
      - check: [response-contents: {status: 1}]
        within: 90
    forbid:
      - request: GET /edev/1/cp
    say: Look.
finally:
  - end-device-contents
end: 1h
"""


def read(tmp_path: Path, text: str) -> Any:
    return read_scenario(write_procedure(tmp_path, text))


def test_a_client_that_follows_passes_the_example() -> None:
    outcome = rehearse(read_scenario(EXAMPLE))
    assert (outcome.reason, outcome.verdict) == ("", Verdict.PASSED)
    assert outcome.started is not None and outcome.ended - outcome.started == 480


class Deaf(DERClient):
    """A client that does not respond to cancellations."""

    def respond(self, event: Event, status: int) -> None:
        if status != 6:
            super().respond(event, status)


class Again(DERClient):
    """A client that registers again and again."""

    def _devices(self) -> int:
        self.request("POST", "/edev")
        return super()._devices()


def test_what_is_expected_and_does_not_happen_in_time_fails(snapshot: SnapshotAssertion) -> None:
    outcome = rehearse(read_scenario(EXAMPLE), client=Deaf)
    assert outcome.verdict is Verdict.FAILED
    assert outcome.reason == snapshot
    assert outcome.started is not None and outcome.ended - outcome.started == 390


def test_what_is_forbidden_fails_when_it_comes(snapshot: SnapshotAssertion) -> None:
    outcome = rehearse(read_scenario(EXAMPLE), client=Again)
    assert outcome.verdict is Verdict.FAILED
    assert outcome.reason == snapshot
    assert outcome.started is not None and outcome.ended - outcome.started == 300


def test_a_scenario_lasts_as_long_as_it_says(tmp_path: Path) -> None:
    outcome = rehearse(read(tmp_path, SMALL))
    assert outcome.passed
    assert outcome.started is not None and outcome.ended - outcome.started == 3600
    assert [step.verdict for step in outcome.steps] == ["passed", "passed", "ignored", "passed"]
    assert outcome.steps[0].instructions == ["Look."]


def test_what_is_said_is_said_once_and_in_its_time(tmp_path: Path) -> None:
    outcome = rehearse(read(tmp_path, SMALL))
    assert outcome.started is not None
    said = [
        round(each.time - outcome.started) for each in outcome.timeline if getattr(each, "what", "").endswith("Look.")
    ]
    enabled = [each.what for each in outcome.timeline if getattr(each, "what", "").endswith("is enabled")]
    assert said == [60]
    assert len(set(enabled)) == len(enabled)


def test_what_is_expected_of_any_request_may_come_true_without_one(tmp_path: Path) -> None:
    text = SMALL.replace("[response-contents: {status: 1}]", "[end-device-count: {minimum_count: 1}]")
    outcome = rehearse(read(tmp_path, text))
    assert outcome.passed


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("create-der-program:", "create-der-programme:", id="action"),
        pytest.param("create-der-program: {primacy: 1, tag: P}", "create-der-program", id="action without parameters"),
        pytest.param("end-device-contents", "end-device-content", id="check"),
        pytest.param(
            "[response-contents: {status: 1}]", "[{response-contents: , end-device-count: }]", id="two in one"
        ),
        pytest.param("at: +1m", "at: soon", id="time"),
        pytest.param("at: +1m", "at: ''", id="no time"),
        pytest.param("    do:", "    does:", id="part"),
        pytest.param("first-request", "at once", id="start"),
        pytest.param("GET /edev/1/cp", "GET /edev/1/answers", id="path"),
        pytest.param("GET /edev/1/cp", "LOOK /edev/1/cp", id="method"),
        pytest.param("check: [response-contents: {status: 1}]\n        ", "", id="nothing expected"),
        pytest.param("primacy: 1", "primacy: high", id="value"),
        pytest.param("description: A small scenario\n", "", id="no description"),
        pytest.param("description:", "versions: [v3]\ndescription:", id="version"),
        pytest.param(SMALL[SMALL.index("timeline") :], "timeline: []\n", id="empty timeline"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    tmp_path: Path, before: str, after: str, snapshot: SnapshotAssertion
) -> None:
    assert before in SMALL
    with pytest.raises(ProcedureError) as caught:
        read(tmp_path, SMALL.replace(before, after, 1))
    assert str(caught.value).replace(str(tmp_path), "") == snapshot
    with pytest.raises(jsonschema.ValidationError):
        validate(SMALL.replace(before, after, 1))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("opModExpLimW: 0, tag: C", "opModExpLimW: $(setMaxV * x)", id="expression"),
        pytest.param("{status: 1}", "{status: 1, subject_tag: D}", id="tag"),
    ],
)
def test_what_no_json_schema_can_see_is_named_as_well(
    tmp_path: Path, before: str, after: str, snapshot: SnapshotAssertion
) -> None:
    with pytest.raises(ProcedureError) as caught:
        read(tmp_path, SMALL.replace(before, after, 1))
    assert str(caught.value).replace(str(tmp_path), "") == snapshot
    validate(SMALL.replace(before, after, 1))


@cache
def make_validator() -> jsonschema.Draft202012Validator:
    schema = json.loads((data_folder("schema") / "scenario.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def validate(text: str) -> None:
    make_validator().validate(yaml.safe_load(text))


@pytest.mark.parametrize("text", [SMALL, EXAMPLE.read_text(encoding="utf-8")], ids=["small", "example"])
def test_the_json_schema_allows_what_is_read(text: str) -> None:
    validate(text)


def test_the_json_schema_is_the_one_that_the_vocabulary_makes() -> None:
    # Made by: python -c "from envoy.procedures.scenario_schema import format_schema; print(format_schema(), end='')"
    assert (ROOT / "schema" / "scenario.schema.json").read_text(encoding="utf-8") == format_schema()


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("+5m", 300), ("1h30m", 5400), ("1h", 3600), ("1h1m1s", 3661)]
)
def test_a_duration_is_written_as_people_do(tmp_path: Path, text: str, seconds: int) -> None:
    step = next(iter(read(tmp_path, SMALL.replace("+1m", text, 1)).steps.values()))
    assert step.event.parameters["duration_seconds"] == seconds


def test_entries_of_one_name_are_told_apart(tmp_path: Path) -> None:
    entries = "  - {at: 1s, name: x}\n  - {at: 2s, name: x}\n  - {at: 2s}\n  - {at: 2s}\n"
    procedure = read(tmp_path, f"description: A\ntimeline:\n{entries}")
    assert list(procedure.steps) == ["x", "x (2)", "at 2s", "at 2s (2)"]
