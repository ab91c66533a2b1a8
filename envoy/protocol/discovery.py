"""Discovery of the resources of a server: DeviceCapability, and the list of EndDevices that it leads to."""

from __future__ import annotations

import sep2
from envoy.errors import ResponseError
from envoy.protocol import quirks
from envoy.protocol.dialects import PROTOCOL_DIALECTS
from envoy.protocol.flow import Flow, Request, get_href
from envoy.protocol.session import Session
from envoy.protocol.well_known import pick_path, read_editions

DEFAULT_ENTRY = "/dcap"
"""The usual path of DeviceCapability."""

WELL_KNOWN = "/.well-known/csipaus"
"""The path at which a CSIP-AUS 1.3 server may say where its DeviceCapability is."""


def discover(session: Session, entry: str | None, step: str = "device-capability") -> Flow[sep2.DeviceCapability]:
    """GET DeviceCapability; its href is where it was found.

    Args:
        session: Reads it, and keeps the findings.
        entry: Its path; None for the usual one.
        step: Name of the registration step.

    Raises:
        ResponseError: The server has none there, or refuses it.
    """
    known = PROTOCOL_DIALECTS[session.profile.dialect].resource(DEFAULT_ENTRY, sep2.DeviceCapability)
    if known is not None:
        return known
    if entry is None and session.profile.csip_aus_1_3:
        found = yield from _well_known(session, step)
        if isinstance(found, sep2.DeviceCapability):
            found.href = found.href or WELL_KNOWN
            return found
        entry = found
    href = entry or DEFAULT_ENTRY
    try:
        capability = yield from session.get(step, href, sep2.DeviceCapability)
    except ResponseError as error:
        if error.status != 404:
            raise
        raise ResponseError(
            error.what,
            status=404,
            where=error.where,
            remedy="The server has no DeviceCapability there: ask the utility for its path, and give it in the URL "
            "of the server.",
        ) from error
    capability.href = href
    return capability


def _well_known(session: Session, step: str) -> Flow[sep2.DeviceCapability | str | None]:
    """Return the path of DeviceCapability, or that itself where a redirect led to it; None if there is no such path."""
    request = Request(step, "GET", WELL_KNOWN)
    response = yield request
    if response.status in quirks.ABSENT_RESOURCE or (response.ok and not response.content.strip()):
        return None
    editions = read_editions(response.content) if response.ok else None
    if editions is not None:
        return pick_path(editions, session.profile, str(request))
    try:
        return session.read(request, response, sep2.DeviceCapability)
    except ResponseError as error:
        if error.status not in quirks.WELL_KNOWN_MISUSED:
            raise
        session.note(f"{error.where}: {error.what}; {DEFAULT_ENTRY} was read instead")
        return None


def end_device_list(capability: sep2.DeviceCapability) -> str:
    """Return where the list of EndDevices is.

    Raises:
        ResponseError: DeviceCapability has no link to it.
    """
    href = get_href(capability.end_device_list_link)
    if not href:
        raise ResponseError(
            "the server offers no EndDeviceListLink",
            status=200,
            where=f"DeviceCapability at {capability.href}",
            remedy="This certificate may have no access to end devices: ask the utility.",
        )
    return href
