"""Text from elsewhere that is shown to people: a terminal must not take a part of it for a command.

A server chooses the paths in its links, a certificate its subject, a document its values. What a terminal acts on or
what hides other text (escape sequences, the control characters U+0080 to U+009F, marks that turn the direction of
text) is shown as Python writes it in a string: ``\\x1b``.
"""

from __future__ import annotations

import unicodedata


def printable(text: str, *, lines: bool = False) -> str:
    """Return a text with each character that does not stand for itself written out.

    Args:
        text: The text.
        lines: Whether it may have several lines; a line break is written out as well if not.
    """
    if text.isprintable():
        return text
    return "".join(x if (lines and x == "\n") or _stands_for_itself(x) else ascii(x)[1:-1] for x in text)


def _stands_for_itself(character: str) -> bool:
    # Separators of category Zs, such as a no-break space, are as harmless as a space.
    category = unicodedata.category(character)
    return category[0] != "C" and category not in ("Zl", "Zp")
