"""``envoy docs``: it serves what is in the package to this machine, and nothing else."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from envoy.cli import docs as command
from envoy.cli.docs import DocumentationServer, load_site
from envoy.errors import EnvoyError
from tests.conftest import ROOT
from tests.support.commands import envoy

FILES = {
    "index.html": b"<p>home",
    "404.html": b"<p>none",
    "how-to/index.html": b"<p>how",
    "assets/a b.css": b"p {}",
    "search/search_index.json": b"{}",
}


@pytest.fixture(scope="module")
def server() -> Iterator[DocumentationServer]:
    with DocumentationServer(FILES) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def ask(server: DocumentationServer, path: str, method: str = "GET") -> tuple[int, bytes, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port)
    connection.putrequest(method, path, skip_accept_encoding=True)
    connection.endheaders()
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, body, dict(response.getheaders())


@pytest.mark.parametrize(
    ("path", "status", "body", "content_type"),
    [
        ("/", 200, b"<p>home", "text/html; charset=utf-8"),
        ("/how-to/", 200, b"<p>how", "text/html; charset=utf-8"),
        ("/how-to/?q=1", 200, b"<p>how", "text/html; charset=utf-8"),
        ("/assets/a%20b.css", 200, b"p {}", "text/css; charset=utf-8"),
        ("/search/search_index.json", 200, b"{}", "application/json; charset=utf-8"),
        ("/how-to", 301, b"", "text/html; charset=utf-8"),
        ("/none", 404, b"<p>none", "text/html; charset=utf-8"),
        ("/../../../etc/passwd", 404, b"<p>none", "text/html; charset=utf-8"),
        ("/%2e%2e/%2e%2e/pyproject.toml", 404, b"<p>none", "text/html; charset=utf-8"),
        ("//etc/passwd", 404, b"<p>none", "text/html; charset=utf-8"),
        ("//how-to", 301, b"", "text/html; charset=utf-8"),
    ],
)
def test_what_is_there_is_sent_and_nothing_else(
    server: DocumentationServer, path: str, status: int, body: bytes, content_type: str
) -> None:
    got, octets, headers = ask(server, path)
    assert (got, octets, headers["Content-Type"]) == (status, body, content_type)
    assert headers.get("Location") == ("/how-to/" if status == 301 else None)
    assert headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert ask(server, path, "HEAD")[:2] == (status, b"")


def test_no_other_machine_can_reach_it(server: DocumentationServer) -> None:
    assert server.server_address[0] == "127.0.0.1"
    assert server.url == f"http://127.0.0.1:{server.server_port}/"


def test_the_archive_in_the_package_is_what_was_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    from generator.site_archive import archive

    built, package = tmp_path / "build" / "docs" / "site", tmp_path / "envoy"
    package.mkdir()
    for name, octets in FILES.items():
        (built / name).parent.mkdir(parents=True, exist_ok=True)
        (built / name).write_bytes(octets)
    assert load_site(package) == FILES

    archive(built, package / "site.tar.xz")
    (built / "index.html").write_bytes(b"later")

    assert load_site(package) == FILES
    again = (package / "site.tar.xz").read_bytes()
    (built / "index.html").write_bytes(FILES["index.html"])
    archive(built, package / "site.tar.xz")
    assert (package / "site.tar.xz").read_bytes() == again

    (package / "site.tar.xz").write_bytes(again[:100])
    with pytest.raises(EnvoyError) as caught:
        load_site(package)
    assert caught.value.where == str(package / "site.tar.xz")


def test_where_there_is_none_the_remedy_is_that_of_the_place(tmp_path: Path) -> None:
    with pytest.raises(EnvoyError) as caught:
        load_site(tmp_path / "envoy")
    assert "docs=no" in caught.value.remedy
    (tmp_path / "mkdocs.yml").touch()
    with pytest.raises(EnvoyError) as caught:
        load_site(tmp_path / "envoy")
    assert "nox -s docs" in caught.value.remedy


@pytest.mark.parametrize("site", ["", "https://docs.example/"])
def test_the_address_is_printed_and_ctrl_c_ends_it(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def interrupt(_: DocumentationServer) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "load_site", lambda _: FILES)
    monkeypatch.setattr(command, "SITE_URL", site)
    monkeypatch.setattr(command.webbrowser, "open", opened.append)
    monkeypatch.setattr(DocumentationServer, "serve_forever", interrupt)
    done = envoy("docs", "--open")
    assert (done.returncode, done.stderr) == (0, "")
    first, *rest = done.stdout.splitlines()
    assert [first] == [f"Documentation at {url}" for url in opened]
    assert rest == ([f"Published at {site}"] if site else [])


def test_a_port_that_is_in_use_is_named(server: DocumentationServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "load_site", lambda _: FILES)
    done = envoy("docs", "--port", str(server.server_port))
    assert (done.returncode, done.stdout) == (1, "")
    assert f"port {server.server_port} " in done.stderr and "--port" in done.stderr
