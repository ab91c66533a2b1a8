"""Values that do not fit their types, in documents and in objects: error, place and message."""

from __future__ import annotations

from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from envoy.documents import dumps, loads
from envoy.errors import DecodeError, EncodeError
from envoy.validation.findings import ValidationError
from sep2 import (
    DERType,
    DeviceStatus,
    EndDevice,
    EndDeviceList,
    Link,
    RegistrationLink,
)
from tests.support.making_messages import SEP, end_device

# What does not fit


def test_error_says_where_what_and_what_to_do(snapshot: SnapshotAssertion) -> None:
    text = f"""\
<DERControlList {SEP} all="2" results="2">
  <DERControl>
    <mRID>01</mRID><creationTime>0</creationTime><EventStatus><currentStatus>0</currentStatus><dateTime>0</dateTime>
    <potentiallySuperseded>false</potentiallySuperseded></EventStatus>
    <interval><duration>60</duration><start>0</start></interval><DERControlBase/>
  </DERControl>
  <DERControl>
    <mRID>02</mRID><creationTime>0</creationTime><EventStatus><currentStatus>0</currentStatus><dateTime>0</dateTime>
    <potentiallySuperseded>false</potentiallySuperseded></EventStatus>
    <interval>
      <duration>60</duration>
      <start>tomorrow</start>
    </interval><DERControlBase/>
  </DERControl>
</DERControlList>"""
    with pytest.raises(DecodeError) as caught:
        loads(text)
    assert caught.value.path == "DERControlList/DERControl[2]/interval/start"
    assert caught.value.line == 12
    assert str(caught.value) == snapshot


@pytest.mark.parametrize(
    ("element", "text"),
    [
        ("lFDI", "123"),
        ("lFDI", "0x1234"),
        ("lFDI", "0X1234"),
        ("lFDI", "12 34"),
        ("lFDI", "zz"),
        ("lFDI", "äö"),
        ("lFDI", "00" * 21),
        ("deviceCategory", "1"),
        ("deviceCategory", "4194304"),
        ("deviceCategory", "4294967295"),
        ("deviceCategory", "42949672950"),
        ("deviceCategory", "1" * 5001),
        ("sFDI", ""),
        ("sFDI", "1e5"),
        ("sFDI", "1_000"),
        ("sFDI", "\u0661"),
        ("sFDI", "9" * 5000),
        ("postRate", "4.5"),
        ("enabled", "TRUE"),
        ("enabled", ""),
        ("sFDI", "<a/>"),
    ],
)
def test_bad_value_is_reported_with_what_was_meant(element: str, text: str, snapshot: SnapshotAssertion) -> None:
    with pytest.raises(DecodeError) as caught:
        loads(f"<EndDevice {SEP}>\n<{element}>{text}</{element}></EndDevice>")
    assert (caught.value.path, caught.value.line) == (f"EndDevice/{element}", 2)
    assert [caught.value.what, caught.value.remedy] == snapshot
    assert len(caught.value.what) < 200


def test_bounds_are_for_the_schema_and_forms_for_the_decoder(snapshot: SnapshotAssertion) -> None:
    text = "x" * 40
    point = f'<ConnectionPoint xmlns="https://csipaus.org/ns"><connectionPointId>{text}</connectionPointId></ConnectionPoint>'
    assert loads(point).connection_point_id == text
    with pytest.raises(ValidationError) as refused:
        loads(point, validate=True)
    assert [finding.code for finding in refused.value.findings] == ["too-long"]
    for quality in ("70000", "x"):
        with pytest.raises(DecodeError) as caught:
            loads(f'<Time xmlns="urn:ieee:std:2030.5:ns"><quality>{quality}</quality></Time>')
        assert caught.value.path == "Time/quality"
        assert caught.value.what == snapshot


def test_bad_attribute_is_named_as_one() -> None:
    with pytest.raises(DecodeError) as caught:
        loads(f'<EndDeviceList {SEP} all="many" results="0"/>')
    assert caught.value.path == "EndDeviceList/@all"


def test_code_out_of_all_bounds_is_refused() -> None:
    with pytest.raises(DecodeError) as caught:
        loads(f"<DeviceStatus {SEP}><changedTime>0</changedTime><opState>70000</opState></DeviceStatus>")
    assert caught.value.path == "DeviceStatus/opState"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (f"<EndDevice {SEP}><changedTime>0</changedTime></EndDevice>", "EndDevice"),
        (f'<EndDeviceList {SEP} all="1"/>', "EndDeviceList"),
        (
            f"<EndDevice {SEP}><sFDI>1</sFDI><sFDI>2</sFDI><changedTime>0</changedTime></EndDevice>",
            "EndDevice/sFDI[2]",
        ),
    ],
)
def test_missing_or_repeated_is_an_error(text: str, path: str, snapshot: SnapshotAssertion) -> None:
    with pytest.raises(DecodeError) as caught:
        loads(text)
    assert caught.value.path == path
    assert caught.value.what == snapshot


@pytest.mark.parametrize(
    "text",
    [
        "<s:EndDevice xmlns:s='urn:ieee:std:2030.5:ns'><sFDI>1</sFDI></s:EndDevice>",
        f"<Registration {SEP}><dateTimeRegistered>0</dateTimeRegistered><PIN>1</PIN></Registration>",
        f"<EndDeviceList {SEP} All='0' results='0'/>",
        f"<DERControlBase {SEP}><opModTargetW>5000</opModTargetW></DERControlBase>",
    ],
)
def test_what_stands_instead_of_what_is_missing_is_named(text: str, snapshot: SnapshotAssertion) -> None:
    with pytest.raises(DecodeError) as caught:
        loads(text)
    assert str(caught.value) == snapshot


def test_errors_of_many_that_are_deep_inside_are_all_reported() -> None:
    # In the text of an error, such a path is cut before it says which of them it is.
    start, end = '<Notification><Resource x:type="NotificationList" all="1" results="1">', "</Resource></Notification>"
    head = f'<NotificationList {SEP} xmlns:x="http://www.w3.org/2001/XMLSchema-instance" all="1" results="1">'
    errors: list[DecodeError] = []
    items = "<Notification/>" * 3
    loads(f"{head}{start * 60}{items}{end * 60}</NotificationList>", on_error=errors.append)
    assert {error.path[-3:] for error in errors if "/Notification[" in error.path} == {"[1]", "[2]", "[3]"}


def test_with_on_error_reading_goes_on_and_each_error_is_reported_once() -> None:
    errors: list[DecodeError] = []
    text = f"""\
<EndDeviceList {SEP} all="x" results="2" pollRate="often">
  <EndDevice><sFDI>one</sFDI><changedTime>5</changedTime><enabled>maybe</enabled></EndDevice>
  <EndDevice><sFDI>2</sFDI></EndDevice>
</EndDeviceList>"""
    found = loads(text, EndDeviceList, on_error=errors.append)
    assert [(error.path, error.line) for error in errors] == [
        ("EndDeviceList/EndDevice[1]/sFDI", 2),
        ("EndDeviceList/EndDevice[1]/enabled", 2),
        ("EndDeviceList/EndDevice[2]", 3),
        ("EndDeviceList/@all", 1),
        ("EndDeviceList/@pollRate", 1),
    ]
    assert found.all is None
    assert (found.results, found.poll_rate) == (2, 900)
    first, second = found.end_device
    assert (first.sfdi, first.changed_time, first.enabled) == (None, 5, None)
    assert (second.sfdi, second.changed_time) == (2, None)


def test_white_space_around_values_is_not_an_error_and_case_of_hex_does_not_matter() -> None:
    text = f"<EndDevice {SEP}><lFDI> 3e4F\n</lFDI><sFDI>\t1 </sFDI><changedTime>+0</changedTime></EndDevice>"
    found = loads(text, EndDevice)
    assert (found.lfdi, found.sfdi, found.changed_time) == (b"\x3e\x4f", 1, 0)
    assert b"<lFDI>3E4F</lFDI>" in dumps(found)


# Objects that cannot be written


@pytest.mark.parametrize(
    ("obj", "where"),
    [
        (end_device(sfdi=None), "EndDevice.sfdi"),
        (end_device(sfdi="167261211391"), "EndDevice.sfdi"),
        (end_device(sfdi=1.0), "EndDevice.sfdi"),
        (end_device(sfdi=True), "EndDevice.sfdi"),
        (end_device(enabled=1), "EndDevice.enabled"),
        (end_device(enabled="true"), "EndDevice.enabled"),
        (end_device(lfdi="3E4F"), "EndDevice.lfdi"),
        (end_device(href=b"/edev/1"), "EndDevice.href"),
        (end_device(href=7), "EndDevice.href"),
        (end_device(device_category="00000001"), "EndDevice.device_category"),
        (end_device(device_category=-1), "EndDevice.device_category"),
        (end_device(device_category=1 << 32), "EndDevice.device_category"),
        (end_device(registration_link="/rg"), "EndDevice.registration_link"),
        (end_device(registration_link=Link(href="/rg")), "EndDevice.registration_link"),
        (end_device(registration_link=RegistrationLink), "EndDevice.registration_link"),
        (end_device(registration_link=RegistrationLink(href=None)), "EndDevice.registration_link.href"),
        (EndDeviceList(all=None, results=0), "EndDeviceList.all"),
        (EndDeviceList(all=1, results=1, end_device=end_device()), "EndDeviceList.end_device"),
        (EndDeviceList(all=1, results=1, end_device="x"), "EndDeviceList.end_device"),
        (EndDeviceList(all=1, results=1, end_device=[None]), "EndDeviceList.end_device[0]"),
        (
            EndDeviceList(all=2, results=2, end_device=[end_device(), end_device(sfdi="2")]),
            "EndDeviceList.end_device[1].sfdi",
        ),
        (DeviceStatus(changed_time=10**5000), "DeviceStatus.changed_time"),
        (end_device(lfdi=10**5000), "EndDevice.lfdi"),
    ],
)
def test_value_that_does_not_fit_its_field_is_not_written(obj: Any, where: str, snapshot: SnapshotAssertion) -> None:
    with pytest.raises(EncodeError) as caught:
        dumps(obj, validate=False)
    assert caught.value.where == where
    assert caught.value.what == snapshot


@pytest.mark.parametrize("obj", [None, 5, "text", {"sfdi": 1}, DERType.FUEL_CELL])
def test_what_is_not_a_message_is_not_written(obj: Any, snapshot: SnapshotAssertion) -> None:
    with pytest.raises(EncodeError) as caught:
        dumps(obj)
    assert caught.value.what == snapshot


def test_what_stands_behind_a_wrong_type_is_read_by_the_one_that_was_meant(snapshot: SnapshotAssertion) -> None:
    text = (
        '<s:Notification xmlns:s="urn:ieee:std:2030.5:ns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        '<s:subscribedResource>/edev</s:subscribedResource><s:Resource xsi:type="EndDeviceList" all="1" results="1">'
        "<s:EndDevice><s:sFDI>1</s:sFDI><s:changedTime>0</s:changedTime></s:EndDevice></s:Resource>"
        "<s:status>0</s:status><s:subscriptionURI>/s</s:subscriptionURI></s:Notification>"
    )
    errors: list[DecodeError] = []
    found = loads(text, on_error=errors.append).resource
    assert isinstance(found, EndDeviceList) and found.end_device[0].sfdi == 1
    assert [str(error) for error in errors] == snapshot
