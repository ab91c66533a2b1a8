"""``envoy docs``: the documentation of this version, served on loopback."""

from __future__ import annotations

import contextlib
import mimetypes
import tarfile
import webbrowser
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote, urlsplit

import typer

import envoy
from envoy._version import SITE_URL
from envoy.errors import EnvoyError, OperationError

_HEADERS = {
    "Cache-Control": "no-cache",
    # Whatever a page contains, a browser asks nobody else for anything.
    "Content-Security-Policy": "default-src 'self' 'unsafe-inline' data: blob:",
    "X-Content-Type-Options": "nosniff",
}


def docs(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to serve on. Default: a free one.")] = 0,
    open_: Annotated[bool, typer.Option("--open", help="Open it in a browser.")] = False,
) -> None:
    """Serve the documentation of this version on this machine.

    It is in the package, with its search, and needs no network. No other machine can reach it. Ctrl-C ends it.

    Exit status: 0 it was ended; 1 the port cannot be used; 2 this installation has no documentation.
    """
    files = load_site(Path(envoy.__file__).parent)
    with DocumentationServer(files, port) as server, contextlib.suppress(KeyboardInterrupt):
        typer.echo(f"Documentation at {server.url}")
        if SITE_URL:
            typer.echo(f"Published at {SITE_URL}")
        if open_:
            webbrowser.open(server.url)
        server.serve_forever()


def load_site(package: Path) -> dict[str, bytes]:
    """Return the files of the site by their names, with slashes: those in the package, or those built beside it.

    Raises:
        EnvoyError: There are none.
    """
    archive, built = package / "site.tar.xz", package.parent / "build" / "docs" / "site"
    if archive.exists():
        try:
            with tarfile.open(archive) as tar:
                members = ((member.name, tar.extractfile(member)) for member in tar)
                return {name: content.read() for name, content in members if content is not None}
        except (tarfile.TarError, EOFError) as error:
            remedy = "Reinstall envoy-client, for a Python that has the module lzma."
            raise EnvoyError("the documentation cannot be read", where=str(archive), remedy=remedy) from error
    if built.is_dir():
        return {file.relative_to(built).as_posix(): file.read_bytes() for file in built.rglob("*") if file.is_file()}
    if (package.parent / "mkdocs.yml").exists():
        raise EnvoyError("the documentation is not built", remedy="In a checkout of the repository: nox -s docs")
    raise EnvoyError(
        "this installation has no documentation",
        remedy="It was installed with --config-settings docs=no; install it without that.",
    )


class DocumentationServer(ThreadingHTTPServer):
    """Serves files from memory, to this machine alone.

    Args:
        files: What there is, by name. Nothing else can be asked for, however its path is written.
        port: Port to serve on; 0 for a free one.

    Raises:
        OperationError: The port is in use, or not for everybody.
    """

    def __init__(self, files: dict[str, bytes], port: int = 0) -> None:
        self.files = files
        try:
            super().__init__(("127.0.0.1", port), _Handler)
        except OSError as error:
            remedy = "Name another one with --port, or leave it out."
            raise OperationError(f"port {port} cannot be used: {error.strerror}", remedy=remedy) from error

    @property
    def url(self) -> str:
        """Where the first page is."""
        return f"http://127.0.0.1:{self.server_port}/"


class _Handler(BaseHTTPRequestHandler):
    server: DocumentationServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Send a file, or the page that says that there is none."""
        files = self.server.files
        path = unquote(urlsplit(self.path).path)
        name = path.removeprefix("/")
        if name in files:
            self._send(HTTPStatus.OK, files[name], mimetypes.guess_type(name)[0] or "application/octet-stream")
        elif (index := f"{name}index.html") in files:
            self._send(HTTPStatus.OK, files[index], "text/html")
        elif f"{name}/index.html" in files:
            self._send(HTTPStatus.MOVED_PERMANENTLY, b"", "text/html", location=f"{urlsplit(self.path).path}/")
        else:
            self._send(HTTPStatus.NOT_FOUND, files.get("404.html", b"not found"), "text/html")

    do_HEAD = do_GET  # noqa: N815  # as the base class has it

    def _send(self, status: HTTPStatus, body: bytes, content_type: str, location: str = "") -> None:
        is_text = content_type.startswith("text/") or content_type == "application/json"
        self.send_response(status)
        self.send_header("Content-Type", f"{content_type}; charset=utf-8" if is_text else content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (*_HEADERS.items(), *([("Location", location)] if location else [])):
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # as the base class has it
        """Print nothing."""
