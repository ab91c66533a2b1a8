"""The command ``envoy`` as its users run it: what it prints, and how it ends."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from syrupy.assertion import SnapshotAssertion

from envoy import Client, __version__, loads
from envoy.identity import format_lfdi, format_sfdi, sfdi_of_lfdi
from envoy.profiles import PROFILES
from envoy.protocol.flow import Request
from envoy.tls.pki import CredentialFiles, Pki, create_pki
from sep2 import EndDeviceList
from tests.conftest import ROOT, StartServer
from tests.support.commands import envoy

SITE = ROOT / "examples" / "site.toml"
LFDI = "0000003E90000000000000000000000000032473"

TIME = """<Time xmlns="urn:ieee:std:2030.5:ns">
  <currentTime>0</currentTime>
  <dstEndTime>0</dstEndTime>
  <dstOffset>0</dstOffset>
  <dstStartTime>0</dstStartTime>
  <quality>4</quality>
  <tzOffset>0</tzOffset>
</Time>
"""


def refusals(*commands: Sequence[str | Path], cwd: Path | None = None) -> list[str]:
    """Run commands that fail; return the one message of each."""
    return [refusal(*command, cwd=cwd) for command in commands]


def printed(*arguments: str | Path, cwd: Path | None = None) -> str:
    """Run a command that succeeds; return what it prints."""
    done = envoy(*arguments, cwd=cwd)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def refusal(*arguments: str | Path, cwd: Path | None = None, status: int = 2) -> str:
    """Run a command with something that cannot be used; return its one message."""
    done = envoy(*arguments, cwd=cwd)
    assert (done.returncode, done.stdout) == (status, "")
    return message_of(done.stderr)


def misuse(*arguments: str | Path) -> str:
    """Run a command that is written wrongly; return the message."""
    done = envoy(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--help" in done.stderr
    return done.stderr


def message_of(stderr: str) -> str:
    """Return the one message that an error is reported with: what and where in a line, what to do in the next.

    Before it there may be lines about requests that were repeated.
    """
    stderr = re.sub(r"\A(GET .*; trying again\n)+", "", stderr)
    assert stderr.startswith("Error: ")
    assert "Traceback" not in stderr
    what, *remedy = stderr.removeprefix("Error: ").rstrip("\n").split("\n")
    assert remedy and all(line.startswith("  ") for line in remedy), stderr
    return "\n".join([what, *(line.strip() for line in remedy)])


def as_client(files: CredentialFiles, ca: CredentialFiles) -> tuple[str | Path, ...]:
    return ("--cert", files.certificate, "--key", files.key, "--ca", ca.certificate)


# envoy itself


def test_the_version_is_printed() -> None:
    assert printed("--version") == f"envoy-client {__version__}\n"


def test_help_names_every_command_with_a_sentence() -> None:
    text = printed("--help")
    commands = dict(re.findall(r"^  ([\w-]+)  +(\w.*)$", text.partition("Commands:")[2], re.MULTILINE))
    assert set(commands) == {
        "validate",
        "identity",
        "explain",
        "config",
        "explain-controls",
        "follow",
        "register",
        "deregister",
        "fleet",
        "devices",
        "examples",
        "post-readings",
        "spool",
        "tls-check",
        "discover",
        "serve",
        "utility",
        "pki",
        "demo",
        "codegen",
        "schema",
        "docs",
    }
    assert all(sentence.endswith(".") and not sentence.endswith("...") for sentence in commands.values()), commands


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("envoy expl", ["explain", "explain-controls"]),
        ("envoy utility li", ["limit", "list"]),
        ("envoy validate --write-b", ["--write-baseline"]),
    ],
)
def test_a_shell_completes_commands_and_options(words: str, completed: list[str]) -> None:
    count = str(len(words.split()) - 1)
    done = envoy(_ENVOY_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=count)
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, completed, "")


def test_what_a_shell_needs_for_that_is_printed() -> None:
    assert "#compdef envoy" in envoy(_ENVOY_COMPLETE="source_zsh").stdout


def test_without_a_command_the_help_is_shown() -> None:
    done = envoy()
    assert done.returncode == 2
    assert "Commands:" in done.stdout + done.stderr


def test_an_unknown_command_is_told() -> None:
    assert "No such command 'regsiter'" in misuse("regsiter")


def test_output_that_nobody_reads_on_ends_quietly() -> None:
    command = [sys.executable, "-m", "envoy", "examples"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


# envoy validate


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """A folder with good.xml, and others of which each has an error of its own."""
    (tmp_path / "good.xml").write_text(TIME)
    (tmp_path / "value.xml").write_text(TIME.replace("<quality>4", "<quality>good"))
    (tmp_path / "order.xml").write_text(TIME.replace("  <dstOffset>0</dstOffset>\n", "") + "\n")
    (tmp_path / "broken.xml").write_text(TIME.replace("</tzOffset>", ""))
    (tmp_path / "data.json").write_text('{"currentTime": 0}')
    (tmp_path / "page.html").write_text("<!DOCTYPE html>\n<html><p>502 Bad Gateway</html>")
    (tmp_path / "empty.xml").write_text("")
    (tmp_path / "large.xml").write_text(TIME.replace("\n", " " * 600_000))
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(10))
    (tmp_path / "bomb.xml").write_text(f"<!DOCTYPE Time [{entities}]>\n{TIME.replace('>4<', '>&e9;<')}")
    (tmp_path / "folder").mkdir()
    return tmp_path


def test_valid_documents_are_only_counted(documents: Path) -> None:
    assert printed("validate", "good.xml", "good.xml", cwd=documents) == "2 valid, 0 not valid (csip-aus-1.2)\n"


def test_the_profile_says_which_schema_judges(documents: Path) -> None:
    assert (
        printed("validate", "good.xml", "--profile", "ieee-2018", cwd=documents) == "1 valid, 0 not valid (ieee-2018)\n"
    )


def test_a_fault_is_told_with_file_line_and_reason(documents: Path) -> None:
    done = envoy("validate", "good.xml", "value.xml", "order.xml", cwd=documents)
    assert (done.returncode, done.stderr) == (1, "")
    value, order, summary = done.stdout.splitlines()
    assert re.fullmatch(r"value\.xml:6:3: Time/quality: 'good' is not a whole number\. .*", value)
    assert re.fullmatch(r"order\.xml:4:3: Time/dstStartTime: .*dstOffset is missing\. Add dstOffset after .*", order)
    assert summary == "1 valid, 2 not valid (csip-aus-1.2)"


def test_what_is_no_document_is_told_as_such(documents: Path) -> None:
    expected = {
        "broken.xml": "not well-formed XML: ",
        "data.json": "this is JSON, not XML",
        "page.html": "this is an HTML page, not a message",
        "empty.xml": "the document is empty",
        "large.xml": "the document has more than 2097152 octets",
        "bomb.xml": "DOCTYPE|amplification",
    }
    done = envoy("validate", *expected, cwd=documents)
    assert (done.returncode, done.stderr) == (1, "")
    *faults, summary = done.stdout.splitlines()
    for fault, (file, reason) in zip(faults, expected.items(), strict=True):
        assert re.match(f"{re.escape(file)}(:[1-9][0-9]*){{0,2}}: .*({reason})", fault), fault
    assert summary == "0 valid, 6 not valid (csip-aus-1.2)"


def test_the_largest_size_can_be_set(documents: Path) -> None:
    assert printed("validate", "large.xml", "--max-size", "10000000", cwd=documents).startswith("1 valid")


def test_a_file_that_cannot_be_read_has_a_status_of_its_own(documents: Path) -> None:
    done = envoy("validate", "good.xml", "nothing.xml", "value.xml", "folder", cwd=documents)
    assert (done.returncode, done.stderr) == (2, "")
    missing, fault, empty, summary = done.stdout.splitlines()
    assert missing == "nothing.xml: cannot be read: No such file or directory [unreadable]"
    assert fault.startswith("value.xml:6:3: ")
    assert empty == "folder: cannot be read: no file in this folder matches *.xml [unreadable]"
    assert summary == "1 valid, 1 not valid (csip-aus-1.2), 2 not read"


def test_an_unknown_profile_is_told_with_the_one_that_was_meant(documents: Path) -> None:
    done = envoy("validate", "good.xml", "--profile", "csip-aus-1.4", cwd=documents)
    assert (done.returncode, done.stdout) == (2, "")
    assert message_of(done.stderr) == (
        f"unknown profile 'csip-aus-1.4'\nThe profiles are {', '.join(PROFILES)}. Did you mean csip-aus-1.3? "
        "With auto the namespaces of each document decide."
    )


def test_without_a_file_there_is_nothing_to_judge() -> None:
    assert "Missing argument 'FILE...'" in misuse("validate")


def test_characters_that_the_terminal_does_not_have_are_printed_in_another_form(documents: Path) -> None:
    (documents / "寸法.xml").write_text("")
    done = envoy("validate", "寸法.xml", cwd=documents, encoding="latin-1")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith(r"\u5bf8\u6cd5.xml: ")


# envoy identity


def test_a_certificate_is_identified_whatever_its_form(pki: Pki, tmp_path: Path) -> None:
    device = pki.devices["device"]
    der = tmp_path / "device.der"
    der.write_bytes(x509.load_pem_x509_certificate(device.certificate.read_bytes()).public_bytes(Encoding.DER))
    expected = f"LFDI  {format_lfdi(device.lfdi)}\nSFDI  {format_sfdi(sfdi_of_lfdi(device.lfdi))}\n"
    assert printed("identity", device.certificate) == expected
    assert printed("identity", der) == expected


def test_an_lfdi_is_identified() -> None:
    assert printed("identity", "3e4f45ab31edfe5b67e343e5e4562e31984e23e5") == (
        "LFDI  3E4F45AB31EDFE5B67E343E5E4562E31984E23E5\nSFDI  167261211391\n"
    )


@pytest.mark.parametrize(("form", "last"), [("decimal", "00032473"), ("hex", "00007ED9")])
def test_a_site_gets_an_lfdi_of_its_number(form: str, last: str) -> None:
    text = printed("identity", "--number", "1001", "--pen", "32473", "--pen-form", form)
    assert text == f"LFDI  0000003E9{'0' * 23}{last}\nSFDI  000000010018\n"


def test_a_pin_gets_its_check_digit_or_is_checked() -> None:
    assert printed("identity", "--pin", "00001") == "PIN   000019\n"
    assert printed("identity", "--pin", "000019") == "PIN   000019\n"
    assert printed("identity", LFDI, "--pin", "12345") == f"PIN   123455\nLFDI  {LFDI}\nSFDI  000000010018\n"


def test_what_has_no_identity_is_told_with_what_to_give(tmp_path: Path) -> None:
    expected = {
        "": "nothing to identify\nGive a certificate, an LFDI, --number and --pen, or --pin.",
        "3E4F45AB3": "'3E4F45AB3' is not an LFDI\n.*A digit has been lost",
        f"0x{LFDI}": f"'0x{LFDI}' is not an LFDI\nLeave out the 0x.",
        "3E:4F:45": "'3E:4F:45' is not an LFDI\nLeave out spaces and separators.",
        "my.pem": "my.pem: cannot be read: No such file or directory\nGive a certificate file, or an LFDI of 40 hex",
        ".": r"\.: cannot be read: Is a directory\nGive a certificate file, or an LFDI of 40 hex digits.",
        "--number 5": "--number and --pen go together\nWrite both",
        "--number 5 --pen 0": r"PEN 0 is not in 1\.\.99999999\n",
        "--number -5 --pen 7": r"site number -5 is not in 1\.\.\d+\n",
        "--number 5 --pen 7 --pen-form octal": "--pen-form octal is unknown\nIt is decimal or hex.",
        f"{LFDI} --number 5 --pen 7": f"{LFDI} and --number are two devices\nAsk for one at a time.",
        "--pin 000018": "PIN 000018 has a wrong check digit\nThe last digit would be 9",
        "--pin 12-345": "'12-345' is not a PIN\nIt has five digits, or six with the check digit.",
    }
    told = refusals(*(["identity", *arguments.split()] for arguments in expected), cwd=tmp_path)
    for message, pattern in zip(told, expected.values(), strict=True):
        assert re.match(pattern, message)


def test_a_file_that_holds_no_certificate_is_told_with_what_it_is(pki: Pki) -> None:
    key = pki.devices["device"].key
    told = refusals(["identity", key], ["identity", SITE])
    assert told[0].startswith(f"{key}: not a certificate\nIt is a private key: pass the certificate")
    assert told[1].startswith(f"{SITE}: not a certificate\nIt is neither PEM nor DER.")


# envoy examples


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_has_an_example(profile: str) -> None:
    text = printed("examples", "--profile", profile, "--server", "https://utility.example:8443")
    requests = re.findall(r"^(GET|POST|PUT) https://utility\.example:8443/", text, re.MULTILINE)
    expected = {"ieee-2018": 11, "ieee-2023": 18, "csip-aus-1.2": 17, "csip-aus-1.3": 18, "envoy-0.1": 6}
    assert len(requests) == expected[profile]


def test_the_server_may_be_the_url_of_device_capability() -> None:
    for entry in ("/api/dcap", "/dcap?x=1"):
        text = printed("examples", "--server", f"https://utility.example{entry}")
        urls = re.findall(r"^GET (\S+)", text, re.MULTILINE)
        assert urls[:2] == [f"https://utility.example{entry}", "https://utility.example/tm"]


def test_a_site_file_is_shown(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text(f'lfdi = "{LFDI}"\n')
    text = printed("examples", "my.toml", cwd=tmp_path)
    assert f"<lFDI>{LFDI}</lFDI>" in text
    assert "/di" not in text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f'lfdi = "{LFDI}"\nnmii = "6"', "my.toml: nmii: unknown key. Did you mean nmi?"),
        (
            f'lfdi = "{LFDI}"\nenabled = 1\npin = 5',
            "my.toml: 2 errors\nenabled: is the number 1, expected true or false.",
        ),
        ("lfdi: 5", "my.toml: not TOML: .*line 1.*\nPut text in quotes"),
    ],
)
def test_the_faults_of_a_site_file_are_told(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text(text)
    done = envoy("examples", "my.toml", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.match(f"Error: {message}".replace("\n", r"\n\s+"), done.stderr), done.stderr


def test_a_missing_site_file_is_told_with_where_an_example_is(tmp_path: Path) -> None:
    message = refusal("examples", "my.toml", cwd=tmp_path)
    assert message.startswith("my.toml: cannot be read: No such file or directory\nGive the path of a site file.")
    example = Path(re.sub(r".*An example is (.*)\.$", r"\1", message, flags=re.DOTALL))
    assert example.read_bytes() == SITE.read_bytes()


def test_a_site_that_does_not_fit_the_profile_is_told_with_the_field() -> None:
    assert refusal("examples", SITE, "--profile", "ieee-2018") == (
        "der[1] DERCapability.doe_modes_supported: the profile ieee-2018 has no element doeModesSupported\n"
        "ieee-2018 has no extension elements: leave it out, or use a csip-aus profile."
    )


def test_a_server_that_is_no_url_is_told() -> None:
    assert refusal("examples", "--server", "utility.example") == (
        "'utility.example' is not the URL of a server\n"
        "Write it as https://host:port, or as the URL of DeviceCapability."
    )


# envoy pki


def test_certificates_are_made_once_and_kept(tmp_path: Path) -> None:
    first = printed("pki", "certs", cwd=tmp_path).splitlines()
    assert first[:2] == ["created   certs/ca.pem  certs/ca.key", "created   certs/server.pem  certs/server.key"]
    assert re.fullmatch(r"created   certs/aggregator\.pem  certs/aggregator\.key  LFDI [0-9A-F]{40}", first[2])
    before = {file: file.read_bytes() for file in (tmp_path / "certs").iterdir()}
    assert printed("pki", "certs", cwd=tmp_path).splitlines() == [line.replace("created", "kept   ") for line in first]
    assert {file: file.read_bytes() for file in (tmp_path / "certs").iterdir()} == before
    more = printed("pki", "certs", "--device", "one", "--device", "two", "--host", "utility.example", cwd=tmp_path)
    assert [line.split()[0] for line in more.splitlines()] == ["kept", "reissued", "created", "created"]


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "certs").write_text("")
    assert "certs" in refusal("pki", "certs", cwd=tmp_path)


# envoy register


def end_devices(url: str, pki: Pki) -> int:
    """Return how many EndDevices the aggregator sees."""
    device = pki.devices["aggregator"]
    with Client(url, cert=device.certificate, key=device.key, ca=pki.ca.certificate) as client:
        answer = client.send(Request("", "GET", "/edev?s=0&l=50"))
    found = loads(answer.content, EndDeviceList).all
    assert found is not None
    return found


def steps_of(stdout: str) -> list[tuple[str, str]]:
    """Return step and outcome of each line."""
    found = re.findall(r"^(\S+) +(read|created|written|already there|skipped)\b", stdout, re.MULTILINE)
    assert len(found) == len(stdout.splitlines())
    return found


def test_a_site_is_registered_and_then_found(pki: Pki, start_server: StartServer) -> None:
    command = ("register", SITE, "--server", start_server(), *as_client(pki.devices["aggregator"], pki.ca))
    first = steps_of(printed(*command))
    assert first == [
        ("device-capability", "read"),
        ("time", "read"),
        ("end-device", "created"),
        ("registration", "skipped"),
        ("fsa", "read"),
        ("connection-point", "written"),
        ("device-information", "written"),
        ("der", "already there"),
        ("der-capability", "written"),
        ("der-settings", "written"),
        ("der-status", "written"),
    ]
    again = envoy(*command, "-v")
    assert again.returncode == 0
    assert steps_of(again.stdout) == [
        (step, "already there" if outcome in ("created", "written") else outcome) for step, outcome in first
    ]
    exchanges = re.findall(r"^(\w+) +(/\S+)  (\d+)  \d+ ms$", again.stderr, re.MULTILINE)
    assert len(exchanges) == len(again.stderr.splitlines())
    assert exchanges[0] == ("GET", "/dcap", "200")
    assert {method for method, _, _ in exchanges} == {"GET"}


def test_a_registration_that_fails_half_way_continues_where_it_stopped(pki: Pki, start_server: StartServer) -> None:
    url = start_server("--fail", "PUT */cp 500")
    command = ("register", SITE, "--server", url, *as_client(pki.devices["aggregator"], pki.ca))
    stopped = envoy(*command)
    assert stopped.returncode == 1
    assert steps_of(stopped.stdout)[-3:] == [("end-device", "created"), ("registration", "skipped"), ("fsa", "read")]
    what, remedy = message_of(stopped.stderr).split("\n")
    assert what.startswith("connection-point, PUT /edev/2/cp: the server responded with 500")
    assert "will be found and not repeated" in remedy
    outcomes = dict(steps_of(printed(*command)))
    assert (outcomes["end-device"], outcomes["connection-point"]) == ("already there", "written")
    assert outcomes["der-status"] == "written"


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    """Another CA, with a server whose certificate is for another host."""
    return create_pki(tmp_path_factory.mktemp("elsewhere"), devices=["aggregator"], hosts=["utility.example"])


def test_credentials_that_do_not_fit_are_told_and_nothing_is_registered(
    pki: Pki, elsewhere: Pki, start_server: StartServer, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    url = start_server()
    ours, stranger = pki.devices["aggregator"], elsewhere.devices["aggregator"]
    missing, ca = tmp_path / "my.pem", ("--ca", pki.ca.certificate)
    cases: dict[str, tuple[str | Path, ...]] = {
        "no certificate file": ("--cert", missing, *ca),
        "no key file": ("--cert", ours.certificate, "--key", missing, *ca),
        "no CA file": ("--cert", ours.certificate, "--ca", missing),
        "no key": ("--cert", ours.certificate, *ca),
        "no certificate": ("--key", ours.key, *ca),
        "key of another": ("--cert", ours.certificate, "--key", stranger.key, *ca),
        "certificate of another CA": ("--cert", stranger.certificate, "--key", stranger.key, *ca),
        "nothing": ca,
        "CA of another": as_client(ours, elsewhere.ca),
    }
    command = ("register", SITE, "--server", url)
    of_tls = ("certificate of another CA", "nothing", "CA of another")
    told = {name: refusal(*command, *cases[name], status=1 if name in of_tls else 2) for name in cases}
    folders = {pki.ca.certificate.parent: "PKI", elsewhere.ca.certificate.parent: "ELSEWHERE", tmp_path: "FOLDER"}
    assert {name: without_places(message, folders) for name, message in told.items()} == snapshot
    assert end_devices(url, pki) == 0


def without_places(message: str, folders: dict[Path, str]) -> str:
    """Return a message without what is of this run alone: folders, and what OpenSSL of this system says."""
    for folder, name in folders.items():
        message = message.replace(str(folder), name)
    return re.sub(r"(?<=is not trusted: ).*|(?<=ended the handshake )\(.*\)", "REASON", message)


def test_a_server_that_names_another_host_is_told_and_can_be_allowed(elsewhere: Pki, start_server: StartServer) -> None:
    server = elsewhere.server
    url = start_server(
        "--cert", str(server.certificate), "--key", str(server.key), "--ca", str(elsewhere.ca.certificate)
    )
    command = ("register", SITE, "--server", url, *as_client(elsewhere.devices["aggregator"], elsewhere.ca))
    message = refusal(*command, status=1)
    assert message.startswith("device-capability, GET /dcap: the server's certificate is for another host: ")
    assert "turn the check off: --no-check-hostname; the chain is still verified." in message
    assert ("end-device", "created") in steps_of(printed(*command, "--no-check-hostname"))


def test_a_server_that_is_not_there_is_told(pki: Pki, free_port: int) -> None:
    url = f"https://localhost:{free_port}"
    credentials = as_client(pki.devices["aggregator"], pki.ca)
    done = envoy("register", SITE, "--server", url, *credentials, "--retries", "1", "--max-wait", "0.1")
    refused = f"GET /dcap: cannot connect to localhost:{free_port}: Connection refused"
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{refused}; trying again\nError: device-capability, {refused}\n  Check ")


def test_options_that_say_nothing_useful_are_told() -> None:
    expected = {
        ("--server", "localhost:8443"): "'localhost:8443' is not the URL of a server",
        ("--profile", "csip"): "unknown profile 'csip'\n",
        ("--header", "X-Token"): "--header 'X-Token' is not NAME:VALUE\nWrite it as --header",
    }
    told = refusals(*(("register", SITE, "--server", "https://localhost:1", *options) for options in expected))
    for message, beginning in zip(told, expected.values(), strict=True):
        assert message.startswith(beginning)


def test_a_fault_of_the_site_is_told_before_anything_is_sent(
    tmp_path: Path, pki: Pki, start_server: StartServer
) -> None:
    (tmp_path / "my.toml").write_text(SITE.read_text(encoding="utf-8").replace("rtg_max_wh", "rtg_max_kwh"))
    url = start_server()
    credentials = as_client(pki.devices["aggregator"], pki.ca)
    done = envoy("register", "my.toml", "--server", url, *credentials, "-v", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "Error: my.toml: der[1].capability.rtg_max_kwh: unknown key. Did you mean rtg_max_wh or rtg_max_w?\n"
    )
    long = SITE.read_text(encoding="utf-8").replace("H10-000417", "H10" * 20)
    (tmp_path / "my.toml").write_text(long)
    done = envoy("register", "my.toml", "--server", url, *credentials, "-v", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: DeviceInformation: not valid:\n") and "mfSerNum" in done.stderr
    assert end_devices(url, pki) == 0


def test_a_site_and_a_server_are_needed() -> None:
    assert "Missing argument 'SITE.toml|FLEET'" in misuse("register")
    assert "Missing option '--server'" in misuse("register", SITE)
    assert "Invalid value for '--timeout'" in misuse(
        "register", SITE, "--server", "https://localhost", "--timeout", "0"
    )


# envoy serve


@pytest.fixture
def free_port() -> Iterator[int]:
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_a_server_needs_files_that_are_there(pki: Pki, tmp_path: Path) -> None:
    missing = tmp_path / "my.pem"
    good = {"--cert": pki.server.certificate, "--key": pki.server.key, "--ca": pki.ca.certificate}
    cases = [{**good, option: missing} for option in good]
    for message in refusals(*(("serve", *(word for pair in case.items() for word in pair)) for case in cases)):
        assert re.match(
            rf"{re.escape(str(missing))}: no such .* file\nenvoy pki DIR makes a set for testing\.", message
        )


def serving(pki: Pki, *options: str) -> tuple[str | Path, ...]:
    files = ("--cert", pki.server.certificate, "--key", pki.server.key, "--ca", pki.ca.certificate)
    return ("serve", *files, *options)


def test_a_port_that_is_in_use_is_told(pki: Pki) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        message = refusal(*serving(pki, "--port", str(port)), status=1)
    assert message.startswith(f"127.0.0.1:{port}: cannot listen: ")
    assert "Address already in use" in message and "Choose another port" in message


def test_settings_that_the_server_cannot_have_are_told(pki: Pki) -> None:
    expected = {
        ("--profile", "csip"): "unknown profile 'csip'\n",
        ("--pin", "123456"): "PIN 123456 has a wrong check digit\n",
        ("--fail", "PUT 500"): r"'PUT 500' is not a fault: .*\n.*'PUT \*/cp 500'",
    }
    for message, pattern in zip(refusals(*(serving(pki, *x) for x in expected)), expected.values(), strict=True):
        assert re.match(pattern, message)


@pytest.mark.parametrize("options", [["--port", "99999"], ["--page-limit", "0"]])
def test_numbers_out_of_range_are_told(pki: Pki, options: list[str]) -> None:
    assert f"Invalid value for '{options[0]}'" in misuse(*serving(pki, *options))


def test_a_certificate_a_key_and_a_ca_are_needed() -> None:
    assert "Missing option '--cert'" in misuse("serve")


# envoy demo


def test_the_demo_runs_in_every_profile_that_the_server_speaks() -> None:
    for profile in ("ieee-2018", "csip-aus-1.2", "csip-aus-1.3"):
        done = envoy("demo", "--profile", profile)
        assert (done.returncode, done.stderr) == (0, ""), profile
        assert "Nothing changed: /edev/2 was there" in done.stdout
        assert f"messages validated by the {profile} schema: all valid" in done.stdout
        assert done.stdout.endswith("The server is stopped. All went as it should.\n")


def test_the_demo_refuses_what_the_server_does_not_speak() -> None:
    assert refusal("demo", "--profile", "envoy-0.1").startswith(
        "the demo has nothing to show in the profile envoy-0.1\n"
    )
