"""Both clients drive a follower over TLS, against a server in a process of its own."""

from __future__ import annotations

import asyncio
import time
from decimal import Decimal

import pytest

from envoy.der.follow.follower import Follower
from envoy.der.follow.memory import NoMemory
from envoy.der.follow.worker import DirectWorker
from envoy.der.limits import Rating
from envoy.der.responses import DueResponse
from envoy.der.schedule import Schedule
from envoy.protocol.session import Session
from envoy.testing import UtilityServer
from tests.support.devices import PlainDevice
from tests.support.schedules import make_values


@pytest.mark.utility(options=["--pre-registered"])
@pytest.mark.parametrize("concurrent", [False, True])
def test_a_client_follows_and_responds(utility_server: UtilityServer, concurrent: bool) -> None:
    with utility_server.client() as client:
        (end_device,) = client.end_devices()
        profile = client.profile
    program = utility_server.program("export", primacy=1)
    program.default(op_mod_exp_lim_w=5000)
    control = program.control(duration=600, op_mod_gen_lim_w=1500)
    device, schedule = PlainDevice(), Schedule(now=time.time())

    class Memory(NoMemory):
        def note_sent(self, response: DueResponse, time: float, status: int) -> None:
            if response.status == 2:
                follower.stop()

    worker = DirectWorker(device)
    rating = Rating(max_w=Decimal(10_000))
    follower = Follower(
        Session(profile), schedule, worker, rating, lfdi=end_device.lfdi, clock=time.time, memory=Memory()
    )
    if concurrent:

        async def follow() -> None:
            async with utility_server.async_client() as client:
                await client.run(follower.run())

        asyncio.run(follow())
    else:
        with utility_server.client() as client:
            client.run(follower.run())
    assert device.values == make_values({"EL": 5000, "GL": 1500})
    assert [response.status for response in utility_server.responses(control)] == [1, 2]
