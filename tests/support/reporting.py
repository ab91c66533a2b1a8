"""A device that is reported on to a utility in this process, under a virtual clock."""

from __future__ import annotations

import json
import weakref
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from envoy.der.follow.device import DeviceStatus
from envoy.der.follow.news import News
from envoy.der.report.reporter import Reporter
from envoy.documents import loads
from envoy.profiles import get_profile
from envoy.protocol.flow import Request, Response, drive
from envoy.protocol.results import Registration
from envoy.protocol.session import Session
from envoy.registration.register import register
from envoy.registration.site import Site, SiteDER
from envoy.utility import Utility
from envoy.utility.settings import Settings
from sep2 import (
    ActivePower,
    DERCapability,
    DERControlType,
    DERSettings,
    DERStatus,
    DERType,
    DOEControlType,
    EndDevice,
    LogEvent,
    WattHour,
)
from tests.support.clock import VirtualClock
from tests.support.utilities import new_lfdi

BEGIN = 1_795_000_000
"""When each test begins: 40 seconds into a minute."""

Sender = Callable[[Request], Response]


def make_der(kind: DERType = DERType.PHOTOVOLTAIC_SYSTEM, modes: int = 0, **ratings: Any) -> SiteDER:
    """Return a DER of 5 kW, whose settings hold what is in force, and whose status is out of date."""
    return SiteDER(
        capability=DERCapability(
            modes_supported=DERControlType(modes),
            doe_modes_supported=DOEControlType(15),
            rtg_max_w=ActivePower.of(5000),
            type=kind,
            **ratings,
        ),
        settings=DERSettings(
            modes_enabled=DERControlType(modes),
            doe_modes_enabled=DOEControlType(15),
            set_grad_w=27,
            set_max_w=ActivePower.of(5000),
            updated_time=0,
        ),
        status=DERStatus(reading_time=0),
    )


def make_battery() -> SiteDER:
    """Return a battery of 5 kW and 10 kWh."""
    return make_der(
        DERType.OTHER_STORAGE_SYSTEM, rtg_max_wh=WattHour.of(10_000), rtg_max_charge_rate_w=ActivePower.of(2500)
    )


class Reported:
    """A site, its utility, and what has been written there. Times are seconds since the beginning.

    Attributes:
        utility: The utility.
        requests: The requests that reached it: time, method, path.
        happens: What happens to the device, by the time.
        published: The news.
    """

    def __init__(self, *ders: SiteDER, profile: str = "csip-aus-1.2", **settings: Any) -> None:
        self.clock = VirtualClock(float(BEGIN))
        self.site = Site(lfdi=new_lfdi(), ders=list(ders or [make_der()]))
        self.utility = Utility(Settings(profile, **settings), now=self.clock)
        weakref.finalize(self, self.utility.close)
        self.session = Session(get_profile(profile))
        self.requests: list[tuple[float, str, str]] = []
        self.published: list[News] = []
        self.happens: dict[float, Callable[[], object]] = {}
        self.saved = ""
        self.offset = 0
        self.send: Sender = self.respond
        self.reporter = self.start()

    @property
    def now(self) -> float:
        return self.clock.now - BEGIN

    def start(self) -> Reporter:
        self.reporter = Reporter(
            self.session,
            self.site,
            clock=self.clock,
            get_offset=lambda: self.offset,
            saved=json.loads(self.saved) if self.saved else None,
            save=self._save,
            publish=self.published.append,
        )
        return self.reporter

    def register(self, ordered: dict[str, int] | None = None) -> Registration:
        """Register the site, and let the reporter know where all is."""
        self.reporter.note_settings(ordered or {})
        flow = register(self.reporter.prepare_site(), self.session.profile, now=self.clock)
        found = drive(flow, lambda request: self.send(request))
        self.reporter.note_ders([*found.ders, *found.components], ordered or {})
        device = loads(self.utility.connect(self.site.lfdi)(Request("", "GET", found.href)).content, EndDevice)
        self.reporter.note_end_device(device)
        return found

    def be(self, **status: Any) -> None:
        """Let the device be so from now on."""
        self.reporter.note_status(DeviceStatus(**status), {})

    def report(self, until: float) -> None:
        """Report until a time."""
        while self.now < until:
            for time in [time for time in self.happens if time <= self.now]:
                self.happens.pop(time)()
            if self.reporter.due <= self.clock.now:
                drive(self.reporter.send(), lambda request: self.send(request))
            else:
                times = [self.reporter.due - BEGIN, until, *self.happens]
                self.clock.now = BEGIN + min(time for time in times if time > self.now)

    def times(self, path: str, method: str = "PUT") -> list[float]:
        """Return when something was sent to a path."""
        return [time for time, each, href in self.requests if each == method and href.endswith(path)]

    def get(self, path: str, cls: type[Any]) -> Any:
        """Return what the utility has at a path below the EndDevice."""
        response = self.utility.connect(self.site.lfdi)(Request("", "GET", f"/edev/1/{path}"))
        return loads(response.content, cls, profile=self.session.profile) if response.ok else None

    def log(self) -> list[LogEvent]:
        """Return the LogEvents that the utility has, by their numbers."""
        store = self.utility.store
        found = store.page(self.site.lfdi, "/edev/1/lel", 0, 1000)
        return sorted((event for _, event in found), key=lambda event: event.log_event_id)

    def respond(self, request: Request) -> Response:
        self.requests.append((self.now, request.method, request.href))
        return self.utility.connect(self.site.lfdi)(request)

    def _save(self, state: dict[str, Any]) -> None:
        self.saved = json.dumps(state)


def lose(response: Response, status: int = 500) -> Response:
    """Return the response of a gateway instead of the server's."""
    return replace(response, status=status, content=b"")
