"""The proof itself: the same verdicts by two schemas, and documents that survive being read and written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from random import Random

from lxml import etree

from .editions import Edition, Validator
from .mutations import mutate
from .round_trip import XsdataReader, extension_failure, readable, round_trip_failure, without_open_content, writable

SAMPLE = 10
"""One document in this many goes to xmlschema too, which takes a hundred times as long as lxml."""


@dataclass
class Tally:
    """What was tried and what came of it. Tallies of several roots add up."""

    valid: Counter[str] = field(default_factory=Counter)
    """Valid documents by the schema they were made from."""
    covered: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: {"official": set(), "ours": set()})
    """Elements and attributes, each with the type it stood in, that these documents had, by schema."""
    changed: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Changed documents by the kind of change and the verdict of both schemas."""
    sampled: int = 0
    """Documents that xmlschema validated too."""
    validators_differ: Counter[str] = field(default_factory=Counter)
    """Of these, the ones of which lxml and xmlschema think differently, by the kind of change."""
    read: Counter[str] = field(default_factory=Counter)
    """Documents that were read and written again, by the check that they passed."""
    failures: list[str] = field(default_factory=list)
    """Documents on which the two schemas differ, or that did not survive."""

    def __iadd__(self, other: Tally) -> Tally:
        self.valid += other.valid
        for name, fields in other.covered.items():
            self.covered[name] |= fields
        self.changed += other.changed
        self.sampled += other.sampled
        self.validators_differ += other.validators_differ
        self.read += other.read
        self.failures += other.failures
        return self


def prove_verdicts(edition: Edition, tag: str, count: int) -> Tally:
    """Try a root in both schemas: ``count`` documents made from each, and ``count`` that are changed in one way.

    Args:
        edition: The two schemas.
        tag: The global element that is the root.
        count: How many documents of each sort.
    """
    tally = Tally()
    for source in (edition.official, edition.ours):
        for number in range(count):
            root = source.documents.random(tag, f"{edition.profile} {tag} {source.name} {number}")
            tally.valid[source.name] += 1
            _compare(edition, root, f"made from {source.name}", tally, number % SAMPLE == 0, expected=True)
        tally.covered[source.name] |= source.documents.covered
    for number in range(count):
        source = (edition.official, edition.ours)[number % 2]
        seed = f"{edition.profile} {tag} {source.name} changed {number}"
        rng = Random(seed)  # noqa: S311 - documents, not secrets
        kind, root = mutate(source.documents.random(tag, seed), source.documents, rng)
        tally.changed[kind, _compare(edition, root, kind, tally, number % SAMPLE == 0)] += 1
    return tally


def prove_round_trip(edition: Edition, tag: str, count: int, xsdata: XsdataReader) -> Tally:
    """Read ``count`` documents of the official schema, write them again, and read them with vendors' extensions.

    Args:
        edition: The two schemas.
        tag: The global element that is the root, one of ``edition.messages``.
        count: How many documents.
        xsdata: xsdata's own parser, which has to read the same.
    """
    tally = Tally()
    for number in range(count):
        seed = f"{edition.profile} {tag} read {number}"
        checks = {
            "written again": lambda root: round_trip_failure(edition, root) if writable(edition, root) else None,
            "read by xsdata": lambda root: xsdata.failure(edition, root) if xsdata.knows(edition, root) else None,
            "read with extensions": lambda root: extension_failure(edition, root, Random(seed)),  # noqa: B023, S311
        }
        for name, check in checks.items():
            root = without_open_content(edition, edition.official.documents.random(tag, seed))
            try:
                failure = check(root) if readable(edition, root) else None
            except Exception as error:
                failure = f"{name}: {type(error).__name__}: {error}\n  {etree.tostring(root, encoding='unicode')}"
            tally.read[f"not {name}" if failure is None else name] += not failure
            if failure:
                tally.failures.append(f"{edition.profile}: {failure}")
    return tally


def _compare(
    edition: Edition, root: etree._Element, what: str, tally: Tally, sampled: bool, *, expected: bool | None = None
) -> str:
    validators = (edition.ours, edition.official)
    verdicts = [validator.accepts(root) for validator in validators]
    if verdicts[0] != verdicts[1] or (expected is not None and verdicts[0] != expected):
        tally.failures.append(_describe(edition.profile, root, what, validators, verdicts))
        return "differ"
    if sampled:
        tally.sampled += 1
        seconds = [validator.accepts_too(root) for validator in validators]
        if seconds[0] != seconds[1]:
            tally.failures.append(_describe(edition.profile, root, f"{what}, xmlschema", validators, seconds))
        elif seconds != verdicts:
            tally.validators_differ[what] += 1
    return "accepted" if verdicts[0] else "rejected"


def _describe(
    profile: str, root: etree._Element, what: str, validators: tuple[Validator, ...], verdicts: list[bool]
) -> str:
    texts = ", ".join(
        f"{validator.name}: {'accepted' if verdict else validator.reason()}"
        for validator, verdict in zip(validators, verdicts, strict=True)
    )
    return f"{profile}: {what}: {texts}\n  {etree.tostring(root, encoding='unicode')}"
