"""The schema that the rules refine lets nothing through that a rule would object to, and most of what none would."""

from __future__ import annotations

import hashlib
from random import Random

import pytest
from lxml import etree

from envoy.codec.parser import parse
from envoy.identity import sfdi_of_lfdi
from envoy.namespaces import SEP_NAMESPACE
from envoy.profiles import get_profile
from envoy.validation.findings import SCHEMA_VERSION, Finding
from envoy.validation.rules import check_rules
from envoy.validation.rules.elements import BITMAPS, LFDIS, LIST_LINKS, LISTS, TIMES
from envoy.validation.validate import validate
from tests.conformance.test_walk import EVERY_COUNT, EVERY_PROFILE, VALIDATORS, documents
from tests.support.refined import keeps_all_at_last

pytestmark = pytest.mark.unmeasured

USUAL = {
    **dict.fromkeys(TIMES, "1700000000"),
    **{name: "0" * 2 * width for name, width in BITMAPS.items()},
    **dict.fromkeys(("duration", "opModFixedW", "opModMaxLimW"), "300"),
}
MISLEADING = (
    "0", "-1", "946684799999", "946684800000", "1700000000000", "316224000", "316224001", "10000", "10001", "64",
    "262144", "0F", "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5", "3e4f45ab31edfe5b67e343e5e4562e31984e23e5",
    "3E4F45AB31", "0000003E90000000000000000000000000006F83", "167261211391", "167261211392", " 5 ", "",
)  # fmt: skip


@EVERY_PROFILE
@EVERY_COUNT
def test_the_refined_schema_and_the_walk_agree(profile: str, count: int) -> None:
    chosen = get_profile(profile)
    certain = breaking = 0
    for seed, root, rng in documents(profile, count, "rules"):
        for number, element in enumerate(root.iter()):
            if rng.random() < 0.99:
                make_usual(element, number)
        if chosen.schema_version:
            root.set(SCHEMA_VERSION, chosen.schema_version)
        if rng.random() < 0.5:
            mislead(rng.choice(list(root.iter())), rng)
        raw = etree.tostring(root, with_tail=False)
        found = check_rules(parse(raw), raw, chosen)
        breaking += bool(found)
        if keeps_all_at_last(raw, chosen):
            certain += 1
            assert not found, seed
            assert VALIDATORS[profile].lxml.validate(parse(raw)), seed
        assert warnings(raw, profile) == [x for x in found if not hidden(x, raw, profile)], seed
    assert certain >= 5 * count
    assert breaking >= count


def make_usual(element: etree._Element, number: int) -> None:
    """Change an element so that rules have nothing against it."""
    name = etree.QName(element).localname
    if name in USUAL and not len(element):
        element.text = USUAL[name]
    if name in LISTS:
        element.set("results", str(len(element)))
        element.set("all", str(len(element)))
    if name in LIST_LINKS:
        element.set("all", "1")
    if "href" in element.attrib:
        element.set("href", f"/{number}")
    if name == "mRID":
        element.text = f"{number:032X}"
    if name in LFDIS:
        element.text = hashlib.sha256(str(number).encode()).hexdigest()[:40].upper()
    if name == "sFDI":
        lfdi = element.getparent().findtext(f"{{{SEP_NAMESPACE}}}lFDI") if element.getparent() is not None else ""
        element.text = str(sfdi_of_lfdi(bytes.fromhex(lfdi))) if lfdi and len(lfdi) == 40 else "167261211391"


def mislead(element: etree._Element, rng: Random) -> None:
    """Change an element as somebody may have got it wrong."""
    if element.attrib and rng.random() < 0.5:
        name = rng.choice(list(element.attrib))
        if rng.random() < 0.3:
            del element.attrib[name]
        else:
            element.set(name, rng.choice((*MISLEADING, "//host/a", "https://host/a")))
    elif not len(element):
        element.text = rng.choice(MISLEADING)


def warnings(raw: bytes, profile: str) -> list[Finding]:
    return [x for x in validate(raw, profile=profile, rules=True) if x.severity == "warning"]


def hidden(finding: Finding, raw: bytes, profile: str) -> bool:
    """Whether the schema has an error at the place of a finding."""
    return (finding.line, finding.path) in {(x.line, x.path) for x in validate(raw, profile=profile)}
