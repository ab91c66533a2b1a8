"""Simplify XSD: the same elements and attributes, with one way to say each thing.

A complex type becomes one sequence of elements, which may be optional or repeat, and its attributes. Choices and
groups are in it already, wildcards and text between elements are gone, a restriction is its base, and simple content
without attributes is a simple type. Whatever else the schema demands is validated by the schema itself.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import NamedTuple

from lxml import etree

from envoy.errors import SchemaError
from envoy.xsd.content import Particle, attributes_of, bases, derivation, particles_of
from envoy.xsd.loader import XS, SchemaFile, expand_reference, expanded_name, form_of, new_component
from envoy.xsd.simple_types import resolve
from envoy.xsd.symbol_table import SymbolTable

_SIMPLE_CONTENT = frozenset(
    {
        "enumeration", "fractionDigits", "length", "maxExclusive", "maxInclusive", "maxLength", "minExclusive",
        "minInclusive", "minLength", "pattern", "simpleType", "totalDigits", "whiteSpace",
    }
)  # fmt: skip


class _Plan(NamedTuple):
    """What a complex type adds to its base."""

    particles: list[Particle]
    attributes: list[etree._Element]


def simplify(files: Sequence[SchemaFile], symbols: SymbolTable) -> None:
    """Simplify files in place. The components do not fit them any more afterwards.

    Raises:
        SchemaError: A group contains itself.
    """
    for file in files:
        for node in list(file.root.iter(f"{XS}any", f"{XS}anyAttribute")):
            _remove(node)
        for node in file.root.iter(f"{XS}complexType", f"{XS}complexContent"):
            node.attrib.pop("mixed", None)
    _merge_roots(files, symbols)
    types = [node for file in files for node in file.root.iter(f"{XS}complexType")]
    # What a type is derived from is looked at as it was written, so nothing changes before all is planned.
    simple = {node: step for node in types if (step := _simple_content(node, symbols)) is not None}
    plans = {node: _plan(node, symbols) for node in types if node not in simple}
    for node, step in simple.items():
        _become_simple(node, step)
    rebuild = _Rebuild(plans, symbols)
    for node in plans:
        rebuild.type(node)
    for file in files:
        for node in list(file.root.iter(f"{XS}union")):
            kind = resolve(node.getparent(), symbols)  # type: ignore[arg-type]
            _replace(node, new_component("restriction", base=f"xs:{kind.builtin if kind else 'string'}"))
        for parent in (file.root, *file.root.iterchildren(f"{XS}redefine")):
            for node in list(parent.iterchildren(f"{XS}group", f"{XS}attributeGroup")):
                _remove(node)


def _plan(node: etree._Element, symbols: SymbolTable) -> _Plan:
    particles: dict[str, Particle] = {}
    for particle in particles_of(node, symbols):
        name = expanded_name(particle.leaf)
        if name in particles:  # in another branch of a choice
            highs = [x.high for x in (particles[name], particle) if x.high is not None]
            particle = Particle(particles[name].leaf, 0, max(highs) if len(highs) == 2 else None)
        particles[name] = particle
    attributes = {expanded_name(item): item for item in attributes_of(node, symbols)}
    step = derivation(node)
    if step is not None and step.tag == f"{XS}restriction":
        for base in bases(node, symbols):
            for inherited in particles_of(base, symbols):
                particles.pop(expanded_name(inherited.leaf), None)
            for item in attributes_of(base, symbols):
                attributes.pop(expanded_name(item), None)
    return _Plan(
        [particle for particle in particles.values() if particle.high != 0],
        [item for item in attributes.values() if item.get("use") != "prohibited"],
    )


class _Rebuild:
    """Rebuilds complex types to their plans, those without a name before the type that they are in."""

    def __init__(self, plans: dict[etree._Element, _Plan], symbols: SymbolTable) -> None:
        self._plans = plans
        self._symbols = symbols
        self._begun: set[etree._Element] = set()
        self._done: set[etree._Element] = set()

    def type(self, node: etree._Element) -> None:
        if node in self._done:
            return
        if node in self._begun:
            raise SchemaError(
                "not supported: a group contains itself",
                where=f"line {node.sourceline}",
                remedy="Give the type of the element in between a name.",
            )
        self._begun.add(node)
        plan = self._plans[node]
        elements = [self._element(particle) for particle in plan.particles]
        attributes = [self._attribute(item) for item in plan.attributes]
        step = derivation(node)
        content = None if step is None or step.get("base") == "xs:anyType" else step.getparent()
        for child in list(node):
            if child.tag != f"{XS}annotation":
                node.remove(child)
        target = node
        if step is not None and content is not None:
            target = etree.SubElement(etree.SubElement(node, content.tag), f"{XS}extension", base=step.get("base", ""))
        if elements:
            etree.SubElement(target, f"{XS}sequence").extend(elements)
        target.extend(attributes)
        self._done.add(node)

    def _element(self, particle: Particle) -> etree._Element:
        """Return an element as the sequence has it."""
        leaf = particle.leaf
        anonymous = leaf.find(f"{XS}complexType")
        if anonymous is not None:
            self.type(anonymous)
        result = copy.deepcopy(leaf)
        result.set("minOccurs", str(particle.low))
        result.set("maxOccurs", "unbounded" if particle.high is None else str(particle.high))
        declared = self._symbols.find("element", leaf, "ref") if leaf.get("ref") else leaf
        if declared is None:
            return result
        if declared is leaf:
            keep_form(result, leaf)
        elif declared.get("type") and self._symbols.find("type", declared, "type") not in self._plans:
            # xsdata would make a class of the element, and one whose only field is the value is dropped.
            _replace_reference(result, declared)
        _set_default(result, declared)
        return result

    def _attribute(self, node: etree._Element) -> etree._Element:
        """Return an attribute as a type declares it, also if the type refers to a global one."""
        declared: etree._Element | None = node
        if node.get("ref"):
            declared = self._symbols.find("attribute", node, "ref")
        name = expanded_name(node)
        result = new_component("attribute", type="xs:string") if declared is None else copy.deepcopy(declared)
        result.set("name", name.rpartition("}")[2])
        if node.get("ref"):
            result.set("form", "qualified")
            result.set("targetNamespace", name[1:].rpartition("}")[0])
        else:
            keep_form(result, node)
        if result.get("type") is None and result.find(f"{XS}simpleType") is None:
            result.set("type", "xs:string")
        if declared is not None:
            _set_default(result, declared)
        _set_default(result, node)
        result.set("use", node.get("use", "optional"))
        if result.get("use") == "required":
            # It is written even if it has its fixed value.
            result.attrib.pop("default", None)
        return result


def _replace_reference(node: etree._Element, declared: etree._Element) -> None:
    """Make a local declaration of a reference to a global element of a simple type."""
    namespace, brace, local = expanded_name(declared).rpartition("}")
    del node.attrib["ref"]
    node.set("name", local)
    node.set("type", declared.get("type", ""))
    node.set("form", "qualified")
    if brace:
        node.set("targetNamespace", namespace[1:])


def _set_default(node: etree._Element, declared: etree._Element) -> None:
    """Give a declaration the default of another; a fixed value is a default that the schema validates."""
    default = declared.get("default", declared.get("fixed"))
    node.attrib.pop("fixed", None)
    if default is not None:
        node.set("default", default)


def keep_form(node: etree._Element, declared: etree._Element) -> None:
    """Say the form and namespace of a local declaration in itself, as the file that it moves to may have others."""
    schema = next(declared.iterancestors(f"{XS}schema"), None)
    node.set("form", form_of(declared, schema))
    namespace = declared.get("targetNamespace", "" if schema is None else schema.get("targetNamespace", ""))
    if node.get("form") == "qualified" and namespace:
        node.set("targetNamespace", namespace)


def _simple_content(node: etree._Element, symbols: SymbolTable) -> etree._Element | None:
    """Return the ``xs:extension`` or ``xs:restriction`` of simple content without attributes, None for other types."""
    step = derivation(node)
    if step is None or node.find(f"{XS}simpleContent") is None:
        return None
    owners = (node, *bases(node, symbols))
    declared = any(item.get("use") != "prohibited" for owner in owners for item in attributes_of(owner, symbols))
    return None if declared else step


def _become_simple(node: etree._Element, step: etree._Element) -> None:
    result = new_component("simpleType")
    if node.get("name"):
        result.set("name", node.get("name", ""))
    result.extend(list(node.iterchildren(f"{XS}annotation")))
    restriction = etree.SubElement(result, f"{XS}restriction", base=step.get("base", ""))
    restriction.extend([x for x in step if etree.QName(x).localname in _SIMPLE_CONTENT])
    _replace(node, result)


def _merge_roots(files: Sequence[SchemaFile], symbols: SymbolTable) -> None:
    """Give a type the attributes that its global element adds to it, as IEEE 2030.5-2023 does with ``schemaVer``.

    They are optional then, and without a default: the type stands inside of documents too, where they may not be.
    """
    added: dict[etree._Element, list[etree._Element]] = {}
    for file in files:
        for element in file.root.iterchildren(f"{XS}element"):
            anonymous = element.find(f"{XS}complexType")
            step = None if anonymous is None else derivation(anonymous)
            if anonymous is None or step is None or step.tag != f"{XS}extension" or particles_of(anonymous, symbols):
                continue
            name = expand_reference(step, step.get("base", ""))
            base = symbols.look_up("type", name)
            if name != expanded_name(element) or base is None or base.tag != f"{XS}complexType":
                continue
            added[base] = attributes_of(anonymous, symbols)
            element.remove(anonymous)
            element.set("type", step.get("base", ""))
    for base, attributes in added.items():
        owners = (base, *bases(base, symbols))
        known = {expanded_name(item) for owner in owners for item in attributes_of(owner, symbols)}
        known |= {expanded_name(item) for owner in owners[1:] for item in added.get(owner, ())}
        step = derivation(base)
        for item in attributes:
            if expanded_name(item) not in known:
                optional = copy.deepcopy(item)
                optional.set("use", "optional")
                optional.attrib.pop("default", None)
                optional.attrib.pop("fixed", None)
                (base if step is None else step).append(optional)


def _remove(node: etree._Element) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)


def _replace(node: etree._Element, other: etree._Element) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.replace(node, other)
