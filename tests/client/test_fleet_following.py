"""Following of a fleet by a client: how its loop is woken."""

from __future__ import annotations

import asyncio
from typing import Any

from envoy import AsyncClient


class NoDevices:
    """The devices of a fleet without sites."""

    def open(self, key: str, site: object) -> Any:
        raise AssertionError

    def close(self) -> None:
        pass


async def stop_while_it_wakes() -> None:
    # Nobody is there.
    async with AsyncClient("http://127.0.0.1:9") as client, client.follow_fleet({}, NoDevices()) as following:

        class News(asyncio.Event):
            """Is cleared when another thread stops the following, which has just seen that it goes on."""

            woken = False

            def clear(self) -> None:
                if self.woken and self.is_set():
                    following.stop()
                super().clear()

        following._news = news = News()
        run = asyncio.create_task(following.run())
        await asyncio.sleep(0.1)  # it finds nobody, and waits
        news.woken = True
        following.fleet.wake()
        await run


def test_a_stop_is_not_lost_while_the_loop_wakes() -> None:
    asyncio.run(asyncio.wait_for(stop_while_it_wakes(), 30))
