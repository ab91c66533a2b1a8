"""What commands that talk to a server share: headers from the command line, and showing each exchange."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from envoy.errors import EnvoyError

if TYPE_CHECKING:
    from envoy.client import Exchange


def headers_from(lines: list[str]) -> dict[str, str]:
    """Return the headers of ``--header NAME:VALUE`` options."""
    headers = {}
    for line in lines:
        name, mark, value = line.partition(":")
        if not mark or not name.strip():
            raise EnvoyError(f"--header {line!r} is not NAME:VALUE", remedy="Write it as --header 'X-Token: secret'.")
        headers[name.strip()] = value.strip()
    return headers


def show_exchange(exchange: Exchange) -> None:
    """Print an exchange on stderr."""
    from envoy.printable import printable

    request = exchange.request
    outcome = exchange.response.status if exchange.error is None else exchange.error.what
    again = f"  (attempt {exchange.attempt})" if exchange.attempt > 1 else ""
    line = f"{request.method:6} {request.href}  {outcome}  {exchange.seconds * 1000:.0f} ms{again}"
    typer.echo(printable(line), file=sys.stderr)
