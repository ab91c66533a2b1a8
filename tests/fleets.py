"""What tests of fleets share: fleet files, the server that disturbs, and what is on it."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from conftest import ROOT

from envoy.pki import Pki
from envoy.server import Store
from sep2 import EndDevice

COLUMNS = {
    "device_category": "COMBINED_PV_AND_STORAGE",
    "enabled": "true",
    "post_rate": "300",
    "device_information.functions_implemented": "DEVICE_CAPABILITY END_DEVICE_RESOURCE",
    "device_information.mf_date": "2025-03-01T00:00:00Z",
    "device_information.mf_hw_ver": "B2",
    "device_information.mf_id": "32473",
    "device_information.mf_model": "Hybrid, 10",
    "device_information.mf_ser_num": "H10",
    "device_information.primary_power": "MAINS",
    "device_information.secondary_power": "NONE",
    "device_information.sw_act_time": "1768435200",
    "device_information.sw_ver": "4.10",
    "der.capability.type": "COMBINED_PV_AND_STORAGE",
    "der.capability.modes_supported": "CHARGE_MODE OP_MOD_MAX_LIM_W",
    "der.capability.doe_modes_supported": "OP_MOD_EXP_LIM_W OP_MOD_IMP_LIM_W",
    "der.capability.rtg_max_w": "10000",
    "der.settings.set_max_w": "10000",
    "der.settings.set_grad_w": "28",
    "der.settings.doe_modes_enabled": "OP_MOD_EXP_LIM_W",
    "der.status.operational_mode_status.date_time": "2026-01-15T00:00:00Z",
    "der.status.operational_mode_status.value": "OPERATIONAL_MODE",
}
"""Columns of a fleet with what is the same in all rows."""


def lfdi_of(number: int) -> str:
    return f"{number * 7919:08X}".ljust(32, "0") + "00032473"


def write_fleet(path: Path, numbers: range, **changes: str) -> Path:
    """Write a fleet in CSV with one site for each number; changes are by the last part of a column's name."""
    values = {name: changes.get(name.rpartition(".")[2], value) for name, value in COLUMNS.items()}
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["lfdi", "nmi", *values])
        for number in numbers:
            table.writerow([lfdi_of(number), f"6{number:09}", *values.values()])
    return path


def envoy(*arguments: Any, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "envoy", *map(str, arguments)], cwd=cwd, capture_output=True, text=True, timeout=120
    )


Disturb = Callable[..., str]


@contextmanager
def disturbing(pki: Pki) -> Iterator[Disturb]:
    """Give a function that starts the server that disturbs, with a database and a share, and returns its URL."""
    processes: list[subprocess.Popen[str]] = []

    def start(database: Path, share: float = 0.0, profile: str = "csip-aus-1.2") -> str:
        program = str(ROOT / "tests" / "disturbing.py")
        command = [sys.executable, program, str(database), str(pki.devices["aggregator"].certificate), str(share)]
        process = subprocess.Popen([*command, profile], stdout=subprocess.PIPE, text=True)
        processes.append(process)
        assert process.stdout is not None
        return process.stdout.readline().strip()

    yield start
    for process in processes:
        process.terminate()
    for process in processes:
        process.communicate(timeout=10)


def end_devices(database: Path, pki: Pki) -> list[EndDevice]:
    """Return the EndDevices in a server's database, the aggregator's own left out."""
    store = Store(database)
    owner = pki.devices["aggregator"].lfdi
    try:
        found = [device for _, device in store.page(owner, "/edev", 0, 1_000_000)]
    finally:
        store.close()
    return [device for device in found if device.lfdi != owner]
