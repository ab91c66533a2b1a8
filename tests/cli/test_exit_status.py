"""Exit statuses: each command with files, options and servers that cannot be used."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from envoy.cli.lazy_group import COMMANDS
from envoy.cli.terminal.exit_status import FAILED, WRONG_USE, exit_on_errors
from envoy.errors import BaselineError, EnvoyError, PINError, SpoolFullError, TransportError
from envoy.tls.pki import Pki
from tests.conftest import ROOT
from tests.support.commands import envoy
from tests.support.fleets import write_fleet

SITE_FILE = str(ROOT / "examples" / "site.toml")
MIRROR_FILE = str(ROOT / "examples" / "mirror.toml")
AWAY = "https://127.0.0.1:9"
"""URL at which no server is."""

SERVER = f"--server {AWAY}"
ONCE = f"{SERVER} --retries 0 --max-wait 0"
FOLLOW = f"{SERVER} --device simulated"
POST = f"post-readings --spool readings.spool --mirror {MIRROR_FILE} {SERVER}"
SERVE = "serve --cert server.pem --key server.key --ca ca.pem --port 0"
CODEGEN = "codegen --package made --output made --schema"

BAD_FILES = ("absent", "garbage", "folder")
"""Names of a file that is not there, one of octets that mean nothing, and a folder."""

FILES = (
    "validate example.xml --baseline {}",
    "validate example.xml --schema {}",
    "identity {}",
    f"register {{}} {SERVER}",
    f"register {SITE_FILE} {SERVER} --cert {{}}",
    f"register {SITE_FILE} {SERVER} --cert aggregator.pem --key {{}}",
    f"register {SITE_FILE} {SERVER} --ca {{}}",
    f"deregister {{}} {SERVER}",
    f"follow {{}} {FOLLOW}",
    f"follow {SITE_FILE} {SERVER} --devices {{}}",
    f"follow {SITE_FILE} {FOLLOW} --cert {{}}",
    f"follow {SITE_FILE} {FOLLOW} --mirror {{}}",
    "explain-controls --state {}",
    f"devices {SERVER} --cert {{}}",
    f"devices {SERVER} --diff {{}}",
    "examples {}",
    f"{POST} {{}}",
    f"post-readings readings.csv --spool readings.spool {SERVER} --mirror {{}}",
    "spool status {}",
    "spool export {}",
    "spool retry {}",
    "spool discard {}",
    "spool rescue {} new.spool",
    f"tls-check {AWAY} --cert {{}}",
    f"tls-check {AWAY} --ca {{}}",
    "serve --cert {} --key server.key --ca ca.pem",
    "serve --cert server.pem --key server.key --ca {}",
    f"{SERVE} --procedure {{}}",
    f"{SERVE} --scenario {{}}",
    "utility sites --channel {}",
    f"{CODEGEN} {{}}",
)
"""Commands with a file that has to be there, and has to be what it is taken for."""

OTHERS = (
    ("validate absent", WRONG_USE),
    ("validate garbage", FAILED),
    ("validate folder", WRONG_USE),
    ("validate garbage --format x", WRONG_USE),
    ("validate garbage --profile x", WRONG_USE),
    ("validate garbage --output absent/report", WRONG_USE),
    ("explain", WRONG_USE),
    ("config --config garbage", WRONG_USE),
    ("explain x", WRONG_USE),
    ("identity --pin 1", WRONG_USE),
    (f"register {SITE_FILE} --server x", WRONG_USE),
    (f"register {SITE_FILE} {SERVER} --header x", WRONG_USE),
    (f"register {SITE_FILE} {SERVER} --profile x", WRONG_USE),
    (f"register {SITE_FILE} {SERVER} --results x", WRONG_USE),
    (f"register {SITE_FILE} {ONCE}", FAILED),
    (f"register fleet.csv {ONCE} --outage x", WRONG_USE),
    (f"register fleet.csv {ONCE} --journal garbage", WRONG_USE),
    (f"register fleet.csv {ONCE} --results garbage", WRONG_USE),
    (f"register fleet.csv {ONCE} --outage 0", FAILED),
    (f"deregister {SITE_FILE} {ONCE} --yes", FAILED),
    (f"deregister {SITE_FILE} {SERVER} --profile x", WRONG_USE),
    ("fleet template --rows 1 --pen 1 --output garbage", WRONG_USE),
    (f"follow {SITE_FILE} {SERVER} --device x", WRONG_USE),
    (f"follow {SITE_FILE} {FOLLOW} --state garbage", WRONG_USE),
    (f"follow {SITE_FILE} {FOLLOW} --dry-run", FAILED),
    ("explain-controls --state folder --at x", WRONG_USE),
    ("explain-controls --state folder --format x", WRONG_USE),
    (f"devices {SERVER} --format x", WRONG_USE),
    (f"devices {ONCE}", FAILED),
    (f"devices {ONCE} --diff fleet.csv", WRONG_USE),
    ("examples --profile x", WRONG_USE),
    ("examples --format x", WRONG_USE),
    ("examples --output absent/page.html", WRONG_USE),
    (f"{POST} --spool garbage", WRONG_USE),
    (f"{POST} readings.csv --retries 0 --max-wait 0", 3),
    (f"tls-check {AWAY}", WRONG_USE),
    ("tls-check http://127.0.0.1", WRONG_USE),
    (f"{SERVE} --fail x", WRONG_USE),
    (f"{SERVE} --database garbage", WRONG_USE),
    (f"{SERVE} --host 203.0.113.9", FAILED),
    ("utility limit all --for 1h --channel channel.json", WRONG_USE),
    ("utility sites --channel channel.json", FAILED),
    ("pki garbage", WRONG_USE),
    ("pki garbage/pki", WRONG_USE),
    ("pki pki --host ??", WRONG_USE),
    ("demo --profile envoy-0.1", WRONG_USE),
    ("codegen --schema example.xsd --package 1 --output made", WRONG_USE),
    ("schema folder", WRONG_USE),
    ("docs --port 65536", WRONG_USE),
    ("schema garbage/schemas", WRONG_USE),
    ("discover x", WRONG_USE),
    ("discover --format x", WRONG_USE),
)


@pytest.fixture(scope="module")
def home(pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the commands name."""
    home = tmp_path_factory.mktemp("home")
    (home / "garbage").write_bytes(b"\x00\xff\x80 {[")
    (home / "folder").mkdir()
    (home / "example.xml").write_text("<Time/>")
    (home / "readings.csv").write_bytes((ROOT / "examples" / "readings.csv").read_bytes())
    (home / "channel.json").write_text('{"port": 9, "token": "x"}')
    write_fleet(home / "fleet.csv", range(2))
    for file in pki.ca.certificate.parent.iterdir():
        (home / file.name).write_bytes(file.read_bytes())
    return home


@pytest.mark.parametrize("bad", BAD_FILES)
@pytest.mark.parametrize("command", FILES)
def test_file_that_cannot_be_used(home: Path, command: str, bad: str) -> None:
    done = envoy(*command.format(bad).split(), cwd=home)
    assert (done.returncode, done.stdout) == (WRONG_USE, "")
    assert bad in done.stderr


@pytest.mark.parametrize(("command", "status"), OTHERS)
def test_status(home: Path, command: str, status: int) -> None:
    done = envoy(*command.split(), cwd=home)
    assert done.returncode == status
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_option_that_is_not_one(command: str) -> None:
    done = envoy(command, "--never")
    assert (done.returncode, done.stdout) == (WRONG_USE, "") and "--never" in done.stderr
    assert command in {case.split()[0] for case in (*FILES, *(case for case, _ in OTHERS))}


@pytest.mark.parametrize(
    ("error", "statuses"),
    [
        (EnvoyError("it is wrong"), (WRONG_USE, WRONG_USE, FAILED)),
        (BaselineError("it is not one"), (WRONG_USE, WRONG_USE, FAILED)),
        (FileNotFoundError(errno.ENOENT, "no such file", "x"), (WRONG_USE, WRONG_USE, FAILED)),
        (TransportError("it is away"), (FAILED, WRONG_USE, FAILED)),
        (PINError("it is another", status=200), (FAILED, WRONG_USE, FAILED)),
        (SpoolFullError("it is full"), (FAILED, WRONG_USE, FAILED)),
        (OSError(errno.ENOSPC, "no space left"), (FAILED, WRONG_USE, FAILED)),
    ],
)
def test_kind_of_error(error: Exception, statuses: tuple[int, int, int]) -> None:
    found = []
    for options in ({}, {"failed": WRONG_USE}, {"wrong": FAILED}):
        with pytest.raises(SystemExit) as end, exit_on_errors(**options):
            raise error
        found.append(end.value.code)
    assert tuple(found) == statuses
