"""A client follows a server over TLS for an inverter behind Modbus: what is applied, refused, and held back."""

from __future__ import annotations

from pathlib import Path

from pymodbus.constants import ExcCodes

from envoy import Site
from envoy.devices import open_device
from envoy.testing import UtilityServer
from tests.client.test_following import Journal, follow
from tests.conftest import ROOT
from tests.support.sunspec import METER, ModbusServer, Plant


def test_a_control_starts_when_the_inverter_has_taken_it(utility_server: UtilityServer, tmp_path: Path) -> None:
    """While the inverter is gone, response 2 is held back; the limit then holds at the connection point."""
    program = utility_server.program("export", primacy=1)
    program.default(op_mod_exp_lim_w=5000)
    control = program.control(duration=600, op_mod_exp_lim_w=1000, ramp_tms=0)
    plant, journal = Plant(load=2000), Journal()
    with ModbusServer(plant) as server:
        plant.silent = True
        options = {"address": server.url, "meter_unit": str(METER), "timeout": "1", "period": "0.2"}
        device = open_device("sunspec", options, Site.load(ROOT / "examples" / "site.toml"))
        with follow(utility_server, journal, device, concurrent=False, state=tmp_path / "state"):
            journal.wait_for_response(1)
            assert [response.status for response in utility_server.responses(control)] == [1]
            plant.silent = False
            journal.wait_for_response(2)
            plant.tick(2)
            assert plant.export == 1000
    assert [response.status for response in utility_server.responses(control)] == [1, 2]


def test_a_mode_that_the_inverter_refuses_is_refused(utility_server: UtilityServer, tmp_path: Path) -> None:
    program = utility_server.program("export", primacy=1)
    control = program.control(duration=600, op_mod_connect=False)
    plant, journal = Plant(load=2000), Journal()
    plant.inverter.refused["ES"] = ExcCodes.ILLEGAL_VALUE
    with ModbusServer(plant) as server:
        options = {"address": server.url, "meter_unit": str(METER), "timeout": "4"}
        device = open_device("sunspec", options, Site.load(ROOT / "examples" / "site.toml"))
        with follow(utility_server, journal, device, concurrent=False, state=tmp_path / "state"):
            journal.wait_for_response(252)
    assert [response.status for response in utility_server.responses(control)] == [1, 252]
