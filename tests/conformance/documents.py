"""Random valid documents of any XSD, the same ones for the same seed."""

from __future__ import annotations

from random import Random
from typing import Any

from lxml import etree
from xmlschema.validators import XsdAnyAttribute, XsdAnyElement, XsdElement, XsdGroup

from .model import XSI_TYPE, Model
from .values import sampler, simple_type_of

FOREIGN = "urn:example:vendor"
"""A namespace of which no schema knows; what a wildcard may hold is made in it."""

_XSI_NIL = XSI_TYPE.replace("type", "nil")
_MORE = 3
"""How many more than required there are at most of what may repeat."""


class Documents:
    """A source of documents that a schema allows.

    Args:
        model: The schema.
        deepest: Below so many levels only what is required is filled in.
        largest: So many elements a document may have before only what is required is filled in.
    """

    def __init__(self, model: Model, *, deepest: int = 4, largest: int = 120) -> None:
        self.model = model
        self.covered: set[tuple[str, str]] = set()
        """Elements and attributes that some document had, each with the named type it stood in."""
        self._deepest = deepest
        self._largest = largest

    def random(self, tag: str, seed: str) -> etree._Element:
        """Return a document whose root is a global element of the schema."""
        rng = Random(seed)  # noqa: S311 - documents, not secrets
        declaration = self.model.elements[tag]
        return _Document(self.model, self.covered, rng, self._deepest, self._largest).root(declaration)

    def add(self, parent: etree._Element, declaration: XsdElement, rng: Random) -> etree._Element:
        """Append an element to another, with what its declaration requires, and return it."""
        return self.fill(etree.SubElement(parent, declaration.name), declaration, rng)

    def fill(self, element: etree._Element, declaration: XsdElement, rng: Random) -> etree._Element:
        """Fill an empty element with what its declaration requires, and return it."""
        _Document(self.model, set(), rng, 0, 0).fill(element, declaration, 1)
        return element

    def fields(self) -> set[tuple[str, str]]:
        """Return all elements and attributes that could be in a document, as ``covered`` has them."""
        return {
            (str(xsd_type.name), name)
            for xsd_type in self.model.types.values()
            if xsd_type.is_complex() and not xsd_type.abstract
            for name in (*self.model.fields(xsd_type), *(f"@{name}" for name in xsd_type.attributes if name))
        }


class _Document:
    """One document in the making."""

    def __init__(self, model: Model, covered: set[tuple[str, str]], rng: Random, deepest: int, left: int) -> None:
        self._model = model
        self._covered = covered
        self._rng = rng
        self._deepest = deepest
        self._left = left
        self._fullness = rng.choice((0.0, 0.2, 0.5, 0.8, 1.0))

    def root(self, declaration: XsdElement) -> etree._Element:
        names = [name for name in self._model.namespaces if name]
        own = etree.QName(declaration.name).namespace
        prefixed = {f"n{number}": name for number, name in enumerate(names)}
        if own and self._model.all_qualified and self._rng.random() < 0.8:
            prefixed = {prefix: name for prefix, name in prefixed.items() if name != own}
            element = etree.Element(declaration.name, nsmap={None: own, **prefixed})
        else:
            element = etree.Element(declaration.name, nsmap=prefixed)
        self.fill(element, declaration, 0)
        etree.cleanup_namespaces(element, keep_ns_prefixes=list(prefixed))
        if self._rng.random() < 0.3:
            self._decorate(element)
        return element

    def _decorate(self, element: etree._Element) -> None:
        """Put white space between elements, and a comment, which say nothing."""
        etree.indent(element)
        parents = [node for node in element.iter("*") if len(node)]
        if parents:
            self._rng.choice(parents).insert(0, etree.Comment("of no meaning"))

    def fill(self, element: etree._Element, declaration: XsdElement, depth: int) -> None:
        xsd_type = self._choose_type(element, declaration)
        simple = simple_type_of(xsd_type)
        if xsd_type.is_complex():
            self._attributes(element, xsd_type)
        if declaration.nillable and declaration.fixed is None and self._rng.random() < 0.2:
            element.set(_XSI_NIL, "true")
        elif declaration.fixed is not None:
            element.text = declaration.fixed
        elif simple is not None:
            element.text = sampler(simple)(self._rng)
        else:
            self._group(element, xsd_type.name, xsd_type.content, depth)
            if xsd_type.mixed:
                element.text = sampler(self._model.maps.types["{http://www.w3.org/2001/XMLSchema}token"])(self._rng)

    def _choose_type(self, element: etree._Element, declaration: XsdElement) -> Any:
        declared = declaration.type
        abstract = getattr(declared, "abstract", False)
        if not abstract and self._rng.random() > 0.2:
            return declared
        others = self._model.derived(declared)
        if not others:
            return declared
        chosen = self._rng.choice(others)
        name = etree.QName(chosen.name)
        prefix = next((key for key, namespace in element.nsmap.items() if namespace == name.namespace), None)
        element.set(XSI_TYPE, f"{prefix}:{name.localname}" if prefix else name.localname)
        return chosen

    def _attributes(self, element: etree._Element, xsd_type: Any) -> None:
        for name, attribute in xsd_type.attributes.items():
            if isinstance(attribute, XsdAnyAttribute):
                if attribute.is_matching(f"{{{FOREIGN}}}note") and attribute.process_contents != "strict":
                    self._maybe(lambda: element.set(f"{{{FOREIGN}}}note", "1"))
            elif attribute.use == "required" or (attribute.use == "optional" and self._rng.random() < self._fullness):
                value = attribute.fixed if attribute.fixed is not None else sampler(attribute.type)(self._rng)
                element.set(name, value)
                self._cover(xsd_type.name, f"@{name}")

    def _cover(self, owner: str | None, name: str) -> None:
        if owner is not None:
            self._covered.add((owner, name))

    def _maybe(self, action: Any) -> None:
        if self._rng.random() < self._fullness:
            action()

    def _group(self, element: etree._Element, owner: str | None, group: XsdGroup, depth: int) -> None:
        for _ in range(self._times(group, depth)):
            particles = list(group)
            if group.model == "choice":
                particles = [self._rng.choice(particles)] if particles else []
            elif group.model == "all":
                self._rng.shuffle(particles)
            for particle in particles:
                if isinstance(particle, XsdGroup):
                    self._group(element, owner, particle, depth)
                elif isinstance(particle, XsdAnyElement):
                    self._any(element, particle, depth)
                else:
                    self._elements(element, owner, particle, depth)

    def _any(self, parent: etree._Element, particle: XsdAnyElement, depth: int) -> None:
        foreign = particle.process_contents != "strict" and particle.is_matching(f"{{{FOREIGN}}}extension")
        for _ in range(self._times(particle, depth)):
            if foreign:
                etree.SubElement(parent, f"{{{FOREIGN}}}extension", colour="red").text = "1"
                continue
            fitting = [element for tag, element in self._model.elements.items() if particle.is_matching(tag)]
            declaration = self._rng.choice([element for element in fitting if not element.abstract])
            self.fill(etree.SubElement(parent, declaration.name), declaration, max(depth + 1, self._deepest))

    def _elements(self, parent: etree._Element, owner: str | None, particle: XsdElement, depth: int) -> None:
        choices = [item for item in (particle, *self._model.substitutes(particle)) if not item.abstract]
        for _ in range(self._times(particle, depth) if choices else 0):
            declaration = choices[0] if len(choices) == 1 else self._rng.choice(choices)
            self._left -= 1
            self._cover(owner, declaration.name)
            self.fill(etree.SubElement(parent, declaration.name), declaration, depth + 1)

    def _times(self, particle: Any, depth: int) -> int:
        low = particle.min_occurs
        most = low + _MORE if particle.max_occurs is None else min(particle.max_occurs, low + _MORE)
        if low == most or depth >= self._deepest or self._left <= 0 or self._rng.random() >= self._fullness:
            return low
        return self._rng.randint(low, most) if most > 1 else most
