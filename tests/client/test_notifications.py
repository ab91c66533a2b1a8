"""A client that follows with notifications, over TLS in both directions, from a server in a process of its own."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from envoy import NotificationListener, Site
from envoy.client.following import AsyncFollowing, Following
from envoy.identity import site_lfdi
from envoy.server.notifier import IDENTIFIER
from envoy.testing import UtilityServer
from envoy.tls.context import client_context
from envoy.tls.pki import create_pki
from tests.client.test_following import Journal, follow
from tests.conftest import ROOT
from tests.support.devices import PlainDevice
from tests.support.fleets import until

CONTROLS = "/edev/1/derp/1/derc"


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[UtilityServer]:
    """A utility that is rarely to be polled, and notifies as the reference server does, or as the standard has it."""
    with UtilityServer(options=["--pre-registered", "--notifications", getattr(request, "param", "changed")]) as server:
        for name in ("device_capability", "end_device_list", "function_set_assignments_list", "der_program_list"):
            server.poll_rates(**{name: 3600})
        yield server


@contextmanager
def listening(server: UtilityServer, **options: Any) -> Iterator[NotificationListener]:
    """Listen with the server's own certificate, which it presents as a client, too."""
    pki = create_pki(server.folder, devices=())
    files = {"cert": pki.server.certificate, "key": pki.server.key, "ca": pki.ca.certificate}
    with NotificationListener("127.0.0.1:0", clients="enforce", **files, **options) as listener:
        yield listener


def wait_for_subscriptions(following: Following | AsyncFollowing) -> None:
    subscriptions = following.subscriptions
    assert subscriptions is not None
    until(lambda: subscriptions.count() == (5, 5))


def reads(journal: Journal, path: str) -> int:
    return len([1 for each in journal.exchanges if str(each.request).startswith(f"GET {path}")])


@pytest.mark.parametrize(("server", "concurrent"), [("whole", False), ("changed", True)], indirect=["server"])
def test_a_changed_control_arrives_long_before_the_next_poll(server: UtilityServer, concurrent: bool) -> None:
    program = server.program("export", primacy=1)
    program.default(op_mod_exp_lim_w=5000)
    journal, device = Journal(), PlainDevice()
    with (
        listening(server) as listener,
        follow(server, journal, device, concurrent=concurrent, notifications=listener) as following,
    ):
        wait_for_subscriptions(following)
        control = program.control(duration=600, op_mod_exp_lim_w=1500)
        journal.wait_for_value("opModExpLimW", 1500)
        journal.wait_for_response(2)
        control.cancel()
        journal.wait_for_response(6)
        program.default(op_mod_exp_lim_w=700)
        journal.wait_for_value("opModExpLimW", 700)
        assert [response.status for response in server.responses(control)] == [1, 2, 6]
    # At the end nothing is left at the server.
    with server.client() as client:
        (end_device,) = client.end_devices()
        assert list(client.items(end_device.subscription_list_link)) == []


@pytest.mark.conformance  # a shorter way to show it: tests/der/follow/test_subscriber.py
def test_a_storm_causes_few_reads(server: UtilityServer) -> None:
    server.program("export", primacy=1)
    journal = Journal()
    with (
        listening(server) as listener,
        follow(server, journal, PlainDevice(), concurrent=False, notifications=listener) as following,
    ):
        wait_for_subscriptions(following)
        with server.client() as client:
            (end_device,) = client.end_devices()
            listed = client.items(end_device.subscription_list_link)
            (uri,) = [each.notification_uri for each in listed if each.subscribed_resource == CONTROLS]
        pki = create_pki(server.folder, devices=())
        context = client_context(cert=pki.server.certificate, key=pki.server.key, ca=pki.ca.certificate)
        before = reads(journal, CONTROLS)
        with httpx.Client(verify=context, trust_env=False) as http:
            for _ in range(1000):
                response = http.post(uri, content=b"<x/>", headers={IDENTIFIER: secrets.token_hex(8)})
                assert response.status_code == 204
        assert following.subscriptions is not None
        assert following.subscriptions.intake.received >= 1000
        assert reads(journal, CONTROLS) - before < 12


class Devices:
    """The devices of a fleet."""

    def __init__(self) -> None:
        self.devices: dict[str, PlainDevice] = {}

    def open(self, key: str, site: Site) -> PlainDevice:
        self.devices[key] = PlainDevice()
        return self.devices[key]

    def close(self) -> None:
        pass


async def follow_fleet(server: UtilityServer, count: int) -> None:
    base = replace(Site.load(ROOT / "examples" / "site.toml"), pin=None, nmi=None)
    sites = {str(number): replace(base, lfdi=site_lfdi(number, pen=32473)) for number in range(1, count + 1)}
    program, devices = server.program("export", primacy=1), Devices()

    async def reach(condition: Callable[[], object]) -> None:
        async with asyncio.timeout(60):
            while not condition():
                await asyncio.sleep(0.02)

    with listening(server) as listener:
        async with server.async_client() as client:
            following = client.follow_fleet(sites, devices, notifications=listener)
            subscriptions = following.subscriptions
            assert subscriptions is not None
            run = asyncio.create_task(following.run())
            # The lists of assignments, programs and controls of each, its default, and the EndDevices of all.
            await reach(lambda: subscriptions.count() == (4 * count + 1, 4 * count + 1))
            program.control(duration=600, op_mod_exp_lim_w=1500)
            await reach(lambda: all(each.values for each in devices.devices.values()))
            following.remove("1")
            await reach(lambda: subscriptions.count() == (4 * count - 3, 4 * count - 3))
            following.stop()
            await run


def test_a_fleet_has_one_subscription_for_each_resource(server: UtilityServer) -> None:
    asyncio.run(follow_fleet(server, 3))
    with server.client() as client:
        lists = [each.subscription_list_link for each in client.end_devices() if each.subscription_list_link]
        assert [list(client.items(each)) for each in lists] == [[]]


@pytest.mark.conformance  # it takes a poll period
def test_a_notification_that_is_lost_is_made_up_for_by_the_next_poll(server: UtilityServer) -> None:
    server.poll_rates(der_program_list=10)
    program = server.program("export", primacy=1)
    journal = Journal()
    # Nobody is there.
    with (
        listening(server, public_url="https://127.0.0.1:9") as listener,
        follow(server, journal, PlainDevice(), concurrent=False, notifications=listener) as following,
    ):
        wait_for_subscriptions(following)
        program.control(duration=600, op_mod_exp_lim_w=1500)
        journal.wait_for_value("opModExpLimW", 1500)
        assert following.subscriptions is not None
        assert following.subscriptions.intake.received == 0


def test_the_paths_are_the_same_after_a_restart(server: UtilityServer, tmp_path: Path) -> None:
    server.program("export", primacy=1)
    seen = []
    for _ in range(2):
        with (
            listening(server) as listener,
            follow(
                server,
                Journal(),
                PlainDevice(),
                concurrent=False,
                notifications=listener,
                state=tmp_path / "state",
            ) as following,
        ):
            wait_for_subscriptions(following)
            with server.client() as client:
                (end_device,) = client.end_devices()
                listed = client.items(end_device.subscription_list_link)
                seen.append({httpx.URL(each.notification_uri).path for each in listed})
    assert len(seen[0]) == 5
    assert seen[0] == seen[1]
