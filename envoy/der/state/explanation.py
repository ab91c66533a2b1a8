"""The explanation of controls: what was, is and will be in force at a device, and why, made from its state file."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from envoy.der.in_force import Setting
from envoy.der.modes import MODES, dump_values
from envoy.der.schedule import Schedule
from envoy.der.state.history import Gap, History, RecordedEvent, Run, Span

_AHEAD_SECONDS = 31 * 86_400
"""How far it is looked beyond what is shown, for the ends of what holds then."""

_ORDER = {mode: number for number, mode in enumerate(MODES)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What was, is and will be in force. All times are in seconds since 1970, by the clock of the device.

    Attributes:
        lfdi: LFDI of the EndDevice, in upper-case hexadecimal.
        server: Origin of the server.
        now: When the explanation was made.
        at: The time that it is about.
        since: The beginning of what it shows.
        until: The end of what it shows.
        followed: A process follows now. If none does, the device was left with what held last.
        spans: What each mode was, is and will be set to, by the time.
        events: The events in that time, by their starts.
        gaps: The times without contact.
        runs: The processes that followed.
    """

    lfdi: str
    server: str
    now: int
    at: int
    since: int
    until: int
    followed: bool
    spans: Sequence[Span]
    events: Sequence[RecordedEvent]
    gaps: Sequence[Gap]
    runs: Sequence[Run]

    @property
    def in_force(self) -> list[Span]:
        """What is set at the time that it is about, in the order of the schema."""
        return [span for mode in MODES for span in self.spans if span.mode == mode and span.holds(self.at)]

    @property
    def modes(self) -> list[str]:
        """The modes that are set at any time, in the order of the schema."""
        return [mode for mode in MODES if any(span.mode == mode for span in self.spans)]

    @property
    def downtimes(self) -> list[tuple[int, int | None]]:
        """The times in which no process followed; the last one has no end if none does now."""
        ends = [(run.seen if run.stopped is None else run.stopped, run.started) for run in self.runs]
        down: list[tuple[int, int | None]] = [(end, start) for (end, _), (_, start) in pairwise(ends) if end < start]
        if self.runs and not self.followed:
            down.append((ends[-1][0], None))
        return down

    @property
    def shown_downtimes(self) -> list[tuple[int, int | None]]:
        """Those of the times in which no process followed that it shows."""
        return [each for each in self.downtimes if _overlaps(self.since, self.until, *each)]


def explain_controls(history: History, *, now: int, at: int, before: int, after: int) -> Explanation:
    """Return what was, is and will be in force.

    Args:
        history: What the state file has.
        now: The time now, by the clock of the device.
        at: The time to explain.
        before: Seconds before that time to show.
        after: Seconds after it to show.
    """
    explanation = Explanation(
        lfdi=history.lfdi,
        server=history.server,
        now=now,
        at=at,
        since=at - before,
        until=at + after,
        followed=history.followed,
        spans=(),
        events=[event for event in history.events if _overlaps(at - before, at + after, event.start, event.end)],
        gaps=[gap for gap in history.gaps if _overlaps(at - before, at + after, gap.since, gap.until)],
        runs=history.runs,
    )
    ahead = max(now, explanation.until) + _AHEAD_SECONDS
    spans = _continue(history.held, history.schedule, now, ahead) if history.schedule else history.held
    shown = [span for span in spans if _overlaps(explanation.since, explanation.until, span.since, span.until)]
    return replace(explanation, spans=sorted(shown, key=lambda span: (span.since, _ORDER[span.mode])))


def _overlaps(begin: int, end: int, since: int, until: int | None) -> bool:
    return since < end and (until is None or until > begin)


def _continue(held: Sequence[Span], schedule: Schedule, now: int, until: int) -> Iterator[Span]:
    """Yield what held, and what is to come after that, if nothing else is read."""
    current = {span.mode: span for span in held if span.until is None}
    yield from (span for span in held if span.until is not None)
    # A process that follows is at most a moment behind; one that comes up goes on from here.
    schedule = copy.deepcopy(schedule)
    schedule.resume(now)
    for time, settings in [
        (now, schedule.in_force()),
        *((change.time, change.in_force) for change in schedule.outlook(until)),
    ]:
        values = {setting.mode: setting for setting in settings}
        for mode in [*current.keys() | values.keys()]:
            if mode in current and (mode not in values or not _is_same(current[mode], values[mode])):
                yield replace(current.pop(mode), until=time)
            if mode in values and mode not in current:
                current[mode] = _expect(values[mode], time)
    yield from current.values()


def _is_same(span: Span, setting: Setting) -> bool:
    kept = (span.value, span.origin, span.mrid, span.program)
    return kept == (setting.value, setting.origin, setting.mrid, setting.program)


def _expect(setting: Setting, time: int) -> Span:
    return Span(
        mode=setting.mode,
        value=setting.value,
        origin=setting.origin,
        mrid=setting.mrid,
        program=setting.program,
        since=time,
        reasons=setting.reasons,
        expected=True,
    )


def dump_explanation(explanation: Explanation) -> dict[str, Any]:
    """Return an explanation as JSON has it, with times as ISO 8601 in UTC."""
    return {
        "lfdi": explanation.lfdi,
        "server": explanation.server,
        "now": format_time(explanation.now),
        "at": format_time(explanation.at),
        "followed": explanation.followed,
        "in_force": [_dump_span(span) for span in explanation.in_force],
        "spans": [_dump_span(span) for span in explanation.spans],
        "events": [_dump_event(event) for event in explanation.events],
        "without_contact": [
            {"side": gap.side, "since": format_time(gap.since), "until": _format_open(gap.until), "reason": gap.reason}
            for gap in explanation.gaps
        ],
        "not_followed": [
            {"since": format_time(since), "until": _format_open(until)} for since, until in explanation.shown_downtimes
        ],
    }


def _dump_span(span: Span) -> dict[str, Any]:
    return {
        "mode": span.mode,
        "value": MODES[span.mode].dump(span.value),
        "unit": MODES[span.mode].unit,
        "origin": str(span.origin),
        "event": span.mrid,
        "program": span.program,
        "since": format_time(span.since),
        "until": _format_open(span.until),
        "expected": span.expected,
        "reasons": list(span.reasons),
    }


def _dump_event(event: RecordedEvent) -> dict[str, Any]:
    record = event.record
    return {
        "mrid": record.event.mrid,
        "href": record.event.href,
        "program": record.program.mrid,
        "primacy": record.program.primacy,
        "state": str(record.state),
        "start": format_time(event.start),
        "end": format_time(event.end),
        "values": dump_values(record.event.values),
        "lost": dict(record.lost),
        "steps": [{"time": format_time(time), "state": str(state)} for time, state in event.steps],
        "responses": [
            {
                "status": response.status,
                "created": format_time(response.created),
                "recorded": format_time(response.recorded),
                "done": _format_open(response.done),
                "outcome": response.outcome,
            }
            for response in event.responses
        ],
    }


def format_time(time: int) -> str:
    """Return a time as ISO 8601 in UTC; one beyond the calendar as its seconds since 1970."""
    try:
        return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (OverflowError, ValueError, OSError):
        return str(time)


def _format_open(time: int | None) -> str | None:
    return None if time is None else format_time(time)
