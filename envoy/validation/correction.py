"""The correction of a document: fixes are applied, and those of what is left then, until there are none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from envoy.codec.parser import parse
from envoy.errors import DocumentError
from envoy.validation.findings import Finding
from envoy.validation.source import apply_edits

_MOST_ROUNDS = 20
"""How often a document is validated again. What a fix uncovers, such as a value in an element of a wrong namespace, is
fixed in the next round; few documents need three."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A corrected document.

    Attributes:
        data: Its octets.
        fixed: How many errors of each code were fixed.
    """

    data: bytes
    fixed: Counter[str] = field(default_factory=Counter)


def correct(data: bytes, check: Callable[[bytes], Sequence[Finding]], *, unsafe: bool = False) -> Correction:
    """Correct a document. Octets of it that no fix is about stay as they are.

    Args:
        data: The document.
        check: Returns its findings that are to be fixed, with their fixes.
        unsafe: Apply the fixes that are likely, besides those that are certain.
    """
    fixed: Counter[str] = Counter()
    seen = {data}
    for _ in range(_MOST_ROUNDS):
        chosen = [x for x in check(data) if x.fix is not None and (unsafe or x.fix.applicability == "safe")]
        after = apply_edits(data, (edit for x in chosen if x.fix is not None for edit in x.fix.edits))
        if after in seen or not _is_readable(data, after):
            break
        seen.add(after)
        fixed.update(x.code for x in chosen)
        data = after
    return Correction(data, fixed)


def _is_readable(before: bytes, after: bytes) -> bool:
    """Whether a document is still XML, if it was."""
    try:
        parse(before)
    except DocumentError:
        return True
    try:
        parse(after)
    except DocumentError:
        return False
    return True
