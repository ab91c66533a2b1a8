"""The media type of messages, in Accept and Content-Type."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from envoy.documents import dumps, loads
from envoy.protocol.flow import Response
from envoy.utility import Settings, Utility
from sep2 import ConnectStatusType2, DERConnectionState, DERStatus
from tests.support.utilities import SEP, Client, device_information, end_device, new_lfdi


def accepted(client: Client, accept: str) -> int:
    return client.request("GET", "/dcap", headers={"accept": accept}).status


@pytest.mark.parametrize("media_type", ["application/xml", "text/xml", "application/sep+xmlx", "application/json", ""])
def test_another_media_type_is_not_supported(client: Client, media_type: str) -> None:
    content = dumps(end_device(new_lfdi()))
    assert client.request("POST", "/edev", content, {"content-type": media_type}).status == 415


def test_a_body_without_a_media_type_is_not_supported(client: Client) -> None:
    assert client.request("POST", "/edev", dumps(end_device(new_lfdi())), {}).status == 415


@pytest.mark.parametrize(
    "media_type", [SEP, "Application/SEP+XML", f"{SEP};level=-S1", f"{SEP}; csipaus=1.3; charset=utf-8"]
)
def test_the_media_type_may_have_parameters(client: Client, media_type: str) -> None:
    content = dumps(end_device(new_lfdi()))
    assert client.request("POST", "/edev", content, {"content-type": media_type}).status == 201


@pytest.mark.parametrize(
    "accept", ["application/xml", "text/html, application/json", f"{SEP};q=0", "application/sep-exi"]
)
def test_an_accept_header_without_ours_is_not_acceptable(client: Client, accept: str) -> None:
    assert accepted(client, accept) == 406


@pytest.mark.parametrize(
    "accept", [SEP, f"{SEP};level=+S1;q=0.5", "*/*", "application/*", f"text/html, {SEP};csipaus=1.3", ""]
)
def test_an_accept_header_with_ours_is_acceptable(client: Client, accept: str) -> None:
    assert accepted(client, accept) == 200


# CSIP-AUS 1.3


@pytest.fixture
def client_1_3() -> Iterator[Client]:
    with Utility(Settings("csip-aus-1.3")) as utility:
        yield Client(utility)


OURS = "application/sep+xml; csipaus=1.3"


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        (OURS, 200),
        ("application/sep+xml;CSIPAUS=1.3", 200),
        ('text/html, application/sep+xml; level=+S1; csipaus="1.3"', 200),
        (SEP, 406),
        ("*/*", 406),
        (f"{SEP}; csipaus=1.2", 406),
        (f"{SEP}; csipaus=1.3-beta_storage", 406),
        (f"{OURS}; q=0", 406),
        ("", 400),
    ],
)
def test_in_1_3_the_version_has_to_be_asked_for(client_1_3: Client, accept: str, status: int) -> None:
    response = client_1_3.request("GET", "/dcap", headers={"accept": accept} if accept else {})
    assert response.status == status
    assert (b"csipaus=1.3" in response.content) == (status != 200)


@pytest.mark.parametrize(("media_type", "status"), [(OURS, 201), (SEP, 415), (f"{SEP}; csipaus=1.2", 415), ("", 415)])
def test_in_1_3_the_version_has_to_be_said(client_1_3: Client, media_type: str, status: int) -> None:
    content = dumps(end_device(new_lfdi()), profile="csip-aus-1.3")
    headers = {"accept": OURS, "content-type": media_type}
    assert client_1_3.request("POST", "/edev", content, headers).status == status


@pytest.mark.parametrize("accept", ["", "*/*", "application/json", OURS])
def test_in_1_3_the_well_known_path_is_for_everybody(client_1_3: Client, accept: str) -> None:
    response = client_1_3.utility.respond(
        "GET", "/.well-known/csipaus", client=client_1_3.lfdi, headers={"accept": accept} if accept else {}
    )
    assert (response.status, response.headers["content-type"]) == (200, "application/json")


# The edition of 2023

S1, S2 = f"{SEP}; level=-S1", f"{SEP}; level=-S2"


@pytest.fixture
def client_2023() -> Iterator[Client]:
    with Utility(Settings("ieee-2023", notification_hosts=["der.example"])) as utility:
        yield Client(utility)


def is_of_2023(response: Response) -> bool:
    """Return whether a response is of the edition of 2023, in its media type and its body alike."""
    assert response.headers["content-type"] in (SEP, S2)
    later = response.headers["content-type"] == S2
    assert (b"schemaVer=" in response.content) is later
    return later


@pytest.mark.parametrize(
    ("accept", "later"),
    [
        (S2, True),
        (f'{SEP};Level="+s2"', True),
        (f"{S1}, {S2}", True),
        (f"{SEP}, {S2}", True),
        (f"{S1}; q=0.4, {S2}; q=0.5", True),
        (f"{S2}; q=0, */*", False),
        (f"{S1}, {S2}; q=0.9", False),
        (f"{S1}, */*", False),
        (S1, False),
        (SEP, False),
        ("*/*", False),
        ("", False),
    ],
)
def test_the_edition_is_that_which_the_client_accepts(client_2023: Client, accept: str, later: bool) -> None:
    for path in ("/dcap", "/edev", "/nothing"):
        assert is_of_2023(client_2023.request("GET", path, headers={"accept": accept})) is later


@pytest.mark.parametrize("accept", [f"{SEP}; level=-S0", f"{SEP}; level=+S3", f"{SEP};level=", f"{SEP};q=nothing"])
def test_a_level_that_there_is_not_is_not_acceptable(client_2023: Client, accept: str) -> None:
    response = client_2023.request("GET", "/dcap", headers={"accept": accept})
    assert response.status == (200 if accept.endswith("=") else 406)
    assert not is_of_2023(response)


@pytest.mark.parametrize(
    ("content_type", "written", "status", "later"),
    [
        (S2, "ieee-2023", 400, True),
        (S2, "ieee-2018", 400, True),
        (SEP, "ieee-2023", 400, True),
        (SEP, "ieee-2018", 400, False),
        (S1, "ieee-2018", 400, False),
        (f"{SEP}; level=-S3", "ieee-2018", 415, False),
    ],
)
def test_what_a_client_sends_says_its_edition_if_it_accepts_any(
    client_2023: Client, content_type: str, written: str, status: int, later: bool
) -> None:
    content = dumps(end_device(new_lfdi(), sfdi=1), profile=written)
    response = client_2023.request("POST", "/edev", content, {"content-type": content_type, "accept": "*/*"})
    assert (response.status, is_of_2023(response)) == (status, later)


def test_a_client_of_2018_gets_nothing_of_what_is_written_in_2023(client_2023: Client) -> None:
    path = client_2023.register(new_lfdi())
    der = f"{path}/der/1"
    status = DERStatus(
        reading_time=1, connect_status=ConnectStatusType2(date_time=1, value=DERConnectionState.CONNECTED)
    )
    assert client_2023.send("PUT", f"{der}/ders", status).status == 204
    later = client_2023.get(f"{der}/ders")
    assert is_of_2023(later) and loads(later.content, DERStatus).connect_status == status.connect_status
    earlier = client_2023.request("GET", f"{der}/ders", headers={"accept": S1})
    assert not is_of_2023(earlier) and loads(earlier.content, DERStatus).connect_status is None
    assert loads(earlier.content, DERStatus).reading_time == 1


def test_what_a_client_of_2018_writes_has_a_schema_version_for_others(client_2023: Client) -> None:
    path = client_2023.register(new_lfdi())
    content = dumps(device_information(new_lfdi()), profile="ieee-2018")
    assert client_2023.request("PUT", f"{path}/di", content, {"content-type": SEP, "accept": SEP}).status == 204
    assert is_of_2023(client_2023.get(f"{path}/di"))


def test_a_refusal_before_the_body_is_of_the_edition_of_the_client(client_2023: Client) -> None:
    def refused(**headers: str) -> Response:
        response = client_2023.utility.refuse("POST", "/nothing", client=client_2023.lfdi, headers=headers)
        assert response is not None
        return response

    assert is_of_2023(refused(accept=S2))
    assert not is_of_2023(refused(accept=SEP))


def test_a_utility_of_2018_knows_no_level(client: Client) -> None:
    response = client.request("GET", "/dcap", headers={"accept": S2})
    assert (response.status, is_of_2023(response)) == (200, False)
