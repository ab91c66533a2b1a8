"""Pages of lists, and the queries that ask for them."""

from __future__ import annotations

import pytest
from lxml import etree

from envoy.documents import dumps
from envoy.utility import Utility
from sep2 import DERCapability, DERControlType, DeviceInformation, EndDeviceList, SupportedLocaleListLink
from tests.support.utilities import Client, der_capability, device_information, new_lfdi, reason_of


def test_a_page_has_one_item_unless_more_are_asked_for(client: Client) -> None:
    lfdis = [client.lfdi, *(new_lfdi() for _ in range(4))]
    for lfdi in lfdis[1:]:
        client.register(lfdi)
    assert seen(client.load("/edev", EndDeviceList)) == (5, lfdis[:1])
    assert seen(client.load("/edev", EndDeviceList, s=1)) == (5, lfdis[1:2])
    assert seen(client.load("/edev", EndDeviceList, s=1, l=3)) == (5, lfdis[1:4])
    assert seen(client.load("/edev", EndDeviceList, s=3, l=50)) == (5, lfdis[3:])
    assert seen(client.load("/edev", EndDeviceList, s=5, l=50)) == (5, [])
    assert seen(client.load("/edev", EndDeviceList, l=0)) == (5, [])
    assert seen(client.load("/edev", EndDeviceList, s=4294967295, l=4294967295)) == (5, [])


def test_the_server_caps_a_page(strict_utility: Utility) -> None:
    client = Client(strict_utility)
    for _ in range(3):
        client.register(new_lfdi())
    assert client.load("/edev", EndDeviceList, l=100).results == 2


def seen(devices: EndDeviceList) -> tuple[int, list[bytes | None]]:
    assert devices.results == len(devices.end_device)
    return devices.all, [device.lfdi for device in devices.end_device]


@pytest.mark.parametrize("query", ["s=-1", "s=a", "l=", "l=1.5", "l=4294967296", "s=%D9%A3", "l=1e3", "s=99999999999"])
@pytest.mark.parametrize("path", ["/edev", "/mup"])
def test_a_bad_query_has_bad_values(client: Client, path: str, query: str) -> None:
    response = client.get(f"{path}?{query}")
    assert (response.status, reason_of(response)) == (400, 1)


def test_what_is_written_is_sent_back_as_it_was_written(client: Client) -> None:
    path = f"{client.register(new_lfdi())}/der/1/dercap"
    written = dumps(der_capability("csip-aus-1.2"), profile="csip-aus-1.2").replace(b">00000001<", b">01<")
    assert client.request("PUT", path, written).status == 204
    sent = etree.fromstring(client.get(path).content)
    assert sent.attrib.pop("href") == path
    assert etree.tostring(sent, method="c14n") == etree.tostring(etree.fromstring(written), method="c14n")
    assert client.load(path, DERCapability).modes_supported == DERControlType(1)


def test_which_links_there_are_is_for_the_server_to_say(client: Client) -> None:
    path = f"{client.register(new_lfdi())}/di"
    information = device_information(client.lfdi)
    information.href = "/made-up-by-the-client"
    information.supported_locale_list_link = SupportedLocaleListLink(href="/made-up-by-the-client", all=1)
    assert client.send("PUT", path, information).status == 204
    stored = client.load(path, DeviceInformation)
    assert (stored.href, stored.supported_locale_list_link) == (path, None)
