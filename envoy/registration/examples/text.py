"""Requests as they go over the wire: method and URL, headers, and the body indented."""

from __future__ import annotations

from envoy.profiles import Profile
from envoy.protocol.flow import Request, get_headers
from envoy.registration.examples.sequence import Sequence, indented


def render(sequence: Sequence) -> str:
    """Return the requests, with an empty line between."""
    requests = (as_text(exchange.request, sequence.profile, sequence.server) for exchange in sequence.exchanges)
    return "\n\n".join(requests) + "\n"


def as_text(request: Request, profile: Profile, server: str) -> str:
    """Return one request.

    Args:
        request: The request.
        profile: Decides the headers.
        server: URL of the server, without a path.
    """
    lines = [f"{request.method} {server}{request.href}"]
    lines += [f"{name}: {value}" for name, value in get_headers(request, profile).items()]
    if request.content is not None:
        lines += ["", indented(request.content)]
    return "\n".join(lines)
