"""The outbox: responses, sent one after the other, each until the server has it or refuses it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from envoy.der.follow.contact import Contact
from envoy.der.follow.memory import Recorder
from envoy.der.follow.news import News, ResponseDropped, ResponseSent
from envoy.der.responses import DueResponse
from envoy.der.schedule import Schedule
from envoy.documents import dumps
from envoy.errors import LinkError, ResponseError, TransportError
from envoy.protocol.flow import Flow, Request
from envoy.protocol.level import leave_out_later
from envoy.protocol.paging import Pages
from envoy.protocol.retry import grow_pause
from envoy.protocol.session import Session
from sep2 import Response, ResponseList

STEP = "response"

MOST_REFUSALS = 20
"""How often a response is sent that a server fails to take (5xx) while it responds to everything else: half a day."""

MOST_LOOKUPS = 5
"""How often it is looked up whether a response has arrived, of a server that fails to say; then it is sent again."""

FIRST_PAUSE = 10.0
"""Seconds after which a response is sent again; each time twice as long."""

LONGEST_PAUSE = 300.0
"""Seconds between two attempts to reach the server at most."""

LONGEST_REFUSAL = 3600.0
"""Seconds between two attempts to send a response that the server fails to take, at most."""

_BUSY = frozenset({408, 425, 429, 503})

_ASTRAY = -1
"""Stands for the status of a response that cannot be sent: where it is to go is on another host, or not a URL."""


@dataclass(slots=True)
class _Refusal:
    """A response that the server fails to take.

    Attributes:
        failures: How often it was sent.
        count: How often while the server responded to everything else.
        lookups: How often the server has failed to say whether it is there.
        tried: When it was sent last.
        due: When it is sent again, unless contact was lost and regained since.
    """

    failures: int = 0
    count: int = 0
    lookups: int = 0
    tried: float = 0.0
    due: float = 0.0


class Outbox:
    """Sends the responses that a schedule owes, those of one event in their order.

    Args:
        session: Writes the messages and keeps the findings.
        schedule: Owes the responses.
        lfdi: LFDI of the EndDevice.
        contact: Whether the server is there. After an outage, what is owed is sent at once.
        clock: Returns the time in seconds.
        memory: Keeps the schedule, and notes each response that is no longer owed.
        publish: Called with news.
    """

    def __init__(
        self,
        session: Session,
        schedule: Schedule,
        lfdi: bytes,
        contact: Contact,
        *,
        clock: Callable[[], float],
        memory: Recorder,
        publish: Callable[[News], None],
    ) -> None:
        self._session = session
        self._schedule = schedule
        self._lfdi = lfdi
        self._contact = contact
        self._clock = clock
        self._unreached = _Refusal()
        self._refusals: dict[DueResponse, _Refusal] = {}
        # What is owed at the start may have been sent before a restart.
        self._doubtful = set(schedule.owed)
        self._repeated: set[DueResponse] = set()
        self._memory = memory
        self._publish = publish

    @property
    def due(self) -> float:
        """When to send what is owed; infinite if nothing is, or if it cannot be recorded."""
        if self._memory.error:
            return inf
        heads = {response.mrid: response for response in reversed(self._schedule.owed)}.values()
        dues = (self._find_due(self._refusals.get(response)) for response in heads)
        return max(min(dues, default=inf), self._find_due(self._unreached))

    def _find_due(self, refusal: _Refusal | None) -> float:
        return 0.0 if refusal is None or refusal.tried < self._contact.regained else refusal.due

    def send(self) -> Flow[None]:
        """Send what is owed. What the server does not take waits, with later responses to the same event."""
        waiting: set[str] = set()
        owed = self._schedule.owed
        # Some may have been withdrawn.
        self._doubtful.intersection_update(owed)
        self._refusals = {response: self._refusals[response] for response in owed if response in self._refusals}
        try:
            for response in owed:
                if response.mrid in waiting:
                    continue
                if self._memory.error:
                    break
                if self._find_due(self._refusals.get(response)) > self._clock():
                    waiting.add(response.mrid)
                    continue
                status = yield from self._find_outcome(response)
                if status is None:
                    waiting.add(response.mrid)
                else:
                    self._settle(response, status)
        except TransportError as error:
            self._session.note(f"{error.where}: {error.what}")
            self._note_refusal(self._unreached, LONGEST_PAUSE)
        else:
            self._unreached = _Refusal()

    def _note_refusal(self, refusal: _Refusal, longest: float) -> None:
        now = self._clock()
        refusal.due = now + grow_pause(refusal.failures, FIRST_PAUSE, longest)
        refusal.failures += 1
        refusal.tried = now

    def _settle(self, response: DueResponse, status: int) -> None:
        """Owe a response no more."""
        self._refusals.pop(response, None)
        self._doubtful.discard(response)
        self._schedule.acknowledge(response)
        now = self._clock()
        if status != _ASTRAY:
            self._memory.note_sent(response, now, status)
        self._memory.save(self._schedule)
        if status < 300 and status != _ASTRAY:
            self._publish(ResponseSent(time=now, response=response, repeated=response in self._repeated))
        else:
            reason = "its replyTo is not followed" if status == _ASTRAY else f"HTTP {status}"
            self._publish(ResponseDropped(time=now, response=response, reason=reason))
        self._repeated.discard(response)

    def _find_outcome(self, response: DueResponse) -> Flow[int | None]:
        """Send a response, and return its HTTP status if that settles it; None if it is to be sent again."""
        if response in self._doubtful:
            there = yield from self._is_there(response)
            if there is None:
                self._note_refusal(self._refusals.setdefault(response, _Refusal()), LONGEST_REFUSAL)
                return None
            if there:
                return 0
        profile = self._session.profile
        # The schedule may go by a later edition than messages do.
        message = dumps(leave_out_later(response.to_model(self._lfdi), profile), profile=profile)
        request = Request(STEP, "POST", response.reply_to, message)
        try:
            reply = yield request
        except LinkError as error:
            self._session.note(f"{error.where}: {error.what}")
            return _ASTRAY
        except TransportError as error:
            if error.maybe_received:
                self._doubtful.add(response)
            raise
        if reply.ok:
            return reply.status
        self._session.note(f"{request}: response {int(response.status)} to {response.mrid} got HTTP {reply.status}")
        if reply.status < 500 and reply.status not in _BUSY:
            return reply.status
        self._doubtful.add(response)
        refusal = self._refusals.setdefault(response, _Refusal())
        # A server that is busy, or fails at other things as well, may still take it.
        alone = not self._contact.lost and (self._contact.since or 0.0) >= refusal.tried
        refusal.count += alone and reply.status not in _BUSY
        self._note_refusal(refusal, LONGEST_REFUSAL)
        return reply.status if refusal.count >= MOST_REFUSALS else None

    def _is_there(self, response: DueResponse) -> Flow[bool | None]:
        """Return whether a response that may have arrived is in the server's list, where the server lets it be read.

        None if the server fails just now, as it may not do the next time.

        Raises:
            TransportError: The server was not reached.
        """
        pages = Pages(self._session, STEP, response.reply_to, ResponseList)
        try:
            while page := (yield from pages.next()):
                if any(self._is_same(found, response) for found in page):
                    return True
        except (ResponseError, LinkError) as error:
            if isinstance(error, ResponseError) and (error.status >= 500 or error.status in _BUSY):
                refusal = self._refusals.setdefault(response, _Refusal())
                refusal.lookups += 1
                if refusal.lookups < MOST_LOOKUPS:
                    return None
            self._repeated.add(response)
            return False
        return False

    def _is_same(self, found: Response, response: DueResponse) -> bool:
        subject = (found.subject or b"").hex().upper()
        return (subject, found.status, found.end_device_lfdi) == (response.mrid, response.status, self._lfdi)
