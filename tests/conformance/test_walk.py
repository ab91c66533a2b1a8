"""The walk explains what the schema does not allow: the same verdict, and what it says puts any document right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from itertools import product
from pathlib import Path
from random import Random

import pytest
from lxml import etree

from envoy.codec.parser import parse
from envoy.profiles import get_profile
from envoy.validation.correction import correct
from envoy.validation.schema_log import SchemaLog
from envoy.validation.validate import validate
from envoy.validation.walk import Walk
from envoy.xsd.bundle import bundle
from envoy.xsd.schemas import compile_schema, profile_for_schema, schema_path
from tests.conformance.documents import FOREIGN
from tests.conformance.editions import Validator
from tests.conformance.mutations import mutate
from tests.conformance.repairs import repaired, violations_of

pytestmark = pytest.mark.unmeasured

PROFILES = ("ieee-2018", "ieee-2023", "csip-aus-1.2", "csip-aus-1.3")
EVERYTHING = Path(__file__).parent / "everything.xsd"
EVERY_PROFILE = pytest.mark.parametrize("profile", PROFILES)
SAMPLE = 0
"""Instead of a count: one document of every sixth root."""
EVERY_COUNT = pytest.mark.parametrize("count", [SAMPLE, pytest.param(40, marks=pytest.mark.conformance)])

VALIDATORS = {profile: Validator("ours", schema_path(get_profile(profile))) for profile in PROFILES}


def documents(profile: str, count: int, law: str) -> Iterator[tuple[str, etree._Element, Random]]:
    """Yield documents of every root, or of some, valid ones and such as are changed in up to four ways."""
    source = VALIDATORS[profile].documents
    for tag in list(source.model.elements)[:: 1 if count else 6]:
        for number in range(count or 1):
            seed = f"{law} {profile} {tag} {number}"
            rng = Random(seed)  # noqa: S311 - documents, not secrets
            root = source.random(tag, seed)
            for _ in range(rng.randrange(5)):
                if root.tag in source.model.elements:
                    _, root = mutate(root, source, rng)
            yield seed, parse(etree.tostring(root, with_tail=False)), rng


@EVERY_PROFILE
@EVERY_COUNT
def test_the_walk_finds_an_error_exactly_where_both_validators_do(profile: str, count: int) -> None:
    validator = VALIDATORS[profile]
    for seed, root, _ in documents(profile, count, "verdict"):
        valid, wrong = validator.accepts(root), violations_of(root, profile)
        if valid != (not wrong):
            # libxml2 looks into URIs, which xmlschema takes as they are. Of such values libxml2's text is shown.
            assert "anyURI" in validator.reason(), seed
            assert validator.accepts_too(root), seed


@EVERY_COUNT
def test_the_walk_knows_every_kind_of_content_and_leaves_the_rest_to_libxml2(count: int) -> None:
    validator, profile = Validator("any", EVERYTHING), profile_for_schema(EVERYTHING)
    source = validator.documents
    tags = [tag for tag, declaration in source.model.elements.items() if not declaration.abstract]
    for tag, number in product(tags, range(25 * count or 4)):
        seed = f"everything {tag} {number}"
        rng = Random(seed)  # noqa: S311 - documents, not secrets
        root = source.random(tag, seed)
        for _ in range(number % 3):
            if root.tag in source.model.elements:
                _, root = mutate(root, source, rng)
        root = parse(etree.tostring(root, with_tail=False))
        valid = validator.accepts(root)
        found = Walk(profile, SchemaLog(list(validator.lxml.error_log)), 1)
        found.visit_root(root)
        assert valid == (found.count == 0), f"{seed}: {validator.reason()}"


@EVERY_PROFILE
@EVERY_COUNT
def test_a_document_put_right_as_its_findings_say_is_valid(profile: str, count: int) -> None:
    validator = VALIDATORS[profile]
    tried = of = 0
    for seed, root, rng in documents(profile, count, "repair"):
        right = repaired(root, profile, validator.documents, rng)
        of += 1
        if right is not None:
            tried += 1
            assert validator.accepts(right) or "anyURI" in validator.reason(), f"{seed}: {validator.reason()}"
    assert tried > 0.7 * of


@EVERY_PROFILE
@EVERY_COUNT
def test_a_bundle_allows_what_its_schema_allows(profile: str, count: int, tmp_path: Path) -> None:
    files = bundle(schema_path(get_profile(profile)))
    for name, content in files.values():
        (tmp_path / name).write_bytes(content)
    first, _ = next(iter(files.values()))
    schema = compile_schema(tmp_path / first)
    for seed, root, _ in documents(profile, count, "bundle"):
        assert schema.validate(root) == VALIDATORS[profile].lxml.validate(root), seed


FILLINGS = (b"", b" ", b"\n  ", b"\r\n", b"\n<!-- what\nfollows -->\n  ", b" <!-- what was -->\n", b"\n<?p x?>\n")


@EVERY_PROFILE
@EVERY_COUNT
@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
def test_a_document_whose_findings_all_have_a_fix_is_fixed_and_then_stays(
    unsafe: bool, profile: str, count: int
) -> None:
    fixable = 0
    check = partial(validate, profile=profile, fixes=True, most=10_000)
    for seed, root, rng in documents(profile, count, "fixes"):
        # Something between tags that no fix is about.
        raw = re.sub(b">(?=<[A-Za-z])", lambda _, rng=rng: b">" + rng.choice(FILLINGS), etree.tostring(root))
        found = check(raw)
        result = correct(raw, check, unsafe=unsafe)
        again = correct(result.data, check, unsafe=unsafe)
        assert again.data == result.data, seed
        # What stands twice may have the same comment in it each time.
        kind: type = set if result.fixed["repeated"] else list
        assert kind(_fillings(result.data)) == kind(_fillings(raw)), seed
        if set(result.fixed) <= {"out-of-order", "extension-first"}:
            assert sorted(result.data) == sorted(raw), seed
        if found and all(x.fix and (unsafe or x.fix.applicability == "safe") for x in found):
            fixable += 1
            # Into a URI libxml2 alone looks, and not before it knows the element.
            assert all("anyURI" in x.schema_message for x in check(result.data)), seed
    assert fixable > 5 * count or not count


@EVERY_COUNT
def test_what_is_valid_in_2023_has_nothing_wrong_in_2018_but_what_came_later(count: int) -> None:
    source = VALIDATORS["ieee-2023"].documents
    check = partial(validate, profile="ieee-2018", fixes=True, most=10_000)
    for tag, number in product(list(source.model.elements)[:: 1 if count else 6], range(count // 4 or 1)):
        seed = f"later {tag} {number}"
        root = source.random(tag, seed)
        etree.strip_elements(root, f"{{{FOREIGN}}}*", with_tail=False)
        for element in root.iter():
            element.attrib.pop(f"{{{FOREIGN}}}note", None)
            # White space is content too where the schema of 2018 has none.
            element.text = None if not len(element) and not (element.text or "").strip() else element.text
        raw = etree.tostring(root)
        found = check(raw)
        assert {x.code for x in found} <= {"later-edition", "other-profile"}, seed
        fixed = correct(raw, check, unsafe=True).data
        assert correct(fixed, check, unsafe=True).data == fixed, seed
        assert all(x.fix for x in found) <= (check(fixed) == []), seed


def _fillings(raw: bytes) -> list[bytes]:
    return sorted(re.findall(rb"<!--.*?-->|<\?.*?\?>", raw, re.DOTALL))
