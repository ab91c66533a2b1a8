"""The time axis of an explanation: a row for each mode, then the events of each program, the contact and the process.

It is drawn with elements of HTML that are placed by percent, so that its text is as large on a phone as on a screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from envoy.cli.explain_controls.markup import mark
from envoy.cli.explain_controls.words import (
    list_values,
    name_mode,
    name_origin,
    name_outcome,
    name_status,
    shorten_mrid,
    show_date,
    show_time,
)
from envoy.der.modes import Value
from envoy.der.record import RESTING, Record, State
from envoy.der.state.explanation import Explanation
from envoy.der.state.history import RecordedEvent, RecordedResponse, Span

_STEPS = (10, 30, 60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)
_MOST_TICKS = 13
_KEY = (
    ('<span class="box span event"></span>', "an event sets it"),
    ('<span class="box span default"></span>', "a default"),
    ('<span class="box span failsafe"></span>', "the failsafe"),
    ('<span class="box span event expected"></span>', "is expected"),
    ('<span class="box span lost"></span>', "an event that lost, or was called off"),
    ('<span class="sent">2</span>', "a response and its status"),
    ('<span class="sent owed">2</span>', "one that is owed"),
    ('<span class="box span bad-time"></span>', "no contact, or no process"),
)


def draw_time_axis(explanation: Explanation) -> str:
    """Return the time axis as HTML."""
    axis = _Axis(explanation)
    rows = "\n".join([*axis.draw_head(), *axis.draw_modes(), *axis.draw_programs(), *axis.draw_absences()])
    key = "".join(f"<li>{sample} {text}</li>" for sample, text in _KEY)
    begin, end = show_date(explanation.since), show_date(explanation.until)
    return f"""<p class="unseen">A picture of the tables below, from {mark(begin)} to {mark(end)}.</p>
<div class="scroll" role="region" aria-labelledby="axis" tabindex="0">
<div class="axis" aria-hidden="true">
{rows}
</div>
</div>
<ul class="legend" aria-hidden="true">{key}</ul>"""


class _Axis:
    """The time axis of an explanation."""

    def __init__(self, explanation: Explanation) -> None:
        self._explanation = explanation
        self._length = max(1, explanation.until - explanation.since)
        self._ticks = list(_list_ticks(explanation.since, explanation.until))
        lines = "".join(f'<span class="tick" style="left:{self._place(tick)}"></span>' for tick in self._ticks)
        now = min(max(explanation.now, explanation.since), explanation.until)
        lines += f'<span class="ahead" style="left:{self._place(now)}"></span>'
        if explanation.since <= explanation.now <= explanation.until:
            lines += f'<span class="now" style="left:{self._place(explanation.now)}"></span>'
        if explanation.at != explanation.now:
            lines += f'<span class="at" style="left:{self._place(explanation.at)}"></span>'
        self._lines = lines

    def _place(self, time: int) -> str:
        return f"{100 * (time - self._explanation.since) / self._length:.3f}%"

    def _draw_bar(self, kind: str, since: int, until: int | None, inside: str, title: str) -> str:
        """Return a bar; what is beyond the axis is cut off."""
        begin = max(since, self._explanation.since)
        end = self._explanation.until if until is None else min(until, self._explanation.until)
        width = f"{100 * max(0, end - begin) / self._length:.3f}%"
        style = f"left:{self._place(begin)};width:{width}"
        return f'<span class="span {kind}" style="{style}" title="{mark(title)}">{inside}</span>'

    def _draw_row(self, kind: str, label: str, inside: Iterable[str]) -> str:
        return f'<div class="label">{label}</div><div class="track {kind}">{self._lines}{"".join(inside)}</div>'

    def _show(self, since: int, until: int | None) -> str:
        end = "" if until is None else show_time(until, self._explanation.at)
        return f"{show_time(since, self._explanation.at)} to {end}".removesuffix(" to ")

    # Rows

    def draw_head(self) -> Iterator[str]:
        """Yield the row of times."""
        explanation = self._explanation
        inside = []
        for tick in self._ticks:
            moment = datetime.fromtimestamp(tick, UTC)
            midnight = moment.hour == moment.minute == moment.second == 0
            text = f"{moment:%d %b}" if midnight else f"{moment:%H:%M:%S}".removesuffix(":00")
            if not any(abs(tick - flag) < self._length / 30 for flag in (explanation.now, explanation.at)):
                kind = "name day" if midnight else "name"
                inside.append(f'<span class="{kind}" style="left:{self._place(tick)}">{text}</span>')
        if explanation.since <= explanation.now <= explanation.until:
            inside.append(f'<span class="name flag" style="left:{self._place(explanation.now)}">now</span>')
        if explanation.at != explanation.now:
            at = show_time(explanation.at, explanation.at)
            inside.append(f'<span class="name flag of-at" style="left:{self._place(explanation.at)}">{mark(at)}</span>')
        yield self._draw_row("ticks", "<small>UTC</small>", inside)

    def draw_modes(self) -> Iterator[str]:
        """Yield a row for each mode: its values, and how high they are beside each other."""
        for mode in self._explanation.modes:
            spans = [span for span in self._explanation.spans if span.mode == mode]
            highest = max((_height(span.value) for span in spans), default=Decimal(0)) or Decimal(1)
            label = f"{mark(name_mode(mode))}<small>{mark(mode)}</small>"
            yield self._draw_row("", label, (self._draw_span(span, highest) for span in spans))

    def _draw_span(self, span: Span, highest: Decimal) -> str:
        level = f'<i style="height:{float(100 * _height(span.value) / highest):.1f}%"></i>'
        inside = f"{level}<b>{mark(span.text)}<small>{mark(name_origin(span))}</small></b>"
        kind = f"{span.origin}{' expected' if span.expected else ''}"
        title = f"{span.mode} {span.text}, {self._show(span.since, span.until)}\n{' '.join(span.reasons)}"
        return self._draw_bar(kind, span.since, span.until, inside, title)

    def draw_programs(self) -> Iterator[str]:
        """Yield rows for the events of each program, as many as it takes that they do not cover each other."""
        programs: dict[tuple[int, str], list[RecordedEvent]] = {}
        for event in self._explanation.events:
            program = event.record.program
            programs.setdefault((program.primacy, program.mrid), []).append(event)
        for (primacy, mrid), events in sorted(programs.items()):
            label = f"<code>{mark(shorten_mrid(mrid))}</code><small>program, primacy {primacy}</small>"
            for lane in _pack(events):
                yield self._draw_row("lane", label, (part for event in lane for part in self._draw_event(event)))
                label = ""

    def _draw_event(self, event: RecordedEvent) -> Iterator[str]:
        record = event.record
        inside = f"<b>{mark(shorten_mrid(record.event.mrid))} {mark(record.state)}</b>"
        lost = "".join(f"\nlost {mode} to event {winner}" for mode, winner in record.lost.items())
        title = f"{record.event.mrid} {record.state}, {self._show(event.start, event.end)}\n{list_values(record)}{lost}"
        kind = "lost" if _is_off(record) else "event"
        kind += "" if record.state in RESTING or record.state is not State.SCHEDULED else " expected"
        yield self._draw_bar(kind, event.start, event.end, inside, title)
        for response in event.responses:
            # It is in server time.
            time = response.created - record.program.offset
            if self._explanation.since <= time <= self._explanation.until:
                yield self._draw_response(response, time)

    def _draw_response(self, response: RecordedResponse, time: int) -> str:
        kind = f"sent{' owed' if response.done is None else ''}{' wide' if response.status > 99 else ''}"
        title = f"{response.status} {name_status(response.status)}: {name_outcome(response)}"
        style = f"left:{self._place(time)}"
        return f'<span class="{kind}" style="{style}" title="{mark(title)}">{int(response.status)}</span>'

    def draw_absences(self) -> Iterator[str]:
        """Yield the rows of contact and process."""
        explanation = self._explanation
        begin = explanation.runs[0].started if explanation.runs else explanation.now
        for side, label in (("server", "Server contact"), ("device", "Device")):
            gaps = [gap for gap in explanation.gaps if gap.side == side]
            if gaps:
                bars = (
                    self._draw_bar(
                        "bad-time", gap.since, self._cut(gap.until), f"<b>{mark(gap.reason)}</b>", gap.reason
                    )
                    for gap in gaps
                )
                yield self._draw_row("thin", label, [self._draw_good(begin), *bars])
        down = (
            self._draw_bar("bad-time", since, self._cut(until), "<b>not running</b>", self._show(since, until))
            for since, until in explanation.shown_downtimes
        )
        yield self._draw_row("thin", "Process", [self._draw_good(begin), *down])

    def _cut(self, until: int | None) -> int:
        """Return the end of what lasts until now, as far as that is known."""
        return self._explanation.now if until is None else until

    def _draw_good(self, begin: int) -> str:
        end = min(self._explanation.now, self._explanation.until)
        return self._draw_bar("good-time", begin, end, "", "") if begin < end else ""


def _list_ticks(since: int, until: int) -> Iterator[int]:
    step = next((step for step in _STEPS if (until - since) / step < _MOST_TICKS), 0)
    step = step or -(-(until - since) // (_MOST_TICKS * 86_400)) * 86_400
    yield from range(-(-since // step) * step, until, step)


def _height(value: Value) -> Decimal:
    """Return how high a value is drawn: its amount, or everything or nothing."""
    if isinstance(value, bool):
        return Decimal(int(value))
    return abs(Decimal(value)) if isinstance(value, int | Decimal) else Decimal(1)


def _is_off(record: Record) -> bool:
    """Return whether an event sets nothing, or did not come to its end."""
    return (record.state in RESTING and record.state is not State.COMPLETED) or record.state is State.WITHDRAWN


def _pack(events: Sequence[RecordedEvent]) -> list[list[RecordedEvent]]:
    """Return events in lanes, in none of which one covers another."""
    lanes: list[list[RecordedEvent]] = []
    for event in events:
        for lane in lanes:
            if lane[-1].end <= event.start:
                lane.append(event)
                break
        else:
            lanes.append([event])
    return lanes
