"""Format of the state file of a fleet: few rows for each site, so that thousands of them may change at a time.

``site`` has what the schedule of a site knows but for its events, which are in ``event``; ``history`` has what changed,
and is pruned.
"""

from __future__ import annotations

from envoy._sqlite import Format
from envoy.errors import StateError

_TABLES = """
    CREATE TABLE fact (
        name TEXT PRIMARY KEY,
        document TEXT NOT NULL,
        checksum INTEGER
    );
    CREATE TABLE site (
        lfdi TEXT NOT NULL UNIQUE,
        document TEXT NOT NULL,
        kept TEXT NOT NULL,
        checksum INTEGER
    );
    CREATE TABLE event (
        site INTEGER NOT NULL,
        mrid TEXT NOT NULL,
        href TEXT NOT NULL,
        document TEXT NOT NULL,
        checksum INTEGER,
        UNIQUE (site, mrid, href)
    );
    CREATE TABLE history (
        id INTEGER PRIMARY KEY,
        site INTEGER NOT NULL,
        time INTEGER NOT NULL,
        document TEXT NOT NULL,
        checksum INTEGER
    );
    CREATE INDEX history_of_site ON history (site, id)
"""

FLEET_FORMAT = Format(
    noun="state of a fleet",
    tables=_TABLES,
    checked=("fact", "site", "event", "history"),
    application=0x656E666C,
    # A response is sent once it is recorded, and must not be sent again after a power cut.
    synchronous="FULL",
    error=StateError,
    remedy="Give a folder that you may write to, on a disk of this machine.",
    foreign_remedy="Give another folder; one that does not exist is made.",
    damaged_remedy="Move the file away; the devices then begin with their failsafe, until their server is read.",
    full_remedy="Make room, and run this again. What was recorded is still there.",
)
