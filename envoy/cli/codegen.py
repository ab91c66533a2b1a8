"""Command ``envoy codegen``: make bindings of an XSD. Needs the extra ``codegen``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def codegen(
    schema: Annotated[
        list[Path], typer.Option("--schema", metavar="FILE", help="Start from this XSD file; repeatable.")
    ],
    package: Annotated[str, typer.Option("--package", metavar="NAME", help="Give the package this import name.")],
    output: Annotated[Path, typer.Option("--output", metavar="DIR", help="Make the package in this folder.")],
    allow_limits: Annotated[
        bool, typer.Option("--allow-limits", help="Leave out what the typed models cannot express, and list it.")
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; list the files that are stale.")] = False,
) -> None:
    """Make typed Python bindings of an XSD.

    A schema of your own may redefine that of IEEE 2030.5; envoy schema copies it. Needs the extra codegen.

    Exit status: 0 all is well, 1 something is stale (--check), 2 the schema cannot be used.
    """
    from envoy.codegen import Job, run  # deferred: no other command needs it

    sys.exit(run(Job(schema, package, output, allow_limits=allow_limits), check=check))
