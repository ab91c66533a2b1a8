"""A utility with many sites: how soon an order is on offer, what a GET costs, and memory while events come and go.

``python -m bench.utility`` is the bare starlette application that a GET is compared with: it reads the paths of its
certificates and the octets to respond with from standard input.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import starlette.applications
import starlette.requests
import starlette.responses
import starlette.routing
import uvicorn

from envoy.documents import dumps
from envoy.identity import format_lfdi, site_lfdi
from envoy.profiles import get_profile
from envoy.protocol.flow import Request
from envoy.testing import UtilityServer
from envoy.tls.context import client_context
from envoy.tls.pki import create_pki
from envoy.utility import ManualClock, Program, Settings, Utility
from sep2 import DERControlResponse, ResponseStatus

PEN = 32473
CONNECTIONS = 8
"""Connections that are kept alive."""

_MOST_ITEMS = 20
_HOUR = 3600


@dataclass(frozen=True)
class Offered:
    """How soon a control was on offer at every site.

    Attributes:
        order: Seconds until the order was followed.
        seen: Seconds until the last site had it in its list, which was asked then.
    """

    order: float
    seen: float


@dataclass(frozen=True)
class Measured:
    """What there is to report.

    Attributes:
        one_program: A control of one program that all sites see.
        each_its_own: One control in the programs of all sites, of which each has one of its own.
        size: Octets of a response.
        get: Seconds of the server's CPU for a GET of a list of controls.
        bare: The same, of a bare starlette application that returns the same octets.
    """

    one_program: Offered
    each_its_own: Offered
    size: int
    get: float
    bare: float


def measure(folder: Path, count: int, gets: int) -> Measured:
    """Measure a utility with many sites, with a program of its own for each.

    Args:
        folder: An empty folder.
        count: Sites.
        gets: GETs to take the average of, one of each list in turn.
    """
    lfdi = create_pki(folder, devices=["aggregator"]).devices["aggregator"].lfdi
    database = folder / "utility.db"
    hrefs, programs = _fill(database, lfdi, count)
    with UtilityServer(folder=folder, options=["--database", str(database)]) as server:
        files = server.client_files("aggregator")
        context = client_context(cert=files.cert, key=files.key, ca=files.ca)
        everyone = server.program("everyone")

        def order(limited: list[Program]) -> Offered:
            started = time.perf_counter()
            made = server.control(limited, duration=_HOUR, op_mod_exp_lim_w=1500)
            ordered = time.perf_counter() - started
            last = f"{hrefs[-1]}/derp/{limited[-1].number}/derc/{made[-1].number}"
            assert b"<DERControl " in asyncio.run(_get(server.url, context, [last], 1))
            return Offered(ordered, time.perf_counter() - started)

        one_program = order([everyone])
        each_its_own = order([Program(server, number) for number in programs])
        lists = [f"{href}/derp/{number}/derc?s=0&l={_MOST_ITEMS}" for href, number in zip(hrefs, programs, strict=True)]
        body = asyncio.run(_get(server.url, context, lists[:100], CONNECTIONS))
        get = _cpu_per_get(server._process._process.pid, server.url, context, lists, gets)
    with _bare(files.ca, folder, body) as (pid, url):
        asyncio.run(_get(url, context, lists[:100], CONNECTIONS))
        bare = _cpu_per_get(pid, url, context, lists, gets)
    return Measured(one_program, each_its_own, len(body), get, bare)


def _fill(database: Path, owner: bytes, count: int) -> tuple[list[str], list[int]]:
    """Register sites and give each a program; return their hrefs and the numbers of the programs."""
    lfdis = [format_lfdi(site_lfdi(number, PEN)) for number in range(1, count + 1)]
    with Utility(database=database) as utility, utility.store.transaction():
        hrefs = [utility.ask("register", lfdi=lfdi, owner=format_lfdi(owner))["href"] for lfdi in lfdis]
        programs = [utility.program(lfdi, sites=lfdi).number for lfdi in lfdis]
    return hrefs, programs


def _cpu_per_get(pid: int, url: str, context: ssl.SSLContext, paths: list[str], gets: int) -> float:
    before = _cpu_of(pid)
    asyncio.run(_get(url, context, [paths[number % len(paths)] for number in range(gets)], CONNECTIONS))
    return (_cpu_of(pid) - before) / gets


def _cpu_of(pid: int) -> float:
    """Return the seconds of the processor that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _get(url: str, context: ssl.SSLContext, paths: list[str], connections: int) -> bytes:
    """GET paths over connections that are kept alive; return the last body."""
    address = urlsplit(url)
    accept = get_profile().content_type
    waiting = iter(paths)
    last = b""

    async def work() -> None:
        nonlocal last
        reader, writer = await asyncio.open_connection(address.hostname, address.port, ssl=context)
        for path in waiting:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: {address.netloc}\r\nAccept: {accept}\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 "), head
            length = head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]
            last = await reader.readexactly(int(length))
        writer.close()

    await asyncio.gather(*(work() for _ in range(connections)))
    return last


@contextmanager
def _bare(ca: Path, folder: Path, body: bytes) -> Iterator[tuple[int, str]]:
    """Run a bare starlette application that returns these octets; give its process and URL."""
    pki = create_pki(folder, devices=())
    what = {"cert": str(pki.server.certificate), "key": str(pki.server.key), "ca": str(ca), "body": body.decode()}
    command = [sys.executable, "-m", "bench.utility"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps(what) + "\n")
        process.stdin.flush()
        yield process.pid, process.stdout.readline().strip()
        process.kill()


def serve_bare() -> None:
    """Run the bare starlette application."""
    what = json.loads(sys.stdin.readline())
    body, media_type = what["body"].encode(), get_profile().content_type

    async def respond(request: starlette.requests.Request) -> starlette.responses.Response:
        return starlette.responses.Response(body, media_type=media_type)

    config = uvicorn.Config(
        starlette.applications.Starlette(routes=[starlette.routing.Route("/{path:path}", respond)]),
        ssl_certfile=what["cert"],
        ssl_keyfile=what["key"],
        ssl_ca_certs=what["ca"],
        ssl_cert_reqs=ssl.CERT_REQUIRED,
        log_level="warning",
        access_log=False,
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(f"https://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        uvicorn.Server(config).run([listener])


# Memory


@dataclass(frozen=True)
class Sample:
    """How much a utility holds.

    Attributes:
        events: Events that there have been.
        megabytes: The most memory that the process has taken so far.
        controls: Controls that are kept.
        responses: Responses that are kept.
    """

    events: int
    megabytes: float
    controls: int
    responses: int


def memory(events: int, samples: int) -> list[Sample]:
    """Return how much a utility holds while events come and go.

    An event of five minutes begins every minute and gets three responses of each of ten sites; events that have been
    over for an hour are forgotten.

    Args:
        events: How many in all.
        samples: How many times to look.
    """
    found = []
    clock = ManualClock(1_700_000_000)
    with Utility(Settings(keep_events=_HOUR), now=clock) as utility:
        program = utility.program("export")
        sites = {
            lfdi: utility.ask("register", lfdi=format_lfdi(lfdi))["href"]
            for lfdi in (site_lfdi(number, PEN) for number in range(1, 11))
        }
        for number in range(1, events + 1):
            control = program.control(duration=300, op_mod_exp_lim_w=1500)
            for lfdi, href in sites.items():
                _respond(utility, lfdi, href, control.mrid)
            clock.advance(60)
            if number % (events // samples) == 0:
                controls, responses = (
                    utility.store.value("SELECT count(*) FROM control"),
                    utility.store.value("SELECT count(*) FROM response"),
                )
                peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
                found.append(Sample(number, peak, controls, responses))
    return found


def _respond(utility: Utility, lfdi: bytes, href: str, mrid: bytes) -> None:
    send = utility.connect(lfdi)
    for status in (1, 2, 3):
        response = DERControlResponse(end_device_lfdi=lfdi, subject=mrid, status=ResponseStatus(status))
        assert send(Request("", "POST", f"{href}/rsps/derc/rsp", dumps(response, validate=False))).status == 201


if __name__ == "__main__":
    serve_bare()
