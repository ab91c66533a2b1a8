"""HTTP around the utility: bodies as they come, the log of what fails, and requests at the same time."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from envoy.documents import dumps, loads
from envoy.server import create_app
from envoy.tls.pki import Pki
from envoy.utility import Settings, Utility
from sep2 import DeviceCapability, EndDevice, Error
from tests.support.serving import http_client, running
from tests.support.utilities import SEP, end_device, new_lfdi

POST = {"content-type": SEP}


# In this process, without a socket


@dataclass
class Received:
    """What an ASGI application sent, and how many messages it took of those there were."""

    status: int
    headers: dict[str, str]
    body: bytes
    taken: int


@pytest.fixture
def utility() -> Iterator[Utility]:
    log: list[str] = []
    with Utility(Settings(max_body=5000), log=log.append) as utility:
        yield utility


@pytest.fixture(scope="module")
def chain(pki: Pki) -> list[str]:
    return [ssl.DER_cert_to_PEM_cert(ssl.PEM_cert_to_DER_cert(pki.devices["device"].certificate.read_text()))]


def ask(
    utility: Utility,
    chain: list[str],
    method: str,
    href: str,
    *messages: bytes | None,
    headers: list[tuple[str, str]] | None = None,
) -> Received:
    """Send a request whose body comes in these parts; with None the client goes away."""
    path, _, query = href.encode().partition(b"?")
    given = [("content-type", SEP)] if headers is None else headers
    scope = {
        "type": "http",
        "method": method,
        "path": path.decode(),
        "raw_path": path,
        "query_string": query,
        "headers": [(name.encode(), value.encode()) for name, value in given],
        "extensions": {"tls": {"client_cert_chain": chain}} if chain else {},
    }
    waiting = [*messages]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        part = waiting.pop(0) if waiting else b""
        if part is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": part, "more_body": bool(waiting)}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(create_app(utility)(scope, receive, send))
    start, *rest = sent
    found = {name.decode(): value.decode() for name, value in start["headers"]}
    return Received(start["status"], found, b"".join(m["body"] for m in rest), len(messages) - len(waiting))


def test_an_application_that_is_handed_no_certificate_refuses_everything(utility: Utility) -> None:
    assert ask(utility, [], "GET", "/dcap").status == 403


def test_a_body_may_come_in_parts(utility: Utility, chain: list[str]) -> None:
    content = dumps(end_device(new_lfdi()))
    created = ask(utility, chain, "POST", "/edev", content[:50], content[50:])
    assert (created.status, created.headers["location"], created.body) == (201, "/edev/2", b"")


def test_a_body_that_is_too_long_is_read_up_to_the_limit(utility: Utility, chain: list[str]) -> None:
    refused = ask(utility, chain, "POST", "/edev", *[b" " * 1000] * 20)
    assert (refused.status, loads(refused.body, Error).reason_code, refused.taken) == (413, 2, 6)


def test_a_body_that_is_announced_too_long_is_not_read(utility: Utility, chain: list[str]) -> None:
    headers = [("content-type", SEP), ("content-length", "1000000000")]
    refused = ask(utility, chain, "POST", "/edev", b" ", headers=headers)
    assert (refused.status, refused.taken) == (413, 0)


def test_a_client_that_goes_away_leaves_nothing(utility: Utility, chain: list[str]) -> None:
    content = dumps(end_device(new_lfdi()))
    assert ask(utility, chain, "POST", "/edev", content[:50], None).status == 400
    assert ask(utility, chain, "GET", "/edev/2").status == 404


def test_two_headers_of_one_name_count_as_one(utility: Utility, chain: list[str]) -> None:
    assert ask(utility, chain, "GET", "/dcap", headers=[("accept", "text/html"), ("accept", SEP)]).status == 200
    assert ask(utility, chain, "GET", "/dcap", headers=[("accept", "text/html"), ("accept", "text/xml")]).status == 406


def test_a_failure_is_logged_with_its_traceback_and_nobody_else_sees_it(
    utility: Utility, chain: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    path = ask(utility, chain, "POST", "/edev", dumps(end_device(new_lfdi()))).headers["location"]
    utility.store.execute("UPDATE resource SET document = 'broken' WHERE path = ?", path)
    failed = ask(utility, chain, "GET", path)
    assert (failed.status, loads(failed.body, Error).reason_code) == (500, 2)
    assert b"Traceback" not in failed.body
    (record,) = caplog.records
    assert record.levelno == logging.ERROR and record.exc_info is not None and path in record.getMessage()
    assert ask(utility, chain, "GET", "/dcap").status == 200


# Over TLS


@pytest.fixture
def client(pki: Pki) -> Iterator[httpx.Client]:
    with Utility() as utility, running(pki, utility) as url, http_client(pki, url) as client:
        yield client


def test_head_is_get_without_the_body(client: httpx.Client) -> None:
    head, whole = client.head("/dcap"), client.get("/dcap")
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) == len(whole.content)
    assert isinstance(loads(whole.content), DeviceCapability)


def test_a_connection_goes_on_after_a_body_that_was_too_long(client: httpx.Client) -> None:
    assert client.post("/edev", content=(b" " * 100_000 for _ in range(30)), headers=POST).status_code == 413
    assert client.get("/dcap").status_code == 200


def test_of_many_posts_of_one_lfdi_at_once_just_one_succeeds(client: httpx.Client) -> None:
    content = dumps(end_device(new_lfdi()))
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: client.post("/edev", content=content, headers=POST).status_code, range(16)))
    assert sorted(statuses) == [201] + [409] * 15


def test_what_belongs_to_another_certificate_does_not_exist(pki: Pki, client: httpx.Client) -> None:
    created = client.post("/edev", content=dumps(end_device(new_lfdi())), headers=POST).headers["location"]
    assert isinstance(loads(client.get(created).content), EndDevice)
    with http_client(pki, str(client.base_url), "rival") as rival:
        assert rival.get(created).status_code == 404
