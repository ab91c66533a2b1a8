"""What a registration says of invalid documents, and that it ends whatever a server responds."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from envoy.protocol.flow import Request, Response
from envoy.protocol.results import RegistrationError
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
    assert re.fullmatch(rf"{where}/lFDI \(line 1\): '0xNOTHEX' starts with 0x.*", bad)
    assert re.fullmatch(rf"{where} \(line 1\): the required element sFDI is missing", missing)


def test_an_error_that_is_read_twice_is_noted_once() -> None:
    site, server = new_site(), Utility()
    page = '<EndDeviceList all="1" results="1"><EndDevice href="/edev/0"><sFDI>5</sFDI></EndDevice></EndDeviceList>'
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
        b'<DeviceCapability xmlns="http://ieee.org/2030.5"/>',
        b"<DeviceCapability/>",
        b"\x1f\x8b\x08\0\0",
        b"$EXI\x80",
        '<DeviceCapability xmlns="urn:ieee:std:2030.5:ns"/>'.encode("utf-16"),
    )
    errors = []
    for content in bodies:
        server = Utility()
        server.answers("GET /dcap", Response(200, content=content))
        error = str(fails(server, new_site(), at="device-capability, GET /dcap"))
        errors.append(re.sub(r"XML: .*, line", "XML: <libxml2>, line", error))
    assert errors == snapshot


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
