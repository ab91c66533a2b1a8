"""The dry run of following, ``envoy follow --dry-run``: what would be applied and sent, by what the server has now.

It is the run itself, with a device that keeps its limits, a copy of the state, and a server of which only GETs hear.
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from envoy._text import printable
from envoy.cli.follow.live_view import describe_limits
from envoy.cli.follow.setup import Setup
from envoy.cli.terminal.exit_status import WRONG_USE, exit_on_errors
from envoy.cli.terminal.moments import show_moment
from envoy.client.follow_options import FollowOptions
from envoy.client.following import Following
from envoy.der.abilities import Abilities
from envoy.der.follow import news
from envoy.der.follow.device import Device, DeviceStatus, Readings
from envoy.der.follow.news_text import describe_news, describe_setting
from envoy.der.limits import Limits
from envoy.der.state.state_file import STATE_FILE
from envoy.errors import StateError
from envoy.protocol.flow import Flow, Request, Response, drive
from envoy.protocol.results import Outcome, Registration
from envoy.registration.examples.text import as_text
from envoy.registration.register import register

if TYPE_CHECKING:
    from envoy.client.client import Client

_SETTLING = 3
"""How often it is waited for the device, a second each, once there is nothing more to read."""

_AHEAD = 86_400
"""Seconds up to which changes are shown."""

_DEVIATIONS = {Outcome.MISSING: "would be made", Outcome.DIFFERENT: "would be written"}


class _Untouched:
    """A device that is asked how it is, and given nothing."""

    def __init__(self, device: Device) -> None:
        self._device = device

    def abilities(self) -> Abilities:
        return self._device.abilities()

    def apply(self, limits: Limits) -> None:
        _say(f"would be applied: {describe_limits(limits)}")

    def status(self) -> DeviceStatus:
        return self._device.status()

    def readings(self) -> Readings:
        return self._device.readings()

    def close(self) -> None:
        self._device.close()


class _DryFollowing(Following):
    """Following that compares the site with what the server has, instead of registering it."""

    def _register(self, entry: str | None) -> Flow[Registration]:
        profile, now = self._client.profile, self._get_server_time
        result = yield from register(self._site, profile, entry=entry, now=now, writes=False)
        for step in result.steps:
            if (what := _DEVIATIONS.get(step.outcome)) is not None:
                _say(f"{what}: {step.step} {step.href} {step.detail}".rstrip())
        return result


def show_dry_run(setup: Setup) -> bool:
    """Print what would be applied and sent for a site, and return whether the server was read.

    Args:
        setup: What would be followed.
    """
    with tempfile.TemporaryDirectory(prefix="envoy-dry-run-") as folder, setup.client() as client:
        with exit_on_errors(failed=WRONG_USE):
            if setup.state is not None:
                _copy_state(setup.state / STATE_FILE, Path(folder, STATE_FILE))
            options = FollowOptions(
                state=folder,
                policy=setup.policy,
                failsafe=setup.failsafe,
                mirrors=setup.mirrors or None,
                on_news=_show_news,
            )
            device = _Untouched(setup.open_devices())
            following = _DryFollowing(client, setup.site, device, options, client.send)
        with following:
            drive(following.follower.run(), _intercept(client), _wait_for(following))
            _show_schedule(following)
        return not (following.follower.contact.lost or following.follower.silenced)


def _copy_state(source: Path, target: Path) -> None:
    """Copy a state, also while another process has it."""
    if not source.exists():
        return
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as read,
            closing(sqlite3.connect(target)) as written,
        ):
            read.backup(written)
    except sqlite3.Error as error:
        raise StateError(f"cannot be read: {error}", where=str(source), remedy="Give the folder of a state.") from None


def _intercept(client: Client) -> Callable[[Request], Response]:
    def send(request: Request) -> Response:
        if request.method == "GET":
            return client.send(request)
        _say("would be sent:")
        typer.echo(f"{printable(as_text(request, client.profile, client.base), lines=True)}\n")
        return Response(201, {"location": f"{request.href}/0"}) if request.method == "POST" else Response(204)

    return send


def _wait_for(following: Following) -> Callable[[float], None]:
    waits = iter(range(_SETTLING))

    def wait(seconds: float) -> None:
        if next(waits, None) is None:
            following.stop()
        else:
            time.sleep(min(seconds, 1.0))

    return wait


_SHOWN = news.EventChanged | news.Noticed | news.Refused | news.DeviceLost | news.ContactLost | news.Silenced


def _show_news(item: news.News) -> None:
    if isinstance(item, _SHOWN):
        _say(describe_news(item))


def _show_schedule(following: Following) -> None:
    schedule = following.schedule
    _say("In force:")
    for sentence in schedule.explain().values() or ["Nothing is controlled."]:
        _say(f"  {sentence}")
    _say("Next:")
    changes = list(schedule.outlook(schedule.now + _AHEAD))
    for change in changes:
        held = ", ".join(map(describe_setting, change.in_force)) or "nothing is controlled"
        _say(f"  {show_moment(change.time, schedule.now)}  {held}")
    if not changes:
        _say("  no change is known")


def _say(text: str) -> None:
    typer.echo(printable(text))
