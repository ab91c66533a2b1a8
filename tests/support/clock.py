"""A virtual clock, which drives flows without a sleep."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Generator
from typing import TypeVar

from envoy.protocol.flow import Wait, drive

T = TypeVar("T")
Sendable = TypeVar("Sendable")
Reply = TypeVar("Reply")


class VirtualClock:
    """A clock that a wait puts forward.

    Args:
        now: The time at the start, in seconds.

    Attributes:
        now: The time.
        waits: The seconds of each wait.
    """

    def __init__(self, now: float = 0.0) -> None:
        self.now = now
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def drive(self, flow: Generator[Sendable | Wait, Reply, T], send: Callable[[Sendable], Reply]) -> T:
        """Run a flow until it returns."""
        return drive(flow, send, self.wait)


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time is put forward to the next timer when nothing else is to be done.

    What it runs must not wait for sockets or threads: their time is another one.
    """

    def __init__(self) -> None:
        self.now = 0.0
        selector = selectors.DefaultSelector()
        wait = selector.select

        def select(timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            if timeout is None or timeout <= 0:
                return wait(timeout)
            self.now += timeout
            return wait(0)

        selector.select = select  # type: ignore[method-assign]
        super().__init__(selector)

    def time(self) -> float:
        return self.now
