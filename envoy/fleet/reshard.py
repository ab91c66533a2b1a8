"""States of a fleet for another number of shards: what is known of each site goes to the state of the shard it is in.

``reshard`` reads the states of all shards that there are, none of which may be in use, and writes those of the new
ones. The old ones stay as they are.

Each new state has the clock of the one that was followed last. The secret of the notification paths goes to one new
state at most, that with most of the sites: two processes with one secret would each delete the subscriptions of the
other, which they take for left-overs of their own.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from envoy._sqlite import Database
from envoy.client.subscribing import SECRET
from envoy.der.state.fleet_format import FLEET_FORMAT
from envoy.der.state.fleet_state import FLEET_FILE, FleetState
from envoy.der.state.schedule_rows import encode
from envoy.der.state.state_file import HOLD
from envoy.errors import StateError
from envoy.fleet.shard import Shard, number_of

_CLOCK, _CHOICES = "clock", "choices"
"""Names of facts, beside that of the secret."""

_IN_USE = "End all processes that follow the fleet first: no site may be followed by two."
_NEW = "Name a new folder, in one that exists and that you may write to."


class _Place(NamedTuple):
    """Where a site is.

    Attributes:
        now: Until when it was followed; -1 if it never was.
        source: Which of the states.
        number: Number of its row there.
        lfdi: Its LFDI, in hexadecimal.
    """

    now: int
    source: int
    number: int
    lfdi: str


def reshard(folders: Sequence[str | Path], target: str | Path, count: int) -> dict[Path, int]:
    """Write the states of a fleet for another number of shards; return how many sites each new folder has.

    Of a site that is in several states, the one that was followed last counts.

    Args:
        folders: The folders of the states of all shards that there are.
        target: A new folder for those of the new ones, ``shard-01`` and so on.
        count: How many shards there are to be.

    Raises:
        StateError: A state is missing, in use, damaged or of another server, or the target cannot be written.
        EnvoyError: There cannot be as many shards.
    """
    if not folders:
        raise StateError("no state is named", remedy="Name the folders of the states.")
    shards = [Shard(number, count) for number in range(1, Shard(count, count).count + 1)]
    names = {shard: f"shard-{shard.number:0{max(2, len(str(count)))}}" for shard in shards}
    sizes = {}
    with ExitStack() as opened:
        # A folder may be named in several ways.
        known = {os.path.realpath(folder): Path(folder) for folder in folders}
        sources = [opened.enter_context(_open(folder)) for folder in known.values()]
        server = _find_server(sources)
        _check_complete(sources)
        places = _find_places(sources, count)
        shared = {_CLOCK: _find_clock(sources, places), _CHOICES: _join_choices(sources)}
        secrets = _share_out_secrets(sources, places)
        with _made_as_a_whole(Path(target)) as made:
            for shard, name in names.items():
                with FleetState(made / name, server=server, shard=str(shard)):
                    pass
                with Database(made / name / FLEET_FILE, FLEET_FORMAT) as db, db.transaction():
                    for fact, value in {**shared, SECRET: secrets.get(shard.number)}.items():
                        if value is not None:
                            insert = "INSERT INTO fact (name, document) VALUES (?, ?)"
                            db.execute(insert, fact, encode(value))
                    for place in places[shard.number]:
                        _copy(sources[place.source], db, place)
                sizes[Path(target) / name] = len(places[shard.number])
    return sizes


@contextmanager
def _open(folder: Path) -> Iterator[Database]:
    """Open a state that nobody uses, and has to be there."""
    file = folder / FLEET_FILE
    if not file.exists():
        raise StateError("there is no state of a fleet", where=str(folder), remedy="Name the folders of the states.")
    with Database(file, FLEET_FORMAT) as db, db.hold(HOLD, "a process is following with this state", _IN_USE):
        db.verify()
        yield db


def _find_server(sources: Sequence[Database]) -> str:
    found: dict[str, str] = {}
    for db in sources:
        found.setdefault(_read_fact(db, "server"), db.file)
    (server, file), *others = found.items()
    for other, second in others:
        what = f"is the state of the server {other}, and {file} of {server}"
        raise StateError(what, where=second, remedy="Name those of one server.")
    return server


def _check_complete(sources: Sequence[Database]) -> None:
    """Raise an error if the state of a shard is not there: its sites would begin as if they had never been followed.

    It is not looked for where the fleet had several numbers of shards.
    """
    found = {Shard.parse(_read_fact(db, "shard")) for db in sources}
    counts = {shard.count for shard in found}
    if len(counts) == 1 and len(found) < max(counts):
        numbers = sorted(set(range(1, max(counts) + 1)) - {shard.number for shard in found})
        missing = Shard(numbers[0], max(counts))
        more = f" and of {len(numbers) - 1} others" if len(numbers) > 1 else ""
        raise StateError(
            f"the state of shard {missing}{more} is not among them",
            remedy="Name the folders of all. That of a shard is made when it is followed.",
        )


def _read_fact(db: Database, name: str) -> str:
    found = _find_fact(db, name)
    if found is None:
        what = "has nothing of a fleet: nobody has followed with it"
        raise StateError(what, where=db.file, remedy="Name the folders in which fleets keep their states.")
    return str(found)


def _find_fact(db: Database, name: str) -> Any:
    document = db.value("SELECT document FROM fact WHERE name = ?", name)
    return None if document is None else json.loads(document)


def _find_clock(sources: Sequence[Database], places: Mapping[int, Sequence[_Place]]) -> Any:
    """Return the mark of the clock of the state that was followed last; None if there is none."""
    last = dict.fromkeys(range(len(sources)), -1)
    for place in chain.from_iterable(places.values()):
        last[place.source] = max(last[place.source], place.now)
    marks = [(last[index], mark) for index, db in enumerate(sources) if (mark := _find_fact(db, _CLOCK)) is not None]
    # Of two of one start of one machine, that which was put forward further.
    return max(marks, key=lambda each: (each[0], float(each[1][1])), default=(-1, None))[1]


def _join_choices(sources: Sequence[Database]) -> dict[str, Any]:
    """Return the choices that sites of any of the states refer to, by their names, which go by what they are."""
    found: dict[str, Any] = {}
    for db in sources:
        found |= _find_fact(db, _CHOICES) or {}
    return found


def _share_out_secrets(sources: Sequence[Database], places: Mapping[int, Sequence[_Place]]) -> dict[int, Any]:
    """Return the secrets of the new shards that have one, each that of the state that most of its sites come from."""
    secrets = {index: secret for index, db in enumerate(sources) if (secret := _find_fact(db, SECRET)) is not None}
    shares = Counter((number, place.source) for number, found in places.items() for place in found)
    shared: dict[int, Any] = {}
    for (number, source), _ in sorted(shares.items(), key=lambda each: (-each[1], each[0])):
        if number not in shared and source in secrets:
            shared[number] = secrets.pop(source)
    return shared


def _find_places(sources: Sequence[Database], count: int) -> dict[int, list[_Place]]:
    """Return where the sites of each new shard are."""
    latest: dict[str, _Place] = {}
    for index, db in enumerate(sources):
        for number, lfdi, document in db.iterate("SELECT rowid, lfdi, document FROM site"):
            now = int(json.loads(document)["now"]) if document else -1
            latest[lfdi] = max(_Place(now, index, number, lfdi), latest.get(lfdi, _Place(-1, index, number, lfdi)))
    places: dict[int, list[_Place]] = defaultdict(list)
    for place in latest.values():
        places[number_of(bytes.fromhex(place.lfdi), count)].append(place)
    return places


def _copy(source: Database, target: Database, place: _Place) -> None:
    """Copy all that is known of a site."""
    ((document, kept),) = source.rows("SELECT document, kept FROM site WHERE rowid = ?", place.number)
    insert = "INSERT INTO site (lfdi, document, kept) VALUES (?, ?, ?)"
    number = target.insert(insert, place.lfdi, document, kept)
    for table, columns in {"event": "mrid, href, document", "history": "time, document"}.items():
        marks = ", ".join("?" for _ in columns.split(", "))
        rows = source.rows(f"SELECT {columns} FROM {table} WHERE site = ? ORDER BY rowid", place.number)  # noqa: S608
        insert = f"INSERT INTO {table} (site, {columns}) VALUES (?, {marks})"  # noqa: S608
        target.execute_many(insert, [(number, *row) for row in rows])


@contextmanager
def _made_as_a_whole(target: Path) -> Iterator[Path]:
    """Give a folder that becomes the target if all goes well, and is removed if not."""
    if target.exists():
        raise StateError("already exists", where=str(target), remedy=_NEW)
    try:
        made = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.absolute().parent))
    except OSError as error:
        raise StateError(f"cannot be made: {error.strerror}", where=str(target), remedy=_NEW) from None
    try:
        yield made
        os.rename(made, target)
    finally:
        shutil.rmtree(made, ignore_errors=True)
