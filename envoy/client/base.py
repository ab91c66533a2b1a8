"""The common part of both clients: everything but the input and output."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from envoy._text import shorten, show_value
from envoy._version import __version__
from envoy.client.attempt import Attempt, Exchange
from envoy.client.content_encoding import ENCODINGS
from envoy.client.rate_limit import RateLimit
from envoy.errors import EnvoyError, LinkError, TransportError
from envoy.profiles import Profile, get_profile
from envoy.protocol import quirks
from envoy.protocol.flow import Flow, Request, Response, Wait
from envoy.protocol.level import Level
from envoy.protocol.resources import Access
from envoy.protocol.results import Registration
from envoy.protocol.retry import RetryPolicy, retry
from envoy.registration.deregister import deregister
from envoy.registration.register import register
from envoy.registration.site import Site, require_site
from envoy.tls.context import client_context
from envoy.urls import DEFAULT_PORTS, entry_of, origin, same_origin, server_url

if TYPE_CHECKING:
    # AsyncClient alone needs it when it runs.
    from envoy.client.connection_pool import ConnectionPool

MAX_REDIRECTS = 5

ONCE = RetryPolicy(retries=0, max_wait=0)
"""For what decides by itself when a request is sent again."""

_REDIRECTS = frozenset({301, 302, 307, 308})


class BaseClient:
    """The part of ``Client`` and ``AsyncClient`` that does no input or output."""

    _http: httpx.Client | httpx.AsyncClient | ConnectionPool
    _before: Any = None

    def __init__(
        self,
        url: str,
        *,
        cert: str | Path | None,
        key: str | Path | None,
        ca: str | Path | None,
        profile: str | Profile,
        check_hostname: bool,
        headers: Mapping[str, str] | None,
        auth: httpx.Auth | None,
        transport: httpx.BaseTransport | httpx.AsyncBaseTransport | None,
        timeout: float,
        connect_timeout: float,
        exchange_timeout: float,
        max_connections: int,
        retries: int,
        max_wait: float,
        rate: float | None,
        validate: bool,
        allow_other_hosts: bool,
        on_exchange: Callable[[Exchange], None] | None,
        on_error: Callable[[str], None] | None,
    ) -> None:
        limits = {"timeout": timeout, "connect_timeout": connect_timeout, "exchange_timeout": exchange_timeout}
        for name, value in {**limits, "max_connections": max_connections}.items():
            if not (isinstance(value, int | float) and value > 0):
                raise EnvoyError(f"{name} is {value}", remedy="Give a number above 0.")
        server = server_url(url)
        self.profile = get_profile(profile)
        self.validate = validate
        self.allow_other_hosts = allow_other_hosts
        self.on_exchange = on_exchange
        self.exchange_timeout = exchange_timeout
        self.max_connections = max_connections
        self.base = origin(server)
        self._root = httpx.URL(self.base)
        self.entry = entry_of(server)
        self._level = Level(self.profile)
        self._levels: dict[str, Level] = {}
        self._anonymous = server.scheme == "https" and cert is None and transport is None
        self._retries = RetryPolicy(retries, max_wait)
        self._reserve = None if rate is None else RateLimit(rate).reserve
        self._access = Access(self.profile, self.entry, validate=validate, on_error=on_error)
        self._files: dict[str, Any] = {"cert": cert, "key": key, "ca": ca, "check_hostname": check_hostname}
        self._options: dict[str, Any] = {
            "headers": _merged(headers or {}),
            "auth": auth,
            "transport": transport,
            # A request that waits for a free connection waits for us and not for the server.
            "timeout": httpx.Timeout(timeout, connect=min(connect_timeout, timeout), pool=None),
            "limits": httpx.Limits(max_connections=max_connections, max_keepalive_connections=max_connections),
            "follow_redirects": False,
        }
        # A transport brings its own TLS, so httpx need not load its certificates for nothing.
        verify = client_context(**self._files) if not transport else False
        try:
            self._open(**self._options, verify=verify)
        except (ImportError, ValueError, httpx.InvalidURL) as error:
            raise EnvoyError(
                f"the proxy that the environment names cannot be used: {error}",
                remedy="HTTPS_PROXY, HTTP_PROXY and ALL_PROXY name it; NO_PROXY names the hosts to reach without it.",
            ) from None

    @property
    def certificate(self) -> tuple[Path | None, Path | None]:
        """The files of the client's certificate and its key; None for none, or for one that a transport has."""
        cert, key = (None if path is None else Path(path) for path in (self._files["cert"], self._files["key"]))
        return cert, key

    @property
    def speaks_edition(self) -> bool:
        """Whether the server has shown so far that it speaks the edition of the profile; True for one of 2018."""
        return self.profile.for_2018 is None or self._level.later

    def _renew(self) -> Any:
        """Read the certificates again, for all connections from now on; return what has those before, to be closed."""
        if self._options["transport"] is not None:
            raise EnvoyError("the transport of the client has its own certificates", remedy="Make a new client.")
        verify = client_context(**self._files)
        # A request may be under way; those of the renewal before this one have long ended.
        before, self._before = self._before, self._http
        self._open(**self._options, verify=verify)
        return before

    @abstractmethod
    def _open(self, **options: Any) -> None:
        """Open the httpx client with these options."""

    def _registration(self, site: Site, *, update: bool) -> Flow[Registration]:
        return register(site, self.profile, entry=self.entry, validate=self.validate, update=update)

    def _deregistration(self, site: Site | bytes) -> Flow[bool]:
        lfdi = site if isinstance(site, bytes) else require_site(site).lfdi
        return deregister(lfdi, self.profile, entry=self.entry)

    def _route(
        self, request: Request, policy: RetryPolicy | None = None
    ) -> Generator[Attempt | Wait, Response, Response]:
        """Send a request, with retries, and on to where redirects lead; return the last response.

        Args:
            request: The request.
            policy: How often it is retried; None for as often as the client does.
        """
        if not isinstance(request, Request):
            remedy = "Pass a Request; get, put, post and delete make one."
            raise EnvoyError(f"{show_value(request)} is not a request", remedy=remedy)
        if self._http.is_closed:
            raise EnvoyError("the client is closed", where=str(request), remedy="Make a new one.")
        url = self._url(request, request.href, self._root)
        for _ in range(MAX_REDIRECTS + 1):
            level = self._level_of(url)
            adapted, headers = level.adapt(request)
            attempt = Attempt(
                adapted,
                url,
                headers,
                time_limit=self.exchange_timeout,
                on_exchange=self.on_exchange,
                to_path=self._to_path,
            )
            response = yield from retry(attempt, policy or self._retries, reserve=self._reserve, report=attempt.report)
            if level.observe(response):
                continue
            # 303 means that the request is done, and a GET shows the result.
            followed = response.status in _REDIRECTS or (response.status == 303 and request.method == "GET")
            if not followed or not response.location:
                return response
            url = self._url(request, response.location, url)
        raise TransportError(
            f"more than {MAX_REDIRECTS} redirects, the last to {shorten(str(url), 200)}",
            where=str(request),
            remedy="The server redirects in a circle: report it to the utility.",
        )

    def _level_of(self, url: httpx.URL) -> Level:
        """Return what is known of the level of the server that a URL is of."""
        if same_origin(url, self._root):
            return self._level
        return self._levels.setdefault(origin(url), Level(self.profile))

    def _url(self, request: Request, href: str, base: httpx.URL) -> httpx.URL:
        url = None
        with suppress(httpx.InvalidURL, ValueError):
            # Nearly all are plain paths, for which there is a shorter way.
            plain = href.startswith("/") and not href.startswith("//") and "/." not in href
            url = httpx.URL(f"{self.base}{href}") if plain and base is self._root else base.join(href)
        if url is None or url.scheme not in DEFAULT_PORTS:
            raise LinkError(
                f"cannot follow the redirect or link {href[:200]!r}",
                where=f"{request.method} {request.href[:200]}",
                remedy="This is an error of the server: report it to the utility.",
            )
        url = self._within_tls(url)
        if url.scheme == "http" and self._root.scheme == "https":
            raise LinkError(
                f"the redirect or link to {shorten(origin(url), 200)}, which has no TLS, was not followed",
                where=str(request),
                remedy="This is an error of the server: report it to the utility.",
            )
        if not same_origin(url, self._root) and not self.allow_other_hosts:
            raise LinkError(
                f"the redirect or link to another host, {shorten(origin(url), 200)}, was not followed",
                where=str(request),
                remedy="allow_other_hosts=True follows it, with our certificate and headers.",
            )
        return url

    def _to_path(self, location: str) -> str:
        """Return a Location on this server as a path, as in links."""
        try:
            url = httpx.URL(location)
        except httpx.InvalidURL:
            return location
        return url.raw_path.decode() if same_origin(self._within_tls(url), self._root) else location

    def _within_tls(self, url: httpx.URL) -> httpx.URL:
        """Return a URL without TLS of this server's host as that of this server (quirk ``scheme-of-backend``)."""
        astray = url.scheme == quirks.SCHEME_OF_BACKEND and self._root.scheme == "https"
        if not (astray and url.raw_host == self._root.raw_host):
            return url
        return url.copy_with(scheme=self._root.scheme, port=self._root.port)


def _merged(headers: Mapping[str, str]) -> httpx.Headers:
    """Return the headers of every request; those of the user, in whatever case, replace ours."""
    for name, value in headers.items():
        if not (f"{name}{value}".isascii() and f"{name}{value}".isprintable() and name and " " not in name):
            raise EnvoyError(f"the header {name!r} cannot be sent", remedy="Headers are printable ASCII on one line.")
    every = httpx.Headers({"User-Agent": f"envoy-client/{__version__}", "Accept-Encoding": ", ".join(ENCODINGS)})
    every.update(headers)
    return every
