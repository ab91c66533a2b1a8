"""Errors of elements that are of another profile, edition or namespace than the schema."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lxml import etree

from envoy._text import join_words
from envoy.codec.location import name_of, namespace_of
from envoy.namespaces import EXTENSION_NAMESPACES
from envoy.profiles import PROFILES, Profile
from envoy.validation.findings import Diagnosis
from envoy.xsd.component_index import index_of
from envoy.xsd.components import Type, components_of
from envoy.xsd.schemas import schema_for, schema_path

_EDITION_2013 = "http://ieee.org/2030.5"
_TITLES = {
    "ieee-2018": "IEEE 2030.5-2018",
    "ieee-2023": "IEEE 2030.5-2023",
    "csip-aus-1.2": "CSIP-AUS 1.2",
    "csip-aus-1.3": "CSIP-AUS 1.3",
    "envoy-0.1": "the dialect of envoy-client 0.1",
}


def title_of(profile: Profile) -> str:
    """Return what a profile is called in a sentence."""
    return _TITLES.get(profile.name, f"the profile {profile.name}")


def is_extension(tag: str) -> bool:
    """Whether an element is one of CSIP-AUS."""
    return etree.QName(tag).namespace in EXTENSION_NAMESPACES


def is_valid(element: etree._Element, profile: Profile) -> bool:
    """Whether the schema of a profile allows a message as it is."""
    return element.getparent() is None and schema_for(profile).validate(element)


def profiles_with(element: etree._Element, profile: Profile, *, as_extension: bool = False) -> list[Profile]:
    """Return the other profiles that have an element where it stands: as a root element, or in its parent.

    Args:
        element: The element.
        profile: The profile that is left out.
        as_extension: Look for a CSIP-AUS element of this name, in whatever namespace it stands.
    """
    parent = element.getparent()
    found = []
    for other in PROFILES.values():
        components = components_of(schema_path(other))
        kind = components.type_of(parent) if parent is not None else None
        tags = components.roots if parent is None else kind.children if kind else ()
        tag = f"{{{other.extension_namespace}}}{name_of(element)}" if as_extension else element.tag
        if other.name != profile.name and tag in tags:
            found.append(other)
    return found


def edition_with_type(element: etree._Element, declared: Type, profile: Profile) -> Profile | None:
    """Return the profile of a later edition that has the type which an element names, None if there is none."""
    for other in _later(PROFILES.values(), profile):
        components = components_of(schema_path(other))
        named, base = components.named_type(element), components.type(declared.tag)
        if named is not None and base is not None and named.stands_for(base):
            return other
    return None


def diagnose_edition(name: str, what: str, edition: Profile, profile: Profile, **details: Any) -> Diagnosis:
    """Return what is wrong with something that came with a later edition than that of the profile.

    Args:
        name: Its name.
        what: What it is: an element.
        edition: The profile of that edition.
        profile: The profile of the schema.
        details: Further attributes of the diagnosis.
    """
    reason = f"{name} is {what} of {title_of(edition)}, not of {title_of(profile)}"
    remedy = (
        f"Leave it out, since readers of {title_of(profile)} skip it; or validate it with the profile {edition.name}."
    )
    return Diagnosis("later-edition", reason, **({"remedy": remedy} | details))


def diagnose_attribute(element: etree._Element, tag: str, profile: Profile) -> Diagnosis | None:
    """Return what is wrong with an attribute that an element has in a later edition; None if it has it in none."""
    name, here = f"{tag} of {name_of(element)}", title_of(profile)
    for other in _later(PROFILES.values(), profile):
        kind = components_of(schema_path(other)).type_of(element)
        use = None if kind is None else kind.attributes.get(tag)
        if use is None:
            continue
        if element.get(tag, "").strip() == use.declaration.empty:
            return diagnose_edition(name, "an attribute", other, profile, attribute=tag, omitted=True)
        remedy = (
            f"Readers of {here} skip it, and read {name_of(element)} as if it were not there: leave out both if that "
            f"is not meant, or validate it with the profile {other.name}."
        )
        return diagnose_edition(name, "an attribute", other, profile, attribute=tag, remedy=remedy)
    return None


def diagnose_extension(element: etree._Element, others: list[Profile], profile: Profile) -> Diagnosis:
    """Return what is wrong with a CSIP-AUS element in a wrong namespace that only other profiles have."""
    options = join_words([f"{other.extension_namespace} with the profile {other.name}" for other in others], "or")
    beginning = "Its namespace is" if element.getparent() is None else "Leave it out, or write it in its namespace:"
    return Diagnosis("other-profile", _other_profile(element, others, profile), f"{beginning} {options}.")


def diagnose_other_profile(
    element: etree._Element, others: list[Profile], profile: Profile, meant: str = ""
) -> Diagnosis:
    """Return what is wrong with an element that other profiles have, and this one does not."""
    if _later(others, profile) == others:
        if element.getparent() is None:
            remedy = f"Validate it with the profile {others[0].name}."
            return diagnose_edition(name_of(element), "an element", others[0], profile, remedy=remedy)
        return diagnose_edition(name_of(element), "an element", others[0], profile, omitted=True)
    options = f"the profile {join_words([other.name for other in others], 'or')}"
    remedy = f"This is {title_of(others[0])}: {options}." if len(others) == 1 else f"Validate it with {options}."
    here = profile.extension_namespace
    if here and namespace_of(element) in EXTENSION_NAMESPACES and namespace_of(element) != here:
        components = components_of(schema_path(profile))
        if index_of(components).owners(name_of(element)) or f"{{{here}}}{name_of(element)}" in components.roots:
            remedy += f" In {title_of(profile)} its namespace is {here}."
    return Diagnosis("other-profile", _other_profile(element, others, profile), remedy, meant=meant, likely=True)


def diagnose_namespace(element: etree._Element, tag: str, profile: Profile) -> Diagnosis:
    """Return what is wrong with an element that has another namespace than ``tag``, which would be right."""
    local, namespace, right = name_of(element), namespace_of(element), etree.QName(tag).namespace or ""
    if not namespace:
        return Diagnosis("no-namespace", f"{local} has no namespace", f"Its namespace is {right}.", meant=tag)
    what = f"{local} has the namespace {namespace}"
    if namespace == _EDITION_2013:
        what = f"{local} has the namespace of the 2013 edition, {namespace}"
    elif right and namespace in EXTENSION_NAMESPACES:
        what += f", which {title_of(profile)} does not have for it"
    remedy = f"In {title_of(profile)} it {f'is {right}' if right else 'has none'}."
    return Diagnosis("wrong-namespace", what, remedy, meant=tag)


def _later(profiles: Iterable[Profile], profile: Profile) -> list[Profile]:
    """Return those of some profiles that are of a later edition than another one."""
    return [other for other in profiles if other.edition > profile.edition]


def _other_profile(element: etree._Element, others: list[Profile], profile: Profile) -> str:
    names = join_words([title_of(other) for other in others], "and")
    return f"{name_of(element)} is an element of {names}, not of {title_of(profile)}"
