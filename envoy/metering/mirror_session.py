"""Conversation with a server about one mirror: find it, create it, describe it again (10.11.3)."""

from __future__ import annotations

from typing import Protocol

from envoy import documents
from envoy.errors import ResponseError, TransportError
from envoy.metering.mirror_state import MirrorStates
from envoy.metering.results import Posted
from envoy.profiles import Profile
from envoy.protocol.discovery import discover
from envoy.protocol.error_response import read_error
from envoy.protocol.flow import Flow, Request, Response, get_href
from envoy.protocol.paging import Pages
from envoy.protocol.results import Outcome
from envoy.protocol.session import Session
from sep2 import MirrorUsagePoint, MirrorUsagePointList

_STEP = "mirror"


class Peer(Protocol):
    """What posting has to know of the client that runs it, such as ``Client`` and ``AsyncClient``.

    Attributes:
        profile: How messages look on the wire.
        base: The server: scheme, host and port.
        entry: Path of DeviceCapability; None for the usual one.
        validate: Validate what is sent against the profile's schema.
    """

    profile: Profile
    base: str
    entry: str | None
    validate: bool


class MirrorSession(Session):
    """The conversation with a server about one mirror.

    Args:
        mirrors: What is known of the mirrors.
        mirror: mRID of the mirror.
        client: Whose server it is.

    Attributes:
        result: What was done.
        described_again: Whether the mirror was described to the server again.
    """

    def __init__(self, mirrors: MirrorStates, mirror: bytes, client: Peer) -> None:
        super().__init__(client.profile)
        self.mirrors = mirrors
        self.mirror = mirror
        self.client = client
        self.described_again = False
        self.result = Posted(mirror, mirrors.get(mirror).name, findings=self.findings)

    def establish(self) -> Flow[None]:
        """See that the server has the mirror, with all its channels."""
        known = self.mirrors.get(self.mirror)
        wanted = self.mirrors.usage_point(self.mirror)
        found = None
        if known.href and known.server == self.client.base:
            found = yield from self._get(known.href)
        list_href = ""
        if found is None:
            list_href = yield from self._find_list()
            found = yield from self._find(list_href)
        if found is None:
            self.mirrors.clear_place(self.mirror)
            yield from self._write(list_href, wanted, Outcome.CREATED)
            return
        self._note_mirror(found, Outcome.FOUND)
        if not self.mirrors.get(self.mirror).declared or _is_changed(wanted, found):
            yield from self.describe_again()

    def describe_again(self) -> Flow[None]:
        """Describe the mirror to the server again, in case it has forgotten a channel."""
        self.described_again = True
        try:
            list_href = yield from self._find_list()
            yield from self._write(list_href, self.mirrors.usage_point(self.mirror), Outcome.WRITTEN)
        except ResponseError as error:
            if not 400 <= error.status < 500:
                raise
            # The mirror is there, and what the server thinks of the readings is still to be seen.
            self.note(f"{error.where}: {error.what}; the mirror was left as it is")

    def _find_list(self) -> Flow[str]:
        """Return where the list of MirrorUsagePoints is."""
        capability = yield from discover(self, self.client.entry, _STEP)
        href = get_href(capability.mirror_usage_point_list_link)
        if not href:
            raise ResponseError(
                "the server offers no MirrorUsagePointListLink",
                status=200,
                where=f"DeviceCapability at {capability.href}",
                remedy="It takes no readings from this certificate: ask the utility.",
            )
        return href

    def _find(self, list_href: str) -> Flow[MirrorUsagePoint | None]:
        """Look for the mirror in the list, page by page; None if it is not there. One found has an href."""
        pages = Pages(self, _STEP, list_href, MirrorUsagePointList)
        found: MirrorUsagePoint | None = None
        while found is None and (page := (yield from pages.next())):
            found = next((each for each in page if self._is_ours(each)), None)
        if found is not None and not found.href:
            raise ResponseError(
                "the MirrorUsagePoint in the list has no href, so readings cannot be posted to it",
                status=200,
                where=f"GET {list_href}",
                remedy="This is an error of the server: report it to the utility.",
            )
        return found

    def _get(self, href: str) -> Flow[MirrorUsagePoint | None]:
        """GET the mirror at an href; None if there is none that can be read, or another one.

        It is another one where the mirror has expired, and its number has been given to another.
        """
        found = yield from self.find(_STEP, href, MirrorUsagePoint)
        if found is None or not self._is_ours(found):
            return None
        found.href = href
        return found

    def _is_ours(self, found: MirrorUsagePoint) -> bool:
        # Zeros in front may be left out.
        return found.mrid is not None and int.from_bytes(found.mrid) == int.from_bytes(self.mirror)

    def _write(self, list_href: str, wanted: MirrorUsagePoint, outcome: Outcome) -> Flow[None]:
        """POST the mirror, which makes a new one or replaces that of its mRID."""
        content = documents.dumps(wanted, profile=self.profile, validate=self.client.validate)
        request = Request(_STEP, "POST", list_href, content)
        response = yield from self.send_idempotent(request)
        if not response.ok:
            raise read_error(request, response)
        found = None
        if response.location:
            found = yield from self._get(response.location)
        if found is None:
            # There is no Location, or nothing that can be read there.
            found = yield from self._find(list_href)
        if found is None:
            raise ResponseError(
                f"the server responded with {response.status}, but the mirror is not there",
                status=response.status,
                where=str(request),
                remedy="This is an error of the server: report it to the utility.",
            )
        self._note_mirror(found, outcome)
        everything = [each.mrid for each in wanted.mirror_meter_reading]
        self.mirrors.set_place(self.mirror, self.client.base, found.href or "", found.post_rate, everything)

    def _note_mirror(self, found: MirrorUsagePoint, outcome: Outcome) -> None:
        href = found.href or ""
        self.result.href = href
        # What was created and then described again in one run was created.
        if self.result.outcome is not Outcome.CREATED:
            self.result.outcome = outcome
        known = [each.mrid for each in found.mirror_meter_reading if each.reading_type is not None]
        self.mirrors.set_place(self.mirror, self.client.base, href, found.post_rate, known)

    def send_idempotent(self, request: Request) -> Flow[Response]:
        """Send a request, and again after a lost response: by its mRIDs the server sees that it is the same."""
        try:
            return (yield request)
        except TransportError as error:
            if not error.maybe_received:
                raise
            return (yield request)


def _is_changed(wanted: MirrorUsagePoint, found: MirrorUsagePoint) -> bool:
    """Whether the server has another description than ours, of what it cannot change by itself."""
    return any(
        getattr(wanted, name) != getattr(found, name)
        for name in ("role_flags", "service_category_kind", "status", "device_lfdi")
    )
