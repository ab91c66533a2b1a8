"""Markdown as GitHub shows it, from text and tables."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable

_SPECIAL = re.compile(r"[\\`*\[\]|~]|(?<!\w)_|_(?!\w)")


def escape(text: str) -> str:
    """Return text as Markdown that shows it as it is, in a table too."""
    return _SPECIAL.sub(r"\\\g<0>", text.replace("&", "&amp;").replace("<", "&lt;"))


def paragraph(text: str, indent: str = "") -> str:
    """Return Markdown wrapped for those who read it as text, lines after the first indented."""
    return textwrap.fill(text, 120, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def bullets(items: Iterable[str]) -> str:
    return "\n".join(paragraph(f"- {item}", indent="  ") for item in items)


def table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table without the columns that are empty in every row."""
    filled = list(rows)
    kept = [index for index in range(len(heads)) if any(row[index] for row in filled)]
    lines = (heads, ("---",) * len(heads), *filled)
    return "\n".join(f"| {' | '.join(line[index] for index in kept)} |" for line in lines)


def anchored(name: str, label: str) -> str:
    """Return a label that can be linked to, for what has no heading of its own."""
    return f'<a name="{name}"></a>{label}'
