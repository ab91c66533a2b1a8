"""Several devices are followed for as one: shares, status, readings, and what happens when one is gone or refuses."""

from __future__ import annotations

import threading
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from envoy import Site
from envoy.der.abilities import Abilities
from envoy.der.follow.device import DeviceStatus, Readings
from envoy.der.limits import Limits, Rating, combine_limits
from envoy.devices import open_devices
from envoy.devices.combined import CombinedDevice
from envoy.devices.part import Part
from envoy.devices.simulated import SimulatedDER, Use
from envoy.errors import DeviceError, DeviceRefusal
from sep2 import AlarmStatus, InverterStatus, StorageModeStatus
from tests.devices.simulated.test_device import CAPABILITY, make_der
from tests.support.clock import VirtualClock

SOLAR = {
    "type": "PHOTOVOLTAIC_SYSTEM",
    "modes_supported": ["OP_MOD_CONNECT", "OP_MOD_MAX_LIM_W"],
    "doe_modes_supported": ["OP_MOD_EXP_LIM_W", "OP_MOD_GEN_LIM_W"],
    "rtg_max_w": 5000,
}
SITE = Site.from_table({"lfdi": "0" * 40, "der": [{"capability": CAPABILITY}, {"capability": SOLAR}]})


class StubDevice:
    """A device that does as a test says."""

    def __init__(
        self, modes: set[str], *, status: DeviceStatus | None = None, readings: Readings | None = None
    ) -> None:
        self.modes = frozenset(modes)
        self.given: list[Limits] = []
        self.told = status or DeviceStatus()
        self.measured = readings or Readings()
        self.error: DeviceError | None = None
        self.block: threading.Event | None = None
        self.calls = 0

    def _do(self) -> None:
        self.calls += 1
        if self.block is not None:
            self.block.wait(60)
        if self.error is not None and not isinstance(self.error, DeviceRefusal):
            raise self.error

    def abilities(self) -> Abilities:
        self._do()
        return Abilities(self.modes, 1)

    def apply(self, limits: Limits) -> None:
        self._do()
        if isinstance(self.error, DeviceRefusal) and set(self.error.modes) & limits.values.keys():
            raise self.error
        self.given.append(limits)

    def status(self) -> DeviceStatus:
        self._do()
        return self.told

    def readings(self) -> Readings:
        self._do()
        return self.measured

    def close(self) -> None:
        self._do()


EXPORT = {"opModExpLimW", "opModConnect"}


def combine(*devices: Any, **options: Any) -> CombinedDevice:
    sites = [replace(SITE, ders=[der]) for der in (SITE.ders * 2)[: len(devices)]]
    return CombinedDevice(
        [Part(name=f"d{number}", device=each, site=sites[number]) for number, each in enumerate(devices)], **options
    )


def make_limits(**values: Any) -> Limits:
    return combine_limits(values, Rating.from_site(SITE))


def export_of(device: StubDevice) -> int:
    limit = device.given[-1].export_w
    assert limit is not None
    return round(limit.watts)


def test_it_is_able_to_follow_what_any_of_them_is() -> None:
    abilities = combine(StubDevice({"opModExpLimW"}), StubDevice({"opModFixedW"})).abilities()
    assert abilities.modes == {"opModExpLimW", "opModFixedW"} and abilities.device_category == 1


def test_one_that_is_gone_counts_as_the_site_file_describes_it() -> None:
    first, second = StubDevice({"opModEnergize"}), StubDevice(set())
    second.error = DeviceError("gone")
    both = combine(first, second)
    assert both.abilities().modes == {"opModEnergize", "opModConnect", "opModMaxLimW", "opModExpLimW", "opModGenLimW"}
    first.error = second.error
    with pytest.raises(DeviceError, match="d0: gone; d1: gone"):
        both.abilities()


def test_one_that_is_gone_leaves_the_whole_limit_to_the_others_until_it_is_back() -> None:
    first, second = StubDevice(EXPORT), StubDevice(EXPORT)
    both = combine(first, second)
    both.apply(make_limits(opModExpLimW=Decimal(2000)))
    assert (export_of(first), export_of(second)) == (1000, 1000)
    second.error = DeviceError("it is off")
    with pytest.raises(DeviceError, match="d1: it is off") as caught:
        both.apply(make_limits(opModExpLimW=Decimal(3000)))
    assert not isinstance(caught.value, DeviceRefusal)
    assert export_of(first) == 3000
    before = len(first.given)
    with pytest.raises(DeviceError):
        both.apply(make_limits(opModExpLimW=Decimal(3000)))
    assert [round(each.export_w.watts) for each in first.given[before:] if each.export_w] == [3000]
    second.error = None
    both.apply(make_limits(opModExpLimW=Decimal(3000)))
    assert (export_of(first), export_of(second)) == (1500, 1500)


def test_one_that_does_not_respond_keeps_no_other_waiting() -> None:
    first, second = StubDevice(EXPORT), StubDevice(EXPORT)
    both = combine(first, second, patience=0.5)
    both.apply(make_limits(opModExpLimW=Decimal(2000)))
    released = threading.Event()
    second.block = released
    with pytest.raises(DeviceError, match=r"d1: it does not respond within 0\.5 s"):
        both.apply(make_limits(opModExpLimW=Decimal(3000)))
    assert export_of(first) == 3000
    calls = second.calls
    assert both.status().failed and second.calls == calls
    released.set()
    second.block = None
    for part in both._parts:
        assert part.call is not None
        part.call.join()
    assert not both.status().failed
    assert (export_of(first), export_of(second)) == (1500, 1500)


def test_what_is_wrong_with_one_in_whatever_way_is_its_failure() -> None:
    first, second = StubDevice(EXPORT), StubDevice(EXPORT)
    second.apply = lambda limits: 1 / 0  # type: ignore[method-assign, assignment, return-value]
    with pytest.raises(DeviceError, match="d1: the device has failed: ZeroDivisionError"):
        combine(first, second).apply(make_limits(opModExpLimW=Decimal(2000)))
    assert export_of(first) == 2000


def test_limits_are_shared_out_again_when_one_is_seen_to_be_gone_or_back() -> None:
    first, second = StubDevice(EXPORT), StubDevice(EXPORT)
    both = combine(first, second)
    both.apply(make_limits(opModExpLimW=Decimal(2000)))
    second.error = DeviceError("it is off")
    assert both.status().failed
    assert export_of(first) == 2000
    second.error = None
    assert not both.status().failed
    assert (export_of(first), export_of(second)) == (1000, 1000)


def test_one_that_refuses_a_mode_leaves_it_to_the_others() -> None:
    first, second = StubDevice({"opModExpLimW", "opModGenLimW"}), StubDevice({"opModExpLimW", "opModGenLimW"})
    second.error = DeviceRefusal("not that", modes=["opModGenLimW"])
    both = combine(first, second)
    with pytest.raises(DeviceError, match="d1: does not take opModGenLimW") as caught:
        both.apply(make_limits(opModGenLimW=Decimal(1000), opModExpLimW=Decimal(2000)))
    assert not isinstance(caught.value, DeviceRefusal)
    assert first.given[-1].generation_w.watts == 1000
    assert "opModGenLimW" not in second.given[-1].values and export_of(second) == 1000
    both.apply(make_limits(opModExpLimW=Decimal(2000)))


def test_a_mode_that_none_takes_is_refused() -> None:
    first, second = StubDevice({"opModFixedW"}), StubDevice(EXPORT)
    first.error = DeviceRefusal("not that", modes=["opModFixedW"])
    with pytest.raises(DeviceRefusal) as caught:
        combine(first, second).apply(make_limits(opModFixedW=0, opModExpLimW=Decimal(2000)))
    assert set(caught.value.modes) == {"opModFixedW"}
    assert export_of(second) == 2000


def test_a_refusal_that_names_no_mode_is_a_failure() -> None:
    first, second = StubDevice(EXPORT), StubDevice(EXPORT)
    refusal = DeviceRefusal("never", modes=[])
    second.apply = lambda limits: (_ for _ in ()).throw(refusal)  # type: ignore[method-assign]
    with pytest.raises(DeviceError, match="d1: never"):
        combine(first, second).apply(make_limits(opModExpLimW=Decimal(2000)))
    assert export_of(first) == 2000


def make_status(**values: Any) -> DeviceStatus:
    off = {"connected": False, "available": False, "operating": False}
    return DeviceStatus(**({**off, **values}))


ON = {"connected": True, "available": True, "operating": True}


@pytest.mark.parametrize(
    ("states", "together"),
    [
        ([ON, {}], ON),
        ([{}, {}], {}),
        ([{"connected": True}, {"available": True}], {"connected": True, "available": True}),
        ([{"failed": True}, {}], {"failed": True}),
        ([{"testing": True}, {}], {"testing": True}),
        ([{"local_control": True}, {}], {}),
        ([{"local_control": True}, {"local_control": True}], {"local_control": True}),
        (
            [{"alarms": AlarmStatus(1)}, {"alarms": AlarmStatus(6)}],
            {"alarms": AlarmStatus(7)},
        ),
        (
            [{"inverter": InverterStatus.OFF}, {"inverter": InverterStatus.TRACKING_MPPT}],
            {"inverter": InverterStatus.TRACKING_MPPT},
        ),
        ([{"available_w": Decimal(5)}, {}], {"available_w": Decimal(5)}),
        ([{"available_w": Decimal(5)}, {"available_w": Decimal(6)}], {"available_w": Decimal(11)}),
        (
            [{"storage": StorageModeStatus.STORAGE_HOLDING}, {"storage": StorageModeStatus.STORAGE_CHARGING}],
            {"storage": StorageModeStatus.STORAGE_CHARGING},
        ),
        (
            [{"storage": StorageModeStatus.STORAGE_DISCHARGING}, {"storage": StorageModeStatus.STORAGE_CHARGING}],
            {"storage": StorageModeStatus.STORAGE_HOLDING},
        ),
        # The first takes in 3000 W and the second, which does not say, puts out 5000 W.
        ([{"state_of_charge": Decimal(20)}, {"state_of_charge": Decimal(60)}], {"state_of_charge": Decimal(45)}),
        ([{"state_of_charge": Decimal(20)}, {}], {"state_of_charge": Decimal(20)}),
    ],
)
def test_the_status_of_several_is_that_of_any_or_of_all(states: list[dict[str, Any]], together: dict[str, Any]) -> None:
    both = combine(*(StubDevice(EXPORT, status=make_status(**each)) for each in states))
    assert both.status() == make_status(**together)


def test_one_that_is_gone_counts_as_off_and_failed() -> None:
    first, second = StubDevice(EXPORT), StubDevice(EXPORT)
    second.error = DeviceError("gone")
    both = combine(first, second)
    status = both.status()
    assert status.operating and status.failed
    first.error = second.error
    with pytest.raises(DeviceError):
        both.status()


def test_readings_are_added_up_and_voltages_averaged() -> None:
    first = Readings(
        site={"active-power": Decimal(-100), "voltage": Decimal(230)},
        der={"active-power": Decimal(100), "frequency": Decimal(50)},
    )
    second = Readings(site={"voltage": Decimal(240)}, der={"active-power": Decimal(50), "frequency": Decimal("50.2")})
    one, other = StubDevice(EXPORT, readings=first), StubDevice(EXPORT, readings=second)
    both = combine(one, other)
    assert both.readings() == Readings(
        site={"active-power": Decimal(-100), "voltage": Decimal(235)},
        der={"active-power": Decimal(150), "frequency": Decimal("50.1")},
    )
    other.error = DeviceError("gone")
    assert both.readings() == Readings(site={"active-power": Decimal(-100)})
    one.error = other.error
    with pytest.raises(DeviceError):
        both.readings()


def test_all_are_let_go_of() -> None:
    first, second = StubDevice(EXPORT), StubDevice(EXPORT)
    both = combine(first, second)
    both.close()
    first.error = DeviceError("stuck")
    with pytest.raises(DeviceError, match="d0: stuck"):
        both.close()


def test_simulated_devices_keep_to_a_limit_together() -> None:
    clock = VirtualClock(1_700_000_000)
    ders = [make_der(clock, replace(SITE, ders=[der]), battery=Use.HOLD, load_w=0.0) for der in SITE.ders]
    both = combine(*ders)
    both.apply(make_limits(opModExpLimW=Decimal(3000)))
    clock.wait(300)
    assert both.readings().site["active-power"] == -3000
    ders[0].faults.gone = True
    both.status()
    clock.wait(300)
    assert ders[1].measure().output_w == 3000


# Opening several


def test_each_device_is_a_der_of_the_site_in_order() -> None:
    options = {"sun": "1", "load_w": "0", "battery": "hold"}
    both = open_devices([("simulated", options), ("simulated", {**options, "sun": "0.5"})], SITE)
    assert isinstance(both, CombinedDevice)
    assert both.readings().der["active-power"] == 7500
    assert "opModGenLimW" in both.abilities().modes
    both.close()


def test_a_single_device_is_all_ders() -> None:
    one = open_devices([("simulated", {"sun": "1", "load_w": "0", "battery": "hold"})], SITE)
    assert isinstance(one, SimulatedDER)
    assert one.readings().der["active-power"] == 10_000


@pytest.mark.parametrize(
    ("ders", "what", "remedy"),
    [
        (["1", "3"], "no DER '3'", "der = 1"),
        (["1", "x"], "no DER 'x'", "der = 1"),
        (["1", ","], "no number", "der = 1"),
        (["1"], "DER 2 is not given", "der = 1"),
        ([None, None, None], "no DER '3'", "der = 1"),
        ([], "DER 1 is not given", "der = 1"),
        (["1", "1 2"], "200 % of DER 1", "share = 50"),
    ],
)
def test_the_devices_are_all_ders_and_no_more(ders: list[str | None], what: str, remedy: str) -> None:
    wanted = [("simulated", {} if each is None else {"der": each}) for each in ders]
    with pytest.raises(DeviceError, match=what) as caught:
        open_devices(wanted, SITE)
    assert remedy in caught.value.remedy


def test_several_devices_may_be_one_der_together() -> None:
    site = replace(SITE, ders=SITE.ders[:1])
    options = {"sun": "1", "load_w": "0", "battery": "hold"}
    both = open_devices([("simulated", {**options, "share": "80"}), ("simulated", {**options, "share": "20"})], site)
    assert both.readings().der == {
        **both.readings().der,
        "active-power": Decimal(5000),
        "stored-energy": Decimal(5000),
    }
    both.apply(combine_limits({"opModExpLimW": Decimal(1000)}, Rating.from_site(site)))
    with pytest.raises(DeviceError, match="160 % of DER 1"):
        open_devices([("simulated", {"share": "80"}), ("simulated", {"share": "80"})], site)
    with pytest.raises(DeviceError, match="share"):
        open_devices([("simulated", {"share": "half"})], site)


def test_a_device_may_be_several_ders() -> None:
    both = open_devices([("simulated", {"der": "2 1", "sun": "1", "load_w": "0", "battery": "hold"})], SITE)
    assert both.readings().der["active-power"] == 10_000


def test_what_was_opened_is_closed_when_another_cannot_be(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = []
    monkeypatch.setattr(SimulatedDER, "close", lambda self: closed.append(self))
    with pytest.raises(DeviceError, match="seeds"):
        open_devices([("simulated", {}), ("simulated", {"seeds": "1"})], SITE)
    assert len(closed) == 1
