"""The layer in front of the server that makes requests go wrong on purpose, down to the socket.

What breaks the connection is the ASGI extension ``envoy.connection`` of ``ClientCertificateProtocol``: any other end in
the middle of a response is a fault of the application to uvicorn, which logs it with a traceback.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from envoy.profiles import Profile
from envoy.server.http import response
from envoy.server.recorder import Recorder, href_of
from envoy.server.tls import End
from envoy.utility.call import Reply
from envoy.utility.faults import Action, Answer, Delay, Drop, Faults, Garbage, Truncate
from envoy.utility.settings import Settings
from sep2 import Error, ErrorReasonCode

GARBAGE = b"\x00\xff<html>not what you asked for</"
"""A body that is nothing, in no encoding."""


class DisturbanceLayer:
    """ASGI middleware that lets each request through, or does to it what the faults have for it.

    Args:
        app: The server.
        settings: Its settings.
        profile: How its messages look.
        faults: What goes wrong.
        recorder: Where to note what comes; None for nowhere.
    """

    def __init__(
        self, app: ASGIApp, *, settings: Settings, profile: Profile, faults: Faults, recorder: Recorder | None
    ) -> None:
        self.app = app
        self.settings = settings
        self.profile = profile
        self.faults = faults
        self.recorder = recorder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        action = self.faults.next_for(scope["method"], scope["path"], href_of(scope))
        if self.recorder is not None:
            seen = self.recorder.begin(scope)
            seen.fault = str(action or "")
            receive, send = seen.watch(receive, send)
        if action is not None or self.faults.latency:
            # Read to its end first: what happens then does not depend on how much of it has come.
            receive = await _whole(receive, self.settings.max_body)
            if not await self._wait(action):
                break_off(scope, "reset")
                return
        if action is not None:
            self._log(scope, action)
        if action is None or isinstance(action, Delay):
            await self.app(scope, receive, send)
        elif isinstance(action, Answer):
            await self._answer(action)(scope, receive, send)
        elif isinstance(action, Drop) and not action.after:
            break_off(scope, action.end)
        else:
            answer = _Answered()
            await self.app(scope, receive, answer.take)
            await _spoil(action, answer, scope, send)

    async def _wait(self, action: Action | None) -> bool:
        """Wait as long as the faults ask for; return whether the server is still in the era in which it began."""
        era = self.faults.era
        seconds = self.faults.latency + (action.seconds if isinstance(action, Delay) else 0)
        if seconds:
            await asyncio.sleep(seconds)
        return self.faults.era == era

    def _answer(self, answer: Answer) -> ASGIApp:
        body = Error(reason_code=ErrorReasonCode.RESOURCE_LIMIT_REACHED, max_retry_duration=answer.retry_after)
        reply = response(Reply(answer.status, body if answer.status >= 400 else None, answer.location), self.profile)
        if answer.retry_after is not None:
            reply.headers["retry-after"] = str(answer.retry_after)
        return reply

    def _log(self, scope: Scope, action: Action) -> None:
        if self.settings.log_requests:
            done = f"{action.status} refused" if isinstance(action, Answer) else str(action)
            print(f"{scope['method']} {quote(scope['path'])} {done} on purpose", file=sys.stderr, flush=True)


class _Answered:
    """An answer of the server that is kept back."""

    def __init__(self) -> None:
        self.start: Message = {}
        self.body = b""

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
        self.body += message.get("body", b"")


async def _spoil(action: Action, answer: _Answered, scope: Scope, send: Send) -> None:
    if isinstance(action, Drop):
        break_off(scope, action.end)
        return
    visible = answer.body if scope["method"] != "HEAD" else b""
    if isinstance(action, Truncate) and not visible:
        break_off(scope, "close", f"HTTP/1.1 {answer.start['status']} ".encode())
    elif isinstance(action, Truncate):
        await send(answer.start)
        await send({"type": "http.response.body", "body": visible[: len(visible) // 2], "more_body": True})
        break_off(scope, "close")
    elif isinstance(action, Garbage):
        await send(_with_length(answer.start, len(GARBAGE)))
        await send({"type": "http.response.body", "body": GARBAGE})


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
