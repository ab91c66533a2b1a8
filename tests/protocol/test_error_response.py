"""Errors made of responses: a message and a remedy for each status."""

from __future__ import annotations

from syrupy.assertion import SnapshotAssertion

from envoy.documents import dumps
from envoy.errors import ResponseError
from envoy.protocol.error_response import read_error
from envoy.protocol.flow import Request, Response
from sep2 import Error, ErrorReasonCode

STATUSES = (300, 400, 401, 403, 404, 405, 406, 409, 413, 415, 429, 500, 503)


def test_each_status_has_its_remedy(snapshot: SnapshotAssertion) -> None:
    errors = [read_error(Request("test", "PUT", "/x"), Response(status)) for status in STATUSES]
    assert "\n".join(map(str, errors)) == snapshot
    assert [error.status for error in errors] == list(STATUSES)


def test_an_unknown_status_has_the_remedy_of_its_class() -> None:
    for status, known in ((302, 300), (422, 400), (501, 500), (599, 500)):
        error, like = (read_error(Request("test", "PUT", "/x"), Response(each)) for each in (status, known))
        assert (error.status, error.remedy) == (status, like.remedy)


def _refused(status: int, content: bytes = b"", **headers: str) -> ResponseError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return read_error(Request("device-information", "PUT", "/edev/2/di"), Response(status, named, content))


def test_an_error_says_what_its_body_says_whatever_format_it_has(snapshot: SnapshotAssertion) -> None:
    bodies = (
        b"",
        b" \r\n",
        dumps(Error(reason_code=ErrorReasonCode(1))),
        dumps(Error(reason_code=ErrorReasonCode(4), max_retry_duration=90)),
        dumps(Error(reason_code=ErrorReasonCode(9))),
        b'<Error xmlns="urn:ieee:std:2030.5:ns"><reasonCode>x</reasonCode></Error>',
        b'{"detail": "bad lFDI \xc3\xa4"}',
        b'"just text"',
        b"[" * 100_000,
        b"<!DOCTYPE html><html><style>p {}</style><script>x < 1</script><h1>Bad&nbsp;Request</h1>\n<p>nginx</p>",
        b"<fault>no such thing</fault>",
        b"red \x1b[31malert\x07 \xff",
        b"long " * 100,
        b"\x00\xff\xfe",
    )
    errors = [_refused(400, content) for content in bodies]
    assert [error.what for error in errors] == snapshot
    assert all(error.what.isprintable() for error in errors)
    assert {error.remedy for error in errors} == {errors[0].remedy}


def test_an_error_keeps_what_a_program_can_use() -> None:
    error = _refused(503, dumps(Error(reason_code=ErrorReasonCode(2), max_retry_duration=600)))
    assert (error.status, error.reason_code, error.max_retry_duration) == (503, 2, 600)


def test_an_error_says_when_to_try_again(snapshot: SnapshotAssertion) -> None:
    date = "Fri, 07 Nov 2025 23:59:59 GMT"
    errors = _refused(503, retry_after="120"), _refused(429, b"slow down", retry_after=date)
    assert [str(error) for error in errors] == snapshot
