"""The JSON form: what is written is read again as it was, and what is wrong is named by its key."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from decimal import Decimal

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envoy._data import data_folder
from envoy.bindings.fields import fields_of
from envoy.der.follow.device import DeviceStatus, Readings
from envoy.der.limits import Limit, Limits
from envoy.der.modes import MODES, Mode
from envoy.devices.json_form import Order, Report, format_order, format_report, parse_order, parse_report
from envoy.errors import DeviceError
from envoy.metering.channel import MEASURES
from sep2 import ActivePower, AlarmStatus, DERCurveLink, InverterStatus, ReactivePower, StorageModeStatus

NUMBERS = st.decimals(min_value=-(10**12), max_value=10**12, places=3, allow_nan=False, allow_infinity=False)
WHOLE = st.integers(-(10**9), 10**9)
RAMPS = st.none() | st.integers(0, 10**6)
LIMITS = st.builds(Limit, watts=NUMBERS, by=st.text(), ramp_tms=RAMPS)


def _values_of(mode: Mode) -> st.SearchStrategy[object]:
    if mode.type is bool:
        return st.booleans()
    if mode.type is int:
        return st.integers(-10_000, 10_000)
    if mode.type in (ActivePower, ReactivePower):
        return NUMBERS
    if mode.type is DERCurveLink:
        return st.text()
    return st.tuples(*(st.tuples(st.just(part.name), WHOLE) for part in fields_of(mode.type)))


ORDERS = st.builds(
    Order,
    number=st.integers(0, 2**50),
    time=st.integers(0, 2**40),
    limits=st.builds(
        Limits,
        connected=st.booleans(),
        energized=st.booleans(),
        export_w=st.none() | LIMITS,
        import_w=st.none() | LIMITS,
        generation_w=LIMITS,
        load_w=st.none() | LIMITS,
        target_w=st.none() | NUMBERS,
        storage_w=st.none() | NUMBERS,
        target_var=st.none() | NUMBERS,
        target_ramp_tms=RAMPS,
        values=st.fixed_dictionaries({}, optional={mode.name: _values_of(mode) for mode in MODES.values()}),
        settings=st.dictionaries(st.text(), WHOLE),
    ),
)
MEASURED = st.dictionaries(st.sampled_from([*MEASURES]), NUMBERS)
REPORTS = st.builds(
    Report,
    taken=st.none() | st.integers(0, 2**50),
    status=st.none()
    | st.builds(
        DeviceStatus,
        connected=st.booleans(),
        available=st.booleans(),
        operating=st.booleans(),
        testing=st.booleans(),
        failed=st.booleans(),
        alarms=st.lists(st.sampled_from([*AlarmStatus])).map(lambda alarms: AlarmStatus(sum({*alarms}))),
        inverter=st.none() | st.sampled_from([*InverterStatus.__members__.values()]),
        storage=st.none() | st.sampled_from([*StorageModeStatus.__members__.values()]),
        state_of_charge=st.none() | st.decimals(min_value=0, max_value=100, places=2),
        available_w=st.none() | NUMBERS,
        available_var=st.none() | NUMBERS,
        local_control=st.booleans(),
        manufacturer=st.text(max_size=6),
    ),
    readings=st.none() | st.builds(Readings, site=MEASURED, der=MEASURED),
)


@given(ORDERS)
def test_an_order_comes_back_as_it_was_and_is_one_line_that_any_reader_takes(order: Order) -> None:
    line = format_order(order)
    assert "\n" not in line
    assert json.loads(line)["order"] == order.number
    read = parse_order(line)
    assert read == order
    # A limit does not compare its ramp.
    for name in ("export_w", "import_w", "generation_w", "load_w"):
        before, after = getattr(order.limits, name), getattr(read.limits, name)
        assert (before and before.ramp_tms) == (after and after.ramp_tms)
    assert read.unknown == ()


SCHEMA = jsonschema.Draft202012Validator(
    json.loads((data_folder("schema") / "device-form.schema.json").read_text(encoding="utf-8"))
)


@given(ORDERS, REPORTS)
def test_what_is_written_is_valid_by_the_schema(order: Order, report: Report) -> None:
    SCHEMA.validate(json.loads(format_order(order)))
    SCHEMA.validate(json.loads(format_report(report)))


def test_the_schema_has_each_key_of_the_form_and_no_other() -> None:
    keys = {name: [*part["properties"]] for name, part in SCHEMA.schema["$defs"].items() if "properties" in part}
    full = Limits(generation_w=Limit(Decimal(5), "device"))
    order = json.loads(format_order(Order(number=1, time=2, limits=full), "a"))
    assert keys["order"] == [*order]
    assert keys["limit"] == [*order["limits"]["generation"]]
    for name in ("limits", "target"):
        assert [*SCHEMA.schema["$defs"]["order"]["properties"][name]["properties"]] == [*order[name]]
    parts = SCHEMA.schema["$defs"]["report"]["properties"]
    assert {*parts} == {field.name for field in dataclasses.fields(Report)} - {"unknown"} | {"site"}
    assert {*parts["status"]["properties"]} == {field.name for field in dataclasses.fields(DeviceStatus)}
    assert {*keys["measured"]} == {*MEASURES}


def test_what_is_null_is_not_there() -> None:
    text = '{"taken": null, "refused": null, "status": {"alarms": null}, "readings": {"site": {"voltage": null}}}'
    SCHEMA.validate(json.loads(text))
    assert parse_report(text) == Report(status=DeviceStatus(), readings=Readings())


@given(REPORTS, st.lists(st.sampled_from([*MODES])))
def test_a_report_comes_back_as_it_was(report: Report, refused: list[str]) -> None:
    if report.taken is not None:
        report = dataclasses.replace(report, refused=tuple(refused))
    line = format_report(report)
    assert "\n" not in line
    assert parse_report(line) == report
    assert parse_report(line.encode()).unknown == ()


def test_all_of_a_status_is_in_the_form() -> None:
    report = json.loads(format_report(Report(status=DeviceStatus())))
    assert [*report["status"]] == [field.name for field in dataclasses.fields(DeviceStatus)]


def test_numbers_have_no_noise_of_floats() -> None:
    report = parse_report('{"readings": {"site": {"active-power": 0.1, "voltage": 2.3e2}}}')
    assert report.readings is not None
    assert report.readings.site == {"active-power": Decimal("0.1"), "voltage": Decimal(230)}
    assert format_report(report) == '{"readings": {"site": {"active-power": 0.1, "voltage": 230}, "der": {}}}'


def test_digits_that_nothing_measures_are_rounded_away() -> None:
    report = parse_report(f'{{"readings": {{"der": {{"voltage": 0.{"3" * 5000}, "current": 1e-400000}}}}}}')
    assert report.readings is not None
    assert report.readings.der == {"voltage": Decimal("0.333333333333"), "current": 0}


def test_a_part_that_has_a_channel_of_its_own_is_read_by_its_name() -> None:
    assert parse_report(b'{"failed": true}', "status") == Report(status=DeviceStatus(failed=True))


def test_unknown_keys_are_ignored_and_named() -> None:
    report = parse_report('{"taken": 7, "mood": 1, "status": {"colour": {}}, "readings": {"der": {"heat": "x"}}}')
    assert report == Report(taken=7, status=DeviceStatus(), readings=Readings())
    assert report.unknown == ("mood", "status.colour", "readings.der.heat")
    order = json.loads(format_order(Order(number=1, time=2, limits=Limits(generation_w=Limit(Decimal(5), "device")))))
    order["limits"]["generation"]["until"] = 3
    order["modes"]["opModTomorrow"] = 1
    assert parse_order(json.dumps(order)).unknown == ("limits.generation.until", "modes.opModTomorrow")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("[]", ""),
        ("", ""),
        ("{", ""),
        ("nonsense", ""),
        ("[" * 100_000, ""),
        (b"\xff{}", ""),
        ('{"taken": NaN}', ""),
        ('{"taken": 1e9999999999999999999999}', ""),
        ('{"taken": 1, "taken": 2}', ""),
        ('{"version": 2}', "version"),
        ('{"taken": "7"}', "taken"),
        ('{"taken": true}', "taken"),
        ('{"taken": 7.5}', "taken"),
        ('{"taken": 1e99999}', "taken"),
        ('{"refused": "opModFixedW"}', "refused"),
        ('{"refused": ["opModFixdW"]}', "refused"),
        ('{"refused": [{}]}', "refused"),
        ('{"refused": ["opModFixedW"]}', "taken"),
        ('{"status": true}', "status"),
        ('{"status": {"connected": "yes"}}', "status.connected"),
        ('{"status": {"connected": 1}}', "status.connected"),
        ('{"status": {"alarms": ["LOUD"]}}', "status.alarms"),
        ('{"status": {"inverter": 4}}', "status.inverter"),
        ('{"status": {"storage": "FULL"}}', "status.storage"),
        ('{"status": {"state_of_charge": 101}}', "status.state_of_charge"),
        ('{"status": {"manufacturer": "asleep!"}}', "status.manufacturer"),
        ('{"status": {"available_w": 1e13}}', "status.available_w"),
        ('{"readings": {"site": []}}', "readings.site"),
        ('{"readings": {"site": {"voltage": "230"}}}', "readings.site.voltage"),
        ('{"readings": {"site": {"voltage": -1e999}}}', "readings.site.voltage"),
    ],
)
def test_what_is_wrong_is_named_with_its_key_and_a_remedy(text: str | bytes, where: str) -> None:
    with pytest.raises(DeviceError) as caught:
        parse_report(text)
    assert caught.value.where == where
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("version", 2),
        ("order", None),
        ("connect", 1),
        ("limits.generation", None),
        ("limits.generation.watts", "5 kW"),
        ("limits.generation.by", 1),
        ("target.watts", {}),
        ("modes.opModConnect", 0),
        ("modes.opModFixedW", 0.5),
        ("modes.opModExpLimW", "0"),
        ("modes.opModVoltVar", 1),
        ("modes.opModFixedVar.value", 0.5),
        ("settings.setGradW", True),
    ],
)
def test_what_is_wrong_in_an_order_is_named_with_its_key(path: str, value: object) -> None:
    limits = Limits(generation_w=Limit(Decimal(5), "device"), values={"opModFixedVar": (("ref_type", 1), ("value", 2))})
    order = json.loads(format_order(Order(number=1, time=2, limits=limits)))
    *parents, key = path.split(".")
    place = order
    for parent in parents:
        place = place[parent]
    place[key] = value
    with pytest.raises(DeviceError) as caught:
        parse_order(json.dumps(order))
    assert caught.value.where == path
    assert caught.value.remedy


@pytest.mark.parametrize("key", ["version", "order", "time", "connect", "energize", "limits"])
def test_an_order_that_lacks_what_it_needs_is_refused(key: str) -> None:
    order = json.loads(format_order(Order(number=1, time=2, limits=Limits(generation_w=Limit(Decimal(5), "device")))))
    del order[key]
    with pytest.raises(DeviceError) as caught:
        parse_order(json.dumps(order))
    assert caught.value.where == {"limits": "limits.generation"}.get(key, key)


@given(st.binary() | st.text())
def test_no_text_ends_otherwise_than_in_a_report_or_an_error(text: str | bytes) -> None:
    with contextlib.suppress(DeviceError):
        assert isinstance(parse_report(text), Report)
