"""The site: what it is built from, and what is found wrong with it."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest

import envoy
import envoy.metering
from envoy.cli.lazy_group import COMMANDS
from tests.conftest import ROOT

API = ROOT / "docs" / "reference" / "api"


@pytest.fixture(autouse=True)
def generator(monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules of docs/ can be imported, as its scripts do."""
    monkeypatch.syspath_prepend(str(ROOT / "docs"))


def test_each_public_name_is_on_one_page_of_the_api() -> None:
    shown = [
        name
        for page in API.glob("*.md")
        for name in re.findall(r"^::: envoy\.([A-Z_]\w*|[a-z_]+)$", page.read_text(), re.M)
    ]
    packages = {"dns_sd", "fleet", "identity", "testing"}
    assert sorted(shown) == sorted({*envoy.__all__, *packages} - {"__version__"})


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of the commands."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "docs"))
        from generator.commands import write_pages

    folder = tmp_path_factory.mktemp("pages") / "commands"
    write_pages(folder)
    return folder


def test_each_command_has_a_page_with_its_options(commands: Path) -> None:
    assert {page.stem for page in commands.iterdir()} == {*COMMANDS, "index"}
    assert "| `--profile NAME` |" in (commands / "register.md").read_text()
    assert "## envoy utility limit\n" in (commands / "utility.md").read_text()
    assert "--help" not in (commands / "identity.md").read_text()


def test_a_page_that_the_help_names_is_linked(commands: Path) -> None:
    text = (commands / "follow.md").read_text()
    assert all(link in text for link in ("page [Following on a device](../follow.md)", "page [Devices](../devices.md)"))


def test_the_exit_statuses_are_listed(commands: Path) -> None:
    rows = (commands / "index.md").read_text().partition("## Exit statuses")[2]
    assert re.search(r"^\| \[`envoy validate`\]\(validate.md\) \| 0 all are valid", rows, re.MULTILINE)


def test_links_to_what_is_not_on_the_site_are_plain_text(tmp_path: Path) -> None:
    from generator.site_pages import with_links

    (tmp_path / "schema").mkdir()
    page, other = tmp_path / "docs" / "a.md", tmp_path / "TOP.md"
    places = {page: tmp_path / "pages" / "a.md", other: tmp_path / "pages" / "explanation" / "top.md"}
    text = "[`schema`](../schema) and [top](../TOP.md#x), [web](https://a.example/), `[code](../schema)`<!-- \n -->\n"
    assert with_links(text, page, places) == (
        "`schema` and [top](explanation/top.md#x), [web](https://a.example/), `[code](../schema)`<!-- \n -->\n"
    )


def test_the_pages_of_a_folder_are_listed_but_for_those_that_stand_there_already(tmp_path: Path) -> None:
    from generator.site_pages import with_nav

    (tmp_path / "how-to").mkdir()
    for name in ("b", "a", "index"):
        (tmp_path / "how-to" / f"{name}.md").touch()
    nav = with_nav("nav:\n  - How-to:\n      - how-to/index.md\n      - how-to/*.md\n", tmp_path)
    assert nav == "nav:\n  - How-to:\n      - how-to/index.md\n      - how-to/a.md\n      - how-to/b.md\n"


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ('<a href="b.html#there">', ""),
        ('<a href="https://a.example/">', ""),
        ('<a href="c.html">', "index.html: c.html leads to nothing"),
        ('<a href="b.html#here">', "index.html: b.html#here leads to no place of its page"),
        ('<a href="#here">', "index.html: #here leads to no place of its page"),
        ('<a href="folder/">', "index.html: folder/ leads to nothing"),
        ('<img src="https://a.example/x.png">', "index.html: loads https://a.example/x.png from elsewhere"),
        ('<script src="//a.example/x.js">', "index.html: loads //a.example/x.js from elsewhere"),
        ("<style>@import 'https://a.example'</style>", "index.html: loads @import 'https://a.example from elsewhere"),
        ("<p style=\"background: url('//a.example/x')\">", "index.html: loads url('//a.example/x from elsewhere"),
    ],
)
def test_the_check_finds_what_is_wrong_with_a_page(body: str, wrong: str, tmp_path: Path) -> None:
    from generator.site_check import check_site

    (tmp_path / "index.html").write_text(f"<html><body>{body}</body></html>")
    (tmp_path / "b.html").write_text('<html><body><p id="there"></p></body></html>')
    assert list(check_site(tmp_path)) == ([wrong] if wrong else [])


def test_a_second_colon_is_taken_from_what_announces_code() -> None:
    from generator.docstrings import Docstrings

    class Thing:
        class docstring:  # noqa: N801
            value = "Like this::\n\n    a::b\n"

    thing: Any = Thing
    Docstrings().on_instance(obj=thing)
    assert thing.docstring.value == "Like this:\n\n    a::b\n"


def test_what_no_browser_asks_for_is_taken_away(tmp_path: Path) -> None:
    from generator.site_archive import trim

    files = {
        "index.html": "<p>",
        "assets/a.js": 'matchMedia("(min-width: 76.25em)")\n//# sourceMappingURL=a.js.map\n',
        "assets/a.js.map": "{}",
        "assets/a.css": "@media (max-width:76.234375em){}\n/*# sourceMappingURL=a.css.map*/",
        "assets/javascripts/lunr/min/lunr.de.min.js": "",
        "sitemap.xml": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    trim(tmp_path)
    left = {file.relative_to(tmp_path).as_posix(): file.read_text() for file in tmp_path.rglob("*") if file.is_file()}
    assert left == {
        "index.html": "<p>",
        "assets/a.js": 'matchMedia("(min-width: 70em)")\n\n',
        "assets/a.css": "@media (max-width:69.984375em){}\n",
    }
    with pytest.raises(ValueError, match="_WIDE"):
        trim(tmp_path)


@pytest.mark.parametrize(("settings", "built"), [(None, True), ({"docs": "no"}, False)])
def test_the_generator_is_needed_for_a_wheel_with_the_site(
    settings: dict[str, str] | None, built: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    backend: Any = importlib.import_module("backend")
    needed = backend.get_requires_for_build_wheel(settings)
    assert any(name.startswith("mkdocs-material") for name in needed) == built
    assert not any(name.startswith("mkdocs") for name in backend.get_requires_for_build_editable())


def test_each_name_of_metering_is_on_its_page() -> None:
    shown = re.findall(r"^::: envoy\.metering\.(\w+)$", (API / "readings.md").read_text(), re.MULTILINE)
    assert shown and all(hasattr(envoy.metering, name) for name in shown)
    source = (ROOT / "envoy" / "metering" / "__init__.py").read_text()
    assert shown == re.findall(r"import (\w+) as \1$", source, re.MULTILINE)
