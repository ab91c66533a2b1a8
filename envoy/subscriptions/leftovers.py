"""Leftovers: subscriptions at the server that nobody wants, such as those of an earlier run."""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heappop, heappush
from math import inf


class Leftovers:
    """Subscriptions at the server that nobody wants, as far as is known; they are to be deleted."""

    def __init__(self) -> None:
        self._codes: dict[str, str] = {}
        self._locations: dict[str, str] = {}
        self._queue: list[tuple[float, str]] = []

    def __len__(self) -> int:
        return len(self._codes)

    @property
    def locations(self) -> list[str]:
        """Where they are."""
        return list(self._codes)

    def add(self, location: str, code: str, due: float) -> None:
        """Have one deleted at a time; the code of its notification path is empty if another has that as well."""
        self._codes[location] = code
        if code:
            self._locations[code] = location
        heappush(self._queue, (due, location))

    def discard(self, location: str) -> None:
        """Do not delete one, if it is there."""
        self._locations.pop(self._codes.pop(location, ""), None)

    def clear(self) -> None:
        """Delete none of them."""
        self.keep({}, 0.0)

    def keep(self, found: Mapping[str, str], due: float) -> None:
        """Delete those that were found and no others: those that are new at a time."""
        for location in self._codes.keys() - found.keys():
            self.discard(location)
        for location in found.keys() - self._codes.keys():
            self.add(location, found[location], due)

    def find(self, code: str) -> str | None:
        """Return where the one with a code is."""
        return self._locations.get(code)

    def find_due(self, now: float) -> str | None:
        """Return where one is that is to be deleted now."""
        return self._queue[0][1] if self.next_due() <= now else None

    def next_due(self) -> float:
        """Return when the next is to be deleted."""
        while self._queue and self._queue[0][1] not in self._codes:
            heappop(self._queue)
        return self._queue[0][0] if self._queue else inf
