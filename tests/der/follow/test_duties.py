"""Duties besides controls: when they send, and what they are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from envoy import Site
from envoy.der.follow.device import DeviceStatus
from envoy.der.follow.duties import Duty
from envoy.der.follow.news import ContactRegained
from envoy.der.modes import Values
from envoy.errors import ResponseError, TransportError
from envoy.protocol.flow import Flow, Request
from sep2 import DER, DeviceCapability, EndDevice
from tests.conftest import ROOT
from tests.support.homes import BEGIN, Home


class Telling(Duty):
    """A duty that sends when it is set to, and keeps what it was given."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.at = float("inf")
        self.error: Exception | None = None
        self.sent: list[float] = []
        self.given: list[tuple[str, Any]] = []

    @property
    def due(self) -> float:
        return self.at

    def send(self) -> Flow[None]:
        self.sent.append(self.home.now)
        if self.error is not None:
            raise self.error
        yield Request("test", "GET", "/tm")

    def note_capability(self, capability: DeviceCapability) -> None:
        self.given.append(("capability", capability.href))

    def note_end_device(self, device: EndDevice) -> None:
        self.given.append(("end device", device.post_rate))

    def note_ders(self, ders: Sequence[DER], ordered: Mapping[str, int]) -> None:
        self.given.append(("ders", [each.href for each in ders]))

    def note_rate(self, poll_rate: int | None) -> None:
        self.given.append(("rate", poll_rate))

    def note_status(self, status: DeviceStatus, values: Values) -> None:
        self.given.append(("failed", status.failed))

    def note_settings(self, ordered: Mapping[str, int]) -> None:
        self.given.append(("settings", dict(ordered)))

    def find(self, name: str) -> list[Any]:
        """Return what it was given, without what came again."""
        found: list[Any] = []
        for each, value in self.given:
            if each == name and found[-1:] != [value]:
                found.append(value)
        return found


def start(home: Home) -> Telling:
    duty = Telling(home)
    home.duties.append(duty)
    home.start(home.following.schedule)
    return duty


def test_a_duty_is_given_what_it_has_to_know() -> None:
    home = Home(Site.load(ROOT / "examples" / "site.toml"))
    duty = start(home)
    home.utility.program("export", primacy=1).default(op_mod_exp_lim_w=5000, set_grad_w=27)
    home.happens = {
        150: lambda: home.utility.program("export").default(op_mod_exp_lim_w=5000, set_grad_w=100),
        400: lambda: setattr(home, "broken", True),
        450: lambda: home.control(450, 100, op_mod_exp_lim_w=10),
        1000: lambda: setattr(home, "broken", False),
    }
    home.follow(2000)
    assert duty.find("capability") == ["/dcap"]
    assert duty.find("end device") == [300]
    assert duty.find("ders") == [["/edev/1/der/1"]]
    assert duty.find("rate") == [60]
    assert duty.find("settings") == [{"setGradW": 27}, {"setGradW": 100}]
    assert duty.find("failed") == [False, True, False]


def test_a_duty_sends_when_it_is_due_and_no_more_often_than_is_good() -> None:
    home = Home()
    duty = start(home)
    duty.at = BEGIN + 100
    home.happens = {110: lambda: setattr(duty, "at", float("inf"))}
    home.follow(200)
    assert duty.sent == [float(second) for second in range(100, 110)]


def test_a_duty_that_fails_is_tried_again_ever_more_seldom_and_holds_up_nothing() -> None:
    home = Home()
    duty = start(home)
    duty.at, duty.error = BEGIN, ResponseError("no", status=500)
    control = home.control(100, 200, op_mod_exp_lim_w=1500)
    home.happens = {500: lambda: setattr(duty, "error", TransportError("no"))}
    home.follow(1000)
    assert duty.sent == [0, 10, 30, 70, 150, 310, 610, 910]
    assert home.responses(control) == [(1, 0), (2, 100), (3, 300)]


def test_a_duty_that_has_failed_is_tried_again_as_soon_as_contact_is_regained() -> None:
    home = Home()
    home.utility.poll_rates(time=10)
    duty = start(home)
    duty.at = BEGIN
    home.happens = {
        50: lambda: (home.utility.outage(450), setattr(duty, "error", TransportError("no"))),
        500: lambda: setattr(duty, "error", None),
        520: lambda: setattr(duty, "at", float("inf")),
    }
    home.follow(1000)
    failed, *later = [time for time in duty.sent if time >= 300]
    (regained,) = [each.time - BEGIN for each in home.news if isinstance(each, ContactRegained)]
    assert failed < 500 <= regained <= later[0] <= regained + 1
