"""The asynchronous client does what the synchronous one does, with the same requests."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest
from syrupy.assertion import SnapshotAssertion

from envoy import AsyncClient, Client, Site
from envoy.client.client import Exchange
from envoy.errors import EnvoyError, TransportError
from envoy.protocol.flow import Request
from envoy.protocol.results import Registration, RegistrationError
from envoy.tls.pki import Pki
from tests.conftest import StartServer
from tests.support.messages import message
from tests.support.registrations import AGAIN, FIRST, Utility, new_site
from tests.support.scripted import Answer, Handler, Serve, hang_up, ok, tls

GET = Request("test", "GET", "/dcap")


@pytest.fixture(autouse=True)
def no_system_certificates(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Spare each new client the reading of a few hundred CA certificates that no test here needs."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))


def options(pki: Pki, name: str = "aggregator") -> dict[str, Any]:
    files = pki.devices[name]
    return {"cert": files.certificate, "key": files.key, "ca": pki.ca.certificate}


def lines(told: list[Exchange], href: str) -> list[str]:
    """Return the requests without the pages that they ask for, and without the number of the EndDevice."""
    return [str(exchange.request).partition("?")[0].replace(href, "/edev/N") for exchange in told]


def test_a_registration_sends_what_the_synchronous_client_sends(pki: Pki, start_server: StartServer) -> None:
    site, told = new_site(), list[Exchange]()

    async def run() -> tuple[Registration, Registration]:
        async with AsyncClient(start_server(), **options(pki), on_exchange=told.append) as client:
            return await client.register(site), await client.register(site)

    first, second = asyncio.run(run())
    assert first.changed and not second.changed
    assert first.findings == second.findings == []
    assert lines(told, first.href) == [*FIRST, *AGAIN]
    assert {exchange.tls for exchange in told} == {"TLSv1.2 ECDHE-ECDSA-AES128-CCM8"}


def test_many_sites_are_registered_at_a_time_over_few_connections(pki: Pki, start_server: StartServer) -> None:
    sites = [new_site(ders=[]) for _ in range(20)]

    async def run() -> list[bytes | None]:
        async with AsyncClient(start_server("--page-limit", "7"), **options(pki), max_connections=3) as client:
            registrations = await asyncio.gather(*(client.register(site) for site in sites))
            assert len({registration.href for registration in registrations}) == 20
            return [device.lfdi async for device in client.end_devices()]

    found = asyncio.run(run())
    assert sorted(found[1:], key=bytes) == sorted(site.lfdi for site in sites)  # type: ignore[arg-type]


def utility_behind(serve: Serve, utility: Utility, lose: dict[str, int]) -> str:
    """Serve a Utility on a socket; the first responses to some requests are lost after they were processed."""

    def answer(handler: Handler) -> None:
        method, path, _, body = handler.server.received[-1]
        response = utility.answer(Request("", method, path, body or None))
        line = f"{method} {path.partition('?')[0]}"
        if lose.get(line):
            lose[line] -= 1
            hang_up(handler)
        else:
            handler.reply(response.status, response.content, **response.headers)

    return serve(answer).url


@pytest.mark.unmeasured
@pytest.mark.parametrize("kind", [Client, AsyncClient])
@pytest.mark.parametrize("request_", FIRST)
def test_whatever_answer_is_lost_a_site_is_registered_once_and_as_a_whole(
    kind: type, request_: str, serve: Serve
) -> None:
    site, utility = new_site(), Utility()
    url = utility_behind(serve, utility, {request_.replace("/N", "/2"): 1})
    result = register_with(kind, url, site)
    assert result.href == "/edev/2"
    assert result.findings == []
    assert [device.lfdi for device in utility.devices] == [site.lfdi]
    assert len(utility.ders) == 2
    assert utility.sent.count("POST /edev") == utility.sent.count("POST /edev/2/der") == 1
    assert not register_with(kind, url, site).changed


def register_with(kind: type, url: str, site: Site) -> Registration:
    if kind is Client:
        with Client(url, max_wait=0.01) as client:
            return client.register(site)

    async def run() -> Registration:
        async with AsyncClient(url, max_wait=0.01) as client:
            return await client.register(site)

    return asyncio.run(run())


def test_a_wrong_pin_stops_the_registration(pki: Pki, start_server: StartServer, snapshot: SnapshotAssertion) -> None:
    async def run() -> None:
        async with AsyncClient(start_server("--pin", "123455"), **options(pki)) as client:
            await client.register(new_site())

    with pytest.raises(RegistrationError) as caught:
        asyncio.run(run())
    assert message(caught.value) == snapshot


def test_a_task_that_is_cancelled_stops_at_once_and_the_client_goes_on(serve: Serve) -> None:
    def answer(handler: Handler) -> None:
        # No response comes while the client waits.
        handler.server.received[-1][1] == "/slow" and handler.rfile.read(1)
        ok(handler)

    server = serve(answer)

    async def run() -> bytes:
        async with AsyncClient(server.url) as client:
            task = asyncio.create_task(client.send(Request("test", "GET", "/slow")))
            while not server.received:
                await asyncio.sleep(0.001)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return (await client.send(GET)).content

    assert asyncio.run(run()) == b"fine"


def test_a_transport_of_httpx_takes_the_place_of_the_network() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=str(request.url).encode()))

    async def run() -> bytes:
        async with AsyncClient("https://server.example/api/dcap", transport=transport) as client:
            return (await client.send(GET)).content

    assert asyncio.run(run()) == b"https://server.example/dcap"


def test_a_client_that_is_closed_says_so(serve: Serve, snapshot: SnapshotAssertion) -> None:
    async def run() -> None:
        client = AsyncClient(serve(ok).url)
        await client.aclose()
        await client.send(GET)

    with pytest.raises(EnvoyError) as caught:
        asyncio.run(run())
    assert message(caught.value) == snapshot


def without_tls(handler: Handler) -> None:
    """Respond on a connection with TLS as if it had none."""
    socket.socket.sendall(handler.connection, b"HTTP/1.1 200 OK\r\n\r\n")
    handler.close_connection = True


def with_another_header(handler: Handler) -> None:
    """Respond with a header that HTTP does not have."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\0: \xff\r\n\r\n")
    handler.close_connection = True


@pytest.mark.parametrize(("answer", "what"), [(without_tls, "TLS"), (with_another_header, "header")])
def test_both_clients_say_the_same_of_what_is_neither_tls_nor_http(
    answer: Answer, what: str, pki: Pki, serve: Serve
) -> None:
    url = serve(answer, tls(pki)).url

    async def run() -> None:
        async with AsyncClient(url, **options(pki), retries=0) as client:
            await client.send(GET)

    with pytest.raises(TransportError) as first, Client(url, **options(pki), retries=0) as client:
        client.send(GET)
    with pytest.raises(TransportError) as second:
        asyncio.run(run())
    assert str(first.value) == str(second.value)
    assert what in first.value.what
    assert (first.value.maybe_received, first.value.transient) == (
        second.value.maybe_received,
        second.value.transient,
    )
