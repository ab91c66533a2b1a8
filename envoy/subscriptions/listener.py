"""What a client needs of a listener for notifications, and the listener of a client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class NotificationReceiver(Protocol):
    """Takes the notifications of one client. Any thread may call it, and it does not block."""

    def accepts(self, path: str) -> bool:
        """Return whether notifications may come to a path."""

    def owns(self, path: str) -> bool:
        """Return whether a path was given out by the client: the body of what comes to others is not read."""

    def notify(self, path: str, headers: Mapping[str, str], content: bytes) -> bool:
        """Take a notification, and return whether it is one of the client's.

        Args:
            path: The path that it came to.
            headers: Its headers, by names in lower case.
            content: Its body, or as much of it as was read.
        """

    def report(self, finding: str) -> None:
        """Take note of something odd, to be shown to people."""


class Listener(Protocol):
    """Listens for notifications; ``NotificationListener`` is one."""

    @property
    def public_url(self) -> str:
        """The URL by which the utility reaches it."""

    def connect(self, receiver: NotificationReceiver) -> None:
        """Give notifications to a receiver from now on; it is listening when this returns."""

    def disconnect(self, receiver: NotificationReceiver) -> None:
        """Do not give it any more."""
