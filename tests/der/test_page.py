"""The page on following: its program runs, and prints what it says."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT


def test_the_program_of_the_page_prints_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs" / "der.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (output,) = re.findall(r"```text\n(.*?)```", page, re.DOTALL)
    exec(program, {})  # noqa: S102  # a page of our own
    assert capsys.readouterr().out == output
