"""The level of a server: what it is sent before and after it has shown that it speaks the edition of 2023."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from envoy.bindings.fields import Field, edition_of, fields_of
from envoy.documents import dumps, loads
from envoy.errors import EncodeError
from envoy.profiles import PROFILES, get_profile
from envoy.protocol.flow import Request, Response, get_headers
from envoy.protocol.level import Level, find_level, leave_out_later, write_for_2018
from envoy.validation.validate import validate
from sep2 import (
    DefaultDERControl,
    DERComponent,
    DERControlBase,
    DERControlResponse,
    DERControlType,
    DERCurveLink,
    DERStatus,
    ResponseStatus,
    Subscription,
    SubscriptionEncoding,
    VoltageRMS,
)
from tests.support.strategies import ProfileObjects, messages

SEP = "application/sep+xml"
S2 = f"{SEP}; level=-S2"
PROFILE = get_profile("ieee-2023")
EARLIER = PROFILE.for_2018 or PROFILE
SUBJECT: dict[str, Any] = {"end_device_lfdi": bytes(20), "subject": bytes(16), "status": ResponseStatus(251)}
RESPONSE = DERControlResponse(modes_responded=DERControlType(1), **SUBJECT)
POST = Request("test", "POST", "/rsp", dumps(RESPONSE, profile=PROFILE))
ROOT = b'<Time xmlns="urn:ieee:std:2030.5:ns"%s/>'


def response(status: int = 200, content_type: str = SEP, root: bytes = b"", content: bytes = b"") -> Response:
    return Response(status, {"content-type": content_type}, content or ROOT % root)


def after(*responses: Response) -> Level:
    level = Level(PROFILE)
    for each in responses:
        level.observe(each)
    return level


SAYS_2023 = {
    "by its media type": [response(content_type=S2)],
    "and takes extensions": [response(content_type='Application/SEP+XML;charset=utf-8;Level="+s2"')],
    "by schemaVer": [response(root=b" schemaVer='2.2'")],
    "once, and nothing since": [response(root=b" schemaVer='2.1'"), response(), response(404, "text/html")],
    "in an error": [response(400, S2)],
    "after 2018": [response(content_type=f"{SEP}; level=-S1"), response(content_type=S2)],
}
DOES_NOT = {
    "nothing was read": [],
    "nothing": [response()],
    "schemaVer within": [response(content=b'<Time xmlns="urn:ieee:std:2030.5:ns"><x schemaVer="2.2"/></Time>')],
    "schemaVer as text": [response(content=b'<!-- schemaVer="2.2" --><Time>schemaVer="2.2"</Time>')],
    "not XML": [response(content=b"schemaVer=<<<")],
    "2018": [response(content_type=f"{SEP}; level=+S1")],
    "2018 again": [response(content_type=S2), response(content_type=f"{SEP};level=-S1")],
    "a later one": [response(content_type=f"{SEP}; level=-S3")],
}


@pytest.mark.parametrize("name", SAYS_2023)
def test_a_server_that_speaks_2023_is_sent_all_of_it(name: str) -> None:
    request, headers = after(*SAYS_2023[name]).adapt(POST)
    assert request is POST
    assert headers == {"Accept": S2, "Content-Type": S2}


@pytest.mark.parametrize("name", DOES_NOT)
def test_a_server_that_has_not_said_so_is_sent_nothing_of_2023(name: str) -> None:
    request, headers = after(*DOES_NOT[name]).adapt(POST)
    assert headers == {"Accept": S2, "Content-Type": SEP}
    assert request.content is not None and b"schemaVer" not in request.content
    assert validate(request.content, profile="ieee-2018") == []
    assert loads(request.content, DERControlResponse) == leave_out_later(RESPONSE, EARLIER)


@pytest.mark.parametrize("status", [406, 415])
def test_a_server_that_refuses_the_level_is_asked_again_without(status: int) -> None:
    level = Level(PROFILE)
    assert level.observe(response(status))
    assert level.adapt(POST)[1] == {"Accept": SEP, "Content-Type": SEP}
    assert level.adapt(Request("test", "GET", "/tm"))[1] == {"Accept": SEP}
    assert not level.observe(response(status)), "once"


@pytest.mark.parametrize("status", [406, 415])
def test_a_server_that_speaks_2023_refuses_something_else(status: int) -> None:
    assert not after(response(content_type=S2)).observe(response(status))


@pytest.mark.parametrize("name", [name for name, profile in PROFILES.items() if profile.edition == "2018"])
def test_profiles_of_2018_have_no_other_level(name: str) -> None:
    profile = get_profile(name)
    level = Level(profile)
    assert not level.observe(response(406))
    assert level.adapt(POST) == (POST, get_headers(POST, profile))


def test_what_is_not_a_document_of_ours_goes_as_it_is() -> None:
    request = Request("test", "PUT", "/x", b"<EndDevice/>")
    assert Level(PROFILE).adapt(request)[0] is request


def test_what_is_of_2023_as_a_whole_needs_a_server_that_speaks_it() -> None:
    request = Request("test", "POST", "/derc", dumps(DERComponent(lfdi=bytes(20)), profile=PROFILE))
    with pytest.raises(EncodeError, match="DERComponent came with") as caught:
        Level(PROFILE).adapt(request)
    assert caught.value.where == str(request) and caught.value.remedy
    assert after(response(content_type=S2)).adapt(request)[0] is request


def test_a_mode_that_is_disabled_is_left_out_whole() -> None:
    base = DERControlBase(
        op_mod_fixed_w=100,
        op_mod_fixed_w_disabled=True,
        op_mod_max_lim_w=5,
        op_mod_max_lim_w_disabled=False,
        op_mod_target_v=VoltageRMS.of(230),
        op_mod_volt_var=DERCurveLink(href="/1", disabled=True),
        op_mod_volt_watt=DERCurveLink(href="/2", disabled=False),
    )
    expected = DERControlBase(op_mod_max_lim_w=5, op_mod_volt_watt=DERCurveLink(href="/2"))
    assert leave_out_later(base, EARLIER) == expected


@pytest.mark.parametrize(("level", "written"), [("+S2", "+S1"), ("-s2", "-S1"), ("-S1", "-S1"), ("", "")])
def test_notifications_that_are_asked_for_are_of_2018_as_well(level: str, written: str) -> None:
    subscription = Subscription(
        subscribed_resource="/edev",
        encoding=SubscriptionEncoding(0),
        level=level,
        limit=1,
        notification_uri="https://a/b",
    )
    left = write_for_2018(dumps(subscription, profile=PROFILE), PROFILE, EARLIER)
    assert loads(left, Subscription).level == written


def test_nothing_of_an_object_is_changed() -> None:
    control = DERControlResponse(modes_responded=DERControlType(1), **SUBJECT)
    assert leave_out_later(control, EARLIER) == DERControlResponse(**SUBJECT)
    assert control.modes_responded == DERControlType(1)
    plain = DERControlResponse(**SUBJECT)
    assert leave_out_later(plain, EARLIER) is plain


@pytest.mark.parametrize(
    ("media_type", "level"),
    [
        (SEP, ""),
        ("", ""),
        (S2, "S2"),
        (f"{SEP};level=+S1;q=1", "S1"),
        (f'{SEP} ; LEVEL = "-s2"', "S2"),
        (f"{SEP}; sublevel=S2", ""),
        ("level=S2", ""),
    ],
)
def test_level_of_a_media_type(media_type: str, level: str) -> None:
    assert find_level(media_type) == level


def later_parts(obj: Any) -> Iterable[str]:
    """Yield the names of what came with 2023 in an object."""
    cls: type = type(obj)
    for field in fields_of(cls):
        value = getattr(obj, field.name)
        others: tuple[Field, ...] = (field, *field.beside)
        yield from (x.name for x in others if x.edition > "2018" and getattr(obj, x.name) not in (None, [], x.default))
        for item in (value if field.many else [value]) if field.complex and value else ():
            yield from later_parts(item)


def check_what_is_left(cls: type, count: int) -> None:
    def check(obj: Any) -> None:
        left = write_for_2018(dumps(obj, profile=PROFILE, validate=False), PROFILE, EARLIER)
        assert validate(left, profile="ieee-2018") == []
        assert [name for name in later_parts(loads(left, cls)) if name != "schema_ver"] == []
        assert write_for_2018(left, PROFILE, EARLIER) == left

    examples = settings(
        max_examples=count, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    examples(given(objects().objects(cls))(check))()


@cache
def objects() -> ProfileObjects:
    return ProfileObjects(PROFILE)


@pytest.mark.unmeasured
@pytest.mark.parametrize("cls", [DefaultDERControl, DERControlResponse, DERStatus])
def test_law_what_is_left_is_valid_under_2018_and_has_nothing_of_2023(cls: type) -> None:
    check_what_is_left(cls, 6)


@pytest.mark.conformance
@pytest.mark.parametrize("cls", [cls for cls in messages(PROFILE) if not edition_of(cls)])
def test_law_what_is_left_of_every_message_is_valid_under_2018(cls: type) -> None:
    check_what_is_left(cls, 50)
