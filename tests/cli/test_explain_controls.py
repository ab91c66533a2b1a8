"""``envoy explain-controls``: its text, its JSON, and its page in a real browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import html5lib
import pytest
from syrupy.assertion import SnapshotAssertion

from envoy.cli.explain_controls.page import write_page
from envoy.cli.explain_controls.text import write_text
from envoy.der.state.explanation import Explanation, explain_controls
from envoy.der.state.history import read_history
from tests.support.browser import BROWSER, Page, browsing
from tests.support.commands import envoy
from tests.support.recorded import BEGIN, Recording, event, record_story
from tests.support.schedules import make_program

HOSTILE = "</style><script>document.title='stolen'</script><img src=x onerror=alert(1)>'\"&\x1b[2J"


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recording]:
    recording = record_story(tmp_path_factory.mktemp("recorded") / "state")
    yield recording
    recording.kill()


@pytest.fixture(scope="module")
def explanation(recording: Recording) -> Explanation:
    return explain_controls(read_history(recording.folder), now=BEGIN + 3600, at=BEGIN + 3600, before=3600, after=3600)


def test_its_text(explanation: Explanation, snapshot: SnapshotAssertion) -> None:
    assert write_text(explanation) == snapshot


def test_it_explains_another_time_while_a_process_follows(recording: Recording) -> None:
    done = envoy("explain-controls", "--state", recording.folder, "--at", "2026-11-18T11:18:40Z", "--around", "10m")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.findall(r"^  (\w+)  (\d+ W), since", done.stdout, re.MULTILINE) == [("opModExpLimW", "5000 W")]


def test_its_json(recording: Recording) -> None:
    when = ("--at", "2026-11-18T11:18:40Z", "--around", "10m")
    done = envoy("explain-controls", "--state", recording.folder, *when, "--format", "json")
    plain = json.loads(done.stdout)
    assert plain["at"] == "2026-11-18T11:18:40Z"
    assert [(each["mode"], each["value"]) for each in plain["in_force"]] == [("opModExpLimW", "5000")]


def test_a_site_is_for_the_state_of_a_fleet(recording: Recording) -> None:
    done = envoy("explain-controls", "--state", recording.folder, "--site", "3E4F")
    assert done.returncode == 2 and "--site" in done.stderr


def test_it_says_since_when_no_process_follows(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    recording.kill()
    when = ("explain-controls", "--state", tmp_path, "--at", "2026-11-18T11:07:10Z")
    assert "killed after 2026-11-18 11:07:00 UTC" in envoy(*when).stdout
    recording.start(20)
    recording.state.close()
    assert "stopped at 2026-11-18 11:07:20 UTC" in envoy(*when).stdout


@pytest.mark.parametrize(
    "arguments", [["--format", "xml"], ["--at", "then"], ["--around", "long"], ["--html", "missing/page.html"]]
)
def test_wrong_options(recording: Recording, tmp_path: Path, arguments: list[str]) -> None:
    done = envoy("explain-controls", "--state", recording.folder, *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "") and done.stderr.startswith("Error: ")


def test_a_folder_without_a_state(tmp_path: Path) -> None:
    done = envoy("explain-controls", "--state", tmp_path)
    assert done.returncode == 2 and str(tmp_path) in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_its_page_needs_nothing_else(recording: Recording, tmp_path: Path) -> None:
    done = envoy("explain-controls", "--state", recording.folder, "--html", "page.html", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    page = (tmp_path / "page.html").read_text()
    document = html5lib.HTMLParser(strict=True).parse(page)
    assert not [each for each in document.iter() if str(each.tag).endswith(("}script", "}link", "}img", "}iframe"))]
    assert not re.search(r"url\(|@import|\bsrc=|\bhref=", page)
    assert envoy("explain-controls", "--state", recording.folder, "--html", "-").stdout.startswith("<!doctype html>")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    if BROWSER is None:
        pytest.skip("needs chromium")
    with browsing(tmp_path_factory.mktemp("browser")) as page:
        yield page


def show(browser: Page, folder: Path, text: str, *, width: int = 1200) -> None:
    file = folder / "page.html"
    file.write_text(text, encoding="utf-8")
    browser.open(file.as_uri(), width=width)
    browser.wait("document.readyState === 'complete' && !!document.querySelector('footer')")


@pytest.mark.parametrize("width", [390, 1200])
def test_its_page_in_a_browser(browser: Page, explanation: Explanation, tmp_path: Path, width: int) -> None:
    show(browser, tmp_path, write_page(explanation), width=width)
    assert browser.text(".card .value") == "0 W" and browser.text("h1") == "Controls in force"
    # No wider than the window, but for what scrolls by itself and can be reached with the keyboard.
    assert browser.run("document.documentElement.scrollWidth") <= width
    scrolling = "[...document.querySelectorAll('.scroll')]"
    assert browser.run(f"{scrolling}.every(each => each.tabIndex === 0 && each.getAttribute('role') === 'region')")
    names = f"{scrolling}.map(each => document.getElementById(each.getAttribute('aria-labelledby')).innerText)"
    assert len(set(browser.run(names))) == len(browser.run(names)) == 4
    # What holds now reaches across the line of now.
    line = "document.querySelector('.track:not(.ticks) .now').getBoundingClientRect()"
    bars = "[...document.querySelectorAll('.span.event:not(.expected)')].map(each => each.getBoundingClientRect())"
    assert browser.run(f"{bars}.some(bar => bar.left < {line}.left && {line}.right < bar.right)")
    # The axis is a picture of the tables, which have the responses in words.
    assert "superseded" in browser.text("#events ~ .scroll, details:has(#events)")
    assert browser.messages == []


def test_what_a_server_says_cannot_become_part_of_the_page(browser: Page, tmp_path: Path) -> None:
    recording = Recording(tmp_path / "state")
    program = make_program(HOSTILE, 1, event("A1", 600, 1200, EL=5000, href=HOSTILE, reply_to=HOSTILE))
    recording.read(60, program)
    recording.lose(700, HOSTILE)
    recording.kill()
    hostile = explain_controls(read_history(recording.folder), now=BEGIN + 900, at=BEGIN + 900, before=3600, after=3600)
    page = write_page(hostile)
    html5lib.HTMLParser(strict=True).parse(page)
    assert "<script" not in page and "<img" not in page and "\x1b" not in page
    assert "\x1b" not in write_text(hostile)
    show(browser, tmp_path, page)
    assert browser.run("document.title").startswith("Controls of EndDevice")
    assert browser.run("document.images.length + document.scripts.length") == 0
    assert browser.messages == []
