"""The follower of a fleet: a follower for each site, with what all of them share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from envoy.der.abilities import Abilities
from envoy.der.fleet.enrolment import enrol
from envoy.der.fleet.fleet import IN_FLIGHT, Fleet
from envoy.der.fleet.fleet_directory import FleetDirectory
from envoy.der.fleet.fleet_site import FleetSite
from envoy.der.fleet.shared_reads import SharedSession
from envoy.der.follow.duties import Duty
from envoy.der.follow.findings import FollowSession
from envoy.der.follow.follower import Follower
from envoy.der.follow.news import News, Noticed
from envoy.der.follow.worker import Worker
from envoy.der.limits import Rating
from envoy.der.modes import Values
from envoy.der.policies import Policy
from envoy.der.report.reporter import Reporter
from envoy.der.schedule import Schedule
from envoy.errors import SiteError
from envoy.identity.dialects import IDENTITY_DIALECTS
from envoy.profiles import Profile
from envoy.protocol.flow import Flow
from envoy.protocol.results import Registration
from envoy.registration.site import Site

MOST_FINDINGS = 20
"""Findings that are kept of each site."""

SERVER = ""
"""Stands for the key of a site in news of what all sites share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetPolicy:
    """How the sites of a fleet are followed.

    Attributes:
        policy: The choices where editions and utilities differ; None for the usual ones.
        failsafe: What holds at a site as long as nothing has ever been read for it.
        register: Whether sites are registered that are not.
        validate: Whether the messages of a registration are validated.
    """

    policy: Policy | None = None
    failsafe: Values | None = None
    register: bool = True
    validate: bool = True


class FleetFollower:
    """Follows a server for the sites of a fleet. Whoever drives it drives ``fleet``.

    Args:
        profile: How messages look on the wire.
        clock: Returns the time in seconds since 1970. It is not set while this runs.
        open_worker: Returns the worker of the device of a site.
        policy: How the sites are followed.
        entry: Path of DeviceCapability; None for the usual one.
        in_flight: Requests under way at a time.
        publish: Called with the key of a site and what has happened there; the key is empty for what all share.

    Attributes:
        fleet: The flows.
        directory: What is read of the server for all sites.
        sites: The sites that are followed, by their keys.
    """

    def __init__(
        self,
        profile: Profile,
        clock: Callable[[], float],
        open_worker: Callable[[str, Site], Worker],
        *,
        policy: FleetPolicy | None = None,
        entry: str | None = None,
        in_flight: int = IN_FLIGHT,
        publish: Callable[[str, News], None] = lambda key, news: None,
    ) -> None:
        self._profile = profile
        self._clock = clock
        self._open_worker = open_worker
        self._policy = policy or FleetPolicy()
        self._entry = entry
        self._publish = publish
        self._own_lfdi = IDENTITY_DIALECTS[profile.dialect].own_lfdi
        self.fleet = Fleet(clock, in_flight=in_flight)
        session = FollowSession(profile, report=partial(self._note, SERVER))
        self.directory = FleetDirectory(session, clock, entry=entry, publish=partial(publish, SERVER))
        self.fleet.add("the server", self.directory)
        self._sites: dict[str, FleetSite] = {}
        self.sites: Mapping[str, FleetSite] = MappingProxyType(self._sites)

    def add(self, key: str, site: Site) -> FleetSite:
        """Follow a site from now on.

        Args:
            key: Its name, which is not empty.
            site: The site.

        Raises:
            SiteError: There is one of that name.
            DeviceError: Its device cannot be opened.
        """
        if key in self._sites or not key:
            raise SiteError(
                "is followed already" if key else "a site has no key", where=key, remedy="Give another key."
            )
        clock, lfdi = self._clock, self._own_lfdi(site.lfdi)
        worker = self._open_worker(key, site)
        session = SharedSession(self._profile, self.fleet.reads, most=MOST_FINDINGS, report=partial(self._note, key))
        publish = partial(self._publish, key)
        duties: list[Duty] = []
        reporter: Reporter | None = None
        if site.ders:
            reporter = Reporter(session, site, clock=clock, get_offset=self._get_offset, publish=publish)
            duties.append(reporter)
        follower = Follower(
            session,
            self._load_schedule(site),
            worker,
            Rating.from_site(site),
            lfdi=lfdi,
            clock=clock,
            entry=self._entry,
            register=partial(self._register, site, session, reporter) if self._policy.register else None,
            directory=self.directory,
            duties=duties,
            publish=publish,
        )
        run = self.fleet.add(key, follower)
        self.directory.add(lfdi, follower)
        self._sites[key] = found = FleetSite(key, site, lfdi, session, follower, run)
        return found

    def remove(self, key: str) -> None:
        """Follow a site no more; its device goes on with the limits that it has, and what is owed stays owed.

        Raises:
            KeyError: There is none of that name.
        """
        found = self._sites.pop(key)
        self.directory.remove(found.lfdi)
        self.fleet.remove(found.run)
        found.worker.close()

    def hurry(self, hrefs: Collection[str] | None = None) -> None:
        """Read something as soon as possible, since it may have changed.

        Args:
            hrefs: Where that is; None for everything.
        """
        if hrefs is None:
            self.fleet.reads.expire()
            self.directory.hurry()
            for site in self._sites.values():
                site.follower.hurry()
            return
        for href in hrefs:
            self.directory.refresh(href)
            self.fleet.refresh(href)

    def close(self, *, keep: bool = True) -> None:
        """End all flows, and let go of the devices.

        Args:
            keep: Whether the devices are left with their last limits, instead of those of the defaults.
        """
        self.fleet.close()
        for site in self._sites.values():
            if not keep:
                site.follower.release()
            site.worker.close()

    def _load_schedule(self, site: Site) -> Schedule:
        each = [Abilities.from_models(der.capability, der.settings) for der in site.ders]
        modes = frozenset[str]().union(*(every.modes for every in each)) if each else Abilities().modes
        category = site.device_category
        mine = Abilities(modes, None if category is None else int(category))
        return Schedule(mine, self._policy.policy, failsafe=self._policy.failsafe, now=self._clock())

    def _register(
        self, site: Site, session: FollowSession, reporter: Reporter | None, entry: str | None
    ) -> Flow[Registration]:
        return enrol(
            site,
            session,
            self.directory,
            prepare=(lambda: site) if reporter is None else reporter.prepare_site,
            now=lambda: self._clock() + self._get_offset(),
            validate=self._policy.validate,
            verified=False,
        )

    def _get_offset(self) -> int:
        return self.directory.offset or 0

    def _note(self, key: str, text: str) -> None:
        self._publish(key, Noticed(time=self._clock(), text=text))
