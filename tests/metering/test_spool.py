"""The spool is a queue: nothing is lost, nothing is doubled, and the order is kept, whatever happens to its program."""

from __future__ import annotations

import itertools
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from envoy.errors import ReadingsError, SpoolError, SpoolFullError
from envoy.metering import Channel, Mirror, Sample, Spool, csip_aus_site, spool_rescue
from envoy.metering.reading import Entry
from envoy.metering.results import Batch, Counts
from envoy.metering.spool_rescue import rescue_spool
from sep2 import ReadingType, UomType

MIRRORS = (csip_aus_site(bytes(20), 1), csip_aus_site(bytes([1] * 20), 1))
START = datetime(2026, 1, 1, tzinfo=UTC)

Given = tuple[int, int, int]
"""A reading in the model: number of the mirror, of the interval, and the value."""


def sample(interval: int, value: int = 0) -> Sample:
    return Sample("active-power", START + interval * timedelta(minutes=5), value)


class Queue(RuleBasedStateMachine):
    """The spool beside lists that do what it should do."""

    most = 30
    when_full: Literal["refuse", "drop-oldest"] = "refuse"

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.history: list[Given] = []  # all that was taken; its index is the order
        self.waiting: list[int] = []
        self.batches: list[list[list[int]]] = [[], []]
        self.aside: list[int] = []
        self.posted: list[int] = []
        self.gone = 0  # dropped
        self.discarded = 0
        self.open()

    def open(self) -> None:
        self.spool = Spool(
            self.folder / "spool", max_readings=self.most, when_full=self.when_full, remembered=1_000_000
        )

    def teardown(self) -> None:
        self.spool.close()
        shutil.rmtree(self.folder)

    def latest(self, mirror: int, interval: int) -> int | None:
        known = [
            n for n, given in enumerate(self.history) if given[:2] == (mirror, interval) and n not in self.forgotten
        ]
        return self.history[known[-1]][2] if known else None

    @property
    def forgotten(self) -> set[int]:
        held = {n for each in self.batches for batch in each for n in batch} | {
            *self.waiting,
            *self.aside,
            *self.posted,
        }
        return set(range(len(self.history))) - held

    @rule(
        mirror=st.integers(0, 1),
        given=st.lists(st.tuples(st.integers(0, 15), st.integers(0, 2)), max_size=12, unique_by=lambda item: item[0]),
    )
    def put(self, mirror: int, given: list[tuple[int, int]]) -> None:
        new = [(mirror, *each) for each in given if self.latest(mirror, each[0]) != each[1]]
        in_batches = sum(len(batch) for each in self.batches for batch in each)
        held = len(self.waiting) + in_batches + len(self.aside)
        excess = max(0, held + len(new) - self.most)
        droppable = len(self.waiting) + len(new) if self.when_full == "drop-oldest" else 0
        samples = [sample(*each) for each in given]
        if new and excess > droppable:
            with pytest.raises(SpoolFullError):
                self.spool.put(MIRRORS[mirror], samples)
            return
        taken = self.spool.put(MIRRORS[mirror], samples)
        assert (taken.new, taken.known, taken.dropped) == (len(new), len(given) - len(new), excess)
        self.waiting += range(len(self.history), len(self.history) + len(new))
        self.history += new
        self.waiting = self.waiting[excess:]
        self.gone += excess

    def next(self, mirror: int, limit: int) -> tuple[Batch | None, list[int]]:
        batch = self.spool.next_batch(MIRRORS[mirror].mrid, limit)
        if not self.batches[mirror]:
            mine = [n for n in self.waiting if self.history[n][0] == mirror][:limit]
            intervals: list[int] = []
            for n in mine:
                if self.history[n][1] in intervals:
                    break
                intervals.append(self.history[n][1])
            if intervals:
                self.batches[mirror] = [mine[: len(intervals)]]
                self.waiting = [n for n in self.waiting if n not in self.batches[mirror][0]]
        expected = self.batches[mirror][0] if self.batches[mirror] else []
        found = [(entry.start - int(START.timestamp())) // 300 for entry in batch.entries] if batch else []
        assert found == [self.history[n][1] for n in expected]
        assert [entry.value for entry in batch.entries] == [self.history[n][2] for n in expected] if batch else True
        return batch, expected

    @rule(mirror=st.integers(0, 1), limit=st.integers(1, 8))
    def look(self, mirror: int, limit: int) -> None:
        self.next(mirror, limit)

    @rule(mirror=st.integers(0, 1), limit=st.integers(1, 8))
    def acknowledge(self, mirror: int, limit: int) -> None:
        batch, numbers = self.next(mirror, limit)
        if batch is not None:
            self.spool.acknowledge(batch)
            self.batches[mirror].pop(0)
            self.posted += numbers

    @rule(mirror=st.integers(0, 1), limit=st.integers(2, 8))
    def split(self, mirror: int, limit: int) -> None:
        batch, numbers = self.next(mirror, limit)
        if batch is not None and len(batch) > 1:
            self.spool.split(batch)
            half = len(numbers) // 2
            self.batches[mirror][0:1] = [numbers[:half], numbers[half:]]

    @rule(mirror=st.integers(0, 1), limit=st.integers(1, 3))
    def set_aside(self, mirror: int, limit: int) -> None:
        batch, numbers = self.next(mirror, limit)
        if batch is not None:
            self.spool.set_aside(batch, f"{numbers} refused")
            self.batches[mirror].pop(0)
            self.aside = sorted(self.aside + numbers)

    @rule()
    def retry(self) -> None:
        assert self.spool.retry() == len(self.aside)
        self.waiting = sorted(self.waiting + self.aside)
        self.aside = []

    @rule()
    def discard(self) -> None:
        assert self.spool.discard() == len(self.aside)
        self.discarded += len(self.aside)
        self.aside = []

    @rule()
    def end_and_begin_again(self) -> None:
        self.spool.close()
        self.open()

    @precondition(lambda self: self.history)
    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        in_batches = [n for each in self.batches for batch in each for n in batch]
        assert self.spool.counts() == Counts(
            waiting=len(self.waiting) + len(in_batches),
            set_aside=len(self.aside),
            posted=len(self.posted),
            dropped=self.gone,
            discarded=self.discarded,
        )
        for kept, numbers in ((self.spool.waiting(), self.waiting + in_batches), (self.spool.aside(), self.aside)):
            assert [each.entry.value for each in kept] == [self.history[n][2] for n in sorted(numbers)]


class QueueThatDrops(Queue):
    when_full = "drop-oldest"


Queue.TestCase.settings = QueueThatDrops.TestCase.settings = settings(max_examples=25, deadline=None)
TestQueue = Queue.TestCase
TestQueueThatDrops = QueueThatDrops.TestCase


def test_what_was_posted_is_remembered_for_as_long_as_one_wants() -> None:
    with Spool(":memory:", remembered=2) as spool:
        for again, new in (([0, 1, 2], 3), ([1, 2], 0), ([0], 1)):
            assert spool.put(MIRRORS[0], map(sample, again)).new == new
            while batch := spool.next_batch(MIRRORS[0].mrid, 1):
                spool.acknowledge(batch)
        assert spool.counts().posted == 4


def test_a_small_spool_remembers_more_than_it_holds() -> None:
    with Spool(":memory:", max_readings=2) as spool:
        for first in range(0, 8, 2):
            assert spool.put(MIRRORS[0], [sample(first), sample(first + 1)]).new == 2
            while batch := spool.next_batch(MIRRORS[0].mrid, 2):
                spool.acknowledge(batch)
        assert spool.put(MIRRORS[0], map(sample, range(8))).known == 8


def test_whatever_it_had_room_for_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("envoy.metering.spool.MIN_REMEMBERED", 10)
    channel = MIRRORS[0].channels[0].mrid
    entries = [Entry(channel, number, 1, number) for number in range(120)]
    with Spool(":memory:", max_readings=len(entries)) as spool:
        for new in (len(entries), 0):
            assert spool.put_entries((MIRRORS[0], entry) for entry in entries).new == new
            while batch := spool.next_batch(MIRRORS[0].mrid, 50):
                spool.acknowledge(batch)


def test_all_readings_are_taken_or_none() -> None:
    with Spool(":memory:") as spool:
        with pytest.raises(ReadingsError) as caught:
            spool.put(MIRRORS[0], [sample(0), sample(1, 1 << 60), Sample("watts", START, 1), sample(2)])
        assert [error[:10] for error in caught.value.errors] == ["sample[1]:", "sample[2]:"]
        assert spool.counts().waiting == 0
        with pytest.raises(ReadingsError):
            spool.put_all([(MIRRORS[0], [sample(0)]), (MIRRORS[1], [Sample("watts", START, 1)])])
        assert spool.counts().waiting == 0


def test_readings_keep_the_meaning_that_they_were_taken_with() -> None:
    def mirror(multiplier: int, mrid: bytes = b"") -> Mirror:
        kind = ReadingType(uom=UomType.WATT, power_of_ten_multiplier=multiplier)  # type: ignore[arg-type]
        return Mirror(lfdi=bytes(20), pen=1, channels=(Channel(name="active-power", reading_type=kind, mrid=mrid),))

    with Spool(":memory:") as spool:
        spool.put(mirror(0), [sample(0, 40)])
        spool.put(mirror(1), [sample(1, 40)])
        point = spool.mirrors.usage_point(mirror(0).mrid)
        assert [each.mrid for each in point.mirror_meter_reading] == [
            mirror(0).channels[0].mrid,
            mirror(1).channels[0].mrid,
        ]
        batch = spool.next_batch(mirror(0).mrid, 9)
        assert batch is not None and [entry.value for entry in batch.entries] == [40, 4]
        spool.put(mirror(0, b"mine"), [sample(0, 40)])
        with pytest.raises(ReadingsError):
            spool.put(mirror(1, b"mine"), [sample(1, 40)])


# Other programs

PUT = """
import sys
from datetime import UTC, datetime, timedelta
from envoy.metering import Sample, Spool, csip_aus_site
mirror = csip_aus_site(bytes(20), 1)
spool = Spool(sys.argv[1])
for number in range(int(sys.argv[2]), int(sys.argv[3])):
    start = datetime(2026, 1, 1, tzinfo=UTC) + number * timedelta(minutes=5)
    spool.put(mirror, [Sample("active-power", start, number)])
    print(number, flush=True)
"""


def put_in_a_process(file: Path, first: int, end: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PUT, str(file), str(first), str(end)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_several_programs_put_at_once_while_another_posts(tmp_path: Path) -> None:
    file = tmp_path / "spool"
    with Spool(file) as spool:
        programs = [put_in_a_process(file, n * 1000, n * 1000 + 60) for n in range(3)]
        posted: list[int] = []
        while any(program.poll() is None for program in programs) or spool.counts().waiting:
            while batch := spool.next_batch(MIRRORS[0].mrid, 7):
                posted += [entry.value for entry in batch.entries]
                spool.acknowledge(batch)
    for program in programs:
        assert program.communicate()[1] == "" and program.returncode == 0
    assert sorted(posted) == [n * 1000 + m for n in range(3) for m in range(60)]
    for n in range(3):
        own = [value for value in posted if value // 1000 == n]
        assert own == sorted(own)


def test_what_a_killed_program_has_put_is_there(tmp_path: Path) -> None:
    file = tmp_path / "spool"
    program = put_in_a_process(file, 0, 1_000_000)
    assert program.stdout is not None
    told = [int(program.stdout.readline()) for _ in range(40)]
    program.send_signal(signal.SIGKILL)
    # Some lines may have been read ahead already, of which communicate() knows nothing.
    told += [int(line) for line in program.stdout]
    program.communicate()
    with Spool(file) as spool:
        kept = [each.entry.value for each in spool.waiting()]
    # The last may have been kept and not reported any more.
    assert kept[: len(told)] == told and len(kept) - len(told) <= 1


def test_one_program_posts_at_a_time_and_a_dead_one_does_not_count(tmp_path: Path) -> None:
    file = tmp_path / "spool"
    code = (
        "import sys, time\nfrom envoy.metering import Spool\n"
        "with Spool(sys.argv[1]) as spool, spool.posting():\n    print('mine', flush=True)\n    time.sleep(60)"
    )
    other = subprocess.Popen([sys.executable, "-c", code, str(file)], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None and other.stdout.readline() == "mine\n"
    with Spool(file) as spool:
        spool.put(MIRRORS[0], [sample(0)])
        with pytest.raises(SpoolError), spool.posting():
            pass
        other.kill()
        other.communicate()
        with spool.posting(), Spool(file) as second, pytest.raises(SpoolError), second.posting():
            pass


# Files that are not spools


def test_a_full_disk_is_reported_and_leaves_the_spool_as_it_was(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool") as spool:
        spool.put(MIRRORS[0], [sample(0)])
        # To SQLite a limit on its pages is a disk without room.
        pages = spool._db.value("PRAGMA page_count")
        spool._db.value(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(SpoolFullError):
            spool.put(MIRRORS[0], [sample(number) for number in range(1, 2000)])
        assert spool.counts().waiting == 1


def test_a_spool_that_another_writes_to_for_too_long_is_reported_as_such(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool") as spool, Spool(tmp_path / "spool") as other, other._db.transaction():
        spool._db.value("PRAGMA busy_timeout = 1")
        with pytest.raises(SpoolError) as caught:
            spool.put(MIRRORS[0], [sample(0)])
    assert caught.value.where == str(tmp_path / "spool")


@pytest.mark.parametrize("content", [b"no database at all, but long enough to be taken for the head of one" * 20, None])
def test_a_file_that_is_something_else_is_left_alone(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "file"
    if content is None:
        database = sqlite3.connect(file)
        database.execute("CREATE TABLE other (a)")
        database.commit()
        database.close()
    else:
        file.write_bytes(content)
    before = file.read_bytes()
    with pytest.raises(SpoolError):
        Spool(file)
    assert file.read_bytes() == before


def test_a_spool_needs_a_folder_and_sense(tmp_path: Path) -> None:
    with pytest.raises(SpoolError):
        Spool(tmp_path / "none" / "spool")
    with pytest.raises(SpoolError):
        Spool(":memory:", max_readings=0)


# Damage


def filled(file: Path, readings: int = 400) -> None:
    """Make a spool with readings of two mirrors: some posted, some set aside, some in a batch, some waiting."""
    with Spool(file) as spool:
        for mirror in MIRRORS:
            spool.put(mirror, [sample(number, number) for number in range(readings // 2)])
        for act in (spool.acknowledge, lambda batch: spool.set_aside(batch, "refused")):
            batch = spool.next_batch(MIRRORS[0].mrid, 20)
            assert batch is not None
            act(batch)
        spool.next_batch(MIRRORS[0].mrid, 20)


Kept = dict[str, set[tuple[bytes, int, int]]]


def content(spool: Spool) -> Kept:
    waiting, aside = ({(x.mirror, x.entry.start, x.entry.value) for x in way()} for way in (spool.waiting, spool.aside))
    return {"waiting": waiting, "aside": aside}


def posted(spool: Spool) -> list[tuple[bytes, int, int]]:
    """Post everything; return what a server would have got."""
    sent = []
    with spool.posting():
        for mirror in spool.mirrors.mrids(with_readings=True):
            spool.mirrors.usage_point(mirror)
            while batch := spool.next_batch(mirror, 50):
                sent += [(mirror, entry.start, entry.value) for entry in batch.entries]
                spool.acknowledge(batch)
    return sent


@pytest.mark.unmeasured
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_a_spool_with_flipped_bits_posts_nothing_else_and_its_good_rows_are_rescued(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as name:
        file, new = Path(name) / "spool", Path(name) / "new"
        filled(file)
        with Spool(file) as spool:
            good = content(spool)
        octets = bytearray(file.read_bytes())
        where = data.draw(st.lists(st.integers(0, len(octets) * 8 - 1), min_size=1, max_size=3, unique=True))
        for bit in where:
            octets[bit // 8] ^= 1 << bit % 8
        file.write_bytes(octets)
        with suppress(SpoolError), Spool(file) as spool:
            # Bits of free pages, and of heads that matter to nobody, do no harm.
            assert sorted(posted(spool)) == sorted(good["waiting"])
            return
        file.write_bytes(octets)
        rescued = rescue_spool(file, new)
        with Spool(new) as spool:
            found = content(spool)
            spool._db.verify()
            everything = good["waiting"] | good["aside"]
            assert found["waiting"] <= good["waiting"]
            # Those whose description is lost are set aside.
            assert found["aside"] <= everything
            # A bit spoils a row, a page of the table, or what leads to some pages.
            kept = len(found["waiting"] | found["aside"])
            assert kept >= len(everything) - 150 * len(where)
            assert rescued.readings >= kept
            for mirror in MIRRORS:
                spool.put(mirror, [sample(0, 0)])
            spool.retry()
            assert {*posted(spool)} <= everything | {(mirror.mrid, int(START.timestamp()), 0) for mirror in MIRRORS}


def test_tables_whose_names_are_not_text_any_more_are_damage(tmp_path: Path) -> None:
    file = tmp_path / "spool"
    filled(file)
    octets = file.read_bytes()
    file.write_bytes(octets.replace(b"CREATE TABLE channel", b"CREATE TABLE chan\xf2el", 1))
    with pytest.raises(SpoolError) as caught:
        Spool(file)
    assert caught.value.where == str(file)
    assert rescue_spool(file, tmp_path / "new").readings


def test_where_nothing_can_be_read_it_is_not_tried_row_by_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_rescue, "_MOST", 100_000)
    file = tmp_path / "spool"
    filled(file)
    with sqlite3.connect(file) as raw:
        root = raw.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'reading'").fetchone()[0]
    raw.close()
    octets = bytearray(file.read_bytes())
    octets[(root - 1) * 4096] = 0
    file.write_bytes(octets)
    tries = itertools.count()
    with sqlite3.connect(file) as damaged:
        damaged.set_trace_callback(lambda statement: next(tries))
        assert list(spool_rescue._rows(damaged, "reading", "start")) == []
    damaged.close()
    assert next(tries) < 10_000
    assert rescue_spool(file, tmp_path / "new").readings == 0


def test_damage_names_the_file_and_the_rows_and_lets_nothing_out(tmp_path: Path) -> None:
    file = tmp_path / "spool"
    filled(file)
    with sqlite3.connect(file) as raw:
        raw.execute("UPDATE reading SET value = value + 1 WHERE id IN (390, 395)")
        raw.execute("UPDATE channel SET document = replace(document, '38', '63') WHERE rowid = 1")
    raw.close()
    with Spool(file) as spool:
        with pytest.raises(SpoolError) as caught, spool.posting():
            pass
        assert caught.value.where == str(file) and "channel 1" in caught.value.what
        # Also without having verified everything, since a bit may flip at any time.
        batch = spool.next_batch(MIRRORS[1].mrid, 180)
        assert batch is not None
        spool.acknowledge(batch)
        with pytest.raises(SpoolError) as caught:
            spool.next_batch(MIRRORS[1].mrid, 180)
        assert "390, 395" in caught.value.what or "row" in caught.value.what
    rescued = rescue_spool(file, tmp_path / "new")
    assert (rescued.readings, rescued.mirrors, rescued.damaged, rescued.undescribed) == (398, 2, 3, 160)
    with Spool(tmp_path / "new") as spool:
        assert spool.retry() == 0
        spool.put(MIRRORS[0], [sample(0, 0)])
        assert spool.retry() == 180
        with pytest.raises(SpoolError):
            rescue_spool(file, tmp_path / "new")


def test_of_what_is_not_a_spool_nothing_is_rescued(tmp_path: Path) -> None:
    foreign = sqlite3.connect(tmp_path / "foreign")
    foreign.execute("CREATE TABLE reading (a)")
    foreign.executemany("INSERT INTO reading VALUES (?)", [("x" * 100,)] * 500)
    foreign.commit()
    foreign.close()
    (tmp_path / "text").write_bytes(b"x" * 50_000)
    for name in ("missing", "foreign", "text"):
        with suppress(SpoolError):
            assert rescue_spool(tmp_path / name, tmp_path / f"of-{name}").readings == 0
    assert not (tmp_path / "of-missing").exists()


def of_earlier_version(file: Path) -> Kept:
    """Make a spool of the version without checksums; return what is in it."""
    filled(file)
    with Spool(file) as spool:
        before = content(spool)
    raw = sqlite3.connect(file)
    for table in ("mirror", "channel", "reading"):
        raw.execute(f"ALTER TABLE {table} DROP COLUMN checksum")
    raw.execute("PRAGMA user_version = 2")
    raw.close()
    return before


def test_a_spool_of_the_version_without_checksums_gets_them(tmp_path: Path) -> None:
    file = tmp_path / "spool"
    before = of_earlier_version(file)
    with Spool(file) as spool:
        assert content(spool) == before
        assert len(posted(spool)) == len(before["waiting"])


def test_a_damaged_spool_of_the_version_without_checksums_is_rescued(tmp_path: Path) -> None:
    file = tmp_path / "spool"
    before = of_earlier_version(file)
    octets = bytearray(file.read_bytes())
    leaf = max(start for start in range(0, len(octets), 4096) if octets[start] == 13)
    octets[leaf : leaf + 4] = b"\xff" * 4
    file.write_bytes(octets)
    with pytest.raises(SpoolError, match="is damaged"):
        Spool(file)
    rescued = rescue_spool(file, tmp_path / "new")
    with Spool(tmp_path / "new") as spool:
        found = content(spool)
    everything = before["waiting"] | before["aside"]
    assert found["waiting"] <= before["waiting"] and found["aside"] <= before["aside"]
    assert len(everything) - 150 < len(found["waiting"] | found["aside"]) < len(everything)
    assert (rescued.mirrors, rescued.damaged, rescued.undescribed) == (2, 0, 0)


def test_a_damaged_row_is_counted_once(tmp_path: Path) -> None:
    file = tmp_path / "spool"
    filled(file)
    with sqlite3.connect(file) as raw:
        raw.execute("UPDATE reading SET value = value + 1 WHERE id <= 3")
    raw.close()
    octets = bytearray(file.read_bytes())
    leaf = max(start for start in range(0, len(octets), 4096) if octets[start] == 13)
    octets[leaf : leaf + 4] = b"\xff" * 4
    file.write_bytes(octets)
    # Up to the page that cannot be read, all is read twice.
    assert rescue_spool(file, tmp_path / "new").damaged == 3
