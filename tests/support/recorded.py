"""States on disk with a history: a device that followed, was killed, lost contact, and owes a response."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from envoy.der.events import Program
from envoy.der.follow.news import ContactLost, ContactRegained
from envoy.der.schedule import Schedule
from envoy.der.state.state_file import StateFile
from tests.support.clock import VirtualClock
from tests.support.schedules import make_event, make_program, make_values

LFDI = bytes.fromhex("3E4F45AB31EDFE5B67E343E5E4562E31AD23D1C0")
BEGIN = 1_795_000_020
"""When it begins: 2026-11-18 11:07:00 UTC."""


class Recording:
    """A state that is recorded as a follower does, by a virtual clock. Times are seconds since the beginning.

    Args:
        folder: Where it is.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = VirtualClock(float(BEGIN))
        self.start(0)

    def start(self, now: float) -> None:
        """Start a process."""
        self.clock.now = BEGIN + now
        self.state = StateFile(self.folder, lfdi=LFDI, server="https://utility.example:8443", clock=self.clock)
        self.schedule: Schedule = self.state.load(failsafe=make_values({"EL": 1500}))
        self.schedule.resume(self.clock.now)
        self.save()

    def kill(self) -> None:
        """End it without its doing anything more."""
        self.state._opened.close()

    def advance(self, now: float) -> None:
        """Let time pass, in which every change is recorded."""
        while (time := self.schedule.next_change()) is not None and time <= BEGIN + now:
            self.clock.now = time
            self.schedule.advance(time)
            self.save()
        self.clock.now = BEGIN + now
        self.schedule.advance(self.clock.now)
        self.save()

    def read(self, now: float, *programs: Program) -> None:
        """Read the programs of the server, at a time."""
        self.advance(now)
        self.schedule.update(self.clock.now, programs)
        self.save()

    def send(self) -> None:
        """Send what is owed."""
        for due in self.schedule.owed:
            self.schedule.acknowledge(due)
            self.state.note_sent(due, self.clock.now, 201)
            self.save()

    def lose(self, now: float, reason: str) -> None:
        """Lose contact."""
        self.advance(now)
        self.state.note(ContactLost(time=self.clock.now, since=None, reason=reason))
        self.save()

    def regain(self, now: float) -> None:
        """Regain it."""
        self.advance(now)
        self.state.note(ContactRegained(time=self.clock.now, since=None))
        self.save()

    def save(self) -> None:
        self.state.save(self.schedule)


def event(mrid: str, start: int, end: int, creation: int = 0, **others: Any) -> Any:
    return make_event(mrid * 16, BEGIN + start, BEGIN + end, creation, **others)


def record_story(folder: Path) -> Recording:
    """Record a story, up to the second 3600; the process still runs, and has to be killed."""
    recording = Recording(folder)
    best = make_program(
        "F1" * 16, 1, event("A1", 600, 1200, EL=5000), event("B2", 3000, 4200, EL=0), default={"EL": 1500}
    )
    second = make_program("F2" * 16, 2, event("C3", 900, 1800, EL=2000, GL=3000), event("D4", 3300, 4500, EL=100))
    recording.read(60, best, second)
    recording.send()
    recording.advance(1300)
    recording.send()
    recording.lose(1500, "timed out")
    recording.advance(2000)
    recording.kill()
    recording.start(2400)
    recording.send()
    recording.read(2410, best, second)
    recording.advance(3600)
    return recording
