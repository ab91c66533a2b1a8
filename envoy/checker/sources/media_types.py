"""Media types of messages: those of the standard, and XML in a namespace of it."""

from __future__ import annotations

from envoy.checker.detection import is_message

_MESSAGES = ("application/sep+xml", "application/sep-exi")
_XML = ("application/xml", "text/xml", "")


def media_type(content_type: str) -> tuple[str, dict[str, str]]:
    """Return media type and parameters of a Content-Type, in lower case."""
    kind, *parts = (part.strip().lower() for part in content_type.split(";"))
    parameters = dict(part.split("=", 1) for part in parts if "=" in part)
    return kind, {name.strip(): value.strip().strip('"') for name, value in parameters.items()}


def is_sep(content_type: str) -> bool:
    """Whether a Content-Type alone says that the body is a message (5.6)."""
    return media_type(content_type)[0] in _MESSAGES


def may_be_message(content_type: str) -> bool:
    """Whether a body of this Content-Type may be a message, which its namespace decides."""
    return is_sep(content_type) or media_type(content_type)[0] in _XML


def is_message_body(content_type: str, body: bytes) -> bool:
    """Whether a body is a message; plain XML has to be in a namespace of the standard or of CSIP-AUS to be one."""
    return is_sep(content_type) or (may_be_message(content_type) and is_message(body))
