"""FunctionSetAssignments, and DERPrograms with their controls and curves, as an EndDevice sees them.

They are below the EndDevice, so that each site has addresses of its own; the mRIDs are the same for all sites.
"""

from __future__ import annotations

from typing import Any

from envoy.utility.function_sets.responses import offered_sets
from envoy.utility.programs import CURVE_MODES, StoredControl, StoredProgram
from envoy.utility.resource import ListResource, Reply, Resource, not_found
from envoy.utility.router import Route
from envoy.utility.tariffs import Tariffs
from sep2 import (
    ActiveDERControlListLink,
    DefaultDERControlLink,
    DERControl,
    DERControlBase,
    DERControlList,
    DERControlListLink,
    DERCurve,
    DERCurveLink,
    DERCurveList,
    DERCurveListLink,
    DERProgram,
    DERProgramList,
    DERProgramListLink,
    FunctionSetAssignments,
    FunctionSetAssignmentsList,
    ResponseSetListLink,
    SubscribableType,
    TariffProfileListLink,
    TimeLink,
)
from sep2 import PrimacyType as Primacy

_DESCRIPTION = 32
"""Most characters of a description."""


class _Assigned(Resource):
    """What an EndDevice is assigned."""

    def present_assignment(self, number: int, mrid: bytes, lfdi: bytes) -> FunctionSetAssignments:
        href = f"{self.end_device}/fsa/{number}"
        count = len(self.programs.programs_of(lfdi, number))
        return FunctionSetAssignments(
            href=href,
            mrid=mrid,
            der_program_list_link=DERProgramListLink(href=f"{href}/derp", all=count),
            response_set_list_link=ResponseSetListLink(href=f"{self.end_device}/rsps", all=len(offered_sets(self))),
            tariff_profile_list_link=self.present_tariffs(number, href),
            time_link=TimeLink(href="/tm"),
        )

    def present_tariffs(self, number: int, href: str) -> TariffProfileListLink | None:
        """Return the link to the tariffs of an assignment, which there may be in CSIP-AUS 1.3."""
        if not self.profile.csip_aus_1_3:
            return None
        tariffs = Tariffs(self.store, self.programs.new_mrid).tariffs(number)
        return TariffProfileListLink(href=f"{href}/tp", all=len(tariffs))

    def present_program(self, program: StoredProgram, lfdi: bytes) -> DERProgram:
        href = f"{self.end_device}/derp/{program.number}"
        controls = self.programs.controls_of(lfdi, program.number, self.now)
        active = sum(control.is_active(self.now) for control in controls)
        curves = len(self.programs.curves(program.number))
        return DERProgram(
            href=href,
            mrid=program.mrid,
            description=program.name[:_DESCRIPTION],
            active_der_control_list_link=ActiveDERControlListLink(href=f"{href}/actderc", all=active),
            default_der_control_link=DefaultDERControlLink(href=f"{href}/dderc"),
            der_control_list_link=DERControlListLink(href=f"{href}/derc", all=len(controls)),
            der_curve_list_link=DERCurveListLink(href=f"{href}/dc", all=curves) if curves else None,
            primacy=Primacy(program.primacy),
        )


class FunctionSetAssignmentsListResource(_Assigned, ListResource):
    """The function set assignments of an EndDevice: each a group of programs."""

    list_class = FunctionSetAssignmentsList
    subscribable = True

    def read_page(self, start: int, limit: int, after: int | None) -> tuple[int, list[Any]]:
        lfdi = self.site()
        assignments = self.programs.assignments_of(lfdi)
        return self.present_all(assignments, start, limit, lambda each: self.present_assignment(*each, lfdi))


class FunctionSetAssignmentsResource(_Assigned):
    """A function set assignment."""

    def get(self) -> Reply:
        lfdi, number = self.site(), self.number(2)
        mrid = dict(self.programs.assignments_of(lfdi)).get(number)
        if mrid is None:
            raise not_found()
        return Reply(200, self.present_assignment(number, mrid, lfdi))


class DERProgramListResource(_Assigned, ListResource):
    """The programs of an EndDevice: all of them."""

    list_class = DERProgramList
    subscribable = True

    def read_page(self, start: int, limit: int, after: int | None) -> tuple[int, list[Any]]:
        lfdi = self.site()
        programs = self.programs.programs_of(lfdi, self.assignment(lfdi))
        return self.present_all(programs, start, limit, lambda each: self.present_program(each, lfdi))

    def assignment(self, lfdi: bytes) -> int | None:
        """Return the number of the assignment whose programs these are; None for those of all."""
        return None


class AssignedDERProgramListResource(DERProgramListResource):
    """The programs in one function set assignment."""

    def assignment(self, lfdi: bytes) -> int | None:
        number = self.number(2)
        if number not in dict(self.programs.assignments_of(lfdi)):
            raise not_found()
        return number


class _OfProgram(_Assigned):
    """A program of an EndDevice, or what is below it."""

    @property
    def program_path(self) -> str:
        """Path of the program."""
        return "/".join(self.path.split("/", 5)[:5])

    def load_program(self) -> tuple[bytes, StoredProgram]:
        """Return the LFDI of the EndDevice, and the program."""
        lfdi = self.site()
        program = self.programs.program_of(lfdi, self.number(2))
        if program is None:
            raise not_found()
        return lfdi, program

    def present_control(self, control: StoredControl) -> DERControl:
        found = self.programs.control_document(control.number)
        found.href = f"{self.program_path}/derc/{control.number}"
        found.reply_to = f"{self.end_device}/rsps/derc/rsp"
        found.event_status = control.status(self.now)
        self.link_curves(found.der_control_base)
        return found

    def link_curves(self, base: DERControlBase) -> None:
        """Lead the links to curves to where this EndDevice sees them."""
        for name in CURVE_MODES:
            link: DERCurveLink | None = getattr(base, name)
            if link is not None:
                link.href = f"{self.program_path}/dc/{link.href}"


class DERProgramResource(_OfProgram):
    """A program."""

    def get(self) -> Reply:
        lfdi, program = self.load_program()
        return Reply(200, self.present_program(program, lfdi))


class CurrentDERProgramResource(_Assigned):
    """The program that a DER follows: that of lowest primacy with an active control, or else the first."""

    def get(self) -> Reply:
        lfdi = self.site()
        self.require(self.parent)
        programs = self.programs.programs_of(lfdi)
        if not programs:
            raise not_found()
        return Reply(200, self.present_program(next(filter(self._is_active(lfdi), programs), programs[0]), lfdi))

    def _is_active(self, lfdi: bytes) -> Any:
        def check(program: StoredProgram) -> bool:
            controls = self.programs.controls_of(lfdi, program.number, self.now)
            return any(control.is_active(self.now) for control in controls)

        return check


class DefaultDERControlResource(_OfProgram):
    """The default control of a program, empty if there is none."""

    def get(self) -> Reply:
        program = self.load_program()[1]
        found = self.programs.default_of(program.number)
        found.href, found.version = self.path, program.version
        found.subscribable = SubscribableType.NON_CONDITIONAL
        self.link_curves(found.der_control_base)
        return Reply(200, found)


class DERControlListResource(_OfProgram, ListResource):
    """The controls of a program that are not over."""

    list_class = DERControlList
    subscribable = True

    def read_page(self, start: int, limit: int, after: int | None) -> tuple[int, list[Any]]:
        controls = [each for each in self.load_controls() if after is None or each.start > after]
        return self.present_all(controls, start, limit, self.present_control)

    def load_controls(self) -> list[StoredControl]:
        """Return the controls, in order."""
        lfdi, program = self.load_program()
        return self.programs.controls_of(lfdi, program.number, self.now)


class ActiveDERControlListResource(DERControlListResource):
    """The controls of a program that are active."""

    # The clock changes it, and no order.
    subscribable = False

    def load_controls(self) -> list[StoredControl]:
        return [control for control in super().load_controls() if control.is_active(self.now)]


class DERControlResource(_OfProgram):
    """A control, also when it is over."""

    def get(self) -> Reply:
        lfdi, program = self.load_program()
        control = self.programs.control_of(lfdi, program.number, self.number(4))
        if control is None:
            raise not_found()
        return Reply(200, self.present_control(control))


class DERCurveListResource(_OfProgram, ListResource):
    """The curves of a program."""

    list_class = DERCurveList

    def read_page(self, start: int, limit: int, after: int | None) -> tuple[int, list[Any]]:
        curves = self.programs.curves(self.load_program()[1].number)
        return self.present_all(curves, start, limit, lambda each: self.present_curve(*each))

    def present_curve(self, number: int, document: bytes) -> DERCurve:
        curve: DERCurve = self.store.loads(document)
        curve.href = f"{self.program_path}/dc/{number}"
        return curve


class DERCurveResource(DERCurveListResource):
    """A curve."""

    def get(self) -> Reply:
        number, program = self.number(4), self.load_program()[1]
        document = dict(self.programs.curves(program.number)).get(number)
        if document is None:
            raise not_found()
        return Reply(200, self.present_curve(number, document))


ROUTES = (
    Route("/edev/{edev}/fsa", FunctionSetAssignmentsListResource),
    Route("/edev/{edev}/fsa/{fsa}", FunctionSetAssignmentsResource),
    Route("/edev/{edev}/fsa/{fsa}/derp", AssignedDERProgramListResource),
    Route("/edev/{edev}/derp", DERProgramListResource),
    Route("/edev/{edev}/derp/{derp}", DERProgramResource),
    Route("/edev/{edev}/derp/{derp}/dderc", DefaultDERControlResource),
    Route("/edev/{edev}/derp/{derp}/derc", DERControlListResource),
    Route("/edev/{edev}/derp/{derp}/derc/{derc}", DERControlResource),
    Route("/edev/{edev}/derp/{derp}/actderc", ActiveDERControlListResource),
    Route("/edev/{edev}/derp/{derp}/dc", DERCurveListResource),
    Route("/edev/{edev}/derp/{derp}/dc/{dc}", DERCurveResource),
    Route("/edev/{edev}/der/{der}/cdp", CurrentDERProgramResource),
)
