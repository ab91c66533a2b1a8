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
    def add(self, key: str | bytes, /) -> None: ...


class Pages:
    """The pages of one list, which may change between two of them: an item that comes twice is returned once.

    The list is read again from its start if its end shows that something may have been missed: fewer different items
    came than ``all`` promised, or ``all`` fell, so that items may have moved to a page that was read before. Reading
    ends, whatever a server sends: after all items, LIST_REPEATS pages without anything new, LIST_READINGS or MAX_PAGES.

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
        self._found = 0
        self._pages = 0
        self._readings = 0
        self._ended = False
        self._start()
        self.last: Any = None
        """The page that was read last, as it came."""

    def _start(self) -> None:
        """Go to the start of the list."""
        self._readings += 1
        self._received = 0
        self._without_news = 0
        self._found_before = self._found
        self._promised: int | None = None
        self._total: int | None = None
        self._shrunk = False

    def next(self) -> Flow[list[Any]]:
        """GET pages until one has new items, and return these; an empty list means the end.

        Raises:
            ResponseError: A status is not 2xx, a body is not such a list, the list has more than MAX_PAGES, or it ended
                before all its items came.
        """
        mark = "&" if "?" in self._href else "?"
        while not self._ended:
            if self._pages == MAX_PAGES:
                raise self._error(f"does not end: after {self._pages} pages and {self._found} items there are more")
            self._pages += 1
            href = f"{self._href}{mark}s={self._received}&l={PAGE_SIZE}"
            self.last = yield from self._session.get(self._step, href, self._cls)
            items = getattr(self.last, self._attribute)
            news = [item for item in items if self._is_new(item)]
            self._count(len(items), len(news))
            if self._is_over(empty=not items):
                self._end()
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

    def _error(
        self, what: str, remedy: str = "This is an error of the server: report it to the utility."
    ) -> ResponseError:
        return ResponseError(f"{self._cls.__name__} {what}", status=200, where=f"GET {self._href}", remedy=remedy)

    def _note(self, what: str) -> None:
        self._session.note(f"GET {self._href}: {self._cls.__name__} {what}")

    def _is_new(self, item: Any) -> bool:
        # An item without an href, which some servers send, is identified by its content; its repr is shortened.
        key = item.href or pickle.dumps(item)
        if key in self._seen:
            return False
        self._seen.add(key)
        return True

    def _count(self, items: int, news: int) -> None:
        total = self.last.all
        if self._promised is None:
            self._promised = total
        self._shrunk = self._shrunk or (total is not None and self._total is not None and total < self._total)
        self._total = total
        self._received += items
        self._found += news
        # When the list is read again, most pages have nothing new, but no more items come than there are.
        again = self._readings > 1 and self._received <= self._found + PAGE_SIZE
        self._without_news = 0 if news or again or not items else self._without_news + 1

    @property
    def _is_short(self) -> bool:
        """Whether fewer items came than there were at the start. What was added since then may be missing."""
        totals = [total for total in (self._promised, self._total) if total is not None]
        return bool(totals) and self._found < min(totals)

    def _is_over(self, *, empty: bool) -> bool:
        if empty or (self._received == self._total and not self._is_short):
            return True
        if self._total is not None and self._received > self._total and not self._is_short:
            self._note(f"has more items than its all={self._total} says; it was read on")
        # One page without news comes of an item that was added in front. A server that ignores ``s`` would never end.
        return self._without_news >= quirks.LIST_REPEATS

    def _end(self) -> None:
        """End the list, or go to its start again if something may be missing."""
        self._ended = True
        if self._without_news >= quirks.LIST_REPEATS:
            what = f"repeats itself; only its first {self._found} items were seen"
            if self._is_short:
                self._session.report_incomplete(self._error(what))
            else:
                self._note(what)
        elif self._shrunk or self._is_short:
            settled = self._readings > 1 and self._found == self._found_before and not self._shrunk
            if settled:
                self._note(f"ends after {self._found} items, though its all={self._total} says more")
            elif self._readings < quirks.LIST_READINGS:
                self._ended = False
                self._start()
            else:
                what = f"changed each time that it was read, {self._readings} times; items may have been missed"
                self._session.report_incomplete(
                    self._error(what, "Run it again when fewer things change on the server.")
                )
