"""Commands that are ended from outside, and proxies that the environment names."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.conftest import ROOT
from tests.support.commands import envoy as run_here
from tests.support.commands import started
from tests.support.processes import Command

SITE = str(ROOT / "examples" / "site.toml")
NO_PROXY_THERE = "http://127.0.0.1:9"


def start(*arguments: str, **environment: str) -> contextlib.AbstractContextManager[Command]:
    return started(*arguments, env={**os.environ, **environment})


def test_a_terminated_demo_stops_its_server_and_removes_its_keys(tmp_path: Path) -> None:
    with start("demo", TMPDIR=str(tmp_path), PYTHONUNBUFFERED="1") as demo:
        assert demo.stdout is not None
        line = next(line for line in demo.stdout if line.startswith("Server: "))
        demo.send_signal(signal.SIGTERM)
        demo.communicate(timeout=60)
    assert demo.returncode == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []
    port = urlsplit(line.split()[1]).port
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port or 0)) != 0


def test_an_interrupted_registration_says_what_was_done_and_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with start("register", SITE, "--server", url) as run, listener.accept()[0] as connection:
            connection.settimeout(60)
            assert connection.recv(1000).startswith(b"GET /dcap")
            body = (
                b'<DeviceCapability xmlns="urn:ieee:std:2030.5:ns"><EndDeviceListLink href="/edev"/></DeviceCapability>'
            )
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            assert connection.recv(1000).startswith(b"GET /edev")
            run.send_signal(signal.SIGINT)
            _, said = run.communicate(timeout=60)
    assert run.returncode == 130
    first, exchange, *_ = said.splitlines()
    assert first.startswith("Interrupted. ") and exchange.startswith("GET    /dcap  200")


def test_the_demo_does_not_go_through_a_proxy() -> None:
    done = run_here("demo", HTTPS_PROXY=NO_PROXY_THERE, ALL_PROXY="socks5://127.0.0.1:9", NO_PROXY="")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


@pytest.mark.parametrize(
    ("proxy", "status"), [(NO_PROXY_THERE, 1), ("socks5://127.0.0.1:9", 2), ("ftp://127.0.0.1:9", 2), ("http://[", 1)]
)
def test_a_proxy_that_does_not_work_is_named_as_a_possible_cause(proxy: str, status: int) -> None:
    names = dict.fromkeys(("HTTPS_PROXY", "https_proxy"), proxy)
    server = "https://utility.invalid"
    done = run_here("register", SITE, "--server", server, "--retries", "0", NO_PROXY="", no_proxy="", **names)
    assert (done.returncode, done.stdout) == (status, "")
    assert "proxy" in done.stderr
