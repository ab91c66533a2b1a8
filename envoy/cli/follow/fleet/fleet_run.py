"""The run of ``envoy follow`` for a fleet: the client and the devices with everything that shows it, until a signal."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, Literal

import typer

from envoy._version import __version__
from envoy.cli.follow.command_news import Ended, Warned
from envoy.cli.follow.device_log import show_device_log
from envoy.cli.follow.display import choose_form
from envoy.cli.follow.fleet.fleet_attendant import FleetAttendant
from envoy.cli.follow.fleet.fleet_display import FleetDisplay
from envoy.cli.follow.fleet.fleet_news import FleetBegan, SiteNews
from envoy.cli.follow.fleet.fleet_setup import FleetSetup
from envoy.cli.follow.fleet.fleet_view import FleetView
from envoy.cli.follow.fleet.garbage import SETTLING, freeze
from envoy.cli.follow.signals import SignalThread
from envoy.cli.terminal.exchanges import show_exchange
from envoy.cli.terminal.exit_status import FAILED, WRONG_USE, exit_on_errors

if TYPE_CHECKING:
    from envoy.client.attempt import Exchange
    from envoy.client.fleet_following import AsyncFleetFollowing

MOST_ERRORS = 10
"""Rows of a fleet of which is shown what is wrong with them."""


def run_fleet(
    setup: FleetSetup, *, form: Literal["text", "json"] | None, metrics_port: int | None, verbose: bool
) -> int:
    """Follow until a signal, and return the exit status.

    Args:
        setup: What is followed, for which devices.
        form: How events are shown; None for a live table on a terminal.
        metrics_port: Where metrics are served; None for nowhere.
        verbose: Show each request.
    """
    with show_device_log():
        return asyncio.run(_run(setup, form=form, metrics_port=metrics_port, verbose=verbose))


async def _run(
    setup: FleetSetup, *, form: Literal["text", "json"] | None, metrics_port: int | None, verbose: bool
) -> int:
    view = FleetView()
    display = FleetDisplay(choose_form(form), view)

    def note(exchange: Exchange) -> None:
        view.note_exchange(exchange)
        if verbose:
            # What cannot be shown, for a full disk or a reader that has gone, ends nothing.
            with suppress(OSError):
                show_exchange(exchange)

    async with AsyncExitStack() as stack:
        with exit_on_errors(failed=WRONG_USE):
            client = await stack.enter_async_context(setup.client(on_exchange=note))
            listener = setup.notifications.open(setup.connection)
            if listener is not None:
                stack.enter_context(listener)
            following = await stack.enter_async_context(
                client.follow_fleet(
                    {},
                    setup.open_devices(),
                    state=setup.state,
                    shard=setup.shard,
                    policy=setup.policy,
                    failsafe=setup.failsafe,
                    keep=setup.keep,
                    in_flight=setup.in_flight,
                    on_news=lambda key, item: display.take(SiteNews(key, item)),
                    notifications=listener,
                )
            )
            display.now = following.clock
            display.on_broken = following.stop
            attendant = FleetAttendant(setup, client, following, listener, display, view)
            _show_errors(setup, following, display)
            attendant.begin()
            if metrics_port is not None:
                # deferred: it needs the extra
                from envoy.cli.follow.fleet.fleet_metrics import FleetCollector
                from envoy.cli.follow.metrics import HOST, Metrics

                display.metrics = stack.enter_context(Metrics(FleetCollector(view), metrics_port))
                if not metrics_port:
                    typer.echo(f"Metrics at http://{HOST}:{display.metrics.port}/metrics", err=True)
        signals = SignalThread(end=attendant.end, reload=attendant.reload, look=attendant.look, leave=display.leave)
        with signals, display, exit_on_errors(wrong=FAILED):
            asyncio.get_running_loop().call_later(SETTLING, freeze, following.sites)
            watching = asyncio.create_task(attendant.watch())
            try:
                await following.run()
            finally:
                watching.cancel()
                await asyncio.wait([watching])
            reason = attendant.reason or "the reader of its lines"
            left = "last" if setup.keep else "default"
            owed = sum(len(site.follower.schedule.owed) for site in following.sites.values())
            display.take(Ended(time=display.now(), reason=reason, device=left, owed=owed))
    return 1 if display.broken else 0


def _show_errors(setup: FleetSetup, following: AsyncFleetFollowing, display: FleetDisplay) -> None:
    roster, now = setup.roster, following.clock()
    display.take(
        FleetBegan(
            time=now,
            fleet=str(setup.file.path),
            sites=len(roster.sites),
            server=setup.url,
            profile=setup.profile.name,
            devices=setup.choice.kind,
            version=__version__,
        )
    )
    for error in roster.errors[:MOST_ERRORS]:
        display.take(Warned(time=now, text=f"not followed: {error.where}: {error.what}"))
    if (more := len(roster.errors) - MOST_ERRORS) > 0:
        display.take(Warned(time=now, text=f"{more:,} further rows of the fleet are wrong, and not followed"))
