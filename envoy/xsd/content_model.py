"""Content models: which element may come next in the content of a type, and what would have to stand before it.

A state is what may still come: the particles that are left (a Brzozowski derivative of the content). XSD demands that
the name of an element alone decides which particle it is of, so that no state is ever a set of possibilities; the steps
out of a state are remembered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

_MOST_LACKING = 100
"""Elements that are named as missing at one place, at most."""

_MOST_STATES = 10_000
"""States of one content that are remembered; only one that counts to a large number has as many."""


@dataclass(frozen=True, slots=True, eq=False)
class ElementParticle:
    """An element in a content, with those of its substitution group.

    Attributes:
        tag: The name of the element.
        members: The names that may stand here.
    """

    tag: str
    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class Wildcard:
    """``xs:any`` or ``xs:anyAttribute``.

    Attributes:
        namespaces: Those that it stands for, empty for no namespace; None if it stands for any.
        other: It stands for all but these.
        process: ``strict``, ``lax`` or ``skip``.
    """

    namespaces: frozenset[str] | None
    other: bool = False
    process: str = "strict"

    def matches(self, tag: str) -> bool:
        """Whether it stands for a name."""
        return self.namespaces is None or (tag[1:].rpartition("}")[0] in self.namespaces) != self.other


@dataclass(frozen=True, slots=True)
class Sequence:
    """Particles in their order."""

    parts: tuple[Particle, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some particles."""

    parts: tuple[Particle, ...]


@dataclass(frozen=True, slots=True)
class All:
    """Particles in any order."""

    parts: tuple[Particle, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A particle some times; ``high`` is None for any number."""

    part: Particle
    low: int
    high: int | None


Leaf = ElementParticle | Wildcard
Particle = Leaf | Sequence | Choice | All | Repeat
EMPTY = Sequence(())


class State:
    """A place in a content.

    Attributes:
        left: What may still come.
        lacking: What has to come before the content may end.
        next: The steps out of it that are remembered, by tag; None if the element cannot come any more.
    """

    __slots__ = ("lacking", "left", "next")

    def __init__(self, left: Particle) -> None:
        self.left = left
        self.lacking = _complete(left)
        self.next: dict[str, Step | None] = {}


class Step(NamedTuple):
    """An element that can come next: the state behind it, what it is there, and what has to stand before it first."""

    state: State
    leaf: Leaf
    lacking: tuple[Leaf, ...]


class ContentModel:
    """The content of a complex type.

    Args:
        content: Its particle.

    Attributes:
        start: The state before the first element.
        tags: The names of its elements, and whether each may stand more than once.
    """

    def __init__(self, content: Particle) -> None:
        self._states: dict[Particle, State] = {}
        self.start = self._state(_flatten(content))
        self.tags: dict[str, bool] = {}
        self._wildcards: list[Wildcard] = []
        for leaf, many in _leaves(content, many=False):
            if isinstance(leaf, Wildcard):
                self._wildcards.append(leaf)
            else:
                self.tags.update({tag: many or tag in self.tags for tag in leaf.members})

    @property
    def empty(self) -> bool:
        """Whether no element may stand in it."""
        return not self.tags and not self._wildcards

    def wildcard(self, tag: str) -> Wildcard | None:
        """Return the wildcard that stands for a name, None if there is none."""
        return next((wildcard for wildcard in self._wildcards if wildcard.matches(tag)), None)

    def step(self, state: State, tag: str) -> Step | None:
        """Return the step to an element, with the least that has to stand before it; None if it cannot come."""
        try:
            return state.next[tag]
        except KeyError:
            return self._find(state, tag)

    def _find(self, state: State, tag: str) -> Step | None:
        if tag not in self.tags and not self.wildcard(tag):
            return None
        found = _advance(state.left, tag)
        step = Step(self._state(found[2]), found[1], found[0]) if found else None
        if tag in self.tags:  # others are of any number
            state.next[tag] = step
        return step

    def _state(self, left: Particle) -> State:
        state = self._states.get(left)
        if state is None:
            state = State(left)
            if len(self._states) < _MOST_STATES:
                self._states[left] = state
        return state


def _flatten(particle: Particle) -> Particle:
    """Return a particle without a sequence in a sequence, so that one state has one form, whatever the way to it."""
    match particle:
        case Sequence(parts):
            flat = map(_flatten, parts)
            return Sequence(tuple(inner for x in flat for inner in (x.parts if isinstance(x, Sequence) else (x,))))
        case Choice(parts) | All(parts):
            return type(particle)(tuple(map(_flatten, parts)))
        case Repeat(part, low, high):
            return Repeat(_flatten(part), low, high)
    return particle


def _leaves(particle: Particle, *, many: bool) -> Iterator[tuple[Leaf, bool]]:
    """Yield the leaves of a particle, and whether each may stand more than once."""
    match particle:
        case Repeat(part, _, high):
            yield from _leaves(part, many=many or high is None or high > 1)
        case Sequence(parts) | Choice(parts) | All(parts):
            for part in parts:
                yield from _leaves(part, many=many)
        case ElementParticle() | Wildcard():
            yield particle, many


def _complete(particle: Particle) -> tuple[Leaf, ...]:
    """Return the least that has to come before a particle is complete."""
    match particle:
        case Repeat(part, low):
            return (_complete(part) * min(low, _MOST_LACKING))[:_MOST_LACKING] if low else ()
        case Choice(parts):
            least = min(map(_complete, parts), key=len, default=())
            single = [leaf for part in parts if len(_complete(part)) == 1 for leaf in _complete(part)]
            names = [leaf.members for leaf in single if isinstance(leaf, ElementParticle)]
            # Any of them will do.
            return (ElementParticle("", frozenset().union(*names)),) if len(least) == 1 and len(names) > 1 else least
        case Sequence(parts) | All(parts):
            return tuple(leaf for part in parts for leaf in _complete(part))[:_MOST_LACKING]
    return (particle,)


def _advance(particle: Particle, tag: str) -> tuple[tuple[Leaf, ...], Leaf, Particle] | None:
    """Return what has to stand before an element, which particle it is, and what may come after it."""
    best: tuple[tuple[Leaf, ...], Leaf, Particle] | None = None
    match particle:
        case ElementParticle():
            return ((), particle, EMPTY) if tag in particle.members else None
        case Wildcard():
            return ((), particle, EMPTY) if particle.matches(tag) else None
        case Repeat(part, low, high):
            if high == 0 or (found := _advance(part, tag)) is None:
                return None
            again = Repeat(part, max(low - 1, 0), None if high is None else high - 1)
            return found[0], found[1], _join(found[2], (again,))
        case Sequence(parts):
            skipped: tuple[Leaf, ...] = ()
            for number, part in enumerate(parts, 1):
                found = _advance(part, tag)
                if found and (best is None or len(skipped + found[0]) < len(best[0])):
                    best = skipped + found[0], found[1], _join(found[2], parts[number:])
                skipped += _complete(part)
                if best and len(best[0]) <= len(skipped):
                    break
        case Choice(parts):
            best = min(filter(None, (_advance(part, tag) for part in parts)), key=lambda x: len(x[0]), default=None)
        case All(parts):
            for part in parts:
                if (found := _advance(part, tag)) is not None:
                    left = tuple(other for other in parts if other is not part)
                    return found[0], found[1], _join(found[2], (All(left),) if left else ())
    return best


def _join(first: Particle, rest: tuple[Particle, ...]) -> Particle:
    parts = (*(first.parts if isinstance(first, Sequence) else (first,)), *rest)
    parts = tuple(part for part in parts if not (isinstance(part, Repeat) and part.high == 0))
    return parts[0] if len(parts) == 1 else Sequence(parts)
