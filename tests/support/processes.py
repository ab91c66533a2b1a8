"""The command ``envoy`` as a process of its own, forked from one that has imported everything.

To start an interpreter and import the package costs more than most tests do. What a process is to a test is all there:
signals, pipes, an exit status, files and memory of its own. Tests of the start itself use ``subprocess``.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from multiprocessing import forkserver, reduction
from multiprocessing.connection import wait
from pathlib import Path
from typing import IO, Any, Self

from coverage import Coverage

from envoy.cli.lazy_group import COMMANDS

FORKED = multiprocessing.get_context("forkserver")
"""Makes processes from one that has imported the package."""

_IMPORTED = (
    *(f"envoy.cli.{module}" for module in COMMANDS.values()),
    "distributed",
    "envoy.checker.dask",
    "envoy.cli.follow.run",
    "envoy.client.following",
    "envoy.devices.simulated",
    "envoy.fleet.dask",
    "envoy.metering.mirror_file",
    "envoy.server.run",
    "tests.der.kills.victim",
)


def prepare_fork() -> None:
    """Start the process that others are forked from, unless it runs. Who forks without this may have it import less."""
    FORKED.set_forkserver_preload(list(_IMPORTED))
    forkserver.ensure_running()


def unmeasured() -> dict[str, str]:
    """Return an environment in which coverage does not measure a process."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}


class Command:
    """A running command, with what ``subprocess.Popen`` has.

    Args:
        arguments: What stands after ``envoy``.
        stdout: Its standard output; None for a pipe. Standard input always is one.
        stderr: Its standard error; None for a pipe.
        cwd: Its working directory; None for that of this process.
        env: Its environment; None for that of this process.
        errors: How the pipes take what is not UTF-8.
    """

    def __init__(
        self,
        arguments: Sequence[str | Path],
        *,
        stdout: IO[Any] | None = None,
        stderr: IO[Any] | None = None,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        errors: str = "strict",
    ) -> None:
        def open_pipe(mode: str) -> tuple[IO[str], _Descriptor]:
            reader, writer = os.pipe()
            own, other = (reader, writer) if mode == "r" else (writer, reader)
            others.callback(os.close, other)
            opened = ours.enter_context(os.fdopen(own, mode, encoding="utf-8", errors=errors))
            return opened, _Descriptor(other)

        self._lock = threading.Lock()
        self.stdout: IO[str] | None = None
        self.stderr: IO[str] | None = None
        with ExitStack() as ours, ExitStack() as others:
            self.stdin, input_end = open_pipe("w")
            if stdout is None:
                self.stdout, output_end = open_pipe("r")
            else:
                output_end = _Descriptor(stdout.fileno())
            if stderr is None:
                self.stderr, error_end = open_pipe("r")
            else:
                error_end = _Descriptor(stderr.fileno())
            ends = (input_end, output_end, error_end)
            environment = dict(os.environ if env is None else env)
            given = [*map(str, arguments)], ends, str(cwd or Path.cwd()), environment
            prepare_fork()
            self._process = FORKED.Process(target=_run, args=given)
            self._process.start()
            # Until it has started they are closed here, or a test that comes later would be blamed for them.
            ours.pop_all()
        self.pid = self._process.pid or 0

    @property
    def returncode(self) -> int | None:
        """How it ended; None while it runs."""
        return self.poll()

    def poll(self) -> int | None:
        """Return how it ended; None while it runs."""
        with self._lock:
            return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it ends, and return how."""
        # Not by join: the lock is for those who look meanwhile.
        wait([self._process.sentinel], timeout)
        status = self.poll()
        if status is None:
            raise subprocess.TimeoutExpired("envoy", timeout or 0)
        return status

    def communicate(self, timeout: float) -> tuple[str, str]:
        """Close its standard input, read all that it says, and wait for its end."""
        assert self.stdout and self.stderr
        said: list[str] = []
        reader = threading.Thread(target=lambda stream: said.append(stream.read()), args=[self.stderr])
        reader.start()
        self.stdin.close()
        printed = self.stdout.read()
        reader.join()
        self.wait(timeout)
        return printed, said[0]

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        # It is the child of another, which may have buried it before it says so.
        with self._lock, suppress(ProcessLookupError):
            if self._process.exitcode is None:
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            # What it waits for does not come any more.
            self.kill()
        for stream in (self.stdin, self.stdout, self.stderr):
            if stream is not None:
                stream.close()
        self.wait()


class _Descriptor:
    """The number of a descriptor, which in the other process is that of its copy."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __reduce__(self) -> tuple[Any, ...]:
        return _detach, (reduction.DupFd(self._number),)


def _detach(copy: Any) -> int:
    number: int = copy.detach()
    return number


def _run(arguments: list[str], ends: Sequence[int], cwd: str, environment: dict[str, str]) -> None:
    from envoy.cli import main

    for number, end in enumerate(ends):
        os.dup2(end, number)
        os.close(end)
    sys.stdin, sys.stdout = os.fdopen(0, closefd=False), os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, errors="backslashreplace", closefd=False)
    # A group of its own, and interrupted by Ctrl-C, whatever the tests were started by.
    os.setpgrp()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(environment)
    if os.environ == unmeasured() and (coverage := Coverage.current()):
        coverage.stop()
    os.chdir(cwd)
    sys.argv = ["envoy", *arguments]
    try:
        main()
    finally:
        # What it could not take does not matter at the end of a process.
        with suppress(OSError):
            sys.stderr.flush()
        sys.stderr = sys.__stderr__
