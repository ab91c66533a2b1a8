"""What IEEE 2030.5-2023 leaves open: the version of a message, and content that its schema allows and nobody knows.

Its types take attributes of any name, and elements of other namespaces at known places. A misspelt attribute is valid.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from envoy._text import join_words
from envoy.codec.location import name_of, namespace_of
from envoy.namespaces import SEP_NAMESPACE, XSI_NAMESPACE
from envoy.profiles import PROFILES
from envoy.validation.findings import SCHEMA_VERSION
from envoy.validation.name_errors import find_similar, is_slip
from envoy.validation.rules.rule import DOCUMENT, Objection, rule
from envoy.xsd.components import Type, components_of
from envoy.xsd.schemas import schema_path

_PROFILE = PROFILES["ieee-2023"]
_SKIPPED = "Readers skip it."


@rule("schema-version", section="5.6.2", elements=(DOCUMENT,), edition=_PROFILE.edition)
def schema_version(element: etree._Element) -> Iterator[Objection]:
    """A message of IEEE 2030.5-2023 says so in ``schemaVer``."""
    if element.get(SCHEMA_VERSION) is None:
        version = _PROFILE.schema_version
        what = "the message does not say that it is of IEEE 2030.5-2023"
        remedy = f'Write {SCHEMA_VERSION}="{version}", without which it is of the edition of 2018.'
        yield Objection(element, what, remedy, SCHEMA_VERSION, version)


@rule("unknown-content", section="11.4", elements=(DOCUMENT,), edition=_PROFILE.edition, closed=True)
def unknown_content(element: etree._Element) -> Iterator[Objection]:
    """What stands where the schema allows anything is known to its readers, who skip it otherwise."""
    components = components_of(schema_path(_PROFILE))
    found = components.type_of(element)
    open_elements = [(element, found)] if found is not None else []
    while open_elements:
        node, kind = open_elements.pop()
        for name in node.keys():  # noqa: SIM118 - an element has children, and keys
            if name not in kind.attributes and not name.startswith(f"{{{XSI_NAMESPACE}}}"):
                yield _object_to_attribute(node, name, kind)
        known = []
        for child in node.iterchildren(etree.Element):
            declaration = kind.children.get(str(child.tag))
            if declaration is None:
                yield _object_to_element(child, node, kind)
                continue
            named = components.named_type(child)
            known.append((child, named if named and named.stands_for(declaration.type) else declaration.type))
        open_elements += reversed(known)


def _object_to_attribute(element: etree._Element, tag: str, kind: Type) -> Objection:
    namespace, _, name = tag.removeprefix("{").rpartition("}")
    if namespace:
        what = f"{name_of(element)} has the attribute {name} of the namespace {namespace}, which is not of the standard"
        return Objection(element, what, _SKIPPED, name)
    near = find_similar(name, (known for known in kind.attributes if element.get(known) is None))
    remedy = f"Did you mean {join_words(near, 'or')}? {_SKIPPED}" if near else f"Leave it out. {_SKIPPED}"
    meant = near[0] if near else ""
    certain = is_slip(name, near, near)
    return Objection(
        element, f"{name_of(element)} has no attribute {name}", remedy, name, meant=meant, likely=not certain
    )


def _object_to_element(element: etree._Element, parent: etree._Element, kind: Type) -> Objection:
    local, namespace = name_of(element), namespace_of(element)
    if namespace == SEP_NAMESPACE:
        what = f"{local} stands in {name_of(parent)}, which is for elements of later revisions of the standard"
        return Objection(element, what, _SKIPPED)
    what = f"{local} of the namespace {namespace} is not of the standard"
    meant = f"{{{SEP_NAMESPACE}}}{local}" in kind.children
    return Objection(element, what, f"Did you mean that of {SEP_NAMESPACE}? {_SKIPPED}" if meant else _SKIPPED)
