"""The paths that notifications are sent to: one for each subscription, which nobody can guess."""

from __future__ import annotations

import hmac
import re
import secrets
from base64 import b32encode
from urllib.parse import urlsplit

from envoy.errors import EnvoyError

_OWN = re.compile(r"/notify/([a-z2-7]{8})/([a-z2-7]{26})\Z")
_SECRET_OCTETS = 32


class NotificationPaths:
    """The notification paths of one client, which are the same after a restart with the same secret.

    A path ends with ``/notify``, what the paths of the client have in common, and a code that only the secret gives for
    a resource. What comes before, a proxy may add or remove.

    Args:
        public_url: The URL by which the utility reaches the listener, such as ``https://der.example:8444``.
        secret: What an earlier run had; None for a new one.

    Attributes:
        secret: To be kept over restarts.

    Raises:
        EnvoyError: The URL is not one that notifications can be sent to.
    """

    def __init__(self, public_url: str, secret: bytes | None = None) -> None:
        self.secret = secret or secrets.token_bytes(_SECRET_OCTETS)
        self._base = check_public_url(public_url)
        self._family = self._encode(b"", 5)

    def make_uri(self, href: str) -> str:
        """Return the URI that notifications of a resource are sent to."""
        return f"{self._base}/notify/{self._family}/{self.make_code(href)}"

    def make_code(self, href: str) -> str:
        """Return the code of a resource, by which its path is known."""
        return self._encode(b"\0" + href.encode(), 16)

    def find_code(self, uri: str) -> str | None:
        """Return the code in a path or URI of this client; None if it is not one, or is that of another client."""
        found = _OWN.search(uri.partition("?")[0])
        return found[2] if found and found[1] == self._family else None

    def _encode(self, what: bytes, octets: int) -> str:
        digest = hmac.digest(self.secret, what, "sha256")[:octets]
        return b32encode(digest).decode().rstrip("=").lower()


def looks_like_path(path: str) -> bool:
    """Return whether a path is like those of subscriptions, such as of a run whose secret is lost."""
    return _OWN.search(path.partition("?")[0]) is not None


def check_public_url(url: str) -> str:
    """Return a URL that notifications can be sent to, without a slash at its end.

    Raises:
        EnvoyError: They cannot: it is not one of HTTPS, or has more than a host, a port and a path.
    """
    try:
        parts = urlsplit(url)
        fits = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits or parts.query or parts.fragment or "@" in parts.netloc or not url.isascii() or " " in url:
        raise EnvoyError(
            f"{url[:200]!r} is not a URL that notifications can be sent to",
            remedy="Give the one by which the utility reaches this machine: https://der.example.com:8444.",
        )
    return url.rstrip("/")
