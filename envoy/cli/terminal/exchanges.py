"""The requests of a command, one line each on stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from envoy._text import printable, shorten

if TYPE_CHECKING:
    from envoy.client.attempt import Exchange


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
