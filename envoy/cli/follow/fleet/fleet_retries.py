"""What has failed while a fleet is followed, and when it is tried again: each time after twice as long."""

from __future__ import annotations

from collections.abc import Collection

from envoy.protocol.retry import grow_pause

FIRST_PAUSE = 60.0
"""Seconds after which it is tried again for the first time."""

LONGEST_PAUSE = 3600.0
"""Seconds between two attempts at most."""


class Retries:
    """What has failed, by name: the keys of sites, or the file of the fleet."""

    def __init__(self) -> None:
        self._failed: dict[str, tuple[int, float, str]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._failed

    def note(self, name: str, reason: str, now: float) -> bool:
        """Note that something has failed, and return whether that, or the reason, is new.

        Args:
            name: What has failed.
            reason: Why.
            now: The time.
        """
        failures, _, known = self._failed.get(name, (0, 0.0, None))
        self._failed[name] = failures + 1, now + grow_pause(failures, FIRST_PAUSE, LONGEST_PAUSE), reason
        return reason != known

    def forget(self, names: Collection[str]) -> None:
        """Forget that these have ever failed."""
        for name in names:
            self._failed.pop(name, None)

    def find_due(self, now: float) -> list[str]:
        """Return what is to be tried again by now."""
        return [name for name, (_, due, _) in self._failed.items() if due <= now]

    def hurry(self) -> None:
        """Have everything tried again at once; if that fails, it is tried again as if for the first time."""
        self._failed = {name: (0, 0.0, reason) for name, (_, _, reason) in self._failed.items()}
