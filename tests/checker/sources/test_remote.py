"""Documents on stores that fsspec knows, tried with those that need no network: files by URL and archives."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from envoy.checker.sources import INCLUDE, FileSource, find_sources
from envoy.checker.sources.remote import RemoteError, file_name, find, is_url, open_url
from tests.support.scripted import Handler, Scripted, serving

pytest.importorskip("fsspec")

GOOD = "<Time/>"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.xml", "b/c.xml", "b/d.txt", "e.xml/f.xml"):
        file = tmp_path / "documents" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"<{name[0]}/>")
    return tmp_path / "documents"


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("s3://bucket/a.xml", True),
        ("file:///a.xml", True),
        ("zip://*::file:///a.zip", True),
        ("simplecache::s3://bucket/a.xml", True),
        ("abfss+x.y-z://a", True),
        ("a.xml", False),
        ("C:\\documents\\a.xml", False),
        ("C:/documents//a.xml", False),
        ("a/b://c", False),
        ("-", False),
        ("", False),
    ],
)
def test_urls_are_told_from_paths(name: str, answer: bool) -> None:
    assert is_url(name) is answer


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("a::b/c.zip", "a::b/c.zip"),
        ("zip://2.xml::file:///all.zip", "zip://2.xml"),
        ("simplecache::s3://bucket/traffic.har", "s3://bucket/traffic.har"),
        ("https://host/a.har?token=.zip", "https://host/a.har"),
        ("s3://bucket/a?.zip", "s3://bucket/a?.zip"),
    ],
)
def test_a_name_in_a_chain_is_that_of_the_file(name: str, own: str) -> None:
    assert file_name(name) == own


def test_folders_and_patterns_are_searched_in_a_fixed_order(folder: Path) -> None:
    url = folder.as_uri()
    below = ["a.xml", "b/c.xml", "e.xml/f.xml"]
    assert list(find(url, ("*.xml",))) == [(f"{url}/{place}", place) for place in below]
    assert list(find(f"{url}/", ("b/*", "*.json"))) == [(f"{url}/b/c.xml", "b/c.xml"), (f"{url}/b/d.txt", "b/d.txt")]
    assert list(find(f"{url}/**/*.txt", ("*.xml",))) == [(f"{url}/b/d.txt", "")]
    assert list(find(f"{url}/*.xml", ())) == [(f"{url}/a.xml", "")]
    assert list(find(f"{url}/b/d.txt", ("*.xml",))) == [(f"{url}/b/d.txt", "")]


def test_what_is_found_can_be_read_with_all_of_its_chain(folder: Path) -> None:
    archive = folder / "all.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("x/1.xml", "<one/>")
        file.writestr("2.xml", "<two/>")
    for url in (f"zip://::{archive.as_uri()}", f"zip://**/*.xml::{archive.as_uri()}"):
        documents = [document for source in find_sources([url]) for document in source.read(None)]
        assert [(document.source, document.data) for document in documents] == [
            (f"zip://2.xml::{archive.as_uri()}", b"<two/>"),
            (f"zip://x/1.xml::{archive.as_uri()}", b"<one/>"),
        ]


def test_no_more_is_read_than_tells_that_it_is_too_large(folder: Path) -> None:
    with (folder / "huge.xml").open("wb") as file:
        file.truncate(1 << 40)
    with open_url((folder / "huge.xml").as_uri()) as opened:
        assert opened.read(3) == bytes(3)
    (document,) = FileSource((folder / "huge.xml").as_uri()).read(1000)
    assert document.data is not None and len(document.data) == 1001


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("none://a", "Protocol not known"),
        ("file:///none/a.xml", "No such file or directory"),
        ("zip://a.xml::file:///none.zip", "No such file or directory"),
        ("file:///none/*.xml", "no file matches this pattern"),
    ],
)
def test_what_is_wrong_is_an_input_with_a_problem(url: str, reason: str) -> None:
    (source,) = find_sources([url])
    (document,) = source.read(None)
    assert (document.source, document.data) == (url, None)
    assert reason in document.problem


def respond(handler: Handler) -> None:
    """Respond as servers do that are broken, or mean harm."""
    name = handler.path.rpartition("/")[2]
    status = {"500.xml": 500, "away.xml": 302, "round.xml": 302}.get(name, 200)
    body = GOOD.encode() if name.endswith(".xml") else packed(GOOD)
    handler.send_response(status)
    if status == 302:
        handler.send_header("Location", "file:///etc/passwd" if name == "away.xml" else "round.xml")
    if name in ("unsaid.zip", "endless.xml"):
        handler.send_header("Transfer-Encoding", "chunked")
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    else:
        handler.send_header("Content-Length", str(len(body) + (name == "short.xml")))
    handler.send_header("Connection", "close")
    handler.end_headers()
    with contextlib.suppress(OSError):
        while name == "endless.xml" and handler.command == "GET":
            handler.wfile.write(b"10000\r\n" + b" " * 65_536 + b"\r\n")
    if handler.command == "GET" and name != "endless.xml":
        handler.wfile.write(body)


def packed(content: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.xml", content)
    return file.getvalue()


@pytest.fixture
def web() -> Iterator[Scripted]:
    pytest.importorskip("aiohttp")
    with serving() as serve:
        yield serve(respond)


def test_a_document_of_the_web_is_read_once(web: Scripted) -> None:
    (source,) = find_sources([f"{web.url}/a.xml"])
    (document,) = source.read(1000)
    assert document.data == GOOD.encode()
    assert web.requests.count("GET /a.xml") == 1


def test_no_more_is_read_of_an_endless_document_than_is_allowed(web: Scripted) -> None:
    (source,) = find_sources([f"{web.url}/endless.xml"])
    (document,) = source.read(100_000)
    assert document.data is not None and len(document.data) == 100_001


def test_an_archive_whose_length_the_web_does_not_tell_is_read(web: Scripted) -> None:
    for name in ("a.zip", "unsaid.zip"):
        (source,) = find_sources([f"{web.url}/{name}"])
        assert [document.data for document in source.read(1000)] == [GOOD.encode()]


@pytest.mark.parametrize(
    ("name", "reason"),
    [("500.xml", "500"), ("away.xml", "Redirect"), ("round.xml", "TooManyRedirects"), ("short.xml", "Payload")],
)
def test_what_a_web_server_does_instead_is_told(web: Scripted, name: str, reason: str) -> None:
    (source,) = find_sources([f"{web.url}/{name}"])
    (document,) = source.read(1000)
    assert document.data is None and reason in document.problem


def test_a_folder_without_documents_is_told(folder: Path) -> None:
    with pytest.raises(RemoteError, match=r"no file in this folder matches \*\.json or \*\.y"):
        list(find(folder.as_uri(), ("*.json", "*.y")))
    assert list(find_sources([folder.as_uri()], include=["*.json"])) == [
        FileSource(folder.as_uri(), "no file in this folder matches *.json")
    ]


def test_files_of_a_store_that_were_not_taken_are_counted(folder: Path) -> None:
    (folder / "b" / "d.HAR").touch()
    skipped: dict[str, int] = {}
    for include in (INCLUDE, ("*.xml", "*.zip")):
        list(find_sources([f"file://{folder}"], include=include, skipped=skipped))
    assert skipped[".har"] == 1
    assert [source.name for source in find_sources([f"file://{folder}"], exclude=["b"])] == [
        source.name for source in find_sources([f"file://{folder}"]) if "/b/" not in source.name
    ]


def test_without_fsspec_a_url_says_what_to_install(folder: Path) -> None:
    code = "import sys; sys.modules['fsspec'] = None; from envoy.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code, "validate", "s3://bucket/a.xml"], capture_output=True)
    assert (done.returncode, done.stderr) == (2, b"")
    assert b"cannot be read: fsspec is not installed, which reads URLs. pip install 'envoy-client[dask]'" in done.stdout


def test_the_command_takes_urls(folder: Path) -> None:
    command = [sys.executable, "-m", "envoy", "validate", "a.xml", "file://" + str(folder), "--include", "c.xml"]
    done = subprocess.run(command, cwd=folder, capture_output=True)
    assert (done.returncode, done.stderr) == (1, b"")
    first, second, summary = done.stdout.decode().splitlines()
    assert first.startswith("a.xml:1:1: a: ") and second.startswith(f"{folder.as_uri()}/b/c.xml:1:1: b: ")
    assert summary == "0 valid, 2 not valid (csip-aus-1.2)"
