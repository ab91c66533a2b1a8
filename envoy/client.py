"""The client: protocol runs over httpx, with mutual TLS and errors that say what to do."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import httpx

from envoy import __version__
from envoy.errors import EnvoyError, TransportError
from envoy.exchange import Flow, Request, Response, headers_of
from envoy.failures import transport_error
from envoy.profiles import DEFAULT_PROFILE, Profile, get_profile
from envoy.registration import register
from envoy.results import Registration
from envoy.site import Site
from envoy.tls import client_context
from envoy.xml import MAX_SIZE

T = TypeVar("T")

MAX_REDIRECTS = 5

_REDIRECTS = frozenset({301, 302, 307, 308})
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request that was answered.

    Attributes:
        request: What was sent.
        response: What came back.
        url: Where it was sent.
        seconds: How long the answer took.
        tls: Protocol and cipher suite of the connection, empty if it has no TLS.
    """

    request: Request
    response: Response
    url: str
    seconds: float
    tls: str


class Client:
    """A client of one utility server. Use it as a context manager, or call ``close``.

    Args:
        url: The server: ``https://host:port``; a path in it is that of DeviceCapability.
        cert: PEM file with the client's certificate.
        key: PEM file with its private key; None if it is in ``cert``.
        ca: PEM file with the CA of the server; None for those of the system.
        profile: How messages look on the wire.
        check_hostname: Whether the server's certificate must name the host; its chain is verified either way.
        headers: Further headers for every request, such as ``{"X-Token": "..."}`` for a local server without TLS.
        auth: Any httpx authentication.
        transport: An httpx transport in place of the network; the TLS settings are then the transport's own.
        timeout: Seconds to wait for a connection, and for each part of an answer.
        validate: Judge what is sent by the profile's schema before sending it.
        allow_other_hosts: Follow links and redirects to other hosts, which then get the certificate and headers too.
        on_exchange: Told of each exchange as it happens.

    Raises:
        EnvoyError: The URL or a file is not what it should be.
        ProfileError: There is no such profile.
    """

    def __init__(
        self,
        url: str,
        *,
        cert: str | Path | None = None,
        key: str | Path | None = None,
        ca: str | Path | None = None,
        profile: str | Profile = DEFAULT_PROFILE,
        check_hostname: bool = True,
        headers: Mapping[str, str] | None = None,
        auth: httpx.Auth | None = None,
        transport: httpx.BaseTransport | None = None,
        timeout: float = 30.0,
        validate: bool = True,
        allow_other_hosts: bool = False,
        on_exchange: Callable[[Exchange], None] | None = None,
    ) -> None:
        server = _server_url(url)
        self.profile = get_profile(profile)
        self.validate = validate
        self.allow_other_hosts = allow_other_hosts
        self.on_exchange = on_exchange
        self.base = _origin(server)
        self.entry = server.raw_path.decode() if server.path.strip("/") else None
        # A transport brings its own TLS, so httpx need not load its certificates for nothing.
        verify = client_context(cert=cert, key=key, ca=ca, check_hostname=check_hostname) if not transport else False
        try:
            self._http = httpx.Client(
                headers={"User-Agent": f"envoy-client/{__version__}", **_checked(headers or {})},
                auth=auth,
                transport=transport,
                timeout=timeout,
                verify=verify,
                follow_redirects=False,
            )
        except (ImportError, ValueError) as error:
            raise EnvoyError(
                f"the proxy that the environment names cannot be used: {error}",
                remedy="HTTPS_PROXY, HTTP_PROXY and ALL_PROXY name it; NO_PROXY names the hosts to reach without it.",
            ) from None

    def register(self, site: Site) -> Registration:
        """Register a site, or bring an existing registration up to date; running it again changes nothing.

        Args:
            site: The site.

        Returns:
            What each step did, and what the server sent that does not fit.

        Raises:
            IdentityError, EncodeError, ValidationError: The site cannot be expressed in the profile; nothing was sent.
            RegistrationError: A step failed; it has what was done before, and running it again continues from there.
        """
        return self.run(register(site, self.profile, entry=self.entry, validate=self.validate))

    def run(self, flow: Flow[T]) -> T:
        """Send the requests of a protocol run and give it the responses, until it returns."""
        try:
            request = next(flow)
            while True:
                try:
                    response = self.send(request)
                except TransportError as error:
                    request = flow.throw(error)
                else:
                    request = flow.send(response)
        except StopIteration as stop:
            result: T = stop.value
            return result

    def send(self, request: Request) -> Response:
        """Send one request and return its response, whatever its status. Redirects are followed.

        A redirected PUT or POST is sent again as what it was, never turned into a GET.

        Raises:
            TransportError: No whole answer came, or it redirects too often or to another host.
            EnvoyError: The client is closed.
        """
        if self._http.is_closed:
            raise EnvoyError("the client is closed", where=str(request), remedy="Make a new Client.")
        url = self._url(request, request.href, httpx.URL(self.base))
        for _ in range(MAX_REDIRECTS + 1):
            response = self._send_once(request, url)
            # 303 means that what was asked for is done, and a GET shows the result.
            followed = response.status in _REDIRECTS or (response.status == 303 and request.method == "GET")
            if not followed or not response.location:
                return response
            url = self._url(request, response.location, url)
        raise TransportError(
            f"more than {MAX_REDIRECTS} redirects, the last to {url}",
            where=str(request),
            remedy="The server redirects in a circle: report it to the utility.",
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _url(self, request: Request, href: str, base: httpx.URL) -> httpx.URL:
        url = None
        with suppress(httpx.InvalidURL, ValueError):
            url = base.join(href)
        if url is None or url.scheme not in _DEFAULT_PORTS:
            raise TransportError(
                f"the server sends us to {href[:200]!r}, which cannot be followed",
                where=f"{request.method} {request.href[:200]}",
                remedy="This is a fault of the server: report it to the utility.",
            )
        if _origin(url) != self.base and not self.allow_other_hosts:
            raise TransportError(
                f"the server sends us to another host, {_origin(url)}, which was not followed",
                where=str(request),
                remedy="If that host is to get our certificate and headers too: allow_other_hosts=True "
                "(--allow-other-hosts).",
            )
        return url

    def _send_once(self, request: Request, url: httpx.URL) -> Response:
        headers = headers_of(request, self.profile)
        started = time.perf_counter()
        try:
            with self._http.stream(request.method, url, content=request.content, headers=headers) as answer:
                # A connection that the server closes after this answer tells nothing once the body is read.
                tls = _negotiated(answer)
                content = self._body(request, answer)
        except (httpx.HTTPError, UnicodeError) as error:
            raise transport_error(request, url, error) from error
        received = dict(answer.headers)
        if "location" in received:
            received["location"] = self._local(received["location"])
        response = Response(answer.status_code, received, content)
        if self.on_exchange is not None:
            self.on_exchange(Exchange(request, response, str(url), time.perf_counter() - started, tls))
        return response

    def _local(self, location: str) -> str:
        """Return a Location on this server as a path, which is how links are written."""
        try:
            url = httpx.URL(location)
        except httpx.InvalidURL:
            return location
        return url.raw_path.decode() if _origin(url) == self.base else location

    @staticmethod
    def _body(request: Request, answer: httpx.Response) -> bytes:
        content = bytearray()
        for chunk in answer.iter_bytes():
            content += chunk
            if len(content) > MAX_SIZE:
                raise TransportError(
                    f"the answer is larger than {MAX_SIZE} octets, the rest was not read",
                    where=str(request),
                    remedy="This is no message of the protocol: check the URL.",
                    maybe_received=True,
                )
        return bytes(content)


def _server_url(text: str) -> httpx.URL:
    remedy = "Write it as https://host:port, or as the URL of DeviceCapability."
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise EnvoyError(f"{text!r} is not the URL of a server: {error}", remedy=remedy) from None
    if url.userinfo:
        # It would show up in every message and log.
        raise EnvoyError(
            "the URL of the server has a user name or password in it",
            remedy="Leave it out and give auth=httpx.BasicAuth(...), or an Authorization header.",
        )
    port = _DEFAULT_PORTS.get(url.scheme, 0) if url.port is None else url.port
    if url.scheme not in _DEFAULT_PORTS or not url.host or not 0 < port <= 0xFFFF:
        raise EnvoyError(f"{text!r} is not the URL of a server", remedy=remedy)
    return url


def _origin(url: httpx.URL) -> str:
    """Return scheme, host and port; a port that goes without saying is left out."""
    port = None if url.port == _DEFAULT_PORTS.get(url.scheme) else url.port
    return f"{url.scheme}://{url.copy_with(port=port).netloc.decode()}"


def _checked(headers: Mapping[str, str]) -> Mapping[str, str]:
    for name, value in headers.items():
        if not (f"{name}{value}".isascii() and f"{name}{value}".isprintable() and name and " " not in name):
            raise EnvoyError(f"the header {name!r} cannot be sent", remedy="Headers are printable ASCII on one line.")
    return headers


def _negotiated(answer: httpx.Response) -> str:
    stream = answer.extensions.get("network_stream")
    tls = stream.get_extra_info("ssl_object") if stream is not None else None
    if tls is None:
        return ""
    cipher = tls.cipher()
    return f"{tls.version()} {cipher[0]}" if cipher else ""
