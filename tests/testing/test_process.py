"""The process of a server for tests, when its owner is interrupted, shares it with others, or hears half a word."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from envoy import EnvoyError
from envoy.testing import UtilityServer
from envoy.testing.process import ServerProcess, _start
from envoy.tls.pki import Pki
from tests.support.fleets import until
from tests.support.serving import files_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")


@pytest.fixture(autouse=True)
def _started_as_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    # Other tests have it forked (tests.conftest); this module was imported before.
    monkeypatch.setattr("envoy.testing.process._start", _start)


class AlarmError(Exception):
    """What interrupts a test here, as pytest-timeout does."""


def start(pki: Pki) -> ServerProcess:
    return ServerProcess(**files_of(pki))


def unread(descriptor: int) -> int:
    """Return how many octets lie in a pipe."""
    import array
    import fcntl
    import termios

    amount = array.array("i", [0])
    fcntl.ioctl(descriptor, termios.FIONREAD, amount)
    return amount[0]


def test_an_order_that_is_interrupted_ends_the_server_so_that_no_answer_goes_astray() -> None:
    def interrupt() -> None:
        while not unread(process._orders.fileno()):
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGALRM)

    def alarm(number: int, frame: object) -> None:
        raise AlarmError

    before = signal.signal(signal.SIGALRM, alarm)
    try:
        with UtilityServer() as server:
            process = server._process
            # While it is stopped, the order stays in the pipe and no response can come.
            process._process.send_signal(signal.SIGSTOP)
            threading.Thread(target=interrupt).start()
            with pytest.raises(AlarmError):
                server.reset()
            assert not server.running
            with pytest.raises(EnvoyError):
                server.reset()
    finally:
        signal.signal(signal.SIGALRM, before)


def test_half_an_answer_is_the_end_of_the_server(tmp_path: Path, pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    dying = tmp_path / "dying"
    dying.write_text(
        f"#!{sys.executable}\n"
        "print('Listening on https://127.0.0.1:1/dcap', flush=True)\n"
        "input()\n"
        "print('{\"requests\": [', end='', flush=True)\n"
    )
    dying.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(dying))
    with start(pki) as process, pytest.raises(EnvoyError):
        process.ask("requests")


def test_ctrl_c_is_for_the_process_that_started_it() -> None:
    program = (
        "import os, signal, time; from envoy.testing import UtilityServer\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # which nohup has set to ignore
        "with UtilityServer() as server:\n"
        "    try:\n"
        "        print(server.url, flush=True)\n"
        "        time.sleep(60)\n"
        "    except KeyboardInterrupt:\n"
        "        print(server.requests, os.getpgid(server._process._process.pid) == os.getpgid(0))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline().startswith("https://")
        os.killpg(parent.pid, signal.SIGINT)
        assert parent.stdout.read() == "[] False\n"
    assert parent.returncode == 0


def test_it_stops_though_somebody_else_holds_its_standard_input(pki: Pki) -> None:
    process = start(pki)
    # As a process does that was forked from this one, which multiprocessing may do.
    held = os.dup(process._orders.fileno())
    process.stop()
    os.close(held)
    assert process._process.returncode == 0


def test_the_server_stops_when_whoever_started_it_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from envoy.testing import UtilityServer\n"
        "server = UtilityServer(folder=Path(sys.argv[1])).start(); print(server.url, flush=True); input()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    port = int(parent.stdout.readline().rpartition(":")[2])
    assert is_open(port)
    parent.kill()
    parent.communicate()
    until(lambda: not is_open(port))


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
