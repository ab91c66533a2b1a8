"""Reports in the formats that people and CI systems read. Each is written as the verdicts come; none is kept."""

from __future__ import annotations

import contextlib
import importlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import IO

from envoy.checker.baseline import Baseline
from envoy.validation.findings import Finding


@dataclass(frozen=True, slots=True)
class Verdict:
    """Verdict on one document.

    Attributes:
        source: Name of the file.
        profile: Name of the profile that validated.
        findings: What is wrong with it, without what is accepted.
        read: Whether it could be read; if not, the finding says why.
        accepted: How many findings are accepted.
        part: Which document of the file, if it is a capture of many.
        detected: Whether the profile was detected in the document, and not given by the caller.
        fixed: How many errors of it were fixed, or would be.
        diff: The difference that the fixes would make, if they are not written.
        seconds: How long it took, 0 if that was not asked for.
    """

    source: str
    profile: str
    findings: tuple[Finding, ...]
    read: bool = True
    accepted: int = 0
    part: str = ""
    detected: bool = False
    fixed: int = 0
    diff: str = ""
    seconds: float = 0.0

    @property
    def name(self) -> str:
        """What to call the document among all others: ``capture.har#entries[3]/response GET https://…``."""
        return f"{self.source}#{self.part}" if self.part else self.source

    @property
    def valid(self) -> bool:
        """Whether nothing is wrong with it; there may be warnings."""
        return all(finding.severity == "warning" for finding in self.findings)

    def without(self, baseline: Baseline) -> Verdict:
        """Return the verdict without the findings that are accepted."""
        kept = tuple(finding for finding in self.findings if finding not in baseline)
        return replace(self, findings=kept, accepted=len(self.findings) - len(kept))


@dataclass(slots=True)
class Summary:
    """Counts of documents and findings."""

    valid: int = 0
    invalid: int = 0
    unread: int = 0
    errors: int = 0
    warnings: int = 0
    accepted: int = 0
    profiles: dict[str, int] = field(default_factory=dict)
    fixed: int = 0

    def add(self, verdict: Verdict) -> None:
        """Count a document."""
        self.accepted += verdict.accepted
        self.fixed += verdict.fixed
        if not verdict.read:
            self.unread += 1
            return
        if verdict.valid:
            self.valid += 1
        else:
            self.invalid += 1
        self.profiles[verdict.profile] = self.profiles.get(verdict.profile, 0) + 1
        warnings = sum(finding.severity == "warning" for finding in verdict.findings)
        self.warnings += warnings
        self.errors += len(verdict.findings) - warnings

    @property
    def status(self) -> int:
        """Exit status: 0 all are valid, 1 something is not, 2 something could not be read."""
        return 2 if self.unread else 1 if self.invalid else 0

    def __str__(self) -> str:
        several = len(self.profiles) > 1
        known = ", ".join(f"{count} {name}" if several else name for name, count in sorted(self.profiles.items()))
        text = f"{self.valid} valid, {self.invalid} not valid"
        text += f" ({known})" if known else ""
        text += f", {self.unread} not read" if self.unread else ""
        text += f", {self.warnings} warning{'s' if self.warnings > 1 else ''}" if self.warnings else ""
        text += f", {self.accepted} known" if self.accepted else ""
        return text + (f", {self.fixed} fixed" if self.fixed else "")


Write = Callable[[str], None]

_IN_MEMORY = 1 << 20
"""Octets of the end of a report that are kept in memory till then; more of it is in a temporary file."""

_BLOCK = 1 << 16


class Report:
    """Report in one format.

    Args:
        write: Writes a part of the report.
        later: Keeps what can be written only at the end.
    """

    def __init__(self, write: Write, later: IO[str]) -> None:
        self._write = write
        self._later = later

    def add(self, verdict: Verdict) -> None:
        """Report on a document."""
        raise NotImplementedError

    def finish(self, summary: Summary) -> None:
        """Report the counts; nothing follows."""
        self._write(f"{summary}\n")

    def _write_later(self) -> None:
        """Write what was kept for the end."""
        self._later.seek(0)
        while block := self._later.read(_BLOCK):
            self._write(block)


@contextlib.contextmanager
def open_report(form: str, write: Write) -> Iterator[Report]:
    """Begin a report in a format: text, json, junit, sarif, github, diff, terminal or colour.

    Raises:
        KeyError: There is no such format.
    """
    module, name = _CLASSES[form]
    # deferred: one is used, and the others take a while to load
    report: type[Report] = getattr(importlib.import_module(f"{__name__}.{module}"), name)
    with tempfile.SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8") as later:
        yield report(write, later)


_CLASSES = {
    "text": ("lines", "Text"),
    "terminal": ("terminal", "Terminal"),
    "colour": ("terminal", "Colour"),
    "json": ("lines", "Json"),
    "diff": ("lines", "Diff"),
    "junit": ("junit", "JUnit"),
    "sarif": ("sarif", "Sarif"),
    "github": ("lines", "GitHub"),
}
