"""The form of a CSV file: what separates its columns, and which number a text is."""

from __future__ import annotations

import csv
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envoy.bindings.csv_format import CsvFormat, describe_cells
from envoy.errors import EnvoyError


@pytest.mark.parametrize(
    ("line", "delimiter"),
    [
        ("lfdi,nmi\n", ","),
        ("lfdi;nmi;der.capability.rtg_max_w\n", ";"),
        ("time\tactive-power\n", "\t"),
        ("time|active-power\n", "|"),
        ('"a;b;c",d\n', ","),
        ("lfdi\n", ","),
        ("", ","),
    ],
)
def test_the_first_line_shows_what_separates_columns(line: str, delimiter: str) -> None:
    assert CsvFormat("auto").find(line) == delimiter
    assert CsvFormat("semicolon").find(line) == ";"


@pytest.mark.parametrize("delimiter", ["", "::", "x", "Auto"])
def test_what_separates_no_columns_is_refused(delimiter: str) -> None:
    with pytest.raises(EnvoyError):
        CsvFormat(delimiter)


@given(st.lists(st.decimals(-(10**6), 10**6, places=2), min_size=1, max_size=5), st.sampled_from([",", "."]))
def test_numbers_of_one_form_are_read_as_they_were_written(numbers: list[Decimal], mark: str) -> None:
    form = CsvFormat(";")
    for number in numbers:
        assert Decimal(form.number(str(number).replace(".", mark))) == number
    assert form.decimal == mark
    assert ("commas stand before decimals" in form.describe()) == (mark == ",")


@given(st.text(max_size=8) | st.from_regex(r"[+-]?[0-9]{1,4}[.,][0-9]{1,4}", fullmatch=True))
def test_a_file_with_commas_between_columns_is_taken_at_its_word(text: str) -> None:
    assert CsvFormat().number(text) == text


@pytest.mark.parametrize(
    "texts",
    [
        ["5.000"],  # five thousand, or five
        ["-12.500.000"],
        ["1,5", "1.5"],
        ["1.5", "1,5"],
        ["1,5", "5.000"],
    ],
)
def test_what_may_be_another_number_is_refused(texts: list[str]) -> None:
    form = CsvFormat(";")
    for text in texts[:-1]:
        form.number(text)
    with pytest.raises(ValueError, match="number"):
        form.number(texts[-1])


def test_three_decimals_are_decimals_where_other_numbers_have_points() -> None:
    form = CsvFormat(";")
    assert [form.number(text) for text in ("239.8", "239.812", "0.125", "10")] == ["239.8", "239.812", "0.125", "10"]


@pytest.mark.parametrize(
    ("found", "delimiter", "remedy"),
    [
        (2, ",", "3 cells are missing: write each, empty ones too, or see whether the line was cut off."),
        (4, ",", "A cell is missing: write each, empty ones too, or see whether the line was cut off."),
        (6, ",", 'A cell with a comma in it needs quotes: "a, b", and a number has a point before its decimals.'),
        (6, ";", "A cell with a ';' in it needs quotes: \"a; b\"."),
    ],
)
def test_a_row_of_another_length_gets_its_own_remedy(found: int, delimiter: str, remedy: str) -> None:
    assert describe_cells(found, 5, delimiter) == (f"has {found} cells, the first line has 5", remedy)


def test_cells_with_the_delimiter_are_quoted_in_every_form() -> None:
    form = CsvFormat("auto")
    lines = ['time;"a;b"\n', '"x;y";"1,5"\n']
    rows = list(csv.reader(lines, delimiter=form.find(lines[0])))
    assert rows == [["time", "a;b"], ["x;y", "1,5"]]
    assert form.number(rows[1][1]) == "1.5"
