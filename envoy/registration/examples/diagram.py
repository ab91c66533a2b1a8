"""A sequence diagram as SVG: two lifelines, an arrow for each request and one for its response, each a link."""

from __future__ import annotations

from collections.abc import Sequence as Many
from html import escape

from envoy._text import shorten
from envoy.registration.dry_run import DryExchange
from envoy.registration.examples.sequence import message_name, outcome

WIDTH = 460
_CLIENT, _SERVER = 34, 426
"""Where the lifelines are, in units of the drawing, which are pixels where there is room."""

_TOP = 62
_STEP, _EXCHANGE = 30, 54
_LONGEST = 34
"""Characters that fit between the lifelines, with the larger letters of a narrow screen too."""


def draw(exchanges: Many[DryExchange]) -> str:
    """Return the drawing. Each exchange links to ``#request-N``, N from 1."""
    parts: list[str] = []
    y = _TOP
    step = ""
    for number, exchange in enumerate(exchanges, 1):
        if exchange.request.step != step:
            step = exchange.request.step
            parts.append(_step(step, y))
            y += _STEP
        parts.append(_exchange(number, exchange, y))
        y += _EXCHANGE
    height = y + 12
    lines = "".join(f'<line class="life" x1="{x}" y1="42" x2="{x}" y2="{height - 6}"/>' for x in (_CLIENT, _SERVER))
    heads = _head("Client", _CLIENT - 26, 72) + _head("Utility server", _SERVER - 96, 122)
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="group" '
        'aria-label="Sequence diagram: requests of the client and responses of the utility server, in order">'
        + "\n".join([lines, heads, *parts, "</svg>"])
    )


def _head(name: str, x: int, width: int) -> str:
    return (
        f'<rect class="head" x="{x}" y="8" width="{width}" height="34" rx="8"/>'
        f'<text class="head" x="{x + width // 2}" y="30" text-anchor="middle">{name}</text>'
    )


def _step(name: str, y: int) -> str:
    middle = (_CLIENT + _SERVER) // 2
    return (
        f'<line class="step" x1="{_CLIENT + 12}" y1="{y + 8}" x2="{_SERVER - 12}" y2="{y + 8}"/>'
        f'<text class="step" x="{middle}" y="{y + 12}" text-anchor="middle">{escape(name)}</text>'
    )


def _exchange(number: int, exchange: DryExchange, y: int) -> str:
    request, response = exchange.request, exchange.response
    there, back = y + 14, y + 38
    shown = response.location or (message_name(response.content) if response.content else "")
    status = escape(shorten(f"{response.status} {shown}".strip(), _LONGEST + 5))
    method = request.method.lower()
    return f"""\
<a href="#request-{number}" class="{method}" aria-label="{escape(f"{number}: {request}, {outcome(response)}")}">
<title>{escape(f"{number}. {request}: {outcome(response)}")}</title>
<rect class="area" x="0" y="{y - 6}" width="{WIDTH}" height="{_EXCHANGE - 2}" rx="8"/>
<line class="there" x1="{_CLIENT + 12}" y1="{there}" x2="{_SERVER - 10}" y2="{there}"/>
<path class="tip" d="M{_SERVER - 1} {there} l-10 -5 v10 z"/>
<text class="request" x="{_CLIENT + 22}" y="{there - 5}"><tspan class="verb">{request.method}</tspan>
<tspan>{escape(shorten(request.href, _LONGEST))}</tspan></text>
<line class="back" x1="{_SERVER}" y1="{back}" x2="{_CLIENT + 22}" y2="{back}"/>
<path class="tip" d="M{_CLIENT + 13} {back} l10 -5 v10 z"/>
<text class="response" x="{_SERVER - 14}" y="{back - 5}" text-anchor="end">{status}</text>
<circle class="number" cx="{_CLIENT}" cy="{there}" r="12"/>
<text class="number" x="{_CLIENT}" y="{there + 4}" text-anchor="middle">{number}</text>
</a>"""
