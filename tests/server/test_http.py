"""The rules of HTTP that hold for every resource."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from envoy.documents import dumps
from envoy.utility.router import Route
from envoy.utility.utility import ROUTES
from sep2 import (
    ConnectionPoint,
)
from tests.support.serving import (
    SEP,
    Client,
    Pki,
    Server,
    end_device,
    handshake,
    new_lfdi,
    reason_of,
    running,
    trusting_context,
)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{}", id="JSON"),
        pytest.param(b"<EndDevice", id="broken"),
        pytest.param(b"<EndDevice/>", id="no namespace"),
        pytest.param(b'<EndDevice xmlns="urn:ieee:std:2030.5:ns"/>', id="incomplete"),
        pytest.param(b'<DER xmlns="urn:ieee:std:2030.5:ns"/>', id="another message"),
        pytest.param(b'<!DOCTYPE x [<!ENTITY a "b">]><EndDevice xmlns="urn:ieee:std:2030.5:ns"/>', id="DOCTYPE"),
        pytest.param(b"\xff\xfe", id="not UTF-8"),
    ],
)
def test_a_body_that_is_not_the_message_expected_has_a_bad_format(client: Client, body: bytes) -> None:
    response = client.post("/edev", content=body, headers={"content-type": SEP})
    assert (response.status_code, reason_of(response)) == (400, 0)


def test_an_extension_of_another_edition_has_a_bad_format(client: Client) -> None:
    path = client.register(new_lfdi())
    content = dumps(ConnectionPoint(connection_point_id="X"), profile="csip-aus-1.3")
    response = client.put(f"{path}/cp", content=content, headers={"content-type": SEP})
    assert (response.status_code, reason_of(response)) == (400, 0)


@pytest.mark.parametrize("media_type", ["application/xml", "text/xml", "application/sep+xmlx", "application/json", ""])
def test_another_media_type_is_not_supported(client: Client, media_type: str) -> None:
    content = dumps(end_device(new_lfdi()))
    assert client.post("/edev", content=content, headers={"content-type": media_type}).status_code == 415


@pytest.mark.parametrize(
    "media_type", [SEP, "Application/SEP+XML", f"{SEP};level=-S1", f"{SEP}; csipaus=1.3; charset=utf-8"]
)
def test_the_media_type_may_have_parameters(client: Client, media_type: str) -> None:
    content = dumps(end_device(new_lfdi()))
    assert client.post("/edev", content=content, headers={"content-type": media_type}).status_code == 201


@pytest.mark.parametrize(
    "accept", ["application/xml", "text/html, application/json", f"{SEP};q=0", "application/sep-exi"]
)
def test_an_accept_header_without_ours_is_not_acceptable(client: Client, accept: str) -> None:
    assert client.get("/dcap", headers={"accept": accept}).status_code == 406


@pytest.mark.parametrize(
    "accept", [SEP, f"{SEP};level=+S1;q=0.5", "*/*", "application/*", f"text/html, {SEP};csipaus=1.3", ""]
)
def test_an_accept_header_with_ours_is_acceptable(client: Client, accept: str) -> None:
    assert client.get("/dcap", headers={"accept": accept}).status_code == 200


def test_no_accept_header_is_acceptable(client: Client) -> None:
    del client.headers["accept"]
    assert client.get("/dcap").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/nothing",
        "/edev/",
        "/edev/999",
        "/edev/01",
        "/edev/x/der",
        "/edev/999/di",
        "/edev/1%0A",
        "/mup/9",
        "//edev",
    ],
)
def test_what_is_not_there_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("POST", "/dcap", "GET, HEAD"),
        ("DELETE", "/edev", "GET, HEAD, POST"),
        ("PATCH", "/edev/1", "DELETE, GET, HEAD, PUT"),
        ("PUT", "/edev/1/rg", "GET, HEAD"),
        ("PUT", "/edev/1/der/1", "DELETE, GET, HEAD"),
        ("OPTIONS", "/mup/1", "DELETE, GET, HEAD, POST"),
    ],
)
def test_other_methods_are_answered_with_those_there_are(client: Client, method: str, path: str, allow: str) -> None:
    response = client.request(method, path)
    assert (response.status_code, response.headers["allow"]) == (405, allow)


def test_a_body_that_is_too_long_is_refused_without_being_read(strict_server: Server) -> None:
    head = f"POST /edev HTTP/1.1\r\nHost: x\r\nContent-Type: {SEP}\r\nContent-Length: 1000000000\r\n\r\n"
    with handshake(strict_server, trusting_context(strict_server)) as connection:
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_chunks_are_counted_and_the_connection_goes_on(strict_server: Server) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(20):
            yield b" " * 1000

    with Client(strict_server) as client:
        response = client.post("/edev", content=chunks(), headers={"content-type": SEP})
        assert (response.status_code, reason_of(response)) == (413, 2)
        assert client.get("/dcap").status_code == 200


def test_chunks_within_the_limit_are_taken(client: Client) -> None:
    content = dumps(end_device(new_lfdi()))
    parts = iter([content[:50], content[50:]])
    assert client.post("/edev", content=parts, headers={"content-type": SEP}).status_code == 201


def test_a_failure_is_logged_with_its_traceback_and_told_to_nobody_else(own_pki: Pki, tmp_path: Path) -> None:
    database = tmp_path / "server.db"
    with running(own_pki, tmp_path, database=database) as server, Client(server) as client:
        path = client.register(new_lfdi())
        connection = sqlite3.connect(database)
        connection.execute("UPDATE resource SET document = 'broken' WHERE path = ?", (path,))
        connection.commit()
        connection.close()
        response = client.get(path)
        assert (response.status_code, reason_of(response)) == (500, 2)
        assert b"Traceback" not in response.content
        assert client.get("/dcap").status_code == 200
        _, _, errors = server.stop()
    assert f"GET {path} failed" in errors
    assert "Traceback" in errors and "not well-formed XML" in errors


# The table of routes


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.pattern)
def test_a_route_names_its_messages_if_and_only_if_it_takes_any(route: Route) -> None:
    assert bool(route.accepts) == bool({"PUT", "POST"} & {*route.methods})
