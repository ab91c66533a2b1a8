"""The procedures that are not expected to pass, each with the reason."""

from __future__ import annotations

EXPECTED_FAILURES: dict[tuple[str, str], str] = {}
"""By identifier of the procedure and kind of its clients."""
