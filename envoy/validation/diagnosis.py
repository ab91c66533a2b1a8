"""From the verdict of a schema to a sentence that helps: what is wrong with an element, and what to do about it.

libxml2 says that an element "is not expected" or a value "is not a valid value of the atomic type". The outline of the
schema and the document tell why: the element stands too early, is misspelt, is of another edition; the value is a
decimal number, has 0x before it, or needs a larger multiplier.
"""

from __future__ import annotations

import re
from dataclasses import replace

from lxml import etree

from envoy.namespaces import XSI_NAMESPACE
from envoy.profiles import PROFILES, Profile
from envoy.validation import content_errors, value_errors
from envoy.validation.content_errors import nearest
from envoy.validation.findings import Diagnosis
from envoy.validation.profile_errors import (
    is_valid,
    other_profile,
    others_with_extension,
    others_with_root,
    title,
    unknown_extension,
    wrong_namespace,
)
from envoy.validation.text import listed, name_of, namespace_of, readable
from envoy.validation.value_errors import short
from envoy.xsd.components import Outline, outline_of
from envoy.xsd.schemas import schema_path

_ATTRIBUTE = re.compile(r"attribute '(?:\{([^}]*)\})?([^']+)'")
_XSI_TYPE = f"{{{XSI_NAMESPACE}}}type"


def diagnose(kind: str, message: str, element: etree._Element | None, profile: Profile) -> Diagnosis:
    """Return what is wrong with an element.

    Args:
        kind: Name of libxml2's error, such as ``SCHEMAV_ELEMENT_CONTENT``.
        message: Its message.
        element: The element it is about, None if it is not known.
        profile: Whose schema has judged.
    """
    if element is None:
        return Diagnosis("schema", readable(message))
    outline = outline_of(schema_path(profile))
    namespace, attribute = found.groups(default="") if (found := _ATTRIBUTE.search(message)) else ("", "")
    if kind == "SCHEMAV_CVC_ELT_1":
        return _root(element, outline, profile)
    if kind == "SCHEMAV_ELEMENT_CONTENT":
        look = content_errors.missing if "Missing child element" in message else content_errors.unexpected
        return look(element, outline, profile) or Diagnosis("schema", readable(message))
    if kind == "SCHEMAV_CVC_COMPLEX_TYPE_4":
        return Diagnosis(
            "missing-attribute",
            f"the required attribute {attribute} is missing",
            _attribute_remedy(element, attribute),
        )
    if kind in ("SCHEMAV_CVC_COMPLEX_TYPE_3_2_1", "SCHEMAV_CVC_TYPE_3_1_1"):  # the latter of simple values
        return _unknown_attribute(element, namespace, attribute, outline)
    if kind == "SCHEMAV_CVC_COMPLEX_TYPE_2_3":
        text = next(filter(None, (part.strip() for part in [element.text or "", *(x.tail or "" for x in element)])), "")
        what = f"{short(text)} stands between elements"
        has_value = (own := outline.type_of(element)) and "value" in [child.local for child in outline.children(own)]
        remedy = "Write it into value, an element of its own." if has_value and not len(element) else "Remove the text."
        return Diagnosis("text-between-elements", what, remedy)
    if kind == "SCHEMAV_CVC_TYPE_3_1_2":
        return Diagnosis(
            "elements-in-value",
            f"{name_of(element)} is a simple value, with elements inside",
            "Write the value as text, without elements.",
        )
    if kind == "SCHEMAV_CVC_COMPLEX_TYPE_2_1":
        return _not_empty(element, outline)
    if kind == "SCHEMAV_CVC_ELT_3_1":
        return Diagnosis("unknown-attribute", f"{name_of(element)} cannot be nil", "Leave out xsi:nil.", "xsi:nil")
    if (namespace, attribute) == (XSI_NAMESPACE, "type"):
        return _wrong_type(element, outline)
    if "CVC_DATATYPE" in kind or kind.endswith("_VALID"):
        return _value(element, attribute, outline, message)
    return Diagnosis("schema", readable(message))


def _root(element: etree._Element, outline: Outline, profile: Profile) -> Diagnosis:
    local, namespace = name_of(element), namespace_of(element)
    same_name = sorted(tag for tag in outline.roots if etree.QName(tag).localname == local)
    others = others_with_root(element, profile)
    if not namespace and same_name:
        remedy = f'Write <{local} xmlns="{etree.QName(same_name[0]).namespace}">.'
        if (legacy := PROFILES["envoy-0.1"]) in others and is_valid(element, legacy):
            remedy += " If it is for the server of envoy-client 0.1: --profile envoy-0.1."
        return Diagnosis("no-namespace", f"{local} has no namespace", remedy)
    if others and namespace:
        return Diagnosis(*other_profile(element, others, profile))
    if same_name:
        return Diagnosis(*wrong_namespace(element, same_name[0], profile))
    extended = others_with_extension(element, profile)
    if others and (not extended or is_valid(element, others[0])):
        return Diagnosis(*other_profile(element, others, profile))
    if extended:
        return Diagnosis(*unknown_extension(element, extended, profile))
    near = nearest(local, [etree.QName(tag).localname for tag in outline.roots])
    owners = outline.owners(local)
    if local.lower() == "html":
        remedy = "This is an HTML page, perhaps of a proxy."
    elif owners and not near:
        remedy = f"{local} stands inside {listed(owners, 'or')}, never alone."
    elif near:
        remedy = f"Did you mean {listed(near, 'or')}?"
    else:
        known = sorted(etree.QName(tag).localname for tag in outline.roots)
        example = "EndDevice" if "EndDevice" in known else next(iter(known), "")
        remedy = f"Its first element has to be a message{f', such as {example}' if example else ''}."
    return Diagnosis("wrong-root", f"no message of {title(profile)} has the root element {local}", remedy)


def _unknown_attribute(element: etree._Element, namespace: str, attribute: str, outline: Outline) -> Diagnosis:
    kind = outline.type_of(element)
    known = list(outline.attributes(kind)) if kind else []
    what = f"{name_of(element)} has no attribute {attribute}"
    if namespace:
        remedy = f"Write {attribute} without a prefix." if attribute in known else "Leave it out."
        return Diagnosis("unknown-attribute", f"{what} of the namespace {namespace}", remedy, attribute)
    near = nearest(attribute, known)
    remedy = f"Did you mean {listed(near, 'or')}?" if near else "Leave it out."
    return Diagnosis("unknown-attribute", what, remedy, attribute)


def _not_empty(element: etree._Element, outline: Outline) -> Diagnosis:
    """Return what to say of an element whose type has no content."""
    what = f"{name_of(element)} has neither elements nor text in it"
    if len(element):
        remedy = "Leave them out, or name the type that has them: xsi:type."
        return Diagnosis("unknown-element", f"{what}, and here is {name_of(element[0])}", remedy)
    text = (element.text or "").strip()
    kind = outline.type_of(element)
    is_link = kind is not None and "href" in outline.attributes(kind) and element.get("href") is None
    remedy = f'Write it as an attribute: href="{text}".' if is_link and len(text) < 100 else "Leave it out."
    return Diagnosis("text-between-elements", f"{what}, and here is {short(text)}", remedy)


def _wrong_type(element: etree._Element, outline: Outline) -> Diagnosis:
    text = element.get(_XSI_TYPE, "")
    what = Diagnosis("wrong-type", f"xsi:type {short(text)} is no type that can stand here", "", "xsi:type")
    local = text.strip().rpartition(":")[2]
    declared = outline.type_of(element)
    fitting = outline.derived(declared) if declared else {}
    if local in fitting:
        wanted = next((x for x, space in element.nsmap.items() if space == fitting[local]), "")
        right = f"{wanted}:{local}" if wanted else local
        remedy = f"Write {right}" if wanted != "" else f"Write {local} with a prefix"
        return replace(what, remedy=f"{remedy}: its namespace is {fitting[local]}.")
    if near := nearest(local, fitting):
        return replace(what, remedy=f"Did you mean {listed(near, 'or')}?")
    remedy = "Write the name of a type of the schema, with a prefix that stands for its namespace."
    return replace(what, remedy=remedy)


def _attribute_remedy(element: etree._Element, attribute: str) -> str:
    if attribute == "results":
        return f'Write results="{len(element)}", the number of items here.'
    if attribute == "all":
        return "Write the number of items of the whole list."
    return f'Write {attribute}="...".'


def _value(element: etree._Element, attribute: str, outline: Outline, message: str) -> Diagnosis:
    kind = outline.type_of(element)
    value = outline.value(kind, attribute) if kind else None
    text = (element.get(attribute) if attribute else element.text) or ""
    if value is not None and name_of(element) in outline.bitmaps():
        value = replace(value, bitmap=True)
    if value is not None and (wrong := value_errors.wrong_value(text, value, element if not attribute else None)):
        return Diagnosis(*wrong, attribute)
    # The name of the element is in the path of the finding already.
    _, _, detail = readable(message).partition(": ")
    return Diagnosis("bad-value", detail or readable(message), "", attribute)
