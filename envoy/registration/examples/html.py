"""A self-contained HTML page: the sequence drawn, and each message to unfold, highlighted."""

from __future__ import annotations

from html import escape

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import XmlLexer
from pygments.lexers.data import JsonLexer

from envoy.protocol.flow import get_headers
from envoy.registration.dry_run import DryExchange
from envoy.registration.examples.diagram import draw
from envoy.registration.examples.sequence import MADE_UP, Sequence, indented, is_json, message_name, phrase, template


def render(sequence: Sequence) -> str:
    """Return the page."""
    return template("page.html").format(
        title=escape(sequence.heading),
        style=template("page.css"),
        subject=f"Registration of {escape(sequence.title)}",
        profile=escape(sequence.profile.name),
        server=escape(sequence.server),
        count=len(sequence.exchanges),
        note=escape(MADE_UP),
        diagram=draw(sequence.exchanges),
        messages="\n".join(
            _exchange(number, exchange, sequence) for number, exchange in enumerate(sequence.exchanges, 1)
        ),
    )


def _exchange(number: int, exchange: DryExchange, sequence: Sequence) -> str:
    request, response = exchange.request, exchange.response
    # What writes is what a reader comes for; the rest is a click away. A link to inside opens it as well.
    verb = f'<span class="method {request.method.lower()}">{request.method}</span>'
    shown = " open" if request.content is not None else ""
    start = {f"{request}": "", **get_headers(request, sequence.profile)}
    sent = _message(f"Request {number}", start, request.content)
    start = {phrase(response): "", **({"Location": response.location} if response.location else {})}
    received = _message(f"Answer {number}", start, response.content or None)
    return f"""\
<details{shown}>
<summary><span class="number">{number}</span> {verb} <code>{escape(request.href)}</code>
<span class="status">{escape(_short(exchange))}</span></summary>
<div class="exchange" id="request-{number}">
<h3>Request <small>step {escape(request.step)}</small></h3>
{sent}
<h3>Expected response</h3>
{received}
</div>
</details>"""


def _short(exchange: DryExchange) -> str:
    response = exchange.response
    return f"{response.status} {message_name(response.content)}" if response.content else str(response.status)


def _message(label: str, start: dict[str, str], content: bytes | None) -> str:
    """Return the block of a message: its first line and headers, and its body.

    What is wider than the page can be scrolled, by keyboard too, which is why the block can have the focus.
    """
    text = "\n".join(
        f'<span class="name">{escape(name)}:</span> {escape(value)}' if value else f"<b>{escape(name)}</b>"
        for name, value in start.items()
    )
    if content is not None:
        lexer = JsonLexer() if is_json(content) else XmlLexer()
        text += f"\n\n{highlight(indented(content), lexer, HtmlFormatter(nowrap=True)).rstrip()}"
    return f'<pre tabindex="0" role="region" aria-label="{label}">{text}</pre>'
