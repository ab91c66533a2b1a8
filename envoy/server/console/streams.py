"""The streams of server-sent events of the console: which sites have changed, and in what respect."""

from __future__ import annotations

import asyncio
import json
import weakref
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

from envoy.identity import format_lfdi
from envoy.utility.changes import Change
from sep2 import (
    DERList,
    DERSettings,
    DERStatus,
    EndDeviceList,
    MirrorMeterReadingList,
    MirrorUsagePoint,
    ResponseList,
    Time,
)

MOST_STREAMS = 16
"""Most streams at a time: each page that is open has one."""

_PAUSE = 0.2
"""Seconds in which changes are collected before they are sent."""
_HEARTBEAT = 15.0
"""Longest silence in seconds; the time that is sent then keeps the clock of the page right."""
_MOST_SITES = 200
"""Most sites that are named; of more, the page is to look at whatever it shows."""

_KINDS: dict[type[Any], str] = {
    EndDeviceList: "sites",
    Time: "time",
    ResponseList: "responses",
    DERList: "status",
    DERStatus: "status",
    DERSettings: "status",
    MirrorUsagePoint: "readings",
    MirrorMeterReadingList: "readings",
}
"""What the page calls the changes of a resource; all others are those of ``controls``."""


class _Stream:
    """What one page has not been sent yet."""

    def __init__(self) -> None:
        self.wake = asyncio.Event()
        self.kinds: set[str] = set()
        self.sites: set[bytes] | None = set()

    def note(self, changes: Iterable[Change]) -> None:
        for change in changes:
            self.kinds.add(_KINDS.get(change.resource, "controls"))
            if change.sites is None or self.sites is None or len(self.sites | change.sites) > _MOST_SITES:
                self.sites = None
            else:
                self.sites |= change.sites
        self.wake.set()

    def take(self) -> dict[str, Any]:
        sites = None if self.sites is None else sorted(format_lfdi(lfdi) for lfdi in self.sites)
        taken = {"kinds": sorted(self.kinds), "sites": sites}
        self.kinds, self.sites = set(), set()
        self.wake.clear()
        return taken


class Streams:
    """The streams that are open.

    Args:
        now: Time of the utility.
    """

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        # What is never read, since its page has gone before, is forgotten with its reader.
        self._open: weakref.WeakSet[_Stream] = weakref.WeakSet()
        self._closed = False

    def note(self, changes: Iterable[Change]) -> None:
        """Have changes sent."""
        for stream in self._open:
            stream.note(changes)

    def open(self) -> AsyncIterator[str] | None:
        """Return the events of a new stream; None if there are too many, or no more to come."""
        if len(self._open) >= MOST_STREAMS or self._closed:
            return None
        stream = _Stream()
        self._open.add(stream)
        return self._read(stream)

    def close(self) -> None:
        """End all streams."""
        self._closed = True
        for stream in self._open:
            stream.wake.set()

    async def _read(self, stream: _Stream) -> AsyncIterator[str]:
        try:
            yield self._event(stream)
            while not self._closed:
                try:
                    await asyncio.wait_for(stream.wake.wait(), _HEARTBEAT)
                    await asyncio.sleep(0 if self._closed else _PAUSE)
                except TimeoutError:
                    pass
                if not self._closed:
                    yield self._event(stream)
        finally:
            self._open.discard(stream)

    def _event(self, stream: _Stream) -> str:
        return f"data: {json.dumps({'now': self._now(), **stream.take()})}\n\n"
