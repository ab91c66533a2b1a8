"""A fleet's file: what its columns are, how each kind of file is read, and what is said of what cannot be."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envoy.bindings.toml import read_toml
from envoy.errors import SiteError
from envoy.fleet import Fleet
from envoy.fleet.csv_columns import Header, columns
from envoy.profiles import get_profile
from envoy.registration.site import Site
from tests.conftest import ROOT
from tests.support.fleets import COLUMNS, lfdi_of, write_fleet

EXAMPLE = ROOT / "examples" / "site.toml"


def sites(path: Path) -> list[Site]:
    return [row.site() for row in Fleet(path).rows()]


def problems(path: Path) -> list[str]:
    """Return what is wrong with the rows of a fleet, one text each."""
    found = []
    for row in Fleet(path).rows():
        try:
            row.site()
        except SiteError as error:
            found.append(str(error).replace(str(path), path.name))
    return found


def refusal(path: Path) -> str:
    with pytest.raises(SiteError) as caught:
        list(Fleet(path).rows())
    return str(caught.value).replace(str(path), path.name)


def flattened(table: dict[str, object], prefix: str = "") -> dict[str, str]:
    """Return a site file's keys and values as columns and cells."""
    cells: dict[str, str] = {}
    for key, value in table.items():
        if key == "der":
            assert isinstance(value, list)
            for number, der in enumerate(value, start=1):
                cells |= flattened(der, f"der[{number}].")
        elif isinstance(value, dict):
            cells |= flattened(value, f"{prefix}{key}.")
        else:
            cells[f"{prefix}{key}"] = " ".join(value) if isinstance(value, list) else str(value)
    return cells


def test_the_same_site_comes_from_csv_json_lines_and_a_folder(tmp_path: Path) -> None:
    table = read_toml(EXAMPLE, "site", SiteError)
    cells = flattened(table)
    with (tmp_path / "fleet.csv").open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file).writerows([list(cells), list(cells.values())])
    (tmp_path / "fleet.jsonl").write_text(json.dumps(table, default=str) + "\n\n", encoding="utf-8")
    (tmp_path / "sites" / "north").mkdir(parents=True)
    (tmp_path / "sites" / "north" / "one.toml").write_bytes(EXAMPLE.read_bytes())
    expected = [Site.load(EXAMPLE)]
    assert sites(tmp_path / "fleet.csv") == expected
    assert sites(tmp_path / "fleet.jsonl") == expected
    assert sites(tmp_path / "sites") == expected


def test_there_is_a_column_with_a_meaning_for_each_key_of_a_site() -> None:
    for name in flattened(read_toml(EXAMPLE, "site", SiteError)):
        assert columns()[name.replace("der[1].", "der.")].meaning
    assert all(column.meaning and column.form for column in columns().values())


def test_the_columns_that_are_documented_are_those_that_are_read() -> None:
    text = (ROOT / "docs" / "reference" / "fleets.md").read_text(encoding="utf-8").partition("\n## Columns\n")[2]
    for column in columns().values():
        need = ", required" if column.required else ""
        assert f"| `{column.name}` | {column.form}{need} | {column.meaning} |" in text, "run docs/columns.py"
    assert text.count("\n| `") == len(columns())


def test_a_second_der_has_a_number(tmp_path: Path) -> None:
    header = "lfdi,der.capability.type,der[2].capability.type,der[2].capability.rtg_max_w,der[1].capability.rtg_max_w"
    row = f"{lfdi_of(1)},PHOTOVOLTAIC_SYSTEM,OTHER_STORAGE_SYSTEM,5000,1e4"
    table = Header(header.split(",")).table(row.split(","))
    assert table == {
        "lfdi": lfdi_of(1),
        "der": [
            {"capability": {"type": "PHOTOVOLTAIC_SYSTEM", "rtg_max_w": 10000.0}},
            {"capability": {"type": "OTHER_STORAGE_SYSTEM", "rtg_max_w": 5000}},
        ],
    }
    (tmp_path / "fleet.csv").write_text(f"lfdi,der[2].capability.type\n{lfdi_of(1)},PHOTOVOLTAIC_SYSTEM\n")
    assert "der[1].capability: is missing." in problems(tmp_path / "fleet.csv")[0]


def test_each_bad_row_is_reported_with_its_line_and_all_its_errors(tmp_path: Path) -> None:
    path = write_fleet(tmp_path / "fleet.csv", range(1, 9))
    lines = path.read_text().splitlines()
    lines[2] = lines[2].replace("10000", "ten", 1).replace("MAINS", "MAIN")
    lines[3] = lines[3].replace(lfdi_of(3), "3.2E+39")
    lines[4] = lines[4].replace("4.10", '"4\n10"') + ",extra"
    lines[5] = lines[5].replace("4.10", '"4.10"x')
    lines[6] = ""
    path.write_bytes("\n".join(lines).encode() + b"\n" + lines[7].replace("B2", "\xe9").encode("latin-1") + b"\n")
    told = problems(path)
    assert len(told) == 5
    assert told[0].startswith("fleet.csv:3: 2 errors\n")
    assert "device_information.primary_power: PowerSourceType has no 'MAIN'. Did you mean MAINS?" in told[0]
    assert "der[1].capability.rtg_max_w: is text 'ten', expected a number." in told[0]
    assert told[1].startswith("fleet.csv:4: lfdi: ")
    assert told[2].startswith("fleet.csv:5: has 25 cells, the first line has 24")
    assert told[3].startswith("fleet.csv:7: is not CSV: ")
    assert told[4].startswith("fleet.csv:11: is not UTF-8")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "fleet.csv: is empty"),
        (b"lfdi;nmi\n", "fleet.csv:1: columns are separated by semicolons here, not by commas"),
        ("lfdi,nmi\n".encode("utf-16"), "fleet.csv: is UTF-16"),
        (b"nmi\n", "fleet.csv:1: there is no column lfdi"),
        (b"lfdi,nmi,nmi,\n", "fleet.csv:1: column 3: nmi is there twice\n  column 4 has no name"),
        (b"lfdi,rtgMaxW\n", "column 2: 'rtgMaxW' is unknown. Did you mean der.capability.rtg_max_w?"),
        (b"lfdi,set_max_w\n", "Did you mean der.settings.set_max_w?"),
        (b"lfdi,der.status.reading_tme\n", "Did you mean der.status.reading_time"),
        (b"\xe9\n", "fleet.csv:1: is not UTF-8"),
        (b"lfdi,nmi\r00,6\r", "fleet.csv:1: has a line that ends in CR alone"),
    ],
)
def test_a_bad_header_is_reported_with_what_was_meant(content: bytes, expected: str, tmp_path: Path) -> None:
    (tmp_path / "fleet.csv").write_bytes(content)
    assert expected in refusal(tmp_path / "fleet.csv")


@pytest.mark.parametrize("name", ["lfdi", "nmi", "device_information.mf_ser_num"])
def test_a_long_number_that_a_spreadsheet_has_rounded_is_refused(name: str) -> None:
    header = Header([name, *({"lfdi"} - {name})])
    for cell in ("6.00123E+09", "1,23E+45", "3E+39"):
        with pytest.raises(SiteError, match=f"^{name}: '.*' is what a spreadsheet makes of a long number") as caught:
            header.table([cell] * len(header.names))
        assert "Format the column as text" in caught.value.remedy
    # Hex digits, and a number where one belongs, are as they should be.
    for column, cell in (("lfdi", "12E3"), ("der.capability.rtg_max_w", "1.5E+04")):
        assert Header(["lfdi", "nmi", "der.capability.rtg_max_w"]).table(
            [cell if x == column else "" for x in ("lfdi", "nmi", "der.capability.rtg_max_w")]
        )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("{", "fleet.jsonl:1: is not JSON: "),
        ("[]", "fleet.jsonl:1: is not a JSON object"),
        ('{"nmi": "6", "nmi": "7"}', "'nmi' is there twice"),
        ('{"lfdi": 5}', "lfdi: is not text. Put its hex digits in quotes."),
        ('{"lfdi": "00", "rtgMaxW": 5}', "rtgMaxW: unknown key."),
        ("[" * 100_000, "fleet.jsonl:1: is not JSON: "),
    ],
)
def test_a_bad_line_of_json_is_reported(line: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "fleet.jsonl").write_text(line)
    assert expected in problems(tmp_path / "fleet.jsonl")[0]


def test_what_is_not_a_fleet_is_refused(tmp_path: Path) -> None:
    for name in ("fleet.xlsx", "fleet.csv", "folder"):
        with pytest.raises(SiteError, match=r"A fleet is a \.csv or \.jsonl file, or a folder of site files"):
            Fleet(tmp_path / name)
    (tmp_path / "folder").mkdir()
    assert refusal(tmp_path / "folder").startswith("folder: has no site files")
    (tmp_path / "folder" / "one.toml").write_text("lfdi = ")
    assert problems(tmp_path / "folder")[0].startswith("folder/one.toml: not TOML: ")


def test_chosen_rows_are_the_same_as_in_a_whole_reading(tmp_path: Path) -> None:
    path = write_fleet(tmp_path / "fleet.csv", range(1, 9))
    every = list(Fleet(path).rows())
    assert list(Fleet(path).rows({2, 7})) == [every[1], every[6]]


cells = st.text(st.characters(codec="utf-8"), max_size=20)


@given(st.dictionaries(st.sampled_from(sorted(columns())), cells, min_size=1))
def test_no_cell_is_more_than_an_error(row: dict[str, str]) -> None:
    row = {"lfdi": lfdi_of(1), **row}
    file = io.StringIO()
    csv.writer(file).writerows([list(row), list(row.values())])
    names, values = csv.reader(io.StringIO(file.getvalue()), strict=True)
    table = Header(names).table(values)
    with contextlib.suppress(SiteError):
        assert Site.from_table(table, profile=get_profile()).lfdi


def test_a_cell_is_left_out_if_it_is_empty(tmp_path: Path) -> None:
    path = write_fleet(tmp_path / "fleet.csv", range(1, 2), enabled="", doe_modes_enabled=" ")
    (site,) = sites(path)
    assert site.enabled is None
    assert site.ders[0].settings is not None and site.ders[0].settings.doe_modes_enabled is None
    assert site.device_information is not None
    assert (site.device_information.mf_model, site.device_information.sw_ver) == ("Hybrid, 10", "4.10")
    assert len(COLUMNS) + 2 == len(path.read_text().splitlines()[0].split(","))


def test_a_quote_that_is_never_closed_ends_the_reading(tmp_path: Path) -> None:
    path = tmp_path / "fleet.csv"
    path.write_text('lfdi,nmi\n"' + "".join(f"{lfdi_of(number)},6{number:09}\n" for number in range(1, 9000)))
    (row,) = Fleet(path).rows()
    assert row.problem is not None and "not closed" in row.problem.what
    assert row.where == f"{path}:2"


SEMICOLONS = f"""\
lfdi;nmi;der.capability.type;der.capability.modes_supported;der.capability.rtg_max_w
{lfdi_of(1)};6001234567;PHOTOVOLTAIC_SYSTEM;OP_MOD_MAX_LIM_W;2500,5
{lfdi_of(2)};"6001234568";PHOTOVOLTAIC_SYSTEM;OP_MOD_MAX_LIM_W;40000
"""


def test_a_fleet_of_a_spreadsheet_with_semicolons_is_read_when_that_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "fleet.csv"
    path.write_text(SEMICOLONS)
    fleet = Fleet(path, delimiter="auto")
    first, second = (row.site() for row in fleet.rows())
    assert (first.nmi, float(first.ders[0].capability.rtg_max_w)) == ("6001234567", 2500.5)
    assert float(second.ders[0].capability.rtg_max_w) == 40_000
    assert fleet.format.describe() == "columns are separated by semicolons, and commas stand before decimals"
    assert [row.where for row in fleet.rows()] == [f"{path}:2", f"{path}:3"]
    assert "delimiter='auto' reads it as it is" in refusal(path)


def test_a_number_that_may_be_another_is_a_row_with_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "fleet.csv"
    path.write_text(SEMICOLONS.replace("40000", "40.000"))
    assert [row.problem is None for row in Fleet(path, delimiter=";").rows()] == [True, False]


def test_a_row_without_all_its_cells_is_not_said_to_need_quotes(tmp_path: Path) -> None:
    path = tmp_path / "fleet.csv"
    path.write_text(f"lfdi,nmi,enabled\n{lfdi_of(1)}\n{lfdi_of(2)},1,true,x\n")
    few, many = problems(path)
    assert "2 cells are missing" in few and "quotes" not in few
    assert "needs quotes" in many
