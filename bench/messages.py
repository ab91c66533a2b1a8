"""Reading and writing: large documents by the element, small messages by the message, growth, and memory."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from lxml import etree

from bench.documents import der_control_list, large, small
from bench.peers import OURS, Peer
from bench.timing import medians
from envoy import dumps, loads

Table = list[list[str]]


def elements(data: bytes) -> int:
    return sum(1 for _ in etree.fromstring(data).iter())


def visit(data: bytes) -> None:
    """Parse and look at every tag and text: the least that a reader on lxml has to do."""
    for node in etree.fromstring(data).iter():
        _ = node.tag, node.text


Calls = dict[str, Callable[[], object]]


def measured_large(peers: list[Peer]) -> Iterator[tuple[str, int, dict[str, float]]]:
    """Yield for each large document its name, its elements, and the seconds of each way to read and write it."""
    for name, obj in large().items():
        data = dumps(obj, profile=OURS.profile)
        calls: Calls = {
            "lxml parse": partial(etree.fromstring, data),
            "lxml parse and visit": partial(visit, data),
            "lxml tostring": partial(etree.tostring, etree.fromstring(data)),
        }
        yield name, elements(data), medians(calls | _calls(obj, peers))


def measured_small(peers: list[Peer]) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield for each small message its name and the seconds of each way to read and write it."""
    for name, obj in small().items():
        yield name, medians(_calls(obj, peers))


def _calls(obj: object, peers: list[Peer]) -> Calls:
    """Return how each peer reads and writes a message, and how we do with the verdict of the schema."""
    message = type(obj).__name__
    ours = dumps(obj, profile=OURS.profile)
    calls: Calls = {
        "read envoy-client, validated": partial(loads, ours, profile=OURS.profile, validate=True),
        "write envoy-client, validated": partial(dumps, obj, profile=OURS.profile, validate=True),
    }
    for peer in peers:
        document = dumps(obj, profile=peer.profile)
        calls[f"read {peer.name}"] = partial(peer.read, message, document)
        calls[f"write {peer.name}"] = partial(peer.write, peer.read(message, document))
    return calls


def growth(sizes: tuple[int, ...] = (10, 100, 1_000, 10_000, 100_000)) -> list[tuple[int, dict[str, float]]]:
    """Return for DERControlLists of about so many elements: elements, and the seconds of each way per element."""
    per_control = elements(dumps(der_control_list(1))) - 1
    counts = []
    calls: dict[tuple[int, str], Callable[[], object]] = {}
    for size in sizes:
        obj = der_control_list(max(1, round(size / per_control)))
        data = dumps(obj)
        count = elements(data)
        counts.append(count)
        calls[count, "reading"] = partial(loads, data, max_size=None)
        calls[count, "lxml parse and visit"] = partial(visit, data)
        calls[count, "writing"] = partial(dumps, obj, validate=False)
        calls[count, "lxml tostring"] = partial(etree.tostring, etree.fromstring(data))
    took = medians(calls)
    return [(count, {way: took[of, way] / count for of, way in calls if of == count}) for count in counts]


def memory(peers: list[Peer]) -> list[tuple[str, dict[str, int]]]:
    """Return for each large document the octets that its typed object occupies, for each peer."""
    rows = []
    for name, obj in large().items():
        row = {}
        for peer in peers:
            document = dumps(obj, profile=peer.profile)
            row[peer.name] = _occupied(partial(peer.read, type(obj).__name__, document))
        rows.append((name, row))
    return rows


def _occupied(make: Callable[[], Any]) -> int:
    make()  # what is compiled and cached on the way belongs to no document
    gc.collect()
    tracemalloc.start()
    try:
        kept = make()
        gc.collect()
        occupied = tracemalloc.get_traced_memory()[0]
        del kept
    finally:
        tracemalloc.stop()
    return occupied
