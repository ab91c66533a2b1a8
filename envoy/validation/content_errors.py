"""Errors of the children of an element: their names, their order, and those that are missing."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any

from lxml import etree

from envoy._text import join_words
from envoy.codec.location import name_of, namespace_of
from envoy.profiles import PROFILES
from envoy.validation import profile_errors
from envoy.validation.findings import Diagnosis
from envoy.validation.name_errors import Names, diagnose_misplaced_attribute
from envoy.xsd.components import Type
from envoy.xsd.content_model import ElementParticle, Leaf, State, Step

_MOST_IN_ORDER = 40
"""Names of children whose whole order is given."""

MOST_ERRORS = 10_000
"""Errors of one document that are looked for."""

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
            named = sorted(self.leaf.namespaces or ()) if not self.leaf.other else []
            return (
                f"an element of the namespace {join_words(named, 'or')}" if named else "an element of another namespace"
            )
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
        wrong = self.adopted | self._find_wrong_namespaces(present, by_local)
        for child in self.children:
            if len(self.errors) > MOST_ERRORS:
                return
            tag = str(child.tag)
            namespace, same = namespace_of(child), by_local.get(name_of(child), "")
            known = tag in self._model.tags or (self._model.wildcard(tag) and not (same and namespace in wrong))
            if not known:
                if not same and name_of(child) in self._kind.attributes and not len(child):
                    self._report(child, diagnose_misplaced_attribute, child, self.element)
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

    def _find_wrong_namespaces(self, present: set[str], by_local: dict[str, str]) -> set[str]:
        """Return the namespaces in which there are children that are required in another one, and not there.

        A wildcard stands for such a child, and so the required one would be called missing.
        """
        required = {tag for leaf in self._model.start.lacking for tag in getattr(leaf, "members", ())} - present
        return {namespace_of(child) for child in self.children if by_local.get(name_of(child)) in required}

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
                many = self._model.tags.get(name, True)  # what a wildcard stands for may stand anywhere it does
                once = name in self._seen and not many
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
            end = ", ..." if len(names) > _MOST_IN_ORDER else "."
            remedy += f" The order of all that is here: {', '.join(names[:_MOST_IN_ORDER])}{end}"
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
