"""Checker of documents, one after the other: the work behind ``envoy validate``."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from envoy.checker.detection import detect_profile
from envoy.checker.excerpts import add_excerpts
from envoy.checker.exchange_rules import ExchangeHistory
from envoy.checker.reports import Verdict
from envoy.checker.sources import Document
from envoy.checker.sources.media_types import media_type
from envoy.profiles import DEFAULT_PROFILE, PROFILES, Profile
from envoy.validation.findings import Finding, Severity
from envoy.validation.validate import validate

if TYPE_CHECKING:
    from envoy.checker.file_fixes import FileFix, FixPolicy

_TOO_LARGE = "Ask for fewer items at a time, or raise --max-size if you trust the sender."
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
        excerpts: Say of each finding what stands there in the document.
        timed: Say how long each document took.
    """

    profile: Profile | None
    max_size: int | None
    rules: bool = True
    strict: bool = False
    fixes: bool = False
    policy: FixPolicy | None = None
    excerpts: bool = False
    timed: bool = False

    def check_source(self, source: Source) -> Iterator[Verdict]:
        """Read the documents of a source, and yield the verdict on each."""
        return self.check_documents(source.read(self.max_size))

    def check_documents(self, documents: Iterable[Document]) -> Iterator[Verdict]:
        """Yield the verdict on each document; those in one capture or archive are compared too."""
        history = ExchangeHistory() if self.rules else None
        return (self.check_document(document, history) for document in documents)

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
        check = partial(
            validate,
            profile=profile,
            source=document.source,
            max_size=self.max_size,
            rules=self.rules,
            strict=self.strict,
            fixes=self.fixes or self.policy is not None,
        )
        findings = check(data)
        fixed: FileFix | None = None
        if self.policy is not None and any(finding.fix for finding in findings):
            from envoy.checker.file_fixes import fix_file  # deferred: fixes are hardly ever asked for
            from envoy.validation.content_errors import MOST_ERRORS

            fixed = fix_file(document, partial(check, most=MOST_ERRORS), self.policy)
            if fixed.data != data:
                data = fixed.data
                document = replace(document, data=data)
                findings = check(data)
        if history is not None and not too_large:
            further = history.check(document, profile)
            findings += [replace(finding, severity="error") if self.strict else finding for finding in further]
        if fixed is not None and fixed.problem:
            what = f"the fixes cannot be written: {fixed.problem}"
            severity: Severity = "error" if document.path else "warning"
            findings.append(Finding(document.source, 0, "", what, code="not-fixed", severity=severity))
        # In the order of the document; what is about all of it, such as how many are not listed, comes last.
        findings.sort(key=lambda finding: (not finding.line, finding.line, finding.column))
        if self.excerpts and not document.line:
            findings = list(add_excerpts(data, findings))
        return Verdict(
            document.source,
            profile.name,
            tuple(_locate(finding, document) for finding in findings),
            part=document.part,
            detected=self.profile is None and not too_large,
            fixed=fixed.fixed if fixed else 0,
            diff=fixed.diff if fixed else "",
            seconds=time.perf_counter() - start if self.timed else 0.0,
        )

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
