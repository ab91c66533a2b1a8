"""Procedure files: all that were published are read, and whatever is wrong in one is named with its line."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from envoy.errors import ProcedureError
from envoy.procedures import Procedure, read_procedure
from envoy.procedures.expressions import Expression
from envoy.procedures.reader import actions_of, checks_of

SMALL = """\
Description: A small procedure
Category: Control
Classes: [A]
TargetVersions: [v1.2]
Preconditions:
  init_actions:
    - type: set-comms-rate
      parameters: {dcap_poll_seconds: 60}
  checks:
    - type: end-device-contents
      parameters: {}
  actions:
    - type: create-der-control
      parameters:
        tag: C1
        start: $(now + '1 minute')
        duration_seconds: 60
        opModExpLimW: $(setMaxW * 0.5)
  instructions:
    - Switch it on.
Criteria:
  checks:
    - type: all-steps-complete
      parameters: {ignored_steps: [LATER]}
Steps:
  FIRST:
    instructions:
      - Look at it.
    event:
      type: POST-request-received
      parameters:
        endpoint: /edev/1/rsps/site_control/rsp
        serve_request_first: true
      checks:
        - type: response-contents
          parameters: {latest: true, status: 1, subject_tag: C1}
    actions:
      - type: enable-steps
        parameters: {steps: [LATER]}
      - type: remove-steps
        parameters: {steps: [FIRST]}
  LATER:
    event:
      type: wait
      parameters: {duration_seconds: 30}
    actions:
      - type: finish-test
"""


def read(tmp_path: Path, text: str) -> Procedure:
    path = tmp_path / "small.yaml"
    path.write_text(text)
    return read_procedure(path)


def test_a_procedure_is_read(tmp_path: Path) -> None:
    procedure = read(tmp_path, SMALL)
    assert (procedure.name, procedure.description, procedure.versions) == ("small", "A small procedure", ["v1.2"])
    assert [action.type for action in procedure.init_actions] == ["set-comms-rate"]
    assert [check.type for check in procedure.preconditions] == ["end-device-contents"]
    assert procedure.instructions == ["Switch it on."]
    assert not procedure.immediate_start
    first = procedure.steps["FIRST"]
    assert first.instructions == ["Look at it."]
    assert first.event.parameters["endpoint"].resource == "ResponseList"
    assert first.event.parameters["endpoint"].numbers == {"device": "1", "set": "site_control"}
    assert first.event.checks[0].parameters == {"latest": True, "status": 1, "subject_tag": "C1"}
    assert isinstance(procedure.actions[0].parameters["start"], Expression)
    assert procedure.actions[0].line == 13


def test_all_published_procedures_are_read(published: Path) -> None:
    procedures = {path.stem: read_procedure(path) for path in published.glob("*.yaml")}
    assert len(procedures) == 86
    assert {"ALL-01", "ALL-30", "GEN-10", "LOA-10", "MUL-03", "DRA-01", "P-06", "PRC-05", "SDVN-01", "STO-06"} <= (
        procedures.keys()
    )
    assert len(procedures["GEN-10"].steps) == 46
    parts = [part for each in procedures.values() for part in (*actions_of(each), *checks_of(each))]
    expressions = [value for part in parts for value in part.parameters.values() if isinstance(value, Expression)]
    assert len(expressions) > 500


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("create-der-control", "create-der-contrl", id="action"),
        pytest.param("type: response-contents", "type: answer-contents", id="check"),
        pytest.param("type: wait", "type: sleep", id="event"),
        pytest.param("dcap_poll_seconds", "dcap_pol_seconds", id="parameter"),
        pytest.param("opModExpLimW: $(setMaxW", "opModExpLimW: $(setMaxX", id="variable"),
        pytest.param("setMaxW * 0.5", "setMaxW > 0.5", id="kind of value"),
        pytest.param("        start: $(now + '1 minute')\n", "", id="missing parameter"),
        pytest.param("duration_seconds: 60", "duration_seconds: 1.5", id="fraction"),
        pytest.param("latest: true", "latest: 1", id="truth"),
        pytest.param("serve_request_first: true", "serve_request_first: maybe", id="yes or no"),
        pytest.param("start: $(now + '1 minute')", "start: 2026-01-01", id="time without zone"),
        pytest.param("start: $(now + '1 minute')", "start: 2026-13-01T00:00:00Z", id="month 13"),
        pytest.param("/edev/1/rsps/site_control/rsp", "/edev/1/answers", id="endpoint"),
        pytest.param("v1.2", "v9", id="version"),
        pytest.param("enable-steps\n        parameters: {steps: [LATER]}", "enable-steps", id="without parameters"),
        pytest.param("{steps: [LATER]}", "{steps: [SOONER]}", id="step"),
        pytest.param("{steps: [LATER]}", "{steps: LATER}", id="list"),
        pytest.param("ignored_steps: [LATER]", "ignored_steps: [NONE]", id="ignored step"),
        pytest.param("subject_tag: C1", "subject_tag: C2", id="tag"),
        pytest.param("dcap_poll_seconds: 60", "dcap_poll_seconds: $setMaxW", id="too early"),
        pytest.param("Category: Control\n", "", id="missing part"),
        pytest.param("Category: Control", "Kind: Control", id="part"),
        pytest.param("  LATER:\n", "  FIRST:\n", id="twice"),
        pytest.param("Classes: [A]", "Classes: {A: 1}", id="mapping"),
        pytest.param("Description: A small procedure", "Description: [A]", id="no text"),
        pytest.param("Description: A small procedure", "Description: &a A\nX: *a", id="anchor"),
        pytest.param(SMALL, "", id="empty"),
        pytest.param(SMALL[SMALL.index("Steps:") :], "Steps: {}\n", id="no steps"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    tmp_path: Path, before: str, after: str, snapshot: SnapshotAssertion
) -> None:
    assert before in SMALL
    with pytest.raises(ProcedureError) as caught:
        read(tmp_path, SMALL.replace(before, after, 1))
    assert str(caught.value).replace(str(tmp_path), "") == snapshot


@pytest.mark.parametrize(
    ("text", "line"),
    [(SMALL.replace("Classes: [A]", "Classes: [A"), 4), (f"\x00{SMALL}", 0), ("[" * 5000, 1), ("\ufffe", 0)],
    ids=["bracket", "control character", "nested", "no characters"],
)
def test_what_is_not_yaml_is_an_error(tmp_path: Path, text: str, line: int) -> None:
    with pytest.raises(ProcedureError, match="is not YAML") as caught:
        read(tmp_path, text)
    assert caught.value.line == line


ODD = [
    "",
    "[",
    "- 1",
    "x: {}",
    "1e400",
    "0x1F",
    "!!python/name:os.system",
    "2026-13-45",
    "<<: {a: 1}",
    "? a",
    "$(",
    "~",
]


@given(st.integers(0, SMALL.count("\n") - 1), st.integers(0, 40), st.sampled_from(ODD))
def test_whatever_a_line_is_replaced_by_is_read_or_refused(number: int, column: int, odd: str) -> None:
    lines = SMALL.splitlines()
    lines[number] = lines[number][:column] + odd
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(ProcedureError):
        assert read(Path(folder), "\n".join(lines)).steps


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ProcedureError, match="cannot be read"):
        read_procedure(tmp_path / "none.yaml")
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * (1 << 21))
    with pytest.raises(ProcedureError, match="octets"):
        read_procedure(large)


@pytest.mark.parametrize(
    ("text", "seconds"), [("2026-01-01T00:00:00Z", 1767225600), ("2026-01-01 10:00:00+10:00", 1767225600)]
)
def test_a_time_may_be_written_out(tmp_path: Path, text: str, seconds: int) -> None:
    procedure = read(tmp_path, SMALL.replace("$(now + '1 minute')", text))
    assert procedure.actions[0].parameters["start"] == seconds
