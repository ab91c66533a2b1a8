"""The walk beside the schema: each element is visited once, and every kind of content is known."""

from __future__ import annotations

import inspect
import sys
from collections import Counter
from typing import Any

import pytest
from lxml import etree

from bench.shapes import SHAPES
from envoy.codec.parser import parse
from envoy.errors import DocumentError
from envoy.profiles import PROFILES, Profile
from envoy.validation import walk
from envoy.validation.content_errors import Content
from envoy.validation.schema_log import SchemaLog
from envoy.validation.validate import validate
from envoy.validation.walk import Walk
from envoy.xsd.components import Declaration
from envoy.xsd.schemas import profile_for_schema

OWN = """\
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:own" xmlns="urn:own"
  elementFormDefault="qualified">
  <xs:element name="order"><xs:complexType><xs:sequence>
    <xs:element name="a" minOccurs="0"/><xs:element name="b" minOccurs="0" maxOccurs="2"/><xs:element name="c"/>
    <xs:element name="d" minOccurs="0" maxOccurs="unbounded"/><xs:element name="e" minOccurs="0"/>
  </xs:sequence></xs:complexType></xs:element>
  <xs:complexType name="base"><xs:sequence>
    <xs:element name="a" minOccurs="0"/><xs:element name="b"/>
  </xs:sequence></xs:complexType>
  <xs:element name="extended"><xs:complexType><xs:complexContent><xs:extension base="base"><xs:sequence>
    <xs:element name="c"/>
  </xs:sequence></xs:extension></xs:complexContent></xs:complexType></xs:element>
  <xs:element name="pairs"><xs:complexType><xs:sequence minOccurs="2" maxOccurs="3">
    <xs:element name="k"/><xs:element name="v"/>
  </xs:sequence></xs:complexType></xs:element>
  <xs:element name="either"><xs:complexType><xs:choice>
    <xs:sequence><xs:element name="a"/><xs:element name="b"/></xs:sequence>
    <xs:element name="c"/><xs:element name="d"/>
  </xs:choice></xs:complexType></xs:element>
  <xs:element name="all"><xs:complexType><xs:all>
    <xs:element name="a"/><xs:element name="b" minOccurs="0"/><xs:element name="c"/>
  </xs:all></xs:complexType></xs:element>
  <xs:element name="open"><xs:complexType><xs:sequence>
    <xs:element name="a"/><xs:any namespace="##other" processContents="lax" minOccurs="0" maxOccurs="unbounded"/>
  </xs:sequence><xs:anyAttribute namespace="##other"/></xs:complexType></xs:element>
  <xs:element name="shut"><xs:complexType><xs:sequence>
    <xs:any namespace="##targetNamespace" maxOccurs="unbounded"/>
  </xs:sequence></xs:complexType></xs:element>
  <xs:element name="zoo"><xs:complexType><xs:sequence>
    <xs:element ref="animal" maxOccurs="unbounded"/>
  </xs:sequence></xs:complexType></xs:element>
  <xs:element name="animal" type="xs:token" abstract="true"/>
  <xs:element name="dog" substitutionGroup="animal"/>
  <xs:element name="puppy" substitutionGroup="dog"/>
  <xs:element name="count" type="count"/>
  <xs:complexType name="count"><xs:simpleContent>
    <xs:extension base="xs:int"><xs:attribute name="unit" fixed="W"/></xs:extension>
  </xs:simpleContent></xs:complexType>
  <xs:element name="shape" type="shape"/>
  <xs:complexType name="shape" abstract="true"><xs:sequence/></xs:complexType>
  <xs:complexType name="circle"><xs:complexContent><xs:extension base="shape"><xs:sequence>
    <xs:element name="radius" type="xs:positiveInteger"/>
  </xs:sequence></xs:extension></xs:complexContent></xs:complexType>
  <xs:element name="kept" type="kept" block="extension"/>
  <xs:complexType name="kept"><xs:sequence/></xs:complexType>
  <xs:complexType name="more"><xs:complexContent><xs:extension base="kept"/></xs:complexContent></xs:complexType>
  <xs:element name="keys"><xs:complexType><xs:sequence>
    <xs:element name="k" type="xs:token" maxOccurs="unbounded"/>
  </xs:sequence></xs:complexType>
  <xs:unique name="u"><xs:selector xpath="*"/><xs:field xpath="."/></xs:unique></xs:element>
  <xs:element name="empty" nillable="true"><xs:complexType/></xs:element>
  <xs:element name="day" type="xs:date"/>
  <xs:element name="size"><xs:simpleType><xs:restriction base="xs:token">
    <xs:enumeration value="S"/><xs:enumeration value="L"/>
  </xs:restriction></xs:simpleType></xs:element>
</xs:schema>"""

XSI = 'xmlns:x="http://www.w3.org/2001/XMLSchema-instance"'

CASES = [
    # sequences
    ("order", "<a/><b/><b/><c/><d/><d/><e/>", []),
    ("order", "<b/><b/><b/><c/>", [("repeated", "b[3]")]),
    ("order", "<c/><b/><a/>", [("out-of-order", "b")]),
    ("order", "<d/><c/><a/>", [("out-of-order", "d")]),
    ("order", "<d/><e/>", [("missing-element", "d")]),
    ("order", "<c/><e/><d/><d/>", [("out-of-order", "d[1]")]),
    ("order", "<c/><x/><C/>", [("unknown-element", "x"), ("misspelt-element", "C")]),
    ("extended", "<b/><a/><c/>", [("out-of-order", "a")]),
    ("extended", "<c/><b/><a/>", [("out-of-order", "c")]),
    ("pairs", "<k/><v/><k/><v/>", []),
    ("pairs", "<k/><v/><k/>", [("missing-element", "")]),
    ("pairs", "<k/><k/><v/>", [("missing-element", "k[2]")]),
    ("pairs", "<v/><k/><v/>", [("missing-element", "v[1]")]),
    ("pairs", "", [("missing-element", "")]),
    # choices
    ("either", "<c/>", []),
    ("either", "<b/>", [("missing-element", "b")]),
    ("either", "<b/><a/>", [("out-of-order", "b")]),
    ("either", "<c/><d/>", [("schema", "d")]),
    ("either", "", [("missing-element", "")]),
    # any order
    ("all", "<c/><a/>", []),
    ("all", "<c/><b/>", [("missing-element", "")]),
    ("all", "<c/><a/><c/>", [("repeated", "c[2]")]),
    # wildcards
    ("open", "<a/><y xmlns='urn:y'><z/></y>", []),
    ("open", "<y xmlns='urn:y'/><a/>", [("out-of-order", "y")]),
    ("open", "<a/><y/>", [("unknown-element", "y")]),
    ("open", "<y xmlns='urn:y'/><y xmlns='urn:y'/><a/>", [("out-of-order", "y[1]")]),
    ("open", "<a xmlns='urn:y'/><b xmlns='urn:y'/>", [("wrong-namespace", "a")]),
    ("shut", "<dog/><day>2024-01-01</day>", []),
    ("shut", "<dog/><cat/>", [("unknown-element", "cat")]),
    ("shut", "<day>x</day>", [("bad-value", "day")]),
    # substitution groups
    ("zoo", "<dog/><puppy/>", []),
    ("zoo", "<animal/>", [("missing-element", ""), ("unknown-element", "animal")]),
    ("zoo", "", [("missing-element", "")]),
    # values, types, and what is left to libxml2
    ("count", "7", []),
    ("count", "7x", [("not-a-number", "")]),
    ("day", "2024-02-30", [("bad-value", "")]),
    ("size", "M", [("bad-value", "")]),
    ("keys", "<k>1</k><k>1</k>", [("schema", "")]),
    ("shape", "", [("wrong-type", "@xsi:type")]),
    ("empty", "", []),
    ("empty", " ", [("text-between-elements", "")]),
]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Profile:
    path = tmp_path_factory.mktemp("own") / "own.xsd"
    path.write_text(OWN)
    return profile_for_schema(path)


def found(document: str, profile: Profile) -> list[tuple[str, str]]:
    findings = validate(document, profile=profile)
    assert all(finding.schema_message for finding in findings if finding.code in ("schema", "bad-value"))
    return [(finding.code, finding.path.partition("/")[2]) for finding in findings]


@pytest.mark.parametrize(
    ("root", "content", "expected"), CASES, ids=[f"{root} {content}" for root, content, _ in CASES]
)
def test_every_kind_of_content_is_known(root: str, content: str, expected: list[tuple[str, str]], own: Profile) -> None:
    assert found(f"<{root} xmlns='urn:own'>{content}</{root}>", own) == expected


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (f"<shape xmlns='urn:own' {XSI} x:type='circle'><radius>1</radius></shape>", []),
        (f"<shape xmlns='urn:own' {XSI} x:type='circle'><radius>0</radius></shape>", [("out-of-range", "radius")]),
        (f"<shape xmlns='urn:own' {XSI} x:type='Circle'><radius>0</radius></shape>",
         [("wrong-type", "@xsi:type"), ("out-of-range", "radius")]),
        (f"<kept xmlns='urn:own' {XSI} x:type='more'/>", [("wrong-type", "@xsi:type")]),
        (f"<empty xmlns='urn:own' {XSI} x:nil='true'/>", []),
        (f"<empty xmlns='urn:own' {XSI} x:nil='1'>x</empty>", [("unknown-attribute", "@xsi:nil")]),
        (f"<empty xmlns='urn:own' {XSI} x:nil='no'/>", [("not-a-boolean", "@xsi:nil")]),
        ("<count xmlns='urn:own' unit='W'>7</count>", []),
        # what is of no declaration may be of any type, and cannot be nil
        (f"<open xmlns='urn:own' {XSI}><a/><y xmlns='urn:y' xmlns:o='urn:own' x:type='o:count'>x</y></open>",
         [("not-a-number", "y")]),
        (f"<open xmlns='urn:own' {XSI}><a/><y xmlns='urn:y' xmlns:o='urn:own' x:type='o:count'>7</y></open>", []),
        (f"<open xmlns='urn:own' {XSI}><a/><y xmlns='urn:y' x:nil='true'>7</y><a/></open>", [("repeated", "a[2]")]),
        ("<count xmlns='urn:own' unit='kW'>7</count>", [("bad-value", "@unit")]),
        ("<open xmlns='urn:own' xmlns:y='urn:y' y:a=''><a/></open>", [("unknown-attribute", "@a")]),
        ("<animal xmlns='urn:own'/>", [("wrong-root", "")]),
    ],
)  # fmt: skip
def test_types_nil_and_attributes_are_known(document: str, expected: list[tuple[str, str]], own: Profile) -> None:
    assert found(document, own) == expected


def _count_visits(data: bytes, monkeypatch: pytest.MonkeyPatch) -> Counter[etree._Element]:
    """Return how often each element of a document is visited, and each element with its children put in order."""
    visits: Counter[etree._Element] = Counter()

    class Counting(Walk):
        def visit(self, element: etree._Element, declaration: Declaration, adopted: frozenset[str]) -> Any:
            visits[element] += 1
            return super().visit(element, declaration, adopted)

    class Recorded(Content):
        def __init__(self, element: etree._Element, *arguments: object) -> None:
            visits.update(element.iterchildren())
            super().__init__(element, *arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(walk, "Content", Recorded)
        Counting(PROFILES["csip-aus-1.3"], SchemaLog([]), 100).visit_root(parse(data))
    return visits


def test_a_document_may_be_as_deep_as_the_parser_takes(own: Profile) -> None:
    levels = 250
    text = f"<open xmlns='urn:own'>{'<a>' * levels}<y xmlns='urn:own'/>{'</a>' * levels}<a/></open>"
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 120)
    try:
        assert found(text, own) == [("repeated", "a[2]")]
    finally:
        sys.setrecursionlimit(before)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_each_element_is_visited_once_whatever_the_document(shape: object, monkeypatch: pytest.MonkeyPatch) -> None:
    for octets in (3_000, 12_000):
        try:
            visits = _count_visits(shape(octets), monkeypatch)  # type: ignore[operator]
        except DocumentError:
            return
        assert max(visits.values(), default=0) <= 2
