"""Text as HTML has it: it cannot be taken for markup, and nothing of it is hidden."""

from __future__ import annotations

import re
from html import escape

from envoy._text import printable
from envoy.cli.explain_controls.words import shorten_mrid

_MRID = re.compile(r"\b[0-9A-F]{32}\b")


def mark(text: str) -> str:
    """Return a text for HTML, within an element or an attribute."""
    return escape(printable(text), quote=True)


def mark_sentence(text: str) -> str:
    """Return a sentence for HTML in which mRIDs are shortened; all of each shows where it is pointed at."""
    return _MRID.sub(lambda found: f'<abbr title="{found[0]}">{shorten_mrid(found[0])}</abbr>', mark(text))
