"""What happens on a local network: ``python -m tests.dns_sd.lan FOLDER`` prints what commands say there, as JSON.

It is run in a network namespace of its own that has one interface, with the address ADDRESS.
"""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from envoy.dns_sd.advertisement import Instance
from envoy.dns_sd.advertiser import Advertiser
from envoy.dns_sd.inquiry import SERVICE_TYPE
from envoy.tls.pki import create_pki
from tests.support.commands import envoy
from tests.support.fleets import lfdi_of

ADDRESS = "192.0.2.1"


@contextmanager
def served(folder: Path) -> Iterator[None]:
    """Run a server that advertises itself, as a process of its own."""
    pki = folder / "pki"
    command = ["serve", "--host", ADDRESS, "--port", "8443", "--advertise", "--quiet"]
    command += ["--cert", str(pki / "server.pem"), "--key", str(pki / "server.key"), "--ca", str(pki / "ca.pem")]
    with subprocess.Popen([sys.executable, "-m", "envoy", *command], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Listening on")
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)


@contextmanager
def advertised(*instances: Instance) -> Iterator[None]:
    """Advertise services that nobody serves."""
    begun, ended = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def run() -> None:
        advertiser = Advertiser("other", ADDRESS, 9)
        await advertiser.open()
        try:
            await advertiser.advertise(instances)
            begun.set()
            await ended.wait()
        finally:
            begun.set()
            await advertiser.close()

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    try:
        assert begun.wait(60)
        yield
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(60)
        loop.close()


def options(pki: Path, device: str) -> list[str]:
    """Return the options of a client with a certificate, for whatever server is there."""
    files = {"ca": "ca.pem", "cert": f"{device}.pem", "key": f"{device}.key"}
    return ["--server", "auto", *(word for name, file in files.items() for word in (f"--{name}", str(pki / file)))]


def main(folder: Path) -> None:
    create_pki(folder / "pki", devices=("aggregator", "stranger"))
    for number in (1, 2):
        (folder / f"site{number}.toml").write_text(f'lfdi = "{lfdi_of(number)}"\n')
    own, strange = (options(folder / "pki", device) for device in ("aggregator", "stranger"))
    txt: dict[str, str | None] = {"txtvers": "1", "dcap": "/dcap", "https": "9", "level": "-S1"}
    other = Instance(f"other.{SERVICE_TYPE}", SERVICE_TYPE, txt)
    rogue = Instance(f"rogue.{SERVICE_TYPE}", SERVICE_TYPE, {"level": "-S1", **txt})
    results = []
    with served(folder):
        results.append(envoy("register", "site1.toml", *own, cwd=folder))
        with advertised(other, rogue):
            results.append(envoy("discover", "site1.toml", "--format", "json", "--timeout", "2", cwd=folder))
            results.append(envoy("register", "site2.toml", *strange, cwd=folder))
            results.append(envoy("deregister", "site1.toml", "--yes", *own, cwd=folder))
    print(json.dumps([[each.returncode, each.stdout, each.stderr] for each in results]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
