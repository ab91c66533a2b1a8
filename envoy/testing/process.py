"""The process of ``envoy serve``: starting it, giving it orders, and stopping it."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

from envoy.errors import EnvoyError, OperationError

START_SECONDS = 60
"""How long the server may take until it listens, on a slow machine."""

RESPONSE_SECONDS = 60
"""How long it may take to respond to an order."""

STOP_SECONDS = 30
"""How long it may take to end what it is doing before it is killed."""

_LISTENING = re.compile(r"Listening on (https://\S+)")
_LOG_LINES = 10_000
_LAST_WORDS = 30
"""Lines of the log in the error of a server that has died: a traceback, as a rule."""


def _start(arguments: Sequence[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        # -P: what lies in the current folder is not to be taken for one of the server's modules.
        [sys.executable, "-P", "-m", "envoy", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        # A terminal sends Ctrl-C to a whole group; a debugger or a test that catches it needs the server after it.
        process_group=0,
    )


class ServerProcess:
    """A running ``envoy serve`` on a free port of 127.0.0.1.

    It stops with ``stop``, at the end of a ``with``, and also when this process dies in whatever way: the server's
    standard input ends then. Ctrl-C does not reach it: what this process does about that is this process's business.

    Args:
        certificate: PEM file with the server's certificate.
        key: PEM file with its private key.
        ca: PEM file with the CA of the clients.
        options: Further options of ``envoy serve``.

    Attributes:
        url: URL of its DeviceCapability.

    Raises:
        OperationError: It did not start; the error has what it said.
    """

    def __init__(self, *, certificate: Path, key: Path, ca: Path, options: Sequence[str] = ()) -> None:
        files = ["--cert", str(certificate), "--key", str(key), "--ca", str(ca)]
        self._process = _start(["serve", "--control", "--port", "0", *files, *options])
        assert self._process.stdin and self._process.stdout and self._process.stderr
        self._orders, self._responses, self._said = self._process.stdin, self._process.stdout, self._process.stderr
        self._lock = threading.Lock()
        self._log: deque[str] = deque(maxlen=_LOG_LINES)
        # Somebody has to read what it says, or it would wait for that once the pipe is full.
        self._listener = threading.Thread(target=lambda: self._log.extend(self._said), daemon=True)
        self._listener.start()
        self.url = self._wait_for_start()

    def _wait_for_start(self) -> str:
        try:
            with self._killed_after(START_SECONDS):
                match = _LISTENING.match(self._responses.readline())
        except BaseException:
            self._process.kill()
            self.stop()
            raise
        if match is None:
            self._process.kill()
            self.stop()
            reason = self.log.strip().removeprefix("Error: ") or f"it did not listen within {START_SECONDS} s"
            raise OperationError(f"the server did not start: {reason}", where="envoy serve")
        return match[1]

    @property
    def log(self) -> str:
        """What it has written to standard error, the last 10,000 lines."""
        return "".join(self._log)

    @property
    def _last_words(self) -> str:
        """The end of the log: what comes before are lines for requests."""
        return "".join(list(self._log)[-_LAST_WORDS:]).strip()

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    def ask(self, order: str, **parts: Any) -> dict[str, Any]:
        """Give an order (see ``envoy.server.control``) and return the response. Several threads may do so.

        Whoever is interrupted while waiting for the response ends the server: the next order would get that response.

        Raises:
            EnvoyError: It cannot be followed.
            OperationError: The server has ended.
        """
        line = ""
        message = json.dumps({"order": order, **parts}) + "\n"
        with self._lock, self._killed_after(RESPONSE_SECONDS):
            try:
                self._orders.write(message)
                self._orders.flush()
                line = self._responses.readline()
            except (OSError, ValueError):
                pass
            except BaseException:
                self._kill()
                raise
        # Half a line is the last word of a server that died over it.
        if not line.endswith("\n"):
            raise OperationError(f"the server has ended: {self._last_words or 'it said nothing'}", where="envoy serve")
        response: dict[str, Any] = json.loads(line)
        if "error" in response:
            raise EnvoyError(**response["error"])
        return response

    def stop(self) -> None:
        """Stop it; what it is doing is done first. Nothing happens if it has ended."""
        with contextlib.suppress(OSError):
            self._orders.close()
        if sys.platform != "win32":
            # A process that was forked from this one holds the other end of the server's standard input as well.
            self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._kill()
        self._listener.join()
        self._responses.close()
        self._said.close()

    def _kill(self) -> None:
        self._process.kill()
        self._process.wait()

    @contextlib.contextmanager
    def _killed_after(self, seconds: float) -> Iterator[None]:
        """Kill a server that hangs, so that reading from it comes to an end."""
        watchdog = threading.Timer(seconds, self._process.kill)
        watchdog.start()
        try:
            yield
        finally:
            watchdog.cancel()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
