"""envoy.documents: what does not fit is named with place and remedy, in documents and in objects."""

from __future__ import annotations

from typing import Any

import pytest

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


def test_error_says_where_what_and_what_to_do() -> None:
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
    assert str(caught.value) == (
        "DERControlList/DERControl[2]/interval/start (line 12): 'tomorrow' is not a whole number: not a whole number"
    )


@pytest.mark.parametrize(
    ("element", "text", "reason", "remedy"),
    [
        ("lFDI", "123", "odd-length string", "Write a leading zero: 0123."),
        ("lFDI", "0x1234", "non-hexadecimal", "Leave out the 0x: hexBinary is digits only."),
        ("lFDI", "0X1234", "non-hexadecimal", "Leave out the 0x: hexBinary is digits only."),
        ("lFDI", "12 34", "odd-length string", "Write a leading zero: 012 34."),
        ("lFDI", "zz", "non-hexadecimal", ""),
        ("lFDI", "äö", "ascii", ""),
        ("lFDI", "00" * 21, "21 octets, at most 20 allowed", ""),
        ("deviceCategory", "1", "odd-length string", "A bitmap is not a decimal number: 1 would be 00000001."),
        ("deviceCategory", "4194304", "odd-length", "A bitmap is not a decimal number: 4194304 would be 00400000."),
        ("deviceCategory", "4294967295", "5 octets", "A bitmap is not a decimal number: 4294967295 would be FFFFFFFF."),
        ("deviceCategory", "42949672950", "odd-length", ""),
        ("deviceCategory", "1" * 5001, "odd-length", ""),
        ("sFDI", "", "not a whole number", ""),
        ("sFDI", "1e5", "not a whole number", ""),
        ("sFDI", "1_000", "not a whole number", ""),
        ("sFDI", "\u0661", "not a whole number", ""),
        ("sFDI", "9" * 5000, "not a whole number", ""),
        ("postRate", "4.5", "not a whole number", ""),
        ("enabled", "TRUE", "neither true nor false", ""),
        ("enabled", "", "neither true nor false", ""),
        ("sFDI", "<a/>", "it has elements inside", ""),
    ],
)
def test_bad_value_is_named_with_a_guess_of_what_was_meant(element: str, text: str, reason: str, remedy: str) -> None:
    with pytest.raises(DecodeError) as caught:
        loads(f"<EndDevice {SEP}>\n<{element}>{text}</{element}></EndDevice>")
    assert (caught.value.path, caught.value.line) == (f"EndDevice/{element}", 2)
    assert reason in caught.value.what
    assert caught.value.remedy == remedy
    assert len(caught.value.what) < 200


def test_bounds_are_for_the_schema_and_forms_for_the_reader() -> None:
    text = "x" * 40
    point = f'<ConnectionPoint xmlns="https://csipaus.org/ns"><connectionPointId>{text}</connectionPointId></ConnectionPoint>'
    assert loads(point).connection_point_id == text
    with pytest.raises(ValidationError, match="too-long"):
        loads(point, validate=True)
    qualities = {"70000": r"Time/quality \(line 1\): '70000' is no code of TimeQuality", "x": "is not a whole number"}
    for quality, reason in qualities.items():
        with pytest.raises(DecodeError, match=reason):
            loads(f'<Time xmlns="urn:ieee:std:2030.5:ns"><quality>{quality}</quality></Time>')


def test_bad_attribute_is_named_as_one() -> None:
    with pytest.raises(DecodeError, match="'many' is not a whole number") as caught:
        loads(f'<EndDeviceList {SEP} all="many" results="0"/>')
    assert caught.value.path == "EndDeviceList/@all"


def test_code_out_of_all_bounds_is_refused() -> None:
    with pytest.raises(DecodeError, match="is no code of "):
        loads(f"<DeviceStatus {SEP}><changedTime>0</changedTime><opState>70000</opState></DeviceStatus>")


@pytest.mark.parametrize(
    ("text", "what", "path"),
    [
        (f"<EndDevice {SEP}><changedTime>0</changedTime></EndDevice>", "required element sFDI is missing", "EndDevice"),
        (f'<EndDeviceList {SEP} all="1"/>', "required attribute results is missing", "EndDeviceList"),
        (
            f"<EndDevice {SEP}><sFDI>1</sFDI><sFDI>2</sFDI><changedTime>0</changedTime></EndDevice>",
            "stands more than once",
            "EndDevice/sFDI[2]",
        ),
    ],
)
def test_missing_or_repeated_is_a_fault(text: str, what: str, path: str) -> None:
    with pytest.raises(DecodeError, match=what) as caught:
        loads(text)
    assert caught.value.path == path


def test_with_someone_to_tell_reading_goes_on_and_each_fault_is_told_once() -> None:
    faults: list[DecodeError] = []
    text = f"""\
<EndDeviceList {SEP} all="x" results="2" pollRate="often">
  <EndDevice><sFDI>one</sFDI><changedTime>5</changedTime><enabled>maybe</enabled></EndDevice>
  <EndDevice><sFDI>2</sFDI></EndDevice>
</EndDeviceList>"""
    found = loads(text, EndDeviceList, on_error=faults.append)
    assert [(error.path, error.line) for error in faults] == [
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


def test_white_space_around_values_is_no_fault_and_case_of_hex_does_not_matter() -> None:
    text = f"<EndDevice {SEP}><lFDI> 3e4F\n</lFDI><sFDI>\t1 </sFDI><changedTime>+0</changedTime></EndDevice>"
    found = loads(text, EndDevice)
    assert (found.lfdi, found.sfdi, found.changed_time) == (b"\x3e\x4f", 1, 0)
    assert b"<lFDI>3E4F</lFDI>" in dumps(found)


# Objects that cannot be written


@pytest.mark.parametrize(
    ("obj", "where", "what"),
    [
        (end_device(sfdi=None), "EndDevice.sfdi", "is required and None"),
        (end_device(sfdi="167261211391"), "EndDevice.sfdi", "is str '167261211391', expected int"),
        (end_device(sfdi=1.0), "EndDevice.sfdi", "is float 1.0, expected int"),
        (end_device(sfdi=True), "EndDevice.sfdi", "is bool True, expected int"),
        (end_device(enabled=1), "EndDevice.enabled", "is int 1, expected bool"),
        (end_device(enabled="true"), "EndDevice.enabled", "expected bool"),
        (end_device(lfdi="3E4F"), "EndDevice.lfdi", "expected bytes"),
        (end_device(href=b"/edev/1"), "EndDevice.href", "expected str"),
        (end_device(href=7), "EndDevice.href", "expected str"),
        (end_device(device_category="00000001"), "EndDevice.device_category", "expected DeviceCategoryType"),
        (end_device(device_category=-1), "EndDevice.device_category", "can't convert negative int to unsigned"),
        (end_device(device_category=1 << 32), "EndDevice.device_category", "int too big to convert"),
        (end_device(registration_link="/rg"), "EndDevice.registration_link", "expected RegistrationLink"),
        (end_device(registration_link=Link(href="/rg")), "EndDevice.registration_link", "expected RegistrationLink"),
        (end_device(registration_link=RegistrationLink), "EndDevice.registration_link", "is type"),
        (end_device(registration_link=RegistrationLink(href=None)), "EndDevice.registration_link.href", "is required"),
        (EndDeviceList(all=None, results=0), "EndDeviceList.all", "is required and None"),
        (EndDeviceList(all=1, results=1, end_device=end_device()), "EndDeviceList.end_device", "a list of EndDevice"),
        (EndDeviceList(all=1, results=1, end_device="x"), "EndDeviceList.end_device", "a list of EndDevice"),
        (EndDeviceList(all=1, results=1, end_device=[None]), "EndDeviceList.end_device[0]", "is NoneType None"),
        (
            EndDeviceList(all=2, results=2, end_device=[end_device(), end_device(sfdi="2")]),
            "EndDeviceList.end_device[1].sfdi",
            "expected int",
        ),
        (DeviceStatus(changed_time=10**5000), "DeviceStatus.changed_time", "digits"),
    ],
)
def test_value_that_does_not_fit_its_field_is_not_written(obj: Any, where: str, what: str) -> None:
    with pytest.raises(EncodeError) as caught:
        dumps(obj, validate=False)
    assert caught.value.where == where
    assert what in caught.value.what


@pytest.mark.parametrize("obj", [None, 5, "text", {"sfdi": 1}, DERType.FUEL_CELL])
def test_what_is_no_message_is_not_written(obj: Any) -> None:
    with pytest.raises(EncodeError, match="is not a generated class"):
        dumps(obj)
