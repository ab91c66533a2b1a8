"""Notifications on the wire: over HTTPS with the server's certificate, or by HTTP to this machine."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
import ssl
import threading
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import pytest

from envoy.documents import dumps, loads
from envoy.identity import lfdi_of_certificate
from envoy.server.notifier import IDENTIFIER, Notifier
from envoy.testing import UtilityServer
from envoy.tls.context import client_context
from envoy.tls.pki import Pki, create_pki
from envoy.utility import ManualClock, Settings, Utility
from envoy.utility.notifications import Delivery
from sep2 import DERControlList, Notification, Subscription, SubscriptionEncoding
from tests.support.fleets import until
from tests.support.scripted import Answer, Handler, Serve, tls
from tests.support.utilities import Client, new_lfdi


def responding(*statuses: int) -> Answer:
    """Return what responds with the next of some statuses, the last one for ever."""
    left = [*statuses]

    def answer(handler: Handler) -> None:
        handler.reply(left.pop(0) if len(left) > 1 else left[0], Location=f"http://{handler.server.host}/elsewhere")

    return answer


def subscription(resource: str, uri: str) -> Subscription:
    return Subscription(
        subscribed_resource=resource,
        encoding=SubscriptionEncoding.APPLICATION_SEP_XML,
        level="+S1",
        limit=100,
        notification_uri=uri,
    )


@pytest.mark.utility(options=["--pre-registered"])
def test_a_subscriber_is_notified_over_tls_with_the_certificate_of_the_server(
    utility_server: UtilityServer, serve: Serve
) -> None:
    pki = create_pki(utility_server.folder, devices=())
    peers: list[bytes] = []

    def answer(handler: Handler) -> None:
        assert isinstance(handler.request, ssl.SSLSocket)
        peers.append(lfdi_of_certificate(handler.request.getpeercert(binary_form=True) or b""))
        handler.reply(201)

    there = serve(answer, tls(pki))
    with utility_server.client() as client:
        program = utility_server.program("export")
        (device,) = client.end_devices()
        assert device.subscription_list_link is not None
        client.post(device.subscription_list_link, subscription(f"{device.href}/derp/1/derc", f"{there.url}/notify"))
        control = program.control(duration=600, op_mod_exp_lim_w=1500)
        until(lambda: bool(peers))
    ((method, path, headers, content),) = there.received
    assert (method, path, peers) == ("POST", "/notify", [pki.server.lfdi])
    assert headers["content-type"] == "application/sep+xml" and headers[IDENTIFIER]
    found = loads(content, Notification)
    assert isinstance(found.resource, DERControlList)
    assert [each.mrid for each in found.resource.der_control] == [control.mrid]


# In this process, with a clock that is put forward


class Scene:
    def __init__(self, utility: Utility, uri: str, pki: Pki) -> None:
        self.utility = utility
        client = Client(utility)
        href = client.register(new_lfdi())
        content = dumps(subscription(f"{href}/fsa", uri))
        assert client.request("POST", f"{href}/sub", content).status == 201
        utility.program("export")
        device = pki.server
        self.context = client_context(cert=device.certificate, key=device.key, ca=pki.ca.certificate)

    def run(self, enough: Callable[[], bool], advance: float = 0) -> None:
        """Send what is due until it is enough; each time nothing is due, put the clock forward."""

        async def send() -> None:
            notifier = Notifier(self.utility, self.context)
            while not enough():
                self.utility.advance(advance)
                notifier.send_due()
                await asyncio.sleep(0.01)
            await notifier.close()

        asyncio.run(asyncio.wait_for(send(), 60))


@pytest.fixture
def log() -> list[str]:
    return []


@pytest.fixture
def utility(log: list[str]) -> Iterator[Utility]:
    with Utility(Settings(pre_registered=True), now=ManualClock(1_700_000_000), log=log.append) as utility:
        yield utility


def test_a_notification_that_fails_is_sent_again_as_it_was(
    utility: Utility, pki: Pki, log: list[str], serve: Serve
) -> None:
    there = serve(responding(503, 500, 204))
    Scene(utility, there.url, pki).run(lambda: not utility.notifications.pending(), advance=50)
    assert len(there.received) == 3
    assert len({(headers[IDENTIFIER], content) for _, _, headers, content in there.received}) == 1
    said = [line.removeprefix(f"NOTIFY {there.url} ") for line in log if line.startswith("NOTIFY")]
    assert said == ["503, again in 10 s", "500, again in 100 s", "204"]


def test_a_redirect_is_not_followed(utility: Utility, pki: Pki, log: list[str], serve: Serve) -> None:
    there = serve(responding(307, 204))
    Scene(utility, there.url, pki).run(lambda: not utility.notifications.pending())
    assert len(there.received) == 1
    assert "307 given up" in log[-1]


def test_who_is_not_there_or_not_trusted_is_given_up_in_the_end(
    utility: Utility, pki: Pki, tmp_path: Path, log: list[str], serve: Serve
) -> None:
    there = serve(responding(204), tls(create_pki(tmp_path, devices=())))
    Scene(utility, there.url, pki).run(lambda: not utility.notifications.pending(), advance=1000)
    assert there.received == []
    said = [line for line in log if line.startswith("NOTIFY")]
    assert len(said) == 5 and "given up after 5 tries" in said[-1]


def test_one_that_is_slow_to_respond_holds_nobody_else_up(utility: Utility, pki: Pki, serve: Serve) -> None:
    released = threading.Event()

    def wait(handler: Handler) -> None:
        released.wait(60)
        handler.reply(204)

    slow, quick = serve(wait), serve(responding(204))
    Scene(utility, slow.url, pki)
    for _ in range(30):
        utility.program("export")
    scene = Scene(utility, quick.url, pki)
    scene.run(lambda: bool(quick.received))
    assert len(slow.received) <= 4
    released.set()


def test_one_that_does_not_respond_has_its_turn_and_no_more(
    utility: Utility, pki: Pki, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("envoy.server.notifier._AT_A_TIME", 4)
    monkeypatch.setattr("envoy.server.notifier.TIMEOUT", 0.1)
    released = threading.Event()

    def wait(handler: Handler) -> None:
        released.wait(60)
        handler.reply(204)

    slow, quick, scenes = serve(wait), serve(responding(204)), list[Scene]()
    scene = Scene(utility, slow.url, pki)
    for _ in range(20):
        utility.program("export")

    def is_enough() -> bool:
        if len(slow.received) >= 4 and not scenes:
            scenes.append(Scene(utility, quick.url, pki))
        return bool(quick.received)

    scene.run(is_enough)
    assert len(slow.received) <= 12
    released.set()


def test_many_clients_are_notified_one_after_the_other_and_what_is_due_is_asked_for_seldom(
    utility: Utility, pki: Pki, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("envoy.server.notifier._AT_A_TIME", 4)
    there, asked = serve(responding(204)), list[int]()
    scenes = [Scene(utility, there.url, pki) for _ in range(8)]
    find_due = utility.due_notifications

    def ask(without: Collection[int] = ()) -> list[Delivery]:
        asked.append(len(without))
        return find_due(without)

    monkeypatch.setattr(utility, "due_notifications", ask)

    async def send() -> None:
        notifier = Notifier(utility, scenes[0].context)
        notifier.send_due()
        while utility.notifications.pending():
            await asyncio.sleep(0.01)
        await notifier.close()

    asyncio.run(asyncio.wait_for(send(), 60))
    assert asked[0] == 0 and len(asked) < 15


def test_a_kept_connection_that_the_subscriber_closes_costs_no_notification(
    utility: Utility, pki: Pki, log: list[str], serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("envoy.server.notifier._AT_A_TIME_OF_ONE", 1)

    def close_after_the_next(handler: Handler) -> None:
        if len(there.received) % 2 == 0:
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
        else:
            handler.reply(204)

    there = serve(close_after_the_next)
    scene = Scene(utility, there.url, pki)
    utility.program("export")
    scene.run(lambda: not utility.notifications.pending())
    assert [line.split()[-1] for line in log if line.startswith("NOTIFY")] == ["204", "204"]


def test_a_database_in_use_is_asked_again(pki: Pki, tmp_path: Path, serve: Serve) -> None:
    there, log, file = serve(responding(204)), list[str](), tmp_path / "utility.db"
    with Utility(database=file, now=ManualClock(1_700_000_000), log=log.append) as utility:
        scene = Scene(utility, there.url, pki)
        utility.store.execute("PRAGMA busy_timeout = 1")

        async def find_it_in_use() -> None:
            other = sqlite3.connect(file, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            Notifier(utility, scene.context).send_due()
            other.close()

        asyncio.run(find_it_in_use())
        assert "another program" in log[-1]
        scene.run(lambda: bool(there.received))
