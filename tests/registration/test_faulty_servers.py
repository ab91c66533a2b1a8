"""What a registration says of invalid documents and of errors, and that it ends whatever a server responds."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from envoy.documents import dumps
from envoy.errors import ResponseError
from envoy.protocol.flow import Request, Response
from envoy.protocol.results import RegistrationError
from sep2 import (
    Error,
    ErrorReasonCode,
)
from tests.support.registrations import (
    FOUND,
    LOST,
    NOT_SENT,
    WRITTEN,
    Utility,
    fails,
    knowing,
    new_site,
    outcomes,
    xml,
)

# Documents with errors


def test_an_error_in_another_device_does_not_hinder_a_registration() -> None:
    site = new_site()
    server = knowing(site)
    sent = server.usual(Request("", "GET", "/edev?l=50")).content.decode()
    neighbour = '<EndDevice href="/edev/0"><lFDI>0xNOTHEX</lFDI><changedTime>0</changedTime></EndDevice>'
    sent = sent.replace("<EndDevice ", f"{neighbour}<EndDevice ", 1).replace('all="2"', 'all="3"')
    server.answers("GET /edev", Response(200, content=sent.encode()))
    registration = server.run(site)
    assert outcomes(registration)[2] == ("end-device", FOUND)
    assert outcomes(registration)[-1] == ("der-availability", WRITTEN)
    bad, missing = registration.findings
    where = r"GET /edev\?s=0&l=50: EndDeviceList/EndDevice\[1\]"
    assert re.fullmatch(rf"{where}/lFDI \(line 1\): '0xNOTHEX' is not .*", bad)
    assert re.fullmatch(rf"{where} \(line 1\): the required element sFDI is missing", missing)


def test_an_error_that_is_read_twice_is_noted_once() -> None:
    site, server = new_site(), Utility()
    page = '<EndDeviceList all="1" results="1"><EndDevice href="/edev/0"><sFDI>0</sFDI></EndDevice></EndDeviceList>'
    server.answers("GET /edev", xml(page))
    server.answers("POST /edev", Response(409))
    assert len(fails(server, site, at="end-device, POST /edev").registration.findings) == 1


def test_a_body_that_is_no_message_is_reported_as_what_it_is(snapshot: Any) -> None:
    bodies = (
        b"",
        b"   ",
        b"OK",
        b'{"detail": "logged out"}',
        b"<html><title>Sign in</title><body>Proxy &amp; Co</html>",
        b'<Time xmlns="urn:ieee:std:2030.5:ns"/>',
    )
    errors = []
    for content in bodies:
        server = Utility()
        server.answers("GET /dcap", Response(200, content=content))
        error = str(fails(server, new_site(), at="device-capability, GET /dcap"))
        errors.append(re.sub(r"XML: .*, line", "XML: <libxml2>, line", error))
    assert errors == snapshot


# Errors of the server


def refused(status: int, content: bytes = b"", **headers: str) -> RegistrationError:
    """Return the error for a response to PUT DeviceInformation."""
    server = Utility()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    server.answers("PUT /edev/2/di", Response(status, named, content))
    return fails(server, new_site(), at="device-information, PUT /edev/2/di")


def test_an_error_says_what_its_body_says_whatever_format_it_has(snapshot: Any) -> None:
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
    errors = [refused(400, content) for content in bodies]
    assert [error.what for error in errors] == snapshot
    assert all(error.what.isprintable() for error in errors)
    assert {error.remedy for error in errors} == {errors[0].remedy}


def test_an_error_keeps_what_a_program_can_use() -> None:
    error = refused(503, dumps(Error(reason_code=ErrorReasonCode(2), max_retry_duration=600))).__cause__
    assert isinstance(error, ResponseError)
    assert (error.status, error.reason_code, error.max_retry_duration) == (503, 2, 600)


def test_an_error_says_when_to_try_again(snapshot: Any) -> None:
    date = "Fri, 07 Nov 2025 23:59:59 GMT"
    errors = refused(503, retry_after="120"), refused(429, b"slow down", retry_after=date)
    assert [str(error) for error in errors] == snapshot


@pytest.mark.parametrize(("status", "known"), [(418, 400), (422, 400), (599, 500), (502, 500), (304, 300), (302, 300)])
def test_an_unknown_status_means_the_same_as_the_first_of_its_class(status: int, known: int) -> None:
    assert str(status) in refused(status).what
    assert refused(status).remedy == refused(known).remedy


@pytest.mark.parametrize("status", [400, 401, 403, 406, 409, 413, 415, 429, 500, 503])
def test_each_status_of_the_standard_has_its_own_remedy(status: int) -> None:
    others = {refused(other).remedy for other in (400, 401, 403, 406, 409, 413, 415, 429, 500, 503) if other != status}
    assert refused(status).remedy not in others


# Whatever comes


FALSE_LIST = b'<EndDeviceList xmlns="urn:ieee:std:2030.5:ns"><EndDevice/></EndDeviceList>'

BODIES = (
    b"",
    b"<",
    b"<html>",
    b"{}",
    b"\xff\0",
    FALSE_LIST,
    b'<DERList xmlns="urn:ieee:std:2030.5:ns" all="7"><DER href="http://["/><DER href=""/></DERList>',
    b'<DERList xmlns="urn:ieee:std:2030.5:ns"><DER href="/der/7"><DERCapabilityLink/></DER></DERList>',
    b'<DERCapability xmlns="urn:ieee:std:2030.5:ns"><rtgMaxW/><type>4</type></DERCapability>',
    b'<DeviceCapability xmlns="urn:ieee:std:2030.5:ns"><EndDeviceListLink href="/edev"/></DeviceCapability>',
)
STATUSES = (200, 201, 204, 302, 400, 403, 404, 405, 409, 500, 503)
LOCATIONS: tuple[dict[str, str], ...] = ({}, {"location": ""}, {"location": "/edev/2"}, {"location": "http://["})

any_answer = st.one_of(
    st.sampled_from([LOST, NOT_SENT]),
    st.builds(Response, st.sampled_from(STATUSES), st.sampled_from(LOCATIONS), st.sampled_from(BODIES)),
)


@settings(deadline=None, max_examples=200)
@example(answers={2: Response(200, content=FALSE_LIST)}, known=True)
@given(answers=st.dictionaries(st.integers(0, 30), any_answer, max_size=6), known=st.booleans())
def test_whatever_a_server_answers_a_registration_ends_with_a_result_or_its_own_error(
    answers: dict[int, Response | Exception], known: bool
) -> None:
    site = new_site()
    server = knowing(site) if known else Utility()
    server.statuses.clear()
    misled = False

    def answer(request: Request) -> Response:
        nonlocal misled
        assert len(server.sent) < 200, "the registration does not end"
        server.sent.append(str(request))
        given = answers.get(len(server.sent) - 1)
        if isinstance(given, Exception):
            raise given
        if given and given.ok and given.content == FALSE_LIST and request.href.startswith("/edev?"):
            misled = True
        return given or server.usual(request)

    server.answer = answer  # type: ignore[method-assign]
    with suppress(RegistrationError):
        assert server.run(site).lfdi == site.lfdi
    # Only a server that hides a device in its list is asked to make it once more.
    assert misled or 409 not in server.statuses
