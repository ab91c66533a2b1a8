"""Finder and reader of files on any store that fsspec knows: ``s3://bucket/folder``, ``https://host/file``, ``zip://*::file.zip``.

Needs the extra ``dask``, and the package that fsspec asks for by the protocol, such as s3fs.
"""

from __future__ import annotations

import contextlib
import importlib
import re
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from envoy.checker.sources.patterns import matches
from envoy.errors import EnvoyError, RemoteError

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(::[A-Za-z][A-Za-z0-9+.-]+)*://")
"""A URL or chain of them; a drive letter of Windows is neither."""

_MAGIC = re.compile(r"[*?\[]")


def is_url(name: str) -> bool:
    """Return whether a name is for fsspec to resolve."""
    return _URL.match(name) is not None


def file_name(name: str) -> str:
    """Return what the end of a name says of the file: of a chain of URLs that is the first with a path."""
    if not is_url(name):
        return name
    own = next(link for link in name.split("::") if "://" in link)
    return own.partition("?")[0] if own.startswith(("http://", "https://")) else own


def find(
    url: str, patterns: tuple[str, ...], note_other: Callable[[str], None] = lambda path: None
) -> Iterator[tuple[str, str]]:
    """Yield the URLs of the files that a URL stands for: those of a pattern or folder in a fixed order, or itself.

    With each comes its path below the folder, empty if it was not found in one.

    Args:
        url: File, folder, or pattern with ``*``, ``**``, ``?`` and ``[ ]``.
        patterns: Which files of a folder, for the name or for the path below the folder.
        note_other: Called with the path of each other file of a folder.

    Raises:
        RemoteError: The store cannot be searched, or nothing is found.
    """
    with _translate_errors(url):
        system, path = _fsspec().core.url_to_fs(url)
        if _MAGIC.search(path):
            all_of_it = sorted(system.glob(path, detail=True).items())
            found = [(name, "") for name, info in all_of_it if info["type"] == "file"]
            if not found:
                raise RemoteError("no file matches this pattern", where=url)
        elif _may_be_folder(path) and system.isdir(path):
            root = path.rstrip("/")
            below = [(name, name[len(root) :].lstrip("/")) for name in sorted(system.find(path))]
            found = [(name, place) for name, place in below if matches(place, patterns)]
            for _, place in below:
                if not matches(place, patterns):
                    note_other(place)
            if not found:
                raise RemoteError(f"no file in this folder matches {' or '.join(patterns)}", where=url)
        else:
            yield url, ""
            return
    head, *chain = re.split("(::)", url, maxsplit=1)
    for name, place in found:
        yield _url_of(name, head, path.rstrip("/"), system) + "".join(chain), place


@contextlib.contextmanager
def open_url(url: str) -> Iterator[BinaryIO]:
    """Open a file to read it, from its start or from any place.

    Raises:
        RemoteError: It cannot be opened, or not read on.
    """
    with _translate_errors(url), _fsspec().open(url, "rb") as file:
        yield file


def _may_be_folder(path: str) -> bool:
    """Whether to ask if it is a folder. Of the web, fsspec would read all of a document, however large, to find out."""
    return path.endswith("/") or not path.startswith(("http://", "https://"))


def _url_of(name: str, url: str, path: str, system: Any) -> str:
    """Return the URL of a file that a path has led to, with the host, user and so on of the path's own URL."""
    trimmed = url.rstrip("/") if path else url
    return f"{trimmed.removesuffix(path)}{name}" if trimmed.endswith(path) else str(system.unstrip_protocol(name))


def _fsspec() -> Any:
    try:
        importlib.import_module("fsspec.core")
        return importlib.import_module("fsspec")
    except ImportError:
        remedy = "pip install 'envoy-client[dask]' brings it."
        raise RemoteError("fsspec is not installed, which reads URLs", remedy=remedy) from None


@contextlib.contextmanager
def _translate_errors(url: str) -> Iterator[None]:
    """Make a RemoteError of what goes wrong in a store. Each store has exceptions of its own, some without a base."""
    try:
        yield
    except EnvoyError:
        raise
    except Exception as error:
        # For each error of a web server fsspec raises FileNotFoundError, with the true one as its cause.
        while isinstance(error, FileNotFoundError) and isinstance(error.__cause__, Exception):
            error = error.__cause__
        if isinstance(error, FileNotFoundError):
            raise RemoteError("No such file or directory", where=url) from None
        what = " ".join(str(getattr(error, "strerror", None) or error).split())
        if not isinstance(error, (OSError, ImportError, ValueError)) or not what:
            # Some have their meaning in the name alone: TooManyRedirects.
            what = f"{type(error).__name__}: {what}".removesuffix(": ")
        raise RemoteError(what, where=url) from None
