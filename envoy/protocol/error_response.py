"""Error responses: their status and body, in whatever format, as an exception with a remedy."""

from __future__ import annotations

import contextlib
import html
import json
import re
from typing import Any, NamedTuple

import sep2
from envoy import documents
from envoy._text import shorten
from envoy.codec.parser import parse, to_octets
from envoy.errors import DocumentError, ResponseError
from envoy.protocol import quirks
from envoy.protocol.flow import Request, Response
from envoy.tls.refusal import explain_refusal

_HTML_TAGS = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.IGNORECASE | re.DOTALL)

_LONGEST = 200
"""Characters of a body that are shown."""

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
    406: "The server cannot respond in this media type: try another profile.",
    409: "The server has something that contradicts it: ask the utility what it has for this device.",
    413: "The server refuses the message as too large: send less at a time.",
    415: "The server does not accept this media type: try another profile.",
    429: "The server limits the rate of requests: try again later.",
    500: "The server failed: try again later; what was done so far will be found and not repeated.",
    503: "The server is not available: try again later; what was done so far will be found and not repeated.",
}


_REMEDIES_BY_WORDS = tuple(
    (re.compile(words, re.IGNORECASE), remedy)
    for words, remedy in (
        (
            r"\b[sl]fdi mismatch",
            "With a device's certificate the server takes that device alone: give the site the LFDI of the certificate "
            "(envoy identity), or use the certificate of an aggregator.",
        ),
        (
            r"[sl]fdi.*conflict",
            "The server has a device of this LFDI or SFDI: ask the utility for whom it is registered.",
        ),
        (
            r"marked as expired|certificate .*expired",
            "The server knows this certificate as one that has expired: ask the utility for a new one.",
        ),
        (
            r"unrecogni[sz]ed client certificate",
            "The server does not know this certificate: ask the utility whether it is enrolled.",
        ),
        (
            r"missing certificate .*(header|fingerprint)|certificate .*gateway",
            "The proxy before the server does not pass certificates on to it: report it to the utility.",
        ),
        (
            r"aggregator enddevice",
            "This EndDevice stands for the aggregator itself: use that of the site.",
        ),
        (
            r"invalid connectionpoint|\bnmi\b.*(invalid|format|length)|(invalid|bad) nmi",
            "Check the NMI of the site: 10 characters, or 11 with the check digit, of the utility's own network.",
        ),
        (
            r"(does?modes|does?control|vppmodes|\bvpp|\bdoe).*(required|missing)",
            "The server needs a CSIP-AUS element, which it knows in one namespace alone: try another profile, or add "
            "it to the site.",
        ),
        (
            r"field required|missing (field|element)|(field|element)\b.* is (missing|required)",
            "The server needs something that the message does not have: add it to the site.",
        ),
    )
)
"""What servers say, and what to do about it; the first that is found counts. Most words are those of bsgip/envoy 1.5.0
and 2.2.0."""

_WORDED = frozenset({400, 401, 403, 409, 422, 500})
"""Statuses that servers have for many things, so that words say more."""

_SEARCHED = 2000
"""Characters of a body in which words are looked for."""


def read_error(request: Request, response: Response) -> ResponseError:
    """Return the error that a response reports: its status, what its body says, and what to do."""
    status = response.status
    body = _read_body(response.content)
    said = [body.said] if body.said else []
    if status == 405 and response.headers.get("allow"):
        said.append(f"allowed: {shorten(response.headers['allow'], 100)}")
    after = shorten(response.headers.get("retry-after", ""), 60)
    if after:
        said.append(f"retry after {after}" + (" s" if after.isdecimal() else ""))
    return ResponseError(
        f"the server responded with {status}" + (f" ({'; '.join(said)})" if said else ""),
        status=status,
        where=str(request),
        remedy=_remedy(status, body.message[:_SEARCHED]),
        reason_code=body.reason_code,
        max_retry_duration=body.max_retry_duration,
    )


def _remedy(status: int, text: str) -> str:
    refusal = explain_refusal(status, text)
    if refusal is not None:
        return f"{refusal.what[0].upper()}{refusal.what[1:]}. {refusal.remedy}"
    worded = _REMEDIES_BY_WORDS if status in _WORDED else ()
    found = next((remedy for words, remedy in worded if words.search(text)), "")
    if found:
        return found
    # An unknown code means the same as the first of its class.
    return _REMEDIES.get(status) or _REMEDIES.get(status // 100 * 100, "")


class _Body(NamedTuple):
    """What the body of an error says.

    Attributes:
        said: A readable excerpt.
        message: What it says to people, in full.
        reason_code: ``reasonCode``, if it has one.
        max_retry_duration: ``maxRetryDuration``, if it has one.
    """

    said: str = ""
    message: str = ""
    reason_code: int | None = None
    max_retry_duration: int | None = None


def _read_body(content: bytes) -> _Body:
    text = _clean(content)
    return _read_error(content) or _Body(shorten(text, _LONGEST), text)


def _read_error(content: bytes) -> _Body | None:
    """Return what an Error says; None if the body is something else."""
    try:
        error = documents.loads(content, sep2.Error, on_error=lambda _: None)
    except DocumentError:
        return None
    code = None if error.reason_code is None else int(error.reason_code)
    said = "Error without a reasonCode"
    if code is not None:
        said = f"Error reasonCode {code}, {_REASONS.get(code, 'reserved')}"
    if error.max_retry_duration is not None:
        said += f", retry within {error.max_retry_duration} s"
    message = _message(content)
    if message:
        said += f": {shorten(message, _LONGEST)}"
    return _Body(said, message, code, error.max_retry_duration)


def _message(content: bytes) -> str:
    """Return the ``message`` that the Error of some servers has, which no schema has (quirk ``error-message``)."""
    root = parse(to_octets(content))
    return next((_clean(_text_of(each)) for each in root if _name(each) == quirks.ERROR_MESSAGE), "")


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _text_of(element: Any) -> bytes:
    return "".join(element.itertext()).encode()


def describe_body(content: bytes) -> str:
    """Return what a body says that is not the resource that was asked for, as one line that is safe to print.

    Returns:
        Empty for XML other than an Error, whose root element says what it is, and for what is not text.
    """
    if b"\0" in content or "\ufffd" in content[:_LONGEST].decode("utf-8", "replace")[:-1]:
        return ""
    if content.strip().startswith(b"<") and not _is_html(content):
        error = _read_error(content)
        return error.said if error else ""
    return shorten(_clean(content), _LONGEST)


def _is_html(content: bytes) -> bool:
    """Whether a body is a page for people."""
    return re.search(rb"<(!doctype )?html", content[:1000], re.IGNORECASE) is not None


def _clean(content: bytes) -> str:
    """Return the beginning of a body as one line that is safe to print, of any length."""
    text = content[:20_000].decode("utf-8", "replace")
    if _is_html(content):
        text = html.unescape(_HTML_TAGS.sub(" ", text))
    else:
        with contextlib.suppress(ValueError, RecursionError):
            decoded = json.loads(content)
            text = _list_errors(decoded) or (
                decoded if isinstance(decoded, str) else json.dumps(decoded, ensure_ascii=False)
            )
    # What a terminal would take as a command is not printed.
    return " ".join("".join(x if x.isprintable() else " " for x in text).split())


def _list_errors(decoded: Any) -> str:
    """Return the errors that a validator in Python lists, each with its place; empty if it is not such a list."""
    if isinstance(decoded, dict):
        decoded = decoded.get("detail")
    match decoded:
        case [{"msg": str()}, *_]:
            errors = (each for each in decoded if isinstance(each, dict) and isinstance(each.get("loc"), list))
            return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each.get('msg')}" for each in errors)
    return ""
