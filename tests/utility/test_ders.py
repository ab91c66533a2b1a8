"""DERs in the edition of 2023: one for each EndDevice, and the parts that it consists of."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from envoy.documents import loads
from envoy.utility import Settings, Utility
from sep2 import DER, DERCapability, DERComponent, DERComponentList, DERList, EndDevice
from tests.support.utilities import SEP, Client, der_messages, message_of, new_lfdi, reason_of

ALL = {"accept": SEP}
"""The headers of a client of 2018."""


@pytest.fixture
def client() -> Iterator[Client]:
    with Utility(Settings("ieee-2023")) as utility:
        yield Client(utility)


@pytest.fixture
def der(client: Client) -> str:
    """The path of the one DER of a new EndDevice."""
    path = client.register(new_lfdi())
    listed = client.load(client.load(path, EndDevice).der_list_link.href, DERList, l=9)
    (found,) = listed.der
    return str(found.href)


def test_an_end_device_has_one_der(client: Client, der: str) -> None:
    response = client.send("POST", der.rpartition("/")[0], DER())
    assert (response.status, reason_of(response)) == (403, 1)
    assert "DERComponents" in message_of(response)
    assert client.delete(der).status == 204
    assert client.send("POST", der.rpartition("/")[0], DER()).status == 201


def test_a_part_has_all_that_a_der_has(client: Client, der: str) -> None:
    link = client.load(der, DER).der_component_list_link
    assert link.all == 0
    lfdi = new_lfdi()
    made_up = DERComponent(lfdi=lfdi, href="/made/up")
    location = client.send("POST", link.href, made_up).location
    assert location == f"{link.href}/1"
    assert client.load(der, DER).der_component_list_link.all == 1
    (part,) = client.load(link.href, DERComponentList, l=9).der_component
    assert (part.href, part.lfdi) == (location, lfdi)
    links = (
        part.der_capability_link,
        part.der_settings_link,
        part.der_status_link,
        part.der_availability_link,
    )
    messages = der_messages("ieee-2023")
    assert [each.href for each in links] == [f"{location}/{name}" for name in messages]
    for name, message in messages.items():
        assert client.get(f"{location}/{name}").status == 404
        assert client.send("PUT", f"{location}/{name}", message).status == 204
        assert type(client.load(f"{location}/{name}", type(message))) is type(message)
        assert client.get(f"{der}/{name}").status == 404, "what the DER has is its own"
    assert client.delete(location).status == 204
    assert {client.get(path).status for path in (location, f"{location}/dercap")} == {404}


def test_two_parts_have_not_the_same_lfdi(client: Client, der: str) -> None:
    component = DERComponent(lfdi=new_lfdi())
    assert client.send("POST", f"{der}/dercomp", component).status == 201
    assert client.send("POST", f"{der}/dercomp", component).status == 409
    assert client.send("POST", f"{der}/dercomp", DERComponent(lfdi=new_lfdi())).status == 201
    assert client.load(f"{der}/dercomp", DERComponentList).all == 2


def test_what_belongs_to_another_is_not_there(client: Client, der: str) -> None:
    client.send("POST", f"{der}/dercomp", DERComponent(lfdi=new_lfdi()))
    other = Client(client.utility)
    assert other.get(f"{der}/dercomp").status == 404
    assert other.send("POST", f"{der}/dercomp", DERComponent(lfdi=new_lfdi())).status == 404
    assert other.delete(f"{der}/dercomp/1").status == 404


def test_a_client_of_2018_sees_no_parts(client: Client, der: str) -> None:
    client.send("POST", f"{der}/dercomp", DERComponent(lfdi=new_lfdi()))
    found = client.request("GET", der, headers=ALL)
    assert loads(found.content, DER).der_component_list_link is None
    refused = client.request("GET", f"{der}/dercomp", headers=ALL)
    assert refused.status == 406
    assert "DERComponentList" in message_of(refused) and "level=-S2" in message_of(refused)
    assert client.request("GET", f"{der}/dercomp/1", headers=ALL).status == 406


@pytest.mark.parametrize("profile", ["ieee-2018", "csip-aus-1.3"])
def test_other_editions_have_no_parts(profile: str) -> None:
    with Utility(Settings(profile, ready_ders=1)) as utility:
        client = Client(utility)
        path = client.register(new_lfdi())
        assert client.load(f"{path}/der/1", DER).der_component_list_link is None
        assert client.get(f"{path}/der/1/dercomp").status == 404
        assert client.send("POST", f"{path}/der", DER()).status == 201
        assert client.send("PUT", f"{path}/der/1/dercap", der_messages(profile)["dercap"]).status == 204
        assert type(client.load(f"{path}/der/1/dercap", DERCapability)) is DERCapability
