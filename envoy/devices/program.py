"""A program that runs: orders go to its standard input, reports come from its standard output, the rest is logged.

Four threads serve it, so that no pipe that is full or empty holds up who follows: two read, one writes, one waits for
its end.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import IO, Protocol

from envoy._text import printable, shorten
from envoy.devices.json_form import Order, format_order
from envoy.devices.orders import Orders
from envoy.errors import LONGEST_LINE

_LOGGER = logging.getLogger(__name__)

_POSIX = os.name == "posix"
_OWN_GROUP = 0 if _POSIX else getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)

LONGEST = 64 * 1024
"""Octets of a line that a program may write; a longer one is left out."""

LINES_PER_SECOND = 200
"""Lines that are read of a program in a second; one that writes more has to wait, and cannot keep this one busy."""

_DRAIN = 1.0
"""Seconds for what a program that has ended wrote before."""


class Listener(Protocol):
    """What takes what a program reports: the orders of one device, or those of many."""

    def receive(self, text: bytes) -> None:
        """Take a line that it has written."""

    def notice(self, text: str) -> None:
        """Log something odd, once."""

    def fail(self, what: str, remedy: str = "") -> None:
        """Take note that it has ended."""

    def restart(self) -> None:
        """Take note that it is started: what was reported before does not hold any more."""


class Program:
    """A program that runs.

    Args:
        arguments: The program and its arguments.
        listener: Takes what it reports.
        grace: Seconds that it has to end by itself.

    Attributes:
        lines_per_second: Lines that are read of it in a second at most.

    Raises:
        OSError: It cannot be started.
        ValueError: An argument holds what no argument can.
    """

    def __init__(self, arguments: Sequence[str], listener: Listener, grace: float) -> None:
        self.lines_per_second = LINES_PER_SECOND
        self.ended = ""
        """How it has ended; empty while it runs."""
        self.last_words = ""
        """What it wrote last on its standard error."""
        self._name = arguments[0]
        self._listener = listener
        self._grace = grace
        self._change = threading.Condition()
        self._given: dict[str, Order] = {}
        self._unwritten: dict[str, Orders] = {}
        self._closing = threading.Event()
        self._exited = threading.Event()
        self._process = subprocess.Popen(
            arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=_POSIX,
            creationflags=_OWN_GROUP,
        )
        stdin, stdout, stderr = self._process.stdin, self._process.stdout, self._process.stderr
        assert stdin is not None and stdout is not None and stderr is not None
        self._readers = [
            _start_thread(self._read, stdout, listener.receive),
            _start_thread(self._read, stderr, self._log),
        ]
        self._others = [_start_thread(self._write, stdin), _start_thread(self._watch)]

    def give(self, order: Order, orders: Orders, site: str = "") -> None:
        """Have an order written, once. One for the same site that is still to be written is left out.

        Args:
            order: The order.
            orders: Take note when it is written.
            site: The key of the site that it is for, where there are many.
        """
        with self._change:
            if self._given.get(site) is not order:
                self._given[site] = order
                self._unwritten[site] = orders
                self._change.notify_all()

    def forget(self, site: str) -> None:
        """Forget which order was given for a site."""
        with self._change:
            if site not in self._unwritten:
                self._given.pop(site, None)

    def close(self) -> None:
        """End it: close its standard input; stop it and what it has started if it goes on; and let go of its pipes."""
        with self._change:
            self._closing.set()
            self._change.notify_all()
        if not self._exited.wait(self._grace):
            self._stop(force=False)
            if not self._exited.wait(self._grace):
                self._stop(force=True)
        for thread in (*self._others, *self._readers):
            thread.join(self._grace + 1)

    def _write(self, stdin: IO[bytes]) -> None:
        # Closing writes what is left, which fails as well if the program does not read.
        with suppress(OSError), stdin:
            while (first := self._wait_for_order()) is not None:
                site, order, orders = first
                stdin.write(f"{format_order(order, site)}\n".encode())
                stdin.flush()
                orders.deliver(order)
        if not self._exited.wait(_DRAIN):
            self._fail("the program has closed its standard input")

    def _wait_for_order(self) -> tuple[str, Order, Orders] | None:
        with self._change:
            self._change.wait_for(lambda: self._closing.is_set() or self._unwritten)
            if not self._unwritten:
                return None
            site = next(iter(self._unwritten))
            return site, self._given[site], self._unwritten.pop(site)

    def _read(self, stream: IO[bytes], take: Callable[[bytes], None]) -> None:
        began, count, skipping = time.monotonic(), 0, False
        with stream:
            while line := stream.readline(LONGEST):
                whole = line.endswith(b"\n") or len(line) < LONGEST
                if not whole and not skipping:
                    self._listener.notice(f"writes a line of more than {LONGEST} octets, which is left out")
                elif not skipping and line.strip():
                    take(line.strip())
                skipping = not whole
                count += 1
                if count >= self.lines_per_second:
                    self._closing.wait(max(0.0, began + 1 - time.monotonic()))
                    began, count = time.monotonic(), 0

    def _log(self, line: bytes) -> None:
        text = shorten(printable(line.decode(errors="replace")), LONGEST_LINE)
        self.last_words = f"Its last words: {text}"
        _LOGGER.info("%s: %s", self._name, text)

    def _watch(self) -> None:
        status = self._process.wait()
        # What it has started and left behind would go on with orders that nobody renews.
        self._stop(force=False)
        self._exited.set()
        for reader in self._readers:
            reader.join(_DRAIN)
        if any(reader.is_alive() for reader in self._readers):
            self._stop(force=True)
        self._fail(_describe_end(status))

    def _fail(self, how: str) -> None:
        with self._change:
            if self.ended or self._closing.is_set():
                return
            self.ended = how
        self._listener.fail(how, self.last_words)

    def _stop(self, *, force: bool) -> None:
        """Stop the program and the processes of its group."""
        # None are left, or they have ended and are not collected yet.
        with suppress(ProcessLookupError, PermissionError):
            if _POSIX:
                os.killpg(self._process.pid, signal.SIGKILL if force else signal.SIGTERM)
            elif force:
                self._process.kill()
            else:
                self._process.terminate()


def _start_thread(work: Callable[..., None], *arguments: object) -> threading.Thread:
    thread = threading.Thread(target=work, args=arguments, name=f"device {work.__name__}", daemon=True)
    thread.start()
    return thread


def _describe_end(status: int) -> str:
    if status >= 0:
        return f"the program has ended with exit status {status}"
    try:
        return f"the program was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"the program was ended by signal {-status}"
