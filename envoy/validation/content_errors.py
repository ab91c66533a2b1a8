"""Errors of the children of an element: their names, their order, and those that are missing."""

from __future__ import annotations

import difflib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any

from lxml import etree

from envoy._text import join_words, shorten
from envoy.codec.location import name_of, namespace_of
from envoy.namespaces import EXTENSION_NAMESPACES, SEP_NAMESPACE
from envoy.profiles import PROFILES, Profile
from envoy.validation import profile_errors
from envoy.validation.findings import Diagnosis
from envoy.xsd.component_index import index_of
from envoy.xsd.components import Components, Declaration, Type
from envoy.xsd.content_model import ElementParticle, Leaf, State, Step

_MOST_IN_ORDER = 40
"""Names of children whose whole order is given."""

MOST_ERRORS = 10_000
"""Errors of one document that are looked for."""

MOST_NAMES = 100
"""Unknown names of one document that are looked up."""

_SHORTEST = 4
"""Letters of a name that another one may start with."""

_ALIKE = 0.4
"""Likeness (that of difflib) of the parts in which two names differ, for one to be meant by the other."""

_FARTHEST = 200
"""Earlier places where an element that comes too late is looked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Lacking:
    """A required element that is not there."""

    leaf: Leaf

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        if not isinstance(self.leaf, ElementParticle):
            return "an element of another namespace"
        if self.leaf.tag in self.leaf.members:
            return self.leaf.tag.rpartition("}")[2]
        return join_words(sorted(tag.rpartition("}")[2] for tag in self.leaf.members), "or")


Item = etree._Element | Lacking


class Content:
    """The children of an element as they stand, and as they would stand if each error were put right.

    One pass takes them in their order and keeps the state of the content. Where a child cannot come yet, what is
    lacking is taken from those behind it, or is missing; where it cannot come any more, it belongs before an earlier
    one, or stands once too often.

    Args:
        element: The element.
        kind: Its type.
        unknown: What unknown names may mean.
        adopted: Wrong namespaces that have been reported above: what is in them is read as if it were in the right one.

    Attributes:
        element: The element.
        children: Its children as they stand.
        names: The tag that each child should have, which may be its own; none for those that nothing knows.
        errors: What is wrong, by the child at which it is; that at the element itself is what is missing at the end.
        adopted: The wrong namespaces of the children as well.
        covered: The children that are in one of these, of which nothing more is reported.
    """

    def __init__(self, element: etree._Element, kind: Type, unknown: Names, adopted: frozenset[str]) -> None:
        self.element = element
        self._kind = kind
        self._model = kind.content
        self._unknown = unknown
        self.children = list(element.iterchildren(etree.Element))
        self.adopted = adopted
        self.covered: list[etree._Element] = []
        self.names: dict[etree._Element, str] = {}
        self.errors: dict[etree._Element, list[Callable[[], Diagnosis]]] = {}
        self._after: dict[Item | None, Item | None] = {}
        self._before: dict[Item | None, Item | None] = {}
        self._steps: dict[State, tuple[Item, str, State]] = {}
        self._waiting: dict[str, deque[etree._Element]] = {}
        self._moved: set[etree._Element] = set()
        self._seen: set[str] = set()
        self._first_move: tuple[etree._Element, etree._Element, Item] | None = None
        self._resolve_names()
        self._put_in_order()

    def repaired(self) -> Iterator[Item]:
        """Yield the children in the order in which they should stand, with what is missing."""
        item = self._after.get(None)
        while item is not None:
            yield item
            item = self._after[item]

    def _report(self, element: etree._Element, diagnose: Callable[..., Diagnosis], *arguments: Any) -> None:
        self.errors.setdefault(element, []).append(partial(diagnose, *arguments))

    def _resolve_names(self) -> None:
        present = {str(child.tag) for child in self.children}
        taken = frozenset(tag for tag, many in self._model.tags.items() if tag in present and not many)
        by_local = {tag.rpartition("}")[2]: tag for tag in reversed(self._kind.children)}
        for child in self.children:
            if len(self.errors) > MOST_ERRORS:
                return
            tag = str(child.tag)
            if tag not in self._model.tags and not self._model.wildcard(tag):
                namespace, same = namespace_of(child), by_local.get(name_of(child), "")
                if not same and name_of(child) in self._kind.attributes and not len(child):
                    self._report(child, _diagnose_attribute, child, self.element)
                elif namespace not in self.adopted or not same:
                    found = self._unknown.diagnose(child, self._kind, taken)
                    self._report(child, partial(replace, found))
                    if found.meant == same != "":
                        # Whoever has one namespace wrong has it wrong beside and below as well. That is one error.
                        self.adopted |= {namespace}
                    same = found.meant
                else:
                    self.covered.append(child)
                tag = same
                if tag and not self._model.tags[tag]:
                    taken |= {tag}
            if tag:
                self.names[child] = tag
                self._waiting.setdefault(tag, deque()).append(child)

    def _put_in_order(self) -> None:
        state = self._model.start
        for child, name in list(self.names.items()):
            if child in self._moved:
                continue
            if len(self.errors) > MOST_ERRORS:
                return
            self._waiting[name].popleft()
            step = self._model.step(state, name)
            if step is None:
                once = name in self._seen and not self._model.tags.get(name)
                if once or not self._move_back(child, name):
                    self._report(child, _diagnose_excess, child, name in self._seen)
                continue
            self._insert(child, None)
            if step.lacking:
                state = self._fill(state, step, child)
            self._remember(state, child, name, step.state)
            state = step.state
        if state.lacking:
            last = self._before.get(None)
            missing = [Lacking(leaf) for leaf in state.lacking]
            for item in missing:
                self._insert(item, None)
            self._report(self.element, self._diagnose_missing, missing, last, None)
        if self._first_move is not None:
            self._report(self._first_move[0], self._diagnose_order, *self._first_move)

    def _fill(self, state: State, step: Step, child: etree._Element) -> State:
        """Put what is lacking before a child; return the state in which the child can come."""
        before = self._before[child]
        missing = []
        for leaf in step.lacking:
            names = leaf.members if isinstance(leaf, ElementParticle) else ()
            found = self._take(names, step.state)
            if found is not None:
                self._moved.add(found)
                self._first_move = self._first_move or (child, found, child)
            item = found if found is not None else Lacking(leaf)
            if isinstance(item, Lacking):
                missing.append(item)
            self._insert(item, child)
            name = self.names[found] if found is not None else next(iter(names), "")
            there = self._model.step(state, name)
            if there is not None and not there.lacking:
                self._remember(state, item, name, there.state)
                state = there.state
        if missing:
            self._report(child, self._diagnose_missing, missing, before, child)
        return state

    def _take(self, names: Iterable[str], state: State) -> etree._Element | None:
        """Take the next child of one of some names, unless it may stand more than once and fits where it is."""
        for name in names:
            if waiting := self._waiting.get(name):
                there = self._model.step(state, name) if self._model.tags.get(name) else None
                if there is None or there.lacking:
                    return waiting.popleft()
        return None

    def _move_back(self, child: etree._Element, name: str) -> bool:
        """Put a child that comes too late where it can stand; return whether there is such a place."""
        for state, (item, tag, after) in islice(reversed(self._steps.items()), _FARTHEST):
            step = self._model.step(state, name)
            if step is None or step.lacking:
                continue
            again = self._model.step(step.state, tag)
            if again is not None and not again.lacking and again.state is after:
                self._insert(child, item)
                self._moved.add(child)
                self._remember(state, child, name, step.state)
                self._remember(step.state, item, tag, after)
                self._first_move = self._first_move or (child, child, item)
                return True
        return False

    def _remember(self, state: State, item: Item, name: str, after: State) -> None:
        self._seen.add(name)
        self._steps.pop(state, None)
        self._steps[state] = item, name, after

    def _insert(self, item: Item, before: Item | None) -> None:
        """Put an item before another one, or at the end."""
        previous = self._before.get(before)
        self._after[previous], self._before[item] = item, previous
        self._after[item], self._before[before] = before, item

    def _diagnose_missing(self, missing: list[Lacking], after: Item | None, before: Item | None) -> Diagnosis:
        place = "" if before is None else f" before {_shown(before)}"
        place = place if after is None else f" after {_shown(after)}"
        names = join_words([item.name for item in missing], "and")
        several = len(missing) > 1
        what = f"the required element{'s' if several else ''} {names} {'are' if several else 'is'} missing"
        remedy = f"Add {names}{place}."
        if all(_is_extension(item.leaf) for item in missing) and profile_errors.is_valid(
            self.element, PROFILES["ieee-2018"]
        ):
            requires = f"{profile_errors.title_of(self._unknown.profile)} requires {'them' if several else 'it'}"
            remedy += f" {requires}; IEEE 2030.5 alone does not: use the profile ieee-2018."
        return Diagnosis("missing-element", what, remedy)

    def _diagnose_order(self, at: etree._Element, moved: etree._Element, before: Item) -> Diagnosis:
        """Return what is wrong if ``moved`` has to stand before ``before``, at the first child that is out of order."""
        right = [item for item in self.repaired() if not isinstance(item, Lacking)]
        there = set(right)
        now = [child for child in self.children if child in there and child is not moved]
        while isinstance(before, Lacking):
            following = self._after[before]
            before = at if following is None else following
        side, other = ("after", before) if at is moved else ("before", moved)
        reason = f"{self._call(at)} stands {side} {self._call(other)}"
        if profile_errors.is_extension(str(before.tag)) and not profile_errors.is_extension(str(moved.tag)):
            reason = f"{name_of(before)} of CSIP-AUS stands before {name_of(moved)} of the standard"
            to = f"behind all elements of the standard, to the end of {name_of(self.element)}"
            remedy = f"Move {name_of(before)} {to}."
            now = [child for child in self.children if child in there and child is not before] + [before]
            code = "extension-first"
        else:
            remedy = f"Move {self._call(moved)} before {self._call(before)}."
            code = "out-of-order"
            now.insert(now.index(before), moved)
        if [self.names[child] for child in now] != [self.names[child] for child in right]:
            # One move is not enough. Each that is reported alone would cost the user another round.
            names = list(dict.fromkeys(self.names[child].rpartition("}")[2] for child in right))
            more = ", ..." if len(names) > _MOST_IN_ORDER else ""
            remedy += f" The order of all that is here: {', '.join(names[:_MOST_IN_ORDER])}{more}."
        return Diagnosis(code, reason, remedy)

    def _call(self, child: etree._Element) -> str:
        """Return what a child is called in a sentence: its name, and the one that is meant if that is another one."""
        name, meant = name_of(child), self.names[child].rpartition("}")[2]
        return name if name == meant else f"{name} (as {meant})"


def _is_extension(leaf: Leaf) -> bool:
    return isinstance(leaf, ElementParticle) and all(map(profile_errors.is_extension, leaf.members))


def _shown(item: Item) -> str:
    return item.name if isinstance(item, Lacking) else name_of(item)


def _diagnose_excess(element: etree._Element, repeated: bool) -> Diagnosis:
    if repeated:
        return Diagnosis("repeated", f"{name_of(element)} stands more than once", "Keep one of them.")
    what = f"{name_of(element)} cannot stand beside what is here"
    return Diagnosis("schema", what, "Leave it out, or what it excludes.")


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
        self._known: dict[tuple[Type, str, frozenset[str]], Diagnosis] = {}

    def diagnose(self, element: etree._Element, kind: Type, taken: frozenset[str]) -> Diagnosis:
        """Return what is wrong with an element that its parent does not have.

        Args:
            element: The element.
            kind: The type of its parent.
            taken: Tags of the elements that cannot be added to the parent again.
        """
        key = kind, str(element.tag), taken
        if key not in self._known:
            if len(self._known) >= MOST_NAMES:
                return Diagnosis("unknown-element", f"there is no element {name_of(element)}", "Leave it out.")
            self._known[key] = self._diagnose(element, kind, taken)
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


def _diagnose_attribute(element: etree._Element, parent: etree._Element) -> Diagnosis:
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
    if root is None or root.abstract or not root.type.name:
        return None
    return next(((child, root.type) for child in kind.children.values() if root.type.stands_for(child.type)), None)
