"""Write docs/reference/quirks.md, the table of what utility servers do otherwise than the standard has it.

python docs/quirks.py
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from envoy.protocol import quirks

PAGE = Path(__file__).resolve().parent / "reference" / "quirks.md"

_HEAD = """# Quirks of servers

What utility servers do otherwise than IEEE 2030.5 and CSIP-AUS have it, and what the client does about it. The table is
data of the package, [envoy/protocol/quirks.py](../../envoy/protocol/quirks.py): the code looks the last column up where
it may meet the quirk, whatever the server. This page is made from it by `docs/quirks.py`.

| quirk | what servers do, and what is done about it | seen | looked up |
| --- | --- | --- | --- |
"""


def page() -> str:
    """Return the page in Markdown."""
    rows = [
        f"| `{name.lower().replace('_', '-')}` | {what} | {seen} | {_shown(getattr(quirks, name))} |\n"
        for name, what, seen in read_quirks()
    ]
    return _HEAD + "".join(rows)


def read_quirks() -> Iterator[tuple[str, str, str]]:
    """Yield the name of each quirk, what servers do, and where it was seen: the text below its value says both."""
    for statement, text in pairwise(ast.parse(inspect.getsource(quirks)).body):
        match statement, text:
            case ast.Assign(targets=[ast.Name(name)]), ast.Expr(ast.Constant(str(says))):
                what, _, seen = " ".join(says.split()).partition(" Seen: ")
                yield name, what, seen


def _shown(value: Any) -> str:
    match value:
        case range():
            return f"{value[0]} to {value[-1]}"
        case frozenset():
            return ", ".join(f"`{item}`" for item in sorted(value))
        case tuple():
            return ", ".join("none" if item is None else f"`{item}`" for item in value)
        case type():
            return f"`{value.__name__}`"
    return f"`{value}`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
