"""Command ``envoy pki``: make certificates for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def pki(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder for the files; made if it is not there.")],
    device: Annotated[
        list[str] | None,
        typer.Option("--device", metavar="NAME", help="Make a certificate for this client; repeatable."),
    ] = None,
    host: Annotated[
        list[str] | None,
        typer.Option("--host", metavar="NAME", help="Name this host or address in the server's; repeatable."),
    ] = None,
) -> None:
    """Make a test CA with server and device certificates.

    Run again with other names, it adds to what is there and overwrites no key.
    """
    from envoy.identity import format_lfdi  # deferred: --help does not need it
    from envoy.tls.pki import LOCAL_HOSTS, create_pki  # deferred: loads cryptography

    made = create_pki(folder, devices=device or ["aggregator"], hosts=host or LOCAL_HOSTS)
    for name, files in {"CA": made.ca, "server": made.server, **made.devices}.items():
        lfdi = f"  LFDI {format_lfdi(files.lfdi)}" if name in made.devices else ""
        typer.echo(f"{files.state:8}  {files.certificate}  {files.key}{lfdi}")
