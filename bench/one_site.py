"""One site that is followed over TLS, by this package and by py20305: what a poll takes of the processor, and requests.

Each contender is a process of its own (``bench.contender``) and has a certificate and a site of its own at one
``envoy serve``, which counts the requests.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.connections import memory_of
from bench.contender import CONTENDERS
from envoy.testing import UtilityServer
from envoy.testing.control_client import SeenRequest

POLL_RATES = (10, 30)
"""Seconds between two polls: the least that the contenders keep to, and so many that none keeps its connection."""

_FIRST = 3
"""Polls that are not measured: what is made once has been made by then."""

_LONGEST = 120.0
"""Seconds that these may take."""


@dataclass(frozen=True)
class Polled:
    """What one contender takes.

    Attributes:
        polls: How many were measured: its reads of DeviceCapability.
        cpu: Seconds of the processor for each of them.
        start: Seconds of the processor from the start of the process until the first ones were over.
        octets: Of memory that belong to the process alone, in the end.
        connections: TLS connections that it made while it was measured.
        requests: Requests of a poll, by what they are.
    """

    polls: int
    cpu: float
    start: float
    octets: int
    connections: int
    requests: dict[str, float]


def measure(folder: Path, seconds: float, poll_rate: int) -> dict[str, Polled]:
    """Measure all contenders at one time: they follow one program, with a default and a control of the next week.

    Args:
        folder: An empty folder.
        seconds: For how long.
        poll_rate: Seconds between two polls.
    """
    options = ["--quiet", "--poll-rate", str(poll_rate)]
    with UtilityServer(folder=folder, options=options) as server, ExitStack() as stack:
        files = {name: server.client_files(f"client{number}") for number, name in enumerate(CONTENDERS)}
        for each in files.values():
            server.register(each.lfdi)
        program = server.program("export", primacy=1)
        program.default(op_mod_exp_lim_w=5000)
        program.control(start=int(time.time()) + 7 * 86_400, duration=3600, op_mod_exp_lim_w=1500)
        ask = {}
        for name, own in files.items():
            order = {"contender": name, "url": server.url, "state": str(folder / f"state of {name}")}
            order |= {"cert": str(own.cert), "key": str(own.key), "ca": str(own.ca), "lfdi": own.lfdi.hex()}
            ask[name] = stack.enter_context(_follower(order))
        end = time.monotonic() + _LONGEST
        while min(_count_polls(_of(server, own.lfdi)) for own in files.values()) < _FIRST:
            assert time.monotonic() < end, "a contender does not poll"
            time.sleep(1)
        # In the middle between two polls, so that none is measured in part.
        time.sleep(poll_rate / 2)
        before = {name: (ask[name](), len(_of(server, files[name].lfdi))) for name in CONTENDERS}
        time.sleep(seconds)
        found = {}
        for name in CONTENDERS:
            (first, skipped), last = before[name], ask[name]()
            seen = _of(server, files[name].lfdi)[skipped:]
            polls = _count_polls(seen)
            found[name] = Polled(
                polls,
                (last["cpu"] - first["cpu"]) / polls,
                first["cpu"],
                last["memory"],
                last["connections"] - first["connections"],
                {what: count / polls for what, count in Counter(map(_describe, seen)).items()},
            )
        return found


def _of(server: UtilityServer, lfdi: bytes) -> list[SeenRequest]:
    return [each for each in server.requests if each.client == lfdi]


def _count_polls(seen: list[SeenRequest]) -> int:
    return sum(each.path == "/dcap" for each in seen)


def _describe(request: SeenRequest) -> str:
    return f"{request.method} {re.sub('[0-9]+', '*', request.path)}"


@contextmanager
def _follower(order: dict[str, str]) -> Iterator[Any]:
    """Run a contender; give what asks it what it has taken so far."""
    command = [sys.executable, "-m", "bench.contender"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        lines, say = process.stdout, process.stdin

        def ask() -> dict[str, Any]:
            say.write("\n")
            say.flush()
            return {**json.loads(next(lines)), "memory": memory_of(process.pid)}

        say.write(json.dumps(order) + "\n")
        say.flush()
        try:
            yield ask
        finally:
            process.kill()
