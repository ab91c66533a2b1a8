"""Runs: when they start and end, what people and the clock do, and what stands between client and utility."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from junitparser import JUnitXml
from syrupy.assertion import SnapshotAssertion

from envoy.errors import EnvoyError, ProcedureError
from envoy.procedures import Procedure, read_procedure
from envoy.procedures.actions import PERFORMED
from envoy.procedures.checks import DECIDED
from envoy.procedures.interventions import INTERVENTIONS
from envoy.procedures.outcome import Outcome, Verdict
from envoy.procedures.rehearsal import Rehearsal
from envoy.procedures.report import write_json, write_junit, write_text
from envoy.procedures.vocabulary import ACTIONS, CHECKS
from envoy.utility import Settings
from envoy.utility.clock import ManualClock
from tests.support.der_client import DERClient
from tests.support.rehearsals import CERTIFICATE, NOW, rehearse, write_procedure

HEAD = """\
Description: An own procedure <with> "signs"
Category: Test
Classes: [A]
TargetVersions: [v1.2]
Criteria:
  checks:
    - type: all-steps-complete
      parameters: {ignored_steps: []}
"""
PREPARED = """\
Preconditions:
  init_actions:
    - type: set-comms-rate
      parameters: {dcap_poll_seconds: 60, fsa_list_poll_seconds: 60}
    - type: create-der-program
      parameters: {primacy: 1, tag: P}
  checks:
    - type: der-settings-contents
  instructions: [Switch it on.]
"""
WAIT = """\
  {name}:
    event: {{type: wait, parameters: {{duration_seconds: {seconds}}}}}
    actions:
      - {{type: enable-steps, parameters: {{steps: [{then}]}}}}
      - {{type: remove-steps, parameters: {{steps: [{name}]}}}}
"""
GET = """\
  {name}:
    instructions: [Look at {name}.]
    event: {{type: GET-request-received, parameters: {{endpoint: {path}, serve_request_first: {after}}}}}
    actions:
      - {action}
      - {{type: remove-steps, parameters: {{steps: [{name}]}}}}
"""


def get(name: str, path: str, action: str = "{type: cancel-active-der-controls}", after: str = "false") -> str:
    return GET.format(name=name, path=path, action=action, after=after)


def procedure_of(tmp_path: Path, *parts: str, before: str = PREPARED) -> Procedure:
    return read_procedure(write_procedure(tmp_path, f"{HEAD}{before}Steps:\n{''.join(parts)}"))


def seconds_of(outcome: Outcome) -> float:
    assert outcome.started is not None
    return outcome.ended - outcome.started


def test_a_run_starts_when_the_preconditions_hold_and_ends_with_its_last_step(tmp_path: Path) -> None:
    parts = WAIT.format(name="FIRST", seconds=90, then="SECOND"), get("SECOND", "/dcap")
    outcome = rehearse(procedure_of(tmp_path, *parts))
    assert outcome.passed
    assert seconds_of(outcome) == 120
    assert [each.done is not None for each in outcome.steps] == [True, True]
    assert outcome.instructions == ["Switch it on."]


def test_a_run_whose_preconditions_never_hold_fails_after_a_while(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    class Mute(DERClient):
        def put_settings(self, site: Any) -> None:
            pass

    outcome = rehearse(procedure_of(tmp_path, get("FIRST", "/dcap")), client=Mute)
    assert (outcome.verdict, outcome.started) == (Verdict.FAILED, None)
    assert outcome.ended - outcome.began == 900
    assert outcome.reason == snapshot
    assert [each.verdict for each in outcome.preconditions] == [Verdict.FAILED]
    assert "Preconditions" in write_text(outcome)
    assert JUnitXml.fromstring(write_junit(outcome).encode()).failures == 2


def test_a_run_in_which_nothing_happens_fails_after_a_while(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    parts = WAIT.format(name="FIRST", seconds=600, then="SECOND"), get("SECOND", "/edev/1/cp")
    outcome = rehearse(procedure_of(tmp_path, *parts), run={"patience": 300})
    assert outcome.reason == snapshot
    assert seconds_of(outcome) == 900


def test_a_run_that_can_go_nowhere_ends_at_once(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    outcome = rehearse(procedure_of(tmp_path, get("FIRST", "/dcap"), get("SECOND", "/tm")))
    assert outcome.reason == snapshot
    assert [each.verdict for each in outcome.steps] == [Verdict.PASSED, Verdict.UNREACHED]


def test_a_message_of_a_finish_is_why_a_run_fails(tmp_path: Path) -> None:
    action = '{type: finish-test, parameters: {fail_message: "That is\\n not right."}}'
    outcome = rehearse(procedure_of(tmp_path, get("FIRST", "/dcap", action)))
    assert (outcome.verdict, outcome.reason) == (Verdict.FAILED, "That is not right.")
    # The actions behind a finish are not done any more.
    assert outcome.steps[0].verdict is Verdict.FAILED


def test_an_action_that_cannot_be_done_ends_the_run(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    for action in (
        "{type: set-default-der-control, parameters: {derp_id: 7}}",
        "{type: create-der-program, parameters: {primacy: 1, end_device_indexes: [3]}}",
        "{type: create-der-program, parameters: {primacy: 999}}",
        "{type: create-der-control, parameters: {start: $now, duration_seconds: 1, opModExpLimW: $(setMinWh)}}",
        "{type: create-der-control, parameters: {start: $now, duration_seconds: 1, opModExpLimW: $(setMaxW / 0)}}",
        "{type: create-der-control, parameters: {start: $now, duration_seconds: 1, opModExpLimW: 40000, "
        "pow_10_multipliers: 0}}",
    ):
        outcome = rehearse(procedure_of(tmp_path, get("FIRST", "/dcap", action)))
        assert outcome.verdict is Verdict.FAILED
        assert outcome.reason == snapshot


def test_a_step_goes_on_when_people_say_so(tmp_path: Path) -> None:
    step = "  FIRST:\n    event: {type: proceed}\n    actions: [{type: remove-steps, parameters: {steps: [FIRST]}}]\n"
    procedure = procedure_of(tmp_path, step, before="Preconditions: {immediate_start: true}\n")
    clock = ManualClock(NOW)
    with Rehearsal(procedure, now=clock) as rehearsal:
        with pytest.raises(EnvoyError, match="no step waits"):
            rehearsal.ask("proceed")
        client = DERClient(rehearsal, clock, lfdi=CERTIFICATE)
        client.act()
        assert not rehearsal.watch()
        assert rehearsal.ask("proceed") == {"step": "FIRST"}
        assert rehearsal.watch()
        assert rehearsal.run.outcome.passed


@pytest.mark.parametrize(
    ("parameters", "after", "seconds"), [("{}", 30, 30), ("{timeout_seconds: 200}", 30, 200), ("{}", 5, 5)]
)
def test_a_step_that_waits_for_people_goes_on_by_itself_after_a_while(
    tmp_path: Path, parameters: str, after: float, seconds: float
) -> None:
    step = f"  FIRST:\n    event: {{type: proceed, parameters: {parameters}}}\n"
    step += "    actions: [{type: remove-steps, parameters: {steps: [FIRST]}}]\n"
    assert seconds_of(rehearse(procedure_of(tmp_path, step), run={"proceed_after": after})) == seconds


def test_a_clock_that_is_put_far_forward_stops_where_something_is_due(tmp_path: Path) -> None:
    parts = [WAIT.format(name=f"S{n}", seconds=60, then=f"S{n + 1}") for n in range(1, 10)]
    parts.append(
        "  S10:\n    event: {type: wait, parameters: {duration_seconds: 60}}\n    actions: [{type: finish-test}]\n"
    )
    procedure = procedure_of(tmp_path, *parts, before="Preconditions: {immediate_start: true}\n")
    with Rehearsal(procedure, now=ManualClock(NOW)) as rehearsal:
        rehearsal.respond("GET", "/dcap", client=CERTIFICATE, headers={})
        rehearsal.advance(3600)
        assert [each.done for each in rehearsal.run.outcome.steps] == [NOW + 60 * n for n in range(1, 11)]
        assert rehearsal.now() == NOW + 3600


def test_an_outage_is_seen_by_the_client_and_by_no_step(tmp_path: Path) -> None:
    parts = (
        get("FIRST", "/dcap", "{type: communications-status, parameters: {enabled: false}}", after="true"),
        WAIT.format(name="OVER", seconds=180, then="AGAIN"),
        get("AGAIN", "/dcap"),
    )
    text = parts[0].replace(
        "      - {type: remove",
        "      - {type: enable-steps, parameters: {steps: [OVER, AGAIN]}}\n      - {type: remove",
        1,
    )
    over = parts[1].replace(
        "    actions:\n", "    actions:\n      - {type: communications-status, parameters: {enabled: true}}\n"
    )
    outcome = rehearse(procedure_of(tmp_path, text, over, parts[2]))
    assert outcome.passed
    statuses = [each.status for each in outcome.exchanges if each.path == "/dcap"]
    assert statuses[-4:] == [200, 500, 500, 200] or statuses[-5:] == [200, 500, 500, 500, 200]
    assert outcome.exchanges[-1].step == "AGAIN"


def test_an_error_is_forced_for_an_endpoint_and_for_a_time(tmp_path: Path) -> None:
    force = "{type: force-response-status, parameters: {endpoint: /edev/*/fsa, status: 503, retry_after_seconds: 7, "
    parts = (
        get("FIRST", "/edev/1/fsa", f"{force}duration_seconds: 100}}}}").replace(
            "      - {type: remove",
            "      - {type: enable-steps, parameters: {steps: [OVER]}}\n      - {type: remove",
            1,
        ),
        WAIT.format(name="OVER", seconds=200, then="OVER"),
    )
    procedure = procedure_of(tmp_path, *parts)
    seen: list[Any] = []

    class Watching(DERClient):
        def request(self, method: str, href: str, body: Any = None) -> Any:
            response = super().request(method, href, body)
            if href.startswith("/edev/1/fsa?"):
                seen.append((response.status, response.headers.get("retry-after")))
            return response

    outcome = rehearse(procedure, client=Watching)
    assert outcome.passed
    assert seen == [(503, "7"), (503, "7"), (200, None), (200, None)]


def test_the_paths_of_a_procedure_lead_where_it_says(tmp_path: Path) -> None:
    before = """\
Preconditions:
  immediate_start: true
  actions:
    - {type: create-wellknown-route, parameters: {version: "https://csipaus.org/ns/v1.3", dcap_paths: [$randuri_1]}}
    - {type: create-wellknown-route, parameters: {version: "null", dcap_paths: []}}
    - {type: add-proxy-route, parameters: {route: $randuri_1, proxy_to: /dcap}}
"""
    procedure = procedure_of(tmp_path, get("FIRST", "$randuri_1"), before=before)
    with Rehearsal(procedure, Settings("csip-aus-1.3"), now=ManualClock(NOW)) as rehearsal:

        def ask(path: str) -> Any:
            accept = {"accept": "application/sep+xml; csipaus=1.3"}
            return rehearsal.respond("GET", path, client=CERTIFICATE, headers=accept)

        found = ask("/.well-known/csipaus")
        assert (found.status, found.headers["content-type"]) == (200, "application/json")
        versions = json.loads(found.content)["supportedSchemaVersions"]
        path = versions["https://csipaus.org/ns/v1.3"]["dcap"][0]
        assert versions["null"] == {"dcap": []}
        assert ask("/dcap").status == 200
        assert not rehearsal.watch()
        assert ask(f"{path}?l=1").status == 200
        assert rehearsal.watch()


def test_another_client_is_served_and_does_not_count(tmp_path: Path) -> None:
    procedure = procedure_of(tmp_path, get("FIRST", "/tm"), before="Preconditions: {immediate_start: true}\n")
    with Rehearsal(procedure, now=ManualClock(NOW)) as rehearsal:
        assert rehearsal.respond("GET", "/dcap", client=CERTIFICATE, headers={}).status == 200
        assert rehearsal.respond("GET", "/tm", client=bytes(20), headers={}).status == 200
        assert rehearsal.respond("GET", "/tm", client=b"", headers={}).status == 403
        assert not rehearsal.watch()
        assert rehearsal.respond("GET", "/tm?s=1", client=CERTIFICATE, headers={}).status == 200
        assert not rehearsal.watch()
        assert rehearsal.refuse("PUT", "/nowhere", client=CERTIFICATE, headers={}) is None
        assert rehearsal.respond("HEAD", "/tm", client=CERTIFICATE, headers={}).status == 200
        assert not rehearsal.watch()
        assert rehearsal.respond("GET", "/tm", client=CERTIFICATE, headers={}).status == 200
        assert rehearsal.watch()
        assert [each.path for each in rehearsal.run.outcome.exchanges] == ["/dcap", "/tm", "/tm", "/tm"]


@pytest.mark.parametrize(
    ("wanted", "chosen"), [("csip-aus-1.2", "csip-aus-1.2"), ("csip-aus-1.3", "csip-aus-1.3"), ("ieee-2018", None)]
)
def test_a_procedure_is_run_in_a_profile_that_it_is_for(tmp_path: Path, wanted: str, chosen: str | None) -> None:
    path = write_procedure(tmp_path, f"{HEAD}Steps:\n{get('FIRST', '/tm')}".replace("[v1.2]", "[v1.2, v1.3]"))
    procedure = read_procedure(path)
    if chosen is None:
        with pytest.raises(ProcedureError, match="not for ieee-2018"):
            procedure.choose_profile(wanted, default="csip-aus-1.2")
    else:
        assert procedure.choose_profile(wanted, default="csip-aus-1.2") == chosen
        assert procedure.choose_profile("ieee-2018", default="ieee-2018") == "csip-aus-1.2"


def test_a_utility_that_has_programs_already_is_refused(tmp_path: Path) -> None:
    procedure = procedure_of(tmp_path, get("FIRST", "/tm"))
    with Rehearsal(procedure, database=tmp_path / "utility.db"):
        pass
    with pytest.raises(ProcedureError, match="has programs already"):
        Rehearsal(procedure, database=tmp_path / "utility.db")


def test_all_that_files_can_ask_for_can_be_done_and_decided() -> None:
    steps = {"enable-steps", "remove-steps", "finish-test"}
    assert {*PERFORMED, *INTERVENTIONS, *steps} == {*ACTIONS}
    assert {*DECIDED} == {*CHECKS}


# Reports


@pytest.fixture
def failed(tmp_path: Path) -> Outcome:
    parts = WAIT.format(name="FIRST", seconds=30, then="SECOND"), get("SECOND", "/edev/1/cp")
    return rehearse(procedure_of(tmp_path, *parts), run={"patience": 60})


def test_the_report_for_people_says_what_happened_when(failed: Outcome, snapshot: SnapshotAssertion) -> None:
    assert write_text(failed) == snapshot


def test_the_report_for_ci_servers_has_a_case_for_each_step_and_criterion(failed: Outcome) -> None:
    suite = next(iter(JUnitXml.fromstring(write_junit(failed).encode())))
    assert (suite.tests, suite.failures, suite.skipped) == (3, 2, 0)
    assert [case.name for case in suite] == ["FIRST", "SECOND", "all-steps-complete"]
    assert [len(case.result) for case in suite] == [0, 1, 1]


def test_a_run_that_fails_though_all_steps_are_done_fails_in_each_report(tmp_path: Path) -> None:
    remove = "{type: remove-steps, parameters: {steps: [FIRST]}}"
    finish = "{type: finish-test, parameters: {fail_message: No.}}"
    procedure = procedure_of(tmp_path, get("FIRST", "/dcap", f"{remove}\n      - {finish}"))
    outcome = rehearse(procedure)
    suite = next(iter(JUnitXml.fromstring(write_junit(outcome).encode())))
    assert outcome.reason == "No."
    assert [each.verdict for each in (*outcome.steps, *outcome.criteria)] == [Verdict.PASSED, Verdict.PASSED]
    assert (suite.tests, suite.failures, suite.skipped) == (3, 1, 0)


def test_the_report_for_programs_has_it_all(failed: Outcome) -> None:
    found = json.loads(write_json(failed))
    assert (found["procedure"], found["verdict"], found["client"]) == ("own", "failed", CERTIFICATE.hex().upper())
    assert [step["verdict"] for step in found["steps"]] == ["passed", "failed"]
    requests = [each for each in found["timeline"] if "method" in each]
    assert requests[0] == {
        "time": NOW,
        "method": "GET",
        "path": "/dcap",
        "status": 200,
        "forced": False,
        "step": "",
    }
    assert len(requests) == len(failed.exchanges)
