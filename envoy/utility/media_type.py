"""The media type and the encoding of messages, in Accept, Content-Type and Content-Encoding (IEEE 2030.5-2018, 5.6)."""

from __future__ import annotations

from envoy.utility.resource import RequestError
from sep2 import ErrorReasonCode

MEDIA_TYPE = "application/sep+xml"

_ACCEPTABLE = (MEDIA_TYPE, "application/*", "*/*")


def check_accept(accept: str, sent: str = "") -> None:
    """Check that a client takes what the utility sends; no header is as good as any.

    Args:
        accept: The Accept header.
        sent: What is sent, if that is not in the media type of messages.

    Raises:
        RequestError: The Accept header leaves no room for it.
    """
    if not accept.strip():
        return
    for media_range in accept.split(","):
        media_type, *parameters = (part.strip().lower() for part in media_range.split(";"))
        if media_type in (*_ACCEPTABLE, sent) and not any(_is_zero_quality(parameter) for parameter in parameters):
            return
    raise RequestError(406, f"Accept is {accept!r}, the server has {MEDIA_TYPE}")


def check_content_type(content_type: str) -> None:
    """Check that a body is in the media type of messages, whatever its parameters.

    Raises:
        RequestError: It is not.
    """
    if content_type.partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise RequestError(
            415, f"Content-Type is {content_type!r}, expected {MEDIA_TYPE}", ErrorReasonCode.INVALID_REQUEST_FORMAT
        )


def check_content_encoding(content_encoding: str) -> None:
    """Check that a body is not packed: nothing of a body is unpacked here, which also leaves no room for bombs.

    Raises:
        RequestError: It is, by whatever method.
    """
    if content_encoding.strip().lower() not in ("", "identity"):
        raise RequestError(
            415,
            f"Content-Encoding is {content_encoding!r}, bodies are taken as they are",
            ErrorReasonCode.INVALID_REQUEST_FORMAT,
            # RFC 9110, 15.5.16: it says that the encoding is meant, and not the media type.
            {"accept-encoding": "identity"},
        )


def _is_zero_quality(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    return name.strip() == "q" and value.strip(" 0") in ("", ".")
