"""Clients of other projects against ``UtilityServer``: a control from received to completed."""

from __future__ import annotations

import asyncio

import pytest
from py20305.client.csip_client import CsipClient
from py20305.client.tls import TlsConfig

from envoy import Site
from envoy.testing import UtilityServer
from sep2 import DERControlType, ResponseList

RECEIVED, STARTED, COMPLETED = 1, 2, 3


async def follow(server: UtilityServer, name: str, *, compat: bool = True) -> None:
    """Follow what there is to follow as py20305 does, until it has said that a control is completed."""
    files = server.client_files(name)
    client = CsipClient(server.url, tls=TlsConfig(files.cert, files.key, files.ca), server_2018_compat=compat)
    async with client:
        await client.connect()
        run = asyncio.create_task(client.run())
        await asyncio.to_thread(server.wait_for, response=COMPLETED, timeout=60)
        await client.shutdown()
        await run


# The clock of the server stands still, so that the control has not ended before a slow client has seen it. The client
# reads that clock when it connects, and counts on by its own.
@pytest.mark.utility(options=["--manual-clock"])
def test_py20305_follows_a_control_from_received_to_completed(utility_server: UtilityServer) -> None:
    files = utility_server.client_files("inverter")
    with utility_server.client("inverter") as client:
        client.register(Site(lfdi=files.lfdi))
    start = utility_server.now()
    control = utility_server.program("export").control(duration=1, op_mod_exp_lim_w=1500)
    asyncio.run(follow(utility_server, "inverter"))
    responses = utility_server.responses(control)
    assert [response.status for response in responses] == [RECEIVED, STARTED, COMPLETED]
    assert {(response.lfdi, response.arrived) for response in responses} == {(files.lfdi, start)}
    *_, completed = responses
    assert completed.created is not None
    assert completed.created >= start + 1


# py20305 says of what edition it is in its bodies alone: it asks for no level, and is responded to in that of 2018.
@pytest.mark.utility(profile="ieee-2023", options=["--manual-clock"])
@pytest.mark.parametrize("compat", [False, True], ids=["as of 2023", "as of 2018"])
def test_py20305_follows_a_control_of_a_utility_of_2023(utility_server: UtilityServer, compat: bool) -> None:
    files = utility_server.client_files("inverter")
    with utility_server.client("inverter") as client:
        client.register(Site(lfdi=files.lfdi))
    control = utility_server.program("limit").control(duration=1, op_mod_max_lim_w=5000)
    asyncio.run(follow(utility_server, "inverter", compat=compat))
    assert [each.status for each in utility_server.responses(control)] == [RECEIVED, STARTED, COMPLETED]
    with utility_server.client("inverter") as client:
        (device,) = client.end_devices()
        kept = client.get(f"{device.href}/rsps/derc/rsp", ResponseList).response
    modes = {response.modes_responded for response in kept}
    assert modes == ({None} if compat else {DERControlType.OP_MOD_MAX_LIM_W})
