"""The log of an EndDevice: the alarms and other events that it reports (IEEE 2030.5-2018, 10.2.7)."""

from __future__ import annotations

from typing import Any

from envoy.utility.resource import Document, Reply, StoredList
from envoy.utility.router import Route
from sep2 import LogEvent, LogEventList


class LogEventListResource(StoredList):
    """The log of an EndDevice, the latest event first."""

    list_class = LogEventList

    def read_page(self, start: int, limit: int, after: int | None) -> tuple[int, list[Any]]:
        self.require(self.parent)
        members = []
        # The position is minus the time.
        before = None if after is None else -after
        for path, member in self.store.page(self.client, self.path, start, limit, before):
            self.present(path, member)
            members.append(member)
        return self.store.count(self.client, self.path, before), members

    def post(self) -> Reply:
        """Add an event."""
        self.require(self.parent)
        event: LogEvent = self.body
        event.href = None
        # Of before all time is as good as of long ago, and is a number of SQLite's.
        position = -max(event.created_date_time, -(1 << 62))
        return Reply(201, location=self.store.add(self.client, self.path, event, position=position))


ROUTES = (
    Route("/edev/{edev}/lel", LogEventListResource, (LogEvent,)),
    Route("/edev/{edev}/lel/{lel}", Document),
)
