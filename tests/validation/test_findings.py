"""Findings of the schema and of reading: each mistake that is made in practice has its code, place and message."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from syrupy.assertion import SnapshotAssertion

import sep2
from envoy import ValidationError, assert_valid, dumps, loads
from envoy.bindings.enums import Bitmap
from envoy.bindings.fields import fields_of
from envoy.namespaces import SEP_NAMESPACE
from envoy.profiles import LINKED, PROFILES
from envoy.validation.content_errors import MOST_ERRORS
from envoy.validation.findings import FINDING_CODES
from envoy.validation.validate import MAX_FINDINGS, validate
from envoy.xsd.component_index import index_of
from envoy.xsd.components import components_of
from envoy.xsd.schemas import profile_for_schema, schema_path
from sep2 import ActivePower, DERCapability, DERControlType, DERType, DeviceCapability, EndDevice

SEP = 'xmlns="urn:ieee:std:2030.5:ns"'
AUS = 'xmlns:c="https://csipaus.org/ns"'
AUS_13 = 'xmlns:c="https://csipaus.org/ns/v1.3"'
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
LFDI = "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5"


def end_device(content: str, declarations: str = SEP) -> str:
    return f"<EndDevice {declarations}>\n  {content}\n</EndDevice>"


def capability(
    content: str = "", power: str = "<multiplier>0</multiplier><value>5000</value>", modes: str = "0001"
) -> str:
    return (
        f"<DERCapability {SEP} {AUS} {AUS_13.replace(':c=', ':d=')}><modesSupported>{modes}</modesSupported>\n"
        f"<rtgMaxW>{power}</rtgMaxW><type>4</type>{content}</DERCapability>"
    )


def notification(resource: str) -> str:
    return (
        f"<Notification {SEP} {XSI}><subscribedResource>/a</subscribedResource>\n{resource}"
        "<status>0</status><subscriptionURI>/x</subscriptionURI></Notification>"
    )


DEVICE = "<sFDI>167261211391</sFDI><changedTime>0</changedTime>"

MISTAKES: list[tuple[str, str, str, str, str]] = [
    # what was done, profile, document, code, path
    ("no namespace", "ieee-2018", end_device(DEVICE, ""),
     "no-namespace", "EndDevice"),
    ("no namespace, but the old dialect", "csip-aus-1.2", end_device(f"<lFDI>0x{LFDI}</lFDI>{DEVICE}", ""),
     "no-namespace", "EndDevice"),
    ("no namespace inside", "ieee-2018", end_device('<sFDI>1</sFDI><changedTime xmlns="">0</changedTime>'),
     "no-namespace", "EndDevice/changedTime"),
    ("namespace of 2013", "ieee-2018", end_device(DEVICE, 'xmlns="http://ieee.org/2030.5"'),
     "wrong-namespace", "EndDevice"),
    ("unknown namespace", "ieee-2018", end_device(DEVICE, 'xmlns="urn:ieee:std:2030.5"'),
     "wrong-namespace", "EndDevice"),
    ("namespace in the old dialect", "envoy-0.1", end_device(f"<lFDI>0x{LFDI}</lFDI>{DEVICE}", 'xmlns="urn:x"'),
     "wrong-namespace", "EndDevice"),
    ("CSIP-AUS with http", "csip-aus-1.2",
     '<ConnectionPoint xmlns="http://csipaus.org/ns"><connectionPointId>1</connectionPointId></ConnectionPoint>',
     "wrong-namespace", "ConnectionPoint"),
    ("CSIP-AUS 1.3 beta", "csip-aus-1.3",
     f'<DERControlBase {SEP} xmlns:b="https://csipaus.org/ns/v1.3-beta/storage"><b:opModStorageTargetW>'
     f"<multiplier>0</multiplier><value>1</value></b:opModStorageTargetW></DERControlBase>",
     "wrong-namespace", "DERControlBase/opModStorageTargetW"),
    ("extension in the standard's namespace", "csip-aus-1.2", capability("<doeModesSupported>01</doeModesSupported>"),
     "wrong-namespace", "DERCapability/doeModesSupported"),
    ("CSIP-AUS 1.3 as root", "csip-aus-1.2", '<ConnectionPoint xmlns="https://csipaus.org/ns/v1.3"/>',
     "other-profile", "ConnectionPoint"),
    ("CSIP-AUS 1.2 as root", "csip-aus-1.3", '<ConnectionPoint xmlns="https://csipaus.org/ns"/>',
     "other-profile", "ConnectionPoint"),
    ("CSIP-AUS 1.3 inside", "csip-aus-1.2", capability("<d:doeModesSupported>01</d:doeModesSupported>"),
     "other-profile", "DERCapability/doeModesSupported"),
    ("CSIP-AUS in the namespace of the standard as root", "ieee-2018",
     f"<ConnectionPoint {SEP}><connectionPointId>1</connectionPointId></ConnectionPoint>",
     "other-profile", "ConnectionPoint"),
    ("CSIP-AUS without a namespace as root", "ieee-2018",
     "<ConnectionPoint><connectionPointId>1</connectionPointId></ConnectionPoint>",
     "other-profile", "ConnectionPoint"),
    ("message of the old dialect as root", "ieee-2018",
     "<ConnectionPoint><connectionPointID>1</connectionPointID><meterID>1</meterID></ConnectionPoint>",
     "other-profile", "ConnectionPoint"),
    ("CSIP-AUS in plain IEEE without a namespace", "ieee-2018",
     capability('<doeModesSupported xmlns="">01</doeModesSupported>'),
     "other-profile", "DERCapability/doeModesSupported"),
    ("CSIP-AUS in plain IEEE", "ieee-2018", capability("<c:doeModesSupported>01</c:doeModesSupported>"),
     "other-profile", "DERCapability/doeModesSupported"),
    ("standard message for the old server", "envoy-0.1", end_device(DEVICE),
     "other-profile", "EndDevice"),
    ("elements swapped", "ieee-2018", end_device("<changedTime>0</changedTime><sFDI>1</sFDI>"),
     "out-of-order", "EndDevice/changedTime"),
    ("element too late", "ieee-2018", end_device(f"{DEVICE}<lFDI>{LFDI}</lFDI>"),
     "out-of-order", "EndDevice/lFDI"),
    ("all elements in another order", "ieee-2018",
     end_device(f'<changedTime>0</changedTime><sFDI>1</sFDI><lFDI>{LFDI}</lFDI><DERListLink href="/der"/>'),
     "out-of-order", "EndDevice/changedTime"),
    ("CSIP-AUS element first", "csip-aus-1.2",
     end_device(f'<c:ConnectionPointLink href="/cp"/>{DEVICE}', f"{SEP} {AUS}"),
     "extension-first", "EndDevice/ConnectionPointLink"),
    ("CSIP-AUS element in between", "csip-aus-1.2",
     end_device(f'{DEVICE}<c:ConnectionPointLink href="/cp"/><enabled>true</enabled>', f"{SEP} {AUS}"),
     "extension-first", "EndDevice/enabled"),
    ("element twice", "ieee-2018", end_device(f"<sFDI>1</sFDI>{DEVICE}"),
     "repeated", "EndDevice/sFDI[2]"),
    ("nothing there", "ieee-2018", end_device(""),
     "missing-element", "EndDevice"),
    ("last element missing", "ieee-2018", end_device("<sFDI>1</sFDI>"),
     "missing-element", "EndDevice"),
    ("element missing in between", "ieee-2018", end_device("<changedTime>0</changedTime>"),
     "missing-element", "EndDevice/changedTime"),
    ("what CSIP-AUS requires", "csip-aus-1.2", capability(),
     "missing-element", "DERCapability"),
    ("case", "ieee-2018", end_device("<SFDI>1</SFDI><changedTime>0</changedTime>"),
     "misspelt-element", "EndDevice/SFDI"),
    ("a letter", "ieee-2018", end_device("<sFDI>1</sFDI><changeTime>0</changeTime>"),
     "misspelt-element", "EndDevice/changeTime"),
    ("element of another type", "ieee-2018", end_device(f"<rtgMaxW/>{DEVICE}"),
     "misplaced-element", "EndDevice/rtgMaxW"),
    ("message by its own name in a Notification", "ieee-2018", notification(f"<EndDevice>{DEVICE}</EndDevice>"),
     "misplaced-element", "Notification/EndDevice"),
    ("CSIP-AUS 1.3 in the namespace of 1.2", "csip-aus-1.2",
     f"<DERControlBase {SEP} {AUS}><c:opModStorageTargetW/></DERControlBase>",
     "other-profile", "DERControlBase/opModStorageTargetW"),
    ("element of a vendor", "ieee-2018", end_device(f'{DEVICE}<v:colour xmlns:v="urn:vendor"/>'),
     "unknown-element", "EndDevice/colour"),
    ("misspelt root", "ieee-2018", f"<EndDevce {SEP}/>",
     "wrong-root", "EndDevce"),
    ("part as root", "ieee-2018", f"<setMaxW {SEP}/>",
     "wrong-root", "setMaxW"),
    ("HTML as root", "ieee-2018", "<html><body/></html>",
     "wrong-root", "html"),
    ("foreign root", "ieee-2018", "<zebra/>",
     "wrong-root", "zebra"),
    ("0x", "ieee-2018", end_device(f"<lFDI>0x{LFDI.lower()}</lFDI>{DEVICE}"),
     "hex-prefix", "EndDevice/lFDI"),
    ("0x alone", "ieee-2018", capability(modes="0x"),
     "hex-prefix", "DERCapability/modesSupported"),
    ("0x before too much", "ieee-2018", capability(modes="0x123456789"),
     "hex-prefix", "DERCapability/modesSupported"),
    ("odd hex", "ieee-2018", capability(modes="400000A"),
     "hex-odd", "DERCapability/modesSupported"),
    ("odd hex of decimal digits", "ieee-2018", capability(modes="0040000"),
     "hex-odd", "DERCapability/modesSupported"),
    ("zeros before hex", "ieee-2018", capability(modes="0000040000"),
     "hex-too-long", "DERCapability/modesSupported"),
    ("more digits than an LFDI has", "ieee-2018", end_device(f"<lFDI>{LFDI}01</lFDI>{DEVICE}"),
     "hex-too-long", "EndDevice/lFDI"),
    ("odd LFDI", "ieee-2018", end_device(f"<lFDI>{LFDI[1:]}</lFDI>{DEVICE}"),
     "hex-odd", "EndDevice/lFDI"),
    ("fingerprint as LFDI", "ieee-2018", end_device(f"<lFDI>{LFDI}{'0' * 24}</lFDI>{DEVICE}"),
     "hex-too-long", "EndDevice/lFDI"),
    ("no hex", "ieee-2018", end_device(f"<lFDI>{LFDI[:-1]}G</lFDI>{DEVICE}"),
     "hex-digits", "EndDevice/lFDI"),
    ("odd decimal bitmap", "ieee-2018", capability(modes="1048579"),
     "decimal-bitmap", "DERCapability/modesSupported"),
    ("value out of bounds", "ieee-2018", capability(power="<multiplier>0</multiplier><value>40000</value>"),
     "out-of-range", "DERCapability/rtgMaxW/value"),
    ("value out of bounds, not round", "ieee-2018", capability(power="<multiplier>0</multiplier><value>123457</value>"),
     "out-of-range", "DERCapability/rtgMaxW/value"),
    ("value below its bounds", "ieee-2018",
     capability().replace("<type>", "<rtgMaxWh><multiplier>0</multiplier><value>-5</value></rtgMaxWh><type>"),
     "out-of-range", "DERCapability/rtgMaxWh/value"),
    ("watts with a decimal point", "ieee-2018", capability(power="<multiplier>3</multiplier><value>4.95</value>"),
     "not-a-number", "DERCapability/rtgMaxW/value"),
    ("number out of bounds", "ieee-2018", end_device("<sFDI>-1</sFDI><changedTime>0</changedTime>"),
     "out-of-range", "EndDevice/sFDI"),
    ("no number", "ieee-2018", end_device("<sFDI>abc</sFDI><changedTime>0</changedTime>"),
     "not-a-number", "EndDevice/sFDI"),
    ("no time", "ieee-2018", end_device("<sFDI>1</sFDI><changedTime/>"),
     "not-seconds", "EndDevice/changedTime"),
    ("a date", "ieee-2018", end_device("<sFDI>1</sFDI><changedTime>2024-01-01T00:00:00Z</changedTime>"),
     "not-seconds", "EndDevice/changedTime"),
    ("yes", "ieee-2018", end_device(f"{DEVICE}<enabled>yes</enabled>"),
     "not-a-boolean", "EndDevice/enabled"),
    ("long text", "csip-aus-1.2",
     f'<ConnectionPoint xmlns="https://csipaus.org/ns"><connectionPointId>{"6" * 33}</connectionPointId>'
     "</ConnectionPoint>",
     "too-long", "ConnectionPoint/connectionPointId"),
    ("pattern", "envoy-0.1", end_device(f"<lFDI>12</lFDI>{DEVICE}", ""),
     "bad-value", "EndDevice/lFDI"),
    ("text between", "ieee-2018", end_device(f"{DEVICE}!"),
     "text-between-elements", "EndDevice"),
    ("elements in a value", "ieee-2018", end_device("<sFDI><a/></sFDI><changedTime>0</changedTime>"),
     "elements-in-value", "EndDevice/sFDI"),
    ("attribute missing", "ieee-2018", f'<EndDeviceList {SEP} all="1"><EndDevice>{DEVICE}</EndDevice></EndDeviceList>',
     "missing-attribute", "EndDeviceList"),
    ("attribute misspelt", "ieee-2018", f'<EndDeviceList {SEP} all="0" results="0" pollrate="1"/>',
     "unknown-attribute", "EndDeviceList/@pollrate"),
    ("attribute with a prefix", "ieee-2018",
     f'<EndDeviceList {SEP} xmlns:s="urn:ieee:std:2030.5:ns" s:pollRate="9" all="0" results="0"/>',
     "unknown-attribute", "EndDeviceList/@pollRate"),
    ("nil", "ieee-2018", f'<EndDeviceList {SEP} {XSI} xsi:nil="true" all="0" results="0"/>',
     "unknown-attribute", "EndDeviceList/@xsi:nil"),
    ("attribute value", "ieee-2018", f'<EndDeviceList {SEP} all="x" results="0"/>',
     "not-a-number", "EndDeviceList/@all"),
    ("xsi:type", "ieee-2018", notification('<Resource href="/a" xsi:type="Foo"/>'),
     "wrong-type", "Notification/Resource/@xsi:type"),
    ("xsi:type in another case", "ieee-2018", notification(f'<Resource xsi:type="endDevice">{DEVICE}</Resource>'),
     "wrong-type", "Notification/Resource/@xsi:type"),
    ("xsi:type with an unknown prefix", "ieee-2018",
     notification(f'<Resource xsi:type="z:EndDevice">{DEVICE}</Resource>'),
     "wrong-type", "Notification/Resource/@xsi:type"),
    ("xsi:type of something else", "ieee-2018", notification('<Resource xsi:type="ActivePower"/>'),
     "wrong-type", "Notification/Resource/@xsi:type"),
    ("content without xsi:type", "ieee-2018", notification(f"<Resource>{DEVICE}</Resource>"),
     "wrong-type", "Notification/Resource/@xsi:type"),
    ("content of no type", "ieee-2018", notification("<Resource><Time/></Resource>"),
     "unknown-element", "Notification/Resource"),
    ("xsi:type without a prefix", "ieee-2018", notification(f'<Resource type="EndDevice">{DEVICE}</Resource>'),
     "wrong-type", "Notification/Resource/@type"),
    ("xsi:type in another namespace", "ieee-2018",
     notification(f'<Resource y:type="EndDevice" xmlns:y="urn:y">{DEVICE}</Resource>'),
     "wrong-type", "Notification/Resource/@type"),
    ("message instead of a resource", "ieee-2018", notification(f"<EndDevice>{DEVICE}</EndDevice>"),
     "misplaced-element", "Notification/EndDevice"),
    ("message in an envelope", "ieee-2018", f"<Envelope><Body>{end_device(DEVICE)}</Body></Envelope>",
     "wrong-root", "Envelope"),
    ("number instead of a value", "ieee-2018",
     f"<DERControlBase {SEP}><opModTargetW>5000</opModTargetW></DERControlBase>",
     "text-between-elements", "DERControlBase/opModTargetW"),
    ("text instead of elements", "ieee-2018",
     f"<MirrorReadingSet {SEP}><mRID>01</mRID><timePeriod>600</timePeriod></MirrorReadingSet>",
     "text-between-elements", "MirrorReadingSet/timePeriod"),
    ("element as an attribute", "ieee-2018", end_device(DEVICE, f'{SEP} postRate="900"'),
     "misplaced-element", "EndDevice/@postRate"),
    ("text in a list", "ieee-2018", f'<EndDeviceList {SEP} all="0" results="0">none</EndDeviceList>',
     "text-between-elements", "EndDeviceList"),
    ("link as text", "ieee-2018", end_device(f"<DERListLink>/der</DERListLink>{DEVICE}"),
     "text-between-elements", "EndDevice/DERListLink"),
    ("link in another attribute", "ieee-2018", end_device(f'<DERListLink url="/der"/>{DEVICE}'),
     "unknown-attribute", "EndDevice/DERListLink/@url"),
    ("required attribute in another case", "ieee-2018", f'<EndDeviceList {SEP} all="0" Results="0"/>',
     "unknown-attribute", "EndDeviceList/@Results"),
    ("element of a neighbour", "ieee-2018",
     f"<MirrorReadingSet {SEP}><mRID>01</mRID><duration>1</duration>"
     "<timePeriod><duration>1</duration><start>0</start></timePeriod></MirrorReadingSet>",
     "misplaced-element", "MirrorReadingSet/duration"),
    ("name that only its end is like", "ieee-2018",
     f'<DeviceCapability {SEP}><MeteringProgramListLink href="/m"/></DeviceCapability>',
     "unknown-element", "DeviceCapability/MeteringProgramListLink"),
    ("code by its name", "ieee-2018", f"<AccumulationBehaviourType {SEP}>delta data</AccumulationBehaviourType>",
     "not-a-number", "AccumulationBehaviourType"),
    ("number without value", "ieee-2018",
     f"<DERControlBase {SEP}><opModTargetW>5<multiplier>0</multiplier><value>5</value></opModTargetW></DERControlBase>",
     "text-between-elements", "DERControlBase/opModTargetW"),
    ("text in a link", "ieee-2018", end_device(f'<DERListLink href="/der">/der</DERListLink>{DEVICE}'),
     "text-between-elements", "EndDevice/DERListLink"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("profile", "document", "code", "path"),
    [pytest.param(*mistake[1:], id=mistake[0]) for mistake in MISTAKES],
)
def test_mistake_has_code_place_and_message(
    profile: str, document: str, code: str, path: str, snapshot: SnapshotAssertion
) -> None:
    (finding,) = validate(document, profile=profile)
    assert (finding.code, finding.path) == (code, path)
    name = re.sub(r"/@.*|\[[0-9]+\]", "", path).rpartition("/")[2]
    assert re.match(rf"<(\w:)?{name}[ />]", document.splitlines()[finding.line - 1][finding.column - 1 :])
    assert finding.message == snapshot
    assert finding.severity == "error"
    assert finding.schema_message.startswith("Element '")
    assert "\n" not in str(finding)


def test_hidden_errors_are_found() -> None:
    text = f"""\
<DERCapability {SEP} {AUS}>
  <foo/>
  <Modessupported>0x01</Modessupported>
  <rtgMaxW><value>40000</value></rtgMaxW>
  <rtgMaxVA><c:multiplier>0</c:multiplier><c:value>x</c:value></rtgMaxVA>
  <rtgMaxVA><multiplier>0</multiplier><value>1</value></rtgMaxVA>
  <bar/>
  <c:doeModesSupported>262144</c:doeModesSupported>
</DERCapability>"""
    found = [(finding.code, finding.path.partition("/")[2], finding.line) for finding in validate(text)]
    assert found == [
        ("unknown-element", "foo", 2),
        ("misspelt-element", "Modessupported", 3),
        ("hex-prefix", "Modessupported", 3),
        ("missing-element", "rtgMaxW/value", 4),
        ("out-of-range", "rtgMaxW/value", 4),
        ("out-of-order", "rtgMaxVA[1]", 5),
        ("wrong-namespace", "rtgMaxVA[1]/multiplier", 5),
        ("not-a-number", "rtgMaxVA[1]/value", 5),
        ("repeated", "rtgMaxVA[2]", 6),
        ("unknown-element", "bar", 7),
        ("missing-element", "doeModesSupported", 8),
        ("hex-too-long", "doeModesSupported", 8),
    ]


def test_all_errors_are_counted_and_the_first_are_listed() -> None:
    findings = validate(end_device("".join(f"<foo{n}/>" for n in range(2000))), profile="ieee-2018")
    assert [finding.code for finding in findings[:-1]] == ["missing-element"] + ["unknown-element"] * (MAX_FINDINGS - 1)
    assert findings[-1].code == "more" and findings[-1].reason.startswith(f"{2001 - MAX_FINDINGS} ")


def test_errors_are_counted_up_to_a_limit() -> None:
    text = f'<EndDeviceList {SEP} all="0" results="0">{"<EndDevice/>" * (MOST_ERRORS + 1)}</EndDeviceList>'
    assert validate(text)[-1].reason.startswith(f"at least {MOST_ERRORS - MAX_FINDINGS} more")


@pytest.mark.parametrize("items", [2, 2000])
def test_errors_behind_an_unknown_element_are_found_whatever_the_size(items: int) -> None:
    faulty = "<EndDevice><sFDI>x</sFDI><changedTime>0</changedTime></EndDevice>"
    found = validate(f'<EndDeviceList {SEP} all="0" results="0"><a/>{faulty * items}</EndDeviceList>')
    assert [finding.code for finding in found[:3]] == ["unknown-element", "not-a-number", "not-a-number"]
    assert items == 2 or found[-1].reason.startswith(f"{items + 1 - MAX_FINDINGS} ")


@pytest.mark.parametrize("multiplier", ["99999999999999999999999", "-1000000000", "-900000", "129", "-129"])
@pytest.mark.parametrize("value", ["99999999999", "40000", "4.95"])
def test_invalid_multiplier_gives_no_advice_for_the_value(multiplier: str, value: str) -> None:
    power = f"<multiplier>{multiplier}</multiplier><value>{value}</value>"
    findings = validate(capability(power=power), profile="ieee-2018")
    assert [finding.path.rpartition("/")[2] for finding in findings] == ["multiplier", "value"]
    assert not re.search(r"\d", findings[1].remedy)


def test_only_the_element_without_a_namespace_is_reported() -> None:
    good = f"<EndDevice>{DEVICE}</EndDevice>"
    document = f'<EndDeviceList {SEP} all="2" results="2">\n{good}\n<EndDevice xmlns=""/>\n</EndDeviceList>'
    findings = validate(document, profile="ieee-2018")
    assert (findings[0].line, findings[0].code) == (3, "no-namespace")
    assert all(finding.line == 3 for finding in findings)


def test_document_of_2023_is_named_and_read_all_the_same(snapshot: SnapshotAssertion) -> None:
    document = f'<DeviceCapability {SEP} href="/dcap" schemaVer="2.2"><TimeLink href="/tm"/></DeviceCapability>'
    assert validate(document, profile="ieee-2023") == []
    for profile in (name for name in LINKED if PROFILES[name].edition == "2018"):
        (finding,) = validate(document, profile=profile)
        assert (finding.code, finding.path) == ("other-profile", "DeviceCapability/@schemaVer")
        assert finding.message == snapshot(name=profile)
        read = loads(document, DeviceCapability, profile=profile, validate=True)
        assert read.time_link is not None and b"schemaVer" not in dumps(read, profile=profile)
    inside = document.replace(' schemaVer="2.2"', "").replace("<TimeLink", '<TimeLink schemaVer="2.2"')
    assert [finding.code for finding in validate(inside)] == ["unknown-attribute"]
    with pytest.raises(ValidationError):
        loads(document.replace('"/tm"', '"/tm" x=""'), validate=True)


def control_base(content: str) -> str:
    return f"<DefaultDERControl {SEP}><mRID>01</mRID>\n<DERControlBase>{content}</DERControlBase></DefaultDERControl>"


VOLTS = "<multiplier>0</multiplier><value>230</value>"
LATER: list[tuple[str, str, list[str]]] = [
    # what of 2023 is in it, document, the paths behind the root
    ("element", control_base(f"<opModTargetV>{VOLTS}</opModTargetV>"), ["DERControlBase/opModTargetV"]),
    ("attribute with its default", control_base('<opModFixedW disabled="false">1</opModFixedW>'),
     ["DERControlBase/opModFixedW/@disabled"]),
    ("attribute that changes the meaning", control_base('<opModFixedW disabled="true">1</opModFixedW>'),
     ["DERControlBase/opModFixedW/@disabled"]),
    ("attribute of an element with others in it", control_base(f'<opModTargetW disabled="true">{VOLTS}</opModTargetW>'),
     ["DERControlBase/opModTargetW/@disabled"]),
    ("element in a part alone", f"<DERControlBase {SEP}><opModTargetV>{VOLTS}</opModTargetV></DERControlBase>",
     ["opModTargetV"]),
    ("place of what is later still", end_device(f"<Resource_r2_3><x/></Resource_r2_3>{DEVICE}"), ["Resource_r2_3"]),
    ("place in a link", end_device(f'<DERListLink href="/d"><Link_r2_3><x/></Link_r2_3></DERListLink>{DEVICE}'),
     ["DERListLink/Link_r2_3"]),
    ("message", f'<DERComponentList {SEP} all="0" results="0"/>', [""]),
    ("type", f'<ResponseList {SEP} {XSI} all="1" results="1"><Response xsi:type="DefaultDERControlResponse">'
     f"<endDeviceLFDI>{LFDI}</endDeviceLFDI><subject>01</subject><defaultsResponded>00</defaultsResponded>"
     "<modesResponded>00</modesResponded><modesResponded2>00</modesResponded2></Response></ResponseList>",
     ["Response/@xsi:type", "Response/defaultsResponded", "Response/modesResponded", "Response/modesResponded2"]),
]  # fmt: skip


@pytest.mark.parametrize("profile", ["ieee-2018", "csip-aus-1.3"])
@pytest.mark.parametrize(("document", "paths"), [x[1:] for x in LATER], ids=[x[0] for x in LATER])
def test_what_came_with_2023_is_called_that(
    document: str, paths: list[str], profile: str, snapshot: SnapshotAssertion
) -> None:
    findings = validate(document, profile=profile)
    assert [(x.code, x.path.partition("/")[2]) for x in findings] == [("later-edition", path) for path in paths]
    if profile == "ieee-2018":
        assert [finding.message for finding in findings] == snapshot
    assert loads(document, profile=profile, validate=True) is not None
    if not document.startswith("<DERControlBase"):  # of which there are no messages since 2023
        assert validate(document, profile="ieee-2023") == []


def test_however_much_is_of_2023_the_rest_is_read_and_what_is_wrong_is_refused() -> None:
    device = '<EndDevice><AggregatedDeviceListLink href="/a"/><sFDI>1</sFDI><changedTime>0</changedTime></EndDevice>'
    document = f'<EndDeviceList {SEP} schemaVer="2.2" all="1" results="1">{device * 2 * MAX_FINDINGS}</EndDeviceList>'
    assert len(loads(document, validate=True).end_device) == 2 * MAX_FINDINGS
    with pytest.raises(ValidationError, match="sFDI"):
        loads(
            f"{document[:-44]}".rpartition("<sFDI>1")[0] + "<sFDI>x" + document.rpartition("<sFDI>1")[2], validate=True
        )


def test_repeated_element_is_reported_once() -> None:
    pin = "<dateTimeRegistered>1</dateTimeRegistered><pIN>1</pIN>"
    findings = validate(f"<Registration {SEP}>{pin}<dateTimeRegistered>1</dateTimeRegistered></Registration>")
    assert [finding.code for finding in findings] == ["repeated"]


def test_attribute_of_a_simple_value_is_reported() -> None:
    (finding,) = validate(end_device(DEVICE.replace("<changedTime>", '<changedTime href="/a">')), profile="ieee-2018")
    assert (finding.code, finding.path) == ("unknown-attribute", "EndDevice/changedTime/@href")


def test_siblings_in_a_wrong_namespace_are_one_error() -> None:
    declarations = "xmlns:s='urn:ieee:std:2030.5:ns'"
    text = end_device(f"<lFDI>0x{LFDI}</lFDI>{DEVICE}", declarations).replace("EndDevice", "s:EndDevice")
    assert [finding.code for finding in validate(text, profile="ieee-2018")] == ["no-namespace", "hex-prefix"]


OWN = """\
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:own" xmlns="urn:own"
  elementFormDefault="qualified">
  <xs:element name="any"><xs:complexType><xs:sequence>
    <xs:element name="a"/><xs:any namespace="##other" processContents="lax"/><xs:element name="b"/>
    <xs:element name="c" type="xs:int"/>
  </xs:sequence></xs:complexType></xs:element>
  <xs:element name="most"><xs:simpleType><xs:restriction base="xs:integer">
    <xs:maxInclusive value="5"/>
  </xs:restriction></xs:simpleType></xs:element>
  <xs:element name="least" type="xs:positiveInteger"/>
  <xs:element name="all"><xs:complexType><xs:all>
    <xs:element name="a"/><xs:element name="b"/>
  </xs:all></xs:complexType></xs:element>
  <xs:element name="choice"><xs:complexType><xs:sequence>
    <xs:choice maxOccurs="unbounded"><xs:element name="a"/><xs:element name="b"/></xs:choice>
    <xs:element name="c"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<all xmlns='urn:own'><b/><a/><a/></all>", [("repeated", "a[2]")]),
        ("<all xmlns='urn:own'><b/></all>", [("missing-element", "")]),
        ("<choice xmlns='urn:own'><b/><c/><a/></choice>", [("out-of-order", "a")]),
        ("<choice xmlns='urn:own'><b/><foo/><a/></choice>", [("missing-element", ""), ("unknown-element", "foo")]),
        ("<choice xmlns='urn:own'><b/><c/><c/></choice>", [("repeated", "c[2]")]),
        (
            "<any xmlns='urn:own'><a/><x xmlns='urn:x'/><c>x</c><b/></any>",
            [("out-of-order", "c"), ("not-a-number", "c")],
        ),
    ],
)
def test_a_schema_of_ones_own_may_have_other_groups(text: str, expected: list[tuple[str, str]], tmp_path: Path) -> None:
    (tmp_path / "own.xsd").write_text(OWN)
    findings = validate(text, profile=profile_for_schema(tmp_path / "own.xsd"))
    assert [(finding.code, finding.path.partition("/")[2]) for finding in findings] == expected


def test_bounds_of_a_schema_of_ones_own_may_be_on_one_side(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    (tmp_path / "own.xsd").write_text(OWN)
    profile = profile_for_schema(tmp_path / "own.xsd")
    for name, value in (("most", 6), ("least", 0)):
        (finding,) = validate(f"<{name} xmlns='urn:own'>{value}</{name}>", profile=profile)
        assert finding.code == "out-of-range"
        assert finding.reason == snapshot


CHILDREN = [f"<lFDI>0x{LFDI}</lFDI>", "<sFDI>1</sFDI>", "<changedTime>0</changedTime>", "<enabled>yes</enabled>"]


@settings(deadline=None)
@given(
    st.permutations(CHILDREN),
    st.lists(st.tuples(st.sampled_from(["<foo/>", "<sFdi>1</sFdi>", CHILDREN[1]]), st.integers(0, 4)), max_size=4),
)
def test_wrong_values_are_found_whatever_stands_beside_them(children: list[str], more: list[tuple[str, int]]) -> None:
    for child, place in more:
        children.insert(place, child)
    codes = [finding.code for finding in validate(end_device("".join(children)), profile="ieee-2018")]
    assert codes.count("hex-prefix") == codes.count("not-a-boolean") == 1
    assert codes.count("unknown-element") == sum(child == "<foo/>" for child, _ in more)
    assert "missing-element" not in codes and "schema" not in codes


def test_every_code_has_a_mistake_that_shows_it() -> None:
    shown = {mistake[3] for mistake in MISTAKES} | {code for code, _ in UNREADABLE} | {"cannot-be-written", "more"}
    # An error that no other code describes has the words of the schema; a file is not read by validate().
    assert shown | {"later-edition", "schema", "unreadable", "damaged", "process-died", "not-fixed"} == set(
        FINDING_CODES
    )


BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(12))

UNREADABLE: list[tuple[str, bytes | str]] = [
    ("empty", b""),
    ("empty", b" \n "),
    ("too-large", b"<a>" + b" " * 3_000_000 + b"</a>"),
    ("not-xml", b'{"sFDI": 1}'),
    ("not-xml", b"<!DOCTYPE html>\n<html><br></html>"),
    ("empty", b"\xef\xbb\xbf\n"),
    ("not-xml", b"sFDI = 1"),
    ("not-xml", b"```xml\n<a/>"),
    ("not-xml", b"HTTP/1.1 200 OK\r\n\r\n<a/>"),
    ("not-xml", b"POST /edev HTTP/1.1\r\n\r\n<a/>"),
    ("not-xml", b"4\r\n<a/>\r\n0\r\n\r\n"),
    ("not-xml", b"&lt;a/&gt;"),
    ("not-xml", b"-----BEGIN CERTIFICATE-----"),
    ("not-xml", b"x\x9c\x03\0"),
    ("not-xml", b"<!-- 502 --><!DOCTYPE html><html><body/></html>"),
    ("not-xml", b"\xa0\x30\x01"),
    ("not-xml", b"\0" * 1000),
    ("not-xml", b"\xef\xbb\xbf\xff"),
    ("not-xml", b"\x1f\x8b\x08\0\0"),
    ("not-xml", b"PK\x03\x04abc"),
    ("not-xml", b"$EXI\x80"),
    ("not-xml", bytes(range(256))),
    ("wrong-encoding", "<a>é</a>".encode("latin-1")),
    ("wrong-encoding", "<a/>".encode("utf-16")),
    ("wrong-encoding", "\n <a/>".encode("utf-16-le")),
    ("wrong-encoding", "\n <a/>".encode("utf-16-be")),
    ("wrong-encoding", "<a/>".encode("utf-32")),
    ("wrong-encoding", " <a/>".encode("utf-32-be")),
    ("wrong-encoding", "<a>\ud800</a>"),
    ("wrong-encoding", b"\xef\xbb\xbf\xef\xbb\xbf<a/>"),
    ("not-well-formed", b"<a><b></a>"),
    ("not-well-formed", b"<octets></a>"),
    ("not-well-formed", b"<a>&amp</a>"),
    ("not-well-formed", b"<a>a & b</a>"),
    ("not-well-formed", b"<a>&euro;</a>"),
    ("not-well-formed", b"<a><c:b/></a>"),
    ("not-well-formed", b"<a>\x1b</a>"),
    ("not-well-formed", b"<a>&#0;</a>"),
    ("not-well-formed", b"\n<?xml version='1.0'?><a/>"),
    ("not-well-formed", b"<a/><a/>"),
    ("not-well-formed", b"<a/>HTTP"),
    ("not-well-formed", b"<a b='' b=''/>"),
    ("not-well-formed", b"<a b=c/>"),
    ("not-well-formed", b"<a b='\x01'/>"),
    ("not-well-formed", b"<a xmlns='https://urn:ieee:std:2030.5:ns'/>"),
    ("not-well-formed", b"<a></b>\n<c>1"),
    ("truncated", b"<a><b>"),
    ("truncated", b"<a><b>12"),
    ("truncated", b"<a>\n<b"),
    ("truncated", b"<a>\n<b c='"),
    ("truncated", b"<a>\n<b c='1\n"),
    ("truncated", b"<a>\n</"),
    ("too-deep", b"<a>" * 100_000 + b"</a>" * 100_000),
    ("too-many-attributes", b"<a" + b"".join(b" a%d=''" % number for number in range(65)) + b"/>"),
    ("doctype", f"<!DOCTYPE a [{BOMB}]><a>&e11;</a>".encode()),
    ("doctype", b'<?xml version="1.0"?><!----><!DOCTYPE a [<!ENTITY x SYSTEM "/etc/hostname">]><a>&x;</a>'),
    ("doctype", b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>'),
]  # fmt: skip


@pytest.mark.parametrize(("code", "data"), UNREADABLE, ids=[f"{n} {code}" for n, (code, _) in enumerate(UNREADABLE)])
def test_input_that_is_not_a_document_is_classified(code: str, data: bytes | str, snapshot: SnapshotAssertion) -> None:
    (finding,) = validate(data, source="x.xml", rules=True)
    assert finding.code == code
    # The reason of what is not well-formed is libxml2's, whose words change with its version.
    assert (finding.remedy if finding.reason.startswith("not well-formed XML") else finding.message) == snapshot
    assert (finding.source, finding.path, finding.severity) == ("x.xml", "", "error")


@pytest.mark.parametrize("name", ["ISO-8859-1", "utf-16", "windows-1252", "klingon"])
def test_declaration_of_another_encoding_is_an_error_of_octets(name: str) -> None:
    text = f"<?xml version='1.0' encoding='{name}' standalone='yes'?>{end_device(DEVICE)}"
    (finding,) = validate(text.encode(), profile="ieee-2018")
    assert (finding.code, finding.line) == ("wrong-encoding", 1)
    assert validate(text, profile="ieee-2018") == []
    for right in ("UTF-8", "utf-8", "US-ASCII"):
        assert validate(text.replace(name, right).encode(), profile="ieee-2018") == []


def test_place_of_what_is_too_deep() -> None:
    (finding,) = validate(b"<a>\n" + b"<a>" * 300)
    assert (finding.code, finding.line) == ("too-deep", 2) and finding.column > 700


def test_place_of_a_wrong_octet() -> None:
    (finding,) = validate("<a>\n é</a>".encode("latin-1"))
    assert (finding.line, finding.column) == (2, 2)


def test_columns_count_characters_and_lines_those_of_the_start_tag() -> None:
    (finding,) = validate(end_device("<!-- é𝄞 --><sFDI>1</sFDI><enabled\n  >1</enabled>"), profile="ieee-2018")
    assert (finding.path, finding.line, finding.column) == ("EndDevice/enabled", 2, 28)


def test_error_is_reported_once_though_the_schema_finds_it_twice() -> None:
    text = end_device(f"<lFDI>{'1' * 42}</lFDI>{DEVICE}")
    assert [finding.code for finding in validate(text, profile="ieee-2018")] == ["hex-too-long"]


def test_unknown_element_of_another_namespace(snapshot: SnapshotAssertion) -> None:
    text = end_device(f'{DEVICE}<a:x xmlns:a="urn:a"/>', SEP)
    (finding,) = validate(text, profile="ieee-2018")
    assert finding.code == "unknown-element"
    assert finding.reason == snapshot


def test_object_is_validated_as_it_would_be_written() -> None:
    lacking = DERCapability(modes_supported=DERControlType(1), rtg_max_w=ActivePower.of(1), type=DERType(4))
    (finding,) = validate(lacking)
    assert (finding.code, finding.path) == ("missing-element", "DERCapability")
    assert validate(lacking, profile="ieee-2018") == []


def test_an_object_that_cannot_be_written_is_a_finding() -> None:
    (finding,) = validate(EndDevice(sfdi="many", changed_time=0))  # type: ignore[arg-type]
    assert (finding.code, finding.path) == ("cannot-be-written", "EndDevice.sfdi")


def test_a_valid_message_is_asserted_in_silence(tmp_path: Path) -> None:
    text = end_device(DEVICE)
    file = tmp_path / "device.xml"
    file.write_text(text)
    for data in (text, text.encode(), file, loads(text)):
        assert_valid(data, profile="ieee-2018")
    assert_valid(text, strict=True)


def test_an_assertion_fails_with_the_findings_as_its_text(snapshot: SnapshotAssertion) -> None:
    with pytest.raises(AssertionError) as caught:
        assert_valid(end_device("<changedTime>0</changedTime><sFDI>1</sFDI>"))
    assert str(caught.value) == snapshot


def test_strict_assertion_checks_the_rules() -> None:
    text = end_device("<sFDI>1</sFDI><changedTime>0</changedTime>")
    assert_valid(text)
    with pytest.raises(AssertionError, match=r"\[sfdi\]"):
        assert_valid(text, strict=True)


def test_many_errors_are_listed_quickly_and_counted() -> None:
    text = f'<EndDeviceList {SEP} all="0" results="0">{"<EndDevice/>" * 5_000}</EndDeviceList>'
    findings = validate(text)
    assert [finding.code for finding in findings] == ["missing-element"] * MAX_FINDINGS + ["more"]
    assert findings[1].column == findings[0].column + len("<EndDevice/>")


@pytest.mark.parametrize("profile", ["csip-aus-1.3", "ieee-2023"])
def test_the_components_of_the_schema_have_the_children_of_the_models_in_their_order(profile: str) -> None:
    components, edition = components_of(schema_path(PROFILES[profile])), PROFILES[profile].edition
    places = "_r2_3"  # of later editions, which the models skip
    for tag, name in sep2.ELEMENTS.items():
        if tag in components.roots and dataclasses.is_dataclass(cls := getattr(sep2, name)):
            kind = components.type_of(etree.Element(tag))
            assert kind is not None and kind.named is not None
            fields = [field for field in fields_of(cls) if not field.attribute and field.edition <= edition]
            fields = [field for field in fields if edition == "2018" or field.namespace == SEP_NAMESPACE]
            shown = [tag for tag in kind.children if not tag.endswith(places)]
            if kind.named.name not in (
                "TimeTariffInterval",
                "TariffProfile",
            ):  # the models hold the union of the profiles
                assert shown == [field.tag for field in fields]


def test_the_components_have_bitmaps_and_their_width() -> None:
    indexes = [index_of(components_of(schema_path(PROFILES[name]))) for name in ("csip-aus-1.3", "ieee-2023")]
    bitmaps = indexes[0].bitmaps | indexes[1].bitmaps
    fields = [field for name in sep2.ELEMENTS.values() for field in fields_of(getattr(sep2, name))]
    expected = {field.local: field.octets for field in fields if issubclass(field.type, Bitmap) and not field.attribute}
    del expected["value"]  # which is a number in most types
    assert expected.items() <= bitmaps.items()


def test_only_messages_of_the_standard_have_to_be_utf_8(tmp_path: Path) -> None:
    (tmp_path / "own.xsd").write_text(OWN)
    text = "<?xml version='1.0' encoding='ISO-8859-1'?><all xmlns='urn:own'><a>\xe9</a><b/></all>"
    own = profile_for_schema(tmp_path / "own.xsd")
    assert validate(text.encode("latin-1"), profile=own) == []
    assert validate(text.replace("ISO-8859-1", "klingon").encode(), profile=own)[0].code == "not-well-formed"
    (tmp_path / "vendor.xsd").write_text(OWN.replace("urn:own", "urn:ieee:std:2030.5:ns"))
    vendor = profile_for_schema(tmp_path / "vendor.xsd")
    assert validate(text.encode("latin-1"), profile=vendor)[0].code == "wrong-encoding"


def test_what_stands_behind_a_wrong_type_is_read_by_the_one_that_was_meant(snapshot: SnapshotAssertion) -> None:
    device = "<s:EndDevice><s:changedTime>0</s:changedTime></s:EndDevice>"
    document = (
        f'<s:Notification xmlns:s="urn:ieee:std:2030.5:ns" {XSI}><s:subscribedResource>/edev</s:subscribedResource>'
        f'<s:Resource xsi:type="EndDeviceList" all="1" results="1">{device}</s:Resource>'
        "<s:status>0</s:status><s:subscriptionURI>/s</s:subscriptionURI></s:Notification>"
    )
    first, second = validate(document)
    assert (first.code, first.message) == ("wrong-type", snapshot)
    assert (second.code, second.path) == ("missing-element", "Notification/Resource/EndDevice/changedTime")


def test_an_attribute_written_as_an_element_is_called_that(snapshot: SnapshotAssertion) -> None:
    document = (
        f'<DeviceCapability {SEP}>\n<href>/dcap</href><pollRate>900</pollRate><TimeLink href="/tm"/></DeviceCapability>'
    )
    findings = validate(document)
    assert [finding.code for finding in findings] == ["misplaced-element"] * 2
    assert [finding.message for finding in findings] == snapshot


def test_a_name_is_not_suggested_that_is_there_already(snapshot: SnapshotAssertion) -> None:
    (finding,) = validate(
        f"<Registration {SEP}><dateTimeRegistered>0</dateTimeRegistered><PIN>1</PIN><pIN>123455</pIN></Registration>"
    )
    assert (finding.code, finding.message) == ("misspelt-element", snapshot)


def test_midnight_may_be_the_end_of_a_day() -> None:
    (finding,) = validate(end_device("<sFDI>1</sFDI><changedTime>2024-01-31T24:00:00Z</changedTime>"))
    assert (finding.code, finding.remedy) == ("not-seconds", "Write seconds since 1970-01-01 UTC: 1706745600.")


def test_in_a_large_document_what_only_the_schema_knows_has_its_place() -> None:
    devices = f"<EndDevice>{DEVICE}</EndDevice>\n" * 2000
    text = (
        f'<EndDeviceList {SEP} all="1" results="1">\n{devices}<EndDevice href="%%">{DEVICE}</EndDevice></EndDeviceList>'
    )
    (finding,) = validate(text, profile="ieee-2018")
    assert (finding.code, finding.line, finding.path) == ("bad-value", 2002, "EndDeviceList/EndDevice[2001]/@href")
    assert finding.schema_message == finding.reason
