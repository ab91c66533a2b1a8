"""Build typed objects from plain tables such as those of a TOML file, and collect all errors."""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, TypeVar

from envoy._text import describe_kind, quote
from envoy.bindings.enums import Bitmap, Code
from envoy.bindings.fields import Field, every_field_of, fields_of
from envoy.bindings.lexical import describe_value, make_parser
from envoy.bindings.quantities import Quantity
from envoy.bindings.value_errors import diagnose_field
from envoy.errors import QuantityError

T = TypeVar("T")

MOST_SUGGESTIONS = 20
"""Most errors of one file or row that suggest what may be meant. Each takes as long as a whole row without errors."""

MOST_ERRORS = 100
"""Most errors of one file or row that are listed; more are counted."""

_NOTHING: Any = object()
_TIME = re.compile(r"\d{4}-\d\d-\d\d")


def join_errors(errors: Sequence[str]) -> str:
    """Return errors in lines, the first MOST_ERRORS of them and how many more there are."""
    more = [f"and {rest} more"] if (rest := len(errors) - MOST_ERRORS) > 0 else []
    return "\n  ".join([*errors[:MOST_ERRORS], *more])


class Builder:
    """Builds objects of dataclasses from tables.

    Args:
        suggestions: Most errors that suggest what may be meant.

    Attributes:
        errors: What is wrong, one sentence each, with the place.
    """

    def __init__(self, suggestions: int = MOST_SUGGESTIONS) -> None:
        self.errors: list[str] = []
        self._suggestions = suggestions

    def describe(self) -> str:
        """Return all errors in lines, and how many there are if it is more than one."""
        head = [f"{len(self.errors)} errors"] if len(self.errors) > 1 else []
        return join_errors([*head, *self.errors])

    def object(
        self,
        cls: type[T],
        table: Any,
        where: str,
        *,
        defaults: Mapping[str, Any] | None = None,
        nested: Mapping[type, Mapping[str, Any]] | None = None,
    ) -> T | None:
        """Return an object of a dataclass, None if an error makes that impossible.

        Args:
            cls: The dataclass.
            table: Values by field name.
            where: Place in the file, for the errors.
            defaults: Values for fields that the table leaves out.
            nested: The same for the classes of fields.
        """
        if not isinstance(table, Mapping):
            self.errors.append(f"{where}: is {describe_kind(table)}, expected a table of values.")
            return None
        before = len(self.errors)
        model: type = cls  # the cache of fields_of takes no type variable
        values = self.fields(cls, table, where, nested=nested)
        for name, value in (defaults or {}).items():
            values.setdefault(name, value)
        for field in fields_of(model):
            if field.required and field.name not in values and field.name not in table:
                self.errors.append(f"{_join(where, field.name)}: is missing.")
        return None if len(self.errors) > before else cls(**values)

    def fields(
        self,
        cls: type,
        table: Mapping[str, Any],
        where: str,
        *,
        without: Collection[str] = (),
        extra: Collection[str] = (),
        nested: Mapping[type, Mapping[str, Any]] | None = None,
    ) -> dict[str, Any]:
        """Return the values of a table by field name, converted to the types of the fields.

        Args:
            cls: The dataclass.
            table: Values by field name.
            where: Place in the file, for the errors.
            without: Fields that the table may not set.
            extra: Further names to suggest for a misspelt key.
            nested: Defaults for the classes of fields.
        """
        known = {field.name: field for field in every_field_of(cls) if field.name not in without}
        values: dict[str, Any] = {}
        for key, value in table.items():
            field = known.get(key)
            if field is None:
                names = [*known, *extra]
                self.errors.append(f"{_join(where, key)}: unknown key.{self._suggest(_find_key, key, names)}")
                continue
            converted = self._field(field, value, _join(where, key), nested or {})
            if converted is not _NOTHING:
                values[key] = converted
        return values

    def _field(self, field: Field, value: Any, where: str, nested: Mapping[type, Mapping[str, Any]]) -> Any:
        if not field.many:
            return self._value(field, value, where, nested)
        if not isinstance(value, list):
            self.errors.append(f"{where}: is {describe_kind(value)}, expected a list.")
            return _NOTHING
        items = [self._value(field, item, f"{where}[{number}]", nested) for number, item in enumerate(value, start=1)]
        return _NOTHING if _NOTHING in items else items

    def _value(self, field: Field, value: Any, where: str, nested: Mapping[type, Mapping[str, Any]]) -> Any:
        kind = field.type
        try:
            if issubclass(kind, Bitmap):
                return _flags(kind, value)
            if issubclass(kind, Code):
                return _code(kind, value)
            if issubclass(kind, Quantity) and not isinstance(value, Mapping):
                return kind.of(_number(value))
            if dataclasses.is_dataclass(kind):
                built = self.object(kind, value, where, defaults=nested.get(kind), nested=nested)
                return _NOTHING if built is None else built
            return _plain(field, value)
        except _NoMemberError as error:
            self.errors.append(f"{where}: {error}{self._suggest(_find_member, error.name, error.kind)}")
        except QuantityError as error:
            self.errors.append(f"{where}: {error.what}. {error.remedy}")
        except ValueError as error:
            self.errors.append(f"{where}: {error}")
        return _NOTHING

    def _suggest(self, find: Callable[..., str], *arguments: Any) -> str:
        """Return what a function suggests, nothing if there were enough suggestions already."""
        if self._suggestions <= 0:
            return ""
        self._suggestions -= 1
        return find(*arguments)


class _NoMemberError(ValueError):
    """A name that an enumeration does not have."""

    def __init__(self, kind: Any, name: str) -> None:
        super().__init__(f"{kind.__name__} has no {quote(name)}.")
        self.kind = kind
        self.name = name


def _plain(field: Field, value: Any) -> Any:
    kind = field.type
    if kind is bytes and isinstance(value, str):
        try:
            return make_parser(field)(value)
        except ValueError as error:
            found = diagnose_field(value, field, error)
            raise ValueError(f"{found.reason}. {found.remedy}".rstrip()) from None
    if kind is int and isinstance(value, str) and _TIME.match(value):
        # JSON and CSV have no times of their own.
        with contextlib.suppress(ValueError):
            value = datetime.fromisoformat(value)
    if kind is int and isinstance(value, (date, time)):
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise ValueError(f"is {describe_kind(value)}. Write a time with its date and zone: 2026-01-31T12:00:00Z.")
        return int(value.timestamp())
    if kind is str and type(value) is float:
        raise ValueError(f"is {describe_kind(value)}, expected text. Put it in quotes, or 1.10 becomes 1.1.")
    if kind is str and type(value) is int:
        return str(value)
    if type(value) is kind:
        return value
    raise ValueError(f"is {describe_kind(value)}, expected {describe_value(field)}.")


def _flags(kind: type[Bitmap], value: Any) -> Bitmap:
    result = kind(0)
    for item in value if isinstance(value, list) else [value]:
        if type(item) is not int:
            result |= _member(kind, item)
        elif 0 <= item < 1 << 8 * kind._octets_:
            result |= kind(item)
        else:
            raise ValueError(f"{describe_kind(item)} does not fit in the {8 * kind._octets_} bits of {kind.__name__}.")
    return result


def _code(kind: type[Code], value: Any) -> Any:
    if type(value) is not int:
        return _member(kind, value)
    try:
        return kind(value)
    except ValueError:
        raise ValueError(f"{describe_kind(value)} is outside of what {kind.__name__} can hold.") from None


def _member(kind: Any, name: Any) -> Any:
    if not isinstance(name, str):
        raise ValueError(f"is {describe_kind(name)}, expected names of {kind.__name__}.")
    if name in kind.__members__:
        return kind[name]
    raise _NoMemberError(kind, name)


def _find_member(name: str, kind: Any) -> str:
    return _ask(find_members(name, kind)) or f" It has {', '.join(kind.__members__)}."


def find_members(name: str, kind: Any) -> list[str]:
    """Return the names of members of an enumeration that a name may stand for, the nearest first."""
    same = [member for member in kind.__members__ if same_name(name, member)]
    return same or difflib.get_close_matches(name.upper(), kind.__members__, n=3, cutoff=0.5)


def _find_key(key: str, known: list[str]) -> str:
    # The standard's own spelling, such as rtgMaxW for rtg_max_w, differs in no letter.
    same = [name for name in known if same_name(name, key)]
    return _ask(same or difflib.get_close_matches(key, known, n=2, cutoff=0.6))


def _ask(near: list[str]) -> str:
    return f" Did you mean {' or '.join(near)}?" if near else ""


def same_name(one: str, other: str) -> bool:
    """Whether two names have the same letters, as ``rtgMaxW`` and ``rtg_max_w`` have."""
    return _letters(one) == _letters(other)


def _letters(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"is {describe_kind(value)}, expected a number.")
    return value


def _join(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name
