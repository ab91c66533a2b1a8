"""A registration in the dialect of envoy-client 0.1."""

from __future__ import annotations

from urllib.parse import urlsplit

from envoy import Site
from envoy.identity.dialects import LegacyLFDI
from envoy.protocol.flow import Request, Response, drive
from envoy.registration.register import register
from tests.conftest import ROOT


class OldUtility:
    """A server of that time: fixed paths, and documents as they were sent."""

    def __init__(self) -> None:
        self.devices = b""
        self.documents: dict[str, bytes] = {}
        self.sent: list[str] = []

    def answer(self, request: Request) -> Response:
        path = urlsplit(request.href).path
        self.sent.append(f"{request.method} {path}")
        content = (request.content or b"").partition(b"?>")[2].strip()
        if request.method == "POST" and path == "/edev":
            self.devices = content.replace(b"<EndDevice>", b'<EndDevice href="/edev/3">')
            return Response(201, {"location": "/edev/3"})
        if request.method == "POST":
            self.documents["/edev/3/der"] = b'<DERList><DER href="/edev/3/der/5"/></DERList>'
            return Response(201, {"location": "/edev/3/der/5"})
        if request.method == "PUT":
            self.documents[path] = content
            return Response(200)
        if path == "/edev":
            return Response(200, content=b"<EndDeviceList>" + self.devices + b"</EndDeviceList>")
        return Response(200, content=self.documents[path]) if path in self.documents else Response(404)


def test_the_old_dialect_is_registered_in_its_own_order_and_found_again() -> None:
    site = Site.load(ROOT / "examples" / "seed-site.toml", profile="envoy-0.1")
    assert isinstance(site.lfdi, LegacyLFDI) and site.lfdi[0] == 0, "an LFDI with leading zeros"
    server = OldUtility()
    first = drive(register(site, "envoy-0.1"), server.answer)
    assert server.sent == [
        "GET /edev",
        "POST /edev",
        "PUT /edev/3/di",
        "POST /edev/3/der",
        "PUT /edev/3/der/5/dercap",
        "PUT /edev/3/cp",
    ]
    server.sent.clear()
    second = drive(register(site, "envoy-0.1"), server.answer)
    assert {request.split()[0] for request in server.sent} == {"GET"}
    assert (first.href, second.href) == ("/edev/3", "/edev/3")
    assert not second.changed
    assert first.findings == second.findings == []


def test_the_old_dialect_writes_what_the_server_does_not_let_it_read() -> None:
    site = Site.load(ROOT / "examples" / "seed-site.toml", profile="envoy-0.1")
    server = OldUtility()
    drive(register(site, "envoy-0.1"), server.answer)
    for path in ("/edev/3/di", "/edev/3/der/5/dercap", "/edev/3/cp"):
        del server.documents[path]
    server.sent.clear()
    drive(register(site, "envoy-0.1"), server.answer)
    assert [request for request in server.sent if not request.startswith("GET")] == [
        "PUT /edev/3/di",
        "PUT /edev/3/der/5/dercap",
        "PUT /edev/3/cp",
    ]
