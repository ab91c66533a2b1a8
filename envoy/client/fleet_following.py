"""Following a fleet by a client: the followers of all sites on one event loop, and their devices on a few threads."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import suppress
from functools import partial
from types import MappingProxyType
from typing import Self

from envoy.client.base import BaseClient
from envoy.client.fleet_options import FleetOptions, check_devices, list_sites
from envoy.der.abilities import Abilities
from envoy.der.fleet.enrolment import enrol
from envoy.der.fleet.fleet import Fleet, Sending
from envoy.der.fleet.fleet_directory import FleetDirectory
from envoy.der.fleet.fleet_site import FleetSite
from envoy.der.fleet.pooled_worker import DevicePool, PooledWorker
from envoy.der.fleet.shared_reads import SharedSession
from envoy.der.follow.clock import SteadyClock
from envoy.der.follow.duties import Duty
from envoy.der.follow.findings import FollowSession
from envoy.der.follow.follower import Follower
from envoy.der.follow.news import News, Noticed
from envoy.der.follow.news_text import log_news
from envoy.der.limits import Rating
from envoy.der.report.reporter import Reporter
from envoy.der.schedule import Schedule
from envoy.devices.fleet import FleetDevices
from envoy.errors import DeviceError, SiteError
from envoy.identity.dialects import IDENTITY_DIALECTS
from envoy.protocol.flow import Flow, Request, Response
from envoy.protocol.results import Registration
from envoy.registration.site import Site

_LOG = logging.getLogger("envoy.client")

LONGEST_WAIT = 60.0
"""Seconds after which the loop looks at its clock again."""

MOST_FINDINGS = 20
"""Findings that are kept of each site."""

SERVER = ""
"""Stands for the key of a site in news of what all sites share."""


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
        self._client = client
        self._devices = devices
        self._options = options
        self._send = send
        self._news = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped = self._closed = False
        self.clock = clock = SteadyClock()
        self.on_news = options.on_news
        self._pool = DevicePool(options.threads)
        self.fleet = Fleet(clock, in_flight=options.in_flight)
        self.fleet.wake = self._wake
        session = FollowSession(client.profile, report=partial(self._note, SERVER))
        publish = partial(self._publish, SERVER)
        self.directory = FleetDirectory(session, clock, entry=client.entry, publish=publish)
        self._sites: dict[str, FleetSite] = {}
        self.sites: Mapping[str, FleetSite] = MappingProxyType(self._sites)
        self.fleet.add("the server", self.directory)
        self._sendings: set[asyncio.Task[None]] = set()
        self._done: list[tuple[Sending, Response | Exception]] = []
        for key, site in list_sites(sites):
            self.add(key, site)

    # Sites that come and go

    def add(self, key: str, site: Site) -> FleetSite:
        """Follow a site from now on.

        Args:
            key: Its name.
            site: The site.

        Raises:
            SiteError: There is one of that name.
            DeviceError: Its device cannot be opened.
        """
        if key in self._sites:
            raise SiteError("is followed already", where=key, remedy="Remove it first.")
        device = self._devices.open(key, site)
        if not callable(getattr(device, "apply", None)):
            raise DeviceError("is not a device", where=key)
        client, options, clock = self._client, self._options, self.clock
        lfdi = IDENTITY_DIALECTS[client.profile.dialect].own_lfdi(site.lfdi)
        session = SharedSession(client.profile, self.fleet.reads, most=MOST_FINDINGS, report=partial(self._note, key))
        worker = PooledWorker(device, self._pool, clock=clock, period=options.period, deadline=options.deadline)
        publish = partial(self._publish, key)
        duties: list[Duty] = []
        reporter: Reporter | None = None
        if site.ders:
            reporter = Reporter(session, site, clock=clock, get_offset=self._get_offset, publish=publish)
            duties.append(reporter)
        register = self._register if options.register else None
        follower = Follower(
            session,
            self._make_schedule(site),
            worker,
            Rating.from_site(site),
            lfdi=lfdi,
            clock=clock,
            entry=client.entry,
            register=register and partial(register, site, session, reporter),
            directory=self.directory,
            duties=duties,
            publish=publish,
        )
        run = self.fleet.add(key, follower)
        self.directory.add(lfdi, follower)
        self._sites[key] = found = FleetSite(key, site, lfdi, device, session, follower, run)
        return found

    def remove(self, key: str) -> None:
        """Follow a site no more; its device goes on with the limits that it has, and what is owed stays owed.

        Raises:
            KeyError: There is none of that name.
        """
        found = self._sites.pop(key)
        self.directory.remove(found.lfdi)
        self.fleet.remove(found.run)
        found.worker.close()

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
                self._loop.call_soon_threadsafe(self._hurry, hrefs)

    def _hurry(self, hrefs: Collection[str] | None) -> None:
        if hrefs is None:
            self.fleet.reads.expire()
            self.directory.hurry()
            for site in self._sites.values():
                site.follower.hurry()
            return
        for href in hrefs:
            self.directory.refresh(href)
            self.fleet.refresh(href)

    async def run(self) -> None:
        """Follow until ``stop`` is called. What goes wrong at the server or at devices is noted, and ends nothing."""
        self._loop = asyncio.get_running_loop()
        try:
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
            finally:
                await self.aclose()

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
        # The loop may have ended before the threads of the devices.
        if self._loop is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._news.set)

    async def aclose(self) -> None:
        """Let go of the devices and the state. It may be closed twice."""
        if self._closed:
            return
        self._closed = True
        self.fleet.close()
        for site in self._sites.values():
            if not self._options.keep:
                site.follower.release()
            site.worker.close()
        self._pool.close()
        await asyncio.to_thread(self._devices.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.aclose()

    # What the followers ask for

    def _make_schedule(self, site: Site) -> Schedule:
        options = self._options
        each = [Abilities.from_models(der.capability, der.settings) for der in site.ders]
        modes = frozenset[str]().union(*(every.modes for every in each)) if each else Abilities().modes
        category = site.device_category
        mine = Abilities(modes, None if category is None else int(category))
        return Schedule(mine, options.policy, failsafe=options.failsafe, now=self.clock())

    def _register(
        self, site: Site, session: FollowSession, reporter: Reporter | None, entry: str | None
    ) -> Flow[Registration]:
        return enrol(
            site,
            session,
            self.directory,
            prepare=(lambda: site) if reporter is None else reporter.prepare_site,
            now=lambda: self.clock() + self._get_offset(),
            validate=self._client.validate,
            verified=False,
        )

    def _get_offset(self) -> int:
        return self.directory.offset or 0

    def _publish(self, key: str, news: News) -> None:
        log_news(news, key)
        if self.on_news is not None:
            try:
                self.on_news(key, news)
            except Exception:  # no limit is to be forgotten for a display
                _LOG.exception("on_news has failed")

    def _note(self, key: str, text: str) -> None:
        self._publish(key, Noticed(time=self.clock(), text=text))
