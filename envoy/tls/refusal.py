"""Refusals of a client certificate in HTTP, by servers that end the handshake first and look at the certificate then.

nginx does so wherever ``ssl_verify_client`` is on: it responds with 400 and a page. Other proxies have a status or a
page of their own. No request of such a client comes to the utility server behind.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_STATUSES = {495: "refused", 496: "missing"}
"""nginx's own statuses, which a configuration may let out."""

_TEXTS = (
    ("missing", re.compile(r"no required ssl certificate|(client|ssl) certificate (is )?required", re.IGNORECASE)),
    ("refused", re.compile(r"the ssl certificate error|certificate verif\w+ (failed|error)", re.IGNORECASE)),
    ("no TLS", re.compile(r"plain http request was sent to (an |the )?https port", re.IGNORECASE)),
)

_MEANINGS = {
    "missing": (
        "the server wants a client certificate",
        "Give the one that the utility's CA signed: cert=.",
    ),
    "refused": (
        "the server does not accept our certificate",
        "Use a certificate that the utility's CA signed and that has not expired, with its chain in the file: cert=.",
    ),
    "no TLS": ("the server speaks TLS there", "Write the URL with https://."),
}


class Refusal(NamedTuple):
    """Why a server does not let a client in.

    Attributes:
        what: What is wrong.
        remedy: What to do.
        demands: Whether the server wants a certificate and got none.
    """

    what: str
    remedy: str
    demands: bool


def explain_refusal(status: int, text: str) -> Refusal | None:
    """Return why a server refuses a client's TLS in HTTP; None if it does not.

    Args:
        status: HTTP status code.
        text: The body of the response, with or without the tags of HTML.
    """
    if not 400 <= status < 500:
        return None
    found = next((meaning for meaning, pattern in _TEXTS if pattern.search(text)), "")
    meaning = _STATUSES.get(status) or (found if status in (400, 401, 403) else "")
    return Refusal(*_MEANINGS[meaning], demands=meaning == "missing") if meaning else None
