"""Text that is shown to people: safe for a terminal, short enough for a sentence, words joined in a list.

What comes from elsewhere must not command a terminal. A server chooses the paths in its links, a certificate its
subject, a document its values. What a terminal acts on or what hides other text (escape sequences, the control
characters U+0080 to U+009F, marks that turn the direction of text) is shown as Python writes it in a string: ``\x1b``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

_MOST_WORDS = 6
"""Words of a list that a sentence shows; of more, the rest is counted."""


def printable(text: str, *, lines: bool = False) -> str:
    """Return a text with each character that does not stand for itself written out.

    Args:
        text: The text.
        lines: Whether it may have several lines; a line break is written out as well if not.
    """
    if (text.replace("\n", "") if lines else text).isprintable():
        return text
    return "".join(x if (lines and x == "\n") or _stands_for_itself(x) else ascii(x)[1:-1] for x in text)


def _stands_for_itself(character: str) -> bool:
    # Separators of category Zs, such as a no-break space, are as harmless as a space.
    category = unicodedata.category(character)
    return category[0] != "C" and category not in ("Zl", "Zp")


def shorten(text: str, longest: int) -> str:
    """Return a text of at most ``longest`` characters; three dots stand for what is cut off."""
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def quote(text: str) -> str:
    """Return a text as a sentence quotes it: between quotation marks, and shortened."""
    return repr(shorten(text, 60))


def show_value(value: object) -> str:
    """Return a value of a program with its type, as the error of a wrong argument names it: ``str 'site.toml'``."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    kind = type(value).__name__
    try:
        # A date is read more easily than the call that makes it.
        shown = str(value) if kind in ("date", "datetime") else repr(value)
    except ValueError:
        shown = "of thousands of digits"
    return shorten(shown if shown.startswith((f"{kind}(", f"{kind}.of(")) else f"{kind} {shown}", 80)


def describe_kind(value: object) -> str:
    """Return in words what a value of a TOML or JSON file is: ``the number 5``, ``a list``."""
    if isinstance(value, str):
        return f"text {quote(value)}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and value.bit_length() > 64:
        return "a number of more than 64 bits"
    if isinstance(value, (int, float)):
        return f"the number {value}"
    name = type(value).__name__
    if name == "datetime":
        return "a time" if getattr(value, "tzinfo", None) else "a time without a zone"
    return _KINDS.get(name, name)


_KINDS = {"dict": "a table", "list": "a list", "date": "a date without a time", "time": "a time without a date"}


def suggest(name: str, names: Iterable[str], *, cutoff: float = 0.6) -> str:
    """Return a sentence that suggests the name that may be meant, after a space; nothing if none is near.

    Args:
        name: The name that is not known.
        names: Those that are.
        cutoff: How near one has to be, from 0 to 1.
    """
    from difflib import get_close_matches  # deferred: most names are known

    known = {_plain(each): each for each in names}
    near = get_close_matches(_plain(name), known, n=1, cutoff=cutoff)
    return f" Did you mean {known[near[0]]}?" if near else ""


def _plain(name: str) -> str:
    return name.replace("-", "_").lower()


def join_words(words: Iterable[str], conjunction: str) -> str:
    """Return words as a sentence lists them: the last one stands behind ``and`` or ``or``."""
    *first, last = list(words) or [""]
    if len(first) >= _MOST_WORDS:
        return f"{', '.join(first[:_MOST_WORDS])} {conjunction} {len(first) + 1 - _MOST_WORDS} more"
    return f"{', '.join(first)} {conjunction} {last}" if first else last
