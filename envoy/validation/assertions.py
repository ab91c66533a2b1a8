"""The assertion of a test that a message is valid, for any test framework: ``assert_valid``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from envoy.codec.parser import MAX_SIZE
from envoy.profiles import DEFAULT_PROFILE, Profile, get_profile
from envoy.validation.validate import validate


def assert_valid(
    data: bytes | str | Path | Any,
    *,
    profile: str | Profile = DEFAULT_PROFILE,
    strict: bool = False,
    max_size: int | None = MAX_SIZE,
) -> None:
    """Fail a test unless a message is valid, and say what is wrong and what to do.

    Args:
        data: The document, the path of a file that holds it, or an object of a generated class.
        profile: Whose schema is used.
        strict: The rules beyond the schema must hold too.
        max_size: Largest size in octets; None for no limit.

    Raises:
        AssertionError: It is not valid; each line of the message is an error with its place.
        OSError: The file cannot be read.
        ProfileError: The profile does not exist.
    """
    __tracebackhide__ = True  # pytest shows the line of the test instead of this one
    chosen = get_profile(profile)
    findings = validate(data, profile=chosen, strict=strict, max_size=max_size)
    if findings:
        lines = "\n  ".join(str(finding) for finding in findings)
        raise AssertionError(f"the message is not valid ({chosen.name}):\n  {lines}")
