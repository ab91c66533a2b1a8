"""Threads that have to end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.fleets import until


@contextmanager
def ended_threads(name: str) -> Iterator[None]:
    """Wait at the end for the threads that were begun meanwhile with such a name; others are of other tests."""
    before = {*threading.enumerate()}
    yield
    until(lambda: not [each for each in {*threading.enumerate()} - before if each.name.startswith(name)])
