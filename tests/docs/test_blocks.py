"""Every block of code of the pages runs, and prints what the page says."""

from __future__ import annotations

from pathlib import Path

import pytest

from envoy.tls.pki import Pki
from tests.conftest import ROOT, StartServer
from tests.support import pages
from tests.support.pages import ELSEWHERE, PAGES, assert_printed, find_blocks, run_page

WITH_BLOCKS = [page for page in PAGES if any(block.fate in ("run", "read") for block in find_blocks(page))]


@pytest.mark.unmeasured
@pytest.mark.parametrize("page", WITH_BLOCKS, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_blocks_of_a_page_run(page: Path, tmp_path: Path, pki: Pki, start_server: StartServer) -> None:
    run_page(page, tmp_path, pki.ca.certificate.parent, start_server)


def test_what_is_tested_elsewhere_is_there() -> None:
    assert all((ROOT / name).is_file() for names in ELSEWHERE.items() for name in names)


@pytest.mark.parametrize(
    ("shown", "printed", "fits"),
    [
        ("a\nb\n", "a\nb", True),
        ("a\nb\n", "a\nc", False),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("a\n...\n", "a\nb\n", True),
        ("a\n...\nd\n", "a\nb\nc\n", False),
        ("took ... s\n", "took 4.5 s\n", True),
        ("took ... s\n", "took 4.5 ms\n", False),
        ("", "a\n", False),
        ("https://127.0.0.1:8443/dcap\n", "https://127.0.0.1:40731/dcap\n", True),
    ],
)
def test_an_output_is_what_is_shown(shown: str, printed: str, fits: bool) -> None:
    if fits:
        assert_printed(printed, shown, "")
    else:
        with pytest.raises(AssertionError):
            assert_printed(printed, shown, "")


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a page of which nothing is known yet."""
    root = tmp_path / "root"
    (root / "examples").mkdir(parents=True)
    monkeypatch.setattr(pages, "ROOT", root)
    return root / "page.md"


def run(page: Path, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    run_page(page, tmp_path / "run", page.parent / "examples", lambda: "https://localhost:1")


@pytest.mark.parametrize(
    "text",
    [
        "```python\nprint(1)\n```\n\n```text\n2\n```\n",
        "```python\n1 / 0\n```\n",
        "```console\n$ envoy identity --pin 12345\nPIN   1\n```\n",
        "```sh\nenvoy identity nonsense\n```\n",
        "```sh\nfalse\n```\n",
        "```json\n{\n```\n",
        "1. A list\n\n   ```python\n   assert 0\n   ```\n",
        "<!--\n```python\nassert 0\n```\n-->\n",
        "<!-- not run -->\n```python\n```\n",
        "<!-- runs last -->\n```python\n```\n",
    ],
)
def test_a_block_that_is_wrong_fails_the_page(text: str, page: Path, tmp_path: Path) -> None:
    page.write_text(text)
    with pytest.raises((AssertionError, ZeroDivisionError, ValueError)):
        run(page, tmp_path)


def test_blocks_share_names_and_files_and_some_run_last(page: Path, tmp_path: Path) -> None:
    page.write_text(
        "<!-- run last -->\n```python\nprint(x)\n```\n\n```text\n4\n```\n\n```python\nx = 3\n```\n\n"
        "<!-- file: a/b.txt -->\n```text\nb of https://localhost:8443\n```\n\n"
        "```console\n$ cat a/b.txt\nb of https://localhost:1\n\n$ export PIN=12345\n"
        "$ envoy identity \\\n    --pin 12345\nPIN   123455\n\n"
        "$ envoy identity --pin $PIN | cat\nPIN   123455\n```\n\n"
        "<!-- not run: for it is wrong -->\n```python\nassert 0\n```\n\n```python\nx = x + 1\n```\n"
    )
    run(page, tmp_path)
    assert [block.fate for block in find_blocks(page)] == ["run", "shown", "run", "read", "run", "not run", "run"]
