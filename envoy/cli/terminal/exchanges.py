"""The requests of a command, and outages of the server, one line each on stderr."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import typer

from envoy._text import printable, shorten
from envoy.cli.terminal.moments import show_moment

if TYPE_CHECKING:
    from envoy.client.attempt import Exchange
    from envoy.fleet import Outage


def show_exchange(exchange: Exchange) -> None:
    """Show a request with its outcome and duration."""
    request = exchange.request
    outcome = exchange.response.status if exchange.error is None else exchange.error.what
    attempt = f"  (attempt {exchange.attempt})" if exchange.attempt > 1 else ""
    line = f"{request.method:6} {shorten(request.href, 300)}  {outcome}  {exchange.seconds * 1000:.0f} ms{attempt}"
    typer.echo(printable(line), err=True)


def show_retry(exchange: Exchange) -> None:
    """Show that a request is going to be retried, and why; nothing for any other."""
    if exchange.again:
        reason = exchange.error.what if exchange.error else f"the server responded with {exchange.response.status}"
        typer.echo(printable(f"{exchange.request}: {reason}; trying again"), err=True)


def show_outage(outage: Outage) -> None:
    """Show that a run waits for the server, since when and until when; or that it goes on."""
    now = int(time.time())
    if outage.over:
        line = "The server responds again; going on."
    else:
        since, until = (show_moment(int(moment), now) for moment in (outage.since, outage.until))
        reason = shorten(outage.reason, 300)
        line = f"No response from the server since {since}; waiting for it until {until} at most: {reason}"
    typer.echo(printable(line), err=True)
