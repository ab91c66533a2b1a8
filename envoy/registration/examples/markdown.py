"""A Markdown page: the sequence as a table, then each exchange with its messages."""

from __future__ import annotations

from envoy.protocol.flow import get_headers
from envoy.registration.dry_run import DryExchange
from envoy.registration.examples.sequence import MADE_UP, Sequence, indented, is_json, outcome, phrase


def render(sequence: Sequence) -> str:
    """Return the page."""
    parts = [f"# {sequence.heading}", f"Server: `{sequence.server}`", MADE_UP, _table(sequence)]
    for number, exchange in enumerate(sequence.exchanges, 1):
        parts += _exchange(number, exchange, sequence)
    return "\n\n".join(parts) + "\n"


def _table(sequence: Sequence) -> str:
    rows = ["| | step | request | response |", "| --- | --- | --- | --- |"]
    for number, exchange in enumerate(sequence.exchanges, 1):
        request = f"{exchange.request}".replace("|", "%7C")
        rows.append(f"| {number} | {exchange.request.step} | `{request}` | {outcome(exchange.response)} |")
    return "\n".join(rows)


def _exchange(number: int, exchange: DryExchange, sequence: Sequence) -> list[str]:
    request, response = exchange.request, exchange.response
    headers = [f"{name}: {value}" for name, value in get_headers(request, sequence.profile).items()]
    parts = [f"## {number}. {request}", f"Step: {request.step}", _fenced("http", "\n".join([f"{request}", *headers]))]
    if request.content is not None:
        parts.append(_fenced("xml", indented(request.content)))
    location = f", with `Location: {response.location}`" if response.location else ""
    parts.append(f"Expected response: **{phrase(response)}**{location}")
    if response.content:
        parts.append(_fenced("json" if is_json(response.content) else "xml", indented(response.content)))
    return parts


def _fenced(language: str, text: str) -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}"
