"""Lists are read page by page and to their end, whatever the server makes of paging."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from string import ascii_letters
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from envoy.errors import ResponseError
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
        assert len(self.starts) < 60, "the client does not stop"
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
    assert ListServer("abc", "abcde", limit=2).read() == ("abcde", [])
    # What is added in front moves an item to the next page, where it comes again.
    assert ListServer("abc", "xabc", limit=2).read() == ("abc", [])
    assert ListServer("abc", "xabc", limit=1).read() == ("abc", [])
    assert ListServer("abcd", "ab", limit=2).read() == ("ab", [])
    assert ListServer("abcd", "abc", limit=2).read() == ("abc", [])


@pytest.mark.parametrize(
    ("states", "limit", "read"),
    [
        (["abcd", "bcd"], 2, "abdc"),
        (["abcd", "abcd", "cd"], 1, "abcd"),
        (["abcd", "xabc"], 2, "abcx"),
        (["abcdef", "cdef", "ef"], 2, "abef"),
    ],
    ids=["first is deleted", "two are deleted", "first comes, last goes", "shrinks twice"],
)
def test_no_item_is_missed_because_others_come_and_go(states: list[str], limit: int, read: str) -> None:
    assert ListServer(*states, limit=limit).read() == (read, [])


def test_a_list_that_shrinks_at_each_reading_may_lack_something() -> None:
    states = [ascii_letters[start:] for start in range(52)]
    with pytest.raises(ResponseError) as caught:
        ListServer(*states, limit=1).read()
    assert caught.value.where == "GET /edev"


def test_a_page_that_is_empty_is_the_end_only_if_it_comes_again(snapshot: SnapshotAssertion) -> None:
    server = ListServer("abc", total=lambda state: 10)
    read, findings = server.read()
    assert (read, server.starts) == ("abc", [0, 3, 0, 3])
    assert findings == snapshot
    # A page that was empty by chance is not the end.
    assert ListServer("abc", "", "abc", limit=2, total=lambda state: 3).read() == ("abc", [])


def test_a_list_that_promises_less_than_it_has_is_read_to_its_end_and_reported(snapshot: SnapshotAssertion) -> None:
    assert ListServer("abc", limit=2, total=lambda state: 0).read() == snapshot


def test_a_list_that_does_not_say_how_long_it_is_is_read_to_its_end() -> None:
    read, findings = ListServer("abc", limit=2, total=lambda state: None).read()
    assert read == "abc"
    assert {fault.rpartition(": ")[2] for fault in findings} == {"the required attribute all is missing"}


@pytest.mark.parametrize("total", [0, 2, None])
def test_a_list_that_always_gives_its_first_page_and_promises_no_more_is_that_page(total: int | None) -> None:
    server = ListServer("ab", total=lambda state: total, skip=lambda start: 0)
    read, findings = server.read()
    assert read == "ab"
    assert len(server.starts) <= 3
    assert bool(findings) == (total != 2)


@pytest.mark.parametrize("limit", [1, 2])
@pytest.mark.parametrize("total", [3, 4, 6, 4_000_000_000])
def test_a_list_whose_pages_repeat_before_all_items_came_is_an_error(total: int, limit: int) -> None:
    server = ListServer("ab", limit=limit, total=lambda state: total, skip=lambda start: 0)
    with pytest.raises(ResponseError) as caught:
        server.read()
    assert caught.value.where == "GET /edev"
    assert len(server.starts) <= 3


def test_a_site_that_a_repeating_list_does_not_show_is_not_created_again(snapshot: SnapshotAssertion) -> None:
    sent: list[str] = []

    def answer(request: Request) -> Response:
        sent.append(request.method)
        if not request.href.startswith("/edev"):
            return xml('<DeviceCapability><EndDeviceListLink href="/edev" all="2"/></DeviceCapability>')
        device = '<EndDevice href="/edev/1"><changedTime>0</changedTime><lFDI>01</lFDI><sFDI>0</sFDI></EndDevice>'
        return xml(f'<EndDeviceList all="2" results="1">{device}</EndDeviceList>')

    with pytest.raises(RegistrationError) as caught:
        drive(register(new_site()), answer)
    assert message(caught.value) == snapshot
    assert set(sent) == {"GET"}


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
    flow = Pages(Session(get_profile("csip-aus-1.2")), "test", "/edev", EndDeviceList).read_all()
    with pytest.raises(ResponseError):
        drive(flow, lambda _: xml(f'<EndDeviceList all="9" results="1">{body}</EndDeviceList>'))


@given(st.lists(st.sets(st.sampled_from("abcdef"), max_size=4), max_size=7), st.lists(st.booleans()), st.integers(1, 3))
def test_what_stays_in_a_list_is_read_whatever_comes_and_goes(
    changes: list[set[str]], grows: list[bool], limit: int
) -> None:
    # Where some go and others come between two pages, their numbers may hide it.
    sets = [set("abcdef")]
    for change, grow in zip(changes, grows, strict=False):
        sets.append(sets[-1] | change if grow else sets[-1] - change)
    with suppress(ResponseError):
        read, _ = ListServer(*("".join(sorted(each)) for each in sets), limit=limit).read()
        assert set.intersection(*sets) <= set(read)


def test_a_list_whose_href_has_a_query_keeps_it() -> None:
    conversation = Session(get_profile("csip-aus-1.2"))
    flow = Pages(conversation, "test", "/edev?site=7", EndDeviceList).read_all()
    assert next(flow).href == f"/edev?site=7&s=0&l={PAGE_SIZE}"
