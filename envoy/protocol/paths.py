"""The paths below an EndDevice and a DER, at the utility of this package and at the server of envoy-client 0.1.

A server chooses its own paths and the client follows links, so nothing of this is known to a registration with links.
"""

from __future__ import annotations

from typing import Any

import sep2


def end_device_links(href: str, *, ders: int | None = None, connection_point: bool = True) -> dict[str, Any]:
    """Return the links of an EndDevice, by field.

    Args:
        href: The EndDevice.
        ders: How many DERs it has; None leaves that out.
        connection_point: Whether it has one, which is CSIP-AUS.
    """
    links: dict[str, Any] = {
        "registration_link": sep2.RegistrationLink(href=f"{href}/rg"),
        "device_information_link": sep2.DeviceInformationLink(href=f"{href}/di"),
        "der_list_link": sep2.DERListLink(href=f"{href}/der", all=ders),
    }
    if connection_point:
        links["connection_point_link"] = sep2.Link(href=f"{href}/cp")
    return links


def der_links(href: str) -> dict[str, Any]:
    """Return the links of a DER, by field.

    Args:
        href: The DER.
    """
    return {
        "der_availability_link": sep2.DERAvailabilityLink(href=f"{href}/dera"),
        "der_capability_link": sep2.DERCapabilityLink(href=f"{href}/dercap"),
        "der_settings_link": sep2.DERSettingsLink(href=f"{href}/derg"),
        "der_status_link": sep2.DERStatusLink(href=f"{href}/ders"),
    }
