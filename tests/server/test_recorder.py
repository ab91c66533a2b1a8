"""The records of a server are of the latest requests, and take no more memory than they may."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from envoy.server import recorder as recorder_module
from envoy.server.recorder import KEPT, Recorder

OCTETS = 6000
"""As many as are kept here, instead of megabytes."""

SCOPE: dict[str, Any] = {"method": "PUT", "path": "/x", "raw_path": b"/x", "query_string": b""}


@pytest.fixture
def few_octets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder_module, "KEPT_OCTETS", OCTETS)


def record(recorder: Recorder, body: bytes) -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(_: Any) -> None:
        pass

    receiving, _ = recorder.watch(recorder.begin(SCOPE), receive, send)
    assert asyncio.run(receiving())["body"] is body  # type: ignore[arg-type]


@pytest.mark.usefixtures("few_octets")
def test_the_oldest_requests_go_where_the_bodies_are_too_large() -> None:
    recorder = Recorder()
    for _ in range(3):
        recorder.clear()
        for number in range(10):
            record(recorder, bytes([number]) * (OCTETS // 6))
            assert sum(len(seen.body) for seen in recorder) <= OCTETS
        numbers = [seen.body[0] for seen in recorder]
        assert numbers == [*range(10 - len(numbers), 10)]
        assert len(numbers) >= 2


def test_the_oldest_requests_go_where_there_are_too_many() -> None:
    recorder = Recorder()
    for number in range(KEPT + 1):
        recorder.begin({**SCOPE, "path": f"/{number}", "raw_path": b"/%d" % number})
    assert (len(recorder), recorder[0].href) == (KEPT, "/1")


@pytest.mark.usefixtures("few_octets")
def test_long_hrefs_count_as_bodies_do() -> None:
    recorder = Recorder()
    for number in range(10):
        recorder.begin({**SCOPE, "raw_path": b"/%d" % number + b"x" * (OCTETS // 6)})
        assert sum(len(seen.href) for seen in recorder) <= OCTETS
    assert recorder[-1].href.startswith("/9")
