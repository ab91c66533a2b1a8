"""Command ``envoy explain``: explain the codes of the findings of ``envoy validate``."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from envoy.errors import EnvoyError

FORMATS = ("text", "markdown", "json")
"""Formats of an explanation."""

_HEAD = """\
# Codes of findings

What `envoy validate` finds: what each code means, why it matters, a wrong document and a right one. This page is what
`envoy explain --all --format markdown` prints.

| code | meaning | section |
| --- | --- | --- |
"""


def explain(
    codes: Annotated[list[str] | None, typer.Argument(metavar="[CODE]...", help="Codes such as out-of-order.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Explain all codes.")] = False,
    form: Annotated[str, typer.Option("--format", metavar="FORM", help=f"{', '.join(FORMATS)}.")] = "text",
) -> None:
    """Explain the codes of findings, with examples.

    Exit status: 0, or 2 if there is no such code or an option is wrong.
    """
    from envoy.checker.explanations import explain as find  # deferred: --help does not need it
    from envoy.checker.explanations import explain_all

    if form not in FORMATS:
        raise EnvoyError(f"--format {form} is unknown", remedy=f"The formats are {', '.join(FORMATS)}.")
    if bool(codes) == everything:
        raise EnvoyError(
            "name the codes to explain, or --all", remedy="envoy validate prints the code of each finding."
        )
    found = list(explain_all()) if everything else [find(code) for code in codes or ()]
    if form == "json":
        typer.echo(json.dumps([{**asdict(x), "silence": x.silence} for x in found], indent=2))
    elif form == "markdown":
        rows = "".join(f"| [{x.code}](#{x.code}) | {x.what} | {x.section} |\n" for x in found)
        typer.echo("\n".join([*([_HEAD + rows] if everything else []), *(x.to_markdown() for x in found)]), nl=False)
    else:
        typer.echo("\n".join(map(str, found)), nl=False)
