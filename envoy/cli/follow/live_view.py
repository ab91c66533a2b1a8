"""The live view of a site that is followed, on a terminal: what holds and why, what comes, and how all of it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from itertools import starmap
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderResult
from rich.live import Live
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from envoy._text import printable
from envoy.cli.follow.view import View
from envoy.cli.terminal.moments import show_duration, show_moment
from envoy.der.follow.device import DeviceStatus
from envoy.der.follow.news_text import describe_response, describe_setting
from envoy.der.limits import Limit, Limits

if TYPE_CHECKING:
    from envoy.tls.expiry import Expiry

_REFRESHES = 2
"""How often per second it is drawn."""

_MOST_REASONS = 3
_MOST_OWED = 3
_LEAST_LINES = 3
"""How many of the last lines are worth more than the reasons."""


class LiveView:
    """Draws a view twice a second, in a thread of its own, as a context manager.

    Args:
        draw: Returns what is drawn.
        console: Where to draw it; None for standard output.
        per_second: How often it is drawn.
    """

    def __init__(
        self,
        draw: Callable[[], ConsoleRenderable],
        *,
        console: Console | None = None,
        per_second: float = _REFRESHES,
    ) -> None:
        self._live = Live(
            console=console or Console(highlight=False),
            get_renderable=draw,
            refresh_per_second=per_second,
            redirect_stdout=False,
            redirect_stderr=True,
        )

    def __enter__(self) -> Self:
        self._live.start(refresh=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        # The terminal may have gone.
        with suppress(OSError):
            self._live.stop()


@dataclass(frozen=True, slots=True)
class Screen:
    """A table, and below it as many of the last lines as the terminal has room for.

    Attributes:
        tables: The table, and shorter ones for small terminals.
        lines: The lines, the last one at the end.
    """

    tables: Sequence[Table]
    lines: Sequence[str]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield what is drawn."""
        for table in self.tables:
            room = options.size.height - len(console.render_lines(table, options)) - 1
            if room >= _LEAST_LINES:
                break
        yield table
        if room > 0 and self.lines:
            yield Text("")
            for line in self.lines[-room:]:
                yield Text(line, style="dim", overflow="ellipsis", no_wrap=True)


def render(view: View, now: float) -> Screen:
    """Return the view as it is drawn; without the reasons where the terminal is too small for them.

    Args:
        view: What is known.
        now: The time.
    """
    return Screen([_tabulate(view, now, reasons) for reasons in (_MOST_REASONS, 0)], view.lines)


def _tabulate(view: View, now: float, reasons: int) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for label, lines in (
        ("site", _describe_site(view)),
        ("contact", [_describe_contact(view, now)]),
        ("in force", _describe_settings(view, now, reasons)),
        ("limits", [] if view.limits is None else [Text(describe_limits(view.limits))]),
        ("next", _describe_outlook(view, now)),
        ("responses", _describe_owed(view)),
        ("device", _describe_device(view)),
        ("certificate", describe_first_expiry(view.expiries, now)),
    ):
        for number, line in enumerate(lines):
            table.add_row("" if number else label, line)
    return table


def _describe_site(view: View) -> list[Text]:
    if view.began is None:
        return [Text("starting")]
    began = view.began
    where = view.href or "not registered yet"
    return [Text(printable(f"{began.site}  LFDI {began.lfdi}  {began.server} ({began.profile})  {where}"))]


def _describe_contact(view: View, now: float) -> Text:
    if view.silenced:
        return Text(printable(f"SILENT: {view.silenced}"), style="bold red")
    age = "none yet" if view.contact is None else f"{_ago(now - view.contact)} ago"
    if view.outage is not None:
        return Text(printable(f"{age}; no contact: {view.outage.reason}"), style="bold red")
    return Text(age, style="green" if view.contact is not None else "yellow")


def _describe_settings(view: View, now: float, most: int) -> list[Text | Padding]:
    lines: list[Text | Padding] = []
    for setting in view.settings:
        until = "" if setting.until is None else f" until {show_moment(setting.until, int(now))}"
        lines.append(Text(printable(f"{describe_setting(setting)}{until}"), style="bold"))
        reasons = (Text(printable(reason), style="dim") for reason in setting.reasons[:most])
        lines += [Padding(reason, (0, 0, 0, 2)) for reason in reasons]
    return lines or [Text("nothing is controlled")]


def _describe_outlook(view: View, now: float) -> list[Text]:
    lines = []
    for change in view.outlook:
        held = ", ".join(map(describe_setting, change.in_force)) or "nothing is controlled"
        wait = show_duration(max(0, round(change.time - now)))
        lines.append(Text(printable(f"{show_moment(change.time, int(now))} (in {wait})  {held}")))
    return lines or [Text("no change is known")]


def _describe_owed(view: View) -> list[Text]:
    if not view.owed:
        return [Text("none owed")]
    lines = [Text(f"{describe_response(each)}", style="yellow") for each in view.owed[:_MOST_OWED]]
    if (more := len(view.owed) - len(lines)) > 0:
        lines.append(Text(f"and {more} more"))
    return lines


def _describe_device(view: View) -> list[Text]:
    if view.device_lost:
        return [Text(printable(f"no device: {view.device_lost}"), style="bold red")]
    if view.status is None:
        return [Text("not looked at yet")]
    lines = [describe_status(view.status)]
    if view.readings is not None:
        for place, values in (("site", view.readings.site), ("device", view.readings.der)):
            if values:
                lines.append(f"{place}: {', '.join(starmap(describe_reading, values.items()))}")
    return [Text(printable(line)) for line in lines]


_UNITS = {
    "active": "W",
    "reactive": "var",
    "voltage": "V",
    "current": "A",
    "frequency": "Hz",
    "energy": "Wh",
    "stored": "Wh",
}
"""Units of readings, by the first word of their names."""


def describe_reading(name: str, value: Decimal) -> str:
    """Return what is measured, in words."""
    return f"{name.replace('-', ' ')} {value:,} {_UNITS.get(name.partition('-')[0], '')}".rstrip()


def describe_status(status: DeviceStatus) -> str:
    """Return how a device is, in words."""
    words = ["connected" if status.connected else "disconnected", "operating" if status.operating else "not operating"]
    words += ["available"] * (status.available and not status.operating) + ["FAILED"] * status.failed
    words += ["in a test"] * status.testing + ["controlled on the spot"] * status.local_control
    if status.alarms:
        words.append(f"alarms: {_names(status.alarms)}")
    if status.inverter is not None:
        words.append(f"inverter {status.inverter.name.lower().replace('_', ' ')}")
    if status.state_of_charge is not None:
        words.append(f"charged {status.state_of_charge} %")
    return ", ".join(words)


def _names(flags: Iterable[object]) -> str:
    return " ".join(str(getattr(flag, "name", flag)).lower().replace("_", " ") for flag in flags)


def describe_limits(limits: Limits) -> str:
    """Return what modes amount to for a device, in words."""
    if not limits.running:
        return "disconnected" if not limits.connected else "de-energized"
    words = [
        f"{what} at most {limit.watts.normalize():,f} W ({limit.by})"
        for what in ("export", "import", "generation", "load")
        if isinstance(limit := getattr(limits, f"{what}_w"), Limit)
    ]
    targets = (
        ("target", limits.target_w, "W"),
        ("storage", limits.storage_w, "W"),
        ("target", limits.target_var, "var"),
    )
    words += [f"{what} {value.normalize():,f} {unit}" for what, value, unit in targets if value is not None]
    return ", ".join(words)


def describe_first_expiry(expiries: Sequence[Expiry], now: float) -> list[Text]:
    """Return the line about the certificate that expires first; none if no expiry is known."""
    if not expiries:
        return []
    first = min(expiries, key=lambda each: each.ends)
    days = int((first.ends.timestamp() - now) // 86_400)
    style = "bold red" if days < 7 else "yellow" if days < 30 else ""
    return [Text(printable(f"{first.what} expires {first.ends:%Y-%m-%d} ({days:,} days left)"), style=style)]


def _ago(seconds: float) -> str:
    return show_duration(max(0, round(seconds)))
