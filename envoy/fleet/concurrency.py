"""Concurrent work on many items: at most N at a time, and the results as they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


async def run_concurrently(
    items: Iterator[Item], work: Callable[[Item], Awaitable[Result | None]], limit: int
) -> AsyncGenerator[Result, None]:
    """Await ``work`` for each item, and give what it returns in the order of completion, without None.

    Args:
        items: Read one at a time, when there is a place for it.
        work: What to do with an item. An exception of it ends all.
        limit: Items at a time.
    """
    done: asyncio.Queue[Result | None] = asyncio.Queue(limit)
    failures: list[Exception] = []

    async def work_off() -> None:
        for item in items:
            if (result := await work(item)) is not None:
                await done.put(result)

    async def work_all() -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(limit):
                    group.create_task(work_off())
        except ExceptionGroup as group_of:
            failures.append(group_of.exceptions[0])
        await done.put(None)

    working = asyncio.create_task(work_all())
    try:
        while (result := await done.get()) is not None:
            yield result
        if failures:
            raise failures[0]
    finally:
        working.cancel()
        await asyncio.wait([working])
