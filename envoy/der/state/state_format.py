"""Format of a state file: its tables, how safely it is written, and what its errors say.

Tables of the schedule have the rows that it is made of, those of the history what it once was. ``event``,
``program`` and ``response`` are both: a row that the schedule has forgotten is kept for the history.
"""

from __future__ import annotations

from envoy._sqlite import Format
from envoy.errors import StateError

_SCHEDULE = ("fact", "program", "draw", "given")

HISTORY = ("event", "step", "response", "held", "run", "gap")
"""Tables that grow, and are pruned."""

_TABLES = """
    CREATE TABLE fact (
        name TEXT PRIMARY KEY,
        document TEXT NOT NULL,
        checksum INTEGER
    );
    CREATE TABLE program (
        mrid TEXT PRIMARY KEY,
        place INTEGER,
        document TEXT NOT NULL,
        known INTEGER NOT NULL DEFAULT 1,
        checksum INTEGER
    );
    CREATE TABLE draw (
        mrid TEXT PRIMARY KEY,
        document TEXT NOT NULL,
        checksum INTEGER
    );
    CREATE TABLE given (
        mrid TEXT PRIMARY KEY,
        document TEXT NOT NULL,
        checksum INTEGER
    );
    CREATE TABLE event (
        id INTEGER PRIMARY KEY,
        mrid TEXT NOT NULL,
        href TEXT NOT NULL,
        time INTEGER NOT NULL,
        document TEXT NOT NULL,
        known INTEGER NOT NULL DEFAULT 1,
        checksum INTEGER,
        UNIQUE (mrid, href)
    );
    CREATE TABLE step (
        id INTEGER PRIMARY KEY,
        event INTEGER NOT NULL,
        time INTEGER NOT NULL,
        state TEXT NOT NULL,
        checksum INTEGER
    );
    CREATE INDEX step_of_event ON step (event);
    CREATE TABLE response (
        id INTEGER PRIMARY KEY,
        document TEXT NOT NULL,
        time INTEGER NOT NULL,
        owed INTEGER NOT NULL DEFAULT 1,
        done INTEGER,
        outcome TEXT NOT NULL DEFAULT '',
        checksum INTEGER
    );
    CREATE INDEX response_owed ON response (id) WHERE owed;
    CREATE TABLE held (
        id INTEGER PRIMARY KEY,
        mode TEXT NOT NULL,
        document TEXT NOT NULL,
        reasons TEXT NOT NULL,
        time INTEGER NOT NULL,
        until INTEGER,
        checksum INTEGER
    );
    CREATE INDEX held_now ON held (mode) WHERE until IS NULL;
    CREATE TABLE run (
        id INTEGER PRIMARY KEY,
        time INTEGER NOT NULL,
        alive INTEGER NOT NULL,
        stopped INTEGER,
        checksum INTEGER
    );
    CREATE TABLE gap (
        id INTEGER PRIMARY KEY,
        side TEXT NOT NULL,
        time INTEGER NOT NULL,
        until INTEGER,
        reason TEXT NOT NULL,
        checksum INTEGER
    )
"""

STATE_FORMAT = Format(
    noun="state",
    tables=_TABLES,
    checked=(*_SCHEDULE, *HISTORY),
    application=0x656E7374,
    # A response is sent once it is recorded, and must not be sent again after a power cut.
    synchronous="FULL",
    error=StateError,
    remedy="Give a folder that you may write to, on a disk of this machine.",
    foreign_remedy="Give another folder; one that does not exist is made.",
    damaged_remedy="Move the file away; the device then begins with its failsafe, until its server is read.",
    full_remedy="Make room, and run this again. What was recorded is still there.",
)
