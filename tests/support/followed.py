"""The package as the client under test: it registers, follows, reports and meters under a virtual clock."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Hashable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from envoy.der.abilities import Abilities
from envoy.der.follow.device import Device, DeviceStatus, Readings
from envoy.der.follow.duties import Duty
from envoy.der.follow.follower import Follower
from envoy.der.follow.subscriber import Subscriber
from envoy.der.follow.worker import DirectWorker
from envoy.der.limits import Limits, Rating
from envoy.der.modes import MODES
from envoy.der.policies import Policy, Responses
from envoy.der.report.metering import Metering
from envoy.der.report.mirrors import default_mirrors
from envoy.der.report.reporter import Reporter
from envoy.der.report.settings import prepare_site
from envoy.der.schedule import Schedule
from envoy.metering.spool import Spool
from envoy.protocol.flow import Flow, Request, Response, Wait, get_headers
from envoy.protocol.results import Registration
from envoy.protocol.session import Session
from envoy.registration.register import register
from envoy.registration.site import Site, SiteDER
from envoy.subscriptions.intake import IDENTIFIER
from envoy.subscriptions.notification_paths import NotificationPaths
from envoy.subscriptions.subscriptions import Subscriptions
from envoy.utility import Utility
from envoy.utility.notifications import Delivery
from sep2 import DeviceCategoryType
from tests.support.der_client import make_capability, make_settings
from tests.support.devices import PlainDevice

FAILSAFE = {"opModExpLimW": Decimal(0)}

PERIOD = 30.0
"""Seconds between two looks at a device: few, since some procedures last days, and enough for readings of a minute."""


class FollowedSite(PlainDevice):
    """A site with a device that keeps to what it is given, and where its flow stands.

    Attributes:
        connected: People have it connected to the grid.
        running: They have it run.
        site_w: What flows at the connection point.
        output_w: What the DER puts out.
    """

    period = PERIOD

    def __init__(self, client: FollowingClient, lfdi: bytes, pin: int | None, *, gradient: int = 27) -> None:
        super().__init__()
        self.client = client
        self.connected = self.running = True
        self.site_w, self.output_w = client.site_w, client.output_w
        profile = client.profile
        capability, settings = make_capability(profile), make_settings(profile, gradient, 0)
        self.site = Site(
            lfdi=lfdi,
            nmi="6001234567",
            pin=pin,
            device_category=DeviceCategoryType(1 << 18),
            ders=[SiteDER(capability=capability, settings=settings)],
        )
        self.spool = Spool(":memory:")
        self.saved = ""
        self.start()

    @property
    def device(self) -> Device:
        """The device that is followed for."""
        return self

    def start(self) -> None:
        """Begin to follow, perhaps with what was saved before a restart."""
        client, clock = self.client, self.client.clock
        (der,) = self.site.ders
        abilities = Abilities.from_models(der.capability, der.settings)
        policy = Policy(responses=Responses.CSIP_AUS)
        self.reported: Mapping[str, Any] | None = None
        if self.saved:
            plain, self.reported = json.loads(self.saved)
            self.schedule = Schedule.load(plain, abilities, policy, failsafe=FAILSAFE)
        else:
            self.schedule = Schedule(abilities, policy, failsafe=FAILSAFE, now=clock())
        session = Session(client.profile)
        self.reporter = Reporter(
            session,
            self.site,
            clock=clock,
            get_offset=lambda: self.follower.offset or 0,
            saved=self.reported,
            save=self._keep,
        )
        self.metering = Metering(
            session,
            self.spool,
            default_mirrors(self.site, client.profile),
            clock=clock,
            get_offset=lambda: self.follower.offset,
        )
        duties: list[Duty] = [self.reporter, self.metering]
        if client.subscriptions is not None:
            subscriber = Subscriber(
                client.subscriptions, self.site.lfdi, sends=client.sites[:1] in ([], [self]), clock=clock
            )
            duties.append(subscriber)
        self.follower = Follower(
            session,
            self.schedule,
            DirectWorker(self.device, clock=clock, period=self.period),
            Rating.from_models(der.capability, der.settings),
            lfdi=self.site.lfdi,
            clock=clock,
            register=self._register,
            duties=duties,
        )
        self.follower.wake = self._wake
        self.flow: Flow[None] = self.follower.run()
        self.until: float = clock()
        self.wanted: Request | Wait | None = None

    def stop(self) -> None:
        """Lose everything but what was saved."""
        self.metering.close()
        self.flow.close()
        self.until = float("inf")
        self.saved = json.dumps([self.schedule.dump(), self.reported])

    def restart(self) -> None:
        """Lose everything but what was saved, and come back."""
        self.stop()
        self.start()

    def _wake(self) -> None:
        self.until = min(self.until, self.client.clock())

    def _register(self, entry: str | None) -> Flow[Registration]:
        site = prepare_site(self.site, self.schedule.get_settings())
        return register(site, self.client.profile, entry=entry, now=self.client.clock, tolerant=True)

    def _keep(self, state: dict[str, Any]) -> None:
        self.reported = state

    def act(self) -> None:
        """Go on with the flow until it waits."""
        reply: Any = None
        while True:
            try:
                self.wanted = next(self.flow) if self.wanted is None else self.flow.send(reply)
            except StopIteration:
                self.until = float("inf")
                return
            if isinstance(self.wanted, Wait):
                self.until = self.client.clock() + self.wanted.seconds
                return
            reply = self.client.send(self.wanted)

    # The device

    @property
    def held(self) -> dict[str, Any]:
        """The modes that it was given last, by the names of their fields."""
        return {MODES[mode].field: value for mode, value in self.values.items()}

    def status(self) -> DeviceStatus:
        limits: Limits | None = self.given[-1] if self.given else None
        connected = self.connected and (limits is None or limits.connected)
        operating = connected and self.running and (limits is None or limits.energized)
        return DeviceStatus(connected=connected, operating=operating)

    def readings(self) -> Readings:
        site = {"active-power": self.site_w, "reactive-power": 0, "voltage": 230}
        der = {"active-power": self.output_w, "reactive-power": 0, "stored-energy": 4000}
        return Readings(
            site={name: Decimal(value) for name, value in site.items()},
            der={name: Decimal(value) for name, value in der.items()},
        )


class FollowingClient:
    """Sites that are followed by the package, with one certificate.

    Args:
        utility: The utility.
        clock: The clock.
        lfdi: LFDI of the certificate, and of its site if it has no others.
        sites: LFDIs of its sites; None for the one of the certificate.
        pin: The PIN that it expects.
        site_w: What flows at the connection points; import is positive.
        output_w: What the DERs put out.
        subscribes: It subscribes to what it reads, once for all sites.
    """

    def __init__(
        self,
        utility: Utility,
        clock: Callable[[], float],
        *,
        lfdi: bytes,
        sites: list[bytes] | None = None,
        pin: int | None = None,
        site_w: int = -1000,
        output_w: int = 1000,
        subscribes: bool = False,
    ) -> None:
        self.utility = utility
        self.clock = clock
        self.lfdi = lfdi
        self.profile = utility.profile
        self.site_w, self.output_w = site_w, output_w
        self.requests: list[tuple[float, str, str]] = []
        self.subscriptions: Subscriptions | None = None
        if subscribes:
            self.subscriptions = Subscriptions(
                Session(self.profile),
                NotificationPaths("https://localhost:8444"),
                owner=lfdi,
                clock=clock,
                refresh=self._refresh,
                rediscover=self._rediscover,
            )
        # The first does what there is to do at the server for all of them.
        self.sites: list[FollowedSite] = []
        for each in sites or [lfdi]:
            self.sites.append(self.make_site(each, pin))

    def make_site(self, lfdi: bytes, pin: int | None) -> FollowedSite:
        """Return a site."""
        return FollowedSite(self, lfdi, pin)

    @property
    def next_due(self) -> float:
        return min(each.until for each in self.sites)

    def act(self) -> None:
        """Do what is due."""
        for each in self.sites:
            if each.until <= self.clock():
                each.act()

    def notify(self, delivery: Delivery) -> int:
        """Take a notification, and return the status of the response."""
        assert self.subscriptions is not None, "it subscribes to nothing"
        path = urlsplit(delivery.uri).path
        if not self.subscriptions.accepts(path):
            return 404
        self.subscriptions.notify(path, {IDENTIFIER: delivery.identifier}, delivery.content)
        return 204

    def _refresh(self, href: str, readers: Collection[Hashable], due: float) -> None:
        for each in self.sites:
            if each.site.lfdi in readers:
                each.follower.refresh(href, due)

    def _rediscover(self, readers: Collection[Hashable]) -> None:
        for each in self.sites:
            if each.site.lfdi in readers:
                each.follower.hurry()

    def send(self, request: Request) -> Response:
        self.requests.append((self.clock(), request.method, request.href))
        headers = {name.lower(): value for name, value in get_headers(request, self.profile).items()}
        return self.utility.respond(
            request.method, request.href, client=self.lfdi, headers=headers, content=request.content
        )
