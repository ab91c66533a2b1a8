"""The outbox: responses, sent one after the other, each until the server has it or refuses it."""

from __future__ import annotations

from collections.abc import Callable

from envoy.der.follow.memory import Recorder
from envoy.der.follow.news import News, ResponseDropped, ResponseSent
from envoy.der.responses import DueResponse
from envoy.der.schedule import Schedule
from envoy.documents import dumps
from envoy.errors import LinkError, ResponseError, TransportError
from envoy.protocol.flow import Flow, Request
from envoy.protocol.paging import Pages
from envoy.protocol.session import Session
from sep2 import Response, ResponseList

STEP = "response"

MOST_REFUSALS = 10
"""How often a response is sent that a server fails to take (5xx) while it responds to everything else."""

LONGEST_PAUSE = 300
"""Seconds between two attempts at most."""

_FIRST_PAUSE = 10
_BUSY = frozenset({408, 425, 429})

_ASTRAY = -1
"""Stands for the status of a response that cannot be sent: where it is to go is on another host, or not a URL."""


class Outbox:
    """Sends the responses that a schedule owes, those of one event in their order.

    Args:
        session: Writes the messages and keeps the findings.
        schedule: Owes the responses.
        lfdi: LFDI of the EndDevice.
        clock: Returns the time in seconds.
        memory: Keeps the schedule, and notes each response that is no longer owed.
        publish: Called with news.
    """

    def __init__(
        self,
        session: Session,
        schedule: Schedule,
        lfdi: bytes,
        *,
        clock: Callable[[], float],
        memory: Recorder,
        publish: Callable[[News], None],
    ) -> None:
        self._session = session
        self._schedule = schedule
        self._lfdi = lfdi
        self._clock = clock
        self._failures = 0
        self._refusals: dict[DueResponse, int] = {}
        # What is owed at the start may have been sent before a restart.
        self._doubtful = set(schedule.owed)
        self._memory = memory
        self._publish = publish
        self._in_contact = False
        self._outage = False
        self.due = 0.0
        """When to send what is owed."""

    def note_outage(self) -> None:
        """Note that the server does not respond as it should."""
        self._outage = True

    def note_contact(self) -> None:
        """Note that the server responds as it should. After an outage, what is owed is sent at once."""
        self._in_contact = True
        if self._outage:
            self._outage, self._failures, self.due = False, 0, 0.0

    def send(self) -> Flow[None]:
        """Send what is owed. What the server does not take waits, with later responses to the same event."""
        waiting: set[str] = set()
        lost = False
        try:
            for response in self._schedule.owed:
                if response.mrid in waiting:
                    continue
                if self._memory.error:
                    break
                status = yield from self._find_outcome(response)
                if status is None:
                    waiting.add(response.mrid)
                else:
                    self._settle(response, status)
        except TransportError as error:
            self._session.note(f"{error.where}: {error.what}")
            lost = True
        self._in_contact = False
        # What has come to be owed meanwhile is sent next.
        self._failures = self._failures + 1 if waiting or lost else 0
        pause = min(LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(self._failures, 10) / 2)
        self.due = self._clock() + pause if self._failures else 0.0

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
            self._publish(ResponseSent(time=now, response=response))
        else:
            reason = "its replyTo is not followed" if status == _ASTRAY else f"HTTP {status}"
            self._publish(ResponseDropped(time=now, response=response, reason=reason))

    def _find_outcome(self, response: DueResponse) -> Flow[int | None]:
        """Send a response, and return its HTTP status if that settles it; None if it is to be sent again."""
        if response in self._doubtful and (yield from self._is_there(response)):
            return 0
        message = dumps(response.to_model(self._lfdi), profile=self._session.profile)
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
        self._refusals[response] = self._refusals.get(response, 0) + self._in_contact
        return reply.status if self._refusals[response] >= MOST_REFUSALS else None

    def _is_there(self, response: DueResponse) -> Flow[bool]:
        """Return whether a response that may have arrived is in the server's list, where the server lets it be read.

        Raises:
            TransportError: The server was not reached.
        """
        pages = Pages(self._session, STEP, response.reply_to, ResponseList)
        try:
            while page := (yield from pages.next()):
                if any(self._is_same(found, response) for found in page):
                    return True
        except (ResponseError, LinkError):
            return False
        return False

    def _is_same(self, found: Response, response: DueResponse) -> bool:
        subject = (found.subject or b"").hex().upper()
        return (subject, found.status, found.end_device_lfdi) == (response.mrid, response.status, self._lfdi)
