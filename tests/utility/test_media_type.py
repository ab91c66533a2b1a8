"""The media type of messages, in Accept and Content-Type."""

from __future__ import annotations

import pytest

from envoy.documents import dumps
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
