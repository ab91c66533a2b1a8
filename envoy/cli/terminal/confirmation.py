"""Questions of a command before it does what cannot be undone."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from envoy.errors import EnvoyError

YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]


def confirm(question: str, *, yes: bool) -> bool:
    """Return whether somebody who was asked on the terminal agrees; standard input may say so as well.

    Args:
        question: What is about to be done.
        yes: It is agreed to by an option.

    Raises:
        EnvoyError: Nobody says anything.
    """
    if yes:
        return True
    # What goes to standard output may be read by a program.
    typer.echo(f"{question} [y/N] ", nl=False, err=True)
    said = "" if sys.stdin is None else sys.stdin.readline()
    if not said:
        typer.echo(err=True)
        raise EnvoyError("nothing was done, since nobody can be asked", remedy="--yes does it without asking.")
    return said.strip().lower() in ("y", "yes")
