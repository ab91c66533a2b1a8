"""The level of a server on real sockets: what each client sends it, as far as it has shown what it speaks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from envoy import AsyncClient, Client
from envoy.client.attempt import Exchange
from sep2 import DERControlResponse, DERControlType, ResponseStatus, Time
from tests.support.scripted import Handler, Scripted, Serve

SEP = "application/sep+xml"
S2 = f"{SEP}; level=-S2"
TIME = (
    b'<Time xmlns="urn:ieee:std:2030.5:ns"%s><currentTime>1</currentTime><dstEndTime>0</dstEndTime>'
    b"<dstOffset>0</dstOffset><dstStartTime>0</dstStartTime><quality>7</quality><tzOffset>0</tzOffset></Time>"
)
RESPONSE = DERControlResponse(
    end_device_lfdi=bytes(20), subject=bytes(16), status=ResponseStatus(1), modes_responded=DERControlType(1)
)

Run = Callable[..., None]


def run(url: str, **options: Any) -> None:
    """Post, read and post again."""
    with Client(url, profile="ieee-2023", **options) as client:
        client.post("/rsps", RESPONSE)
        client.get("/tm", Time)
        client.post("/rsps", RESPONSE)


def run_async(url: str, **options: Any) -> None:
    async def main() -> None:
        async with AsyncClient(url, profile="ieee-2023", **options) as client:
            await client.post("/rsps", RESPONSE)
            await client.get("/tm", Time)
            await client.post("/rsps", RESPONSE)

    asyncio.run(main())


BOTH = pytest.mark.parametrize("run", [run, run_async])


def speak(root: bytes = b"", content_type: str = SEP, takes: tuple[str, ...] = (SEP, S2)) -> Callable[[Handler], None]:
    def answer(handler: Handler) -> None:
        if handler.headers["Accept"] not in takes:
            handler.reply(406)
        elif handler.headers.get("Content-Type", SEP) not in takes:
            handler.reply(415)
        elif handler.command == "GET":
            handler.reply(200, TIME % root, Content_Type=content_type)
        else:
            handler.reply(201, Location="/rsps/1")

    return answer


def posted(server: Scripted) -> list[tuple[str, str, bool, bool]]:
    """Return of each POST the media types that it accepts and is of, and whether its body is of the edition of 2023."""
    return [
        (headers["Accept"], headers["Content-Type"], b"schemaVer" in body, b"modesResponded" in body)
        for method, _, headers, body in server.received
        if method == "POST"
    ]


@BOTH
@pytest.mark.parametrize("shows", [{"root": b' schemaVer="2.2"'}, {"content_type": f"{SEP};level=+S2"}])
def test_a_server_of_2023_is_sent_2023_once_it_has_shown_that_it_is(run: Run, shows: Any, serve: Serve) -> None:
    server = serve(speak(**shows))
    run(server.url)
    assert posted(server) == [(S2, SEP, False, False), (S2, S2, True, True)]


@BOTH
@pytest.mark.parametrize("content_type", [SEP, f"{SEP}; level=-S1", "text/xml"])
def test_a_server_of_2018_is_sent_nothing_of_2023(run: Run, content_type: str, serve: Serve) -> None:
    server = serve(speak(content_type=content_type))
    run(server.url)
    assert posted(server) == [(S2, SEP, False, False)] * 2


@BOTH
def test_a_server_that_takes_no_level_is_asked_again_once(run: Run, serve: Serve) -> None:
    server = serve(speak(takes=(SEP,)))
    exchanges: list[Exchange] = []
    run(server.url, on_exchange=exchanges.append)
    assert server.requests == ["POST /rsps", "POST /rsps", "GET /tm", "POST /rsps"]
    assert posted(server) == [(S2, SEP, False, False)] + [(SEP, SEP, False, False)] * 2
    assert [each.response.status for each in exchanges] == [406, 201, 200, 201]
    assert exchanges[0].request.content == server.received[0][3], "what is reported is what was sent"


def test_each_host_has_a_level_of_its_own(serve: Serve) -> None:
    earlier, later = serve(speak()), serve(speak(root=b' schemaVer="2.2"'))
    with Client(later.url, profile="ieee-2023", allow_other_hosts=True) as client:
        client.get("/tm", Time)
        for server in (later, earlier):
            client.post(f"{server.url}/rsps", RESPONSE)
    assert posted(later) == [(S2, S2, True, True)]
    assert posted(earlier) == [(S2, SEP, False, False)]
