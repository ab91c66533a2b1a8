"""``envoy discover`` and ``--server auto``, as far as they need no network: what has to be given, and what is refused.

What they find is in ``tests/dns_sd``.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from envoy.tls.pki import create_pki
from tests.support.commands import envoy

LFDI = "0000003E90000000000000000000000000032473"

COMMANDS = (
    ("register", "site.toml"),
    ("register", "fleet.csv"),
    ("deregister", LFDI),
    ("devices",),
    ("follow", "site.toml", "--device", "simulated"),
    ("post-readings", "--spool", "readings.spool"),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "site.toml").write_text(f'lfdi = "{LFDI}"\n')
    (tmp_path / "fleet.csv").write_text(f"lfdi\n{LFDI}\n")
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[:2]))
def test_a_server_that_anybody_may_claim_to_be_is_not_searched_for(command: tuple[str, ...], folder: Path) -> None:
    done = envoy(*command, "--server", "auto", cwd=folder)
    assert (done.returncode, "--ca" in done.stderr, done.stdout) == (2, True, "")
    assert not (folder / "readings.spool").exists()


@pytest.mark.parametrize(
    "device",
    ["site-that-is-not-there.toml", "000000010017", LFDI[:-1], "1234567890123"],
)
def test_what_is_no_device_is_refused(device: str, folder: Path) -> None:
    done = envoy("discover", device, cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")


def test_without_the_package_it_says_how_to_install_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "zeroconf" else find(name))
    create_pki(folder)
    tls = ("--cert", "server.pem", "--key", "server.key", "--ca", "ca.pem")
    for command in (
        ("discover",),
        ("serve", "--port", "0", "--advertise", *tls),
        ("devices", "--server", "auto", "--ca", "ca.pem"),
        ("tls-check", "auto"),
    ):
        done = envoy(*command, cwd=folder)
        assert (done.returncode, "pip install 'envoy-client[discover]'" in done.stderr) == (2, True), command
