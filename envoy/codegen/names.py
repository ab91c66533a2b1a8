"""Python names of XML names: lFDI is ``lfdi``, opModFixedPFAbsorbW is ``op_mod_fixed_pf_absorb_w``."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterator
from itertools import count

_CAPITAL_WORDS = {
    "CRCerrors": "crc_errors",
    "DODAGid": "dodag_id",
    "DODAGroot": "dodag_root",
    "EUI64": "eui64",
    "IEEE_802_15_4": "ieee_802_15_4",
    "LLCSMAFail": "ll_csma_fail",
    "loWPAN": "lowpan",
    "rampPT1Tms": "ramp_pt1_tms",
}
"""Names whose capitals do not show where a word ends."""

_FIELD_WORDS = frozenset({"bool", "bytes", "dataclass", "datetime", "field", "float", "int", "list", "str"})
"""Names that the source of a generated class needs for itself."""

_MODULE_NAMES = frozenset(
    {
        "Any", "Bitmap", "Code", "ComplexType", "Decimal", "ELEMENTS", "Int32Quantity", "Int48Quantity", "PREFIXES",
        "PowerFactorQuantity", "Quantity", "StrEnum", "TYPES", "TYPE_CHECKING", "UInt48Quantity", "UnsignedQuantity",
    }
)  # fmt: skip
"""Names that the source of a generated module or package needs for itself."""


def snake_case(name: str) -> str:
    """Return the Python name of an XML name, acronyms whole: lFDI -> lfdi, rtgMaxVA -> rtg_max_va."""
    if name in _CAPITAL_WORDS:
        return _CAPITAL_WORDS[name]
    if re.fullmatch(r"[a-z][A-Z]{2,}", name):
        return name.lower()
    if not name.isascii():
        # Python reads a name in this form of it.
        return unicodedata.normalize("NFKC", re.sub(r"\W", "_", name).lower())
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    return "_".join(word.lower() for word in words)


def field_identifier(name: str) -> str:
    """Return the name of a field: the snake case of its XML name, with an underscore after what Python needs itself."""
    snake = snake_case(name)
    if not snake[:1].isalpha():
        snake = f"field_{snake}".rstrip("_")
    return f"{snake}_" if keyword.iskeyword(snake) or snake in _FIELD_WORDS else snake


def class_identifier(name: str) -> str:
    """Return the name of a class: its XML name, unless that is all in lower case or no name in Python."""
    result = unicodedata.normalize("NFKC", re.sub(r"\W", "_", name))
    if result.islower():
        result = "".join(word[:1].upper() + word[1:] for word in re.split("_+", result))
    if not result[:1].isalpha():
        result = f"Type{result}"
    return f"{result}_" if keyword.iskeyword(result) or result in _MODULE_NAMES else result


def member_identifier(text: str, taken: set[str], *, number: bool) -> str:
    """Return the name of an enumeration's member, made of its value, and add it to those that are taken."""
    words = re.sub(r"\W+", "_", text).strip("_").upper()
    if number:
        words = f"VALUE_{'MINUS_' if text.startswith('-') else ''}{words}"
    elif not words[:1].isalpha():
        words = f"VALUE_{words}" if words else "EMPTY"
    name = next(name for name in numbered(words, "_") if name not in taken)
    taken.add(name)
    return name


def numbered(name: str, separator: str = "") -> Iterator[str]:
    """Yield a name, and then the same with the numbers from 2 behind it."""
    yield name
    yield from (f"{name}{separator}{number}" for number in count(2))


def module_identifier(stem: str) -> str:
    """Return the name of a module: that of the schema file, in lower case."""
    result = re.sub(r"\W+", "_", stem if re.fullmatch(r"[a-z0-9_]+", stem) else snake_case(stem)).strip("_")
    if not result[:1].isalpha():
        result = f"schema_{result}".rstrip("_")
    return f"{result}_" if keyword.iskeyword(result) else result
