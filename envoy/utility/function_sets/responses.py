"""Responses: what sites report of the events that they were sent (IEEE 2030.5-2018, 10.2.3)."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from envoy.bindings.times import format_mrid
from envoy.identity import format_lfdi
from envoy.utility.resource import ListResource, Reply, RequestError, Resource, not_found
from envoy.utility.router import Route
from envoy.utility.tariffs import Tariffs
from sep2 import (
    DERControl,
    Response,
    ResponseList,
    ResponseListLink,
    ResponseSet,
    ResponseSetList,
    ResponseStatus,
    TimeTariffInterval,
)


@dataclass(frozen=True, slots=True)
class _Set:
    """The responses to one kind of event.

    Attributes:
        name: Its name in paths.
        event: Class of the events.
        table: Table of the responses.
        subject: Column with the number of the event.
    """

    name: str
    event: type[Any]
    table: str
    subject: str


_SETS = {
    each.name: each
    for each in (
        _Set("derc", DERControl, "response", "control"),
        _Set("tti", TimeTariffInterval, "price_response", "price"),
    )
}


_LATER = (ResponseStatus.RESUMED, ResponseStatus.NOT_SUPPORTED)
"""Statuses that came with the edition of 2023."""


def offered_sets(request: Resource) -> list[str]:
    """Return the names of the sets of responses that there are: that to prices, where there are tariffs."""
    tariffs = request.profile.csip_aus_1_3 and request.store.value("SELECT 1 FROM tariff LIMIT 1")
    return list(_SETS) if tariffs else ["derc"]


class _Responses(Resource):
    @property
    def set(self) -> _Set:
        """The set that the path is in."""
        return _SETS[self.path.split("/")[4]]

    def make_set(self, kind: _Set) -> ResponseSet:
        href = f"{self.end_device}/rsps/{kind.name}"
        lfdi = self.site()
        count = self.store.value(f"SELECT count(*) FROM {kind.table} WHERE lfdi = ?", lfdi)  # noqa: S608
        return ResponseSet(
            href=href,
            mrid=self.programs.make_mrid(lfdi[:11] + bytes([list(_SETS).index(kind.name)])),
            description=kind.event.__name__,
            response_list_link=ResponseListLink(href=f"{href}/rsp", all=count),
        )


class ResponseSetListResource(_Responses, ListResource):
    """The sets of responses of an EndDevice, one for each kind of event."""

    list_class = ResponseSetList

    def read_page(self, start: int, limit: int, after: int | None) -> tuple[int, list[Any]]:
        sets = [_SETS[name] for name in offered_sets(self)]
        return self.present_all(sets, start, limit, self.make_set)


class ResponseSetResource(_Responses):
    """The set of the responses of an EndDevice to one kind of event."""

    def get(self) -> Reply:
        return Reply(200, self.make_set(self.set))


class ResponseListResource(_Responses, ListResource):
    """The responses of an EndDevice, the latest first; the ``replyTo`` of its events."""

    list_class = ResponseList

    def read_page(self, start: int, limit: int, after: int | None) -> tuple[int, list[Any]]:
        lfdi = self.site()
        where = "lfdi = ? AND (? IS NULL OR created > ?)"
        total = self.store.value(f"SELECT count(*) FROM {self.set.table} WHERE {where}", lfdi, after, after)  # noqa: S608
        rows = self.store.rows(
            f"SELECT number, document FROM {self.set.table} WHERE {where} "  # noqa: S608  # names of our own
            "ORDER BY created DESC, number DESC LIMIT ? OFFSET ?",
            *(lfdi, after, after, limit, start),
        )
        return total, [present_response(self, f"{self.path}/{number}", document) for number, document in rows]

    def post(self) -> Reply:
        """Keep a response, if it is one to an event of this EndDevice that can be."""
        lfdi, response = self.site(), self.body
        if response.end_device_lfdi != lfdi:
            raise RequestError(400, f"the endDeviceLFDI is not that of this EndDevice, which is {format_lfdi(lfdi)}")
        later = self.store.profile.edition >= "2023"
        if response.status not in ResponseStatus.__members__.values() or (response.status in _LATER and not later):
            known = "1 to 15 and 251 to 254" if later else "1 to 14 and 252 to 254"
            raise RequestError(400, f"the status is {_number(response.status)}, expected {known}")
        event = self._find_event(lfdi, response.subject)
        if event is None:
            subject = format_mrid(response.subject)
            raise RequestError(400, f"the subject {subject} is not the mRID of an event of this EndDevice")
        response.href = None
        number = self.store.insert(
            f"INSERT INTO {self.set.table} ({self.set.subject}, lfdi, status, created, arrived, document) "  # noqa: S608
            "VALUES (?, ?, ?, ?, ?, ?)",
            *(event, lfdi, int(response.status), response.created_date_time, self.now, self.store.dumps(response)),
        )
        self.note_change(ResponseList)
        return Reply(201, location=f"{self.path}/{number}")

    def _find_event(self, lfdi: bytes, mrid: bytes) -> int | None:
        """Return the number of the event of an mRID that is for a site, None if there is none."""
        if self.set.event is TimeTariffInterval:
            return Tariffs(self.store, self.programs.new_mrid).find_price(mrid)
        return self.programs.find_control(lfdi, mrid)


class ResponseResource(_Responses):
    """A response."""

    def get(self) -> Reply:
        number = self.path.rpartition("/")[2]
        query = f"SELECT document FROM {self.set.table} WHERE lfdi = ? AND CAST(number AS TEXT) = ?"  # noqa: S608
        document = self.store.value(query, self.site(), number)
        if document is None:
            raise not_found()
        return Reply(200, present_response(self, self.path, document))


def present_response(request: Resource, href: str, document: bytes) -> Response:
    """Return a response that was kept, with its address."""
    response: Response = request.store.loads(document)
    response.href = href
    return response


def _number(status: ResponseStatus | None) -> str:
    return "missing" if status is None else str(int(status))


ROUTES = (
    Route("/edev/{edev}/rsps", ResponseSetListResource),
    *(
        Route(f"/edev/{{edev}}/rsps/{name}{rest}", resource, accepts, offered)
        for name, offered in (("derc", lambda profile: True), ("tti", attrgetter("csip_aus_1_3")))
        for rest, resource, accepts in (
            ("", ResponseSetResource, ()),
            ("/rsp", ResponseListResource, (Response,)),
            ("/rsp/{rsp}", ResponseResource, ()),
        )
    ),
)
