"""Devices of a fleet that are Python functions, and those of which each site has one of its own."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from envoy import Site
from envoy.der.follow.device import DeviceStatus, Readings
from envoy.der.limits import Limit, Limits
from envoy.devices.fleet import CallbackDevices, open_fleet_devices
from envoy.devices.simulated import SimulatedDER
from envoy.errors import DeviceError
from tests.conftest import ROOT

SITE = Site.load(ROOT / "examples" / "site.toml")
OFF = Limits(connected=False, generation_w=Limit(Decimal(0), "opModConnect"))


def test_functions_are_called_with_the_key_of_the_site() -> None:
    calls: list[Any] = []
    devices = CallbackDevices(
        lambda key, limits: calls.append((key, limits)),
        status=lambda key: DeviceStatus(manufacturer=key),
        readings=lambda key: Readings(site={"voltage": Decimal(key)}),
        close=calls.append,
    )
    one, two = devices.open("1", SITE), devices.open("2", SITE)
    two.apply(OFF)
    one.close()
    assert calls == [("2", OFF), "1"]
    assert [device.status().manufacturer for device in (one, two)] == ["1", "2"]
    assert two.readings() == Readings(site={"voltage": Decimal(2)})
    devices.close()


def test_without_further_functions_a_device_is_as_the_limits_say_that_were_taken() -> None:
    def apply(key: str, limits: Limits) -> None:
        if key == "gone":
            raise DeviceError("gone")

    devices = CallbackDevices(apply, modes="opModConnect")
    one, gone = devices.open("1", SITE), devices.open("gone", SITE)
    one.apply(OFF)
    with pytest.raises(DeviceError):
        gone.apply(OFF)
    assert one.status() == DeviceStatus(connected=False, operating=False)
    assert gone.status() == DeviceStatus()
    assert one.readings() == Readings()
    assert one.abilities().modes == {"opModConnect"}
    assert one.abilities() is gone.abilities()  # of thousands, none is kept twice
    one.close()


@pytest.mark.parametrize("name", ["apply", "status", "readings", "close"])
def test_what_cannot_be_called_as_it_would_be_is_refused(name: str) -> None:
    async def wait(key: str, *_: Any) -> Any: ...

    for wrong in (wait, "function"):
        functions: Any = {"apply": print} | {name: wrong}
        with pytest.raises(DeviceError) as caught:
            CallbackDevices(**functions)
        assert caught.value.where == name and caught.value.remedy


def test_a_simulated_der_of_each_site_has_weather_of_its_own() -> None:
    devices = open_fleet_devices("simulated", {"sun": "0.5", "battery": "hold"})
    sites = [SITE, Site(lfdi=bytes(20), ders=SITE.ders)]
    opened = [devices.open(str(number), site) for number, site in enumerate(sites)]
    assert all(isinstance(device, SimulatedDER) for device in opened)
    one, two = (device.readings().site["active-power"] for device in opened)
    assert one != two
    same = open_fleet_devices("simulated", {"sun": "0.5", "battery": "hold", "seed": "1", "steady": "yes"})
    one, two = (same.open(str(number), site).readings().site["active-power"] for number, site in enumerate(sites))
    assert abs(one - two) < 1
    devices.close()


def test_options_of_separate_devices_have_the_key_of_the_site_and_errors_come_when_they_are_opened() -> None:
    with pytest.raises(DeviceError, match="unknown kind"):
        open_fleet_devices("simulatd", {})
    devices = open_fleet_devices("simulated", {"refuse": "{site}"})
    assert devices.open("opModConnect", SITE).faults.refuses == {"opModConnect"}  # type: ignore[attr-defined]
    with pytest.raises(DeviceError, match="opModX"):
        devices.open("opModX", SITE)
