"""The client: protocol runs over httpx, with mutual TLS and errors that say what to do."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import urljoin, urlsplit

import httpx

from envoy import __version__
from envoy.errors import EnvoyError, TransportError
from envoy.exchange import Flow, Request, Response, headers_of
from envoy.profiles import DEFAULT_PROFILE, Profile, get_profile
from envoy.registration import register
from envoy.results import Registration
from envoy.site import Site
from envoy.tls import client_context, explain
from envoy.xml import MAX_SIZE

T = TypeVar("T")

MAX_REDIRECTS = 5

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


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
        parts = urlsplit(url)
        if parts.scheme not in ("https", "http") or not parts.netloc:
            raise EnvoyError(f"{url!r} is not the URL of a server", remedy="Write it as https://host:port")
        self.profile = get_profile(profile)
        self.validate = validate
        self.allow_other_hosts = allow_other_hosts
        self.on_exchange = on_exchange
        self.base = f"{parts.scheme}://{parts.netloc}"
        self.entry = parts.path if parts.path.strip("/") else None
        # A transport brings its own TLS, so httpx need not load its certificates for nothing.
        verify = client_context(cert=cert, key=key, ca=ca, check_hostname=check_hostname) if not transport else False
        self._http = httpx.Client(
            headers={"User-Agent": f"envoy-client/{__version__}", **(headers or {})},
            auth=auth,
            transport=transport,
            timeout=timeout,
            verify=verify,
            follow_redirects=False,
        )

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
        """
        url = self._url(request, request.href, self.base)
        for _ in range(MAX_REDIRECTS + 1):
            response = self._send_once(request, url)
            if response.status not in _REDIRECTS or not response.location:
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

    def _url(self, request: Request, href: str, base: str) -> str:
        url = urljoin(f"{base}/" if base == self.base else base, href)
        parts = urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}" != self.base and not self.allow_other_hosts:
            raise TransportError(
                f"the server sends us to another host, {parts.scheme}://{parts.netloc}, which was not followed",
                where=str(request),
                remedy="If that host is to get our certificate and headers too: allow_other_hosts=True "
                "(--allow-other-hosts).",
            )
        return url

    def _send_once(self, request: Request, url: str) -> Response:
        headers = headers_of(request, self.profile)
        started = time.perf_counter()
        try:
            with self._http.stream(request.method, url, content=request.content, headers=headers) as answer:
                content = self._body(request, answer)
                tls = _negotiated(answer)
        except httpx.InvalidURL as error:
            raise TransportError(f"{url!r} is not a URL: {error}", where=str(request)) from error
        except httpx.HTTPError as error:
            raise _transport_error(request, url, error) from error
        response = Response(
            status=answer.status_code,
            headers={name.lower(): value.removeprefix(self.base) for name, value in answer.headers.items()},
            content=content,
        )
        if self.on_exchange is not None:
            self.on_exchange(Exchange(request, response, url, time.perf_counter() - started, tls))
        return response

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


def _negotiated(answer: httpx.Response) -> str:
    stream = answer.extensions.get("network_stream")
    tls = stream.get_extra_info("ssl_object") if stream is not None else None
    if tls is None:
        return ""
    return f"{tls.version()} {tls.cipher()[0]}"


def _transport_error(request: Request, url: str, error: httpx.HTTPError) -> TransportError:
    """Return httpx's error in words, and whether the server may have seen the request."""
    host = urlsplit(url).netloc
    tls = explain(error)
    if tls is not None:
        return TransportError(tls[0], where=str(request), remedy=tls[1])
    if isinstance(error, httpx.ConnectTimeout):
        what, remedy = f"{host} did not answer in time", "Check the host, the port and the firewall between."
    elif isinstance(error, httpx.ConnectError):
        what = f"cannot connect to {host}: {_root_cause(error)}"
        remedy = "Check that the server runs, and its host and port."
    elif isinstance(error, httpx.TimeoutException):
        what, remedy = f"no answer from {host} in time", "Run it again: what was done will be found."
    else:
        what = f"the connection to {host} broke: {_root_cause(error)}"
        remedy = "Run it again: what was done will be found."
    sent = not isinstance(
        error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
    )
    return TransportError(what, where=str(request), remedy=remedy, maybe_received=sent)


def _root_cause(error: BaseException) -> str:
    causes = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None:
        causes.append(cause)
    found = next((x for x in reversed(causes) if isinstance(x, OSError) and x.strerror), error)
    text = found.strerror if isinstance(found, OSError) else str(found)
    return text or type(error).__name__
