"""Paging: lists, read page by page (IEEE 2030.5-2018, 4.5 to 4.7)."""

from __future__ import annotations

import pickle
from typing import Any, Protocol

from envoy.errors import ResponseError
from envoy.protocol import quirks
from envoy.protocol.flow import Flow
from envoy.protocol.links import items_attribute
from envoy.protocol.session import Session

PAGE_SIZE = 50
"""Items requested at a time. A server may return fewer (IEEE 2030.5-2018, 4.7)."""

MAX_PAGES = 250_000
"""Pages of a list that are read at most. A server may always have another page; others, whose lists do end, return one
item per page."""


class Seen(Protocol):
    """A set of the keys of the items that were read already."""

    def __contains__(self, key: object, /) -> bool: ...
    def __len__(self) -> int: ...
    def add(self, key: str | bytes, /) -> None: ...


class Pages:
    """The pages of one list, which may change between two of them: an item that comes twice is returned once.

    Reading ends, whatever a server sends: after ``all`` items, an empty page, two pages without anything
    new, or MAX_PAGES.

    Args:
        session: Reads the pages and notes their findings.
        step: Name of the registration step.
        href: The list's href.
        cls: Class of the list.
        seen: Stores the keys of the items; None for a set.
    """

    def __init__(self, session: Session, step: str, href: str, cls: type[Any], *, seen: Seen | None = None) -> None:
        self._session = session
        self._step = step
        self._href = href
        self._cls = cls
        self._attribute = items_attribute(cls)
        self._seen: Seen = set() if seen is None else seen
        self._received = 0
        self._pages = 0
        self._without_news = 0
        self._ended = False
        self.last: Any = None
        """The page that was read last, as it came."""

    def next(self) -> Flow[list[Any]]:
        """GET pages until one has new items, and return these; an empty list means the end.

        Raises:
            ResponseError: A status is not 2xx, a body is not such a list, or the list has more than MAX_PAGES.
        """
        mark = "&" if "?" in self._href else "?"
        while not self._ended:
            if self._pages == MAX_PAGES:
                raise self._endless()
            self._pages += 1
            href = f"{self._href}{mark}s={self._received}&l={PAGE_SIZE}"
            self.last = yield from self._session.get(self._step, href, self._cls)
            items = getattr(self.last, self._attribute)
            self._received += len(items)
            news = [item for item in items if self._is_new(item)]
            self._ended = not items or self._is_last(news=bool(news))
            if news:
                return news
        return []

    def read_all(self) -> Flow[list[Any]]:
        """GET all pages that are left, and return their new items.

        Raises:
            ResponseError: As ``next`` does.
        """
        items: list[Any] = []
        while page := (yield from self.next()):
            items += page
        return items

    def _endless(self) -> ResponseError:
        return ResponseError(
            f"{self._cls.__name__} does not end: after {self._pages} pages and {len(self._seen)} items there are more",
            status=200,
            where=f"GET {self._href}",
            remedy="This is an error of the server: report it to the utility.",
        )

    def _is_new(self, item: Any) -> bool:
        # An item without an href, which some servers send, is identified by its content; its repr is shortened.
        key = item.href or pickle.dumps(item)
        if key in self._seen:
            return False
        self._seen.add(key)
        return True

    def _is_last(self, *, news: bool) -> bool:
        name, total = self._cls.__name__, self.last.all
        if self._received == total:
            return True
        if total is not None and self._received > total:
            self._session.note(f"GET {self._href}: {name} has more items than its all={total} says; it was read on")
        self._without_news = 0 if news else self._without_news + 1
        if self._without_news < quirks.LIST_REPEATS:
            return False
        # One such page comes of an item that was added in front. A server that ignores ``s`` would never end.
        self._session.note(
            f"GET {self._href}: {name} repeats itself; only its first {len(self._seen)} items were seen",
            incomplete=True,
        )
        return True
