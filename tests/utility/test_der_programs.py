"""Programs, controls and curves, as sites see them while the clock runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from envoy.errors import EnvoyError
from envoy.utility import ManualClock, Program, Settings, Utility
from sep2 import (
    DER,
    CurveData,
    DefaultDERControl,
    DERControl,
    DERControlList,
    DERCurve,
    DERCurveList,
    DERCurveType,
    DERProgram,
    DERProgramList,
    DERUnitRefType,
    DeviceCapability,
    EndDevice,
    EndDeviceList,
    FunctionSetAssignments,
    FunctionSetAssignmentsList,
    PowerFactorWithExcitation,
    ResponseRequired,
    Time,
)
from tests.support.utilities import Client, new_lfdi

NOW = 1_700_000_000


class Sites:
    """A utility with a clock that stands still, and sites behind one client."""

    def __init__(self, utility: Utility, count: int = 1) -> None:
        self.utility = utility
        self.client = Client(utility)
        self.lfdis = [new_lfdi() for _ in range(count)]
        self.hrefs = [self.client.register(lfdi) for lfdi in self.lfdis]
        self.href = self.hrefs[0]

    def load(self, path: str, cls: type, site: int = 0, **query: Any) -> Any:
        return self.client.load(self.hrefs[site] + path, cls, **query)

    def status_of(self, path: str, site: int = 0) -> int:
        return self.client.get(self.hrefs[site] + path).status

    def statuses(self, program: Program, site: int = 0) -> list[int]:
        """Return the status of each control in the list of a program."""
        controls = self.load(f"/derp/{program.number}/derc", DERControlList, site, l=50).der_control
        return [int(control.event_status.current_status) for control in controls]

    def names(self, site: int = 0) -> list[str]:
        """Return the names of the programs of a site."""
        return [each.description for each in self.load("/derp", DERProgramList, site, l=50).der_program]


@pytest.fixture
def utility() -> Iterator[Utility]:
    with Utility(now=ManualClock(NOW)) as utility:
        yield utility


@pytest.fixture
def sites(utility: Utility) -> Sites:
    return Sites(utility)


@pytest.fixture
def program(utility: Utility) -> Program:
    return utility.program("export")


# The chain


def test_links_lead_from_the_end_device_to_the_control(any_utility: Utility) -> None:
    sites = Sites(any_utility)
    device = sites.load("", EndDevice)
    assert device.function_set_assignments_list_link.all == 0
    assert sites.client.load(device.function_set_assignments_list_link.href, FunctionSetAssignmentsList).all == 0

    made = any_utility.program("connect", primacy=3)
    made.default(op_mod_max_lim_w=5000, set_grad_w=27)
    control = made.control(duration=600, op_mod_connect=False, ramp_tms=6000)
    device = sites.load("", EndDevice)
    assert device.function_set_assignments_list_link.all == 1
    (fsa,) = sites.client.load(
        device.function_set_assignments_list_link.href, FunctionSetAssignmentsList
    ).function_set_assignments
    assert sites.client.load(fsa.href, FunctionSetAssignments) == fsa
    assert (fsa.der_program_list_link.all, fsa.response_set_list_link.all, fsa.time_link.href) == (1, 1, "/tm")
    (program,) = sites.client.load(fsa.der_program_list_link.href, DERProgramList).der_program
    assert sites.client.load(program.href, DERProgram) == program
    assert (program.description, program.primacy) == ("connect", 3)
    assert (program.der_control_list_link.all, program.active_der_control_list_link.all) == (1, 1)
    default = sites.client.load(program.default_der_control_link.href, DefaultDERControl)
    assert (default.der_control_base.op_mod_max_lim_w, default.set_grad_w, default.version) == (5000, 27, 1)
    (found,) = sites.client.load(program.der_control_list_link.href, DERControlList).der_control
    assert sites.client.load(found.href, DERControl) == found
    assert sites.client.load(program.active_der_control_list_link.href, DERControlList).der_control == [found]
    assert (found.mrid, found.der_control_base.op_mod_connect, found.der_control_base.ramp_tms) == (
        control.mrid,
        False,
        6000,
    )
    assert found.reply_to == f"{sites.href}/rsps/derc/rsp"
    assert found.response_required == ResponseRequired.MESSAGE_RECEIVED | ResponseRequired.SPECIFIC_RESPONSE


def test_a_der_leads_to_its_programs_and_to_the_current_one(utility: Utility, sites: Sites) -> None:
    assert sites.load("/der/1", DER).current_der_program_link is None
    assert sites.status_of("/der/1/cdp") == 404
    for name, primacy in (("first", 1), ("second", 2)):
        utility.program(name, primacy=primacy)
    der = sites.load("/der/1", DER)
    assert der.associated_der_program_list_link.href == f"{sites.href}/derp"
    assert sites.client.load(der.current_der_program_link.href, DERProgram).description == "first"
    utility.program("second").control(duration=10, op_mod_connect=True)
    assert sites.client.load(der.current_der_program_link.href, DERProgram).description == "second"


def test_mrids_end_in_the_pen(utility: Utility, sites: Sites, program: Program) -> None:
    control = program.control(duration=600, op_mod_connect=False)
    fsa = sites.load("/fsa/1", FunctionSetAssignments)
    for mrid in (control.mrid, fsa.mrid, sites.load("/derp/1", DERProgram).mrid):
        assert (len(mrid), mrid.hex()[-8:]) == (16, "00032473")


def test_lists_are_sorted_and_paged(utility: Utility, sites: Sites, program: Program) -> None:
    for name, primacy in (("c", 7), ("a", 2), ("b", 2)):
        utility.program(name, primacy=primacy)
    programs = sites.load("/derp", DERProgramList, l=9).der_program
    assert programs == sorted(programs, key=lambda each: (each.primacy, -int.from_bytes(each.mrid)))
    for start, creation in ((50, 3), (10, 1), (50, 9), (10, 1)):
        program.control(start=NOW + start, duration=5, op_mod_connect=False, creation_time=creation)
    controls = sites.load("/derp/1/derc", DERControlList, l=9).der_control
    keys = [(each.interval.start, -each.creation_time, -int.from_bytes(each.mrid)) for each in controls]
    assert keys == sorted(keys)
    for number, control in enumerate(controls):
        page = sites.load("/derp/1/derc", DERControlList, s=number)
        assert (page.all, page.results, page.der_control) == (4, 1, [control])
    later = sites.load("/derp/1/derc", DERControlList, l=9, a=NOW + 10)
    assert (later.all, later.der_control) == (2, controls[2:])


def test_hrefs_that_nothing_has_are_not_found(sites: Sites, program: Program) -> None:
    program.control(duration=10, op_mod_connect=True)
    programs = ("/derp/2", "/derp/x", "/derp/²", "/derp/1/derc/2", "/derp/1/dc/1")
    for path in (*programs, "/fsa/2", "/fsa/2/derp", "/der/9/cdp"):
        assert sites.status_of(path) == 404, path
    stranger = Client(sites.utility)
    assert stranger.get(f"{sites.href}/derp/1/derc").status == 404


# Who sees what


def test_programs_and_controls_are_for_one_site_some_or_all(utility: Utility) -> None:
    sites = Sites(utility, 3)
    utility.program("all")
    utility.program("one", sites=sites.lfdis[0])
    utility.program("two", sites=[sites.hrefs[0], sites.lfdis[1].hex()])
    utility.ask("program", name="two", sites=sites.hrefs[1])
    assert [sorted(sites.names(number)) for number in range(3)] == [["all", "one", "two"], ["all", "two"], ["all"]]
    shared = utility.program("all")
    for_all = shared.control(duration=9, op_mod_connect=True)
    for_one = shared.control(duration=9, op_mod_energize=True, sites=sites.lfdis[2])
    seen = [
        {each.mrid for each in sites.load(f"/derp/{shared.number}/derc", DERControlList, site, l=9).der_control}
        for site in range(3)
    ]
    assert seen == [{for_all.mrid}, {for_all.mrid}, {for_all.mrid, for_one.mrid}]
    assert sites.status_of(f"/derp/{shared.number}/derc/{for_one.number}", 2) == 200
    assert sites.status_of(f"/derp/{shared.number}/derc/{for_one.number}", 1) == 404


def test_one_control_is_made_in_several_programs(utility: Utility) -> None:
    sites = Sites(utility, 2)
    programs = [utility.program(str(number), sites=lfdi) for number, lfdi in enumerate(sites.lfdis)]
    controls = utility.control(programs, duration=60, op_mod_connect=False)
    assert [control.program.number for control in controls] == [1, 2]
    for number, control in enumerate(controls):
        (found,) = sites.load(f"/derp/{number + 1}/derc", DERControlList, number).der_control
        assert (found.mrid, control.mrid) == (controls[0].mrid, controls[0].mrid)
    controls[1].cancel()
    assert [sites.statuses(program, number) for number, program in enumerate(programs)] == [[1], [2]]
    with pytest.raises(EnvoyError, match="program"):
        utility.ask("control", program=[1, "2"], duration=60, values={})
    with pytest.raises(EnvoyError, match="there is no program 3"):
        utility.ask("control", program=[1, 3], duration=60, values={})
    assert sites.statuses(programs[0]) == [1]


def test_a_site_that_comes_later_sees_what_is_for_all_or_for_it(utility: Utility) -> None:
    lfdi = new_lfdi()
    utility.program("all")
    utility.program("its own", sites=lfdi)
    client = Client(utility)
    href = client.register(lfdi)
    assert client.load(f"{href}/derp", DERProgramList).all == 2


def test_more_sites_are_added_to_a_program_and_all_can_be(utility: Utility) -> None:
    sites = Sites(utility, 3)
    for lfdi in sites.lfdis[:2]:
        utility.program("some", sites=lfdi)
    assert [sites.names(number) for number in range(3)] == [["some"], ["some"], []]
    utility.program("some", primacy=9)
    assert [sites.names(number) for number in range(3)] == [["some"], ["some"], []]
    utility.program("some", sites="all")
    assert sites.names(2) == ["some"]
    assert sites.load("/derp/1", DERProgram, 2).primacy == 9


def test_an_assignment_that_goes_takes_its_programs_for_that_site_alone(utility: Utility) -> None:
    sites = Sites(utility, 2)
    utility.program("first", fsa=1)
    second = utility.program("second", fsa=2)
    second.control(duration=60, op_mod_connect=False)
    utility.remove_assignment(2, sites.lfdis[0])
    gone = ("/fsa/2", "/fsa/2/derp", "/derp/2", "/derp/2/derc", "/derp/2/derc/1", "/derp/2/dderc")
    assert [sites.status_of(path) for path in gone] == [404] * 6
    assert [sites.status_of(path, 1) for path in gone] == [200] * 6
    assert sites.names(0) == ["first"]
    assert sorted(sites.names(1)) == ["first", "second"]
    assert sites.load("", EndDevice).function_set_assignments_list_link.all == 1
    utility.restore_assignment(2, sites.href)
    assert sites.status_of("/fsa/2") == 200


def test_programs_may_stay_where_they_were_though_nothing_leads_there(utility: Utility, sites: Sites) -> None:
    program = utility.program("first", fsa=1)
    utility.remove_assignment(1, sites.lfdis[0], reachable=True)
    program.control(duration=60, op_mod_connect=False)
    assert [sites.status_of(path) for path in ("/fsa/1", "/fsa/1/derp", "/derp/1", "/derp/1/derc")] == [
        404,
        404,
        200,
        200,
    ]
    assert sites.names(0) == []
    assert sites.load("", EndDevice).function_set_assignments_list_link.all == 0


def test_assignments_are_listed_by_number_and_by_mrid(utility: Utility, sites: Sites) -> None:
    for number in (3, 1, 1_000_000, 2):
        utility.program(f"in {number}", fsa=number)
    found = sites.load("/fsa", FunctionSetAssignmentsList, l=9).function_set_assignments
    assert [each.href.rpartition("/")[2] for each in found] == ["1", "2", "3", "1000000"]
    assert [each.mrid for each in found] == sorted((each.mrid for each in found), reverse=True)


def test_a_program_in_one_assignment_is_not_in_another(utility: Utility, sites: Sites) -> None:
    utility.program("first", fsa=1)
    utility.program("second", fsa=2)
    for number, name in ((1, "first"), (2, "second")):
        (found,) = sites.load(f"/fsa/{number}/derp", DERProgramList, l=9).der_program
        assert found.description == name


def test_a_program_goes_with_all_it_has(utility: Utility, sites: Sites, program: Program) -> None:
    program.control(duration=60, op_mod_connect=False)
    program.remove()
    assert sites.status_of("/derp/1/derc") == 404
    assert sites.names() == []
    assert utility.store.value("SELECT count(*) FROM control") == 0
    with pytest.raises(EnvoyError, match="there is no program 1"):
        program.control(duration=1, op_mod_connect=True)


# The state of events


def test_the_status_follows_the_clock(utility: Utility, sites: Sites, program: Program) -> None:
    control = program.control(start=NOW + 100, duration=50, op_mod_connect=False)
    path = f"/derp/1/derc/{control.number}"
    for step, status, since in ((0, 0, NOW), (99, 0, NOW), (1, 1, NOW + 100), (49, 1, NOW + 100)):
        utility.advance(step)
        found = sites.load(path, DERControl).event_status
        assert (found.current_status, found.date_time, found.potentially_superseded) == (status, since, False)
        assert sites.load("/derp/1/actderc", DERControlList).all == status
        assert sites.load("/derp/1", DERProgram).active_der_control_list_link.all == status
    utility.advance(1)
    assert sites.statuses(program) == []
    assert sites.load("/derp/1", DERProgram).der_control_list_link.all == 0
    assert sites.load(path, DERControl).event_status.current_status == 1


def test_a_status_is_not_of_the_future_when_the_clock_is_put_back(
    utility: Utility, sites: Sites, program: Program
) -> None:
    control = program.control(duration=600, op_mod_connect=False)
    control.cancel()
    utility.set_time(offset=-100)
    found = sites.load(f"/derp/1/derc/{control.number}", DERControl).event_status
    assert (found.current_status, found.date_time) == (2, NOW - 100)


@pytest.mark.parametrize(
    ("randomization", "earliest", "latest"),
    [
        ({"randomize_start": 30}, 100, 180),
        ({"randomize_start": -30}, 70, 150),
        ({"randomize_duration": 20}, 100, 170),
        ({"randomize_duration": -20}, 100, 150),
        ({"randomize_start": -30, "randomize_duration": 20}, 70, 170),
    ],
)
def test_a_control_is_active_from_its_earliest_start_and_listed_until_its_latest_end(
    utility: Utility, sites: Sites, program: Program, randomization: dict[str, int], earliest: int, latest: int
) -> None:
    program.control(start=NOW + 100, duration=50, op_mod_connect=False, **randomization)
    utility.advance(earliest - 1)
    assert sites.statuses(program) == [0]
    utility.advance(1)
    assert sites.statuses(program) == [1]
    utility.advance(latest - earliest - 1)
    assert sites.statuses(program) == [1]
    utility.advance(1)
    assert sites.statuses(program) == []


@pytest.mark.parametrize(
    ("randomization", "asked", "status"),
    [({}, None, 2), ({"randomize_start": 30}, None, 3), ({"randomize_start": 30}, False, 2), ({}, True, 3)],
)
def test_a_cancelled_control_stays_in_the_list_until_its_end(
    utility: Utility,
    sites: Sites,
    program: Program,
    randomization: dict[str, int],
    asked: bool | None,
    status: int,
) -> None:
    control = program.control(duration=100, op_mod_connect=False, **randomization)
    utility.advance(10)
    control.cancel(randomized=asked)
    found = sites.load("/derp/1/derc/1", DERControl).event_status
    assert (found.current_status, found.date_time) == (status, NOW + 10)
    assert sites.load("/derp/1/actderc", DERControlList).all == 0
    utility.advance(5)
    control.cancel()
    assert sites.load("/derp/1/derc/1", DERControl).event_status == found
    assert sites.statuses(program) == [status]
    utility.advance(200)
    assert sites.statuses(program) == []


def test_a_control_that_is_over_cannot_be_cancelled(utility: Utility, program: Program) -> None:
    control = program.control(duration=10, op_mod_connect=False)
    utility.advance(10)
    with pytest.raises(EnvoyError, match="is over"):
        control.cancel()


def test_the_later_of_two_that_overlap_supersedes_the_other(utility: Utility, sites: Sites, program: Program) -> None:
    program.control(start=NOW + 600, duration=300, op_mod_exp_lim_w=1, op_mod_imp_lim_w=1)
    utility.advance(3)
    winner = program.control(start=NOW + 660, duration=60, op_mod_exp_lim_w=2)
    found = sites.load("/derp/1/derc/1", DERControl).event_status
    assert (found.current_status, found.date_time) == (4, NOW + 3)
    assert (found.potentially_superseded, found.potentially_superseded_time) == (True, NOW + 3)
    assert sites.statuses(program) == [4, 0]
    winner.cancel()
    assert sites.statuses(program) == [4, 2]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"start": NOW + 700, "op_mod_exp_lim_w": 2}, id="begins when the first ends"),
        pytest.param({"start": NOW + 500, "op_mod_exp_lim_w": 2}, id="ends when the first begins"),
        pytest.param({"start": NOW + 600, "op_mod_gen_lim_w": 2, "ramp_tms": 1}, id="has no mode of it"),
        pytest.param({"start": NOW + 650, "op_mod_exp_lim_w": 2, "duration": 0}, id="has no duration"),
    ],
)
def test_what_does_not_overlap_supersedes_nothing(sites: Sites, program: Program, other: dict[str, Any]) -> None:
    program.control(start=NOW + 600, duration=100, op_mod_exp_lim_w=1, ramp_tms=1)
    program.control(**{"duration": 100, **other})
    assert sites.statuses(program) == [0, 0]


def test_programs_do_not_supersede_each_other(utility: Utility, sites: Sites) -> None:
    programs = [utility.program(str(primacy), primacy=primacy) for primacy in (1, 2)]
    for program in programs:
        program.control(duration=100, op_mod_exp_lim_w=1)
    assert [sites.statuses(program) for program in programs] == [[1], [1]]


def test_a_control_for_one_site_supersedes_that_for_all_there_alone(utility: Utility) -> None:
    sites = Sites(utility, 2)
    program = utility.program("export")
    program.control(duration=100, op_mod_exp_lim_w=1)
    program.control(duration=100, op_mod_exp_lim_w=2, sites=sites.lfdis[0])
    assert sorted(sites.statuses(program, 0)) == [1, 4]
    assert sites.statuses(program, 1) == [1]
    program.control(duration=100, op_mod_exp_lim_w=3)
    assert sorted(sites.statuses(program, 0)) == [1, 4, 4]
    assert sorted(sites.statuses(program, 1)) == [1, 4]


def test_a_list_for_the_operator_has_a_control_superseded_once_it_is_at_all_its_sites(utility: Utility) -> None:
    sites = Sites(utility, 2)
    program = utility.program("export")

    def statuses() -> list[int]:
        (found,) = utility.list_programs()
        return [control["status"] for control in sorted(found["controls"], key=lambda each: each["control"])]

    program.control(duration=100, op_mod_exp_lim_w=1, sites=sites.lfdis)
    program.control(duration=100, op_mod_exp_lim_w=2, sites=sites.lfdis[0])
    assert statuses() == [1, 1]
    program.control(duration=100, op_mod_exp_lim_w=3, sites=sites.lfdis)
    assert statuses() == [4, 4, 1]
    program.control(duration=100, op_mod_exp_lim_w=4)
    assert statuses() == [4, 4, 4, 1]
    program.control(duration=100, op_mod_exp_lim_w=5, sites=sites.lfdis)
    assert statuses() == [4, 4, 4, 1, 1]


def test_events_that_are_over_are_forgotten_with_what_was_said_of_them() -> None:
    with Utility(Settings(keep_events=1000), now=ManualClock(NOW)) as utility:
        sites = Sites(utility)
        program = utility.program("export")
        program.control(duration=5000, op_mod_exp_lim_w=1)
        program.control(duration=100, op_mod_exp_lim_w=2)
        program.control(duration=100, op_mod_energize=True, sites=sites.lfdis[0])
        utility.advance(1099)
        assert sites.status_of("/derp/1/derc/3") == 200
        utility.advance(61)
        assert sites.status_of("/derp/1/derc/3") == 404
        # The second has superseded the first, which still runs.
        assert sites.statuses(program) == [4]
        utility.advance(5000)
        assert sites.statuses(program) == []
        for table in ("control", "control_site", "supersession", "response"):
            assert utility.store.value(f"SELECT count(*) FROM {table}") == 0  # noqa: S608


# Defaults, curves and values


def test_a_default_is_replaced_as_a_whole_and_keeps_its_mrid(sites: Sites, program: Program) -> None:
    before = sites.load("/derp/1/dderc", DefaultDERControl)
    assert (before.version, before.der_control_base.op_mod_exp_lim_w) == (0, None)
    program.default(op_mod_exp_lim_w=1500, set_grad_w=27)
    program.default(op_mod_imp_lim_w=70_000)
    after = sites.load("/derp/1/dderc", DefaultDERControl)
    assert (after.mrid, after.version, after.set_grad_w) == (before.mrid, 2, None)
    assert float(after.der_control_base.op_mod_imp_lim_w) == 70_000
    assert after.der_control_base.op_mod_exp_lim_w is None


def test_modes_lead_to_curves_of_the_program(sites: Sites, program: Program) -> None:
    curve = program.curve(
        curve_type=DERCurveType(11),
        curve_data=[CurveData(xvalue=95, yvalue=40), CurveData(xvalue=105, yvalue=-40)],
        x_multiplier=0,
        y_multiplier=0,
        y_ref_type=DERUnitRefType(1),
    )
    program.control(duration=60, op_mod_volt_var=curve)
    program.default(op_mod_volt_watt=curve)
    (control,) = sites.load("/derp/1/derc", DERControlList).der_control
    assert sites.load("/derp/1", DERProgram).der_curve_list_link.all == 1
    link = control.der_control_base.op_mod_volt_var
    found = sites.client.load(link.href, DERCurve)
    assert (found.href, found.curve_data[1].yvalue) == (link.href, -40)
    assert sites.load("/derp/1/dc", DERCurveList).der_curve == [found]
    assert sites.load("/derp/1/dderc", DefaultDERControl).der_control_base.op_mod_volt_watt.href == link.href


def test_values_may_be_typed(sites: Sites, program: Program) -> None:
    factor = PowerFactorWithExcitation.of(0.95, excitation=True)
    program.control(duration=60, op_mod_fixed_pf_inject_w=factor, op_mod_exp_lim_w=1500.0, description="why")
    (control,) = sites.load("/derp/1/derc", DERControlList).der_control
    assert control.der_control_base.op_mod_fixed_pf_inject_w == factor
    assert (control.description, float(control.der_control_base.op_mod_exp_lim_w)) == ("why", 1500)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"op_mod_exp_lim": 1}, "op_mod_exp_lim_w"),
        ({"op_mod_exp_lim_w": 1.00001}, "op_mod_exp_lim_w"),
        ({"op_mod_max_lim_w": 70_000}, "opModMaxLimW"),
        ({"op_mod_connect": 1}, "op_mod_connect"),
        ({"randomize_start": 40_000}, "randomizeStart"),
        ({"event_status": 1}, "event_status"),
        ({"start": "now"}, "start"),
        ({"duration": -1}, "duration"),
        ({"duration": 1.5}, "duration"),
        ({"duration": True}, "duration"),
        ({"op_mod_volt_var": 7}, "op_mod_volt_var"),
        ({"sites": "/edev/9"}, "/edev/9"),
    ],
)
def test_a_value_that_is_not_what_it_should_be_is_named(
    utility: Utility, program: Program, values: dict[str, Any], reason: str
) -> None:
    with pytest.raises(EnvoyError, match=reason):
        program.control(**{"duration": 60, "op_mod_energize": True, **values})
    assert utility.list_programs()[0]["controls"] == []


def test_a_mode_that_the_profile_does_not_have_is_refused() -> None:
    with Utility(Settings("csip-aus-1.2")) as utility, pytest.raises(EnvoyError, match="opModStorageTargetW"):
        utility.program("storage").control(duration=60, op_mod_storage_target_w=100)


# Rates, and what stays


def test_rates_change_while_it_runs(utility: Utility, sites: Sites) -> None:
    assert sites.load("/derp", DERProgramList).poll_rate == 60
    assert sites.client.load("/edev", EndDeviceList).poll_rate == 300
    utility.poll_rates(der_program_list=120, device_capability=30)
    utility.poll_rates(end_device_list=90)
    utility.post_rates(end_device=45)
    assert sites.load("/fsa", FunctionSetAssignmentsList).poll_rate == 300
    assert sites.load("/derp", DERProgramList).poll_rate == 120
    assert sites.client.load("/dcap", DeviceCapability).poll_rate == 30
    assert sites.client.load("/edev", EndDeviceList).poll_rate == 90
    assert sites.load("", EndDevice).post_rate == 45
    for rates in ({"derp": 60}, {"time": -1}):
        with pytest.raises(EnvoyError):
            utility.poll_rates(**rates)


def test_one_poll_rate_is_that_of_all_until_another_is_ordered() -> None:
    with Utility(Settings(poll_rate=5)) as utility:
        client = Client(utility)
        utility.poll_rates(time=90)
        rates = {
            cls: client.load(path, cls).poll_rate
            for path, cls in (("/dcap", DeviceCapability), ("/edev", EndDeviceList), ("/tm", Time))
        }
        assert rates == {DeviceCapability: 5, EndDeviceList: 5, Time: 90}


def test_all_stays_in_the_file(tmp_path: Path) -> None:
    file, clock = tmp_path / "utility.db", ManualClock(NOW)
    with Utility(database=file, now=clock) as utility:
        sites = Sites(utility)
        program = utility.program("export", fsa=3)
        program.default(op_mod_exp_lim_w=1)
        control = program.control(duration=600, op_mod_exp_lim_w=2)
        utility.poll_rates(der_program_list=7)
        control.cancel()
    with Utility(database=file, now=clock) as utility:
        sites.client.utility = utility
        assert sites.load("/fsa/3/derp", DERProgramList).poll_rate == 7
        assert sites.statuses(program) == [2]
        assert sites.load("/derp/1/dderc", DefaultDERControl).version == 1
        utility.reset()
        assert utility.list_programs() == []
