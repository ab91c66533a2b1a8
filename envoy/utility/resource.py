"""The base classes of resources: reading, writing, deleting and listing them, and refusing a request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from lxml import etree

from envoy.bindings.fields import Field, fields_of
from envoy.codec.parser import parse
from envoy.identity import parse_lfdi
from envoy.profiles import Profile
from envoy.protocol.links import items_attribute
from envoy.utility.programs import Programs
from envoy.utility.rates import set_poll_rate
from envoy.utility.settings import Settings
from envoy.utility.store import Store
from sep2 import (
    ErrorReasonCode,
    Link,
    SubscribableType,
)

T = TypeVar("T")

_LARGEST_UINT32 = (1 << 32) - 1


class RequestError(Exception):
    """A request that gets an error response.

    Args:
        status: HTTP status code.
        detail: Why, for the log and for the ``message`` of the Error body.
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
        location: Path of what was created or replaced.
        content: The octets of a body that is not a typed object.
        content_type: Their media type.
    """

    status: int
    body: Any = None
    location: str = ""
    content: bytes = b""
    content_type: str = ""


@dataclass
class Resource:
    """What is at a path, during one request and inside a transaction of the store.

    A subclass has a method for each method of HTTP that it takes: ``get``, ``put``, ``post``, ``delete``.

    Attributes:
        client: LFDI of the client, who sees only what is its own.
        path: Path of the resource.
        query: Parameters of the query.
        body: The typed object that was sent, None if the method takes none.
        content: Its octets, as they were sent.
        now: Time of the utility, in seconds since 1970.
        profile: The edition of the protocol that it speaks with the client.
        settings: Its settings.
        store: Its resources.
        programs: Its programs, controls and curves.
        read: Returns what a client gets at a path, with at most so many items; None if there is nothing.
    """

    client: bytes
    path: str
    query: Mapping[str, str]
    body: Any
    content: bytes
    now: int
    profile: Profile
    settings: Settings
    store: Store
    programs: Programs
    read: Callable[[bytes, str, int], Any]

    @property
    def end_device(self) -> str:
        """Path of the EndDevice that this resource is below, or is."""
        return "/".join(self.path.split("/", 3)[:3])

    def site(self) -> bytes:
        """Return the LFDI of the EndDevice that this resource is below, or is.

        Raises:
            RequestError: The client has no such EndDevice.
        """
        lfdi = self.store.key(self.client, self.end_device)
        if lfdi is None:
            raise not_found()
        return parse_lfdi(lfdi)

    def number(self, segment: int) -> int:
        """Return the number in a segment of the path, counted from the EndDevice: 2 for that of ``fsa/2``.

        Raises:
            RequestError: It is not a number.
        """
        text = self.path.split("/")[2 + segment]
        # In one form alone: what is subscribed to is known by its path.
        if not (text.isascii() and text.isdecimal() and len(text) < 19 and text == str(int(text))):
            raise not_found()
        return int(text)

    def note_change(self, of: type[Any]) -> None:
        """Note that the resource, which is below an EndDevice and of some class, has changed."""
        below = self.path.removeprefix(self.end_device)
        self.store.changes.note(of, f"{{edev}}{below}", [self.site()])

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

    def query_number(self, name: str, default: int) -> int:
        """Return a number of the query.

        Raises:
            RequestError: It is not a number.
        """
        text = self.query.get(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdecimal() and len(text) <= 10 and int(text) <= _LARGEST_UINT32):
            raise RequestError(400, f"query parameter {name} is {text[:20]!r}, expected a number")
        return int(text)

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


class WritableDocument(Resource):
    """A resource that a client may write, below one that exists, and that is sent back as it was written.

    A bitmap keeps its width so: ``03`` is another hexBinary than ``00000003``.
    """

    def get(self) -> Reply:
        document = self.store.own_document(self.client, self.path)
        if document is None:
            raise not_found()
        if self.profile is not self.store.profile:
            found = self.store.loads(document)
            self.present(self.path, found)
            return Reply(200, found)
        root = parse(document)
        root.set("href", self.path)
        if self.profile.schema_version:
            root.set("schemaVer", self.profile.schema_version)
        return Reply(200, content=etree.tostring(root, encoding="utf-8"), content_type=self.profile.content_type)

    def put(self) -> Reply:
        self.write()
        self.note_change(type(self.body))
        return Reply(204)

    def write(self) -> bool:
        """Keep what the client sent, without its address and links, and return whether it is the first there."""
        self.require(self.parent)
        root = parse(self.content)
        root.attrib.pop("href", None)
        for field in _links(type(self.body)):
            for link in root.findall(field.tag):
                root.remove(link)
        return self.store.put_document(self.client, self.path, etree.tostring(root, encoding="utf-8"))


class ListResource(Resource):
    """A list, read page by page (IEEE 2030.5-2018, 4.5 to 4.7).

    Attributes:
        list_class: Its class.
        subscribable: Whether clients may subscribe to it.
    """

    list_class: ClassVar[type[Any]]
    subscribable: ClassVar[bool] = False

    def get(self) -> Reply:
        start, limit = self.query_number("s", 0), min(self.query_number("l", 1), self.settings.page_limit)
        after = self.query_number("a", 0) if "a" in self.query else None
        total, members = self.read_page(start, limit, after)
        items = {items_attribute(self.list_class): members}
        page = self.list_class(href=self.path, all=total, results=len(members), **items)
        set_poll_rate(self.store, page, self.settings.poll_rate)
        if self.subscribable:
            page.subscribable = SubscribableType.NON_CONDITIONAL
        return Reply(200, page)

    def read_page(self, start: int, limit: int, after: int | None) -> tuple[int, list[Any]]:
        """Return how many items the list has, and those of one page.

        Args:
            start: How many to leave out.
            limit: How many at most.
            after: Leave out those that are not after this time, in a list that is in order of time; None for all.

        Raises:
            RequestError: The list is not there.
        """
        raise NotImplementedError

    def present_all(
        self, items: Sequence[T], start: int, limit: int, present: Callable[[T], Any]
    ) -> tuple[int, list[Any]]:
        """Return a page of a list that is there as a whole."""
        return len(items), [present(item) for item in items[start : start + limit]]


class StoredList(ListResource):
    """A list of what clients have written, at the root or below a resource that exists."""

    def read_page(self, start: int, limit: int, after: int | None) -> tuple[int, list[Any]]:
        if self.parent:
            self.require(self.parent)
        members = []
        for path, member in self.store.page(self.client, self.path, start, limit):
            self.present(path, member)
            members.append(member)
        return self.store.count(self.client, self.path), members


def clear_links(resource: Any) -> None:
    """Remove the address and all links that a client sent: which there are is for the utility to say."""
    resource.href = None
    for field in _links(type(resource)):
        setattr(resource, field.name, [] if field.many else None)


def _links(cls: type) -> list[Field]:
    return [field for field in fields_of(cls) if issubclass(field.type, Link)]
