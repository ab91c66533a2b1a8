"""The control channel of ``envoy serve``: with ``--control``, orders on standard input, responses on standard output.

Each is a line of JSON. The channel belongs to whoever started the process and to nobody on the network; when standard
input ends, because that one is done or has died, the server stops. Each order is an object with the key ``order``, and
gets one object back; one that cannot be followed gets ``error`` with ``what``, ``where`` and ``remedy``.
docs/reference/testing.md lists them.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from envoy.errors import EnvoyError
from envoy.server.faults import TRANSIENT, Chance, Faults, make_fault, parse_action
from envoy.server.recorder import Recorder
from envoy.utility import Utility


class Control:
    """The control channel: follows orders.

    Args:
        utility: The utility, which follows the orders of its operator (``envoy.utility.orders``).
        faults: What is injected.
        recorder: What the server has seen.
    """

    def __init__(self, utility: Utility, faults: Faults, recorder: Recorder) -> None:
        self.utility = utility
        self.store = utility.store
        self.faults = faults
        self.recorder = recorder

    def respond(self, line: bytes) -> str:
        """Follow the order of one line; return the line to respond with."""
        try:
            done = self._follow(json.loads(line))
        except EnvoyError as error:
            done = {"error": {"what": error.what, "where": error.where, "remedy": error.remedy}}
        except (ValueError, RecursionError) as error:
            done = {"error": {"what": f"not a line of JSON: {error}", "where": "", "remedy": ""}}
        return json.dumps(done)

    def _follow(self, order: Any) -> dict[str, Any]:
        match order:
            case {
                "order": "fault",
                "method": str(method),
                "path": str(path),
                "action": str(action),
                "count": int() | None as count,
            }:
                self.faults.order(make_fault(method, path, action, count))
            case {
                "order": "disturb",
                "rate": int() | float() as rate,
                "seed": int(seed),
                "actions": list() | None as actions,
            }:
                chosen = TRANSIENT if actions is None else tuple(parse_action(str(action)) for action in actions)
                self.faults.chance = Chance(rate, seed, chosen)
            case {"order": "latency", "seconds": int() | float() as seconds}:
                self.faults.slow_down(seconds)
            case {"order": "requests"}:
                requests = [
                    asdict(seen) | {"client": seen.client.hex().upper(), "body": base64.b64encode(seen.body).decode()}
                    for seen in self.recorder
                ]
                return {"requests": requests}
            case {"order": "happened"}:
                return {"happened": dict(self.faults.happened)}
            case {"order": "list", "path": str(path)}:
                items = self.store.documents(path)
                return {"items": [{"path": path, "document": document.decode()} for path, document in items]}
            case {"order": "document", "path": str(path)}:
                document = self.store.document(path)
                return {"document": None if document is None else document.decode()}
            case {"order": "reset"}:
                self.utility.reset()
                self.recorder.clear()
                self.faults.reset()
            case {"order": str(name), **parts}:
                return self.utility.follow(name, {str(key): value for key, value in parts.items()})
            case _:
                raise EnvoyError(
                    f"{order!r} is not an order",
                    remedy="The page Testing of envoy docs lists them, with the keys that each needs.",
                )
        return {"ok": True}


def take_orders(control: Control, *, then: Callable[[], None]) -> None:
    """Follow the orders that come on standard input, in the event loop that runs, one at a time between two requests.

    Args:
        control: Follows them.
        then: Called when standard input has ended.
    """
    loop = asyncio.get_running_loop()

    def follow(line: bytes) -> None:
        # Whoever gave the order may have gone; the end of standard input follows then.
        with contextlib.suppress(OSError):
            print(control.respond(line), flush=True)

    def listen() -> None:
        # A thread, since Windows has no other way to wait for a pipe. The loop may be closed before standard input is.
        with contextlib.suppress(RuntimeError):
            for line in _lines():
                loop.call_soon_threadsafe(follow, line)
            loop.call_soon_threadsafe(then)

    threading.Thread(target=listen, name="orders", daemon=True).start()


def _lines() -> Iterator[bytes]:
    """Give the lines of standard input, read past sys.stdin, whose lock would keep the interpreter from ending."""
    rest = b""
    while chunk := os.read(0, 1 << 16):
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
