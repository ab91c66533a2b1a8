"""Outages on order: for some time, requests get an error."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from envoy.utility.resource import RequestError
from sep2 import ErrorReasonCode


@dataclass(frozen=True, slots=True)
class Outage:
    """An outage.

    Attributes:
        until: When it ends, by the clock of the utility.
        status: HTTP status of the responses.
        path: Pattern of the paths.
        retry_after: Seconds in a header Retry-After; None for no header.
    """

    until: float
    status: int
    path: str
    retry_after: int | None


class Outages:
    """The outages of a utility."""

    def __init__(self) -> None:
        self._outages: list[Outage] = []

    def add(self, outage: Outage) -> None:
        """Add one, instead of any other for the same paths."""
        self._outages = [each for each in self._outages if each.path != outage.path] + [outage]

    def clear(self) -> None:
        """End all."""
        self._outages = []

    def check(self, path: str, now: float) -> None:
        """Check that there is no outage.

        Raises:
            RequestError: There is one.
        """
        if not self._outages:
            return
        self._outages = [each for each in self._outages if each.until > now]
        for outage in self._outages:
            if fnmatchcase(path, outage.path):
                headers = {} if outage.retry_after is None else {"retry-after": str(outage.retry_after)}
                raise RequestError(outage.status, "an outage on order", ErrorReasonCode.RESOURCE_LIMIT_REACHED, headers)
