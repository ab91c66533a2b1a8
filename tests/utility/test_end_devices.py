"""DeviceCapability, EndDevices and what is below them, of one owner and of two."""

from __future__ import annotations

import json
from typing import Any

import pytest

from envoy.errors import EnvoyError, IdentityError
from envoy.identity import sfdi_of_lfdi
from envoy.utility import Utility
from sep2 import (
    DER,
    ConnectionPoint,
    DERList,
    DeviceCapability,
    DeviceCategoryType,
    DeviceInformation,
    EndDevice,
    EndDeviceList,
    Registration,
    Time,
)
from tests.support.utilities import (
    Client,
    der_messages,
    device_information,
    end_device,
    mirror,
    new_lfdi,
    reading,
    reason_of,
)

# Discovery


def test_device_capability_links_to_what_there_is(any_utility: Utility) -> None:
    client = Client(any_utility)
    client.register(new_lfdi())
    capability = client.load("/dcap", DeviceCapability)
    assert capability.href == "/dcap"
    assert capability.time_link.href == "/tm"
    assert (capability.end_device_list_link.href, capability.end_device_list_link.all) == ("/edev", 2)
    assert capability.mirror_usage_point_list_link.all == 0
    assert client.load("/tm", Time).tz_offset == 0


def test_the_well_known_path_says_where_device_capability_is_in_csip_aus_1_3(any_utility: Utility) -> None:
    for accept in ("application/json", "application/sep+xml", "*/*"):
        response = any_utility.respond("GET", "/.well-known/csipaus", client=new_lfdi(), headers={"accept": accept})
        if any_utility.profile.name == "csip-aus-1.3":
            versions = {"https://csipaus.org/ns/v1.3": {"dcap": ["/dcap"]}}
            assert (response.status, response.headers["content-type"]) == (200, "application/json")
            assert json.loads(response.content) == {"supportedSchemaVersions": versions}
        else:
            assert response.status == 404


def test_head_is_get(client: Client) -> None:
    """The body is left out where HTTP is spoken, which knows its length from here."""
    assert client.request("HEAD", "/dcap") == client.get("/dcap")


# A registration, in all profiles


def test_a_whole_registration(any_utility: Utility) -> None:
    lfdi = new_lfdi()
    csip_aus = any_utility.profile.csip_aus
    client = Client(any_utility)
    response = client.send("POST", "/edev", end_device(lfdi))
    assert (response.status, response.content) == (201, b"")
    path = response.location
    device = client.load(path, EndDevice)
    assert (device.href, device.lfdi, device.sfdi) == (path, lfdi, sfdi_of_lfdi(lfdi))
    assert device.registration_link.href == f"{path}/rg"
    assert device.changed_time > 0
    assert (device.post_rate, device.device_category) == (60, DeviceCategoryType(1 << 18))
    assert client.load(device.registration_link.href, Registration).pin == 111115

    if csip_aus:
        for status in (201, 204):
            point = ConnectionPoint(connection_point_id=f"6001234{status}")
            response = client.send("PUT", device.connection_point_link.href, point)
            assert (response.status, response.location) == (status, f"{path}/cp")
        stored = client.load(device.connection_point_link.href, ConnectionPoint)
        assert (stored.href, stored.connection_point_id) == (f"{path}/cp", "6001234204")
    else:
        assert device.connection_point_link is None
        assert client.get(f"{path}/cp").status == 404

    information = device.device_information_link.href
    assert client.get(information).status == 404
    assert client.send("PUT", information, device_information(lfdi)).status == 204
    assert client.load(information, DeviceInformation).mf_model == "ACME"

    comes_with = csip_aus or any_utility.profile.edition >= "2023"
    assert device.der_list_link.all == int(comes_with)
    if not comes_with:
        response = client.send("POST", device.der_list_link.href, DER())
        assert response.status == 201
        assert response.location == f"{path}/der/1"
    ders = client.load(device.der_list_link.href, DERList)
    assert (ders.all, ders.results, ders.der[0].href) == (1, 1, f"{path}/der/1")
    der = client.load(f"{path}/der/1", DER)
    links = [der.der_capability_link, der.der_settings_link, der.der_status_link, der.der_availability_link]
    messages = der_messages(any_utility.profile.name)
    assert [link.href for link in links] == [f"{path}/der/1/{name}" for name in messages]
    for name, message in messages.items():
        assert client.get(f"{path}/der/1/{name}").status == 404
        for _ in range(2):
            assert client.send("PUT", f"{path}/der/1/{name}", message).status == 204
        assert type(client.load(f"{path}/der/1/{name}", type(message))) is type(message)

    for gone in (f"{path}/der/1", path):
        assert client.delete(gone).status == 204
        assert client.get(gone).status == 404
        assert client.get(f"{gone}/dercap").status == 404
        assert client.delete(gone).status == 404
    assert client.register(lfdi) != path


def test_the_own_end_device_is_there_before_anything_was_posted(client: Client) -> None:
    devices = client.load("/edev", EndDeviceList)
    assert (devices.all, devices.results) == (1, 1)
    assert devices.end_device[0].lfdi == client.lfdi
    assert devices.end_device[0].sfdi == sfdi_of_lfdi(client.lfdi)


def test_the_own_end_device_comes_first_even_after_it_was_deleted(client: Client) -> None:
    own = client.load("/edev", EndDeviceList).end_device[0].href
    client.register(new_lfdi())
    assert client.delete(own).status == 204
    devices = client.load("/edev", EndDeviceList, l=10)
    assert devices.end_device[0].lfdi == client.lfdi
    assert devices.all == 2


def test_end_devices_are_sorted_by_sfdi_behind_the_own_one(client: Client) -> None:
    lfdis = [new_lfdi() for _ in range(5)]
    for lfdi in reversed(lfdis):
        client.register(lfdi)
    own, *others = client.load("/edev", EndDeviceList, l=10).end_device
    assert own.lfdi == client.lfdi
    assert [device.sfdi for device in others] == sorted(sfdi_of_lfdi(lfdi) for lfdi in lfdis)


def test_an_end_device_that_exists_is_a_conflict_without_location(client: Client) -> None:
    lfdi = new_lfdi()
    client.register(lfdi)
    for known in (lfdi, client.lfdi):
        response = client.send("POST", "/edev", end_device(known))
        assert response.status == 409
        assert "location" not in response.headers


@pytest.mark.parametrize(
    "device",
    [
        pytest.param(end_device(bytes(20), sfdi=167261211391), id="SFDI of another LFDI"),
        pytest.param(end_device(None), id="no LFDI"),
        pytest.param(end_device(b"\x12\x34", sfdi=10), id="short LFDI"),
    ],
)
def test_an_end_device_without_a_proper_identity_has_bad_values(client: Client, device: EndDevice) -> None:
    response = client.send("POST", "/edev", device)
    assert (response.status, reason_of(response)) == (400, 1)


def test_an_end_device_can_be_replaced_but_stays_the_same_device(client: Client) -> None:
    path = client.register(new_lfdi())
    device = client.load(path, EndDevice)
    device.enabled, device.changed_time = False, 1
    assert client.send("PUT", path, device).status == 204
    assert client.load(path, EndDevice).enabled is False
    assert client.load(path, EndDevice).changed_time > 1
    response = client.send("PUT", path, end_device(new_lfdi()))
    assert (response.status, reason_of(response)) == (400, 1)


# Two owners


def test_what_belongs_to_another_certificate_does_not_exist(client: Client, other_client: Client) -> None:
    path = client.register(new_lfdi())
    mirror_path = client.send("POST", "/mup", mirror(client.lfdi, b"\x01")).location
    client.send("POST", mirror_path, reading(b"\x02"))
    client.send("PUT", f"{path}/di", device_information(client.lfdi))
    own = client.load("/edev", EndDeviceList).end_device[0].href
    for hidden in (path, own, f"{path}/rg", f"{path}/di", f"{path}/der", f"{path}/der/1", mirror_path):
        assert client.get(hidden).status == 200
        assert other_client.get(hidden).status == 404
    assert other_client.get(f"{mirror_path}/mr").status == 404
    assert other_client.delete(path).status == 404
    assert other_client.delete(mirror_path).status == 404
    assert other_client.send("PUT", path, end_device(new_lfdi())).status == 404
    assert other_client.send("PUT", f"{path}/cp", ConnectionPoint(connection_point_id="6001234567")).status == 404
    assert other_client.send("POST", f"{path}/der", DER()).status == 404
    assert other_client.send("POST", mirror_path, reading(b"\x02")).status == 404
    capability = other_client.load("/dcap", DeviceCapability)
    assert capability.end_device_list_link.all == 1
    assert capability.mirror_usage_point_list_link.all == 0


def test_the_lfdi_of_another_owner_is_a_conflict(client: Client, other_client: Client) -> None:
    lfdi = new_lfdi()
    client.register(lfdi)
    assert other_client.send("POST", "/edev", end_device(lfdi)).status == 409


def test_an_lfdi_goes_to_the_certificate_that_proves_it(client: Client, other_client: Client) -> None:
    path = client.register(other_client.lfdi)
    client.send("PUT", f"{path}/di", device_information(other_client.lfdi))
    assert other_client.load("/edev", EndDeviceList).end_device[0].href == path
    assert other_client.load(f"{path}/di", DeviceInformation).lfdi == other_client.lfdi
    assert client.get(path).status == 404


def test_two_owners_may_use_the_same_mrid(client: Client, other_client: Client) -> None:
    first = client.send("POST", "/mup", mirror(client.lfdi, b"\x01"))
    second = other_client.send("POST", "/mup", mirror(other_client.lfdi, b"\x01"))
    assert (first.status, second.status) == (201, 201)
    assert first.location != second.location


def test_a_device_can_be_registered_out_of_band(utility: Utility, client: Client) -> None:
    href = utility.register(client.lfdi, pin=332219, nmi="6001234567")
    assert client.load("/edev", EndDeviceList, l=9).all == 1
    assert client.load(href, EndDevice).lfdi == client.lfdi
    assert client.load(f"{href}/rg", Registration).pin == 332219
    assert client.load(f"{href}/cp", ConnectionPoint).connection_point_id == "6001234567"
    with pytest.raises(EnvoyError, match="there is an EndDevice"):
        utility.register(client.lfdi)


def test_a_site_can_be_registered_behind_an_aggregator(utility: Utility, client: Client) -> None:
    site = new_lfdi()
    href = utility.register(site, owner=client.lfdi)
    assert client.load(f"{href}/rg", Registration).pin == utility.settings.pin
    devices = client.load("/edev", EndDeviceList, l=9).end_device
    assert [device.lfdi for device in devices] == [client.lfdi, site]


@pytest.mark.parametrize("wrong", [{"pin": 11111}, {"nmi": "NO NMI"}])
def test_a_device_with_a_pin_or_nmi_that_cannot_be_one_is_not_registered(
    utility: Utility, wrong: dict[str, Any]
) -> None:
    with pytest.raises(IdentityError):
        utility.register(new_lfdi(), **wrong)
    assert utility.list_sites() == []


def test_the_link_to_the_registration_can_be_left_out(utility: Utility, client: Client) -> None:
    utility.show_registration_links(False)
    assert client.load("/edev/1", EndDevice).registration_link is None
    utility.show_registration_links(True)
    assert client.load("/edev/1", EndDevice).registration_link is not None


def test_no_end_device_is_there_before_its_client_registers() -> None:
    with Utility() as utility:
        device, aggregator, other, site = Client(utility), Client(utility), Client(utility), new_lfdi()
        assert device.load("/edev", EndDeviceList).all == 0
        device.register(device.lfdi)
        assert [each.lfdi for each in device.load("/edev", EndDeviceList, l=9).end_device] == [device.lfdi]
        aggregator.register(site)
        found = aggregator.load("/edev", EndDeviceList, l=9).end_device
        assert [each.lfdi for each in found] == [aggregator.lfdi, site]
        utility.register(other.lfdi, owner=device.lfdi)
        assert other.load("/edev", EndDeviceList).all == 1
