"""Fixes of documents: each with a before and an after, and every other octet as it was."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envoy.validation.correction import correct
from envoy.validation.findings import Edit, Finding
from envoy.validation.source import apply_edits
from envoy.validation.validate import MAX_FINDINGS, validate

SEP = 'xmlns="urn:ieee:std:2030.5:ns"'
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
LFDI, SFDI = "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5", "167261211391"


def check(data: bytes, profile: str = "csip-aus-1.2") -> list[Finding]:
    return validate(data, profile=profile, rules=True, fixes=True, most=10_000)


def end_device(content: str, attributes: str = SEP) -> str:
    return f"<EndDevice {attributes}>{content}<sFDI>{SFDI}</sFDI><changedTime>1</changedTime></EndDevice>"


def settings_of(content: str) -> str:
    return f"<DERSettings {SEP}><setGradW>0</setGradW>{content}<updatedTime>1</updatedTime></DERSettings>"


def watts(multiplier: str, value: str) -> str:
    return settings_of(f"<setMaxW><multiplier>{multiplier}</multiplier><value>{value}</value></setMaxW>")


def base(modes: str) -> str:
    return f"<DefaultDERControl {SEP}><mRID>01</mRID><DERControlBase>{modes}</DERControlBase></DefaultDERControl>"


def lists(attributes: str, items: str = "") -> str:
    return f"<EndDeviceList {attributes}>{items}</EndDeviceList>"


def kept(name: str, value: str) -> str:
    return end_device(f"<{name}>{value}</{name}>")


def notified(resource: str, declaration: str = XSI) -> str:
    start = f'<n:Notification xmlns:n="urn:ieee:std:2030.5:ns" {declaration}>'
    return f"{start}<n:subscribedResource>/a</n:subscribedResource>{resource}</n:Notification>"


# The code, whether it is safe, before and after.
FIXES = [
    ("no-namespace", "safe", end_device("", "a=''").replace(" a=''", ""), end_device("")),
    ("wrong-namespace", "safe", end_device("", 'xmlns="http://ieee.org/2030.5"'), end_device("")),
    ("wrong-namespace", "safe", end_device('<c:lFDI xmlns:c="urn:x">' + LFDI + "</c:lFDI>"),
     end_device('<c:lFDI xmlns:c="urn:ieee:std:2030.5:ns">' + LFDI + "</c:lFDI>")),
    ("no-namespace", "safe", end_device(f'<lFDI xmlns="">{LFDI}</lFDI>'),
     end_device(f'<lFDI {SEP}>{LFDI}</lFDI>')),
    ("out-of-order", "safe",
     f"<EndDevice {SEP}>\n <changedTime>1</changedTime> <!-- c -->\n <!-- s -->\n\n <sFDI>{SFDI}</sFDI>\n</EndDevice>",
     f"<EndDevice {SEP}>\n <!-- s -->\n\n <sFDI>{SFDI}</sFDI>\n <changedTime>1</changedTime> <!-- c -->\n</EndDevice>"),
    ("misspelt-element", "safe", kept("LFDI", LFDI), kept("lFDI", LFDI)),
    ("misspelt-element", "unsafe", watts("0", "5").replace("setMaxW", "setMaxQ"), None),
    ("unknown-attribute", "safe", lists(f'{SEP} all="0" Results="0"'), lists(f'{SEP} all="0" results="0"')),
    ("unknown-attribute", "unsafe", lists(f'{SEP} all="0"  x = ">" results="0"'),
     lists(f'{SEP} all="0" results="0"')),
    ("missing-attribute", "safe", lists(f'{SEP} all="0"'), lists(f'results="0" {SEP} all="0"')),
    ("repeated", "safe", end_device(f"<lFDI>{LFDI}</lFDI>\n <lFDI>{LFDI}</lFDI>"),
     end_device(f"<lFDI>{LFDI}</lFDI>")),
    ("misplaced-element", "safe",
     f"<DeviceCapability {SEP}>\n  <href>/d&amp;c</href>\n  <TimeLink href='/t'/>\n</DeviceCapability>",
     f'<DeviceCapability href="/d&amp;c" {SEP}>\n  <TimeLink href=\'/t\'/>\n</DeviceCapability>'),
    ("misplaced-element", "safe", notified('<n:Time href="/t"></n:Time>'),
     notified('<n:Resource xsi:type="n:Time" href="/t"></n:Resource>')),
    ("misspelt-element", "unsafe",
     f"<DeviceCapability {SEP}><MirrorUsageListLink href='/m'/></DeviceCapability>",
     f"<DeviceCapability {SEP}><MirrorUsagePointListLink href='/m'/></DeviceCapability>"),
    ("wrong-type", "safe", notified('<n:Resource xsi:type="Time"/>'), notified('<n:Resource xsi:type="n:Time"/>')),
    ("wrong-type", "safe", notified("<n:Resource type='Time'/>"), notified('<n:Resource xsi:type="n:Time"/>')),
    ("wrong-type", "safe", notified("<n:Resource type = 'Time'/>", ""),
     notified(f'<n:Resource {XSI} xsi:type="n:Time"/>', "")),
    ("wrong-type", "unsafe", notified("<n:Resource><n:currentTime>1</n:currentTime></n:Resource>"), None),
    ("text-between-elements", "unsafe", settings_of("<setMaxW> 5000\n</setMaxW>"),
     settings_of("<setMaxW> <multiplier>0</multiplier><value>5000</value>\n</setMaxW>")),
    ("text-between-elements", "safe", f"<EndDevice {SEP}><DERListLink> /d&amp;c </DERListLink></EndDevice>",
     f'<EndDevice {SEP}><DERListLink href="/d&amp;c"></DERListLink></EndDevice>'),
    ("unknown-attribute", "unsafe", f"<EndDevice {SEP}><DERListLink url='/d'/></EndDevice>",
     f"<EndDevice {SEP}><DERListLink href='/d'/></EndDevice>"),
    ("hex-prefix", "safe", kept("deviceCategory", "0x1"), kept("deviceCategory", "01")),
    ("hex-digits", "safe", kept("lFDI", "-".join((LFDI[:20].lower(), LFDI[20:]))), kept("lFDI", LFDI)),
    ("hex-odd", "safe", kept("deviceCategory", " ABC\n"), kept("deviceCategory", " 0ABC\n")),
    ("hex-too-long", "safe", kept("deviceCategory", "0000000001"), kept("deviceCategory", "00000001")),
    ("hex-too-long", "unsafe", kept("lFDI", f"{LFDI}{'A' * 24}"), kept("lFDI", LFDI)),
    ("decimal-bitmap", "unsafe", kept("deviceCategory", "167772169"), kept("deviceCategory", "0A000009")),
    ("lfdi-case", "safe", kept("lFDI", LFDI.lower()), kept("lFDI", LFDI)),
    ("sfdi", "safe", kept("lFDI", LFDI).replace(SFDI, "1"), kept("lFDI", LFDI)),
    ("list-results", "safe", lists(f'{SEP} all="0" results="3"'), lists(f'{SEP} all="0" results="0"')),
    ("out-of-range", "safe", watts("0", "50000"), watts("1", "5000")),
    ("out-of-range", "unsafe", watts("0", "50001"), watts("1", "5000")),
    ("not-a-number", "safe", watts("0", "0.5"), watts("-1", "5")),
    ("not-a-number", "safe", watts("0", "5000.0"), watts("0", "5000")),
    ("not-a-number", "unsafe", watts("0", "5,000"), watts("0", "5000")),
    ("not-seconds", "safe", end_device("").replace(">1<", ">1970-01-01T10:00:01+10:00<"), end_device("")),
    ("not-seconds", "unsafe", end_device("").replace(">1<", ">1970-01-01T00:00:01<"), end_device("")),
    ("milliseconds", "unsafe", end_device("").replace(">1<", ">1700000000123<"),
     end_device("").replace(">1<", ">1700000000<")),
    ("not-a-boolean", "safe", end_device("").replace("</changedTime>", "</changedTime><enabled>TRUE</enabled>"),
     end_device("").replace("</changedTime>", "</changedTime><enabled>true</enabled>")),
    ("not-a-boolean", "unsafe", end_device("").replace("</changedTime>", "</changedTime><enabled>no</enabled>"),
     end_device("").replace("</changedTime>", "</changedTime><enabled>false</enabled>")),
    ("later-edition", "unsafe",
     f"<DERStatus {SEP}>\n  <connectStatus><dateTime>0</dateTime><value>01</value></connectStatus>\n"
     "  <readingTime>1</readingTime>\n</DERStatus>",
     f"<DERStatus {SEP}>\n  <readingTime>1</readingTime>\n</DERStatus>"),
    ("later-edition", "unsafe", base('<opModFixedW disabled="false">1</opModFixedW>'),
     base("<opModFixedW>1</opModFixedW>")),
    ("other-profile", "unsafe", f'<Time schemaVer="2.2" {SEP}/>', f"<Time {SEP}/>"),
    ("wrong-encoding", "safe", f'<?xml version="1.0" encoding="UTF-16"?>\n{end_device("")}',
     f'<?xml version="1.0" encoding="UTF-8"?>\n{end_device("")}'),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "applicability", "before", "after"), FIXES, ids=[f"{code} {safe}" for code, safe, _, _ in FIXES]
)
def test_what_is_meant_is_written(code: str, applicability: str, before: str, after: str | None) -> None:
    raw = before.encode()
    found = [finding for finding in check(raw) if finding.code == code]
    assert [finding.fix and finding.fix.applicability for finding in found] == [applicability]
    result = correct(raw, check, unsafe=applicability == "unsafe")
    assert result.fixed[code] == 1
    assert code not in [finding.code for finding in check(result.data)]
    if after is not None:
        assert result.data.decode() == after
    if applicability == "unsafe":
        assert code in [finding.code for finding in check(correct(raw, check).data)]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "iso-8859-1", "utf-8-sig"])
def test_another_encoding_becomes_utf_8_once(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>\r\n<!-- é -->{end_device("")}'
    raw = text.encode(encoding)
    after = correct(raw, check).data
    assert after.decode("utf-8-sig") == text.replace(f'"{encoding}"', '"UTF-8"')
    assert check(after) == []


@pytest.mark.parametrize(
    "data",
    [
        b"\xff<EndDevice/>",
        f"<EndDevice {SEP}>é</EndDevice>".encode("iso-8859-1"),
        # Octets that are ASCII, and stand for something else.
        f'<?xml version="1.0" encoding="UTF-7"?><!--+AOk-->{end_device("")}'.encode(),
        f'<?xml version="1.0" encoding="iso-2022-jp"?><!--あ-->{end_device("")}'.encode("iso-2022-jp"),
        f'<?xml version="1.0" encoding="unicode_escape"?><!--\\0 é-->{end_device("")}'.encode("iso-8859-1"),
        f"<EndDevice {SEP}>text<changedTime>1</changedTime><sFDI>{SFDI}</sFDI></EndDevice>".encode(),
        kept("deviceCategory", "0x<!-- -->1").encode(),
        kept("lFDI", LFDI[1:]).encode(),
        end_device(f"<lFDI>{LFDI}</lFDI><lFDI>{LFDI[::-1]}</lFDI>").encode(),
        # Without it the mode would be followed.
        base('<opModFixedW disabled="true">1</opModFixedW>').encode(),
        base("<opModTargetV><!-- of the study --><multiplier>0</multiplier><value>1</value></opModTargetV>").encode(),
        f'<DERComponentList {SEP} all="0" results="0"/>'.encode(),
        # It would not fit where it was meant.
        f"<UnsignedFixedPointType {SEP}>-1</UnsignedFixedPointType>".encode(),
    ],
)
def test_what_is_not_certain_stays(data: bytes) -> None:
    assert check(data)
    assert correct(data, check, unsafe=True).data == data


def test_all_that_is_in_one_wrong_namespace_is_fixed_at_once() -> None:
    device = f"<c:lFDI>{LFDI}</c:lFDI><c:sFDI>{SFDI}</c:sFDI><c:changedTime>1</c:changedTime>"
    items = f"<c:EndDevice>{device}</c:EndDevice>" * 30
    raw = (
        f'<EndDeviceList {SEP} xmlns:c="https://csipaus.org/ns" all="30" results="30">{items}</EndDeviceList>'.encode()
    )
    result = correct(raw, check)
    assert result.data == raw.replace(b"<c:", b"<").replace(b"</c:", b"</")
    assert result.fixed == {"wrong-namespace": 1}


@pytest.mark.parametrize("prefix", ["", "p:"])
def test_a_prefix_never_stands_for_no_namespace(prefix: str) -> None:
    content = f"<lFDI>0x{LFDI}</lFDI><sFDI>{SFDI}</sFDI><changedTime>0</changedTime>"
    declared = f"xmlns:{prefix[:-1]}" if prefix else "xmlns"
    before = f'<{prefix}EndDevice {declared}="urn:x">{content}</{prefix}EndDevice>'
    after = f'<EndDevice xmlns="">{content}</EndDevice>'
    result = correct(before.encode(), partial(check, profile="envoy-0.1"))
    assert result.data.decode() == (before if prefix else after)


def test_a_namespace_that_others_are_rightly_in_is_changed_at_one_element() -> None:
    before = (
        f'<EndDevice schemaVer="2.2" {SEP} xmlns:v="urn:v"><v:note>1</v:note><v:sFDI>{SFDI}</v:sFDI>'
        "<v:changedTime>1</v:changedTime></EndDevice>"
    )
    result = correct(before.encode(), partial(check, profile="ieee-2023"))
    after = before.replace("v:sFDI", "sFDI").replace("v:changedTime", "changedTime")
    assert (result.data.decode(), result.fixed) == (after, {"wrong-namespace": 1})


def test_what_moves_is_fixed_as_well() -> None:
    before = (
        f"<EndDevice {SEP}><changedTime>01.0</changedTime><sFDI>{SFDI}</sFDI><LFDI>0x{LFDI.lower()}</LFDI></EndDevice>"
    )
    after = correct(before.encode(), check).data.decode()
    assert after == f"<EndDevice {SEP}><lFDI>{LFDI}</lFDI><sFDI>{SFDI}</sFDI><changedTime>1</changedTime></EndDevice>"


def test_all_errors_are_fixed_and_not_only_those_that_are_listed() -> None:
    count = MAX_FINDINGS + 50
    item = f"<EndDevice><changedTime>1</changedTime><sFDI>{SFDI}</sFDI></EndDevice>"
    result = correct(lists(f'{SEP} all="{count}" results="{count}"', item * count).encode(), check)
    assert result.fixed == {"out-of-order": count}
    assert check(result.data) == []


CHILDREN = [f"<lFDI>{LFDI}</lFDI>", f"<sFDI>{SFDI}</sFDI>", "<changedTime>1</changedTime>", "<enabled>true</enabled>",
            "<postRate>5</postRate>", '<RegistrationLink href="/r"/>']  # fmt: skip
GAPS = st.sampled_from(["", " ", "\n", "\r\n\t", "<!-- > -->", "\n<!-- a\nb -->\n", "<?p ?>", " <!-- é -->\n  "])


@settings(max_examples=60)
@given(st.permutations(CHILDREN), st.lists(GAPS, min_size=7, max_size=7))
def test_a_new_order_changes_no_octet_but_places(children: Sequence[str], gaps: Sequence[str]) -> None:
    body = "".join(gap + child for gap, child in zip(gaps, [*children, ""], strict=True))
    before = f"<!-- head -->\n<EndDevice  {SEP} >{body}</EndDevice >\n<!-- tail -->".encode()
    after = correct(before, check).data
    assert sorted(before) == sorted(after)
    assert check(after) == []
    assert [re.search(re.escape(child).encode(), after) is not None for child in children] == [True] * len(children)
    assert correct(after, check).data == after


@given(st.binary(min_size=1, max_size=60), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 5)), max_size=6))
def test_octets_outside_of_edits_stay(raw: bytes, places: list[tuple[int, int]]) -> None:
    edits, expected, position = [], b"", 0
    for start, length in sorted(places):
        end = start + length
        if start < position or end > len(raw):
            continue
        edits.append(Edit(start, end, f"[{start}]", 1, 1, 1, 1))
        expected += raw[position:start] + f"[{start}]".encode()
        position = end + 1  # apart, so that no two are at one place
        expected += raw[end:position]
    assert apply_edits(raw, reversed(edits)) == expected + raw[position:]


def test_a_check_that_finds_the_same_for_ever_ends() -> None:
    finding = next(x for x in check(kept("deviceCategory", "0x1").encode()) if x.fix)
    assert correct(b"<a/>" * 20, partial(lambda _: [finding])).fixed.total() <= 20
