"""One piece of each kind of news, for tests of how they are shown."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from envoy.cli.follow.command_news import Began, CommandNews, Ended, Reloaded, Warned
from envoy.der.follow import news
from envoy.der.follow.device import DeviceStatus, Readings
from envoy.der.in_force import Origin, Setting
from envoy.der.limits import Rating, combine_limits
from envoy.der.record import State
from envoy.der.responses import DueResponse
from sep2 import InverterStatus, ResponseStatus

T = 1_900_000_000.25

MRID, PROGRAM = "11AA2792C0135D23DA98CDDE00032473", "22BB2792C0135D23DA98CDDE00032473"

SETTINGS = (
    Setting(mode="opModConnect", value=True, origin=Origin.DEFAULT, program=PROGRAM, reasons=("No event sets it.",)),
    Setting(
        mode="opModExpLimW",
        value=Decimal("1500"),
        origin=Origin.EVENT,
        mrid=MRID,
        program=PROGRAM,
        ramp_tms=6000,
        until=1_900_000_600,
        reasons=(f"Event {MRID} of program {PROGRAM} (primacy 1) sets it until 2030-03-17 17:56:40 UTC.",),
    ),
    Setting(mode="opModMaxLimW", value=3050, origin=Origin.FAILSAFE),
    Setting(mode="opModVoltVar", value="/derp/1/dc/3", origin=Origin.DEFAULT, program=PROGRAM),
)
LIMITS = combine_limits(SETTINGS, Rating(max_w=Decimal(10_000), max_charge_w=Decimal(5_000)), {"setGradW": 28})
STARTED = DueResponse(MRID, ResponseStatus.EVENT_STARTED, 1_900_000_000, "/rsps/1/rsp")

BEGAN = Began(
    time=T,
    site="site.toml",
    lfdi="0000003E90000000000000000000000000032473",
    server="https://server.example",
    profile="csip-aus-1.2",
    devices=("simulated",),
    version="0.2.0",
)
SAMPLED = news.Sampled(
    time=T,
    status=DeviceStatus(inverter=InverterStatus.TRACKING_MPPT, state_of_charge=Decimal("60.5")),
    readings=Readings(site={"active-power": Decimal(-1500)}, der={"active-power": Decimal(3000)}),
)
APPLIED = news.Applied(time=T, due=T - 1.5, settings=SETTINGS, limits=LIMITS)
SENT = news.ResponseSent(time=T, response=STARTED)

NEWS: tuple[CommandNews, ...] = (
    BEGAN,
    news.Registered(time=T, href="/edev/2", created=True),
    news.Unregistered(time=T, href="/edev/2"),
    news.Silenced(time=T, reason="the PIN of the server is not that of the site"),
    news.ContactLost(time=T, since=T - 60, reason="GET /dcap: \x1b[31mno response"),
    news.ContactRegained(time=T, since=T - 120),
    news.EventChanged(time=T, mrid=MRID, program=PROGRAM, state=State.ACTIVE),
    APPLIED,
    news.Applied(time=T, due=T, settings=()),
    news.Refused(time=T, modes=("opModFixedW",), reason="it has no storage"),
    news.DeviceLost(time=T, reason="no response in 5 s"),
    news.DeviceRegained(time=T),
    SAMPLED,
    news.ResponseOwed(time=T, response=STARTED),
    SENT,
    news.ResponseDropped(time=T, response=STARTED, reason="HTTP 400"),
    news.Reported(time=T, resource="DERStatus", href="/edev/2/der/1/ders"),
    news.Subscribed(time=T, count=4, wanted=5),
    news.Notified(time=T, hrefs=("/edev", "/edev/2/derp/1/derc")),
    news.Noticed(time=T, text="event 11AA has changed"),
    Warned(time=T, text="our certificate expires in 7 days"),
    Reloaded(time=T, expires=datetime(2031, 1, 1, tzinfo=UTC)),
    Ended(time=T, reason="SIGTERM", device="last", owed=1),
)
"""One of each kind."""
