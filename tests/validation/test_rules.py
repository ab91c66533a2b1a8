"""Rules beyond the schema: each warns about a document that breaks it, and not about one that keeps it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

import sep2
from envoy import Client, Site, dumps
from envoy._data import data_folder
from envoy.bindings.quantities import Quantity
from envoy.client.client import Exchange
from envoy.codec.parser import parse
from envoy.identity import pin_with_check_digit, sfdi_of_lfdi
from envoy.namespaces import SEP_NAMESPACE, XSI_NAMESPACE
from envoy.profiles import PROFILES
from envoy.registration.dry_run import example_site
from envoy.tls.pki import Pki
from envoy.validation.findings import Finding
from envoy.validation.rules import MAX_WARNINGS, RULES, check_rules, elements
from envoy.validation.validate import validate
from envoy.xsd.component_index import index_of
from envoy.xsd.components import components_of
from envoy.xsd.schemas import schema_for, schema_path
from tests.support.refined import keeps_all_at_last
from tests.support.strategies import ProfileObjects, root_resources

SEP = 'xmlns="urn:ieee:std:2030.5:ns"'
LFDI = "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5"
MADE_UP = "0000003E900000000000000000000000"
SFDI = "<sFDI>167261211391</sFDI>"
NOW = "<changedTime>1700000000</changedTime>"


def device(content: str) -> str:
    return f"<EndDevice {SEP}>{content}</EndDevice>"


def devices(content: str, attributes: str) -> str:
    return f"<EndDeviceList {SEP} {attributes}>{content}</EndDeviceList>"


def capability(content: str, modes: str = "00000003") -> str:
    return f"<DERCapability {SEP}><modesSupported>{modes}</modesSupported>{content}<type>4</type></DERCapability>"


def quantity(name: str, value: int, multiplier: int = 0) -> str:
    return f"<{name}><multiplier>{multiplier}</multiplier><value>{value}</value></{name}>"


def control(interval: str, mrid: str = "01") -> str:
    return (
        f"<DERControl><mRID>{mrid}</mRID><creationTime>1700000000</creationTime>"
        "<EventStatus><currentStatus>0</currentStatus><dateTime>1700000000</dateTime>"
        "<potentiallySuperseded>false</potentiallySuperseded></EventStatus>"
        f"<interval>{interval}</interval><DERControlBase/></DERControl>"
    )


def controls(*items: str) -> str:
    count = len(items)
    return f'<DERControlList {SEP} all="{count}" results="{count}">{"".join(items)}</DERControlList>'


def default_control(limit: str) -> str:
    base = f"<DERControlBase><opModMaxLimW>{limit}</opModMaxLimW></DERControlBase>"
    return f"<DefaultDERControl {SEP}><mRID>01</mRID>{base}</DefaultDERControl>"


HOUR = "<duration>3600</duration><start>1700000000</start>"


def mirrored(reading_type: str, content: str) -> str:
    kind = f"<ReadingType>{reading_type}</ReadingType>"
    return f"<MirrorMeterReading {SEP}><mRID>01</mRID>{content}{kind}</MirrorMeterReading>"


def reading_set(*readings: str) -> str:
    inner = "".join(f"<Reading>{reading}</Reading>" for reading in readings)
    return f"<MirrorReadingSet><mRID>02</mRID><timePeriod>{HOUR}</timePeriod>{inner}</MirrorReadingSet>"


LATER = "<later/>"


def aggregated(sfdi: str) -> str:
    inner = f"{NOW}<lFDI>{LFDI}</lFDI>{sfdi}"
    return f'<AggregatedDevice {SEP} schemaVer="2.2">{inner}</AggregatedDevice>'


def default_2023(mode: str, limit: int) -> str:
    document = default_control(str(limit)).replace("opModMaxLimW", mode)
    return document.replace(SEP, f'{SEP} schemaVer="2.2"')


def capability_2023(modes: str) -> str:
    more = f"<modesSupported2>{modes}</modesSupported2>"
    return capability(more + quantity("rtgMaxW", 1)).replace(SEP, f'{SEP} schemaVer="2.2"')


CASES: list[tuple[str, str, str, str, str]] = [
    # code, section, good document, bad document, path of the finding
    ("sfdi", "6.3", device(SFDI + NOW), device(f"<sFDI>167261211392</sFDI>{NOW}"),
     "EndDevice/sFDI"),
    ("sfdi", "6.3", device(f"<lFDI>{LFDI}</lFDI>{SFDI}{NOW}"),
     device(f"<lFDI>{LFDI}</lFDI><sFDI>669044845563</sFDI>{NOW}"),
     "EndDevice/sFDI"),
    ("sfdi", "6.3", device("<sFDI>687194767357</sFDI>" + NOW), device("<sFDI>999999999999</sFDI>" + NOW),
     "EndDevice/sFDI"),
    ("lfdi-length", "6.3", device(f"<lFDI>{LFDI}</lFDI>{SFDI}{NOW}"), device(f"<lFDI>3E4F45AB31</lFDI>{SFDI}{NOW}"),
     "EndDevice/lFDI"),
    ("lfdi-case", "CSIP-AUS", device(f"<lFDI>{LFDI}</lFDI>{SFDI}{NOW}"),
     device(f"<lFDI>{LFDI.lower()}</lFDI>{SFDI}{NOW}"),
     "EndDevice/lFDI"),
    ("lfdi-pen", "CSIP-AUS", device(f"<lFDI>{MADE_UP}00028547</lFDI><sFDI>10014</sFDI>{NOW}".replace("10014", "10018")),
     device(f"<lFDI>{MADE_UP}00006F83</lFDI><sFDI>10018</sFDI>{NOW}"), "EndDevice/lFDI"),
    ("lfdi-pen", "CSIP-AUS", device(f"<lFDI>{LFDI}</lFDI>{SFDI}{NOW}"),
     device(f"<lFDI>{MADE_UP}00000000</lFDI><sFDI>10018</sFDI>{NOW}"), "EndDevice/lFDI"),
    ("pin", "6.3", f"<Registration {SEP}><dateTimeRegistered>0</dateTimeRegistered><pIN>123455</pIN></Registration>",
     f"<Registration {SEP}><dateTimeRegistered>0</dateTimeRegistered><pIN>123456</pIN></Registration>",
     "Registration/pIN"),
    ("list-results", "4.5 - 4.7", devices("", 'all="3" results="0"'), devices("", 'all="3" results="1"'),
     "EndDeviceList/@results"),
    ("list-results", "4.5 - 4.7", devices(f"<EndDevice>{SFDI}{NOW}</EndDevice>", 'all="1" results="1"'),
     devices(f"<EndDevice>{SFDI}{NOW}</EndDevice>", 'all="0" results="1"'),
     "EndDeviceList/@all"),
    ("duplicate-mrid", "IdentifiedObject", controls(control(HOUR), control(HOUR, "02")),
     controls(control(HOUR), control(HOUR)), "DERControlList/DERControl[2]/mRID"),
    ("list-link-all", "ListLink", device(f'<DERListLink href="/der" all="1"/>{SFDI}{NOW}'),
     device(f'<DERListLink href="/der"/>{SFDI}{NOW}'), "EndDevice/DERListLink"),
    ("href-host", "Link", f'<DeviceCapability {SEP} href="https://a/dcap"><TimeLink href="https://A/tm"/></DeviceCapability>',
     f'<DeviceCapability {SEP} href="https://a/dcap"><TimeLink href="https://b/tm"/></DeviceCapability>',
     "DeviceCapability/TimeLink/@href"),
    ("milliseconds", "TimeType", device(SFDI + NOW), device(f"{SFDI}<changedTime>1700000000123</changedTime>"),
     "EndDevice/changedTime"),
    ("per-cent", "PerCent", default_control("10000"), default_control("50000"),
     "DefaultDERControl/DERControlBase/opModMaxLimW"),
    ("interval", "DateTimeInterval", controls(control(HOUR)),
     controls(control("<duration>0</duration><start>1700000000</start>")),
     "DERControlList/DERControl/interval/duration"),
    ("interval", "DateTimeInterval", controls(control(HOUR)),
     controls(control("<duration>3600000000</duration><start>1700000000</start>")),
     "DERControlList/DERControl/interval/duration"),
    ("rating", "DER function set", capability(quantity("rtgMaxVA", 5000) + quantity("rtgMaxW", 50, 2)),
     capability(quantity("rtgMaxVA", 5000) + quantity("rtgMaxW", 51, 2)),
     "DERCapability/rtgMaxW"),
    ("mode-rating", "DER function set", capability(quantity("rtgMaxVar", 1) + quantity("rtgMaxW", 1), "00800000"),
     capability(quantity("rtgMaxW", 1), "00800000"), "DERCapability/modesSupported"),
    ("decimal-bitmap", "hexBinary", capability(quantity("rtgMaxW", 1), "00040000"),
     capability(quantity("rtgMaxW", 1), "262144"), "DERCapability/modesSupported"),
    ("reading-type", "Metering function set",
     mirrored("<numberOfTouTiers>2</numberOfTouTiers>", "<Reading><touTier>2</touTier></Reading>"),
     mirrored("<numberOfTouTiers>2</numberOfTouTiers>", "<Reading><touTier>3</touTier></Reading>"),
     "MirrorMeterReading/Reading/touTier"),
    ("reading-type", "Metering function set",
     mirrored("<maxNumberOfIntervals>1</maxNumberOfIntervals>", reading_set("<value>1</value>")),
     mirrored("<maxNumberOfIntervals>1</maxNumberOfIntervals>", reading_set("<value>1</value>", "<value>2</value>")),
     "MirrorMeterReading/MirrorReadingSet"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "section", "good", "bad", "path"), CASES, ids=[f"{n} {case[0]}" for n, case in enumerate(CASES)]
)
def test_rule_warns_about_the_bad_document_alone(
    code: str, section: str, good: str, bad: str, path: str, snapshot: SnapshotAssertion
) -> None:
    def warnings(text: str) -> list[Finding]:
        # Not all documents have what CSIP-AUS requires; that is the schema's matter.
        findings = validate(text, rules=True)
        assert all(finding.code == "missing-element" for finding in findings if finding.severity == "error"), findings
        return [finding for finding in findings if finding.severity == "warning"]

    assert validate(good, profile="ieee-2018", strict=True) == []
    assert warnings(good) == []
    findings = [finding for finding in warnings(bad) if finding.code == code]
    assert [(finding.section, finding.path) for finding in findings] == [(section, path)]
    assert findings[0].message == snapshot
    assert findings[0].line > 0 and findings[0].column > 0


OF_2023 = f'{SEP} schemaVer="2.2"'
CASES_OF_2023: list[tuple[str, str, str, str]] = [
    # code, good document, bad document, path of the finding
    ("unstated-edition", f"<DeviceCapability {OF_2023}/>", f"<DeviceCapability {SEP}/>", "DeviceCapability/@schemaVer"),
    ("unknown-content", f'<DeviceCapability {OF_2023} pollRate="9"/>', f'<DeviceCapability {OF_2023} pollrate="9"/>',
     "DeviceCapability/@pollrate"),
    ("unknown-content", f'<DeviceCapability {OF_2023} xmlns:i="{XSI_NAMESPACE}" i:schemaLocation="a b"/>',
     f'<DeviceCapability {OF_2023} xmlns:v="urn:v" v:a="1"/>', "DeviceCapability/@a"),
    ("unknown-content", f'<DeviceCapability {OF_2023}><TimeLink href="/t"/></DeviceCapability>',
     f'<DeviceCapability {OF_2023}><a xmlns="urn:v"><TimeLink {SEP}/></a><TimeLink href="/t"/></DeviceCapability>',
     "DeviceCapability/a"),
    ("unknown-content", f"<DeviceCapability {OF_2023}/>",
     f"<DeviceCapability {OF_2023}><TimeLink xmlns='urn:v'/></DeviceCapability>", "DeviceCapability/TimeLink"),
    ("unknown-content", f"<DeviceCapability {OF_2023}/>",
     f"<DeviceCapability {OF_2023}><Resource_r2_3><later/></Resource_r2_3></DeviceCapability>",
     "DeviceCapability/Resource_r2_3/later"),
    ("list-results",
     f'<DERList {OF_2023} all="0" results="0"><Resource_r2_3>{LATER}</Resource_r2_3></DERList>',
     f'<DERList {OF_2023} all="0" results="1"><Resource_r2_3>{LATER}</Resource_r2_3></DERList>',
     "DERList/@results"),
    ("sfdi", aggregated(SFDI), aggregated("<sFDI>167261211392</sFDI>"), "AggregatedDevice/sFDI"),
    ("lfdi-length", aggregated(SFDI), aggregated(SFDI).replace(LFDI, LFDI[:10]), "AggregatedDevice/lFDI"),
    ("list-link-all", f'<DER {OF_2023}><DERComponentListLink href="/d" all="0"/></DER>',
     f'<DER {OF_2023}><DERComponentListLink href="/d"/></DER>', "DER/DERComponentListLink"),
    ("per-cent", default_2023("opModMaxLimPctVAInject", 10_000), default_2023("opModMaxLimPctVAInject", 10_001),
     "DefaultDERControl/DERControlBase/opModMaxLimPctVAInject"),
    ("mode-rating", capability_2023("00000003"), capability_2023("00000004"), "DERCapability/modesSupported2"),
    ("decimal-bitmap", capability_2023("00000001"), capability_2023("1024"), "DERCapability/modesSupported2"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "good", "bad", "path"), CASES_OF_2023, ids=[f"{n} {x[0]}" for n, x in enumerate(CASES_OF_2023)]
)
def test_rules_know_the_edition_of_2023(code: str, good: str, bad: str, path: str, snapshot: SnapshotAssertion) -> None:
    assert [x.code for x in validate(good, profile="ieee-2023", strict=True)] == ["unknown-content"] * (LATER in good)
    (finding,) = (x for x in validate(bad, profile="ieee-2023", rules=True) if x.code == code)
    assert (finding.path, finding.severity, finding.message) == (path, "warning", snapshot)


def test_rules_of_2023_do_not_hold_in_other_editions() -> None:
    document = f"<DeviceCapability {SEP}/>"
    assert [x.code for x in validate(document, profile="ieee-2023", rules=True)] == ["unstated-edition"]
    assert validate(document, profile="ieee-2018", rules=True) == []


def test_every_rule_has_a_case_and_a_summary() -> None:
    assert {rule.code for rule in RULES} == {case[0] for case in (*CASES, *CASES_OF_2023)}
    assert all(rule.summary.endswith(".") and rule.section for rule in RULES)
    assert all(rule.elements for rule in RULES)


def test_elements_of_rules_are_those_of_the_schema() -> None:
    schemas = [components_of(schema_path(PROFILES[name])) for name in ("csip-aus-1.3", "ieee-2023")]

    def elements_of(*types: str) -> set[str]:
        """Return the names of the elements whose type is one of these or derived from one."""
        declared = [each for components in schemas for each in components.elements]
        return {each.local for each in declared if {x.name for x in each.type.chain} & set(types)}

    lfdis = {name for name in elements_of("HexBinary160") if name.lower().endswith("lfdi")}
    devices = {
        kind.name for components in schemas for kind in components.types if f"{{{SEP_NAMESPACE}}}sFDI" in kind.children
    }
    assert set(elements.DEVICES) == devices >= elements_of("AbstractDevice")
    assert set(elements.LFDIS) == lfdis
    assert set(elements.LISTS) == elements_of("List", "SubscribableList")
    assert set(elements.LIST_LINKS) == elements_of("ListLink")
    assert set(elements.TIMES) == elements_of("TimeType")
    assert set(elements.INTERVALS) == elements_of("DateTimeInterval")
    bitmaps = index_of(schemas[0]).bitmaps | index_of(schemas[1]).bitmaps
    types = {"DERControlType2": 4, "DefaultDERControlType": 4}  # of which there are no elements of their names
    assert bitmaps | types == elements.BITMAPS


BAD_SFDI = device(f"<sFDI>1</sFDI>{NOW}")


def test_rules_warn_and_are_errors_when_strict() -> None:
    assert validate(BAD_SFDI) == []
    assert [finding.severity for finding in validate(BAD_SFDI, rules=True)] == ["warning"]
    assert [finding.severity for finding in validate(BAD_SFDI, strict=True)] == ["error"]


def test_profiles_have_different_rules() -> None:
    lower = device(f"<lFDI>{LFDI.lower()}</lFDI>{SFDI}{NOW}")
    assert [finding.code for finding in validate(lower, rules=True)] == ["lfdi-case"]
    assert validate(lower, profile="ieee-2018", rules=True) == []
    old = "<EndDevice><lFDI>0x21352135135</lFDI><sFDI>356563223726</sFDI><changedTime>0</changedTime></EndDevice>"
    assert validate(old, profile="envoy-0.1", rules=True) == []


def test_errors_of_the_schema_are_not_reported_by_rules() -> None:
    codes = [finding.code for finding in validate(device(f"<lFDI>0x12</lFDI><sFDI>x</sFDI>{NOW}"), rules=True)]
    assert codes == ["hex-prefix", "not-a-number"]


def test_elements_of_other_namespaces_are_not_checked() -> None:
    text = device(f'{SFDI}{NOW}<v:sFDI xmlns:v="urn:vendor">1</v:sFDI>')
    assert check_rules(parse(text.encode()), text.encode(), PROFILES["ieee-2018"]) == []


def test_rules_follow_xsi_type() -> None:
    text = (
        f'<Notification {SEP} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><subscribedResource>/a'
        f'</subscribedResource><Resource xsi:type="DERCapability"><modesSupported>00800000</modesSupported>'
        f"{quantity('rtgMaxW', 1)}<type>4</type></Resource><status>0</status><subscriptionURI>/x</subscriptionURI>"
        "</Notification>"
    )
    (finding,) = validate(text, profile="ieee-2018", rules=True)
    assert (finding.code, finding.path) == ("mode-rating", "Notification/Resource/modesSupported")


def test_a_bitmap_has_the_width_of_the_type_that_it_names() -> None:
    named = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="DeviceCategoryType"'
    text = (
        f"<EndDevice {SEP}><lFDI {named}>262144</lFDI><sFDI>167261211391</sFDI><changedTime>0</changedTime></EndDevice>"
    )
    assert [finding.code for finding in validate(text, rules=True)] == ["wrong-type", "decimal-bitmap"]


def test_a_bitmap_with_a_type_of_no_bitmap_has_its_own_width() -> None:
    text = capability(quantity("rtgMaxW", 1), "262144").replace(
        "<modesSupported>", f'<modesSupported xmlns:xsi="{XSI_NAMESPACE}" xsi:type="TimeType">'
    )
    assert "wrong-type" in [finding.code for finding in validate(text, rules=True)]


@pytest.mark.parametrize("host", ["//b", "https://b", "https:&#47;/b", "https:/&#x2F;b"])
def test_hosts_are_found_however_they_are_written(host: str) -> None:
    link = f'<TimeLink href="{host}/tm"/>'
    document = f'<DeviceCapability {SEP} xmlns:x="https://x/y" href="https://a/dcap">{link}</DeviceCapability>'
    assert [finding.code for finding in validate(document, profile="ieee-2018", rules=True)] == ["href-host"]


def test_modes_of_a_bitmap_in_decimal_digits_are_not_checked(snapshot: SnapshotAssertion) -> None:
    def warnings(modes: str) -> list[Finding]:
        return [x for x in validate(capability(quantity("rtgMaxW", 1), modes), rules=True) if x.severity == "warning"]

    assert [finding.code for finding in warnings("262144")] == ["decimal-bitmap"]
    (finding,) = warnings("00800040")
    assert (finding.code, finding.reason) == ("mode-rating", snapshot)


@pytest.mark.parametrize("bits", [1 << 4, 1 << 5, 1 << 25])
def test_power_factor_is_1_unless_it_is_given(bits: int) -> None:
    assert validate(capability(quantity("rtgMaxW", 1), f"{bits:08X}"), profile="ieee-2018", rules=True) == []


def test_rating_of_reactive_power_may_be_that_of_absorbing_it() -> None:
    ratings = quantity("rtgMaxVarNeg", -1) + quantity("rtgMaxW", 1)
    assert validate(capability(ratings, "00800000"), profile="ieee-2018", rules=True) == []


def test_many_warnings_are_counted(snapshot: SnapshotAssertion) -> None:
    content = f"<EndDevice><sFDI>1</sFDI>{NOW}</EndDevice>" * 200
    findings = validate(devices(content, 'all="200" results="200"'), rules=True)
    assert len(findings) == MAX_WARNINGS + 1
    assert (findings[-1].code, findings[-1].severity, findings[-1].reason) == ("more", "warning", snapshot)


@pytest.mark.parametrize("text", ["1" * 5_000, "²", "१", "1e9", " 12 ", "", "-0", "+5", "0x10", "\u00a05"])
def test_strange_numbers_raise_nothing(text: str) -> None:
    times = device(f"<sFDI>{text}</sFDI><changedTime>{text}</changedTime>")
    intervals = controls(control(f"<duration>{text}</duration>"))
    for document in (times, intervals):
        check_rules(parse(document.encode()), document.encode(), PROFILES["csip-aus-1.2"])


def test_the_examples_keep_the_rules() -> None:
    for file in sorted((data_folder("examples") / "messages").glob("*.xml")):
        assert [finding for finding in validate(file, rules=True) if finding.severity == "warning"] == [], file


@pytest.mark.parametrize("profile", ["ieee-2018", "csip-aus-1.2", "csip-aus-1.3"])
def test_registration_and_its_responses_keep_the_rules(
    profile: str, pki: Pki, start_server: Callable[..., str]
) -> None:
    bodies: list[bytes] = []

    def keep(exchange: Exchange) -> None:
        # At the well-known path of CSIP-AUS 1.3 there is JSON.
        both = (exchange.request.content, exchange.response.content)
        bodies.extend(body for body in both if body and not body.startswith(b"{"))

    device = pki.devices["aggregator"]
    url = start_server("--profile", profile)
    site = Site.load(example_site(PROFILES[profile]), profile=profile)
    with Client(
        url, cert=device.certificate, key=device.key, ca=pki.ca.certificate, profile=profile, on_exchange=keep
    ) as client:
        client.register(site)
        client.register(site)
    assert len(bodies) > 10
    assert [finding for body in bodies for finding in validate(body, profile=profile, rules=True)] == []


@pytest.mark.unmeasured
@pytest.mark.parametrize("profile", ["ieee-2018", "csip-aus-1.2", "csip-aus-1.3", "ieee-2023"])
@settings(max_examples=45, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
@given(data=st.data())
def test_random_messages_that_keep_the_rules_have_no_findings(profile: str, data: st.DataObject) -> None:
    chosen = PROFILES[profile]
    obj = data.draw(st.sampled_from(root_resources(chosen)).flatmap(objects_of(profile).objects))
    obey(obj)
    assert validate(dumps(obj, profile=profile), profile=profile, rules=True) == []


LFDIS = st.sampled_from(
    [LFDI, LFDI.lower(), LFDI[:38], f" {LFDI}", LFDI[:24] + "0" * 8 + "00012345", "G" * 40, chr(0x966) * 40]
)
TEXTS = st.one_of(
    st.sampled_from(["0", "00", "1700000000000", " 5", "²", "1_2", "262144", "00040000", "316224000", "316224001", ""]),
    st.integers(-5, 10**14).map(str),
    st.text("0123456789abcdefABCDEF +-_\n", max_size=42),
)


_VALUE = re.compile(rb'(?<=>)[^<>]+(?=</)|(?:(?<= all=")|(?<= href=")|(?<= results="))[^"]*| (?:all|results)="[^"]*"')


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
@given(data=st.data())
def test_what_keeps_all_for_certain_is_valid_and_has_no_objection(data: st.DataObject) -> None:
    """Put values that mislead into messages that keep the rules; what is not visited has nothing to be found."""
    profile = PROFILES[data.draw(st.sampled_from(REFINED))]
    obj = data.draw(st.sampled_from(root_resources(profile)).flatmap(objects_of(profile.name).objects))
    obey(obj)
    raw = dumps(obj, profile=profile)
    lfdi = data.draw(LFDIS)
    for _ in range(data.draw(st.integers(0, 2))):
        if values := list(_VALUE.finditer(raw)):
            place = data.draw(st.sampled_from(values))
            texts = st.one_of(TEXTS, st.sampled_from([lfdi, sfdi_near(lfdi), "//host/a", "https://host/a"]))
            value = "" if place[0][:1] == b" " else data.draw(texts)
            raw = raw[: place.start()] + escape(value).encode() + raw[place.end() :]
    certain = keeps_all_at_last(raw, profile)
    event("certain" if certain else "to be visited")
    if certain:
        assert schema_for(profile).validate(parse(raw))
        assert check_rules(parse(raw), raw, profile) == []


REFINED = ("ieee-2018", "ieee-2023", "csip-aus-1.2", "csip-aus-1.3")


@pytest.mark.parametrize("case", CASES, ids=[f"{n} {case[0]}" for n, case in enumerate(CASES)])
def test_what_breaks_a_rule_is_visited(case: tuple[str, str, str, str, str]) -> None:
    for profile in map(PROFILES.__getitem__, REFINED):
        assert not keeps_all_at_last(case[3].encode(), profile)


@pytest.mark.parametrize(
    "text",
    [
        devices(f'<EndDevice href="/e"><DERListLink href="/d" all="1"/><lFDI>{LFDI}</lFDI>{SFDI}{NOW}</EndDevice>' * 2,
                'all="3" results="2"'),
        controls(control(HOUR), control(HOUR, "02")),
        default_control("10000"),
        device(f"<!-- one -->\n<lFDI>{LFDI}</lFDI>\n{SFDI}\n{NOW}\n").replace(SEP, f'{SEP} xmlns:i="{XSI_NAMESPACE}"'),
        capability(quantity("rtgMaxW", 1)),
        f'<s:Time xmlns:s="{SEP_NAMESPACE}" href="https://a/tm">'
        + "".join(f"<s:{name}>0</s:{name}>" for name in ("currentTime", "dstEndTime", "dstOffset", "dstStartTime"))
        + "<s:quality>3</s:quality><s:tzOffset>0</s:tzOffset></s:Time>",
    ],
)  # fmt: skip
def test_usual_documents_are_not_visited(text: str) -> None:
    assert keeps_all_at_last(text.encode(), PROFILES["ieee-2018"])


@pytest.mark.parametrize(
    "text",
    [
        device(f"<lFDI>{LFDI}</lFDI><sFDI >167261211392</sFDI ><changedTime>0</changedTime>"),
        device(f"<lFDI>{LFDI}</lFDI><!-- --><sFDI>10018</sFDI><changedTime>0</changedTime>"),
        device("<sFDI>167261211392</sFDI>" + NOW),
        device(f"{SFDI}<changedTime>17000<!-- -->00000000</changedTime>"),
        f'<s:EndDevice xmlns:s="{SEP_NAMESPACE}"><s:sFDI>1</s:sFDI><s:changedTime>0</s:changedTime></s:EndDevice>',
        device(f'<DERListLink href="all=&quot;1&quot;"/>{SFDI}{NOW}'),
        f'<DeviceCapability {SEP} href="https://a/dcap"><TimeLink href="https:&#x2f;/b/tm"/></DeviceCapability>',
        f'<DeviceCapability {SEP} href="https://a/>"><TimeLink href="https://b/tm"/></DeviceCapability>',
    ],
)
def test_what_is_written_in_an_unusual_way_is_visited(text: str) -> None:
    raw = text.encode()
    root = parse(raw)
    assert schema_for(PROFILES["ieee-2018"]).validate(root)
    assert check_rules(root, raw, PROFILES["ieee-2018"])
    assert not keeps_all_at_last(raw, PROFILES["ieee-2018"])


@pytest.mark.parametrize("change", [{"name": "mine"}, {"schema": PROFILES["ieee-2023"].schema}], ids=str)
def test_a_schema_of_ones_own_is_not_refined(change: dict[str, Any]) -> None:
    profile = dataclasses.replace(PROFILES["ieee-2018"], **change)
    raw = device(f"<lFDI>{LFDI}</lFDI>{SFDI}{NOW}").encode()
    assert keeps_all_at_last(raw, PROFILES["ieee-2018"])
    assert not keeps_all_at_last(raw, profile)


@pytest.mark.parametrize(("old", "new"), [('href="/e"', 'hrf="/e"'), (' schemaVer="2.2"', "")])
def test_what_2023_leaves_open_is_visited(old: str, new: str) -> None:
    profile = PROFILES["ieee-2023"]
    usual = device(f"<lFDI>{LFDI}</lFDI>{SFDI}{NOW}").replace(SEP, f'{SEP} href="/e" schemaVer="2.2"')
    assert keeps_all_at_last(usual.encode(), profile)
    raw = usual.replace(old, new).encode()
    assert schema_for(profile).validate(parse(raw))
    assert not keeps_all_at_last(raw, profile)


def sfdi_near(lfdi: str) -> str:
    """Return the SFDI of the hex digits that a text starts with, whatever else is wrong with it."""
    digits = re.match(r"[0-9a-fA-F]{0,9}", lfdi)
    number = int(digits[0] if digits and digits[0] else "0", 16)
    return str(10 * number + -sum(map(int, str(number))) % 10)


@cache
def objects_of(profile: str) -> ProfileObjects:
    return ProfileObjects(PROFILES[profile])


PER_CENT = {
    "op_mod_fixed_w",
    "op_mod_max_lim_w",
    "op_mod_max_lim_pct_va_absorb",
    "op_mod_max_lim_pct_va_inject",
    "op_mod_max_lim_pct_w_absorb",
}


def obey(obj: Any) -> None:
    """Change a random message so that it keeps the rules, without asking the rules how."""
    for number, part in enumerate(parts_of(obj)):
        names = {field.name for field in dataclasses.fields(part)}
        for name in names & {"lfdi", "device_lfdi", "end_device_lfdi"}:
            if getattr(part, name) is not None:
                setattr(part, name, getattr(part, name).ljust(20, b"\x55"))
        if "sfdi" in names:
            lfdi = getattr(part, "lfdi", None) or (part.sfdi % 997).to_bytes(5) + bytes(15)
            part.sfdi = sfdi_of_lfdi(lfdi)
        if "pin" in names:
            part.pin = pin_with_check_digit(part.pin % 100_000)
        if isinstance(part, (sep2.List, sep2.SubscribableList)):
            part.results = sum(len(value) for value in values_of(part) if isinstance(value, list))
            part.all = max(part.all, part.results)
        if isinstance(part, sep2.ListLink) and part.all is None:
            part.all = 1
        if getattr(part, "mrid", None) is not None:
            part.mrid = number.to_bytes(16)
        if isinstance(part, sep2.DateTimeInterval):
            part.duration = part.duration % 86_400 + 1
        if isinstance(part, (sep2.DERCapability, sep2.DERSettings)):
            for name in names:
                value = getattr(part, name)
                if isinstance(value, Quantity) and type(value).__name__ != "PowerFactor":
                    value.value, value.multiplier = 0, sep2.PowerOfTenMultiplierType(0)
        for name in names & PER_CENT:
            if getattr(part, name) is not None:
                setattr(part, name, getattr(part, name) % 10_001)
        if isinstance(part, sep2.DERCapability):
            part.modes_supported = sep2.DERControlType(part.modes_supported & 0xF)
            part.modes_supported_2 = part.modes_supported_2 and sep2.DERControlType2(part.modes_supported_2 & 0x3)
        if isinstance(part, sep2.MirrorMeterReading):
            part.reading_type = None
        for field in dataclasses.fields(part):
            value = getattr(part, field.name)
            if field.name == "href" and value is not None:
                part.href = "/" + value.lstrip("/") if value.startswith("//") else value  # // is a host of its own
            if type(value) is int and value > 900_000_000_000:
                setattr(part, field.name, value % 1_000_000)


def values_of(part: Any) -> list[Any]:
    return [getattr(part, field.name) for field in dataclasses.fields(part)]


def parts_of(obj: Any) -> Iterator[Any]:
    yield obj
    for value in values_of(obj):
        for item in value if isinstance(value, list) else [value]:
            if dataclasses.is_dataclass(item):
                yield from parts_of(item)
