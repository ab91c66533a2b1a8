"""Command ``envoy serve``: run a utility server for demos and tests. Needs the extra ``server``."""

from __future__ import annotations

import importlib.util
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from envoy.cli.connection_options import LinkedProfileOption, expand_options
from envoy.errors import EnvoyError
from envoy.profiles import DEFAULT_PROFILE


@dataclass(frozen=True, slots=True, kw_only=True)
class UtilityOptions:
    """Options of the utility. The names are those of ``envoy.server.Settings``."""

    profile: LinkedProfileOption = DEFAULT_PROFILE
    pin: Annotated[int, typer.Option(help="PIN in the Registration of each EndDevice.")] = 111115
    page_limit: Annotated[int, typer.Option(min=1, help="Send at most N items in one page of a list.")] = 50
    in_band: Annotated[bool, typer.Option(help="Let clients register EndDevices (else 403).")] = True
    max_readings: Annotated[int, typer.Option(min=1, help="Take at most N readings in one POST (else 413).")] = 1000
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
    manual_clock: Annotated[
        bool, typer.Option("--manual-clock", help="Let the clock stand still until an order puts it forward.")
    ] = False,
    log: Annotated[bool, typer.Option("--log", help="Print a line for each request.")] = False,
) -> None:
    """Run a small utility server for demos and tests.

    It is not a production server.

    HTTPS with required client certificates; each certificate sees its own devices alone.

    A RULE of --fail tests a client: 'PUT */cp 500' fails the first such request, 'PUT */cp 500 3' the first three,
    '* * delay=2 *' delays all. Instead of a status also drop-before, drop-after, truncate or garbage.
    """
    require_server()
    # deferred: needs the extra
    from envoy.server import ServerSettings, Settings, parse_fault
    from envoy.server import serve as run

    run(
        certificate=cert,
        key=key,
        ca=ca,
        host=host,
        port=port,
        database=database,
        utility_settings=Settings(**asdict(utility)),
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
        manual_clock=manual_clock,
    )


def require_server() -> None:
    """Raise an EnvoyError if the extra ``server`` is not installed."""
    for package in ("starlette", "uvicorn"):
        if importlib.util.find_spec(package) is None:
            raise EnvoyError(f"this command needs the package {package}", remedy="pip install 'envoy-client[server]'")
