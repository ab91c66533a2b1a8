"""Connection to a message broker, kept up by a thread: the newest order goes out, reports come in."""

from __future__ import annotations

import asyncio
import logging
import ssl
import threading
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

import aiomqtt

from envoy.devices.json_form import Order, format_order
from envoy.devices.orders import Orders

_LOGGER = logging.getLogger(__name__)

LONGEST = 64 * 1024
"""Octets of a message that is read; a longer one is left out."""

_LONGEST_PAUSE = 30.0
"""Seconds before the broker is tried again at most."""

_LONGEST_CLOSING = 10.0
"""Seconds to leave the broker at most: a connection that is being made cannot be cut short."""

_MOST_WAITING = 1000
"""Messages that wait to be read at most; of more, the rest is dropped."""

_PER_SECOND = 200
"""Messages that are read in a second at most, so that a device that floods the broker does not keep this one busy."""

_ONLINE, _OFFLINE = "online", "offline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A broker, and how to get in.

    Attributes:
        host: Its name or address.
        port: Its port.
        client: The identifier of this client, which no other one has.
        user: Name of the user; None for nobody.
        password: The password of the user.
        tls: The TLS settings; None without TLS.
        keepalive: Seconds of silence after which the broker takes this client for gone.
    """

    host: str
    port: int
    client: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: ssl.SSLContext | None = None
    keepalive: int = 30


class MQTTConnection:
    """A connection to a broker, which is made again whenever it breaks, with the newest order first.

    Args:
        address: The broker.
        topic: What all topics begin with.
        orders: Takes what is reported, and what goes wrong.
        timeout: Seconds for the broker to respond.
        first_pause: Seconds before the broker is tried again; twice as long each time.
    """

    def __init__(
        self, address: Address, topic: str, orders: Orders, *, timeout: float = 4.0, first_pause: float = 1.0
    ) -> None:
        self._address = address
        self._topic = topic
        self._orders = orders
        self._timeout = timeout
        self._pause = self._first_pause = first_pause
        self._tried = threading.Event()
        self._loop = asyncio.SelectorEventLoop()
        self._news = asyncio.Event()
        self._closing = asyncio.Event()
        self._thread = threading.Thread(target=self._work, name="device mqtt", daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> None:
        """Wait until the broker was reached or was not, for the first time."""
        if not self._tried.wait(seconds):
            self._fail("is not reached yet")

    def notify(self) -> None:
        """Have the newest order published."""
        self._loop.call_soon_threadsafe(self._news.set)

    def close(self) -> None:
        """Leave the broker."""
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join(_LONGEST_CLOSING)

    def _work(self) -> None:
        # Only this loop can watch sockets for paho on every system.
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._keep_up())

    async def _keep_up(self) -> None:
        while not self._closing.is_set():
            try:
                async with self._make_client() as client:
                    await self._serve(client)
            except Exception as error:
                # Whatever is wrong with a broker, it is tried again.
                self._fail(f"is gone: {error}")
            self._tried.set()
            await _wait_for_any(self._pause, self._closing.wait())
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    def _make_client(self) -> aiomqtt.Client:
        address = self._address
        return aiomqtt.Client(
            address.host,
            address.port,
            identifier=address.client,
            username=address.user,
            password=address.password,
            tls_context=address.tls,
            keepalive=address.keepalive,
            timeout=self._timeout,
            will=aiomqtt.Will(f"{self._topic}/client", _OFFLINE, qos=1, retain=True),
            max_queued_incoming_messages=_MOST_WAITING,
            logger=_LOGGER,
        )

    def _fail(self, what: str) -> None:
        remedy = "Look whether it listens there, and takes the user, the password and the certificate."
        self._orders.fail(f"the broker {self._address.host}:{self._address.port} {what}", remedy)

    async def _serve(self, client: aiomqtt.Client) -> None:
        self._pause = self._first_pause
        self._orders.restart()
        await client.subscribe([(f"{self._topic}/{name}", 1) for name in ("taken", "status", "readings", "device")])
        await _wait_for_any(None, self._publish(client), self._receive(client))
        await client.publish(f"{self._topic}/client", _OFFLINE, qos=1, retain=True)

    async def _publish(self, client: aiomqtt.Client) -> None:
        """Publish the newest order whenever there is another, until this is closed."""
        published: Order | None = None
        here = False
        while not self._closing.is_set():
            self._news.clear()
            order = self._orders.newest
            if order is not None and order is not published:
                await client.publish(f"{self._topic}/limits", format_order(order), qos=1, retain=True)
                self._orders.deliver(order)
                published = order
            if not here:
                await client.publish(f"{self._topic}/client", _ONLINE, qos=1, retain=True)
                self._tried.set()
                here = True
            elif order is self._orders.newest:
                await _wait_for_any(None, self._news.wait(), self._closing.wait())

    async def _receive(self, client: aiomqtt.Client) -> None:
        count, began = 0, self._loop.time()
        async for message in client.messages:
            self._take(message)
            count += 1
            if count >= _PER_SECOND:
                await asyncio.sleep(began + 1 - self._loop.time())
                count, began = 0, self._loop.time()

    def _take(self, message: aiomqtt.Message) -> None:
        part = message.topic.value.rpartition("/")[2]
        payload = message.payload if isinstance(message.payload, bytes) else b""
        if part == "device":
            if payload.strip() == _OFFLINE.encode():
                self._orders.fail("the device is offline, as its availability says")
            else:
                self._orders.recover()
        elif len(payload) > LONGEST:
            self._orders.notice(f"ignores a message of more than {LONGEST} octets")
        elif part in ("taken", "readings") and message.retain:
            self._orders.notice(f"ignores what is retained in {part}, which may be of any age; publish it unretained")
        elif payload:
            self._orders.receive(payload, "" if part == "taken" else part)


async def _wait_for_any(seconds: float | None, *work: Coroutine[Any, Any, Any]) -> None:
    """Run things until one of them is done, or a time is over; raise what it raises, and cancel the others."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
