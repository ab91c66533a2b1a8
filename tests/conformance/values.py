"""Values of XSD simple types: such that fit, at the bounds and between them, and such that may not fit."""

from __future__ import annotations

import base64
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from xmlschema.names import (
    XSD_ENUMERATION,
    XSD_FRACTION_DIGITS,
    XSD_LENGTH,
    XSD_MAX_LENGTH,
    XSD_MIN_LENGTH,
    XSD_PATTERN,
)
from xmlschema.validators import XsdAtomicBuiltin, XsdList, XsdSimpleType, XsdUnion

Sample = Callable[[Random], str]

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/"
_RARE = " \t\n\r&<>\"'];\x7f\x85\xa0éßЖ\u2028中\ufffd😀"
"""Characters that a careless reader or writer loses or changes."""

_LONGEST = 40
"""Characters, octets or items where a type has no upper limit."""

_SAMPLES: dict[str, Sample] = {
    "boolean": lambda rng: rng.choice(("true", "false", "1", "0")),
    "anyURI": lambda rng: rng.choice(("", "/", f"/edev/{rng.randrange(99)}", "https://example.org:8443/a?s=0&l=1#b")),
    "float": lambda rng: rng.choice(("INF", "-INF", "NaN", f"{rng.uniform(-9, 9):.3g}")),
    "double": lambda rng: rng.choice(("INF", "-INF", "NaN", f"{rng.uniform(-9, 9):.9g}")),
    "date": lambda rng: f"20{rng.randrange(10, 99)}-0{rng.randrange(1, 9)}-1{rng.randrange(9)}",
    "time": lambda rng: f"1{rng.randrange(9)}:3{rng.randrange(9)}:00{rng.choice(('', 'Z'))}",
    "dateTime": lambda rng: f"20{rng.randrange(10, 99)}-02-1{rng.randrange(9)}T12:30:0{rng.randrange(9)}Z",
    "gYear": lambda rng: f"20{rng.randrange(10, 99)}",
    "gYearMonth": lambda rng: f"20{rng.randrange(10, 99)}-0{rng.randrange(1, 9)}",
    "gMonth": lambda rng: f"--0{rng.randrange(1, 9)}",
    "gMonthDay": lambda rng: f"--0{rng.randrange(1, 9)}-1{rng.randrange(9)}",
    "gDay": lambda rng: f"---1{rng.randrange(9)}",
    "duration": lambda rng: f"P{rng.randrange(1, 99)}DT{rng.randrange(24)}H",
}
"""Values by the primitive type, where a type has no bounds of its own."""

_NAMES = ("NMTOKEN", "Name", "NCName", "ID", "ENTITY", "QName", "language")
"""Types whose values are names; a short word of letters is one of each."""


def simple_type_of(xsd_type: Any) -> XsdSimpleType | None:
    """Return the simple type of a type's text, None if it has elements inside or nothing."""
    if xsd_type.is_simple():
        return xsd_type
    return xsd_type.content if xsd_type.has_simple_content() else None


def builtin_name(simple: Any) -> str:
    """Return the name of the type of XSD itself that a simple type comes from: unsignedByte."""
    while not isinstance(simple, XsdAtomicBuiltin):
        simple = simple.base_type
    return str(simple.local_name)


@cache
def sampler(simple: XsdSimpleType) -> Sample:
    """Return a function that gives random values of a type, in all the ways that XSD allows to write them.

    Raises:
        ValueError: From the function, if it finds no value that the type allows.
    """
    sample = _unchecked(simple)
    if not {XSD_PATTERN, XSD_FRACTION_DIGITS} & set(_facets(simple)) and simple.variety == "atomic":
        return sample

    def checked(rng: Random) -> str:
        for _ in range(100):
            text = sample(rng)
            if simple.text_is_valid(text):
                return text
        raise ValueError(f"no value of {simple.name or simple} was found")

    return checked


@cache
def spoiler(simple: XsdSimpleType) -> Sample:
    """Return a function that gives values on and beyond the bounds of a type, and nonsense."""
    fixed = ["", " ", "abc", "0x1F", "1.5", "1e3", "TRUE", "-1", "+1", "-0", "1_0", "٣", "9" * 25, "F", "0g", "%%"]
    low, high, size = simple.min_value, simple.max_value, _length(simple, XSD_MAX_LENGTH)
    if isinstance(low, int) and isinstance(high, int):
        fixed += [str(low), str(low - 1), str(high), str(high + 1), f" {high} ", f"00{high}"] * 3
    if size is not None and simple.variety == "atomic" and builtin_name(simple) == "hexBinary":
        fixed += ["AB" * size, "AB" * (size + 1), "A" * (2 * size - 1), "ab" * size] * 3
    elif size is not None:
        fixed += ["x" * size, "x" * (size + 1), "é" * size, "é" * (size + 1), " " * (size + 1)] * 3
    return lambda rng: rng.choice(fixed)


def _underlying(simple: Any, kind: type) -> Any:
    """Return the list or union that a type restricts."""
    while not isinstance(simple, kind):
        simple = simple.base_type
    return simple


def _facets(simple: Any) -> dict[str, Any]:
    """Return the facets of a type and of those it is derived from; what is nearer counts. XSD's own are left out."""
    found: dict[str, Any] = {}
    while simple is not None and not isinstance(simple, XsdAtomicBuiltin):
        found = {str(name): facet for name, facet in simple.facets.items() if name} | found
        simple = simple.base_type
    return found


def _length(simple: Any, name: str) -> int | None:
    facets = _facets(simple)
    facet = facets.get(XSD_LENGTH) or facets.get(name)
    return None if facet is None else int(facet.value)


def _unchecked(simple: Any) -> Sample:
    facets = _facets(simple)
    if XSD_ENUMERATION in facets:
        allowed = [str(entry.get("value")) for entry in facets[XSD_ENUMERATION]]
        return lambda rng: rng.choice(allowed)
    if simple.variety == "union":
        members = [sampler(member) for member in _underlying(simple, XsdUnion).member_types]
        return lambda rng: rng.choice(members)(rng)
    low, high = _length(simple, XSD_MIN_LENGTH) or 0, _length(simple, XSD_MAX_LENGTH)
    high = low + _LONGEST if high is None else high
    size = _sizes(low, high)
    if simple.variety == "list":
        item = sampler(_underlying(simple, XsdList).item_type)
        return lambda rng: " ".join(item(rng) for _ in range(size(rng)))
    if XSD_PATTERN in facets:
        examples = _matching(facets[XSD_PATTERN].patterns[0].pattern)
        return lambda rng: rng.choice(examples)
    if builtin_name(simple) in _NAMES:
        return lambda rng: "".join(rng.choices(_LETTERS[:26], k=max(low, min(high, 8))))
    return _atomic(builtin_name(simple), simple, size)


def _atomic(builtin: str, simple: Any, size: Callable[[Random], int]) -> Sample:
    if builtin == "hexBinary":
        return lambda rng: rng.choice((bytes.hex, lambda octets: octets.hex().upper()))(rng.randbytes(size(rng)))
    if builtin == "base64Binary":
        return lambda rng: base64.b64encode(rng.randbytes(size(rng))).decode()
    if simple.primitive_type.local_name == "decimal":
        return _number(simple, builtin)
    if builtin == "string":
        return lambda rng: _text(rng, size(rng))
    if builtin in ("normalizedString", "token"):
        return lambda rng: "".join(rng.choices(_LETTERS, k=size(rng)))
    if builtin in _SAMPLES:
        return _SAMPLES[builtin]
    raise ValueError(f"no values are known for xs:{builtin}")


def _number(simple: Any, builtin: str) -> Sample:
    low = int(-(10**9) if simple.min_value is None else simple.min_value)
    high = int(low + 10**10 if simple.max_value is None else simple.max_value)

    def sample(rng: Random) -> str:
        number = rng.choice((low, high)) if rng.random() < 0.3 else rng.randint(low, high)
        if rng.random() < 0.85:
            return str(number)
        if builtin == "decimal" and low < number < high:
            return str(number + Decimal(rng.randrange(100)) / 100)
        # Other ways to write the same number.
        return f" {number}\n" if number < 0 else f"\t0{number} "

    return sample


def _sizes(low: int, high: int) -> Callable[[Random], int]:
    def size(rng: Random) -> int:
        return rng.choice((low, high)) if rng.random() < 0.3 else rng.randint(low, min(high, low + _LONGEST))

    return size


def _text(rng: Random, size: int) -> str:
    alphabet = _LETTERS + _RARE if rng.random() < 0.5 else _LETTERS
    return "".join(rng.choices(alphabet, k=size))


@cache
def _matching(pattern: str) -> list[str]:
    """Return some texts that match a regular expression, the same ones every time.

    They are ASCII, since validators know the letters and digits of different editions of Unicode.
    """
    found: list[str] = []

    @settings(max_examples=50, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.from_regex(pattern, alphabet=st.characters(codec="ascii")))
    def collect(text: str) -> None:
        found.append(text)

    collect()
    return found
