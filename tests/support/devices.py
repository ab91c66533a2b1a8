"""Devices that take what they are given, and keep it to be looked at."""

from __future__ import annotations

from typing import Any

from envoy.der.abilities import Abilities
from envoy.der.follow.device import DeviceStatus, Readings
from envoy.der.limits import Limits


class PlainDevice:
    """A device that takes everything.

    Attributes:
        given: What it was given.
    """

    def __init__(self) -> None:
        self.given: list[Limits] = []
        self.closed = False

    @property
    def values(self) -> dict[str, Any]:
        """All modes that it was given last."""
        return dict(self.given[-1].values) if self.given else {}

    def abilities(self) -> Abilities:
        return Abilities()

    def apply(self, limits: Limits) -> None:
        self.given.append(limits)

    def status(self) -> DeviceStatus:
        return DeviceStatus()

    def readings(self) -> Readings:
        return Readings()

    def close(self) -> None:
        self.closed = True
