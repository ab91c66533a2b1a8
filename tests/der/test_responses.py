"""Which responses are owed: those that are wanted and allowed, each once, in their order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from envoy.der.events import Event
from envoy.der.policies import Policy, Responses
from envoy.der.responses import DueResponse, ResponseLog, is_wanted
from envoy.documents import dumps
from envoy.profiles import get_profile
from envoy.validation.validate import validate
from sep2 import DERControlType, DERControlType2, ResponseStatus

RECEIVED, STARTED, OPTED_OUT = ResponseStatus(1), ResponseStatus(2), ResponseStatus(4)


def make_event(wants: int, reply_to: str = "/rsp") -> Event:
    return Event(mrid="A1", start=0, duration=1, response_required=wants, reply_to=reply_to)


@pytest.mark.parametrize("wants", range(8))
def test_each_bit_wants_its_own_responses(wants: int) -> None:
    bits = {1: 1, **dict.fromkeys((2, 3, 6, 7, 10, 13, 14, 15, 252, 253, 254), 2), **dict.fromkeys((4, 5, 8, 9), 4)}
    wanted = {status for status in bits if is_wanted(make_event(wants), ResponseStatus(status))}
    assert wanted == {status for status, bit in bits.items() if wants & bit}
    assert not any(is_wanted(make_event(wants, ""), ResponseStatus(status)) for status in bits)


def test_in_csip_aus_five_statuses_are_sent() -> None:
    policy = Policy(responses=Responses.CSIP_AUS)
    assert [int(status) for status in ResponseStatus if policy.allows(status)] == [1, 2, 3, 6, 7]
    assert not policy.allows(ResponseStatus.RESUMED)
    assert all(map(Policy().allows, ResponseStatus))


def test_a_response_is_owed_once_and_until_it_is_withdrawn() -> None:
    log = ResponseLog(Policy())
    event = make_event(3)
    assert log.add(event, RECEIVED, 5) and log.add(event, STARTED, 6)
    assert not log.add(event, STARTED, 7)
    assert log.owed == [DueResponse("A1", RECEIVED, 5, "/rsp"), DueResponse("A1", STARTED, 6, "/rsp")]
    assert log.withdraw("A1", STARTED) and not log.withdraw("A1", STARTED)
    assert not log.add(event, STARTED, 8)
    log.forget("A1")
    assert log.add(event, STARTED, 9)
    assert [due.created for due in log.owed] == [5, 9]


def test_what_is_not_wanted_is_not_owed_and_counts_as_given() -> None:
    log = ResponseLog(Policy())
    assert log.add(make_event(1), STARTED, 5) and not log.add(make_event(3), STARTED, 6)
    assert log.owed == []


def test_the_message_is_of_the_end_device() -> None:
    message = DueResponse("0A" * 16, STARTED, 1000, "/rsp").to_model(b"\1" * 20)
    assert (message.subject, message.status, message.created_date_time) == (b"\x0a" * 16, STARTED, 1000)
    assert message.end_device_lfdi == b"\1" * 20


def test_modes_that_a_response_is_about_are_bits_of_two_bitmaps() -> None:
    due = DueResponse("A1" * 16, STARTED, 5, "/rsp", ("opModFixedW", "opModDeltaW", "opModTargetV", "opModExpLimW"))
    message = due.to_model(bytes(20))
    assert message.modes_responded == DERControlType.OP_MOD_FIXED_W | DERControlType.OP_MOD_DELTA_W
    assert message.modes_responded_2 == DERControlType2.OP_MOD_TARGET_V
    assert validate(dumps(message, profile="ieee-2023"), profile="ieee-2023") == []
    one = replace(due, modes=("opModExpLimW",)).to_model(bytes(20))
    assert (one.modes_responded, one.modes_responded_2) == (DERControlType(0), None)
    none = replace(due, modes=()).to_model(bytes(20))
    assert (none.modes_responded, none.modes_responded_2) == (None, None)


@pytest.mark.parametrize(
    ("profile", "edition", "responses"),
    [("ieee-2018", "2018", "full"), ("ieee-2023", "2023", "full"), ("csip-aus-1.3", "2018", "csip-aus")],
)
def test_policy_of_a_profile(profile: str, edition: str, responses: str) -> None:
    policy = Policy.of_profile(get_profile(profile))
    assert (policy.edition, policy.responses) == (edition, responses)
    assert policy.refusal == (251 if edition == "2023" else 252)
