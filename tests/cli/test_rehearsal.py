"""`envoy serve --procedure` and `--scenario`: a client over TLS is rehearsed, by the clock of the test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from junitparser import JUnitXml
from syrupy.assertion import SnapshotAssertion

from envoy.protocol.flow import Response
from envoy.testing import UtilityServer
from envoy.tls.context import client_context
from envoy.tls.pki import Pki
from tests.conftest import ROOT
from tests.support.commands import envoy
from tests.support.der_client import PEN, DERClient, Event
from tests.support.fleets import until

SCENARIO = ROOT / "examples" / "scenarios" / "export-limit.yaml"


class Remote:
    """A utility in another process, for a client that knows none but in its own."""

    def __init__(self, server: UtilityServer) -> None:
        self.profile = server.profile
        self.files = server.client_files()
        context = client_context(cert=self.files.cert, key=self.files.key, ca=self.files.ca)
        self.http = httpx.Client(base_url=server.url, transport=httpx.HTTPTransport(verify=context))

    def respond(
        self, method: str, href: str, *, client: bytes, headers: Mapping[str, str], content: bytes | None = None
    ) -> Response:
        found = self.http.request(method, href, headers=dict(headers), content=content)
        return Response(found.status_code, dict(found.headers), found.content)


class Deaf(DERClient):
    def respond(self, event: Event, status: int) -> None:
        if status != 2:
            super().respond(event, status)


def rehearse(server: UtilityServer, client: type[DERClient]) -> int | None:
    """Drive the clock of a server and a client until the server has ended; return its exit status."""
    now = [float(server.now())]
    remote: Any = Remote(server)
    with remote.http:
        under_test = client(remote, lambda: now[0], lfdi=remote.files.lfdi)
        while server.running:
            try:
                under_test.act()
                step = max(0.0, min(under_test.next_due - now[0], 30))
                server.advance(step)
                now[0] += step
            except Exception:
                # It ends in the middle of whatever the client does.
                until(lambda: not server.running)
    return server._process._process.poll()


@pytest.mark.parametrize(
    ("client", "status", "verdict"), [(DERClient, 0, "passed"), (Deaf, 1, "failed")], ids=["follows", "is deaf"]
)
def test_a_scenario_ends_with_the_verdict_on_the_client(
    tmp_path: Path, client: type[DERClient], status: int, verdict: str
) -> None:
    reports = [tmp_path / name for name in ("report.json", "report.xml", "report.txt")]
    options = ["--scenario", str(SCENARIO), "--client-pen", str(PEN)]
    options += [part for report in reports for part in ("--report", str(report))]
    with UtilityServer(clock="manual", options=options) as server:
        assert rehearse(server, client) == status
    found = json.loads(reports[0].read_text())
    assert (found["procedure"], found["verdict"]) == ("export-limit", verdict)
    assert JUnitXml.fromfile(str(reports[1])).failures == (status and 2)
    assert f"Verdict: {verdict}" in reports[2].read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_enter_goes_on_where_people_are_to_confirm(tmp_path: Path, pki: Pki) -> None:
    import pty

    step = "  ONE:\n    event: {type: proceed}\n    actions: [{type: remove-steps, parameters: {steps: [ONE]}}]\n"
    head = "Description: A\nCategory: B\nClasses: []\nTargetVersions: [v1.2]\n"
    path = tmp_path / "own.yaml"
    path.write_text(f"{head}Preconditions: {{immediate_start: true}}\nSteps:\n{step}")
    ours, theirs = pty.openpty()
    certificates = ["--cert", pki.server.certificate, "--key", pki.server.key, "--ca", pki.ca.certificate]
    command = [sys.executable, "-m", "envoy", "serve", *certificates, "--port", "0", "--procedure", path]
    with subprocess.Popen(list(map(str, command)), stdin=theirs, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[2]
        device = pki.devices["device"]
        context = client_context(cert=device.certificate, key=device.key, ca=pki.ca.certificate)
        with httpx.Client(transport=httpx.HTTPTransport(verify=context)) as client:
            assert client.get(url).status_code == 200
            assert process.poll() is None
        os.write(ours, b"\n")
        report = process.communicate(timeout=60)[0]
    os.close(ours)
    os.close(theirs)
    assert process.returncode == 0
    assert "pass  ONE" in report


def serve(pki: Pki, *options: str | Path) -> Any:
    certificates = ["--cert", pki.server.certificate, "--key", pki.server.key, "--ca", pki.ca.certificate]
    return envoy("serve", *certificates, "--port", "0", *options)


def test_what_cannot_be_run_ends_with_status_2(tmp_path: Path, pki: Pki, snapshot: SnapshotAssertion) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("Description: A\n")
    newer = tmp_path / "newer.yaml"
    newer.write_text(SCENARIO.read_text().replace("before:", "versions: [v1.3]\nbefore:"))
    runs = [
        ("--procedure", bad),
        ("--procedure", SCENARIO, "--scenario", SCENARIO),
        ("--scenario", newer, "--profile", "ieee-2018"),
        ("--scenario", SCENARIO, "--report", tmp_path / "none" / "report.xml"),
    ]
    for options in runs:
        done = serve(pki, *options)
        assert done.returncode == 2
        assert done.stderr.replace(str(tmp_path), "") == snapshot
