"""Command ``envoy tls-check``: show what TLS a server negotiates."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from envoy._text import printable
from envoy.cli.connection_options import CAOption, CertOption, KeyOption, own_lfdi
from envoy.cli.discover import is_auto, search_server
from envoy.cli.terminal.exit_status import WRONG_USE, exit_on_errors
from envoy.cli.terminal.option_names import name_options
from envoy.errors import EnvoyError

if TYPE_CHECKING:
    from envoy.tls.check import CertificateFacts, TLSReport


@exit_on_errors(failed=WRONG_USE)
def tls_check(
    url: Annotated[
        str | None,
        typer.Argument(metavar="[URL]", help="Server: https://host:port, the URL of its DeviceCapability, or auto."),
    ] = None,
    server: Annotated[str | None, typer.Option(metavar="URL", help="Server, if there is no argument.")] = None,
    cert: CertOption = None,
    key: KeyOption = None,
    ca: CAOption = None,
    timeout: Annotated[float, typer.Option(min=0.1, help="Wait at most these seconds for a connection.")] = 10.0,
) -> None:
    """Show what TLS a server negotiates and what is wrong.

    Exit status: 0 nothing is wrong, 1 something is, 2 the server cannot be reached or a file not be used.
    """
    from envoy.tls.check import check_tls  # deferred: loads cryptography

    address = url or server
    if address is None:
        raise EnvoyError("no server is named", remedy="Give its URL, as the argument or with --server.")
    searched = is_auto(address)
    if searched:
        address = search_server(own_lfdi(cert, key))
    report = check_tls(address, cert=cert, key=key, ca=ca, check_hostname=not searched, timeout=timeout)
    for label, text in _lines(report):
        typer.echo(f"{label:12} {printable(text)}".rstrip())
    for finding in report.findings:
        remedy = printable(name_options(finding.remedy))
        typer.echo(f"{'wrong' if finding.serious else 'warning'}: {printable(finding.what)}\n  {remedy}")
    if not report.good:
        sys.exit(1)
    typer.echo("Nothing is wrong.")


def _lines(report: TLSReport) -> list[tuple[str, str]]:
    known = {True: "yes", False: "no", None: "not known, the handshake ended before"}
    lines = [("server", report.host), *([("proxy", report.proxy)] if report.proxy else [])]
    lines.append(("negotiated", report.negotiated or "nothing"))
    if report.server is None:
        lines.append(("certificate", "not seen, the handshake ended before"))
    else:
        lines += _certificate("certificate", report.server)
    lines += [("trusted", known[report.trusted]), ("names host", known[report.named])]
    wishes = {True: "asked for", False: "not asked for", None: "not demanded"}
    asked = "demanded" if report.demanded else wishes[report.asked]
    if report.own is None:
        return [*lines, ("ours", f"none, {asked}")]
    taken = f"accepted (HTTP {report.status})" if report.accepted else "not accepted"
    return [*lines, *_certificate("ours", report.own), ("", f"{asked}, {taken}")]


def _certificate(label: str, facts: CertificateFacts) -> list[tuple[str, str]]:
    days = (facts.ends - datetime.now(UTC)).days
    return [
        (label, facts.subject or "without a subject"),
        ("", f"signed by {facts.issuer}"),
        ("", f"for {', '.join(facts.names) or 'no host'}"),
        ("", f"valid {facts.begins:%Y-%m-%d} to {facts.ends:%Y-%m-%d} ({days} days left)"),
        ("", f"LFDI {facts.lfdi.hex().upper()}"),
    ]
