"""The server's side of a connection, looked at from inside: what no client can see."""

from __future__ import annotations

import asyncio
import socket

import uvicorn
from uvicorn.server import ServerState

from envoy.server import Utility, create_app
from envoy.server.tls import ClientCertificateProtocol, server_context
from envoy.tls.context import client_context
from envoy.tls.pki import Pki


class Noted(ClientCertificateProtocol):
    """The server's protocol, with a note of its connections."""

    accepted: list[asyncio.Transport] = []  # noqa: RUF012 - one test, one list

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.accepted.append(transport)


async def accepted_by_the_server(pki: Pki, utility: Utility) -> int:
    """Connect to a server on a socket as ``serve`` has it; return what TCP_NODELAY is on the server's side."""
    config = uvicorn.Config(create_app(utility), http=Noted, lifespan="off", log_level="error")
    config.load()
    state = ServerState()
    files, device = pki.server, pki.devices["device"]
    ours = server_context(certificate=files.certificate, key=files.key, ca=pki.ca.certificate, tls12_only=True)
    theirs = client_context(cert=device.certificate, key=device.key, ca=pki.ca.certificate)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = await asyncio.get_running_loop().create_server(
            lambda: Noted(config=config, server_state=state, app_state={}), sock=listener, ssl=ours
        )
        _, writer = await asyncio.open_connection(*listener.getsockname(), ssl=theirs)
        while not Noted.accepted:
            await asyncio.sleep(0.01)
        connection = Noted.accepted.pop().get_extra_info("socket")
        value: int = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        writer.transport.abort()
        server.close()
        return value


def test_the_body_of_a_response_does_not_wait_until_its_head_is_acknowledged(pki: Pki) -> None:
    with Utility() as utility:
        assert asyncio.run(accepted_by_the_server(pki, utility)) != 0
