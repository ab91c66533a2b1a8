"""The second half of the demo: a simulated DER follows a control of the utility, and its default after that."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from rich.console import Console

from envoy.client.client import Client
from envoy.der.follow import news
from envoy.der.follow.news_text import describe_response, describe_setting
from envoy.devices import open_device
from envoy.registration.site import Site
from envoy.testing.utility_server import UtilityServer
from sep2 import ResponseStatus

_DEVICE = {"sun": "0.8", "steady": "true", "load_w": "500", "battery": "hold"}
"""A sunny day without clouds, and a household that always takes the same, so that what is seen are the limits."""

_LEAD = 2
"""Seconds from making the control to its start."""

_STEEP = 3000
"""Ramp of the default (setGradW): 30 % of the power in a second, which is worth watching."""


class _Story:
    """What has happened so far, for the utility's side of the demo, which waits for it."""

    longest_wait = 60.0
    """Seconds that no part of it takes, on however busy a machine."""

    def __init__(self, console: Console, mode: str) -> None:
        self._console = console
        self._mode = mode
        self._changed = threading.Condition()
        self._seen: list[news.News] = []
        self.complete = True

    def take(self, item: news.News) -> None:
        """Take a piece of news."""
        with self._changed:
            self._seen.append(item)
            self._changed.notify_all()

    def forget(self) -> None:
        """Wait for what comes from now on."""
        with self._changed:
            self._seen.clear()

    def show_registered(self) -> None:
        """Show that the site is registered."""
        self._show(lambda item: f"registered  {item.href}" if isinstance(item, news.Registered) else "")

    def show_applied(self, mrid: str = "") -> None:
        """Show that the device has taken a control, or the default."""

        def describe(item: news.News) -> str:
            settings = item.settings if isinstance(item, news.Applied) else ()
            return next(
                (f"applied  {describe_setting(x)}" for x in settings if (x.mode, x.mrid) == (self._mode, mrid)), ""
            )

        self._show(describe)

    def show_sent(self, mrid: str, status: ResponseStatus) -> None:
        """Show that the server has a response."""

        def describe(item: news.News) -> str:
            if not isinstance(item, news.ResponseSent) or (item.response.mrid, item.response.status) != (mrid, status):
                return ""
            return f"response {describe_response(item.response)}  sent"

        self._show(describe)

    def show_export(self, watts: int) -> None:
        """Show that the site exports as much, and no more."""

        def describe(item: news.News) -> str:
            readings = item.readings.site if isinstance(item, news.Sampled) and item.readings else {}
            exported = -round(readings.get("active-power", 0))
            return f"the meter of the site: {exported:,} W are exported" if exported == watts else ""

        self._show(describe)

    def _show(self, describe: Callable[[news.News], str]) -> None:
        """Wait for news of a kind, and print how it is described."""
        with self._changed:
            found = self._changed.wait_for(lambda: next(filter(None, map(describe, self._seen)), ""), self.longest_wait)
        self.complete = self.complete and bool(found)
        self._console.print(f"  {found or 'what was to come next did not come'}", markup=False, soft_wrap=True)


def follow_control(console: Console, server: UtilityServer, client: Client, site: Site) -> bool:
    """Show a control that is made, followed, responded to and cancelled; return whether all of that was seen.

    Args:
        console: Where to show it.
        server: The utility.
        client: A client of it.
        site: The site, which is registered.
    """
    metered = server.profile.csip_aus
    default: dict[str, Any] = {"op_mod_exp_lim_w": 5000} if metered else {"op_mod_max_lim_w": 5000}
    limit: dict[str, Any] = {"op_mod_exp_lim_w": 1500} if metered else {"op_mod_max_lim_w": 3000}
    what, limited = ("export at most 5000 W", "1500 W") if metered else ("put out at most 50 %", "30 %")
    console.print(f"\nAs the utility, letting the site {what} by default")
    program = server.program("demo", sites=site.lfdi)
    program.default(**default, set_grad_w=_STEEP)
    console.print("Following that with a simulated DER")
    story = _Story(console, "opModExpLimW" if metered else "opModMaxLimW")
    device = open_device("simulated", _DEVICE, site)
    with client.follow(site, device, mirrors=(), period=1.0, on_news=story.take) as following:
        thread = threading.Thread(target=following.run, name="following")
        thread.start()
        try:
            story.show_registered()
            story.show_applied()
            if metered:
                story.show_export(5000)
            console.print(f"As the utility, limiting it to {limited} for 10 minutes, from {_LEAD} s on")
            control = program.control(start=server.now() + _LEAD, duration=600, **limit)
            mrid = control.mrid.hex().upper()
            following.hurry()
            story.show_sent(mrid, ResponseStatus.EVENT_RECEIVED)
            story.show_applied(mrid)
            story.show_sent(mrid, ResponseStatus.EVENT_STARTED)
            if metered:
                story.show_export(1500)
            console.print("As the utility, cancelling that")
            story.forget()
            control.cancel()
            following.hurry()
            story.show_applied()
            story.show_sent(mrid, ResponseStatus.CANCELLED)
            if metered:
                story.show_export(5000)
        finally:
            following.stop()
            thread.join()
    statuses = [response.status for response in server.responses(control)]
    console.print(f"The utility has the responses {', '.join(str(int(status)) for status in statuses)}")
    wanted = [ResponseStatus.EVENT_RECEIVED, ResponseStatus.EVENT_STARTED, ResponseStatus.CANCELLED]
    return story.complete and statuses == wanted
