"""Where resources are on the server of envoy-client 0.1, which gives no links."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from envoy.protocol.paths import der_links, end_device_links, with_links
from sep2 import DER, DeviceCapability, EndDevice, EndDeviceListLink

T = TypeVar("T")


def resource(href: str, cls: type[T]) -> T:
    """Return what a server with links would answer for a resource: the links that the old paths stand for.

    Args:
        href: The resource.
        cls: DeviceCapability, EndDevice or DER.
    """
    known: dict[type, Callable[[], Any]] = {
        DeviceCapability: lambda: DeviceCapability(href=href, end_device_list_link=EndDeviceListLink(href="/edev")),
        EndDevice: lambda: with_links(EndDevice(href=href, sfdi=0, changed_time=0), end_device_links(href)),
        DER: lambda: with_links(DER(href=href), der_links(href)),
    }
    found: T = known[cls]()
    return found
