"""The command ``envoy``, run in this process: what it prints, and how it ends."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from envoy.cli import main
from tests.support.processes import Command

LIMIT = 120
"""Seconds that no command of a test takes, on however busy a machine."""


@dataclass(frozen=True)
class Done:
    """What a command left behind, with the names that ``subprocess`` has for it."""

    returncode: int
    stdout: str
    stderr: str
    octets: bytes
    """Standard output as it was written."""


def envoy(
    *arguments: str | Path,
    cwd: Path | None = None,
    stdin: str | bytes | None = b"",
    stdout: io.FileIO | None = None,
    encoding: str = "utf-8",
    **environment: str | None,
) -> Done:
    """Run a command to its end, in this process.

    Args:
        arguments: What stands after ``envoy``.
        cwd: Working directory.
        stdin: What its standard input has; None if it is closed.
        stdout: Where its standard output goes instead of being kept; closed at the end.
        encoding: Encoding of its standard output.
        environment: Changes of the environment; None takes a variable away.
    """
    status = 0
    given = None if stdin is None else _Stream(stdin.encode() if isinstance(stdin, str) else stdin)
    printed, said = _Stream(encoding=encoding), _Stream("backslashreplace")
    output = printed if stdout is None else io.TextIOWrapper(io.BufferedWriter(stdout), encoding)
    with _replaced(["envoy", *map(str, arguments)], (given, output, said), cwd, environment):
        try:
            main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
    octets, errors = printed.octets(), said.octets()
    if stdout is not None:
        with contextlib.suppress(OSError):  # what could not be written is still there
            output.close()
    return Done(status, octets.decode(encoding, "surrogateescape"), errors.decode(), octets)


@contextlib.contextmanager
def started(*arguments: str | Path, **options: Any) -> Iterator[Command]:
    """Start a command as a process (``Command``), with pipes; it is ended with the context.

    It is killed when it has run for longer than anything takes, so that who reads from it does not wait for ever.
    """
    with Command(arguments, **options) as process:
        watchdog = threading.Timer(LIMIT, process.kill)
        watchdog.start()
        try:
            yield process
        finally:
            watchdog.cancel()
            process.kill()


def default_interrupts() -> None:
    """Let Ctrl-C end a process, though this one may ignore it: the ``preexec_fn`` of tests that send SIGINT."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


class _Stream(io.TextIOWrapper):
    def __init__(self, content: bytes | str = b"", *, encoding: str = "utf-8") -> None:
        errors = content if isinstance(content, str) else "strict"
        super().__init__(io.BytesIO(b"" if isinstance(content, str) else content), encoding, errors, newline="")

    def octets(self) -> bytes:
        if not self.closed:
            self.flush()
            self._kept = self.buffer.getvalue()  # type: ignore[attr-defined]
        return self._kept

    def close(self) -> None:
        # A command may close a stream that nobody reads any more.
        self.octets()
        super().close()


@contextlib.contextmanager
def _replaced(
    arguments: list[str], streams: tuple[Any, Any, Any], cwd: Path | None, environment: dict[str, str | None]
) -> Iterator[None]:
    before = sys.argv, sys.stdin, sys.stdout, sys.stderr, dict(os.environ)
    sys.argv, (sys.stdin, sys.stdout, sys.stderr) = arguments, streams
    for name, value in environment.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    try:
        with contextlib.chdir(cwd or Path.cwd()):
            yield
    finally:
        sys.argv, sys.stdin, sys.stdout, sys.stderr = before[:4]
        os.environ.clear()
        os.environ.update(before[4])
