"""The diagnosis of an element that a schema does not allow: what is wrong, and what to do about it.

libxml2 says that an element "is not expected" or a value "is not a valid value of the atomic type". The components of
the schema and the document show why: the element stands too early, is misspelt, is of another edition; the value is a
decimal number, has 0x before it, or needs a larger multiplier.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import chain

from lxml import etree

from envoy._text import join_words, quote, shorten
from envoy.codec.location import name_of, namespace_of
from envoy.namespaces import XSI_NAMESPACE, XSI_TYPE
from envoy.profiles import PROFILES, Profile
from envoy.validation import profile_errors
from envoy.validation.content_errors import diagnose_missing, diagnose_unexpected, find_similar
from envoy.validation.findings import SCHEMA_VERSION, Diagnosis
from envoy.validation.value_errors import diagnose_value
from envoy.xsd.components import Components, components_of
from envoy.xsd.schemas import schema_path

_ATTRIBUTE = re.compile(r"attribute '(?:\{([^}]*)\})?([^']+)'")
_NAMESPACE = re.compile(r"\{[^}]*:[^}]*\}")

LONGEST_MESSAGE = 1000
"""Characters of libxml2's messages that are shown; a value of a megabyte is cut."""


def diagnose(element: etree._Element | None, kind: str, message: str, profile: Profile) -> Diagnosis:
    """Return what is wrong with an element.

    Args:
        element: The element, None if it is not known.
        kind: Name of libxml2's error, such as ``SCHEMAV_ELEMENT_CONTENT``.
        message: Its message.
        profile: Whose schema does not allow it.
    """
    if element is None:
        return Diagnosis("schema", _simplify(message))
    components = components_of(schema_path(profile))
    namespace, attribute = found.groups(default="") if (found := _ATTRIBUTE.search(message)) else ("", "")
    if kind == "SCHEMAV_CVC_ELT_1":
        return _diagnose_root(element, components, profile)
    if kind == "SCHEMAV_ELEMENT_CONTENT":
        find = diagnose_missing if "Missing child element" in message else diagnose_unexpected
        return find(element, components, profile) or Diagnosis("schema", _simplify(message))
    if kind == "SCHEMAV_CVC_COMPLEX_TYPE_4":
        what = f"the required attribute {attribute} is missing"
        return Diagnosis("missing-attribute", what, _attribute_remedy(element, attribute))
    if kind in ("SCHEMAV_CVC_COMPLEX_TYPE_3_2_1", "SCHEMAV_CVC_TYPE_3_1_1"):  # the latter of simple values
        return _diagnose_attribute(element, namespace, attribute, components, profile)
    if kind == "SCHEMAV_CVC_COMPLEX_TYPE_2_3":
        parts = chain((element.text,), (x.tail for x in element))
        text = next((text for part in parts if (text := (part or "").strip())), "")
        what = f"{quote(text)} stands between elements"
        has_value = any(child.local == "value" for child in components.children_of(element))
        remedy = "Write it into value, an element of its own." if has_value and not len(element) else "Remove the text."
        return Diagnosis("text-between-elements", what, remedy)
    if kind == "SCHEMAV_CVC_TYPE_3_1_2":
        what = f"{name_of(element)} is a simple value, with elements inside"
        return Diagnosis("elements-in-value", what, "Write the value as text, without elements.")
    if kind == "SCHEMAV_CVC_COMPLEX_TYPE_2_1":
        return _diagnose_content(element, components)
    if kind == "SCHEMAV_CVC_ELT_3_1":
        return Diagnosis("unknown-attribute", f"{name_of(element)} cannot be nil", "Leave out xsi:nil.", "xsi:nil")
    if (namespace, attribute) == (XSI_NAMESPACE, "type"):
        return _diagnose_type(element, components)
    if "CVC_DATATYPE" in kind or kind.endswith("_VALID"):
        return _diagnose_value(element, attribute, components, message)
    return Diagnosis("schema", _simplify(message))


def _diagnose_root(element: etree._Element, components: Components, profile: Profile) -> Diagnosis:
    local, namespace = name_of(element), namespace_of(element)
    same_name = sorted(tag for tag in components.roots if etree.QName(tag).localname == local)
    others = profile_errors.profiles_with(element, profile)
    if not namespace and same_name:
        remedy = f'Write <{local} xmlns="{etree.QName(same_name[0]).namespace}">.'
        if (legacy := PROFILES["envoy-0.1"]) in others and profile_errors.is_valid(element, legacy):
            remedy += " If it is for the server of envoy-client 0.1: --profile envoy-0.1."
        return Diagnosis("no-namespace", f"{local} has no namespace", remedy)
    if others and namespace:
        return profile_errors.diagnose_other_profile(element, others, profile)
    if same_name:
        return profile_errors.diagnose_namespace(element, same_name[0], profile)
    extended = profile_errors.profiles_with(element, profile, as_extension=True)
    if others and (not extended or profile_errors.is_valid(element, others[0])):
        return profile_errors.diagnose_other_profile(element, others, profile)
    if extended:
        return profile_errors.diagnose_extension(element, extended, profile)
    near = find_similar(local, [etree.QName(tag).localname for tag in components.roots])
    owners = components.owners(local)
    if local.lower() == "html":
        remedy = "This is an HTML page, perhaps of a proxy."
    elif owners and not near:
        remedy = f"{local} stands inside {join_words(owners, 'or')}, never alone."
    elif near:
        remedy = f"Did you mean {join_words(near, 'or')}?"
    else:
        known = sorted(etree.QName(tag).localname for tag in components.roots)
        example = "EndDevice" if "EndDevice" in known else next(iter(known), "")
        remedy = f"Its first element has to be a message{f', such as {example}' if example else ''}."
    what = f"no message of {profile_errors.title_of(profile)} has the root element {local}"
    return Diagnosis("wrong-root", what, remedy)


def _diagnose_attribute(
    element: etree._Element, namespace: str, attribute: str, components: Components, profile: Profile
) -> Diagnosis:
    kind = components.type_of(element)
    known = list(components.attributes(kind)) if kind else []
    what = f"{name_of(element)} has no attribute {attribute}"
    if attribute == SCHEMA_VERSION and not namespace and element.getparent() is None:
        what = f"the document is of IEEE 2030.5-2023: it has schemaVer {quote(element.get(attribute, ''))}"
        remedy = f"It can be read all the same; a document of {profile_errors.title_of(profile)} has no schemaVer."
        return Diagnosis("other-profile", what, remedy, attribute)
    if namespace:
        remedy = f"Write {attribute} without a prefix." if attribute in known else "Leave it out."
        return Diagnosis("unknown-attribute", f"{what} of the namespace {namespace}", remedy, attribute)
    near = find_similar(attribute, known)
    remedy = f"Did you mean {join_words(near, 'or')}?" if near else "Leave it out."
    return Diagnosis("unknown-attribute", what, remedy, attribute)


def _diagnose_content(element: etree._Element, components: Components) -> Diagnosis:
    """Return what is wrong with an element whose type has no content."""
    what = f"{name_of(element)} has neither elements nor text in it"
    if len(element):
        remedy = "Leave them out, or name the type that has them: xsi:type."
        return Diagnosis("unknown-element", f"{what}, and here is {name_of(element[0])}", remedy)
    text = (element.text or "").strip()
    kind = components.type_of(element)
    is_link = kind is not None and "href" in components.attributes(kind) and element.get("href") is None
    remedy = f'Write it as an attribute: href="{text}".' if is_link and len(text) < 100 else "Leave it out."
    return Diagnosis("text-between-elements", f"{what}, and here is {quote(text)}", remedy)


def _diagnose_type(element: etree._Element, components: Components) -> Diagnosis:
    text = element.get(XSI_TYPE, "")
    what = Diagnosis("wrong-type", f"xsi:type {quote(text)} is not a type that can stand here", "", "xsi:type")
    local = text.strip().rpartition(":")[2]
    declared = components.type_of(element)
    fitting = components.derived(declared) if declared else {}
    if local in fitting:
        wanted = next((x for x, space in element.nsmap.items() if space == fitting[local]), "")
        right = f"{wanted}:{local}" if wanted else local
        remedy = f"Write {right}" if wanted != "" else f"Write {local} with a prefix"
        return replace(what, remedy=f"{remedy}: its namespace is {fitting[local]}.")
    if near := find_similar(local, fitting):
        return replace(what, remedy=f"Did you mean {join_words(near, 'or')}?")
    remedy = "Write the name of a type of the schema, with a prefix that stands for its namespace."
    return replace(what, remedy=remedy)


def _attribute_remedy(element: etree._Element, attribute: str) -> str:
    if attribute == "results":
        return f'Write results="{len(element)}", the number of items here.'
    if attribute == "all":
        return "Write the number of items of the whole list."
    return f'Write {attribute}="...".'


def _diagnose_value(element: etree._Element, attribute: str, components: Components, message: str) -> Diagnosis:
    kind = components.type_of(element)
    value = components.value(kind, attribute) if kind else None
    text = (element.get(attribute) if attribute else element.text) or ""
    if value is not None and name_of(element) in components.bitmaps:
        value = replace(value, bitmap=True)
    if value is not None and (wrong := diagnose_value(text, value, element if not attribute else None)):
        return replace(wrong, attribute=attribute)
    # The name of the element is in the path of the finding already.
    _, _, detail = _simplify(message).partition(": ")
    return Diagnosis("bad-value", detail or _simplify(message), "", attribute)


def _simplify(message: str) -> str:
    """Return libxml2's message without the namespaces that make it hard to read."""
    return shorten(" ".join(_NAMESPACE.sub("", message).split()).rstrip("."), LONGEST_MESSAGE)
