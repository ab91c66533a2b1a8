"""Where notifications may be sent: a subscriber must not make the utility call whom it likes."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from envoy.errors import EnvoyError


def check_uri(uri: str, hosts: Collection[str]) -> None:
    """Check that notifications may be sent to a URI.

    This machine is always allowed, by HTTP too. Any other host has to be in the list and is sent to by HTTPS alone.

    Args:
        uri: The URI.
        hosts: The hosts that are allowed.

    Raises:
        EnvoyError: They may not.
    """
    try:
        parts = urlsplit(uri)
        host = parts.hostname or ""
        fits = parts.scheme in ("http", "https") and bool(host) and parts.port != 0
    except ValueError:
        fits = False
    if not fits or not uri.isascii() or not uri.isprintable() or " " in uri or "@" in parts.netloc:
        raise EnvoyError(f"notificationURI is {uri[:100]!r}, expected an absolute URI of HTTPS")
    if _is_loopback(parts):
        return
    if host not in {each.lower() for each in hosts}:
        allowed = ", ".join(sorted(hosts)) or "loopback alone"
        raise EnvoyError(f"the host {host} of notificationURI is not one that notifications may go to: {allowed}")
    if parts.scheme != "https":
        raise EnvoyError(f"notificationURI is {uri[:100]!r}, expected one of HTTPS")


def _is_loopback(parts: SplitResult) -> bool:
    if parts.hostname == "localhost":
        return True
    try:
        return ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
