"""Write the table of columns in docs/reference/fleets.md, from the models that the columns are read with.

python docs/columns.py
"""

from __future__ import annotations

from pathlib import Path

from envoy.fleet.csv_columns import columns

PAGE = Path(__file__).resolve().parent / "reference" / "fleets.md"

_HEAD = "| column | holds | meaning |\n| --- | --- | --- |\n"


def table() -> str:
    """Return the table in Markdown."""
    return _HEAD + "".join(
        f"| `{column.name}` | {column.form}{', required' if column.required else ''} | {column.meaning} |\n"
        for column in columns().values()
    )


def main() -> None:
    """Write the page again."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(_HEAD)
    _, _, after = rest.partition("\n\n")
    PAGE.write_text(f"{before}{table()}\n{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
