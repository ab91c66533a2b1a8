"""The admin plugin of ``cactus-client``: what it asks an administrator for becomes orders to ``envoy serve``."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cactus_client.admin import hookimpl
from cactus_client.model.config import ClientConfig
from cactus_client.model.context import AdminContext
from cactus_client.model.execution import ActionResult, StepExecution
from cactus_test_definitions.server.admin_instructions import AdminInstruction

from envoy import EnvoyError, ResponseError
from envoy.testing import UtilityServer
from envoy.utility.operator import Control, Program
from sep2 import EndDevice, MirrorUsagePoint

LEAD = 30
"""Seconds from now until a control starts that is scheduled for no time in particular, and that it lasts."""

ACTIVE = 600
"""Seconds that an active control lasts for which the procedure names no duration."""

_MODES = {
    "opModExpLimW": "op_mod_exp_lim_w",
    "opModImpLimW": "op_mod_imp_lim_w",
    "opModGenLimW": "op_mod_gen_lim_w",
    "opModLoadLimW": "op_mod_load_lim_w",
    "opModConnect": "op_mod_connect",
    "opModEnergize": "op_mod_energize",
    "opModFixedW": "op_mod_fixed_w",
    "rampTms": "ramp_tms",
    "randomizeStart_seconds": "randomize_start",
    "setGradW": "set_grad_w",
}

_RATES = {
    "DeviceCapability": "device_capability",
    "EndDeviceList": "end_device_list",
    "FunctionSetAssignmentsList": "function_set_assignments_list",
    "DERProgramList": "der_program_list",
    "DERList": "der_list",
    "MirrorUsagePointList": "mirror_usage_point_list",
    "MirrorUsagePoint": "mirror_usage_point",
}


@dataclass
class _ClientProgram:
    """The program of a client, in a FunctionSetAssignments of its own.

    Attributes:
        lfdi: LFDI of the client.
        annotation: What the procedure calls the assignment.
        fsa: Number of the assignment.
        primacy: Primacy of the program.
        program: The program.
    """

    lfdi: bytes
    annotation: str
    fsa: int
    primacy: int = field(init=False)
    program: Program = field(init=False)


class Administrator:
    """The administrator of a server that has seen nothing yet.

    Args:
        server: The server.
    """

    def __init__(self, server: UtilityServer) -> None:
        self._server = server
        self._programs: list[_ClientProgram] = []
        self._controls: list[Control] = []
        self._busy_until = 0

    @hookimpl
    async def admin_instruction(
        self, instruction: AdminInstruction, step: StepExecution, context: AdminContext
    ) -> ActionResult:
        """Follow an instruction."""
        name = instruction.type.value.replace("-", "_")
        follow: Callable[..., None] = getattr(self, name)
        follow(context.client_config_for(instruction.client), **instruction.parameters)
        return ActionResult.done()

    def ensure_end_device(self, client: ClientConfig, *, registered: bool, **_: Any) -> None:
        """Register the EndDevice of a client. Each comes with a DER and a Registration; none is there before."""
        if not registered:
            return
        with self._server.client(client.id) as connection:
            device = EndDevice(lfdi=bytes.fromhex(client.lfdi), sfdi=client.sfdi, changed_time=0)
            # It is there already if the client has done so itself.
            with contextlib.suppress(ResponseError):
                connection.post("/edev", device)

    def ensure_mup_list_empty(self, client: ClientConfig) -> None:
        """Remove the MirrorUsagePoints of a client."""
        with self._server.client(client.id) as connection:
            for mirror in list(connection.items("/mup", MirrorUsagePoint)):
                connection.delete(mirror.href)

    def set_client_access(self, client: ClientConfig, *, granted: bool) -> None:
        """Refuse all that comes from now on. The procedure has no other client that is still at it."""
        if not granted:
            self._server.fail_next(403, count=None)

    def ensure_fsa(self, client: ClientConfig, *, annotation: str = "", primacy: int | None = None) -> None:
        """Give a client a FunctionSetAssignments, which is there as soon as a program is in it."""
        self._program(client, annotation=annotation, primacy=primacy)

    def ensure_der_program(self, client: ClientConfig, *, fsa_annotation: str = "", primacy: int | None = None) -> None:
        """Give the program of an assignment its primacy. Subscribers expect that something changes."""
        program = self._program(client, annotation=fsa_annotation)
        self._put(program, program.primacy + 1 if primacy is None else primacy)

    def ensure_der_control_list(self, client: ClientConfig, *, subscribable: bool = False) -> None:
        """Give a client a DERControlList, which each program has; all of them can be subscribed to."""
        self._program(client)

    def create_der_control(
        self,
        client: ClientConfig,
        *,
        status: str,
        duration_seconds: int | None = None,
        start_offset_seconds: int | None = None,
        primacy: int | None = None,
        **values: Any,
    ) -> None:
        """Make a control that is active now, or that is scheduled, after all others if no time is named."""
        now = self._server.now()
        duration = duration_seconds or (ACTIVE if status == "active" else LEAD)
        if status == "active":
            start = now
        elif start_offset_seconds is not None:
            start = now + start_offset_seconds
        else:
            start = max(now + LEAD, self._busy_until)
        self._busy_until = max(self._busy_until, start + duration)
        program = self._program(client, primacy=primacy).program
        self._controls.append(program.control(start=start, duration=duration, **_named(values)))

    def create_default_der_control(self, client: ClientConfig, *, primacy: int | None = None, **values: Any) -> None:
        """Set the default control of a program."""
        self._program(client, primacy=primacy).program.default(**_named(values))

    def clear_der_controls(self, client: ClientConfig, *, all: bool = False) -> None:  # noqa: A002  # its name there
        """Cancel all controls that are not over, or the last one."""
        for control in self._controls if all else self._controls[-1:]:
            # It may be over.
            with contextlib.suppress(EnvoyError):
                control.cancel()

    def set_poll_rate(self, client: ClientConfig, *, resource: str, rate_seconds: int) -> None:
        """Set the pollRate of a resource."""
        self._server.poll_rates(**{_RATES[resource]: rate_seconds})

    def set_post_rate(self, client: ClientConfig, *, resource: str, rate_seconds: int) -> None:
        """Set the postRate of the MirrorUsagePoints."""
        self._server.post_rates(**{_RATES[resource]: rate_seconds})

    def _program(
        self, client: ClientConfig, *, annotation: str | None = None, primacy: int | None = None
    ) -> _ClientProgram:
        """Return the first program of a client that has an annotation and a primacy, made if there is none."""
        lfdi = bytes.fromhex(client.lfdi)
        for each in self._programs:
            if each.lfdi == lfdi and annotation in (None, each.annotation) and primacy in (None, each.primacy):
                return each
        made = _ClientProgram(lfdi, annotation or "", fsa=len(self._programs) + 1)
        self._put(made, 1 if primacy is None else primacy)
        self._programs.append(made)
        return made

    def _put(self, program: _ClientProgram, primacy: int) -> None:
        name = f"program of assignment {program.fsa}"
        program.primacy = primacy
        program.program = self._server.program(name, primacy=primacy, fsa=program.fsa, sites=program.lfdi)


def _named(values: dict[str, Any]) -> dict[str, Any]:
    return {_MODES[name]: value for name, value in values.items() if value is not None}
