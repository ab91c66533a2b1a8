"""Many documents, judged one after the other: the work behind ``envoy validate``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from envoy.baseline import Baseline
from envoy.findings import Finding
from envoy.inputs import Input
from envoy.inputs.bodies import media_type
from envoy.profiles import DEFAULT_PROFILE, PROFILES, Profile
from envoy.recognition import profile_of
from envoy.reports import Verdict
from envoy.validation import validate

if TYPE_CHECKING:
    from envoy.rules.exchanges import Conversation

_TOO_LARGE = "Ask for fewer items at a time, or raise --max-size if you trust the sender."
"""The remedy of a library says ``max_size``; these verdicts are read beside a command line."""


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
        """Yield the verdict on each document; of those in one capture or archive, what is between them counts too."""
        from envoy.rules.exchanges import Conversation

        conversation = Conversation() if self.rules else None
        return (self.verdict(document, conversation) for document in documents)

    def verdict(self, document: Input, conversation: Conversation | None = None) -> Verdict:
        """Return the verdict on a document. Whatever it holds, there is one.

        Args:
            document: The document.
            conversation: What the documents before it have said; None to judge it for itself.
        """
        if document.data is None:
            profile = self.profile or PROFILES[DEFAULT_PROFILE]
            what = f"cannot be read: {document.problem}"
            finding = Finding(document.source, document.line, "", what, code=document.code, part=document.part)
            return Verdict(document.source, profile.name, (finding,), read=False, part=document.part)
        too_large = self.max_size is not None and len(document.data) > self.max_size
        profile = self.profile or (PROFILES[DEFAULT_PROFILE] if too_large else _recognised(document, document.data))
        findings = validate(
            document.data,
            profile=profile,
            source=document.source,
            max_size=self.max_size,
            rules=self.rules,
            strict=self.strict,
        )
        if conversation is not None and not too_large:
            further = conversation.judge(document, profile)
            findings += [replace(finding, severity="error") if self.strict else finding for finding in further]
        # In the order of the document; what is about all of it, such as how many are not listed, comes last.
        findings.sort(key=lambda finding: (not finding.line, finding.line, finding.column))
        placed = [_placed(finding, document) for finding in findings]
        kept = tuple(finding for finding in placed if self.baseline is None or finding not in self.baseline)
        return Verdict(
            document.source,
            profile.name,
            kept,
            accepted=len(placed) - len(kept),
            part=document.part,
            recognised=self.profile is None and not too_large,
        )


def _recognised(document: Input, data: bytes) -> Profile:
    """Return the profile that a document says it is of: in its Content-Type, or by its namespaces."""
    if document.exchange is not None:
        version = media_type(document.exchange.content_type)[1].get("csipaus")
        if (name := f"csip-aus-{version}") in PROFILES:
            return PROFILES[name]
    return profile_of(data)


def _placed(finding: Finding, document: Input) -> Finding:
    """Return a finding with its place in the file, of which the document may be a part. The remedies are for users."""
    if finding.code == "too-large":
        finding = replace(finding, remedy=_TOO_LARGE)
    if not document.line:
        return finding
    if document.flat:
        return replace(finding, line=document.line, column=0, part=document.part)
    return replace(finding, line=document.line + max(0, finding.line - 1), part=document.part)
