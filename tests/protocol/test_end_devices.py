"""Which EndDevice of a list is that of a site: by LFDI, else by SFDI, else nothing is created."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from envoy.errors import IdentityError, ResponseError
from envoy.protocol.flow import Response, drive
from envoy.registration.deregister import deregister
from sep2 import EndDevice
from tests.support.registrations import FOUND, SITE, Utility, document, fails, knowing, new_site, step_of, xml

Change = Callable[[Any], object]


def each(change: Callable[[EndDevice], object]) -> Change:
    return lambda page: [change(device) for device in page.end_device]


def without_lfdi(device: EndDevice) -> None:
    device.lfdi = None


def without_either(device: EndDevice) -> None:
    device.lfdi, device.sfdi = None, 0


@pytest.mark.parametrize("change", [without_lfdi, without_either])
def test_a_site_is_found_again_where_the_list_has_no_lfdis(change: Callable[[EndDevice], object]) -> None:
    site, server = new_site(), Utility()
    server.run(site)
    server.bend("/edev", each(change))
    server.sent.clear()
    again = server.run(site)
    assert (again.changed, again.href, again.deviations) == (False, SITE, [])
    assert server.writes == []
    assert len(server.devices) == 1


def test_a_site_is_found_by_its_sfdi_where_nothing_says_its_lfdi() -> None:
    site, server = new_site(), Utility()
    server.run(site)
    server.bend("/edev", each(without_lfdi))
    server.bend(SITE, without_lfdi)
    for update in (False, True):
        server.sent.clear()
        again = server.run(site, update=update)
        assert step_of(again, "end-device") == (FOUND, "by its SFDI")
        assert (again.changed, again.findings, server.writes) == (False, [], [])


def test_a_misspelled_lfdi_is_not_another_device() -> None:
    site = new_site()
    server = knowing(site)
    page = (
        f'<EndDeviceList all="1" results="1"><EndDevice href="{SITE}"><LFDI>{site.lfdi.hex()}</LFDI>'
        f"<sFDI>{site.short_identifier}</sFDI><changedTime>0</changedTime></EndDevice></EndDeviceList>"
    )
    server.answers("GET /edev", xml(page))
    server.run(site)
    assert "POST /edev" not in server.sent


@pytest.mark.parametrize("status", [200, 404])
def test_where_neither_identifier_can_be_read_nothing_is_created(status: int) -> None:
    site = new_site()
    server = knowing(site)
    server.bend("/edev", each(without_either))
    nameless = document(EndDevice(href=SITE, sfdi=0, changed_time=0))
    server.answers("GET /edev/1", nameless)
    server.answers(f"GET {SITE}", nameless if status == 200 else Response(status))
    error = fails(server, site, at="end-device, GET /edev")
    assert "/edev/1 " in error.what
    with pytest.raises(ResponseError):
        drive(deregister(site.lfdi), server.answer)
    assert server.writes == []


def test_of_two_with_the_sfdi_the_one_that_says_the_lfdi_counts() -> None:
    site = new_site()
    server = knowing(site)
    entries = "".join(
        f'<EndDevice href="{href}"><sFDI>{site.short_identifier}</sFDI><changedTime>0</changedTime></EndDevice>'
        for href in ("/edev/9", SITE)
    )
    server.answers("GET /edev", xml(f'<EndDeviceList all="2" results="2">{entries}</EndDeviceList>'))
    server.answers("GET /edev/9", document(EndDevice(href="/edev/9", sfdi=site.short_identifier, changed_time=0)))
    assert server.run(site).href == SITE
    assert not any(write == "POST /edev" or "/edev/9" in write for write in server.writes)


def test_an_sfdi_that_another_lfdi_has_stops_the_post_and_names_the_device() -> None:
    other = new_site()
    site, server = new_site(lfdi=other.lfdi[:-1] + b"\1"), knowing(other)
    error = fails(server, site, at=f"end-device, {SITE}")
    assert isinstance(error.__cause__, IdentityError)
    assert other.lfdi.hex().upper() in error.what
    assert server.writes == []
    assert drive(deregister(site.lfdi), server.answer) is False
    # The list may say no more than the SFDI, and the EndDevice itself whose it is.
    server.bend("/edev", each(without_lfdi))
    assert other.lfdi.hex().upper() in fails(server, site, at=f"end-device, {SITE}").what


def test_a_409_names_the_end_device_that_has_the_sfdi() -> None:
    other = new_site()
    site, server = new_site(lfdi=other.lfdi[:-1] + b"\1"), knowing(other)
    server.answers("GET /edev", xml('<EndDeviceList all="0" results="0"/>'), None)
    server.answers("POST /edev", Response(409))
    error = fails(server, site, at=f"end-device, {SITE}")
    assert other.lfdi.hex().upper() in error.what


def test_a_site_is_deregistered_by_its_sfdi_where_the_list_has_no_lfdis() -> None:
    site, server = new_site(), Utility()
    server.run(site)
    server.bend("/edev", each(without_lfdi))
    assert drive(deregister(site.lfdi), server.answer) is True
    assert server.devices == []


def test_an_lfdi_with_nine_leading_zeros_is_reported() -> None:
    server = Utility()
    (finding,) = server.run(new_site(lfdi=bytes(19) + b"\1")).findings
    assert "SFDI is 0" in finding
