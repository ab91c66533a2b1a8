"""Lines that somebody reads slowly, or not at all, or that a disk does not take: whoever writes them never waits."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Sequence
from typing import TextIO

import pytest

from envoy.cli.follow import line_writer
from envoy.cli.follow.line_writer import LineWriter
from tests.support.fleets import until

Make = Callable[[TextIO | None], LineWriter[str]]


@pytest.fixture
def broken() -> list[None]:
    """Return what has an item for each time that the reader was found to be gone."""
    return []


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch, broken: list[None]) -> Make:
    def make(stream: TextIO | None) -> LineWriter[str]:
        monkeypatch.setattr(sys, "stdout", stream)
        return LineWriter(
            lambda lines: lines,
            lambda count: f"{count} lost",
            lambda: broken.append(None),
            ahead=line_writer.AHEAD,
        )

    return make


def test_lines_are_written_in_their_order(make: Make) -> None:
    stream = io.StringIO()
    writer = make(stream)
    for number in range(100):
        writer.write(str(number))
    writer.close()
    writer.close()
    assert stream.getvalue().split() == [str(number) for number in range(100)]
    assert not writer.broken


def test_a_reader_who_pauses_delays_nobody_and_sees_what_was_lost(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_writer, "AHEAD", 10)
    own, other = os.pipe()
    with open(other, "w", encoding="utf-8") as stream, open(own, encoding="utf-8") as reader:
        writer = make(stream)
        line = "x" * 10_000  # some of which are more than a pipe holds
        for _ in range(100):
            writer.write(line)
        lines = [reader.readline().strip()]
        until(lambda: bool(lines.append(reader.readline().strip())) or writer._items.empty())
        writer.write("last")
        while (text := reader.readline().strip()) != "last":
            lines.append(text)
        writer.close()
    lost = [int(text.split()[0]) for text in lines if text.endswith(" lost")]
    assert sum(lost) + lines.count(line) == 100 and lost


def test_a_reader_who_is_gone_is_noted_once(make: Make, broken: list[None]) -> None:
    own, other = os.pipe()
    os.close(own)
    with open(other, "w", encoding="utf-8") as stream:
        writer = make(stream)
        writer.write("one")
        writer.write("two")
        writer.close()
    assert writer.broken and len(broken) == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no disk that is always full")
def test_a_full_disk_loses_lines_and_nothing_else(make: Make) -> None:
    with open("/dev/full", "w", encoding="utf-8") as stream:
        writer = make(stream)
        writer.write("one")
        writer.close()
        assert not writer.broken and writer._lost == 1


def test_without_standard_output_nothing_is_written(make: Make) -> None:
    writer = make(None)
    writer.write("one")
    writer.close()
    assert not writer.broken


def test_what_comes_together_is_made_lines_of_at_once_and_what_cannot_be_shown_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)

    def add_up(numbers: Sequence[int]) -> list[str]:
        if min(numbers) < 0:
            raise ValueError
        return [str(sum(numbers))]

    writer = LineWriter(add_up, str, lambda: None, together=60)
    for number in range(100):
        writer.write(number)
    writer.close()
    assert stream.getvalue().split() == ["4950"]
    writer = LineWriter(add_up, str, lambda: None)
    for number in (-1, 2, -3, 4):
        writer.write(number)
    writer.close()
    assert stream.getvalue().split() == ["4950", "2", "4"]
