"""The sender of notifications: over HTTPS, with the server's own certificate, to those that have subscribed.

Which are due, and what becomes of those that fail, is decided in ``envoy.utility.notifications``.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter, deque

import httpx

from envoy.errors import EnvoyError
from envoy.utility import Utility
from envoy.utility.notifications import Delivery

TIMEOUT = 30.0
"""Seconds that a subscriber has for its whole response."""

IDENTIFIER = "x-envoy-notification-id"
"""Header with what a notification is known by, the same in each try; as the reference server of CSIP-AUS has it."""

_AT_A_TIME = 100
_AT_A_TIME_OF_ONE = 4
"""To one client, so that those that are slow to respond do not hold up the others."""

_WAITING_OF_ONE = 20
"""For one client: to ask what is due costs more than to send one."""

_IDLE_SECONDS = 1.0
"""For which a connection is kept for a further notification: a change for thousands of sites does not make as many."""


class Notifier:
    """Sends what is due, some at a time.

    Args:
        utility: Whose notifications.
        context: Our side of TLS towards the subscribers.
    """

    def __init__(self, utility: Utility, context: ssl.SSLContext) -> None:
        self._utility = utility
        self._context = context
        self._client: httpx.AsyncClient | None = None
        self._waiting: dict[bytes, deque[Delivery]] = {}
        self._numbers: set[int] = set()
        self._clients: Counter[bytes] = Counter()
        self._senders: set[asyncio.Task[None]] = set()

    def send_due(self) -> None:
        """Begin to send what is due, in the event loop that runs."""
        if len(self._senders) >= _AT_A_TIME:
            return
        try:
            due = self._utility.due_notifications(self._numbers)
        except EnvoyError as error:
            # The database may be in use by another program, and is asked again.
            self._log(error)
            return
        for delivery in due:
            waiting = self._waiting.setdefault(delivery.client, deque())
            if len(waiting) < _WAITING_OF_ONE:
                waiting.append(delivery)
                self._numbers.add(delivery.number)
        while len(self._senders) < _AT_A_TIME and (found := self._take()) is not None:
            task = asyncio.get_running_loop().create_task(self._send_all(found))
            self._senders.add(task)
            task.add_done_callback(self._senders.discard)

    def _take(self) -> Delivery | None:
        """Take what is to be sent next, for each client in turn; None for nothing now."""
        for client, waiting in self._waiting.items():
            if self._clients[client] < _AT_A_TIME_OF_ONE:
                self._clients[client] += 1
                delivery = waiting.popleft()
                del self._waiting[client]
                if waiting:
                    self._waiting[client] = waiting
                return delivery
        return None

    async def _send_all(self, delivery: Delivery | None) -> None:
        while delivery is not None:
            try:
                responded = await self._send(delivery)
            finally:
                self._numbers.discard(delivery.number)
                self._clients[delivery.client] -= 1
                self._clients += Counter()  # without those that get nothing
            if not responded:
                # The others of that client are asked for again, when it is their turn.
                self._numbers -= {each.number for each in self._waiting.pop(delivery.client, ())}
            delivery = self._take()
            if delivery is None and len(self._numbers) < _AT_A_TIME // 2:
                self.send_due()

    async def _send(self, delivery: Delivery) -> bool:
        """Send one, note what came of it, and return whether there was a response."""
        status, why = None, ""
        try:
            async with asyncio.timeout(TIMEOUT):
                status = await self._post(delivery)
        except TimeoutError:
            why = f"no response within {TIMEOUT:g} s"
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            why = f"no response: {str(error) or type(error).__name__}"
        try:
            self._utility.settle_notification(delivery.number, status, why)
        except EnvoyError as error:
            # It is due still, and sent again.
            self._log(error)
        return status is not None

    async def _post(self, delivery: Delivery) -> int:
        if self._client is None:
            # No proxy of the environment: the subscribers are on a list. Nor is a redirect followed, off that list.
            limits = httpx.Limits(max_keepalive_connections=_AT_A_TIME, keepalive_expiry=_IDLE_SECONDS)
            self._client = httpx.AsyncClient(verify=self._context, trust_env=False, timeout=TIMEOUT, limits=limits)
        headers = {"content-type": delivery.content_type, IDENTIFIER: delivery.identifier}
        while True:
            kept = True

            async def trace(event: str, _: object) -> None:
                nonlocal kept
                kept = kept and not event.startswith("connection.connect_tcp")

            request = self._client.stream(
                "POST", delivery.uri, content=delivery.content, headers=headers, extensions={"trace": trace}
            )
            try:
                async with request as response:
                    # What else the subscriber says is of no interest, however long it is. Where that is nothing, its
                    # end has been read, and the connection is kept.
                    if response.status_code == 204 or response.headers.get("content-length") == "0":
                        await response.aread()
                    return response.status_code
            except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
                # The subscriber may just have closed a connection that was kept.
                if not kept:
                    raise

    def _log(self, error: EnvoyError) -> None:
        if self._utility.log is not None:
            self._utility.log(f"NOTIFY {' '.join(str(error).split())}")

    async def close(self) -> None:
        """Stop; what is being sent is sent again at the next start."""
        self._waiting.clear()
        senders = tuple(self._senders)
        for task in senders:
            task.cancel()
        await asyncio.gather(*senders, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()
