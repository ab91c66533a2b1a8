"""The package as the client under test that follows for a fleet: all sites by one follower, under a virtual clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from envoy.der.fleet.fleet_follower import FleetFollower, FleetPolicy
from envoy.der.follow.device import DeviceStatus
from envoy.der.follow.worker import DirectWorker
from envoy.der.policies import Policy, Responses
from envoy.protocol.flow import Request, Response, get_headers
from envoy.registration.site import Site, SiteDER
from envoy.subscriptions.intake import IDENTIFIER
from envoy.subscriptions.notification_paths import NotificationPaths
from envoy.subscriptions.subscriptions import Subscriptions
from envoy.utility import Utility
from envoy.utility.notifications import Delivery
from sep2 import DeviceCategoryType
from tests.support.der_client import make_capability, make_settings
from tests.support.devices import PlainDevice
from tests.support.followed import FAILSAFE, PERIOD


class _Device(PlainDevice):
    """A device that does not operate where it is not to."""

    def status(self) -> DeviceStatus:
        running = not self.given or self.given[-1].running
        return DeviceStatus(connected=not self.given or self.given[-1].connected, operating=running)


class FleetClient:
    """A fleet with one certificate.

    Args:
        utility: The utility.
        clock: The clock.
        lfdi: LFDI of the certificate, and of its site if it has no others.
        sites: LFDIs of its sites; None for the one of the certificate.
        subscribes: It subscribes to what it reads.
    """

    def __init__(
        self,
        utility: Utility,
        clock: Callable[[], float],
        *,
        lfdi: bytes,
        sites: list[bytes] | None = None,
        subscribes: bool = False,
    ) -> None:
        self.utility = utility
        self.clock = clock
        self.lfdi = lfdi
        self.devices: dict[str, PlainDevice] = {}

        def open_subscriptions(**options: Any) -> Subscriptions:
            return Subscriptions(paths=NotificationPaths("https://localhost:8444"), owner=lfdi, **options)

        self.follower = FleetFollower(
            utility.profile,
            clock,
            self._open_worker,
            policy=FleetPolicy(policy=Policy(responses=Responses.CSIP_AUS), failsafe=FAILSAFE),
            open_subscriptions=open_subscriptions if subscribes else None,
        )
        capability, settings = make_capability(utility.profile), make_settings(utility.profile, 27, 0)
        for each in sites or [lfdi]:
            der = SiteDER(capability=capability, settings=settings)
            category = DeviceCategoryType(1 << 18)
            site = Site(lfdi=each, nmi="6001234567", device_category=category, ders=[der])
            self.follower.add(each.hex().upper(), site)

    def _open_worker(self, key: str, site: Site) -> DirectWorker:
        self.devices[key] = _Device()
        return DirectWorker(self.devices[key], clock=self.clock, period=PERIOD)

    @property
    def next_due(self) -> float:
        """When it does something next."""
        return self.follower.fleet.next_due()

    def act(self) -> None:
        """Do what is due."""
        fleet = self.follower.fleet
        while True:
            fleet.turn()
            sendings = list(fleet.take_requests())
            if not sendings:
                return
            for sending in sendings:
                fleet.settle(sending, self._send(sending.request))

    def notify(self, delivery: Delivery) -> int:
        """Take a notification, and return the status of the response."""
        assert self.follower.subscriber is not None, "it subscribes to nothing"
        path, subscriptions = urlsplit(delivery.uri).path, self.follower.subscriber.subscriptions
        if not subscriptions.accepts(path):
            return 404
        subscriptions.notify(path, {IDENTIFIER: delivery.identifier}, delivery.content)
        return 204

    def _send(self, request: Request) -> Response:
        headers = {name.lower(): value for name, value in get_headers(request, self.utility.profile).items()}
        return self.utility.respond(
            request.method, request.href, client=self.lfdi, headers=headers, content=request.content
        )
