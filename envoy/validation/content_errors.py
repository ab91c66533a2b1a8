"""Errors of the children of an element: their names, their order, and those that are missing."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import replace

from lxml import etree

from envoy._text import join_words
from envoy.codec.location import name_of, namespace_of
from envoy.namespaces import EXTENSION_NAMESPACES, SEP_NAMESPACE
from envoy.profiles import PROFILES, Profile
from envoy.validation import profile_errors
from envoy.validation.findings import Diagnosis
from envoy.xsd.components import Child, Components

_MOST_IN_ORDER = 40
"""Names of children whose whole order is given."""


def diagnose_missing(element: etree._Element, components: Components, profile: Profile) -> Diagnosis | None:
    """Return which required elements are missing at the end of an element, None if there are none."""
    present = {child.tag for child in element}
    known = components.children_of(element)
    lacking = [child for child in known if child.required and child.tag not in present]
    if not lacking:
        return None
    places: dict[str, list[str]] = {}
    for child in lacking:
        before = next((c.local for c in reversed(known[: known.index(child)]) if c.tag in present), None)
        places.setdefault(f" after {before}" if before else "", []).append(child.local)
    where = join_words([f"{join_words(names, 'and')}{place}" for place, names in places.items()], "and")
    return _diagnose_lacking(element, lacking, where, profile)


def diagnose_unexpected(element: etree._Element, components: Components, profile: Profile) -> Diagnosis | None:
    """Return why an element cannot stand where it does, None if the schema does not show it."""
    parent = element.getparent()
    kind = components.type_of(parent) if parent is not None else None
    if parent is None or kind is None:
        return None
    known = components.children(kind)
    tags = [child.tag for child in known]
    if element.tag not in tags:
        return _diagnose_unknown(element, parent, known, components, profile)
    if not components.is_sequence(kind):
        return None
    index = tags.index(str(element.tag))
    earlier = [child for child in element.itersiblings(etree.Element, preceding=True) if child.tag in tags]
    later = next((child for child in reversed(earlier) if tags.index(str(child.tag)) > index), None)
    if later is not None and (known[index].many or all(child.tag != element.tag for child in earlier)):
        return _diagnose_order(element, later, f"{name_of(element)} stands after {name_of(later)}", parent, tags)
    if not known[index].many and any(child.tag == element.tag for child in earlier):
        return Diagnosis("repeated", f"{name_of(element)} stands more than once", "Keep one of them.")
    skipped = find_skipped(element, known)
    wanted = {child.tag for child in skipped}
    moved = next((child for child in element.itersiblings(etree.Element) if child.tag in wanted), None)
    if moved is not None:
        return _diagnose_order(moved, element, f"{name_of(element)} stands before {name_of(moved)}", parent, tags)
    place = f"after {name_of(earlier[0])}" if earlier else f"before {name_of(element)}"
    where = f"{join_words([child.local for child in skipped], 'and')} {place}"
    return _diagnose_lacking(parent, skipped, where, profile) if skipped else None


def find_skipped(element: etree._Element, known: tuple[Child, ...]) -> list[Child]:
    """Return the required elements that are missing before an element."""
    earlier = {child.tag for child in element.itersiblings(etree.Element, preceding=True)}
    index = [child.tag for child in known].index(str(element.tag))
    return [child for child in known[:index] if child.required and child.tag not in earlier]


def find_similar(name: str, known: Iterable[str]) -> list[str]:
    """Return the names that may have been meant: the same but for upper and lower case, or some that are alike."""
    names = list(dict.fromkeys(known))
    same = [other for other in names if other.lower() == name.lower()]
    return same or difflib.get_close_matches(name, names, n=3, cutoff=0.75)


def _diagnose_lacking(parent: etree._Element, lacking: list[Child], where: str, profile: Profile) -> Diagnosis:
    names = join_words([child.local for child in lacking], "and")
    several = len(lacking) > 1
    what = f"the required element{'s' if several else ''} {names} {'are' if several else 'is'} missing"
    remedy = f"Add {where}."
    extensions = all(profile_errors.is_extension(child.tag) for child in lacking)
    if extensions and profile_errors.is_valid(parent, PROFILES["ieee-2018"]):
        requires = f"{profile_errors.title_of(profile)} requires {'them' if several else 'it'}"
        remedy += f" {requires}; IEEE 2030.5 alone does not: --profile ieee-2018."
    return Diagnosis("missing-element", what, remedy)


def _diagnose_order(
    moved: etree._Element, before: etree._Element, reason: str, parent: etree._Element, tags: list[str]
) -> Diagnosis:
    """Return what is wrong if ``moved`` has to stand before ``before``."""
    if profile_errors.is_extension(str(before.tag)) and not profile_errors.is_extension(str(moved.tag)):
        reason = f"{name_of(before)} of CSIP-AUS stands before {name_of(moved)} of the standard"
        remedy = f"Move {name_of(before)} behind all elements of the standard, to the end of {name_of(parent)}."
        code, moved, to = "extension-first", before, None
    else:
        remedy = f"Move {name_of(moved)} before {name_of(before)}."
        code, to = "out-of-order", before
    order = [child for child in parent.iterchildren(etree.Element) if child.tag in tags and child is not moved]
    order.insert(len(order) if to is None else order.index(to), moved)
    numbers = [tags.index(str(child.tag)) for child in order]
    if numbers != sorted(numbers):
        # One move is not enough. Each that is reported alone would cost the user another round.
        names = [tags[number].rpartition("}")[2] for number in sorted(set(numbers))]
        more = ", ..." if len(names) > _MOST_IN_ORDER else ""
        remedy += f" The order of all that is here: {', '.join(names[:_MOST_IN_ORDER])}{more}."
    return Diagnosis(code, reason, remedy)


def _diagnose_unknown(
    element: etree._Element, parent: etree._Element, known: tuple[Child, ...], components: Components, profile: Profile
) -> Diagnosis:
    local = name_of(element)
    same_name = next((child for child in known if child.local == local), None)
    if others := profile_errors.profiles_with(element, profile):
        return profile_errors.diagnose_other_profile(element, others, profile, meant=same_name.tag if same_name else "")
    if same_name is not None:
        return profile_errors.diagnose_namespace(element, same_name.tag, profile)
    if others := profile_errors.profiles_with(element, profile, as_extension=True):
        return profile_errors.diagnose_extension(element, others, profile)
    what = Diagnosis("unknown-element", f"{name_of(parent)} has no element {local}", "Leave it out.")
    if near := find_similar(local, [child.local for child in known]):
        meant = next(child.tag for child in known if child.local == near[0])
        return replace(what, code="misspelt-element", remedy=f"Did you mean {join_words(near, 'or')}?", meant=meant)
    if general := _find_general(element, known, components):
        remedy = f'Write <{general} xsi:type="{local}"> instead of <{local}>.'
        return replace(what, code="misplaced-element", remedy=remedy)
    ours = namespace_of(element) in (SEP_NAMESPACE, *EXTENSION_NAMESPACES)
    if ours and (owners := components.owners(local)):
        return replace(what, code="misplaced-element", remedy=f"It belongs into {join_words(owners, 'or')}.")
    if ours or not namespace_of(element):
        return what
    remedy = "Validate it with the schema that adds the element, or leave it out."
    return replace(what, reason=f"{what.reason} of the namespace {namespace_of(element)}", remedy=remedy)


def _find_general(element: etree._Element, known: tuple[Child, ...], components: Components) -> str:
    """Return the child that a message can stand as, by ``xsi:type``: a Notification holds any Resource."""
    kind = components.root(str(element.tag))
    if kind is None or not kind.name:
        return ""
    return next((child.local for child in known if child.type and components.is_derived(kind, child.type)), "")
