"""The contact with a server: whether it responds as it should, and which paths it has asked to leave alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from envoy.der.follow.news import ContactLost, ContactRegained, News
from envoy.errors import EnvoyError, LinkError, ResponseError, TransportError
from envoy.protocol.flow import Request, Response
from envoy.protocol.retry import retry_after

LONGEST_REFUSAL = 86_400.0
"""Seconds for which a path is left alone at most, whatever the server asks for."""

_BUSY = (429, 503)


class Contact:
    """The contact with one server.

    It is lost when something cannot be read that is due, since there is no response or the server fails, and regained
    when all of that was read again.

    Args:
        clock: Returns the time in seconds since 1970.
        publish: Called with news.
        on_regained: Called when it is regained.

    Attributes:
        since: When the server responded last as it should; None for never.
        failing: What could not be read.
        failed: When something could not be read last.
        regained: When contact was regained last; 0 for never.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        publish: Callable[[News], None],
        on_regained: Callable[[], None] = lambda: None,
    ) -> None:
        self._clock = clock
        self._publish = publish
        self._on_regained = on_regained
        self.failing: set[str] = set()
        self.failed = self.regained = 0.0
        self._refusals: dict[str, tuple[float, Response]] = {}
        self.since: float | None = None

    @property
    def lost(self) -> bool:
        """Whether it is lost."""
        return bool(self.failing)

    def note_success(self, name: str) -> None:
        """Note that something was read.

        Args:
            name: What it is for.
        """
        if name in self.failing:
            self.forget(name)
        self.since = self._clock()

    def note_failure(self, name: str, error: Exception) -> None:
        """Note that something could not be read, if that is a failure of the server.

        Args:
            name: What it is for.
            error: What happened.
        """
        failed = error.status >= 500 if isinstance(error, ResponseError) else isinstance(error, TransportError)
        if not failed or isinstance(error, LinkError):
            self.forget(name)
            return
        if not self.failing:
            reason = error.what if isinstance(error, EnvoyError) else str(error)
            self._publish(ContactLost(time=self._clock(), since=self.since, reason=reason))
        self.failing.add(name)
        self.failed = self._clock()

    def forget(self, name: str) -> None:
        """Do not count what is no longer read, or what the server responds to."""
        if name in self.failing:
            self.failing.discard(name)
            if not self.failing:
                self.regained = self._clock()
                self._publish(ContactRegained(time=self.regained, since=self.since))
                self._on_regained()

    def find_refusal(self, request: Request) -> Response | None:
        """Return the last response to a request, if the server has asked there to wait and it is still too early."""
        until, refusal = self._refusals.get(_path_of(request), (0.0, None))
        return refusal if until >= self._clock() else None

    def note_response(self, request: Request, response: Response) -> None:
        """Note whether a server asks to be left alone (``Retry-After``)."""
        now = self._clock()
        path = _path_of(request)
        self._refusals = {each: (until, last) for each, (until, last) in self._refusals.items() if until >= now}
        self._refusals.pop(path, None)
        seconds = retry_after(response, datetime.fromtimestamp(now, UTC)) if response.status in _BUSY else None
        if seconds:
            self._refusals[path] = now + min(seconds, LONGEST_REFUSAL), response


def _path_of(request: Request) -> str:
    return request.href.partition("?")[0]
