"""Errors of the text of a simple value, and what its author probably meant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from envoy._text import quote
from envoy.bindings.enums import Bitmap, Code
from envoy.bindings.fields import Field
from envoy.bindings.lexical import BOOLEANS, NORMALIZERS, WHITE_SPACE, describe_value

_INTEGER = re.compile(r"[+-]?[0-9]{1,40}\Z")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?\Z")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}([,' -][0-9]{3}){1,12}\Z")
_HEX_NUMBER = re.compile(r"0[xX][0-9a-fA-F]{1,16}\Z")
_WITH_UNIT = re.compile(r"([+-]?[0-9]{1,40}(?:\.[0-9]{1,20})?)\s*(\D\S{0,10})\Z")
_FRACTION = re.compile(r"(0\.0*1) (.+)")
_DURATION = re.compile(r"P(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?\Z", re.ASCII)
_CLOCK = re.compile(r"([+-]?)(\d{1,2}):(\d\d)(?::(\d\d))?\Z", re.ASCII)
_SECONDS = {"s": 1, "sec": 1, "m": 60, "min": 60, "minutes": 60, "h": 3600, "hours": 3600, "d": 86400, "days": 86400}
_WORD = re.compile(r"[^0-9a-z]")
_WRONG_HEX = re.compile(r"[^0-9a-fA-F]")
_SEPARATED = re.compile(r"(?:[0-9a-fA-F]{2})+(?:[:. -](?:[0-9a-fA-F]{2})+)+\Z")
_SEPARATOR = re.compile(r"[:. -]")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FORMS = {bool: "boolean", int: "integer"}
_IDENTIFIER = 16
"""Octets of the shortest hexBinary that is not a number: a zero before an mRID or an LFDI would make it another one."""

_MIDNIGHT = re.compile(r"(?<=T)24(?=:00:00)")
_MOST_CODES = 8
"""Codes that are named where none is known to be meant."""


class CodeName(NamedTuple):
    """A code of a list: its number, its name and what it means, as far as that is known."""

    number: int
    name: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """What a simple type allows.

    Attributes:
        type: Name of the type.
        kind: The type of XSD that it restricts, such as ``hexBinary`` or ``string``; ``integer`` for whole numbers.
        max_length: Most octets or characters, None if there is no limit.
        min_length: Fewest octets or characters.
        minimum: Smallest number, None if there is no limit.
        maximum: Largest number, None if there is no limit.
        patterns: Regular expressions that the text has to match.
        bitmap: Each bit has a meaning of its own.
        time: It is a time in seconds since 1970.
        white_space: What becomes of white space in a text: ``preserve``, ``replace`` or ``collapse``.
        decided: Nothing else is demanded, so that what has no error here is valid.
        unit: The unit of a number, such as ``s`` or ``0.01 %``; empty if none is known.
        codes: What the numbers stand for, if that is known.
    """

    type: str
    kind: str
    max_length: int | None = None
    min_length: int = 0
    minimum: int | None = None
    maximum: int | None = None
    patterns: tuple[re.Pattern[str], ...] = ()
    bitmap: bool = False
    time: bool = False
    white_space: str = "preserve"
    decided: bool = True
    unit: str = ""
    codes: tuple[CodeName, ...] = ()


class ValueDiagnosis(NamedTuple):
    """What is wrong with a value: a code of a finding, what is wrong, what to do, and what was meant.

    Attributes:
        code: Code of the finding.
        reason: What is wrong.
        remedy: What to do.
        meant: The value that was meant; empty if it is not known.
        multiplier: The multiplier that has to stand beside it; empty if it stays.
        likely: It is likely, not certain, that this was meant.
    """

    code: str
    reason: str
    remedy: str
    meant: str = ""
    multiplier: str = ""
    likely: bool = False


class _Suggestion(NamedTuple):
    """What to do about a number, as a sentence, and what was meant."""

    remedy: str = ""
    meant: str = ""
    multiplier: str = ""
    likely: bool = False


def diagnose_value(text: str, value: Value, multiplier: str | None = None) -> ValueDiagnosis | None:
    """Return what is wrong with a value that does not fit its type, None if nothing is known to be wrong.

    Args:
        text: The value as it stands in the document.
        value: What its type allows.
        multiplier: The text of the power of ten that scales it, None if nothing does.
    """
    stripped = text.strip(WHITE_SPACE)
    if value.kind == "integer":
        found = _diagnose_number(stripped, value, multiplier)
    elif value.kind == "hexBinary":
        found = _diagnose_hex(stripped, value)
    elif value.kind == "boolean":
        found = None if stripped in BOOLEANS else _diagnose_boolean(text)
    else:
        text = stripped = NORMALIZERS.get(value.white_space, str)(text)
        found = _diagnose_length(text, value)
    if found is None and not all(pattern.fullmatch(stripped) for pattern in value.patterns):
        pattern = next(pattern for pattern in value.patterns if not pattern.fullmatch(stripped))
        return ValueDiagnosis("bad-value", f"{quote(text)} does not match {pattern.pattern}", "")
    return found


def diagnose_field(text: str, field: Field, error: ValueError) -> ValueDiagnosis:
    """Return what is wrong with the text of a field that has been refused.

    Args:
        text: The text.
        field: The field.
        error: Why it has been refused.
    """
    kind = field.type
    if not (field.base64 or field.words):
        form = "hexBinary" if field.octets or kind is bytes else _FORMS.get(kind, "")
        if not form and issubclass(kind, (Bitmap, Code)):
            form = "integer"
        name = kind.__name__ if issubclass(kind, (Bitmap, Code)) else field.local
        codes = tuple(CodeName(int(x), x.name) for x in kind) if issubclass(kind, Code) else ()
        value = Value(name, form, field.octets or None, bitmap=issubclass(kind, Bitmap), codes=codes)
        if form and (found := diagnose_value(text, value)):
            return found
    what = f"not {describe_value(field)}: {error}"
    if "is not a valid" in str(error):  # Python says so of what is not in an enumeration
        what = f"not {describe_value(field)}" if issubclass(kind, StrEnum) else f"not a code of {kind.__name__}"
    return ValueDiagnosis("bad-value", f"{quote(text)} is {what}", "")


def _diagnose_boolean(text: str) -> ValueDiagnosis:
    word = text.strip().lower()
    meant = {"yes": "true", "no": "false", "on": "true", "off": "false"}.get(word, word)
    what = f"{quote(text)} is neither true nor false"
    if meant not in ("true", "false"):
        return ValueDiagnosis("not-a-boolean", what, "Write true or false.")
    return ValueDiagnosis("not-a-boolean", what, f"Write {meant}.", meant, likely=meant != word)


def _diagnose_length(text: str, value: Value) -> ValueDiagnosis | None:
    if value.max_length is not None and len(text) > value.max_length:
        what = f"the text has {len(text)} characters, {value.type} allows {value.max_length}"
        return ValueDiagnosis("too-long", what, f"Shorten it by {len(text) - value.max_length}.")
    if len(text) < value.min_length:
        what = f"the text has {len(text)} characters, {value.type} has at least {value.min_length}"
        return ValueDiagnosis("bad-value", what, "")
    return None


def _diagnose_hex(text: str, value: Value) -> ValueDiagnosis | None:
    octets = value.max_length or 0
    digits = text[2:] if text[:2].lower() == "0x" else text
    # A number that fits has at most three digits for each octet; int() refuses one of thousands of digits.
    decimal = text.isascii() and text.isdecimal() and len(text) <= 3 * octets and int(text) < 1 << 8 * octets
    # Nobody writes zeros before a decimal number. They say that these are hex digits, whatever their number.
    decimal = decimal and not text.startswith("0")
    if digits is not text:
        even = digits if len(digits) % 2 == 0 else f"0{digits}"
        fits = even and not _WRONG_HEX.search(even) and len(even) <= 2 * octets
        remedy = f"Leave out the 0x: {even.upper()}." if fits else "Leave out the 0x."
        what = f"{quote(text)} starts with 0x, hexBinary is digits only"
        certain = fits and (even is digits or octets < _IDENTIFIER)
        return ValueDiagnosis("hex-prefix", what, remedy, even.upper() if certain else "")
    if wrong := _WRONG_HEX.search(text):
        what = f"{quote(text)} is not hexBinary: {wrong[0]!r} is not a hex digit"
        plain = _SEPARATOR.sub("", text).upper()
        if _SEPARATED.match(text) and not _DECIMAL.match(text) and len(plain) <= 2 * octets:
            return ValueDiagnosis("hex-digits", what, f"Leave out what separates the digits: {plain}.", plain)
        return ValueDiagnosis("hex-digits", what, "Use 0-9 and A-F alone.")
    if value.bitmap and decimal and (len(text) % 2 or len(text) > 2 * octets):
        what = f"{text} is not hexBinary, and looks like a decimal number"
        meant = f"{int(text):0{2 * octets}X}"
        return ValueDiagnosis("decimal-bitmap", what, f"As a bitmap {text} is {meant}.", meant, likely=True)
    if octets and len(text) > 2 * octets:
        what = f"{quote(text)} has {len(text)} hex digits, {value.type} allows {2 * octets}"
        if octets == 20 and len(text) == 64:
            meant = text[:40].upper()
            remedy = f"If it is a SHA-256 fingerprint, its first 40 digits are the LFDI: {meant}."
            return ValueDiagnosis("hex-too-long", what, remedy, meant, likely=True)
        if not text[: -2 * octets].strip("0"):
            meant = text[-2 * octets :].upper()
            return ValueDiagnosis("hex-too-long", what, f"Leave out the zeros before it: {meant}.", meant)
        return ValueDiagnosis("hex-too-long", what, "See where it is from: none of its digits can be left out.")
    if len(text) % 2:
        what = f"{quote(text)} has {len(text)} hex digit{'s' if len(text) > 1 else ''}, an odd number"
        if octets < _IDENTIFIER:
            return ValueDiagnosis("hex-odd", what, f"Write a leading zero: 0{text}.", f"0{text}")
        return ValueDiagnosis("hex-odd", what, "A digit has been lost: see where it is from.")
    if len(text) < 2 * value.min_length:
        what = f"{quote(text)} has {len(text)} hex digits, {value.type} has at least {2 * value.min_length}"
        return ValueDiagnosis("bad-value", what, "")
    return None


def _diagnose_number(text: str, value: Value, multiplier: str | None) -> ValueDiagnosis | None:
    low, high = value.minimum, value.maximum
    whole = _INTEGER.match(text)
    if whole and _is_within(int(text), value):
        return None
    if not whole and value.time:
        what = f"{quote(text)} is not a time in seconds since 1970" if text else "the time is empty"
        if _DECIMAL.match(text):
            seconds, fraction = divmod(Decimal(text), 1)
            return ValueDiagnosis("not-seconds", what, f"Write {seconds:.0f}.", f"{seconds:.0f}", likely=bool(fraction))
        return ValueDiagnosis("not-seconds", what, *_suggest_seconds(text))
    if not whole:
        what = f"{quote(text)} is not a whole number" if text else "the number is empty"
        return ValueDiagnosis("not-a-number", what, *_suggest_number(text, value, multiplier))
    scaled = _suggest_multiplier(Decimal(text), value, multiplier)
    bounds = f"at least {low}" if high is None else f"at most {high}" if low is None else f"from {low} to {high}"
    what = f"{text} is out of bounds, {value.type or 'it'} is {bounds}"
    return ValueDiagnosis(
        "out-of-range", what, *(scaled if scaled.remedy else ("Write a number within these bounds.",))
    )


def _suggest_number(text: str, value: Value, multiplier: str | None) -> _Suggestion:
    """Return what to write instead of a text that is not a whole number."""
    if value.codes and not any(map(str.isdigit, text)):
        return _suggest_code(text, value.codes)
    if _DATE.match(text):
        return _suggest_seconds(text)._replace(likely=True)
    if value.unit == "s" and (seconds := _read_duration(text)) is not None:
        return _Suggestion(f"Write its seconds: {seconds}.", str(seconds), likely=True)
    factor, unit = found.groups() if (found := _FRACTION.fullmatch(value.unit)) else ("1", value.unit)
    certain = _DECIMAL.match(text)
    if certain:
        amount = Decimal(text)
    elif _GROUPED.match(text):
        amount = Decimal(text[0] + re.sub(r"[,' -]", "", text[1:]))
    elif _HEX_NUMBER.match(text):
        amount = Decimal(int(text, 16))
    elif (found := _WITH_UNIT.match(text)) and found[2] == unit:
        amount = Decimal(found[1]) / Decimal(factor)
    else:
        return _Suggestion(f"Write digits alone{', without a unit' if re.search('[0-9]', text) else ''}.")
    if factor != "1" and amount % 1:
        amount, certain = amount / Decimal(factor), None
        remedy = f"Write {amount:.0f}: the unit is {value.unit}."
    else:
        remedy = f"Write {amount:.0f}."
    if amount % 1 or not _is_within(amount, value):
        scaled = _suggest_multiplier(amount, value, multiplier)
        return scaled if scaled.remedy else _Suggestion("Round it, or keep its fraction by a smaller multiplier.")
    return _Suggestion(remedy, f"{amount:.0f}", likely=not certain or factor != "1")


def _suggest_code(text: str, codes: tuple[CodeName, ...]) -> _Suggestion:
    """Return the number of the code that a word stands for."""
    word = _WORD.sub("", text.lower())
    meant = {
        code for code in codes if word in (_WORD.sub("", x.lower()) for x in (code.name, code.label.split(",")[0]))
    }
    if word and len(meant) == 1:
        ((number, name, _),) = meant
        return _Suggestion(f"Write its number: {number} is {name}.", str(number), likely=True)
    shown = ", ".join(f"{code.number} is {code.name}" for code in codes[:_MOST_CODES])
    return _Suggestion(f"Write the number of a code: {shown}{', ...' if len(codes) > _MOST_CODES else '.'}")


def _read_duration(text: str) -> int | None:
    """Return the seconds of a duration of ISO 8601, of a number with its unit, or of hours and minutes."""
    if (found := _DURATION.match(text)) and any(found.groups()):
        days, hours, minutes, seconds = (int(x or 0) for x in found.groups())
        return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    if (found := _WITH_UNIT.match(text)) and found[2].lower() in _SECONDS and found[1].isdecimal():
        return int(found[1]) * _SECONDS[found[2].lower()]
    if found := _CLOCK.match(text):
        hours, minutes, seconds = (int(x or 0) for x in found.groups()[1:])
        return ((hours * 60 + minutes) * 60 + seconds) * (-1 if found[1] == "-" else 1)
    return None


def _is_within(number: Decimal | int, value: Value) -> bool:
    """Whether a number is within the bounds of a type."""
    low, high = value.minimum, value.maximum
    return (low is None or number >= low) and (high is None or number <= high)


def _suggest_multiplier(amount: Decimal, value: Value, beside: str | None) -> _Suggestion:
    """Return the value and multiplier that say the same number within the bounds."""
    if beside is None or not _INTEGER.match(beside.strip()):
        return _Suggestion()
    multiplier = int(beside)
    if value.minimum is None or value.maximum is None or not -128 <= multiplier <= 127:
        return _Suggestion()  # such a multiplier is an error of its own, and no power of ten for a Decimal
    for shift in sorted(range(-9 - multiplier, 10 - multiplier), key=abs):
        number = amount / Decimal(10) ** shift
        if number == number.to_integral_value() and value.minimum <= number <= value.maximum:
            remedy = f"Write {int(number)} with the multiplier {multiplier + shift}: the same number."
            return _Suggestion(remedy, str(int(number)), str(multiplier + shift))
    for shift in range(10 - multiplier):
        number = (amount / Decimal(10) ** shift).to_integral_value()
        if number and value.minimum <= number <= value.maximum:
            remedy = f"Write {int(number)} with the multiplier {multiplier + shift}: that is rounded."
            return _Suggestion(remedy, str(int(number)), str(multiplier + shift), likely=True)
    return _Suggestion()


def _suggest_seconds(text: str) -> _Suggestion:
    try:
        # Midnight may be written as the end of a day.
        moment = datetime.fromisoformat(_MIDNIGHT.sub("00", text))
        moment += timedelta(days=bool(_MIDNIGHT.search(text)))
    except (ValueError, OverflowError):
        return _Suggestion("Write the seconds since 1970-01-01 UTC, a whole number.")
    condition = f", if {text} is UTC" if moment.tzinfo is None else ""
    likely = moment.tzinfo is None or bool(moment.microsecond)
    seconds = int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())
    return _Suggestion(f"Write seconds since 1970-01-01 UTC: {seconds}{condition}.", str(seconds), likely=likely)
