"""Discovery of a mirror on the server: the list of MirrorUsagePoints, and one in it by its mRID."""

from __future__ import annotations

from envoy.errors import ResponseError
from envoy.protocol.discovery import discover
from envoy.protocol.flow import Flow, get_href
from envoy.protocol.paging import Pages
from envoy.protocol.session import Session
from sep2 import MirrorUsagePoint, MirrorUsagePointList

_STEP = "mirror"


def find_mirror_list(session: Session, entry: str | None) -> Flow[str]:
    """Return where the list of MirrorUsagePoints is.

    Raises:
        ResponseError: DeviceCapability cannot be read, or has no link to it.
    """
    capability = yield from discover(session, entry, _STEP)
    href = get_href(capability.mirror_usage_point_list_link)
    if not href:
        raise ResponseError(
            "the server offers no MirrorUsagePointListLink",
            status=200,
            where=f"DeviceCapability at {capability.href}",
            remedy="It takes no readings from this certificate: ask the utility.",
        )
    return href


def find_mirror(session: Session, list_href: str, mrid: bytes) -> Flow[MirrorUsagePoint | None]:
    """Look for the mirror of an mRID in the list, page by page; None if it is not there. One found has an href.

    Raises:
        ResponseError: The list cannot be read, or the mirror in it has no href.
    """
    pages = Pages(session, _STEP, list_href, MirrorUsagePointList)
    found: MirrorUsagePoint | None = None
    while found is None and (page := (yield from pages.next())):
        found = next((mirror for mirror in page if is_same_mrid(mirror.mrid, mrid)), None)
    if found is not None and not found.href:
        raise ResponseError(
            "the MirrorUsagePoint in the list has no href, so readings cannot be posted to it",
            status=200,
            where=f"GET {list_href}",
            remedy="This is an error of the server: report it to the utility.",
        )
    return found


def get_mirror(session: Session, href: str, mrid: bytes) -> Flow[MirrorUsagePoint | None]:
    """GET the mirror at an href; None if there is none that can be read, or another one.

    Raises:
        ResponseError: The server responded with another error status.
    """
    found = yield from session.find(_STEP, href, MirrorUsagePoint)
    if found is None:
        return None
    if not is_same_mrid(found.mrid, mrid):
        # The mirror has expired, and its number has been given to another.
        return None
    found.href = href
    return found


def is_same_mrid(one: bytes | None, other: bytes) -> bool:
    """Whether two mRIDs are the same; zeros in front may be left out."""
    return one is not None and int.from_bytes(one) == int.from_bytes(other)
