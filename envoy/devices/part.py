"""One of several devices that act as one: what is known of it, and a call of it that may take its time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from envoy.der.abilities import Abilities
from envoy.der.follow.device import Device
from envoy.der.limits import Rating
from envoy.devices.sharing import Sharer
from envoy.errors import DeviceError, DeviceRefusal
from envoy.registration.site import Site

T = TypeVar("T")


class Call(threading.Thread):
    """A call of a device, in a thread that does not keep the process from ending.

    Args:
        call: What is called.

    Attributes:
        result: What it returned, or the ``DeviceError`` that it failed with; None as long as it runs.
    """

    def __init__(self, call: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self._call = call
        self.result: Any = None

    def run(self) -> None:
        """Call it, and keep what comes of that."""
        try:
            self.result = self._call()
        except DeviceError as error:
            self.result = error
        except Exception as error:
            # Whatever is wrong with one device, the others go on.
            self.result = DeviceError(f"the device has failed: {type(error).__name__}: {error}")


@dataclass(slots=True, kw_only=True)
class Part:
    """One of several devices.

    Attributes:
        name: What errors call it.
        device: The device.
        site: The DERs that it is, of those of the whole site.
        modes: Names of the modes that it is able to follow; None as long as nobody has asked.
        refused: Those of them that it has refused.
        gone: Why it did not respond when it was asked last; empty if it did.
        failure: Why it did not take the limits that it was given last; empty if it did.
        measures: What it has ever measured, by place and name.
        call: What it was asked last, perhaps still without a response.
    """

    name: str
    device: Device
    site: Site
    modes: frozenset[str] | None = None
    refused: frozenset[str] = frozenset()
    gone: str = ""
    failure: str = ""
    measures: set[tuple[str, str]] = field(default_factory=set)
    call: Call | None = None

    @property
    def rating(self) -> Rating:
        """What it is able to do."""
        return Rating.from_site(self.site)

    @property
    def sharer(self) -> Sharer:
        """What it shares limits by."""
        return Sharer(self.rating, (self.modes or frozenset()) - self.refused)

    def describe(self) -> Abilities:
        """Return its abilities as its DERs are described in the site file."""
        ders = [Abilities.from_models(der.capability, der.settings) for der in self.site.ders]
        category = self.site.device_category
        modes: frozenset[str] = frozenset().union(*(each.modes for each in ders))
        return Abilities(modes, None if category is None else int(category))

    def note_result(self, result: T | DeviceError) -> T | None:
        """Take over what it has responded; return None if it is gone."""
        if isinstance(result, DeviceError):
            self.gone = result.what
            return None
        self.gone = ""
        return result

    def note_outcome(self, outcome: DeviceError | None) -> bool:
        """Take over what became of limits that it was given, and return whether it keeps to them."""
        if outcome is None:
            self.gone = self.failure = ""
        elif isinstance(outcome, DeviceRefusal):
            new = frozenset(outcome.modes) - self.refused
            self.refused |= new
            self.gone, self.failure = "", "" if new else outcome.what
        else:
            self.failure = outcome.what
        return outcome is None
