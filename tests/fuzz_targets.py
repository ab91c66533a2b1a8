"""Fuzz what reads foreign octets, guided by coverage: ``python -m tests.fuzz_targets --seconds 60 [TARGET ...]``.

Atheris, which measures the coverage, has to be installed; ``nox -s fuzz`` does it. Each target runs in a process of its
own. Whatever the octets, nothing is raised but the errors that are documented. What breaks this is written to a file
``crash-TARGET-...``, which ``--replay FILE TARGET`` tries again, and the status is 1.
"""

from __future__ import annotations

import argparse
import importlib
import io
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import httpx

from envoy._text import printable
from envoy.checker.checker import Checker
from envoy.checker.sources.archives import read_documents as read_archive
from envoy.checker.sources.document import Exchange
from envoy.checker.sources.file_reader import read_by_type
from envoy.checker.sources.file_types import detect_file_type, is_archive
from envoy.checker.sources.media_types import is_message_body, media_type
from envoy.client.client import Client
from envoy.documents import dumps, loads
from envoy.errors import DecodeError, EncodeError, EnvoyError
from envoy.profiles import PROFILES
from envoy.protocol.flow import Response
from envoy.protocol.retry import retry_after
from envoy.protocol.well_known import pick_path, read_editions
from envoy.utility.media_type import check_accept, check_content_encoding, check_content_type
from envoy.utility.resource import RequestError
from envoy.validation.validate import validate
from sep2 import EndDevice, EndDeviceList
from tests.fuzz import CODES, MAX_SIZE, Maker

_PROFILES = list(PROFILES.values())
_DEVICE = EndDevice(sfdi=167261211391, changed_time=0)
_STATUSES = (200, 201, 204, 301, 302, 303, 307, 308, 400, 404, 405, 413, 429, 500, 502, 503)
_HEADERS = (
    "retry-after", "location", "content-type", "content-encoding", "content-length", "allow", "transfer-encoding",
    "connection",
)  # fmt: skip
_VALUES = (
    b"120", b"Fri, 31 Dec 1999 23:59:59 GMT", b"Fri, 31 Dec 1999 23:59:59 +99999999999999", b"1e9", b"-1", b"/edev/1",
    b"//h/edev", b"https://h:99999/", b"http://[", b"https://u:p@h/?a#b", b"gzip, gzip", b"x-gzip", b"identity", b"br",
    b"application/sep+xml; csipaus=1.3", b'text/xml; charset="', b"application/sep-exi", b";=;", b"GET, PUT", b"\xff",
    b"*/*;q=0", b"\t, ,",
)  # fmt: skip


def fuzz_loads(data: bytes) -> None:
    """Read a document; what is read without an error is written, and read again as the same."""
    profile = _PROFILES[data[0] % len(_PROFILES)] if data else _PROFILES[0]
    data = data[1:]
    errors: list[DecodeError] = []
    with suppress(EnvoyError):
        loads(data, profile=profile, max_size=MAX_SIZE, on_error=errors.append, on_unknown=errors.append)
    with suppress(EnvoyError):
        found = loads(data, profile=profile, max_size=MAX_SIZE)
        try:
            written = dumps(found, profile=profile, validate=False)
        except EncodeError:
            return  # an element of another profile, or a class of the standard that the dialect does not have
        if profile.dialect == "standard":
            assert loads(written, profile=profile) == found
    for error in errors:
        assert str(error)


def fuzz_validate(data: bytes) -> None:
    """Validate a document; each finding has a code, and a text that is safe to print."""
    profile = _PROFILES[data[0] % len(_PROFILES)] if data else _PROFILES[0]
    for finding in validate(data[1:], profile=profile, max_size=MAX_SIZE, rules=True):
        assert finding.code in CODES, finding
        assert printable(str(finding)) == str(finding), finding


def _check(name: str, data: bytes) -> None:
    """Read a file of some name, and validate what is in it."""
    kind = detect_file_type(name, data[:512])
    if is_archive(kind):
        documents = read_archive(io.BytesIO(data), name, kind, ("*.xml", "*.har", "*.http"), MAX_SIZE)
    else:
        documents = read_by_type(io.BytesIO(data), name, kind, MAX_SIZE)
    verdicts = list(Checker(profile=None, max_size=MAX_SIZE).check_documents(documents))
    assert verdicts, "there is no verdict"
    for verdict in verdicts:
        assert all(finding.code in CODES for finding in verdict.findings), verdict


def fuzz_har(data: bytes) -> None:
    """Read a HAR capture."""
    _check("a.har", data)


def fuzz_http(data: bytes) -> None:
    """Read a file of requests."""
    _check("a.http", data)


def fuzz_archives(data: bytes) -> None:
    """Read an archive, or whatever it is by its start."""
    _check("a.zip" if data[:1] == b"P" else "a.tar", data)


def fuzz_headers(data: bytes) -> None:
    """Read a response with any headers, and the headers of a request."""
    status = _STATUSES[data[0] % len(_STATUSES)] if data else 200
    lines, _, body = data[1:].partition(b"\n\n")
    headers = [
        (_HEADERS[line[0] % len(_HEADERS)].encode(), re.sub(rb"[\r\n\0]", b" ", line[1:]))
        for line in lines.split(b"\n")
        if line
    ]
    transport = httpx.MockTransport(lambda _: httpx.Response(status, headers=headers, stream=httpx.ByteStream(body)))
    with Client("https://h", transport=transport, retries=1, max_wait=0) as client:
        for cls in (EndDevice, EndDeviceList):
            with suppress(EnvoyError):
                client.get("/edev", cls)
        with suppress(EnvoyError):
            client.post("/edev", _DEVICE)
    texts = {name.decode(): value.decode("latin-1") for name, value in headers}
    for text in texts.values():
        wait = retry_after(Response(status, {"retry-after": text}), datetime.now(UTC))
        assert wait is None or wait >= 0
        media_type(text)
        is_message_body(text, body)
        str(Exchange("GET", text, text, status))
        with suppress(RequestError):
            check_content_encoding(text)
        for profile in PROFILES.values():
            for check in (check_accept, check_content_type):
                with suppress(RequestError):
                    check(text, profile.content_type)
    editions = read_editions(body)
    if editions is not None:
        with suppress(EnvoyError):
            pick_path(editions, PROFILES["csip-aus-1.3"], "GET /")


TARGETS: dict[str, Callable[[bytes], None]] = {
    "loads": fuzz_loads,
    "validate": fuzz_validate,
    "har": fuzz_har,
    "http": fuzz_http,
    "archives": fuzz_archives,
    "headers": fuzz_headers,
}
"""What is fuzzed: functions of any octets that raise nothing."""

_KINDS = {
    "har": ("capture.har", "structured.har", "random.har"),
    "http": ("calls.http",),
    "archives": ("archive.zip", "members.zip", "archive.tar", "members.tar", "archive.tgz", "members.txz"),
}


def make_seed(target: str, maker: Maker, source: random.Random) -> bytes:
    """Return an input that gets past the first checks of a target, most times."""
    if target == "headers":
        lines = [bytes([source.randrange(256)]) + source.choice(_VALUES) for _ in range(source.randrange(4))]
        return bytes([source.randrange(256)]) + b"\n".join(lines) + b"\n\n" + maker.kinds["valid.xml"]()
    kinds = _KINDS.get(target, ("valid.xml", "document.xml", "structured.xml", "encoded.xml"))
    made = maker.kinds[source.choice(kinds)]()
    return made if target in _KINDS else bytes([source.randrange(256)]) + made


def fuzz(target: str, seconds: int, folder: Path) -> None:
    """Fuzz a target in this process, which ends with it."""
    atheris = importlib.import_module("atheris")
    maker, source = Maker(1), random.Random(1)  # noqa: S311 - nothing secret

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        source.seed(seed)
        match source.randrange(8):
            case 0:
                return make_seed(target, maker, source)[:most]
            case 1 | 2 | 3:
                return maker.mutate(data)[:most]
            case _:
                return bytes(atheris.Mutate(data, most))

    for number in range(200):
        (folder / f"{number:03}").write_bytes(make_seed(target, maker, source))
    options = [f"-max_total_time={seconds}", f"-artifact_prefix=crash-{target}-", "-max_len=20000", "-timeout=20"]
    atheris.Setup([sys.argv[0], str(folder), *options], TARGETS[target], custom_mutator=mutate)
    atheris.Fuzz()


def main() -> int:
    """Fuzz targets, each in a process of its own, and print how many inputs were tried."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("targets", nargs="*", help="what to fuzz; all if none is named")
    options.add_argument("--seconds", type=int, default=60, help="how long to fuzz each")
    options.add_argument("--replay", type=Path, help="try one input again")
    asked = options.parse_args()
    if asked.replay:
        TARGETS[asked.targets[0]](asked.replay.read_bytes())
        return 0
    crashed = 0
    for target in asked.targets or TARGETS:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-c", _CHILD, target, str(asked.seconds), folder]
            done = subprocess.run(command, stderr=subprocess.PIPE, text=True, errors="replace", check=False)
        runs = re.findall(r"^#([0-9]+)", done.stderr, re.MULTILINE)
        coverage = re.findall(r"cov: ([0-9]+)", done.stderr)
        print(f"{target}: {runs[-1] if runs else 0} inputs, coverage {coverage[-1] if coverage else 0}, ", end="")
        print("no crash" if done.returncode == 0 else f"CRASH, status {done.returncode}", flush=True)
        if done.returncode:
            crashed += 1
            print(done.stderr[-6000:], file=sys.stderr)
    return 1 if crashed else 0


_CHILD = """
import sys
import atheris
with atheris.instrument_imports(include=["envoy"], enable_loader_override=False):
    from tests import fuzz_targets
from pathlib import Path
fuzz_targets.fuzz(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
"""
"""Imports the modules of ``envoy`` with counters in their branches."""


if __name__ == "__main__":
    sys.exit(main())
