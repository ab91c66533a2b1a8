"""The streams of the console: what they send, how many there are, and their end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest

from envoy.server.console import streams as module
from envoy.server.console.streams import MOST_STREAMS, Streams
from envoy.utility import ManualClock, Settings, Utility
from sep2 import ConnectionPoint, DERControlResponse, DERStatus, ResponseStatus
from tests.support.utilities import Client, mirror, new_lfdi, reading

NOW = 1_700_000_000


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAUSE", 0)


def run(test: Callable[[Utility, Streams], Coroutine[Any, Any, None]]) -> None:
    with Utility(Settings(pre_registered=True), now=ManualClock(NOW)) as utility:
        streams = Streams(utility.now)
        utility.listeners.append(streams.note)
        asyncio.run(test(utility, streams))


async def read(stream: AsyncIterator[str]) -> dict[str, Any]:
    event = await asyncio.wait_for(anext(stream), 60)
    assert event.startswith("data: ") and event.endswith("\n\n") and event.count("\n") == 2
    return dict(json.loads(event.removeprefix("data: ")))


async def begin(streams: Streams) -> AsyncIterator[str]:
    stream = streams.open()
    assert stream is not None
    assert await read(stream) == {"now": NOW, "kinds": [], "sites": []}
    return stream


def test_each_change_is_named_with_its_sites() -> None:
    async def test(utility: Utility, streams: Streams) -> None:
        client, site = Client(utility), new_lfdi()
        client.get("/edev")
        stream = await begin(streams)

        async def expect(kind: str, lfdi: bytes | None) -> None:
            sites = None if lfdi is None else [lfdi.hex().upper()]
            found = await read(stream)
            assert kind in found["kinds"] and found["sites"] == sites

        href = client.register(site)
        await expect("sites", site)
        client.send("PUT", f"{href}/cp", ConnectionPoint(connection_point_id="6123456789"))
        await expect("sites", site)
        client.send("PUT", f"{href}/der/1/ders", DERStatus(reading_time=1))
        await expect("status", site)
        mup = client.send("POST", "/mup", mirror(site, b"1" * 16)).location
        await expect("readings", site)
        client.send("POST", mup, reading(b"2" * 15))
        await expect("readings", site)
        client.delete(mup)
        await expect("readings", site)
        control = utility.site_program(site).control(duration=60, op_mod_connect=False)
        await expect("controls", site)
        response = DERControlResponse(end_device_lfdi=site, status=ResponseStatus(1), subject=control.mrid)
        client.send("POST", f"{href}/rsps/derc/rsp", response)
        await expect("responses", site)
        control.cancel()
        await expect("controls", site)
        utility.program("all", sites="all")
        await expect("controls", None)
        client.delete(f"{href}/der/1")
        await expect("status", site)
        for change in (lambda: utility.advance(1), lambda: utility.set_time(offset=5)):
            change()
            await expect("time", None)
        utility.reset()
        await expect("sites", None)

    run(test)


def test_changes_are_collected_while_nobody_reads_and_many_sites_are_not_named() -> None:
    async def test(utility: Utility, streams: Streams) -> None:
        stream = await begin(streams)
        sites = [new_lfdi() for _ in range(300)]
        for lfdi in sites[:150]:
            utility.register(lfdi)
        found = await read(stream)
        assert found["sites"] == sorted(lfdi.hex().upper() for lfdi in sites[:150])
        for lfdi in sites[150:]:
            utility.register(lfdi)
        utility.program("some", sites=sites)
        found = await read(stream)
        assert (found["kinds"], found["sites"]) == (["controls", "sites"], None)

    run(test)


def test_silence_is_broken_by_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_HEARTBEAT", 0.01)

    async def test(utility: Utility, streams: Streams) -> None:
        stream = await begin(streams)
        assert await read(stream) == {"now": NOW, "kinds": [], "sites": []}

    run(test)


def test_there_are_not_more_than_some_and_one_that_ends_makes_room() -> None:
    async def test(utility: Utility, streams: Streams) -> None:
        opened = [await begin(streams) for _ in range(MOST_STREAMS)]
        assert streams.open() is None
        await opened.pop().aclose()  # type: ignore[attr-defined]
        # Nobody reads this one at all.
        unread = streams.open()
        assert unread is not None
        assert streams.open() is None
        del unread
        assert streams.open() is not None

    run(test)


def test_all_end_with_the_server() -> None:
    async def test(utility: Utility, streams: Streams) -> None:
        stream = await begin(streams)

        async def read_all() -> list[str]:
            return [event async for event in stream]

        reading = asyncio.create_task(read_all())
        await asyncio.sleep(0)
        streams.close()
        assert await asyncio.wait_for(reading, 60) == []
        assert streams.open() is None

    run(test)
