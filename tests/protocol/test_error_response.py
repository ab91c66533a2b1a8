"""Errors made of responses: a message and a remedy for each status."""

from __future__ import annotations

import json
from xml.sax.saxutils import escape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from envoy.documents import dumps
from envoy.errors import ResponseError
from envoy.namespaces import SEP_NAMESPACE
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


def said(message: str, status: int = 400) -> ResponseError:
    """Return the error for an Error with a message, as the reference server has it."""
    text = escape(message)
    body = f'<Error xmlns="{SEP_NAMESPACE}"><reasonCode>0</reasonCode><message>{text}</message></Error>'
    return _refused(status, body.encode())


PYDANTIC = [
    {"type": "missing", "loc": ["doeModesSupported"], "msg": "[line 1]: Field required", "input": {}},
    {"type": "enum", "loc": ["status"], "msg": "Input should be 1, 2 or 3", "input": "251"},
]


def test_the_message_of_an_error_is_shown_and_decides_the_remedy(snapshot: SnapshotAssertion) -> None:
    errors = [
        said("sfdi mismatch. POST body: 12 cert: 34", 403),
        said("lFDI or sFDI conflict.", 409),
        said(json.dumps(PYDANTIC)),
        said("Invalid ConnectionPoint.id format.", 422),
        said("Unrecognised client certificate.", 403),
        said("Client certificate 4E4F is marked as expired by the server.", 403),
        said("Missing certificate PEM header/fingerprint from gateway.", 500),
        said("Client 5A1F can't access this resource for the aggregator EndDevice", 403),
        said("subject '3000' references a DOE not available on this utility server"),
        said("Not Found", 404),
    ]
    assert "\n".join(map(str, errors)) == snapshot
    assert {error.reason_code for error in errors} == {0}
    assert len({error.remedy for error in errors}) == len(errors)


def test_what_json_and_html_say_decides_the_remedy_too(snapshot: SnapshotAssertion) -> None:
    bodies = (
        b'{"detail": "lfdi mismatch"}',
        json.dumps({"detail": PYDANTIC}).encode(),
        b"<html><head><title>NMI invalid</title></head></html>",
        b"[]",
        b'[{"msg": 1}, 2]',
    )
    assert "\n".join(str(_refused(400, content)) for content in bodies) == snapshot


@pytest.mark.parametrize("status", [495, 496, 400, 403])
def test_a_proxy_that_refuses_our_certificate_is_understood(status: int, snapshot: SnapshotAssertion) -> None:
    page = "<html><head><title>400 {0}</title></head><body><center>{0}</center><hr>nginx/1.25.3</body></html>"
    texts = ("No required SSL certificate was sent", "The SSL certificate error")
    assert [_refused(status, page.format(text).encode()).remedy for text in texts] == snapshot


def test_a_message_is_short_and_cannot_command_a_terminal() -> None:
    error = said("\u202ered \u009b31m" + "long " * 10_000)
    assert str(error).replace("\n", "").isprintable() and len(str(error)) < 600
    headers = {"retry_after": "1" * 5000, "allow": "GET, " * 1000}
    assert len(str(_refused(405, b"{" + b"x" * 100_000, **headers))) < 800


@given(
    st.binary() | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(lambda x: json.dumps(x).encode())
)
@example(b"[" * 50_000)
@example(b'{"detail": [{"msg": "x", "loc": 1}]}')
@example(b'{"detail": [{"msg": "x", "loc": {"a": 1}}]}')
def test_any_body_gives_an_error_of_one_line(content: bytes) -> None:
    error = _refused(400, content)
    assert error.what.isprintable() and len(error.what) < 300
