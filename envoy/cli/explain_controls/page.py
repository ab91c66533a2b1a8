"""An explanation of controls as a page: one document that needs nothing else, with the time axis and tables beside it.

The time axis is a picture of what the tables say; a screen reader is given these. The page has no script.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.resources import files

from envoy.cli.explain_controls.markup import mark, mark_sentence
from envoy.cli.explain_controls.time_axis import draw_time_axis
from envoy.cli.explain_controls.words import (
    list_values,
    list_warnings,
    name_mode,
    name_origin,
    name_outcome,
    name_program,
    name_status,
    show_date,
    show_time,
)
from envoy.der.state.explanation import Explanation, format_time
from envoy.der.state.history import RecordedEvent, RecordedResponse, Span


def write_page(explanation: Explanation) -> str:
    """Return an explanation as a page."""
    style = files("envoy.cli.explain_controls").joinpath("page.css").read_text(encoding="utf-8")
    title = f"Controls of EndDevice {mark(explanation.lfdi)}"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
{_write_header(explanation)}
<main>
<section aria-labelledby="in-force">
<h2 id="in-force">In force at {_write_moment(explanation.at)}</h2>
{_write_cards(explanation)}
</section>
<section aria-labelledby="axis">
<h2 id="axis">What was and will be</h2>
{draw_time_axis(explanation)}
</section>
{_write_spans(explanation)}
{_write_events(explanation)}
{_write_absences(explanation)}
</main>
<footer>Written by envoy explain-controls at {_write_moment(explanation.now)}. Times are in UTC, by the clock of the
device.</footer>
</body>
</html>
"""


def _write_moment(time: int) -> str:
    return f'<time datetime="{mark(format_time(time))}">{mark(show_date(time))}</time>'


def _write_time(time: int | None, explanation: Explanation) -> str:
    if time is None:
        return "open"
    return f'<time datetime="{mark(format_time(time))}">{mark(show_time(time, explanation.at))}</time>'


def _write_header(explanation: Explanation) -> str:
    lost = {gap.side for gap in explanation.gaps if gap.until is None}
    pills = [
        ("good", "A process follows") if explanation.followed else ("bad", "No process follows"),
        *([("bad", "No contact with the server")] if "server" in lost and explanation.followed else []),
        *([("bad", "The device does not respond")] if "device" in lost and explanation.followed else []),
    ]
    owed = sum(response.done is None for event in explanation.events for response in event.responses)
    if owed:
        pills.append(("", f"{owed} responses owed" if owed > 1 else "1 response owed"))
    shown = "".join(f'<span class="pill {kind}">{mark(text)}</span>' for kind, text in pills)
    warnings = "".join(f"<li>{mark(warning)}</li>" for warning in list_warnings(explanation))
    return f"""<header>
<h1>Controls in force</h1>
<p class="soft">EndDevice <code>{mark(explanation.lfdi)}</code> at <code>{mark(explanation.server)}</code></p>
<div class="pills">{shown}</div>
{f'<ul class="warnings">{warnings}</ul>' if warnings else ""}
</header>"""


def _write_cards(explanation: Explanation) -> str:
    cards = []
    for span in explanation.in_force:
        reasons = "".join(f"<li>{mark_sentence(reason)}</li>" for reason in span.reasons)
        until = f", until {_write_time(span.until, explanation)}" if span.until is not None else ""
        since = f"{'from' if span.expected else 'since'} {_write_time(span.since, explanation)}{until}"
        cards.append(
            f'<article class="card {span.origin}"><h3>{mark(name_mode(span.mode))} <code>{mark(span.mode)}</code></h3>'
            f'<p class="value">{mark(span.text)}</p><p class="soft">{mark(name_origin(span))}, {since}</p>'
            f"<ul>{reasons}</ul></article>"
        )
    return f'<div class="cards">{"".join(cards)}</div>' if cards else "<p>No mode is controlled.</p>"


def _write_table(name: str, title: str, heads: Iterable[str], rows: Iterable[str]) -> str:
    body = "\n".join(rows)
    if not body:
        return ""
    head = "".join(f'<th scope="col">{mark(text)}</th>' for text in heads)
    return f"""<details open>
<summary id="{name}">{mark(title)}</summary>
<div class="scroll" role="region" aria-labelledby="{name}" tabindex="0">
<table>
<thead><tr>{head}</tr></thead>
<tbody>
{body}
</tbody>
</table>
</div>
</details>"""


def _write_spans(explanation: Explanation) -> str:
    heads = ("Mode", "Value", "From", "To", "By", "Why")
    return _write_table("held", "What held, and what is expected to", heads, _list_spans(explanation))


def _list_spans(explanation: Explanation) -> Iterator[str]:
    for mode in explanation.modes:
        for span in explanation.spans:
            if span.mode == mode:
                yield _write_span(span, explanation)


def _write_span(span: Span, explanation: Explanation) -> str:
    expected = ' <span class="soft">(expected)</span>' if span.expected else ""
    reasons = "".join(f"<li>{mark_sentence(reason)}</li>" for reason in span.reasons)
    return (
        f'<tr><th scope="row">{mark(name_mode(span.mode))}</th><td>{mark(span.text)}{expected}</td>'
        f'<td class="when">{_write_time(span.since, explanation)}</td>'
        f'<td class="when">{_write_time(span.until, explanation)}</td><td>{mark(name_origin(span))}</td>'
        f"<td><ul>{reasons}</ul></td></tr>"
    )


def _write_events(explanation: Explanation) -> str:
    heads = ("Event", "State", "From", "To", "Program", "Asks for", "Responses")
    rows = (_write_event(event, explanation) for event in explanation.events)
    return _write_table("events", "Events and responses", heads, rows)


def _write_event(event: RecordedEvent, explanation: Explanation) -> str:
    record = event.record
    lost = "".join(
        f'<br><span class="soft">lost {mark(mode)} to <span class="mrid">{mark(winner)}</span></span>'
        for mode, winner in record.lost.items()
    )
    responses = "".join(f"<li>{_write_response(response, explanation)}</li>" for response in event.responses)
    dim = ' class="is-lost"' if record.modes and not set(record.modes) - record.lost.keys() else ""
    return (
        f'<tr{dim}><td class="mrid">{mark(record.event.mrid)}</td><td>{mark(record.state)}</td>'
        f'<td class="when">{_write_time(event.start, explanation)}</td>'
        f'<td class="when">{_write_time(event.end, explanation)}</td><td>{mark(name_program(record))}</td>'
        f"<td>{mark(list_values(record))}{lost}</td><td><ul>{responses}</ul></td></tr>"
    )


def _write_response(response: RecordedResponse, explanation: Explanation) -> str:
    said = f"{response.status} {name_status(response.status)}"
    return f"{mark(said)}, {_write_time(response.created, explanation)}: {mark(name_outcome(response))}"


def _write_absences(explanation: Explanation) -> str:
    sides = {"device": "No contact with the device", "server": "No contact with the server"}
    absences = [(gap.since, gap.until, sides.get(gap.side, gap.side), gap.reason) for gap in explanation.gaps]
    absences += [(since, until, "No process followed", "") for since, until in explanation.shown_downtimes]
    rows = (
        f'<tr><td>{mark(what)}</td><td class="when">{_write_time(since, explanation)}</td>'
        f'<td class="when">{_write_time(until, explanation)}</td><td>{mark(reason)}</td></tr>'
        for since, until, what, reason in sorted(absences, key=lambda absence: absence[0])
    )
    return _write_table("absences", "Times without contact or process", ("What", "From", "To", "Why"), rows)
