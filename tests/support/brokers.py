"""Message brokers on loopback: mosquitto where it is installed, and amqtt, which runs in a thread."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.support.ports import find_port, wait_for_port

MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin:/opt/homebrew/sbin")

NEEDS_MOSQUITTO = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")
BY_MOSQUITTO = pytest.param("mosquitto", marks=NEEDS_MOSQUITTO)


class Broker(Protocol):
    """A broker that can be stopped and started again on its port."""

    port: int

    def start(self) -> None: ...

    def stop(self) -> None: ...


class Mosquitto:
    """Mosquitto as a process.

    Args:
        folder: For its files.
        lines: Of its configuration, besides the listener; anybody may come in if there are none.
    """

    def __init__(self, folder: Path, *lines: str) -> None:
        self.port = find_port()
        self._configuration = folder / "mosquitto.conf"
        # Started by root, it would give up the right to read files of tests.
        text = [f"user {getpass.getuser()}", f"listener {self.port} 127.0.0.1", *(lines or ["allow_anonymous true"])]
        self._configuration.write_text("\n".join(text) + "\n", encoding="utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        assert MOSQUITTO is not None
        self._process = subprocess.Popen(
            [MOSQUITTO, "-c", str(self._configuration)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_for_port(self.port)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


class Amqtt:
    """The broker of the package amqtt, in a thread."""

    def __init__(self) -> None:
        self.port = find_port()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,))
        self._thread.start()
        assert started.wait(60)

    def stop(self) -> None:
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()
            self._thread = None

    def _run(self, started: threading.Event) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve(started))

    async def _serve(self, started: threading.Event) -> None:
        from amqtt.broker import Broker as AmqttBroker

        configuration: dict[str, Any] = {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{self.port}"}},
            "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
        }
        broker = AmqttBroker(configuration)
        await broker.start()
        started.set()
        await self._stopping.wait()
        # It may wait for good for a client that comes back meanwhile.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(broker.shutdown(), 10)
