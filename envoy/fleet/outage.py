"""Outages of a server in the middle of a fleet: the run waits for the server, instead of trying each site in vain."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import TIMEOUT_MAX

from envoy.client.async_client import AsyncClient
from envoy.errors import EnvoyError, OperationError, TransportError
from envoy.fleet.attempt import Attempt, lacks_response
from envoy.protocol.discovery import DEFAULT_ENTRY
from envoy.protocol.error_response import read_error
from envoy.protocol.flow import Flow, Request, Wait
from envoy.protocol.retry import backoff

LONGEST_OUTAGE = 300.0
"""Seconds that a run waits for a server, unless an argument says otherwise."""

_MAX_PAUSE = 30.0
"""Longest seconds between two looks whether the server responds."""


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which the server does not respond, or fails (5xx).

    Attributes:
        since: When the first site had no response, in seconds since 1970.
        until: When the run ends unless the server responds, in seconds since 1970.
        reason: What the last site came to.
        over: Whether the server responds again.
    """

    since: float
    until: float
    reason: str
    over: bool = False


class Breaker:
    """Has a run wait when the server does not respond any more, and end when it has waited long enough.

    Args:
        client: A client of the server.
        limit: Sites in a row without a response that make an outage.
        longest: Seconds to wait in an outage.
        stopping: Set when the run is to be stopped, which ends a wait.
        report: Called when a wait begins, and when the outage is over.

    Attributes:
        href: Path of DeviceCapability.
        ended: Whether an outage has lasted too long, and the run is to end.

    Raises:
        EnvoyError: The seconds are negative, or more than a program can wait.
    """

    def __init__(
        self,
        client: AsyncClient,
        limit: int,
        longest: float,
        stopping: asyncio.Event,
        report: Callable[[Outage], None] | None = None,
    ) -> None:
        if not 0 <= longest <= TIMEOUT_MAX:
            raise EnvoyError("an outage cannot be negative or without end", remedy="outage=0 waits for no server.")
        self._client = client
        self._limit = limit
        self._longest = longest
        self._stopping = stopping
        self._report = report
        self._count = 0
        self._since = 0.0
        self._last: EnvoyError | None = None
        self._outage: Outage | None = None
        self._deadline = 0.0
        self._looks = 0
        self.href = DEFAULT_ENTRY
        self.ended = False

    @property
    def broken(self) -> bool:
        """Whether sites are to wait, and to be tried one at a time then."""
        return self._count >= self._limit

    def note(self, attempt: Attempt) -> None:
        """Take the outcome of an attempt into account."""
        if attempt.no_response:
            self._since = self._since or time.time()
            self._count += 1
            self._last = attempt.result.error
        else:
            self._count = 0
            self._end_outage()

    def note_list(self) -> None:
        """Take into account that the list was read, which says nothing where sites fail."""
        if not self.broken:
            self._end_outage()

    async def wait(self, error: EnvoyError | None = None) -> bool:
        """Wait until the server responds, and longer each time within one outage.

        Args:
            error: What shows that it does not; None for what the last site came to.

        Returns:
            Whether it does; otherwise the time is over, or the run is being stopped.
        """
        self._last = error or self._last
        if self.ended or self._stopping.is_set() or not self._longest:
            self.ended |= not self._stopping.is_set()
            return False
        now = asyncio.get_running_loop().time()
        if self._outage is None:
            self._deadline = now + self._longest
            reason = self._last.what if self._last else ""
            self._outage = Outage(self._since or time.time(), time.time() + self._longest, reason)
            self._announce(self._outage)
        looking = asyncio.ensure_future(self._client.run(self._look_out()))
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            timeout = max(0.0, self._deadline - now)
            await asyncio.wait((looking, stopping), timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            if looking.done():
                looking.result()
                return True
            self.ended = not stopping.done()
            return False
        finally:
            looking.cancel()
            stopping.cancel()
            await asyncio.gather(looking, stopping, return_exceptions=True)

    async def look(self) -> EnvoyError | None:
        """Return why DeviceCapability has no response; None if it has one."""
        return await self._client.run(self._look())

    def check(self) -> None:
        """Raise an OperationError if the run was ended."""
        if self.ended and self._last is not None:
            waited = f" within {self._longest:g} s" if self._longest else ""
            raise OperationError(
                f"the server did not respond{waited}, so the run was ended: {self._last.what}",
                where=self._last.where,
                remedy="Run it again once the server responds: sites that are done are skipped.",
            )

    def _look_out(self) -> Flow[None]:
        error: EnvoyError | None = self._last
        while error is not None:
            if self._looks:
                yield Wait(backoff(self._looks, _MAX_PAUSE))
            self._looks += 1
            error = yield from self._look()

    def _look(self) -> Flow[EnvoyError | None]:
        request = Request("device-capability", "GET", self.href)
        try:
            response = yield request
        except TransportError as error:
            return error if lacks_response(error) else None
        return read_error(request, response) if response.status >= 500 else None

    def _end_outage(self) -> None:
        self._since = 0.0
        self._looks = 0
        if self._outage is not None:
            self._announce(replace(self._outage, over=True))
            self._outage = None

    def _announce(self, outage: Outage) -> None:
        if self._report is not None:
            self._report(outage)
