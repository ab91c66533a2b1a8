"""Certificates that are read again: the next connection has the new ones, and what is under way goes on."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from envoy import AsyncClient, Client
from envoy.errors import EnvoyError
from envoy.testing import UtilityServer
from envoy.tls.pki import Pki
from tests.support.clients import GET
from tests.support.fleets import until


@pytest.fixture(scope="module")
def server(pki: Pki) -> Iterator[UtilityServer]:
    with UtilityServer(folder=pki.ca.certificate.parent) as server:
        yield server


def put(pki: Pki, name: str, folder: Path) -> dict[str, Path]:
    """Put the certificate of a device where the client has its own."""
    device = pki.devices[name]
    files = {"cert": folder / "client.pem", "key": folder / "client.key", "ca": folder / "ca.pem"}
    for source, target in zip((device.certificate, device.key, pki.ca.certificate), files.values(), strict=True):
        shutil.copy(source, target)
    return files


def seen(server: UtilityServer) -> list[bytes]:
    return [request.client for request in server.requests]


def test_a_client_uses_the_new_certificate_for_the_next_request(
    server: UtilityServer, pki: Pki, tmp_path: Path
) -> None:
    server.reset()
    with Client(server.url, **put(pki, "device", tmp_path)) as client:
        client.send(GET)
        put(pki, "rival", tmp_path)
        client.send(GET)
        client.reload_certificates()
        client.send(GET)
        put(pki, "aggregator", tmp_path)
        client.reload_certificates()
        client.send(GET)
    assert seen(server) == [pki.devices[name].lfdi for name in ("device", "device", "rival", "aggregator")]


def test_an_asynchronous_client_does_too(server: UtilityServer, pki: Pki, tmp_path: Path) -> None:
    server.reset()

    async def run() -> None:
        async with AsyncClient(server.url, **put(pki, "device", tmp_path)) as client:
            for name in ("rival", "aggregator"):
                await client.send(GET)
                put(pki, name, tmp_path)
                await client.reload_certificates()
            await client.send(GET)

    asyncio.run(run())
    assert seen(server) == [pki.devices[name].lfdi for name in ("device", "rival", "aggregator")]


def test_a_request_under_way_ends_as_it_began(server: UtilityServer, pki: Pki, tmp_path: Path) -> None:
    server.reset()
    server.delay_next(1)
    with Client(server.url, **put(pki, "device", tmp_path), retries=0) as client:
        statuses: list[int] = []
        thread = threading.Thread(target=lambda: statuses.append(client.send(GET).status))
        thread.start()
        until(lambda: bool(server.requests))
        put(pki, "rival", tmp_path)
        client.reload_certificates()
        assert client.send(GET).status == 200
        thread.join()
    assert statuses == [200]
    assert set(seen(server)) == {pki.devices["device"].lfdi, pki.devices["rival"].lfdi}


def test_files_that_cannot_be_used_change_nothing(server: UtilityServer, pki: Pki, tmp_path: Path) -> None:
    server.reset()
    with Client(server.url, **put(pki, "device", tmp_path)) as client:
        (tmp_path / "client.pem").write_text("half a file")
        with pytest.raises(EnvoyError):
            client.reload_certificates()
        assert client.send(GET).status == 200
    assert seen(server) == [pki.devices["device"].lfdi]


def test_a_transport_of_ones_own_has_its_own_certificates() -> None:
    with (
        Client("http://127.0.0.1", transport=httpx.MockTransport(lambda _: httpx.Response(200))) as client,
        pytest.raises(EnvoyError),
    ):
        client.reload_certificates()
