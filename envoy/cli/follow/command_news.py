"""What the command itself has to say while it follows, beside the news of the follower."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from envoy.der.follow.news import News


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """It has begun.

    Attributes:
        time: When, in seconds since 1970.
        site: The file of the site.
        lfdi: The LFDI of the site, in upper-case hexadecimal.
        server: The URL of the server.
        profile: Name of the profile.
        devices: The kinds of the devices.
        version: Version of this package.
    """

    time: float
    site: str
    lfdi: str
    server: str
    profile: str
    devices: tuple[str, ...]
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """Something needs to be seen to: a certificate expires, or files that were to be read again cannot be used."""

    time: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reloaded:
    """The certificates were read again, and are used for new connections.

    Attributes:
        time: When.
        expires: When the first of them expires; None if none is known.
    """

    time: float
    expires: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """It has ended.

    Attributes:
        time: When.
        reason: Why, such as ``SIGTERM``.
        device: What the device was left with: ``last`` for the last limits, ``default`` for those of the default.
        owed: How many responses are still owed; the next run sends them.
    """

    time: float
    reason: str
    device: str
    owed: int


CommandNews: TypeAlias = Began | Warned | Reloaded | Ended | News
"""Anything that is shown."""
