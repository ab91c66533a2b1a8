"""Objects and documents come back as they were, through our codec and through xsdata's."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree
from xsdata.exceptions import ConverterWarning
from xsdata.formats.dataclass.serializers import XmlSerializer

import sep2
from envoy.bindings.fields import edition_of
from envoy.documents import dumps, loads
from envoy.errors import DecodeError, EncodeError
from envoy.profiles import Profile, get_profile
from envoy.validation.findings import ValidationError
from envoy.xsd.schemas import schema_for
from tests.conformance.canonical import canonical
from tests.conformance.editions import PROFILES, Edition, edition, official_schemas
from tests.conformance.proof import prove_round_trip
from tests.conformance.round_trip import XsdataReader, extended, without_attributes_beside
from tests.support.strategies import ProfileObjects, messages, root_resources, root_tag

pytestmark = pytest.mark.unmeasured

SEP = 'xmlns="urn:ieee:std:2030.5:ns" xmlns:v="urn:vendor"'


def parameters(classes: Callable[[Profile], list[type]], *profiles: str) -> list[Any]:
    return [
        pytest.param(profile, cls, id=f"{profile}-{cls.__name__}")
        for profile in profiles
        for cls in classes(get_profile(profile))
    ]


SOME_MESSAGES = pytest.mark.parametrize(
    ("profile", "cls"),
    parameters(messages, "csip-aus-1.3")
    + parameters(root_resources, "ieee-2018")[::4]
    + parameters(root_resources, "csip-aus-1.2")[2::4]
    + parameters(root_resources, "ieee-2023")[1::4],
)
"""Every class in the profile that has them all, and some of the resources in each of the others."""

EVERY_MESSAGE = pytest.mark.parametrize(
    ("profile", "cls"), parameters(messages, "ieee-2018", "ieee-2023", "csip-aus-1.2", "csip-aus-1.3")
)
EVERY_PROFILE = pytest.mark.parametrize("profile", PROFILES)


@cache
def objects_of(profile: str) -> ProfileObjects:
    return ProfileObjects(get_profile(profile))


@pytest.fixture(scope="module")
def xsdata() -> XsdataReader:
    return XsdataReader()


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Edition]:
    schemas = official_schemas(tmp_path_factory.mktemp("official"))
    return {profile: edition(profile, official) for profile, official in schemas.items()}


def check_objects(profile: str, cls: type, editions: dict[str, Edition], xsdata: XsdataReader, count: int) -> None:
    """Write random objects of a class; the documents must be valid for all, and the same object for all readers."""

    def check(obj: Any) -> None:
        document = dumps(obj, profile=profile, validate=False)
        root = etree.fromstring(document)
        schema_for(get_profile(profile)).assertValid(root)
        objects_of(profile).schema.validate(root)
        if profile in editions:
            editions[profile].official.lxml.assertValid(root)
        assert loads(document, cls, profile=profile) == obj
        # Whatever profile the object is for, xsdata knows the extension by the namespace of CSIP-AUS 1.3.
        again = document if profile == "ieee-2023" else dumps(obj, profile="csip-aus-1.3", validate=False)
        plain = without_attributes_beside(obj)
        assert xsdata.loads(again, cls) == plain
        assert loads(XmlSerializer(context=xsdata.context).render(obj), cls) == plain

    examples = settings(
        max_examples=count, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    examples(given(objects_of(profile).objects(cls))(check))()


@SOME_MESSAGES
def test_object_is_written_valid_and_read_back_the_same(
    profile: str, cls: type, editions: dict[str, Edition], xsdata: XsdataReader
) -> None:
    check_objects(profile, cls, editions, xsdata, 1)


@pytest.mark.conformance
@EVERY_MESSAGE
def test_many_objects_are_written_valid_and_read_back_the_same(
    profile: str, cls: type, editions: dict[str, Edition], xsdata: XsdataReader
) -> None:
    check_objects(profile, cls, editions, xsdata, 20)


def test_every_class_with_an_element_is_a_message() -> None:
    named = {getattr(sep2, name) for name in sep2.__all__ if isinstance(getattr(sep2, name), type)}
    written = {cls for cls in named if hasattr(cls, "__dataclass_fields__")}
    without = written.difference(messages(get_profile("csip-aus-1.3")), messages(get_profile("ieee-2023")))
    # Types have had no element of their own since the edition of 2023.
    known = {cls.__name__ for cls in without if not edition_of(cls)}
    assert known == {"CombinedTimeTariffIntervalList", "EnvoyConnectionPoint"}


@EVERY_PROFILE
def test_documents_are_written_again_the_same(profile: str, editions: dict[str, Edition], xsdata: XsdataReader) -> None:
    failures = [
        failure
        for tag in editions[profile].messages
        for failure in prove_round_trip(editions[profile], tag, 1, xsdata).failures
    ]
    assert failures == []


@pytest.mark.conformance
@EVERY_MESSAGE
def test_many_documents_are_written_again_the_same(
    profile: str, cls: type, editions: dict[str, Edition], xsdata: XsdataReader
) -> None:
    if profile not in editions:
        pytest.skip("the CSIP-AUS files are not beside the repository")
    tag = root_tag(get_profile(profile), cls)
    assert prove_round_trip(editions[profile], tag, 200, xsdata).failures == []


def test_what_means_the_same_is_the_same_in_canonical_form(editions: dict[str, Edition]) -> None:
    plain = (
        f'<EndDevice {SEP} xmlns:x="http://www.w3.org/2001/XMLSchema-instance"><deviceCategory>00000080'
        "</deviceCategory><lFDI>AB</lFDI><sFDI>7</sFDI><changedTime>-5</changedTime><enabled>true</enabled></EndDevice>"
    )
    other = (
        '<s:EndDevice xmlns:s="urn:ieee:std:2030.5:ns" subscribable=" 00"><!-- c -->\n<s:deviceCategory>80'
        "</s:deviceCategory>\n<s:lFDI>ab</s:lFDI><s:sFDI>\n07 </s:sFDI><s:changedTime> -5</s:changedTime>"
        "<s:enabled> 1</s:enabled><?pi?></s:EndDevice>"
    )
    model = editions["ieee-2018"].ours.model
    first, second = (canonical(etree.fromstring(text), model) for text in (plain, other))
    assert first == second
    for change in (("AB", "00AB"), (">7<", ">8<"), ("<EndDevice", '<EndDevice href=""'), ("true", "false")):
        assert canonical(etree.fromstring(plain.replace(*change)), model) != first


# What a vendor puts into a message (11.4)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("<v:x/><sFDI>17</sFDI><changedTime>1</changedTime>", "EndDevice/x"),
        ("<sFDI>1<v:x>2</v:x>7</sFDI><changedTime>1</changedTime>", "EndDevice/sFDI/x"),
        ('<sFDI v:sFDI="2">17</sFDI><changedTime>1</changedTime>', "EndDevice/sFDI"),
        ("<v:sFDI>2</v:sFDI><sFDI>17</sFDI><changedTime>1</changedTime>", "EndDevice/sFDI"),
        ("<v:x><sFDI>2</sFDI><v:y/></v:x><sFDI>17</sFDI><changedTime>1</changedTime>", "EndDevice/x"),
    ],
    ids=["beside", "in a value", "attribute of a value", "same name", "with more inside"],
)
def test_extension_is_skipped_wherever_it_stands_and_reported_on_request(text: str, path: str) -> None:
    document = f"<EndDevice {SEP}>{text}</EndDevice>"
    found: list[DecodeError] = []
    expected = sep2.EndDevice(sfdi=17, changed_time=1)
    assert loads(document) == loads(document, on_unknown=found.append) == expected
    assert [error.path for error in found] == [path]


def test_what_the_wildcards_of_2023_hold_is_skipped_and_reported() -> None:
    document = (
        f'<DERSettings {SEP} schemaVer="2.2" v:a="1"><v:x/><setGradW>27</setGradW><setMaxW disabled="1"><multiplier>0'
        "</multiplier><value>5</value><ActivePower_r2_3><later/></ActivePower_r2_3></setMaxW><updatedTime>0</updatedTime>"
        "<DERSettings_r2_3><later/></DERSettings_r2_3></DERSettings>"
    )
    found: list[DecodeError] = []
    settings = loads(document, sep2.DERSettings, profile="ieee-2023", validate=True, on_unknown=found.append)
    assert settings == sep2.DERSettings(set_grad_w=27, set_max_w=sep2.ActivePower.of(5), updated_time=0)
    assert settings.schema_ver == "2.2"
    assert sorted(error.path for error in found) == [
        "DERSettings",  # the attribute a
        "DERSettings/DERSettings_r2_3",
        "DERSettings/setMaxW",  # the attribute disabled, which the type of setMaxW does not have
        "DERSettings/setMaxW/ActivePower_r2_3",
        "DERSettings/x",
    ]


@pytest.mark.parametrize("profile", ["ieee-2018", "csip-aus-1.2", "csip-aus-1.3"])
@pytest.mark.parametrize(
    ("obj", "where", "what"),
    [
        (sep2.DERControlBase(op_mod_target_v=sep2.VoltageRMS.of(230)), "op_mod_target_v", "opModTargetV"),
        (sep2.DERControlBase(op_mod_fixed_w=1, op_mod_fixed_w_disabled=True), "op_mod_fixed_w_disabled", "disabled"),
        (
            sep2.DefaultDERControl(mrid=b"1", der_control_base=sep2.DERControlBase(), reply_to="/rsp"),
            "reply_to",
            "replyTo",
        ),
        (sep2.MirrorUsagePointList(all=0, results=0, subscribable=1), "subscribable", "subscribable"),
        (sep2.CurrentDERControls(updated_time=0), "", "CurrentDERControls"),
    ],
)
def test_what_came_with_2023_is_refused_under_2018_by_the_name_of_the_edition(
    profile: str, obj: Any, where: str, what: str
) -> None:
    with pytest.raises(EncodeError) as caught:
        dumps(obj, profile=profile, validate=False)
    assert caught.value.where == f"{type(obj).__name__}{where and '.'}{where}"
    assert caught.value.what.startswith(f"{what} came with IEEE 2030.5-2023")
    assert "ieee-2023" in caught.value.remedy
    assert loads(dumps(obj, profile="ieee-2023", validate=False)) == obj


def test_an_attribute_of_an_element_that_is_not_there_is_refused() -> None:
    with pytest.raises(EncodeError) as caught:
        dumps(sep2.DERControlBase(op_mod_fixed_w_disabled=True), profile="ieee-2023", validate=False)
    assert caught.value.where == "DERControlBase.op_mod_fixed_w_disabled"


def test_a_version_that_is_none_is_refused_in_its_edition_and_skipped_by_readers_of_2018() -> None:
    request = sep2.FlowReservationRequestList(all=0, results=0, href="/x", schema_ver="abc")
    with pytest.raises(ValidationError) as caught:
        dumps(request, profile="ieee-2023", validate=True)
    assert [finding.code for finding in caught.value.findings] == ["bad-value"]
    document = dumps(request, profile="ieee-2023", validate=False)
    assert loads(document, profile="ieee-2018", validate=True).all == 0


def test_element_of_the_standard_in_a_value_is_an_error() -> None:
    for inner in ("<lFDI/>", '<lFDI xmlns=""/>', '<c:x xmlns:c="https://csipaus.org/ns"/>'):
        with pytest.raises(DecodeError) as caught:
            loads(f"<EndDevice {SEP}><sFDI>1{inner}7</sFDI><changedTime>1</changedTime></EndDevice>")
        assert caught.value.path == "EndDevice/sFDI"


def test_extensions_are_counted_as_they_are_put_in() -> None:
    root = etree.fromstring(f"<EndDevice {SEP}><sFDI>17</sFDI><changedTime>1</changedTime></EndDevice>")
    before = etree.tostring(root).count(b"urn:example:vendor")
    count = extended(root, Random(1))  # noqa: S311
    assert etree.tostring(root).count(b"urn:example:vendor") - before >= count > 0


# What xsdata makes of codes and bitmaps


def test_xsdata_keeps_what_is_reserved_and_writes_hexbinary_at_full_width(xsdata: XsdataReader) -> None:
    capability = sep2.DERCapability(
        modes_supported=sep2.DERControlType(0x8000_0001), rtg_max_w=sep2.ActivePower.of(5000), type=sep2.DERType(99)
    )
    text = XmlSerializer(context=xsdata.context).render(capability)
    assert "modesSupported>80000001</" in text and "type>99</" in text
    assert xsdata.loads(text.encode(), sep2.DERCapability) == capability


@pytest.mark.parametrize("wrong", ["1", "0x01", "many"])
def test_xsdata_complains_of_a_bitmap_that_is_not_hexbinary(wrong: str, xsdata: XsdataReader) -> None:
    text = f'<DERCapability xmlns="urn:ieee:std:2030.5:ns"><modesSupported>{wrong}</modesSupported></DERCapability>'
    with pytest.raises(ConverterWarning, match="DERControlType"):
        xsdata.loads(text.encode(), sep2.DERCapability)
