"""The follower of a fleet: a follower for each site, with what all of them share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any
from zlib import crc32

from envoy.der.abilities import Abilities
from envoy.der.fleet.enrolment import enrol
from envoy.der.fleet.fleet import IN_FLIGHT, Fleet
from envoy.der.fleet.fleet_directory import FleetDirectory
from envoy.der.fleet.fleet_site import FleetSite
from envoy.der.fleet.fleet_subscriber import FleetSubscriber
from envoy.der.fleet.shared_reads import SharedSession
from envoy.der.follow.duties import Duty
from envoy.der.follow.findings import FollowSession
from envoy.der.follow.follower import Follower
from envoy.der.follow.news import ContactLost, ContactRegained, News, Noticed
from envoy.der.follow.worker import Worker
from envoy.der.limits import Rating
from envoy.der.modes import Values
from envoy.der.policies import Edition, Policy
from envoy.der.report.reporter import Reporter
from envoy.der.schedule import Schedule
from envoy.der.state.fleet_state import FleetState
from envoy.der.state.site_state import SiteState
from envoy.errors import SiteError
from envoy.identity.dialects import IDENTITY_DIALECTS
from envoy.profiles import Profile
from envoy.protocol.flow import Flow
from envoy.protocol.results import Registration
from envoy.registration.site import Site
from envoy.subscriptions.subscriptions import Subscriptions

MOST_FINDINGS = 20
"""Findings that are kept of each site."""

_REPORTED = "reported"
_VERIFIED = "verified"
"""Names of what is kept of a site besides its schedule."""

_MOST_FORMER = 10_000
"""Sites that are not followed any more and of which is known what they knew, at most, where there is no state."""

_MOST_UNWRITTEN = 100
"""The same where there is one: what is not written yet is written soon."""

SERVER = ""
"""Stands for the key of a site in news of what all sites share."""


def spread_by(lfdi: bytes) -> float:
    """Return where in each period a site has its turn, from 0 to 1: the same whenever and wherever it is followed."""
    return crc32(lfdi) / 2**32


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
        state: Keeps what is to survive a restart; None to remember nothing.
        in_flight: Requests under way at a time.
        open_subscriptions: Returns the subscriptions, as ``FleetSubscriber`` calls it; None to poll alone.
        publish: Called with the key of a site and what has happened there; the key is empty for what all share.

    Attributes:
        subscriber: What keeps the subscriptions; None where nothing is subscribed to.
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
        state: FleetState | None = None,
        in_flight: int = IN_FLIGHT,
        open_subscriptions: Callable[..., Subscriptions] | None = None,
        publish: Callable[[str, News], None] = lambda key, news: None,
    ) -> None:
        self._profile = profile
        self._clock = clock
        self._open_worker = open_worker
        self._policy = policy or FleetPolicy()
        self._usual = Policy(Edition(profile.edition))
        self._entry = entry
        self._publish = publish
        self._own_lfdi = IDENTITY_DIALECTS[profile.dialect].own_lfdi
        self._state = state
        self.fleet = Fleet(clock, recorder=state, in_flight=in_flight)
        session = FollowSession(profile, report=partial(self._note, SERVER))
        self.directory = FleetDirectory(session, clock, entry=entry, publish=self._note_contact)
        self.fleet.add("the server", self.directory)
        self._abilities: dict[Abilities, Abilities] = {}
        self.subscriber: FleetSubscriber | None = None
        if open_subscriptions is not None:
            self.subscriber = FleetSubscriber(
                open_subscriptions, session, clock, hurry=self.hurry, publish=partial(publish, SERVER)
            )
            for flow in self.subscriber.flows:
                self.fleet.add("the subscriptions", flow, first=True)
        self._sites: dict[str, FleetSite] = {}
        self._former: dict[bytes, tuple[Schedule, SiteState | None]] = {}
        self.sites: Mapping[str, FleetSite] = MappingProxyType(self._sites)

    def add(self, key: str, site: Site) -> FleetSite:
        """Follow a site from now on; one that was followed before goes on with what was known of it.

        Args:
            key: Its name, which is not empty.
            site: The site.

        Raises:
            SiteError: There is one of that name, or of that LFDI.
            DeviceError: Its device cannot be opened.
        """
        if key in self._sites or not key:
            raise SiteError(
                "is followed already" if key else "a site has no key", where=key, remedy="Give another key."
            )
        clock, lfdi = self._clock, self._own_lfdi(site.lfdi)
        if self.directory.has(lfdi):
            remedy = "Each site has an LFDI of its own: remove the other one first."
            raise SiteError(f"has the LFDI of another site, {lfdi.hex().upper()}", where=key, remedy=remedy)
        schedule, memory = self._load(site, lfdi)
        session = SharedSession(self._profile, self.fleet.reads, most=MOST_FINDINGS, report=partial(self._note, key))
        publish = partial(self._note_news, key)
        duties: list[Duty] = []
        reporter: Reporter | None = None
        if site.ders:
            reporter = Reporter(
                session,
                site,
                clock=clock,
                get_offset=self._get_offset,
                saved=None if memory is None else memory.get(_REPORTED),
                save=_forget if memory is None else partial(memory.put, _REPORTED),
                publish=publish,
            )
            duties.append(reporter)
        if self.subscriber is not None:
            duties.append(self.subscriber.make_duty(key))
        rating = Rating.from_site(site)
        # Last, so that it stays open nowhere where a site cannot be followed, which is tried again and again.
        worker = self._open_worker(key, site)
        follower = Follower(
            session,
            schedule,
            worker,
            rating,
            lfdi=lfdi,
            clock=clock,
            entry=self._entry,
            memory=memory,
            register=partial(self._register, site, session, reporter, memory) if self._policy.register else None,
            directory=self.directory,
            spread=spread_by(lfdi),
            duties=duties,
            publish=publish,
        )
        run = self.fleet.add(key, follower)
        self.directory.add(lfdi, follower)
        self._former.pop(lfdi, None)
        self._sites[key] = found = FleetSite(key, site, lfdi, session, follower, run, memory)
        return found

    def remove(self, key: str) -> None:
        """Follow a site no more; its device goes on with the limits that it has, and what is owed stays owed.

        Raises:
            KeyError: There is none of that name.
        """
        found = self._sites.pop(key)
        self.directory.remove(found.lfdi)
        self.fleet.remove(found.run)
        if self.subscriber is not None:
            self.subscriber.make_duty(key).leave()
        found.worker.close()
        if found.memory is not None:
            found.memory.note_left(self._clock())
        self._former[found.lfdi] = found.schedule, found.memory
        if len(self._former) > (_MOST_FORMER if found.memory is None else _MOST_UNWRITTEN):
            del self._former[next(iter(self._former))]

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

    def _load(self, site: Site, lfdi: bytes) -> tuple[Schedule, SiteState | None]:
        # Most sites of a fleet are alike.
        mine = self._abilities.setdefault(found := Abilities.of_site(site), found)
        policy, failsafe = self._policy.policy or self._usual, self._policy.failsafe
        if (former := self._former.get(lfdi)) is not None:
            # Not what is on the disk: the last of it may be written yet, and a state is not needed.
            before, memory = former
            schedule = Schedule.load(before.dump(), mine, policy, failsafe=failsafe)
            if self._state is not None and memory is not None:
                memory.note_followed()
                self._state.note_choices(memory, schedule)
            return schedule, memory
        if self._state is not None:
            return self._state.load(lfdi, mine, policy, failsafe=failsafe)
        return Schedule(mine, policy, failsafe=failsafe, now=self._clock()), None

    def _register(
        self,
        site: Site,
        session: FollowSession,
        reporter: Reporter | None,
        memory: SiteState | None,
        entry: str | None,
    ) -> Flow[Registration]:
        listed = self.directory.find_listed(site.lfdi)
        verified = memory is not None and listed is not None and memory.get(_VERIFIED) == [listed.href, site.pin]
        result = yield from enrol(
            site,
            session,
            self.directory,
            prepare=(lambda: site) if reporter is None else reporter.prepare_site,
            now=lambda: self._clock() + self._get_offset(),
            validate=self._policy.validate,
            verified=verified,
        )
        if memory is not None and site.pin is not None and not verified:
            memory.put(_VERIFIED, [result.href, site.pin])
        return result

    def _get_offset(self) -> int:
        return self.directory.offset or 0

    def _note_news(self, key: str, news: News) -> None:
        found = self._sites.get(key)
        if found is not None and found.memory is not None and not isinstance(news, ContactLost | ContactRegained):
            # Contact is lost and regained with the server, which is one for all.
            found.memory.note(news)
        self._publish(key, news)

    def _note_contact(self, news: News) -> None:
        if self._state is not None:
            self._state.note(news)
        self._publish(SERVER, news)

    def _note(self, key: str, text: str) -> None:
        self._publish(key, Noticed(time=self._clock(), text=text))


def _forget(reported: Mapping[str, Any]) -> None:
    """Keep nothing over a restart."""
