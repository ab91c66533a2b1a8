"""``envoy follow`` for a fleet: against a real server over TLS, with sites that come and go, ended by real signals."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import shlex
import signal
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from envoy import Client
from envoy.testing import UtilityServer
from envoy.tls.pki import Pki
from tests.conftest import ROOT
from tests.support.commands import envoy, started
from tests.support.fleets import until
from tests.support.follow_lines import copy_connection, following_path

COLUMNS = "lfdi,device_category," + ",".join(
    f"der.capability.{name}" for name in ("type", "modes_supported", "doe_modes_supported", "rtg_max_w")
)
DER = "COMBINED_PV_AND_STORAGE,COMBINED_PV_AND_STORAGE,OP_MOD_CONNECT OP_MOD_MAX_LIM_W,OP_MOD_EXP_LIM_W,5000"
SITES = 50

PLANT = """
import json, sys
with open("orders", "a") as orders:
    for line in sys.stdin:
        orders.write(line)
        orders.flush()
        order = json.loads(line)
        print(json.dumps({"site": order["site"], "taken": order["order"]}), flush=True)
"""


def lfdi(number: int) -> str:
    return f"{number:09d}{0:023d}00032473"


def write(path: Path, *numbers: int) -> None:
    rows = "\n".join(f"{lfdi(number)},{DER}" for number in numbers)
    beside = path.with_suffix(".new")
    beside.write_text(f"{COLUMNS}\n{rows}\n", encoding="utf-8")
    os.replace(beside, path)


@pytest.fixture(scope="module")
def server(pki: Pki) -> Iterator[UtilityServer]:
    with UtilityServer(folder=pki.ca.certificate.parent, options=["--notifications", "changed"]) as server:
        yield server


@pytest.fixture
def options(server: UtilityServer, pki: Pki, tmp_path: Path) -> list[str]:
    """Return the options of a connection, and those of one program for all sites."""
    server.reset()
    (tmp_path / "plant.py").write_text(PLANT, encoding="utf-8")
    program = shlex.join([sys.executable, "-I", "-S", "plant.py"])
    return [*copy_connection(server.url, pki, tmp_path), "--exec", program]


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    path = tmp_path / "fleet.csv"
    write(path, *range(1, SITES + 1))
    return path


def orders(folder: Path) -> dict[str, list[Any]]:
    """Return the export limits that each site was given, in their order."""
    given: dict[str, list[Any]] = {}
    for line in (folder / "orders").read_text(encoding="utf-8").splitlines():
        order = json.loads(line)
        given.setdefault(order["site"], []).append((order["limits"]["export"] or {}).get("watts"))
    return given


def test_all_sites_keep_to_a_control_and_respond_once_each_while_others_come_and_go(
    server: UtilityServer, options: list[str], fleet: Path, tmp_path: Path
) -> None:
    with following_path(fleet, *options, "--metrics", "0", cwd=tmp_path) as lines:
        began = lines.wait("began")
        assert (began["sites"], began["devices"], began["fleet"]) == (SITES, "exec", str(fleet))
        lines.wait("registered", SITES)
        sites = [bytes.fromhex(lfdi(number)) for number in range(1, SITES + 2)]
        program = server.program("demo", sites=sites[:SITES])
        program.default(op_mod_exp_lim_w=5000)
        control = program.control(duration=600, op_mod_exp_lim_w=1500)
        mrid = control.mrid.hex().upper()
        os.kill(lines.process.pid, signal.SIGHUP)  # rather than wait for the next poll
        until(lambda: len(lines.named("response-sent")) >= 2 * SITES)
        # One joins, one leaves.
        write(fleet, *range(2, SITES + 2))
        changed = lines.wait("fleet-changed")
        assert (changed["added"], changed["removed"], changed["sites"]) == ([lfdi(SITES + 1)], [lfdi(1)], SITES)
        lines.wait("registered", SITES + 1)
        assert lines.end() == 0
    given = orders(tmp_path)
    assert all(given[lfdi(number)][-1] == 1500 for number in range(1, SITES + 1))
    responses = Counter((response.lfdi.hex(), int(response.status)) for response in server.responses())
    assert responses == {(site.hex(), status): 1 for site in sites[:SITES] for status in (1, 2)}
    assert {event["site"] for event in lines.named("response-sent")} == {lfdi(n) for n in range(1, SITES + 1)}
    assert all(event["mrid"] == mrid for event in lines.named("response-sent"))
    ended = lines.events[-1]
    assert (ended["event"], ended["reason"], ended["owed"]) == ("ended", "SIGTERM", 0)


SIMULATED = ("--device", "simulated", "-o", "steady=true", "-o", "sun=1.0")


@pytest.fixture
def connection(server: UtilityServer, pki: Pki, tmp_path: Path) -> list[str]:
    server.reset()
    return copy_connection(server.url, pki, tmp_path)


def test_a_file_that_cannot_be_read_leaves_the_fleet_as_it_was(connection: list[str], fleet: Path) -> None:
    write(fleet, 1, 2)
    with following_path(fleet, *connection, *SIMULATED) as lines:
        lines.wait("registered", 2)
        right = fleet.read_text(encoding="utf-8")
        for count, text in enumerate((right + "nonsense,,,,,\n", right.replace("lfdi", "lfd"), ""), start=1):
            fleet.write_text(text, encoding="utf-8")
            os.kill(lines.process.pid, signal.SIGHUP)
            lines.wait("certificates-reloaded", count)
            lines.wait("warning", count)
        assert ":4" in lines.named("warning")[0]["text"]
        write(fleet, 2, 3)
        changed = lines.wait("fleet-changed")
        assert (changed["added"], changed["removed"], changed["changed"]) == ([lfdi(3)], [lfdi(1)], [])
        fleet.write_text(fleet.read_text(encoding="utf-8").replace("5000", "6000", 1), encoding="utf-8")
        assert lines.wait("fleet-changed", 2)["changed"] == [lfdi(2)]
        lines.wait("registered", 4)
        assert lines.end(signal.SIGINT) == 0
    assert lines.events[-1]["reason"] == "SIGINT"


def test_rows_that_are_wrong_at_the_start_and_devices_that_cannot_be_opened_keep_no_other_site_waiting(
    connection: list[str], fleet: Path
) -> None:
    write(fleet, 1, 2)
    with fleet.open("a", encoding="utf-8") as file:
        file.write(f"nonsense,,,,,\n{lfdi(3)},,,,,\n")  # which has no DER that could be simulated
    with following_path(fleet, *connection, *SIMULATED, "--metrics", "0") as lines:
        assert "fleet.csv:4" in lines.wait("warning")["text"]
        assert lines.wait("site-failed")["site"] == lfdi(3)
        lines.wait("registered", 2)
        assert lines.process.stderr is not None
        port = lines.process.stderr.readline().rpartition(":")[2]
        with urllib.request.urlopen(f"http://127.0.0.1:{port.strip()}") as response:
            text = response.read().decode()
        assert "envoy_fleet_rows_wrong 1.0" in text and "envoy_sites_in_contact 2.0" in text
        assert lines.end() == 0


def test_the_devices_may_be_left_with_their_defaults(
    server: UtilityServer, options: list[str], fleet: Path, tmp_path: Path
) -> None:
    write(fleet, 1, 2)
    with following_path(fleet, *options, "--on-exit", "default", cwd=tmp_path) as lines:
        lines.wait("registered", 2)
        program = server.program("demo", sites=[bytes.fromhex(lfdi(number)) for number in (1, 2)])
        program.default(op_mod_exp_lim_w=5000)
        program.control(duration=600, op_mod_exp_lim_w=1500)
        os.kill(lines.process.pid, signal.SIGHUP)
        until(lambda: len(lines.named("response-sent")) >= 4)
        write(fleet, 2)
        lines.wait("fleet-changed")
        until(lambda: orders(tmp_path)[lfdi(1)][-1] == 5000)
        assert orders(tmp_path)[lfdi(2)][-1] == 1500
        assert lines.end() == 0
    assert orders(tmp_path)[lfdi(2)][-1] == 5000
    assert lines.events[-1]["device"] == "default"


def count_subscribed(server: UtilityServer, pki: Pki, end: str) -> int:
    """Return how many resources whose paths end so the aggregator is subscribed to."""
    files = pki.devices["aggregator"]
    with Client(server.url, cert=files.certificate, key=files.key, ca=pki.ca.certificate) as client:
        lists = [each.subscription_list_link for each in client.end_devices() if each.subscription_list_link]
        found = [each.subscribed_resource for link in lists for each in client.items(link)]
    return sum(path.endswith(end) for path in found)


def test_a_control_is_known_by_one_notification_for_all_sites(
    server: UtilityServer, connection: list[str], pki: Pki, fleet: Path, tmp_path: Path
) -> None:
    write(fleet, 1, 2, 3)
    program = server.program("demo", sites=[bytes.fromhex(lfdi(number)) for number in (1, 2, 3)])
    listen = ["--listen", "127.0.0.1:0", "--listen-cert", str(pki.server.certificate)]
    with following_path(fleet, *connection, *SIMULATED, *listen, "--listen-key", str(pki.server.key)) as lines:
        lines.wait("registered", 3)
        until(lambda: count_subscribed(server, pki, "/derc") == 3)
        program.control(duration=600, op_mod_exp_lim_w=1500)
        notified = lines.wait("notified")
        assert "site" not in notified
        lines.wait("response-sent", 6)
        assert lines.end() == 0


def test_the_state_goes_over_a_restart_and_explains_each_site(
    server: UtilityServer, options: list[str], fleet: Path, tmp_path: Path
) -> None:
    write(fleet, 1, 2)
    state = tmp_path / "state"
    program = server.program("demo", sites=[bytes.fromhex(lfdi(1))])
    program.default(op_mod_exp_lim_w=5000)
    program.control(duration=600, op_mod_exp_lim_w=1500)
    with following_path(fleet, *options, "--state", str(state), cwd=tmp_path) as lines:
        lines.wait("response-sent", 2)
        assert lines.end() == 0
    server.fail_next(503, count=None)
    with following_path(fleet, *options, "--state", str(state), cwd=tmp_path) as lines:
        # It is known before any contact.
        until(lambda: any(event["site"] == lfdi(1) for event in lines.named("applied")))
        second = envoy("follow", fleet, *options, "--state", state, cwd=tmp_path)
        assert second.returncode == 2
        done = envoy("explain-controls", "--state", state, "--site", lfdi(1), "--format", "json")
        assert lines.end() == 0
    in_force = json.loads(done.stdout)["in_force"]
    assert [each["value"] for each in in_force] == ["1500"]
    assert len(server.responses()) == 2
    assert lfdi(1) in envoy("explain-controls", "--state", state).stderr
    assert envoy("explain-controls", "--state", state, "--site", lfdi(2)[:9]).returncode == 0


def test_an_outage_of_the_server_is_said_once_and_ends(
    server: UtilityServer, connection: list[str], fleet: Path
) -> None:
    write(fleet, 1, 2)
    server.fail_next(503, count=None)
    with following_path(fleet, *connection, *SIMULATED, "--failsafe", "opModExpLimW=1500") as lines:
        applied = lines.wait("applied", 2)
        assert [(each["value"], each["origin"]) for each in applied["settings"]] == [(1500, "failsafe")]
        lost = lines.wait("contact-lost")
        assert "site" not in lost
        assert lines.end() == 0


def test_the_table_is_drawn_on_a_terminal(connection: list[str], fleet: Path) -> None:
    own, other = pty.openpty()
    with (
        open(other, "wb", buffering=0) as terminal,
        open(own, "rb", buffering=0) as screen,
        started("follow", str(fleet), *connection, *SIMULATED, stdout=terminal) as process,
    ):
        terminal.close()
        shown = b""
        while b"50 in contact" not in shown:
            shown += screen.read(65_536)
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(OSError):  # how Linux says that nobody has the other end any more
            while octets := screen.read(65_536):
                shown += octets
        assert process.wait(60) == 0
    assert b"IN FORCE" in shown


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((), "--device is missing"),
        (("--devices", "devices.toml"), "--devices"),
        (("--device", "simulated", "--mirror", "mirror.toml"), "--mirror"),
        (("--device", "simulated", "--dry-run"), "--dry-run"),
        (("--device", "simulated", "--shard", "3/2"), "shard"),
        (("--device", "simulated", "-o", "nonsense=1"), "nonsense"),
        (("--device", "mqtt"), "broker"),
        (("--exec", "no-such-program"), "no-such-program"),
        (("--device", "simulated", "--delimiter", "x"), "separate columns"),
    ],
)
def test_wrong_options_are_errors_before_anything_is_sent(
    server: UtilityServer, connection: list[str], fleet: Path, arguments: tuple[str, ...], error: str
) -> None:
    done = envoy("follow", fleet, *connection, *arguments)
    assert done.returncode == 2 and error in done.stderr
    assert not server.requests


@pytest.mark.parametrize("text", ["", "lfdi\n", "lfdi\nnonsense\n", "nmi\n1\n"])
def test_a_fleet_without_a_site_that_can_be_followed_is_an_error(connection: list[str], fleet: Path, text: str) -> None:
    fleet.write_text(text, encoding="utf-8")
    done = envoy("follow", fleet, *connection, *SIMULATED)
    assert done.returncode == 2 and "fleet.csv" in done.stderr


def test_options_of_fleets_are_not_for_a_single_site(connection: list[str]) -> None:
    done = envoy("follow", ROOT / "examples" / "site.toml", *connection, *SIMULATED, "--in-flight", "3")
    assert done.returncode == 2 and "--in-flight" in done.stderr


def test_the_check_looks_at_everything_and_changes_nothing(
    server: UtilityServer, connection: list[str], fleet: Path
) -> None:
    write(fleet, 1, 2)
    done = envoy("follow", fleet, *connection, *SIMULATED, "--check", "--format", "json")
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stdout
    assert {result["part"] for result in results} == {
        "configuration",
        "certificate",
        "state",
        "server",
        "notifications",
        "device",
    }
    assert any("2 sites are not registered" in result["text"] for result in results)
    assert all(request.method == "GET" for request in server.requests)
    with fleet.open("a", encoding="utf-8") as file:
        file.write("nonsense,,,,,\n")
    done = envoy("follow", fleet, *connection, *SIMULATED, "--check")
    assert done.returncode == 1 and "fleet.csv:4" in done.stdout
