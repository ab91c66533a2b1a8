"""Documents judged one after the other: the work behind ``envoy validate``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from envoy.checker.detection import profile_of
from envoy.checker.reports import Verdict
from envoy.checker.sources import Input
from envoy.checker.sources.media_types import media_type
from envoy.profiles import DEFAULT_PROFILE, PROFILES, Profile
from envoy.validation.findings import Finding
from envoy.validation.validate import validate

if TYPE_CHECKING:
    from envoy.checker.exchange_rules import Conversation

_TOO_LARGE = "Ask for fewer items at a time, or raise --max-size if you trust the sender."
"""The remedy of a library says ``max_size``; these verdicts are read beside a command line."""


class Place(Protocol):
    """Where documents are, such as a ``Source``."""

    @property
    def name(self) -> str:
        """What messages call it."""

    def documents(self, max_size: int | None) -> Iterator[Input]:
        """Read them."""


@dataclass(frozen=True, slots=True)
class Judge:
    """How documents are judged. It is small, so that it can go to another process.

    Attributes:
        profile: Whose schema judges; None to recognise the profile of each document by its namespaces.
        max_size: Largest size in octets; None for no limit.
        rules: Judge by the rules beyond the schema too.
        strict: Make errors of what these object to.
    """

    profile: Profile | None
    max_size: int | None
    rules: bool = True
    strict: bool = False

    def judged(self, place: Place) -> Iterator[Verdict]:
        """Read the documents of a place, and yield the verdict on each."""
        return self.verdicts(place.documents(self.max_size))

    def verdicts(self, documents: Iterable[Input]) -> Iterator[Verdict]:
        """Yield the verdict on each document; of those in one capture or archive, what is between them counts too."""
        if not self.rules:
            return map(self.verdict, documents)
        from envoy.checker.exchange_rules import Conversation

        conversation = Conversation()
        return (self.verdict(document, conversation) for document in documents)

    def verdict(self, document: Input, conversation: Conversation | None = None) -> Verdict:
        """Return the verdict on a document. Whatever it holds, there is one.

        Args:
            document: The document.
            conversation: What the documents before it have said; None to judge it for itself.
        """
        if document.data is None:
            return self.unread(document, f"cannot be read: {document.problem}", code=document.code)
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
        return Verdict(
            document.source,
            profile.name,
            tuple(_placed(finding, document) for finding in findings),
            part=document.part,
            recognised=self.profile is None and not too_large,
        )

    def unread(self, document: Input, reason: str, *, code: str = "unreadable") -> Verdict:
        """Return the verdict on what there is nothing to judge of."""
        profile = self.profile or PROFILES[DEFAULT_PROFILE]
        finding = Finding(document.source, document.line, "", reason, code=code, part=document.part)
        return Verdict(document.source, profile.name, (finding,), read=False, part=document.part)


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
