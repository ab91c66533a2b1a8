"""Many documents, judged one after the other: the work behind ``envoy validate``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from envoy.baseline import Baseline
from envoy.findings import Finding
from envoy.inputs import Input
from envoy.profiles import DEFAULT_PROFILE, PROFILES, Profile
from envoy.recognition import profile_of
from envoy.reports import Verdict
from envoy.validation import validate


@dataclass(frozen=True, slots=True)
class Judge:
    """How documents are judged.

    Attributes:
        profile: Whose schema judges; None to recognise the profile of each document by its namespaces.
        max_size: Largest size in octets; None for no limit.
        rules: Judge by the rules beyond the schema too.
        strict: Make errors of what these object to.
        baseline: Findings that are known and accepted.
    """

    profile: Profile | None
    max_size: int | None
    rules: bool = True
    strict: bool = False
    baseline: Baseline | None = None

    def verdicts(self, documents: Iterable[Input]) -> Iterator[Verdict]:
        """Yield the verdict on each document."""
        return (self.verdict(document) for document in documents)

    def verdict(self, document: Input) -> Verdict:
        """Return the verdict on a document. Whatever it holds, there is one."""
        if document.data is None:
            profile = self.profile or PROFILES[DEFAULT_PROFILE]
            finding = Finding(document.source, 0, "", f"cannot be read: {document.problem}", code="unreadable")
            return Verdict(document.source, profile.name, (finding,), read=False)
        too_large = self.max_size is not None and len(document.data) > self.max_size
        profile = self.profile or (PROFILES[DEFAULT_PROFILE] if too_large else profile_of(document.data))
        findings = validate(
            document.data,
            profile=profile,
            source=document.source,
            max_size=self.max_size,
            rules=self.rules,
            strict=self.strict,
        )
        # In the order of the document; what is about all of it, such as how many are not listed, comes last.
        findings.sort(key=lambda finding: (not finding.line, finding.line, finding.column))
        kept = tuple(finding for finding in findings if self.baseline is None or finding not in self.baseline)
        return Verdict(document.source, profile.name, kept, accepted=len(findings) - len(kept))
