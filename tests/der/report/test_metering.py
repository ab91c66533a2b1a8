"""The readings of a device that is followed: how they come to the server, and what becomes of them if they cannot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from envoy.der.follow import news
from envoy.der.follow.device import Readings
from envoy.der.follow.worker import Sample
from envoy.der.report.metering import Metering
from envoy.der.report.mirrors import default_mirrors
from envoy.documents import loads
from envoy.errors import ReadingsError, SpoolError, TransportError
from envoy.metering import Mirror, Spool, active_power, csip_aus_site
from envoy.profiles import get_profile
from envoy.protocol.flow import Request, Response, drive
from envoy.registration.site import Site
from sep2 import DeviceCapability, FlowDirectionType, MirrorMeterReading, MirrorUsagePoint
from tests.support.reporting import BEGIN, Reported, make_battery, make_der
from tests.support.utilities import device_information

FULL = BEGIN - BEGIN % 300
"""A time on a multiple of five minutes."""


class Metered(Reported):
    """A site with a device that measures, and its utility. Times are seconds since the beginning, a full minute.

    Attributes:
        readings: What is measured; None for a device that is gone.
    """

    def __init__(self, spool: Spool | None = None, **settings: Any) -> None:
        super().__init__(make_der(), make_battery(), ready_ders=0, **settings)
        self.clock.now = self.begin = float(FULL)
        self.register()
        self.spool = spool or Spool(":memory:")
        self.mirrors = default_mirrors(self.site, self.session.profile)
        self.readings: Readings | None = Readings(
            site={"active-power": Decimal(-1500), "reactive-power": Decimal(100), "voltage": Decimal("239.84")},
            der={"active-power": Decimal(2000), "reactive-power": Decimal(-100), "stored-energy": Decimal(4000)},
        )
        self.known: int | None = 0
        self.metering = self.begin_metering()

    @property
    def now(self) -> float:
        return self.clock.now - FULL

    def begin_metering(self) -> Metering:
        self.metering = Metering(
            self.session,
            self.spool,
            self.mirrors,
            base="https://here",
            clock=self.clock,
            get_offset=lambda: self.known,
            publish=self.published.append,
        )
        capability = self.utility.connect(self.site.lfdi)(Request("", "GET", "/dcap")).content
        self.metering.note_capability(loads(capability, DeviceCapability))
        self.requests.clear()
        return self.metering

    def meter(self, until: float, period: float = 5) -> None:
        """Measure and post until a time."""
        while self.now < until:
            for time in [time for time in self.happens if time <= self.now]:
                self.happens.pop(time)()
            if self.readings is not None:
                self.metering.note_samples([Sample(self.clock.now, self.readings)])
            while self.metering.due <= self.clock.now:
                drive(self.metering.send(), lambda request: self.send(request))
            self.clock.now += period

    def posted(self, name: str = "site", channel: str = "active-power") -> list[tuple[float, int, float]]:
        """Return the readings that the utility has of a channel: start, duration and value."""
        mirror = next(each for each in self.mirrors if each.name == name)
        wanted = mirror.channel(channel)
        found = []
        store = self.utility.store
        for path, point in store.page(self.site.lfdi, "/mup", 0, 100):
            if isinstance(point, MirrorUsagePoint) and point.mrid == mirror.mrid:
                for _, reading in store.page(self.site.lfdi, f"{path}/mr", 0, 10_000):
                    found += self._values(reading, wanted.mrid, wanted.multiplier)
        return sorted(found)

    @staticmethod
    def _values(reading: MirrorMeterReading, mrid: bytes, power: int) -> Iterator[tuple[float, int, float]]:
        for each in (each for part in reading.mirror_reading_set for each in part.reading):
            if reading.mrid == mrid and each.time_period is not None:
                value = Decimal(each.value or 0).scaleb(power)
                yield each.time_period.start - FULL, each.time_period.duration, float(value)


@pytest.fixture
def home() -> Metered:
    return Metered(post_rate=60)


def test_readings_are_posted_at_the_rate_in_full_minutes(home: Metered) -> None:
    home.meter(305)
    minutes = [60.0 * number for number in range(5)]
    assert home.posted() == [(start, 60, -1500) for start in minutes]
    assert home.posted(channel="voltage") == [(start, 60, 239.8) for start in minutes]
    assert home.posted("der") == [(start, 60, 2000) for start in minutes]
    assert home.posted("der", "reactive-power") == [(start, 60, -100) for start in minutes]
    assert home.spool.counts().waiting == 0
    assert sorted(set(home.times("/mup/1", "POST"))) == [60, 120, 180, 240, 300]
    assert {each.resource for each in home.published if isinstance(each, news.Reported)} == {"MirrorMeterReading"}
    assert home.session.findings == []


def test_times_are_the_servers(home: Metered) -> None:
    home.known = 3600
    home.utility.set_time(offset=3600)
    home.meter(130)
    assert [start for start, _, _ in home.posted()] == [3600, 3660]


def test_what_was_measured_before_the_servers_time_is_known_waits_for_it(home: Metered) -> None:
    home.known = None
    home.utility.set_time(offset=600)
    home.happens = {100: lambda: setattr(home, "known", 600)}
    home.meter(230)
    assert [start for start, _, _ in home.posted()] == [600, 660, 720]


def test_the_energy_in_store_is_posted_in_csip_aus_1_3_alone() -> None:
    assert "stored-energy" not in [each.name for each in Metered().mirrors[1].channels]
    home = Metered(profile="csip-aus-1.3", post_rate=60)
    home.meter(130)
    assert home.posted("der", "stored-energy") == [(60, 0, 4000), (120, 0, 4000)]


def test_the_rate_of_the_server_is_followed_when_it_changes(home: Metered) -> None:
    home.utility.poll_rates(mirror_usage_point_list=60)
    home.happens = {
        130: lambda: home.utility.post_rates(mirror_usage_point=300),
        900: lambda: home.utility.post_rates(mirror_usage_point=60),
    }
    home.meter(1100)
    assert home.posted() == [
        *[(60.0 * number, 60, -1500) for number in range(3)],
        # From there to the next multiple of five minutes.
        (180, 120, -1500),
        (300, 300, -1500),
        (600, 300, -1500),
        *[(900 + 60.0 * number, 60, -1500) for number in range(3)],
    ]


def test_five_minutes_are_the_period_where_the_server_says_nothing() -> None:
    home = Metered()
    home.meter(910)
    # The first minute makes the mirror.
    assert [(start, duration) for start, duration, _ in home.posted()] == [(0, 60), (60, 240), (300, 300), (600, 300)]


def test_the_list_of_mirrors_is_read_at_its_rate(home: Metered) -> None:
    home.utility.poll_rates(mirror_usage_point_list=120)
    home.meter(500)
    reads = [time for time, method, href in home.requests if method == "GET" and href.startswith("/mup?")]
    # The first post looks for its mirrors there, too.
    assert sorted(set(reads)) == [0, 60, 120, 240, 360, 480]


def test_a_device_that_is_gone_leaves_a_gap(home: Metered) -> None:
    readings = home.readings

    def be(readings: Readings | None) -> None:
        home.readings = readings

    home.happens = {100: lambda: be(None), 230: lambda: be(readings)}
    home.meter(370)
    assert [start for start, _, _ in home.posted()] == [0, 60, 240, 300]


def test_what_is_not_measured_has_no_readings(home: Metered) -> None:
    home.readings = Readings(site={"active-power": Decimal(1)})
    home.meter(130)
    assert len(home.posted()) == 2
    assert not home.posted(channel="voltage") and not home.posted("der")


def test_readings_wait_while_the_server_is_away_and_arrive_once(home: Metered) -> None:
    home.happens = {100: lambda: home.utility.outage(400)}
    home.meter(900)
    assert home.posted() == [(60.0 * number, 60, -1500) for number in range(14)]
    assert home.spool.counts().waiting == 0


@pytest.mark.parametrize("processed", [True, False])
def test_readings_whose_receipt_is_lost_are_there_once(home: Metered, processed: bool) -> None:
    lost = 0

    def send(request: Request) -> Response:
        nonlocal lost
        if request.method == "POST" and home.now >= 110 and lost < 3:
            lost += 1
            if processed:
                home.respond(request)
            raise TransportError("the connection broke", maybe_received=True, transient=True)
        return home.respond(request)

    home.send = send
    home.meter(400)
    assert home.posted() == [(60.0 * number, 60, -1500) for number in range(6)]
    assert home.posted("der") == [(60.0 * number, 60, 2000) for number in range(6)]


def test_one_request_is_sent_at_a_time(home: Metered) -> None:
    most, sent = 0, 0
    home.readings = None
    home.metering.note_samples([])
    for minute in range(3):
        home.metering.note_samples(
            [Sample(FULL + 60 * minute + 10, Readings(site={"active-power": Decimal(minute)})) for _ in range(2)]
        )
    home.clock.now = FULL + 200
    while home.metering.due <= home.clock.now:
        before = len(home.requests)
        drive(home.metering.send(), lambda request: home.send(request))
        most, sent = max(most, len(home.requests) - before), len(home.requests)
    assert most == 1 and sent > 3
    assert len(home.posted()) == 3


def test_readings_survive_the_end_of_the_program(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool") as spool:
        home = Metered(spool, post_rate=60)
        home.happens = {100: lambda: home.utility.outage(200)}
        home.meter(190)
        assert spool.counts().waiting > 0
        home.metering.close()
    with Spool(tmp_path / "spool") as spool:
        home.spool = spool
        home.clock.now = FULL + 400
        home.begin_metering()
        home.readings = None
        home.meter(410)
        assert [start for start, _, _ in home.posted()] == [0, 60, 120]


def test_a_run_that_is_cut_off_lets_go_of_the_spool(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool") as spool:
        home = Metered(spool, post_rate=60)

        def send(request: Request) -> Response:
            if request.method == "POST":
                raise KeyboardInterrupt
            return home.respond(request)

        home.send = send
        with suppress(KeyboardInterrupt):
            home.meter(70)
        home.metering.close()
        with spool.posting():
            pass
        home.send = home.respond
        home.meter(190)
        assert [start for start, _, _ in home.posted()] == [0, 60, 120]


class Full(Spool):
    """A spool on a disk that is full at times."""

    full = False

    def put_entries(self, entries: Any) -> Any:
        if self.full:
            raise SpoolError("the disk is full", where=self.file)
        return super().put_entries(entries)

    def posting(self) -> Any:
        if self.full:
            raise SpoolError("the disk is full", where=self.file)
        return super().posting()


def test_a_full_disk_loses_readings_and_ends_nothing() -> None:
    spool = Full(":memory:")
    home = Metered(spool, post_rate=60)
    home.happens = {90: lambda: setattr(spool, "full", True), 250: lambda: setattr(spool, "full", False)}
    home.meter(400)
    assert [start for start, _, _ in home.posted()] == [0, 240, 300]
    assert any("lost" in each for each in home.session.findings)


def test_a_rate_that_cannot_be_kept_ends_nothing(home: Metered, monkeypatch: pytest.MonkeyPatch) -> None:
    home.utility.poll_rates(mirror_usage_point_list=60)
    home.meter(130)

    def fail(*_: object) -> None:
        raise SpoolError("the disk is full", where=home.spool.file)

    monkeypatch.setattr(home.spool.mirrors, "set_place", fail)
    home.utility.post_rates(mirror_usage_point=300)
    home.meter(400)
    monkeypatch.undo()
    home.meter(1000)
    assert home.posted()[-1][1] == 300


def test_a_spool_that_is_full_loses_readings_and_ends_nothing() -> None:
    home = Metered(Spool(":memory:", max_readings=10), post_rate=60)
    home.utility.outage(1000)
    home.meter(900)
    assert home.spool.counts().waiting == 10
    home.meter(1600)
    assert home.spool.counts().waiting == 0
    assert home.posted()[-1][0] == 1500


def test_a_value_that_does_not_fit_is_left_out_alone(home: Metered) -> None:
    home.readings = Readings(site={"active-power": Decimal(10) ** 30, "voltage": Decimal(230)})
    home.meter(130)
    assert len(home.posted(channel="voltage")) == 2 and not home.posted()
    assert any("active-power" in each for each in home.session.findings)


def test_a_server_without_mirrors_is_posted_nothing(home: Metered) -> None:
    home.metering.note_capability(DeviceCapability(href="/dcap"))
    home.meter(130)
    assert not home.requests and home.spool.counts().waiting > 0


def test_a_clock_that_is_set_back_does_not_stop_it(home: Metered) -> None:
    home.meter(130)
    home.clock.now -= 100_000
    home.metering.note_samples([])
    assert home.metering.due <= home.clock.now
    home.meter(home.now + 200)


# Mirrors


def test_the_default_mirrors_say_which_way_is_positive() -> None:
    site, der = default_mirrors(Reported().site, get_profile("csip-aus-1.2"))
    directions = [
        [each.reading_type.flow_direction for each in mirror.channels if each.name == "active-power"]
        for mirror in (site, der)
    ]
    assert directions == [[FlowDirectionType.FORWARD], [FlowDirectionType.REVERSE]]
    assert [mirror.pen for mirror in (site, der)] == [28547, 28547]
    assert all(mirror.mrid.hex().endswith("00028547") for mirror in (site, der))


def test_a_site_without_ders_has_no_mirror_of_one() -> None:
    home = Reported()
    home.site.ders = []
    assert [each.name for each in default_mirrors(home.site, home.session.profile)] == ["site"]


def test_an_lfdi_without_a_pen_needs_one() -> None:
    site = Site(lfdi=bytes.fromhex("AB" * 20))
    with pytest.raises(ReadingsError, match="ABABABAB"):
        default_mirrors(site, get_profile("csip-aus-1.2"))
    assert [each.pen for each in default_mirrors(site, get_profile("csip-aus-1.2"), 32473)] == [32473]
    site.device_information = device_information(site.lfdi)
    assert [each.pen for each in default_mirrors(site, get_profile("csip-aus-1.2"))] == [37250]


def test_mirrors_of_ones_own(home: Metered) -> None:
    own = Mirror(lfdi=home.site.lfdi, pen=28547, name="site", channels=(active_power("mine", interval=60),))
    home.mirrors = [own]
    home.begin_metering()
    home.meter(130)
    assert len(home.posted(channel="mine")) == 2


def test_channels_that_meant_something_else_are_reported_at_the_start() -> None:
    spool = Spool(":memory:")
    home = Metered(spool)
    home.utility.outage(1000)
    home.meter(130)
    mrid = home.mirrors[0].channels[0].mrid
    channel = active_power(multiplier=3, interval=None)
    other = csip_aus_site(home.site.lfdi, 28547)
    other = Mirror(
        lfdi=other.lfdi,
        pen=other.pen,
        mrid=home.mirrors[0].mrid,
        channels=(type(channel)(name="active-power", reading_type=channel.reading_type, mrid=mrid),),
    )
    home.mirrors = [other]
    with pytest.raises(ReadingsError):
        home.begin_metering()


def test_what_is_due_is_due_by_a_clock_that_goes_on_meanwhile() -> None:
    metered = Metered()
    metered.meter(5)
    metered.clock.now += 60
    now = metered.clock.now
    # Nothing else is due.
    metered.metering._list_due = metered.metering._post_due = float("inf")
    metered.metering._clock = lambda: metered.clock.now + 1e-6
    assert metered.metering.due <= now
