"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from envoy.profiles import DEFAULT_PROFILE, LINKED, PROFILES

ProfileOption = Annotated[
    str,
    typer.Option("--profile", metavar="NAME", help=f"How messages look on the wire: {', '.join(PROFILES)}."),
]

ServerProfileOption = Annotated[
    str,
    typer.Option("--profile", metavar="NAME", help=f"How messages look on the wire: {', '.join(LINKED)}."),
]

DEFAULT = DEFAULT_PROFILE

CertOption = Annotated[Path | None, typer.Option("--cert", metavar="FILE", help="Client certificate, PEM.")]

KeyOption = Annotated[
    Path | None, typer.Option("--key", metavar="FILE", help="Its private key, PEM, if it is not in the same file.")
]

CAOption = Annotated[
    Path | None, typer.Option("--ca", metavar="FILE", help="CA of the server, PEM. Default: those of the system.")
]


def or_stdout(file: Path | None) -> Path | None:
    """Return the file of ``--output``, None for standard output, which ``-`` means as it does elsewhere."""
    return None if file == Path("-") else file
