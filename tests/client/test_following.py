"""Both clients follow over TLS, against a server in a process of its own."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from envoy import IdentityError, Site, StateError
from envoy.client.attempt import Exchange
from envoy.client.following import AsyncFollowing, Following
from envoy.der.follow.clock import SteadyClock
from envoy.der.follow.device import DeviceStatus
from envoy.der.follow.news import Applied, News, Registered, Reported, ResponseSent
from envoy.der.state.state_file import StateFile
from envoy.testing import UtilityServer
from sep2 import AlarmStatus
from tests.conftest import ROOT
from tests.support.devices import PlainDevice
from tests.support.schedules import make_values

WAIT = 60.0
"""Seconds to wait for what happens much sooner."""


class Journal:
    """What happened while a client follows, in its order; each thread may wait for it."""

    def __init__(self) -> None:
        self.news: list[News] = []
        self.exchanges: list[Exchange] = []
        self._changed = threading.Condition()

    def note(self, news: News) -> None:
        with self._changed:
            self.news.append(news)
            self._changed.notify_all()

    def note_exchange(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)

    def wait(self, happened: Callable[[News], object]) -> News:
        with self._changed:
            assert self._changed.wait_for(lambda: any(map(happened, self.news)), WAIT)
            return next(filter(happened, self.news))

    def wait_for_response(self, status: int) -> None:
        self.wait(lambda news: isinstance(news, ResponseSent) and news.response.status == status)

    def wait_for_value(self, mode: str, value: object) -> None:
        self.wait(
            lambda news: isinstance(news, Applied) and (mode, value) in [(x.mode, x.value) for x in news.settings]
        )


@contextmanager
def follow(
    server: UtilityServer, journal: Journal, device: Any, *, concurrent: bool, **options: Any
) -> Iterator[Following | AsyncFollowing]:
    """Follow in a thread of its own, until the end of the block."""
    site = replace(Site.load(ROOT / "examples" / "site.toml"), lfdi=server.client_files().lfdi, pin=None)
    started: list[Following | AsyncFollowing] = []
    ready = threading.Event()

    async def run() -> None:
        async with server.async_client(on_exchange=journal.note_exchange) as client:
            following = client.follow(site, device, on_news=journal.note, **options)
            started.append(following)
            ready.set()
            await following.run()

    def start() -> None:
        if concurrent:
            asyncio.run(run())
            return
        with server.client(on_exchange=journal.note_exchange) as client:
            following = client.follow(site, device, on_news=journal.note, **options)
            started.append(following)
            ready.set()
            following.run()

    thread = threading.Thread(target=start)
    thread.start()
    assert ready.wait(WAIT)
    try:
        yield started[0]
    finally:
        started[0].stop()
        thread.join(WAIT)
        assert not thread.is_alive()


@pytest.mark.parametrize("concurrent", [False, True])
def test_a_client_registers_follows_and_responds(
    utility_server: UtilityServer, concurrent: bool, tmp_path: Path
) -> None:
    program = utility_server.program("export", primacy=1)
    program.default(op_mod_exp_lim_w=5000)
    control = program.control(duration=600, op_mod_imp_lim_w=1500)
    journal, device = Journal(), PlainDevice()
    with follow(utility_server, journal, device, concurrent=concurrent, state=tmp_path / "state"):
        assert journal.wait(lambda news: isinstance(news, Registered)).created
        journal.wait_for_response(2)
    assert device.values == make_values({"EL": 5000, "IL": 1500})
    assert device.closed
    assert [response.status for response in utility_server.responses(control)] == [1, 2]
    again = PlainDevice()
    journal = Journal()
    with follow(utility_server, journal, again, concurrent=concurrent, state=tmp_path / "state"):
        assert not journal.wait(lambda news: isinstance(news, Registered)).created
    # What was known held before any contact.
    assert again.given[0].values == make_values({"EL": 5000, "IL": 1500})
    assert [response.status for response in utility_server.responses(control)] == [1, 2]


class BrokenJournal(Journal):
    """A journal that fails with each entry."""

    def note(self, news: News) -> None:
        super().note(news)
        raise OSError("the disk is full")


@pytest.mark.parametrize("concurrent", [False, True])
def test_whoever_watches_and_fails_ends_nothing(utility_server: UtilityServer, concurrent: bool) -> None:
    utility_server.program("export", primacy=1).control(duration=600, op_mod_imp_lim_w=1500)
    journal = BrokenJournal()
    with follow(utility_server, journal, PlainDevice(), concurrent=concurrent):
        journal.wait_for_response(2)


class AlarmedDevice(PlainDevice):
    """A device with alarms."""

    def __init__(self, alarms: int) -> None:
        super().__init__()
        self.alarms = AlarmStatus(alarms)

    def status(self) -> DeviceStatus:
        return DeviceStatus(alarms=self.alarms)


@pytest.mark.parametrize("concurrent", [False, True])
def test_what_was_reported_is_known_after_a_restart(
    utility_server: UtilityServer, concurrent: bool, tmp_path: Path
) -> None:
    codes: list[str] = []
    for alarms in (1, 3):
        journal = Journal()
        with follow(utility_server, journal, AlarmedDevice(alarms), concurrent=concurrent, state=tmp_path / "state"):
            journal.wait(lambda news: isinstance(news, Reported) and news.resource == "DERStatus")
            journal.wait(lambda news: isinstance(news, Reported) and news.resource == "LogEvent")
        codes += [each.detail for each in journal.news if isinstance(each, Reported) and each.resource == "LogEvent"]
    # The first went on all the time.
    assert codes == ["DER_FAULT_OVER_CURRENT", "DER_FAULT_OVER_VOLTAGE"]
    with utility_server.client() as client:
        (end_device,) = client.end_devices()
        assert {each.log_event_code for each in client.items(end_device.log_event_list_link)} == {0, 2}


@pytest.mark.parametrize("concurrent", [False, True])
@pytest.mark.parametrize(("keep", "left"), [(True, {"EL": 1500}), (False, {"EL": 5000})])
def test_a_device_is_left_at_its_last_limits_or_at_the_default(
    utility_server: UtilityServer, concurrent: bool, keep: bool, left: dict[str, int]
) -> None:
    program = utility_server.program("export", primacy=1)
    program.default(op_mod_exp_lim_w=5000)
    program.control(duration=600, op_mod_exp_lim_w=1500)
    journal, device = Journal(), PlainDevice()
    with follow(utility_server, journal, device, concurrent=concurrent, keep=keep):
        journal.wait_for_value("opModExpLimW", 1500)
    assert device.values == make_values(left)
    assert device.closed


def test_what_never_runs_lets_go_of_the_device_and_the_state(utility_server: UtilityServer, tmp_path: Path) -> None:
    site = Site.load(ROOT / "examples" / "site.toml")
    with utility_server.client() as client:
        for device in (PlainDevice(), PlainDevice()):
            with client.follow(site, device, state=tmp_path / "state") as following, pytest.raises(StateError):
                client.follow(site, PlainDevice(), state=tmp_path / "state")
            assert device.closed
            following.close()


@pytest.mark.skipif(not SteadyClock().mark[0], reason="this system does not tell its starts apart")
def test_the_clock_goes_on_with_that_of_the_process_before(utility_server: UtilityServer, tmp_path: Path) -> None:
    site = Site.load(ROOT / "examples" / "site.toml")
    boot, begin = SteadyClock().mark
    with StateFile(tmp_path, lfdi=site.lfdi, server=utility_server.url) as state:
        state.put("clock", [boot, begin + 4000])
    with utility_server.client() as client:
        for _ in range(2):
            with client.follow(site, PlainDevice(), state=tmp_path) as following:
                assert following.clock.mark == (boot, begin + 4000)


def test_what_cannot_be_expressed_is_an_error_before_anything_is_done(utility_server: UtilityServer) -> None:
    site = Site.load(ROOT / "examples" / "site.toml")
    site.sfdi = 1
    device = PlainDevice()
    with utility_server.client() as client, pytest.raises(IdentityError):
        client.follow(site, device)
    assert not utility_server.requests and not device.given


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_task_that_is_cancelled_lets_go_of_the_device_and_the_state(
    utility_server: UtilityServer, tmp_path: Path, times: int
) -> None:
    journal, device = Journal(), PlainDevice()

    async def run() -> None:
        site = replace(Site.load(ROOT / "examples" / "site.toml"), lfdi=utility_server.client_files().lfdi)
        async with (
            utility_server.async_client() as client,
            client.follow(site, device, state=tmp_path, on_news=journal.note) as following,
        ):
            task = asyncio.create_task(following.run())
            await asyncio.to_thread(journal.wait, lambda news: isinstance(news, Registered))
            for _ in range(times):
                task.cancel()
                await asyncio.sleep(0)
            with pytest.raises(asyncio.CancelledError):
                await task
            StateFile(tmp_path, lfdi=site.lfdi, server=utility_server.url).close()

    asyncio.run(run())
    assert device.closed


@pytest.mark.parametrize("concurrent", [False, True])
def test_a_control_starts_while_a_request_hangs_and_stop_ends_at_once(
    utility_server: UtilityServer, concurrent: bool
) -> None:
    program = utility_server.program("export", primacy=1)
    journal, device = Journal(), PlainDevice()
    with follow(utility_server, journal, device, concurrent=concurrent) as following:
        program.control(start=int(time.time()) + 4, duration=600, op_mod_imp_lim_w=1500)
        following.hurry()
        journal.wait_for_response(1)
        utility_server.delay_next(WAIT, count=None)
        following.hurry()
        journal.wait_for_value("opModImpLimW", 1500)
        ended = len(journal.exchanges)
    assert device.values == make_values({"IL": 1500})
    # Nothing was responded to since.
    assert len([each for each in journal.exchanges if each.response.status]) == ended
