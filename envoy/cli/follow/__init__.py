"""Command ``envoy follow``: follow a utility server for a device."""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from envoy.cli.connection_options import ServerOption, VerboseOption, expand_options
from envoy.cli.follow.fleet.fleet_setup import FleetFollowOptions, FleetSetup
from envoy.cli.follow.notifications import NotificationOptions
from envoy.cli.follow.options import DeviceOptions, PolicyOptions
from envoy.cli.follow.setup import FollowConnection, FollowOptions, Setup
from envoy.errors import EnvoyError


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplayOptions:
    """Options of what is shown."""

    format: Annotated[
        Literal["text", "json"] | None, typer.Option(help="Print a line or JSON object per event. Default: live view.")
    ] = None
    metrics: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, metavar="PORT", help="Serve metrics for Prometheus on 127.0.0.1; 0 for any port."
        ),
    ] = None


@expand_options
def follow(
    site: Annotated[
        Path,
        typer.Argument(metavar="SITE.toml|FLEET", help="Site file; or fleet: .csv, .jsonl, or a folder of site files."),
    ],
    *,
    server: ServerOption,
    connection: FollowConnection,
    device: DeviceOptions,
    following: FollowOptions,
    policy: PolicyOptions,
    notifications: NotificationOptions,
    display: DisplayOptions,
    fleet: FleetFollowOptions,
    check: Annotated[bool, typer.Option("--check", help="Look at everything and change nothing.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be applied and sent; do neither.")
    ] = False,
    verbose: VerboseOption = False,
) -> None:
    """Follow a utility server for a device or a fleet.

    It registers the site, has the device keep to what the utility says, sends responses and reports, and goes on by
    what it knows while there is no contact. SIGTERM or Ctrl-C ends it, a second one at once; SIGHUP reads the
    certificates again, and the file of a fleet, which is watched too. The page "Following on a device" of envoy docs
    has more.

    Exit status: 0 it was ended by a signal, or nothing is wrong (--check, --dry-run); 1 it cannot go on, or something
    is wrong; 2 options or files are wrong, and nothing was sent or applied.
    """
    from envoy.fleet.fleet_file import is_fleet  # deferred: --help does not need it

    if display.metrics is not None and not check:
        require_metrics()
    if is_fleet(site):
        if dry_run:
            remedy = "--check looks at a fleet; --dry-run at one of its sites, in a site file."
            raise EnvoyError("--dry-run is for one site, and not for a fleet", remedy=remedy)
        load_fleet = partial(FleetSetup.load, site, server, connection, device, policy, following, notifications, fleet)
        sys.exit(_follow_fleet(load_fleet, display, check=check, verbose=verbose))
    if (option := fleet.first_given()) is not None:
        raise EnvoyError(f"{option} is for a fleet, and {site} is a single site", remedy="Leave it out.")
    load = partial(Setup.load, site, server, connection, device, policy, following, notifications)
    if check:
        from envoy.cli.follow.check import run_checks, show_results  # deferred: --help does not need it

        sys.exit(0 if show_results(run_checks(load), as_json=display.format == "json") else 1)
    setup = load()
    with _no_log():
        if dry_run:
            from envoy.cli.follow.dry_run import show_dry_run  # deferred: --help does not need it

            sys.exit(0 if show_dry_run(setup) else 1)
        from envoy.cli.follow.run import run  # deferred: --help does not need it

        sys.exit(run(setup, form=display.format, metrics_port=display.metrics, verbose=verbose))


def _follow_fleet(load: Callable[[], FleetSetup], display: DisplayOptions, *, check: bool, verbose: bool) -> int:
    if check:
        # deferred: --help does not need them
        from envoy.cli.follow.check import show_results
        from envoy.cli.follow.fleet.fleet_check import run_fleet_checks

        return 0 if show_results(run_fleet_checks(load), as_json=display.format == "json") else 1
    from envoy.cli.follow.fleet.fleet_run import run_fleet  # deferred: --help does not need it

    setup = load()
    with _no_log():
        return run_fleet(setup, form=display.format, metrics_port=display.metrics, verbose=verbose)


@contextlib.contextmanager
def _no_log() -> Iterator[None]:
    """Keep Python from writing to standard error what no handler takes: what is displayed is logged too."""
    logger, handler = logging.getLogger("envoy.der.follow"), logging.NullHandler()
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


def require_metrics() -> None:
    """Raise an EnvoyError if the extra ``metrics`` is not installed."""
    if importlib.util.find_spec("prometheus_client") is None:
        raise EnvoyError("--metrics needs the package prometheus-client", remedy="pip install 'envoy-client[metrics]'")
