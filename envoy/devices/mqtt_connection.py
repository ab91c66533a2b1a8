"""Connection to a message broker, kept up by a thread: the newest orders go out, reports come in.

One connection serves any number of devices, each with topics of its own.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import threading
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
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

MOST_WAITING = 1000
"""Messages that wait to be read at most; of more, the rest is dropped."""

_PER_SECOND, _PER_SECOND_EACH = 200, 2
"""Messages that are read in a second at most, and of each device where that is more, so that a device that floods the
broker does not keep this one busy."""

_AT_ONCE = 100
"""Devices whose orders, or whose subscriptions, are on their way to the broker at once."""

_PARTS = ("taken", "status", "readings", "device")
"""What comes behind the topic of a device in those that it publishes to."""

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
    """A connection to a broker, which is made again whenever it breaks, with the newest orders first.

    Args:
        address: The broker.
        presence: The topic that says whether this client is there.
        devices: The orders of each device, which take what it reports, by what its topics begin with.
        timeout: Seconds for the broker to respond.
        first_pause: Seconds before the broker is tried again; twice as long each time.
        most_waiting: Messages that wait to be read at most.
    """

    def __init__(
        self,
        address: Address,
        presence: str,
        devices: Mapping[str, Orders],
        *,
        timeout: float = 4.0,
        first_pause: float = 1.0,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._address = address
        self._presence = presence
        self._timeout = timeout
        self._pause = self._first_pause = first_pause
        self._most_waiting = most_waiting
        self._lock = threading.Lock()
        self._devices = dict(devices)
        self._published: dict[str, Order] = {}
        self._unpublished: dict[str, None] = {}
        self._unsubscribed: dict[str, None] = {}
        self._leaving: set[str] = set()
        self._lost: tuple[str, str] | None = None
        self._tried = threading.Event()
        self._loop = asyncio.SelectorEventLoop()
        self._news = asyncio.Event()
        self._closing = asyncio.Event()
        self._thread = threading.Thread(target=self._work, name="device mqtt", daemon=True)
        self._thread.start()

    def add(self, topic: str, orders: Orders) -> None:
        """Serve another device."""
        with self._lock:
            self._devices[topic] = orders
            self._leaving.discard(topic)
            self._published.pop(topic, None)
            self._unsubscribed[topic] = None
            lost = self._lost
        if lost is not None:
            orders.fail(*lost)
        self._notice_news()

    def remove(self, topic: str) -> None:
        """Serve a device no longer, once its newest order is published."""
        with self._lock:
            self._leaving.add(topic)
        self._notice_news()

    def wait(self, seconds: float) -> None:
        """Wait until the broker was reached or was not, for the first time."""
        if not self._tried.wait(seconds):
            self._fail("is not reached yet")

    def notify(self, topic: str) -> None:
        """Have the newest order of a device published."""
        with self._lock:
            self._unpublished[topic] = None
        self._notice_news()

    def close(self) -> None:
        """Leave the broker."""
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join(_LONGEST_CLOSING)

    def _notice_news(self) -> None:
        # Another thread may have closed it.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._news.set)

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
            will=aiomqtt.Will(self._presence, _OFFLINE, qos=1, retain=True),
            max_queued_incoming_messages=self._most_waiting,
            max_inflight_messages=_AT_ONCE,
            logger=_LOGGER,
        )

    def _fail(self, what: str) -> None:
        remedy = "Look whether it listens there, and takes the user, the password and the certificate."
        lost = f"the broker {self._address.host}:{self._address.port} {what}", remedy
        with self._lock:
            self._lost = lost
        for orders in self._each():
            orders.fail(*lost)

    def _each(self) -> list[Orders]:
        with self._lock:
            return list(self._devices.values())

    async def _serve(self, client: aiomqtt.Client) -> None:
        self._pause = self._first_pause
        client.pending_calls_threshold = _AT_ONCE
        with self._lock:
            self._lost = None
            self._published.clear()
            self._unsubscribed = dict.fromkeys(self._devices)
            self._unpublished = dict.fromkeys(self._devices)
        for orders in self._each():
            orders.restart()
        await _wait_for_any(None, self._send(client), self._receive(client))
        await client.publish(self._presence, _OFFLINE, qos=1, retain=True)

    async def _send(self, client: aiomqtt.Client) -> None:
        """Subscribe and publish whenever there is something new, until this is closed and all is published."""
        here = closing = False
        while not closing:
            closing = self._closing.is_set()
            self._news.clear()
            while topics := self._pop(self._unsubscribed):
                await client.subscribe([(f"{topic}/{part}", 1) for topic in topics for part in _PARTS])
            while topics := self._pop(self._unpublished):
                await asyncio.gather(*(self._publish(client, topic) for topic in topics))
            if gone := self._pop_leaving():
                await client.unsubscribe([f"{topic}/{part}" for topic in gone for part in _PARTS])
            if not here:
                await client.publish(self._presence, _ONLINE, qos=1, retain=True)
                self._tried.set()
                here = True
            await _wait_for_any(None, self._news.wait(), self._closing.wait())

    def _pop(self, topics: dict[str, None]) -> list[str]:
        """Return the topics of some devices, which are no longer among those that wait."""
        with self._lock:
            popped = list(islice(topics, _AT_ONCE))
            for topic in popped:
                del topics[topic]
        return popped

    def _pop_leaving(self) -> list[str]:
        """Return the topics of some devices that are served no longer."""
        with self._lock:
            gone = [topic for topic in islice(self._leaving, _AT_ONCE) if topic not in self._unpublished]
            for topic in gone:
                self._leaving.discard(topic)
                for known in (self._devices, self._published, self._unsubscribed):
                    known.pop(topic, None)
            if gone and self._leaving:
                self._news.set()
        return gone

    async def _publish(self, client: aiomqtt.Client, topic: str) -> None:
        orders = self._devices.get(topic)
        order = None if orders is None else orders.newest
        if orders is None or order is None or self._published.get(topic) is order:
            return
        await client.publish(f"{topic}/limits", format_order(order), qos=1, retain=True)
        self._published[topic] = order
        orders.deliver(order)

    async def _receive(self, client: aiomqtt.Client) -> None:
        count, began = 0, self._loop.time()
        async for message in client.messages:
            self._take(message)
            count += 1
            if count >= max(_PER_SECOND, _PER_SECOND_EACH * len(self._devices)):
                await asyncio.sleep(began + 1 - self._loop.time())
                count, began = 0, self._loop.time()

    def _take(self, message: aiomqtt.Message) -> None:
        topic, _, part = message.topic.value.rpartition("/")
        payload = message.payload if isinstance(message.payload, bytes) else b""
        orders = self._devices.get(topic)
        if orders is None:
            return  # it is no longer served
        if part == "device":
            if payload.strip() == _OFFLINE.encode():
                orders.fail("the device is offline, as its availability says")
            else:
                orders.recover()
        elif len(payload) > LONGEST:
            orders.notice(f"ignores a message of more than {LONGEST} octets")
        elif part in ("taken", "readings") and message.retain:
            orders.notice(f"ignores what is retained in {part}, which may be of any age; publish it unretained")
        elif payload:
            orders.receive(payload, "" if part == "taken" else part)


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
