"""Both clients drive a follower over TLS, against a server in a process of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import pytest

from envoy.der.follow.follower import Follower
from envoy.der.in_force import Setting
from envoy.der.schedule import Schedule
from envoy.protocol.session import Session
from envoy.testing import UtilityServer
from tests.support.schedules import make_values


class Device:
    """A device that keeps what it was given."""

    def __init__(self) -> None:
        self.applied: list[dict[str, object]] = []

    def apply(self, settings: Sequence[Setting]) -> list[str]:
        self.applied.append({setting.mode: setting.value for setting in settings})
        return []


@pytest.mark.utility(options=["--pre-registered"])
@pytest.mark.parametrize("concurrent", [False, True])
def test_a_client_follows_and_responds(utility_server: UtilityServer, concurrent: bool) -> None:
    with utility_server.client() as client:
        (end_device,) = client.end_devices()
        profile = client.profile
    program = utility_server.program("export", primacy=1)
    program.default(op_mod_exp_lim_w=5000)
    control = program.control(duration=600, op_mod_gen_lim_w=1500)
    device, schedule = Device(), Schedule(now=time.time())

    def save(schedule: Schedule) -> None:
        if any(setting.mrid for setting in schedule.in_force()) and not schedule.owed:
            follower.stop()

    follower = Follower(Session(profile), schedule, device, lfdi=end_device.lfdi, clock=time.time, save=save)
    if concurrent:

        async def follow() -> None:
            async with utility_server.async_client() as client:
                await client.run(follower.run())

        asyncio.run(follow())
    else:
        with utility_server.client() as client:
            client.run(follower.run())
    assert device.applied[-1] == make_values({"EL": 5000, "GL": 1500})
    assert [response.status for response in utility_server.responses(control)] == [1, 2]
