"""The server's side of TLS: who is let in, with which cipher suite, and what no client can see of a connection."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from envoy.server.http_protocol import ClientCertificateProtocol
from envoy.tls.context import client_context
from envoy.tls.pki import Pki, create_pki
from envoy.utility import Settings, Utility
from tests.support.serving import connect, http_client, running

CCM8 = "ECDHE-ECDSA-AES128-CCM8"
VERSIONS = {"TLSv1.2": True, "TLSv1.3": False}


@pytest.fixture(scope="module")
def urls(pki: Pki) -> Iterator[dict[str, str]]:
    """A server for each version of TLS."""
    with ExitStack() as stack:
        utility = stack.enter_context(Utility(Settings(pre_registered=True)))
        yield {
            version: stack.enter_context(running(pki, utility, tls12_only=only)) for version, only in VERSIONS.items()
        }


def plain_context(pki: Pki) -> ssl.SSLContext:
    """Return the settings of a client with the ciphers that Python has by default."""
    context = ssl.create_default_context(cafile=pki.ca.certificate)
    context.load_cert_chain(pki.devices["device"].certificate, pki.devices["device"].key)
    return context


@pytest.mark.parametrize("version", VERSIONS)
def test_no_certificate_no_response(pki: Pki, urls: dict[str, str], version: str) -> None:
    context = client_context(ca=pki.ca.certificate)
    with httpx.Client(verify=context) as client, pytest.raises(httpx.TransportError):
        client.get(f"{urls[version]}/dcap")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_certificate_of_another_authority_gets_no_response(
    pki: Pki, urls: dict[str, str], version: str, tmp_path: Path
) -> None:
    stranger = create_pki(tmp_path, devices=["device"]).devices["device"]
    context = client_context(cert=stranger.certificate, key=stranger.key, ca=pki.ca.certificate)
    with httpx.Client(verify=context) as client, pytest.raises(httpx.TransportError):
        client.get(f"{urls[version]}/dcap")


@pytest.mark.parametrize("version", VERSIONS)
def test_the_client_is_who_its_certificate_says(pki: Pki, urls: dict[str, str], version: str) -> None:
    for name in ("device", "rival"):
        with http_client(pki, urls[version], name) as client:
            assert pki.devices[name].lfdi.hex().upper() in client.get("/edev").text


def test_the_mandatory_cipher_suite_is_preferred(pki: Pki, urls: dict[str, str]) -> None:
    context = plain_context(pki)
    try:
        context.set_ciphers(f"ECDHE-ECDSA-AES128-GCM-SHA256:{CCM8}:@SECLEVEL=0")
    except ssl.SSLError:
        pytest.skip("this TLS library does not have the suite")
    if CCM8 not in [cipher["name"] for cipher in context.get_ciphers()]:
        pytest.skip("this TLS library does not have the suite")
    with connect(urls["TLSv1.2"], context) as connection:
        assert connection.cipher() == (CCM8, "TLSv1.2", 128)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_newest_version_is_the_one_that_the_settings_allow(pki: Pki, urls: dict[str, str], version: str) -> None:
    with connect(urls[version], plain_context(pki)) as connection:
        assert connection.version() == version


def test_the_body_of_a_response_does_not_wait_until_its_head_is_acknowledged(
    pki: Pki, urls: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted: list[int] = []
    connection_made = ClientCertificateProtocol.connection_made

    def noted(self: ClientCertificateProtocol, transport: asyncio.Transport) -> None:
        connection_made(self, transport)
        accepted.append(transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    monkeypatch.setattr(ClientCertificateProtocol, "connection_made", noted)
    with http_client(pki, urls["TLSv1.2"]) as client:
        client.get("/tm")
    assert accepted and 0 not in accepted
