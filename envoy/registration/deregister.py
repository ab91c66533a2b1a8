"""The end of a registration: find the EndDevice of a site, and delete it.

Deleting an EndDevice deletes what is below it. Mirrors with readings are not below it, and stay until the server drops
them. Many utilities delete EndDevices themselves, and refuse the request.
"""

from __future__ import annotations

import sep2
from envoy.errors import IdentityError, ResponseError
from envoy.profiles import DEFAULT_PROFILE, Profile, get_profile
from envoy.protocol import quirks
from envoy.protocol.discovery import discover, end_device_list
from envoy.protocol.end_devices import DeviceIdentity, find_end_device
from envoy.protocol.error_response import read_error
from envoy.protocol.flow import Flow, Request, get_href
from envoy.protocol.session import Session

_STEP = "end-device"

_NOT_ALLOWED = frozenset({403, 405, 501})
"""How servers say that clients do not delete EndDevices."""


def deregister(lfdi: bytes, profile: str | Profile = DEFAULT_PROFILE, *, entry: str | None = None) -> Flow[bool]:
    """Delete the EndDevice of an LFDI: yield requests, take responses, return whether there was one to delete.

    What the server keeps below the EndDevice goes with it. That it is gone already is as good.

    Args:
        lfdi: LFDI of the site.
        profile: How messages look.
        entry: Path of DeviceCapability; None for the usual one.

    Raises:
        IdentityError: The LFDI is not one; nothing was sent.
        ResponseError: The server does not let it be found or deleted, or it cannot be seen which one it is.
    """
    found = yield from find_registered(lfdi, profile, entry=entry)
    return False if found is None else (yield from _delete(get_href(found)))


def find_registered(
    lfdi: bytes, profile: str | Profile = DEFAULT_PROFILE, *, entry: str | None = None
) -> Flow[sep2.EndDevice | None]:
    """Return the EndDevice of an LFDI as the server's list has it, with its href; None if it has none.

    Args:
        lfdi: LFDI of the site.
        profile: How messages look.
        entry: Path of DeviceCapability; None for the usual one.

    Raises:
        IdentityError: The LFDI is not one; nothing was sent.
        ResponseError: The server does not let it be found, or it cannot be seen which one it is.
    """
    session = Session(get_profile(profile))
    DeviceIdentity(lfdi, session.profile)
    capability = yield from discover(session, entry)
    try:
        return (yield from find_end_device(session, end_device_list(capability), lfdi))
    except IdentityError:
        # One of another LFDI has its SFDI.
        return None


def delete_registered(lfdi: bytes, href: str, profile: str | Profile = DEFAULT_PROFILE) -> Flow[bool]:
    """Delete an EndDevice that was found before, if it is still that of the LFDI; return whether it was there.

    Between the two somebody may have been asked, and the server may have another EndDevice there now.

    Args:
        lfdi: The LFDI that it had.
        href: Where it was.
        profile: How messages look.

    Raises:
        IdentityError: The LFDI is not one; nothing was sent.
        ResponseError: It is that of another site, or the server refuses to delete it.
    """
    session = Session(get_profile(profile))
    identity = DeviceIdentity(lfdi, session.profile)
    request = Request(_STEP, "GET", href)
    response = yield request
    if response.status in quirks.GONE:
        return False
    if identity.is_of(session.read(request, response, sep2.EndDevice)) is not True:
        raise ResponseError(
            "another EndDevice is there than when the list was read; it was not deleted",
            status=response.status,
            where=str(request),
            remedy="Somebody else registers devices at the same time: run it again.",
        )
    return (yield from _delete(href))


def _delete(href: str) -> Flow[bool]:
    request = Request(_STEP, "DELETE", href)
    response = yield request
    if response.ok or response.status in quirks.GONE:
        return response.ok
    error = read_error(request, response)
    if response.status in _NOT_ALLOWED:
        raise ResponseError(
            error.what,
            status=error.status,
            where=error.where,
            remedy="The server does not let this certificate delete the EndDevice: ask the utility to do it.",
            reason_code=error.reason_code,
        )
    raise error
