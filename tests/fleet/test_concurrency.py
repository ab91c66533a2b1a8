"""Concurrent work: all items, at most N at a time, and an end whatever happens."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from envoy.fleet.concurrency import run_concurrently


def test_every_item_is_worked_on_and_at_most_as_many_at_a_time_as_allowed() -> None:
    under_way: list[int] = []
    most = 0

    async def work(item: int) -> int | None:
        nonlocal most
        under_way.append(item)
        most = max(most, len(under_way))
        await asyncio.sleep(0)
        under_way.remove(item)
        return item if item % 2 else None

    async def main() -> list[int]:
        return [result async for result in run_concurrently(iter(range(20)), work, 3)]

    assert sorted(asyncio.run(main())) == list(range(1, 20, 2))
    assert most == 3


def test_an_exception_ends_all_and_is_raised() -> None:
    async def work(item: int) -> int:
        if item == 5:
            raise ValueError(item)
        await asyncio.sleep(0)
        return item

    async def main() -> None:
        async for _ in run_concurrently(iter(range(100)), work, 3):
            pass
        pytest.fail("nothing was raised")

    with pytest.raises(ValueError, match="5"):
        asyncio.run(asyncio.wait_for(main(), 60))


def test_whoever_stops_listening_ends_what_is_under_way() -> None:
    async def work(item: int) -> int:
        if item:
            await asyncio.sleep(3600)
        return item

    async def main() -> None:
        async with aclosing(run_concurrently(iter(range(9)), work, 3)) as results:
            async for _ in results:
                break
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())
