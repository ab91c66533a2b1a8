"""Duties of a follower besides controls, such as reports of status: each says when it is due, and sends what it has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from envoy.protocol.flow import Flow
from sep2 import DER, EndDevice


class Duty(Protocol):
    """Something that a follower does for its device at the server, between responses and polls.

    What ``send`` raises is noted, and the duty is tried again: a ResponseError or TransportError is not the end of it.
    """

    @property
    def due(self) -> float | None:
        """When there is something to send, by the clock of the follower; None for not now. It may change any time."""

    def found(self, end_device: EndDevice, ders: Sequence[DER]) -> None:
        """Take over where things are: the EndDevice with its links and ``postRate``, and the DERs below it.

        It is called each time that the list of DERs was read, and again after the EndDevice was made again.
        """

    def send(self) -> Flow[None]:
        """Send what is due."""
