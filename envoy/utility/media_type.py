"""The media type, level and encoding of messages: Accept, Content-Type, Content-Encoding (IEEE 2030.5-2018, 5.6)."""

from __future__ import annotations

import re

from envoy.profiles import LEVELS
from envoy.protocol.level import find_level
from envoy.utility.resource import RequestError
from sep2 import ErrorReasonCode

MEDIA_TYPE = "application/sep+xml"

_ACCEPTABLE = (MEDIA_TYPE, "application/*", "*/*")


def check_accept(accept: str, expected: str, sent: str = "") -> None:
    """Check that a client takes what the utility sends.

    In a profile whose media type has parameters (CSIP-AUS 1.3) it has to ask for just that; in others no header is as
    good as any.

    Args:
        accept: The Accept header.
        expected: The media type of messages in the profile.
        sent: What is sent, if that is not in the media type of messages.

    Raises:
        RequestError: The Accept header leaves no room for it, or is missing.
    """
    strict = ";" in expected and not sent
    if not accept.strip():
        if strict:
            raise RequestError(400, f"there is no Accept header, expected {expected}")
        return
    for media_range in accept.split(","):
        media_type, *parameters = (part.strip().lower() for part in media_range.split(";"))
        fits = _is_expected(media_range, expected) if strict else media_type in (*_ACCEPTABLE, expected, sent)
        if fits and not any(_is_zero_quality(parameter) for parameter in parameters):
            return
    raise RequestError(406, f"Accept is {accept!r}, the server has {sent or expected}")


def check_content_type(content_type: str, expected: str) -> None:
    """Check that a body is in the media type of messages.

    Args:
        content_type: The Content-Type header.
        expected: The media type of messages in the profile. Its parameters have to be there, others may be.

    Raises:
        RequestError: It is not.
    """
    if not _is_expected(content_type, expected):
        raise RequestError(
            415, f"Content-Type is {content_type!r}, expected {expected}", ErrorReasonCode.INVALID_REQUEST_FORMAT
        )


def choose_level(accept: str, content_type: str = "") -> str:
    """Return the level that a client wants to be responded to in, of those that there are (5.7).

    What it accepts counts before what it sends, and of two levels that it accepts equally the later one.

    Args:
        accept: The Accept header.
        content_type: The Content-Type header of its body; empty if it has none.

    Raises:
        RequestError: It accepts, or has sent, no level that there is.
    """
    known = LEVELS.values()
    if (sent := find_level(content_type)) and sent not in known:
        raise RequestError(
            415,
            f"Content-Type is {content_type!r}, expected the level {' or '.join(known)}",
            ErrorReasonCode.INVALID_REQUEST_FORMAT,
        )
    ranges = [media_range for media_range in accept.split(",") if _parts(media_range)[0] in (MEDIA_TYPE, *_ACCEPTABLE)]
    wanted = [(_quality(media_range), find_level(media_range)) for media_range in ranges]
    levels = [(quality, level or sent) for quality, level in wanted if quality > 0 and level in ("", *known)]
    if wanted and not levels:
        raise RequestError(406, f"Accept is {accept!r}, the server has the level {' and '.join(known)}")
    return max(levels, default=(1.0, sent))[1] or LEVELS["2018"]


def _quality(media_range: str) -> float:
    for parameter in _parts(media_range)[1:]:
        name, _, value = parameter.partition("=")
        if name == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def _is_expected(media_type: str, expected: str) -> bool:
    """Return whether a media type is another one, apart from parameters that only it has."""
    name, *parameters = _parts(media_type)
    wanted, *needed = _parts(expected)
    return name == wanted and set(needed) <= set(parameters)


def _parts(media_type: str) -> list[str]:
    return [re.sub(r"\s*=\s*", "=", part.strip().lower()).replace('"', "") for part in media_type.split(";")]


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
