"""The evidence of a run: the requests that came, and what the utility knows of the sites under test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from envoy.identity import format_lfdi
from envoy.procedures.endpoints import Endpoint, read_endpoint
from envoy.utility import Utility
from sep2 import ConnectionPoint, DERCapability, DERSettings, DERStatus, EndDevice

OWN = "0"
"""Number of the EndDevice that stands for an aggregator itself, and no site."""

_SETS = {"derc": "site_control", "tti": "tariff_generated_rates"}
"""What the reference server calls the sets of responses of the utility."""


@dataclass(slots=True)
class Exchange:
    """A request and its response.

    Attributes:
        time: When it came, in seconds since 1970.
        method: HTTP method.
        path: Path that was asked for, without the query.
        first_page: Whether it asks for the beginning of a list, or for no list at all.
        endpoint: What is there, None for a path that no procedure can name.
        client: LFDI of the client's certificate.
        during: Whether the run had started.
        status: HTTP status of the response, 0 before there is one.
        forced: Whether the procedure had the utility respond so, whatever it was.
        step: The step that it made happen, empty for none.
    """

    time: float
    method: str
    path: str
    first_page: bool
    endpoint: Endpoint | None
    client: bytes
    during: bool
    status: int = 0
    forced: bool = False
    step: str = ""


@dataclass(frozen=True, slots=True)
class SiteUnderTest:
    """An EndDevice of the client under test.

    Attributes:
        number: Its number among those under test, from 1; 0 for that of an aggregator itself.
        owner: LFDI of the client's certificate.
        href: Where it is.
        device: The EndDevice.
    """

    number: str
    owner: bytes
    href: str
    device: EndDevice

    @property
    def lfdi(self) -> bytes:
        """Its LFDI."""
        return self.device.lfdi or b""


class Sites:
    """The EndDevices of the client under test, and what it wrote of them.

    Args:
        utility: The utility.
        aggregator: Whether the client is an aggregator. Otherwise it is one as soon as it has registered others.

    Attributes:
        aggregator: As above.
        client: LFDI of the client's certificate, empty before it has come.
    """

    def __init__(self, utility: Utility, *, aggregator: bool = False) -> None:
        self._utility = utility
        self.aggregator = aggregator
        self.client = b""

    def all(self) -> list[SiteUnderTest]:
        """Return the sites under test in the order they were registered, without that of an aggregator itself."""
        return [site for site in self._devices() if site.number != OWN]

    def latest(self) -> SiteUnderTest | None:
        """Return the site that was registered or written last, None if there is none."""
        sites = self.all()
        return max(sites, key=lambda site: (site.device.changed_time, int(site.number)), default=None)

    def locate(self, path: str) -> Endpoint | None:
        """Return what is at a path of the utility, numbered as procedures number it."""
        endpoint = read_endpoint(path)
        if endpoint is None or "device" not in endpoint.numbers:
            return endpoint
        href = f"/edev/{endpoint.numbers['device']}"
        devices = self._devices()
        number = next((site.number for site in devices if site.href == href), "")
        numbers = {**endpoint.numbers, "device": number}
        if endpoint.resource in ("SubscriptionList", "Subscription") and self._is_own(href):
            numbers["device"] = OWN
        if "set" in numbers:
            numbers["set"] = _SETS.get(numbers["set"], numbers["set"])
        return Endpoint(endpoint.resource, numbers, path)

    def settings(self, site: SiteUnderTest) -> DERSettings | None:
        """Return the DERSettings of a site, None if there are none."""
        found: DERSettings | None = self._of_der(site, "derg")
        return found

    def capability(self, site: SiteUnderTest) -> DERCapability | None:
        """Return the DERCapability of a site, None if there is none."""
        found: DERCapability | None = self._of_der(site, "dercap")
        return found

    def status(self, site: SiteUnderTest) -> DERStatus | None:
        """Return the DERStatus of a site, None if there is none."""
        found: DERStatus | None = self._of_der(site, "ders")
        return found

    def connection_point(self, site: SiteUnderTest) -> ConnectionPoint | None:
        """Return the ConnectionPoint of a site, None if there is none."""
        found: ConnectionPoint | None = self._utility.store.get(site.owner, f"{site.href}/cp")
        return found

    def subscriptions(self) -> list[Endpoint]:
        """Return what the client has subscribed to."""
        store, found = self._utility.store, []
        for device in self._devices():
            path = f"{device.href}/sub"
            for _, subscription in store.page(device.owner, path, 0, store.count(device.owner, path)):
                found.append(self.locate(subscription.subscribed_resource))
        return [endpoint for endpoint in found if endpoint is not None]

    def _of_der(self, site: SiteUnderTest, name: str) -> Any:
        """Return what was written of the first DER that has it."""
        store, ders = self._utility.store, f"{site.href}/der"
        for href, _ in store.page(site.owner, ders, 0, store.count(site.owner, ders)):
            if found := store.get(site.owner, f"{href}/{name}"):
                return found
        return None

    def _is_own(self, href: str) -> bool:
        return any(site.href == href and site.lfdi == self.client for site in self._devices())

    def _devices(self) -> list[SiteUnderTest]:
        store = self._utility.store
        found = store.page(self.client, "/edev", 0, store.count(self.client, "/edev")) if self.client else []
        devices = sorted(found, key=lambda each: int(each[0].rpartition("/")[2]))
        aggregator = self.aggregator or any(device.lfdi != self.client for _, device in devices)
        sites, number = [], 0
        for href, device in devices:
            if aggregator and device.lfdi == self.client:
                sites.append(SiteUnderTest(OWN, self.client, href, device))
            else:
                number += 1
                sites.append(SiteUnderTest(str(number), self.client, href, device))
        return sites


@dataclass(slots=True)
class Evidence:
    """All that checks look at.

    Attributes:
        utility: The utility.
        sites: The sites under test.
        exchanges: The requests, in the order they came.
        controls: The controls that the procedure has made, by number, and when each is over or was cancelled.
        prices: Numbers of the prices that the procedure has made.
        tags: Numbers of controls, programs, tariffs, rates and prices by their tags.
        deliveries: HTTP status of the response to each try to deliver a notification; None for no response.
        started: When the run started, None before.
        open_steps: Names of the steps that have not been removed.
        pen: The IANA Private Enterprise Number of the client's maker; None if it is not known.
    """

    utility: Utility
    sites: Sites
    pen: int | None = None
    exchanges: list[Exchange] = field(default_factory=list)
    controls: dict[int, int] = field(default_factory=dict)
    prices: list[int] = field(default_factory=list)
    tags: dict[str, int] = field(default_factory=dict)
    deliveries: list[int | None] = field(default_factory=list)
    started: float | None = None
    open_steps: Sequence[str] = ()


def describe_site(site: SiteUnderTest) -> str:
    """Return how a report names a site."""
    return f"EndDevice {site.number} ({format_lfdi(site.lfdi)})"
