"""Reads that the sites of a fleet share: what several of them want of a server is asked for once.

A GET of what another site is asking for just now gets the same response. One that was asked for not longer ago than its
``pollRate`` comes from memory, and its model is the same object for all sites. Where it has changed, all that read it
hear of it. What a single site reads is not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from envoy.der.follow.directory import STEP
from envoy.der.follow.findings import FollowSession
from envoy.der.follow.polling.polls import FASTEST_RATE, choose_rate
from envoy.profiles import Profile
from envoy.protocol.flow import Request, Response
from envoy.protocol.retry import retry_after

T = TypeVar("T")
Reader = TypeVar("Reader")


class _Kept(Generic[Reader]):
    """A resource that several sites read.

    Attributes:
        request: The request that is under way; None if none is.
        joined: Those that wait for its response, besides the one that sends it.
        response: The last response.
        model: What was read of it; None as long as nobody has.
        sent: When it was asked for.
        rate: Seconds for which it is good.
        reader: Who asked for it.
    """

    __slots__ = ("joined", "model", "rate", "reader", "request", "response", "sent")

    def __init__(self) -> None:
        self.request: Request | None = None
        self.joined: list[Reader] = []
        self.response: Response | None = None
        self.model: Any = None
        self.sent = 0.0
        self.rate = float(FASTEST_RATE)
        self.reader: Reader | None = None


class SharedReads(Generic[Reader]):
    """What the sites of a fleet read, and what several of them have read of late.

    Args:
        clock: Returns the time in seconds since 1970.
        on_change: Called with a site that reads a resource, and its path, when another has read it and it has changed.

    Attributes:
        saved: How many requests did not have to be sent.
    """

    def __init__(self, clock: Callable[[], float], on_change: Callable[[Reader, str], None]) -> None:
        self._clock = clock
        self._on_change = on_change
        # Most resources are read by one site, for which there is nothing but its name here.
        self._readers: dict[str, Reader | set[Reader]] = {}
        self._kept: dict[str, _Kept[Reader]] = {}
        self._late: dict[int, _Kept[Reader]] = {}
        self.saved = 0

    def find_readers(self, path: str) -> Iterator[Reader]:
        """Return those that read a resource.

        Args:
            path: Its path, without a query.
        """
        found = self._readers.get(path)
        if isinstance(found, set):
            yield from list(found)
        elif found is not None:
            yield found

    def ask(self, request: Request, reader: Reader) -> Response | bool:
        """Return the response to a request from memory; or whether somebody sends it already, whose response is shared.

        Where it is neither, the reader sends it, and the request is to be settled.
        """
        if request.method != "GET" or request.step != STEP or not self._is_shared(request.href, reader):
            return False
        kept = self._kept.setdefault(request.href, _Kept())
        if kept.request is not None:
            kept.joined.append(reader)
            self.saved += 1
            return True
        fresh = self._clock() - kept.sent < kept.rate
        # Whoever has asked for it last comes back when its period has passed, give or take a moment.
        if kept.response is not None and fresh and kept.reader is not reader:
            self.saved += 1
            return kept.response
        kept.request, kept.reader, kept.sent = request, reader, self._clock()
        return False

    def settle(self, request: Request, response: Response | None) -> list[Reader]:
        """Take over the response to a request, and return those that share it.

        Args:
            request: The request.
            response: The response; None if there is none.
        """
        kept = self._kept.get(request.href)
        if kept is None or kept.request is not request:
            late = self._late.pop(id(request), None)
            return [] if late is None else late.joined
        joined, kept.joined, kept.request = kept.joined, [], None
        before, kept.response, kept.model = kept.response, response, None
        # Until somebody has read what it says of that.
        kept.rate = float(FASTEST_RATE)
        if response is not None and not response.ok:
            asked = retry_after(response, datetime.fromtimestamp(self._clock(), UTC))
            kept.rate = max(kept.rate, asked or 0.0)
        elif before is not None and response is not None and before.content != response.content:
            path = request.href.partition("?")[0]
            for reader in self.find_readers(path):
                if reader is not kept.reader and reader not in joined:
                    self._on_change(reader, path)
        return joined

    def expire(self, path: str | None = None) -> None:
        """Give nothing from memory of what was asked for until now.

        Args:
            path: The path of the resource; None for all.
        """
        for href, kept in list(self._kept.items()):
            if path is None or href.partition("?")[0] == path:
                kept.rate = 0.0
                if kept.request is not None:
                    # It may have been read before that, and is for those alone that wait for it already.
                    self._late[id(kept.request)] = kept
                    self._kept[href] = _Kept()

    def get(self, request: Request, response: Response) -> _Kept[Reader] | None:
        """Return what is known of the response to a request; None if it is not shared."""
        kept = self._kept.get(request.href)
        return kept if kept is not None and kept.response is response else None

    def forget(self, readers: Collection[Reader]) -> None:
        """Forget sites that are no longer followed, all at once: this looks at everything that is read."""
        gone = set(readers)
        for path, found in list(self._readers.items()):
            left = found - gone if isinstance(found, set) else {found} - gone
            if not left:
                del self._readers[path]
            elif isinstance(found, set):
                found &= left
        for kept in self._kept.values():
            kept.joined = [reader for reader in kept.joined if reader not in gone]
            if kept.reader in gone:
                kept.reader = None

    def _is_shared(self, href: str, reader: Reader) -> bool:
        path = href.partition("?")[0]
        known = self._readers.setdefault(path, reader)
        if known is reader:
            return False
        if not isinstance(known, set):
            self._readers[path] = known = {known}
        known.add(reader)
        return len(known) > 1


class SharedSession(FollowSession):
    """The session of one site of a fleet: what several sites read is decoded once.

    Args:
        profile: How messages look on the wire.
        reads: What they share.
        most: How many findings it keeps.
        report: Called with each.
    """

    def __init__(
        self, profile: Profile, reads: SharedReads[Any], *, most: int, report: Callable[[str], None] = lambda _: None
    ) -> None:
        super().__init__(profile, most=most, report=report)
        self._reads = reads
        # Lists of controls and defaults do not say how often they are to be read, but the list that leads to them does.
        self._rate: int | None = None

    def read(self, request: Request, response: Response, cls: type[T]) -> T:
        """Return the typed body of a response, which is not to be changed."""
        kept = self._reads.get(request, response)
        if kept is not None and isinstance(kept.model, cls):
            model: T = kept.model
        else:
            model = super().read(request, response, cls)
        if request.step == STEP:
            self._rate = getattr(model, "poll_rate", None) or self._rate
        if kept is not None and kept.model is None:
            kept.model, kept.rate = model, float(choose_rate(self._rate))
        return model
