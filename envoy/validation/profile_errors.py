"""Elements of another profile, edition or namespace than that of the schema that judges: who knows them, what to do."""

from __future__ import annotations

from lxml import etree

from envoy.namespaces import EXTENSION_NAMESPACES
from envoy.profiles import PROFILES, Profile
from envoy.validation.text import listed, name_of, namespace_of
from envoy.xsd.components import outline_of
from envoy.xsd.schemas import schema_for, schema_path

_EDITION_2013 = "http://ieee.org/2030.5"
_TITLES = {
    "ieee-2018": "IEEE 2030.5-2018",
    "csip-aus-1.2": "CSIP-AUS 1.2",
    "csip-aus-1.3": "CSIP-AUS 1.3",
    "envoy-0.1": "the dialect of envoy-client 0.1",
}

Wrong = tuple[str, str, str]
"""Code, reason and remedy."""


def title(profile: Profile) -> str:
    """Return what a profile is called in a sentence."""
    return _TITLES.get(profile.name, f"the profile {profile.name}")


def is_extension(tag: str) -> bool:
    """Whether an element is one of CSIP-AUS."""
    return etree.QName(tag).namespace in EXTENSION_NAMESPACES


def is_valid(element: etree._Element, profile: Profile) -> bool:
    """Whether the schema of a profile allows a message as it is."""
    return element.getparent() is None and schema_for(profile).validate(element)


def others_with_root(element: etree._Element, profile: Profile) -> list[Profile]:
    """Return the other profiles that have a message with this root element."""
    return [
        other
        for other in PROFILES.values()
        if other.name != profile.name and element.tag in outline_of(schema_path(other)).roots
    ]


def others_with_child(element: etree._Element, parent: etree._Element, profile: Profile) -> list[Profile]:
    """Return the other profiles that have this element in its parent."""
    found = []
    for other in PROFILES.values():
        outline = outline_of(schema_path(other))
        kind = outline.type_of(parent) if other.name != profile.name else None
        if kind is not None and any(child.tag == element.tag for child in outline.children(kind)):
            found.append(other)
    return found


def others_with_extension(element: etree._Element, profile: Profile) -> list[Profile]:
    """Return the other profiles that have a CSIP-AUS element of this name at this place, in whatever namespace."""
    parent = element.getparent()
    found = []
    for other in PROFILES.values():
        outline = outline_of(schema_path(other))
        kind = outline.type_of(parent) if parent is not None else None
        children = [child.tag for child in outline.children(kind)] if kind is not None else []
        tags = outline.roots if parent is None else children
        right = f"{{{other.extension_namespace}}}{name_of(element)}"
        if other.name != profile.name and right in tags:
            found.append(other)
    return found


def unknown_extension(element: etree._Element, others: list[Profile], profile: Profile) -> Wrong:
    """Return what to say of a CSIP-AUS element in a wrong namespace that only other profiles have."""
    names = listed([title(other) for other in others], "and")
    options = listed([f"{other.extension_namespace} with --profile {other.name}" for other in others], "or")
    what = f"{name_of(element)} is an element of {names}, not of {title(profile)}"
    beginning = "Its namespace is" if element.getparent() is None else "Leave it out, or write it in its namespace:"
    return "other-profile", what, f"{beginning} {options}."


def other_profile(element: etree._Element, others: list[Profile], profile: Profile) -> Wrong:
    """Return what to say of an element that other profiles have, and this one has not."""
    names = listed([title(other) for other in others], "and")
    options = " or ".join(f"--profile {other.name}" for other in others)
    remedy = f"This is {title(others[0])}: {options}." if len(others) == 1 else f"Judge it with {options}."
    here = profile.extension_namespace
    if here and namespace_of(element) in EXTENSION_NAMESPACES and namespace_of(element) != here:
        outline = outline_of(schema_path(profile))
        if outline.owners(name_of(element)) or f"{{{here}}}{name_of(element)}" in outline.roots:
            remedy += f" In {title(profile)} its namespace is {here}."
    return "other-profile", f"{name_of(element)} is an element of {names}, not of {title(profile)}", remedy


def wrong_namespace(element: etree._Element, tag: str, profile: Profile) -> Wrong:
    """Return what to say of an element that has another namespace than ``tag``, which would be right."""
    local, namespace, right = name_of(element), namespace_of(element), etree.QName(tag).namespace or ""
    if not namespace:
        return "no-namespace", f"{local} has no namespace", f"Its namespace is {right}."
    if not right:
        return "wrong-namespace", f"{local} has the namespace {namespace}", f"In {title(profile)} it has none."
    if namespace == _EDITION_2013:
        what = f"{local} has the namespace of the 2013 edition, {namespace}"
    elif namespace in EXTENSION_NAMESPACES:
        what = f"{local} has the namespace {namespace}, which {title(profile)} does not have for it"
    else:
        what = f"{local} has the namespace {namespace}"
    return "wrong-namespace", what, f"In {title(profile)} it is {right}."
