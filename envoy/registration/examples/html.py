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
from envoy.registration.examples.notes import notes_of
from envoy.registration.examples.sequence import MADE_UP, Sequence, indented, is_json, message_name, phrase, template


def render(sequence: Sequence) -> str:
    """Return the page."""
    return template("page.html").format(
        title=escape(sequence.heading),
        style=template("page.css"),
        script=template("copy.js"),
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
    sent = _message(f"Request {number}", start, request.content, sequence)
    start = {phrase(response): "", **({"Location": response.location} if response.location else {})}
    received = _message(f"Response {number}", start, response.content or None, sequence)
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


def _message(label: str, start: dict[str, str], content: bytes | None, sequence: Sequence) -> str:
    """Return the block of a message: its first line and headers, and its body, with notes beside the numbers.

    What is wider than the page can be scrolled, by keyboard too, which is why the block can have the focus.
    """
    text = "\n".join(
        f'<span class="name">{escape(name)}:</span> {escape(value)}' if value else f"<b>{escape(name)}</b>"
        for name, value in start.items()
    )
    copy = ""
    if content is not None:
        copy = f'<button type="button" class="copy" hidden aria-label="Copy the body of {label.lower()}">Copy</button>'
        text += f'\n\n<code class="body">{_body(content, sequence)}</code>'
    return f'<div class="block">{copy}<pre tabindex="0" role="region" aria-label="{label}">{text}</pre></div>'


def _body(content: bytes, sequence: Sequence) -> str:
    """Return a body in colours, with a note at the end of each line that has one; it is not copied."""
    document = indented(content)
    if is_json(content):
        return highlight(document, JsonLexer(), HtmlFormatter(nowrap=True)).rstrip()
    lines = highlight(document, XmlLexer(), HtmlFormatter(nowrap=True)).rstrip().split("\n")
    for note in notes_of(document, sequence.profile):
        shown = escape(note.text)
        if sequence.docs:
            place = escape(f"{sequence.docs.rstrip('/')}/reference/sep2/{note.page}/#{note.anchor}")
            shown = f'<a href="{place}">{shown}</a>'
        lines[note.line - 1] += f' <span class="note">{shown}</span>'
    return "\n".join(lines)
