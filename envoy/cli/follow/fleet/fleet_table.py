"""The live view of a fleet that is followed, on a terminal: how all sites are, those that need to be seen to first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from envoy._text import printable
from envoy.cli.follow.fleet.fleet_lines import to_line
from envoy.cli.follow.fleet.fleet_view import Concern, FleetSummary, FleetView, SiteView, describe_held
from envoy.cli.follow.live_view import describe_first_expiry
from envoy.cli.terminal.moments import show_duration

_MOST_GROUPS = 4
"""What many sites keep to is shown in so many groups."""

_STYLES = {Concern.OWING: "yellow", Concern.UNREGISTERED: "yellow", Concern.FINE: ""}

_LONGEST_KEY, _SHORT_KEY, _WIDE = 40, 17, 120
"""Characters of a key that are shown: an LFDI where the terminal is wide, else what comes first in it."""

_LEAST_ROWS = 3
"""How many sites are worth more than the notes."""


@dataclass(frozen=True, slots=True)
class FleetScreen:
    """What is said of all sites, and below it as many sites as the terminal has room for, the worst first.

    Attributes:
        view: What is known.
        now: The time.
    """

    view: FleetView
    now: float

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield what is drawn."""
        head = _tabulate(self.view, self.now)
        yield head
        room = options.size.height - len(console.render_lines(head, options)) - 1
        notes = [Text(to_line(note), style="dim", overflow="ellipsis", no_wrap=True) for note in self.view.notes]
        notes = notes[max(0, len(notes) - max(0, room - _LEAST_ROWS - 4)) :]
        rows = room - 2 - (len(notes) + 1 if notes else 0)
        if rows > 0 and self.view.sites:
            yield Text("")
            yield _list_sites(self.view.find_worst(rows), options.max_width)
        if notes:
            yield Text("")
            yield from notes


def _tabulate(view: FleetView, now: float) -> Table:
    summary = view.summarise()
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="ellipsis", no_wrap=True)
    for label, lines in (
        ("fleet", _describe_fleet(view, summary, now)),
        ("contact", [_describe_contact(view, summary)]),
        ("in force", list(_describe_in_force(summary))),
        ("responses", [Text(f"{summary.owed:,} owed", style="yellow") if summary.owed else Text("none owed")]),
        ("devices", [_describe_devices(summary)]),
        ("delay", [_describe_delay(summary)]),
        ("requests", [_describe_requests(view)]),
        ("certificate", describe_first_expiry(view.expiries, now)),
    ):
        for number, line in enumerate(lines):
            table.add_row("" if number else label, line)
    return table


def _describe_fleet(view: FleetView, summary: FleetSummary, now: float) -> Iterable[Text]:
    if view.began is None:
        return [Text("starting")]
    began = view.began
    since = show_duration(max(0, round(now - began.time)))
    lines = [Text(f"{printable(began.fleet)}  {summary.sites:,} sites at {began.server} ({began.profile}) for {since}")]
    if view.file_error:
        lines.append(Text(printable(f"the file was not taken over: {view.file_error}"), style="bold red"))
    if view.left_out:
        lines.append(Text(f"{view.left_out:,} rows of it are wrong, and not followed", style="bold red"))
    return lines


def _describe_contact(view: FleetView, summary: FleetSummary) -> Text:
    if view.outage:
        return Text(printable(f"no contact: {view.outage}"), style="bold red")
    parts = [f"{summary.in_contact:,} in contact"]
    concerns = (Concern.NO_CONTACT, Concern.UNREGISTERED, Concern.SILENCED, Concern.FAILED)
    parts += [f"{summary.concerns[each]:,} {each}" for each in concerns if summary.concerns[each]]
    bad = summary.concerns[Concern.NO_CONTACT] + summary.concerns[Concern.SILENCED] + summary.concerns[Concern.FAILED]
    good = summary.in_contact == summary.sites
    return Text(", ".join(parts), style="bold red" if bad else "green" if good else "yellow")


def _describe_in_force(summary: FleetSummary) -> Iterable[Text]:
    for text, count in summary.in_force.most_common(_MOST_GROUPS):
        yield Text(printable(f"{count:,} sites: {text}"))
    if (more := len(summary.in_force) - _MOST_GROUPS) > 0:
        yield Text(f"and {more:,} other combinations", style="dim")


def _describe_devices(summary: FleetSummary) -> Text:
    parts = [f"{summary.concerns[each]:,} {each}" for each in (Concern.NO_DEVICE, Concern.REFUSED)]
    bad = summary.concerns[Concern.NO_DEVICE] + summary.concerns[Concern.REFUSED]
    return Text(", ".join(parts) if bad else "as they should be", style="bold red" if bad else "")


def _describe_delay(summary: FleetSummary) -> Text:
    if summary.median_delay is None or summary.worst_delay is None:
        return Text("nothing applied yet")
    return Text(f"median {summary.median_delay:.2f} s, worst {summary.worst_delay:.2f} s, of the last limits applied")


def _describe_requests(view: FleetView) -> Text:
    requests = view.requests.copy()
    failed = sum(count for (_, status), count in requests.items() if not 200 <= status < 400)
    return Text(f"{requests.total():,} sent{f', {failed:,} failed' if failed else ''}")


def _list_sites(sites: Iterable[SiteView], width: int) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_edge=False, expand=True)
    most = _LONGEST_KEY if width >= _WIDE else _SHORT_KEY
    table.add_column("SITE", max_width=most, overflow="ellipsis", no_wrap=True, header_style="dim")
    table.add_column("", no_wrap=True)
    for heading in ("WHY", "IN FORCE"):
        table.add_column(heading, ratio=1, overflow="ellipsis", no_wrap=True, header_style="dim")
    for heading in ("OWED", "DELAY"):
        table.add_column(heading, justify="right", no_wrap=True, header_style="dim")
    for site in sites:
        reason = site.silenced or site.failure or site.device_lost or " ".join(site.refused) or site.outage
        table.add_row(
            printable(site.key),
            Text(site.concern, style=_STYLES.get(site.concern, "bold red")),
            printable(reason),
            printable(describe_held(site.held)),
            f"{site.owed:,}" if site.owed else "",
            "" if site.delay is None else f"{site.delay:.2f}",
        )
    return table


def render_fleet(view: FleetView, now: float) -> FleetScreen:
    """Return the view as it is drawn.

    Args:
        view: What is known.
        now: The time.
    """
    return FleetScreen(view, now)
