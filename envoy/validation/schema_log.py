"""What libxml2 said of a document, found by the line, name and value that it is about."""

from __future__ import annotations

from collections import deque

from lxml import etree

from envoy._text import shorten

LONGEST_MESSAGE = 1000
"""Characters of libxml2's messages that are shown; a value of a megabyte is cut."""

_MOST_VALUES = 100
"""Messages about elements of one name in one line in which a value is looked for."""


class SchemaLog:
    """What libxml2 said of a document, found by the line, name and value that it is about; nothing else is read.

    Args:
        entries: Its error log; without lines if the document was validated while it was read.

    Attributes:
        messages: Lines and messages.
        constraints: Those about identity constraints.
    """

    def __init__(self, entries: list[etree._LogEntry]) -> None:
        self.messages = [(entry.line, entry.message) for entry in entries]
        self.constraints = [(entry.line, entry.message) for entry in entries if entry.type_name == "SCHEMAV_CVC_IDC"]
        self._texts: dict[tuple[int, str], deque[str]] = {}
        self._values: dict[tuple[int, str], list[str]] = {}
        for entry in entries:
            # It begins with the names of the element and the attribute that it is about.
            key = entry.line, entry.message.partition(": ")[0]
            self._texts.setdefault(key, deque()).append(entry.message)
            if "_DATATYPE_" in entry.type_name or entry.type_name.endswith("_VALID"):
                self._values.setdefault(key, []).append(entry.message)

    def take(self, element: etree._Element, attribute: str = "") -> str:
        """Return the next message about an element, or about an attribute of it; empty if there is none."""
        for key in (_key(element, attribute), _key(element)):
            if texts := self._texts.get(key):
                return shorten(texts.popleft(), LONGEST_MESSAGE)
        return ""

    def find_value(self, element: etree._Element, attribute: str, value: str) -> str:
        """Return the message about a value of an element, or of an attribute of it; empty if there is none."""
        texts = self._values.get(_key(element, attribute), [])[:_MOST_VALUES]
        return shorten(next((text for text in texts if f"'{value}'" in text), ""), LONGEST_MESSAGE)


def _key(element: etree._Element, attribute: str = "") -> tuple[int, str]:
    name = f"Element '{element.tag!s}'"
    return element.sourceline or 0, f"{name}, attribute '{attribute}'" if attribute else name
