"""Options of following a fleet: what ``AsyncClient.follow_fleet`` takes besides the sites and their devices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from envoy._text import show_value
from envoy.der.fleet.fleet import IN_FLIGHT
from envoy.der.fleet.pooled_worker import FLEET_PERIOD, THREADS
from envoy.der.follow.news import News
from envoy.der.follow.worker import DEADLINE
from envoy.der.modes import Values
from envoy.der.policies import Policy
from envoy.devices.fleet import FleetDevices
from envoy.errors import DeviceError, EnvoyError
from envoy.registration.site import Site, require_site
from envoy.subscriptions.listener import Listener


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetOptions:
    """What ``AsyncClient.follow_fleet`` takes besides the sites and their devices; see there."""

    state: str | Path | None = None
    shard: str = ""
    policy: Policy | None = None
    failsafe: Values | None = None
    register: bool = True
    keep: bool = True
    period: float = FLEET_PERIOD
    deadline: float = DEADLINE
    threads: int = THREADS
    in_flight: int = IN_FLIGHT
    on_news: Callable[[str, News], None] | None = None
    notifications: Listener | None = None

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            EnvoyError: One is not above 0.
        """
        for name in ("period", "deadline", "threads", "in_flight"):
            if not getattr(self, name) > 0:
                raise EnvoyError(f"{name} is {getattr(self, name)}", remedy="Give a number above 0.")


def check_devices(devices: FleetDevices) -> None:
    """Check what is easily mistaken: a device, or the name of one.

    Raises:
        DeviceError: It does not open devices.
    """
    if not callable(getattr(devices, "open", None)):
        remedy = "It has open(key, site), which returns the device of each site."
        raise DeviceError(f"{show_value(devices)} does not open the devices of a fleet", remedy=remedy)


def list_sites(sites: Mapping[str, Site] | Iterable[Site]) -> Iterator[tuple[str, Site]]:
    """Yield the sites of a fleet with their names.

    Args:
        sites: The sites by their names, or sites that are named by their LFDIs in hexadecimal.

    Raises:
        SiteError: One is not a site.
    """
    if isinstance(sites, Mapping):
        for key, site in sites.items():
            yield key, require_site(site)
    else:
        for site in sites:
            yield require_site(site).lfdi.hex().upper(), site
