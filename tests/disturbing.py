"""The real server over plain HTTP on loopback, as a process, which disturbs a share of its requests.

``python disturbing.py DATABASE CERTIFICATE SHARE [PROFILE]``: every client counts as the one of the certificate. The
first line on stdout is its URL. A disturbed request is refused as busy, fails, is not processed and has no answer, or
is processed and its answer is lost.
"""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path
from typing import Any

import uvicorn
from starlette.responses import Response
from uvicorn.protocols.http.h11_impl import H11Protocol

from envoy.server import Settings, Store, create_app

KINDS = ("busy", "failed", "unheard", "lost")


class Disturbing(H11Protocol):
    """uvicorn's HTTP/1.1, which disturbs some requests."""

    certificate = ""
    share = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        app, chance = self.app, random.Random()  # noqa: S311
        extension = {"client_cert_chain": [self.certificate]}

        async def disturbed(scope: Any, receive: Any, send: Any) -> None:
            scope.setdefault("extensions", {})["tls"] = extension
            kind = chance.choice(KINDS) if chance.random() < self.share else ""
            if kind == "busy":
                await Response(None, 503, {"retry-after": "0"})(scope, receive, send)
            elif kind == "failed":
                await Response(None, 500)(scope, receive, send)
            elif kind:
                if kind == "lost":
                    await app(scope, receive, _nowhere)
                transport.abort()
            else:
                await app(scope, receive, send)

        self.app = disturbed


async def _nowhere(message: Any) -> None:
    pass


class _Server(uvicorn.Server):
    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        print(f"http://127.0.0.1:{self.servers[0].sockets[0].getsockname()[1]}", flush=True)


def main(database: str, certificate: str, share: str, profile: str = "csip-aus-1.2") -> None:
    Disturbing.certificate, Disturbing.share = Path(certificate).read_text(), float(share)
    settings = Settings(profile=profile)
    app = create_app(settings, Store(database, profile))
    config = uvicorn.Config(app, port=0, http=Disturbing, ws="none", lifespan="off", log_level="critical")
    _Server(config).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
