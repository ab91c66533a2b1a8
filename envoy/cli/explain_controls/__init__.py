"""Command ``envoy explain-controls``: what was, is and will be in force at a device that follows, and why."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated

import typer

from envoy.errors import EnvoyError

_FORMATS = ("text", "json")


def explain_controls(
    *,
    state: Annotated[
        Path, typer.Option("--state", metavar="DIR", help="Folder of the state of envoy follow; it is only read.")
    ],
    at: Annotated[str, typer.Option(metavar="TIME", help="When: -2h, +30min, 14:00, now, or a date and time.")] = "now",
    around: Annotated[
        str, typer.Option(metavar="DURATION", help="How much to show before and after that: 90s, 10m, 12h, 7d.")
    ] = "12h",
    form: Annotated[str, typer.Option("--format", metavar="FORM", help=f"{', '.join(_FORMATS)}.")] = "text",
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write a page with the time axis instead; - is standard output."),
    ] = None,
) -> None:
    """Explain what held, holds and will hold, and why.

    What was in force comes from the history in the state, what will be from the controls that are known; envoy follow
    may run meanwhile. Times are in UTC.

    Exit status: 0; 2 the state cannot be read, or an option is wrong.
    """
    # deferred: --help does not need them
    from envoy.cli.explain_controls.page import write_page
    from envoy.cli.explain_controls.text import write_text
    from envoy.cli.terminal.moments import parse_duration, parse_moment
    from envoy.cli.terminal.output import Destination, or_stdout
    from envoy.der.state.explanation import dump_explanation, explain_controls
    from envoy.der.state.history import read_history

    if form not in _FORMATS:
        raise EnvoyError(f"--format {form} is unknown", remedy=f"The formats are {', '.join(_FORMATS)}.")
    now = int(time.time())
    moment, length = parse_moment(at, now), parse_duration(around)
    explanation = explain_controls(read_history(state), now=now, at=moment, before=length, after=length)
    with Destination(None if html is None else or_stdout(html)) as report:
        if html is not None:
            report.write(write_page(explanation))
        elif form == "json":
            report.write(json.dumps(dump_explanation(explanation), indent=2) + "\n")
        else:
            report.write(write_text(explanation))
        report.finish()
