"""Cost of documents of many shapes as they grow: seconds of the processor, and memory."""

from __future__ import annotations

import contextlib
import multiprocessing
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection

from bench.shapes import SHAPES
from envoy.documents import loads
from envoy.errors import EnvoyError
from envoy.profiles import DEFAULT_PROFILE, get_profile
from envoy.protocol.flow import Request, Response
from envoy.protocol.session import Session
from envoy.utility.settings import Settings
from envoy.utility.utility import Utility
from envoy.validation.validate import validate
from sep2 import EndDeviceList

SIZES = 500_000, 2_000_000
"""Octets of the two documents of a shape; the larger is nearly as large as is read."""

_SMALL = 2_000
"""Octets of a document that is read first, for what is compiled and remembered on first use."""

_CLIENT = bytes(20)
"""LFDI of the client of the utility."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a document costs: seconds of the processor, and octets of memory at most."""

    seconds: float
    memory: int


def _loads(data: bytes) -> None:
    loads(data, on_error=lambda _: None, on_unknown=lambda _: None)


def _serve(data: bytes) -> None:
    headers = {"accept": "*/*", "content-type": get_profile(DEFAULT_PROFILE).content_type}
    utility = Utility(settings=Settings(max_body=max(SIZES) * 2))
    try:
        utility.respond("POST", "/edev", client=_CLIENT, headers=headers, content=data)
    finally:
        utility.close()


def _get(data: bytes) -> None:
    session = Session(get_profile(DEFAULT_PROFILE))
    session.read(Request("", "GET", "/edev"), Response(200, {}, data), EndDeviceList)


OPERATIONS: dict[str, Callable[[bytes], object]] = {
    "loads": _loads,
    "validate": lambda data: validate(data, rules=True),
    "client": _get,
    "server": _serve,
}
"""What reads documents."""


def measure() -> Iterator[tuple[str, dict[str, tuple[Cost, Cost]]]]:
    """Yield the cost of each operation on the two documents of each shape."""
    for name, shape in SHAPES.items():
        documents = [shape(octets) for octets in SIZES]
        costs = {}
        for operation, call in OPERATIONS.items():
            small, large = (_measure(call, shape(_SMALL), document) for document in documents)
            costs[operation] = (small, large)
        yield name, costs


def _measure(call: Callable[[bytes], object], first: bytes, document: bytes) -> Cost:
    """Return the cost of a call, in a process that nothing else has made larger."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(call, first, document, sender))
    process.start()
    seconds, memory = receiver.recv()
    process.join()
    return Cost(seconds, memory)


def _run(call: Callable[[bytes], object], first: bytes, document: bytes, sender: Connection) -> None:
    _call(call, first)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    _call(call, document)
    seconds = time.process_time() - started
    sender.send((seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024))


def _call(call: Callable[[bytes], object], document: bytes) -> None:
    with contextlib.suppress(EnvoyError):
        call(document)
