"""The media type of messages, in Accept and Content-Type."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from envoy.documents import dumps
from envoy.utility import Settings, Utility
from tests.support.utilities import SEP, Client, end_device, new_lfdi


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
