"""DERStatus: what the bits say, and since when."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envoy import dumps
from envoy.der.follow.device import DeviceStatus
from envoy.der.report.status import StatusRecord, describe_status
from sep2 import AlarmStatus, InverterStatus, StorageModeStatus


@pytest.mark.parametrize(
    ("status", "bits", "mode"),
    [
        ({}, 0b00111, 2),
        ({"connected": False}, 0b00000, 1),
        ({"operating": False}, 0b00011, 1),
        ({"available": False, "operating": False}, 0b00001, 1),
        ({"testing": True}, 0b01111, 3),
        ({"failed": True}, 0b10111, 2),
        ({"failed": True, "connected": False}, 0b10000, 1),
    ],
)
def test_bits_and_mode(status: dict[str, Any], bits: int, mode: int) -> None:
    parts = describe_status(DeviceStatus(**status), {})
    assert (parts["gen_connect_status"], parts["operational_mode_status"]) == (bits, mode)
    assert "stor_connect_status" not in parts


@pytest.mark.parametrize(
    ("values", "mode"),
    [
        ({"opModConnect": False}, 100),
        *(
            ({"opModFixedW": percent}, 101 + place)
            for place, percent in enumerate((-1, -5000, -7500, -10_000, 0, 5000, 7500, 10_000))
        ),
        ({"opModFixedW": 1234}, 2),
        ({"opModExpLimW": Decimal(0)}, 2),
    ],
)
def test_the_instruction_that_is_followed_is_a_mode_of_its_own(values: dict[str, Any], mode: int) -> None:
    assert describe_status(DeviceStatus(), values, demand_response=True)["operational_mode_status"] == mode
    assert describe_status(DeviceStatus(), values)["operational_mode_status"] == 2
    failed = describe_status(DeviceStatus(failed=True), values, demand_response=True)
    assert failed["operational_mode_status"] == 2


FULL = DeviceStatus(
    alarms=AlarmStatus(0b101),
    inverter=InverterStatus.FORCED_POWER_REDUCTION,
    storage=StorageModeStatus.STORAGE_CHARGING,
    state_of_charge=Decimal("55.555"),
    local_control=True,
    manufacturer="ABCDEFGH",
)


def test_everything_that_a_device_knows_is_said() -> None:
    record = StatusRecord()
    record.update(describe_status(FULL, {}), 1000)
    model = record.to_model(1003, 50)
    assert dumps(model, validate=True)
    assert (model.reading_time, int(model.alarm_status or 0)) == (1053, 5)
    said = {
        name: (int(part.value) if isinstance(part.value, int) else part.value, part.date_time)
        for name in type(model).__dataclass_fields__
        if hasattr(part := getattr(model, name), "date_time")
    }
    assert said == {
        "gen_connect_status": (7, 1050),
        "stor_connect_status": (7, 1050),
        "inverter_status": (5, 1050),
        "local_control_mode_status": (0, 1050),
        "manufacturer_status": ("ABCDEF", 1050),
        "operational_mode_status": (2, 1050),
        "state_of_charge_status": (5556, 1050),
        "storage_mode_status": (0, 1050),
    }


def test_a_der_without_storage_says_nothing_of_it() -> None:
    record = StatusRecord()
    record.update(describe_status(FULL, {}), 0)
    model = record.to_model(0, storage=False)
    assert (model.stor_connect_status, model.storage_mode_status, model.state_of_charge_status) == (None, None, None)


def test_each_part_has_the_time_of_its_own_change_over_a_restart() -> None:
    record = StatusRecord()
    assert record.update(describe_status(DeviceStatus(), {}), 100)
    assert not record.update(describe_status(DeviceStatus(), {}), 110)
    assert record.update(describe_status(DeviceStatus(operating=False), {}), 120)
    record = StatusRecord(json.loads(json.dumps(record.dump())))
    assert not record.update(describe_status(DeviceStatus(operating=False), {}), 500)
    model = record.to_model(510)
    assert model.gen_connect_status is not None and model.local_control_mode_status is not None
    assert (model.gen_connect_status.date_time, model.local_control_mode_status.date_time) == (120, 100)


def test_the_charge_alone_is_no_change_to_report_at_once() -> None:
    record = StatusRecord()
    record.update(describe_status(DeviceStatus(state_of_charge=Decimal(50)), {}), 0)
    assert not record.update(describe_status(DeviceStatus(state_of_charge=Decimal(51)), {}), 60)
    charge = record.to_model(70).state_of_charge_status
    assert charge is not None and (charge.value, charge.date_time) == (5100, 60)
    assert "state_of_charge_status" not in record.dump()


def test_nothing_is_so_from_a_time_to_come() -> None:
    record = StatusRecord()
    record.update(describe_status(DeviceStatus(), {}), 1000)
    status = record.to_model(400).gen_connect_status
    assert status is not None and status.date_time == 400


STATUSES = st.builds(
    DeviceStatus,
    connected=st.booleans(),
    available=st.booleans(),
    operating=st.booleans(),
    testing=st.booleans(),
    failed=st.booleans(),
    alarms=st.integers(0, 2**32 - 1).map(AlarmStatus),
    inverter=st.none() | st.sampled_from(list(InverterStatus)),
    storage=st.none() | st.sampled_from(list(StorageModeStatus)),
    state_of_charge=st.none() | st.decimals(-10, 200, allow_nan=False, places=3),
    local_control=st.booleans(),
    manufacturer=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=9),
)


@given(
    st.lists(st.tuples(st.integers(0, 10**6), STATUSES), min_size=1, max_size=4), st.booleans(), st.integers(-50, 50)
)
def test_whatever_a_device_is_its_status_is_valid_and_from_no_time_to_come(
    statuses: list[tuple[int, DeviceStatus]], storage: bool, offset: int
) -> None:
    record = StatusRecord()
    now = 0
    for now, status in statuses:
        record.update(describe_status(status, {}, demand_response=storage), now)
    model = record.to_model(now, offset, storage=storage)
    assert dumps(model, validate=True)
    parts = [getattr(model, name) for name in type(model).__dataclass_fields__]
    assert all(part.date_time <= model.reading_time for part in parts if hasattr(part, "date_time"))
