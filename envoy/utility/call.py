"""What passes between the HTTP side of the server and the functions that serve its resources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from envoy.profiles import Profile, get_profile
from envoy.utility.settings import Settings
from envoy.utility.store import Store
from sep2 import ErrorReasonCode

_LARGEST_UINT32 = (1 << 32) - 1


class RefusedError(Exception):
    """A request that is answered with an error.

    Args:
        status: HTTP status code.
        why: For the server's log; the Error body has no room for it.
        reason: What the Error body says.
        headers: Further headers of the response.
    """

    def __init__(
        self,
        status: int,
        why: str,
        reason: ErrorReasonCode = ErrorReasonCode.INVALID_REQUEST_VALUES,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status = status
        self.why = why
        self.reason = reason
        self.headers = dict(headers or {})
        super().__init__(f"{status}: {why}")


def not_found() -> RefusedError:
    """Return the answer to a request for what does not exist, or belongs to somebody else."""
    return RefusedError(404, "nothing there that this client may see")


def too_large(why: str) -> RefusedError:
    """Return the answer to a request that is more than the server takes at a time."""
    return RefusedError(413, why, ErrorReasonCode.RESOURCE_LIMIT_REACHED)


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a request.

    Attributes:
        status: HTTP status code.
        body: A typed object, None for an empty body.
        location: Path of what was created or replaced, or where to go instead.
    """

    status: int
    body: Any = None
    location: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A request, judged and typed, inside a transaction of the store.

    Attributes:
        owner: LFDI of the client's certificate.
        path: Path of the resource, as the server itself writes it in links.
        query: Parameters of the query.
        body: The typed object that was sent, None if the method takes none.
        now: Server time, in seconds since 1970.
        settings: The server's settings.
        store: The server's resources.
    """

    owner: bytes
    path: str
    query: Mapping[str, str]
    now: int
    settings: Settings
    store: Store
    body: Any = field(default=None)

    @property
    def profile(self) -> Profile:
        """The edition of the protocol that the server speaks."""
        return get_profile(self.settings.profile)

    @property
    def csip_aus(self) -> bool:
        """Whether that edition has the CSIP-AUS extensions."""
        return self.profile.csip_aus

    @property
    def parent(self) -> str:
        """Path of the resource that this one is below."""
        return self.path.rpartition("/")[0]

    def page(self) -> tuple[int, int]:
        """Return which page of a list is asked for: the first item and how many (IEEE 2030.5-2018, 4.5 to 4.7).

        Raises:
            RefusedError: ``s`` or ``l`` is not a UInt32.
        """
        return self._number("s", 0), min(self._number("l", 1), self.settings.page_limit)

    def _number(self, name: str, default: int) -> int:
        text = self.query.get(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdecimal() and len(text) <= 10 and int(text) <= _LARGEST_UINT32):
            raise RefusedError(400, f"query parameter {name} is {text[:20]!r}, expected a number")
        return int(text)


Handler = Callable[[Call], Reply]
