"""The page on following: its programs run, and print what it says."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT


def test_the_programs_of_the_page_run_and_print_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs" / "explanation" / "der.md").read_text(encoding="utf-8")
    programs = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (output,) = re.findall(r"```text\n(.*?)```", page, re.DOTALL)
    for program in programs:
        exec(program, {})  # noqa: S102  # a page of our own
    assert capsys.readouterr().out == output
