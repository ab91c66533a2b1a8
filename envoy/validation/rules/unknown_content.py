"""Content of a message that its schema allows and nobody knows."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from envoy._text import join_words
from envoy.codec.location import name_of, namespace_of
from envoy.namespaces import SEP_NAMESPACE, XSI_NAMESPACE
from envoy.profiles import Profile
from envoy.validation.name_errors import find_similar, is_slip
from envoy.validation.rules.rule import Objection
from envoy.xsd.components import Type, components_of
from envoy.xsd.schemas import schema_path

_SKIPPED = "Readers skip it."


def find_unknown(element: etree._Element, profile: Profile) -> Iterator[Objection]:
    """Yield the attributes and elements that wildcards allow, in the order of the document.

    Args:
        element: The root of the message.
        profile: What it is valid for.
    """
    components = components_of(schema_path(profile))
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
