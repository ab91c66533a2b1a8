"""The base classes of resources: reading, writing, deleting and listing them, and refusing a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from envoy.bindings.fields import fields_of
from envoy.profiles import Profile
from envoy.protocol.links import items_attribute
from envoy.utility.settings import Settings
from envoy.utility.store import Store
from sep2 import ErrorReasonCode, Link

_LARGEST_UINT32 = (1 << 32) - 1


class RequestError(Exception):
    """A request that gets an error response.

    Args:
        status: HTTP status code.
        detail: Why, for the log; the Error body has no room for it.
        reason: The reasonCode of the Error body.
        headers: Further headers of the response, by lower-case name.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        reason: ErrorReasonCode = ErrorReasonCode.INVALID_REQUEST_VALUES,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status = status
        self.detail = detail
        self.reason = reason
        self.headers = dict(headers or {})
        super().__init__(f"{status}: {detail}")


def not_found() -> RequestError:
    """Return the error for what does not exist, or belongs to another client."""
    return RequestError(404, "nothing there that this client may see")


def too_large(detail: str) -> RequestError:
    """Return the error for a request that is larger than the utility takes."""
    return RequestError(413, detail, ErrorReasonCode.RESOURCE_LIMIT_REACHED)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a resource responds with.

    Attributes:
        status: HTTP status code.
        body: A typed object, None for an empty body.
        location: Path of what was created or replaced, or where to go instead.
    """

    status: int
    body: Any = None
    location: str = ""


@dataclass
class Resource:
    """What is at a path, during one request and inside a transaction of the store.

    A subclass has a method for each method of HTTP that it takes: ``get``, ``put``, ``post``, ``delete``.

    Attributes:
        client: LFDI of the client, who sees only what is its own.
        path: Path of the resource.
        query: Parameters of the query.
        body: The typed object that was sent, None if the method takes none.
        now: Time of the utility, in seconds since 1970.
        profile: The edition of the protocol that it speaks.
        settings: Its settings.
        store: Its resources.
    """

    client: bytes
    path: str
    query: Mapping[str, str]
    body: Any
    now: int
    profile: Profile
    settings: Settings
    store: Store

    @property
    def parent(self) -> str:
        """Path of the resource that this one is below."""
        return self.path.rpartition("/")[0]

    def load(self) -> Any:
        """Return what the client has at the path.

        Raises:
            RequestError: Nothing is there.
        """
        found = self.store.get(self.client, self.path)
        if found is None:
            raise not_found()
        return found

    def require(self, path: str) -> None:
        """Check that the client has something at a path.

        Raises:
            RequestError: Nothing is there.
        """
        if not self.store.exists(self.client, path):
            raise not_found()

    def present(self, path: str, found: Any) -> None:
        """Put address and links into what the client has at a path, before it is sent."""
        found.href = path

    def remove(self) -> Reply:
        """Remove the resource and all below it."""
        if not self.store.delete(self.client, self.path):
            raise not_found()
        return Reply(204)


class Document(Resource):
    """A resource that is read as it was written."""

    def get(self) -> Reply:
        found = self.load()
        self.present(self.path, found)
        return Reply(200, found)


class WritableDocument(Document):
    """A resource that a client may write, below one that exists."""

    def put(self) -> Reply:
        self.write()
        return Reply(204)

    def write(self) -> bool:
        """Keep what the client sent, and return whether it is the first there."""
        self.require(self.parent)
        clear_links(self.body)
        return self.store.put(self.client, self.path, self.body)


class ListResource(Resource):
    """A list at the root or below a resource that exists, read page by page (IEEE 2030.5-2018, 4.5 to 4.7)."""

    list_class: ClassVar[type[Any]]

    def get(self) -> Reply:
        if self.parent:
            self.require(self.parent)
        start, limit = self._number("s", 0), min(self._number("l", 1), self.settings.page_limit)
        members = []
        for path, member in self.store.page(self.client, self.path, start, limit):
            self.present(path, member)
            members.append(member)
        total = self.store.count(self.client, self.path)
        items = {items_attribute(self.list_class): members}
        return Reply(200, self.list_class(href=self.path, all=total, results=len(members), **items))

    def _number(self, name: str, default: int) -> int:
        text = self.query.get(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdecimal() and len(text) <= 10 and int(text) <= _LARGEST_UINT32):
            raise RequestError(400, f"query parameter {name} is {text[:20]!r}, expected a number")
        return int(text)


def clear_links(resource: Any) -> None:
    """Remove the address and all links that a client sent: which there are is for the utility to say."""
    resource.href = None
    cls: type = type(resource)
    for field in fields_of(cls):
        if issubclass(field.type, Link):
            setattr(resource, field.name, [] if field.many else None)
