"""The enrolment of a site while it is followed: it is registered, again after failures, and again when it is gone."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from envoy.der.follow.contact import Contact
from envoy.der.follow.news import News, Registered, Silenced, Unregistered
from envoy.errors import EnvoyError, PINError
from envoy.protocol.flow import Flow
from envoy.protocol.results import Outcome, Registration, RegistrationError
from envoy.protocol.retry import grow_pause
from envoy.protocol.session import Session

Register = Callable[[str | None], Flow[Registration]]
"""Registers the site, given the path of DeviceCapability; None for the usual one."""

FIRST_PAUSE = 10.0
"""Seconds after which a registration that has failed is tried again; each time twice as long."""

LONGEST_PAUSE = 300.0
"""Seconds between two attempts at most: a server that is there again finds out within a usual poll period."""

_CAPABILITY = "device-capability"
_UNTRUSTED = frozenset({_CAPABILITY, "time", "end-device", "registration"})
"""Steps up to that which compares the PIN."""


class Enrolment:
    """The registration of one site.

    Args:
        register: Registers it; None for a site that is registered in another way.
        session: Keeps what is odd.
        contact: Whether the server is there.
        clock: Returns the time in seconds since 1970.
        publish: Called with news.

    Attributes:
        due: When it is tried to register; infinite for not now.
        trusted: The EndDevice was there, and its PIN was compared if the site has one; nothing is followed before.
        there: The EndDevice was there when it was looked for last.
        silenced: Why nothing more is sent; empty as long as that is not so.
    """

    def __init__(
        self,
        register: Register | None,
        session: Session,
        contact: Contact,
        *,
        clock: Callable[[], float],
        publish: Callable[[News], None],
    ) -> None:
        self._register = register
        self._session = session
        self._contact = contact
        self._clock = clock
        self._publish = publish
        self._failures = 0
        self._earliest = 0.0
        self.there = False
        self.due = inf if register is None else 0.0
        self.trusted = register is None
        self.silenced = ""

    def note_found(self) -> None:
        """Note that the EndDevice is in the list of the server."""
        if self.due == inf:
            # The last registration has lasted. One that has failed on the way goes on to be tried ever more seldom.
            self._failures = 0
            self._earliest = min(self._earliest, self._clock() + FIRST_PAUSE)

    def note_gone(self, href: str) -> None:
        """Note that the EndDevice is not there: it is registered again, but not more often than after failures.

        Args:
            href: Where it was; empty if it never was there.
        """
        if self.there and href:
            self._publish(Unregistered(time=self._clock(), href=href))
        self.there = False
        if self._register is not None:
            self.due = max(self._earliest, self._clock())

    def run(self, entry: str | None) -> Flow[Registration | None]:
        """Register the site, and return what was done; None if that has failed.

        Args:
            entry: Path of DeviceCapability; None for the usual one.
        """
        assert self._register is not None  # it is due
        try:
            result = yield from self._register(entry)
        except RegistrationError as error:
            self._note_failure(error)
            return None
        except EnvoyError as error:
            # What is to be sent cannot be written: nobody ends what is followed for that.
            self._session.note(f"the site was not registered: {error}")
            self._pause()
            return None
        self.trusted = True
        self._pause()
        refused = [step for step in result.steps if step.outcome is Outcome.REFUSED]
        for step in refused:
            self._session.note(f"the server refuses a part of the site: {step}")
        if not refused:
            # Only the list of the server shows whether that has lasted.
            self.due = inf
        self._contact.note_success("registration")
        for finding in result.findings:
            self._session.note(finding)
        created = any(each.step == "end-device" and each.outcome is Outcome.CREATED for each in result.steps)
        if created or not self.there:
            self._publish(Registered(time=self._clock(), href=result.href, created=created))
        self.there = True
        return result

    def _note_failure(self, error: RegistrationError) -> None:
        self.trusted = self.trusted or error.step not in _UNTRUSTED
        cause = error.__cause__
        if isinstance(cause, PINError):
            self.silenced, self.due = error.what, inf
            self._session.note(f"{error.where}: {error.what}")
            self._publish(Silenced(time=self._clock(), reason=error.what))
            return
        self._session.note(f"{error.where}: {error.what}")
        if isinstance(cause, Exception):
            self._contact.note_failure("registration", cause)
        self._pause()

    def _pause(self) -> None:
        self.due = self._earliest = self._clock() + grow_pause(self._failures, FIRST_PAUSE, LONGEST_PAUSE)
        self._failures += 1


def find_entry(result: Registration) -> str:
    """Return where DeviceCapability was found; empty if it was not."""
    return next((each.href for each in result.steps if each.step == _CAPABILITY), "")
