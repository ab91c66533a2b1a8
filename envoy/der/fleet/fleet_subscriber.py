"""The subscriber of a fleet: the flow that keeps the subscriptions of all sites, and has read what was notified of."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Hashable
from heapq import heappop, heappush

from envoy.der.fleet.fleet import Runner
from envoy.der.follow.duties import Duties, Duty
from envoy.der.follow.follower import LEAST_WAIT, LONGEST_WAIT
from envoy.der.follow.news import News
from envoy.der.follow.subscriber import Subscriber
from envoy.protocol.flow import Flow, Wait
from envoy.protocol.session import Session
from envoy.subscriptions.subscriptions import Subscriptions

HELPERS = 4
"""Flows that subscribe besides the first: one alone would wait for each of tens of thousands of responses."""


class _Helping(Duty):
    """The duty to help with the subscriptions that are due."""

    def __init__(self, subscriptions: Subscriptions) -> None:
        self._subscriptions = subscriptions

    @property
    def due(self) -> float:
        return self._subscriptions.settle_due

    def send(self) -> Flow[None]:
        yield from self._subscriptions.settle()


class Helper:
    """A flow that helps with the subscriptions that are due.

    Attributes:
        wake: Set by whoever drives the flow: cuts its wait short. Any thread calls it.
    """

    def __init__(self, subscriptions: Subscriptions, session: Session, clock: Callable[[], float]) -> None:
        self.wake: Callable[[], object] = lambda: None
        self._clock = clock
        self._duties = Duties([_Helping(subscriptions)], session, clock)

    def run(self) -> Flow[None]:
        """Subscribe, renew and delete what is due, for ever."""
        while True:
            if self._duties.next_due() <= self._clock():
                yield from self._duties.send()
            else:
                yield Wait(self.find_pause())

    def tick(self) -> None:
        """Have nothing to do while a request takes its time."""

    def find_pause(self) -> float:
        """Return the seconds after which the flow has something to do."""
        return min(max(self._duties.next_due() - self._clock(), LEAST_WAIT), LONGEST_WAIT)


class FleetSubscriber:
    """Keeps the subscriptions of a fleet in a flow of its own.

    Args:
        open_subscriptions: Returns the subscriptions, given by keyword ``session``, ``clock``, ``refresh``,
            ``rediscover`` and ``wake``.
        session: Reads what is needed, and keeps what is odd.
        clock: Returns the time in seconds since 1970.
        hurry: Has what is at some hrefs read at once; None for everything.
        publish: Called with news.

    Attributes:
        subscriptions: The subscriptions.
        flows: This one, and further ones, which help.
        wake: Set by whoever drives the flow: cuts its wait short. Any thread calls it.
    """

    def __init__(
        self,
        open_subscriptions: Callable[..., Subscriptions],
        session: Session,
        clock: Callable[[], float],
        *,
        hurry: Callable[[Collection[str] | None], None],
        publish: Callable[[News], None],
    ) -> None:
        self.wake: Callable[[], object] = lambda: None
        self._clock = clock
        self._hurry = hurry
        self._publish = publish
        self._notified: deque[tuple[float, str]] = deque()
        self._later: list[tuple[float, str]] = []
        self._moved = False
        self.flows: tuple[Runner, ...] = ()
        self.subscriptions = open_subscriptions(
            session=session,
            clock=clock,
            refresh=self._note_notified,
            rediscover=self._note_moved,
            wake=self._wake_all,
        )
        self.flows = (
            self,
            *(Helper(self.subscriptions, session, clock) for _ in range(HELPERS)),
        )
        duty = Subscriber(self.subscriptions, clock=clock, publish=publish)
        self._duties = Duties([duty], session, clock)

    def make_duty(self, key: Hashable) -> Subscriber:
        """Return the duty of the follower of a site, which says what is read for it."""
        return Subscriber(self.subscriptions, key, sends=False, clock=self._clock, publish=self._publish)

    def run(self) -> Flow[None]:
        """Subscribe, renew and delete what is due, for ever."""
        while True:
            self.tick()
            if self._duties.next_due() <= self._clock():
                yield from self._duties.send()
            else:
                yield Wait(self.find_pause())

    def tick(self) -> None:
        """Have read what was notified of, and is due."""
        while self._notified:
            heappush(self._later, self._notified.popleft())
        due = set()
        while self._later and self._later[0][0] <= self._clock():
            due.add(heappop(self._later)[1])
        if self._moved:
            self._moved = False
            self._hurry(None)
        elif due:
            self._hurry(due)

    def find_pause(self) -> float:
        """Return the seconds after which ``tick`` or the flow has something to do."""
        due = min(self._duties.next_due(), self._later[0][0] if self._later else LONGEST_WAIT + self._clock())
        return min(max(due - self._clock(), LEAST_WAIT), LONGEST_WAIT)

    def _wake_all(self) -> None:
        for flow in self.flows:
            flow.wake()

    def _note_notified(self, href: str, readers: Collection[Hashable], due: float) -> None:
        self._notified.append((due, href))
        self.wake()

    def _note_moved(self, readers: Collection[Hashable]) -> None:
        self._moved = True
        self.wake()
