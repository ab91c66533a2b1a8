"""The memory of a follower: what it keeps over restarts, and what it notes for people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from envoy.der.responses import DueResponse
from envoy.der.schedule import Schedule
from envoy.errors import EnvoyError

RETRY_SECONDS = 10
"""Seconds after which a memory that has failed is tried again."""


class Memory(Protocol):
    """What keeps the state of a follower."""

    def save(self, schedule: Schedule) -> None:
        """Keep what a schedule knows, as ``Schedule.dump`` returns it.

        It is called when something has changed, before that is applied or sent; and it may be called when nothing has.

        Raises:
            EnvoyError: It cannot be kept, as when a disk is full; it is tried again.
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


class Recorder:
    """Keeps a schedule in a memory that may fail: what holds is applied all the same, and no response is sent.

    Args:
        memory: The memory.
        clock: Returns the time in seconds.
        note: Notes that the memory fails, and that it does not any more.

    Attributes:
        error: Why what was to be kept last is not kept; None if it is.
        due: When that is tried again.
    """

    def __init__(self, memory: Memory, clock: Callable[[], float], note: Callable[[str], None]) -> None:
        self._memory = memory
        self._clock = clock
        self._note = note
        self.error: EnvoyError | None = None
        self.due = 0.0

    def save(self, schedule: Schedule) -> None:
        """Keep what a schedule knows, if the memory does not fail."""
        try:
            self._memory.save(schedule)
        except EnvoyError as error:
            if self.error is None:
                self._note(f"{error.where}: {error.what}; no response is sent until this is recorded")
            self.error, self.due = error, self._clock() + RETRY_SECONDS
        else:
            if self.error is not None:
                self._note(f"{self.error.where}: is written again")
            self.error = None

    def note_sent(self, response: DueResponse, time: float, status: int) -> None:
        """Note that a response is no longer owed, see ``Memory``."""
        self._memory.note_sent(response, time, status)
