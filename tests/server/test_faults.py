"""Requests that fail on purpose: how the server is told which, and that they do."""

from __future__ import annotations

from pathlib import Path

import pytest

from envoy.errors import EnvoyError
from envoy.server import Fault, parse_fault
from envoy.server.faults import ErrorResponse
from sep2 import (
    ConnectionPoint,
)
from tests.support.serving import Client, Pki, end_device, new_lfdi, running


def test_requests_fail_on_purpose_as_often_as_asked_and_are_not_processed(own_pki: Pki, tmp_path: Path) -> None:
    faults = ["PUT */cp 500", "POST /edev 503 2", "* /tm 404"]
    lfdi = new_lfdi()
    with running(own_pki, tmp_path, faults=faults, log_requests=True) as server, Client(server) as client:
        point = ConnectionPoint(connection_point_id="NMI1")
        statuses = [client.send_object("POST", "/edev", end_device(lfdi)).status_code for _ in range(4)]
        assert statuses == [503, 503, 201, 409]
        assert client.send_object("PUT", "/edev/2/cp", point).status_code == 500
        assert client.get("/edev/2/cp").status_code == 404
        assert client.send_object("PUT", "/edev/2/cp", point).status_code == 201
        assert [client.get("/tm").status_code for _ in range(2)] == [404, 200]
        _, _, errors = server.stop()
    assert "POST /edev 503 refused on purpose\n" in errors
    assert "POST /edev 201\n" in errors
    assert f"POST /edev 409 there is an EndDevice with the LFDI {lfdi.hex().upper()}\n" in errors


def test_a_fault_is_parsed() -> None:
    assert parse_fault("put */cp 500") == Fault("PUT", "*/cp", ErrorResponse(500), 1)
    assert parse_fault(" *  /edev/[12]  429  3 ") == Fault("*", "/edev/[12]", ErrorResponse(429), 3)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it has 0 words"),
        ("PUT /cp", "it has 2 words"),
        ("PUT /cp 500 1 1", "it has 5 words"),
        ("PUSH /cp 500", "PUSH is not one of the methods"),
        ("PUT cp 500", "no path matches cp"),
        ("PUT /cp 200", "'200' is nothing that can be done to a request"),
        ("PUT /cp abc", "'abc' is nothing that can be done to a request"),
        ("PUT /cp 500 0", "0 is not a number of requests"),
    ],
)
def test_a_fault_that_cannot_be_parsed_is_explained(text: str, why: str) -> None:
    with pytest.raises(EnvoyError, match=why) as caught:
        parse_fault(text)
    assert "a status from 300 to 599" in caught.value.remedy
