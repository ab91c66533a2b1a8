"""Selection of codes: which findings are reported, in all files or in some."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

from envoy._text import suggest
from envoy.checker.exchange_rules import ALL_RULES
from envoy.checker.sources.patterns import Project, matches_part
from envoy.errors import EnvoyError
from envoy.validation.findings import FINDING_CODES, Finding

_ALL = "all"
ALWAYS_REPORTED = frozenset({"more", "not-fixed", "unreadable", "damaged", "process-died"})
"""Codes that are never left out: they are about other findings, or about what could not be done."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The codes whose findings are not reported.

    Attributes:
        ignored: Codes that are ignored everywhere.
        by_file: Patterns of files, each with the codes that are ignored in them.
        project: Where the paths of files start; None if that is where their names do.
    """

    ignored: frozenset[str] = frozenset()
    by_file: tuple[tuple[str, frozenset[str]], ...] = ()
    project: Project | None = None

    @classmethod
    def of(
        cls, select: Iterable[str], ignore: Iterable[str], by_file: Iterable[str], project: Project | None = None
    ) -> Selection:
        """Return the selection that options ask for.

        A code is given by its name, or with others by the words that it starts with: ``hex`` is ``hex-odd``,
        ``hex-prefix`` and so on, and ``all`` is all of them. If it is both selected and ignored, the longer word
        counts.

        Args:
            select: Codes that are reported, separated by commas; without any, all of them.
            ignore: Codes that are not reported.
            by_file: ``PATTERN:CODES`` for the files that a pattern means.
            project: Where the paths of files start.

        Raises:
            EnvoyError: There is no such code, or no pattern.
        """
        selected = _lengths(_split(select) or [_ALL])
        ignored = _lengths(_split(ignore))
        off = (code for code in _codes() if code not in selected or selected[code] <= ignored.get(code, -1))
        return cls(frozenset(off) - ALWAYS_REPORTED, tuple(_parse(item) for item in by_file), project)

    def without_rules(self) -> Selection:
        """Return the selection of the same codes without those of the rules beyond the schema."""
        rules = {rule.code for rule in ALL_RULES}
        return replace(self, ignored=self.ignored | (rules - FINDING_CODES.keys()))

    def __bool__(self) -> bool:
        return bool(self.ignored or self.by_file)

    def reports(self, code: str, source: str) -> bool:
        """Whether a finding of this code in this file is reported."""
        if code in self.ignored:
            return False
        patterns = tuple(pattern for pattern, codes in self.by_file if code in codes)
        path = self.project.path_of(source) if patterns and self.project is not None else ""
        return not matches_part(path or source, patterns)

    def __contains__(self, finding: Finding) -> bool:
        return self.reports(finding.code, finding.source)


@cache
def _codes() -> tuple[str, ...]:
    return tuple(dict.fromkeys((*FINDING_CODES, *(rule.code for rule in ALL_RULES))))


def _split(values: Iterable[str]) -> list[str]:
    return [word for value in values for word in map(str.strip, value.split(",")) if word]


def _lengths(words: Iterable[str]) -> dict[str, int]:
    """Return the codes that some words mean, each with the length of the longest word that means it."""
    lengths: dict[str, int] = {}
    for word in words:
        name = word.lower()
        meant = [code for code in _codes() if name == _ALL or code == name or code.startswith(f"{name}-")]
        if not meant:
            remedy = suggest(name, _codes()).strip() or "envoy explain --all lists all codes."
            raise EnvoyError(f"no finding has the code {word}", remedy=remedy)
        for code in meant:
            lengths[code] = max(lengths.get(code, 0), 0 if name == _ALL else len(name))
    return lengths


def _parse(item: str) -> tuple[str, frozenset[str]]:
    pattern, colon, codes = item.rpartition(":")
    if not (colon and pattern.strip() and _split([codes])):
        remedy = "Write it as 'legacy/*.xml:hex-odd,out-of-order'."
        raise EnvoyError(f"{item!r} is not PATTERN:CODES", remedy=remedy)
    return pattern.strip(), frozenset(_lengths(_split([codes]))) - ALWAYS_REPORTED
