"""Arguments of the wrong kind: each method of the clients says what to pass, before anything is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from envoy import AsyncClient, Client, EnvoyError, Site
from envoy.fleet import Fleet, FleetRun
from envoy.metering import post_readings
from sep2 import DERCapability

LFDI = "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5"
NOWHERE = "http://127.0.0.1:1"
SITE = Site(lfdi=bytes.fromhex(LFDI))


class Device:
    def apply(self, limits: Any) -> None: ...


CALLS: list[Callable[[Any], Any]] = [
    lambda client: client.register("site.toml"),
    lambda client: client.register(Path("fleet.csv")),
    lambda client: client.register({"lfdi": LFDI}),
    lambda client: client.register(LFDI),
    lambda client: client.register(bytes(20)),
    lambda client: client.register([SITE]),
    lambda client: client.register(None),
    lambda client: client.deregister("site.toml"),
    lambda client: client.deregister(LFDI),
    lambda client: client.get("/tm", "Time"),
    lambda client: client.get({"href": "/tm"}),
    lambda client: client.put("/x", "<DERCapability/>"),
    lambda client: client.put("/x", {"type": 4}),
    lambda client: client.put("/x", DERCapability),
    lambda client: client.post("/edev", SITE),
    lambda client: client.post("/edev", Path("edev.xml")),
    lambda client: client.post(Path("/edev"), SITE),
    lambda client: client.delete(5),
    lambda client: client.send("/dcap"),
    lambda client: client.run(post_readings("readings.spool", client)),  # type: ignore[arg-type]
]


def refuse(call: Callable[[], Any]) -> str:
    with pytest.raises(EnvoyError) as caught:
        call()
    assert caught.value.remedy
    return str(caught.value)


def test_what_is_not_what_a_method_takes_is_named(snapshot: SnapshotAssertion) -> None:
    with Client(NOWHERE, retries=0) as client:
        texts = [refuse(lambda call=call: call(client)) for call in CALLS]  # type: ignore[misc]
    assert texts == snapshot

    async def ask() -> list[str]:
        async with AsyncClient(NOWHERE, retries=0) as client:
            return [await refuse_async(client, call) for call in CALLS]

    async def refuse_async(client: AsyncClient, call: Callable[[Any], Any]) -> str:
        with pytest.raises(EnvoyError) as caught:
            await call(client)
        return str(caught.value)

    assert asyncio.run(ask()) == texts


def test_what_follow_and_fleets_take_is_named(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    path = tmp_path / "fleet.csv"
    path.touch()
    with Client(NOWHERE) as client:
        assert [
            refuse(lambda: client.follow("site.toml", Device())),  # type: ignore[arg-type]
            refuse(lambda: client.follow(SITE, "simulated")),  # type: ignore[arg-type]
            refuse(lambda: client.follow(SITE, Device(), mirrors="mirror.toml")),  # type: ignore[arg-type]
            refuse(lambda: client.follow(SITE, Device(), notifications="https://der.example:8444")),  # type: ignore[arg-type]
            refuse(lambda: FleetRun(client, "fleet.csv")),  # type: ignore[arg-type]
            refuse(lambda: FleetRun(client, Fleet(path), journal="fleet.journal")),  # type: ignore[arg-type]
        ] == snapshot
