"""Errors made of responses: a message and a remedy for each status."""

from __future__ import annotations

from syrupy.assertion import SnapshotAssertion

from envoy.protocol.error_response import read_error
from envoy.protocol.flow import Request, Response

STATUSES = (300, 400, 401, 403, 404, 405, 406, 409, 413, 415, 429, 500, 503)


def test_each_status_has_its_remedy(snapshot: SnapshotAssertion) -> None:
    errors = [read_error(Request("test", "PUT", "/x"), Response(status)) for status in STATUSES]
    assert "\n".join(map(str, errors)) == snapshot
    assert [error.status for error in errors] == list(STATUSES)


def test_an_unknown_status_has_the_remedy_of_its_class() -> None:
    for status, known in ((302, 300), (422, 400), (501, 500), (599, 500)):
        error, like = (read_error(Request("test", "PUT", "/x"), Response(each)) for each in (status, known))
        assert (error.status, error.remedy) == (status, like.remedy)
