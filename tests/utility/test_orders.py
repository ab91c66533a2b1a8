"""Orders that cannot be followed."""

from __future__ import annotations

from typing import Any

import pytest

from envoy.errors import EnvoyError
from envoy.utility import Utility


@pytest.mark.parametrize(
    ("order", "parts", "reason"),
    [
        ("dance", {}, "not an order"),
        ("program", {}, "has no name"),
        ("program", {"name": "a", "colour": 1}, "has no 'colour'"),
        ("program", {"name": 1}, "name"),
        ("program", {"name": " "}, "name of the program"),
        ("program", {"name": "a\x00"}, "name of the program"),
        ("program", {"name": "\ud800"}, "name of the program"),
        ("program", {"name": "a", "primacy": 256}, "primacy"),
        ("program", {"name": "a", "fsa": 0}, "fsa"),
        ("program", {"name": "a", "sites": ["nowhere"]}, "nowhere"),
        ("cancel", {"control": 1}, "no control 1"),
        ("cancel", {"control": 1 << 80}, "control"),
        ("default", {"program": 1, "values": {}}, "no program 1"),
        ("control", {"program": 1, "duration": 1, "values": {}}, "no program 1"),
        ("curve", {"program": 1, "values": {}}, "no program 1"),
    ],
)
def test_an_order_that_cannot_be_followed_says_why(order: str, parts: dict[str, Any], reason: str) -> None:
    with Utility() as utility, pytest.raises(EnvoyError, match=reason):
        utility.ask(order, **parts)
