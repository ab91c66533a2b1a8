"""The words of findings: names in a list, names without a namespace, libxml2's messages made readable."""

from __future__ import annotations

import re

from lxml import etree

_NAMESPACE = re.compile(r"\{[^}]*:[^}]*\}")
_LONGEST = 1000
"""A message has at most so many characters; a value of a megabyte is cut."""

_LISTED = 6
"""So many names are listed in a sentence; of more, the rest is counted."""


def readable(message: str) -> str:
    """Return libxml2's message without the namespaces that make it hard to read."""
    return cut(" ".join(_NAMESPACE.sub("", message).split()).rstrip("."))


def cut(message: str) -> str:
    """Return a message without most of a long value that it quotes."""
    return message if len(message) <= _LONGEST else f"{message[: _LONGEST - 3]}..."


def listed(names: list[str], word: str) -> str:
    """Return names as a sentence lists them, the last one behind ``and`` or ``or``."""
    shown = names[:_LISTED]
    if len(names) > _LISTED:
        return f"{', '.join(shown)} {word} {len(names) - _LISTED} more"
    return f" {word} ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def name_of(element: etree._Element) -> str:
    """Return the name of an element without its namespace."""
    return etree.QName(element).localname


def namespace_of(element: etree._Element) -> str:
    """Return the namespace of an element, empty if it has none."""
    return etree.QName(element).namespace or ""
