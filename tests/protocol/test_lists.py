"""Lists are read page by page and to their end, whatever the server makes of paging."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from syrupy.assertion import SnapshotAssertion

from envoy.profiles import get_profile
from envoy.protocol.flow import Request, Response, drive
from envoy.protocol.paging import PAGE_SIZE, Pages
from envoy.protocol.results import RegistrationError
from envoy.protocol.session import Session
from envoy.registration.register import register
from sep2 import (
    EndDeviceList,
)
from tests.support.messages import message
from tests.support.registrations import (
    new_site,
    xml,
)


class ListServer:
    """A list whose state may differ at each request, and whose server has its own idea of paging."""

    def __init__(
        self,
        *states: str,
        limit: int = PAGE_SIZE,
        total: Callable[[str], int | None] = len,
        skip: Callable[[int], int] = lambda start: start,
    ) -> None:
        self.states = list(states)
        self.limit = limit
        self.total = total
        self.skip = skip
        self.starts: list[int] = []

    def read(self) -> tuple[str, list[str]]:
        """Return the names of the items that a client gets, and the findings that it notes."""
        conversation = Session(get_profile("csip-aus-1.2"))
        items = drive(Pages(conversation, "test", "/edev", EndDeviceList).read_all(), self.answer)
        return "".join(item.href for item in items), conversation.findings

    def answer(self, request: Request) -> Response:
        assert len(self.starts) < 20, "the client does not stop"
        query = parse_qs(urlsplit(request.href).query)
        start = int(query["s"][0])
        state = self.states[min(len(self.starts), len(self.states) - 1)]
        self.starts.append(start)
        begin = self.skip(start)
        page = state[begin : begin + min(self.limit, int(query["l"][0]))]
        total = self.total(state)
        items = "".join(
            f'<EndDevice href="{name}"><changedTime>0</changedTime><sFDI>0</sFDI></EndDevice>' for name in page
        )
        known = "" if total is None else f' all="{total}"'
        return xml(f'<EndDeviceList{known} results="{len(page)}">{items}</EndDeviceList>')


def test_a_list_is_read_to_its_end_page_by_page() -> None:
    assert ListServer("abcde").read() == ("abcde", [])
    short = ListServer("abcde", limit=2)
    assert short.read() == ("abcde", [])
    assert short.starts == [0, 2, 4]
    assert ListServer("").read() == ("", [])


def test_a_list_that_is_exactly_read_is_not_asked_again() -> None:
    server = ListServer("abcd", limit=2)
    assert server.read() == ("abcd", [])
    assert server.starts == [0, 2]


def test_a_list_may_shrink_and_grow_between_two_pages() -> None:
    assert ListServer("abcd", "ab", limit=2).read() == ("ab", [])
    assert ListServer("abcd", "abc", limit=2).read() == ("abc", [])
    assert ListServer("abc", "abcde", limit=2).read() == ("abcde", [])
    # What is added in front moves an item to the next page, where it comes again.
    assert ListServer("abc", "xabc", limit=2).read() == ("abc", [])
    assert ListServer("abc", "xabc", limit=1).read() == ("abc", [])


def test_a_page_that_is_empty_ends_a_list_that_promised_more() -> None:
    server = ListServer("abc", total=lambda state: 10)
    assert server.read() == ("abc", [])
    assert server.starts == [0, 3]


def test_a_list_that_promises_less_than_it_has_is_read_to_its_end_and_reported(snapshot: SnapshotAssertion) -> None:
    assert ListServer("abc", limit=2, total=lambda state: 0).read() == snapshot


def test_a_list_that_does_not_say_how_long_it_is_is_read_to_its_end() -> None:
    read, findings = ListServer("abc", limit=2, total=lambda state: None).read()
    assert read == "abc"
    assert {fault.rpartition(": ")[2] for fault in findings} == {"the required attribute all is missing"}


@pytest.mark.parametrize("total", [4_000_000_000, 3, 0, None])
def test_a_list_that_always_gives_its_first_page_comes_to_an_end(total: int | None) -> None:
    server = ListServer("ab", total=lambda state: total, skip=lambda start: 0)
    read, findings = server.read()
    assert read == "ab"
    assert len(server.starts) <= 3
    assert findings


def test_a_registration_with_a_list_that_never_ends_stops_and_says_why(
    monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion
) -> None:
    monkeypatch.setattr("envoy.protocol.paging.MAX_PAGES", 1000)
    asked = 0

    def answer(request: Request) -> Response:
        nonlocal asked
        if not request.href.startswith("/edev"):
            return xml('<DeviceCapability><EndDeviceListLink href="/edev" all="4294967295"/></DeviceCapability>')
        asked += 1
        device = f'<EndDevice href="/edev/{asked}"><changedTime>0</changedTime><sFDI>0</sFDI></EndDevice>'
        return xml(f'<EndDeviceList all="4294967295" results="1">{device}</EndDeviceList>')

    with pytest.raises(RegistrationError) as caught:
        drive(register(new_site()), answer)
    assert message(caught.value) == snapshot
    assert asked == 1000
    assert caught.value.step == "end-device"


def test_items_without_an_address_come_to_an_end_too() -> None:
    body = "<EndDevice><changedTime>0</changedTime><sFDI>7</sFDI></EndDevice>"
    conversation = Session(get_profile("csip-aus-1.2"))
    flow = Pages(conversation, "test", "/edev", EndDeviceList).read_all()
    items = drive(flow, lambda _: xml(f'<EndDeviceList all="9" results="1">{body}</EndDeviceList>'))
    assert len(items) == 1


def test_a_list_whose_href_has_a_query_keeps_it() -> None:
    conversation = Session(get_profile("csip-aus-1.2"))
    flow = Pages(conversation, "test", "/edev?site=7", EndDeviceList).read_all()
    assert next(flow).href == f"/edev?site=7&s=0&l={PAGE_SIZE}"
