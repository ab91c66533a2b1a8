"""The protocol of each dialect: links, as the standard has them, or the fixed paths of envoy-client 0.1."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import sep2
from envoy.protocol.paths import der_links, end_device_links

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ProtocolDialect:
    """What servers of a dialect offer.

    Attributes:
        connection_point: Return the connection point that has an NMI.
        known: Return the links of a resource at an href, by the name of its class, where nobody needs to ask for them.
        lists_ders: Whether a new EndDevice has a list of DERs that can be read.
    """

    connection_point: Callable[[str], sep2.ConnectionPoint | sep2.EnvoyConnectionPoint]
    known: dict[str, Callable[[str], Any]]
    lists_ders: bool

    @property
    def linked(self) -> bool:
        """Whether servers have links, and so any resource that is not always at the same path."""
        return not self.known

    def resource(self, href: str, cls: type[T]) -> T | None:
        """Return the links of a resource at an href; None if the server has to be asked for them."""
        make: Callable[[str], T] | None = self.known.get(cls.__name__)
        return make(href) if make else None


PROTOCOL_DIALECTS = {
    "standard": ProtocolDialect(
        connection_point=lambda nmi: sep2.ConnectionPoint(connection_point_id=nmi), known={}, lists_ders=True
    ),
    "envoy-0.1": ProtocolDialect(
        # What is the connection point's identifier today was that of the meter then.
        connection_point=lambda nmi: sep2.EnvoyConnectionPoint(connection_point_id="", meter_id=nmi),
        known={
            "DeviceCapability": lambda href: sep2.DeviceCapability(
                href=href, end_device_list_link=sep2.EndDeviceListLink(href="/edev")
            ),
            "EndDevice": lambda href: sep2.EndDevice(href=href, sfdi=0, changed_time=0, **end_device_links(href)),
            "DER": lambda href: sep2.DER(href=href, **der_links(href)),
        },
        lists_ders=False,
    ),
}
"""The dialects by the name that a profile has for its own."""
