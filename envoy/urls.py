"""URLs of servers."""

from __future__ import annotations

import httpx

from envoy.errors import EnvoyError

DEFAULT_PORTS = {"http": 80, "https": 443}


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
