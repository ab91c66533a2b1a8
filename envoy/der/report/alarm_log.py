"""The alarms of a device as LogEvents: each is sent once, when it begins and when it ends (10.2.7).

What is owed is kept until the server has it. Whether it has one that may have arrived is looked up in its list, where
the server lets that be read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from envoy.der.alarms import log_event_codes
from envoy.documents import dumps
from envoy.errors import ResponseError, TransportError
from envoy.protocol.error_response import read_error
from envoy.protocol.flow import Flow, Request
from envoy.protocol.paging import Pages
from envoy.protocol.session import Session
from sep2 import AlarmStatus, DERLogEventCode, LogEvent, LogEventFunctionSet, LogEventList, LogEventProfile

STEP = "log-event"

STANDARD_PEN = 40_732
"""The Private Enterprise Number that goes with the codes of the standard (``docs/explanation/conformance.md``)."""

MOST_OWED = 200
"""LogEvents that are kept for a server that does not take them; the oldest give way."""

_BUSY = frozenset({408, 425, 429})
_NUMBERS = 1 << 16

_MOST_READ = 2 * MOST_OWED
"""LogEvents that are looked through at most for what may have arrived."""


@dataclass(slots=True)
class _Entry:
    """A LogEvent that is owed.

    Attributes:
        number: Its logEventID.
        code: What happened.
        time: When, by the device's clock.
        created: When, by the server's time; None until that is known.
        doubtful: It may have arrived.
    """

    number: int
    code: int
    time: float
    created: int | None = None
    doubtful: bool = False

    @property
    def key(self) -> tuple[int, int, int | None]:
        """What makes it another than others."""
        return self.number, self.code, self.created

    def to_model(self) -> LogEvent:
        assert self.created is not None
        return LogEvent(
            created_date_time=self.created,
            details=DERLogEventCode(self.code).name.removeprefix("DER_FAULT_").replace("_", " ").capitalize()[:32],
            function_set=LogEventFunctionSet.DISTRIBUTED_ENERGY_RESOURCES,
            log_event_code=self.code,
            log_event_id=self.number,
            log_event_pen=STANDARD_PEN,
            profile_id=LogEventProfile.IEEE_2030_5,
        )


class AlarmLog:
    """The alarms that are on, and the LogEvents that are owed.

    Args:
        saved: What ``dump`` returned before a restart.
    """

    def __init__(self, saved: Mapping[str, Any] | None = None) -> None:
        saved = saved or {}
        self._alarms = AlarmStatus(saved.get("alarms", 0))
        self._next = int(saved.get("next", 0))
        # What has a time may have been sent before a restart.
        self._owed = [_Entry(**{**entry, "doubtful": entry["created"] is not None}) for entry in saved.get("owed", ())]

    @property
    def owed(self) -> Sequence[DERLogEventCode]:
        """The codes of the LogEvents that are owed, the oldest first."""
        return [DERLogEventCode(entry.code) for entry in self._owed]

    def note(self, alarms: AlarmStatus, now: float) -> bool:
        """Take over which alarms are on, and return whether that owes LogEvents.

        Args:
            alarms: The alarms.
            now: The time of the device's clock.
        """
        codes = log_event_codes(self._alarms, alarms)
        self._alarms = alarms
        for code in codes:
            self._owed.append(_Entry(self._next, int(code), now))
            self._next = (self._next + 1) % _NUMBERS
        del self._owed[:-MOST_OWED]
        return bool(codes)

    def send(
        self, session: Session, href: str, offset: float, save: Callable[[], None]
    ) -> Flow[list[tuple[DERLogEventCode, str]]]:
        """Send what is owed, and return what became of it: the codes, each with an error or nothing.

        Args:
            session: Writes the messages.
            href: The list of LogEvents.
            offset: Seconds that the server's time is ahead of the device's clock.
            save: Called after each change of what is kept.

        Raises:
            ResponseError: The server fails to take one (5xx); it and those after it are still owed.
            TransportError: The server was not reached.
        """
        if any(entry.doubtful for entry in self._owed):
            there = yield from self._read_there(session, href)
            self._owed = [entry for entry in self._owed if not entry.doubtful or entry.key not in there]
            for entry in self._owed:
                entry.doubtful = False
            save()
        done: list[tuple[DERLogEventCode, str]] = []
        while self._owed:
            entry = self._owed[0]
            if entry.created is None:
                # Once it was sent with a time, it keeps it.
                entry.created = int(entry.time + offset)
                save()
            done.append((DERLogEventCode(entry.code), (yield from self._post(session, href, entry))))
            # Alarms that came meanwhile may have pushed it out.
            self._owed = [each for each in self._owed if each is not entry]
            save()
        return done

    def _post(self, session: Session, href: str, entry: _Entry) -> Flow[str]:
        """Send one, and return why the server refuses it; empty if it has it."""
        request = Request(STEP, "POST", href, dumps(entry.to_model(), profile=session.profile))
        try:
            response = yield request
        except TransportError as error:
            entry.doubtful = entry.doubtful or error.maybe_received
            raise
        if response.ok:
            return ""
        if response.status >= 500 or response.status in _BUSY:
            entry.doubtful = True
            raise read_error(request, response)
        refusal = read_error(request, response)
        session.note(f"{refusal.where}: {refusal.what}")
        return refusal.what

    @staticmethod
    def _read_there(session: Session, href: str) -> Flow[set[tuple[int, int, int | None]]]:
        """Return which LogEvents the server has, as far as it lets them be read; the latest come first."""
        there: set[tuple[int, int, int | None]] = set()
        pages = Pages(session, STEP, href, LogEventList)
        try:
            while len(there) < _MOST_READ and (page := (yield from pages.next())):
                there |= {(each.log_event_id, each.log_event_code, each.created_date_time) for each in page}
        except ResponseError as error:
            session.note(f"{error.where}: {error.what}")
        return there

    def dump(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"alarms": int(self._alarms), "next": self._next, "owed": [asdict(entry) for entry in self._owed]}
