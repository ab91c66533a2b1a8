"""From the verdict of a schema to a sentence that helps: what is wrong with an element, and what to do about it.

libxml2 says that an element "is not expected" or a value "is not a valid value of the atomic type". The outline of the
schema and the document tell why: the element stands too early, is misspelt, is of another edition; the value is a
decimal number, has 0x before it, or needs a larger multiplier.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, replace

from lxml import etree

from envoy import values
from envoy.editions import (
    is_extension,
    is_valid,
    other_profile,
    others_with_child,
    others_with_root,
    title,
    wrong_namespace,
)
from envoy.outline import Child, Outline, outline_of
from envoy.profiles import EXTENSION_NAMESPACES, PROFILES, SEP_NAMESPACE, Profile
from envoy.schemas import schema_path
from envoy.wording import listed, name_of, namespace_of, readable

_ATTRIBUTE = re.compile(r"attribute '(?:\{[^}]*\})?([^']+)'")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is wrong with one element.

    Attributes:
        code: One of ``envoy.findings.FAULTS``.
        reason: What is wrong.
        remedy: What to do; empty if nothing is known to help.
        attribute: Name of the attribute that is wrong; empty if it is the element.
    """

    code: str
    reason: str
    remedy: str = ""
    attribute: str = ""


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
    attribute = found[1] if (found := _ATTRIBUTE.search(message)) else ""
    if kind == "SCHEMAV_CVC_ELT_1":
        return _root(element, outline, profile)
    if kind == "SCHEMAV_ELEMENT_CONTENT":
        missing = "Missing child element" in message
        return (_missing if missing else _unexpected)(element, outline, profile) or Diagnosis(
            "schema", readable(message)
        )
    if kind == "SCHEMAV_CVC_COMPLEX_TYPE_4":
        return Diagnosis(
            "missing-attribute",
            f"the required attribute {attribute} is missing",
            _attribute_remedy(element, attribute),
        )
    if kind == "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1":
        return _unknown_attribute(element, attribute, outline)
    if kind == "SCHEMAV_CVC_COMPLEX_TYPE_2_3":
        text = next(filter(None, (part.strip() for part in [element.text or "", *(x.tail or "" for x in element)])), "")
        return Diagnosis("text-between-elements", f"{values.short(text)} stands between elements", "Remove the text.")
    if kind == "SCHEMAV_CVC_TYPE_3_1_2":
        return Diagnosis(
            "elements-in-value",
            f"{name_of(element)} is a simple value, with elements inside",
            "Write the value as text, without elements.",
        )
    if attribute == "type" and kind.startswith("SCHEMAV_CVC_ELT_4"):
        return Diagnosis(
            "wrong-type",
            f"xsi:type {values.short(next(iter(element.values()), ''))} is no type that can stand here",
            "Write the name of a type of the schema, with a prefix that stands for its namespace.",
            "xsi:type",
        )
    if "CVC_DATATYPE" in kind or kind.endswith("_VALID"):
        return _value(element, attribute, outline, message)
    return Diagnosis("schema", readable(message))


def _root(element: etree._Element, outline: Outline, profile: Profile) -> Diagnosis:
    local, namespace = name_of(element), namespace_of(element)
    same_name = sorted(tag for tag in outline.roots if etree.QName(tag).localname == local)
    others = others_with_root(element, profile)
    if not namespace and same_name:
        remedy = f'Write <{local} xmlns="{etree.QName(same_name[0]).namespace}">.'
        if any(other.legacy for other in others) and is_valid(element, PROFILES["envoy-0.1"]):
            remedy += " If it is for the server of envoy-client 0.1: --profile envoy-0.1."
        return Diagnosis("no-namespace", f"{local} has no namespace", remedy)
    if others and namespace:
        return Diagnosis(*other_profile(element, others, profile))
    if same_name:
        return Diagnosis(*wrong_namespace(element, same_name[0], profile))
    if others:
        return Diagnosis(*other_profile(element, others, profile))
    near = _nearest(local, [etree.QName(tag).localname for tag in outline.roots])
    owners = outline.owners(local)
    if owners and not near:
        remedy = f"{local} stands inside {listed(owners, 'or')}, never alone."
    elif near:
        remedy = f"Did you mean {listed(near, 'or')}?"
    else:
        known = sorted(etree.QName(tag).localname for tag in outline.roots)
        example = "EndDevice" if "EndDevice" in known else next(iter(known), "")
        remedy = f"Its first element has to be a message{f', such as {example}' if example else ''}."
    return Diagnosis("wrong-root", f"no message of {title(profile)} has the root element {local}", remedy)


def _missing(element: etree._Element, outline: Outline, profile: Profile) -> Diagnosis | None:
    kind = outline.type_of(element)
    present = {child.tag for child in element}
    wanted = [child for child in outline.children(kind) if child.required] if kind else []
    missing = [child for child in wanted if child.tag not in present]
    if not missing:
        return None
    return _missing_elements(element, missing, outline, profile)


def _missing_elements(parent: etree._Element, missing: list[Child], outline: Outline, profile: Profile) -> Diagnosis:
    kind = outline.type_of(parent)
    known = outline.children(kind) if kind else ()
    names = [child.local for child in missing]
    plural = "s" if len(names) > 1 else ""
    what = f"the required element{plural} {listed(names, 'and')} {'are' if plural else 'is'} missing"
    places: dict[str, list[str]] = {}
    for child in missing:
        index = known.index(child)
        before = next((c.local for c in reversed(known[:index]) if parent.find(c.tag) is not None), None)
        places.setdefault(f"after {before}" if before else "first", []).append(child.local)
    parts = [f"{listed(added, 'and')} {place}" for place, added in places.items()]
    remedy = f"Add {listed(parts, 'and')}."
    if all(is_extension(child.tag) for child in missing) and is_valid(parent, PROFILES["ieee-2018"]):
        remedy += (
            f" {title(profile)} requires {'them' if plural else 'it'}; IEEE 2030.5 alone does not: --profile ieee-2018."
        )
    return Diagnosis("missing-element", what, remedy)


def _unexpected(element: etree._Element, outline: Outline, profile: Profile) -> Diagnosis | None:
    parent = element.getparent()
    kind = outline.type_of(parent) if parent is not None else None
    if parent is None or kind is None:
        return None
    known = outline.children(kind)
    tags = [child.tag for child in known]
    if element.tag not in tags:
        return _not_known(element, parent, known, outline, profile)
    local, index = name_of(element), tags.index(str(element.tag))
    earlier = [child for child in element.itersiblings(etree.Element, preceding=True) if child.tag in tags]
    later = next((child for child in reversed(earlier) if tags.index(str(child.tag)) > index), None)
    if later is not None:
        if is_extension(str(later.tag)) and not is_extension(str(element.tag)):
            return Diagnosis(
                "extension-first",
                f"{name_of(later)} of CSIP-AUS stands before {local} of the standard",
                f"Move {name_of(later)} behind all elements of the standard, to the end of {name_of(parent)}.",
            )
        return Diagnosis(
            "out-of-order", f"{local} stands after {name_of(later)}", f"Move {local} before {name_of(later)}."
        )
    if not known[index].many and any(child.tag == element.tag for child in earlier):
        return Diagnosis("repeated", f"{local} stands more than once", "Keep one of them.")
    skipped = [c for c in known[:index] if c.required and not any(child.tag == c.tag for child in earlier)]
    moved = next((c for c in skipped for child in element.itersiblings(etree.Element) if child.tag == c.tag), None)
    if moved is not None:
        if is_extension(str(element.tag)) and not is_extension(moved.tag):
            return Diagnosis(
                "extension-first",
                f"{local} of CSIP-AUS stands before {moved.local} of the standard",
                f"Move {local} behind all elements of the standard, to the end of {name_of(parent)}.",
            )
        return Diagnosis("out-of-order", f"{local} stands before {moved.local}", f"Move {moved.local} before {local}.")
    return _missing_elements(parent, skipped, outline, profile) if skipped else None


def _not_known(
    element: etree._Element, parent: etree._Element, known: tuple[Child, ...], outline: Outline, profile: Profile
) -> Diagnosis:
    local = name_of(element)
    others = others_with_child(element, parent, profile)
    same_name = next((child for child in known if child.local == local), None)
    if others:
        return Diagnosis(*other_profile(element, others, profile))
    if same_name is not None:
        return Diagnosis(*wrong_namespace(element, same_name.tag, profile))
    near = _nearest(local, [child.local for child in known])
    if near:
        return Diagnosis(
            "misspelt-element", f"{name_of(parent)} has no element {local}", f"Did you mean {listed(near, 'or')}?"
        )
    owners = outline.owners(local) if namespace_of(element) in (SEP_NAMESPACE, *EXTENSION_NAMESPACES) else []
    if owners:
        return Diagnosis(
            "misplaced-element",
            f"{name_of(parent)} has no element {local}",
            f"It belongs into {listed(owners, 'or')}.",
        )
    foreign = namespace_of(element) not in (SEP_NAMESPACE, "", *EXTENSION_NAMESPACES)
    return Diagnosis(
        "unknown-element",
        f"{name_of(parent)} has no element {local}" + (f" of the namespace {namespace_of(element)}" if foreign else ""),
        "Judge it with the schema that adds the element, or leave it out." if foreign else "Leave it out.",
    )


def _unknown_attribute(element: etree._Element, attribute: str, outline: Outline) -> Diagnosis:
    kind = outline.type_of(element)
    known = list(outline.attributes(kind)) if kind else []
    near = _nearest(attribute, known)
    remedy = f"Did you mean {listed(near, 'or')}?" if near else "Leave it out."
    return Diagnosis("unknown-attribute", f"{name_of(element)} has no attribute {attribute}", remedy, attribute)


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
    if value is not None and (wrong := values.wrong_value(text, value, element if not attribute else None)):
        return Diagnosis(*wrong, attribute)
    # The name of the element is in the path of the finding already.
    _, _, detail = readable(message).partition(": ")
    return Diagnosis("bad-value", detail or readable(message), "", attribute)


def _nearest(name: str, known: list[str]) -> list[str]:
    """Return the names that may have been meant: the same but for upper and lower case, or some that are alike."""
    same = [other for other in known if other.lower() == name.lower()]
    return same or difflib.get_close_matches(name, dict.fromkeys(known), n=3, cutoff=0.75)
