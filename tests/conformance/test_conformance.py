"""Our schemas are the official ones: the same verdict on every document, and the same components.

A sample of each runs every time. ``-m conformance`` runs all, ``python -m tests.conformance`` prints what that covers.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest
from lxml import etree

from envoy.profiles import get_profile
from tests.conformance.__main__ import replaced
from tests.conformance.components import REASONS, Difference, Reason, differences, reason_for
from tests.conformance.documents import Documents
from tests.conformance.editions import (
    CSIP_AUS,
    CSIP_AUS_1_2,
    PROFILES,
    SEP_2023,
    Edition,
    Validator,
    edition,
    official_schemas,
)
from tests.conformance.mutations import KINDS, mutate
from tests.conformance.parallel import COUNT
from tests.conformance.proof import prove_verdicts
from tests.conformance.report import component_lines
from tests.conftest import ROOT
from tests.support.strategies import root_resources, root_tag

SEP = "{urn:ieee:std:2030.5:ns}"
XS = {"xs": "http://www.w3.org/2001/XMLSchema"}
EVERYTHING = Path(__file__).parent / "everything.xsd"
DOC = ROOT / "docs" / "explanation" / "conformance.md"

pytestmark = pytest.mark.unmeasured

EVERY_PROFILE = pytest.mark.parametrize("profile", PROFILES)
EVERY_RESOURCE = pytest.mark.parametrize(
    ("profile", "tag"),
    [
        pytest.param(profile, root_tag(get_profile(profile), cls), id=f"{profile}-{cls.__name__}")
        for profile in PROFILES
        for cls in root_resources(get_profile(profile))
    ],
)


def some_resources(profile: str) -> list[type]:
    """Return what is tried every time: all of an edition; where it is extended, what is new and half of the others."""
    standard, every = (root_resources(get_profile(name)) for name in ("ieee-2018", profile))
    turns = {"ieee-2018": standard[::2], "csip-aus-1.2": standard[1::2], "csip-aus-1.3": standard[::2]}
    return [cls for cls in every if cls not in standard or cls in turns.get(profile, every)]


SOME_RESOURCES = pytest.mark.parametrize(
    ("profile", "tag"),
    [
        pytest.param(profile, root_tag(get_profile(profile), cls), id=f"{profile}-{cls.__name__}")
        for profile in PROFILES
        for cls in some_resources(profile)
    ],
)


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Edition]:
    schemas = official_schemas(tmp_path_factory.mktemp("official"))
    return {profile: edition(profile, official) for profile, official in schemas.items()}


@SOME_RESOURCES
def test_both_schemas_give_the_same_verdict(profile: str, tag: str, editions: dict[str, Edition]) -> None:
    assert prove_verdicts(editions[profile], tag, 2).failures == []


@pytest.mark.conformance
@EVERY_RESOURCE
def test_both_schemas_give_the_same_verdict_on_many_documents(
    profile: str, tag: str, editions: dict[str, Edition]
) -> None:
    assert prove_verdicts(editions[profile], tag, COUNT).failures == []


@EVERY_PROFILE
def test_both_schemas_give_the_same_verdict_on_what_is_no_resource(profile: str, editions: dict[str, Edition]) -> None:
    both = editions[profile]
    others = [tag for tag in both.roots if tag not in both.resources]
    assert [failure for tag in others for failure in prove_verdicts(both, tag, 1).failures] == []


@EVERY_PROFILE
def test_every_resource_of_the_official_schema_is_a_message(profile: str, editions: dict[str, Edition]) -> None:
    both, known = editions[profile], get_profile(profile)
    assert set(both.official.model.elements) == set(both.ours.model.elements) == set(both.roots)
    assert set(both.resources) == {root_tag(known, cls) for cls in root_resources(known)}
    counts = {"ieee-2018": 140, "ieee-2023": 128, "csip-aus-1.2": 141, "csip-aus-1.3": 142}
    assert len(both.resources) == counts[profile]


@pytest.mark.skipif(not CSIP_AUS.exists(), reason="the CSIP-AUS files are not beside the repository")
@pytest.mark.parametrize("file", CSIP_AUS_1_2, ids=lambda file: file.stem)
def test_the_schema_of_csip_aus_1_2_is_the_published_one(file: Path) -> None:
    def content(path: Path) -> str:
        root = etree.parse(path, etree.XMLParser(remove_blank_text=True)).getroot()
        for node in root.iter("{*}import", "{*}redefine"):
            if node.get("schemaLocation") in ("sep.xsd", "sep2_schema_2018.xsd"):
                del node.attrib["schemaLocation"]
        return etree.canonicalize(root, strip_text=True)

    assert content(file) == content(CSIP_AUS / f"{file.stem}-v1.2.xsd")


# Components


@EVERY_PROFILE
def test_each_difference_of_the_components_has_a_reason(profile: str, editions: dict[str, Edition]) -> None:
    both = editions[profile]
    found = differences(both.ours.model, both.official.model)
    assert [difference for difference in found if reason_for(difference) is None] == []
    assert {reason_for(difference) for difference in found} == (set() if profile == "ieee-2023" else set(REASONS))


@pytest.mark.skipif(len(PROFILES) < 3, reason="the files of CSIP-AUS 1.3 are not beside the repository")
def test_the_document_lists_the_differences_that_are_there(editions: dict[str, Edition]) -> None:
    assert "\n".join(component_lines(list(editions.values()))) in DOC.read_text()


def test_the_printed_part_of_the_document_is_replaced_and_the_rest_kept() -> None:
    text = DOC.read_text()
    new = replaced(text, "printed")
    assert replaced(new, "printed") == new != text
    assert new.startswith(text.partition("<!--")[0]) and "\nprinted\n" in new


def test_a_reason_holds_for_no_more_than_it_says() -> None:
    reason = Reason("type .*", r"restriction of (\S+)", r"extension of (\S+)", "the same text")
    assert reason.covers(Difference("type A", "restriction of B", "extension of B"))
    assert not reason.covers(Difference("type A", "restriction of B", "extension of C"))
    assert not reason.covers(Difference("element A", "restriction of B", "extension of B"))
    assert not reason.covers(Difference("type A", "absent", "extension of B"))


# The proof finds what is put in to be found

Change = Callable[[etree._Element], None]

_ABSTRACT_DEVICE = "//*[@name='AbstractDevice']//*"
_TIME = "//*[@name='Time']//*"


def _set(name: str, value: str) -> Change:
    return lambda node: node.set(name, value)


def _drop(node: etree._Element) -> None:
    node.getparent().remove(node)


def _move_up(node: etree._Element) -> None:
    node.getprevious().addprevious(node)


def _repeat(node: etree._Element) -> None:
    node.addnext(etree.fromstring(etree.tostring(node).replace(b'name="sFDI"', b'name="sFDI2"')))


class Planted(NamedTuple):
    """An error in a copy of our schema.

    Attributes:
        file: Where, without .xsd.
        place: The node there, an XPath.
        change: What is done to it.
        root: A root whose documents are tried.
        in_documents: Whether they show it; the comparison of components does in any case.
    """

    file: str
    place: str
    change: Change
    root: str
    in_documents: bool = True


PLANTED = {
    "shorter text": Planted("types", "//*[@name='String32']//xs:maxLength", _set("value", "31"), "MeterReading"),
    "higher bound": Planted("types", "//*[@name='Int48']//xs:minInclusive", _set("value", "0"), "Reading"),
    "wider number": Planted("types", "//*[@name='UInt16']/xs:restriction", _set("base", "xs:unsignedInt"), "DERCurve"),
    "optional": Planted("end_device", f"{_ABSTRACT_DEVICE}[@name='sFDI']", _set("minOccurs", "0"), "EndDevice"),
    "one too many": Planted("end_device", f"{_ABSTRACT_DEVICE}[@name='sFDI']", _repeat, "EndDevice"),
    "missing": Planted("time", f"{_TIME}[@name='quality']", _drop, "Time"),
    "order": Planted("time", f"{_TIME}[@name='quality']", _move_up, "Time"),
    "base": Planted("time", "//*[@name='Time']//xs:extension", _set("base", "SubscribableResource"), "Time"),
    "required": Planted("resource", "//*[@name='Resource']//*[@name='href']", _set("use", "required"), "Time"),
    "default": Planted("time", f"{_TIME}[@name='pollRate']", _set("default", "901"), "Time", in_documents=False),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_fault_in_our_schema_would_be_found(name: str, tmp_path: Path, editions: dict[str, Edition]) -> None:
    planted = PLANTED[name]
    shutil.copytree(ROOT / "schema", tmp_path / "schema")
    path = tmp_path / "schema" / "sep" / f"{planted.file}.xsd"
    tree = etree.parse(path)
    (node,) = tree.xpath(planted.place, namespaces=XS)
    planted.change(node)
    tree.write(path)
    faulty = Edition("ieee-2018", Validator("ours", path.with_name("sep.xsd")), editions["ieee-2018"].official)
    found = differences(faulty.ours.model, faulty.official.model)
    assert [difference for difference in found if reason_for(difference) is None]
    assert bool(prove_verdicts(faulty, f"{SEP}{planted.root}", 30).failures) == planted.in_documents


# The generator of documents


def test_documents_are_the_same_every_time(editions: dict[str, Edition]) -> None:
    first, second = (Documents(editions["ieee-2018"].official.model) for _ in range(2))
    for tag in (f"{SEP}DERControlList", f"{SEP}Notification"):
        documents = [etree.tostring(source.random(tag, "seed")) for source in (first, second, first)]
        assert documents[0] == documents[1] == documents[2] != etree.tostring(first.random(tag, "other seed"))


def test_documents_have_every_element_and_attribute_of_the_schema(editions: dict[str, Edition]) -> None:
    model = editions["ieee-2018"].official.model
    documents = Documents(model)
    for tag in model.elements:
        for number in range(8):
            documents.random(tag, f"{tag} {number}")
    missing = documents.fields() - documents.covered
    assert len(documents.fields()) > 1300
    assert len(missing) < 10, missing


@pytest.mark.parametrize(("path", "count"), [(EVERYTHING, 40), (SEP_2023, 1)], ids=["everything", "2023"])
def test_documents_of_any_schema_are_valid_in_two_validators(path: Path, count: int) -> None:
    validator = Validator("any", path)
    for tag, declaration in validator.model.elements.items():
        for number in range(0 if declaration.abstract else count):
            root = validator.documents.random(tag, f"{tag} {number}")
            assert validator.accepts(root), validator.reason()
            assert validator.accepts_too(root)


# Changes


def test_every_kind_of_change_is_made_and_makes_some_document_invalid(editions: dict[str, Edition]) -> None:
    official = editions["ieee-2018"].official
    rejected = set()
    for number in range(600):
        rng = Random(number)  # noqa: S311
        root = official.documents.random(f"{SEP}DERControlList", str(number))
        kind, changed = mutate(root, official.documents, rng)
        if not official.accepts(changed):
            rejected.add(kind)
    assert rejected == set(KINDS)
