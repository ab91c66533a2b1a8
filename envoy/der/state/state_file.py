"""The state file of a followed EndDevice: what its schedule knows, on disk before anything is applied or sent.

Only rows that have changed are written, all of them in one transaction, and nothing where nothing has changed: a day in
which a server says what it said before costs a small write an hour. SQLite appends to its log and copies that into the
file once it has a thousand pages, and at the end, so that many changes of one page are written to their place once.
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from envoy._sqlite import Closing, Database
from envoy.der.abilities import Abilities
from envoy.der.follow.news import News
from envoy.der.modes import Values, dump_values
from envoy.der.policies import Policy
from envoy.der.responses import DueResponse
from envoy.der.schedule import Schedule
from envoy.der.state.changes import Statement, list_changes, list_news, note_response
from envoy.der.state.pruning import PRUNE_SECONDS, prune
from envoy.der.state.schedule_rows import ScheduleRows, encode, read_rows
from envoy.der.state.state_format import STATE_FORMAT
from envoy.der.timing import Draw, draw_evenly
from envoy.errors import StateError

STATE_FILE = "state.sqlite"
"""Name of the file in its folder."""

HOLD = "-following"
"""Ends the name of the file that is locked by the process that follows."""

ALIVE_SECONDS = 3600
"""Seconds after which it is recorded that the process still runs, if nothing else has changed."""


_KEPT = "kept "
"""Begins the names of facts that are not the schedule's."""

_IN_USE = "End that process first, or keep this one's state in another folder."

_MOST_NEWS = 1000
"""Statements that wait for a disk that fails, at most."""


class StateFile(Closing):
    """The state of one EndDevice at one server, which one process has from opening to closing.

    Use it as a context manager, or call ``close``.

    Args:
        folder: Where it is, made if there is none.
        lfdi: LFDI of the EndDevice.
        server: Origin of the server, as ``envoy.urls.origin`` returns it.
        clock: Returns the time in seconds since 1970.

    Raises:
        StateError: The file cannot be used, and is left as it is: another process has it, it is of another EndDevice
            or server, it is damaged or something else, or the disk is full.
    """

    def __init__(self, folder: str | Path, *, lfdi: bytes, server: str, clock: Callable[[], float] = time.time) -> None:
        owner = {"lfdi": lfdi.hex().upper(), "server": server}
        self._clock = clock
        self._news: deque[Statement] = deque(maxlen=_MOST_NEWS)
        self._run: int | None = None
        self._alive = self._pruned = 0
        # What was looked at last, and had nothing that is not on the disk.
        self._looked: tuple[Schedule, int] | None = None
        with ExitStack() as opened:
            self._db = opened.enter_context(Database(make_folder(Path(folder)) / STATE_FILE, STATE_FORMAT))
            opened.enter_context(self._db.hold(HOLD, "another process is following with this state", _IN_USE))
            self._db.verify()
            self._facts: dict[str, str] = dict(self._db.rows("SELECT name, document FROM fact"))
            self._claim(owner)
            self._saved = read_rows(self._db)
            self._opened = opened.pop_all()

    def _claim(self, owner: Mapping[str, str]) -> None:
        for name, mine in owner.items():
            theirs = json.loads(self._facts[name]) if name in self._facts else mine
            if mine != theirs:
                noun = {"lfdi": "EndDevice"}.get(name, name)
                raise StateError(
                    f"is the state of {noun} {theirs}, not of {mine}",
                    where=self._db.file,
                    remedy="Give a folder of its own for each EndDevice and server.",
                )
        with self._db.transaction():
            self._put({name: encode(value) for name, value in owner.items()})

    @property
    def file(self) -> str:
        """The path of the file."""
        return self._db.file

    def load(
        self,
        abilities: Abilities | None = None,
        policy: Policy | None = None,
        *,
        failsafe: Values | None = None,
        draw: Draw = draw_evenly,
    ) -> Schedule:
        """Return the schedule that was saved last, as it was; one that knows nothing if there is none.

        Args:
            abilities: What the device is able to follow.
            policy: The choices where editions and utilities differ.
            failsafe: What holds as long as nothing has ever been read of a server.
            draw: Draws random numbers.

        Raises:
            StateError: The file cannot be used.
        """
        now = self._clock()
        if "now" in self._facts:
            schedule = Schedule.load(self._saved.to_plain(), abilities, policy, failsafe=failsafe, draw=draw)
        else:
            schedule = Schedule(abilities, policy, failsafe=failsafe, draw=draw, now=now)
        with self._db.transaction():
            self._put(dump_choices(schedule))
            self._db.execute("UPDATE gap SET until = ? WHERE until IS NULL", int(now))
            self._run = self._db.insert("INSERT INTO run (time, alive) VALUES (?, ?)", int(now), int(now))
            self.save(schedule)
        return schedule

    def save(self, schedule: Schedule) -> None:
        """Record what has changed since the last time; all of it is on the disk then.

        Raises:
            StateError: It cannot be recorded; the next time it is tried again.
        """
        looked = schedule, schedule.version
        if looked == self._looked and not self._news and schedule.now - self._alive < ALIVE_SECONDS:
            return
        rows = ScheduleRows.from_schedule(schedule, self._saved)
        changes = list(list_changes(self._saved, rows))
        facts = {"read": encode(rows.read), "settings": rows.settings}
        if not (
            changes or self._news or facts.items() - self._facts.items() or rows.now - self._alive >= ALIVE_SECONDS
        ):
            self._looked = looked
            return
        facts["now"] = encode(rows.now)
        pruning = not 0 <= rows.now - self._pruned < PRUNE_SECONDS
        with self._db.transaction():
            for statement, *values in changes:
                self._db.execute(statement, *values)
            self._write_news()
            self._put(facts)
            self._db.execute("UPDATE run SET alive = ? WHERE id = ?", rows.now, self._run)
            if pruning:
                prune(self._db, rows.now)
        # Not before all of it is on the disk.
        self._saved, self._alive, self._looked = rows, rows.now, looked
        self._pruned = rows.now if pruning else self._pruned
        self._facts |= facts
        self._news.clear()

    def get(self, name: str) -> Any:
        """Return what was kept under a name besides the schedule; None if that is nothing."""
        document = self._facts.get(_KEPT + name)
        return None if document is None else json.loads(document)

    def put(self, name: str, value: Any) -> None:
        """Keep plain data under a name, instead of what was there. It is on the disk then.

        Raises:
            StateError: It cannot be recorded.
        """
        fact = {_KEPT + name: encode(value)}
        with self._db.transaction():
            self._put(fact)
        self._facts |= fact

    def note(self, news: News) -> None:
        """Record what has happened and the schedule does not show; if that fails, when the schedule is saved.

        Args:
            news: News of the follower.
        """
        if statements := list(list_news(news)):
            self._news += statements
            with suppress(StateError):
                with self._db.transaction():
                    self._write_news()
                self._news.clear()

    def note_sent(self, response: DueResponse, time: float, status: int) -> None:
        """Keep what became of a response, until the schedule is saved.

        Args:
            response: The response.
            time: When the server took it, or refused it for good.
            status: The HTTP status; 0 if it was found on the server.
        """
        self._news.append(note_response(response, f"HTTP {status}" if status else "found"))

    def close(self) -> None:
        """Record that the process stops, and close the file. It may be closed twice."""
        with self._opened, suppress(StateError):
            if self._run is not None:
                self._db.execute("UPDATE run SET stopped = ? WHERE id = ?", int(self._clock()), self._run)
                self._run = None

    def _write_news(self) -> None:
        for statement, *values in self._news:
            self._db.execute(statement, *values)

    def _put(self, facts: Mapping[str, str]) -> None:
        """Write the facts that have changed."""
        for name, document in facts.items():
            if self._facts.get(name) != document:
                self._db.execute("INSERT OR REPLACE INTO fact VALUES (?, ?, NULL)", name, document)


def make_folder(folder: Path) -> Path:
    """Make a folder for a state, which nobody else may read, if it is not there; return it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StateError(
            f"the folder cannot be made: {error.strerror}", where=str(folder), remedy=STATE_FORMAT.remedy
        ) from None
    return folder


def dump_choices(schedule: Schedule) -> dict[str, str]:
    """Return what a schedule is given besides what its server says, for whoever reads the file."""
    abilities, policy = schedule.abilities, schedule.policy
    return {
        "abilities": encode(
            {
                "modes": sorted(abilities.modes),
                "device_category": abilities.device_category,
                "switched_off": sorted(abilities.switched_off),
            }
        ),
        "policy": encode({name: str(getattr(policy, name)) for name in policy.__slots__}),
        "failsafe": encode(dump_values(schedule.failsafe)),
    }
