"""Bodies of responses: the media type decides how they are read."""

from __future__ import annotations

import pytest

from envoy.documents import dumps
from envoy.errors import ResponseError
from envoy.profiles import get_profile
from envoy.protocol.flow import Request, Response
from envoy.protocol.session import Session
from sep2 import Resource

REQUEST = Request("time", "GET", "/tm")
BODY = dumps(Resource(href="/tm"))


@pytest.mark.parametrize("media_type", ["application/sep+xml", "application/sep+xml; csipaus=1.3", "text/html", ""])
def test_xml_of_any_media_type_is_read(media_type: str) -> None:
    response = Response(200, {"content-type": media_type}, BODY)
    assert Session(get_profile(), strict=False).read(REQUEST, response, Resource).href == "/tm"


def test_exi_is_refused_by_its_media_type() -> None:
    response = Response(200, {"content-type": "application/sep-exi"}, BODY)
    with pytest.raises(ResponseError) as caught:
        Session(get_profile()).read(REQUEST, response, Resource)
    assert caught.value.status == 200
    assert "application/sep-exi" in caught.value.what


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b"<Error xmlns='urn:ieee:std:2030.5:ns'><reasonCode>0</reasonCode><message>not today</message></Error>", True),
        (b"<!DOCTYPE html><html><h1>not today</h1></html>", True),
        (b'{"detail": "not today"}', True),
        (b"<Other><message>not today</message></Other>", False),
    ],
)
def test_a_body_that_is_not_the_resource_is_shown_if_it_says_why(content: bytes, shown: bool) -> None:
    with pytest.raises(ResponseError) as caught:
        Session(get_profile()).read(REQUEST, Response(200, content=content), Resource)
    assert ("not today" in caught.value.what) is shown
