"""Command ``envoy serve``: run a utility server for demos and tests. Needs the extra ``server``."""

from __future__ import annotations

import contextlib
import importlib.util
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from envoy.cli.connection_options import LinkedProfileOption, expand_options
from envoy.cli.terminal.exit_status import WRONG_USE, exit_on_errors
from envoy.cli.terminal.output import Destination, or_stdout
from envoy.errors import EnvoyError
from envoy.profiles import DEFAULT_PROFILE


@dataclass(frozen=True, slots=True, kw_only=True)
class UtilityOptions:
    """Options of the utility. The names are those of ``envoy.server.Settings``."""

    profile: LinkedProfileOption = DEFAULT_PROFILE
    pin: Annotated[int, typer.Option(help="PIN in the Registration of each EndDevice.")] = 111115
    page_limit: Annotated[int, typer.Option(min=1, help="Send at most N items in one page of a list.")] = 50
    in_band: Annotated[bool, typer.Option(help="Let clients register EndDevices (else 403).")] = True
    pre_registered: Annotated[bool, typer.Option(help="Have the EndDevice of a client ready before it registers.")] = (
        False
    )
    max_readings: Annotated[int, typer.Option(min=1, help="Take at most N readings in one POST (else 413).")] = 1000
    poll_rate: Annotated[
        int | None,
        typer.Option(min=1, metavar="SECONDS", help="Give every resource this pollRate."),
    ] = None
    post_rate: Annotated[
        int | None, typer.Option(min=0, metavar="SECONDS", help="Give each MirrorUsagePoint this postRate.")
    ] = None
    mirror_lifetime: Annotated[
        int | None,
        typer.Option(min=1, metavar="SECONDS", help="Drop a MirrorUsagePoint after this time without a POST."),
    ] = None
    lenient: Annotated[
        bool, typer.Option("--lenient", help="Take lists of readings without all and results, with a warning.")
    ] = False
    pen: Annotated[int, typer.Option(min=0, max=99_999_999, help="PEN that the mRIDs of controls end in.")] = 32473
    time_quality: Annotated[int, typer.Option(min=3, max=7, help="Quality of Time: 3 the best, 7 by none.")] = 7
    time_offset: Annotated[int, typer.Option(metavar="SECONDS", help="Let the clock of the utility be ahead.")] = 0
    time_zone: Annotated[str, typer.Option(metavar="NAME", help="Time zone in Time, such as Australia/Brisbane.")] = ""
    keep_events: Annotated[
        int | None, typer.Option(min=0, metavar="SECONDS", help="Forget events that have been over for this long.")
    ] = 86_400
    notification_hosts: Annotated[
        list[str] | None,
        typer.Option("--notification-host", metavar="HOST", help="Send notifications to this host too; repeatable."),
    ] = None
    notifications: Annotated[
        Literal["whole", "changed"], typer.Option(help="Notify of whole lists, or of changes as the reference server.")
    ] = "whole"
    subscription_lifetime: Annotated[
        int | None,
        typer.Option(min=1, metavar="SECONDS", help="Forget a subscription after this time without a renewal."),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsalOptions:
    """Options of the rehearsal of a procedure or scenario."""

    procedure: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Rehearse a published CSIP-AUS client procedure, YAML.")
    ] = None
    scenario: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Rehearse a scenario of your own, YAML (page Procedures of envoy docs)."),
    ] = None
    report: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Write a report too: .xml is JUnit, .json JSON, else text; repeatable."),
    ] = None
    client_pen: Annotated[
        int | None, typer.Option(min=0, metavar="PEN", help="PEN that the client's LFDIs and mRIDs are to end in.")
    ] = None
    aggregator: Annotated[
        bool, typer.Option("--aggregator", help="The client is an aggregator: its own EndDevice is none of its sites.")
    ] = False
    patience: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="Fail when nothing happens for this time; 0 for never.")
    ] = 900
    proceed_after: Annotated[
        float | None,
        typer.Option(min=0, metavar="SECONDS", help="Go on where people are to confirm; in a terminal, Enter does."),
    ] = None


CHANNEL = "ENVOY_CHANNEL"
"""Environment variable with the file of the control channel."""


@expand_options
def serve(
    *,
    cert: Annotated[Path, typer.Option("--cert", metavar="FILE", help="Certificate of the server, PEM.")],
    key: Annotated[Path, typer.Option("--key", metavar="FILE", help="Private key of the certificate, PEM.")],
    ca: Annotated[Path, typer.Option("--ca", metavar="FILE", help="Let in clients of this CA, PEM.")],
    host: Annotated[str, typer.Option(help="Listen on this address.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Listen on this port; 0 for any that is free.")] = 8443,
    database: Annotated[str, typer.Option(help="Keep the data in this SQLite file; :memory: keeps nothing.")] = (
        ":memory:"
    ),
    utility: UtilityOptions,
    rehearsal: RehearsalOptions,
    fail: Annotated[
        list[str] | None,
        typer.Option("--fail", metavar="RULE", help="Let requests go wrong, such as 'PUT */cp 500'; repeatable."),
    ] = None,
    disturb: Annotated[
        float, typer.Option(metavar="RATE", help="Let this share of requests go wrong, at random: 0.05 is 5 %.")
    ] = 0.0,
    seed: Annotated[int, typer.Option(help="Choose the disturbed requests; the same seed, the same ones.")] = 0,
    latency: Annotated[float, typer.Option(metavar="SECONDS", help="Wait before each request is processed.")] = 0.0,
    max_connections: Annotated[
        int, typer.Option(min=1, help="Serve at most N connections at a time; more end idle ones.", metavar="N")
    ] = 1000,
    control: Annotated[
        bool, typer.Option("--control", help="Take orders as JSON lines on standard input; stop at its end.")
    ] = False,
    channel: Annotated[
        Path | None,
        typer.Option(metavar="FILE", envvar=CHANNEL, help="Take the orders of 'envoy utility'; write to FILE how."),
    ] = None,
    console: Annotated[
        bool, typer.Option("--console", help="Have a page to operate it by, on this machine; print its URL.")
    ] = False,
    advertise: Annotated[
        bool, typer.Option("--advertise", help="Let clients of the local network find it, by DNS-SD.")
    ] = False,
    manual_clock: Annotated[
        bool, typer.Option("--manual-clock", help="Let the clock stand still until an order puts it forward.")
    ] = False,
    log: Annotated[
        bool, typer.Option("--log/--quiet", help="Print a line for each request, and for each handshake that fails.")
    ] = True,
) -> None:
    """Run a small utility server for demos and tests.

    It is not a production server.

    HTTPS with required client certificates; each certificate sees its own devices alone.

    A RULE of --fail tests a client: 'PUT */cp 500' fails the first such request, 'PUT */cp 500 3' the first three,
    '* * delay=2 *' delays all. Instead of a status also drop-before, drop-after, truncate or garbage.

    With --procedure or --scenario it ends with the run: status 0 if the client has passed, 1 if not, 2 for a file that
    cannot be run.
    """
    require_server()
    # deferred: needs the extra
    from envoy.server import ServerSettings, Settings, parse_fault
    from envoy.server.run import serve_utility
    from envoy.utility import ManualClock, Utility

    clock = ManualClock(time.time()) if manual_clock else time.time
    server = partial(
        serve_utility,
        certificate=cert,
        key=key,
        ca=ca,
        host=host,
        port=port,
        settings=ServerSettings(
            faults=tuple(parse_fault(rule) for rule in fail or ()),
            disturb=disturb,
            seed=seed,
            latency=latency,
            log_requests=log,
            max_connections=max_connections,
        ),
        control=control,
        channel=channel,
        console=console,
        advertise=advertise,
    )
    if rehearsal.procedure or rehearsal.scenario:
        with exit_on_errors(failed=WRONG_USE):
            passed = _rehearse(rehearsal, utility, database, clock, server, quiet=control)
        raise typer.Exit(0 if passed else 1)
    with Utility(Settings(**asdict(utility)), database, now=clock) as served:
        server(served)


_FORMS = {".xml": "junit", ".json": "json"}
"""The forms of reports by the suffix of their file."""


def _rehearse(
    options: RehearsalOptions,
    utility: UtilityOptions,
    database: str,
    clock: Callable[[], float],
    server: Callable[..., None],
    *,
    quiet: bool,
) -> bool:
    """Serve a utility that follows a procedure, report, and return whether the client has passed."""
    from envoy.procedures.progress import RunSettings
    from envoy.procedures.reader import read_procedure
    from envoy.procedures.rehearsal import Rehearsal
    from envoy.procedures.report import FORMATS
    from envoy.procedures.scenario import read_scenario
    from envoy.utility import Settings

    if options.procedure and options.scenario:
        raise EnvoyError("--procedure and --scenario cannot be run together", remedy="Leave one out.")
    procedure = read_procedure(options.procedure) if options.procedure else read_scenario(options.scenario or "")
    profile = procedure.choose_profile(utility.profile, default=DEFAULT_PROFILE)
    settings = Settings(**{**asdict(utility), "profile": profile})
    interactive = not quiet and sys.stdin is not None and sys.stdin.isatty()
    run_settings = RunSettings(
        patience=options.patience or None,
        proceed_after=(None if interactive else 30.0) if options.proceed_after is None else options.proceed_after,
        pen=options.client_pen,
        aggregator=options.aggregator,
    )
    notify = partial(typer.echo, err=True)
    reports = options.report or []
    with contextlib.ExitStack() as stack:
        # Opened before hours have gone by.
        destinations = [(file, stack.enter_context(Destination(or_stdout(file)))) for file in reports]
        rehearsal = stack.enter_context(
            Rehearsal(procedure, settings, database, run_settings=run_settings, notify=notify, now=clock)
        )
        enter = threading.Event()
        if interactive:
            threading.Thread(target=_listen_for_enter, args=(enter,), daemon=True).start()

        def watch() -> bool:
            if enter.is_set():
                enter.clear()
                with contextlib.suppress(EnvoyError):
                    rehearsal.run.proceed()
            return rehearsal.watch()

        server(rehearsal, watch=watch)
        outcome = rehearsal.run.outcome
        for file, destination in destinations:
            destination.write(FORMATS[_FORMS.get(file.suffix.lower(), "text")](outcome))
    if not quiet and Path("-") not in reports:
        typer.echo(FORMATS["text"](outcome), nl=False)
    return outcome.passed


def _listen_for_enter(enter: threading.Event) -> None:
    """Set an event for each line on standard input."""
    for _ in sys.stdin:
        enter.set()


def require_server() -> None:
    """Raise an EnvoyError if the extra ``server`` is not installed."""
    for module, package in (("starlette", "starlette"), ("uvicorn", "uvicorn"), ("yaml", "pyyaml")):
        if importlib.util.find_spec(module) is None:
            raise EnvoyError(f"this command needs the package {package}", remedy="pip install 'envoy-client[server]'")
