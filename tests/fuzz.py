"""Throw broken input of every kind at ``envoy validate``, in this process: ``python -m tests.fuzz --inputs 100000``.

Whatever the input, there is a verdict on it, each report of the verdict is whole, and nothing is raised. What breaks
this is written to a file, and the status is 1.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import random
import sys
import tarfile
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

from envoy._text import printable
from envoy.checker.checker import Checker
from envoy.checker.exchange_rules import ALL_RULES
from envoy.checker.file_fixes import FixPolicy
from envoy.checker.sources import Document, FileSource
from envoy.cli.validate.options import FORMATS
from envoy.namespaces import EXTENSION_NAMESPACES, SEP_NAMESPACE
from envoy.profiles import PROFILES
from envoy.registration.dry_run import example_site
from envoy.registration.site import Site
from envoy.validation.findings import FINDING_CODES
from envoy.xsd.components import components_of
from envoy.xsd.schemas import schema_path
from tests.support.making_inputs import write_report
from tests.support.registrations import dry_requests

MAX_SIZE = 200_000
"""Octets of the largest document, small enough that some of the input is larger."""

CODES = {*FINDING_CODES, *(rule.code for rule in ALL_RULES)}

_ROOTS = sorted(tag.rpartition("}")[2] for tag in components_of(schema_path(PROFILES["csip-aus-1.3"])).roots)
_NAMES = [
    *_ROOTS, "sFDI", "lFDI", "changedTime", "mRID", "rtgMaxW", "setMaxW", "value", "multiplier", "interval", "start",
    "duration", "modesSupported", "doeModesSupported", "type", "a", "é", "x:y", "",
]  # fmt: skip
_NAMESPACES = [SEP_NAMESPACE, *sorted(EXTENSION_NAMESPACES), "http://ieee.org/2030.5", "urn:x", ""]
_VALUES = [
    "0", "-1", "1e9", "0x1F", "FF", "abc", "99999999999999999999", "&amp;", "&x;", "]]>", "é", "\x01", "<", "  ",
    "\u202e",
]  # fmt: skip
_TOKENS = [
    # XML and its encodings
    b"<", b">", b"</", b"/>", b"<a>", b"<!DOCTYPE a>", b"<!ENTITY x SYSTEM 'file:///etc/passwd'>", b"&x;", b"&#0;",
    b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?xml version='1.0' encoding='utf-16'?>", b"<?x", b"\0", b"\xff\xfe",
    b"\xef\xbb\xbf", b"\xed\xa0\x80", b"xsi:type='a:b'", b"xmlns:a='urn:a'", b"xmlns=''", b" " * 3000, b"\n" * 300,
    # JSON
    b'"', b"\\u0000", b"\\ud800", b"{", b"}", b"[", b"]", b",", b"1e999999999", b"9" * 5000, b'"text":', b"[" * 300,
    # .http files
    b"\n###\n", b"{{a}}", b"@a = {{a}}\n", b"HTTP/1.1 200 OK\n", b"< ./x\n", b"> {%\n", b"\r\n\r\n",
    # archives
    b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"\x1f\x8b\x08\0", b"ustar", b"\0" * 512,
]  # fmt: skip


_DEVICE = b"<EndDevice><sFDI>167261211391</sFDI><changedTime>0</changedTime></EndDevice>"
_ONE_FAULT = (
    b"<EndDeviceList xmlns='%s' all='1501' results='1501'>" % SEP_NAMESPACE.encode()
    + _DEVICE * 1500 + b"<EndDevice><sFDI>x</sFDI><changedTime>0</changedTime></EndDevice></EndDeviceList>"
)  # fmt: skip
"""A large document, whose verdict must not depend on what was validated before."""


class Maker:
    """Makes inputs of every kind from a seed; the same seed makes the same."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - nothing secret
        self._valid = [
            request.content
            for profile in PROFILES.values()
            for request in dry_requests(Site.load(example_site(profile), profile=profile), profile)
            if request.content
        ]
        self.kinds: dict[str, Callable[[], bytes]] = {
            "valid.xml": lambda: self._random.choice(self._valid),
            "document.xml": lambda: self.mutate(self._document()),
            "structured.xml": self._structured,
            "deep.xml": self._deep,
            "large.xml": self._large,
            "encoded.xml": self._encoded,
            "random": lambda: self._random.randbytes(self._random.randrange(600)),
            "random.xml": lambda: self._random.randbytes(self._random.randrange(600)),
            "capture.har": lambda: self.mutate(self._capture()),
            "structured.har": self._capture,
            "random.har": lambda: self.mutate(b"{}"),
            "calls.http": lambda: self.mutate(self._calls()),
            "archive.zip": lambda: self.mutate(self._zip()),
            "members.zip": self._zip,
            "archive.tar": lambda: self.mutate(self._tar("w")),
            "members.tar": lambda: self._tar("w"),
            "archive.tgz": lambda: self.mutate(self._tar("w:gz")),
            "members.txz": lambda: self.mutate(self._tar("w:xz")),
            "members.tar.bz2": lambda: self.mutate(self._tar("w:bz2")),
        }

    def input(self) -> tuple[str, bytes]:
        """Return the name and the content of a file."""
        kind = self._random.choice(list(self.kinds))
        return kind, self.kinds[kind]()

    def _document(self) -> bytes:
        return self._random.choice([self._random.choice(self._valid)] * 3 + [self._structured()])

    def mutate(self, data: bytes) -> bytes:
        """Return some octets with a few changes."""
        octets = bytearray(data)
        for _ in range(self._random.choice([0, 1, 1, 1, 2, 3, 10])):
            at = self._random.randrange(len(octets) + 1)
            end = min(len(octets), at + self._random.choice([1, 2, 10, 100]))
            match self._random.randrange(9):
                case 0:
                    octets[at:at] = self._random.choice(_TOKENS)
                case 1:
                    octets[at:end] = self._random.randbytes(end - at)
                case 2:
                    del octets[at:end]
                case 3:
                    octets[at:at] = octets[at:end] * self._random.choice([1, 2, 50])
                case 4 if at < len(octets):
                    octets[at] ^= 1 << self._random.randrange(8)
                case 5 | 6:
                    # A message is written with an element on a line: another order, one of them twice or missing.
                    lines = bytes(octets).split(b"\n")
                    lines.insert(self._random.randrange(len(lines) + 1), self._random.choice(lines))
                    del lines[self._random.randrange(len(lines))]
                    octets = bytearray(b"\n".join(lines))
                case 7:
                    for place in [at for at, octet in enumerate(octets) if 48 <= octet <= 57][-40:]:
                        octets[place] = self._random.choice([octets[place], 48 + self._random.randrange(10)])
                case _:
                    del octets[at:]
        return bytes(octets)

    def _structured(self) -> bytes:
        root = ElementTree.Element(self._random.choice(_ROOTS))
        root.set("xmlns", self._random.choice(_NAMESPACES))
        elements = [root]
        for _ in range(self._random.choice([0, 3, 10, 40])):
            parent = self._random.choice([elements[-1], self._random.choice(elements)])
            child = ElementTree.SubElement(parent, self._random.choice(_NAMES))
            child.text = self._random.choice(_VALUES)
            if self._random.random() < 0.2:
                child.set("xmlns", self._random.choice(_NAMESPACES))
            if self._random.random() < 0.2:
                child.set(
                    self._random.choice(["href", "all", "results", "xsi:type", "é"]), self._random.choice(_VALUES)
                )
            elements.append(child)
        if self._random.random() < 0.5:
            # What ElementTree writes is well-formed but for the names above; that is what makes it reach the schema.
            for element in elements:
                element.tag = str(element.tag).replace("x:y", "b").replace("é", "c") or "d"
                element.attrib = {name.replace("xsi:", ""): value for name, value in element.attrib.items()}
                element.text = (element.text or "").replace("\x01", "")
        return ElementTree.tostring(root, encoding="utf-8")

    def _deep(self) -> bytes:
        depth = self._random.choice([10, 200, 257, 5000, 30_000])
        name = self._random.choice([b"a", b"DERControlList", b"EndDevice"])
        start = b"<%s xmlns='%s'>" % (name, SEP_NAMESPACE.encode()) + (b"<%s>" % name) * depth
        return start + self._random.choice([b"", b"1", (b"</%s>" % name) * (depth + 1)])

    def _large(self) -> bytes:
        item = self.mutate(
            self._random.choice([b"<EndDevice/>", _DEVICE, b"<a/>", b"<EndDevice><lFDI>0</lFDI></EndDevice>"])
        )
        head = b"<EndDeviceList xmlns='%s' all='9' results='9'>" % SEP_NAMESPACE.encode()
        good = _DEVICE * self._random.choice([0, 1, 1500])
        items = item * (self._random.choice([1, 120_000, 150_000]) // (len(item) + 1))
        whole = head + good + items + b"</EndDeviceList>"
        return self._random.choice([whole, whole, self.mutate(whole)])

    def _encoded(self) -> bytes:
        text = self._document().decode(errors="replace")
        encoding = self._random.choice(["utf-16", "utf-16-le", "utf-32", "latin-1", "utf-7", "cp037", "shift-jis"])
        head = self._random.choice(["", f"<?xml version='1.0' encoding='{encoding}'?>", "\ufeff"])
        return self.mutate((head + text).encode(encoding, errors="replace"))

    def _capture(self) -> bytes:
        entries = []
        for _ in range(self._random.choice([0, 1, 1, 3])):
            body = self._random.choice([self._document, lambda: self.mutate(self._document())])()
            encoded = self._random.random() < 0.4
            text = base64.b64encode(body).decode() if encoded else body.decode(errors="surrogateescape")
            content = {"mimeType": self._content_type(), "text": text, "encoding": "base64" if encoded else "none"}
            url = self._random.choice(["https://h/edev/1/der/1/dercap", "/a", "http://[", "https://u:p@h/\x1b?x", ""])
            request = {"method": self._random.choice(["PUT", "\n", ""]), "url": url, "postData": content}
            response = {"status": self._random.choice([200, 404, -1, 1e99, "x"]), "content": {**content, "size": 10}}
            entries.append({"request": request, "response": response})
        return json.dumps({"log": {"entries": entries}}, indent=self._random.choice([None, 1])).encode()

    def _content_type(self) -> str:
        return self._random.choice(
            [
                "application/sep+xml",
                "application/sep+xml; csipaus=1.3",
                "text/xml",
                "application/sep-exi",
                "",
                ";=;",
                "é",
            ]
        )

    def _calls(self) -> bytes:
        lines = [b"@a = 1", b"@host = {{a}}"]
        for _ in range(self._random.choice([1, 1, 3])):
            lines += [b"### a", b"PUT https://{{host}}/edev/1/der/1/derg HTTP/1.1"]
            lines += [b"Content-Type: " + self._content_type().encode(), b"", self._document(), b""]
            lines += self._random.choice([[], [b"> {%", b"%}"], [b"HTTP/1.1 200 OK", b"", self._document()], [b"<> x"]])
        return self._random.choice([b"\n", b"\r\n"]).join(lines)

    def _members(self) -> list[tuple[str, bytes]]:
        members = []
        for _ in range(self._random.choice([0, 1, 1, 4])):
            name = self._random.choice(
                [
                    "a.xml",
                    "./b.xml",
                    "../../c.xml",
                    "/etc/d.xml",
                    "e\x1b[31m\n.xml",
                    "f.har",
                    "g.http",
                    "h.zip",
                    "é.xml",
                    ".xml",
                ]
            )
            content = {"har": self._capture, "htt": self._calls}.get(name[-4:].strip(".")[:3], self._document)()
            members.append((name, self.mutate(content)))
        return members

    def _zip(self) -> bytes:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for name, content in self._members():
                info = zipfile.ZipInfo(name)
                info.compress_type = self._random.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
                info.external_attr = self._random.choice([0, 0o100644, 0o120777, 0o010644]) << 16
                if info.filename not in archive.namelist():
                    archive.writestr(info, content)
        data = bytearray(file.getvalue())
        if self._random.random() < 0.1 and (at := data.find(b"PK\x01\x02")) >= 0:
            data[at + 8] |= 1  # encrypted, it says
        return bytes(data)

    def _tar(self, mode: str) -> bytes:
        file = io.BytesIO()
        form = self._random.choice([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
        with tarfile.open(fileobj=file, mode=mode, format=form) as archive:  # type: ignore[call-overload]
            for name, content in self._members():
                info = tarfile.TarInfo(name * self._random.choice([1, 1, 50]))
                info.type = self._random.choice(
                    [tarfile.REGTYPE, tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE]
                )
                info.size = len(content) if info.isreg() else 0
                info.linkname = "a.xml"
                if form == tarfile.PAX_FORMAT and self._random.random() < 0.3:
                    key = self._random.choice(["GNU.sparse.major", "GNU.sparse.map", "size", "path", "comment"])
                    info.pax_headers = {key: self._random.choice(["1", "-5", "9" * 30, "0,1,2", "x\n"])}
                archive.addfile(info, io.BytesIO(content))
        return file.getvalue()


_MOST_FIXED = 50_000
"""Octets of the largest document that is fixed as well."""


class Tally:
    """What became of the inputs."""

    def __init__(self) -> None:
        self.inputs = self.documents = self.valid = 0
        self.slowest = (0.0, "")
        self.codes: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self._alone = {
            name: next(
                Checker(profile=PROFILES.get(name or ""), max_size=MAX_SIZE).check_documents([Document("", _ONE_FAULT)])
            )
            for name in (None, *PROFILES)
        }

    def judge(self, name: str, content: bytes, profile: str | None, folder: Path) -> None:
        """Validate an input and report on it in each form.

        Raises:
            AssertionError: There is no verdict on it, or one that cannot be reported.
        """
        path = folder / name
        path.write_bytes(content)
        checker = Checker(profile=PROFILES[profile] if profile else None, max_size=MAX_SIZE)
        begun = time.perf_counter()
        verdicts = list(
            checker.check_documents(FileSource(str(path), include=("*.xml", "*.har", "*.http", "*.zip")).read(MAX_SIZE))
        )
        self.slowest = max(self.slowest, (time.perf_counter() - begun, name))
        assert verdicts, "there is no verdict"
        if name == "large.xml":
            (after,) = checker.check_documents([Document("", _ONE_FAULT)])
            assert after == self._alone[profile], "it depends on what was judged before"
        if name.endswith(".xml") and len(content) <= _MOST_FIXED:
            fixer = replace(checker, excerpts=True, policy=FixPolicy(unsafe=True))
            list(fixer.check_source(FileSource(str(path))))
            fixed = path.read_bytes()
            assert list(fixer.check_source(FileSource(str(path)))), "there is no verdict on what was fixed"
            assert path.read_bytes() == fixed, "it is fixed again"
        self.inputs += 1
        self.kinds[name] += 1
        for form in FORMATS:
            report = write_report(form, verdicts)
            if form in ("json", "sarif", "gitlab"):
                json.loads(report)
            elif form == "junit":
                ElementTree.fromstring(report)  # noqa: S314 - our own
        for verdict in verdicts:
            self.documents += 1
            self.valid += verdict.valid
            for finding in verdict.findings:
                assert finding.code in CODES, finding
                assert printable(str(finding)) == str(finding), finding
                self.codes[finding.code] += 1

    def __str__(self) -> str:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self.kinds.items()))
        codes = ", ".join(f"{count} {code}" for code, count in self.codes.most_common())
        seconds, name = self.slowest
        return (
            f"{self.inputs} inputs tried: {kinds}\n"
            f"{self.documents} documents in them, {self.valid} valid; the slowest input took {seconds:.2f} s ({name})\n"
            f"findings: {codes}"
        )


def main() -> int:
    """Try inputs and say what became of them."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--inputs", type=int, default=10_000, help="how many to try")
    options.add_argument("--seed", type=int, default=1, help="where to start; the same seed makes the same inputs")
    asked = options.parse_args()
    tally = Tally()
    failures = 0
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        maker = Maker(asked.seed)
        profiles = [None, *PROFILES]
        for number in range(asked.inputs):
            name, content = maker.input()
            try:
                tally.judge(name, content, profiles[number % len(profiles)], Path(folder))
            except Exception:
                failures += 1
                kept = Path(f"fuzz-{asked.seed}-{number}-{name}")
                kept.write_bytes(content)
                print(f"{kept}, profile {profiles[number % len(profiles)] or 'auto'}:", file=sys.stderr)
                traceback.print_exc()
                if failures == 10:
                    break
    print(f"{tally}\n{failures} failures, {time.monotonic() - begun:.0f} s, seed {asked.seed}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
