"""Responses: what sites report of the events that they were sent (IEEE 2030.5-2018, 10.2.3)."""

from __future__ import annotations

from typing import Any

from envoy.bindings.times import format_mrid
from envoy.identity import format_lfdi
from envoy.utility.resource import ListResource, Reply, RequestError, Resource, not_found
from envoy.utility.router import Route
from sep2 import (
    Response,
    ResponseList,
    ResponseListLink,
    ResponseSet,
    ResponseSetList,
    ResponseStatus,
)

_SET = "derc"
"""Name of the set of responses to DERControls."""


class _Responses(Resource):
    def make_set(self) -> ResponseSet:
        href = f"{self.end_device}/rsps/{_SET}"
        lfdi = self.site()
        count = self.store.value("SELECT count(*) FROM response WHERE lfdi = ?", lfdi)
        return ResponseSet(
            href=href,
            mrid=self.programs.make_mrid(lfdi[:12]),
            description="DERControl",
            response_list_link=ResponseListLink(href=f"{href}/rsp", all=count),
        )


class ResponseSetListResource(_Responses, ListResource):
    """The sets of responses of an EndDevice: one."""

    list_class = ResponseSetList

    def read_page(self, start: int, limit: int, after: int | None) -> tuple[int, list[Any]]:
        return self.present_all([self.make_set()], start, limit, lambda each: each)


class ResponseSetResource(_Responses):
    """The set of the responses of an EndDevice to DERControls."""

    def get(self) -> Reply:
        return Reply(200, self.make_set())


class ResponseListResource(_Responses, ListResource):
    """The responses of an EndDevice, the latest first; the ``replyTo`` of its controls."""

    list_class = ResponseList

    def read_page(self, start: int, limit: int, after: int | None) -> tuple[int, list[Any]]:
        lfdi = self.site()
        where = "lfdi = ? AND (? IS NULL OR created > ?)"
        total = self.store.value(f"SELECT count(*) FROM response WHERE {where}", lfdi, after, after)  # noqa: S608
        rows = self.store.rows(
            f"SELECT number, document FROM response WHERE {where} "  # noqa: S608  # names of our own
            "ORDER BY created DESC, number DESC LIMIT ? OFFSET ?",
            *(lfdi, after, after, limit, start),
        )
        return total, [present_response(self, f"{self.path}/{number}", document) for number, document in rows]

    def post(self) -> Reply:
        """Keep a response, if it is one to an event of this EndDevice that can be."""
        lfdi, response = self.site(), self.body
        if response.end_device_lfdi != lfdi:
            raise RequestError(400, f"the endDeviceLFDI is not that of this EndDevice, which is {format_lfdi(lfdi)}")
        if response.status not in ResponseStatus.__members__.values():
            known = "1 to 14 and 252 to 254"
            raise RequestError(400, f"the status is {_number(response.status)}, expected {known}")
        control = self.programs.find_control(lfdi, response.subject)
        if control is None:
            subject = format_mrid(response.subject)
            raise RequestError(400, f"the subject {subject} is not the mRID of an event of this EndDevice")
        response.href = None
        number = self.store.insert(
            "INSERT INTO response (control, lfdi, status, created, arrived, document) VALUES (?, ?, ?, ?, ?, ?)",
            *(control, lfdi, int(response.status), response.created_date_time, self.now, self.store.dumps(response)),
        )
        return Reply(201, location=f"{self.path}/{number}")


class ResponseResource(_Responses):
    """A response."""

    def get(self) -> Reply:
        number = self.path.rpartition("/")[2]
        query = "SELECT document FROM response WHERE lfdi = ? AND CAST(number AS TEXT) = ?"
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
    Route(f"/edev/{{edev}}/rsps/{_SET}", ResponseSetResource),
    Route(f"/edev/{{edev}}/rsps/{_SET}/rsp", ResponseListResource, (Response,)),
    Route(f"/edev/{{edev}}/rsps/{_SET}/rsp/{{rsp}}", ResponseResource),
)
