"""Following by a client: a follower with all that belongs to it, and what drives it on threads or on asyncio.

While a request takes its time, the schedule goes on: what comes to hold is applied on time, however long a server takes
to respond, and whether it ever does.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any, Self

from envoy.client.base import BaseClient
from envoy.client.follow_options import FollowOptions, check_arguments
from envoy.client.subscribing import end_subscriptions, open_subscriptions
from envoy.der.abilities import Abilities
from envoy.der.follow.clock import SteadyClock
from envoy.der.follow.device import Device
from envoy.der.follow.duties import Duty
from envoy.der.follow.findings import FollowSession
from envoy.der.follow.follower import Follower
from envoy.der.follow.news import News, Noticed
from envoy.der.follow.news_text import log_news
from envoy.der.follow.subscriber import Subscriber
from envoy.der.follow.worker import DeviceWorker
from envoy.der.limits import Rating
from envoy.der.policies import Edition, Policy
from envoy.der.report.metering import Metering
from envoy.der.report.mirrors import default_mirrors
from envoy.der.report.reporter import Reporter
from envoy.der.schedule import Schedule
from envoy.der.state.state_file import StateFile
from envoy.errors import ReadingsError
from envoy.metering.spool import Spool
from envoy.protocol.flow import Flow, Request, Response, Wait, drive, drive_async
from envoy.protocol.results import Registration
from envoy.registration.messages import Messages
from envoy.registration.register import register
from envoy.registration.site import Site
from envoy.subscriptions.subscriptions import Subscriptions

_LOG = logging.getLogger("envoy.client")

SPOOL_FILE = "readings.sqlite"
"""Name of the spool in the folder of the state."""

MOST_READINGS = 200_000
"""Readings that wait for a server at most, the oldest give way: two weeks of ten readings a minute."""

_REPORTED = "reported"

_CLOCK = "clock"

_LOOK = 0.01
"""Seconds between two looks at whether a device has taken its last limits."""


class BaseFollowing:
    """The part of ``Following`` and ``AsyncFollowing`` that does not wait.

    Attributes:
        schedule: What is decided, and why: ``explain`` says it in sentences.
        follower: The flow, for displays.
        session: Its findings are the last ones of what was odd, and ``count`` is how many there were.
        clock: The clock by which it follows.
        subscriptions: Its subscriptions; None if it only polls.
    """

    def __init__(self, client: BaseClient, site: Site, device: Device, options: FollowOptions) -> None:
        self._client = client
        self._site = site
        self._options = options
        self.clock = clock = SteadyClock()
        self.session = FollowSession(client.profile, report=self._note)
        # What cannot be expressed in the profile is an error now, and not at the first request.
        messages = Messages.of(site, client.profile, now=int(clock()), validate=client.validate)
        lfdi = messages.end_device.lfdi or site.lfdi
        check_arguments(device, options)
        with ExitStack() as opened:
            self._state: StateFile | None = None
            if options.state is not None:
                self._state = StateFile(options.state, lfdi=lfdi, server=client.base, clock=clock)
                opened.enter_context(self._state)
                clock.resume(self._state.get(_CLOCK))
            self.schedule = self._load_schedule()
            clock.reach(self.schedule.now)
            if self._state is not None:
                self._state.put(_CLOCK, clock.mark)
            self._reporter = Reporter(
                self.session,
                site,
                clock=clock,
                get_offset=lambda: self.follower.offset or 0,
                saved=None if self._state is None else self._state.get(_REPORTED),
                save=self._save_reported,
                publish=self._publish,
            )
            duties: list[Duty] = [self._reporter]
            if (metering := self._open_metering(opened)) is not None:
                opened.callback(metering.close)
                duties.append(metering)
            self.subscriptions = self._open_subscriptions()
            if self.subscriptions is not None:
                duties.append(Subscriber(self.subscriptions, clock=clock, publish=self._publish))
            self._worker = DeviceWorker(device, clock=clock, period=options.period, deadline=options.deadline)
            self.follower = Follower(
                self.session,
                self.schedule,
                self._worker,
                options.rating or Rating.from_site(site),
                lfdi=lfdi,
                clock=clock,
                entry=client.entry,
                memory=self._state,
                register=self._register,
                duties=duties,
                publish=self._publish,
            )
            self._opened = opened.pop_all()

    def stop(self) -> None:
        """End ``run`` at once; the device goes on with the limits that it has. Any thread may call it."""
        self.follower.stop()

    def hurry(self) -> None:
        """Read everything as soon as possible, since something may have changed. Any thread may call it."""
        self.follower.hurry()

    def _open_subscriptions(self) -> Subscriptions | None:
        if self._options.notifications is None:
            return None
        return open_subscriptions(
            self._client,
            self._options.notifications,
            self._state,
            session=self.session,
            clock=self.clock,
            refresh=lambda href, _, due: self.follower.refresh(href, due),
            rediscover=lambda _: self.follower.hurry(),
            wake=lambda: self.follower.wake(),
        )

    def _listen(self) -> None:
        """Listen for notifications, before anything is subscribed to."""
        if self.subscriptions is not None and self._options.notifications is not None:
            self._options.notifications.connect(self.subscriptions)

    def _unsubscribe(self) -> Flow[None]:
        """Delete the subscriptions if the server is there, and listen no more."""
        if self.subscriptions is None or self._options.notifications is None:
            return
        try:
            if not (self.follower.contact.lost or self.follower.silenced):
                yield from end_subscriptions(self.subscriptions, self.clock, self.session.note)
        finally:
            self._options.notifications.disconnect(self.subscriptions)

    def _leave(self) -> None:
        """Leave the device with what the defaults say, if that is wanted; wait until it has taken it."""
        if self._options.keep:
            return
        limits, end = self.follower.release(), self.clock() + self._options.deadline
        while self.clock() < end and not ((outcome := self._worker.outcome) and outcome.limits is limits):
            time.sleep(_LOOK)

    def _load_schedule(self) -> Schedule:
        options = self._options
        mine = Abilities.of_site(self._site)
        policy = options.policy or Policy(Edition(self._client.profile.edition))
        if self._state is not None:
            return self._state.load(mine, policy, failsafe=options.failsafe)
        return Schedule(mine, policy, failsafe=options.failsafe, now=self.clock())

    def _open_metering(self, opened: ExitStack) -> Metering | None:
        """Return what posts readings; None if there is nothing to be measured, or nobody to make the mRIDs."""
        options = self._options
        mirrors = options.mirrors
        if mirrors is None:
            try:
                mirrors = default_mirrors(self._site, self._client.profile)
            except ReadingsError as error:
                self.session.note(f"no readings are posted: {error.what}")
                return None
        if not mirrors:
            return None
        file = ":memory:" if options.state is None else Path(options.state, SPOOL_FILE)
        # What was posted is never given again, so little of it has to be remembered, and verified each time.
        spool = Spool(file, max_readings=MOST_READINGS, when_full="drop-oldest", remembered=0)
        opened.enter_context(spool)
        return Metering(
            self.session,
            spool,
            mirrors,
            base=self._client.base,
            clock=self.clock,
            get_offset=lambda: self.follower.offset,
            publish=self._publish,
        )

    def _register(self, entry: str | None) -> Flow[Registration]:
        client, site = self._client, self._reporter.prepare_site()
        return register(
            site, client.profile, entry=entry, now=self._get_server_time, validate=client.validate, tolerant=True
        )

    def _get_server_time(self) -> float:
        return self.clock() + (self.follower.offset or 0)

    def _save_reported(self, reported: Mapping[str, Any]) -> None:
        if self._state is not None:
            self._state.put(_REPORTED, reported)

    def _publish(self, news: News) -> None:
        log_news(news)
        if self._state is not None:
            self._state.note(news)
        if self._options.on_news is not None:
            try:
                self._options.on_news(news)
            except Exception:  # no limit is to be forgotten for a display
                _LOG.exception("on_news has failed")

    def _note(self, text: str) -> None:
        self._publish(Noticed(time=self.clock(), text=text))


class Following(BaseFollowing):
    """Following on threads: ``run`` follows in the thread that calls it, until another calls ``stop``.

    ``Client.follow`` makes one. It is closed at the end of ``run``; as a context manager it is closed if it never runs.
    """

    def __init__(
        self,
        client: BaseClient,
        site: Site,
        device: Device,
        options: FollowOptions,
        send: Callable[[Request], Response],
    ) -> None:
        super().__init__(client, site, device, options)
        self._send = send
        self._news = threading.Event()
        self.follower.wake = self._news.set

    def run(self) -> None:
        """Follow until ``stop`` is called. What goes wrong at the server or the device is noted, and ends nothing."""
        flow = self.follower.run()
        reply: Any = None
        try:
            self._listen()
            wanted = next(flow)
            while True:
                if isinstance(wanted, Wait):
                    self._wait(wanted.seconds)
                    wanted = flow.send(reply)
                    continue
                sending = self._exchange(wanted)
                if sending is None:
                    return
                wanted = flow.send(sending.response) if sending.error is None else flow.throw(sending.error)
        except StopIteration:
            return
        finally:
            flow.close()
            self._leave()
            drive(self._unsubscribe(), self._send)
            self.close()

    def _exchange(self, request: Request) -> _Sending | None:
        """Send a request, and let the schedule go on meanwhile; return None if that is to end at once."""
        sending = _Sending(self._send, request, self._news.set)
        sending.start()
        while not sending.done:
            self._wait(self.follower.find_pause())
            if self.follower.stopped:
                return None
            if not sending.done:
                self.follower.tick()
        return sending

    def _wait(self, seconds: float) -> None:
        self._news.wait(seconds)
        self._news.clear()

    def close(self) -> None:
        """Let go of the device and the state. It may be closed twice."""
        self._worker.close()
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class AsyncFollowing(BaseFollowing):
    """Following on asyncio: ``run`` follows until ``stop`` is called, or until it is cancelled.

    ``AsyncClient.follow`` makes one. It is closed at the end of ``run``; as an asynchronous context manager it is
    closed if it never runs.
    """

    def __init__(
        self,
        client: BaseClient,
        site: Site,
        device: Device,
        options: FollowOptions,
        send: Callable[[Request], Awaitable[Response]],
    ) -> None:
        super().__init__(client, site, device, options)
        self._send = send
        self._news = asyncio.Event()

    async def run(self) -> None:
        """Follow until ``stop`` is called. What goes wrong at the server or the device is noted, and ends nothing."""
        self.follower.wake = partial(self._wake, asyncio.get_running_loop())
        flow = self.follower.run()
        reply: Any = None
        try:
            self._listen()
            wanted = next(flow)
            while True:
                if isinstance(wanted, Wait):
                    await self._wait(wanted.seconds)
                    wanted = flow.send(reply)
                    continue
                sending = await self._exchange(wanted)
                if sending is None:
                    return
                error = sending.exception()
                wanted = flow.send(sending.result()) if error is None else flow.throw(error)
        except StopIteration:
            return
        finally:
            flow.close()
            # It may be cancelled here as well, once more.
            try:
                await asyncio.to_thread(self._leave)
                await drive_async(self._unsubscribe(), self._send, asyncio.sleep)
            finally:
                await self.aclose()

    async def _exchange(self, request: Request) -> asyncio.Future[Response] | None:
        """Send a request, and let the schedule go on meanwhile; return None if that is to end at once."""
        sending = asyncio.ensure_future(self._send(request))
        sending.add_done_callback(lambda _: self._news.set())
        try:
            while not sending.done():
                await self._wait(self.follower.find_pause())
                if self.follower.stopped:
                    return None
                if not sending.done():
                    self.follower.tick()
        finally:
            if not sending.done():
                sending.cancel()
                await asyncio.wait([sending])
        return sending

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()
        self._news.clear()

    def _wake(self, loop: asyncio.AbstractEventLoop) -> None:
        # The loop may have ended before the thread of the device.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(self._news.set)

    async def aclose(self) -> None:
        """Let go of the device and the state. It may be closed twice."""
        try:
            await asyncio.to_thread(self._worker.close)
        finally:
            self._opened.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.aclose()


class _Sending(threading.Thread):
    """A request that is sent by a thread of its own, which does not keep the process from ending."""

    def __init__(self, send: Callable[[Request], Response], request: Request, wake: Callable[[], None]) -> None:
        super().__init__(name=str(request), daemon=True)
        self._send = send
        self._request = request
        self._wake = wake
        self.response = Response(0)
        self.error: Exception | None = None
        self.done = False

    def run(self) -> None:
        try:
            self.response = self._send(self._request)
        except Exception as error:  # it is raised in the thread that follows
            self.error = error
        self.done = True
        self._wake()
