"""Commands around registrations: what a refused file leaves behind, and spreadsheets."""

from __future__ import annotations

from pathlib import Path

import pytest

from envoy import Client, Site
from envoy.fleet import Fleet
from envoy.identity import lfdi_of_certificate, site_lfdi
from envoy.profiles import PROFILES, get_profile
from envoy.registration.messages import Messages
from envoy.testing import UtilityServer
from envoy.tls.pki import Pki
from tests.conftest import ROOT, StartServer
from tests.support.commands import envoy
from tests.support.fleets import lfdi_of, options

NOWHERE = ("--server", "https://127.0.0.1:9")


@pytest.mark.parametrize("text", ["lfdi,nmi\n,6001234567\n", "lfdi;nmi\n", "lfdi,color\n", ""])
def test_a_refused_fleet_leaves_nothing_behind(tmp_path: Path, text: str) -> None:
    (tmp_path / "fleet.csv").write_text(text)
    done = envoy("register", "fleet.csv", *NOWHERE, cwd=tmp_path)
    assert done.returncode == 2
    assert [path.name for path in tmp_path.iterdir()] == ["fleet.csv"]


def test_a_refused_fleet_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "fleet.csv").write_text("lfdi\nx\n")
    (tmp_path / "fleet.csv.results.jsonl").touch()
    envoy("register", "fleet.csv", *NOWHERE, cwd=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fleet.csv", "fleet.csv.results.jsonl"]


def test_refused_readings_leave_no_spool_behind(tmp_path: Path) -> None:
    (tmp_path / "day.csv").write_text("time,active-power\nnoon,1\n")
    options = ("--mirror", ROOT / "examples" / "mirror.toml", "--spool", "readings.spool")
    done = envoy("post-readings", "day.csv", *options, *NOWHERE, cwd=tmp_path)
    assert done.returncode == 2
    assert [path.name for path in tmp_path.iterdir()] == ["day.csv"]


def test_semicolons_are_read_if_that_is_asked_for_and_said(tmp_path: Path) -> None:
    said = "columns are separated by semicolons, and commas stand before decimals"
    (tmp_path / "fleet.csv").write_text(f"lfdi;der.capability.rtg_v_nom\n{lfdi_of(1)};230,5\nx;1\n")
    done = envoy("register", "fleet.csv", *NOWHERE, "--delimiter", "auto", cwd=tmp_path)
    assert done.returncode == 2  # the second row has no LFDI
    assert f"fleet.csv: {said}" in done.stderr
    (tmp_path / "day.csv").write_text("time;voltage\n2026-01-31T12:00:00Z;239,8\n")
    mirror = ROOT / "examples" / "mirror.toml"
    done = envoy("post-readings", "day.csv", "--mirror", mirror, "--dry-run", "--delimiter", "auto", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, f"day.csv: {said}\n")


# Templates


@pytest.mark.parametrize("profile", list(PROFILES))
def test_a_template_is_a_fleet_that_can_be_registered(tmp_path: Path, profile: str) -> None:
    command = ("fleet", "template", "--rows", "3", "--pen", "28547", "--first", "41", "--profile", profile)
    done = envoy(*command, "--output", "fleet.csv", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    sites = [row.site(profile) for row in Fleet(tmp_path / "fleet.csv", profile).rows()]
    assert [site.lfdi.hex()[-28:] for site in sites] == [f"{0:020}00028547"] * 3
    assert len({Messages.of(site, get_profile(profile), now=0).end_device.lfdi for site in sites}) == 3
    assert envoy(*command, "--output", "fleet.csv", cwd=tmp_path).returncode == 2  # it may have been filled in
    assert envoy(*command, cwd=tmp_path).stdout == (tmp_path / "fleet.csv").read_text()


def test_a_template_of_a_spreadsheet_is_read_again(tmp_path: Path) -> None:
    done = envoy("fleet", "template", "--rows", "2", "--pen", "28547", "--delimiter", "semicolon")
    (tmp_path / "fleet.csv").write_text(done.stdout)
    fleet = Fleet(tmp_path / "fleet.csv", delimiter="auto")
    assert [row.site().lfdi for row in fleet.rows()] == [site_lfdi(1, 28547), site_lfdi(2, 28547)]


@pytest.mark.parametrize("option", [("--pen", "0"), ("--first", "0"), ("--pen-form", "octal"), ("--delimiter", "auto")])
def test_a_template_that_cannot_be_written_is_refused(option: tuple[str, str]) -> None:
    options = {"--rows": "1", "--pen": "28547", option[0]: option[1]}
    done = envoy("fleet", "template", *(word for pair in options.items() for word in pair))
    assert (done.returncode, done.stdout) == (2, "")


# The end of a registration


@pytest.fixture
def server(utility_server: UtilityServer) -> UtilityServer:
    with utility_server.client() as client:
        for number in (1, 2, 3):
            client.register(Site(lfdi=bytes.fromhex(lfdi_of(number))))
    return utility_server


def listed(server: UtilityServer) -> list[str]:
    with server.client() as client:
        found = [device.lfdi.hex().upper() for device in client.end_devices() if device.lfdi]
    return [str(number) for number in (1, 2, 3) if lfdi_of(number) in found]


def test_a_site_is_deregistered_once_that_is_agreed_to(tmp_path: Path, server: UtilityServer) -> None:
    (tmp_path / "site.toml").write_text(f'lfdi = "{lfdi_of(1)}"\n')
    command = ("deregister", "site.toml", *options(server))
    done = envoy(*command, cwd=tmp_path, stdin="n\n")
    assert (done.returncode, done.stdout, listed(server)) == (1, "", ["1", "2", "3"])
    assert lfdi_of(1) in done.stderr and "Nothing was deleted." in done.stderr
    done = envoy(*command, cwd=tmp_path, stdin="")  # nobody can be asked
    assert (done.returncode, done.stdout, listed(server)) == (2, "", ["1", "2", "3"])
    done = envoy(*command, cwd=tmp_path, stdin="y\n")
    assert (done.returncode, listed(server)) == (0, ["2", "3"])
    assert done.stdout.endswith(" deleted\n")
    done = envoy(*command, cwd=tmp_path)  # there is nothing to ask for
    assert (done.returncode, done.stdout) == (
        0,
        "The server has no EndDevice of it that this certificate may see.\n",
    )


def test_a_site_is_deregistered_by_its_lfdi(tmp_path: Path, server: UtilityServer) -> None:
    assert envoy("deregister", lfdi_of(2), "--yes", *options(server)).returncode == 0
    assert listed(server) == ["1", "3"]
    (tmp_path / "fleet.csv").write_text(f"lfdi\n{lfdi_of(1)}\n")
    assert envoy("deregister", "fleet.csv", "--yes", *options(server), cwd=tmp_path).returncode == 2
    assert envoy("deregister", lfdi_of(2)[:-2], "--yes", *options(server), cwd=tmp_path).returncode == 2
    assert listed(server) == ["1", "3"]


def test_what_a_fleet_does_not_have_is_deleted_if_that_is_agreed_to(tmp_path: Path, server: UtilityServer) -> None:
    (tmp_path / "fleet.csv").write_text(f"lfdi\n{lfdi_of(2)}\n")
    command = ("devices", "--diff", "fleet.csv", "--delete-extra", *options(server))
    done = envoy(*command, cwd=tmp_path, stdin="n\n")
    assert (done.returncode, listed(server)) == (1, ["1", "2", "3"])
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["extra", "extra"]
    done = envoy(*command, "--yes", cwd=tmp_path)
    assert (done.returncode, listed(server)) == (0, ["2"])
    assert done.stderr.count(" deleted\n") == 2
    with server.client() as client:  # that of the certificate is not extra
        assert client.deregister(next(client.end_devices()).lfdi or b"")
    assert envoy("devices", "--delete-extra", *options(server)).returncode == 2


def test_what_the_server_does_not_let_be_deleted_stays_and_the_others_go(
    tmp_path: Path, start_server: StartServer, pki: Pki
) -> None:
    # The options of another test, which shares the process.
    faults = ("--fail", "DELETE /edev/2 405", "--fail", "DELETE /edev/2 404")
    url, files = start_server(*faults), pki.devices["aggregator"]
    access = {"cert": files.certificate, "key": files.key, "ca": pki.ca.certificate}
    with Client(url, **access) as client:
        for number in (1, 2):
            client.register(Site(lfdi=bytes.fromhex(lfdi_of(number))))
        (tmp_path / "fleet.csv").write_text(f"lfdi\n{lfdi_of(3)}\n")
        words = [word for name, path in access.items() for word in (f"--{name}", str(path))]
        done = envoy("devices", "--diff", "fleet.csv", "--delete-extra", "--yes", "--server", url, *words, cwd=tmp_path)
        assert done.returncode == 1
        assert "/edev/2 not deleted: " in done.stderr and "ask the utility to do it" in done.stderr
        assert "/edev/3 deleted\n" in done.stderr
        assert [device.href for device in client.end_devices()] == ["/edev/1", "/edev/2"]


def test_the_end_device_of_the_certificate_itself_is_named_as_such(utility_server: UtilityServer) -> None:
    own = lfdi_of_certificate(utility_server.client_files().cert.read_bytes())
    with utility_server.client() as client:
        client.register(Site(lfdi=own))
    done = envoy("deregister", own.hex(), *options(utility_server), stdin="n\n")
    assert done.returncode == 1
    assert "the EndDevice of the certificate itself" in done.stderr
