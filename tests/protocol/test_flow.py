"""Driving flows: requests, waits and errors, by the synchronous and the asynchronous driver alike."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from envoy.errors import TransportError
from envoy.protocol.flow import Flow, Request, Response, Wait, drive, drive_async

GET = Request("test", "GET", "/tm")

Send = Callable[[Request], Response]
Drive = Callable[[Flow[str], Send, Callable[[float], None]], str]


def asynchronously(flow: Flow[str], send: Send, wait: Callable[[float], None]) -> str:
    async def send_async(request: Request) -> Response:
        return send(request)

    async def wait_async(seconds: float) -> None:
        wait(seconds)

    return asyncio.run(drive_async(flow, send_async, wait_async))


@pytest.fixture(params=[drive, asynchronously], ids=["drive", "drive_async"])
def run(request: pytest.FixtureRequest) -> Drive:
    chosen: Drive = request.param
    return chosen


def test_requests_and_waits_happen_in_their_order(run: Drive) -> None:
    seen: list[object] = []

    def flow() -> Flow[str]:
        first = yield GET
        yield Wait(3)
        second = yield GET
        return f"{first.status} {second.status}"

    def send(request: Request) -> Response:
        seen.append(request)
        return Response(200 + len(seen))

    assert run(flow(), send, seen.append) == "201 203"
    assert seen == [GET, 3, GET]


def test_an_error_of_the_transport_is_raised_in_the_flow(run: Drive) -> None:
    def flow() -> Flow[str]:
        try:
            yield GET
        except TransportError as error:
            return error.what
        return ""

    def send(request: Request) -> Response:
        raise TransportError("lost")

    assert run(flow(), send, lambda _: None) == "lost"


@pytest.mark.parametrize("interrupted", ["send", "wait"])
def test_an_interrupt_ends_the_flow(interrupted: str, run: Drive) -> None:
    ended = []

    def flow() -> Flow[str]:
        try:
            yield GET if interrupted == "send" else Wait(1)
        finally:
            ended.append(True)
        return ""

    def interrupt(_: object) -> Response:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(flow(), interrupt, interrupt)  # type: ignore[arg-type]
    assert ended


def test_without_a_way_to_wait_there_is_no_wait() -> None:
    def flow() -> Flow[str]:
        yield Wait(1e9)
        return "done"

    assert drive(flow(), lambda _: Response(200)) == "done"
