"""The page about devices has the options that there are, and its programs run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from envoy.devices.assignment import AssignmentOptions
from envoy.devices.options import describe_options
from envoy.devices.simulated import SimulatedOptions
from envoy.devices.sunspec import SunSpecOptions

PAGE = Path(__file__).parents[2] / "docs" / "devices.md"


@pytest.mark.parametrize(
    ("heading", "options"),
    [("Simulated", SimulatedOptions), ("SunSpec", SunSpecOptions), ("Several devices", AssignmentOptions)],
)
def test_each_kind_has_its_options_as_the_program_describes_them(heading: str, options: type) -> None:
    section = PAGE.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \| (.+) \|$", section, re.MULTILINE) == list(describe_options(options))


def test_the_programs_of_the_page_run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PAGE.parents[1])
    page = PAGE.read_text(encoding="utf-8")
    names: dict[str, object] = {}
    for block, shown in re.findall(
        r"^```python\n(.*?)^```$(?:\n\n```text\n(.*?)^```$)?", page, re.MULTILINE | re.DOTALL
    ):
        exec(compile(block, PAGE.name, "exec"), names)  # noqa: S102
        assert capsys.readouterr().out == shown
