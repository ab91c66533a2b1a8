"""Docstrings as Markdown: a block of code is announced by one colon, not by the two of reStructuredText."""

from __future__ import annotations

import re
from typing import Any

import griffe

_ANNOUNCED = re.compile(r"::(?=\n\n(?P<indent> *)    )")


class Docstrings(griffe.Extension):
    """Changes the text of every docstring before it is parsed."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        """Take the second colon away."""
        if obj.docstring is not None:
            obj.docstring.value = _ANNOUNCED.sub(":", obj.docstring.value)
