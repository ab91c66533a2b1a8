"""YAML files whose every value knows the line it stands in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from envoy._text import join_words, quote
from envoy.errors import ProcedureError

_LARGEST = 1 << 20
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Place:
    """A node of a YAML file.

    Attributes:
        file: The file, as it was named.
        node: What PyYAML has read.
    """

    file: str
    node: yaml.Node

    @property
    def line(self) -> int:
        """Its line, from 1."""
        return int(self.node.start_mark.line) + 1

    def error(self, what: str, remedy: str = "") -> ProcedureError:
        """Return the error that something is wrong here."""
        return ProcedureError(what, where=f"{self.file}, line {self.line}", remedy=remedy, line=self.line)

    def entries(self) -> list[tuple[str, Place, Place]]:
        """Return the entries of a mapping: the name, where it stands, and its value.

        Raises:
            ProcedureError: It is not a mapping with names, or one stands there twice.
        """
        if not isinstance(self.node, yaml.MappingNode):
            raise self.error(f"expected names with values, found {self._kind}")
        found: dict[str, tuple[str, Place, Place]] = {}
        for key, value in self.node.value:
            place = Place(self.file, key)
            name = place.text("a name")
            if name in found:
                raise place.error(f"{quote(name)} stands here twice")
            found[name] = (name, place, Place(self.file, value))
        return list(found.values())

    def members(self, known: Sequence[str], required: Sequence[str] = ()) -> dict[str, Place]:
        """Return the values of a mapping by name; what is empty is left out.

        Args:
            known: Every name that may be there.
            required: Those that have to be.

        Raises:
            ProcedureError: A name is not known, or one is missing.
        """
        found = {}
        for name, place, value in self.entries():
            if name not in known:
                raise place.error(f"{quote(name)} is not known here", suggest(name, known))
            if not value.is_empty:
                found[name] = value
        for name in required:
            if name not in found:
                raise self.error(f"{quote(name)} is missing")
        return found

    def items(self) -> Iterator[Place]:
        """Give the items of a list.

        Raises:
            ProcedureError: It is not a list.
        """
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.error(f"expected a list, found {self._kind}")
        return (Place(self.file, item) for item in self.node.value)

    def scalar(self, expected: str) -> Any:
        """Return the value of a scalar, as YAML types it.

        Raises:
            ProcedureError: It is a list or a mapping, or cannot be a value of its type.
        """
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.error(f"expected {expected}, found {self._kind}")
        try:
            return yaml.SafeLoader("").construct_object(self.node)
        except (yaml.YAMLError, ValueError, OverflowError):
            raise self.error(f"{quote(self.node.value)} is not {expected}") from None

    def text(self, expected: str) -> str:
        """Return the characters of a scalar, whatever YAML takes them for.

        Raises:
            ProcedureError: It is a list or a mapping, or empty.
        """
        if not isinstance(self.node, yaml.ScalarNode) or self.is_empty:
            raise self.error(f"expected {expected}, found {self._kind}")
        return str(self.node.value)

    def texts(self, expected: str) -> list[str]:
        """Return the characters of each scalar in a list."""
        return [item.text(expected) for item in self.items()]

    @property
    def is_scalar(self) -> bool:
        """Whether it is neither a list nor a mapping."""
        return isinstance(self.node, yaml.ScalarNode)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is there."""
        return isinstance(self.node, yaml.ScalarNode) and self.node.tag == "tag:yaml.org,2002:null"

    @property
    def _kind(self) -> str:
        if isinstance(self.node, yaml.MappingNode):
            return "names with values"
        if isinstance(self.node, yaml.SequenceNode):
            return "a list"
        return "nothing" if self.is_empty else quote(str(self.node.value))


def suggest(name: str, known: Sequence[str]) -> str:
    """Return the remedy for a name that is not known."""
    similar = get_close_matches(name, known, n=1)
    return f"Is {similar[0]} meant?" if similar else f"Known are {join_words(sorted(known), 'and')}."


def read_yaml(path: str | Path) -> Place:
    """Read a YAML file.

    Raises:
        ProcedureError: It cannot be read, is not YAML, is empty or too large, or uses anchors.
    """
    try:
        with Path(path).open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise ProcedureError(f"cannot be read: {error.strerror}", where=str(path)) from None
    if len(content) > _LARGEST:
        raise ProcedureError(f"has more than {_LARGEST} octets", where=str(path))
    return parse_yaml(content, str(path))


def parse_yaml(content: bytes | str, file: str) -> Place:
    """Read YAML as ``read_yaml`` does, with the name of a file for errors."""
    try:
        # One value that stands in many places has no line of its own, and a few of them make a document of any size.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(content, _Loader)):
            raise ProcedureError("uses YAML anchors", where=file, remedy="Write what is meant where it is meant.")
        node = yaml.compose(content, _Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark else 0
        what = f"is not YAML: {error.problem or error.context}"
        raise ProcedureError(what, where=f"{file}, line {line}", line=line) from None
    except (yaml.YAMLError, UnicodeError, RecursionError) as error:
        reason = str(error).splitlines()[0]
        raise ProcedureError(f"is not YAML: {reason}", where=file) from None
    if node is None:
        raise ProcedureError("has nothing in it", where=file)
    return Place(file, node)
