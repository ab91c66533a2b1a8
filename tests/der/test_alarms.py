"""LogEvent codes of the DER function set: those of an implementation that was not written here, and of the bits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from py20305.telemetry.log_events import DER_ALARM_NAMES, alarm_bits_to_log_events, alarm_log_event_code

from envoy import dumps, loads
from envoy.der.alarms import alarm_of, log_event_code, log_event_codes
from envoy.errors import EnvoyError
from sep2 import AlarmStatus, DERLogEventCode, LogEvent, LogEventFunctionSet, LogEventProfile

BITS = st.integers(0, 0xFFFF_FFFF).map(AlarmStatus)


def test_each_alarm_has_the_codes_that_py20305_has_for_it() -> None:
    theirs = {
        (1 << bit, returned): alarm_log_event_code(bit, returned_to_normal=returned)
        for bit in DER_ALARM_NAMES
        for returned in (False, True)
    }
    ours = {
        (alarm.value, returned): int(log_event_code(alarm, returned=returned))
        for alarm in AlarmStatus
        for returned in (False, True)
    }
    assert ours == theirs
    assert sorted(ours.values()) == list(DERLogEventCode) == list(range(22))


@given(BITS, BITS)
def test_what_changed_between_two_states_is_what_py20305_would_tell(before: AlarmStatus, now: AlarmStatus) -> None:
    assert log_event_codes(before, now) == [code for _, code in alarm_bits_to_log_events(before, now)]


@given(BITS)
def test_every_alarm_that_began_returns_to_normal(alarms: AlarmStatus) -> None:
    begun, ended = log_event_codes(AlarmStatus(0), alarms), log_event_codes(alarms, AlarmStatus(0))
    assert [alarm_of(code) for code in begun] == [alarm_of(code) for code in ended]
    assert [code + 1 for code in begun] == ended
    assert all(alarm_of(code) in alarms for code in begun)


def test_a_reserved_code_is_of_no_alarm() -> None:
    assert alarm_of(DERLogEventCode(22)) == AlarmStatus(0)


@pytest.mark.parametrize("alarm", [AlarmStatus(0), AlarmStatus(3), AlarmStatus(1 << 11)])
def test_what_is_not_one_known_alarm_has_no_code(alarm: AlarmStatus) -> None:
    with pytest.raises(EnvoyError):
        log_event_code(alarm)


def test_a_code_goes_into_a_log_event_as_the_number_that_it_is() -> None:
    event = LogEvent(
        created_date_time=0,
        function_set=LogEventFunctionSet.DISTRIBUTED_ENERGY_RESOURCES,
        log_event_code=DERLogEventCode.DER_FAULT_OVER_VOLTAGE_RTN,
        log_event_id=1,
        log_event_pen=0,
        profile_id=LogEventProfile.IEEE_2030_5,
    )
    data = dumps(event, validate=True)
    assert b"<logEventCode>3</logEventCode>" in data
    assert loads(data, LogEvent) == event
    # Other function sets have other codes, so what is read is a number.
    assert type(loads(data, LogEvent).log_event_code) is int
