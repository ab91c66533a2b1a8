"""The state of one site in the state file of a fleet: what has changed of it, and the rows in which that is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from envoy._sqlite import Database
from envoy.der.follow.news import News
from envoy.der.in_force import Setting
from envoy.der.modes import MODES
from envoy.der.record import Record
from envoy.der.responses import DueResponse
from envoy.der.schedule import Schedule
from envoy.der.state.departures import LEFT
from envoy.der.state.schedule_rows import encode
from envoy.errors import StateError

_NOTHING = encode({})

_SITE = (
    "INSERT INTO site (rowid, lfdi, document, kept) VALUES (?, ?, ?, ?) "  # it may be new
    "ON CONFLICT (lfdi) DO UPDATE SET"
)


class ChangeLog(Protocol):
    """What hears of the changes of sites.

    Attributes:
        changed: The sites that have changed and are not written.
        error: Why what has changed is not on the disk; None if nothing has failed.
    """

    changed: list[SiteState]
    error: StateError | None

    def note_change(self, *, urgent: bool) -> None:
        """Note that something has changed, which may have to be on the disk before more is sent."""

    def note(self, news: News, number: int = 0) -> None:
        """Keep what has happened at a site and its schedule does not show."""


class SiteState:
    """The state of one site, which is a ``Memory`` of its follower.

    Args:
        state: The state of the fleet, which writes what has changed.
        lfdi: LFDI of its EndDevice, in hexadecimal.
        number: Number of its row, which is made with the first that is written.
        kept: What is kept besides the schedule.
    """

    __slots__ = (
        "_dirty",
        "_events",
        "_held",
        "_kept",
        "_lfdi",
        "_notes",
        "_number",
        "_owed",
        "_schedule",
        "_state",
        "_text",
        "_version",
    )

    def __init__(self, state: ChangeLog, lfdi: str, number: int, kept: dict[str, Any]) -> None:
        self._state = state
        self._lfdi = lfdi
        self._number = number
        self._kept = kept
        self._schedule: Schedule | None = None
        self._version = -1
        self._dirty = False
        self._text = 0
        self._events: dict[tuple[str, str], int] = {}
        self._held: tuple[Setting, ...] = ()
        self._owed: tuple[DueResponse, ...] = ()
        self._notes: list[Any] = []

    def save(self, schedule: Schedule) -> None:
        """Note that the schedule may have changed; see ``Memory``.

        Raises:
            StateError: What had changed before could not be written yet.
        """
        if schedule is not self._schedule or schedule.version != self._version:
            self._schedule, self._version = schedule, schedule.version
            self.mark(urgent=any(due not in self._owed for due in schedule.owed))
        if self._state.error is not None:
            raise self._state.error

    def note_sent(self, response: DueResponse, time: float, status: int) -> None:
        """Keep what became of a response, see ``Memory``."""
        outcome = f"HTTP {status}" if status else "found"
        self._notes.append([response.mrid, int(response.status), response.created, int(time), outcome])
        self.mark()

    def get(self, name: str) -> Any:
        """Return what was kept under a name besides the schedule; None if that is nothing."""
        return self._kept.get(name)

    def put(self, name: str, value: Any) -> None:
        """Keep plain data under a name, instead of what was there. It is on the disk a little later."""
        self._kept[name] = value
        self.mark()

    def keep_choices(self, name: str) -> None:
        """Keep which choices are those of the site, whenever something else of it is written."""
        self._kept["choices"] = name

    def note_left(self, time: float) -> None:
        """Note that the site is not followed any more.

        Args:
            time: Since when, in seconds since 1970.
        """
        self._kept[LEFT] = int(time)
        self.mark()

    def note_followed(self) -> None:
        """Note that the site is followed again, if it had left."""
        if self._kept.pop(LEFT, None) is not None:
            self.mark()

    def mark(self, *, urgent: bool = False) -> None:
        """Have it written with the next commit.

        Args:
            urgent: That has to be on the disk before more is sent.
        """
        if not self._dirty:
            self._dirty = True
            self._state.changed.append(self)
        self._state.note_change(urgent=urgent)

    def note(self, news: News) -> None:
        """Keep what has happened at the site and its schedule does not show."""
        self._state.note(news, self._number)

    def take_over(self, schedule: Schedule) -> None:
        """Take a schedule that was just read of the file for what is there."""
        self._events = {record.key: hash(_list_parts(record)) for record in schedule.records}
        self._owed = tuple(schedule.owed)

    def write(self, db: Database) -> Callable[[], None]:
        """Write what has changed, inside of a transaction; return what notes that it is on the disk."""
        schedule = self._schedule
        if schedule is None:
            db.execute(f"{_SITE} kept = excluded.kept", self._number, self._lfdi, "", encode(self._kept))
            return self._settle
        held, plain = schedule.in_force(), schedule.dump(events=False)
        kept, owed, notes = encode(self._kept) if self._kept else _NOTHING, tuple(schedule.owed), self._notes
        # That only time has passed is not worth a write.
        now = plain.pop("now")
        document = encode(plain)
        text = hash((document, kept))
        events = {record.key: (hash(_list_parts(record)), record) for record in schedule.records}
        changed = [record for key, (parts, record) in events.items() if self._events.get(key) != parts]
        gone = self._events.keys() - events.keys()
        number = self._number
        if text != self._text or changed or gone:
            statement = f"{_SITE} document = excluded.document, kept = excluded.kept"
            db.execute(statement, number, self._lfdi, f'{document[:-1]},"now":{now}}}', kept)
        for record in changed:
            db.execute(
                "INSERT INTO event (site, mrid, href, document) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (site, mrid, href) DO UPDATE SET document = excluded.document",
                number,
                *record.key,
                encode(_dump(record)),
            )
        for key in gone:
            db.execute("DELETE FROM event WHERE site = ? AND mrid = ? AND href = ?", number, *key)
        if entry := self._describe(changed, held, notes):
            db.execute("INSERT INTO history (site, time, document) VALUES (?, ?, ?)", number, now, encode(entry))

        def settle() -> None:
            self._text, self._held, self._owed = text, held, owed
            self._events = {key: parts for key, (parts, _) in events.items()}
            self._notes = self._notes[len(notes) :]
            self._settle()

        return settle

    def _describe(self, changed: list[Record], held: tuple[Setting, ...], notes: list[Any]) -> dict[str, Any]:
        """Return the entry of the history."""
        entry: dict[str, Any] = {}
        if changed:
            entry["events"] = [[*record.key, str(record.state), record.ended] for record in changed]
        if held != self._held:
            entry["held"] = [
                [each.mode, MODES[each.mode].dump(each.value), str(each.origin), each.mrid, each.program]
                for each in held
            ]
        if notes:
            entry["sent"] = list(notes)
        return entry

    def _settle(self) -> None:
        self._dirty = False


def _dump(record: Record) -> dict[str, Any]:
    """Return an event with what makes its program another than others: the rest is kept with the site."""
    program = replace(record.program, default=None, curves={})
    return {**record.dump(), "program": program.dump()}


def _list_parts(record: Record) -> tuple[Any, ...]:
    """Return what may change of an event, to be compared."""
    event = record.event
    return (
        *(record.state, record.modes, record.shift, record.stop, record.ended, record.yielded, record.listed),
        *(record.program.mrid, record.program.primacy, record.program.offset, tuple(record.lost.items())),
        *(event.href, event.status, event.start, event.duration, event.randomize_start, event.randomize_duration),
        *(event.reply_to, event.response_required, event.ramp_tms, tuple(map(str, event.values.items()))),
    )
