"""Put right what the walk finds in a document: as its findings say, and with the values that they say are missing."""

from __future__ import annotations

from random import Random

import pytest
from lxml import etree

from envoy.codec.parser import parse
from envoy.namespaces import SEP_NAMESPACE
from envoy.profiles import get_profile
from envoy.validation import walk
from envoy.validation.content_errors import MOST_ERRORS, Content, Lacking
from envoy.validation.schema_log import SchemaLog
from envoy.validation.walk import Violation, Walk
from envoy.xsd.content_model import Wildcard

from .documents import FOREIGN, Documents
from .model import XSI_TYPE
from .values import sampler, simple_type_of

_OF_ROOTS = ("wrong-root", "no-namespace", "other-profile", "wrong-namespace")


def violations_of(root: etree._Element, profile: str) -> list[Violation]:
    """Return all errors of a document, without what libxml2 says."""
    found = Walk(get_profile(profile), SchemaLog([]), MOST_ERRORS)
    found.visit_root(root)
    assert len(found.violations) == found.count
    return found.violations


def repaired(root: etree._Element, profile: str, documents: Documents, rng: Random) -> etree._Element | None:
    """Return a document put right, None if no message has its root element."""
    contents: list[Content] = []

    class Recorded(Content):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments)  # type: ignore[arg-type]
            contents.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(walk, "Content", Recorded)
        violations = violations_of(root, profile)
    renamed = {
        (violation.element, violation.attribute): violation.diagnosis.meant
        for violation in violations
        if violation.diagnosis.code == "unknown-attribute" and violation.diagnosis.meant
    }
    types: dict[etree._Element, str] = {}
    for violation in violations:
        whole = violation.element is root and violation.content is None and not violation.attribute
        if whole and violation.diagnosis.code in _OF_ROOTS and not violation.diagnosis.meant:
            return None
        _repair(violation, root, types)
    for content in contents:
        for child, name in content.names.items():
            child.tag = name
    added: list[etree._Element] = []
    for content in contents:
        children = []
        for item in content.repaired():
            if isinstance(item, Lacking):
                leaf = item.leaf
                item = etree.Element(_tag_for(leaf) if isinstance(leaf, Wildcard) else min(leaf.members))
                added.append(item)
            children.append(item)
        content.element[:] = children
    for element, tag in types.items():  # when it stands where its prefixes are
        name = etree.QName(tag)
        prefix = next((key for key, space in element.nsmap.items() if space == name.namespace), None)
        element.set(XSI_TYPE, f"{prefix}:{name.localname}" if prefix else name.localname)
    nodes = {node.element: node for node in documents.model.walk(root)}
    for child in added:
        if child in nodes:  # and not in what stands once too often, which is gone
            documents.fill(child, nodes[child].declaration, rng)
    for violation in violations:
        node = nodes.get(violation.element)
        if node is None:
            continue
        attribute = violation.attribute
        if violation.diagnosis.code != "unknown-attribute":
            attribute = renamed.get((violation.element, attribute), attribute)
        use = node.type.attributes.get(attribute) if node.type.is_complex() else None
        if attribute and use is not None:
            node.element.set(attribute, sampler(use.type)(rng))
        elif not attribute and (simple := simple_type_of(node.type)) is not None:
            node.element.text = sampler(simple)(rng)
    return parse(etree.tostring(root, with_tail=False))


def _tag_for(wildcard: Wildcard) -> str:
    """Return the name of an element that a wildcard stands for, and that no schema knows."""
    tags = (f"{{{namespace}}}unheard-of" for namespace in (FOREIGN, SEP_NAMESPACE))
    return next(tag for tag in tags if wildcard.matches(tag))


def _repair(violation: Violation, root: etree._Element, types: dict[etree._Element, str]) -> None:
    """Put right what needs no value: names, and what should not be there. Types are only noted."""
    element, diagnosis, attribute = violation.element, violation.diagnosis, violation.attribute
    if diagnosis.code == "wrong-type":
        element.attrib.pop(XSI_TYPE, None)
        element.attrib.pop(attribute, None)
        if diagnosis.meant:
            types[element] = diagnosis.meant
    elif diagnosis.code == "misplaced-element" and diagnosis.meant:
        types[element] = diagnosis.value or ""
    elif attribute and diagnosis.code in ("unknown-attribute", "other-profile", "misplaced-element"):
        value = element.attrib.pop(attribute)
        if diagnosis.meant and diagnosis.code == "unknown-attribute":
            element.set(diagnosis.meant, element.get(diagnosis.meant, value))
    elif diagnosis.code in ("text-between-elements", "elements-in-value", "unknown-element") and not violation.content:
        if diagnosis.code == "text-between-elements":
            element.text = None
            for child in element:
                child.tail = None
            if diagnosis.value is not None and not diagnosis.multiplier:
                element.set("href", diagnosis.value)
        else:
            element[:] = []
            element.text = None
    elif element is root and diagnosis.meant and not violation.content:
        element.tag = diagnosis.meant
