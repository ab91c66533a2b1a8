"""EndDevices in a list: which of them is the one of an LFDI.

The lFDI of an EndDevice is optional in the schema, and some servers leave it out. Then the SFDI says which one it is,
and what the EndDevice itself says where the list says less. Where neither decides, nothing may be created: the site
could be there already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

import sep2
from envoy.errors import IdentityError, ResponseError
from envoy.identity import format_sfdi
from envoy.identity.dialects import IDENTITY_DIALECTS
from envoy.profiles import Profile
from envoy.protocol.dialects import PROTOCOL_DIALECTS
from envoy.protocol.flow import Flow, get_href
from envoy.protocol.paging import Pages
from envoy.protocol.session import Session

Found = TypeVar("Found", bound="sep2.EndDevice | ListedDevice")


class ListedDevice(NamedTuple):
    """An EndDevice as a list has it.

    Attributes:
        href: Where it is; empty if the list does not say.
        lfdi: Its LFDI; None if the list does not say.
        fixed: The server has refused before to change it to what the site describes.
    """

    href: str
    lfdi: bytes | None
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """Facts of a server that many registrations share, so that each need not ask for them again.

    Attributes:
        capability: Its DeviceCapability; its href is where it was found.
        find: Returns the EndDevice of an LFDI as the list had it when it was read: the one with the LFDI, else one with
            its SFDI, which may have another LFDI; None if it had neither.
        undecided: The first EndDevice in the list that says neither LFDI nor SFDI; empty if all do.
        kept: How often the server was seen to keep all of a message with extension elements, by kind of message.
    """

    capability: sep2.DeviceCapability
    find: Callable[[bytes], ListedDevice | None]
    undecided: str = ""
    kept: Counter[Hashable] = field(default_factory=Counter)


class DeviceIdentity:
    """The identity that an EndDevice has to have, LFDI and SFDI.

    Args:
        lfdi: The LFDI.
        profile: Decides which LFDIs are the same, and which SFDI belongs to one.

    Raises:
        IdentityError: The LFDI is not one.
    """

    def __init__(self, lfdi: bytes, profile: Profile) -> None:
        dialect = IDENTITY_DIALECTS[profile.dialect]
        self.lfdi = lfdi
        self.sfdi = dialect.sfdi_of_lfdi(lfdi)
        self.same_lfdi = dialect.same_lfdi

    def is_of(self, device: sep2.EndDevice) -> bool | None:
        """Return whether it is that of an EndDevice: by LFDI, else by SFDI; None if the EndDevice says neither.

        An SFDI of 0, which any LFDI with nine leading zeros has, says nothing.
        """
        if device.lfdi:
            return self.same_lfdi(device.lfdi, self.lfdi)
        return device.sfdi == self.sfdi if device.sfdi else None

    def conflict(self, device: ListedDevice) -> IdentityError:
        """Return the error that an EndDevice of another LFDI has the SFDI."""
        other = "unknown" if device.lfdi is None else device.lfdi.hex().upper()
        return IdentityError(
            f"the SFDI {format_sfdi(self.sfdi)} of the site is that of {device.href or 'an EndDevice'} already, whose "
            f"LFDI is {other}",
            where=device.href,
            remedy="LFDIs that share their first nine hex digits have the same SFDI, and a server has one EndDevice "
            "for each SFDI. Give the site another LFDI, or deregister that EndDevice if it is the site's.",
        )


def find_end_device(
    session: Session, href: str, lfdi: bytes, step: str = "end-device", *, pages: Pages | None = None
) -> Flow[sep2.EndDevice | None]:
    """Look for the EndDevice of an LFDI in the list, page by page; None if it is not there. One found has an href.

    Args:
        session: Reads the list.
        href: Where the list is.
        lfdi: The LFDI.
        step: Name of the registration step.
        pages: The pages of the list, for whoever wants to see what else they say; None to make them here.

    Raises:
        IdentityError: The LFDI is not one, or an EndDevice of another LFDI has its SFDI.
        ResponseError: The list cannot be read or does not end, the EndDevice in it has no href, or it is not there and
            one that is says neither LFDI nor SFDI.
    """
    identity = DeviceIdentity(lfdi, session.profile)
    doubtful: list[sep2.EndDevice] = []
    taken: sep2.EndDevice | None = None
    pages = pages or Pages(session, step, href, sep2.EndDeviceList)
    page: list[sep2.EndDevice]
    while page := (yield from pages.next()):
        for device in page:
            same = identity.is_of(device)
            if same and device.lfdi:
                return require_href(device, href)
            if same or same is None:
                doubtful.append(device)
            elif device.sfdi == identity.sfdi and taken is None:
                taken = device
    undecided: sep2.EndDevice | None = None
    by_sfdi: sep2.EndDevice | None = None
    # Those with the SFDI first.
    for device in sorted(doubtful, key=lambda device: not identity.is_of(device)):
        if by_sfdi is not None and not identity.is_of(device):
            break
        whole: sep2.EndDevice = yield from read_identity(session, device, step)
        same = identity.is_of(whole)
        if same and whole.lfdi:
            return require_href(whole, href)
        if same:
            by_sfdi = by_sfdi or whole
        elif same is None:
            undecided = undecided or device
        elif identity.sfdi in (device.sfdi, whole.sfdi):
            taken = taken or whole
    if by_sfdi is not None:
        return require_href(by_sfdi, href)
    if taken is not None:
        raise identity.conflict(ListedDevice(get_href(taken), taken.lfdi))
    if undecided is not None:
        raise undecided_error(get_href(undecided), href)
    return None


def read_identity(session: Session, device: sep2.EndDevice, step: str = "end-device") -> Flow[sep2.EndDevice]:
    """Return an EndDevice of a list with what it says itself where the list does not say its LFDI."""
    if device.lfdi or not device.href or not PROTOCOL_DIALECTS[session.profile.dialect].linked:
        return device
    whole: sep2.EndDevice | None = yield from session.find(step, device.href, sep2.EndDevice)
    if whole is None:
        return device
    whole.href = device.href
    whole.sfdi = whole.sfdi or device.sfdi
    return whole


def require_href(device: Found, list_href: str) -> Found:
    """Return an EndDevice of a list if it has an href.

    Raises:
        ResponseError: It has none.
    """
    if not device.href:
        raise ResponseError(
            "the EndDevice in the list has no href, so its links cannot be followed",
            status=200,
            where=f"GET {list_href}",
            remedy="This is an error of the server: report it to the utility.",
        )
    return device


def undecided_error(device: str, list_href: str) -> ResponseError:
    """Return the error that an EndDevice says neither LFDI nor SFDI, so that nobody knows whose it is.

    Args:
        device: Its href.
        list_href: That of the list.
    """
    return ResponseError(
        f"it cannot be seen whether the site is registered: {device or 'an EndDevice'} says neither lFDI nor sFDI",
        status=200,
        where=f"GET {list_href}",
        remedy="Nothing was created, since it may be there already. Report it to the utility: every EndDevice has an "
        "sFDI.",
    )
