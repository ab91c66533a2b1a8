"""The published procedures with the real schedule and flow as the client: what it follows and responds is its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from envoy import loads
from envoy.der.abilities import Abilities
from envoy.der.follow.follower import Follower
from envoy.der.follow.worker import DirectWorker
from envoy.der.limits import Limits, Rating
from envoy.der.modes import MODES
from envoy.der.policies import Policy, Responses
from envoy.der.schedule import Schedule
from envoy.procedures import read_procedure
from envoy.procedures.outcome import Verdict
from envoy.protocol.flow import Flow, Request, Response, Wait, get_headers
from envoy.protocol.session import Session
from sep2 import DERList
from tests.procedures.test_published import HANDS, NAMES, OPTIONS, SUBSCRIBERS
from tests.support.der_client import DERClient, Site
from tests.support.devices import PlainDevice
from tests.support.rehearsals import rehearse

FAILSAFE = {"opModExpLimW": Decimal(0)}


class FollowedSite(PlainDevice):
    """A site that is followed for, and where its flow stands."""

    def __init__(self, client: FollowingClient, site: Site, saved: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self.client = client
        self.site = site
        self.held: dict[str, Any] = {}
        capability, settings = client.make_capability(), client.make_settings(site)
        abilities = Abilities.from_models(capability, settings)
        policy = Policy(responses=Responses.CSIP_AUS)
        if saved is None:
            self.schedule = Schedule(abilities, policy, failsafe=FAILSAFE, now=client.clock())
        else:
            self.schedule = Schedule.load(saved, abilities, policy, failsafe=FAILSAFE)
        self.following = Follower(
            Session(client.profile),
            self.schedule,
            DirectWorker(self, clock=client.clock, period=3600),
            Rating.from_models(capability, settings),
            lfdi=site.lfdi,
            clock=client.clock,
        )
        self.flow: Flow[None] = self.following.run()
        self.until: float = client.clock()
        self.wanted: Request | Wait = Wait(0)
        self.started = False

    def apply(self, limits: Limits) -> None:
        self.held = {MODES[mode].field: value for mode, value in limits.values.items()}
        self.client.put_status(self.site)

    def act(self) -> None:
        """Go on with the flow until it waits."""
        reply: Any = None
        while True:
            try:
                self.wanted = next(self.flow) if not self.started else self.flow.send(reply)
            except StopIteration:
                self.until = float("inf")
                return
            self.started = True
            if isinstance(self.wanted, Wait):
                self.until = self.client.clock() + self.wanted.seconds
                return
            reply = self.client.send(self.wanted)


class FollowingClient(DERClient):
    """It registers, reports and posts readings as the small client does, and follows controls by the package."""

    def __init__(self, *args: Any, site_watts: int = 1000, device_watts: int = 1000, **options: Any) -> None:
        super().__init__(*args, **options)
        self.site_watts, self.device_watts = site_watts, device_watts
        self.followers: list[FollowedSite] = []

    def send(self, request: Request) -> Response:
        headers = {name.lower(): value for name, value in get_headers(request, self.profile).items()}
        response = self.utility.respond(
            request.method, request.href, client=self.lfdi, headers=headers, content=request.content
        )
        if response.ok and request.href in [f"{site.href}/der" for site in self.sites]:
            self._rate("der", loads(response.content, DERList, profile=self.profile))
        return response

    @property
    def next_due(self) -> float:
        return min([*self.due.values(), *(each.until for each in self.followers)], default=float("inf"))

    def _discover(self) -> int | None:
        again = super()._discover()
        if again is None:
            now = self.clock()
            self.due = dict.fromkeys(["ders", "mirrors", "readings"], now)
            self.followers = [FollowedSite(self, site) for site in self.sites]
        return again

    def _ders(self) -> int:
        # The list of DERs itself is read by the flow.
        for site in self.sites:
            self.put_status(site)
            self.put_settings(site)
        return self._rate("der", None)

    def follow(self) -> None:
        for each in self.followers:
            if each.until <= self.clock():
                each.act()
            gradient = each.schedule.get_settings().get("setGradW")
            if gradient is not None and gradient != each.site.gradient:
                each.site.gradient = gradient
                self.put_settings(each.site)

    def in_force(self, site: Site) -> dict[str, Any]:
        return next((each.held for each in self.followers if each.site is site), {})


WATTS = {"GEN-01": {"site_watts": -4000, "device_watts": 4000}, "LOA-01": {"site_watts": 4000, "device_watts": -4000}}


def make_client(name: str) -> Callable[..., FollowingClient]:
    return partial(FollowingClient, **WATTS.get(name, {}))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in SUBSCRIBERS])
def test_the_package_passes_as_the_client(name: str, published: Path) -> None:
    options = {key: value for key, value in OPTIONS.get(name, {}).items() if key != "client"}
    procedure = read_procedure(published / f"{name}.yaml")
    outcome = rehearse(procedure, client=make_client(name), hands=HANDS, **options)
    assert outcome.reason == ""
    assert outcome.passed
    assert {step.verdict for step in outcome.steps} <= {Verdict.PASSED, Verdict.IGNORED}


def test_the_last_default_is_followed_after_a_power_cycle_without_contact(published: Path) -> None:
    seen: list[dict[str, Any]] = []

    def cycle(client: DERClient) -> None:
        assert isinstance(client, FollowingClient)
        (follower,) = client.followers
        saved = json.loads(json.dumps(follower.schedule.dump()))
        client.followers = [FollowedSite(client, follower.site, saved)]

    def look(client: DERClient) -> None:
        seen.append(client.in_force(client.sites[0]))

    hands = {**HANDS, "Power cycle": cycle, "Click this button": look}
    outcome = rehearse(read_procedure(published / "ALL-30.yaml"), client=make_client("ALL-30"), hands=hands)
    assert outcome.passed
    assert seen == [{"op_mod_exp_lim_w": 1500, "op_mod_imp_lim_w": 1500}]
