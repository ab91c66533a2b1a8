"""Command ``envoy utility``: operate a running ``envoy serve``, by its control channel."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envoy.cli.serve import CHANNEL
from envoy.errors import EnvoyError

if TYPE_CHECKING:
    from envoy.testing.channel import ChannelOperator

utility = typer.Typer(help="Limit the sites of a running envoy serve, and see more.", no_args_is_help=True)

ChannelOption = Annotated[
    Path, typer.Option(metavar="FILE", envvar=CHANNEL, help="The file of 'envoy serve --channel FILE'.")
]
SiteArgument = Annotated[
    str, typer.Argument(metavar="SITE", help="LFDI, href (/edev/2) or NMI of a site; 'all' for all of them.")
]
OptionalSite = Annotated[str | None, typer.Argument(metavar="SITE", help="Only what concerns this site.")]
PrimacyOption = Annotated[int, typer.Option(min=0, max=255, help="Primacy of the program; the lowest wins.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Export = Annotated[float | None, typer.Option("--export", metavar="W", help="Limit of the export of the site.")]
Import = Annotated[float | None, typer.Option("--import", metavar="W", help="Limit of the import of the site.")]
Generation = Annotated[float | None, typer.Option("--generation", metavar="W", help="Limit of what the DER generates.")]
Load = Annotated[float | None, typer.Option("--load", metavar="W", help="Limit of what the DER consumes.")]
Connect = Annotated[bool | None, typer.Option("--connect/--disconnect", help="Connect to the grid, or disconnect.")]
Energize = Annotated[
    bool | None, typer.Option("--energize/--de-energize", help="Exchange power with the grid, or not.")
]


@utility.command()
def limit(
    site: SiteArgument,
    channel: ChannelOption,
    *,
    export: Export = None,
    import_: Import = None,
    generation: Generation = None,
    load: Load = None,
    connect: Connect = None,
    energize: Energize = None,
    duration: Annotated[str, typer.Option("--for", metavar="DURATION", help="How long: 90s, 10m, 2h.")],
    at: Annotated[
        str, typer.Option(metavar="TIME", help="When: 14:00, +5m, or a date and time. Default: now.")
    ] = "+0s",
    randomize: Annotated[
        str, typer.Option(metavar="DURATION", help="Let each site start at random within this time.")
    ] = "0s",
    primacy: PrimacyOption = 1,
) -> None:
    """Limit a site for some time, or disconnect it.

    It makes a control in a program of that site. A new one supersedes those of the same primacy that it overlaps.
    """
    from envoy.cli.terminal.moments import parse_duration, parse_moment
    from envoy.cli.utility.description import describe_control  # deferred: --help needs none of it

    modes = _modes(export, import_, generation, load, connect, energize)
    if not modes:
        raise EnvoyError(
            "there is nothing to limit", remedy="Give --export, --import, --generation, --load, --disconnect ..."
        )
    with _open(channel) as operator:
        now = operator.now()
        made = operator.site_program(site, primacy).control(
            start=parse_moment(at, now),
            duration=parse_duration(duration),
            randomize_start=parse_duration(randomize) or None,
            **modes,
        )
        typer.echo(describe_control(_find(operator, made.number), now))


@utility.command()
def default(
    site: SiteArgument,
    channel: ChannelOption,
    *,
    export: Export = None,
    import_: Import = None,
    generation: Generation = None,
    load: Load = None,
    connect: Connect = None,
    energize: Energize = None,
    gradient: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="setGradW: ramp in 0.01 % of setMaxW per second.")
    ] = None,
    primacy: PrimacyOption = 1,
) -> None:
    """Set what applies when no control does; without options, nothing does."""
    from envoy.cli.utility.description import describe_program  # deferred: --help needs none of it

    modes = _modes(export, import_, generation, load, connect, energize)
    with _open(channel) as operator:
        program = operator.site_program(site, primacy)
        program.default(**modes, set_grad_w=gradient)
        for described in operator.list_programs():
            if described["program"] == program.number:
                typer.echo("\n".join(describe_program({**described, "controls": ()}, operator.now())))


@utility.command("list")
def list_(channel: ChannelOption, site: OptionalSite = None, as_json: JsonOption = False) -> None:
    """List programs, with the controls that are not over."""
    from envoy.cli.utility.description import describe_program  # deferred: --help needs none of it

    with _open(channel) as operator:
        programs = operator.list_programs(site)
        if as_json:
            typer.echo(json.dumps(programs, indent=2))
            return
        for program in programs:
            typer.echo("\n".join(describe_program(program, operator.now())))


@utility.command()
def sites(channel: ChannelOption, as_json: JsonOption = False) -> None:
    """List the EndDevices: href, LFDI and NMI."""
    with _open(channel) as operator:
        found = operator.list_sites()
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    for site in found:
        typer.echo(f"{site['href']:12}  {site['lfdi']}  {site['nmi'] or ''}".rstrip())


@utility.command()
def cancel(
    controls: Annotated[list[int], typer.Argument(metavar="CONTROL...", help="Numbers of the controls, as listed.")],
    channel: ChannelOption,
) -> None:
    """Cancel controls."""
    from envoy.cli.utility.description import describe_control  # deferred: --help needs none of it

    with _open(channel) as operator:
        for number in controls:
            operator.ask("cancel", control=number)
            typer.echo(describe_control(_find(operator, number), operator.now()))


@utility.command()
def responses(
    channel: ChannelOption,
    site: OptionalSite = None,
    control: Annotated[int | None, typer.Option(metavar="CONTROL", help="Only those to this control.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List the responses of the sites, in the order they came."""
    from envoy.cli.utility.description import describe_response  # deferred: --help needs none of it

    with _open(channel) as operator:
        if as_json:
            typer.echo(json.dumps(operator.ask("responses", control=control, site=site)["responses"], indent=2))
            return
        for response in operator.responses(site=site):
            if control in (None, response.control):
                typer.echo(describe_response(response, operator.now()))


@utility.command()
def outage(
    duration: Annotated[str, typer.Argument(metavar="DURATION", help="How long: 90s, 7m; 0 ends it before its time.")],
    channel: ChannelOption,
    status: Annotated[int, typer.Option(min=400, max=599, help="HTTP status of the responses.")] = 500,
    path: Annotated[str, typer.Option(metavar="PATTERN", help="Only requests to these paths: '*/derc'.")] = "*",
    retry_after: Annotated[
        int | None, typer.Option(min=0, metavar="SECONDS", help="Ask for a retry after this time.")
    ] = None,
) -> None:
    """Respond to all requests with an error for some time."""
    from envoy.cli.terminal.moments import parse_duration  # deferred: --help needs none of it

    with _open(channel) as operator:
        operator.outage(parse_duration(duration), status, path=path, retry_after=retry_after)


@utility.command()
def proceed(channel: ChannelOption) -> None:
    """Go on with the step of a rehearsal that waits for people."""
    with _open(channel) as operator:
        typer.echo(operator.ask("proceed")["step"])


@utility.command()
def rehearsal(channel: ChannelOption, as_json: JsonOption = False) -> None:
    """Print the report of a rehearsal, as far as it has come."""
    with _open(channel) as operator:
        typer.echo(operator.ask("rehearsal", form="json" if as_json else "text")["report"], nl=False)


@utility.command()
def rates(
    changes: Annotated[
        list[str], typer.Argument(metavar="NAME=SECONDS...", help="Such as der_program_list=60, or end_device=300.")
    ],
    channel: ChannelOption,
) -> None:
    """Change pollRate and postRate of resources.

    A pollRate: device_capability, end_device_list, function_set_assignments_list, der_program_list, der_list,
    mirror_usage_point_list, response_set_list, log_event_list, time. A postRate: end_device, mirror_usage_point.
    """
    from envoy.utility.rates import POSTED  # deferred: --help needs none of it

    given: dict[str, int] = {}
    for change in changes:
        name, _, seconds = change.partition("=")
        if not (seconds.isascii() and seconds.isdecimal() and len(seconds) <= 10):
            raise EnvoyError(f"{change!r} is not a rate", remedy="Write a name and seconds: der_program_list=60.")
        given[name.replace("-", "_")] = int(seconds)
    with _open(channel) as operator:
        operator.post_rates(**{name: seconds for name, seconds in given.items() if name in POSTED})
        operator.poll_rates(**{name: seconds for name, seconds in given.items() if name not in POSTED})


@utility.command()
def clock(
    channel: ChannelOption,
    quality: Annotated[int | None, typer.Option(min=3, max=7, help="Quality of Time: 3 the best.")] = None,
    offset: Annotated[int | None, typer.Option(metavar="SECONDS", help="Let the clock be ahead.")] = None,
    zone: Annotated[str | None, typer.Option(metavar="NAME", help="Time zone, such as Australia/Brisbane.")] = None,
    advance: Annotated[
        str | None, typer.Option(metavar="DURATION", help="Put a clock forward that stands still: 90s, 10m.")
    ] = None,
) -> None:
    """Show or change the clock that the sites see."""
    from envoy.cli.terminal.moments import parse_duration  # deferred: --help needs none of it

    with _open(channel) as operator:
        if (quality, offset, zone) != (None, None, None):
            operator.set_time(quality=quality, offset=offset, zone=zone)
        if advance is not None:
            operator.advance(parse_duration(advance))
        typer.echo(f"{datetime.fromtimestamp(operator.now(), UTC):%Y-%m-%dT%H:%M:%SZ}")


@utility.command()
def watch(channel: ChannelOption, site: OptionalSite = None) -> None:
    """Print each change of a control and each response, until Ctrl-C."""
    from envoy.cli.utility.description import Watch  # deferred: --help needs none of it

    with _open(channel) as operator:
        watched = Watch(operator, site)
        while True:
            time.sleep(1)
            for line in watched.look():
                typer.echo(line)
            sys.stdout.flush()


def _open(file: Path) -> ChannelOperator:
    from envoy.testing.channel import ChannelOperator  # deferred: --help needs none of it

    return ChannelOperator(file)


def _modes(
    export: float | None,
    import_: float | None,
    generation: float | None,
    load: float | None,
    connect: bool | None,
    energize: bool | None,
) -> dict[str, Any]:
    modes = {
        "op_mod_exp_lim_w": export,
        "op_mod_imp_lim_w": import_,
        "op_mod_gen_lim_w": generation,
        "op_mod_load_lim_w": load,
        "op_mod_connect": connect,
        "op_mod_energize": energize,
    }
    return {name: value for name, value in modes.items() if value is not None}


def _find(operator: ChannelOperator, number: int) -> dict[str, Any]:
    found: dict[str, Any] = operator.ask("describe-control", control=number)
    return found
