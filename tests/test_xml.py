"""envoy.xml: documents become objects and objects documents, tolerant in reading, exact in writing, hard to harm."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree
from strategies import xml_text

import sep2
from envoy.errors import DecodeError, DocumentError, EncodeError, ProfileError, ValidationError
from envoy.fields import fields_of
from envoy.model import Bitmap, Code
from envoy.xml import MAX_SIZE, dumps, loads
from sep2 import (
    ELEMENTS,
    ActivePower,
    CombinedTimeTariffIntervalList,
    ConnectionPoint,
    DERCapability,
    DERControlBase,
    DERControlList,
    DERControlType,
    DERSettings,
    DERType,
    DeviceCategoryType,
    DeviceInformation,
    DeviceStatus,
    DOEControlType,
    EndDevice,
    EndDeviceList,
    EnvoyConnectionPoint,
    FileType,
    Link,
    MirrorUsagePoint,
    Notification,
    NotificationStatus,
    OpState,
    PowerOfTenMultiplierType,
    RegistrationLink,
    Resource,
    SubscribableType,
    Time,
)
from sep2 import File as SepFile

SEP = 'xmlns="urn:ieee:std:2030.5:ns"'
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def capability(**fields: Any) -> DERCapability:
    required = {"modes_supported": DERControlType(1), "rtg_max_w": ActivePower.of(5000), "type": DERType(83)}
    return DERCapability(**required | {"doe_modes_supported": DOEControlType(3)} | fields)


def end_device(**fields: Any) -> EndDevice:
    return EndDevice(**{"sfdi": 167261211391, "changed_time": 0} | fields)


CAPABILITY = f"""\
<DERCapability {SEP} xmlns:x="{{namespace}}">
  <modesSupported>00000001</modesSupported>
  <rtgMaxW><multiplier>0</multiplier><value>5000</value></rtgMaxW>
  <type>83</type>
  <x:doeModesSupported>03</x:doeModesSupported>
</DERCapability>"""


@pytest.mark.parametrize(
    "namespace",
    [
        "https://csipaus.org/ns",
        "http://csipaus.org/ns",
        "https://csipaus.org/ns/v1.3",
        "https://csipaus.org/ns/v1.3-beta/storage",
    ],
)
@pytest.mark.parametrize("profile", ["ieee-2018", "csip-aus-1.2", "csip-aus-1.3"])
def test_reads_the_extension_in_every_namespace_that_servers_use(namespace: str, profile: str) -> None:
    assert loads(CAPABILITY.format(namespace=namespace), DERCapability, profile=profile) == capability()


@pytest.mark.parametrize(
    "namespace", ["https://csipaus.org/ns", "http://csipaus.org/ns", "https://csipaus.org/ns/v1.3"]
)
def test_reads_an_extension_message_in_every_namespace(namespace: str) -> None:
    text = f'<ConnectionPoint xmlns="{namespace}"><connectionPointId>NMI1</connectionPointId></ConnectionPoint>'
    assert loads(text) == ConnectionPoint(connection_point_id="NMI1")


@pytest.mark.parametrize(
    ("profile", "namespace"),
    [("csip-aus-1.2", "https://csipaus.org/ns"), ("csip-aus-1.3", "https://csipaus.org/ns/v1.3")],
)
def test_writes_the_extension_in_the_namespace_of_the_profile(profile: str, namespace: str) -> None:
    assert (
        dumps(capability(), profile=profile)
        == (
            f'<DERCapability {SEP} xmlns:csipaus="{namespace}"><modesSupported>00000001</modesSupported>'
            "<rtgMaxW><multiplier>0</multiplier><value>5000</value></rtgMaxW><type>83</type>"
            "<csipaus:doeModesSupported>03</csipaus:doeModesSupported></DERCapability>"
        ).encode()
    )
    assert dumps(ConnectionPoint(connection_point_id="NMI1"), profile=profile) == (
        f'<ConnectionPoint xmlns="{namespace}"><connectionPointId>NMI1</connectionPointId></ConnectionPoint>'.encode()
    )


def test_writes_no_declaration_and_only_the_namespaces_that_are_used() -> None:
    device_settings = DERSettings(set_grad_w=100, set_max_w=ActivePower.of(5000), updated_time=1)
    document = (
        f"<DERSettings {SEP}><setGradW>100</setGradW>"
        "<setMaxW><multiplier>0</multiplier><value>5000</value></setMaxW><updatedTime>1</updatedTime></DERSettings>"
    )
    assert dumps(device_settings) == document.encode()
    assert dumps(Resource(href="/a")) == f'<Resource {SEP} href="/a"/>'.encode()


@pytest.mark.parametrize(
    ("obj", "profile", "where", "remedy"),
    [
        (capability(), "ieee-2018", "DERCapability.doe_modes_supported", "use a csip-aus profile"),
        (
            end_device(connection_point_link=Link(href="/cp")),
            "ieee-2018",
            "EndDevice.connection_point_link",
            "csip-aus",
        ),
        (ConnectionPoint(connection_point_id="1"), "ieee-2018", "ConnectionPoint", "use a csip-aus profile"),
        (
            DERControlBase(op_mod_storage_target_w=ActivePower.of(1)),
            "csip-aus-1.2",
            "DERControlBase.op_mod_storage_target_w",
            "use the profile csip-aus-1.3",
        ),
        (CombinedTimeTariffIntervalList(all=0, results=0), "csip-aus-1.3", "CombinedTimeTariffIntervalList", ""),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_an_element_that_the_profile_does_not_have_is_not_written(
    obj: Any, profile: str, where: str, remedy: str
) -> None:
    with pytest.raises(EncodeError, match=f"the profile {profile} has no element") as caught:
        dumps(obj, profile=profile, validate=False)
    assert caught.value.where == where
    assert remedy in caught.value.remedy


def test_unknown_profile_is_named_with_the_ones_there_are() -> None:
    with pytest.raises(ProfileError, match=r"unknown profile 'csip-aus-1\.4'") as caught:
        loads("<x/>", profile="csip-aus-1.4")
    assert "Did you mean csip-aus-1.3?" in caught.value.remedy
    with pytest.raises(ProfileError):
        dumps(capability(), profile="")


# What is not known


EXTENDED = f"""\
<EndDevice {SEP} xmlns:v="urn:vendor" v:build="7" colour="red">
  <v:battery><v:cells>16</v:cells></v:battery>
  <sFDI>167261211391</sFDI>
  <changedTime>0</changedTime>
  <gridTies>2</gridTies>
</EndDevice>"""


def test_extensions_of_third_parties_are_skipped() -> None:
    assert loads(EXTENDED) == end_device()


def test_who_asks_is_told_of_what_is_skipped() -> None:
    skipped: list[DecodeError] = []
    assert loads(EXTENDED, on_unknown=skipped.append) == end_device()
    assert [(error.what, error.path, error.line) for error in skipped] == [
        ("unknown element of namespace urn:vendor, skipped", "EndDevice/battery", 2),
        ("unknown element of namespace urn:ieee:std:2030.5:ns, skipped", "EndDevice/gridTies", 5),
        ("unknown attribute build of namespace urn:vendor, skipped", "EndDevice", 1),
        ("unknown attribute colour, skipped", "EndDevice", 1),
    ]


def test_schema_hints_and_comments_are_nothing_unknown() -> None:
    skipped: list[DecodeError] = []
    text = f'<Time {SEP} {XSI} xsi:schemaLocation="a b"><!-- c --><?pi?><currentTime>1<!-- c -->2</currentTime></Time>'
    assert loads(text, on_unknown=skipped.append, on_fault=lambda error: None).current_time == 12
    assert skipped == []


def test_telling_of_thousands_of_unknown_elements_takes_no_longer_than_reading_them() -> None:
    # A path names the position among siblings; counted anew for each, this document would take minutes.
    skipped: list[DecodeError] = []
    loads(f'<EndDeviceList {SEP} all="0" results="0">{"<a/>" * 50_000}</EndDeviceList>', on_unknown=skipped.append)
    assert len(skipped) == 50_000
    assert skipped[-1].path == "EndDeviceList/a[50000]"


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
    found = loads(text, EndDeviceList, on_fault=faults.append)
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


# The root


@pytest.mark.parametrize(
    ("text", "what", "remedy"),
    [
        (f"<Toaster {SEP}/>", "root element Toaster in the namespace urn:ieee", ""),
        ("<EndDevice/>", "root element EndDevice without a namespace", 'xmlns="urn:ieee:std:2030.5:ns"'),
        ('<EndDevice xmlns="urn:other"/>', "EndDevice in the namespace urn:other", ""),
        (f"<UInt8 {SEP}>1</UInt8>", "root element UInt8", ""),
    ],
)
def test_root_that_is_no_message_is_refused(text: str, what: str, remedy: str) -> None:
    with pytest.raises(DocumentError, match=what) as caught:
        loads(text)
    assert remedy in caught.value.remedy


def test_document_must_be_of_the_class_asked_for_or_derived_from_it() -> None:
    text = f"<EndDevice {SEP}><sFDI>1</sFDI><changedTime>0</changedTime></EndDevice>"
    assert type(loads(text, Resource)) is EndDevice
    with pytest.raises(DocumentError, match="the document is EndDevice, expected DERCapability"):
        loads(text, DERCapability)


def test_old_connection_point_without_namespace_is_a_class_of_its_own() -> None:
    text = "<ConnectionPoint><connectionPointID></connectionPointID><meterID>NMI123</meterID></ConnectionPoint>"
    assert loads(text) == EnvoyConnectionPoint(connection_point_id="", meter_id="NMI123")


@pytest.mark.parametrize("qname", ELEMENTS)
def test_every_element_of_the_models_is_read_as_its_class(qname: str) -> None:
    root = etree.Element(qname)
    assert type(loads(etree.tostring(root), on_fault=lambda error: None)).__name__ == ELEMENTS[qname]


# xsi:type


def notification(resource: Resource) -> Notification:
    return Notification(
        subscribed_resource="/edev/1/dercap",
        resource=resource,
        status=NotificationStatus.DEFAULT_STATUS,
        subscription_uri="/sub/1",
    )


NOTIFICATION = dumps(notification(capability(href="/edev/1/dercap")), profile="csip-aus-1.3")


def test_notification_names_the_real_type_of_its_resource_both_ways() -> None:
    assert b'<Resource xsi:type="DERCapability" href="/edev/1/dercap">' in NOTIFICATION
    assert loads(NOTIFICATION) == notification(capability(href="/edev/1/dercap"))


@pytest.mark.parametrize("profile", ["csip-aus-1.2", "csip-aus-1.3"])
def test_type_of_the_extension_is_named_with_its_prefix(profile: str) -> None:
    obj = notification(ConnectionPoint(connection_point_id="NMI1"))
    document = dumps(obj, profile=profile)
    assert b'<Resource xsi:type="csipaus:ConnectionPointType">' in document
    assert loads(document, profile=profile) == obj


def test_type_that_no_element_has_is_named_with_its_prefix_too() -> None:
    obj = notification(CombinedTimeTariffIntervalList(all=0, results=0))
    document = dumps(obj, profile="csip-aus-1.3")
    assert b'<Resource xsi:type="csipaus:CombinedTimeTariffIntervalList" all="0" results="0"/>' in document
    assert loads(document) == obj


def test_extension_message_may_hold_standard_elements() -> None:
    base = DERControlBase(op_mod_exp_lim_w=ActivePower.of(1), op_mod_max_lim_w=100)
    assert loads(dumps(base, profile="csip-aus-1.3")) == base


@pytest.mark.parametrize("declared", ["Time", "s:Time", " s:Time "])
def test_prefix_of_the_named_type_is_resolved_where_it_stands(declared: str) -> None:
    text = (
        f'<Notification {SEP} {XSI}><subscribedResource/><Resource xmlns:s="urn:ieee:std:2030.5:ns" '
        f'xsi:type="{declared}" href="/tm"/><status>0</status><subscriptionURI/></Notification>'
    )
    found = loads(text, on_fault=lambda error: None)
    assert type(found.resource) is Time
    assert found.resource.href == "/tm"


@pytest.mark.parametrize(
    "declared", ["Toaster", "v:Time", "ActivePower", "DERType", "ELEMENTS", "importlib", "__name__", "", "a:b:c"]
)
def test_type_that_is_not_derived_from_the_expected_one_is_a_fault(declared: str) -> None:
    text = (
        f'<Notification {SEP} {XSI} xmlns:v="urn:vendor"><subscribedResource/><Resource xsi:type="{declared}" '
        'href="/tm"/><status>0</status><subscriptionURI/></Notification>'
    )
    with pytest.raises(DecodeError, match="is not a type derived from Resource"):
        loads(text)
    faults: list[DecodeError] = []
    assert loads(text, on_fault=faults.append).resource == Resource(href="/tm")
    assert len(faults) == 1


# Reserved values


def test_reserved_codes_and_bits_survive() -> None:
    for obj in (
        capability(modes_supported=DERControlType(0xFFFF_FFFF), type=DERType(200)),
        end_device(device_category=DeviceCategoryType(1 << 31)),
        SepFile(
            activate_time=0,
            file_uri="/f",
            lfdi=b"\1",
            mf_hw_ver="1",
            mf_id=1,
            mf_model="m",
            mf_ser_num="s",
            mf_ver="1",
            size=1,
            type=FileType(0x8000),
        ),
        ActivePower(value=1, multiplier=PowerOfTenMultiplierType(-100)),
    ):
        assert loads(dumps(obj, profile="csip-aus-1.3" if isinstance(obj, DERCapability) else "ieee-2018")) == obj


def test_hexbinary_is_written_at_full_width_and_read_at_any() -> None:
    assert b"<modesSupported>00000001</modesSupported>" in dumps(capability())
    text = dumps(capability()).replace(b">00000001<", b">01<")
    assert loads(text) == capability()
    assert loads(text.replace(b">01<", b"><")) == capability(modes_supported=DERControlType(0))


def test_octets_are_written_as_they_are() -> None:
    assert b"<lFDI>0001</lFDI>" in dumps(end_device(lfdi=b"\0\1"))
    assert loads(dumps(end_device(lfdi=b""))) == end_device(lfdi=b"")


def test_plain_numbers_do_for_codes_and_bitmaps() -> None:
    plain = capability(modes_supported=1, type=83, doe_modes_supported=3)
    assert dumps(plain) == dumps(capability())


def test_code_and_bitmap_fields_agree_with_their_class_about_the_width() -> None:
    for name in ELEMENTS.values():
        for field in fields_of(getattr(sep2, name)):
            if not field.complex and issubclass(field.type, (Code, Bitmap)):
                assert field.octets == field.type._octets_


# Text


@pytest.mark.parametrize(
    "text", ["&<>\"'", "]]>", "a\tb\nc\rd", " a ", "\u0085\u2028\ufeff", "日本", "😀", "&amp;", "\x7f\x9f"]
)
def test_tricky_text_survives_in_elements_and_attributes(text: str) -> None:
    point = MirrorUsagePoint(
        href=text, mrid=b"\1", description=text, role_flags=0, service_category_kind=0, status=1, device_lfdi=b"\1"
    )
    assert loads(dumps(point, validate=False)) == point


@settings(deadline=None)
@given(xml_text(), xml_text())
def test_any_text_that_xml_can_hold_survives(text: str, uri: str) -> None:
    obj = EnvoyConnectionPoint(meter_id=text)
    assert loads(dumps(obj, validate=False)) == obj
    resource = Resource(href=uri)
    assert loads(dumps(resource, validate=False)) == resource


@pytest.mark.parametrize("character", ["\0", "\x01", "\x0b", "\x1f", "\ufffe", "\uffff", "\ud800"])
@pytest.mark.parametrize("field", ["meter_id", "href"])
def test_character_that_xml_cannot_hold_is_named(character: str, field: str) -> None:
    obj = EnvoyConnectionPoint(meter_id=f"a{character}") if field == "meter_id" else Resource(href=f"a{character}")
    with pytest.raises(EncodeError, match=rf"character U\+{ord(character):04X} cannot be in an XML document") as caught:
        dumps(obj, validate=False)
    assert caught.value.where.endswith(f".{field}")


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


# Defaults


def test_default_attributes_are_left_out_and_read_back() -> None:
    found = EndDeviceList(all=0, results=0)
    assert (found.poll_rate, found.subscribable) == (900, SubscribableType.NOT_SUBSCRIBABLE)
    document = dumps(found)
    assert document == f'<EndDeviceList {SEP} all="0" results="0"/>'.encode()
    assert loads(document) == found


def test_attributes_that_differ_from_their_default_are_written() -> None:
    found = EndDeviceList(all=0, results=0, poll_rate=60, subscribable=SubscribableType.NON_CONDITIONAL)
    document = dumps(found)
    assert document == f'<EndDeviceList {SEP} subscribable="1" all="0" results="0" pollRate="60"/>'.encode()
    assert loads(document) == found


# Validation on the way


def test_what_is_written_is_judged_unless_told_otherwise() -> None:
    lacking = capability(doe_modes_supported=None)
    with pytest.raises(ValidationError, match="doeModesSupported") as caught:
        dumps(lacking)
    assert caught.value.where == "DERCapability"
    assert caught.value.findings[0].path == "DERCapability"
    assert loads(dumps(lacking, validate=False)) == lacking
    assert loads(dumps(lacking, profile="ieee-2018"), profile="ieee-2018", validate=True) == lacking


def test_what_is_read_is_judged_only_if_asked_for() -> None:
    disordered = f"<EndDevice {SEP}><changedTime>0</changedTime><sFDI>167261211391</sFDI></EndDevice>"
    assert loads(disordered) == end_device()
    with pytest.raises(ValidationError, match="Move sFDI before changedTime"):
        loads(disordered, validate=True)
    assert loads(dumps(end_device()), validate=True) == end_device()


def test_text_too_long_is_left_to_the_schema() -> None:
    information = DeviceInformation(
        lfdi=b"\1",
        mf_date=0,
        mf_hw_ver="x" * 33,
        mf_id=1,
        mf_model="m",
        mf_ser_num="s",
        primary_power=0,
        secondary_power=0,
        sw_act_time=0,
        sw_ver="1",
    )
    with pytest.raises(ValidationError, match="mfHwVer"):
        dumps(information)


# Documents that mean harm, or are none


def entities(depth: int) -> str:
    """Return entity declarations that would grow to a gigabyte."""
    first = '<!ENTITY a0 "haha">'
    return first + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, depth))


@pytest.mark.parametrize("max_size", [MAX_SIZE, None])
@pytest.mark.parametrize("body", [f"<Time {SEP}>&a9;</Time>", f'<Time {SEP} href="&a9;"/>'], ids=["text", "attribute"])
def test_entity_bomb_does_not_go_off(body: str, max_size: int | None) -> None:
    with pytest.raises(DocumentError):
        loads(f"<!DOCTYPE Time [{entities(10)}]>{body}", max_size=max_size)


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE Time>",
        '<!DOCTYPE Time SYSTEM "{secret}">',
        '<!DOCTYPE Time [<!ENTITY e "5">]>',
        '<!DOCTYPE Time [<!ENTITY e SYSTEM "{secret}">]>',
        '<!DOCTYPE Time [<!ENTITY % p SYSTEM "{secret}"> %p;]>',
        '<!DOCTYPE Time PUBLIC "-//x//y" "http://127.0.0.1:9/x.dtd">',
    ],
)
def test_doctype_is_refused_and_nothing_outside_the_document_is_read(doctype: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text('<!ENTITY e "hunter2">')
    entity = "&e;" if " e " in doctype or "%" in doctype else ""
    text = f"{doctype.format(secret=secret.as_uri())}<Time {SEP}><quality>{entity}</quality></Time>"
    with pytest.raises(DocumentError) as caught:
        loads(text)
    assert "hunter2" not in str(caught.value)
    assert "DOCTYPE" in caught.value.what or "not well-formed" in caught.value.what


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_external_entity_is_never_opened(tmp_path: Path) -> None:
    # Opening a pipe that nobody writes to would block for ever.
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(DocumentError, match="DOCTYPE"):
        loads(f'<!DOCTYPE Time [<!ENTITY e SYSTEM "{pipe.as_uri()}">]><Time {SEP}><quality>&e;</quality></Time>')


def test_size_is_limited_unless_the_sender_is_trusted() -> None:
    items = "<EndDevice><sFDI>167261211391</sFDI><changedTime>0</changedTime></EndDevice>" * 45_000
    document = f'<EndDeviceList {SEP} all="1" results="1">{items}</EndDeviceList>'
    assert len(document) > 3_000_000
    with pytest.raises(DocumentError, match="more than 2097152 octets") as caught:
        loads(document)
    assert "raise max_size" in caught.value.remedy
    assert len(loads(document, EndDeviceList, max_size=None).end_device) == 45_000
    with pytest.raises(DocumentError, match="more than 10 octets"):
        loads(document[:100], max_size=10)


@pytest.mark.parametrize("max_size", [MAX_SIZE, None])
@pytest.mark.parametrize("depth", [300, 3_000, 30_000])
def test_deep_nesting_is_refused(depth: int, max_size: int | None) -> None:
    inner = '<Resource xsi:type="Notification">' * depth + "</Resource>" * depth
    with pytest.raises(DocumentError, match="Excessive depth"):
        loads(f"<Notification {SEP} {XSI}>{inner}</Notification>", max_size=max_size, on_fault=lambda error: None)


def test_nesting_as_deep_as_is_allowed_is_read() -> None:
    inner = '<Resource xsi:type="Notification">' * 250 + "</Resource>" * 250
    found = loads(f"<Notification {SEP} {XSI}>{inner}</Notification>", on_fault=lambda error: None)
    for _ in range(250):
        found = found.resource
    assert found.resource is None


@pytest.mark.parametrize("data", [b"", b"  \n", "", b"\xef\xbb\xbf"])
def test_empty_document_is_said_to_be_empty_or_no_xml(data: bytes | str) -> None:
    with pytest.raises(DocumentError):
        loads(data)


@pytest.mark.parametrize(
    ("data", "remedy"),
    [
        (b'{"sfdi": 1}', "This looks like JSON."),
        (b" [1]", "This looks like JSON."),
        (b"<!DOCTYPE html><html><body><p>502</body></html>", "This looks like an HTML page, perhaps of a proxy."),
        (b"<html><head><br></head></html>", "This looks like an HTML page, perhaps of a proxy."),
        (b"\x80\x00\x10", ""),
        (b"<a>", ""),
        (b"<a/><b/>", ""),
        (b"<a>&undefined;</a>", ""),
    ],
)
def test_what_is_no_xml_is_refused_with_a_guess(data: bytes, remedy: str) -> None:
    with pytest.raises(DocumentError, match="not well-formed XML") as caught:
        loads(data)
    assert caught.value.remedy == remedy


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "latin-1"])
def test_document_that_is_not_utf_8_is_refused(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><Resource {SEP} href="/ö"/>'
    with pytest.raises(DocumentError):
        loads(text.encode(encoding))


def test_text_is_read_whatever_its_declaration_says() -> None:
    assert loads(f'<?xml version="1.0" encoding="utf-16"?><Resource {SEP} href="/ö"/>') == Resource(href="/ö")
    assert loads(f'\ufeff<Resource {SEP} href="/ö"/>'.encode()) == Resource(href="/ö")


def test_text_with_half_a_character_is_refused() -> None:
    with pytest.raises(DocumentError, match=r"U\+D800"):
        loads(f'<Resource {SEP} href="\ud800"/>')


PIECES = "</> < > & ; 0 0x ' \" = <!-- --> <![CDATA[ ]]> <? ?> <!DOCTYPE <status> </status> xsi:type= xmlns= href= \0 é"


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good document with some parts cut out and others put in."""
    data = NOTIFICATION
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(start + 20, len(data))))
        piece = draw(st.one_of(st.binary(max_size=4), st.sampled_from(PIECES.split(" ")).map(str.encode)))
        data = data[:start] + piece + data[end:]
    return data


@settings(deadline=None, max_examples=300)
@given(st.one_of(st.binary(), st.text().map(lambda text: text.encode("utf-8", "surrogatepass")), damaged()))
@example(b"\xff\xfe<\0a\0/\0>\0")
@example(b"<a xmlns:='x'/>")
@example(f"<EndDevice {SEP}><deviceCategory>{'9' * 9001}</deviceCategory></EndDevice>".encode())
def test_any_bytes_are_an_object_or_a_document_error(data: bytes) -> None:
    tolerant = {"on_fault": lambda error: None, "on_unknown": lambda error: None}
    for options in ({}, tolerant, {"validate": True}):
        with contextlib.suppress(DocumentError, ValidationError):
            loads(data, **options)


@settings(deadline=None)
@given(st.text())
def test_any_text_in_a_field_is_a_value_or_a_decode_error(text: str) -> None:
    root = etree.fromstring(f"<EndDevice {SEP}/>")
    for name in ("deviceCategory", "lFDI", "sFDI", "enabled", "changedTime"):
        child = etree.SubElement(root, f"{{urn:ieee:std:2030.5:ns}}{name}")
        try:
            child.text = text
        except ValueError:
            return
    faults: list[DecodeError] = []
    loads(etree.tostring(root), on_fault=faults.append)
    assert len(faults) <= 5


def test_lists_of_controls_are_read_whole() -> None:
    assert loads(f'<DERControlList {SEP} all="0" results="0"/>') == DERControlList(all=0, results=0)
    assert loads(
        f"<DeviceStatus {SEP}><changedTime>0</changedTime><opState>2</opState></DeviceStatus>"
    ) == DeviceStatus(changed_time=0, op_state=OpState.OPERATING)
