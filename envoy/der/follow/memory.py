"""The memory of a follower: what it keeps over restarts, and what it notes for people."""

from __future__ import annotations

from typing import Protocol

from envoy.der.responses import DueResponse
from envoy.der.schedule import Schedule


class Memory(Protocol):
    """What keeps the state of a follower. What it raises ends the following."""

    def save(self, schedule: Schedule) -> None:
        """Keep what a schedule knows, as ``Schedule.dump`` returns it.

        It is called when something has changed, before that is applied or sent; and it may be called when nothing has.
        """

    def note_sent(self, response: DueResponse, time: float, status: int) -> None:
        """Note that a response is no longer owed.

        Args:
            response: The response.
            time: When the server took it or refused it for good, by the clock of the follower.
            status: The HTTP status; 0 where it was found on the server, since its first receipt was lost.
        """


class NoMemory:
    """A memory that keeps nothing: a restart knows nothing of what was before."""

    def save(self, schedule: Schedule) -> None:
        """Keep nothing."""

    def note_sent(self, response: DueResponse, time: float, status: int) -> None:
        """Note nothing."""
