"""Demand response of CSIP-AUS: the operational instructions that controls stand for, and their status.

A demand response device (AS/NZS 4755) is given its instructions as controls: 0 by ``opModConnect``, the others by
certain values of ``opModFixedW``. It reports an instruction that it follows as an operational mode of its own.
"""

from __future__ import annotations

from envoy.der.modes import Values
from sep2 import OperationalModeStatus

DISCONNECT = 0
"""The instruction that ``opModConnect`` gives."""

INSTRUCTIONS = {-1: 1, -5000: 2, -7500: 3, -10_000: 4, 0: 5, 5000: 6, 7500: 7, 10_000: 8}
"""The instructions that ``opModFixedW`` gives, by its value in hundredths of a percent."""

_FIRST_STATUS = 100


def find_instruction(values: Values) -> int | None:
    """Return the instruction, from 0 to 8, that the modes in force stand for; None for none of them."""
    if values.get("opModConnect") is False:
        return DISCONNECT
    fixed = values.get("opModFixedW")
    return INSTRUCTIONS.get(fixed) if isinstance(fixed, int) else None


def to_operational_mode(instruction: int | None) -> OperationalModeStatus:
    """Return the ``operationalModeStatus`` of a device that follows an instruction, or none."""
    if instruction is None:
        return OperationalModeStatus.OPERATIONAL_MODE
    return OperationalModeStatus(_FIRST_STATUS + instruction)
