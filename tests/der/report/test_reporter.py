"""What a follower reports of its DERs, and when."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from envoy.der.follow import news
from envoy.der.follow.device import DeviceStatus
from envoy.errors import StateError, TransportError
from envoy.protocol.flow import Request, Response
from envoy.registration.site import SiteDER, SiteDERComponent
from sep2 import (
    AlarmStatus,
    DERAvailability,
    DERCapability,
    DERSettings,
    DERStatus,
    DERType,
    EndDevice,
    StorageModeStatus,
)
from tests.support.reporting import BEGIN, Reported, lose, make_battery, make_der

STATUS, SETTINGS, LOG = "/ders", "/derg", "/lel"


@pytest.fixture
def home() -> Reported:
    return Reported()


def test_status_is_sent_at_the_start_at_changes_and_at_the_rate(home: Reported) -> None:
    home.register()
    home.reporter.note_rate(60)
    home.be()
    home.happens = {75: lambda: home.be(connected=False), 90: lambda: home.be(connected=False)}
    home.report(200)
    assert home.times(STATUS) == [0, 60, 75, 135, 195]
    status: DERStatus = home.get("der/1/ders", DERStatus)
    assert status.gen_connect_status is not None and status.operational_mode_status is not None
    assert (int(status.gen_connect_status.value), status.gen_connect_status.date_time) == (0, BEGIN + 75)
    assert int(status.operational_mode_status.value) == 1
    assert status.reading_time == BEGIN + 195


def test_the_post_rate_of_the_end_device_goes_before_the_poll_rate() -> None:
    home = Reported()
    home.site.post_rate = 120
    home.register()
    home.reporter.note_rate(60)
    home.be()
    home.report(300)
    assert home.times(STATUS) == [0, 120, 240]


def test_a_rate_that_becomes_faster_counts_at_once(home: Reported) -> None:
    home.register()
    home.reporter.note_rate(900)
    home.be()
    home.happens = {100: lambda: home.reporter.note_rate(60)}
    home.report(230)
    assert home.times(STATUS) == [0, 160, 220]


def test_nothing_is_written_twice_at_the_start(home: Reported) -> None:
    home.be()
    home.register()
    home.report(30)
    assert [(method, href) for _, method, href in home.requests if method == "PUT"] == [
        ("PUT", "/edev/1/der/1/dercap"),
        ("PUT", "/edev/1/der/1/derg"),
        ("PUT", "/edev/1/der/1/ders"),
    ]


def test_settings_follow_the_default_and_a_restart_writes_nothing_needless(home: Reported) -> None:
    home.register()
    home.be()
    home.happens = {
        50: lambda: home.reporter.note_settings({"setGradW": 100}),
        60: lambda: home.reporter.note_settings({"setGradW": 100}),
        70: lambda: home.reporter.note_settings({"setGradW": 100, "setESRampTms": 500}),
    }
    home.report(100)
    assert home.times(SETTINGS) == [0, 50, 70]
    settings: DERSettings = home.get("der/1/derg", DERSettings)
    assert (settings.set_grad_w, settings.set_es_ramp_tms) == (100, 500)
    assert float(settings.set_max_w) == 5000
    assert settings.updated_time == BEGIN + 70
    home.requests.clear()
    home.start()
    home.register({"setGradW": 100, "setESRampTms": 500})
    home.be()
    home.report(home.now + 10)
    assert [href for _, method, href in home.requests if method == "PUT"] == ["/edev/1/der/1/ders"]
    home.reporter.note_settings({})
    home.report(home.now + 10)
    assert home.get("der/1/derg", DERSettings).set_grad_w == 27


def test_settings_that_change_back_before_they_are_written_are_not(home: Reported) -> None:
    home.register()
    home.be()
    home.report(10)
    home.reporter.note_settings({"setGradW": 100})
    home.reporter.note_settings({})
    home.report(20)
    assert home.times(SETTINGS) == [0]


def test_all_times_are_the_servers(home: Reported) -> None:
    home.offset = 5000
    home.register()
    home.be(alarms=AlarmStatus.DER_FAULT_OVER_VOLTAGE)
    home.reporter.note_settings({"setGradW": 100})
    home.report(10)
    status = home.get("der/1/ders", DERStatus)
    assert (status.reading_time, status.gen_connect_status.date_time) == (BEGIN + 5000, BEGIN + 5000)
    assert home.get("der/1/derg", DERSettings).updated_time == BEGIN + 5000
    assert [event.created_date_time for event in home.log()] == [BEGIN + 5000]


def test_each_of_several_ders_has_the_status_of_the_one_device() -> None:
    home = Reported(make_der(), make_battery(), ready_ders=0)
    home.register()
    home.be(storage=StorageModeStatus.STORAGE_CHARGING, state_of_charge=Decimal(40))
    home.reporter.note_settings({"setGradW": 100})
    home.report(10)
    panels, battery = (home.get(f"der/{number}/ders", DERStatus) for number in (1, 2))
    assert panels.gen_connect_status == battery.gen_connect_status
    assert panels.storage_mode_status is None
    assert (int(battery.storage_mode_status.value), battery.state_of_charge_status.value) == (0, 4000)
    assert [home.get(f"der/{number}/derg", DERSettings).set_grad_w for number in (1, 2)] == [100, 100]
    kinds = [home.get(f"der/{number}/dercap", DERCapability).type for number in (1, 2)]
    assert kinds == [DERType.PHOTOVOLTAIC_SYSTEM, DERType.OTHER_STORAGE_SYSTEM]


def test_what_a_storage_has_in_reserve() -> None:
    home = Reported(make_battery())
    home.register()
    home.be(state_of_charge=Decimal(50), available_w=Decimal("2000.4"), available_var=Decimal(800))
    home.report(10)
    found = home.get("der/1/dera", DERAvailability)
    assert (float(found.stat_w_avail), float(found.stat_var_avail)) == (2000, 800)
    # 5 kWh at 2000.4 W, and 5 kWh at the 2500 W that it charges with at most.
    assert (found.availability_duration, found.max_charge_duration) == (8998, 7200)
    assert found.reading_time == BEGIN


def test_a_device_that_knows_nothing_of_reserves_says_nothing(home: Reported) -> None:
    home.register()
    home.be()
    home.report(2000)
    assert not home.times("/dera")


@pytest.mark.parametrize(
    ("amount", "said"),
    [("1234567.4", 1_234_600), ("327670001", 327_670_000), ("1E+40", None), ("NaN", None), ("-5", -5), ("0", 0)],
)
def test_whatever_a_device_says_of_its_reserves_ends_nothing(amount: str, said: float | None) -> None:
    home = Reported(make_battery())
    home.register()
    number = Decimal(amount)
    home.be(state_of_charge=number, available_w=number, available_var=number)
    home.report(10)
    found = home.get("der/1/dera", DERAvailability)
    assert (None if found is None or found.stat_w_avail is None else float(found.stat_w_avail)) == said
    assert home.times(STATUS) == [0]


def test_what_cannot_be_written_is_noted_and_ends_nothing(home: Reported) -> None:
    home.register()
    home.reporter.note_rate(60)
    home.be(manufacturer="\x00")
    home.report(70)
    assert not home.times(STATUS) and len(home.session.findings) == 1
    home.be()
    home.report(80)
    assert home.times(STATUS) == [70]


def test_the_instruction_of_demand_response_is_the_mode() -> None:
    home = Reported(make_der(modes=0x84))
    home.register()
    home.report(10)
    home.happens = {
        20: lambda: home.reporter.note_status(DeviceStatus(), {"opModFixedW": -5000}),
        30: lambda: home.reporter.note_status(DeviceStatus(), {"opModFixedW": -5000}),
        40: lambda: home.reporter.note_status(DeviceStatus(), {}),
    }
    home.report(35)
    assert int(home.get("der/1/ders", DERStatus).operational_mode_status.value) == 102
    home.report(50)
    assert int(home.get("der/1/ders", DERStatus).operational_mode_status.value) == 2
    # The certification looks for the settings while an instruction is followed.
    assert home.times(SETTINGS) == [0, 20]


def test_the_status_with_an_instruction_goes_before_the_settings_that_are_written_again() -> None:
    home = Reported(make_der(modes=0x84))
    home.register()
    home.reporter.note_rate(60)
    instruction = {"opModFixedW": -5000}
    home.happens = {
        20: lambda: home.reporter.note_status(DeviceStatus(), instruction),
        50: lambda: home.reporter.note_status(DeviceStatus(state_of_charge=Decimal(50)), instruction),
    }
    home.report(85)
    sent = [(time, href.rpartition("/")[2]) for time, method, href in home.requests if method == "PUT" and time >= 20]
    assert [each for each in sent if each[0] == 80] == [(80, "ders"), (80, "derg")]


def test_the_settings_are_written_again_while_an_instruction_is_followed() -> None:
    home = Reported(make_der(modes=0x84))
    home.register()
    home.reporter.note_rate(60)
    home.reporter.note_status(DeviceStatus(), {"opModConnect": False})
    home.happens = {150: lambda: home.reporter.note_status(DeviceStatus(), {"opModConnect": True})}
    home.report(400)
    # The first by the registration.
    assert home.times(SETTINGS) == [0, 0, 60, 120]


# Alarms


def test_alarms_are_logged_when_they_begin_and_end(home: Reported) -> None:
    home.register()
    home.be()
    both = AlarmStatus.DER_FAULT_OVER_CURRENT | AlarmStatus.DER_FAULT_UNDER_VOLTAGE
    home.happens = {10: lambda: home.be(alarms=both), 20: lambda: home.be(alarms=both), 40: lambda: home.be()}
    home.report(60)
    assert [
        (event.log_event_code, event.log_event_id, (event.created_date_time or 0) - BEGIN) for event in home.log()
    ] == [(0, 0, 10), (4, 1, 10), (1, 2, 40), (5, 3, 40)]
    assert {(int(event.function_set), int(event.profile_id)) for event in home.log()} == {(11, 2)}
    assert home.times(LOG, "POST") == [10, 10, 40, 40]
    assert home.times(STATUS) == [0, 10, 40]
    logged = [each for each in home.published if isinstance(each, news.Reported) and each.resource == "LogEvent"]
    assert [each.detail for each in logged[:2]] == ["DER_FAULT_OVER_CURRENT", "DER_FAULT_UNDER_VOLTAGE"]


def test_an_alarm_that_lasts_over_a_restart_is_logged_once(home: Reported) -> None:
    home.register()
    home.be(alarms=AlarmStatus.DER_FAULT_OVER_VOLTAGE)
    home.report(10)
    home.start()
    home.register()
    home.be(alarms=AlarmStatus.DER_FAULT_OVER_VOLTAGE)
    home.report(20)
    home.start()
    home.register()
    home.be()
    home.report(30)
    assert [(event.log_event_code, event.log_event_id) for event in home.log()] == [(2, 0), (3, 1)]


def test_a_device_that_is_gone_is_reported_and_ends_no_alarm(home: Reported) -> None:
    home.register()
    home.be(alarms=AlarmStatus.DER_FAULT_OVER_VOLTAGE)
    home.report(10)
    home.start()
    home.register()
    home.be(failed=True)
    home.report(20)
    assert int(home.get("der/1/ders", DERStatus).gen_connect_status.value) & 0b10000
    home.be(alarms=AlarmStatus.DER_FAULT_OVER_VOLTAGE)
    home.report(30)
    assert [event.log_event_code for event in home.log()] == [2]
    assert not int(home.get("der/1/ders", DERStatus).gen_connect_status.value) & 0b10000


def test_what_could_not_be_sent_is_sent_later_with_its_own_time(home: Reported) -> None:
    home.register()
    home.utility.outage(300)
    home.be(alarms=AlarmStatus.DER_FAULT_OVER_VOLTAGE)
    home.report(100)
    assert not home.log()
    home.clock.now = BEGIN + 150
    home.start()
    home.utility.outage(0.5)
    home.clock.now = BEGIN + 151
    home.register()
    home.be(alarms=AlarmStatus.DER_FAULT_OVER_VOLTAGE)
    home.report(600)
    assert [(event.log_event_code, event.created_date_time) for event in home.log()] == [(2, BEGIN)]


@pytest.mark.parametrize("processed", [True, False])
@pytest.mark.parametrize("how", ["lost", "gateway", "killed"])
def test_a_log_event_whose_receipt_is_lost_is_on_the_server_once(home: Reported, processed: bool, how: str) -> None:
    home.register()
    failed = False

    def send(request: Request) -> Response:
        nonlocal failed
        if request.method != "POST" or failed:
            return home.respond(request)
        failed = True
        if processed:
            home.respond(request)
        if how == "gateway":
            return lose(Response(201))
        if how == "killed":
            raise KeyboardInterrupt
        raise TransportError("the connection broke", maybe_received=True, transient=True)

    home.send = send
    home.be(alarms=AlarmStatus.DER_FAULT_OVER_VOLTAGE)
    try:
        home.report(100)
    except KeyboardInterrupt:
        home.start()
        home.register()
        home.be(alarms=AlarmStatus.DER_FAULT_OVER_VOLTAGE)
        home.report(100)
    assert [(event.log_event_code, event.created_date_time) for event in home.log()] == [(2, BEGIN)]
    assert not home.reporter._log.owed


class KilledError(BaseException):
    """The process ends."""


@pytest.mark.unmeasured
@pytest.mark.parametrize("processed", [True, False])
def test_killed_at_any_request_no_log_event_is_lost_or_doubled(processed: bool) -> None:
    alarm = AlarmStatus.DER_FAULT_OVER_VOLTAGE
    for number in range(100):
        home = Reported()
        left = number

        def send(request: Request, home: Reported = home) -> Response:
            nonlocal left
            left -= 1
            if left == -1:
                if processed:
                    home.respond(request)
                raise KilledError
            return home.respond(request)

        home.send = send
        try:
            home.register()
            home.be(alarms=alarm)
            home.report(10)
            home.be()
            home.report(20)
        except KilledError:
            was_on = bool(home.reporter._status and home.reporter._status.alarms)
            home.start()
            home.register()
            # It goes on where it was.
            for alarms in (alarm, AlarmStatus(0)) if was_on or home.now < 10 else (AlarmStatus(0),):
                home.be(alarms=alarms)
                home.report(home.now + 10)
        assert [event.log_event_code for event in home.log()] == [2, 3], number
        assert len({event.log_event_id for event in home.log()}) == 2
        if left >= 0:
            assert number > 8
            return


def test_without_a_place_for_a_log_nothing_is_sent(home: Reported) -> None:
    home.register()
    home.reporter.note_end_device(EndDevice(sfdi=1, changed_time=0))
    home.be(alarms=AlarmStatus.DER_FAULT_OVER_VOLTAGE)
    home.report(100)
    assert not home.times(LOG, "POST") and home.times(STATUS) == [0]


def test_a_log_event_that_is_refused_is_not_sent_again(home: Reported) -> None:
    home.register()
    home.utility.outage(1000, 400, path="*/lel")
    home.be(alarms=AlarmStatus.DER_FAULT_OVER_VOLTAGE)
    home.report(1000)
    assert home.times(LOG, "POST") == [0]
    assert any("DER_FAULT_OVER_VOLTAGE" in each for each in home.session.findings)


@pytest.mark.unmeasured
def test_what_is_owed_is_bounded(home: Reported) -> None:
    home.register()
    home.utility.outage(1_000_000)
    for number in range(500):
        home.be(alarms=AlarmStatus(2 * (number % 2)))
    assert len(home.reporter._log.owed) == 200


def test_a_disk_that_fails_ends_nothing_and_is_tried_again(home: Reported) -> None:
    home.register()
    full = True

    def save(state: dict[str, Any]) -> None:
        if full:
            raise StateError("the disk is full", where="state.sqlite")
        home.saved = json.dumps(state)

    home.reporter._save_as = save
    home.be(alarms=AlarmStatus.DER_FAULT_OVER_VOLTAGE)
    home.report(10)
    home.be()
    home.report(20)
    assert [event.log_event_code for event in home.log()] == [2, 3]
    assert len(home.session.findings) == 1
    full = False
    home.reporter.note_rate(30)
    home.report(100)
    assert json.loads(home.saved)["log"] == {"alarms": 0, "next": 2, "owed": []}


# A server that does not take it


def test_a_server_that_fails_is_asked_again_and_less_often(home: Reported) -> None:
    home.register()
    home.utility.outage(400)
    home.be()
    home.report(700)
    assert home.times(STATUS) == [0, 10, 30, 70, 150, 310, 610]
    assert home.get("der/1/ders", DERStatus).reading_time == BEGIN + 610


def test_a_change_is_sent_at_once_to_a_server_that_failed(home: Reported) -> None:
    home.register()
    home.utility.outage(200)
    home.be()
    home.happens = {250: lambda: home.be(operating=False)}
    home.report(255)
    assert home.times(STATUS) == [0, 10, 30, 70, 150, 250]


@pytest.mark.parametrize("status", [400, 403, 404])
def test_what_is_refused_is_sent_again_at_the_rate_alone(home: Reported, status: int) -> None:
    home.register()
    home.reporter.note_rate(60)
    home.utility.outage(10_000, status)
    home.be()
    home.reporter.note_settings({"setGradW": 100})
    home.report(130)
    assert home.times(STATUS) == [0, 60, 120]
    assert home.times(SETTINGS) == [0, 0]
    assert home.session.findings


def test_without_contact_all_waits_and_nothing_is_lost(home: Reported) -> None:
    home.register()
    gone = True

    def send(request: Request) -> Response:
        if gone:
            home.requests.append((home.now, request.method, request.href))
            raise TransportError("no route", transient=True)
        return home.respond(request)

    home.send = send
    home.be(alarms=AlarmStatus.DER_FAULT_OVER_VOLTAGE)
    home.reporter.note_settings({"setGradW": 100})
    home.report(100)
    # Nothing more is asked in a round of a server that is not there.
    sent: list[Any] = [time for time, _, _ in home.requests if time > 0]
    assert len(sent) == len(set(sent))
    gone = False
    home.report(400)
    assert [event.created_date_time for event in home.log()] == [BEGIN]
    assert home.get("der/1/derg", DERSettings).set_grad_w == 100
    assert home.get("der/1/ders", DERStatus) is not None


def of_2023(der: SiteDER) -> SiteDER:
    """Return a DER without what CSIP-AUS adds."""
    settings = der.settings and replace(der.settings, doe_modes_enabled=None)
    return replace(der, capability=replace(der.capability, doe_modes_supported=None), settings=settings)


def test_in_2023_each_part_of_the_der_has_its_status_settings_and_availability() -> None:
    inverter, battery = (
        SiteDERComponent(lfdi=bytes(19) + bytes([number]), capability=der.capability, settings=der.settings)
        for number, der in enumerate((of_2023(make_der()), of_2023(make_battery())), 1)
    )
    home = Reported(replace(of_2023(make_der()), components=[inverter, battery]), profile="ieee-2023")
    home.register()
    home.reporter.note_rate(60)
    known = {"available_w": Decimal(3000), "state_of_charge": Decimal(50)}
    home.be(**known)
    home.happens = {
        30: lambda: home.be(connected=False, **known),
        40: lambda: home.reporter.note_settings({"setGradW": 50}),
    }
    home.report(70)
    for place in ("der/1", "der/1/dercomp/1", "der/1/dercomp/2"):
        assert home.times(f"/edev/1/{place}/ders") == [0, 30]
        assert home.times(f"/edev/1/{place}/derg")[-1] == 40
        assert home.get(f"{place}/derg", DERSettings).set_grad_w == 50
        status: DERStatus = home.get(f"{place}/ders", DERStatus)
        assert status.connect_status is not None and status.gen_connect_status is not None
        assert int(status.connect_status.value) == int(status.gen_connect_status.value) == 0
        assert status.connect_status.date_time == BEGIN + 30
        assert (status.state_of_charge_status is None) is (place == "der/1/dercomp/1")
    assert home.get("der/1/dercomp/2/dera", DERAvailability).availability_duration == 6000


@pytest.mark.parametrize(
    ("status", "bits"), [({}, 3), ({"operating": False}, 1), ({"connected": False}, 0), ({"failed": True}, 3)]
)
def test_in_2023_the_status_says_what_is_connected_and_energized(status: dict[str, Any], bits: int) -> None:
    home = Reported(of_2023(make_der()), profile="ieee-2023")
    home.register()
    home.be(**status)
    home.report(1)
    found: DERStatus = home.get("der/1/ders", DERStatus)
    assert found.connect_status is not None and int(found.connect_status.value) == bits
