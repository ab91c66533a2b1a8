"""Values of the wrong Python type: what they are, and what to write instead."""

from __future__ import annotations

import dataclasses
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

import sep2
from envoy.bindings.fields import Field, fields_of
from envoy.bindings.type_errors import diagnose_list, diagnose_type
from sep2 import ActivePower, ApparentPower, DERCapability, DERControlType, DERProgram, EndDevice, EndDeviceList

CLASSES = [getattr(sep2, name) for name in sorted({*sep2.__all__} - {"ELEMENTS", "TYPES"})]
FIELDS = [field for cls in CLASSES if dataclasses.is_dataclass(cls) for field in fields_of(cls)]
LFDI = "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5"


def find(cls: type, name: str) -> Field:
    return next(field for field in fields_of(cls) if field.name == name)


WRONG: list[tuple[type, str, Any]] = [
    (DERCapability, "rtg_max_w", 40_000),
    (DERCapability, "rtg_max_w", 40_000.123),
    (DERCapability, "rtg_max_w", "5 kW"),
    (DERCapability, "rtg_max_w", "5 kVA"),
    (DERCapability, "rtg_max_w", ApparentPower.of(5000)),
    (DERCapability, "rtg_max_w", ActivePower),
    (DERCapability, "rtg_max_w", [ActivePower.of(5000)]),
    (DERCapability, "type", "PHOTOVOLTAIC_SYSTEM"),
    (DERCapability, "type", "photovoltaic"),
    (DERCapability, "type", "PV"),
    (DERCapability, "type", "83"),
    (DERCapability, "type", 83.0),
    (DERCapability, "modes_supported", "opModMaxLimW"),
    (DERCapability, "modes_supported", "00800000"),
    (DERCapability, "modes_supported", ["OP_MOD_MAX_LIM_W", "OP_MOD_FIXED_W"]),
    (DERCapability, "modes_supported", ["OP_MOD_MAX_LIM_WATT"]),
    (DERCapability, "modes_supported", [DERControlType.OP_MOD_MAX_LIM_W]),
    (EndDevice, "changed_time", datetime(2026, 1, 1, tzinfo=UTC)),
    (EndDevice, "changed_time", datetime(2026, 1, 1)),
    (EndDevice, "changed_time", date(2026, 1, 1)),
    (EndDevice, "changed_time", "2026-01-01T00:00:00Z"),
    (EndDevice, "changed_time", "now"),
    (EndDevice, "post_rate", timedelta(minutes=5)),
    (EndDevice, "post_rate", 300.0),
    (EndDevice, "post_rate", 300.5),
    (EndDevice, "sfdi", "000000010018"),
    (EndDevice, "enabled", "yes"),
    (EndDevice, "enabled", 1),
    (EndDevice, "lfdi", LFDI),
    (EndDevice, "lfdi", f"0x{LFDI}"),
    (EndDevice, "lfdi", int(LFDI, 16)),
    (EndDevice, "der_list_link", "/edev/1/der"),
    (DERProgram, "mrid", uuid.UUID(int=5)),
    (DERProgram, "description", b"summer"),
    (DERProgram, "description", 5),
]


def test_remedy_says_what_to_write(snapshot: SnapshotAssertion) -> None:
    found = {(cls.__name__, name, str(value)): diagnose_type(value, find(cls, name)) for cls, name, value in WRONG}
    lines = [
        f"{'.'.join(place[:2])}: {each.reason}\n  {each.remedy}" for place, each in found.items() if each is not None
    ]
    assert len(lines) == len(WRONG)
    assert lines == snapshot


def test_one_object_instead_of_a_list_is_named() -> None:
    found = diagnose_list(EndDevice(sfdi=1, changed_time=0), find(EndDeviceList, "end_device"))
    assert found is not None
    assert found.remedy == "Put it in a list: [...]."
    assert diagnose_list((), find(EndDeviceList, "end_device")) is None


values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.decimals(),
    st.text(max_size=12),
    st.sampled_from(["true", "12", "0x12", "3E4F", "5 kW", "-1.5 var", "00800000", "PHOTOVOLTAIC_SYSTEM", LFDI]),
    st.sampled_from([member.name for member in DERControlType]),
    st.binary(max_size=24),
    st.uuids(),
    st.dates(),
    st.datetimes(timezones=st.sampled_from([None, UTC])),
    st.timedeltas(),
    st.sampled_from([member.name for member in DERControlType]).map(lambda name: [name]),
    st.fixed_dictionaries({"href": st.just("/edev")}),
    st.sampled_from([ActivePower, ActivePower.of(Decimal("0.1")), EndDevice(sfdi=1, changed_time=0)]),
)


@given(field=st.sampled_from(FIELDS), value=values)
def test_what_the_remedy_writes_is_of_the_right_type(field: Field, value: Any) -> None:
    found = diagnose_type(value, field)
    if found is None or not found.remedy.startswith("Write ") or "..." in found.remedy:
        return
    expression = found.remedy.removeprefix("Write ").removesuffix(".")
    if expression.startswith(("a ", "True or ")):
        return
    written = eval(expression, {**vars(sep2)})  # noqa: S307
    assert diagnose_type(written, field) is None, expression


@pytest.mark.parametrize("value", [1, True, None, "x", 1.5, [], {}])
def test_every_field_has_a_reason(value: Any) -> None:
    for field in FIELDS:
        found = diagnose_type(value, field)
        assert found is None or found.reason.endswith(f"expected {field.type.__name__}")
