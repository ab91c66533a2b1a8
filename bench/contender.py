"""One client that follows one site: ``python -m bench.contender``, a process that has nothing but this client.

It reads what to do from standard input as JSON, says what it has taken so far for each further line, and is killed in
the end.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
import time
from pathlib import Path
from threading import Thread
from typing import Any


class _Device:
    """A device in memory that takes everything."""

    def __init__(self) -> None:
        from envoy.der.abilities import Abilities
        from envoy.der.follow.device import DeviceStatus, Readings

        self._abilities, self._status, self._readings = Abilities(), DeviceStatus(), Readings()

    def abilities(self) -> Any:
        return self._abilities

    def apply(self, limits: Any) -> None:
        pass

    def status(self) -> Any:
        return self._status

    def readings(self) -> Any:
        return self._readings

    def close(self) -> None:
        pass


def _follow(order: dict[str, str], files: dict[str, Any]) -> None:
    from envoy import Client, Site

    with Client(order["url"], **files) as client:
        client.follow(Site(lfdi=bytes.fromhex(order["lfdi"])), _Device(), state=order["state"], mirrors=()).run()


async def _follow_on_asyncio(order: dict[str, str], files: dict[str, Any]) -> None:
    from envoy import AsyncClient, Site

    async with AsyncClient(order["url"], **files) as client:
        await client.follow(Site(lfdi=bytes.fromhex(order["lfdi"])), _Device(), state=order["state"], mirrors=()).run()


async def _follow_as_py20305(order: dict[str, str], files: dict[str, Any]) -> None:
    from py20305.client.csip_client import CsipClient
    from py20305.client.tls import TlsConfig

    tls = TlsConfig(files["cert"], files["key"], files["ca"])
    async with CsipClient(order["url"], tls=tls, server_2018_compat=True) as client:
        await client.connect()
        await client.run()


CONTENDERS = {
    "Client.follow": _follow,
    "AsyncClient.follow": lambda *given: asyncio.run(_follow_on_asyncio(*given)),
    "py20305": lambda *given: asyncio.run(_follow_as_py20305(*given)),
}
"""The clients, with the options that they have of themselves."""


def main() -> None:
    """Read what to do, do it, and say what that has taken whenever a line comes."""
    order = json.loads(sys.stdin.readline())
    connections = 0

    def counting(wrap: Any) -> Any:
        def wrap_and_count(*args: Any, **options: Any) -> Any:
            nonlocal connections
            connections += 1
            return wrap(*args, **options)

        return wrap_and_count

    for name in ("wrap_bio", "wrap_socket"):
        setattr(ssl.SSLContext, name, counting(getattr(ssl.SSLContext, name)))

    def report() -> None:
        for _ in sys.stdin:
            print(json.dumps({"cpu": time.process_time(), "connections": connections}), flush=True)

    Thread(target=report, daemon=True).start()
    CONTENDERS[order["contender"]](order, {name: Path(order[name]) for name in ("cert", "key", "ca")})


if __name__ == "__main__":
    main()
