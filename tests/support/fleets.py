"""What tests of fleets share: fleet files, how to reach the server, and what is on it."""

from __future__ import annotations

import asyncio
import csv
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from envoy import AsyncClient
from envoy.fleet import Fleet, FleetRun, SiteResult, State
from envoy.testing import UtilityServer

FAULTS = ("503,retry-after=0", "500", "drop-before", "drop-after", "truncate")
"""What servers and networks do to requests, a fleet has to get over."""

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


def connection(server: UtilityServer | str, client: str = "client") -> dict[str, Any]:
    """Return the arguments of a client of a server, which may be a URL without TLS."""
    if isinstance(server, str):
        return {"url": server}
    files = server.client_files(client)
    return {"url": server.url, "cert": files.cert, "key": files.key, "ca": files.ca}


def options(server: UtilityServer) -> list[str]:
    """Return the same as options of ``envoy``."""
    found = connection(server)
    return ["--server", found.pop("url"), *(word for name in found for word in (f"--{name}", str(found[name])))]


def compared(server: UtilityServer, fleet: Path) -> Counter[State]:
    """Return how the sites on a server differ from a fleet."""
    return Counter(result.state for result in comparison(server, fleet))


def comparison(server: UtilityServer, fleet: Path) -> list[SiteResult]:
    async def main() -> list[SiteResult]:
        async with AsyncClient(**connection(server), max_wait=0.05) as client:
            with FleetRun(client, Fleet(fleet), writes=False) as run:
                await run.check()
                return [result async for result in run.results()]

    return asyncio.run(main())


def end_devices(server: UtilityServer) -> list[str]:
    """Return the LFDIs of the EndDevices that a server has, without the client's own."""
    own = server.client_files().lfdi
    return sorted(device.lfdi.hex().upper() for device in server.devices() if device.lfdi and device.lfdi != own)


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, at most a minute."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)
