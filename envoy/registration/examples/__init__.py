"""The requests of a registration as a document to read or to run; one module for each format.

``present`` makes the document, in one of ``FORMATS``.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from envoy.errors import EnvoyError
from envoy.registration.examples.sequence import Sequence as Sequence

FORMATS = {
    "text": "requests as they go over the wire",
    "http": "a .http file, which REST clients of editors load and send",
    "curl": "a script for bash and curl that runs",
    "markdown": "a page for a wiki or a repository",
    "html": "one page with the sequence drawn",
}
"""The formats, and what each is."""

_SUFFIXES = {".txt": "text", ".http": "http", ".rest": "http", ".sh": "curl", ".md": "markdown", ".html": "html"}


def present(sequence: Sequence, name: str = "text") -> str:
    """Return a document of one of ``FORMATS``.

    Args:
        sequence: The requests, and what they are about.
        name: Name of the format.

    Raises:
        EnvoyError: There is no such format.
    """
    if name not in FORMATS:
        raise EnvoyError(f"unknown format {name!r}", remedy=f"Formats are {', '.join(FORMATS)}.")
    render: Callable[[Sequence], str] = import_module(f"envoy.registration.examples.{name}").render
    return render(sequence)


def format_of(suffix: str) -> str:
    """Return the format that goes with the suffix of a file's name, text if none does."""
    return _SUFFIXES.get(suffix.lower(), "text")
