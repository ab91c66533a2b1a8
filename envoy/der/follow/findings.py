"""The session of a follower, which may run for years: it keeps its last findings, and counts them all."""

from __future__ import annotations

from collections.abc import Callable

from envoy.profiles import Profile
from envoy.protocol.session import Session

MOST_FINDINGS = 200
"""Findings that are kept. One that comes again is a new one only when it is no longer among them."""


class FollowSession(Session):
    """A session that keeps its last findings.

    Args:
        profile: How messages look on the wire.
        most: How many it keeps.
        report: Called with each.

    Attributes:
        count: How many findings there were.
    """

    def __init__(
        self, profile: Profile, *, most: int = MOST_FINDINGS, report: Callable[[str], None] = lambda _: None
    ) -> None:
        super().__init__(profile)
        self.count = 0
        self._most = most
        self._report = report

    def note(self, text: str) -> None:
        """Note a finding, if it is not among the last ones."""
        known = len(self.findings)
        super().note(text)
        if len(self.findings) > known:
            self.count += 1
            self._report(self.findings[-1])
        if len(self.findings) > self._most:
            self._noted.discard(self.findings.pop(0))
