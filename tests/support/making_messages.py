"""Messages that the tests of envoy.documents write and read."""

from __future__ import annotations

from typing import Any

from envoy.documents import dumps
from sep2 import (
    ActivePower,
    DERCapability,
    DERControlType,
    DERType,
    DOEControlType,
    EndDevice,
    Notification,
    NotificationStatus,
    Resource,
)

SEP = 'xmlns="urn:ieee:std:2030.5:ns"'

XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def capability(**fields: Any) -> DERCapability:
    required = {"modes_supported": DERControlType(1), "rtg_max_w": ActivePower.of(5000), "type": DERType(83)}
    return DERCapability(**required | {"doe_modes_supported": DOEControlType(3)} | fields)


def end_device(**fields: Any) -> EndDevice:
    return EndDevice(**{"sfdi": 167261211391, "changed_time": 0} | fields)


def notification(resource: Resource) -> Notification:
    return Notification(
        subscribed_resource="/edev/1/dercap",
        resource=resource,
        status=NotificationStatus.DEFAULT_STATUS,
        subscription_uri="/sub/1",
    )


NOTIFICATION = dumps(notification(capability(href="/edev/1/dercap")), profile="csip-aus-1.3")
