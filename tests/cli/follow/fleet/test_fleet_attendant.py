"""What is done beside following a fleet: what has failed is tried again, and nothing unexpected ends that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from envoy import AsyncClient
from envoy.cli.follow.command_news import Warned
from envoy.cli.follow.fleet.fleet_attendant import FleetAttendant
from envoy.cli.follow.fleet.fleet_news import FleetNews, SiteFailed, SiteNews
from envoy.cli.follow.fleet.fleet_retries import FIRST_PAUSE, LONGEST_PAUSE, Retries
from envoy.cli.follow.fleet.fleet_setup import FleetSetup
from envoy.cli.follow.fleet.fleet_view import Concern, FleetView
from envoy.cli.follow.notifications import NotificationOptions
from envoy.cli.follow.options import DeviceChoice
from envoy.cli.follow.setup import FollowConnection
from envoy.der.policies import Policy
from envoy.errors import DeviceError, StateError
from envoy.fleet.roster import RosterFile
from envoy.identity import site_lfdi
from envoy.registration.site import Site
from tests.support.clock import VirtualClock
from tests.support.devices import PlainDevice

KEYS = [site_lfdi(number, 32473).hex().upper() for number in (1, 2, 3)]


class Devices:
    """Devices of which some cannot be opened."""

    def __init__(self) -> None:
        self.broken: dict[str, Exception] = {}
        self.opened: list[str] = []

    def open(self, key: str, site: Site) -> PlainDevice:
        self.opened.append(key)
        if (error := self.broken.get(key)) is not None:
            raise error
        return PlainDevice()

    def close(self) -> None:
        pass


class Display:
    """Keeps what it is to show, by a clock that stands still."""

    def __init__(self, view: FleetView) -> None:
        self._view = view
        self.now = VirtualClock(1000.0)
        self.items: list[FleetNews] = []
        self.hung_up = False

    def take(self, item: FleetNews) -> None:
        self.items.append(item)
        self._view.take(item)

    def find_failed(self) -> list[str]:
        return [each.site for each in self.items if isinstance(each, SiteNews) and isinstance(each.item, SiteFailed)]

    def find_warned(self) -> list[str]:
        return [each.text for each in self.items if isinstance(each, Warned)]


class Scene:
    """An attendant of a fleet that is not followed yet, beside a file that may change."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "fleet.csv"
        self.write(*KEYS)
        self.devices, self.view = Devices(), FleetView()
        self.display = Display(self.view)

    def write(self, *keys: str) -> None:
        self.path.write_text("lfdi\n" + "".join(f"{key}\n" for key in keys), encoding="utf-8")

    def run(self, act: Callable[[FleetAttendant, Any], Any]) -> None:
        async def follow() -> None:
            file = RosterFile(self.path)
            setup = FleetSetup(
                file=file,
                roster=file.read(),
                url="http://127.0.0.1:1",
                connection=FollowConnection(),
                choice=DeviceChoice("simulated", {}),
                policy=Policy(),
                failsafe={},
                state=None,
                shard="",
                keep=True,
                notifications=NotificationOptions(),
                in_flight=1,
            )
            async with AsyncClient(setup.url) as client, client.follow_fleet({}, self.devices) as following:
                display: Any = self.display
                attendant = FleetAttendant(setup, client, following, None, display, self.view)
                attendant.begin()
                await act(attendant, following)

        asyncio.run(follow())


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


@pytest.mark.parametrize("error", [DeviceError("is not there"), RuntimeError("of somebody else's program")])
def test_a_site_that_cannot_be_followed_is_tried_again_ever_more_slowly(scene: Scene, error: Exception) -> None:
    scene.devices.broken[KEYS[1]] = error

    async def act(attendant: FleetAttendant, following: Any) -> None:
        assert sorted(following.sites) == [KEYS[0], KEYS[2]]
        site = scene.view.sites[KEYS[1]]
        assert site.concern is Concern.FAILED and str(error) in site.failure
        for pause in (FIRST_PAUSE, 2 * FIRST_PAUSE):
            count = len(scene.devices.opened)
            scene.display.now.now += pause - 1
            await attendant.attend()
            assert len(scene.devices.opened) == count
            scene.display.now.now += 1
            await attendant.attend()
            assert len(scene.devices.opened) == count + 1
        # It is said once.
        assert scene.display.find_failed() == [KEYS[1]]
        scene.devices.broken.clear()
        scene.display.now.now += LONGEST_PAUSE
        await attendant.attend()
        assert len(following.sites) == 3 and scene.view.sites[KEYS[1]].concern is Concern.UNREGISTERED

    scene.run(act)


def test_sighup_tries_again_at_once(scene: Scene) -> None:
    scene.devices.broken[KEYS[1]] = DeviceError("is not there")

    async def act(attendant: FleetAttendant, following: Any) -> None:
        scene.devices.broken.clear()
        await attendant._reload()
        assert len(following.sites) == 3

    scene.run(act)


def test_a_site_that_has_gone_is_not_tried_again(scene: Scene) -> None:
    scene.devices.broken[KEYS[1]] = DeviceError("is not there")

    async def act(attendant: FleetAttendant, following: Any) -> None:
        scene.write(KEYS[0], KEYS[2])
        await attendant.attend(changed=True)
        scene.display.now.now += LONGEST_PAUSE
        await attendant.attend()
        assert scene.devices.opened == KEYS and KEYS[1] not in scene.view.sites

    scene.run(act)


def test_a_file_that_could_not_be_read_is_read_again_though_it_has_not_changed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(attendant: FleetAttendant, following: Any) -> None:
        scene.write(*KEYS[:2])

        def fail() -> Any:
            raise RuntimeError("unexpected")

        with monkeypatch.context() as patch:
            patch.setattr(attendant._setup.file, "read", fail)
            await attendant.attend(changed=True)
        assert scene.view.file_error == "RuntimeError: unexpected" and len(scene.display.find_warned()) == 1
        await attendant.attend()
        assert KEYS[2] in scene.view.sites
        scene.display.now.now += FIRST_PAUSE
        await attendant.attend()
        assert scene.view.file_error == "" and sorted(scene.view.sites) == KEYS[:2]

    scene.run(act)


def test_sites_that_no_transaction_could_begin_with_are_begun_with_later(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.write(KEYS[0])

    async def act(attendant: FleetAttendant, following: Any) -> None:
        scene.write(*KEYS)

        def fail() -> Any:
            raise StateError("another program is using this state")

        with monkeypatch.context() as patch:
            patch.setattr(following, "adding", fail)
            await attendant.attend(changed=True)
        assert list(following.sites) == KEYS[:1] and "another program" in scene.view.file_error
        scene.display.now.now += FIRST_PAUSE
        await attendant.attend()
        assert sorted(following.sites) == KEYS and not scene.view.file_error

    scene.run(act)


def test_watching_goes_on_after_an_unexpected_error(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[bool] = []

    async def act(attendant: FleetAttendant, following: Any) -> None:
        done = asyncio.Event()
        loop = asyncio.get_running_loop()

        def look() -> bool:
            looks.append(True)
            if len(looks) < 3:
                raise RuntimeError("unexpected")
            loop.call_soon_threadsafe(done.set)
            return False

        monkeypatch.setattr(attendant._setup.file, "look", look)
        monkeypatch.setattr("envoy.cli.follow.fleet.fleet_attendant.PERIOD", 0.001)
        watching = asyncio.create_task(attendant.watch())
        await asyncio.wait_for(done.wait(), 60)
        watching.cancel()
        await asyncio.wait([watching])
        assert len([each for each in scene.display.find_warned() if "unexpected" in each]) == 2

    scene.run(act)


def test_a_reason_that_is_new_is_said() -> None:
    retries = Retries()
    assert [retries.note("a", reason, 0.0) for reason in ("x", "x", "y")] == [True, False, True]
    retries.hurry()
    assert retries.find_due(0.0) == ["a"]
    assert not retries.note("a", "y", 0.0) and retries.find_due(FIRST_PAUSE) == ["a"]
