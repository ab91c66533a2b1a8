"""A follower with its duties: what it reports of a device that follows, and what does not wait for that."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from envoy.der.follow.device import DeviceStatus
from envoy.der.limits import Limits
from envoy.documents import loads
from envoy.errors import DeviceError, DeviceRefusal
from envoy.metering import Sample
from envoy.protocol.flow import Request, Response
from envoy.utility import Utility
from envoy.utility.operator import Control
from envoy.utility.settings import Settings
from sep2 import AlarmStatus, DERSettings, DERStatus
from tests.support.clock import VirtualClock
from tests.support.followed import FollowedSite, FollowingClient
from tests.support.utilities import new_lfdi

BEGIN = 1_795_000_200
"""When each test begins, on a multiple of five minutes."""


class House(FollowingClient):
    """A client of a utility in this process. Times are seconds since the beginning.

    Attributes:
        delay: Seconds that a request takes.
        happens: What happens, by the time.
    """

    def __init__(self, **settings: Any) -> None:
        self.virtual = VirtualClock(float(BEGIN))
        utility = Utility(Settings(**settings), now=self.virtual)
        self.delay = 0.0
        self.happens: dict[float, Callable[[], object]] = {}
        super().__init__(utility, self.virtual, lfdi=new_lfdi())
        weakref.finalize(self, utility.close)
        (self.site,) = self.sites

    @property
    def now(self) -> float:
        return self.virtual.now - BEGIN

    def follow(self, until: float) -> None:
        """Follow until a time."""
        while self.now < until:
            for time in [time for time in self.happens if time <= self.now]:
                self.happens.pop(time)()
            if self.next_due <= self.virtual.now:
                self.act()
            times = [self.next_due - BEGIN, until, *self.happens]
            self.virtual.now = max(self.virtual.now, BEGIN + min(times))

    def control(self, start: float, duration: int, **values: Any) -> Control:
        return self.utility.program("export", primacy=1).control(start=int(BEGIN + start), duration=duration, **values)

    def responses(self, control: Control) -> list[tuple[int, int]]:
        return [(each.status, (each.created or 0) - BEGIN) for each in self.utility.responses(control)]

    def written(self, path: str) -> list[float]:
        """Return when something was PUT at a path."""
        return [time - BEGIN for time, method, href in self.requests if method == "PUT" and href.endswith(path)]

    def get(self, path: str, cls: type[Any]) -> Any:
        response = self.utility.connect(self.lfdi)(Request("", "GET", f"/edev/1/{path}"))
        return loads(response.content, cls) if response.ok else None

    def bits(self) -> int:
        """Return the genConnectStatus that the utility has."""
        return int(self.get("der/1/ders", DERStatus).gen_connect_status.value)

    def send(self, request: Request) -> Response:
        response = super().send(request)
        self.virtual.now += self.delay
        return response


@pytest.fixture
def house() -> House:
    house = House(post_rate=60)
    house.utility.program("export", primacy=1).default(op_mod_exp_lim_w=5000, set_grad_w=27)
    house.utility.poll_rates(der_program_list=60, der_list=60)
    return house


def test_a_control_that_disconnects_is_in_the_status_within_seconds(house: House) -> None:
    house.control(100, 200, op_mod_connect=False)
    house.follow(99)
    assert house.bits() == 0b111
    house.follow(140)
    assert house.bits() == 0
    house.follow(340)
    assert house.bits() == 0b111
    # At the start, at both changes, and each minute since the last.
    changes = [time for time in house.written("/ders") if time % 60]
    assert len(changes) <= 6
    assert any(100 <= time <= 101 for time in changes) and any(300 <= time <= 301 for time in house.written("/ders"))


def test_settings_follow_a_default_that_changes(house: House) -> None:
    house.happens = {100: lambda: house.utility.program("export").default(op_mod_exp_lim_w=5000, set_grad_w=100)}
    house.follow(200)
    assert house.get("der/1/derg", DERSettings).set_grad_w == 100
    first, second = house.written("/derg")
    assert first == 0 and 120 <= second <= 122


def test_a_restart_writes_the_status_alone(house: House) -> None:
    house.utility.program("export").default(op_mod_exp_lim_w=5000, set_grad_w=100)
    house.follow(130)
    house.requests.clear()
    house.site.restart()
    house.follow(140)
    assert [href for _, method, href in house.requests if method == "PUT"] == ["/edev/1/der/1/ders"]


class Troubled(FollowedSite):
    """A device with troubles.

    Attributes:
        gone: It cannot be reached.
        refuses: A value of the export limit that it does not take.
        alarms: The alarms that are on.
    """

    gone = False
    refuses: Decimal | None = None
    alarms = AlarmStatus(0)

    def apply(self, limits: Limits) -> None:
        if self.gone:
            raise DeviceError("it is gone")
        super().apply(limits)
        if self.refuses is not None and limits.values.get("opModExpLimW") == self.refuses:
            raise DeviceRefusal("it cannot do that", modes=["opModExpLimW"])

    def status(self) -> DeviceStatus:
        if self.gone:
            raise DeviceError("it is gone")
        return DeviceStatus(alarms=self.alarms)


@pytest.fixture
def troubled(house: House) -> Troubled:
    house.site = Troubled(house, house.lfdi, None)
    house.sites = [house.site]
    return house.site


def test_a_device_that_is_gone_is_reported_until_it_is_back(house: House, troubled: Troubled) -> None:
    troubled.alarms = AlarmStatus.DER_FAULT_OVER_VOLTAGE
    house.happens = {100: lambda: setattr(troubled, "gone", True), 300: lambda: setattr(troubled, "gone", False)}
    house.follow(99)
    assert house.bits() == 0b111
    house.follow(150)
    assert house.bits() == 0b10111
    house.follow(400)
    assert house.bits() == 0b111
    assert len([href for _, method, href in house.requests if method == "POST" and href.endswith("/lel")]) == 1


def test_a_default_that_the_device_refuses_is_reported(house: House, troubled: Troubled) -> None:
    troubled.refuses = Decimal(3000)
    house.happens = {
        100: lambda: house.utility.program("export").default(op_mod_exp_lim_w=3000),
        200: lambda: house.utility.program("export").default(op_mod_exp_lim_w=4000),
    }
    house.follow(99)
    assert house.bits() == 0b111
    house.follow(160)
    assert house.bits() == 0b10111
    house.follow(300)
    assert house.bits() == 0b111


def test_an_event_that_the_device_refuses_is_no_fault(house: House, troubled: Troubled) -> None:
    troubled.refuses = Decimal(3000)
    control = house.control(100, 100, op_mod_exp_lim_w=3000)
    house.follow(150)
    # In CSIP-AUS there is no response for it.
    assert house.responses(control) == [(1, 0)]
    assert house.bits() == 0b111


@pytest.mark.unmeasured
def test_thousands_of_readings_hold_up_no_response(house: House) -> None:
    mirror = house.site.metering._averages[0].mirror
    begin = datetime.fromtimestamp(BEGIN, UTC) - timedelta(days=7)
    readings = [Sample("active-power", begin + timedelta(minutes=number), number, 60) for number in range(8000)]
    house.site.spool.put(mirror, readings)
    house.delay = 0.5
    control = house.control(30, 20, op_mod_exp_lim_w=1500)
    house.follow(60)
    assert house.site.spool.counts().waiting > 1000
    arrived = {each.status: each.arrived - BEGIN for each in house.utility.responses(control)}
    assert arrived[2] - 30 <= 2 and arrived[3] - 50 <= 2
    house.follow(200)
    assert house.site.spool.counts().waiting < 100


def test_what_could_not_be_reported_is_as_soon_as_contact_is_regained(house: House) -> None:
    refused: list[float] = []

    def send(request: Request) -> Response:
        response = House.send(house, request)
        if request.method == "PUT" and not response.ok:
            refused.append(house.now)
        return response

    house.send = send  # type: ignore[method-assign]
    house.happens = {100: lambda: house.utility.outage(650)}
    house.control(300, 1000, op_mod_connect=False)
    house.follow(1300)
    regained = house.site.follower.contact.regained - BEGIN
    later = [time for time in house.written("/ders") if time not in refused and time > 700]
    assert max(refused) < 700 and 750 <= regained <= 810
    assert later[0] <= regained + 1
    assert house.bits() == 0
