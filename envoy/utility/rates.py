"""How often clients are to poll and to post: the attributes pollRate and postRate, which can change at any time."""

from __future__ import annotations

import re
from typing import Any

from envoy.utility.store import Store
from sep2 import (
    DERList,
    DERProgramList,
    DeviceCapability,
    EndDevice,
    EndDeviceList,
    FunctionSetAssignmentsList,
    LogEventList,
    MirrorUsagePoint,
    MirrorUsagePointList,
    ResponseSetList,
    TariffProfileList,
    Time,
    TimeTariffIntervalList,
)

_USUAL: dict[type[Any], int] = {
    DeviceCapability: 300,
    EndDeviceList: 300,
    FunctionSetAssignmentsList: 300,
    DERProgramList: 60,
    DERList: 60,
    MirrorUsagePointList: 60,
    TariffProfileList: 300,
    TimeTariffIntervalList: 60,
    ResponseSetList: 900,
    LogEventList: 900,
    Time: 900,
}


def _name(cls: type) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", cls.__name__).lower()


_NAMES = {cls: _name(cls) for cls in _USUAL}

POLLED = tuple(_NAMES.values())
"""Names of the resources that have a pollRate: those of their classes, as in ``der_program_list``."""

POSTED = tuple(map(_name, (EndDevice, MirrorUsagePoint)))
"""Names of the resources that have a postRate."""


def set_poll_rate(store: Store, resource: Any, usual: int | None) -> None:
    """Set the pollRate of a resource, if its class has one.

    Args:
        store: Where the rates are that were ordered.
        resource: The resource.
        usual: That of every resource that no order was given about; None for the usual one of its class.
    """
    cls = type(resource)
    if cls in _NAMES:
        usual = _USUAL[cls] if usual is None else usual
        resource.poll_rate = (store.setting("poll_rates") or {}).get(_NAMES[cls], usual)


def post_rate(store: Store, cls: type[Any]) -> int | None:
    """Return the postRate that was ordered for the resources of a class, None if none was."""
    rate: int | None = (store.setting("post_rates") or {}).get(_name(cls))
    return rate
