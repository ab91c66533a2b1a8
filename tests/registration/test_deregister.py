"""The end of a registration: what is deleted, and what servers say to it."""

from __future__ import annotations

import pytest

from envoy.errors import ResponseError
from envoy.protocol.flow import Response, drive, get_href
from envoy.registration.deregister import delete_registered, deregister, find_registered
from sep2 import EndDevice
from tests.support.registrations import Utility, new_site


def test_an_end_device_is_found_and_deleted_with_what_is_below_it() -> None:
    site, server = new_site(), Utility()
    href = server.run(site).href
    found = drive(find_registered(site.lfdi), server.answer)
    assert found is not None and (get_href(found), found.lfdi) == (href, site.lfdi)
    server.sent.clear()
    assert drive(delete_registered(site.lfdi, href), server.answer) is True
    assert server.sent == [f"GET {href}", f"DELETE {href}"]
    assert drive(find_registered(site.lfdi), server.answer) is None
    assert drive(delete_registered(site.lfdi, href), server.answer) is False
    assert drive(deregister(site.lfdi), server.answer) is False


def test_another_end_device_that_is_there_now_is_not_deleted() -> None:
    site, server = new_site(), Utility()
    href = server.run(site).href

    def change(device: EndDevice) -> None:
        device.lfdi = new_site().lfdi

    server.bend(href, change)
    server.sent.clear()
    with pytest.raises(ResponseError):
        drive(delete_registered(site.lfdi, href), server.answer)
    assert server.sent == [f"GET {href}"]


@pytest.mark.parametrize("status", [403, 405, 501])
def test_a_server_that_deletes_them_itself_is_named_as_such(status: int) -> None:
    site, server = new_site(), Utility()
    href = server.run(site).href
    server.answers(f"DELETE {href}", Response(status))
    for flow in (deregister(site.lfdi), delete_registered(site.lfdi, href)):
        with pytest.raises(ResponseError) as caught:
            drive(flow, server.answer)
        assert (caught.value.status, caught.value.where) == (status, f"DELETE {href}")
        assert "ask the utility to do it" in caught.value.remedy


@pytest.mark.parametrize("status", [404, 410])
def test_that_somebody_was_faster_is_as_good(status: int) -> None:
    site, server = new_site(), Utility()
    href = server.run(site).href
    server.answers(f"DELETE {href}", Response(status))
    assert drive(delete_registered(site.lfdi, href), server.answer) is False
