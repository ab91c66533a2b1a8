"""HTML of messages, as notebooks show them: a table of the fields that are set, tables within for what is inside."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from html import escape
from typing import Any

from envoy._text import printable, shorten
from envoy.bindings.enums import Bitmap, Code
from envoy.bindings.fields import Field, every_field_of
from envoy.bindings.meanings import explain_value, meanings_of

_LEVELS, _ITEMS, _CHARACTERS = 5, 20, 500
"""How much is shown: levels of objects in objects, items of a list, characters of a text."""

_LEFT = ' style="text-align:left;vertical-align:top"'


def render(message: Any) -> str:
    """Return a message as a table, with all text escaped; it needs no style sheet and no script."""
    return _table(message, _LEVELS)


def _table(message: Any, levels: int) -> str:
    rows = "".join(_rows(message, levels))
    return f"<table><caption{_LEFT}><b>{escape(type(message).__name__)}</b></caption>{rows}</table>"


def _rows(message: Any, levels: int) -> Iterator[str]:
    cls: type = type(message)
    meanings = meanings_of(cls)
    for field in every_field_of(cls):
        value = getattr(message, field.name, field.default)
        if value is None or value == [] or (not field.required and value == field.default):
            continue
        meaning = escape(meanings.get(field.name, ""), quote=True)
        cell = _list(cls, field, value, levels) if isinstance(value, list) else _cell(cls, field, value, levels)
        yield f'<tr><th{_LEFT} title="{meaning}">{escape(field.name)}</th><td{_LEFT}>{cell}</td></tr>'


def _list(cls: type, field: Field, items: list[Any], levels: int) -> str:
    cells = [_cell(cls, field, item, levels) for item in items[:_ITEMS]]
    if len(items) > _ITEMS:
        cells.append(f"... {len(items) - _ITEMS:,} more")
    inside = "".join(f"<li>{cell}</li>" for cell in cells)
    return f"<details><summary>{len(items):,}</summary><ol{_LEFT}>{inside}</ol></details>"


def _cell(cls: type, field: Field, value: Any, levels: int) -> str:
    says = explain_value(cls, field, value)
    if field.complex and says:
        return escape(says)
    if dataclasses.is_dataclass(value):
        return _table(value, levels - 1) if levels > 1 else f"{escape(type(value).__name__)}(...)"
    if isinstance(value, Bitmap):
        text = f"{value.value:0{2 * value._octets_}X}"
    elif isinstance(value, Code):
        text = str(value.value)
    elif isinstance(value, bytes):
        text = value.hex().upper()
    else:
        text = str(value)
    shown = escape(shorten(printable(text, lines=True), _CHARACTERS))
    return f"{shown} <small>{escape(says)}</small>" if says else shown
