"""The state file of a fleet: what the schedules of all sites know, on disk before anything is sent.

A site notes that it has changed, and ``commit`` writes all that have in one transaction. What is owed since then has to
be on the disk before it is sent; what was sent may be written a little later, since it is looked up at the server after
a restart. Nothing is written of a site that has not changed.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from math import inf
from pathlib import Path
from typing import Any

from envoy._sqlite import Closing, Database
from envoy.der.abilities import Abilities
from envoy.der.follow.news import ContactLost, ContactRegained, DeviceLost, DeviceRegained, News, Silenced
from envoy.der.modes import Values
from envoy.der.policies import Policy
from envoy.der.schedule import Schedule
from envoy.der.state.departures import ABSENT_SECONDS, LEFT_SECONDS, forget_left, note_absent
from envoy.der.state.fleet_format import FLEET_FORMAT
from envoy.der.state.schedule_rows import encode
from envoy.der.state.site_state import SiteState
from envoy.der.state.state_file import HOLD, dump_choices, make_folder
from envoy.der.timing import Draw, draw_evenly
from envoy.errors import StateError

FLEET_FILE = "fleet.sqlite"
"""Name of the file in its folder."""

LAZY_SECONDS = 1.0
"""Seconds for which what need not be on the disk at once waits for more."""

RETRY_SECONDS = 10.0
"""Seconds after which it is tried again to write what could not be written."""

KEPT_SECONDS = 400 * 86_400
"""How long the history is kept."""

MOST_HISTORY = 400
"""Rows of history that each site has on average, at most."""

PRUNE_SECONDS = 600
"""Seconds between two times at which the history is pruned."""

MOST_WRITTEN = 1000
"""Sites that are written at a time: a control that ends at all of ten thousand is not to hold up what follows it."""

_PRUNED = 20_000
"""Rows that are pruned at a time, at most."""

ALL = "1/1"
"""The shard of a fleet that is not shared."""

_OTHER_SHARD = (
    "Give a folder of its own for each shard. envoy fleet reshard makes the states of another number of shards."
)

_IN_USE = "End that process first, or keep this one's state in another folder."


class FleetState(Closing):
    """The state of the sites of a fleet at one server, which one process has from opening to closing.

    Args:
        folder: Where it is, made if there is none.
        server: Origin of the server.
        shard: Which part of the fleet the sites are, such as ``1/4``; empty for all of it.
        clock: Returns the time in seconds since 1970.

    Attributes:
        changed: The sites that have changed since the last commit.
        urgent: Something is owed that is not on the disk yet.
        error: Why what has changed is not on the disk; None if nothing has failed.

    Raises:
        StateError: The file cannot be used, and is left as it is: another process has it, it is of another server
            or shard, it is damaged or something else, or the disk is full.
    """

    def __init__(
        self, folder: str | Path, *, server: str, shard: str = "", clock: Callable[[], float] = time.time
    ) -> None:
        self._clock = clock
        self._since = inf
        self._retry = self._pruned = 0.0
        self._absent_due = clock() + ABSENT_SECONDS
        self._loaded: set[int] = set()
        self.changed: list[SiteState] = []
        self._news: list[tuple[int, int, str]] = []
        self.urgent = False
        self.error: StateError | None = None
        with ExitStack() as opened:
            self._db = opened.enter_context(Database(make_folder(Path(folder)) / FLEET_FILE, FLEET_FORMAT))
            opened.enter_context(self._db.hold(HOLD, "another process is following with this state", _IN_USE))
            self._db.verify()
            self._facts: dict[str, str] = dict(self._db.rows("SELECT name, document FROM fact"))
            self._claim("server", server, "Give a folder of its own for each server.")
            self._claim("shard", shard or ALL, _OTHER_SHARD)
            forget_left(self._db, clock() - LEFT_SECONDS)
            self._numbers: dict[str, int] = dict(self._db.rows("SELECT lfdi, rowid FROM site"))
            self._unused = count(max(self._numbers.values(), default=0) + 1)
            self._opened = opened.pop_all()

    def _claim(self, name: str, mine: str, remedy: str) -> None:
        known = self.get(name)
        if known not in (None, mine):
            raise StateError(f"is the state of the {name} {known}, not of {mine}", where=self._db.file, remedy=remedy)
        self.put(name, mine)

    @property
    def file(self) -> str:
        """The path of the file."""
        return self._db.file

    def get(self, name: str) -> Any:
        """Return what was kept under a name for all sites; None if that is nothing."""
        document = self._facts.get(name)
        return None if document is None else json.loads(document)

    def put(self, name: str, value: Any) -> None:
        """Keep plain data under a name, instead of what was there. It is on the disk then.

        Raises:
            StateError: It cannot be recorded.
        """
        document = encode(value)
        if self._facts.get(name) != document:
            self._db.execute("INSERT OR REPLACE INTO fact (name, document) VALUES (?, ?)", name, document)
            self._facts[name] = document

    def load(
        self,
        lfdi: bytes,
        abilities: Abilities | None = None,
        policy: Policy | None = None,
        *,
        failsafe: Values | None = None,
        draw: Draw = draw_evenly,
    ) -> tuple[Schedule, SiteState]:
        """Return the schedule of a site as it was saved last, one that knows nothing if there is none; and its state.

        Args:
            lfdi: LFDI of its EndDevice.
            abilities: What its device is able to follow.
            policy: The choices where editions and utilities differ.
            failsafe: What holds as long as nothing has ever been read for it.
            draw: Draws random numbers.

        Raises:
            StateError: The file cannot be used.
        """
        key = lfdi.hex().upper()
        # Given here, and not by the database: a transaction that fails would give it to another site as well.
        number = self._numbers.setdefault(key, next(self._unused))
        rows = self._db.rows("SELECT document, kept FROM site WHERE rowid = ?", number)
        document, kept = rows[0] if rows else ("", "{}")
        state = SiteState(self, key, number, json.loads(kept))
        self._loaded.add(number)
        if not rows:
            state.mark()
        state.note_followed()
        if not document:
            schedule = Schedule(abilities, policy, failsafe=failsafe, draw=draw, now=self._clock())
            self.note_choices(state, schedule)
            return schedule, state
        events = self._db.rows("SELECT document FROM event WHERE site = ? ORDER BY rowid", number)
        plain = {**json.loads(document), "records": [json.loads(text) for (text,) in events]}
        schedule = Schedule.load(plain, abilities, policy, failsafe=failsafe, draw=draw)
        state.take_over(schedule)
        self.note_choices(state, schedule)
        return schedule, state

    def note_choices(self, state: SiteState, schedule: Schedule) -> None:
        """Keep what a schedule is given besides what its server says, once for all sites that are alike.

        Args:
            state: The state of the site.
            schedule: The schedule.

        Raises:
            StateError: It cannot be recorded.
        """
        choices, known = dump_choices(schedule), self.get("choices") or {}
        # Not a number: the site may go to the state of another shard, which has others.
        name = hashlib.blake2b(encode(choices).encode(), digest_size=6).hexdigest()
        if name not in known:
            self.put("choices", {**known, name: choices})
        state.keep_choices(name)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make a transaction, in which many sites may be loaded.

        Raises:
            StateError: It cannot be recorded; what was loaded is written with the next commit.
        """
        known = dict(self._facts)
        try:
            with self._db.transaction():
                yield
        except BaseException:
            self._facts = known
            raise

    @property
    def since(self) -> float:
        """When the first of what has changed did so; infinite if nothing has."""
        return self._since

    @property
    def due(self) -> float:
        """When to commit, by the clock; infinite if nothing has changed."""
        return max(self._since + (0.0 if self.urgent else LAZY_SECONDS), self._retry)

    def note_change(self, *, urgent: bool) -> None:
        """Note that something has changed.

        Args:
            urgent: It has to be on the disk before more is sent.
        """
        self._since = min(self._since, self._clock())
        self.urgent = self.urgent or urgent

    def note(self, news: News, number: int = 0) -> None:
        """Keep what has happened and no schedule shows, until it is committed.

        Args:
            news: News.
            number: Number of the site; 0 for what all share.
        """
        match news:
            case ContactLost() | DeviceLost() | Silenced():
                entry = {"lost": "device" if isinstance(news, DeviceLost) else "server", "reason": news.reason}
            case ContactRegained() | DeviceRegained():
                entry = {"regained": "device" if isinstance(news, DeviceRegained) else "server"}
            case _:
                return
        self._news.append((number, int(news.time), encode(entry)))
        self.note_change(urgent=False)

    def commit(self) -> bool:
        """Write what has changed, of so many sites at a time; return whether that is on the disk."""
        changed, news = self.changed[:MOST_WRITTEN], self._news
        if not changed and not news:
            return True
        try:
            with self._db.transaction():
                settled = [site.write(self._db) for site in changed]
                insert = "INSERT INTO history (site, time, document) VALUES (?, ?, ?)"
                self._db.execute_many(insert, news)
                self._prune()
        except StateError as error:
            self.error = error
            self._retry = self._clock() + RETRY_SECONDS
            return False
        # Not before all of it is on the disk.
        for settle in settled:
            settle()
        self.changed, self._news = self.changed[len(changed) :], []
        self._retry, self.error = 0.0, None
        if not self.changed:
            self._since, self.urgent = inf, False
        return True

    def _prune(self) -> None:
        """Delete the oldest rows of the history, a part at a time."""
        now = self._clock()
        if 0 <= now - self._pruned < PRUNE_SECONDS:
            return
        self._pruned = now
        most = MOST_HISTORY * max(100, len(self._numbers))
        self._db.execute(
            "DELETE FROM history WHERE id IN (SELECT id FROM history WHERE time < ? OR "
            "id <= (SELECT max(id) FROM history) - ? ORDER BY id LIMIT ?)",
            int(now) - KEPT_SECONDS,
            most,
            _PRUNED,
        )
        if now >= self._absent_due:
            self._absent_due = inf
            note_absent(self._db, [number for number in self._numbers.values() if number not in self._loaded], now)

    def close(self) -> None:
        """Write what is left, and close the file. It may be closed twice."""
        with self._opened, suppress(StateError):
            while self.commit() and self.changed:
                pass
