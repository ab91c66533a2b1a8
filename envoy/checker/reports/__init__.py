"""Reports in the formats that people and CI systems read. Each is written as the verdicts come; none is kept."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import IO, Literal

from envoy.validation.findings import Finding

Outcome = Literal["valid", "known", "not valid", "not read"]


@dataclass(slots=True)
class Verdict:
    """Verdict on one document. There are many: it is not frozen, which would take twice as long to make.

    Attributes:
        source: Name of the file.
        profile: Name of the profile that validated.
        findings: What is wrong with it, without what is accepted or ignored.
        read: Whether it could be read; if not, the finding says why.
        accepted: The findings that a baseline accepts.
        ignored: How many errors are not reported, because their codes are not selected.
        part: Which document of the file, if it is a capture of many.
        fixed: How many errors of it were fixed, or would be.
        diff: The difference that the fixes would make, if they are not written.
        seconds: How long it took, 0 if that was not asked for.
    """

    source: str
    profile: str
    findings: tuple[Finding, ...]
    read: bool = True
    accepted: tuple[Finding, ...] = ()
    ignored: int = 0
    part: str = ""
    fixed: int = 0
    diff: str = ""
    seconds: float = 0.0

    @property
    def name(self) -> str:
        """What to call the document among all others: ``capture.har#entries[3]/response GET https://…``."""
        return f"{self.source}#{self.part}" if self.part else self.source

    @property
    def clean(self) -> bool:
        """Whether there is nothing to say of it, as of most documents."""
        return self.read and not (self.findings or self.accepted or self.ignored or self.fixed)

    @property
    def valid(self) -> bool:
        """Whether nothing is wrong with it; there may be warnings."""
        return self.outcome == "valid"

    @property
    def outcome(self) -> Outcome:
        """What became of it. It is known if all of its errors are accepted or ignored; warnings make no difference."""
        if not self.read:
            return "not read"
        if any(finding.severity == "error" for finding in self.findings):
            return "not valid"
        known = self.ignored or any(finding.severity == "error" for finding in self.accepted)
        return "known" if known else "valid"


@dataclass(slots=True)
class Summary:
    """Counts of documents and findings.

    Attributes:
        valid: Documents without errors.
        invalid: Documents with errors that are neither accepted nor ignored.
        unread: Documents that could not be read.
        errors: Errors that are reported.
        warnings: Warnings that are reported.
        accepted: Findings that a baseline accepts.
        profiles: Documents by the profile that validated them.
        fixed: Errors that were fixed, or would be.
        known: Documents whose errors are all accepted or ignored.
        ignored: Errors that are not reported, because their codes are not selected.
        codes: Reported findings by code.
        skipped: Files of folders that were not taken though they may hold documents, by the ends of their names.
        detected: Whether the profile of each document was detected.
    """

    valid: int = 0
    invalid: int = 0
    unread: int = 0
    errors: int = 0
    warnings: int = 0
    accepted: int = 0
    profiles: dict[str, int] = field(default_factory=dict)
    fixed: int = 0
    known: int = 0
    ignored: int = 0
    codes: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    detected: bool = False

    def add(self, verdict: Verdict) -> None:
        """Count a document."""
        if verdict.clean:
            self.valid += 1
            self.profiles[verdict.profile] = self.profiles.get(verdict.profile, 0) + 1
            return
        self.accepted += len(verdict.accepted)
        self.ignored += verdict.ignored
        self.fixed += verdict.fixed
        for finding in verdict.findings:
            self.codes[finding.code] = self.codes.get(finding.code, 0) + 1
        outcome = verdict.outcome
        if outcome == "not read":
            self.unread += 1
            return
        if outcome == "valid":
            self.valid += 1
        elif outcome == "known":
            self.known += 1
        else:
            self.invalid += 1
        self.profiles[verdict.profile] = self.profiles.get(verdict.profile, 0) + 1
        warnings = sum(finding.severity == "warning" for finding in verdict.findings)
        self.warnings += warnings
        self.errors += len(verdict.findings) - warnings

    @property
    def documents(self) -> int:
        """How many documents there are."""
        return self.valid + self.known + self.invalid + self.unread

    def __str__(self) -> str:
        several = self.detected or len(self.profiles) > 1
        profiles = ", ".join(f"{count} {name}" if several else name for name, count in sorted(self.profiles.items()))
        parts = [
            f"{self.valid} valid",
            f"{self.known} known" if self.known else "",
            f"{self.invalid} not valid" + (f" ({'auto: ' if self.detected else ''}{profiles})" if profiles else ""),
            f"{self.unread} not read" if self.unread else "",
            counted(self.warnings, "warning"),
            counted(self.accepted, "known finding"),
            counted(self.ignored, "ignored error"),
            f"{self.fixed} fixed" if self.fixed else "",
        ]
        text = ", ".join(filter(None, parts))
        if not self.skipped:
            return text
        ends = ", ".join(f"{count} {end}" for end, count in sorted(self.skipped.items()))
        return f"{text}\n{counted(sum(self.skipped.values()), 'file')} not taken: {ends}. Name them, or use --include."


def counted(number: int, what: str) -> str:
    """Return a number of things, such as ``2 warnings``; nothing if there are none."""
    return f"{number} {what}{'' if number == 1 else 's'}" if number else ""


Write = Callable[[str], None]

_IN_MEMORY = 1 << 20
"""Octets of the end of a report that are kept in memory till then; more of it is in a temporary file."""

_BLOCK = 1 << 16


class Report:
    """Report in one format.

    Args:
        write: Writes a part of the report.

    Attributes:
        quiet: Whether lines for people have no counts at their end.
    """

    quiet = False

    def __init__(self, write: Write) -> None:
        self._write = write

    @cached_property
    def _later(self) -> IO[str]:
        """What can be written only at the end."""
        import tempfile  # deferred: most reports keep nothing

        return tempfile.SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8")

    def close(self) -> None:
        """Forget what was kept for the end."""
        if "_later" in vars(self):
            self._later.close()

    def add(self, verdict: Verdict) -> None:
        """Report on a document."""
        raise NotImplementedError

    def finish(self, summary: Summary) -> None:
        """Report the counts; nothing follows."""
        if not self.quiet:
            self._write(f"{summary}\n")

    def _write_later(self) -> None:
        """Write what was kept for the end."""
        self._later.seek(0)
        while block := self._later.read(_BLOCK):
            self._write(block)


@contextlib.contextmanager
def open_report(form: str, write: Write) -> Iterator[Report]:
    """Begin a report in a format: one of the keys of ``_CLASSES``.

    Raises:
        KeyError: There is no such format.
    """
    module, name = _CLASSES[form]
    # deferred: one is used, and the others take a while to load
    report: type[Report] = getattr(importlib.import_module(f"{__name__}.{module}"), name)
    with contextlib.closing(report(write)) as opened:
        yield opened


_CLASSES = {
    "text": ("lines", "Text"),
    "terminal": ("terminal", "Terminal"),
    "colour": ("terminal", "Colour"),
    "json": ("json_object", "Json"),
    "diff": ("lines", "Diff"),
    "junit": ("junit", "JUnit"),
    "sarif": ("sarif", "Sarif"),
    "github": ("lines", "GitHub"),
    "gitlab": ("gitlab", "GitLab"),
    "markdown": ("markdown", "Markdown"),
    "statistics": ("statistics", "Statistics"),
}
