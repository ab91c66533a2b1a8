"""The alarms of a DER: the bits of ``DERStatus.alarm_status``, and the LogEvents that report them.

A device that POSTs LogEvents reports an alarm when it begins and once more when it returns to normal. Each bit has a
code for either, and ``docs/explanation/conformance.md`` says what the numbers rest on::

    for code in log_event_codes(before, now):
        event = LogEvent(log_event_code=code, function_set=LogEventFunctionSet.DISTRIBUTED_ENERGY_RESOURCES, ...)
"""

from __future__ import annotations

from envoy.errors import EnvoyError
from sep2 import AlarmStatus, DERLogEventCode

_RETURNED = "_RTN"


def log_event_code(alarm: AlarmStatus, *, returned: bool = False) -> DERLogEventCode:
    """Return the ``logEventCode`` of an alarm.

    Args:
        alarm: One bit of ``DERStatus.alarm_status``.
        returned: The code of its return to normal, rather than of its beginning.

    Raises:
        EnvoyError: It is not one bit, or a reserved one, which has no code.
    """
    name = str(alarm.name)
    if name not in AlarmStatus.__members__:
        raise EnvoyError(
            f"0x{alarm.value:08X} is not one alarm that has a LogEvent code",
            remedy="Give one member of AlarmStatus; log_event_codes() takes several.",
        )
    return DERLogEventCode[f"{name}{_RETURNED}" if returned else name]


def log_event_codes(before: AlarmStatus, now: AlarmStatus) -> list[DERLogEventCode]:
    """Return the ``logEventCode`` of each alarm that began or returned to normal, in the order of the bits.

    Reserved bits have no code and are left out.

    Args:
        before: ``DERStatus.alarm_status`` as it was; ``AlarmStatus(0)`` at the start.
        now: As it is.
    """
    changed = before ^ now
    return [log_event_code(alarm, returned=alarm not in now) for alarm in AlarmStatus if alarm in changed]


def alarm_of(code: DERLogEventCode) -> AlarmStatus:
    """Return the bit of ``DERStatus.alarm_status`` that a code is about; 0 for a reserved code, which has none."""
    name = code.name.removesuffix(_RETURNED)
    return AlarmStatus.__members__.get(name, AlarmStatus(0))
