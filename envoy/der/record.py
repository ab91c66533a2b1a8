"""The record of one event: how far it has come, which modes it has lost, and what was drawn for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from envoy.der.events import Event, Program


class State(StrEnum):
    """How far an event has come."""

    SCHEDULED = "scheduled"
    """It is known and has not started."""
    ACTIVE = "active"
    """It has started."""
    STOPPING = "stopping"
    """It was cancelled with randomization, and holds until the end of its random delay."""
    WITHDRAWN = "withdrawn"
    """Its server no longer lists it, or its program is gone. Listed again, it goes on."""
    COMPLETED = "completed"
    """It ran to its end."""
    CANCELLED = "cancelled"
    """Its server cancelled it."""
    SUPERSEDED = "superseded"
    """It lost all its modes to other events, or its server says so."""
    MISSED = "missed"
    """Its time passed while the device was not controlled."""
    EXPIRED = "expired"
    """It was over before it was first seen."""
    INVALID = "invalid"
    """Its interval or a value of it is impossible."""
    REFUSED = "refused"
    """The device has none of its modes, or did not take them."""
    OPTED_OUT = "opted out"
    """The user of the device does not want it."""


RUNNING = frozenset({State.ACTIVE, State.STOPPING})
LIVE = frozenset({State.SCHEDULED, State.ACTIVE, State.STOPPING})
RESTING = frozenset(State) - LIVE - {State.WITHDRAWN}
"""States that an event does not leave."""


@dataclass(slots=True, kw_only=True)
class Record:
    """One event, with what has been decided for it.

    Times are those of the schedule's clock.

    Attributes:
        event: The event as it was last read.
        program: The program that it belongs to, without its events.
        modes: Names of its modes that the device follows.
        creation_time: Its creationTime when it was first seen, which decides between events of equal primacy.
        state: How far it has come.
        seen: When it was first seen.
        shift: Seconds from the specified to the effective start; None until it has started.
        stop: When its random delay after a cancellation is over; None if there is none.
        ended: When it came to rest; None before.
        lost: The mRIDs of the events that took its modes, by mode.
        yielded: All its modes are taken, and it waits for one to come back.
        listed: It was in the last complete list.
    """

    event: Event
    program: Program
    modes: tuple[str, ...]
    creation_time: int
    state: State = State.SCHEDULED
    seen: int
    shift: int | None = None
    stop: int | None = None
    ended: int | None = None
    lost: dict[str, str] = field(default_factory=dict)
    yielded: bool = False
    listed: bool = True

    @property
    def key(self) -> tuple[str, str]:
        """What tells its event apart from every other."""
        return self.event.key

    @property
    def rank(self) -> tuple[bool, int, int, str, str]:
        """What decides between events that want one mode: the greatest wins.

        The lower primacy wins, then the later creationTime (10.2.3.4), then the greater mRID, so that two devices
        decide alike. An event that was cancelled and is still stopping gives way to every other.
        """
        stopping = self.state is State.STOPPING
        return not stopping, -self.program.primacy, self.creation_time, *self.key

    @property
    def specified_start(self) -> int:
        """Its start before randomization."""
        return self.event.start - self.program.offset

    @property
    def specified_end(self) -> int:
        """Its end before randomization."""
        return self.event.end - self.program.offset

    def dump(self) -> dict[str, Any]:
        """Return it as JSON has it. Its program is named by its mRID."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        state, modes, lost = str(self.state), list(self.modes), dict(self.lost)
        return plain | {
            "event": self.event.dump(),
            "program": self.program.dump(),
            "state": state,
            "modes": modes,
            "lost": lost,
        }

    @classmethod
    def load(cls, plain: Mapping[str, Any]) -> Self:
        """Return the record that ``dump`` wrote."""
        return cls(
            **{
                **plain,
                "event": Event.load(plain["event"]),
                "program": Program.load(plain["program"]),
                "state": State(plain["state"]),
                "modes": tuple(plain["modes"]),
                "lost": dict(plain["lost"]),
            }
        )
