"""The rules of HTTP that hold for every resource: who asks, in which media type, with how much (5.6, 5.7)."""

from __future__ import annotations

import ssl
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from envoy.documents import dumps, loads
from envoy.errors import DocumentError
from envoy.identity import lfdi_of_certificate
from envoy.profiles import Profile
from envoy.utility.call import RefusedError, Reply, too_large
from envoy.validation.findings import ValidationError
from sep2 import Error, ErrorReasonCode

MEDIA_TYPE = "application/sep+xml"

_ACCEPTABLE = (MEDIA_TYPE, "application/*", "*/*")
_FORMAT = ErrorReasonCode.INVALID_REQUEST_FORMAT


def client_lfdi(request: Request) -> bytes:
    """Return the LFDI of the client's certificate.

    Raises:
        RefusedError: The server in front of the application passed no certificate on.
    """
    chain = request.scope.get("extensions", {}).get("tls", {}).get("client_cert_chain", ())
    if not chain:
        raise RefusedError(403, "no client certificate")
    return lfdi_of_certificate(ssl.PEM_cert_to_DER_cert(chain[0]))


def check_accept(request: Request) -> None:
    """Check that the client takes what the server sends.

    Raises:
        RefusedError: The Accept header leaves no room for application/sep+xml.
    """
    accept = ",".join(request.headers.getlist("accept"))
    if not accept.strip():
        return
    for media_range in accept.split(","):
        media_type, *parameters = (part.strip().lower() for part in media_range.split(";"))
        if media_type in _ACCEPTABLE and not any(_is_zero_quality(parameter) for parameter in parameters):
            return
    raise RefusedError(406, f"Accept is {accept!r}, the server has {MEDIA_TYPE}")


def _is_zero_quality(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    return name.strip() == "q" and value.strip(" 0") in ("", ".")


async def read_body(request: Request, limit: int) -> bytes:
    """Return the body of a request, never holding more of it than the limit.

    Raises:
        RefusedError: It has another media type, it is too long, or the client went away.
    """
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise RefusedError(415, f"Content-Type is {content_type!r}, expected {MEDIA_TYPE}", _FORMAT)
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > limit:
        raise too_large(f"the body has {announced} octets, at most {limit} are taken")
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise too_large(f"the body has more than {limit} octets")
    except ClientDisconnect:
        raise RefusedError(400, "the client went away before the body was complete", _FORMAT) from None
    return bytes(body)


def typed(data: bytes, expected: tuple[type, ...], profile: Profile) -> Any:
    """Return the typed object of a body, after the schema has judged it.

    Raises:
        RefusedError: It is not XML, the schema does not allow it, or it is not one of the expected messages.
    """
    try:
        found = loads(data, profile=profile, validate=True, max_size=None)
    except (DocumentError, ValidationError) as error:
        raise RefusedError(400, str(error), _FORMAT) from None
    if not isinstance(found, expected):
        names = " or ".join(cls.__name__ for cls in expected)
        raise RefusedError(400, f"the body is a {type(found).__name__}, expected {names}", _FORMAT)
    return found


def response(reply: Reply, profile: Profile) -> Response:
    """Return the response for a reply."""
    return _response(reply.status, reply.body, profile, {"location": reply.location} if reply.location else {})


def error_response(refused: RefusedError, profile: Profile) -> Response:
    """Return the response to a refused request: an Error document."""
    return _response(refused.status, Error(reason_code=refused.reason), profile, refused.headers)


def _response(status: int, body: Any, profile: Profile, headers: dict[str, str]) -> Response:
    if body is None:
        return Response(None, status, headers)
    content = dumps(body, profile=profile, validate=False)
    return Response(content, status, {**headers, "content-type": profile.content_type})
