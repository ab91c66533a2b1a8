"""Archives: honest ones, damaged ones, and such as are made to harm."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from envoy.checker.sources import archives, find_sources
from tests.support.making_inputs import (
    GOOD,
    SWAPPED,
    codes,
    judged,
    read,
    tarred,
    zipped,
)

# Archives


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
    (source,) = find_sources([str(path)], include=["*.txt"])
    (item,) = pickle.loads(pickle.dumps(source)).read(None)  # noqa: S301 - our own
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


@pytest.mark.unmeasured
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
    assert lines["bomb.zip!bomb.xml"].endswith("[too-large]") and "max-size" in lines["bomb.zip!bomb.xml"]
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
