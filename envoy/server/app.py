"""The ASGI application around a utility: bodies no longer than it takes, and a log of what fails."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from envoy.protocol.flow import Response as UtilityResponse
from envoy.server.fault_layer import FaultLayer
from envoy.server.faults import Faults
from envoy.server.recorder import Recorder
from envoy.server.scope import client_lfdi, href_of
from envoy.utility import Utility
from envoy.utility.resource import RequestError
from sep2 import ErrorReasonCode

_logger = logging.getLogger("envoy.server")


def create_app(utility: Utility, *, faults: Faults | None = None, recorder: Recorder | None = None) -> ASGIApp:
    """Return the server as an ASGI application.

    It has to run behind something that demands client certificates and passes them on in ``client_cert_chain`` of
    ASGI's TLS extension; without one it responds with 403 to everything.

    Args:
        utility: What it serves. The caller closes it.
        faults: What is injected; None for nothing.
        recorder: Where to note each request; None for nowhere.
    """
    return FaultLayer(_App(utility), utility, Faults() if faults is None else faults, recorder)


_LARGE = 1 << 14
"""Octets of a body from which on it is decoded in another thread, so that other clients do not wait meanwhile."""


class _App:
    def __init__(self, utility: Utility) -> None:
        self._utility = utility
        # A single one: however many large bodies come, it takes turns with the thread that serves everybody.
        self._decoder = ThreadPoolExecutor(1, thread_name_prefix="decoder")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._respond(request)
        except Exception:
            _logger.exception("%s %s failed", request.method, scope["path"])
            failure = RequestError(500, "failed, see the traceback", ErrorReasonCode.RESOURCE_LIMIT_REACHED)
            response = self._utility.reject(request.method, href_of(scope), failure)
        await Response(response.content, response.status, dict(response.headers))(scope, receive, send)

    async def _respond(self, request: Request) -> UtilityResponse:
        method, href, client = request.method, href_of(request.scope), client_lfdi(request.scope)
        headers = {name: ",".join(request.headers.getlist(name)) for name in request.headers}
        content = None
        if method in ("POST", "PUT"):
            # What is refused by its head is not worth reading to its end.
            refusal = self._utility.refuse(method, href, client=client, headers=headers)
            if refusal is not None:
                return refusal
            content = await _body(request, self._utility.settings.max_body)
        decoded = None
        if content is not None and len(content) > _LARGE:
            decoded = await asyncio.get_running_loop().run_in_executor(self._decoder, self._utility.decode, content)
        # Nothing is awaited in here: requests are processed one at a time.
        return self._utility.respond(method, href, client=client, headers=headers, content=content, decoded=decoded)


async def _body(request: Request, limit: int) -> bytes | None:
    """Return the body of a request, or as much of it as is over the limit; None if the client went away."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                break
    except ClientDisconnect:
        return None
    return bytes(body)
