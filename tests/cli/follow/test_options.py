"""Options of ``envoy follow``: devices, policies and failsafes as they are written."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from envoy import Site
from envoy.cli.follow.options import (
    DeviceChoice,
    DeviceOptions,
    PolicyOptions,
    choose_devices,
    parse_failsafe,
    read_devices,
)
from envoy.der.policies import Edition, Policy, Responses, Superseded
from envoy.devices import open_devices
from envoy.errors import EnvoyError
from envoy.profiles import PROFILES
from tests.conftest import ROOT
from tests.support.messages import message


def test_a_device_is_a_kind_with_options() -> None:
    options = DeviceOptions(device="sunspec", option=["host=10.0.0.7", "unit = 3"])
    assert choose_devices(options) == [DeviceChoice("sunspec", {"host": "10.0.0.7", "unit": "3"})]


def test_a_program_is_a_device_of_the_kind_exec() -> None:
    expected = [DeviceChoice("exec", {"command": "./der.sh --port=1"})]
    assert choose_devices(DeviceOptions(exec="./der.sh --port=1")) == expected
    assert choose_devices(DeviceOptions(device="exec", exec="./der.sh --port=1")) == expected


def test_a_file_has_several_devices(tmp_path: Path) -> None:
    file = tmp_path / "devices.toml"
    file.write_text('[[device]]\nkind = "sunspec"\nunit = 3\nrtu = false\n[[device]]\nkind = "mqtt"\n')
    devices = [DeviceChoice("sunspec", {"unit": "3", "rtu": "false"}), DeviceChoice("mqtt", {})]
    assert choose_devices(DeviceOptions(devices=file)) == devices


def test_the_example_is_such_a_file() -> None:
    choices = read_devices(ROOT / "examples" / "devices.toml")
    site = Site.load(ROOT / "examples" / "site.toml")
    device = open_devices([(each.kind, each.options) for each in choices], site)
    assert device.abilities().modes
    device.close()


@pytest.mark.parametrize(
    "options",
    [
        DeviceOptions(),
        DeviceOptions(device="sunspec", exec="x"),
        DeviceOptions(device="sunspec", option=["host"]),
        DeviceOptions(device="sunspec", option=["=1"]),
        DeviceOptions(device="sunspec", option=["unit=1", "unit=2"]),
        DeviceOptions(exec="x", option=["command=y"]),
        DeviceOptions(devices=Path("x.toml"), device="mqtt"),
    ],
)
def test_options_of_devices_that_do_not_fit_are_refused(options: DeviceOptions, snapshot: SnapshotAssertion) -> None:
    with pytest.raises(EnvoyError) as caught:
        choose_devices(options)
    assert message(caught.value) == snapshot


@pytest.mark.parametrize("text", ["", "device = 3", "[[device]]\nunit = 3\n", '[[devices]]\nkind = "mqtt"'])
def test_a_file_that_has_no_devices_is_refused(text: str, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    file = tmp_path / "devices.toml"
    file.write_text(text)
    with pytest.raises(EnvoyError) as caught:
        read_devices(file)
    assert caught.value.where == str(file)
    assert caught.value.what == snapshot


def test_each_error_in_a_file_of_devices_is_named(tmp_path: Path) -> None:
    file = tmp_path / "devices.toml"
    file.write_text('device = [1, {kind = 3}, {kind = "mqtt", x = []}]')
    with pytest.raises(EnvoyError) as caught:
        read_devices(file)
    assert [line.partition(":")[0] for line in caught.value.what.splitlines()] == [
        "device[1]",
        "device[2].kind",
        "device[3].x",
    ]


def test_a_failsafe_is_in_the_units_that_people_use() -> None:
    pairs = ["opModExpLimW=1500", "opModMaxLimW = 30.5%", "opModConnect=false", "opModFixedW=-12%", "opModTargetVar=-9"]
    assert parse_failsafe(pairs) == {
        "opModExpLimW": Decimal(1500),
        "opModMaxLimW": 3050,
        "opModConnect": False,
        "opModFixedW": -1200,
        "opModTargetVar": Decimal(-9),
    }


@pytest.mark.parametrize(
    "pairs",
    [
        ["opModExpLimW"],
        ["opModExpLimitW=3"],
        ["opModExpLimW=much"],
        ["opModExpLimW=nan"],
        ["opModExpLimW=-1"],
        ["opModMaxLimW=30"],
        ["opModMaxLimW=30.005%"],
        ["opModMaxLimW=130%"],
        ["opModMaxLimW=inf%"],
        ["opModConnect=maybe"],
        ["opModVoltVar=/curve"],
        ["opModFixedPFInjectW=1"],
        ["opModExpLimW=1", "opModExpLimW=2"],
    ],
)
def test_a_failsafe_that_cannot_be_held_is_refused(pairs: list[str], snapshot: SnapshotAssertion) -> None:
    with pytest.raises(EnvoyError) as caught:
        parse_failsafe(pairs)
    assert message(caught.value) == snapshot


def test_the_policy_is_what_is_usual_in_the_profile_unless_it_is_given() -> None:
    csip_aus, ieee = PROFILES["csip-aus-1.2"], PROFILES["ieee-2018"]
    assert PolicyOptions().choose(csip_aus) == Policy(responses=Responses.CSIP_AUS)
    assert PolicyOptions().choose(ieee) == Policy()
    given = PolicyOptions(edition="2023", responses="full", superseded="resumes")
    assert given.choose(csip_aus) == Policy(Edition.E2023, Responses.FULL, Superseded.RESUMES)
