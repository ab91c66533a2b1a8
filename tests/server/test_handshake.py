"""The server's side of TLS: who is let in, and with which cipher suite."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import httpx
import pytest

from envoy.server import Utility, create_app
from envoy.tls.context import client_context
from tests.support.serving import CCM8, Pki, Server, handshake, trusting_context


@pytest.mark.parametrize("version", ["TLS 1.2", "TLS 1.3"])
def test_no_certificate_no_answer(server: Server, strict_server: Server, version: str) -> None:
    chosen = server if version == "TLS 1.2" else strict_server
    context = client_context(ca=server.pki.folder / "ca.pem")
    with httpx.Client(verify=context) as client, pytest.raises(httpx.TransportError):
        client.get(f"{chosen.url}/dcap")


@pytest.mark.parametrize("version", ["TLS 1.2", "TLS 1.3"])
def test_a_certificate_of_another_authority_gets_no_answer(
    server: Server, strict_server: Server, version: str, tmp_path: Path
) -> None:
    chosen = server if version == "TLS 1.2" else strict_server
    _, certificate, key = Pki.create(tmp_path).new_device()
    context = client_context(cert=certificate, key=key, ca=server.pki.folder / "ca.pem")
    with httpx.Client(verify=context) as client, pytest.raises(httpx.TransportError):
        client.get(f"{chosen.url}/dcap")


def test_the_mandatory_cipher_suite_is_preferred(server: Server) -> None:
    context = trusting_context(server)
    try:
        context.set_ciphers(f"ECDHE-ECDSA-AES128-GCM-SHA256:{CCM8}:@SECLEVEL=0")
    except ssl.SSLError:
        pytest.skip("this TLS library does not have the suite")
    if CCM8 not in [cipher["name"] for cipher in context.get_ciphers()]:
        pytest.skip("this TLS library does not have the suite")
    with handshake(server, context) as connection:
        assert connection.cipher() == (CCM8, "TLSv1.2", 128)


def test_a_client_with_default_ciphers_is_served(server: Server) -> None:
    with handshake(server, trusting_context(server)) as connection:
        assert connection.version() == "TLSv1.2"


def test_tls_1_3_is_spoken_if_allowed(strict_server: Server) -> None:
    with handshake(strict_server, trusting_context(strict_server)) as connection:
        assert connection.version() == "TLSv1.3"


def test_an_application_that_is_handed_no_certificate_refuses_everything() -> None:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(utility))
        async with httpx.AsyncClient(transport=transport, base_url="http://server") as client:
            return await client.get("/dcap")

    with Utility() as utility:
        assert asyncio.run(ask()).status_code == 403
