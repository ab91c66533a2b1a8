"""The console of a server that runs: its port, its token, and its uvicorn in the same event loop."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
from collections.abc import Iterator

import uvicorn

from envoy.errors import OperationError
from envoy.server.console.app import create_console_app
from envoy.server.console.streams import Streams
from envoy.utility import Utility

_MOST_REQUESTS = 64


class Console:
    """The console of a utility.

    Args:
        utility: The utility.

    Attributes:
        url: Where the page is, with the token; empty as long as it is not open. The token is behind the ``#``, which a
            browser keeps to itself: it is in no request line and in no log.
    """

    def __init__(self, utility: Utility) -> None:
        self._utility = utility
        self._streams = Streams(utility.now)
        self._server: uvicorn.Server | None = None
        self._running: asyncio.Task[None] | None = None
        self.url = ""

    async def open(self) -> None:
        """Take requests from now on, in the event loop that runs.

        Raises:
            OperationError: There is no port for it.
        """
        try:
            listener = socket.create_server(("127.0.0.1", 0))
        except OSError as error:
            raise OperationError(f"the console cannot listen: {error.strerror}", where="127.0.0.1") from None
        port, token = listener.getsockname()[1], secrets.token_urlsafe(32)
        app = create_console_app(self._utility, self._streams, token=token, port=port)
        self._server = _Server(
            uvicorn.Config(
                app,
                http="h11",
                loop="asyncio",
                ws="none",
                lifespan="off",
                log_level="warning",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                limit_concurrency=_MOST_REQUESTS,
                timeout_graceful_shutdown=5,
            )
        )
        self._utility.listeners.append(self._streams.note)
        self._running = asyncio.create_task(self._server.serve([listener]))
        while not (self._server.started or self._running.done()):
            await asyncio.sleep(0.01)
        self.url = f"http://127.0.0.1:{port}/#{token}"

    async def close(self) -> None:
        """Take no more requests, and end the streams."""
        if self._server is None or self._running is None:
            return
        self._utility.listeners.remove(self._streams.note)
        self._streams.close()
        self._server.should_exit = True
        await self._running


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the server of the utility."""
        yield
