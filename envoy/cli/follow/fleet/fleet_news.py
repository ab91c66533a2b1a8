"""What the command has to say while it follows a fleet, beside the news of its sites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from envoy.cli.follow.command_news import Ended, Reloaded, Warned
from envoy.der.follow.news import News


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetBegan:
    """It has begun.

    Attributes:
        time: When, in seconds since 1970.
        fleet: The file of the fleet.
        sites: How many sites are followed.
        server: The URL of the server.
        profile: Name of the profile.
        devices: The kind of the devices.
        version: Version of this package.
    """

    time: float
    fleet: str
    sites: int
    server: str
    profile: str
    devices: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetChanged:
    """The file of the fleet has changed, and other sites are followed.

    Attributes:
        time: When.
        added: Keys of the sites that are followed from now on.
        removed: Keys of those that are not any more.
        changed: Keys of those of which the file says something else; they are followed by that.
        sites: How many sites are followed now.
    """

    time: float
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    sites: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFailed:
    """A site cannot be followed as it is, since its device cannot be opened or its messages cannot be made.

    Attributes:
        time: When that was found.
        reason: What is wrong.
    """

    time: float
    reason: str


class SiteNews(NamedTuple):
    """News of a site, or of what all sites share.

    Attributes:
        site: The key of the site; empty for what they share at the server.
        item: The news.
    """

    site: str
    item: News | SiteFailed


FleetNews: TypeAlias = FleetBegan | FleetChanged | Warned | Reloaded | Ended | SiteNews
"""Anything that is shown."""
