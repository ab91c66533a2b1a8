"""The diagnosis of root elements, attributes, types and text that a schema does not allow."""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from envoy._text import join_words, quote
from envoy.bindings.lexical import WHITE_SPACE
from envoy.codec.location import name_of, namespace_of, suggest_type
from envoy.namespaces import XSI_TYPE
from envoy.profiles import PROFILES, Profile
from envoy.validation import profile_errors
from envoy.validation.content_errors import find_similar, is_slip
from envoy.validation.findings import SCHEMA_VERSION, Diagnosis
from envoy.xsd.component_index import index_of
from envoy.xsd.components import Components, Type


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
            remedy += " If it is for the server of envoy-client 0.1: --profile envoy-0.1."
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


def diagnose_attribute(element: etree._Element, tag: str, kind: Type, profile: Profile) -> Diagnosis:
    """Return what is wrong with an attribute that a type does not have."""
    namespace, _, attribute = tag.removeprefix("{").rpartition("}")
    known = [name.rpartition("}")[2] for name in kind.attributes]
    what = f"{name_of(element)} has no attribute {attribute}"
    if tag == SCHEMA_VERSION and element.getparent() is None:
        what = f"the document is of IEEE 2030.5-2023: it has schemaVer {quote(element.get(attribute, ''))}"
        remedy = f"It can be read all the same; a document of {profile_errors.title_of(profile)} has no schemaVer."
        return Diagnosis("other-profile", what, remedy, attribute)
    if namespace:
        meant = attribute if attribute in kind.attributes and element.get(attribute) is None else ""
        remedy = f"Write {attribute} without a prefix." if attribute in known else "Leave it out."
        return Diagnosis("unknown-attribute", f"{what} of the namespace {namespace}", remedy, attribute, meant)
    near = find_similar(attribute, [name for name in known if element.get(name) is None])
    remedy = f"Did you mean {join_words(near, 'or')}?" if near else "Leave it out."
    meant = near[0] if near and near[0] in kind.attributes else ""
    return Diagnosis(
        "unknown-attribute", what, remedy, attribute, meant, likely=bool(meant) and not is_slip(attribute, near, near)
    )


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
    """Return what is wrong with text between elements."""
    has_value = any(child.local == "value" for child in kind.children.values())
    remedy = "Write it into value, an element of its own." if has_value and not len(element) else "Remove the text."
    return Diagnosis("text-between-elements", f"{quote(text.strip(WHITE_SPACE))} stands between elements", remedy)


def diagnose_content(element: etree._Element, kind: Type) -> Diagnosis:
    """Return what is wrong with an element that has content, and whose type has none."""
    what = f"{name_of(element)} has neither elements nor text in it"
    if len(element):
        remedy = "Leave them out, or name the type that has them: xsi:type."
        return Diagnosis("unknown-element", f"{what}, and here is {name_of(element[0])}", remedy)
    text = (element.text or "").strip()
    if not text:
        return Diagnosis("text-between-elements", f"{what}, and here is white space", "Leave it out.")
    is_link = "href" in kind.attributes and element.get("href") is None
    remedy = f'Write it as an attribute: href="{text}".' if is_link and len(text) < 100 else "Leave it out."
    return Diagnosis("text-between-elements", f"{what}, and here is {quote(text)}", remedy)


def diagnose_type(element: etree._Element, declared: Type, components: Components) -> Diagnosis:
    """Return what is wrong with the type that an element names; ``meant`` is the right one."""
    text = element.get(XSI_TYPE)
    general = "Write the name of a type of the schema, with a prefix that stands for its namespace."
    if text is None:
        what = f"{name_of(element)} does not say which type it has"
        return Diagnosis("wrong-type", what, f"Add xsi:type. {general}", "xsi:type")
    found = Diagnosis("wrong-type", f"xsi:type {quote(text)} is not a type that can stand here", general, "xsi:type")
    local = text.strip().rpartition(":")[2]
    fitting = index_of(components).derived(declared)
    near = [local] if local in fitting else find_similar(local, fitting)
    if not near:
        return found
    namespace = fitting[near[0]]
    meant = f"{{{namespace}}}{near[0]}" if namespace else near[0]
    if local not in fitting:
        return replace(
            found, remedy=f"Did you mean {join_words(near, 'or')}?", meant=meant, likely=not is_slip(local, near, near)
        )
    return replace(found, remedy=suggest_type(element, namespace, local), meant=meant)
