"""A site of a fleet, as it is followed."""

from __future__ import annotations

from dataclasses import dataclass

from envoy.der.fleet.fleet import Run
from envoy.der.follow.contact import Contact
from envoy.der.follow.findings import FollowSession
from envoy.der.follow.follower import Follower
from envoy.der.follow.worker import Worker
from envoy.der.schedule import Schedule
from envoy.der.state.site_state import SiteState
from envoy.registration.site import Site


@dataclass(frozen=True, slots=True, eq=False)
class FleetSite:
    """A site of a fleet, as it is followed, for displays.

    Attributes:
        key: Its name in the fleet.
        site: The site.
        lfdi: LFDI of its EndDevice.
        session: Its findings are the last ones of what was odd, and ``count`` is how many there were.
        follower: Its flow.
        run: The run of the flow.
        memory: Keeps what is to survive a restart; None if nothing is.
    """

    key: str
    site: Site
    lfdi: bytes
    session: FollowSession
    follower: Follower
    run: Run
    memory: SiteState | None

    @property
    def schedule(self) -> Schedule:
        """What is decided, and why: ``explain`` says it in sentences."""
        return self.follower.schedule

    @property
    def worker(self) -> Worker:
        """The worker of its device: what became of the limits that it was given, and how it is."""
        return self.follower.worker

    @property
    def contact(self) -> Contact:
        """Whether what is read for it alone can be read."""
        return self.follower.contact
