"""Command ``envoy explain-controls``: what was, is and will be in force at a device that follows, and why."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from envoy.errors import EnvoyError

if TYPE_CHECKING:
    from envoy.der.state.history import History

_FORMATS = ("text", "json")


def explain_controls(
    *,
    state: Annotated[
        Path, typer.Option("--state", metavar="DIR", help="Folder of the state of envoy follow; it is only read.")
    ],
    site: Annotated[
        str | None, typer.Option("--site", metavar="LFDI", help="Fleet: the site, by its LFDI or how that begins.")
    ] = None,
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

    if form not in _FORMATS:
        raise EnvoyError(f"--format {form} is unknown", remedy=f"The formats are {', '.join(_FORMATS)}.")
    now = int(time.time())
    moment, length = parse_moment(at, now), parse_duration(around)
    explanation = explain_controls(_read(state, site), now=now, at=moment, before=length, after=length)
    with Destination(None if html is None else or_stdout(html)) as report:
        if html is not None:
            report.write(write_page(explanation))
        elif form == "json":
            report.write(json.dumps(dump_explanation(explanation), indent=2) + "\n")
        else:
            report.write(write_text(explanation))
        report.finish()


def _read(state: Path, site: str | None) -> History:
    # deferred: --help does not need them
    from envoy.der.state.fleet_history import is_fleet_state, read_fleet_history
    from envoy.der.state.history import read_history

    if is_fleet_state(state):
        return read_fleet_history(state, site or "")
    if site is not None:
        remedy = "Leave --site out, or give the folder of a fleet."
        raise EnvoyError("--site is for the state of a fleet", where=str(state), remedy=remedy)
    return read_history(state)
