"""The ASGI middleware that injects faults, down to the socket.

What breaks the connection is the ASGI extension ``envoy.connection`` of ``ClientCertificateProtocol``: any other end in
the middle of a response is an error of the application to uvicorn, which logs it with a traceback.
"""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from envoy.documents import dumps
from envoy.server.faults import Action, Delay, Drop, ErrorResponse, Faults, Spoil
from envoy.server.http_protocol import End
from envoy.server.recorder import Recorder
from envoy.server.scope import href_of
from envoy.utility import Utility
from sep2 import Error, ErrorReasonCode

GARBAGE = b"\x00\xff<html>not what you asked for</"
"""A body that is nothing, in no encoding."""


class FaultLayer:
    """ASGI middleware that lets each request through, or does to it what the faults have for it.

    Args:
        app: The server.
        utility: The utility that it serves.
        faults: What goes wrong.
        recorder: Where to note each request; None for nowhere.
    """

    def __init__(self, app: ASGIApp, utility: Utility, faults: Faults, recorder: Recorder | None) -> None:
        self.app = app
        self.utility = utility
        self.faults = faults
        self.recorder = recorder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        action = self.faults.next_for(scope["method"], scope["path"], href_of(scope))
        if self.recorder is not None:
            seen = self.recorder.begin(scope)
            seen.fault = str(action or "")
            receive, send = self.recorder.watch(seen, receive, send)
        if action is not None or self.faults.latency:
            # Read to its end first: what happens then does not depend on how much of it has come.
            receive = await _whole(receive, self.utility.settings.max_body)
            if not await self._wait(action):
                break_off(scope, "reset")
                return
        if action is not None and self.utility.log is not None:
            done = f"{action.status} refused" if isinstance(action, ErrorResponse) else str(action)
            self.utility.log(f"{scope['method']} {quote(scope['path'])} {done} on purpose")
        if action is None or isinstance(action, Delay):
            await self.app(scope, receive, send)
        elif isinstance(action, ErrorResponse):
            await self._error_response(action, scope)(scope, receive, send)
        elif isinstance(action, Drop) and not action.after:
            break_off(scope, action.end)
        else:
            response = _HeldResponse()
            await self.app(scope, receive, response.hold)
            await _spoil(action, response, scope, send)

    async def _wait(self, action: Action | None) -> bool:
        """Wait as long as the faults ask for; return whether there was no reset meanwhile."""
        seconds = self.faults.latency + (action.seconds if isinstance(action, Delay) else 0)
        if not seconds:
            return True
        try:
            await asyncio.wait_for(self.faults.ended.wait(), seconds)
        except TimeoutError:
            return True
        return False

    def _error_response(self, action: ErrorResponse, scope: Scope) -> Response:
        headers = {"location": action.location} if action.location else {}
        if action.retry_after is not None:
            headers["retry-after"] = str(action.retry_after)
        if action.status < 400:
            return Response(None, action.status, headers)
        profile = self.utility.find_profile(Headers(scope=scope))
        error = Error(reason_code=ErrorReasonCode.RESOURCE_LIMIT_REACHED, max_retry_duration=action.retry_after)
        headers["content-type"] = profile.content_type
        return Response(dumps(error, profile=profile, validate=False), action.status, headers)


class _HeldResponse:
    """A response of the server that is held back."""

    def __init__(self) -> None:
        self.start: Message = {}
        self.body = b""

    async def hold(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
        self.body += message.get("body", b"")


async def _spoil(action: Drop | Spoil, response: _HeldResponse, scope: Scope, send: Send) -> None:
    if isinstance(action, Drop):
        break_off(scope, action.end)
        return
    visible = response.body if scope["method"] != "HEAD" else b""
    if action.how == "garbage":
        await send(_with_length(response.start, len(GARBAGE)))
        await send({"type": "http.response.body", "body": GARBAGE})
    elif visible:
        await send(response.start)
        await send({"type": "http.response.body", "body": visible[: len(visible) // 2], "more_body": True})
        break_off(scope, "close")
    else:
        break_off(scope, "close", f"HTTP/1.1 {response.start['status']} ".encode())


def _with_length(start: Message, length: int) -> Message:
    headers = [(name, value) for name, value in start["headers"] if name != b"content-length"]
    headers.append((b"content-length", str(length).encode()))
    # A 204 has no room for a body.
    return {**start, "status": 200 if start["status"] == 204 else start["status"], "headers": headers}


async def _whole(receive: Receive, limit: int) -> Receive:
    """Read a request to its end, or a little beyond the limit; return a channel that gives the same again."""
    messages: list[Message] = []
    size = 0
    more = True
    while more and size <= limit:
        message = await receive()
        messages.append(message)
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    left = iter(messages)

    async def again() -> Message:
        return next(left, None) or await receive()

    return again


def break_off(scope: Scope, end: End, rest: bytes = b"") -> None:
    """End the connection under a request, after these last octets if it ends in order.

    Raises:
        RuntimeError: What runs the application has no way to do so.
    """
    extension: dict[str, Any] = scope.get("extensions", {}).get("envoy.connection", {})
    if not extension:
        raise RuntimeError("the ASGI server that runs this application cannot break a connection off, envoy serve can")
    extension["break_off"](end, rest)
