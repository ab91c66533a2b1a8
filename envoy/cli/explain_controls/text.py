"""An explanation of controls as text: what is in force, what comes, what was, and what became of the events."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from envoy._text import printable
from envoy.cli.explain_controls.words import (
    list_values,
    list_warnings,
    name_origin,
    name_outcome,
    name_program,
    name_status,
    show_date,
    show_time,
)
from envoy.der.state.explanation import Explanation
from envoy.der.state.history import RecordedEvent, Span


def write_text(explanation: Explanation) -> str:
    """Return an explanation as text."""
    return "".join(f"{line}\n" for line in _list_lines(explanation))


def _list_lines(explanation: Explanation) -> Iterator[str]:
    show = partial(show_time, beside=explanation.at)
    yield f"EndDevice {explanation.lfdi} at {printable(explanation.server)}"
    yield f"{show_date(explanation.at)}{'' if explanation.at != explanation.now else ', now'}"
    yield from list_warnings(explanation)
    yield ""
    yield "In force"
    for span in explanation.in_force:
        until = f" until {show(span.until)}" if span.until is not None else ""
        yield f"  {span.mode}  {span.text}, {'from' if span.expected else 'since'} {show(span.since)}{until}"
        yield from (f"    {printable(reason)}" for reason in span.reasons)
    if not explanation.in_force:
        yield "  nothing: no mode is controlled"
    yield from _list_changes("After that", explanation, [s for s in explanation.spans if s.since > explanation.at])
    before = [s for s in explanation.spans if s.until is not None and s.until <= explanation.at]
    yield from _list_changes("Before that", explanation, before)
    if explanation.events:
        yield ""
        yield "Events"
    for event in explanation.events:
        yield from _describe_event(event, explanation)


def _list_changes(title: str, explanation: Explanation, spans: list[Span]) -> Iterator[str]:
    if spans:
        yield ""
        yield title
    for span in spans:
        until = f" to {show_time(span.until, explanation.at)}" if span.until is not None else ""
        times = f"{show_time(span.since, explanation.at)}{until}"
        yield f"  {times}  {span.mode}  {span.text}, {name_origin(span)}{', expected' if span.expected else ''}"


def _describe_event(event: RecordedEvent, explanation: Explanation) -> Iterator[str]:
    record = event.record
    times = f"{show_time(event.start, explanation.at)} to {show_time(event.end, explanation.at)}"
    yield f"  {printable(record.event.mrid)}  {record.state}, {times}, {name_program(record)}"
    yield f"    asks for {list_values(record)}"
    for mode, winner in record.lost.items():
        yield f"    lost {mode} to event {printable(winner)}"
    for response in event.responses:
        created = show_time(response.created, explanation.at)
        yield f"    {response.status} {name_status(response.status)} {created}, {printable(name_outcome(response))}"
