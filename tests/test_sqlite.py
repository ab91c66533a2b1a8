"""SQLite databases: made or recognised, changed as a whole or not at all, and errors with a remedy."""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from envoy._sqlite import MEMORY, TEMPORARY, Database, Format
from envoy.errors import SpoolError, SpoolFullError

FORMAT = Format(
    noun="ledger",
    tables="CREATE TABLE entry (number INTEGER); CREATE INDEX entry_by_number ON entry (number)",
    version=3,
    application=0x656E7654,
    timeout=0,
    error=SpoolError,
    full_error=SpoolFullError,
    full_remedy="Make room.",
    foreign_remedy="Name another.",
)


def numbers(database: Database) -> list[int]:
    return [number for (number,) in database.iterate("SELECT number FROM entry ORDER BY number")]


@pytest.mark.parametrize("place", ["file", MEMORY, TEMPORARY])
def test_a_database_is_made_and_keeps_what_is_written(place: str, tmp_path: Path) -> None:
    file = tmp_path / "ledger" if place == "file" else place
    with Database(file, FORMAT) as database:
        assert database.execute("INSERT INTO entry VALUES (?)", 1) == 1
        database.execute_many("INSERT INTO entry VALUES (?)", [(2,), (3,)])
        assert database.rows("SELECT number FROM entry WHERE number > ?", 1) == [(2,), (3,)]
        assert (database.value("SELECT max(number) FROM entry"), database.value("SELECT 1 WHERE 0")) == (3, None)
    if place == "file":
        with Database(file, FORMAT) as database:
            assert numbers(database) == [1, 2, 3]


@pytest.mark.skipif(sys.platform == "win32", reason="has no such modes")
def test_what_it_makes_is_private_and_what_exists_keeps_its_mode(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with Database(tmp_path / "ledger", FORMAT) as database, database.hold("-posting", ""):
            database.execute("INSERT INTO entry VALUES (1)")
            modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
        assert set(modes) > {"ledger", "ledger-wal", "ledger-posting"} and set(modes.values()) == {0o600}
        (tmp_path / "ledger").chmod(0o640)
        with Database(tmp_path / "ledger", FORMAT) as database:
            assert numbers(database) == [1]
        assert (tmp_path / "ledger").stat().st_mode & 0o777 == 0o640
    finally:
        os.umask(before)


def test_a_query_of_many_rows_is_read_in_parts() -> None:
    with Database(MEMORY, FORMAT) as database:
        database.execute_many("INSERT INTO entry VALUES (?)", [(number,) for number in range(2500)])
        assert numbers(database) == list(range(2500))


def test_a_transaction_happens_as_a_whole_also_when_nested() -> None:
    with Database(MEMORY, FORMAT) as database:
        with database.transaction(), database.transaction():
            database.execute("INSERT INTO entry VALUES (1)")
        with suppress(KeyError), database.transaction():
            database.execute("INSERT INTO entry VALUES (2)")
            with database.transaction():
                raise KeyError
        with suppress(SpoolError), database.transaction():
            database.execute("INSERT INTO entry VALUES (3)")
            database.execute("INSERT INTO nothing VALUES (3)")
        assert numbers(database) == [1]


def test_threads_take_turns(tmp_path: Path) -> None:
    with Database(tmp_path / "ledger", FORMAT) as database:

        def work(first: int) -> None:
            for number in range(first, first + 50):
                with database.transaction():
                    assert database.value("SELECT count(*) FROM entry WHERE number = ?", number) == 0
                    database.execute("INSERT INTO entry VALUES (?)", number)

        threads = [threading.Thread(target=work, args=(n * 50,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert numbers(database) == list(range(200))


def another(path: Path) -> None:
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE precious (x)")
    database.close()


@pytest.mark.parametrize(
    "make",
    [
        another,
        lambda path: path.write_bytes(b"lfdi,nmi\n" * 900),
        lambda path: Database(path, replace(FORMAT, version=4)).close(),
        lambda path: Database(path, replace(FORMAT, application=1)).close(),
    ],
    ids=["other tables", "no database", "newer version", "other application"],
)
def test_a_file_that_is_something_else_is_refused_and_left_as_it_is(make: object, tmp_path: Path) -> None:
    make(tmp_path / "file")  # type: ignore[operator]
    before = (tmp_path / "file").read_bytes()
    with pytest.raises(SpoolError) as caught:
        Database(tmp_path / "file", FORMAT)
    assert (caught.value.where, caught.value.remedy) == (str(tmp_path / "file"), "Name another.")
    assert (tmp_path / "file").read_bytes() == before


def test_a_folder_that_is_not_there_is_an_error_of_the_format(tmp_path: Path) -> None:
    with pytest.raises(SpoolError) as caught:
        Database(tmp_path / "none" / "file", FORMAT)
    assert caught.value.remedy == FORMAT.remedy


def test_a_full_disk_has_an_error_of_its_own_and_nothing_is_lost(tmp_path: Path) -> None:
    with Database(tmp_path / "ledger", FORMAT) as database:
        database.execute("INSERT INTO entry VALUES (1)")
        # To SQLite a limit on its pages is a disk without room.
        database.value(f"PRAGMA max_page_count = {database.value('PRAGMA page_count')}")
        with pytest.raises(SpoolFullError) as caught, database.transaction():
            database.execute_many("INSERT INTO entry VALUES (?)", [(number,) for number in range(5000)])
        assert caught.value.remedy == "Make room."
    with Database(tmp_path / "ledger", FORMAT) as database:
        assert numbers(database) == [1]


def test_another_writer_is_waited_for_and_then_reported(tmp_path: Path) -> None:
    with Database(tmp_path / "ledger", FORMAT) as one, Database(tmp_path / "ledger", FORMAT) as other:
        with one.transaction(), pytest.raises(SpoolError):
            other.execute("INSERT INTO entry VALUES (1)")
        other.execute("INSERT INTO entry VALUES (2)")
        assert numbers(one) == [2]


def test_an_exclusive_database_is_one_programs_from_opening_to_closing(tmp_path: Path) -> None:
    exclusive = replace(FORMAT, exclusive=True)
    for _ in range(2):
        with Database(tmp_path / "ledger", exclusive), pytest.raises(SpoolError):
            Database(tmp_path / "ledger", exclusive)


def test_a_right_is_held_by_one_at_a_time_while_others_write(tmp_path: Path) -> None:
    with Database(tmp_path / "ledger", FORMAT) as one, Database(tmp_path / "ledger", FORMAT) as other:
        with one.hold("-posting", "somebody has it"):
            other.execute("INSERT INTO entry VALUES (1)")
            with pytest.raises(SpoolError) as caught, other.hold("-posting", "somebody has it"):
                pass
            who = f"process {os.getpid()} on {platform.node()}, since "
            assert caught.value.what.startswith(f"somebody has it ({who}")
            (tmp_path / "ledger-posting-by").write_bytes(b"\xff")
            with pytest.raises(SpoolError) as caught, other.hold("-posting", "somebody has it"):
                pass
            assert caught.value.what == "somebody has it"
        assert not (tmp_path / "ledger-posting-by").exists()
        with other.hold("-posting", "somebody has it"):
            assert numbers(one) == [1]


def test_a_right_ends_in_whatever_thread(tmp_path: Path) -> None:
    with Database(tmp_path / "ledger", FORMAT) as database, ExitStack() as opened, ThreadPoolExecutor(1) as other:
        opened.enter_context(database.hold("-posting", ""))
        other.submit(opened.close).result()
        assert not database.is_held("-posting")


def test_a_right_to_a_database_in_memory_is_nobody_elses() -> None:
    with Database(MEMORY, FORMAT) as database, database.hold("-posting", ""), database.hold("-posting", ""):
        pass


def test_a_database_is_only_read_while_another_writes_it(tmp_path: Path) -> None:
    file = tmp_path / "a ledger?"
    with Database(file, FORMAT) as database:
        database.execute("INSERT INTO entry VALUES (1)")
        with Database(file, FORMAT, read_only=True) as reader:
            assert numbers(reader) == [1]
            with pytest.raises(SpoolError):
                reader.execute("INSERT INTO entry VALUES (2)")
            database.execute("INSERT INTO entry VALUES (2)")
            assert numbers(reader) == [1, 2]
    with Database(file, FORMAT, read_only=True) as reader:
        assert numbers(reader) == [1, 2]
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("content", [None, b"", b"something else"])
def test_what_is_only_read_is_neither_made_nor_upgraded(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "ledger"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SpoolError):
        Database(file, FORMAT, read_only=True)
    assert file.exists() == (content is not None) and (content is None or file.read_bytes() == content)


def test_whether_a_right_is_held_is_seen_without_taking_it(tmp_path: Path) -> None:
    with Database(tmp_path / "ledger", FORMAT) as database:
        assert not database.is_held("-posting")
        with database.hold("-posting", ""):
            assert database.is_held("-posting")
        assert not database.is_held("-posting")


def test_a_file_of_one_octet_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "ledger").write_bytes(b"x")
    with pytest.raises(SpoolError):
        Database(tmp_path / "ledger", FORMAT)
    assert (tmp_path / "ledger").read_bytes() == b"x"
