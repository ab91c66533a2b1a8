"""What the console shows of what a site has sent: its status, settings and readings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from envoy.server.console.view import View
from envoy.utility import ManualClock, Settings, Utility
from sep2 import (
    ActivePower,
    AlarmStatus,
    ConnectStatus,
    ConnectStatusType,
    DERControlResponse,
    DERSettings,
    DERStatus,
    InverterStatus,
    InverterStatusType,
    ManufacturerStatusType,
    MirrorMeterReading,
    MirrorMeterReadingList,
    MirrorReadingSet,
    PowerOfTenMultiplierType,
    Reading,
    ReadingType,
    ResponseStatus,
    StateOfChargeStatusType,
    UomType,
)
from sep2.resource import DateTimeInterval
from tests.support.utilities import Client, mirror, new_lfdi

NOW = 1_700_000_000


@pytest.fixture
def utility() -> Iterator[Utility]:
    with Utility(Settings(pre_registered=True), now=ManualClock(NOW)) as utility:
        yield utility


def show(utility: Utility, lfdi: bytes) -> dict[str, Any]:
    return View(utility).show_site(lfdi.hex())


def posted(
    number: int, start: int | None, value: int, uom: int | None = 38, multiplier: int | None = None
) -> MirrorMeterReading:
    period = None if start is None else DateTimeInterval(duration=300, start=start)
    kind = ReadingType(
        uom=UomType(uom),
        power_of_ten_multiplier=None if multiplier is None else PowerOfTenMultiplierType(multiplier),
    )
    return MirrorMeterReading(
        mrid=bytes([number] * 16),
        description=f"reading {number}",
        reading_type=None if uom is None else kind,
        reading=Reading(value=value, time_period=period),
    )


def test_status_and_settings_are_shown_in_words_with_units(utility: Utility) -> None:
    client = Client(utility)
    client.get("/edev")
    ders = client.lfdi
    assert show(utility, ders)["ders"] == [{"href": "/edev/1/der/1", "time": None, "facts": []}]
    status = DERStatus(
        reading_time=NOW,
        gen_connect_status=ConnectStatusType(date_time=NOW, value=ConnectStatus(5)),
        inverter_status=InverterStatusType(date_time=NOW, value=InverterStatus(99)),
        state_of_charge_status=StateOfChargeStatusType(date_time=NOW, value=6425),
        manufacturer_status=ManufacturerStatusType(date_time=NOW, value="<b>ok"),
        alarm_status=AlarmStatus(0x82),
    )
    client.send("PUT", "/edev/1/der/1/ders", status)
    client.send(
        "PUT", "/edev/1/der/1/derg", DERSettings(set_grad_w=27, set_max_w=ActivePower.of(99_000), updated_time=NOW)
    )
    (der,) = show(utility, ders)["ders"]
    assert der["time"] == NOW
    assert {each["label"]: each["value"] for each in der["facts"]} == {
        "generator": "connected, operating",
        "inverter": "reserved 99",
        "charge": "64.25 %",
        "manufacturer": "<b>ok",
        "alarms": "over voltage, emergency local",
        "setMaxW": "99,000 W",
        "setGradW": "0.27 % of setMaxW per s",
    }
    client.send("PUT", "/edev/1/der/1/ders", DERStatus(reading_time=NOW, alarm_status=AlarmStatus(0)))
    assert show(utility, ders)["ders"][0]["facts"][0] == {"label": "alarms", "value": "none"}


def test_the_latest_reading_of_each_quantity_is_shown_in_its_unit(utility: Utility) -> None:
    client = Client(utility)
    site, other = new_lfdi(), new_lfdi()
    for each in (site, other):
        client.register(each)
    own, foreign = (
        client.send("POST", "/mup", mirror(lfdi, bytes([number] * 16))).location
        for number, lfdi in enumerate((site, other), 100)
    )
    assert show(utility, site)["readings"] == []
    for start, value in ((300, 2), (600, 3), (0, 1)):
        client.send("POST", own, posted(1, start, value, multiplier=-1))
    several = MirrorMeterReading(
        mrid=bytes([1] * 16),
        mirror_reading_set=[
            MirrorReadingSet(
                mrid=bytes([9] * 16),
                time_period=DateTimeInterval(duration=600, start=300),
                reading=[Reading(value=4, time_period=DateTimeInterval(duration=300, start=900)), Reading(value=5)],
            )
        ],
    )
    client.send("POST", own, MirrorMeterReadingList(all=1, results=1, mirror_meter_reading=[several]))
    client.send("POST", own, posted(2, None, -7, uom=200))
    client.send("POST", foreign, posted(3, 0, 8))
    first, second = sorted(show(utility, site)["readings"], key=lambda each: each["unit"])
    if first["unit"] != "W":
        first, second = second, first
    assert first == {"mirror": "site", "name": "", "value": 0.4, "unit": "W", "time": 900, "duration": 300}
    assert (second["value"], second["unit"], second["time"]) == (-7, "reserved 200", None)


def test_responses_are_shown_the_latest_first_and_not_more_than_a_page(utility: Utility) -> None:
    client = Client(utility)
    client.get("/edev")
    control = utility.site_program(client.lfdi).control(duration=60, op_mod_connect=False)
    for status in (1, 2, *[3] * 120):
        response = DERControlResponse(
            end_device_lfdi=client.lfdi, status=ResponseStatus(status), subject=control.mrid, created_date_time=NOW
        )
        client.send("POST", "/edev/1/rsps/derc/rsp", response)
    found = show(utility, client.lfdi)["responses"]
    assert len(found) == 100
    assert {each["text"] for each in found} == {"completed"}
    utility.reset()
    assert show(utility, client.lfdi)["responses"] == []
