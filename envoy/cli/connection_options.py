"""What the commands that talk to a server share: their options, and what they tell of each exchange."""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envoy.errors import EnvoyError

if TYPE_CHECKING:
    from envoy.client.attempt import Exchange

ServerOption = Annotated[
    str,
    typer.Option("--server", metavar="URL", help="The server: https://host:port, or the URL of DeviceCapability."),
]

HeaderOption = Annotated[
    list[str] | None, typer.Option("--header", metavar="NAME:VALUE", help="A further header; may be repeated.")
]

HostnameOption = Annotated[
    bool,
    typer.Option(
        "--check-hostname/--no-check-hostname",
        help="Whether the server's certificate must name the host. Its chain is always verified.",
    ),
]

OtherHostsOption = Annotated[
    bool, typer.Option("--allow-other-hosts", help="Follow links to other hosts, which then see the certificate.")
]

TimeoutOption = Annotated[float, typer.Option("--timeout", min=0.1, help="Seconds to wait for an answer.")]

RetriesOption = Annotated[
    int, typer.Option("--retries", min=0, help="How often a request is repeated that failed for what may pass.")
]

MaxWaitOption = Annotated[
    float, typer.Option("--max-wait", min=0, help="Longest wait in seconds before that, whatever the server asks for.")
]

RateOption = Annotated[
    float | None,
    typer.Option("--rate", min=0.001, help="Requests per second at most, as utilities demand. Default: no limit."),
]

VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="Show each exchange as it happens.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """How a command reaches the server, as a client takes it.

    Attributes are the parameters of the same names of ``Client``; ``headers`` are lines of NAME:VALUE.
    """

    url: str
    cert: Path | None
    key: Path | None
    ca: Path | None
    profile: str
    headers: list[str] | None
    check_hostname: bool
    allow_other_hosts: bool
    timeout: float
    retries: int
    max_wait: float
    rate: float | None

    def options(self) -> dict[str, Any]:
        """Return the arguments of a client.

        Raises:
            EnvoyError: A header is not NAME:VALUE.
        """
        return {field.name: getattr(self, field.name) for field in fields(self)} | {"headers": _headers(self.headers)}


def _headers(lines: list[str] | None) -> dict[str, str]:
    """Return the headers of ``--header`` options.

    Raises:
        EnvoyError: One is not NAME:VALUE.
    """
    headers = {}
    for line in lines or []:
        name, mark, value = line.partition(":")
        if not mark or not name.strip():
            raise EnvoyError(f"--header {line!r} is not NAME:VALUE", remedy="Write it as --header 'X-Token: secret'.")
        headers[name.strip()] = value.strip()
    return headers


def show_exchange(exchange: Exchange) -> None:
    """Show an exchange on stderr."""
    from envoy._text import printable

    request = exchange.request
    outcome = exchange.response.status if exchange.error is None else exchange.error.what
    again = f"  (attempt {exchange.attempt})" if exchange.attempt > 1 else ""
    line = f"{request.method:6} {request.href}  {outcome}  {exchange.seconds * 1000:.0f} ms{again}"
    typer.echo(printable(line), file=sys.stderr)


def show_repetition(exchange: Exchange) -> None:
    """Say on stderr that a request is going to be repeated, and why; nothing of one that is not."""
    if exchange.again:
        from envoy._text import printable

        why = exchange.error.what if exchange.error else f"the server responded with {exchange.response.status}"
        typer.echo(printable(f"{exchange.request}: {why}; trying again"), file=sys.stderr)
