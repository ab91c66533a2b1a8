"""The examples of programs as devices follow what they are given, as they are."""

from __future__ import annotations

import os
import shutil
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from envoy import Site
from envoy.der.follow.device import DeviceStatus, Readings
from envoy.der.limits import Rating, combine_limits
from envoy.devices import open_device
from envoy.errors import DeviceRefusal
from tests.conftest import ROOT
from tests.support.fleets import until

EXAMPLES = ROOT / "examples" / "devices"
SITE = Site(lfdi=bytes(20))
RATING = Rating(max_w=Decimal(5000), max_charge_w=Decimal(3000))

INVERTER = """#!/bin/sh
case $1 in
    set-limit) echo "$2" > limit; test "$2" != 1234 ;;
    get-power) cat limit 2> none || echo 5000 ;;
esac
"""


@pytest.mark.skipif(shutil.which("sh") is None, reason="needs a shell")
def test_the_shell_keeps_an_inverter_to_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inverter = tmp_path / "inverter"
    inverter.write_text(INVERTER, encoding="utf-8")
    inverter.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    device = open_device("exec", {"command": f"sh {EXAMPLES / 'limit.sh'}", "deadline": "60"}, SITE)
    until(lambda: bool(device.readings().der))
    assert device.readings() == Readings(der={"active-power": Decimal(5000)})
    for watts in ("1500", "0.5", "5000"):
        device.apply(combine_limits({"opModGenLimW": Decimal(watts)}, RATING))
        assert Path("limit").read_text() == f"{watts}\n"
    device.apply(combine_limits({"opModGenLimW": Decimal(900), "opModExpLimW": Decimal(800)}, RATING))
    assert Path("limit").read_text() == "800\n"
    device.apply(combine_limits({"opModConnect": False}, RATING))
    assert Path("limit").read_text() == "0\n"
    assert device.status() == DeviceStatus(connected=False, operating=False)
    device.close()


def test_python_keeps_a_battery_to_its_target_within_its_limits() -> None:
    command = f"{sys.executable} -I -S {EXAMPLES / 'battery.py'}"
    device = open_device("exec", {"command": command, "deadline": "60"}, SITE)
    for values, watts in (
        ({}, 0),
        ({"opModStorageTargetW": Decimal(4000)}, 4000),
        ({"opModStorageTargetW": Decimal(4000), "opModGenLimW": Decimal(1000)}, 1000),
        ({"opModStorageTargetW": Decimal(-4000)}, -3000),
        ({"opModStorageTargetW": Decimal(-4000), "opModLoadLimW": Decimal(2000)}, -2000),
        ({"opModStorageTargetW": Decimal(4000), "opModExpLimW": Decimal(700)}, 700),
        ({"opModStorageTargetW": Decimal(-4000), "opModImpLimW": Decimal(600)}, -600),
        ({"opModStorageTargetW": Decimal(4000), "opModEnergize": False}, 0),
    ):
        device.apply(combine_limits(values, RATING))
        assert device.readings() == Readings(der={"active-power": Decimal(watts)})
    assert device.status() == DeviceStatus(operating=False, state_of_charge=Decimal(50))
    with pytest.raises(DeviceRefusal):
        device.apply(combine_limits({"opModFixedVar": (("ref_type", 1), ("value", 100))}, RATING))
    device.close()
