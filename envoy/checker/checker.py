"""Checker of documents, one after the other: the work behind ``envoy validate``."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from envoy.checker.detection import detect_profile
from envoy.checker.excerpts import add_excerpts
from envoy.checker.reports import Verdict
from envoy.checker.sources import Document
from envoy.checker.sources.media_types import media_type
from envoy.profiles import DEFAULT_PROFILE, PROFILES, Profile
from envoy.validation.findings import Finding, Severity
from envoy.validation.validate import MAX_FINDINGS, validate

if TYPE_CHECKING:
    from envoy.checker.baseline import Baseline
    from envoy.checker.exchange_rules import ExchangeHistory
    from envoy.checker.file_fixes import FileFix, FixPolicy
    from envoy.checker.selection import Selection

_MORE = "more"

_TOO_LARGE = "Ask for fewer items at a time, or raise max-size if you trust the sender."
"""Remedy for the command line; that of the library names ``max_size``."""


class Source(Protocol):
    """Where documents are, such as a ``FileSource``."""

    @property
    def name(self) -> str:
        """What messages call it."""

    def read(self, max_size: int | None) -> Iterator[Document]:
        """Read them."""


@dataclass(frozen=True, slots=True)
class Checker:
    """How documents are checked. It is small, so that it can go to another process.

    Attributes:
        profile: Whose schema validates; None to detect the profile of each document.
        max_size: Largest size in octets; None for no limit.
        rules: Check the rules beyond the schema too.
        strict: Make errors of their warnings.
        fixes: Say of each finding how to put it right, if that is known.
        policy: Which fixes are applied; None for none.
        selection: Which findings are reported, and fixed; None for all.
        accepted: Findings that are known, and stay as they are; None for none.
        accept_all: Accept all that is left after the fixes.
        excerpts: Say of each finding what stands there in the document.
        timed: Say how long each document took.
    """

    profile: Profile | None
    max_size: int | None
    rules: bool = True
    strict: bool = False
    fixes: bool = False
    policy: FixPolicy | None = None
    selection: Selection | None = None
    accepted: Baseline | None = None
    accept_all: bool = False
    excerpts: bool = False
    timed: bool = False

    def check_source(self, source: Source) -> Iterator[Verdict]:
        """Read the documents of a source, and yield the verdict on each."""
        return self.check_documents(source.read(self.max_size))

    def check_documents(self, documents: Iterable[Document]) -> Iterator[Verdict]:
        """Yield the verdict on each document; those in one capture or archive are compared too."""
        history: ExchangeHistory | None = None
        for document in documents:
            if self.rules and history is None and (document.exchange is not None or document.archive):
                from envoy.checker.exchange_rules import ExchangeHistory  # deferred: most documents are files

                history = ExchangeHistory()
            yield self.check_document(document, history)

    def check_document(self, document: Document, history: ExchangeHistory | None = None) -> Verdict:
        """Return the verdict on a document. Whatever it holds, there is one.

        Args:
            document: The document.
            history: What the documents before it said; None to check it for itself.
        """
        start = time.perf_counter()
        data = document.data
        if data is None:
            return self.refuse(document, f"cannot be read: {document.problem}", code=document.code)
        too_large = self.max_size is not None and len(data) > self.max_size
        profile = self.profile or (PROFILES[DEFAULT_PROFILE] if too_large else _detect_profile(document, data))
        findings = self._validate(data, document, profile)
        if not findings and history is None:
            # So it is with most documents.
            seconds = time.perf_counter() - start if self.timed else 0.0
            return Verdict(document.source, profile.name, (), part=document.part, seconds=seconds)
        fixed: FileFix | None = None
        if self.policy is not None and any(finding.fix for finding in findings):
            from envoy.checker.file_fixes import fix_file  # deferred: fixes are hardly ever asked for

            def to_fix(octets: bytes) -> list[Finding]:
                return self._sift(self._find_all(octets, document, profile))[0]

            fixed = fix_file(document, to_fix, self.policy)
            if fixed.data != data:
                data = fixed.data
                document = replace(document, data=data)
                findings = self._validate(data, document, profile)
        if history is not None and not too_large:
            further = history.check(document, profile)
            findings += [replace(finding, severity="error") if self.strict else finding for finding in further]
        # In the order of the document; what is about all of it, such as how many are not listed, comes last.
        findings.sort(key=lambda finding: (not finding.line, finding.line, finding.column))
        findings = [_locate(finding, document) for finding in findings]
        accepted: list[Finding] = []
        ignored = 0
        if self._sifts:
            findings, accepted, ignored = self._sift(findings)
            if self.accept_all:
                findings, accepted = [], [*accepted, *findings]
            findings = _limit(findings)
        if fixed is not None and fixed.problem:
            what = f"the fixes cannot be written: {fixed.problem}"
            severity: Severity = "error" if document.path else "warning"
            findings.append(Finding(document.source, 0, "", what, code="not-fixed", severity=severity))
        if self.excerpts and not document.line:
            findings = list(add_excerpts(data, findings))
        return Verdict(
            document.source,
            profile.name,
            tuple(findings),
            accepted=tuple(accepted),
            ignored=ignored,
            part=document.part,
            fixed=fixed.fixed if fixed else 0,
            diff=fixed.diff if fixed else "",
            seconds=time.perf_counter() - start if self.timed else 0.0,
        )

    @property
    def _sifts(self) -> bool:
        return self.accept_all or self.selection is not None or self.accepted is not None

    def _validate(self, data: bytes, document: Document, profile: Profile) -> list[Finding]:
        """Return what is wrong with a document; all of it if it is sifted and more than is listed of a document."""
        findings = self._find(data, document, profile, MAX_FINDINGS)
        if self._sifts and any(finding.code == _MORE for finding in findings):
            return self._find_all(data, document, profile)
        return findings

    def _find_all(self, data: bytes, document: Document, profile: Profile) -> list[Finding]:
        from envoy.validation.content_errors import MOST_ERRORS  # deferred: most documents have few errors

        return self._find(data, document, profile, MOST_ERRORS)

    def _find(self, data: bytes, document: Document, profile: Profile, most: int) -> list[Finding]:
        return validate(
            data,
            profile=profile,
            source=document.source,
            max_size=self.max_size,
            rules=self.rules,
            strict=self.strict,
            fixes=self.fixes or self.policy is not None,
            most=most,
        )

    def _sift(self, findings: Iterable[Finding]) -> tuple[list[Finding], list[Finding], int]:
        """Return the findings to report, those that are accepted, and how many errors are ignored."""
        reported: list[Finding] = []
        accepted: list[Finding] = []
        ignored = 0
        for finding in findings:
            if self.selection is not None and finding not in self.selection:
                ignored += finding.severity == "error"
            elif self.accepted is not None and finding in self.accepted:
                accepted.append(finding)
            else:
                reported.append(finding)
        return reported, accepted, ignored

    def refuse(self, document: Document, reason: str, *, code: str = "unreadable") -> Verdict:
        """Return the verdict on a document that cannot be read."""
        profile = self.profile or PROFILES[DEFAULT_PROFILE]
        finding = Finding(document.source, document.line, "", reason, code=code, part=document.part)
        return Verdict(document.source, profile.name, (finding,), read=False, part=document.part)


def _detect_profile(document: Document, data: bytes) -> Profile:
    """Return the profile that a document has by its Content-Type, or by its namespaces."""
    if document.exchange is not None:
        version = media_type(document.exchange.content_type)[1].get("csipaus")
        if (name := f"csip-aus-{version}") in PROFILES:
            return PROFILES[name]
    return detect_profile(data)


def _limit(findings: Sequence[Finding]) -> list[Finding]:
    """Return at most as many errors, and as many warnings, as are listed of any document; the others are counted."""
    listed: list[Finding] = []
    counts: Counter[Severity] = Counter()
    least: set[Severity] = set()
    for finding in findings:
        if finding.code == _MORE:
            least.add(finding.severity)
            continue
        counts[finding.severity] += 1
        if counts[finding.severity] <= MAX_FINDINGS:
            listed.append(finding)
    for severity, count in counts.items():
        if count > MAX_FINDINGS:
            what = f"{'at least ' if severity in least else ''}{count - MAX_FINDINGS} more {severity}s are not listed"
            listed.append(Finding(listed[0].source, 0, "", what, code=_MORE, severity=severity))
            least.discard(severity)
    listed += (finding for finding in findings if finding.code == _MORE and finding.severity in least)
    return listed


def _locate(finding: Finding, document: Document) -> Finding:
    """Return a finding with its source in the file, of which the document may be a part. The remedies are for users."""
    if finding.code == "too-large":
        finding = replace(finding, remedy=_TOO_LARGE)
    if not document.line:
        return finding
    # A fix would be of the octets of the document, not of those of its file.
    if document.flat:
        return replace(finding, line=document.line, column=0, part=document.part, fix=None)
    return replace(finding, line=document.line + max(0, finding.line - 1), part=document.part, fix=None)
