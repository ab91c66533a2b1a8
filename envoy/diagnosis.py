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
from envoy.outline import Child, Outline, outline_of
from envoy.profiles import EXTENSION_NAMESPACES, PROFILES, SEP_NAMESPACE, Profile
from envoy.schemas import schema_path

_NAMESPACE = re.compile(r"\{[^}]*:[^}]*\}")
_ATTRIBUTE = re.compile(r"attribute '(?:\{[^}]*\})?([^']+)'")
_LONGEST = 1000
"""A message has at most so many characters; a value of a megabyte is cut."""

_LISTED = 6
"""So many names are listed in a sentence; of more, the rest is counted."""

_EDITION_2013 = "http://ieee.org/2030.5"
_TITLES = {
    "ieee-2018": "IEEE 2030.5-2018",
    "csip-aus-1.2": "CSIP-AUS 1.2",
    "csip-aus-1.3": "CSIP-AUS 1.3",
    "envoy-0.1": "the dialect of envoy-client 0.1",
}


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
            f"{_name(element)} is a simple value, with elements inside",
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


def readable(message: str) -> str:
    """Return libxml2's message without the namespaces that make it hard to read."""
    return cut(" ".join(_NAMESPACE.sub("", message).split()).rstrip("."))


def cut(message: str) -> str:
    """Return a message without most of a long value that it quotes."""
    return message if len(message) <= _LONGEST else f"{message[: _LONGEST - 3]}..."


def title(profile: Profile) -> str:
    """Return what a profile is called in a sentence."""
    return _TITLES.get(profile.name, f"the profile {profile.name}")


def _root(element: etree._Element, outline: Outline, profile: Profile) -> Diagnosis:
    local, namespace = _name(element), _namespace(element)
    same_name = sorted(tag for tag in outline.roots if etree.QName(tag).localname == local)
    others = _profiles_with_root(element, profile)
    if not namespace and same_name:
        remedy = f'Write <{local} xmlns="{etree.QName(same_name[0]).namespace}">.'
        if any(other.legacy for other in others) and _valid(element, PROFILES["envoy-0.1"]):
            remedy += " If it is for the server of envoy-client 0.1: --profile envoy-0.1."
        return Diagnosis("no-namespace", f"{local} has no namespace", remedy)
    if others and namespace:
        return _other_profile(element, others, profile)
    if same_name:
        return _wrong_namespace(element, same_name[0], profile)
    if others:
        return _other_profile(element, others, profile)
    near = _nearest(local, [etree.QName(tag).localname for tag in outline.roots])
    owners = outline.owners(local)
    if owners and not near:
        remedy = f"{local} stands inside {_list(owners, 'or')}, never alone."
    elif near:
        remedy = f"Did you mean {_list(near, 'or')}?"
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
    what = f"the required element{plural} {_list(names, 'and')} {'are' if plural else 'is'} missing"
    places: dict[str, list[str]] = {}
    for child in missing:
        index = known.index(child)
        before = next((c.local for c in reversed(known[:index]) if parent.find(c.tag) is not None), None)
        places.setdefault(f"after {before}" if before else "first", []).append(child.local)
    parts = [f"{_list(added, 'and')} {place}" for place, added in places.items()]
    remedy = f"Add {_list(parts, 'and')}."
    if all(_is_extension(child.tag) for child in missing) and _valid(parent, PROFILES["ieee-2018"]):
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
    local, index = _name(element), tags.index(str(element.tag))
    earlier = [child for child in element.itersiblings(etree.Element, preceding=True) if child.tag in tags]
    later = next((child for child in reversed(earlier) if tags.index(str(child.tag)) > index), None)
    if later is not None:
        if _is_extension(str(later.tag)) and not _is_extension(str(element.tag)):
            return Diagnosis(
                "extension-first",
                f"{_name(later)} of CSIP-AUS stands before {local} of the standard",
                f"Move {_name(later)} behind all elements of the standard, to the end of {_name(parent)}.",
            )
        return Diagnosis("out-of-order", f"{local} stands after {_name(later)}", f"Move {local} before {_name(later)}.")
    if not known[index].many and any(child.tag == element.tag for child in earlier):
        return Diagnosis("repeated", f"{local} stands more than once", "Keep one of them.")
    skipped = [c for c in known[:index] if c.required and not any(child.tag == c.tag for child in earlier)]
    moved = next((c for c in skipped for child in element.itersiblings(etree.Element) if child.tag == c.tag), None)
    if moved is not None:
        if _is_extension(str(element.tag)) and not _is_extension(moved.tag):
            return Diagnosis(
                "extension-first",
                f"{local} of CSIP-AUS stands before {moved.local} of the standard",
                f"Move {local} behind all elements of the standard, to the end of {_name(parent)}.",
            )
        return Diagnosis("out-of-order", f"{local} stands before {moved.local}", f"Move {moved.local} before {local}.")
    return _missing_elements(parent, skipped, outline, profile) if skipped else None


def _not_known(
    element: etree._Element, parent: etree._Element, known: tuple[Child, ...], outline: Outline, profile: Profile
) -> Diagnosis:
    local = _name(element)
    others = _profiles_with_child(element, parent, profile)
    same_name = next((child for child in known if child.local == local), None)
    if others:
        return _other_profile(element, others, profile)
    if same_name is not None:
        return _wrong_namespace(element, same_name.tag, profile)
    near = _nearest(local, [child.local for child in known])
    if near:
        return Diagnosis(
            "misspelt-element", f"{_name(parent)} has no element {local}", f"Did you mean {_list(near, 'or')}?"
        )
    owners = outline.owners(local) if _namespace(element) in (SEP_NAMESPACE, *EXTENSION_NAMESPACES) else []
    if owners:
        return Diagnosis(
            "misplaced-element",
            f"{_name(parent)} has no element {local}",
            f"It belongs into {_list(owners, 'or')}.",
        )
    foreign = _namespace(element) not in (SEP_NAMESPACE, "", *EXTENSION_NAMESPACES)
    return Diagnosis(
        "unknown-element",
        f"{_name(parent)} has no element {local}" + (f" of the namespace {_namespace(element)}" if foreign else ""),
        "Judge it with the schema that adds the element, or leave it out." if foreign else "Leave it out.",
    )


def _other_profile(element: etree._Element, others: list[Profile], profile: Profile) -> Diagnosis:
    names = _list([title(other) for other in others], "and")
    options = " or ".join(f"--profile {other.name}" for other in others)
    remedy = f"This is {title(others[0])}: {options}." if len(others) == 1 else f"Judge it with {options}."
    here = profile.extension_namespace
    if here and _namespace(element) in EXTENSION_NAMESPACES and _namespace(element) != here:
        outline = outline_of(schema_path(profile))
        if outline.owners(_name(element)) or f"{{{here}}}{_name(element)}" in outline.roots:
            remedy += f" In {title(profile)} its namespace is {here}."
    return Diagnosis("other-profile", f"{_name(element)} is an element of {names}, not of {title(profile)}", remedy)


def _wrong_namespace(element: etree._Element, tag: str, profile: Profile) -> Diagnosis:
    local, namespace, right = _name(element), _namespace(element), etree.QName(tag).namespace or ""
    if not namespace:
        return Diagnosis("no-namespace", f"{local} has no namespace", f"Its namespace is {right}.")
    if not right:
        return Diagnosis(
            "wrong-namespace", f"{local} has the namespace {namespace}", f"In {title(profile)} it has none."
        )
    if namespace == _EDITION_2013:
        what = f"{local} has the namespace of the 2013 edition, {namespace}"
    elif namespace in EXTENSION_NAMESPACES:
        what = f"{local} has the namespace {namespace}, which {title(profile)} does not have for it"
    else:
        what = f"{local} has the namespace {namespace}"
    return Diagnosis("wrong-namespace", what, f"In {title(profile)} it is {right}.")


def _unknown_attribute(element: etree._Element, attribute: str, outline: Outline) -> Diagnosis:
    kind = outline.type_of(element)
    known = list(outline.attributes(kind)) if kind else []
    near = _nearest(attribute, known)
    remedy = f"Did you mean {_list(near, 'or')}?" if near else "Leave it out."
    return Diagnosis("unknown-attribute", f"{_name(element)} has no attribute {attribute}", remedy, attribute)


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
    if value is not None and _name(element) in outline.bitmaps():
        value = replace(value, bitmap=True)
    if value is not None and (wrong := values.wrong_value(text, value, element if not attribute else None)):
        return Diagnosis(*wrong, attribute)
    # The name of the element is in the path of the finding already.
    _, _, detail = readable(message).partition(": ")
    return Diagnosis("bad-value", detail or readable(message), "", attribute)


def _profiles_with_root(element: etree._Element, profile: Profile) -> list[Profile]:
    return [
        other
        for other in PROFILES.values()
        if other.name != profile.name and element.tag in outline_of(schema_path(other)).roots
    ]


def _profiles_with_child(element: etree._Element, parent: etree._Element, profile: Profile) -> list[Profile]:
    found = []
    for other in PROFILES.values():
        outline = outline_of(schema_path(other))
        kind = outline.type_of(parent) if other.name != profile.name else None
        if kind is not None and any(child.tag == element.tag for child in outline.children(kind)):
            found.append(other)
    return found


def _valid(element: etree._Element, profile: Profile) -> bool:
    """Whether the schema of a profile allows a message as it is."""
    from envoy.schemas import schema_for

    return element.getparent() is None and schema_for(profile).validate(element)


def _is_extension(tag: str) -> bool:
    return etree.QName(tag).namespace in EXTENSION_NAMESPACES


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname


def _namespace(element: etree._Element) -> str:
    return etree.QName(element).namespace or ""


def _nearest(name: str, known: list[str]) -> list[str]:
    """Return the names that may have been meant: the same but for upper and lower case, or some that are alike."""
    same = [other for other in known if other.lower() == name.lower()]
    return same or difflib.get_close_matches(name, dict.fromkeys(known), n=3, cutoff=0.75)


def _list(names: list[str], word: str) -> str:
    shown = names[:_LISTED]
    if len(names) > _LISTED:
        return f"{', '.join(shown)} {word} {len(names) - _LISTED} more"
    return f" {word} ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)
