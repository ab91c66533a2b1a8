"""Site files: what they can hold, and that each error in one is reported with its place and what to write instead."""

from __future__ import annotations

import dataclasses
import math
import re
import tomllib
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from envoy import Site, SiteDER, dumps
from envoy.bindings.tables import Builder
from envoy.errors import EncodeError, EnvoyError, IdentityError, ProfileError, SiteError
from envoy.identity import sfdi_of_lfdi
from envoy.identity.dialects import IDENTITY_DIALECTS
from envoy.profiles import PROFILES, get_profile
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
from tests.support.registrations import dry_requests

EXAMPLES = ROOT / "examples"
LFDI = "0000003E90000000000000000000000000032473"
FITTING = [
    ("site.toml", "csip-aus-1.2"),
    ("site.toml", "csip-aus-1.3"),
    ("site-ieee-2018.toml", "ieee-2018"),
    ("site-ieee-2023.toml", "ieee-2023"),
    ("seed-site.toml", "envoy-0.1"),
    ("seed-aggregator.toml", "envoy-0.1"),
]


def errors_of(table: str | dict[str, Any], profile: str = "csip-aus-1.2") -> list[str]:
    """Return the errors that are reported of a site file, without the line that counts them."""
    values = tomllib.loads(table) if isinstance(table, str) else table
    with pytest.raises(SiteError) as caught:
        Site.from_table(values, profile=profile, where="my.toml")
    assert caught.value.where == "my.toml"
    lines = caught.value.what.split("\n  ")
    if len(lines) > 1:
        assert lines.pop(0) == f"{len(lines)} errors"
    return lines


def error_of(table: str | dict[str, Any], profile: str = "csip-aus-1.2") -> str:
    [error] = errors_of(table, profile)
    return error


def with_capability(**changes: Any) -> dict[str, Any]:
    values = {"type": "EVSE", "modes_supported": [], "doe_modes_supported": [], "rtg_max_w": 5000}
    return {"lfdi": LFDI, "der": [{"capability": {**values, **changes}}]}


# What a site file holds


@pytest.mark.parametrize(("name", "profile"), FITTING)
def test_the_examples_give_valid_messages_in_every_profile_they_are_for(name: str, profile: str) -> None:
    requests = dry_requests(Site.load(EXAMPLES / name, profile=profile), profile)
    bodies = [request.content for request in requests if request.content is not None]
    assert len(bodies) >= 1
    for body in bodies:
        assert validate(body, profile=profile) == []


def test_there_is_no_example_that_is_not_tried() -> None:
    # The mirror, the devices and the configuration are tried with the commands that read them.
    assert {file.name for file in EXAMPLES.glob("*.toml")} - {"mirror.toml", "devices.toml", "configuration.toml"} == {
        name for name, _ in FITTING
    }


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
    assert dry_requests(read) == dry_requests(made)


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


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    assert str(EXAMPLES / "site.toml") in failure_of(tmp_path / "site.toml").remedy


def test_a_folder_is_not_a_site_file(tmp_path: Path) -> None:
    failure_of(tmp_path)


def test_a_file_that_is_not_utf_8_is_reported_with_its_line(tmp_path: Path, snapshot: Any) -> None:
    file = tmp_path / "site.toml"
    file.write_bytes(f'lfdi = "{LFDI}"\nnmi = "Grö'.encode() + b'\xdfe"\n')
    error = failure_of(file)
    assert (error.what, error.remedy) == snapshot


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
def test_what_is_not_toml_is_reported_with_its_place(text: str, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text(text)
    assert re.search(reason, failure_of(file).what)


def test_an_unknown_profile_is_not_an_error_of_the_file() -> None:
    with pytest.raises(ProfileError):
        Site.load(EXAMPLES / "site.toml", profile="csip-aus-1.4")


# Errors


def test_all_errors_are_reported_at_once_and_each_with_its_place(snapshot: Any) -> None:
    assert (
        errors_of(
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
        )
        == snapshot
    )


TABLES: dict[str, dict[str, Any]] = {
    "LFDI with 0x": {"lfdi": f"0x{LFDI}"},
    "LFDI missing": {},
    "LFDI a number": {"lfdi": 3},
    "SFDI and PIN": {"lfdi": LFDI, "sfdi": "000000010019", "pin": "111111"},
    "DERs a table": {"lfdi": LFDI, "der": {"capability": {}}},
    "DERs a number": {"lfdi": LFDI, "der": 3},
    "DERs a list of text": {"lfdi": LFDI, "der": ["x"]},
    "device information a number": {"lfdi": LFDI, "device_information": 3},
    "device information text": {"lfdi": LFDI, "device_information": "Acme"},
    "device information a list": {"lfdi": LFDI, "device_information": []},
    "device information true": {"lfdi": LFDI, "device_information": True},
    "lFDI": {"lFDI": LFDI},
    "l-f-d-i": {"l-f-d-i": LFDI},
    "a key like no other": {"lfdi": LFDI, "colour": "blue"},
    "a field that is not a key": {"lfdi": LFDI, "ders": []},
    "more bits": with_capability(modes_supported=1 << 32),
    "far more bits": with_capability(modes_supported=1 << 200),
    "negative bits": with_capability(modes_supported=-1),
    "half a bit": with_capability(modes_supported=[0.5]),
    "a list in a bitmap": with_capability(modes_supported=[["CHARGE_MODE"]]),
    "a long name": with_capability(modes_supported="x" * 500),
    "a time without a date": {"lfdi": LFDI, "post_rate": time(12)},
    "a date without a time": {"lfdi": LFDI, "post_rate": date(2026, 1, 1)},
    "a time without a zone": {"lfdi": LFDI, "post_rate": datetime(2026, 1, 1)},
    "huge numbers": {"lfdi": LFDI, "enabled": 16**5000, "device_information": 16**5000},
}
TABLES_OF_ENVOY_0_1 = {
    "LFDI without 0x": {"lfdi": LFDI},
    "LFDI too small": {"lfdi": "0x21352"},
    "SFDI": {"lfdi": "0x21352135135", "sfdi": 356563223720},
}


def test_each_error_is_reported_with_its_place_and_what_to_write_instead(snapshot: Any) -> None:
    reported = {name: errors_of(table) for name, table in TABLES.items()}
    reported |= {f"envoy-0.1: {name}": errors_of(table, "envoy-0.1") for name, table in TABLES_OF_ENVOY_0_1.items()}
    assert reported == snapshot


@pytest.mark.parametrize("amount", [math.inf, -math.inf, math.nan, 1e300, 1e-300, 10**400, 123456, -1])
def test_an_amount_that_no_quantity_holds_is_reported(amount: Any) -> None:
    assert error_of(with_capability(rtg_max_va=amount)).startswith("der[1].capability.rtg_max_va: ")


# Classes that a site does not have


def build(**changes: Any) -> tuple[MirrorMeterReading | None, list[str]]:
    builder = Builder()
    return builder.object(MirrorMeterReading, {"mrid": "AB01", **changes}, "mmr"), builder.errors


def test_hexbinary_and_lists_are_read_too() -> None:
    made, errors = build(
        description="PV", mirror_reading_set=[{"mrid": "01", "time_period": {"start": 0, "duration": 60}}]
    )
    assert errors == []
    assert made is not None and made.mrid == b"\xab\x01"
    [group] = made.mirror_reading_set
    assert (group.mrid, group.time_period.duration) == (b"\x01", 60)


def test_hexbinary_that_is_not_and_items_of_lists_are_reported_with_their_place(snapshot: Any) -> None:
    period = {"start": 0, "duration": 60}
    values: tuple[dict[str, Any], ...] = (
        {"mrid": "ABC"},
        {"mrid": "0xAB"},
        {"mrid": "AB" * 17},
        {"mirror_reading_set": {"mrid": "01"}},
        {"mirror_reading_set": [{"mrid": "01", "time_period": period}, {"mrid": "02"}]},
    )
    assert [build(**value)[1] for value in values] == snapshot
    assert build(mrid="ABC")[0] is None


# Errors that only the profile knows


def test_what_the_profile_does_not_know_is_reported_with_the_der_it_is_in() -> None:
    site = Site.from_table(with_capability())
    site.ders.insert(0, dataclasses.replace(site.ders[0]))
    site.ders[0].capability = dataclasses.replace(site.ders[0].capability, doe_modes_supported=None)
    with pytest.raises(EncodeError) as caught:
        dry_requests(site, "ieee-2018")
    assert caught.value.where == "der[2] DERCapability.doe_modes_supported"
    with pytest.raises(ValidationError) as invalid:
        dry_requests(site, "csip-aus-1.2")
    assert invalid.value.where == "der[1] DERCapability"
    assert [finding.code for finding in invalid.value.findings] == ["missing-element"]


def test_text_that_is_too_long_is_reported_before_anything_is_sent() -> None:
    with pytest.raises(ValidationError) as caught:
        dry_requests(Site.from_table({"lfdi": LFDI, "nmi": "6" * 33}))
    (finding,) = caught.value.findings
    assert finding.path.endswith("connectionPointId")


def test_text_that_xml_cannot_have_is_reported_before_anything_is_sent() -> None:
    with pytest.raises(EncodeError) as caught:
        dry_requests(Site.from_table({"lfdi": LFDI, "nmi": "\a"}))
    assert caught.value.where == "ConnectionPoint.connection_point_id"


@pytest.mark.parametrize("profile", sorted(PROFILES.keys() - {"envoy-0.1"}))
@pytest.mark.parametrize("sfdi", [None, 10018])
def test_an_lfdi_of_another_length_is_refused_in_python_too(profile: str, sfdi: int | None) -> None:
    with pytest.raises(IdentityError):
        dry_requests(Site(lfdi=bytes(19), sfdi=sfdi), profile)


def test_sfdi_and_pin_are_checked_in_python_too() -> None:
    lfdi = bytes.fromhex(LFDI)
    Site(lfdi=lfdi, sfdi=10018, pin=111115).check_identity()
    changed = Site(lfdi=lfdi)
    changed.pin = 111111
    with pytest.raises(IdentityError):
        changed.check_identity()
    with pytest.raises(IdentityError):
        dry_requests(changed)
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


@given(table=st.dictionaries(KEYS, VALUES, max_size=8) | SITES, profile=st.sampled_from(sorted(PROFILES)))
def test_any_table_is_a_site_or_a_site_error(table: dict[str, Any], profile: str) -> None:
    result = site_or_error(table, profile)
    if isinstance(result, Site):
        assert result.short_identifier >= 0
    else:
        assert result.where == "site"
        assert result.what


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


def test_the_sfdi_of_the_old_dialect_is_checked_by_the_profile() -> None:
    lfdi = bytes.fromhex("0021352135135" + 27 * "0")
    legacy = IDENTITY_DIALECTS["envoy-0.1"]
    site = Site(lfdi=lfdi, sfdi=legacy.sfdi_of_lfdi(legacy.own_lfdi(lfdi)))
    assert site.sfdi != sfdi_of_lfdi(lfdi)
    with pytest.raises(IdentityError):
        Messages.of(site, get_profile("csip-aus-1.2"), now=0)
    assert Messages.of(site, get_profile("envoy-0.1"), now=0).end_device.sfdi == site.sfdi


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"lfdi": "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5"}, SiteError),
        ({"lfdi": b"too short"}, IdentityError),
        ({"lfdi": None}, SiteError),
        ({"sfdi": 167261211390}, IdentityError),
        ({"sfdi": "167261211391"}, SiteError),
        ({"pin": 123456}, IdentityError),
        ({"pin": "111115"}, SiteError),
        ({"nmi": 6001234567}, SiteError),
        ({"enabled": "yes"}, SiteError),
        ({"post_rate": 300.0}, SiteError),
        ({"device_category": "PHOTOVOLTAIC_SYSTEM"}, SiteError),
        ({"device_information": {"mf_id": 32473}}, SiteError),
        ({"ders": [{"type": 4}]}, SiteError),
        ({"ders": SiteDER}, SiteError),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_site_fails_where_it_is_written(
    fields: dict[str, Any], kind: type[EnvoyError], snapshot: SnapshotAssertion
) -> None:
    with pytest.raises(kind) as caught:
        Site(**{"lfdi": bytes.fromhex("3E4F45AB31EDFE5B67E343E5E4562E31984E23E5"), **fields})
    assert str(caught.value) == snapshot


def test_der_of_a_site_fails_where_it_is_written() -> None:
    with pytest.raises(SiteError) as caught:
        SiteDER(capability={"type": 4})  # type: ignore[arg-type]
    assert caught.value.where == "SiteDER.capability"
    assert caught.value.remedy == "Write DERCapability(type=...)."
