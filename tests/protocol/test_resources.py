"""Typed access to resources: by link, by object and by href, against the real server, by both clients."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from syrupy.assertion import SnapshotAssertion

import sep2.links
from envoy import AsyncClient, Client
from envoy.client.client import Exchange
from envoy.errors import EncodeError, EnvoyError, ResponseError, TransportError
from envoy.protocol.links import is_list, items_attribute, list_class, resource_class
from envoy.protocol.paging import PAGE_SIZE
from envoy.tls.pki import Pki
from envoy.validation.findings import ValidationError
from sep2 import (
    DER,
    ConnectionPoint,
    DERCapability,
    DERList,
    DERListLink,
    DERProgramListLink,
    EndDevice,
    EndDeviceList,
    Link,
    List,
    ListLink,
    SubscribableList,
    Time,
)
from tests.conftest import ROOT, StartServer
from tests.support.messages import message
from tests.support.registrations import new_site
from tests.support.scripted import Handler, Serve

NAMESPACE = 'xmlns="urn:ieee:std:2030.5:ns"'


@pytest.fixture(autouse=True)
def no_system_certificates(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Spare each new client the reading of a few hundred CA certificates that no test here needs."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))


class Awaited:
    """An AsyncClient that is used as a Client is, so that one test serves for both."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.loop = asyncio.Runner()
        self.loop.run(self._open(*args, **options))

    async def _open(self, *args: Any, **options: Any) -> None:
        self.client = AsyncClient(*args, **options)

    def __enter__(self) -> Awaited:
        return self

    def __exit__(self, *_: object) -> None:
        self.loop.run(self.client.aclose())
        self.loop.close()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self.client, name)

        def call(*args: Any) -> Any:
            result = method(*args)
            return self._each(result) if hasattr(result, "__anext__") else self.loop.run(result)

        return call

    def _each(self, items: Any) -> Iterator[Any]:
        async def following() -> Any:
            return await anext(items, None)

        while (item := self.loop.run(following())) is not None:
            yield item


Open = Callable[..., Any]


@pytest.fixture(params=[Client, Awaited], ids=["Client", "AsyncClient"])
def connect(request: pytest.FixtureRequest, pki: Pki) -> Open:
    """Return a client of either kind, which is used in the same way."""
    files = pki.devices["aggregator"]
    credentials = {"cert": files.certificate, "key": files.key, "ca": pki.ca.certificate, "max_wait": 0.01}
    return lambda url, **options: request.param(url, **{**credentials, **options})


def test_links_lead_from_one_resource_to_the_next(connect: Open, start_server: StartServer) -> None:
    site = new_site()
    with connect(start_server()) as client:
        client.register(site)
        capability = client.discover()
        assert capability.href == "/dcap"
        assert isinstance(client.time(), Time)
        devices = client.get(capability.end_device_list_link)
        assert isinstance(devices, EndDeviceList)
        device = devices.end_device[1]
        assert device.lfdi == site.lfdi
        assert client.get(device) == device
        assert client.get(device.href, EndDevice) == device
        ders = client.get(device.der_list_link)
        assert isinstance(ders, DERList)
        ratings = client.get(ders.der[0].der_capability_link)
        assert isinstance(ratings, DERCapability)
        assert ratings.rtg_max_w == site.ders[0].capability.rtg_max_w
        point = client.get(device.connection_point_link, ConnectionPoint)
        assert point.connection_point_id == site.nmi


def test_a_list_is_read_to_its_end_and_comes_as_one(connect: Open, start_server: StartServer) -> None:
    sites = [new_site(ders=[]) for _ in range(4)]
    with connect(start_server("--page-limit", "2")) as client:
        for site in sites:
            client.register(site)
        devices = client.get("/edev", EndDeviceList)
        assert [device.lfdi for device in devices.end_device[1:]] == [site.lfdi for site in sites]
        assert devices.all == devices.results == 5
        # A query asks for one page and gets it.
        page = client.get("/edev?s=1&l=2", EndDeviceList)
        assert [device.lfdi for device in page.end_device] == [site.lfdi for site in sites[:2]]


def test_end_devices_are_read_page_by_page_as_they_are_needed(connect: Open, start_server: StartServer) -> None:
    told: list[Exchange] = []
    with connect(start_server("--page-limit", "1"), on_exchange=told.append) as client:
        for _ in range(3):
            client.register(new_site(ders=[]))
        told.clear()
        devices = iter(client.end_devices())
        assert told == []
        assert [next(devices).href, next(devices).href] == ["/edev/1", "/edev/2"]
        assert [str(exchange.request) for exchange in told] == ["GET /dcap", "GET /edev?s=0&l=50", "GET /edev?s=1&l=50"]
        assert [device.href for device in devices] == ["/edev/3", "/edev/4"]


def test_what_is_written_is_read_again_and_what_is_deleted_is_gone(connect: Open, start_server: StartServer) -> None:
    site = new_site()
    with connect(start_server()) as client:
        device = client.get(client.register(site).href, EndDevice)
        client.put(device.connection_point_link, ConnectionPoint(connection_point_id="6001234567"))
        point = client.get(device.connection_point_link, ConnectionPoint)
        assert point.connection_point_id == "6001234567"
        point.connection_point_id = "6007654321"
        client.put(point, point)
        assert client.get(point).connection_point_id == "6007654321"
        href = client.post(device.der_list_link, DER())
        assert href in [der.href for der in client.items(device.der_list_link, DER)]
        assert href in [der.href for der in client.items(device.der_list_link)]
        client.delete(device)
        with pytest.raises(ResponseError) as caught:
            client.delete(device.href)
        assert caught.value.status == 404
        assert caught.value.where == f"DELETE {device.href}"


def test_a_site_is_deregistered_once_and_may_be_again(connect: Open, start_server: StartServer) -> None:
    site, other = new_site(), new_site()
    with connect(start_server()) as client:
        client.register(site)
        kept = client.register(other).href
        assert client.deregister(site) is True
        assert client.deregister(site) is False
        assert client.deregister(other.lfdi[:-1] + b"\0") is False
        assert [device.href for device in client.end_devices()] == ["/edev/1", kept]
        assert client.register(site).changed
        assert client.deregister(site.lfdi) is True


def test_a_server_that_does_not_let_a_site_be_deregistered(
    connect: Open, start_server: StartServer, snapshot: SnapshotAssertion
) -> None:
    site = new_site(ders=[])
    with connect(start_server("--fail", "DELETE /edev/2 405", "--fail", "DELETE /edev/2 404")) as client:
        client.register(site)
        with pytest.raises(ResponseError) as caught:
            client.deregister(site)
        assert message(caught.value) == snapshot
        assert caught.value.where == "DELETE /edev/2"
        # Whoever was faster, it is gone.
        assert client.deregister(site) is False


# What cannot be


@pytest.mark.parametrize("target", [None, "", DERListLink(href="", all=0)])
def test_a_link_that_is_not_there_is_not_followed(target: Any, connect: Open) -> None:
    with connect("https://127.0.0.1:1") as client:
        for use in (
            lambda: client.get(target, DERList),
            lambda: list(client.items(target, DER)),
            lambda: client.put(target, DER()),
            lambda: client.post(target, DER()),
            lambda: client.delete(target),
        ):
            with pytest.raises(EnvoyError) as caught:
                use()
            assert ("href" in caught.value.what) == (target is not None) and caught.value.remedy


def test_what_a_link_does_not_tell_has_to_be_given(connect: Open, snapshot: SnapshotAssertion) -> None:
    with connect("https://127.0.0.1:1") as client:
        for target in ("/edev", Link(href="/cp"), ListLink(href="/x", all=0)):
            with pytest.raises(EnvoyError) as caught:
                client.get(target)
            assert message(caught.value) == snapshot
        with pytest.raises(EnvoyError) as caught:
            list(client.items("/tm", Time))
        assert message(caught.value) == snapshot
        with pytest.raises(EnvoyError) as caught:
            list(client.items(sep2.TimeLink(href="/tm")))
        assert message(caught.value) == snapshot


def test_what_cannot_be_written_is_not_sent(connect: Open) -> None:
    with connect("https://127.0.0.1:1") as client:
        with pytest.raises(ValidationError):
            client.put("/cp", ConnectionPoint(connection_point_id="6" * 33))
        with pytest.raises(EncodeError):
            client.put("/cp", ConnectionPoint(connection_point_id=7))


def test_what_does_not_fit_is_an_error_or_told(connect: Open, serve: Serve, snapshot: SnapshotAssertion) -> None:
    content = f'<DERList {NAMESPACE} all="x" results="1"><DER href="/der/1"/></DERList>'.encode()
    url, told = serve(lambda handler: handler.reply(200, content)).url, list[str]()
    with connect(url) as client, pytest.raises(ResponseError) as caught:
        client.get(DERListLink(href="/der", all=0))
    assert message(caught.value) == snapshot
    assert caught.value.where == "GET /der?s=0&l=50"
    with connect(url, on_error=told.append) as client:
        assert [der.href for der in client.items("/der", DER)] == ["/der/1"]
    assert any("DERList/@all" in fault for fault in told)


def test_a_list_that_repeats_itself_is_not_taken_for_whole(
    connect: Open, serve: Serve, snapshot: SnapshotAssertion
) -> None:
    content = f'<DERList {NAMESPACE} all="9" results="1"><DER href="/der/1"/></DERList>'.encode()
    url, told = serve(lambda handler: handler.reply(200, content)).url, list[str]()
    with connect(url) as client, pytest.raises(ResponseError) as caught:
        client.get("/der", DERList)
    assert message(caught.value) == snapshot
    with connect(url, on_error=told.append) as client:
        assert len(client.get("/der", DERList).der) == 1
    assert told == ["GET /der: DERList repeats itself; only its first 1 items were seen"]


def endless(handler: Handler) -> None:
    """Respond with a full page of new items, whatever page is asked for."""
    start = int(parse_qs(urlsplit(handler.path).query)["s"][0])
    ders = "".join(f'<DER href="/der/{start + number}"/>' for number in range(PAGE_SIZE))
    handler.reply(200, f'<DERList {NAMESPACE} all="4294967295" results="{PAGE_SIZE}">{ders}</DERList>'.encode())


def test_a_list_that_never_ends_is_given_up(
    connect: Open, serve: Serve, monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion
) -> None:
    monkeypatch.setattr("envoy.protocol.paging.MAX_PAGES", 3)
    server = serve(endless)
    with connect(server.url, on_error=lambda _: None) as client:
        with pytest.raises(ResponseError) as caught:
            client.get("/der", DERList)
        assert message(caught.value) == snapshot
        assert len(server.requests) == 3
        # What is read item by item gives all that there is before.
        ders = client.items("/der", DER)
        assert [next(ders).href for _ in range(150)] == [f"/der/{number}" for number in range(150)]
        with pytest.raises(ResponseError) as caught:
            next(ders)
        assert message(caught.value) == snapshot
        assert len(server.requests) == 6


def test_a_post_without_a_location_and_one_whose_answer_is_lost(
    connect: Open, serve: Serve, snapshot: SnapshotAssertion
) -> None:
    with connect(serve(lambda handler: handler.reply(201)).url) as client, pytest.raises(ResponseError) as caught:
        client.post("/der", DER())
    assert message(caught.value) == snapshot
    server = serve(lambda handler: setattr(handler, "close_connection", True))
    with connect(server.url) as client, pytest.raises(TransportError) as lost:
        client.post("/der", DER())
    assert lost.value.maybe_received
    assert server.requests == ["POST /der"]


def test_a_server_without_time_and_end_devices(connect: Open, serve: Serve, snapshot: SnapshotAssertion) -> None:
    content = f"<DeviceCapability {NAMESPACE}/>".encode()
    with connect(serve(lambda handler: handler.reply(200, content)).url) as client:
        with pytest.raises(EnvoyError) as caught:
            client.time()
        assert message(caught.value) == snapshot
        with pytest.raises(ResponseError) as caught:
            list(client.end_devices())
        assert message(caught.value) == snapshot


# What a server refuses, as it comes over the wire


@pytest.mark.parametrize(
    ("status", "method"),
    [(400, "get"), (403, "put"), (405, "post"), (404, "delete"), (415, "put"), (429, "get"), (501, "post")],
)
def test_each_refusal_is_reported_with_its_request(status: int, method: str, connect: Open, serve: Serve) -> None:
    server = serve(lambda handler: handler.reply(status, b"<p>no", Allow="GET, HEAD"))
    with connect(server.url, retries=0) as client, pytest.raises(ResponseError) as caught:
        getattr(client, method)(*{"get": ("/x", DER), "delete": ("/x",)}.get(method, ("/x", DER())))
    error = caught.value
    assert error.status == status
    assert error.where == f"{method.upper()} /x"
    assert "<p>no" in error.what and ("GET, HEAD" in error.what) == (status == 405)
    assert error.remedy


@pytest.mark.parametrize("code", range(5))
def test_a_refusal_keeps_what_its_error_body_says(code: int, connect: Open, serve: Serve) -> None:
    body = (
        f"<Error {NAMESPACE}><maxRetryDuration>600</maxRetryDuration><reasonCode>{code}</reasonCode></Error>".encode()
    )
    server = serve(lambda handler: handler.reply(400, body))
    with connect(server.url) as client, pytest.raises(ResponseError) as caught:
        client.put("/x", DER())
    assert (caught.value.reason_code, caught.value.max_retry_duration) == (code, 600)
    assert f"Error reasonCode {code}, " in caught.value.what


def test_a_link_may_have_moved(connect: Open, serve: Serve) -> None:
    def answer(handler: Handler) -> None:
        if handler.path.startswith("/new"):
            handler.reply(204 if handler.command == "PUT" else 201, Location="/new/der/1")
        else:
            handler.reply(301, Location=f"/new{handler.path}")

    server = serve(answer)
    with connect(server.url) as client:
        client.put("/x", DER())
        assert client.post("/der", DER()) == "/new/der/1"
    assert server.requests == ["PUT /x", "PUT /new/x", "POST /der", "POST /new/der"]
    assert server.received[0][3] == server.received[1][3] != b""


# Links and their classes

LINKS = [cls for cls in vars(sep2.links).values() if isinstance(cls, type) and issubclass(cls, Link)]


def test_every_link_of_the_standard_tells_its_class(snapshot: SnapshotAssertion) -> None:
    # No schema says what is behind the last of these, and nothing has one.
    unknown = {Link, ListLink, sep2.ActiveFlowReservationListLink}
    for link in set(LINKS) - unknown:
        cls = resource_class(link)
        assert issubclass(cls, sep2.Resource)
        assert is_list(cls) == issubclass(link, ListLink)
    for link in sorted(unknown, key=lambda each: each.__name__):
        with pytest.raises(EnvoyError) as caught:
            resource_class(link)
        assert message(caught.value) == snapshot


@pytest.mark.parametrize(
    ("link", "cls"),
    [
        (DERListLink, DERList),
        (DERProgramListLink, sep2.DERProgramList),
        (sep2.ActiveDERControlListLink, sep2.DERControlList),
        (sep2.CurrentDERProgramLink, sep2.DERProgram),
        (sep2.AssociatedUsagePointLink, sep2.UsagePoint),
        (sep2.SelfDeviceLink, sep2.SelfDevice),
    ],
)
def test_a_link_is_named_after_its_class(link: type[Link], cls: type) -> None:
    assert resource_class(link) is cls


def test_every_list_has_one_kind_of_items() -> None:
    lists = [cls for cls in (getattr(sep2, name) for name in sep2.__all__) if inspect.isclass(cls)]
    lists = [cls for cls in lists if is_list(cls) and cls not in (List, SubscribableList)]
    assert len(lists) > 50
    assert all(items_attribute(cls) for cls in lists)
    assert list_class(DER) is DERList


# Types


def test_a_type_checker_knows_what_comes_back() -> None:
    api = pytest.importorskip("mypy.api")
    file = ROOT / "tests" / "client" / "typing_client.py"
    report, errors, status = api.run(["--config-file", str(ROOT / "pyproject.toml"), str(file)])
    assert (status, errors) == (0, ""), report


def test_what_a_type_checker_takes_a_link_for_is_what_the_client_reads() -> None:
    module = ast.parse((ROOT / "generated" / "sep2" / "links.py").read_text(encoding="utf-8"))
    told = {
        cls.name: ast.unparse(method.returns)
        for cls in ast.walk(module)
        if isinstance(cls, ast.ClassDef)
        for method in ast.walk(cls)
        if isinstance(method, ast.FunctionDef) and method.returns is not None
    }
    read = {}
    for name in dir(sep2.links):
        link = getattr(sep2.links, name)
        if isinstance(link, type) and issubclass(link, sep2.Link):
            with contextlib.suppress(EnvoyError):  # Link, ListLink, and one of a list that the standard does not have
                read[name] = resource_class(link).__name__
    assert told == read
    assert told["DERListLink"] == "DERList" and told["CurrentDERProgramLink"] == "DERProgram"


def test_both_clients_have_the_same_methods() -> None:
    def methods(cls: type) -> dict[str, list[str]]:
        members = {name: member for name, member in vars(cls).items() if inspect.isfunction(member) and name[0] != "_"}
        return {name.replace("aclose", "close"): list(inspect.signature(x).parameters) for name, x in members.items()}

    # A fleet is followed on an event loop alone.
    assert methods(Client) == {name: each for name, each in methods(AsyncClient).items() if name != "follow_fleet"}
