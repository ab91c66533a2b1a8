"""Error responses: their status and body, in whatever format, as an exception with a remedy."""

from __future__ import annotations

import contextlib
import html
import json
import re

from envoy import documents
from envoy._text import shorten
from envoy.errors import DocumentError, ResponseError
from envoy.protocol.flow import Request, Response
from sep2 import Error

_HTML_TAGS = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.IGNORECASE | re.DOTALL)

_REASONS = {
    0: "invalid request format",
    1: "invalid request values",
    2: "resource limit reached",
    3: "conditional subscription not supported",
    4: "too many requests",
}

_REMEDIES = {
    300: "The server redirects in a way that cannot be followed: check the URL, or report it to the utility.",
    400: "The server could not accept the message: compare it with what the server documents (envoy examples).",
    401: "The server does not know this certificate or token: ask the utility whether it is enrolled.",
    403: "The server knows you and refuses this: ask the utility whether devices are registered out of band.",
    404: "The server has nothing there: the link may be stale, or the device belongs to another certificate.",
    405: "The server does not support this method there: report it to the utility.",
    406: "The server cannot respond in this media type: try another --profile.",
    409: "The server has something that contradicts it: ask the utility what it has for this device.",
    413: "The server refuses the message as too large: send less at a time.",
    415: "The server does not accept this media type: try another --profile.",
    429: "The server limits the rate of requests: try again later.",
    500: "The server failed: try again later; what was done so far will be found and not repeated.",
    503: "The server is not available: try again later; what was done so far will be found and not repeated.",
}


def read_error(request: Request, response: Response) -> ResponseError:
    """Return the error that a response reports: its status, what its body says, and what to do."""
    status = response.status
    code, retry, body = _body_says(response.content)
    said = [body] if body else []
    if status == 405 and response.headers.get("allow"):
        said.append(f"allowed: {response.headers['allow']}")
    after = response.headers.get("retry-after", "")
    if after:
        said.append(f"retry after {after}" + (" s" if after.isdecimal() else ""))
    return ResponseError(
        f"the server responded with {status}" + (f" ({'; '.join(said)})" if said else ""),
        status=status,
        where=str(request),
        # An unknown code means the same as the first of its class.
        remedy=_REMEDIES.get(status) or _REMEDIES.get(status // 100 * 100, ""),
        reason_code=code,
        max_retry_duration=retry,
    )


def _body_says(content: bytes) -> tuple[int | None, int | None, str]:
    """Return reasonCode, maxRetryDuration and a readable excerpt of an error's body, whatever format it has."""
    if not content.strip():
        return None, None, ""
    try:
        error = documents.loads(content, Error, on_error=lambda _: None)
    except DocumentError:
        return None, None, excerpt(content)
    code = None if error.reason_code is None else int(error.reason_code)
    said = "Error without a reasonCode"
    if code is not None:
        said = f"Error reasonCode {code}, {_REASONS.get(code, 'reserved')}"
    if error.max_retry_duration is not None:
        said += f", retry within {error.max_retry_duration} s"
    return code, error.max_retry_duration, said


def is_html(content: bytes) -> bool:
    """Whether a body is a page for people."""
    return re.search(rb"<(!doctype )?html", content[:1000], re.IGNORECASE) is not None


def excerpt(content: bytes) -> str:
    """Return the beginning of a body as one line that is safe to print."""
    text = content[:20_000].decode("utf-8", "replace")
    if is_html(content):
        text = html.unescape(_HTML_TAGS.sub(" ", text))
    else:
        with contextlib.suppress(ValueError, RecursionError):
            decoded = json.loads(content)
            text = decoded if isinstance(decoded, str) else json.dumps(decoded, ensure_ascii=False)
    # What a terminal would take as a command is not printed.
    text = " ".join("".join(x if x.isprintable() else " " for x in text).split())
    return shorten(text, 200)
