"""Following a fleet by a client: the followers of all sites on one event loop, and their devices on a few threads."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from functools import partial
from typing import Self

from envoy.client.base import BaseClient
from envoy.client.fleet_options import FleetOptions, check_devices, list_sites
from envoy.client.follow_options import check_listener
from envoy.client.subscribing import end_subscriptions, open_subscriptions
from envoy.der.fleet.fleet import Fleet, Sending
from envoy.der.fleet.fleet_directory import FleetDirectory
from envoy.der.fleet.fleet_follower import SERVER, FleetFollower, FleetPolicy, spread_by
from envoy.der.fleet.fleet_site import FleetSite
from envoy.der.fleet.pooled_worker import DevicePool, PooledWorker
from envoy.der.follow.clock import SteadyClock
from envoy.der.follow.news import News, Noticed
from envoy.der.follow.news_text import log_news
from envoy.der.state.fleet_state import FleetState
from envoy.devices.fleet import FleetDevices
from envoy.errors import DeviceError
from envoy.protocol.flow import Flow, Request, Response, drive_async
from envoy.registration.site import Site

_LOG = logging.getLogger("envoy.client")

_CLOCK = "clock"

LONGEST_WAIT = 60.0
"""Seconds after which the loop looks at its clock again."""


class AsyncFleetFollowing:
    """Following of a fleet: ``run`` follows until ``stop`` is called, or until it is cancelled.

    ``AsyncClient.follow_fleet`` makes one. It is closed at the end of ``run``; as an asynchronous context manager it is
    closed if it never runs. All of its methods but ``stop`` and ``hurry`` are called in the thread of the event loop.

    Attributes:
        sites: The sites that are followed, by their keys.
        directory: What is read of the server for all of them.
        fleet: Their flows.
        clock: The clock by which they are followed.
        on_news: Called with the key of a site and what has happened there; the key is empty for what all share.
        subscriptions: The subscriptions; None where everything is polled alone.
    """

    def __init__(
        self,
        client: BaseClient,
        sites: Mapping[str, Site] | Iterable[Site],
        devices: FleetDevices,
        options: FleetOptions,
        send: Callable[[Request], Awaitable[Response]],
    ) -> None:
        check_devices(devices)
        check_listener(options.notifications)
        self._client = client
        self._devices = devices
        self._options = options
        self._send = send
        self._news = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped = self._closed = self._woken = False
        self._sendings: set[asyncio.Task[None]] = set()
        self._done: list[tuple[Sending, Response | Exception]] = []
        self._pool = DevicePool(options.threads)
        self.clock = SteadyClock()
        self.on_news = options.on_news
        with ExitStack() as opened:
            self._state: FleetState | None = None
            if options.state is not None:
                self._state = opened.enter_context(
                    FleetState(options.state, server=client.base, shard=options.shard, clock=self.clock)
                )
                self.clock.resume(self._state.get(_CLOCK))
                self._state.put(_CLOCK, self.clock.mark)
            self._opened = opened.pop_all()
        self._follower = FleetFollower(
            client.profile,
            self.clock,
            self._open_worker,
            policy=FleetPolicy(
                policy=options.policy,
                failsafe=options.failsafe,
                register=options.register,
                validate=client.validate,
            ),
            entry=client.entry,
            state=self._state,
            in_flight=options.in_flight,
            open_subscriptions=(
                None
                if options.notifications is None
                else partial(open_subscriptions, client, options.notifications, self._state)
            ),
            publish=self._publish,
        )
        self.fleet: Fleet = self._follower.fleet
        self.directory: FleetDirectory = self._follower.directory
        self.sites: Mapping[str, FleetSite] = self._follower.sites
        subscriber = self._follower.subscriber
        self.subscriptions = None if subscriber is None else subscriber.subscriptions
        self.fleet.wake = self._wake
        try:
            with self.adding():
                for key, site in list_sites(sites):
                    self.add(key, site)
        except BaseException:
            self._follower.close()
            self._pool.close()
            self._opened.close()
            raise

    def add(self, key: str, site: Site) -> FleetSite:
        """Follow a site from now on.

        Args:
            key: Its name, which is not empty.
            site: The site.

        Raises:
            SiteError: There is one of that name, or of that LFDI.
            DeviceError: Its device cannot be opened.
        """
        found = self._follower.add(key, site)
        self.clock.reach(found.schedule.now)
        self._news.set()
        return found

    def remove(self, key: str) -> None:
        """Follow a site no more; its device goes on with the limits that it has, and what is owed stays owed.

        Raises:
            KeyError: There is none of that name.
        """
        self._follower.remove(key)

    def adding(self) -> AbstractContextManager[None]:
        """Return a context in which many sites are added in little time: in one transaction of the state."""
        return nullcontext() if self._state is None else self._state.transaction()

    def _open_worker(self, key: str, site: Site) -> PooledWorker:
        device = self._devices.open(key, site)
        if not callable(getattr(device, "apply", None)):
            raise DeviceError("the devices of the fleet give something that is not a device", where=key)
        options = self._options
        return PooledWorker(
            device,
            self._pool,
            clock=self.clock,
            period=options.period,
            deadline=options.deadline,
            spread=spread_by(site.lfdi),
        )

    # While it runs

    def stop(self) -> None:
        """End ``run`` at once; the devices go on with the limits that they have. Any thread may call it."""
        self._stopped = True
        self._wake()

    def hurry(self, hrefs: Collection[str] | None = None) -> None:
        """Read something as soon as possible, since it may have changed. Any thread may call it.

        Args:
            hrefs: Where that is; None for everything.
        """
        if self._loop is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._follower.hurry, hrefs)

    async def run(self) -> None:
        """Follow until ``stop`` is called. What goes wrong at the server or at devices is noted, and ends nothing."""
        self._loop = asyncio.get_running_loop()
        try:
            self._listen()
            while not self._stopped:
                self._news.clear()
                done, self._done = self._done, []
                for sending, outcome in done:
                    self.fleet.settle(sending, outcome)
                self.fleet.turn()
                for sending in self.fleet.take_requests():
                    task = asyncio.create_task(self._exchange(sending))
                    self._sendings.add(task)
                    task.add_done_callback(self._sendings.discard)
                await self._pause()
        finally:
            for task in self._sendings:
                task.cancel()
            try:
                if self._sendings:
                    await asyncio.wait(self._sendings)
                await drive_async(self._unsubscribe(), self._send, asyncio.sleep)
            finally:
                await self.aclose()

    def _listen(self) -> None:
        """Listen for notifications, before anything is subscribed to."""
        if self._options.notifications is not None and self.subscriptions is not None:
            self._options.notifications.connect(self.subscriptions)

    def _unsubscribe(self) -> Flow[None]:
        """Delete the subscriptions if the server is there, and listen no more."""
        if self._options.notifications is None or self.subscriptions is None:
            return
        try:
            if not self.directory.contact.lost:
                yield from end_subscriptions(self.subscriptions, self.clock, self._note)
        finally:
            self._options.notifications.disconnect(self.subscriptions)

    async def _pause(self) -> None:
        """Wait until there is something to do; others have their turn in any case."""
        seconds = min(self.fleet.next_due() - self.clock(), LONGEST_WAIT)
        if seconds <= 0 or self._done:
            await asyncio.sleep(0)
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()

    async def _exchange(self, sending: Sending) -> None:
        outcome: Response | Exception
        try:
            outcome = await self._send(sending.request)
        except Exception as error:
            outcome = error
        self._done.append((sending, outcome))
        self._news.set()

    def _wake(self) -> None:
        # Ten thousand devices may do so at a time. The loop may have ended before their threads.
        if self._loop is not None and not self._woken:
            self._woken = True
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._take_wake)

    def _take_wake(self) -> None:
        # Whoever finds it woken before this is looked after by the turn that comes of it.
        self._woken = False
        self._news.set()

    async def aclose(self) -> None:
        """Let go of the devices and the state. It may be closed twice."""
        if self._closed:
            return
        self._closed = True
        self._follower.close(keep=self._options.keep)
        try:
            await asyncio.to_thread(self._pool.close)
            await asyncio.to_thread(self._devices.close)
        finally:
            self._opened.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.aclose()

    def _note(self, text: str) -> None:
        self._publish(SERVER, Noticed(time=self.clock(), text=text))

    def _publish(self, key: str, news: News) -> None:
        log_news(news, key)
        if self.on_news is not None:
            try:
                self.on_news(key, news)
            except Exception:  # no limit is to be forgotten for a display
                _LOG.exception("on_news has failed")
