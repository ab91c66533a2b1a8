"""Format of a spool file: its tables, how safely it is written, and what becomes of that of earlier versions."""

from __future__ import annotations

from envoy._sqlite import Format
from envoy.errors import SpoolError, SpoolFullError

SPOOL_FORMAT = Format(
    noun="spool",
    version=3,
    checked=("mirror", "channel", "reading"),
    upgrades={
        2: "ALTER TABLE mirror ADD COLUMN checksum INTEGER; ALTER TABLE channel ADD COLUMN checksum INTEGER;"
        "ALTER TABLE reading ADD COLUMN checksum INTEGER"
    },
    application=0x656E7370,
    tables="""
        CREATE TABLE mirror (
            mrid BLOB PRIMARY KEY,
            name TEXT NOT NULL,
            document BLOB NOT NULL,
            server TEXT NOT NULL DEFAULT '',
            href TEXT NOT NULL DEFAULT '',
            post_rate INTEGER,
            last_post INTEGER,
            failures INTEGER NOT NULL DEFAULT 0,
            failing_since INTEGER,
            checksum INTEGER
        );
        CREATE TABLE channel (
            mirror BLOB NOT NULL,
            mrid BLOB NOT NULL,
            name TEXT NOT NULL,
            document BLOB NOT NULL,
            described INTEGER NOT NULL DEFAULT 1,
            declared INTEGER NOT NULL DEFAULT 0,
            checksum INTEGER,
            PRIMARY KEY (mirror, mrid)
        );
        CREATE TABLE reading (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            mirror BLOB NOT NULL,
            channel BLOB NOT NULL,
            start INTEGER NOT NULL,
            duration INTEGER NOT NULL,
            value INTEGER NOT NULL,
            quality INTEGER,
            state INTEGER NOT NULL DEFAULT 0,
            batch INTEGER,
            reason TEXT NOT NULL DEFAULT '',
            checksum INTEGER
        );
        CREATE INDEX reading_in_order ON reading (state, id);
        CREATE INDEX reading_of_mirror ON reading (mirror, id) WHERE state = 0;
        CREATE INDEX reading_in_batch ON reading (mirror, batch) WHERE batch IS NOT NULL;
        CREATE INDEX reading_to_post ON reading (mirror, channel) WHERE state = 0;
        CREATE INDEX reading_by_time ON reading (mirror, channel, start, duration, id);
        CREATE TABLE total (name TEXT PRIMARY KEY, number INTEGER NOT NULL)
    """,
    # What was taken is on the disk, even if the power fails.
    synchronous="FULL",
    # Milliseconds are usual; a million readings that are imported take a minute.
    timeout=120,
    error=SpoolError,
    full_error=SpoolFullError,
    foreign_remedy="Name another file; one that does not exist is made. If it is a spool of another version, post what "
    "it holds with that version.",
    damaged_remedy="envoy spool rescue FILE NEW-FILE copies what is not damaged into a new spool.",
    full_remedy="Make room. What was in the spool is still there.",
)
