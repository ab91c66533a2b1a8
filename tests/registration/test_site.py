"""Site files: what they can hold, and that each error in one is reported with its place and what to write instead."""

from __future__ import annotations

import dataclasses
import math
import tomllib
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envoy import Site, SiteDER, dumps
from envoy.bindings.tables import Builder
from envoy.errors import EncodeError, IdentityError, ProfileError, SiteError
from envoy.identity import sfdi_of_lfdi
from envoy.identity.dialects import IDENTITY_DIALECTS
from envoy.profiles import PROFILES, get_profile
from envoy.registration.dry_run import dry_run
from envoy.registration.messages import Messages
from envoy.validation.findings import ValidationError
from envoy.validation.validate import validate
from sep2 import (
    ActivePower,
    ConnectStatus,
    ConnectStatusType,
    DERAvailability,
    DERCapability,
    DERControlType,
    DERSettings,
    DERStatus,
    DERType,
    DeviceCategoryType,
    DeviceInformation,
    DOEControlType,
    MirrorMeterReading,
    PowerSourceType,
    VoltageRMS,
    WattHour,
)
from tests.conftest import ROOT

EXAMPLES = ROOT / "examples"
LFDI = "0000003E90000000000000000000000000032473"
WRITE_A_TIME = "Write a time with its date and zone: 2026-01-31T12:00:00Z."
FITTING = [
    ("site.toml", "csip-aus-1.2"),
    ("site.toml", "csip-aus-1.3"),
    ("site-ieee-2018.toml", "ieee-2018"),
    ("seed-site.toml", "envoy-0.1"),
    ("seed-aggregator.toml", "envoy-0.1"),
]


def faults_of(table: str | dict[str, Any], profile: str = "csip-aus-1.2") -> list[str]:
    """Return the errors that are reported of a site file, without the line that counts them."""
    values = tomllib.loads(table) if isinstance(table, str) else table
    with pytest.raises(SiteError) as caught:
        Site.from_table(values, profile=profile, where="my.toml")
    assert caught.value.where == "my.toml"
    lines = caught.value.what.split("\n  ")
    if len(lines) > 1:
        assert lines.pop(0) == f"{len(lines)} errors"
    return lines


def fault_of(table: str | dict[str, Any], profile: str = "csip-aus-1.2") -> str:
    [fault] = faults_of(table, profile)
    return fault


def with_capability(**changes: Any) -> dict[str, Any]:
    values = {"type": "EVSE", "modes_supported": [], "doe_modes_supported": [], "rtg_max_w": 5000}
    return {"lfdi": LFDI, "der": [{"capability": {**values, **changes}}]}


# What a site file holds


@pytest.mark.parametrize(("name", "profile"), FITTING)
def test_the_examples_give_valid_messages_in_every_profile_they_are_for(name: str, profile: str) -> None:
    requests = dry_run(Site.load(EXAMPLES / name, profile=profile), profile)
    bodies = [request.content for request in requests if request.content is not None]
    assert len(bodies) >= 1
    for body in bodies:
        assert validate(body, profile=profile) == []


def test_there_is_no_example_that_is_not_tried() -> None:
    # The mirror is tried in test_readings.py.
    assert {file.name for file in EXAMPLES.glob("*.toml")} - {"mirror.toml"} == {name for name, _ in FITTING}


def test_an_example_is_read_as_what_it_says() -> None:
    site = Site.load(EXAMPLES / "site.toml")
    assert site.lfdi == bytes.fromhex(LFDI)
    assert site.nmi == "6001234567"
    assert site.device_category is DeviceCategoryType.COMBINED_PV_AND_STORAGE
    assert site.device_information is not None
    assert site.device_information.lfdi == site.lfdi
    assert site.device_information.mf_date == int(datetime(2025, 3, 1, tzinfo=UTC).timestamp())
    assert site.device_information.primary_power is PowerSourceType.MAINS
    [der] = site.ders
    assert der.capability.rtg_max_w == ActivePower.of(10_000)
    assert der.capability.rtg_max_wh == WattHour.of(13_500)
    assert der.capability.rtg_v_nom == VoltageRMS.of(230)
    assert DERControlType.DISCHARGE_MODE in der.capability.modes_supported
    assert der.settings is not None and der.settings.updated_time == 0
    assert der.status is not None and der.status.reading_time == 0
    assert der.status.gen_connect_status == ConnectStatusType(
        date_time=1768435200, value=ConnectStatus.CONNECTED | ConnectStatus.AVAILABLE
    )
    assert der.availability is None


def test_a_site_made_in_python_is_registered_as_the_same_one_from_a_file() -> None:
    made = Site(
        lfdi=bytes.fromhex(LFDI),
        nmi="6001234567",
        device_category=DeviceCategoryType.ELECTRIC_VEHICLE,
        ders=[
            SiteDER(
                capability=DERCapability(
                    type=DERType.EVSE,
                    modes_supported=DERControlType.CHARGE_MODE,
                    doe_modes_supported=DOEControlType.OP_MOD_IMP_LIM_W,
                    rtg_max_w=ActivePower.of(7_400),
                ),
                settings=DERSettings(set_grad_w=0, set_max_w=ActivePower.of(7_400), updated_time=0),
            )
        ],
    )
    read = Site.from_table(
        {
            "lfdi": LFDI.lower(),
            "nmi": 6001234567,
            "device_category": "ELECTRIC_VEHICLE",
            "der": [
                {
                    "capability": {
                        "type": "EVSE",
                        "modes_supported": ["CHARGE_MODE"],
                        "doe_modes_supported": "OP_MOD_IMP_LIM_W",
                        "rtg_max_w": 7.4e3,
                    },
                    "settings": {"set_grad_w": 0, "set_max_w": {"value": 7400, "multiplier": "NONE"}},
                }
            ],
        }
    )
    assert read == made
    assert dry_run(read) == dry_run(made)


def test_what_a_site_leaves_out_is_not_sent() -> None:
    messages = Messages.of(Site.from_table({"lfdi": LFDI}), get_profile(), now=7)
    assert messages.connection_point is None
    assert messages.device_information is None
    assert messages.ders == ()
    device = messages.end_device
    assert (device.device_category, device.enabled, device.post_rate) == (None, None, None)
    assert (device.sfdi, device.changed_time) == (sfdi_of_lfdi(bytes.fromhex(LFDI)), 7)


def test_times_of_0_become_the_time_of_sending() -> None:
    capability = DERCapability(
        type=DERType.EVSE,
        modes_supported=DERControlType(0),
        doe_modes_supported=DOEControlType(0),
        rtg_max_w=ActivePower.of(1),
    )
    settings = DERSettings(set_grad_w=0, set_max_w=ActivePower.of(1), updated_time=0)
    site = Site(
        lfdi=bytes.fromhex(LFDI),
        ders=[
            SiteDER(
                capability=capability,
                settings=settings,
                status=DERStatus(reading_time=0),
                availability=DERAvailability(reading_time=0),
            ),
            SiteDER(
                capability=capability,
                settings=dataclasses.replace(settings, updated_time=5),
                status=DERStatus(reading_time=6),
                availability=DERAvailability(reading_time=7),
            ),
        ],
    )
    first, second = Messages.of(site, get_profile(), now=1_700_000_000).ders
    assert first.settings is not None and first.status is not None and first.availability is not None
    assert first.settings.updated_time == 1_700_000_000
    assert first.status.reading_time == 1_700_000_000
    assert first.availability.reading_time == 1_700_000_000
    assert second.settings is not None and second.status is not None and second.availability is not None
    assert (second.settings.updated_time, second.status.reading_time, second.availability.reading_time) == (5, 6, 7)
    assert settings.updated_time == 0, "the site itself is not changed"


def test_a_time_is_the_same_in_every_zone() -> None:
    noon = datetime(2026, 1, 31, 12, tzinfo=UTC)
    for value in (noon, noon.astimezone(timezone(timedelta(hours=10))), int(noon.timestamp())):
        site = Site.from_table({"lfdi": LFDI, "post_rate": value})
        assert site.post_rate == 1769860800


def test_sfdi_and_pin_may_stand_in_quotes_for_the_zeros_in_front() -> None:
    site = Site.from_table({"lfdi": LFDI, "sfdi": "000000010018", "pin": "000019"})
    assert (site.sfdi, site.pin) == (10018, 19)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_bytes(b"\xef\xbb\xbf" + f'lfdi = "{LFDI}"\r\n'.encode())
    assert Site.load(file).lfdi == bytes.fromhex(LFDI)


# The file itself


def failure_of(file: Path) -> SiteError:
    with pytest.raises(SiteError) as caught:
        Site.load(file)
    assert caught.value.where == str(file)
    return caught.value


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    error = failure_of(tmp_path / "site.toml")
    assert error.what == "cannot be read: No such file or directory"
    assert str(EXAMPLES / "site.toml") in error.remedy


def test_a_folder_is_no_site_file(tmp_path: Path) -> None:
    assert failure_of(tmp_path).what == "cannot be read: Is a directory"


def test_a_file_that_is_not_utf_8_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_bytes(f'lfdi = "{LFDI}"\nnmi = "Grö'.encode() + b'\xdfe"\n')
    error = failure_of(file)
    assert error.what == "not UTF-8: octet 0xDF in line 2"
    assert error.remedy == "Save it as UTF-8."


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a = = 1", "line 1, column 5"),
        ("nmi = 6001234567\npin = 012343", "line 2"),
        ("pin = " + "9" * 5000, "4300 digits"),
        ("a = " + "[" * 5000, "recursion|nested|end of document"),  # it depends on the stack that is left
        ("nmi = 1\nnmi = 2", "overwrite"),
    ],
    ids=["syntax", "zero in front", "huge number", "nested too deep", "twice"],
)
def test_what_is_not_toml_is_told_with_its_place(text: str, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text(text)
    with pytest.raises(SiteError, match=f"(?s)not TOML: .*({reason})") as caught:
        Site.load(file)
    assert caught.value.where == str(file)
    assert "in quotes" in caught.value.remedy


def test_an_unknown_profile_is_no_fault_of_the_file() -> None:
    with pytest.raises(ProfileError, match=r"csip-aus-1\.4"):
        Site.load(EXAMPLES / "site.toml", profile="csip-aus-1.4")


# Errors


def test_all_faults_are_told_at_once_and_each_with_its_place() -> None:
    assert faults_of(
        """
        lfdi = "0000003E9000000000000000000000000003247O"
        nmi = ["6001234567"]
        device_categori = ["PHOTOVOLTAIC_SYSTEM"]
        device_category = ["PHOTOVOLTAIC_SYSTEM", "PHOTOVOLTAIC_SISTEM"]
        enabled = "yes"
        pin = 123456

        [device_information]
        lfdi = "0001"
        mf_date = 2025-03-01T00:00:00
        mf_hw_ver = 1.10
        mf_id = 32473.5
        primary_power = "main"
        secondary_power = 99999
        mfModel = "Hybrid 10"
        gps_location = { lat = "-35.2809", lom = "149.1300" }

        [[der]]
        [der.capability]
        type = "COMBINED_PV_AND_STORAGE"
        modes_supported = [1, true]
        rtg_max_w = 12345678
        rtg_max_va = "5 kVA"
        rtg_max_wh = nan
        [der.settings]
        set_grad_w = 28
        [der.status]
        gen_connect_status = { date_time = 2026-01-15, value = ["CONNECTED"] }
        inverter_status = "STANDBY"

        [[der]]
        [der.capablity]
        """
    ) == [
        "lfdi: '0000003E9000000000000000000000000003247O' is not an LFDI. 'O' is not a hex digit (0-9, A-F).",
        "nmi: is a list, expected text.",
        "device_categori: unknown key. Did you mean device_category or device_information?",
        "device_category: DeviceCategoryType has no 'PHOTOVOLTAIC_SISTEM'. Did you mean PHOTOVOLTAIC_SYSTEM?",
        "enabled: is text 'yes', expected true or false.",
        "device_information.lfdi: leave it out; it is the LFDI of the site.",
        f"device_information.mf_date: is a time without a zone. {WRITE_A_TIME}",
        "device_information.mf_hw_ver: is the number 1.1, expected text. Put it in quotes, or 1.10 becomes 1.1.",
        "device_information.mf_id: is the number 32473.5, expected a whole number.",
        "device_information.primary_power: PowerSourceType has no 'main'. Did you mean MAINS?",
        "device_information.secondary_power: the number 99999 is outside of what PowerSourceType can hold.",
        "device_information.mfModel: unknown key. Did you mean mf_model?",
        "device_information.gps_location.lom: unknown key. Did you mean lon?",
        "device_information.gps_location.lon: is missing.",
        "device_information.mf_model: is missing.",
        "device_information.mf_ser_num: is missing.",
        "device_information.sw_act_time: is missing.",
        "device_information.sw_ver: is missing.",
        "der[1].capability.modes_supported: is true, expected names of DERControlType.",
        "der[1].capability.rtg_max_w: 12345678 does not fit in ActivePower. Its value is a whole number from -32768 to "
        "32767, scaled by a power of ten from -9 to 9: give fewer significant digits.",
        "der[1].capability.rtg_max_va: is text '5 kVA', expected a number.",
        "der[1].capability.rtg_max_wh: nan does not fit in WattHour. Its value is a whole number from 0 to "
        "65535, scaled by a power of ten from -9 to 9: give fewer significant digits.",
        "der[1].settings.set_max_w: is missing.",
        f"der[1].status.gen_connect_status.date_time: is a date without a time. {WRITE_A_TIME}",
        "der[1].status.inverter_status: is text 'STANDBY', expected a table of values.",
        "der[2].capablity: unknown key. Did you mean capability or availability?",
        "der[2].capability: is missing.",
        "pin: PIN 123456 has a wrong check digit. The last digit would be 5; another digit may be mistyped as well.",
    ]


@pytest.mark.parametrize(
    ("lfdi", "remedy"),
    [
        (f"0x{LFDI}", "Leave out the 0x."),
        (LFDI[:-1], "A digit has been lost, often a leading zero"),
        (f"{LFDI[:-1]}G", "'G' is not a hex digit"),
        (f"{LFDI[:20]} {LFDI[20:]}", "Leave out spaces and separators."),
        (LFDI + "00", "here are 42"),
        ("", "here are 0"),
    ],
)
def test_an_lfdi_that_is_none_is_told_with_what_to_change(lfdi: str, remedy: str) -> None:
    fault = fault_of({"lfdi": lfdi})
    assert fault.startswith(f"lfdi: {lfdi!r} is not an LFDI. ")
    assert remedy in fault


@pytest.mark.parametrize("table", ["", "lfdi = 3"])
def test_an_lfdi_that_is_missing_or_no_text_is_told(table: str) -> None:
    assert fault_of(table).startswith("lfdi: is ")


def test_the_old_dialect_wants_its_own_form_of_an_lfdi() -> None:
    assert fault_of({"lfdi": LFDI}, "envoy-0.1").endswith("It is 0x and 1 to 40 hex digits, as in 0x21352135135.")
    assert "fewer than 36 bits" in fault_of({"lfdi": "0x21352"}, "envoy-0.1")


def test_sfdi_and_pin_that_do_not_belong_are_both_told() -> None:
    assert faults_of({"lfdi": LFDI, "sfdi": "000000010019", "pin": "111111"}) == [
        f"sfdi: SFDI 000000010019 does not belong to LFDI {LFDI}. The SFDI of this LFDI is 000000010018.",
        "pin: PIN 111111 has a wrong check digit. The last digit would be 5; another digit may be mistyped as well.",
    ]
    assert fault_of({"lfdi": "0x21352135135", "sfdi": 356563223720}, "envoy-0.1") == (
        "sfdi: SFDI 356563223720 does not belong to the LFDI 0x21352135135. "
        "envoy-client 0.1 computes 356563223726 for it."
    )


@pytest.mark.parametrize("ders", [{"capability": {}}, 3, ["x"], "EVSE"])
def test_ders_that_are_not_a_list_of_tables_are_told_with_the_brackets_to_write(ders: Any) -> None:
    assert fault_of({"lfdi": LFDI, "der": ders}) == "der: write one [[der]] table, with double brackets, for each DER."


@pytest.mark.parametrize("value", [3, "Acme", [], True])
def test_device_information_that_is_no_table_is_told(value: Any) -> None:
    fault = fault_of({"lfdi": LFDI, "device_information": value})
    assert fault.startswith("device_information: is ") and fault.endswith(", expected a table of values.")


@pytest.mark.parametrize("key", ["lFDI", "LFDI", "l-f-d-i"])
def test_a_key_in_the_spelling_of_the_standard_is_led_to_the_right_one(key: str) -> None:
    assert f"{key}: unknown key. Did you mean lfdi?" in faults_of({key: LFDI})


def test_a_key_that_is_like_no_other_is_told_without_a_guess() -> None:
    assert fault_of({"lfdi": LFDI, "colour": "blue"}) == "colour: unknown key."


def test_fields_of_a_site_that_the_file_writes_otherwise_are_no_keys() -> None:
    assert fault_of({"lfdi": LFDI, "ders": []}) == "ders: unknown key. Did you mean der?"


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (1 << 32, "the number 4294967296 does not fit in the 32 bits of DERControlType."),
        (1 << 200, "a number of more than 64 bits does not fit in the 32 bits of DERControlType."),
        (-1, "the number -1 does not fit in the 32 bits of DERControlType."),
        ([0.5], "is the number 0.5, expected names of DERControlType."),
        ([["CHARGE_MODE"]], "is a list, expected names of DERControlType."),
        ("x" * 500, f"DERControlType has no '{'x' * 57}...'. It has CHARGE_MODE, "),
    ],
)
def test_a_bitmap_takes_names_and_the_bits_it_has(value: Any, fault: str) -> None:
    assert fault_of(with_capability(modes_supported=value)).startswith(f"der[1].capability.modes_supported: {fault}")


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (time(12), "a time without a date"),
        (date(2026, 1, 1), "a date without a time"),
        (datetime(2026, 1, 1), "a time without a zone"),
    ],
)
def test_a_time_that_says_too_little_is_told(value: Any, kind: str) -> None:
    fault = fault_of({"lfdi": LFDI, "post_rate": value})
    assert fault == f"post_rate: is {kind}. {WRITE_A_TIME}"


@pytest.mark.parametrize("amount", [math.inf, -math.inf, math.nan, 1e300, 1e-300, 10**400, 123456, -1])
def test_an_amount_that_no_quantity_holds_is_told(amount: Any) -> None:
    fault = fault_of(with_capability(rtg_max_va=amount))
    assert fault.startswith("der[1].capability.rtg_max_va: ") and " does not fit in ApparentPower. " in fault


def test_a_huge_number_in_the_wrong_place_is_told() -> None:
    huge = 16**5000
    assert faults_of({"lfdi": LFDI, "enabled": huge, "device_information": huge}) == [
        "enabled: is a number of more than 64 bits, expected true or false.",
        "device_information: is a number of more than 64 bits, expected a table of values.",
    ]


# Classes that a site does not have


def build(**changes: Any) -> tuple[MirrorMeterReading | None, list[str]]:
    builder = Builder()
    return builder.object(MirrorMeterReading, {"mrid": "AB01", **changes}, "mmr"), builder.errors


def test_hexbinary_and_lists_are_read_too() -> None:
    made, faults = build(
        description="PV", mirror_reading_set=[{"mrid": "01", "time_period": {"start": 0, "duration": 60}}]
    )
    assert faults == []
    assert made is not None and made.mrid == b"\xab\x01"
    [group] = made.mirror_reading_set
    assert (group.mrid, group.time_period.duration) == (b"\x01", 60)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("ABC", "odd-length string. Write a leading zero: 0ABC."),
        ("0xAB", "non-hexadecimal digit found. Leave out the 0x: hexBinary is digits only."),
        ("AB" * 17, "17 octets, at most 16 allowed."),
    ],
)
def test_hexbinary_that_is_none_is_told(value: str, reason: str) -> None:
    made, [fault] = build(mrid=value)
    assert made is None
    assert fault == f"mmr.mrid: {value!r} is not hexBinary, an even number of hex digits, at most 32: {reason}"


def test_the_items_of_a_list_are_told_by_their_number() -> None:
    assert build(mirror_reading_set={"mrid": "01"})[1] == ["mmr.mirror_reading_set: is a table, expected a list."]
    assert build(mirror_reading_set=[{"mrid": "01", "time_period": {"start": 0, "duration": 60}}, {"mrid": "02"}])[
        1
    ] == ["mmr.mirror_reading_set[2].time_period: is missing."]


# Errors that only the profile knows


def test_what_the_profile_does_not_know_is_told_with_the_der_it_is_in() -> None:
    site = Site.from_table(with_capability())
    site.ders.insert(0, dataclasses.replace(site.ders[0]))
    site.ders[0].capability = dataclasses.replace(site.ders[0].capability, doe_modes_supported=None)
    with pytest.raises(EncodeError) as caught:
        dry_run(site, "ieee-2018")
    assert caught.value.where == "der[2] DERCapability.doe_modes_supported"
    with pytest.raises(ValidationError, match=r"^der\[1\] DERCapability: not valid:\n.*doeModesSupported"):
        dry_run(site, "csip-aus-1.2")


def test_text_that_is_too_long_is_told_before_anything_is_sent() -> None:
    with pytest.raises(ValidationError, match=r"connectionPointId: the text has 33 characters, String32 allows 32"):
        dry_run(Site.from_table({"lfdi": LFDI, "nmi": "6" * 33}))


def test_text_that_xml_cannot_have_is_told_before_anything_is_sent() -> None:
    with pytest.raises(EncodeError, match=r"ConnectionPoint.connection_point_id: character U\+0007"):
        dry_run(Site.from_table({"lfdi": LFDI, "nmi": "\a"}))


@pytest.mark.parametrize("profile", sorted(PROFILES.keys() - {"envoy-0.1"}))
@pytest.mark.parametrize("sfdi", [None, 10018])
def test_an_lfdi_of_another_length_is_refused_in_python_too(profile: str, sfdi: int | None) -> None:
    with pytest.raises(IdentityError, match="an LFDI has 20 octets, this one has 19"):
        dry_run(Site(lfdi=bytes(19), sfdi=sfdi), profile)


def test_sfdi_and_pin_are_checked_in_python_too() -> None:
    lfdi = bytes.fromhex(LFDI)
    Site(lfdi=lfdi, sfdi=10018, pin=111115).check_identity()
    with pytest.raises(IdentityError, match="SFDI 000000010019 does not belong"):
        Site(lfdi=lfdi, sfdi=10019).check_identity()
    with pytest.raises(IdentityError, match="PIN 111111 has a wrong check digit"):
        dry_run(Site(lfdi=lfdi, pin=111111))
    assert Site(lfdi=lfdi, sfdi=7).short_identifier == 7
    assert Site(lfdi=IDENTITY_DIALECTS["envoy-0.1"].parse_lfdi("0x21352135135")).short_identifier == 356563223726


# Anything at all

TEXT = st.text(max_size=12) | st.sampled_from(["EVSE", "CHARGE_MODE", "MAINS", LFDI, "0x21352135135", "12"])
SIMPLE = (
    TEXT
    | st.integers()
    | st.integers(0, 200)
    | st.floats()
    | st.booleans()
    | st.datetimes(timezones=st.sampled_from([None, UTC]))
    | st.dates()
    | st.times()
)


def names_of(*classes: type) -> st.SearchStrategy[str]:
    return st.sampled_from(sorted({field.name for cls in classes for field in dataclasses.fields(cls)}))


KEYS = names_of(Site, SiteDER, DERCapability, DERSettings, DERStatus, DeviceInformation) | st.text(max_size=12)
VALUES = st.recursive(
    SIMPLE, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6), max_leaves=20
)
SITES = st.fixed_dictionaries(
    {},
    optional={
        "lfdi": st.just(LFDI) | VALUES,
        "device_information": st.dictionaries(names_of(DeviceInformation), VALUES, max_size=15) | VALUES,
        "der": st.lists(
            st.fixed_dictionaries(
                {"capability": st.dictionaries(names_of(DERCapability), VALUES, max_size=15)},
                optional={
                    "settings": st.dictionaries(names_of(DERSettings), VALUES, max_size=15),
                    "status": st.dictionaries(names_of(DERStatus), VALUES, max_size=15),
                    "availability": st.dictionaries(names_of(DERAvailability), VALUES, max_size=15),
                },
            )
            | VALUES,
            max_size=3,
        )
        | VALUES,
    },
)


def site_or_error(table: dict[str, Any], profile: str) -> Site | SiteError:
    try:
        return Site.from_table(table, profile=profile)
    except SiteError as error:
        return error


@settings(max_examples=150, deadline=None)
@given(table=st.dictionaries(KEYS, VALUES, max_size=8) | SITES, profile=st.sampled_from(sorted(PROFILES)))
def test_any_table_is_a_site_or_a_site_error(table: dict[str, Any], profile: str) -> None:
    result = site_or_error(table, profile)
    if isinstance(result, Site):
        assert result.short_identifier >= 0
    else:
        assert result.where == "site"
        assert result.what


@settings(max_examples=100, deadline=None)
@given(values=st.dictionaries(names_of(DERCapability), SIMPLE, max_size=4), profile=st.sampled_from(sorted(PROFILES)))
def test_a_site_is_sent_as_a_valid_message_or_refused(values: dict[str, Any], profile: str) -> None:
    table = with_capability(**values)
    if profile == "envoy-0.1":
        table["lfdi"] = "0x21352135135"
    site = site_or_error(table, profile)
    if isinstance(site, SiteError):
        assert site.what.startswith(("der[1].capability.", "2 errors", "3 errors", "4 errors"))
        return
    try:
        messages = Messages.of(site, get_profile(profile), now=0)
    except (EncodeError, ValidationError):
        return
    assert validate(dumps(messages.ders[0].capability, profile=profile), profile=profile) == []


@given(text=st.text() | st.binary().map(lambda data: data.decode("latin-1")))
def test_any_file_is_a_site_or_a_site_error(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(SiteError):
        Site.load(file)
