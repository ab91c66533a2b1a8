"""Input as it comes: archives, HAR captures and .http files, honest ones and such as are made to harm."""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
import pickle
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from envoy.inputs import Exchange, Input, Source, archives, documents, sources
from envoy.judging import Judge
from envoy.profiles import PROFILES
from envoy.reports import Verdict

SEP = 'xmlns="urn:ieee:std:2030.5:ns"'
GOOD = f"<EndDevice {SEP}><sFDI>167261211391</sFDI><changedTime>0</changedTime></EndDevice>"
SWAPPED = f"<EndDevice {SEP}>\n  <changedTime>0</changedTime><sFDI>167261211391</sFDI></EndDevice>"
POINT = '<ConnectionPoint xmlns="{}"><connectionPointId>1</connectionPointId></ConnectionPoint>'
SEP_XML = "application/sep+xml"


def capability(watts: int, href: str = "") -> str:
    return (
        f"<DERCapability {SEP}{f' href={href!r}' if href else ''}><modesSupported>00000001</modesSupported>"
        f"<rtgMaxW><multiplier>0</multiplier><value>{watts}</value></rtgMaxW><type>4</type></DERCapability>"
    )


def settings(watts: int, href: str = "") -> str:
    return (
        f"<DERSettings {SEP}{f' href={href!r}' if href else ''}>\n<setGradW>0</setGradW>\n"
        f"<setMaxW><multiplier>0</multiplier><value>{watts}</value></setMaxW><updatedTime>0</updatedTime></DERSettings>"
    )


def read(path: Path, *include: str, max_size: int | None = 1_000_000) -> list[Input]:
    return list(documents([str(path)], include=include or ("*.xml",), max_size=max_size))


def judged(path: Path, profile: str | None = None, **options: Any) -> list[Verdict]:
    judge = Judge(profile=PROFILES[profile] if profile else None, max_size=1_000_000, **options)
    return list(judge.verdicts(read(path)))


def codes(verdicts: list[Verdict]) -> list[str]:
    return [finding.code for verdict in verdicts for finding in verdict.findings]


# Archives


def zipped(
    path: Path, members: dict[str, str | bytes], change: Callable[[zipfile.ZipInfo], None] | None = None
) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if change:
                change(info)
            archive.writestr(info, content)
    return path


def tarred(path: Path, members: dict[str, str], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content.encode()))
    return path


@pytest.mark.parametrize(
    ("name", "mode"),
    [("p.zip", ""), ("p.tar", "w"), ("p.tar.gz", "w:gz"), ("p.tgz", "w:gz"), ("p.tar.bz2", "w:bz2"), ("p.txz", "w:xz"),
     ("payloads", ""), ("payloads", "w"), ("payloads", "w:gz"), ("wrong.zip", "w:gz"), ("wrong.tar", "")],
)  # fmt: skip
def test_an_archive_is_known_by_its_start_and_its_members_are_documents(tmp_path: Path, name: str, mode: str) -> None:
    members = {"./dcap/1.xml": GOOD, "2.xml": SWAPPED, "notes.txt": "no document"}
    path = tarred(tmp_path / name, members, mode) if mode else zipped(tmp_path / name, {**members})
    first, second = judged(path, "ieee-2018")
    assert (first.source, first.findings) == (f"{path}!dcap/1.xml", ())
    (finding,) = second.findings
    assert str(finding).startswith(f"{path}!2.xml:2:3: EndDevice/changedTime: ")


def test_patterns_choose_members_as_they_choose_files(tmp_path: Path) -> None:
    path = zipped(tmp_path / "p.zip", {"dcap/1.xml": GOOD, "2.xml": GOOD, "x.json": "{}"})
    assert [item.source for item in read(path, "dcap/*.xml")] == [f"{path}!dcap/1.xml"]
    assert len(read(path, "*")) == 3
    (nothing,) = read(path, "*.yaml")
    assert nothing.problem == "no file in this archive matches *.yaml"


def test_an_archive_in_a_folder_is_read_if_a_pattern_means_it(tmp_path: Path) -> None:
    zipped(tmp_path / "p.zip", {"dcap/1.xml": GOOD, "2.xml": GOOD})
    (tmp_path / "3.xml").write_text(GOOD)

    def found(*include: str) -> list[str]:
        return [item.source.removeprefix(f"{tmp_path}/") for item in read(tmp_path, *include)]

    assert found("*.xml") == ["3.xml"]
    # A pattern for the archive says nothing about its members; they are chosen by the others.
    assert found("*.zip") == ["p.zip!dcap/1.xml", "p.zip!2.xml"]
    assert found("*.zip", "dcap/*") == ["p.zip!dcap/1.xml"]
    assert found("*") == ["3.xml", "p.zip!dcap/1.xml", "p.zip!2.xml"]


def test_a_source_goes_to_another_process_with_its_patterns(tmp_path: Path) -> None:
    path = zipped(tmp_path / "p.zip", {"1.xml": GOOD, "2.txt": GOOD})
    (source,) = sources([str(path)], include=["*.txt"])
    (item,) = pickle.loads(pickle.dumps(source)).documents(None)  # noqa: S301 - our own
    assert item.source.endswith("!2.txt")
    assert pickle.loads(pickle.dumps(item)) == item  # noqa: S301


def test_names_of_members_are_shown_and_never_used(tmp_path: Path) -> None:
    path = zipped(tmp_path / "p.zip", {"../../etc/cron.d/\x1b[31m\n\u202eevil.xml": SWAPPED, "/etc/passwd.xml": GOOD})
    first, second = judged(path, "ieee-2018")
    assert str(first.findings[0]).startswith(f"{path}!../../etc/cron.d/\\x1b[31m\\n\\u202eevil.xml:2:3: ")
    assert second.valid


def test_a_long_name_is_cut(tmp_path: Path) -> None:
    (item,) = read(zipped(tmp_path / "p.zip", {"a" * 5000 + ".xml": GOOD}))
    assert len(item.source) < len(str(tmp_path)) + 250 and item.source.endswith("a.xml")


def link(info: zipfile.ZipInfo) -> None:
    info.external_attr = 0o120777 << 16


def bzipped(info: zipfile.ZipInfo) -> None:
    info.compress_type = zipfile.ZIP_BZIP2


@pytest.mark.parametrize(("change", "problem"), [(link, "it is a link"), (bzipped, "it is compressed by method 12")])
def test_a_member_that_is_not_read_is_told(
    tmp_path: Path, change: Callable[[zipfile.ZipInfo], None], problem: str
) -> None:
    (item,) = read(zipped(tmp_path / "p.zip", {"a.xml": "/etc/passwd"}, change))
    assert item.data is None and problem in item.problem


def test_an_encrypted_member_is_told_and_the_next_one_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "p.zip", {"secret.xml": GOOD, "open.xml": GOOD})
    octets = bytearray(path.read_bytes())
    octets[octets.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(octets)
    secret, readable = judged(path, "ieee-2018")
    assert (secret.read, codes([secret]), readable.valid) == (False, ["unreadable"], True)
    assert "encrypted" in secret.findings[0].message


def test_links_and_sparse_files_of_a_tar_are_told(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "p.tar", "w") as archive:
        for name, kind in (
            ("link.xml", tarfile.SYMTYPE),
            ("hard.xml", tarfile.LNKTYPE),
            ("pipe.xml", tarfile.FIFOTYPE),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        sparse = tarfile.TarInfo("sparse.xml")
        sparse.size, sparse.pax_headers = 4, {"GNU.sparse.map": "0,1,9,1", "GNU.sparse.size": "99999999999"}
        archive.addfile(sparse, io.BytesIO(b"<a/>"))
    assert ["a link or a device" in item.problem for item in read(tmp_path / "p.tar")] == [True] * 4


def test_an_archive_in_an_archive_is_told_and_not_opened(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", {"1.xml": GOOD}).read_bytes()
    outer = zipped(tmp_path / "outer.zip", {"inner.zip": inner, "b": gzip.compress(b"x"), "1.xml": GOOD})
    first, second, third = read(outer, "*")
    assert "an archive in an archive" in first.problem and "an archive in an archive" in second.problem
    assert third.data == GOOD.encode()


def damaged_zip(path: Path) -> None:
    """Damage the data of the first member and leave the directory as it is."""
    octets = bytearray(zipped(path, {"1.xml": SWAPPED * 50, "2.xml": GOOD}).read_bytes())
    octets[60] ^= 0xFF
    path.write_bytes(octets)


def test_a_damaged_member_of_a_zip_is_told_and_the_next_one_read(tmp_path: Path) -> None:
    damaged_zip(tmp_path / "p.zip")
    first, second = judged(tmp_path / "p.zip", "ieee-2018")
    assert (first.source[-5:], codes([first]), second.valid) == ("1.xml", ["damaged"], True)


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.95])
def test_a_tar_that_breaks_off_is_told(tmp_path: Path, mode: str, part: float) -> None:
    path = tarred(tmp_path / "p.tar", {f"{n}.xml": GOOD + " " * 3000 + os.urandom(2000).hex() for n in range(3)}, mode)
    # A tar archive has 10 KiB of zeros at its end, without which it is whole.
    content = path.read_bytes().rstrip(b"\0") if mode == "w" else path.read_bytes()
    path.write_bytes(content[: int(len(content) * part)])
    assert codes(judged(path))[-1] == "damaged"


def test_a_header_that_is_damaged_is_not_the_end(tmp_path: Path) -> None:
    path = tarred(tmp_path / "p.tar", {"1.xml": GOOD, "2.xml": GOOD})
    octets = bytearray(path.read_bytes())
    octets[1024 + 10] ^= 1
    path.write_bytes(octets)
    verdicts = judged(path, "ieee-2018")
    assert [verdict.read for verdict in verdicts] == [True, False]
    assert "bad checksum" in verdicts[1].findings[0].message


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"PK\x05\x06" + b"\0" * 18, b"\x1f\x8b", b"junk", b"\0" * 2000]
)
@pytest.mark.parametrize("name", ["p.zip", "p.tar", "p.tgz"])
def test_what_is_no_archive_is_told(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    (verdict,) = judged(tmp_path / name)
    assert not verdict.read and codes([verdict])[0] in ("damaged", "unreadable")


def test_a_document_that_is_packed_and_in_no_archive_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.xml.gz").write_bytes(gzip.compress(GOOD.encode()))
    (verdict,) = judged(tmp_path / "a.xml.gz")
    assert codes([verdict]) == ["damaged"] and "unpack it first" in verdict.findings[0].message


# Archives that are made to harm


def measured(*arguments: str, cwd: Path) -> tuple[str, int]:
    """Return what ``envoy validate`` says, and the KiB of memory that it took."""
    run = (
        "import resource, subprocess, sys; done = subprocess.run(sys.argv[1:]); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)"
    )
    command = [sys.executable, "-c", run, sys.executable, "-m", "envoy", "validate", *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout, int(done.stderr)


def test_bombs_have_a_finding_each_and_memory_stays_bounded(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.xml", b" " * 300_000_000)
    # A header of a tar archive that says that a name of 300 MB follows.
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 300_000_000
    with gzip.open(tmp_path / "name.tgz", "wb", compresslevel=1) as file:
        file.write(header.tobuf(tarfile.GNU_FORMAT))
        for _ in range(300):
            file.write(b"a" * 1_000_000)
    # A string of JSON of 300 MB.
    with (tmp_path / "string.har").open("wb") as har:
        har.write(b'{"log": {"entries": [{"request": {"method": "')
        for _ in range(300):
            har.write(b"a" * 1_000_000)
    with (tmp_path / "body.http").open("wb") as http:
        http.write(b"POST http://h/\nContent-Type: application/sep+xml\n\n<a>")
        for _ in range(300):
            http.write(b"a" * 1_000_000)
    text, memory = measured(".", "--include", "*", cwd=tmp_path)
    lines = {line.partition(":")[0]: line for line in text.splitlines()}
    assert lines["bomb.zip!bomb.xml"].endswith("[too-large]") and "--max-size" in lines["bomb.zip!bomb.xml"]
    assert lines["name.tgz"].endswith("[too-large]") and "larger than any name" in lines["name.tgz"]
    assert lines["string.har"].endswith("[too-large]")
    assert lines["body.http"].endswith("[too-large]")
    assert memory < 150_000, "KiB at the peak"


def test_a_xz_archive_may_not_ask_for_more_memory_than_is_given(tmp_path: Path) -> None:
    import lzma

    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 30}]
    (tmp_path / "p.txz").write_bytes(lzma.compress(b"x" * 10_000, lzma.FORMAT_XZ, filters=filters))
    (item,) = read(tmp_path / "p.txz")
    assert item.code == "damaged" and "emory" in item.problem


def test_no_more_is_unpacked_than_is_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_UNPACKED", 50_000)
    members = {f"{number}.xml": GOOD + " " * 10_000 for number in range(10)}
    for path in (zipped(tmp_path / "p.zip", {**members}), tarred(tmp_path / "p.tgz", members, "w:gz")):
        *some, last = read(path)
        assert 3 <= len(some) < 6 and all(item.data for item in some)
        assert (last.source, last.code) == (str(path), "too-large") and "more than 50000 octets" in last.problem


def test_no_more_members_are_looked_at_than_is_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_MEMBERS", 3)
    members = {f"{number}.xml": GOOD for number in range(5)}
    for path in (zipped(tmp_path / "p.zip", {**members}), tarred(tmp_path / "p.tar", members)):
        *some, last = read(path)
        assert (len(some), last.code) == (3, "too-large") and "more than 3 members" in last.problem


def test_a_zip_directory_of_any_size_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_DIRECTORY", 70_000)
    path = zipped(tmp_path / "p.zip", {f"{'x' * 200}{number}.xml": b"" for number in range(400)})
    (item,) = read(path)
    assert item.code == "too-large" and "directory" in item.problem


# HAR captures


def entry(method: str, url: str, **bodies: Any) -> dict[str, Any]:
    """An entry of a capture: ``request`` and ``response`` are texts, or what stands in place of them."""
    kind = bodies.get("kind", SEP_XML)
    found: dict[str, Any] = {
        "request": {"method": method, "url": url},
        "response": {"status": bodies.get("status", 200), "content": {"size": 0, "mimeType": ""}},
    }
    if (text := bodies.get("request")) is not None:
        found["request"]["postData"] = text if isinstance(text, dict) else {"mimeType": kind, "text": text}
    if (text := bodies.get("response")) is not None:
        found["response"]["content"] = text if isinstance(text, dict) else {"mimeType": kind, "text": text}
    return found


def captured(path: Path, *entries: dict[str, Any], indent: int | None = 1) -> Path:
    har = {"log": {"version": "1.2", "creator": {"name": "test", "version": "1"}, "entries": entries}}
    path.write_text(json.dumps(har, indent=indent))
    return path


def test_each_message_of_a_capture_is_judged_and_named(tmp_path: Path) -> None:
    path = captured(
        tmp_path / "c.har",
        entry(
            "GET", "https://h/logo", response={"mimeType": "image/png", "text": "iVBORw0KGgo=", "encoding": "base64"}
        ),
        entry("POST", "https://user:secret@h:8443/edev?token=secret", request=SWAPPED, response=""),
        entry("GET", "https://h/edev/1", response=GOOD),
    )
    posted, got = judged(path, "ieee-2018")
    (finding,) = posted.findings
    assert posted.name == f"{path}#entries[1]/request POST https://h:8443/edev"
    assert got.name == f"{path}#entries[2]/response GET https://h/edev/1"
    assert (finding.source, finding.part) == (str(path), "entries[1]/request POST https://h:8443/edev")
    # The line is that of the text in the capture.
    assert '"text": "<EndDevice' in path.read_text().splitlines()[finding.line - 1]
    assert str(finding).startswith(f"{path}:{finding.line}: entries[1]/request POST https://h:8443/edev: EndDevice/")
    assert "secret" not in str(finding)


def test_bodies_may_be_in_base64(tmp_path: Path) -> None:
    text = "\n".join([base64.b64encode(GOOD.encode()).decode()[:40], base64.b64encode(GOOD.encode()).decode()[40:]])
    content = {"mimeType": SEP_XML, "text": text, "encoding": "base64"}
    path = captured(tmp_path / "c.har", entry("GET", "/a", response=content))
    assert [verdict.valid for verdict in judged(path)] == [True]
    path = captured(tmp_path / "c.har", entry("GET", "/a", response={**content, "text": "%%%"}))
    assert codes(judged(path)) == ["damaged"]


@pytest.mark.parametrize(
    ("kind", "body", "is_message"),
    [
        (SEP_XML, GOOD, True),
        ("Application/SEP+XML; level=+S1", "<html>", True),
        ("application/sep-exi", "$EXI", True),
        ("text/xml", GOOD, True),
        ("text/xml", f"<!-- a --><EndDevice {SEP}>", True),
        ("application/xml;charset=utf-8", POINT.format("https://csipaus.org/ns"), True),
        ("application/xml", "<EndDevice><lFDI>0x1</lFDI></EndDevice>", True),
        ("", GOOD, True),
        ("text/xml", "<svg xmlns='http://www.w3.org/2000/svg'/>", False),
        ("text/xml", "<rss/>", False),
        ("text/xml", "no XML", False),
        ("text/html", GOOD, False),
        ("application/json", "{}", False),
    ],
)
def test_a_message_is_known_by_its_media_type_or_its_namespace(
    tmp_path: Path, kind: str, body: str, is_message: bool
) -> None:
    (item,) = read(captured(tmp_path / "c.har", entry("GET", "/a", response=body, kind=kind)))
    assert (item.data is not None) is is_message


def test_the_content_type_of_a_body_decides_its_profile(tmp_path: Path) -> None:
    path = captured(
        tmp_path / "c.har",
        entry("GET", "/a", response=POINT.format("https://csipaus.org/ns/v1.3"), kind=f"{SEP_XML}; csipaus=1.3"),
        entry("GET", "/a", response=GOOD, kind=f'{SEP_XML};csipaus="1.3"'),
        entry("GET", "/a", response=POINT.format("https://csipaus.org/ns")),
        entry("GET", "/a", response=GOOD),
        entry("GET", "/a", response=POINT.format("https://csipaus.org/ns"), kind=f"{SEP_XML}; csipaus=1.3"),
    )
    verdicts = judged(path)
    assert [verdict.profile for verdict in verdicts] == [
        "csip-aus-1.3", "csip-aus-1.3", "csip-aus-1.2", "ieee-2018", "csip-aus-1.3",
    ]  # fmt: skip
    assert codes(verdicts) == ["other-profile"]
    assert all(verdict.recognised for verdict in verdicts)


@pytest.mark.parametrize(
    ("kind", "profile", "warned"),
    [
        (SEP_XML, "ieee-2018", False),
        ("text/xml", "ieee-2018", True),
        (f"{SEP_XML}; csipaus=1.3", "csip-aus-1.3", False),
        (SEP_XML, "csip-aus-1.3", True),
        (f"{SEP_XML}; csipaus=1.3", "csip-aus-1.2", True),
        (f"{SEP_XML}; csipaus=1.2", "csip-aus-1.2", False),
        (f"{SEP_XML}; level=-S1", "csip-aus-1.2", False),
    ],
)
def test_a_content_type_of_another_profile_is_warned_of(tmp_path: Path, kind: str, profile: str, warned: bool) -> None:
    path = captured(tmp_path / "c.har", entry("GET", "/a", response=GOOD, kind=kind))
    (verdict,) = judged(path, profile)
    assert codes([verdict]) == ["content-type"] * warned
    assert verdict.valid
    assert codes(judged(path, profile, rules=False)) == []
    assert judged(path, profile, strict=True)[0].valid is not warned


def test_a_body_that_the_capture_does_not_have_is_told(tmp_path: Path) -> None:
    content = {"mimeType": SEP_XML, "size": 512}
    path = captured(
        tmp_path / "c.har", entry("GET", "/a", response=content), entry("HEAD", "/a", response={**content, "size": 0})
    )
    (item,) = read(path)
    assert item.problem == "the capture does not have the 512 octets of this body"


@pytest.mark.parametrize("indent", [None, 1])
def test_a_capture_that_breaks_off_is_read_as_far_as_it_goes(tmp_path: Path, indent: int | None) -> None:
    path = captured(tmp_path / "c.har", *[entry("GET", f"/{n}", response=GOOD) for n in range(3)], indent=indent)
    text = path.read_text()
    path.write_text(text[: text.rindex("text")])
    *some, last = judged(path, "ieee-2018")
    assert [verdict.valid for verdict in some] == [True, True]
    assert codes([last]) == ["damaged"] and "ends too early" in str(last.findings[0])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not-xml"),
        (b"<a/>", "not-xml"),
        (b"{", "not-xml"),
        (b"[]", "not-xml"),
        (b'{"log": 1}', "not-xml"),
        (b'{"log": {"entries": {}}}', "unreadable"),
        (b'{"log": {"entries": []}}', "unreadable"),
        (b'\xef\xbb\xbf{"log": {"entries": [1, null, [], {"request": 1}]}}', "unreadable"),
        (b'{"log": {"entries": [{}]}} x', "damaged"),
        (b'{"log": {"entries": [' + b"[" * 100_000, "damaged"),
        (b'{"log": {"entries": [' + b"9" * 10_000 + b"]}}", "damaged"),
        (b'{"log": {"entries": [1e999999999999999999999999]}}', "damaged"),
        (b'{"log": {"entries": ["\xff"]}}', "damaged"),
    ],
)  # fmt: skip
def test_what_is_no_capture_is_told(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "c.har").write_bytes(content)
    (verdict,) = judged(tmp_path / "c.har")
    assert (codes([verdict]), verdict.read) == ([code], False)


def test_a_capture_in_another_encoding_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "c.har").write_bytes('{"log": {}}'.encode("utf-16"))
    (verdict,) = judged(tmp_path / "c.har")
    assert verdict.findings[0].reason == "cannot be read: it is no JSON: lexical error: invalid char in json text"


# .http files


def http(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


def test_lines_are_those_of_the_http_file(tmp_path: Path) -> None:
    path = http(
        tmp_path / "calls.http",
        "# a comment",
        "### register",
        "# @name register",
        "POST https://h/edev HTTP/1.1",
        "Content-Type: application/sep+xml",
        "",
        "",
        SWAPPED,
        "",
        "> {%",
        "  client.test()",
        "%}",
        "",
        "HTTP/1.1 400 Bad Request",
        "content-type: application/sep+xml",
        "",
        f"<Error {SEP}>",
        "  <reasonCode>x</reasonCode></Error>",
        "###",
        "GET https://h/edev",
        "Accept: application/sep+xml",
        "###",
        "https://h/dcap",
    )
    (asked, answered) = judged(path, "ieee-2018")
    assert (asked.part, answered.part) == ("request 1 POST https://h/edev", "response 1 POST https://h/edev")
    assert [finding.place for finding in (*asked.findings, *answered.findings)] == [f"{path}:9:3", f"{path}:19:3"]


def test_a_saved_response_is_judged(tmp_path: Path) -> None:
    path = http(tmp_path / "r.http", "HTTP/1.1 200 OK", "Content-Type: application/sep+xml", "", SWAPPED)
    (verdict,) = judged(path, "ieee-2018")
    assert (verdict.part, verdict.findings[0].line) == ("response 1", 5)


def test_variables_of_the_file_are_filled_in_and_others_told(tmp_path: Path) -> None:
    device = GOOD.replace("167261211391", "{{ sfdi }}")
    head = ("POST {{host}}/edev", "Content-Type: {{kind}}", "")
    path = http(
        tmp_path / "v.rest", "@host = https://h", "@kind = application/sep+xml", "@sfdi=167261211391", *head, device,
        "###", *head, GOOD.replace("0", "{{$timestamp}}"),
    )  # fmt: skip
    first, second = judged(path, "ieee-2018")
    assert (first.part, first.findings) == ("request 1 POST https://h/edev", ())
    assert "the variable {{$timestamp}} has no value in this file" in second.findings[0].message
    assert second.findings[0].place == f"{path}:12"


def test_variables_do_not_make_a_body_larger_than_is_allowed(tmp_path: Path) -> None:
    path = http(
        tmp_path / "v.http", "@a = " + "x" * 5000, "@b = " + "{{a}}" * 1000, "POST http://h/",
        "Content-Type: application/sep+xml", "", "<a>" + "{{b}}" * 5000 + "</a>",
    )  # fmt: skip
    (item,) = read(path, max_size=100_000)
    assert item.data is not None and len(item.data) == 100_001


def test_a_body_in_another_file_is_told(tmp_path: Path) -> None:
    path = http(tmp_path / "a.http", "POST http://h/", "Content-Type: application/sep+xml", "", "< ./body.xml")
    (item,) = read(path)
    assert item.problem == "the body is in the file ./body.xml, which has to be named itself"
    path = http(tmp_path / "a.http", "POST http://h/", "Content-Type: application/json", "", "< ./body.json")
    assert "no body in this file is a message" in read(path)[0].problem


def test_a_file_without_a_message_is_told(tmp_path: Path) -> None:
    for content in ("", "GET http://h/\n", "###\n" * 5, "\0\xff\n", "POST http://h/\n\n{}\n"):
        (tmp_path / "a.http").write_text(content)
        (item,) = read(tmp_path / "a.http")
        assert "no body in this file is a message" in item.problem


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ([":method: PUT", ":path: /edev/1", "content-type: application/sep+xml"], "request 1"),
        (["put https://h/edev/1 HTTP/2", "content-type: application/sep+xml"], "request 1 PUT https://h/edev/1"),
        (["PUT\thttps://h/edev/1", "Content-Type:\tapplication/sep+xml"], "request 1 PUT https://h/edev/1"),
        (["what is this?", "Content-Type: application/sep+xml"], "request 1"),
    ],
)
def test_the_body_of_a_request_that_is_written_in_another_way_is_judged_too(
    tmp_path: Path, head: list[str], name: str
) -> None:
    path = http(tmp_path / "a.http", *head, "", SWAPPED, "###", "PUT http://h/", "", GOOD)
    first, second = judged(path, "ieee-2018")
    assert (first.part, first.valid) == (name, False)
    assert (second.part, second.valid) == ("request 2 PUT http://h/", True)


def test_a_body_in_chunks_is_told(tmp_path: Path) -> None:
    head = ("POST http://h/ HTTP/1.1", "Transfer-Encoding: chunked", "Content-Type: application/sep+xml", "")
    (item,) = read(http(tmp_path / "a.http", *head, f"{len(GOOD):x}; a=b", GOOD, "0", ""))
    assert item.data is None and "in chunks" in item.problem and item.line == 5
    (item,) = read(http(tmp_path / "a.http", *head, GOOD))
    assert item.data == GOOD.encode()


def test_what_a_long_body_ends_with_is_a_part_of_it(tmp_path: Path) -> None:
    head = ("POST http://h/", "Content-Type: application/sep+xml", "")
    (item,) = read(http(tmp_path / "a.http", *head, GOOD + " " * 5000), max_size=1000)
    assert item.data == GOOD.encode()
    (item,) = read(http(tmp_path / "a.http", *head, GOOD + " " * 5000 + "junk"), max_size=1000)
    assert item.data is not None and len(item.data) == 1001


def test_a_long_line_is_one_line(tmp_path: Path) -> None:
    body = f"<EndDevice {SEP}>{' ' * 65_000}\n###</EndDevice>".replace("\n", "")
    path = http(tmp_path / "a.http", "POST http://h/", "Content-Type: application/sep+xml", "", body)
    (item,) = read(path)
    assert item.data == body.encode()


# Standard input


def piped(content: bytes, tmp_path: Path, *options: str) -> str:
    command = [sys.executable, "-m", "envoy", "validate", "-", "--profile", "ieee-2018", *options]
    return subprocess.run(command, cwd=tmp_path, input=content, capture_output=True, check=False).stdout.decode()


def test_standard_input_may_be_an_archive_or_a_capture(tmp_path: Path) -> None:
    assert piped(zipped(tmp_path / "p", {"1.xml": SWAPPED}).read_bytes(), tmp_path).startswith("<stdin>!1.xml:2:3: ")
    tgz = tarred(tmp_path / "p", {"1.xml": SWAPPED}, "w:gz").read_bytes()
    assert piped(tgz, tmp_path).startswith("<stdin>!1.xml:2:3: ")
    har = captured(tmp_path / "p", entry("POST", "/edev", request=SWAPPED), indent=None).read_bytes()
    assert piped(har, tmp_path).startswith("<stdin>:1: entries[0]/request POST /edev: ")
    assert "it is JSON, but no HAR capture" in piped(b'{"a": 1}', tmp_path)


def test_an_archive_may_come_from_a_named_pipe(tmp_path: Path) -> None:
    content = zipped(tmp_path / "p.zip", {"1.xml": SWAPPED}).read_bytes()
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen([sys.executable, "-c", f"open({str(tmp_path / 'pipe')!r}, 'wb').write({content!r})"]):
        (item,) = read(tmp_path / "pipe")
    assert (item.source, item.data) == (f"{tmp_path / 'pipe'}!1.xml", SWAPPED.encode())


def test_a_standard_input_that_is_closed_is_told(tmp_path: Path) -> None:
    command = f"{sys.executable} -m envoy validate - <&-"
    done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True)  # noqa: S602
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.startswith("<stdin>: cannot be read: it is closed")


# Settings and ratings


def test_a_setting_above_the_rating_of_the_same_der_is_warned_of(tmp_path: Path) -> None:
    path = captured(
        tmp_path / "c.har",
        entry("PUT", "https://h/edev/2/der/1/dercap", request=capability(5000)),
        entry("PUT", "https://h/edev/2/der/1/derg", request=settings(6000)),
        entry("PUT", "https://h/edev/2/der/2/derg", request=settings(6000)),
        entry("PUT", "https://other/edev/2/der/1/derg", request=settings(6000)),
        entry("PUT", "https://h/edev/2/der/1/derg", request=settings(5000)),
    )
    verdicts = judged(path)
    assert [codes([verdict]) for verdict in verdicts] == [[], ["setting-above-rating"], [], [], []]
    (finding,) = verdicts[1].findings
    assert (finding.path, finding.severity) == ("DERSettings/setMaxW", "warning")
    assert finding.reason == (
        "setMaxW is 6000, more than rtgMaxW, 5000 in entries[0]/request PUT https://h/edev/2/der/1/dercap"
    )


def test_a_rating_below_the_setting_is_warned_of_too(tmp_path: Path) -> None:
    path = captured(
        tmp_path / "c.har",
        entry("GET", "/der/1/derg?x=1", response=settings(6000)),
        entry("GET", "/der/1/dercap/", response=capability(5000)),
    )
    (finding,) = judged(path)[1].findings
    assert (finding.path, finding.reason[:41]) == ("DERCapability/rtgMaxW", "rtgMaxW is 5000, less than setMaxW, 6000 ")


def test_what_a_server_refused_says_nothing_about_the_der(tmp_path: Path) -> None:
    path = captured(
        tmp_path / "c.har",
        entry("PUT", "/der/1/dercap", request=capability(5000), status=403),
        entry("PUT", "/der/1/derg", request=settings(6000)),
    )
    assert codes(judged(path)) == []


def test_members_of_an_archive_are_related_by_their_hrefs_and_plain_files_are_not(tmp_path: Path) -> None:
    members = {"1.xml": capability(5000, "/der/1/dercap"), "2.xml": settings(6000, "/der/1/derg")}
    (finding,) = judged(zipped(tmp_path / "p.zip", {**members}))[1].findings
    assert (finding.code, finding.line) == ("setting-above-rating", 3)
    (tmp_path / "files").mkdir()
    for name, content in members.items():
        (tmp_path / "files" / name).write_text(content)
    assert codes(judged(tmp_path / "files")) == []


def test_settings_in_an_http_file_have_their_own_lines(tmp_path: Path) -> None:
    head = "Content-Type: application/sep+xml"
    path = http(
        tmp_path / "a.http", "PUT {{host}}/der/1/dercap", head, "", capability(5000), "###",
        "PUT {{host}}/der/1/derg", head, "", settings(6000),
    )  # fmt: skip
    (finding,) = judged(path)[1].findings
    assert (finding.code, finding.line, finding.column) == ("setting-above-rating", 11, 1)


def test_captures_do_not_know_of_each_other(tmp_path: Path) -> None:
    captured(tmp_path / "a.har", entry("PUT", "/der/1/dercap", request=capability(5000)))
    captured(tmp_path / "b.har", entry("PUT", "/der/1/derg", request=settings(6000)))
    judge = Judge(profile=None, max_size=None)
    found = documents([str(tmp_path)], include=["*.har"], max_size=None)
    assert codes(list(judge.verdicts(found))) == []


def test_an_exchange_is_shown_without_what_may_be_secret() -> None:
    assert str(Exchange("GET", "https://u:p@h:1/a?token=x#y")) == "GET https://h:1/a"
    assert str(Exchange("GET", "/a?token=x")) == "GET /a"
    assert str(Exchange("GET", "http://[")) == "GET"
    assert str(Exchange()) == ""


def test_a_source_with_a_nul_in_its_name_is_told() -> None:
    (item,) = Source("a\0.xml").documents(None)
    assert item.data is None and item.source == "a\0.xml"
