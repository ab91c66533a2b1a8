"""Survey of the server, once for a whole fleet: DeviceCapability, its clock, and the list of EndDevices."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from envoy.client.async_client import AsyncClient
from envoy.fleet.run_index import Index
from envoy.protocol.discovery import discover, end_device_list
from envoy.protocol.end_devices import ServerFacts, read_identity
from envoy.protocol.flow import Flow, get_href
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


async def survey(client: AsyncClient, index: Index) -> Survey:
    """Read the list of EndDevices to its end, page by page, into an index.

    Args:
        client: A client of the server.
        index: What takes the EndDevices; those it has are forgotten.

    Raises:
        ResponseError: DeviceCapability or the list cannot be read.
        TransportError: No response came.
    """
    session = _SurveySession(client.profile)
    capability = await client.run(retry_flow(lambda: discover(session, client.entry), _RETRIES))
    offset = await client.run(retry_flow(lambda: _clock_offset(session, capability), _RETRIES))
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
    if session.more:
        session.findings.append(f"and {session.more} more findings in what the server sent")
    return Survey(ServerFacts(capability, index.find, undecided), devices, offset, session.findings)


class _SurveySession(Session):
    """A session that keeps some findings and counts the rest."""

    more = 0

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
