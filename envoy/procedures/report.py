"""Reports of a run: for people, for CI servers (JUnit), and for programs (JSON)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from envoy._text import printable
from envoy.identity import format_lfdi
from envoy.procedures.evidence import Exchange
from envoy.procedures.outcome import CriterionOutcome, Happening, Outcome, StepOutcome, Verdict

_MARKS = {Verdict.PASSED: "pass", Verdict.FAILED: "FAIL", Verdict.IGNORED: "-", Verdict.UNREACHED: "-"}

_SKIPPED = {Verdict.IGNORED: "need not be done", Verdict.UNREACHED: "not reached"}


def write_text(outcome: Outcome) -> str:
    """Return a report for people: verdicts, what only they can decide, and what happened when."""
    return "\n".join(_text_lines(outcome)) + "\n"


def _text_lines(outcome: Outcome) -> Iterator[str]:
    yield printable(f"{outcome.procedure}: {outcome.description}")
    yield f"Profile {outcome.profile}, {_client(outcome)}"
    yield f"Verdict: {outcome.verdict}"
    if outcome.reason:
        yield printable(f"  {outcome.reason}")
    yield ""
    if outcome.started is None and outcome.preconditions:
        yield "Preconditions"
        yield from _criteria(outcome.preconditions)
        yield ""
    yield "Steps"
    for step in outcome.steps:
        when = "" if step.done is None else f"  at {_after(outcome, step.done)}"
        yield printable(f"  {_MARKS[step.verdict]:4}  {step.name}{when}")
        if step.detail:
            yield printable(f"        {step.detail}")
    yield ""
    yield "Criteria"
    yield from _criteria(outcome.criteria)
    yield ""
    if instructions := [*_instructions(outcome)]:
        yield "For people to do or to see, not decided here"
        yield from (printable(f"  {name}: {text}") for name, text in instructions)
        yield ""
    yield "What happened"
    yield from (printable(f"  {_after(outcome, time):>10}  {what}") for time, what in _timeline(outcome))


def _criteria(outcomes: Iterable[CriterionOutcome]) -> Iterator[str]:
    for each in outcomes:
        yield printable(f"  {_MARKS[each.verdict]:4}  {each.name}: {each.detail}")


def _client(outcome: Outcome) -> str:
    return f"client {format_lfdi(outcome.client)}" if outcome.client else "no client came"


def _instructions(outcome: Outcome) -> Iterator[tuple[str, str]]:
    yield from (("before the start", text) for text in outcome.instructions)
    yield from ((step.name, text) for step in outcome.steps for text in step.instructions)


def _timeline(outcome: Outcome) -> Iterator[tuple[float, str]]:
    for each in outcome.timeline:
        yield each.time, each.what if isinstance(each, Happening) else describe_exchange(each)


def describe_exchange(exchange: Exchange) -> str:
    """Return a request and its response in a line."""
    forced = " (by the procedure)" if exchange.forced else ""
    step = f"  {exchange.step}" if exchange.step else ""
    return f"{exchange.method} {exchange.path} {exchange.status}{forced}{step}"


def _after(outcome: Outcome, time: float) -> str:
    """Return a time as it is counted in a run: from its start, with a sign."""
    seconds = round(time - (outcome.began if outcome.started is None else outcome.started))
    sign, seconds = "-" if seconds < 0 else "+", abs(seconds)
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def write_junit(outcome: Outcome) -> str:
    """Return a report for CI servers: a test case for each step and each criterion."""
    parts: list[StepOutcome | CriterionOutcome] = [*outcome.steps, *outcome.criteria]
    if outcome.started is None:
        parts = [*outcome.preconditions, *parts]
    failures = sum(each.verdict is Verdict.FAILED for each in parts)
    # A run may fail though all that was asked for was done, such as for a request that must not come.
    alone = outcome.reason and not outcome.passed and not failures
    head = (
        f"<testsuite name={quoteattr(printable(outcome.procedure))} tests={quoteattr(str(len(parts) + bool(alone)))} "
        f'failures="{failures + bool(alone)}" skipped="{sum(each.verdict in _SKIPPED for each in parts)}" '
        f'time="{outcome.ended - outcome.began:.0f}" timestamp={quoteattr(_stamp(outcome.began))}>'
    )
    cases = [_case(outcome, each.name, each.verdict, each.detail) for each in parts]
    if alone:
        cases.append(_case(outcome, "run", Verdict.FAILED, outcome.reason))
    lines = "\n".join(f"{_after(outcome, time)} {what}" for time, what in _timeline(outcome))
    out = f"<system-out>{escape(printable(lines, lines=True))}</system-out>"
    body = "\n".join([*cases, out])
    return f'<?xml version="1.0" encoding="utf-8"?>\n<testsuites>{head}\n{body}\n</testsuite></testsuites>\n'


def _case(outcome: Outcome, name: str, verdict: Verdict, detail: str) -> str:
    content = ""
    if verdict is Verdict.FAILED:
        content = f"<failure message={quoteattr(printable(detail or outcome.reason))}/>"
    elif verdict in _SKIPPED:
        content = f"<skipped message={quoteattr(_SKIPPED[verdict])}/>"
    names = f"classname={quoteattr(printable(outcome.procedure))} name={quoteattr(printable(name))}"
    return f"<testcase {names}>{content}</testcase>"


def write_json(outcome: Outcome) -> str:
    """Return a report for programs. Times are seconds since 1970."""
    found = {
        "procedure": outcome.procedure,
        "description": outcome.description,
        "profile": outcome.profile,
        "client": format_lfdi(outcome.client) if outcome.client else None,
        "verdict": outcome.verdict,
        "reason": outcome.reason,
        "began": outcome.began,
        "started": outcome.started,
        "ended": outcome.ended,
        "preconditions": [_criterion(each) for each in outcome.preconditions],
        "steps": [
            {
                "name": step.name,
                "verdict": step.verdict,
                "enabled": step.enabled,
                "done": step.done,
                "detail": step.detail,
                "instructions": list(step.instructions),
            }
            for step in outcome.steps
        ],
        "criteria": [_criterion(each) for each in outcome.criteria],
        "instructions": list(outcome.instructions),
        "timeline": [_event(each) for each in outcome.timeline],
    }
    return json.dumps(found, indent=2) + "\n"


def _event(event: Exchange | Happening) -> dict[str, Any]:
    if isinstance(event, Happening):
        return {"time": event.time, "what": event.what}
    return {
        "time": event.time,
        "method": event.method,
        "path": event.path,
        "status": event.status,
        "forced": event.forced,
        "step": event.step,
    }


def _criterion(outcome: CriterionOutcome) -> dict[str, str]:
    return {"name": outcome.name, "verdict": outcome.verdict, "detail": outcome.detail}


def _stamp(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="seconds")


FORMATS: Mapping[str, Callable[[Outcome], str]] = {"text": write_text, "junit": write_junit, "json": write_json}
"""The forms of reports."""
