"""envoy.validation: what is wrong with a document, on which line, at which path, and why."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from lxml import etree
from syrupy.assertion import SnapshotAssertion

from envoy._data import data_folder
from envoy.errors import ProfileError
from envoy.profiles import PROFILES, get_profile
from envoy.validation.validate import MAX_FINDINGS, Finding, validate
from envoy.xsd.schemas import extension_elements, schema_for

SEP = 'xmlns="urn:ieee:std:2030.5:ns"'

VALID = {
    "ieee-2018": f"<EndDevice {SEP}><sFDI>167261211391</sFDI><changedTime>0</changedTime></EndDevice>",
    "ieee-2023": f"""\
<DERStatus {SEP} schemaVer="2.2">
  <connectStatus><dateTime>1700000000</dateTime><value>03</value></connectStatus>
  <readingTime>1700000000</readingTime>
</DERStatus>""",
    "csip-aus-1.2": """\
<ConnectionPoint xmlns="https://csipaus.org/ns">
  <connectionPointId>NMI123</connectionPointId>
</ConnectionPoint>""",
    "csip-aus-1.3": f"""\
<DERControlBase {SEP} xmlns:c="https://csipaus.org/ns/v1.3">
  <c:opModStorageTargetW><multiplier>0</multiplier><value>1</value></c:opModStorageTargetW>
</DERControlBase>""",
    "envoy-0.1": """\
<EndDevice>
  <lFDI>0x21352135135</lFDI><sFDI>356563223726</sFDI><changedTime>0</changedTime>
</EndDevice>""",
}

INVALID = {
    "ieee-2018": VALID["csip-aus-1.3"],
    "ieee-2023": VALID["csip-aus-1.3"],
    "csip-aus-1.2": VALID["csip-aus-1.3"],
    "csip-aus-1.3": VALID["csip-aus-1.2"],
    "envoy-0.1": VALID["ieee-2018"],
}


@pytest.mark.parametrize("profile", PROFILES)
def test_valid_document_has_no_findings(profile: str) -> None:
    assert validate(VALID[profile], profile=profile) == []
    assert validate(VALID[profile].encode(), profile=get_profile(profile)) == []


@pytest.mark.parametrize("profile", PROFILES)
def test_document_of_another_profile_has_one_finding(profile: str) -> None:
    (finding,) = validate(INVALID[profile], profile=profile)
    assert finding.code == "other-profile"
    assert finding.line > 0


LIST = f"""\
<EndDeviceList {SEP} all="2" results="2">
  <EndDevice><sFDI>1</sFDI><changedTime>0</changedTime></EndDevice>
  <EndDevice>
    <sFDI>-5</sFDI>
    <changedTime>now</changedTime>
  </EndDevice>
</EndDeviceList>"""


def test_finding_has_place_and_message_of_the_schema() -> None:
    first, second = validate(LIST, source="list.xml")
    assert (first.source, first.line, first.column) == ("list.xml", 4, 5)
    assert first.path == "EndDeviceList/EndDevice[2]/sFDI"
    assert "'-5'" in first.schema_message
    assert (second.line, second.column, second.path) == (5, 5, "EndDeviceList/EndDevice[2]/changedTime")
    assert str(first) == f"list.xml:4:5: {first.path}: {first.reason}. {first.remedy} [out-of-range]"


@pytest.mark.parametrize(
    ("finding", "text"),
    [
        (Finding("a.xml", 3, "EndDevice/sFDI", "why"), "a.xml:3: EndDevice/sFDI: why"),
        (Finding("a.xml", 0, "", "why"), "a.xml: why"),
        (Finding("", 3, "EndDevice", "why"), "line 3: EndDevice: why"),
        (Finding("", 0, "", "why"), "why"),
        (Finding("a.xml", 3, "Time", "why", column=5, code="x", remedy="Do."), "a.xml:3:5: Time: why. Do. [x]"),
        (Finding("a.xml", 3, "Time", "why", severity="warning"), "a.xml:3: warning: Time: why"),
    ],
)
def test_finding_reads_as_one_line_with_what_is_known(finding: Finding, text: str) -> None:
    assert str(finding) == text


def test_wrong_attribute_is_found_at_its_element() -> None:
    (finding,) = validate(f'<EndDeviceList {SEP} all="0" results="0" subscribable="often"/>')
    assert finding.path == "EndDeviceList/@subscribable"
    assert "attribute 'subscribable'" in finding.schema_message


def test_elements_out_of_order_are_a_finding() -> None:
    (finding,) = validate(f"<EndDevice {SEP}><changedTime>0</changedTime><sFDI>1</sFDI></EndDevice>")
    assert finding.path == "EndDevice/changedTime"
    assert (finding.code, finding.line, finding.column) == ("out-of-order", 1, 43)


def test_file_is_read_and_named(tmp_path: Path) -> None:
    file = tmp_path / "list.xml"
    file.write_text(LIST)
    assert [(finding.source, finding.line) for finding in validate(file)] == [(str(file), 4), (str(file), 5)]
    assert validate(file, source="mine")[0].source == "mine"
    file.write_text(VALID["csip-aus-1.2"])
    assert validate(file) == []


def test_file_that_cannot_be_read_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        validate(tmp_path / "none.xml")
    with pytest.raises(OSError, match="directory"):
        validate(tmp_path)


def test_huge_file_is_not_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "huge.xml"
    with file.open("wb") as out:
        out.truncate(1 << 40)  # a terabyte that takes no room on the disk, but would in memory
    (finding,) = validate(file)
    assert (finding.code, finding.source, finding.line, finding.path) == ("too-large", str(file), 0, "")


def test_size_limit_is_the_callers_choice() -> None:
    assert len(validate(LIST, max_size=10)) == 1
    long = VALID["ieee-2018"].replace("<sFDI>", " " * 3_000_000 + "<sFDI>")
    assert [finding.code for finding in validate(long)] == ["too-large"]
    assert validate(long, max_size=None) == []


def test_thousands_of_errors_are_counted_and_the_first_are_listed(snapshot: SnapshotAssertion) -> None:
    findings = validate(f'<EndDeviceList {SEP} all="0" results="0">{"<EndDevice/>" * 5_000}</EndDeviceList>')
    assert len(findings) == MAX_FINDINGS + 1
    assert findings[MAX_FINDINGS - 1].path == f"EndDeviceList/EndDevice[{MAX_FINDINGS}]"
    assert (findings[-1].code, findings[-1].reason) == ("more", snapshot)


def test_unknown_profile_is_an_error_and_no_finding() -> None:
    with pytest.raises(ProfileError):
        validate(LIST, profile="sep")


def test_threads_do_not_see_the_findings_of_each_other() -> None:
    documents = [LIST, VALID["ieee-2018"], INVALID["ieee-2018"]] * 40
    expected = [validate(document, profile="ieee-2018") for document in documents]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda document: validate(document, profile="ieee-2018"), documents)) == expected


def test_schema_is_compiled_once_for_a_thread_and_no_two_threads_share_it() -> None:
    profile = get_profile("ieee-2018")
    ours = schema_for(profile)
    assert schema_for(profile) is ours
    with ThreadPoolExecutor(1) as pool:
        theirs = pool.submit(schema_for, profile).result()
        assert theirs is not ours
        assert pool.submit(schema_for, profile).result() is theirs
    # What one of them finds is not in the log of the other.
    ours.validate(etree.fromstring(INVALID["ieee-2018"].encode()))
    assert len(ours.error_log) > 0 == len(theirs.error_log)


def test_each_profile_knows_its_extension_elements() -> None:
    known = {name: extension_elements(profile) for name, profile in PROFILES.items()}
    assert known["ieee-2018"] == known["envoy-0.1"] == frozenset()
    assert {"ConnectionPoint", "connectionPointId", "opModExpLimW"} <= known["csip-aus-1.2"] < known["csip-aus-1.3"]
    assert "opModStorageTargetW" in known["csip-aus-1.3"] - known["csip-aus-1.2"]


def test_missing_data_folder_says_that_the_installation_is_broken() -> None:
    with pytest.raises(FileNotFoundError, match="reinstall envoy-client"):
        data_folder("no-such-folder")


def test_profiles_are_found_by_name_or_given() -> None:
    assert get_profile() is PROFILES["csip-aus-1.2"]
    assert get_profile(PROFILES["ieee-2018"]) is PROFILES["ieee-2018"]
    assert [name for name, profile in PROFILES.items() if profile.dialect != "standard"] == ["envoy-0.1"]
    assert all(name == profile.name for name, profile in PROFILES.items())


def test_name_of_a_file_instead_of_its_path(snapshot: SnapshotAssertion) -> None:
    (finding,) = validate("payloads/device.xml")
    assert (finding.code, finding.remedy) == ("not-xml", snapshot)
    (finding,) = validate(b"payloads/device.xml")
    assert finding.remedy == ""
