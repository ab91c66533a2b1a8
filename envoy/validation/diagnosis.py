"""The diagnosis of root elements, attributes, types and text that a schema does not allow."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice

from lxml import etree

from envoy._text import join_words, quote
from envoy.bindings.lexical import WHITE_SPACE
from envoy.bindings.value_errors import diagnose_value
from envoy.codec.location import name_of, namespace_of, suggest_type
from envoy.namespaces import XSI_NAMESPACE, XSI_TYPE
from envoy.profiles import PROFILES, Profile
from envoy.validation import profile_errors
from envoy.validation.content_errors import Lacking
from envoy.validation.findings import Diagnosis
from envoy.validation.name_errors import find_similar, is_slip
from envoy.xsd.component_index import index_of
from envoy.xsd.components import Components, Type

_LONGEST_LINK = 100
_NUMBER = re.compile(r"-?[0-9]{1,40}\Z")
_MOST_AROUND = 50
"""Elements among which a message is looked for that has others around it."""


def diagnose_root(element: etree._Element, components: Components, profile: Profile) -> Diagnosis:
    """Return what is wrong with a root element that the schema does not have; ``meant`` is its right name."""
    local, namespace = name_of(element), namespace_of(element)
    if element.tag in components.roots:
        return Diagnosis("wrong-root", f"{local} is abstract", "Write one of the elements that can stand for it.")
    same_name = sorted(tag for tag in components.roots if etree.QName(tag).localname == local)
    others = profile_errors.profiles_with(element, profile)
    if not namespace and same_name:
        remedy = f'Write <{local} xmlns="{etree.QName(same_name[0]).namespace}">.'
        if (legacy := PROFILES["envoy-0.1"]) in others and profile_errors.is_valid(element, legacy):
            remedy += " If it is for the server of envoy-client 0.1, use the profile envoy-0.1."
            return Diagnosis("no-namespace", f"{local} has no namespace", remedy)
        return Diagnosis("no-namespace", f"{local} has no namespace", remedy, meant=same_name[0])
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
    owners = index_of(components).owners(local)
    inside = next((x for x in islice(element.iter(etree.Element), _MOST_AROUND) if x.tag in components.roots), None)
    if local.lower() == "html":
        remedy = "This is an HTML page, perhaps of a proxy."
    elif inside is not None and not near and not owners:
        remedy = f"The message {name_of(inside)} stands inside it: leave out what is around it."
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


def diagnose_missing_attribute(element: etree._Element, tag: str) -> Diagnosis:
    """Return what to do about a required attribute that is missing."""
    attribute = tag.rpartition("}")[2]
    value = str(len(element)) if tag == "results" else None
    if attribute == "results":
        remedy = f'Write results="{len(element)}", the number of items here.'
    elif attribute == "all":
        remedy = "Write the number of items of the whole list."
    else:
        remedy = f'Write {attribute}="...".'
    return Diagnosis("missing-attribute", f"the required attribute {attribute} is missing", remedy, value=value)


def diagnose_text(element: etree._Element, text: str, kind: Type) -> Diagnosis:
    """Return what is wrong with text between elements, or instead of them."""
    text = text.strip(WHITE_SPACE)
    found = Diagnosis("text-between-elements", f"{quote(text)} stands between elements", "Remove the text.")
    required = [Lacking(leaf).name for leaf in kind.content.start.lacking]
    values = {child.local: child.value for child in kind.children.values() if child.value}
    names = [name for name in required if name in values] or list(values)
    if len(element) or not names:
        return found
    what = f"{quote(text)} stands where elements have to be"
    if "value" not in names and len(names) > 1:
        return replace(found, reason=what, remedy=f"Write it into one of {join_words(names, 'and')}.")
    into = "value" if "value" in names else names[0]
    beside = join_words([name for name in required if name != into], "and")
    found = replace(found, reason=what, remedy=f"Write it into {into}{f', beside {beside}' if beside else ''}.")
    is_quantity = set(names) == {"multiplier", "value"} and _NUMBER.match(text)
    fits = is_quantity and diagnose_value(text, values["value"]) is None
    return replace(found, value=text, multiplier="0", likely=True) if fits else found


def find_href(element: etree._Element, kind: Type) -> str:
    """Return the link that is written as the text of an element, empty if it has none."""
    text = (element.text or "").strip(WHITE_SPACE)
    is_link = not len(element) and kind.content.empty and "href" in kind.attributes and element.get("href") is None
    return text if is_link and len(text) < _LONGEST_LINK else ""


def diagnose_content(element: etree._Element, kind: Type) -> Diagnosis:
    """Return what is wrong with an element that has content, and whose type has none."""
    what = f"{name_of(element)} has neither elements nor text in it"
    if len(element):
        remedy = "Leave them out, or name the type that has them: xsi:type."
        return Diagnosis("unknown-element", f"{what}, and here is {name_of(element[0])}", remedy)
    text = (element.text or "").strip(WHITE_SPACE)
    if not text:
        return Diagnosis("text-between-elements", f"{what}, and here is white space", "Leave it out.")
    what = f"{what}, and here is {quote(text)}"
    if href := find_href(element, kind):
        return Diagnosis("text-between-elements", what, f'Write it as an attribute: href="{href}".', value=href)
    return Diagnosis("text-between-elements", what, "Leave it out.")


def diagnose_type(
    element: etree._Element, declared: Type, components: Components, profile: Profile, attribute: str
) -> Diagnosis:
    """Return what is wrong with the type that an element names; ``meant`` is the right one.

    Args:
        element: The element.
        declared: The type that it has by the schema.
        components: Those of the schema.
        profile: The profile of the schema.
        attribute: The attribute that names the type; empty if none does.
    """
    general = "Write the name of a type of the schema, with a prefix that stands for its namespace."
    if not attribute:
        found = Diagnosis("wrong-type", f"{name_of(element)} does not say which type it has", "", "xsi:type")
        types = index_of(components).fitting(declared, element)
        if len(types) != 1:
            return replace(found, remedy=f"Add xsi:type. {general}")
        ((local, namespace),) = types.items()
        remedy = f"Add xsi:type. {suggest_type(element, namespace, local)}"
        return replace(found, remedy=remedy, meant=_qualify(namespace, local), likely=True)
    text = element.get(attribute, "")
    local = text.strip().rpartition(":")[2]
    fitting = index_of(components).derived(declared)
    if attribute != XSI_TYPE:
        what = f"{attribute.rpartition('}')[2]} is not xsi:type: its namespace is not {XSI_NAMESPACE}"
        remedy = f'Declare xmlns:xsi="{XSI_NAMESPACE}", and write xsi:type.'
        meant = _qualify(fitting[local], local)
        return Diagnosis("wrong-type", what, remedy, attribute.rpartition("}")[2], meant)
    found = Diagnosis("wrong-type", f"xsi:type {quote(text)} is not a type that can stand here", general, "xsi:type")
    if edition := profile_errors.edition_with_type(element, declared, profile):
        details = {"attribute": "xsi:type", "remedy": f"Validate it with the profile {edition.name}."}
        return profile_errors.diagnose_edition(local, "a type", edition, profile, **details)
    near = [local] if local in fitting else find_similar(local, fitting)
    if not near:
        return found
    meant = _qualify(fitting[near[0]], near[0])
    if local not in fitting:
        return replace(
            found, remedy=f"Did you mean {join_words(near, 'or')}?", meant=meant, likely=not is_slip(local, near, near)
        )
    return replace(found, remedy=suggest_type(element, fitting[local], local), meant=meant)


def find_type_attribute(element: etree._Element, declared: Type, components: Components) -> str:
    """Return the attribute that is meant as ``xsi:type`` and is in another namespace, empty if there is none."""
    for name, text in element.items():
        is_one = name.rpartition("}")[2] == "type" and name not in (*declared.attributes, XSI_TYPE)
        # Where any attribute may stand, it is wrong only if what is in the element is not of the declared type.
        is_one = is_one and (not declared.takes_attribute(name) or needs_type(element, declared))
        if is_one and text.strip().rpartition(":")[2] in index_of(components).derived(declared):
            return name
    return ""


def needs_type(element: etree._Element, declared: Type) -> bool:
    """Whether an element has something in it that its type, which others are derived from, does not even name."""
    if declared.abstract or declared.value is not None or not declared.bare:
        return declared.abstract
    children = (str(child.tag) for child in element.iterchildren(etree.Element))
    attributes = (name for name, _ in element.items() if not name.startswith(f"{{{XSI_NAMESPACE}}}"))
    return not (all(map(declared.takes, children)) and all(map(declared.takes_attribute, attributes)))


def _qualify(namespace: str, local: str) -> str:
    return f"{{{namespace}}}{local}" if namespace else local
