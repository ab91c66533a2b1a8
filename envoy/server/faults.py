"""Requests that the server refuses on purpose, so that people can test how their client takes it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from envoy.errors import EnvoyError

_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "*")


@dataclass(frozen=True, slots=True)
class Fault:
    """Some requests to be refused.

    Attributes:
        method: HTTP method, or ``*`` for any.
        path: Pattern of the path, as in ``fnmatch``: ``*`` stands for any characters, slashes too.
        status: HTTP status code of the answer, 400 to 599.
        count: How many matching requests are refused, the first ones; the server does not process them.
    """

    method: str
    path: str
    status: int
    count: int = 1

    def matches(self, method: str, path: str) -> bool:
        """Return whether a request is one of those meant."""
        return self.method in ("*", method) and fnmatchcase(path, self.path)


def parse_fault(text: str) -> Fault:
    """Return the fault that a text describes: ``METHOD PATH STATUS [COUNT]``, such as ``PUT */cp 500``.

    Raises:
        EnvoyError: The text does not have that form.
    """
    words = text.split()
    if not 3 <= len(words) <= 4:
        raise _not_a_fault(text, f"it has {len(words)} words")
    method, path, status, count = words if len(words) == 4 else [*words, "1"]
    if method.upper() not in _METHODS:
        raise _not_a_fault(text, f"{method} is not one of the methods {', '.join(_METHODS)}")
    if not path.startswith(("/", "*", "?", "[")):
        raise _not_a_fault(text, f"no path matches {path}: paths begin with /")
    if not (status.isdecimal() and 400 <= int(status) <= 599):
        raise _not_a_fault(text, f"{status} is not a status from 400 to 599")
    if not (count.isdecimal() and int(count) >= 1):
        raise _not_a_fault(text, f"{count} is not a number of requests")
    return Fault(method.upper(), path, int(status), int(count))


def _not_a_fault(text: str, why: str) -> EnvoyError:
    return EnvoyError(
        f"{text!r} does not say which request to refuse: {why}",
        remedy="Write METHOD PATH STATUS [COUNT], for instance 'PUT */cp 500' or 'POST /edev 503 3'. "
        "In the path * stands for anything.",
    )


class FaultCounter:
    """The faults of a running server, and how often each of them is still to happen."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self._faults = tuple(faults)
        self._left = [fault.count for fault in self._faults]

    def status_for(self, method: str, path: str) -> int | None:
        """Return the status to refuse this request with, None to process it. The first fault that matches counts."""
        for index, fault in enumerate(self._faults):
            if self._left[index] and fault.matches(method, path):
                self._left[index] -= 1
                return fault.status
        return None
