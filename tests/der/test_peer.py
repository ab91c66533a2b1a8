"""Supersession beside py20305 0.16: four cases in which it ends a limit of CSIP-AUS that is in force.

``python -m tests.der.test_peer`` prints them side by side.
"""

from __future__ import annotations

import pytest
from py20305.events.state_machine import EventRecord, EventState
from py20305.events.supersession import compute_supersession
from py20305.models.sep.sep import Dercontrol1, DercontrolList
from py20305.xml.serialization import from_xml

from envoy import dumps
from envoy.der.events import Program
from envoy.der.record import State
from envoy.der.schedule import Schedule
from sep2 import (
    ActivePower,
    DateTimeInterval,
    DERControl,
    DERControlBase,
    DERControlList,
    DERProgram,
    EventCurrentStatus,
    EventStatus,
    PrimacyType,
)

BASE = DERControlBase
CASES = {
    "generation and export": (
        BASE(op_mod_gen_lim_w=ActivePower.of(100)),
        BASE(op_mod_exp_lim_w=ActivePower.of(200)),
        {"opModGenLimW": 1, "opModExpLimW": 2},
    ),
    "export, and export and generation": (
        BASE(op_mod_exp_lim_w=ActivePower.of(0)),
        BASE(op_mod_exp_lim_w=ActivePower.of(50), op_mod_gen_lim_w=ActivePower.of(30)),
        {"opModExpLimW": 1, "opModGenLimW": 2},
    ),
    "connect and generation, and export": (
        BASE(op_mod_connect=False, op_mod_gen_lim_w=ActivePower.of(0)),
        BASE(op_mod_exp_lim_w=ActivePower.of(200)),
        {"opModConnect": 1, "opModGenLimW": 1, "opModExpLimW": 2},
    ),
    "energize, and export": (
        BASE(op_mod_energize=False),
        BASE(op_mod_exp_lim_w=ActivePower.of(200)),
        {"opModEnergize": 1, "opModExpLimW": 2},
    ),
}
"""The modes of two events of one time, of primacy 1 and 2, and which of them each mode goes to."""


def make_control(number: int, base: DERControlBase) -> DERControl:
    return DERControl(
        mrid=bytes(15) + bytes([number]),
        creation_time=0,
        event_status=EventStatus(current_status=EventCurrentStatus.ACTIVE, date_time=0, potentially_superseded=False),
        interval=DateTimeInterval(start=100, duration=100),
        der_control_base=base,
    )


def read_theirs(control: DERControl) -> Dercontrol1:
    """Return a control as py20305 reads it from the wire."""
    body = dumps(DERControlList(all=1, results=1, der_control=[control]))
    (theirs,) = from_xml(body, DercontrolList).dercontrol
    return theirs


def follow(controls: list[DERControl]) -> dict[str, int]:
    """Return which control each mode goes to, by its number, when both run."""
    schedule = Schedule()
    programs = [
        Program.from_models(DERProgram(mrid=bytes([number]) * 16, primacy=PrimacyType(number)), controls=[control])
        for number, control in enumerate(controls, 1)
    ]
    schedule.update(150, programs)
    assert {record.state for record in schedule.records} == {State.ACTIVE}
    return {setting.mode: int(setting.mrid, 16) for setting in schedule.in_force()}


def find_superseded(controls: list[DERControl]) -> list[int]:
    """Return which controls py20305 supersedes, by their numbers."""
    records = [
        EventRecord(
            mrid=control.mrid,
            derc=read_theirs(control),
            program_href=f"/derp/{number}",
            primacy=number,
            state=EventState.ACTIVE,
            start=100,
            duration=100,
            server_status_time=0,
        )
        for number, control in enumerate(controls, 1)
    ]
    results = compute_supersession(records, {f"/derp/{number}": {"/edev/1"} for number in (1, 2)})
    return [int.from_bytes(result.superseded_mrid) for result in results]


@pytest.mark.parametrize("name", CASES)
def test_both_events_run_where_py20305_supersedes_the_second(name: str) -> None:
    first, second, expected = CASES[name]
    controls = [make_control(1, first), make_control(2, second)]
    assert follow(controls) == expected
    assert find_superseded(controls) == [2]


def main() -> None:
    """Print the cases side by side."""
    print(f"{'case':36} {'in force here':74} py20305")
    for name, (first, second, _) in CASES.items():
        controls = [make_control(1, first), make_control(2, second)]
        ours = ", ".join(f"{mode} of event {number}" for mode, number in follow(controls).items())
        dropped = ", ".join(map(str, find_superseded(controls)))
        print(f"{name:36} {ours:74} ends event {dropped} whole")


if __name__ == "__main__":
    main()
