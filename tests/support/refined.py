"""The verdict by the schema that rules refine, as it is once there have been enough documents."""

from __future__ import annotations

from functools import cache

from envoy.codec.parser import parse
from envoy.profiles import Profile
from envoy.validation.rules import keeps_all
from envoy.validation.rules.refined import WORTH


def keeps_all_at_last(raw: bytes, profile: Profile) -> bool:
    """Return whether a document certainly keeps the schema and all rules, as far as the refined schema knows."""
    _compile(profile)
    return keeps_all(parse(raw), raw, profile)


@cache
def _compile(profile: Profile) -> None:
    raw = b"<x/>"
    for _ in range(WORTH):
        keeps_all(parse(raw), raw, profile)
