"""URLs of servers, and the proxies on the way to them."""

from __future__ import annotations

import httpx

from envoy.errors import EnvoyError

DEFAULT_PORTS = {"http": 80, "https": 443}

_PROXIED = ("http", "https", "all")
"""Schemes of the URLs for which the environment may name a proxy."""


def server_url(text: str) -> httpx.URL:
    """Return the URL of a server from its text.

    Raises:
        EnvoyError: It is not the URL of a server, or it has a password in it.
    """
    remedy = "Write it as https://host:port, or as the URL of DeviceCapability."
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise EnvoyError(f"{text!r} is not the URL of a server: {error}", remedy=remedy) from None
    if url.userinfo:
        # It would show up in every message and log.
        raise EnvoyError(
            "the URL of the server has a user name or password in it",
            remedy="Remove it and give auth=httpx.BasicAuth(...), or an Authorization header.",
        )
    port = DEFAULT_PORTS.get(url.scheme, 0) if url.port is None else url.port
    if url.scheme not in DEFAULT_PORTS or not url.host or not 0 < port <= 0xFFFF:
        raise EnvoyError(f"{text!r} is not the URL of a server", remedy=remedy)
    return url


def entry_of(url: httpx.URL) -> str | None:
    """Return the path of DeviceCapability, with its query, that the URL of a server has; None if it has none."""
    return url.raw_path.decode() if url.path.strip("/") else None


def origin(url: httpx.URL) -> str:
    """Return scheme, host and port; the default port of the scheme is left out."""
    port = None if url.port == DEFAULT_PORTS.get(url.scheme) else url.port
    return f"{url.scheme}://{url.copy_with(port=port).netloc.decode()}"


def same_origin(one: httpx.URL, other: httpx.URL) -> bool:
    """Whether two URLs have the same scheme, host and port; httpx leaves out a default port."""
    return one.raw_scheme == other.raw_scheme and one.raw_host == other.raw_host and one.port == other.port


def proxies() -> dict[str, str]:
    """Return the proxies that the environment names for HTTP, by the scheme of URLs: ``http``, ``https`` or ``all``."""
    import urllib.request  # deferred: it loads much that URLs do without

    # There may also be some for FTP and the like, and hosts that are to be reached without one.
    named = urllib.request.getproxies()
    if named.get("no") == "*":
        return {}
    return {scheme: proxy_url(named[scheme]) for scheme in _PROXIED if named.get(scheme)}


def proxy_of(url: httpx.URL) -> str | None:
    """Return the proxy that the environment names on the way to a URL; None for none."""
    import urllib.request  # deferred: as above

    named = proxies()
    proxy = named.get(url.scheme) or named.get("all")
    return None if proxy is None or urllib.request.proxy_bypass(url.host) else proxy


def proxy_url(text: str) -> str:
    """Return the URL of a proxy, which may be named without its scheme."""
    return text if "://" in text else f"http://{text}"
