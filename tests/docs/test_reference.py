"""docs/: every class, field and code is in the reference of the bindings, and --check says what is stale."""

from __future__ import annotations

import dataclasses
import functools
import importlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

import sep2
from envoy.bindings.enums import Bitmap, Code
from envoy.bindings.fields import every_field_of, fields_of
from tests.conftest import ROOT

DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference" / "sep2"
PAGES = sorted(REFERENCE.glob("*.md"))
CLASSES = [getattr(sep2, name) for name in sep2.__all__ if name not in ("ELEMENTS", "TYPES")]
MODELS = [cls for cls in CLASSES if dataclasses.is_dataclass(cls)]
CODES = [cls for cls in CLASSES if issubclass(cls, (Code, Bitmap))]

_LINK = re.compile(r"\[((?:[^\[\]\\]|\\.)*)\]\(([^()\s]*)\)")
_LINK_AS_CODE = re.compile(r"`[^`\n]*\]\([^`\n]*`")
_ANCHOR = re.compile(r'<a name="([^"]*)"></a>')
_NOT_IN_SLUG = re.compile(r"[^\w\- ]")


def anchors(text: str) -> Iterator[str]:
    """Yield the ids that GitHub gives to the headings of a page, and those that the page sets itself."""
    seen: dict[str, int] = {}
    for line in re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL).splitlines():
        yield from _ANCHOR.findall(line)
        if match := re.match(r"#{1,6} +(.*?)[ #]*$", line):
            heading = re.sub(r"[`*\\]", "", _LINK.sub(r"\1", match[1]))
            slug = _NOT_IN_SLUG.sub("", heading.lower()).replace(" ", "-")
            times = seen[slug] = seen.get(slug, -1) + 1
            yield f"{slug}-{times}" if times else slug


@functools.cache
def anchors_of(page: Path) -> frozenset[str]:
    return frozenset(anchors(page.read_text(encoding="utf-8")))


@functools.cache
def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def links(page: Path) -> Iterator[tuple[str, Path, str]]:
    """Yield the label of each link of a page, the file that it leads to, and the anchor there."""
    for label, target in _LINK.findall(_LINK_AS_CODE.sub("", text_of(page))):
        if not target.startswith("https://"):
            path, _, anchor = target.partition("#")
            yield label, (page.parent / path).resolve() if path else page, anchor


@functools.cache
def sections() -> dict[str, tuple[Path, str]]:
    """Return page and text of each section of the reference by its heading."""
    result = {}
    for page in PAGES:
        for part in re.split(r"^#{2,3} ", text_of(page), flags=re.MULTILINE)[1:]:
            heading, _, text = part.partition("\n")
            result[heading] = page, text
    return result


@functools.cache
def rows() -> dict[str, tuple[Path, list[str]]]:
    """Return page and cells of each table row that can be linked to, by its anchor."""
    result = {}
    for page in PAGES:
        for line in text_of(page).splitlines():
            if line.startswith("| <a name="):
                result[_ANCHOR.findall(line)[0]] = page, re.split(r" (?<!\\)\| ?", line.removeprefix("| "))
    return result


def own_field_names(cls: type) -> list[str]:
    inherited = {field.name for base in cls.__mro__[1:] if dataclasses.is_dataclass(base) for field in fields_of(base)}
    return [field.name for field in fields_of(cls) if field.name not in inherited]


def test_the_anchors_are_those_of_github() -> None:
    page = '# Time (time.xsd)\n## A `b_c` & [d](e.md)!\n### Time\n### Time\n```\n# code\n```\n| <a name="x-y"></a>z |\n'
    assert list(anchors(page)) == ["time-timexsd", "a-b_c--d", "time", "time-1", "x-y"]


def test_stored_pages_are_what_the_schema_makes() -> None:
    command = [sys.executable, str(DOCS / "reference.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what docs/reference.py reads and writes, which ``reference()`` works on."""
    for name in ("docs/reference/sep2", "schema"):
        shutil.copytree(ROOT / name, tmp_path / name)
    monkeypatch.syspath_prepend(str(DOCS))
    module = importlib.import_module("reference")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "TARGET", tmp_path / "docs" / "reference" / "sep2")
    return tmp_path


def reference(*arguments: str) -> int:
    """Run the command line of docs/reference.py in this process; return its exit status."""
    return int(importlib.import_module("reference").main(list(arguments)))


def test_check_names_each_stale_page_and_writing_mends_it(
    copy: Path, capsys: pytest.CaptureFixture[str], snapshot: Any
) -> None:
    pages = copy / "docs" / "reference" / "sep2"
    with (pages / "time.md").open("a") as file:
        file.write("Edited by hand.\n")
    (pages / "file.md").unlink()
    (pages / "stray.md").touch()

    assert reference("--check") == 1

    assert capsys.readouterr().err == snapshot
    assert (pages / "stray.md").exists() and not (pages / "file.md").exists()

    assert reference() == 0

    assert capsys.readouterr().out == "docs/reference/sep2: 3 pages changed\n"
    assert {page.name: page.read_bytes() for page in pages.iterdir()} == {
        page.name: page.read_bytes() for page in REFERENCE.iterdir()
    }


def test_a_change_of_the_schema_makes_its_page_stale(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schema = copy / "schema" / "sep" / "time.xsd"
    schema.write_text(schema.read_text().replace("Time now, UTC.", "The time now, in UTC."))

    assert reference("--check") == 1
    assert [line.partition(":")[0] for line in capsys.readouterr().err.splitlines()] == ["docs/reference/sep2/time.md"]


def test_there_is_one_page_for_each_schema_file_of_the_bindings() -> None:
    modules = {cls.__module__.removeprefix("sep2.") for cls in CLASSES}
    assert {page.stem for page in PAGES} == {*modules, "index"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_anchor_is_there_twice(page: Path) -> None:
    found = list(anchors(text_of(page)))
    assert sorted(found) == sorted(set(found))


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_class_has_its_place_and_the_index_leads_there(cls: type) -> None:
    name = cls.__name__
    if name in sections():
        page, text = sections()[name]
    else:
        page, cells = rows()[name.lower()]
        text = "\n".join(cells)
        assert f"`{name}`" in text
    assert f"[{name}]({page.name}#{name.lower()})" in text_of(REFERENCE / "index.md")
    base = next((base for base in cls.__mro__[1:] if base.__module__.startswith("sep2.")), None)
    if base is not None:
        assert re.search(rf"[Ee]xtends:? \[{base.__name__}\]\(", text)


@pytest.mark.parametrize("cls", MODELS, ids=lambda cls: cls.__name__)
def test_every_field_is_in_the_table_of_its_class_and_in_the_index(cls: type) -> None:
    own = own_field_names(cls)
    index = text_of(REFERENCE / "index.md")
    inherited = {label for label, _, _ in links_in_section(cls)}
    for field in fields_of(cls):
        if field.name not in own:
            assert not own or f"`{field.name}`" in inherited
            continue
        anchor = f"{cls.__name__.lower()}-{field.name}"
        page, cells = rows()[anchor]
        assert f"`{field.name}`<br>{'@' if field.attribute else ''}{field.local}" in cells[0]
        assert field.type.__name__ in cells[1]
        assert cells[1].startswith("list of ") == field.many
        assert f"[{cls.__name__}]({page.name}#{anchor})" in index
        occurs = next(cell for cell in cells[2:] if re.fullmatch(r"\d+(\.\.(\d+|\\\*))?", cell))
        assert occurs.startswith("1") or not field.required
        assert (occurs == "1") == field.required
        assert field.many == (occurs not in ("1", "0..1"))


def links_in_section(cls: type) -> Iterator[tuple[str, str, str]]:
    if cls.__name__ in sections():
        for label, target in _LINK.findall(sections()[cls.__name__][1]):
            yield label, *target.split("#")


@pytest.mark.parametrize("cls", CODES, ids=lambda cls: cls.__name__)
def test_every_code_and_bit_is_there_with_its_value_and_a_label(cls: type[Code | Bitmap]) -> None:
    _, text = sections()[cls.__name__]
    for name, member in cls.__members__.items():
        number = member.value.bit_length() - 1 if issubclass(cls, Bitmap) else member.value
        wire = rf"\| `{member.value.to_bytes(cls._octets_).hex().upper()}` " if cls._octets_ else ""
        assert re.search(rf"^\| `{name}` \| {number} {wire}\| \S.* \|$", text, re.MULTILINE)


def test_a_field_is_two_clicks_away() -> None:
    first = next(target for _, target, _ in links(DOCS / "index.md") if target == REFERENCE / "index.md")
    line = re.search(r"^- `rtg_max_w` \(rtgMaxW\): (.*)$", text_of(first), re.MULTILINE)
    assert line is not None and line[1] == "[DERCapability](der.md#dercapability-rtg_max_w)"
    page, cells = rows()["dercapability-rtg_max_w"]
    assert page.name == "der.md"
    assert cells[1:4] == ["[ActivePower](quantities.md#activepower)", "W", "1"]


def test_what_a_profile_adds_is_marked_with_it() -> None:
    _, cells = rows()["dercapability-doe_modes_supported"]
    assert "**Required in csip-aus-1.2, csip-aus-1.3.**" in cells[-2]
    _, cells = rows()["dersettings-set_min_wh"]
    assert "**Only in csip-aus-1.3.**" in cells[-2]
    _, text = sections()["Additions to the standard"]
    assert (
        "| [TariffProfile.combined_time_tariff_interval_list_link]"
        "(pricing.md#tariffprofile-combined_time_tariff_interval_list_link) |  | required |"
    ) in text
    marked = {anchor for anchor, (_, cells) in rows().items() if re.search(r"\*\*(Required|Only) in csip", cells[-2])}
    listed = {target.partition("#")[2] for _, target in _LINK.findall(text)}
    assert {anchor for anchor in marked if "-" in anchor} == listed


# Words of the prose.

_NAME = re.compile(r"(?<!xs:)\b[A-Za-z]*[a-z][A-Z]\w*|\b[A-Z]{2,}[a-z]\w*|\b[a-z0-9]+_\w+")
_WORDS = {
    "hexBinary",
    "IntEnum",
    "IntFlag",
    "IPv6",
    "NOx",
    "POSTed",
    "POSTs",
    "PUTs",
    "VAh",
    "degC",
    "kPa",
    "kW",
    "kWh",
}
"""Words that look like names and are none."""


def known_names() -> set[str]:
    names = {*sep2.__all__, *(page.stem for page in PAGES)}
    for path in (ROOT / "schema").rglob("*.xsd"):
        names |= {str(node.get("name")) for node in etree.parse(path).iter("*") if node.get("name")}
    return names | {field.name for cls in MODELS for field in every_field_of(cls)}


def test_no_line_mentions_a_name_that_the_schema_does_not_have() -> None:
    known = known_names()
    unknown = []
    for page in PAGES:
        for number, line in enumerate(text_of(page).splitlines(), 1):
            prose = re.sub(r"\]\([^()]*\)|<a name=.*?</a>", " ", line)
            unknown += [
                f"{page.name}:{number}: {word}"
                for word in _NAME.findall(prose)
                if word not in known and word.removesuffix("s") not in known and word not in _WORDS
            ]
    assert unknown == []
