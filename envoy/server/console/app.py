"""The ASGI application of the console: its page, what the page reads, and the orders that it gives.

It is for whoever has the token, on this machine. The token comes in a header, which no other page can make a browser
send; the Host has to be the loopback interface, so that no name of somebody else's leads here (DNS rebinding).
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from envoy.errors import EnvoyError
from envoy.server.console.page import make_page
from envoy.server.console.streams import Streams
from envoy.server.console.view import View
from envoy.utility import Utility

_LARGEST_BODY = 1 << 14
_HEADERS = {
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


def create_console_app(utility: Utility, streams: Streams, *, token: str, port: int) -> ASGIApp:
    """Return the application.

    Args:
        utility: The utility, which follows the orders.
        streams: Who hears what changes.
        token: What a client of it has to know.
        port: The port of the loopback interface that it is reached at.
    """
    view = View(utility)
    page, policy = make_page()

    async def show_page(request: Request) -> Response:
        return Response(page, headers={"content-security-policy": policy}, media_type="text/html")

    async def list_sites(request: Request) -> Response:
        query = request.query_params
        start, limit = (_number(query, name, usual) for name, usual in (("start", 0), ("limit", 25)))
        return JSONResponse(view.list_sites(query.get("find", ""), start, limit))

    async def show_site(request: Request) -> Response:
        return JSONResponse(view.show_site(request.path_params["lfdi"]))

    async def stream(request: Request) -> Response:
        events = streams.open()
        if events is None:
            return _error(503, EnvoyError("too many pages are open", remedy="Close one."))
        return StreamingResponse(events, media_type="text/event-stream")

    async def limit(request: Request) -> Response:
        return JSONResponse(_limit(utility, await _body(request)))

    async def cancel(request: Request) -> Response:
        order = await _body(request)
        return JSONResponse(utility.ask("cancel", control=order.get("control")))

    app = Starlette(
        routes=[
            Route("/", show_page),
            Route("/api/sites", list_sites),
            Route("/api/sites/{lfdi}", show_site),
            Route("/api/changes", stream),
            Route("/api/limit", limit, methods=["POST"]),
            Route("/api/cancel", cancel, methods=["POST"]),
        ],
        exception_handlers={EnvoyError: _explain},
    )
    return _Guard(app, token, port)


class _Guard:
    """Lets only those through that may, and adds headers to every response.

    Args:
        app: The application.
        token: What is asked for below ``/api``.
        port: The port.
    """

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        self._app = app
        self._token = f"Bearer {token}".encode()
        self._hosts = {f"{name}:{port}".encode() for name in ("127.0.0.1", "localhost")}
        self._origins = {b"http://" + host for host in self._hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] += [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
            await send(message)

        refusal = self._refuse(scope)
        await (self._app if refusal is None else refusal)(scope, receive, send_with_headers)

    def _refuse(self, scope: Scope) -> Response | None:
        headers = dict(scope["headers"])
        if headers.get(b"host") not in self._hosts:
            return _error(421, EnvoyError("this is not a name of the console", remedy="Use the URL that was printed."))
        if headers.get(b"origin") not in {None, *self._origins}:
            return _error(403, EnvoyError("another site has sent this", remedy="Use the page of the console."))
        if scope["path"] != "/" and not hmac.compare_digest(headers.get(b"authorization", b""), self._token):
            return _error(401, EnvoyError("the token is missing or wrong", remedy="Open the URL that was printed."))
        return None


async def _body(request: Request) -> dict[str, Any]:
    """Return the JSON object that was sent.

    Raises:
        EnvoyError: It is something else.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise EnvoyError("the body is not application/json", remedy="Send a JSON object, with its Content-Type.")
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > _LARGEST_BODY:
            raise EnvoyError(f"the body has more than {_LARGEST_BODY} octets", remedy="Send one order.")
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise EnvoyError("the body is not a JSON object", remedy="Send one.")
    return body


def _limit(utility: Utility, order: Mapping[str, Any]) -> dict[str, Any]:
    """Make the control of an order, in the program that it names or in that of its site and primacy."""
    site, number, primacy = order.get("site"), order.get("program"), order.get("primacy", 1)
    if not isinstance(site, str) or isinstance(primacy, bool) or not isinstance(primacy, int):
        raise EnvoyError("an order needs a site, and a number as primacy", remedy="Name one by its LFDI, or all.")
    if not order.get("values"):
        raise EnvoyError("there is nothing to limit", remedy="Give a limit, or disconnect or de-energize.")
    parts = {name: order.get(name) for name in ("duration", "start", "values")}
    # As a whole: an order that cannot be followed leaves no program behind.
    with utility.store.transaction():
        if number is not None:
            sites = "all" if site == "all" else [site]
            return utility.ask("control", program=number, sites=sites, **parts)
        return utility.ask("control", program=utility.site_program(site, primacy).number, **parts)


def _number(query: Mapping[str, str], name: str, usual: int) -> int:
    text = query.get(name, str(usual))
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise EnvoyError(f"{name} is {text[:20]!r}", remedy="It is a number.")
    return int(text)


async def _explain(request: Request, error: Exception) -> Response:
    assert isinstance(error, EnvoyError)
    return _error(400, error)


def _error(status: int, error: EnvoyError) -> Response:
    return JSONResponse({"what": error.what, "where": error.where, "remedy": error.remedy}, status)
