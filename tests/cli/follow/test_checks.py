"""The parts of ``envoy follow --check``: what is wrong is found, with what to do, and nothing is changed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from envoy import Site
from envoy.cli.connection_options import PlainConnection
from envoy.cli.follow import checks
from envoy.cli.follow.checks import (
    CheckResult,
    Level,
    check_certificate,
    check_device,
    check_site,
    check_state,
)
from envoy.cli.follow.server_check import check_handshake, check_server
from envoy.der.abilities import Abilities
from envoy.der.follow.device import DeviceStatus, Readings
from envoy.der.limits import Limits
from envoy.der.state.state_file import STATE_FILE, StateFile
from envoy.errors import DeviceError
from envoy.testing import UtilityServer
from envoy.tls.pki import Pki
from tests.conftest import ROOT

SITE = Site.load(ROOT / "examples" / "site.toml")
NOW = datetime.now(UTC)


def levels(results: Iterator[CheckResult]) -> list[Level]:
    found = list(results)
    assert all(bool(each.remedy) is (each.level is not Level.OK) for each in found), found
    return [each.level for each in found]


def texts(results: Iterator[CheckResult]) -> str:
    return "\n".join(each.text for each in results)


# The site and the certificate


def test_a_site_with_a_der_is_ok() -> None:
    assert levels(check_site(Path("site.toml"), SITE)) == [Level.OK]


def test_a_site_of_which_too_little_is_known_is_warned_of() -> None:
    assert levels(check_site(Path("x"), replace(SITE, ders=[]))) == [Level.OK, Level.WARNING]
    capability = replace(SITE.ders[0].capability, rtg_max_w=None)
    weak = replace(SITE, ders=[replace(SITE.ders[0], capability=capability, settings=None)])
    assert levels(check_site(Path("x"), weak)) == [Level.OK, Level.WARNING]


def test_a_certificate_of_the_site_fits(pki: Pki) -> None:
    device = pki.devices["device"]
    results = check_certificate(device.certificate, device.key, pki.ca.certificate, device.lfdi, NOW)
    assert set(levels(results)) == {Level.OK}


def test_a_certificate_of_another_lfdi_is_warned_of(pki: Pki) -> None:
    device = pki.devices["device"]
    results = list(check_certificate(device.certificate, device.key, None, SITE.lfdi, NOW))
    assert [each.level for each in results].count(Level.WARNING) == 1
    assert SITE.lfdi.hex().upper() in texts(iter(results)) and device.lfdi.hex().upper() in texts(iter(results))


@pytest.mark.parametrize(("days", "level"), [(20, Level.WARNING), (-1, Level.ERROR)])
def test_a_certificate_that_expires_is_found(pki: Pki, days: float, level: Level) -> None:
    device = pki.devices["device"]
    ends = checks.find_expiries(device.certificate, device.key)[0].ends
    found = levels(check_certificate(device.certificate, device.key, None, device.lfdi, ends - timedelta(days=days)))
    assert found.count(level) == 1


def test_a_certificate_that_is_not_valid_yet_is_an_error(pki: Pki) -> None:
    device = pki.devices["device"]
    past = datetime(2000, 1, 1, tzinfo=UTC)
    assert Level.ERROR in levels(check_certificate(device.certificate, device.key, None, device.lfdi, past))


def test_a_certificate_that_cannot_be_read_is_an_error_and_none_a_warning(tmp_path: Path) -> None:
    assert levels(check_certificate(tmp_path / "x.pem", None, None, SITE.lfdi, NOW)) == [Level.ERROR]
    assert levels(check_certificate(None, None, None, SITE.lfdi, NOW)) == [Level.WARNING]


# The state


def opener(lfdi: bytes) -> Callable[[Path], StateFile]:
    return lambda folder: StateFile(folder, lfdi=lfdi, server="https://server.example")


def test_a_state_is_not_made_by_looking(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    assert levels(check_state(folder, opener(SITE.lfdi), STATE_FILE)) == [Level.OK]
    assert not folder.parent.exists()
    assert levels(check_state(None, opener(SITE.lfdi), STATE_FILE)) == [Level.WARNING]


def test_the_state_of_the_site_is_ok_and_that_of_another_an_error(tmp_path: Path) -> None:
    opener(SITE.lfdi)(tmp_path).close()
    before = (tmp_path / STATE_FILE).read_bytes()
    assert levels(check_state(tmp_path, opener(SITE.lfdi), STATE_FILE)) == [Level.OK]
    assert levels(check_state(tmp_path, opener(bytes(20)), STATE_FILE)) == [Level.ERROR]
    assert (tmp_path / STATE_FILE).read_bytes() == before


def test_a_state_that_is_in_use_is_an_error(tmp_path: Path) -> None:
    state = opener(SITE.lfdi)(tmp_path)
    assert levels(check_state(tmp_path, opener(SITE.lfdi), STATE_FILE)) == [Level.ERROR]
    state.close()


def test_a_state_below_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert levels(check_state(tmp_path / "file" / "state", opener(SITE.lfdi), STATE_FILE)) == [Level.ERROR]


# The device


class Device:
    """A device that is as it is asked to be; applying anything fails."""

    def __init__(self, *, failed: bool = False, site: bool = True) -> None:
        self.failed = failed
        self.site = site
        self.closed = 0

    def describe(self) -> list[str]:
        return ["an inverter of the test"]

    def abilities(self) -> Abilities:
        return Abilities(frozenset({"opModExpLimW"}))

    def apply(self, limits: Limits) -> None:
        raise AssertionError(limits)

    def status(self) -> DeviceStatus:
        return DeviceStatus(failed=self.failed)

    def readings(self) -> Readings:
        return Readings(site={"active-power": Decimal(1)} if self.site else {}, der={"voltage": Decimal(230)})

    def close(self) -> None:
        self.closed += 1


def test_a_device_says_what_it_is_and_measures() -> None:
    device = Device()
    results = list(check_device("test", lambda: device))
    assert {each.level for each in results} == {Level.OK}
    said = texts(iter(results))
    assert "an inverter of the test" in said and "opModExpLimW" in said and "site: active power 1 W" in said
    assert device.closed == 1


def test_a_device_that_follows_less_than_the_site_file_says_is_warned_of() -> None:
    wanted = frozenset({"opModExpLimW", "opModConnect"})
    results = list(check_device("test", lambda: Device(), wanted=wanted))
    assert [each.text for each in results if each.level is Level.WARNING] == [
        "test: does not follow opModConnect, which the site file says that it does"
    ]


def test_a_device_that_has_failed_or_has_no_meter_is_warned_of() -> None:
    assert levels(check_device("test", lambda: Device(failed=True))).count(Level.WARNING) == 1
    assert levels(check_device("test", lambda: Device(site=False))).count(Level.WARNING) == 1


def fail(error: Exception) -> Callable[[], Device]:
    def open_device() -> Device:
        raise error

    return open_device


@pytest.mark.parametrize("error", [DeviceError("no route", remedy="Look at the cable."), ValueError("broken")])
def test_a_device_that_cannot_be_opened_is_an_error(error: Exception) -> None:
    results = list(check_device("test", fail(error)))
    assert [each.level for each in results] == [Level.ERROR]
    assert str(error.args[0]).split("\n")[0] in results[0].text


def test_a_device_that_never_responds_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "DEVICE_SECONDS", 0.01)
    ended = threading.Event()

    class Stuck(Device):
        def describe(self) -> list[str]:
            ended.wait(60)
            return []

    assert levels(check_device("test", lambda: Stuck())) == [Level.ERROR]
    ended.set()


# The server


@pytest.fixture(scope="module")
def server(pki: Pki) -> Iterator[UtilityServer]:
    with UtilityServer(folder=pki.ca.certificate.parent) as server:
        yield server


def look(server: UtilityServer, site: Site = SITE, *, mirrors: int = 0, ahead: int = 0) -> list[CheckResult]:
    with server.client("aggregator") as client:
        return list(check_server(client, site, lambda: time.time() - ahead, mirrors=mirrors))


def test_the_handshake_with_a_server_is_looked_at(server: UtilityServer, pki: Pki) -> None:
    device = pki.devices["device"]
    ours = PlainConnection(cert=device.certificate, key=device.key, ca=pki.ca.certificate)
    assert levels(check_handshake(server.url, ours)) == [Level.OK]
    assert Level.ERROR in levels(check_handshake(server.url, PlainConnection(ca=pki.ca.certificate)))
    assert levels(check_handshake("http://127.0.0.1:1", PlainConnection())) == [Level.ERROR]


def test_a_site_that_is_not_registered_stays_so(server: UtilityServer) -> None:
    server.reset()
    results = look(server)
    assert {each.level for each in results} == {Level.OK}
    assert "not registered yet" in texts(iter(results))
    assert {request.method for request in server.requests} == {"GET"}
    assert server.devices() == []


def test_what_a_server_has_for_a_site_is_counted(server: UtilityServer) -> None:
    server.reset()
    with server.client("aggregator") as client:
        client.register(SITE)
    assert [each.text for each in look(server) if each.level is Level.WARNING] == [
        "no programs are assigned (0 function set assignments, 0 programs, 0 controls)"
    ]
    server.program("demo", sites=SITE.lfdi).control(duration=600, op_mod_exp_lim_w=1500)
    before = len(server.requests)
    results = look(server, mirrors=1)
    assert {each.level for each in results} == {Level.OK}
    assert "1 function set assignments, 1 programs, 1 controls" in texts(iter(results))
    assert {request.method for request in server.requests[before:]} == {"GET"}


def test_a_wrong_pin_is_an_error(server: UtilityServer) -> None:
    server.reset()
    with server.client("aggregator") as client:
        client.register(SITE)
    assert [each.level for each in look(server, replace(SITE, pin=123455))].count(Level.ERROR) == 1


def test_a_clock_that_is_far_away_is_warned_of(server: UtilityServer) -> None:
    server.reset()
    assert [each.level for each in look(server, ahead=3600)].count(Level.WARNING) == 1


def test_a_server_that_fails_is_an_error(server: UtilityServer) -> None:
    server.reset()
    server.fail_next(403, path="/dcap", count=None)
    assert [each.level for each in look(server)] == [Level.ERROR]


def test_a_time_that_fails_is_no_hindrance(server: UtilityServer) -> None:
    server.reset()
    server.fail_next(403, path="/tm", count=None)
    assert [each.level for each in look(server)].count(Level.WARNING) == 2


@pytest.mark.parametrize(("spoken", "level"), [("ieee-2023", Level.OK), ("ieee-2018", Level.WARNING)])
def test_a_server_that_has_not_shown_the_edition_is_warned_of(pki: Pki, spoken: str, level: Level) -> None:
    site = Site.load(ROOT / "examples" / "site-ieee-2023.toml", profile="ieee-2023")
    with UtilityServer(spoken, folder=pki.ca.certificate.parent) as server:
        with server.client("aggregator", profile="ieee-2023") as client:
            assert not client.speaks_edition
            results = list(check_server(client, site, time.time))
            assert client.speaks_edition is (level is Level.OK)
        with server.client("aggregator", profile="ieee-2018") as client:
            assert "speaks" not in texts(iter(check_server(client, site, time.time)))
    assert [each.level for each in results if "speaks IEEE 2030.5-2023" in each.text] == [level]
