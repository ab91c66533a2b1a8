"""What comes of a check."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from envoy.procedures.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Decision:
    """What comes of a check.

    Attributes:
        passed: Whether it passes.
        detail: What was found, in a sentence.
    """

    passed: bool
    detail: str


CheckFunction = Callable[[Evidence, Mapping[str, Any]], Decision]
"""A check: it is given the evidence, and its parameters with values for expressions."""


def decide(errors: Iterable[str], otherwise: str) -> Decision:
    """Return a decision that fails for the errors there are, and otherwise passes."""
    found = list(errors)
    return Decision(not found, "; ".join(found) or otherwise)
