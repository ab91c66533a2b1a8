"""The control channel: orders as lines of JSON."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from envoy.documents import dumps, loads
from envoy.server.control import Control
from envoy.server.faults import ErrorResponse, Faults, parse_fault
from envoy.server.recorder import Recorder, Seen
from envoy.utility import Utility
from sep2 import EndDevice
from tests.support.utilities import Client, new_lfdi


@pytest.fixture
def control() -> Iterator[Control]:
    with Utility() as utility:
        Client(utility).register(new_lfdi())
        yield Control(utility, Faults([parse_fault("GET /dcap 500")]), Recorder())


def order(control: Control, **parts: Any) -> dict[str, Any]:
    done: dict[str, Any] = json.loads(control.respond(json.dumps(parts).encode()))
    return done


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "[]",
        "\xff",
        "[" * 100_000,
        '{"order": "dance"}',
        '{"order": "fault", "method": "GET"}',
        '{"order": "fault", "method": "GET", "path": "/tm", "action": "500", "count": "one"}',
        '{"order": "fault", "method": "GET", "path": "/tm", "action": "500", "count": 0}',
        '{"order": "fault", "method": "GET", "path": "/tm", "action": "explode", "count": 1}',
        '{"order": "fault", "method": "GET", "path": "tm", "action": "500", "count": 1}',
        '{"order": "latency", "seconds": "long"}',
        '{"order": "latency", "seconds": -1}',
        '{"order": "disturb", "rate": 1.5, "seed": 0, "actions": null}',
        '{"order": "disturb", "rate": 0.5, "seed": 0, "actions": []}',
        '{"order": "disturb", "rate": 0.5, "seed": 0, "actions": ["explode"]}',
    ],
)
def test_a_line_that_is_not_an_order_is_an_error_and_the_next_is_followed(control: Control, line: str) -> None:
    error = json.loads(control.respond(line.encode("latin-1")))["error"]
    assert error.keys() == {"what", "where", "remedy"} and error["what"]
    assert order(control, order="happened") == {"happened": {}}


def test_faults_chance_and_latency_are_ordered_and_reset(control: Control) -> None:
    assert order(control, order="fault", method="get", path="/tm", action="503,retry-after=1", count=2) == {"ok": True}
    assert order(control, order="disturb", rate=1, seed=3, actions=["drop-after"]) == {"ok": True}
    assert order(control, order="latency", seconds=0.5) == {"ok": True}
    faults = control.faults
    assert [str(faults.next_for("GET", "/tm", "/tm")) for _ in range(3)] == [*["503,retry-after=1"] * 2, "drop-after"]
    assert faults.latency == 0.5
    assert order(control, order="happened") == {"happened": {"503,retry-after=1": 2, "drop-after": 1}}
    assert order(control, order="reset") == {"ok": True}
    assert (faults.latency, faults.chance.rate, faults.next_for("GET", "/tm", "/tm")) == (0, 0, None)
    assert faults.next_for("GET", "/dcap", "/dcap") == ErrorResponse(500)


def test_a_reset_ends_what_waits(control: Control) -> None:
    before = control.faults.ended
    order(control, order="reset")
    assert before.is_set() and not control.faults.ended.is_set()


def test_resources_are_shown_as_they_were_written_and_go_with_a_reset(control: Control) -> None:
    own, site = order(control, order="list", path="/edev")["items"]
    assert (own["path"], site["path"]) == ("/edev/1", "/edev/2")
    device = loads(site["document"], EndDevice)
    assert order(control, order="document", path="/edev/2") == {"document": dumps(device).decode()}
    assert order(control, order="document", path="/edev/2/cp") == {"document": None}
    order(control, order="reset")
    assert order(control, order="list", path="/edev") == {"items": []}


def test_requests_are_shown_and_forgotten(control: Control) -> None:
    seen = Seen("PUT", "/edev/2/cp?x=1", bytes(20), "drop-after", 201, bytearray(b"<a>"))
    control.recorder.append(seen)
    assert order(control, order="requests") == {
        "requests": [
            {
                "method": "PUT",
                "href": "/edev/2/cp?x=1",
                "client": "00" * 20,
                "fault": "drop-after",
                "status": 201,
                "body": base64.b64encode(b"<a>").decode(),
            }
        ]
    }
    order(control, order="reset")
    assert order(control, order="requests") == {"requests": []}
