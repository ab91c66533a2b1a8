"""Documents on stores that fsspec knows, tried with those that need no network: files by URL and archives."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from envoy.inputs import Source, sources
from envoy.remote import RemoteError, file_name, find, is_url, open_url

pytest.importorskip("fsspec")


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
        documents = [document for source in sources([url]) for document in source.documents(None)]
        assert [(document.source, document.data) for document in documents] == [
            (f"zip://2.xml::{archive.as_uri()}", b"<two/>"),
            (f"zip://x/1.xml::{archive.as_uri()}", b"<one/>"),
        ]


def test_no_more_is_read_than_tells_that_it_is_too_large(folder: Path) -> None:
    with (folder / "huge.xml").open("wb") as file:
        file.truncate(1 << 40)
    with open_url((folder / "huge.xml").as_uri()) as opened:
        assert opened.read(3) == bytes(3)
    (document,) = Source((folder / "huge.xml").as_uri()).documents(1000)
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
    (source,) = sources([url])
    (document,) = source.documents(None)
    assert (document.source, document.data) == (url, None)
    assert reason in document.problem


def test_a_folder_without_documents_is_told(folder: Path) -> None:
    with pytest.raises(RemoteError, match=r"no file in this folder matches \*\.json or \*\.y"):
        list(find(folder.as_uri(), ("*.json", "*.y")))
    assert list(sources([folder.as_uri()], include=["*.json"])) == [
        Source(folder.as_uri(), "no file in this folder matches *.json")
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
