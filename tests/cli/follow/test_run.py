"""``envoy follow`` as a whole: against a real server, ended by real signals."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from envoy import Site
from envoy.der.state.state_file import STATE_FILE, StateFile
from envoy.testing import UtilityServer
from envoy.tls.credential import Credential
from envoy.tls.pki import Authority, Pki
from tests.conftest import ROOT
from tests.support.commands import LIMIT, envoy, started
from tests.support.fleets import until
from tests.support.follow_lines import Lines, copy_connection, following_path

SITE = ROOT / "examples" / "site.toml"
LFDI = "0000003E90000000000000000000000000032473"
DEVICE = ("--device", "simulated", "-o", "steady=true", "-o", "sun=1.0")


@pytest.fixture(scope="module")
def server(pki: Pki) -> Iterator[UtilityServer]:
    with UtilityServer(folder=pki.ca.certificate.parent) as server:
        yield server


@pytest.fixture
def options(server: UtilityServer, pki: Pki, tmp_path: Path) -> list[str]:
    """Return the options of a connection, with certificates that may be replaced."""
    server.reset()
    return copy_connection(server.url, pki, tmp_path)


@contextlib.contextmanager
def following(*arguments: str, **process_options: Any) -> Iterator[Lines]:
    with following_path(SITE, *arguments, **process_options) as lines:
        yield lines


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no disk that is always full")
def test_requests_that_cannot_be_shown_end_nothing(server: UtilityServer, options: list[str]) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full, following(*options, *DEVICE, "-v", stderr=full) as lines:
        lines.wait("registered")
        assert lines.end() == 0


def test_a_control_is_followed_and_responded_to(server: UtilityServer, options: list[str], tmp_path: Path) -> None:
    program = server.program("demo", sites=bytes.fromhex(LFDI))
    program.default(op_mod_exp_lim_w=5000)
    control = program.control(duration=600, op_mod_exp_lim_w=1500)
    with following(*options, *DEVICE, "--state", str(tmp_path / "state")) as lines:
        assert lines.wait("began")["lfdi"] == LFDI
        assert lines.wait("registered")["created"] is True
        until(lambda: len(lines.named("response-sent")) >= 2)
        assert lines.end() == 0
    mrid = control.mrid.hex().upper()
    applied = next(event for event in lines.named("applied") if any(each["mrid"] for each in event["settings"]))
    assert [(each["mode"], each["value"], each["mrid"]) for each in applied["settings"]] == [
        ("opModExpLimW", 1500, mrid)
    ]
    assert applied["limits"]["export_w"]["watts"] == 1500
    assert [(event["mrid"], event["status"]) for event in lines.named("response-sent")] == [(mrid, 1), (mrid, 2)]
    ended = lines.events[-1]
    assert (ended["event"], ended["reason"], ended["device"], ended["owed"]) == ("ended", "SIGTERM", "last", 0)
    # The next run knows it before any contact.
    server.fail_next(503, count=None)
    with following(*options, *DEVICE, "--state", str(tmp_path / "state")) as lines:
        applied = lines.wait("applied")
        assert [each["mrid"] for each in applied["settings"]] == [mrid]
        lines.wait("contact-lost")
        assert lines.end(signal.SIGINT) == 0


def test_without_contact_the_failsafe_holds(server: UtilityServer, options: list[str]) -> None:
    server.fail_next(503, count=None)
    with following(*options, *DEVICE, "--failsafe", "opModExpLimW=1500", "--on-exit", "default") as lines:
        applied = lines.wait("applied")
        assert [(each["value"], each["origin"]) for each in applied["settings"]] == [(1500, "failsafe")]
        lines.wait("contact-lost")
        assert lines.end() == 0
        # What is an event is not a line of the log as well.
        assert lines.process.stderr and lines.process.stderr.read() == ""
    assert lines.events[-1]["device"] == "default"


def test_what_a_program_says_on_standard_error_is_shown(options: list[str]) -> None:
    with following(*options, "--exec", "sh -c 'echo no such inverter >&2; exit 3'") as lines:
        assert "exit status 3" in lines.wait("device-lost")["reason"]
        assert lines.end() == 0
        assert lines.process.stderr and "sh: no such inverter" in lines.process.stderr.read()


def test_certificates_are_read_again(server: UtilityServer, options: list[str], pki: Pki, tmp_path: Path) -> None:
    with following(*options, *DEVICE) as lines:
        lines.wait("registered")
        rival = pki.devices["rival"]
        shutil.copy(rival.certificate, tmp_path / "client.pem")
        shutil.copy(rival.key, tmp_path / "client.key")
        lines.process.send_signal(signal.SIGHUP)
        assert lines.wait("certificates-reloaded")["expires"]
        until(lambda: any(request.client == rival.lfdi for request in server.requests))
        (tmp_path / "client.pem").write_text("nothing")
        lines.process.send_signal(signal.SIGHUP)
        assert "not read again" in lines.wait("warning")["text"]
        assert lines.end() == 0


def test_a_second_process_on_the_same_state_is_refused(options: list[str], tmp_path: Path) -> None:
    with following(*options, *DEVICE, "--state", str(tmp_path / "state")) as lines:
        lines.wait("registered")
        done = envoy("follow", SITE, *options, *DEVICE, "--state", tmp_path / "state")
        assert done.returncode == 2 and done.stdout == "" and str(tmp_path / "state") in done.stderr
        # What changes nothing may look at it all the same.
        done = envoy("follow", SITE, *options, *DEVICE, "--state", tmp_path / "state", "--dry-run")
        assert done.returncode == 0 and "In force:" in done.stdout
        assert lines.end() == 0


def test_who_closes_the_pipe_ends_it(options: list[str]) -> None:
    with started("follow", str(SITE), *options, *DEVICE) as process:
        assert process.stdout
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(60) == 1


def test_lines_for_people_and_requests(server: UtilityServer, options: list[str]) -> None:
    def end_when_registered() -> None:
        until(lambda: any(request.path == "/edev/2/der/1/ders" for request in server.requests))
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=end_when_registered)
    thread.start()
    done = envoy("follow", SITE, *options, *DEVICE, "--verbose")
    thread.join()
    assert done.returncode == 0
    assert "registered  /edev/2, made now" in done.stdout
    assert "ended by SIGTERM: the device keeps to its last limits" in done.stdout.splitlines()[-1]
    assert "GET    /dcap  200" in done.stderr


@pytest.mark.parametrize(
    "wrong",
    [
        ("--device", "simulate"),
        ("--device", "simulated", "-o", "seed=much"),
        ("--device", "simulated", "--failsafe", "opModExpLimW"),
        ("--device", "simulated", "--mirror", "absent.toml"),
        ("--devices", "absent.toml"),
        (),
    ],
)
def test_wrong_options_are_refused_before_anything_is_sent(
    server: UtilityServer, options: list[str], wrong: tuple[str, ...]
) -> None:
    before = len(server.requests)
    done = envoy("follow", SITE, *options, *wrong)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: ")
    assert len(server.requests) == before


def test_metrics_are_served_while_it_runs(options: list[str]) -> None:
    with following(*options, *DEVICE, "--metrics", "0") as lines:
        assert lines.process.stderr
        url = lines.process.stderr.readline().split()[-1]
        lines.wait("registered")
        text = ""

        def has_device() -> bool:
            nonlocal text
            with urllib.request.urlopen(url, timeout=60) as response:  # noqa: S310
                text = response.read().decode()
            return "envoy_device_up 1.0" in text

        until(has_device)
        assert "envoy_registered 1.0" in text and 'envoy_reading{place="site"' in text
        assert lines.end() == 0


def test_a_certificate_that_expires_soon_is_warned_of_at_the_start(
    server: UtilityServer, options: list[str], pki: Pki, tmp_path: Path
) -> None:
    authority, key = Authority.load(pki.ca.certificate.parent), ec.generate_private_key(ec.SECP256R1())
    certificate = x509.CertificateBuilder(
        issuer_name=authority.certificate.subject,
        subject_name=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "short-lived")]),
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=datetime.now(UTC) - timedelta(days=1),
        not_valid_after=datetime.now(UTC) + timedelta(days=5),
    ).sign(authority.credential.key, SHA256())
    cert, key_file = Credential(certificate, key).save(tmp_path, "short-lived")
    options[options.index("--cert") + 1], options[options.index("--key") + 1] = str(cert), str(key_file)
    with following(*options, *DEVICE) as lines:
        assert lines.wait("warning")["text"].startswith("our certificate expires in 4 days")
        lines.wait("registered")
        assert lines.end() == 0


class Terminal:
    """A process on a terminal of its own."""

    def __init__(self, options: list[str]) -> None:
        self._own, of_process = pty.openpty()
        command = [sys.executable, "-m", "envoy", "follow", str(SITE), *options, *DEVICE]
        environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120", "LINES": "50"}
        ends = {"stdin": of_process, "stdout": of_process, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, env=environment, start_new_session=True, **ends)  # type: ignore[call-overload]
        # Nobody else has it open, so that it ends with the process.
        os.close(of_process)
        self.shown = ""

    def read_until(self, *texts: str) -> None:
        while not all(text in self.shown for text in texts):
            self.shown += os.read(self._own, 65536).decode(errors="replace")

    def read_all(self) -> None:
        with contextlib.suppress(OSError):  # how Linux says that nobody has the other end any more
            while part := os.read(self._own, 65536):
                self.shown += part.decode(errors="replace")

    def hang_up(self) -> None:
        os.close(self._own)


@pytest.fixture
def terminal(options: list[str]) -> Iterator[Terminal]:
    terminal = Terminal(options)
    watchdog = threading.Timer(LIMIT, terminal.process.kill)
    watchdog.start()
    yield terminal
    watchdog.cancel()
    terminal.process.kill()
    terminal.process.wait()
    with contextlib.suppress(OSError):
        terminal.hang_up()


def test_on_a_terminal_it_is_a_live_view(terminal: Terminal) -> None:
    terminal.read_until("device: active power", "registered  /edev/2")
    terminal.process.send_signal(signal.SIGTERM)
    terminal.read_all()
    assert terminal.process.wait(60) == 0
    assert "in force" in terminal.shown and "certificate" in terminal.shown and "ended by SIGTERM" in terminal.shown


def test_it_ends_with_its_terminal(terminal: Terminal) -> None:
    terminal.read_until("device: active power")
    terminal.hang_up()
    terminal.process.send_signal(signal.SIGHUP)
    assert terminal.process.wait(60) == 0


# What changes nothing


def test_a_check_says_that_all_is_well(server: UtilityServer, options: list[str], tmp_path: Path) -> None:
    done = envoy("follow", SITE, *options, *DEVICE, "--state", tmp_path / "state", "--check")
    assert done.returncode == 0
    assert "0 errors, 1 warning\n" in done.stdout  # the certificate is an aggregator's
    parts = [line.split()[1] for line in done.stdout.splitlines() if line[:1].isalpha()]
    assert {"configuration", "certificate", "state", "server", "device"} <= set(parts)
    assert {request.method for request in server.requests} == {"GET"}
    assert not (tmp_path / "state").exists()


def test_a_check_looks_at_the_state_that_is_there(options: list[str], tmp_path: Path) -> None:
    StateFile(tmp_path, lfdi=bytes.fromhex(LFDI), server=options[1]).close()
    done = envoy("follow", SITE, *options, *DEVICE, "--state", tmp_path, "--check")
    assert done.returncode == 0 and "is that of this site and server" in done.stdout
    done = envoy(
        "follow", SITE, *options[2:], "--server", "http://127.0.0.1:1", *DEVICE, "--state", tmp_path, "--check"
    )
    assert done.returncode == 1 and "is the state of server" in done.stdout


def test_a_check_says_what_is_wrong(options: list[str], tmp_path: Path) -> None:
    done = envoy("follow", SITE, *options, "--exec", "absent-program", "--check", "--format", "json")
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert [each["part"] for each in results if each["level"] == "error"] == ["device"]
    done = envoy("follow", tmp_path / "absent.toml", *options, *DEVICE, "--check")
    assert done.returncode == 1 and "absent.toml" in done.stdout


def test_a_dry_run_shows_what_would_be_applied_and_sent(
    server: UtilityServer, options: list[str], tmp_path: Path
) -> None:
    with server.client("aggregator") as client:
        client.register(Site.load(SITE))
    server.program("demo", sites=bytes.fromhex(LFDI)).control(duration=600, op_mod_exp_lim_w=1500)
    before = len(server.requests)
    done = envoy("follow", SITE, *options, *DEVICE, "--state", tmp_path / "state", "--dry-run")
    assert done.returncode == 0
    assert {request.method for request in server.requests[before:]} == {"GET"}
    assert "would be applied: export at most 1,500 W (opModExpLimW)" in done.stdout
    assert "POST " in done.stdout and "<DERControlResponse" in done.stdout and "<DERStatus" in done.stdout
    assert "opModExpLimW is 1500 W. Event" in done.stdout
    assert not (tmp_path / "state").exists()


def test_a_dry_run_of_what_is_not_a_state_says_so(options: list[str], tmp_path: Path) -> None:
    (tmp_path / STATE_FILE).write_text("x" * 1000)
    done = envoy("follow", SITE, *options, *DEVICE, "--state", tmp_path, "--dry-run")
    assert (done.returncode, done.stdout) == (2, "") and STATE_FILE in done.stderr


def test_a_dry_run_of_a_site_that_is_not_there_says_so(server: UtilityServer, options: list[str]) -> None:
    done = envoy("follow", SITE, *options, *DEVICE, "--dry-run")
    assert done.returncode == 0
    assert "would be made: end-device" in done.stdout and "Nothing is controlled." in done.stdout
    assert server.devices() == []


def test_a_dry_run_without_contact_says_so(options: list[str]) -> None:
    done = envoy("follow", SITE, *options, "--server", "https://localhost:1", *DEVICE, "--dry-run")
    assert done.returncode == 1
    assert "no contact" in done.stdout


def test_a_dry_run_with_a_wrong_pin_says_so(server: UtilityServer, options: list[str], tmp_path: Path) -> None:
    with server.client("aggregator") as client:
        client.register(Site.load(SITE))
    site = tmp_path / "site.toml"
    site.write_text(f"pin = 543215\n{SITE.read_text(encoding='utf-8')}", encoding="utf-8")
    done = envoy("follow", site, *options, *DEVICE, "--dry-run")
    assert done.returncode == 1
    assert "SILENT" in done.stdout and "would be sent" not in done.stdout
