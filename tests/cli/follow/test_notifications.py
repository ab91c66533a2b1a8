"""``envoy follow --listen``: it is notified, and says so; ``--check`` says whether that can be."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from envoy.testing import UtilityServer
from envoy.tls.pki import Pki
from tests.cli.follow.test_run import DEVICE, LFDI, SITE, following
from tests.support.commands import envoy
from tests.support.fleets import until


@pytest.fixture(scope="module")
def server(pki: Pki) -> Iterator[UtilityServer]:
    with UtilityServer(folder=pki.ca.certificate.parent, options=["--notifications", "changed"]) as server:
        yield server


@pytest.fixture
def options(server: UtilityServer, pki: Pki) -> list[str]:
    device = pki.devices["aggregator"]
    files = {"--cert": device.certificate, "--key": device.key, "--ca": pki.ca.certificate}
    return ["--server", server.url, *(part for name, file in files.items() for part in (name, str(file)))]


@pytest.fixture
def certificate(pki: Pki, tmp_path: Path) -> list[str]:
    for source, name in ((pki.server.certificate, "server.pem"), (pki.server.key, "server.key")):
        shutil.copy(source, tmp_path / name)
    return ["--listen-cert", str(tmp_path / "server.pem"), "--listen-key", str(tmp_path / "server.key")]


def test_a_change_is_notified_of_and_at_the_end_nothing_is_subscribed_to(
    server: UtilityServer, options: list[str], certificate: list[str]
) -> None:
    program = server.program("notified", sites=bytes.fromhex(LFDI))
    server.poll_rates(der_program_list=3600)
    listen = ["--listen", "127.0.0.1:0", "--listen-clients", "enforce", *certificate]
    with following(*options, *DEVICE, *listen) as lines:
        until(lambda: [event for event in lines.named("subscribed") if event["count"] == event["wanted"] == 5])
        program.control(duration=600, op_mod_exp_lim_w=1500)
        assert lines.wait("notified")["hrefs"]
        lines.wait("response-sent", 2)
        assert lines.end() == 0
    with server.client() as client:
        lists = [each.subscription_list_link for each in client.end_devices() if each.subscription_list_link]
        assert [len(list(client.items(each))) for each in lists] == [0] * len(lists)


def test_the_check_tries_to_listen_and_looks_at_the_certificate(
    options: list[str], certificate: list[str], snapshot: SnapshotAssertion
) -> None:
    found = []
    for url in ("https://localhost:8444", "https://der.example"):
        arguments = ["--listen", "127.0.0.1:0", "--public-url", url, *certificate, "--check", "--format", "json"]
        result = envoy("follow", str(SITE), *options, *DEVICE, *arguments)
        results = [json.loads(line) for line in result.stdout.splitlines()]
        found += [each for each in results if each["part"] == "notifications"]
    shown = [(each["level"], each["text"].replace(certificate[1], "FILE"), each["remedy"]) for each in found]
    assert shown == snapshot
    result = envoy("follow", str(SITE), *options, *DEVICE, "--listen", "192.0.2.1:8444", "--check", "--format", "json")
    assert [json.loads(line)["level"] for line in result.stdout.splitlines() if "notifications" in line] == ["error"]
    assert result.returncode == 1


@pytest.mark.parametrize(
    "wrong",
    [
        ["--public-url", "https://der.example"],
        ["--listen-clients", "off"],
        ["--listen", "0.0.0.0:8444"],
        ["--listen", "8444"],
    ],
    ids=" ".join,
)
def test_options_that_do_not_go_together_are_refused(
    options: list[str], wrong: list[str], snapshot: SnapshotAssertion
) -> None:
    result = envoy("follow", str(SITE), *options, *DEVICE, *wrong)
    assert (result.returncode, result.stderr) == snapshot


def test_a_listener_needs_a_certificate(snapshot: SnapshotAssertion) -> None:
    result = envoy("follow", str(SITE), "--server", "http://localhost:1", *DEVICE, "--listen", "127.0.0.1:0")
    assert (result.returncode, result.stderr) == snapshot
