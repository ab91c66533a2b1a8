"""Command ``envoy devices``: list the EndDevices of a server, or compare them with a fleet."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envoy._text import printable
from envoy.cli.connection_options import Connection, DelimiterOption, ServerOption, VerboseOption, expand_options
from envoy.cli.discover import locate_server
from envoy.cli.registration.register_fleet import CONCURRENCY, ConcurrencyOption
from envoy.cli.terminal.confirmation import YesOption, confirm
from envoy.cli.terminal.exchanges import show_exchange, show_outage, show_retry
from envoy.cli.terminal.exit_status import FAILED, WRONG_USE, exit_on_errors, show_warnings
from envoy.cli.terminal.option_names import name_options
from envoy.cli.terminal.output import show_form
from envoy.errors import EnvoyError, TransportError

if TYPE_CHECKING:
    from envoy.fleet import Fleet, SiteResult, State
    from sep2 import EndDevice

_FORMATS = ("text", "json", "csv")
_DEVICE = ("lfdi", "sfdi", "enabled", "device_category", "href")
_DIFFERENCE = ("state", "lfdi", "site", "href", "resource", "difference")


@expand_options
def devices(
    *,
    server: ServerOption,
    connection: Connection,
    concurrency: ConcurrencyOption = None,
    diff: Annotated[
        Path | None,
        typer.Option("--diff", metavar="FLEET", help="Compare with a fleet: what is missing, extra or different."),
    ] = None,
    delimiter: DelimiterOption = None,
    delete_extra: Annotated[
        bool, typer.Option("--delete-extra", help="With --diff: delete EndDevices that the fleet does not have.")
    ] = False,
    yes: YesOption = False,
    form: Annotated[str, typer.Option("--format", metavar="FORM", help=f"{', '.join(_FORMATS)}.")] = "text",
    verbose: VerboseOption = False,
) -> None:
    """List the EndDevices of a server, or compare a fleet.

    Nothing is written to the server. envoy register --update FLEET brings it in line, but for what is extra; that is
    deleted with --delete-extra, which asks first. The EndDevice of the certificate is never extra.

    Exit status: 0; 1 there is a difference (--diff), or the list cannot be read; 2 options or rows are wrong, or with
    --diff whether there is a difference is not known.
    """
    if form not in _FORMATS:
        raise EnvoyError(f"--format {form} is unknown", remedy=f"The formats are {', '.join(_FORMATS)}.")
    if delete_extra and diff is None:
        raise EnvoyError("--delete-extra needs a fleet", remedy="Name what the server is to have: --diff FLEET.")
    server, connection = locate_server(server, connection)
    arguments = connection.arguments(server)
    if diff is None:
        _list({**arguments, "on_exchange": show_exchange if verbose else show_retry}, form)
        return
    from envoy.fleet import Fleet, State  # deferred: --help does not need it

    # The requests of a fleet that are retried are too many to be shown.
    arguments["on_exchange"] = show_exchange if verbose else None
    with exit_on_errors(failed=WRONG_USE):
        fleet = Fleet(diff, connection.profile, delimiter=delimiter or ",")
        states, extra = asyncio.run(_compare(fleet, arguments, connection.own_lfdi, concurrency or CONCURRENCY, form))
        if delete_extra and extra:
            if _is_incomplete(states):
                raise EnvoyError("nothing was deleted, since not all sites could be compared", remedy="Run it again.")
            arguments["on_exchange"] = show_exchange if verbose else show_retry
            states[State.EXTRA] = _delete(extra, arguments, yes=yes)
    if _is_incomplete(states):
        sys.exit(WRONG_USE)
    sys.exit(FAILED if states.total() > states[State.UNCHANGED] else 0)


def _list(connection: dict[str, Any], form: str) -> None:
    # deferred: load httpx and cryptography
    from envoy.client.client import Client
    from envoy.protocol.discovery import discover, end_device_list
    from envoy.protocol.paging import Pages
    from envoy.protocol.session import Session
    from sep2 import EndDeviceList

    table = _Table(form, _DEVICE, (40, 12, 8, 30, 0))
    with Client(**connection) as client:
        # A list that is not whole is an error here, as it is for a registration.
        session = Session(client.profile)
        href = end_device_list(client.run(discover(session, client.entry)))
        try:
            pages = Pages(session, "end-device", href, EndDeviceList)
            while page := client.run(pages.next()):
                for device in page:
                    table.add(describe_device(device))
        finally:
            table.finish()
            show_warnings(session.findings)
    if not table.rows:
        typer.echo("The server has no EndDevice that this certificate may see.", err=True)


def describe_device(device: EndDevice) -> dict[str, Any]:
    """Return what a list shows of an EndDevice, by name."""
    from envoy.identity import format_sfdi  # deferred: --help does not need it

    category = device.device_category
    return {
        "lfdi": device.lfdi.hex().upper() if device.lfdi else "",
        "sfdi": format_sfdi(device.sfdi) if device.sfdi else "",
        "enabled": device.enabled,
        "device_category": None if category is None else " ".join(flag.name or "" for flag in category),
        "href": device.href or "",
    }


async def _compare(
    fleet: Fleet, connection: dict[str, Any], own: Callable[[], bytes | None], concurrency: int, form: str
) -> tuple[Counter[State], list[tuple[bytes, str]]]:
    """Show how the server differs from a fleet; return how many sites are in which state, and what is extra."""
    # deferred: --help needs none of it
    from envoy.client.async_client import AsyncClient
    from envoy.fleet import FleetRun, State, Summary

    summary = Summary()
    table = _Table(form, _DIFFERENCE, (10, 40, 0, 0, 0, 0))
    async with AsyncClient(**connection, max_connections=concurrency) as client:
        with FleetRun(client, fleet, concurrency=concurrency, writes=False, on_outage=show_outage) as run:
            try:
                await run.check()
            finally:
                show_form(fleet.path, fleet.format)
            async with contextlib.aclosing(run.results()) as results:
                async for result in results:
                    summary.add(result)
                    for difference in _differences(result):
                        table.add(difference)
            extra = list(run.extra_devices(own()))
            for lfdi, href in extra:
                summary.states[State.EXTRA] += 1
                table.add({"state": State.EXTRA, "lfdi": lfdi.hex().upper(), "href": href})
    table.finish()
    show_warnings(run.survey.findings if run.survey else ())
    counts = ", ".join(f"{count:,} {state}" for state, count in summary.states.items())
    typer.echo(counts, err=True)
    return summary.states, extra


def _is_incomplete(states: Counter[State]) -> bool:
    from envoy.fleet import State  # deferred: --help does not need it

    return bool(states[State.FAILED] or states[State.NOT_TRIED])


def _delete(extra: list[tuple[bytes, str]], connection: dict[str, Any], *, yes: bool) -> int:
    """Delete EndDevices if that is agreed to, in the order of the list; return how many are left."""
    # deferred: load httpx and cryptography
    from envoy.client.client import Client
    from envoy.registration.deregister import delete_registered

    count = "this EndDevice and all below it" if len(extra) == 1 else f"these {len(extra):,} EndDevices, and all below"
    if not confirm(f"Delete {count}?", yes=yes):
        typer.echo("Nothing was deleted.", err=True)
        return len(extra)
    left = 0
    with Client(**connection) as client:
        for lfdi, href in extra:
            try:
                if not lfdi:
                    raise EnvoyError("the list does not say its LFDI, so that it may be that of a site")
                deleted = client.run(delete_registered(lfdi, href, client.profile))
            except EnvoyError as error:
                if isinstance(error, TransportError):
                    raise
                left += 1
                typer.echo(printable(name_options(f"{href} not deleted: {error.problem}")), err=True)
            else:
                typer.echo(f"{href} {'deleted' if deleted else 'was gone already'}", err=True)
    return left


def _differences(result: SiteResult) -> Iterator[dict[str, Any]]:
    from envoy.fleet import State  # deferred: --help does not need it

    about = {"state": result.state, "lfdi": result.lfdi.hex().upper(), "site": result.where, "href": result.href}
    if result.error is not None:
        yield {**about, "difference": str(result.error)}
    elif result.state is State.MISSING:
        yield about
    elif result.registration is not None:
        for step in result.registration.deviations:
            yield {**about, "href": step.href, "resource": step.step, "difference": step.detail or step.outcome}


class _Table:
    """Table whose rows are printed as they come.

    Args:
        form: Format: text, json or csv.
        names: Names of the columns.
        widths: Their widths in text; 0 for as wide as what is in it.
    """

    def __init__(self, form: str, names: tuple[str, ...], widths: tuple[int, ...]) -> None:
        self._form = form
        self._names = names
        self._widths = widths
        self.rows = 0
        self._csv = csv.writer(sys.stdout, lineterminator="\n")
        if form == "csv":
            self._csv.writerow(names)

    def add(self, row: dict[str, Any]) -> None:
        values = {name: row.get(name) for name in self._names}
        if self._form == "json":
            typer.echo(f"{',' if self.rows else '['}\n {json.dumps(values, ensure_ascii=False)}", nl=False)
        elif self._form == "csv":
            self._csv.writerow(values.values())
            sys.stdout.flush()
        else:
            texts = ("" if value is None else printable(str(value)) for value in values.values())
            cells = zip(texts, self._widths, strict=True)
            typer.echo("  ".join(f"{cell:{width}}" for cell, width in cells if cell or width).rstrip())
        self.rows += 1

    def finish(self) -> None:
        if self._form == "json":
            typer.echo("\n]" if self.rows else "[]")
        sys.stdout.flush()
