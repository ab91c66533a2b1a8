"""Whatever a server writes into the headers that are parsed, there is a response or an error of this package."""

from __future__ import annotations

import httpx
from hypothesis import example, given
from hypothesis import strategies as st

from envoy import Client
from envoy.errors import EnvoyError
from envoy.protocol.error_response import read_error
from envoy.protocol.flow import Request
from envoy.protocol.session import Session
from sep2 import DeviceCapability
from tests.support.clients import GET, POST

HEADERS = ("Allow", "Content-Encoding", "Content-Type", "Location", "Retry-After", "Set-Cookie", "Content-Length")

# Parts of headers, of which all kinds of values are made.
WORDS = (
    r"gzip x-gzip deflate br identity , ; = : / // \ ? # % %2F .. [ ] @ http: https:// utility :99999 :x [::1 xn--a "
    "\xe9 \t application/sep+xml csipaus=1.3 charset= application/exi Fri, 31 Dec 1999 23:59:59 GMT +9999 -1 0 9 "
    "99999999999999999999 GET expires= Max-Age= a=b *"
)
OCTETS = st.binary(max_size=30).filter(lambda text: not set(b"\r\n\0") & set(text))
PARTS = st.lists(st.sampled_from(WORDS.split(" ")), max_size=8)
TEXTS = PARTS.map("".join) | PARTS.map(" ".join)
VALUES = TEXTS.map(lambda text: text.encode("latin-1")) | OCTETS
BODIES = st.sampled_from([b"", b"<Error/>", b"<DeviceCapability xmlns='urn:ieee:std:2030.5:ns'/>", b"{}"])


@given(
    st.sampled_from([200, 201, 204, 302, 303, 308, 400, 401, 405, 429, 503]),
    st.dictionaries(st.sampled_from(HEADERS), VALUES, max_size=3),
    BODIES,
    st.sampled_from([GET, POST, Request("test", "GET", "/x?y=1")]),
)
@example(503, {"Retry-After": b"Fri, 31 Dec 1999 23:59:59 +99999999999999"}, b"", GET)
@example(302, {"Location": b"http://[::1/"}, b"", GET)
@example(201, {"Location": b"//\xe9\xff:99999/x"}, b"", POST)
def test_every_header_gives_a_response_or_an_error(
    status: int, headers: dict[str, bytes], body: bytes, request: Request
) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        raw = [(name.encode(), value) for name, value in headers.items()]
        return httpx.Response(status, headers=raw, stream=httpx.ByteStream(body))

    with Client("http://utility", transport=httpx.MockTransport(answer), retries=1, max_wait=0) as client:
        assert len(outcome(client, request)) < 2000


def outcome(client: Client, request: Request) -> str:
    """Return what is said of a request."""
    try:
        response = client.send(request)
        if not response.ok:
            return str(read_error(request, response))
        return str(Session(client.profile).read(request, response, DeviceCapability))
    except EnvoyError as error:
        return str(error)
