"""The run of ``envoy follow``: the client and the device with everything that shows what they do, until a signal."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import typer

from envoy._version import __version__
from envoy.cli.follow.command_news import Began, Ended, Reloaded, Warned
from envoy.cli.follow.device_log import show_device_log
from envoy.cli.follow.display import SiteDisplay, choose_form
from envoy.cli.follow.setup import Setup
from envoy.cli.follow.signals import SignalThread
from envoy.cli.follow.view import View
from envoy.cli.terminal.exchanges import show_exchange
from envoy.cli.terminal.exit_status import FAILED, WRONG_USE, exit_on_errors
from envoy.errors import EnvoyError
from envoy.identity import format_lfdi
from envoy.tls.expiry import ExpiryWatch, find_expiries

if TYPE_CHECKING:
    from envoy.client.attempt import Exchange
    from envoy.client.client import Client
    from envoy.client.following import Following
    from envoy.server.notification_listener import NotificationListener


def run(setup: Setup, *, form: Literal["text", "json"] | None, metrics_port: int | None, verbose: bool) -> int:
    """Follow until a signal, and return the exit status.

    Args:
        setup: What is followed, for which device.
        form: How events are shown; None for a live view on a terminal.
        metrics_port: Where metrics are served; None for nowhere.
        verbose: Show each request.
    """
    view = View()
    display = SiteDisplay(choose_form(form), view)

    def note(exchange: Exchange) -> None:
        view.note_exchange(exchange, display.now())
        if verbose:
            # What cannot be shown, for a full disk or a reader that has gone, ends nothing.
            with suppress(OSError):
                show_exchange(exchange)

    with ExitStack() as stack:
        stack.enter_context(show_device_log())
        with exit_on_errors(failed=WRONG_USE):
            client = stack.enter_context(setup.client(on_exchange=note))
            listener = setup.open_listener()
            if listener is not None:
                stack.enter_context(listener)
            following = stack.enter_context(_open(setup, client, display, listener))
            display.schedule, display.now = following.schedule, following.clock
            display.on_broken = following.stop
            if metrics_port is not None:
                from envoy.cli.follow.metrics import HOST, Metrics, ViewCollector  # deferred: needs the extra

                display.metrics = stack.enter_context(Metrics(ViewCollector(view, display.now), metrics_port))
                if not metrics_port:
                    typer.echo(f"Metrics at http://{HOST}:{display.metrics.port}/metrics", err=True)
        attendant = _Attendant(setup, client, following, listener, display, view)
        signals = SignalThread(end=attendant.end, reload=attendant.reload, look=attendant.look, leave=display.leave)
        display.take(
            Began(
                time=display.now(),
                site=str(setup.path),
                lfdi=format_lfdi(setup.site.lfdi),
                server=setup.url,
                profile=setup.profile.name,
                devices=setup.kinds,
                version=__version__,
            )
        )
        with signals, display, exit_on_errors(wrong=FAILED):
            following.run()
            left = "last" if setup.keep else "default"
            reason = attendant.reason or "the reader of its lines"
            display.take(Ended(time=display.now(), reason=reason, device=left, owed=len(following.schedule.owed)))
    return 1 if display.broken else 0


def _open(setup: Setup, client: Client, display: SiteDisplay, listener: NotificationListener | None) -> Following:
    device = setup.open_devices()
    try:
        return client.follow(
            setup.site,
            device,
            state=setup.state,
            policy=setup.policy,
            failsafe=setup.failsafe,
            mirrors=setup.mirrors or None,
            keep=setup.keep,
            on_news=display.follow_up,
            notifications=listener,
        )
    except BaseException:
        device.close()
        raise


class _Attendant:
    """Does what signals ask for, and watches the certificates.

    Attributes:
        reason: The name of the signal that ended it; empty as long as none did.
    """

    def __init__(
        self,
        setup: Setup,
        client: Client,
        following: Following,
        listener: NotificationListener | None,
        display: SiteDisplay,
        view: View,
    ) -> None:
        self.reason = ""
        self._files = setup.connection
        self._notifications = setup.notifications
        self._listener = listener
        self._client = client
        self._following = following
        self._display = display
        self._view = view
        self._watch = ExpiryWatch([])
        self._read()

    def end(self, signal: str) -> None:
        """End it."""
        self.reason = signal
        self._following.stop()

    def reload(self) -> None:
        """Read the certificates again. If they cannot be used, those that there are go on being used.

        The signal for that is also the one for a terminal that has gone, which ends it.
        """
        if self._display.hung_up:
            self.end("SIGHUP")
            return
        try:
            self._client.reload_certificates()
            if self._listener is not None:
                self._listener.reload_certificates()
        except EnvoyError as error:
            self._warn(f"the certificates were not read again: {error.where}: {error.what}")
            return
        self._read()
        first = min((each.ends for each in self._view.expiries), default=None)
        self._display.take(Reloaded(time=self._display.now(), expires=first))
        self._following.hurry()
        self.look()

    def look(self) -> None:
        """Warn of certificates that expire."""
        for text in self._watch.look(datetime.now(UTC)):
            self._warn(text)

    def _read(self) -> None:
        try:
            expiries = find_expiries(self._files.cert, self._files.key, self._files.ca)
            self._view.expiries = [*expiries, *self._notifications.find_expiries(self._files)]
        except EnvoyError as error:
            # TLS takes what another library may not be able to read.
            self._view.expiries = ()
            self._warn(f"the expiry of the certificates is not known: {error.where}: {error.what}")
        self._watch = ExpiryWatch(list(self._view.expiries))

    def _warn(self, text: str) -> None:
        self._display.take(Warned(time=self._display.now(), text=text))
