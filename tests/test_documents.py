"""envoy.documents: documents become objects and objects documents, tolerant in reading, exact in writing."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from syrupy.assertion import SnapshotAssertion

import sep2
from envoy.bindings.enums import Bitmap, Code
from envoy.bindings.fields import fields_of
from envoy.bindings.lexical import collapse
from envoy.codec.decoder import MOST_REPORTS
from envoy.documents import dumps, loads
from envoy.errors import DecodeError, DocumentError, EncodeError, ProfileError
from envoy.validation.findings import ValidationError
from sep2 import (
    ELEMENTS,
    ActivePower,
    CombinedTimeTariffIntervalList,
    ConnectionPoint,
    DERCapability,
    DERControlBase,
    DERControlType,
    DERSettings,
    DERType,
    DeviceCategoryType,
    DeviceInformation,
    EndDevice,
    EndDeviceList,
    EnvoyConnectionPoint,
    FileType,
    Link,
    MirrorUsagePoint,
    PowerOfTenMultiplierType,
    Resource,
    SubscribableType,
    Time,
)
from sep2 import File as SepFile
from tests.support.making_messages import NOTIFICATION, SEP, XSI, capability, end_device, notification
from tests.support.strategies import xml_text

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
    ("obj", "profile", "where"),
    [
        (capability(), "ieee-2018", "DERCapability.doe_modes_supported"),
        (
            end_device(connection_point_link=Link(href="/cp")),
            "ieee-2018",
            "EndDevice.connection_point_link",
        ),
        (ConnectionPoint(connection_point_id="1"), "ieee-2018", "ConnectionPoint"),
        (
            DERControlBase(op_mod_storage_target_w=ActivePower.of(1)),
            "csip-aus-1.2",
            "DERControlBase.op_mod_storage_target_w",
        ),
        (CombinedTimeTariffIntervalList(all=0, results=0), "csip-aus-1.3", "CombinedTimeTariffIntervalList"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_an_element_that_the_profile_does_not_have_is_not_written(
    obj: Any, profile: str, where: str, snapshot: SnapshotAssertion
) -> None:
    with pytest.raises(EncodeError) as caught:
        dumps(obj, profile=profile, validate=False)
    assert caught.value.where == where
    assert str(caught.value) == snapshot


def test_unknown_profile_is_named_with_the_ones_there_are(snapshot: SnapshotAssertion) -> None:
    with pytest.raises(ProfileError) as caught:
        loads("<x/>", profile="csip-aus-1.4")
    assert str(caught.value) == snapshot
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


def test_on_unknown_is_called_with_what_is_skipped(snapshot: SnapshotAssertion) -> None:
    skipped: list[DecodeError] = []
    assert loads(EXTENDED, on_unknown=skipped.append) == end_device()
    assert [(error.path, error.line) for error in skipped] == [
        ("EndDevice/battery", 2),
        ("EndDevice/gridTies", 5),
        ("EndDevice", 1),
        ("EndDevice", 1),
    ]
    assert [error.what for error in skipped] == snapshot


def test_schema_hints_and_comments_are_nothing_unknown() -> None:
    skipped: list[DecodeError] = []
    text = f'<Time {SEP} {XSI} xsi:schemaLocation="a b"><!-- c --><?pi?><currentTime>1<!-- c -->2</currentTime></Time>'
    assert loads(text, on_unknown=skipped.append, on_error=lambda error: None).current_time == 12
    assert skipped == []


def test_reporting_thousands_of_unknown_elements_takes_linear_time() -> None:
    # A path names the position among siblings; counted again for each, this document would take minutes.
    skipped: list[DecodeError] = []
    loads(f'<EndDeviceList {SEP} all="0" results="0">{"<a/>" * 50_000}</EndDeviceList>', on_unknown=skipped.append)
    assert len(skipped) == MOST_REPORTS + 1
    assert (skipped[-2].path, skipped[-1].path) == (f"EndDeviceList/a[{MOST_REPORTS}]", "")


def test_no_more_errors_are_reported_than_somebody_reads() -> None:
    wrong: list[DecodeError] = []
    device = "<EndDevice><sFDI>x</sFDI><changedTime>y</changedTime></EndDevice>"
    text = f'<EndDeviceList {SEP} all="0" results="0">{device * 20_000}</EndDeviceList>'
    assert len(loads(text, sep2.EndDeviceList, on_error=wrong.append).end_device) == 20_000
    assert len(wrong) == MOST_REPORTS + 1
    assert (wrong[-2].path, wrong[-1].path) == (f"EndDeviceList/EndDevice[{MOST_REPORTS // 2}]/changedTime", "")


# The root


@pytest.mark.parametrize(
    "text",
    [
        f"<Toaster {SEP}/>",
        "<EndDevice/>",
        '<EndDevice xmlns="urn:other"/>',
        f"<UInt8 {SEP}>1</UInt8>",
    ],
)
def test_root_that_is_not_a_message_is_refused(text: str, snapshot: SnapshotAssertion) -> None:
    with pytest.raises(DocumentError) as caught:
        loads(text)
    assert str(caught.value) == snapshot


def test_document_must_be_of_the_class_asked_for_or_derived_from_it(snapshot: SnapshotAssertion) -> None:
    text = f"<EndDevice {SEP}><sFDI>1</sFDI><changedTime>0</changedTime></EndDevice>"
    assert type(loads(text, Resource)) is EndDevice
    with pytest.raises(DocumentError) as caught:
        loads(text, DERCapability)
    assert caught.value.what == snapshot


def test_old_connection_point_without_namespace_is_a_class_of_its_own() -> None:
    text = "<ConnectionPoint><connectionPointID></connectionPointID><meterID>NMI123</meterID></ConnectionPoint>"
    assert loads(text) == EnvoyConnectionPoint(connection_point_id="", meter_id="NMI123")


@pytest.mark.parametrize("qname", ELEMENTS)
def test_every_element_of_the_models_is_read_as_its_class(qname: str) -> None:
    root = etree.Element(qname)
    assert type(loads(etree.tostring(root), on_error=lambda error: None)).__name__ == ELEMENTS[qname]


# xsi:type


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
    found = loads(text, on_error=lambda error: None)
    assert type(found.resource) is Time
    assert found.resource.href == "/tm"


@pytest.mark.parametrize(
    "declared", ["Toaster", "v:Time", "ActivePower", "DERType", "ELEMENTS", "importlib", "__name__", "", "a:b:c"]
)
def test_type_that_is_not_derived_from_the_expected_one_is_an_error(declared: str) -> None:
    text = (
        f'<Notification {SEP} {XSI} xmlns:v="urn:vendor"><subscribedResource/><Resource xsi:type="{declared}" '
        'href="/tm"/><status>0</status><subscriptionURI/></Notification>'
    )
    with pytest.raises(DecodeError) as caught:
        loads(text)
    assert caught.value.path == "Notification/Resource"
    errors: list[DecodeError] = []
    assert loads(text, on_error=errors.append).resource == Resource(href="/tm")
    assert [error.what for error in errors] == [caught.value.what]


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
        href=collapse(text),
        mrid=b"\1",
        description=text,
        role_flags=0,
        service_category_kind=0,
        status=1,
        device_lfdi=b"\1",
    )
    assert loads(dumps(point, validate=False)) == point


@settings(deadline=None)
@given(xml_text(), xml_text())
def test_any_text_that_xml_can_hold_survives(text: str, uri: str) -> None:
    obj = EnvoyConnectionPoint(meter_id=text)
    assert loads(dumps(obj, validate=False)) == obj
    resource = Resource(href=collapse(uri))
    assert loads(dumps(resource, validate=False)) == resource


@given(xml_text(), st.integers(0, 8))
def test_an_indented_document_says_the_same(text: str, indent: int) -> None:
    obj = EndDeviceList(all=1, results=1, end_device=[end_device(lfdi=bytes(20))])
    lines = dumps(obj, indent=indent).decode().splitlines()
    assert [len(line) - len(line.lstrip()) for line in lines[1:3]] == [indent, 2 * indent]
    assert loads("\n".join(lines), validate=True) == obj
    point = EnvoyConnectionPoint(meter_id=text)
    assert loads(dumps(point, validate=False, indent=indent)) == point


def test_an_indented_document_keeps_its_declaration() -> None:
    written = dumps(EnvoyConnectionPoint(meter_id="1"), profile="envoy-0.1", indent=2)
    first, rest = written.split(b"\n", 1)
    assert first == b'<?xml version="1.0" encoding="utf-8"?>'
    assert rest.startswith(b"<ConnectionPoint>\n  <")


def test_a_document_is_read_from_the_path_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "capability.xml"
    path.write_bytes(dumps(capability()))
    assert loads(path) == loads(path, DERCapability) == capability()
    with pytest.raises(DocumentError, match="has more than 10 octets"):
        loads(path, max_size=10)
    with pytest.raises(DocumentError) as caught:
        loads(tmp_path)
    assert caught.value.where == str(tmp_path)


def test_the_name_of_a_file_is_not_a_document() -> None:
    with pytest.raises(DocumentError) as caught:
        loads("capability.xml")
    assert caught.value.remedy == "If this is the name of a file, pass its Path."


@pytest.mark.parametrize("data", [None, 5, {"a": 1}, capability()])
def test_what_is_not_a_document_is_named(data: Any) -> None:
    with pytest.raises(DocumentError, match=f"{type(data).__name__}.* is not a document"):
        loads(data)


def test_an_open_file_gets_the_call_that_reads_it() -> None:
    with pytest.raises(DocumentError) as caught:
        loads(io.BytesIO(dumps(capability())))
    assert "read()" in caught.value.remedy
    assert loads(bytearray(dumps(capability()))) == capability()


@pytest.mark.parametrize("skips", [None, list[Exception]().append], ids=["compiled", "general"])
def test_white_space_of_a_reference_is_collapsed(skips: Any) -> None:
    text = '<DeviceCapability {} href=" /dcap "><TimeLink href="&#10;/tm&#9;"/></DeviceCapability>'
    read = loads(text.format(SEP), sep2.DeviceCapability, on_unknown=skips)
    assert (read.href, read.time_link and read.time_link.href) == ("/dcap", "/tm")


@pytest.mark.parametrize("href", [" /a", "/a\n", "/a  b", "/a\tb"])
def test_reference_that_would_be_read_as_another_is_not_written(href: str) -> None:
    with pytest.raises(EncodeError) as caught:
        dumps(Resource(href=href), validate=False)
    assert caught.value.where == "Resource.href"
    assert loads(dumps(Resource(href="/a b"), validate=False)) == Resource(href="/a b")


def test_only_white_space_of_xml_stands_around_a_number() -> None:
    text = '<Time xmlns="urn:ieee:std:2030.5:ns"><currentTime>{}1</currentTime></Time>'
    with pytest.raises(DecodeError):
        loads(text.format("\xa0"))


@pytest.mark.parametrize("character", ["\0", "\x01", "\x0b", "\x1f", "\ufffe", "\uffff", "\ud800"])
@pytest.mark.parametrize("field", ["meter_id", "href"])
def test_character_that_xml_cannot_hold_is_named(character: str, field: str) -> None:
    obj = EnvoyConnectionPoint(meter_id=f"a{character}") if field == "meter_id" else Resource(href=f"a{character}")
    with pytest.raises(EncodeError, match=rf"U\+{ord(character):04X}") as caught:
        dumps(obj, validate=False)
    assert caught.value.where.endswith(f".{field}")


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


# The media type


@pytest.mark.parametrize(
    "media_type",
    [
        "application/sep+xml",
        "application/sep+xml; csipaus=1.3",
        "Application/SEP+XML;level=-S1",
        "application/xml; charset=utf-8",
        "text/xml",
        "text/html",
        "application/exit",
        "",
        ";",
        None,
    ],
)
def test_body_of_any_other_media_type_than_exi_is_read_as_xml(media_type: str | None) -> None:
    assert loads(dumps(end_device()), EndDevice, media_type=media_type) == end_device()


@pytest.mark.parametrize("media_type", ["application/sep-exi", "application/sep+exi;level=-S1", " Application/EXI "])
def test_exi_is_refused_by_its_media_type(media_type: str, snapshot: SnapshotAssertion) -> None:
    with pytest.raises(DocumentError) as caught:
        loads(dumps(end_device()), media_type=media_type)
    assert str(caught.value) == snapshot


# Validation on the way


def test_what_is_written_is_validated_by_default() -> None:
    lacking = capability(doe_modes_supported=None)
    with pytest.raises(ValidationError) as caught:
        dumps(lacking)
    assert caught.value.where == "DERCapability"
    assert caught.value.findings[0].path == "DERCapability"
    assert loads(dumps(lacking, validate=False)) == lacking
    assert loads(dumps(lacking, profile="ieee-2018"), profile="ieee-2018", validate=True) == lacking


def test_what_is_read_is_validated_on_request() -> None:
    disordered = f"<EndDevice {SEP}><changedTime>0</changedTime><sFDI>167261211391</sFDI></EndDevice>"
    assert loads(disordered) == end_device()
    with pytest.raises(ValidationError) as caught:
        loads(disordered, validate=True)
    assert [finding.code for finding in caught.value.findings] == ["out-of-order"]
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
    with pytest.raises(ValidationError) as caught:
        dumps(information)
    assert [(finding.code, finding.path) for finding in caught.value.findings] == [
        ("too-long", "DeviceInformation/mfHwVer")
    ]
