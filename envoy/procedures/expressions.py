"""Expressions of procedures, such as ``$(now + '5 minutes')``: their grammar, their variables and their values.

An expression is a name, a number or a duration in quotation marks, or two of them with an operator between. ``this``
stands for the variable that is called as the parameter is. What a name stands for is only known during a run, but what
kind of value it is, and so what kind the expression has, is known when a file is read.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from envoy.bindings.fields import fields_of
from envoy.bindings.quantities import Quantity
from sep2 import DERCapability, DERSettings


class Kind(StrEnum):
    """What kind of value an expression has."""

    NUMBER = "a number"
    TIME = "a time"
    DURATION = "a duration"
    TRUTH = "true or false"
    TEXT = "a text"


class ExpressionError(Exception):
    """An expression that is not one; its text says why."""


def _quantities(cls: type) -> dict[str, str]:
    return {field.local: field.name for field in fields_of(cls) if issubclass(field.type, Quantity)}


SETTINGS: Mapping[str, str] = _quantities(DERSettings)
"""Variables that are elements of DERSettings, with the names of their attributes."""

CAPABILITIES: Mapping[str, str] = _quantities(DERCapability)
"""Variables that are elements of DERCapability."""

VARIABLES: Mapping[str, Kind] = {
    "now": Kind.TIME,
    "now_hour": Kind.TIME,
    "now_day": Kind.TIME,
    **dict.fromkeys([*SETTINGS, *CAPABILITIES, "maxImportW", "maxExportW"], Kind.NUMBER),
    **dict.fromkeys(["valid_nmi_1", "valid_nmi_2", "randuri_1", "randuri_2", "randuri_3"], Kind.TEXT),
}
"""Every variable, with the kind of its value."""

Value = Decimal | bool | str
"""The value of an expression. Times are seconds since 1970, durations are seconds."""

_UNITS = {
    **dict.fromkeys(["second", "seconds", "sec", "secs"], 1),
    **dict.fromkeys(["minute", "minutes", "min", "mins"], 60),
    **dict.fromkeys(["hour", "hours", "hr", "hrs"], 3600),
    **dict.fromkeys(["day", "days"], 86400),
}
_DURATION = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*([a-z]+)\s*", re.IGNORECASE)
_WHOLE = re.compile(r"\s*\$(?:\((?P<body>.*)\)|(?P<name>\w+))\s*", re.DOTALL)

_LONGEST = 200
"""Most characters of an expression."""

_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARISON: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_SUMS = {
    (Kind.NUMBER, Kind.NUMBER): Kind.NUMBER,
    (Kind.DURATION, Kind.DURATION): Kind.DURATION,
    (Kind.TIME, Kind.DURATION): Kind.TIME,
}
_PRODUCTS = {
    (Kind.NUMBER, Kind.NUMBER): Kind.NUMBER,
    (Kind.DURATION, Kind.NUMBER): Kind.DURATION,
    (Kind.NUMBER, Kind.DURATION): Kind.DURATION,
}


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that has been read.

    Attributes:
        text: As it was written.
        kind: What kind of value it has.
    """

    text: str
    kind: Kind
    _tree: ast.expr
    _this: str

    @property
    def needs_a_client(self) -> bool:
        """Whether a variable in it is known only when a client has registered and written it."""
        names = {node.id for node in ast.walk(self._tree) if isinstance(node, ast.Name)}
        return any(VARIABLES[self._this if name == "this" else name] is Kind.NUMBER for name in names)

    def evaluate(self, look_up: Callable[[str], Value]) -> Value:
        """Return its value.

        Args:
            look_up: Gives the value of a variable. What it raises comes through.

        Raises:
            ExpressionError: It divides by zero.
        """

        def value(node: ast.expr) -> Any:
            match node:
                case ast.Name(id=name):
                    return look_up(self._this if name == "this" else name)
                case ast.Constant(value=str(duration)):
                    return _seconds(duration)
                case ast.Constant(value=number):
                    return Decimal(str(number))
                case ast.UnaryOp(operand=operand):
                    return -value(operand)
                case ast.BinOp(left=left, op=symbol, right=right):
                    return _ARITHMETIC[type(symbol)](value(left), value(right))
                case ast.Compare(left=left, ops=[symbol], comparators=[right]):
                    return _COMPARISON[type(symbol)](value(left), value(right))
            raise AssertionError(node)

        try:
            found: Value = value(self._tree)
        except ArithmeticError:
            raise ExpressionError(f"{self.text} divides by zero, or is too large") from None
        return found


def is_expression(text: str) -> bool:
    """Return whether a text is meant to be an expression: it has a dollar sign, without a backslash before it."""
    return re.search(r"(?<!\\)\$", text) is not None


def parse_expression(text: str, parameter: str) -> Expression:
    """Read an expression.

    Args:
        text: With its dollar sign: ``$now`` or ``$(maxExportW * 2)``.
        parameter: Name of the parameter that it is the value of, for ``this``.

    Raises:
        ExpressionError: It is not one.
    """
    match = _WHOLE.fullmatch(text)
    if match is None or len(text) > _LONGEST:
        raise ExpressionError("an expression is $name or $(...), with nothing before or after it")
    try:
        tree = ast.parse((match["body"] or match["name"] or "").strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ExpressionError("it is not a name, a number, a 'duration', or two of them with an operator") from None
    return Expression(text.strip(), _kind(tree, parameter), tree, parameter)


def _kind(node: ast.expr, this: str) -> Kind:
    """Return the kind of value that a part of an expression has, if it is one."""
    match node:
        case ast.Name(id=name):
            found = VARIABLES.get(this if name == "this" else name)
            if found is None:
                known = "this" if name == "this" else "any variable"
                raise ExpressionError(f"{this if name == 'this' else name} is not the name of {known}")
            return found
        case ast.Constant(value=bool()):
            pass
        case ast.Constant(value=int() | float()):
            return Kind.NUMBER
        case ast.Constant(value=str(duration)):
            _seconds(duration)
            return Kind.DURATION
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            kind = _kind(operand, this)
            if kind in (Kind.NUMBER, Kind.DURATION):
                return kind
            raise ExpressionError(f"{kind} has no negative")
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div() as symbol, right=right):
            kinds = _kind(left, this), _kind(right, this)
            if isinstance(symbol, ast.Sub) and kinds == (Kind.TIME, Kind.TIME):
                return Kind.DURATION
            table = _SUMS if isinstance(symbol, ast.Add | ast.Sub) else _PRODUCTS
            if kinds in table and not (isinstance(symbol, ast.Div) and kinds[1] is Kind.DURATION):
                return table[kinds]
            raise ExpressionError(f"{kinds[0]} and {kinds[1]} cannot be joined so")
        case ast.Compare(left=left, ops=[symbol], comparators=[right]) if type(symbol) in _COMPARISON:
            kinds = _kind(left, this), _kind(right, this)
            if kinds[0] is kinds[1] and kinds[0] is not Kind.TRUTH:
                return Kind.TRUTH
            raise ExpressionError(f"{kinds[0]} and {kinds[1]} cannot be compared")
    raise ExpressionError("it is not a name, a number, a 'duration', or two of them with an operator")


def _seconds(text: str) -> Decimal:
    match = _DURATION.fullmatch(text)
    if match is None or match[2].lower() not in _UNITS:
        raise ExpressionError(f"'{text}' is not a duration such as '5 minutes'")
    return Decimal(match[1]) * _UNITS[match[2].lower()]
