"""Write the tables of keys in docs/reference/configuration.md, from the options that the keys stand for.

python docs/keys.py
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from envoy.cli import app
from envoy.cli.configuration.keys import MAPPINGS, TABLES, Table, variable_of

PAGE = Path(__file__).resolve().parent / "reference" / "configuration.md"

_HEAD = "| key | variable | value | default | what it does |\n| --- | --- | --- | --- | --- |\n"
_TYPES = {"boolean": "true or false", "int": "a whole number", "float": "a number", "path": "the path of a file"}


def table_of(table: Table) -> str:
    """Return the keys of a table in Markdown."""
    # Its first command has all of its keys.
    command: Any = get_command(app)
    return _HEAD + "".join(_rows(command.commands[table.commands[0]].options))


def _rows(options: dict[str, Any]) -> Iterator[str]:
    for key, option in options.items():
        kind = "a list of texts" if option.multiple else _TYPES.get(option.type.name.split()[0], "a text")
        value = "a table: lists of texts by pattern" if key in MAPPINGS else kind
        default = "" if option.default is None else f"`{str(option.default).lower()}`"
        what = re.sub(r"; repeatable(?=\.$)|(?<=\.) Default: yes\.$", "", option.help)
        yield f"| `{key}` | `{variable_of(key)}` | {value} | {default} | {what} |\n"


def main() -> None:
    """Write the page again."""
    parts = PAGE.read_text(encoding="utf-8").split(_HEAD)
    written = [parts[0]]
    for table, part in zip(TABLES, parts[1:], strict=True):
        written.append("\n".join([table_of(table), part.partition("\n\n")[2]]))
    PAGE.write_text("".join(written), encoding="utf-8")


if __name__ == "__main__":
    main()
