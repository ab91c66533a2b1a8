"""Duties of a follower besides controls, such as reports of status: each says when it is due, and sends what it has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import inf

from envoy.der.follow.device import DeviceStatus
from envoy.der.follow.worker import Sample
from envoy.der.modes import Values
from envoy.errors import ResponseError, TransportError
from envoy.protocol.flow import Flow
from envoy.protocol.retry import grow_pause
from envoy.protocol.session import Session
from sep2 import DER, DERComponent, DeviceCapability, EndDevice

LEAST_PAUSE = 1.0
"""Seconds between two times at which one duty sends, at least, whatever it says."""

FIRST_PAUSE = 10.0
"""Seconds after which a duty that has failed is tried again; each time twice as long."""

LONGEST_PAUSE = 300.0


class Duty:
    """Something that a follower does at the server for its device, between responses and polls.

    What it is given it takes over by the methods that it needs; the others do nothing.
    """

    @property
    def due(self) -> float:
        """When there is something to send, by the clock of the follower; infinite for not now."""
        return inf

    def send(self) -> Flow[None]:
        """Send what is due. A ResponseError or TransportError that it raises is noted, and it is tried again."""
        yield from ()

    def close(self) -> None:
        """End what is under way."""

    def note_capability(self, capability: DeviceCapability) -> None:
        """Take over the links of DeviceCapability; it is read again and again."""

    def note_end_device(self, device: EndDevice) -> None:
        """Take over what the EndDevice says, with its links and ``postRate``; it is read again and again."""

    def note_ders(self, ders: Sequence[DER | DERComponent], ordered: Mapping[str, int]) -> None:
        """Take over where the DERs are, each time that the site was registered.

        Args:
            ders: Those of the server that are the site's, in its order.
            ordered: What the defaults had set besides modes when the site was registered.
        """

    def note_rate(self, poll_rate: int | None) -> None:
        """Take over the ``pollRate`` of the list of DERs; None if it does not say."""

    def note_watched(self, hrefs: frozenset[str]) -> None:
        """Take over which resources are read of the server and can be subscribed to, each time that they change."""

    def note_status(self, status: DeviceStatus, values: Values) -> None:
        """Take over how the device is, and the modes that it was given."""

    def note_settings(self, ordered: Mapping[str, int]) -> None:
        """Take over what the defaults in force set besides modes, such as ``setGradW``."""

    def note_samples(self, samples: Sequence[Sample]) -> None:
        """Take over what the device has measured since the last time."""

    def note_contact(self) -> None:
        """Note that contact was regained after an outage: what could not be sent meanwhile may be sent at once."""


class Duties:
    """The duties of one follower, which it does not let send more often than is good.

    Args:
        duties: The duties.
        session: Keeps what fails.
        clock: Returns the time in seconds since 1970.
    """

    def __init__(self, duties: Sequence[Duty], session: Session, clock: Callable[[], float]) -> None:
        self.all = tuple(duties)
        self._session = session
        self._clock = clock
        self._failures = dict.fromkeys(range(len(self.all)), 0)
        self._earliest = dict.fromkeys(range(len(self.all)), 0.0)

    def next_due(self) -> float:
        """Return when the next of them is due; infinite if none is."""
        return min((self._find_due(number) for number in self._earliest), default=inf)

    def note_contact(self) -> None:
        """Note that contact was regained: what has failed is sent again at once."""
        for number, duty in enumerate(self.all):
            if self._failures[number]:
                self._failures[number], self._earliest[number] = 0, self._clock()
            duty.note_contact()

    def send(self) -> Flow[None]:
        """Send what the duty has that is due first."""
        number = min(self._earliest, key=self._find_due)
        try:
            yield from self.all[number].send()
        except (ResponseError, TransportError) as error:
            self._session.note(f"{error.where}: {error.what}")
            pause = grow_pause(self._failures[number], FIRST_PAUSE, LONGEST_PAUSE)
            self._failures[number] += 1
        else:
            self._failures[number], pause = 0, LEAST_PAUSE
        self._earliest[number] = self._clock() + pause

    def _find_due(self, number: int) -> float:
        return max(self.all[number].due, self._earliest[number])
