"""Survey of the server, once for a whole fleet: DeviceCapability, its clock, and the list of EndDevices."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from envoy.client.async_client import AsyncClient
from envoy.errors import ResponseError, TransportError
from envoy.fleet.run_index import Index
from envoy.profiles import Profile
from envoy.protocol.discovery import discover, end_device_list
from envoy.protocol.edition import Edition
from envoy.protocol.end_devices import ListedDevice, ServerFacts, read_identity
from envoy.protocol.flow import Flow, Request, Response, get_href
from envoy.protocol.paging import Pages
from envoy.protocol.retry import RetryPolicy, retry_flow
from envoy.protocol.session import Session
from sep2 import DeviceCapability, EndDevice, EndDeviceList, Time

T = TypeVar("T")

MAX_FINDINGS = 100
"""Findings that are kept, so that a list of nothing else does not take all memory and time."""

_RETRIES = RetryPolicy(4, max_wait=5)
"""When to read a page again that the server fails to give. One such page must not end a run over thousands of sites."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known of the server.

    Attributes:
        known: What a registration need not ask again.
        devices: How many EndDevices the list has.
        clock_offset: Server time minus local time in seconds; None if the server does not say.
        findings: What the server sent that does not fit.
    """

    known: ServerFacts
    devices: int
    clock_offset: int | None = None
    findings: list[str] = field(default_factory=list)


async def survey(
    client: AsyncClient,
    index: Index,
    find: Callable[[bytes], ListedDevice | None] | None = None,
    *,
    writes: bool = True,
) -> Survey:
    """Read the list of EndDevices to its end, page by page, into an index.

    Args:
        client: A client of the server.
        index: What takes the EndDevices; those it has are forgotten.
        find: Finds them there; None for the index itself.
        writes: Whether something is to be written after it.

    Raises:
        ProfileError: Something is to be written, and the server speaks another edition of CSIP-AUS.
        ResponseError: DeviceCapability or the list cannot be read.
        TransportError: No response came.
    """
    session = _SurveySession(client.profile)
    capability = await client.run(retry_flow(lambda: discover(session, client.entry), _RETRIES))
    offset = None
    try:
        offset = await client.run(retry_flow(lambda: _clock_offset(session, capability), _RETRIES))
    except (ResponseError, TransportError) as error:
        # The clock is only compared.
        session.note(f"{error.where}: {error.what}; the clocks were not compared")
    index.forget_devices()
    href = end_device_list(capability)
    pages = Pages(session, "end-device", href, EndDeviceList, seen=index)
    devices, undecided = 0, ""
    while page := await client.run(retry_flow(pages.next, _RETRIES)):
        devices += len(page)
        for device in page:
            if not (device.lfdi or device.sfdi):
                device = await client.run(retry_flow(partial(read_identity, session, device), _RETRIES))
            if device.lfdi or device.sfdi:
                _add(session, index, device)
            else:
                undecided = undecided or get_href(device) or "an EndDevice"
    if writes:
        session.edition.check()
    if session.more:
        session.findings.append(f"and {session.more} more findings in what the server sent")
    return Survey(ServerFacts(capability, find or index.find, undecided), devices, offset, session.findings)


class _SurveySession(Session):
    """A session that keeps some findings and counts the rest."""

    def __init__(self, profile: Profile) -> None:
        super().__init__(profile)
        self.edition = Edition(profile)
        self.more = 0

    def read(self, request: Request, response: Response, cls: type[T]) -> T:
        if response.ok:
            self.edition.observe(response.content)
        return super().read(request, response, cls)

    def note(self, text: str) -> None:
        if len(self.findings) < MAX_FINDINGS:
            super().note(text)
        else:
            self.more += 1


def _clock_offset(session: Session, capability: DeviceCapability) -> Flow[int | None]:
    href = get_href(capability.time_link)
    if "time" not in session.profile.steps or not href:
        return None
    found = yield from session.get("time", href, Time)
    return None if found.current_time is None else found.current_time - int(time.time())


def _add(session: Session, index: Index, device: EndDevice) -> None:
    if device.lfdi and not device.href:
        session.note(f"the EndDevice {device.lfdi.hex().upper()} has no href, so its links cannot be followed")
    first = index.add_device(device.lfdi, device.sfdi or None, get_href(device))
    if first is not None:
        identifier = "LFDI" if device.lfdi else "SFDI"
        session.note(f"{device.href} has the {identifier} of {first}; the first was used")
