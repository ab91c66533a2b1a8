"""The page about devices has the options that there are, and prints the examples."""

from __future__ import annotations

import re

import pytest

from envoy.devices.assignment import AssignmentOptions
from envoy.devices.broker import BrokerOptions
from envoy.devices.exec import ExecOptions
from envoy.devices.fleet.mqtt import FleetMQTTOptions
from envoy.devices.json_form import parse_order, parse_report
from envoy.devices.mqtt import MQTTOptions
from envoy.devices.options import describe_options
from envoy.devices.simulated import SimulatedOptions
from envoy.devices.sunspec import SunSpecOptions
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "reference" / "devices.md"


@pytest.mark.parametrize(
    ("heading", "options"),
    [
        ("Simulated", SimulatedOptions),
        ("SunSpec", SunSpecOptions),
        ("Programs", ExecOptions),
        ("MQTT", MQTTOptions),
        ("Several devices", AssignmentOptions),
    ],
)
def test_each_kind_has_its_options_as_the_program_describes_them(heading: str, options: type) -> None:
    section = PAGE.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \| (.+) \|$", section, re.MULTILINE) == list(describe_options(options))


def test_a_fleet_behind_a_broker_has_the_options_that_the_page_says() -> None:
    section = PAGE.read_text(encoding="utf-8").split("\n### A broker for a fleet\n")[1].split("\n### ")[0]
    shared = {name for name, _ in describe_options(BrokerOptions)}
    own = [option for option in describe_options(FleetMQTTOptions) if option[0] not in shared]
    assert re.findall(r"^\| `(\w+)` \| (.+) \|$", section, re.MULTILINE) == own


@pytest.mark.parametrize(("language", "name"), [("sh", "limit.sh"), ("py", "battery.py")])
def test_the_page_prints_the_examples_as_they_are(language: str, name: str) -> None:
    printed = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    example = (ROOT / "examples" / "devices" / name).read_text(encoding="utf-8")
    assert printed == [example]
    assert len(example.splitlines()) <= 20


def test_the_form_that_the_page_prints_is_the_form_that_is_read() -> None:
    order, report = re.findall(r"^```json\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert parse_order(order).unknown == ()
    assert parse_report(report).unknown == ()
