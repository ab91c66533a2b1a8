"""Clients of other projects against ``UtilityServer``: a control from received to completed."""

from __future__ import annotations

import asyncio

from py20305.client.csip_client import CsipClient
from py20305.client.tls import TlsConfig

from envoy.testing import UtilityServer

RECEIVED, STARTED, COMPLETED = 1, 2, 3


async def follow(server: UtilityServer, name: str) -> None:
    """Follow what there is to follow as py20305 does, until it has said that a control is completed."""
    files = server.client_files(name)
    client = CsipClient(server.url, tls=TlsConfig(files.cert, files.key, files.ca), server_2018_compat=True)
    async with client:
        await client.connect()
        run = asyncio.create_task(client.run())
        await asyncio.to_thread(server.wait_for, response=COMPLETED, timeout=60)
        await client.shutdown()
        await run


def test_py20305_follows_a_control_from_received_to_completed(utility_server: UtilityServer) -> None:
    files = utility_server.client_files("inverter")
    with utility_server.client("inverter") as client:
        client.discover()
    control = utility_server.program("export").control(duration=2, op_mod_exp_lim_w=1500, response_required=3)
    asyncio.run(follow(utility_server, "inverter"))
    responses = utility_server.responses(control)
    assert [response.status for response in responses] == [RECEIVED, STARTED, COMPLETED]
    assert {response.lfdi for response in responses} == {files.lfdi}
    times = [response.created for response in responses]
    assert times == sorted(times)
