"""``envoy follow`` for a fleet: against a real server over TLS, with sites that come and go, ended by real signals."""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from envoy.testing import UtilityServer
from envoy.tls.pki import Pki
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
    with UtilityServer(folder=pki.ca.certificate.parent) as server:
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
