"""A process that follows, by the lines of its events."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from envoy.tls.pki import Pki
from tests.support.commands import started
from tests.support.fleets import until
from tests.support.processes import Command


class Lines:
    """The events of a process, as they come."""

    def __init__(self, process: Command) -> None:
        self.process = process
        self.events: list[dict[str, Any]] = []
        assert process.stdout
        self._thread = threading.Thread(target=self._read, args=(process.stdout,), daemon=True)
        self._thread.start()

    def _read(self, stream: Any) -> None:
        for line in stream:
            self.events.append(json.loads(line))

    def named(self, name: str) -> list[dict[str, Any]]:
        return [event for event in list(self.events) if event["event"] == name]

    def wait(self, name: str, count: int = 1) -> dict[str, Any]:
        """Return the event of a name, once there are so many of it."""
        until(lambda: len(self.named(name)) >= count or self.process.poll() is not None)
        found = self.named(name)
        assert len(found) >= count, (
            self.events,
            self.process.poll(),
            self.process.stderr and self.process.stderr.read(),
        )
        return found[count - 1]

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        self.process.wait(60)
        self._thread.join(60)
        return self.process.returncode


@contextlib.contextmanager
def following_path(path: Path, *arguments: str, **process_options: Any) -> Iterator[Lines]:
    """Follow for a site file or a fleet, in a process that ends with the context."""
    with started("follow", str(path), *arguments, "--format", "json", **process_options) as process:
        yield Lines(process)


def copy_connection(url: str, pki: Pki, folder: Path) -> list[str]:
    """Return the options of a connection, with certificates in a folder, where they may be replaced."""
    device = pki.devices["aggregator"]
    for source, name in (
        (device.certificate, "client.pem"),
        (device.key, "client.key"),
        (pki.ca.certificate, "ca.pem"),
    ):
        shutil.copy(source, folder / name)
    files = {"--cert": "client.pem", "--key": "client.key", "--ca": "ca.pem"}
    return ["--server", url, *(part for name, file in files.items() for part in (name, str(folder / file)))]
