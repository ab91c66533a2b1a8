"""Orders that are given to a device in the JSON form, and the newest that it has reported; threads share them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from envoy._text import join_words, suggest
from envoy.der.abilities import Abilities
from envoy.der.follow.device import DeviceStatus, Readings
from envoy.der.limits import Limits
from envoy.der.modes import MODES
from envoy.devices.json_form import Order, Report, parse_report, read_report
from envoy.devices.options import option
from envoy.errors import DeviceError, DeviceRefusal
from envoy.registration.site import Site

_LOGGER = logging.getLogger(__name__)

_MOST_NOTICES = 20
"""Different notices about what a device reports that are logged; what a broken one writes must not fill a log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderOptions:
    """The options of a device that takes orders in the JSON form."""

    modes: str | None = option(
        "the modes that it follows, with spaces between them; those of the site's DERs if left out", None
    )
    acknowledge: bool = option("whether it acknowledges orders; if not, one that was delivered counts as taken", True)
    deadline: float = option("how long an order may take to be taken, in seconds", 4.0, least=0.05, most=600)
    stale: float = option("how long readings hold, in seconds", 60.0, least=0)


def find_abilities(modes: str | None, site: Site) -> Abilities:
    """Return what a device that takes orders is able to follow. Curves are not in the form, so no mode that needs one.

    Args:
        modes: Names of modes with spaces between them; None for what the DERs of the site say.
        site: The site with its DERs.

    Raises:
        DeviceError: There is no such mode, or it needs a curve.
    """
    fit = {name: mode for name, mode in MODES.items() if mode.curve_type is None}
    if modes is None:
        ders = [Abilities.from_models(der.capability, der.settings).modes for der in site.ders]
        found = frozenset().union(*ders) if ders else frozenset(fit)
    else:
        found = frozenset(modes.replace(",", " ").split())
        for name in sorted(found - fit.keys()):
            what = f"{name} needs a curve, which orders do not have" if name in MODES else f"{name} is not a mode"
            remedy = f"The modes are {', '.join(fit)}.{suggest(name, fit)}"
            raise DeviceError(what, where="modes", remedy=remedy)
    category = None if site.device_category is None else int(site.device_category)
    return _share(Abilities(frozenset(found & fit.keys()), category))


@lru_cache(1000)
def _share(abilities: Abilities) -> Abilities:
    """Return the first abilities that were the same, so that thousands of devices have one object."""
    return abilities


class Notices:
    """What is odd about what a device reports, logged once each.

    Args:
        where: What they are about.
    """

    def __init__(self, where: str) -> None:
        self._where = where
        self._texts: set[str] | None = None

    def note(self, text: str) -> None:
        """Log something odd, once."""
        texts = self._texts = self._texts or set()
        if text in texts or len(texts) > _MOST_NOTICES:
            return
        texts.add(text)
        last = len(texts) > _MOST_NOTICES
        _LOGGER.warning("%s: %s", self._where, "further notices about it are left out" if last else DeviceError(text))


class Orders:
    """The newest order of a device, whether it was taken, and what the device has reported.

    Args:
        options: How orders are acknowledged, and how long readings hold.
        where: What errors and notices are about.
        unread: What it means that an order cannot be delivered.
        clock: Returns seconds, which readings grow old by.
        now: Returns the time in seconds since 1970.

    Attributes:
        newest: The order that holds; None before the first.
        wake: Called when the newest order is taken, or the device is gone; by any thread.
    """

    def __init__(
        self,
        options: OrderOptions,
        where: str,
        *,
        unread: str = "the program does not read its orders",
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.newest: Order | None = None
        self.wake: Callable[[], object] = _do_nothing
        self._options = options
        self._where = where
        self._unread = unread
        self._clock = clock
        self._now = now
        self._changed = threading.Condition()
        self._notices = Notices(where)
        self._problem = ""
        self._delivered: Order | None = None
        self._taken: Order | None = None
        self._refused: tuple[str, ...] = ()
        self._status: DeviceStatus | None = None
        self._readings = Readings()
        self._read_at = self._made_at = 0.0
        self._reported = False
        self._failure: tuple[str, str] | None = None

    def restart(self) -> None:
        """Forget what was reported, and any failure: the device begins, and the newest order is given to it again."""
        with self._changed:
            self._forget()
            self._failure = None

    def fail(self, what: str, remedy: str = "") -> None:
        """Take note that the device is gone, and with it all that it has reported."""
        with self._changed:
            self._forget()
            self._failure = what, remedy
            self._changed.notify_all()
        self.wake()

    def recover(self) -> None:
        """Take note that the device is there again. What it has reported since it was gone holds."""
        with self._changed:
            self._failure = None
            self._changed.notify_all()

    def _forget(self) -> None:
        self._delivered = self._taken = None
        self._refused = ()
        self._status = None
        self._readings = Readings()
        self._reported = False

    def make(self, limits: Limits) -> Order:
        """Return a new order, which is the newest from now on.

        Its number is greater than that of any before, those of earlier runs included, so that no late acknowledgement
        is taken for that of another order.
        """
        now = self._now()
        number = max(int(now * 1000), self.newest.number + 1 if self.newest else 0)
        with self._changed:
            self._problem = ""
            self._made_at = self._clock()
            self.newest = Order(number=number, time=int(now), limits=limits)
            return self.newest

    def deliver(self, order: Order) -> None:
        """Take note that an order has been handed over."""
        with self._changed:
            self._delivered = order
            if not self._options.acknowledge:
                self._taken, self._refused = order, ()
            self._changed.notify_all()
        self.wake()

    def receive(self, text: bytes, part: str = "") -> None:
        """Take what a device reports; what cannot be used is logged.

        Args:
            text: A report, or a part of it.
            part: The key of the report that the text is the value of; empty for a whole one.
        """
        self._receive(lambda: parse_report(text, part))

    def receive_value(self, value: Any) -> None:
        """Take what a device reports, as a value of JSON; what cannot be used is logged."""
        self._receive(lambda: read_report(value))

    def _receive(self, read: Callable[[], Report]) -> None:
        try:
            report = read()
        except DeviceError as error:
            self._problem = f"{error.where}: {error.what}" if error.where else error.what
            self.notice(f"cannot use what it reports: {error}")
            return
        for key in report.unknown:
            self.notice(f"ignores the unknown key {key!r} of what it reports")
        with self._changed:
            self._keep(report)
            self._changed.notify_all()
        if report.taken is not None:
            self.wake()

    def _keep(self, report: Report) -> None:
        self._reported = True
        if report.status is not None:
            self._status = report.status
        if report.readings is not None:
            self._readings, self._read_at = report.readings, self._clock()
        if self.newest is not None and report.taken == self.newest.number:
            self._taken, self._refused = self.newest, report.refused

    def notice(self, text: str) -> None:
        """Log something odd, once."""
        self._notices.note(text)

    def wait(self, order: Order) -> None:
        """Wait until an order is taken.

        Raises:
            DeviceRefusal: Some of its modes are refused.
            DeviceError: The device is gone, or does not take it in time.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._failure or self._taken is order, self._options.deadline)
            if not self._is_taken(order):
                raise self._describe_delay(order)

    def check(self, order: Order) -> bool:
        """Return whether an order is taken by now; the same as ``wait`` without waiting.

        Raises:
            DeviceRefusal: Some of its modes are refused.
            DeviceError: The device is gone, or has not taken it in time.
        """
        with self._changed:
            taken = self._is_taken(order)
            if not taken and self._clock() - self._made_at >= self._options.deadline:
                raise self._describe_delay(order)
            return taken

    def _is_taken(self, order: Order) -> bool:
        self._raise_failure()
        if self._taken is not order:
            return False
        if refused := [mode for mode in self._refused if mode in order.limits.values]:
            what = f"the device does not take {join_words(refused, 'and')}"
            raise DeviceRefusal(what, modes=refused, where=self._where)
        return True

    def describe_silence(self) -> str:
        """Wait until anything is reported, and return whether it was, as a sentence without a full stop.

        Raises:
            DeviceError: The device is gone.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._failure or self._reported, self._options.deadline)
            self._raise_failure()
            return "it reports" if self._reported else f"it has reported nothing in {self._options.deadline:g} s"

    def _raise_failure(self) -> None:
        if self._failure is not None:
            what, remedy = self._failure
            raise DeviceError(what, where=self._where, remedy=remedy)

    def _describe_delay(self, order: Order) -> DeviceError:
        if self._delivered is not order:
            what, remedy = self._unread, "It has to take each order as it comes."
        else:
            what = f"order {order.number} was not acknowledged"
            remedy = (
                f'It has to report {{"taken": {order.number}}} once it keeps to it. Set acknowledge=no if it cannot.'
            )
            if self._problem:
                remedy = f"What it reported last cannot be used: {self._problem}. {remedy}"
        return DeviceError(f"{what} within {self._options.deadline:g} s", where=self._where, remedy=remedy)

    def get_status(self) -> DeviceStatus:
        """Return how the device is.

        One that has not reported it is as the order says that it has taken; one that has not taken its order in time
        has failed.

        Raises:
            DeviceError: The device is gone.
        """
        with self._changed:
            self._raise_failure()
            status = self._status
            if status is None:
                limits = self._taken.limits if self._taken else None
                status = DeviceStatus(
                    connected=limits is None or limits.connected, operating=limits is None or limits.running
                )
            return status if self._taken is self.newest else replace(status, failed=True)

    def get_readings(self) -> Readings:
        """Return what the device has measured last; nothing if that is too long ago.

        Raises:
            DeviceError: The device is gone.
        """
        with self._changed:
            self._raise_failure()
            old = self._clock() - self._read_at > self._options.stale
            return Readings() if old else self._readings


def _do_nothing() -> None:
    """Have nobody to wake."""
