"""The demo: a registration with a real server on this machine, with nothing left behind.

It makes certificates, starts the server as a process of its own, registers a site over mutual TLS, and registers it
again to show that nothing changes. Then a simulated DER follows a control of the utility, until that is cancelled.
Every message that went over the wire is validated, and the server is stopped.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from envoy._text import join_words, printable
from envoy.client.client import Exchange
from envoy.errors import ProfileError
from envoy.identity import format_lfdi
from envoy.profiles import LINKED, Profile, get_profile
from envoy.protocol.dialects import PROTOCOL_DIALECTS
from envoy.protocol.results import Registration
from envoy.registration.dry_run import example_site
from envoy.registration.site import Site
from envoy.testing.demo_follow import follow_control
from envoy.testing.utility_server import UtilityServer
from envoy.validation.validate import Finding, validate

_JSON = b"{"
"""The beginning of what is at the well-known path of CSIP-AUS 1.3, which no schema is for."""


def run(profile: str) -> bool:
    """Run the demo.

    Args:
        profile: Name of the profile to show.

    Returns:
        Whether all went as it should: both registrations ended, the second changed nothing, every message is valid.

    Raises:
        EnvoyError: It could not run, or a registration failed.
    """
    chosen = get_profile(profile)
    if not PROTOCOL_DIALECTS[chosen.dialect].linked:
        raise ProfileError(
            f"the demo has nothing to show in the profile {chosen.name}",
            remedy=f"Servers of that time have no links. Use {join_words(LINKED, 'or')}.",
        )
    console = Console(highlight=False)
    site = Site.load(example_site(chosen), profile=chosen)
    exchanges: list[Exchange] = []
    registered = threading.Event()

    def show(exchange: Exchange) -> None:
        if not exchanges and exchange.tls:
            console.print(f"  {exchange.tls}, both sides authenticated", style="dim")
        exchanges.append(exchange)
        if not registered.is_set():
            console.print(_line(exchange))

    with _ending_in_order():
        console.print("Making a CA, a server certificate and an aggregator certificate (P-256)")
        with UtilityServer(chosen) as server, server.client("aggregator", on_exchange=show) as client:
            console.print(f"Server: {server.url}/dcap")
            console.print(f"Aggregator: LFDI {format_lfdi(server.client_files('aggregator').lfdi)}")
            console.print(f"\nRegistering {example_site(chosen).name}, LFDI {format_lfdi(site.lfdi)}")
            first = client.register(site)
            console.print(_table(first))
            console.print("\nRegistering it again")
            second = client.register(site)
            registered.set()
            controlled = follow_control(console, server, client, site)
    return _verdict(console, chosen, first, second, exchanges) and controlled


def _verdict(
    console: Console, profile: Profile, first: Registration, second: Registration, exchanges: list[Exchange]
) -> bool:
    if second.changed:
        console.print(f"It wrote again: {', '.join(step.href for step in second.changes)}")
    else:
        console.print(f"Nothing changed: {second.href} was there")
    for warning in (*first.findings, *second.findings):
        console.print(f"warning: {warning}", markup=False)
    bodies, findings = _validate(exchanges, profile)
    console.print(f"{len(exchanges)} exchanges, {bodies} messages validated by the {profile.name} schema: ", end="")
    console.print("all valid" if not findings else f"{len(findings)} findings")
    for finding in findings:
        console.print(f"  {finding}", markup=False)
    good = not second.changed and not findings and first.href == second.href and not first.findings + second.findings
    console.print("The server is stopped. All went as it should." if good else "The server is stopped.")
    return good


def _validate(exchanges: list[Exchange], profile: Profile) -> tuple[int, list[Finding]]:
    """Return how many messages went over the wire, both ways, and what is wrong with them."""
    bodies = [
        (f"{way} {exchange.request}", body)
        for exchange in exchanges
        for way, body in (("sent", exchange.request.content), ("received", exchange.response.content))
        if body and not body.startswith(_JSON)
    ]
    return len(bodies), [x for source, body in bodies for x in validate(body, profile=profile, source=source)]


def _line(exchange: Exchange) -> str:
    request, response = exchange.request, exchange.response
    created = f" -> {response.location}" if request.method == "POST" and response.location else ""
    target = printable(request.href + created)
    return f"  {request.method:5}{target:42} {response.status}  {exchange.seconds * 1000:6.1f} ms"


def _table(registration: Registration) -> Table:
    table = Table("step", "outcome", "resource", "detail", box=None, header_style="bold", pad_edge=False)
    for step in registration.steps:
        table.add_row(step.step, str(step.outcome), printable(step.href), printable(step.detail))
    return table


@contextlib.contextmanager
def _ending_in_order() -> Iterator[None]:
    """Let SIGTERM, as a CI system sends it, stop the server and remove the keys on the way out."""

    def leave(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
