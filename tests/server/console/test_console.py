"""The console of a server that runs: its port, its line, and its end."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import httpx
import pytest

from envoy.server.console.streams import MOST_STREAMS
from envoy.testing import UtilityServer
from envoy.utility.operator import Operator
from tests.support.consoles import console_client, console_of


@pytest.fixture
def server() -> Iterator[UtilityServer]:
    with UtilityServer(options=["--console", "--log"]) as server:
        yield server


def test_the_line_that_is_printed_leads_to_the_page_and_the_token_is_nowhere_else(server: UtilityServer) -> None:
    console = console_of(server)
    with console_client(console) as client:
        assert client.get(console.page).text.startswith("<!DOCTYPE html>")
        assert client.get("/api/sites").json()["total"] == 0
        assert client.get("/api/sites", headers={"authorization": ""}).status_code == 401
        assert client.get("/api/sites", headers={"host": "evil.example"}).status_code == 421
        assert client.post("/api/limit", content=b"x").status_code == 400
    # Another token with each start, and none of it on the utility's own port.
    with UtilityServer(options=["--console"]) as other:
        assert console_of(other).token != console.token
    with server.client() as site:
        assert site.end_devices()
    with httpx.Client(base_url=server.url, trust_env=False) as client, pytest.raises(httpx.HTTPError):
        client.get("/")
    assert server.log.count(console.token) == 1


def test_a_change_is_in_the_stream_and_the_server_ends_in_peace_while_one_is_open(server: UtilityServer) -> None:
    operator: Operator = server
    with console_client(console_of(server)) as client, client.stream("GET", "/api/changes") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = (line for line in response.iter_lines() if line)
        json.loads(next(lines).removeprefix("data: "))
        operator.program("export")
        assert json.loads(next(lines).removeprefix("data: "))["kinds"] == ["controls"]
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        # It ends in order, and not by a connection that breaks.
        assert list(lines) == []
        stopping.join()


def test_one_stream_too_many_is_refused_until_another_ends(server: UtilityServer) -> None:
    console = console_of(server)
    limits = httpx.Limits(max_connections=None)
    headers = {"authorization": f"Bearer {console.token}"}
    with httpx.Client(base_url=console.origin, headers=headers, timeout=60, trust_env=False, limits=limits) as client:
        request = client.build_request("GET", "/api/changes")
        streams = [client.send(request, stream=True) for _ in range(MOST_STREAMS)]
        # An iterator that is dropped would end its stream.
        lines = [stream.iter_lines() for stream in streams]
        assert {next(each)[:6] for each in lines} == {"data: "}
        assert {stream.status_code for stream in streams} == {200}
        assert client.send(request, stream=True).status_code == 503
        streams.pop().close()
        # The server hears of it in a moment.
        while client.send(request, stream=True).status_code != 200:
            pass
        for stream in streams:
            stream.close()
