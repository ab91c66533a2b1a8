"""Errors of names: elements and attributes that are unknown where they stand, and what was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from lxml import etree

from envoy._text import join_words, quote, shorten
from envoy.codec.location import name_of, namespace_of
from envoy.namespaces import EXTENSION_NAMESPACES, SEP_NAMESPACE
from envoy.profiles import Profile
from envoy.validation import profile_errors
from envoy.validation.findings import SCHEMA_VERSION, Diagnosis
from envoy.xsd.component_index import index_of
from envoy.xsd.components import Components, Declaration, Type

_MOST_NAMES = 100
"""Unknown names of one document that are looked up."""

_SHORTEST = 4
"""Letters of a name that another one may start with."""

_ALIKE = 0.4
"""Likeness (that of difflib) of the parts in which two names differ, for one to be meant by the other."""


def find_similar(name: str, known: Iterable[str]) -> list[str]:
    """Return the names that may have been meant: the same but for upper and lower case, or some that are alike."""
    names = list(dict.fromkeys(known))
    same = [other for other in names if other.lower() == name.lower()]
    return same or [x for x in difflib.get_close_matches(name, names, n=3, cutoff=0.75) if _is_similar(name, x)]


def is_slip(name: str, similar: list[str], free: list[str]) -> bool:
    """Whether the first of some free names was certainly meant: it alone is as good as the same, but for one letter."""
    return bool(free) and [other for other in similar if _is_nearly(name.lower(), other.lower())] == free[:1]


def _is_nearly(name: str, other: str) -> bool:
    """Whether two names are the same but for one letter, or for two that have changed places."""
    name, other = _strip_common(name, other)
    return len(name) <= 1 >= len(other) or (len(name) == 2 and name == other[::-1])


def _is_similar(name: str, other: str) -> bool:
    """Whether two names are alike in the part in which they differ, if it is more than a letter or some too many."""
    name, other = _strip_common(name, other)
    few = len(name) <= 1 >= len(other) or not (name and other)
    return few or difflib.SequenceMatcher(None, name, other).ratio() > _ALIKE


def _strip_common(name: str, other: str) -> tuple[str, str]:
    """Return two names without the letters that both start and end with."""
    start = _count_same(name, other)
    name, other = name[start:], other[start:]
    end = _count_same(name[::-1], other[::-1])
    return name[: len(name) - end], other[: len(other) - end]


def _count_same(name: str, other: str) -> int:
    """Return how many letters two names start with."""
    return next((n for n, (x, y) in enumerate(zip(name, other, strict=False)) if x != y), min(len(name), len(other)))


class Names:
    """What the unknown names of one document may mean. Each is looked up once, since that takes a while.

    Args:
        components: Those of the schema.
        profile: The profile of the schema.
    """

    def __init__(self, components: Components, profile: Profile) -> None:
        self.profile = profile
        self._components = components
        self._known: dict[tuple[Any, ...], Diagnosis] = {}

    def diagnose(self, element: etree._Element, kind: Type, taken: frozenset[str]) -> Diagnosis:
        """Return what is wrong with an element that its parent does not have.

        Args:
            element: The element.
            kind: The type of its parent.
            taken: Tags of the elements that cannot be added to the parent again.
        """
        what = f"there is no element {name_of(element)}"
        unknown = Diagnosis("unknown-element", what, "Leave it out.")
        return self._look_up((kind, element.tag, taken), unknown, lambda: self._diagnose(element, kind, taken))

    def diagnose_attribute(self, element: etree._Element, tag: str, kind: Type) -> Diagnosis:
        """Return what is wrong with an attribute that the type of an element does not have."""
        shown = tag.rpartition("}")[2]
        what = f"{name_of(element)} has no attribute {shown}"
        unknown = Diagnosis("unknown-attribute", what, "Leave it out.", shown)
        key = kind, element.tag, tag, frozenset(element.keys())
        found = self._look_up(key, unknown, lambda: _diagnose_attribute(element, tag, kind, self.profile))
        # What to do about one of a later edition depends on its value too.
        later = profile_errors.diagnose_attribute(element, tag, self.profile) if found.code == "later-edition" else None
        return later or found

    def _look_up(self, key: tuple[Any, ...], unknown: Diagnosis, diagnose: Callable[[], Diagnosis]) -> Diagnosis:
        if key not in self._known:
            if len(self._known) >= _MOST_NAMES:
                return unknown
            self._known[key] = diagnose()
        return self._known[key]

    def _diagnose(self, element: etree._Element, kind: Type, taken: frozenset[str]) -> Diagnosis:
        local, parent, profile = name_of(element), element.getparent(), self.profile
        same_name = next((tag for tag in kind.children if tag.rpartition("}")[2] == local), "")
        if others := profile_errors.profiles_with(element, profile):
            return profile_errors.diagnose_other_profile(element, others, profile, meant=same_name)
        if same_name:
            return profile_errors.diagnose_namespace(element, same_name, profile)
        if others := profile_errors.profiles_with(element, profile, as_extension=True):
            return profile_errors.diagnose_extension(element, others, profile)
        where = name_of(parent) if parent is not None else "the document"
        what = Diagnosis("unknown-element", f"{where} has no element {local}", "Leave it out.")
        tags = {tag.rpartition("}")[2]: tag for tag in kind.children}
        if near := find_similar(local, tags):
            free = [name for name in near if tags[name] not in taken]
            remedy = f"Did you mean {join_words(free, 'or')}?" if free else f"Leave it out: {near[0]} is there already."
            return replace(
                what,
                code="misspelt-element",
                remedy=remedy,
                meant=tags[free[0]] if free else "",
                likely=not is_slip(local, near, free),
            )
        if general := _find_general(element, kind, self._components):
            child, named = general
            remedy = f'Write <{child.local} xsi:type="{named.name}"> instead of <{local}>.'
            return replace(what, code="misplaced-element", remedy=remedy, meant=child.tag, value=named.tag)
        ours = namespace_of(element) in (SEP_NAMESPACE, *EXTENSION_NAMESPACES)
        if ours and (remedy := self._find_place(element, kind)):
            return replace(what, code="misplaced-element", remedy=remedy)
        if ours or not namespace_of(element):
            return what
        remedy = "Validate it with the schema that adds the element, or leave it out."
        return replace(what, reason=f"{what.reason} of the namespace {namespace_of(element)}", remedy=remedy)

    def _find_place(self, element: etree._Element, kind: Type) -> str:
        """Return where an element belongs, as a sentence; empty if nothing has it."""
        tag = str(element.tag)
        inside = [child.local for child in kind.children.values() if tag in child.type.children]
        around = element.iterancestors()
        next(around, None)
        inside += [name_of(x) for x in around if (above := self._components.type_of(x)) and tag in above.children]
        if inside:
            return f"It belongs into {join_words(inside, 'or')}."
        local = name_of(element).lower()
        for child in kind.children.values():
            for name in (other.rpartition("}")[2] for other in child.type.children):
                if len(name) >= _SHORTEST and local.startswith(name.lower()):
                    return f"It may be {name}, which belongs into {child.local}."
        owners = index_of(self._components).owners(name_of(element))
        return f"It belongs into {join_words(owners, 'or')} alone." if owners else ""


def diagnose_misplaced_attribute(element: etree._Element, parent: etree._Element) -> Diagnosis:
    """Return what is wrong with an attribute that is written as an element."""
    local, owner, text = name_of(element), name_of(parent), (element.text or "").strip()
    remedy = f'Write it into the start tag: <{owner} {local}="{shorten(text, 60)}">.'
    if parent.get(local) is not None:
        remedy, text = "Leave it out: it is there already.", ""
    what = f"{local} is an attribute of {owner}, not an element"
    return Diagnosis("misplaced-element", what, remedy, value=text or None)


def _find_general(element: etree._Element, kind: Type, components: Components) -> tuple[Declaration, Type] | None:
    """Return the child that a message can stand as, and by which type: a Notification holds any Resource."""
    root = components.root(str(element.tag))
    named = None if root is None or root.abstract else root.type.named
    if named is None:
        return None
    return next(((child, named) for child in kind.children.values() if named.stands_for(child.type)), None)


def _diagnose_attribute(element: etree._Element, tag: str, kind: Type, profile: Profile) -> Diagnosis:
    """Return what is wrong with an attribute that a type does not have."""
    namespace, _, attribute = tag.removeprefix("{").rpartition("}")
    known = [name.rpartition("}")[2] for name in kind.attributes]
    what = f"{name_of(element)} has no attribute {attribute}"
    if tag == SCHEMA_VERSION and element.getparent() is None:
        what = f"the document is of IEEE 2030.5-2023: it has schemaVer {quote(element.get(attribute, ''))}"
        remedy = (
            f"It can be read all the same. Validate it with the profile ieee-2023, or leave schemaVer out: "
            f"{profile_errors.title_of(profile)} does not have it."
        )
        return Diagnosis("other-profile", what, remedy, attribute, omitted=True)
    if later := profile_errors.diagnose_attribute(element, tag, profile):
        return later
    if namespace:
        meant = attribute if attribute in kind.attributes and element.get(attribute) is None else ""
        remedy = f"Write {attribute} without a prefix." if attribute in known else "Leave it out."
        return Diagnosis("unknown-attribute", f"{what} of the namespace {namespace}", remedy, attribute, meant)
    if not namespace and any(child.local == attribute and child.value for child in kind.children.values()):
        what = f"{attribute} is an element of {name_of(element)}, not an attribute"
        remedy = f"Write it as an element: <{attribute}>{shorten(element.get(tag, ''), 60)}</{attribute}>."
        return Diagnosis("misplaced-element", what, remedy, attribute)
    near = find_similar(attribute, [name for name in known if element.get(name) is None])
    lacking = [name for name in kind.required if element.get(name) is None]
    if not near and len(lacking) == 1 and sum(name not in kind.attributes for name in element.keys()) == 1:  # noqa: SIM118
        near = lacking
    remedy = f"Did you mean {join_words(near, 'or')}?" if near else "Leave it out."
    meant = near[0] if near and near[0] in kind.attributes else ""
    return Diagnosis(
        "unknown-attribute", what, remedy, attribute, meant, likely=bool(meant) and not is_slip(attribute, near, near)
    )
