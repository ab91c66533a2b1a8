"""The LFDI and SFDI of each dialect: that of the standard, and that of envoy-client 0.1.

In envoy-client 0.1 an LFDI is a number: it has 0x before it and up to 40 digits. Its SFDI is computed in a way that
loses leading zero bits of the LFDI; the server of that time expects it so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from envoy import identity
from envoy.errors import IdentityError

_LFDI = re.compile(r"0x[0-9a-fA-F]{1,40}\Z")
_SFDI_BITS = 36


@dataclass(frozen=True, slots=True)
class IdentityDialect:
    """How a dialect writes an LFDI, and which SFDI it has for it. Each function but ``lfdi_key`` raises IdentityError.

    Attributes:
        parse_lfdi: Return the LFDI that a text stands for.
        own_lfdi: Return an LFDI in the form of the dialect.
        lfdi_key: Return the octets that LFDIs have in common which are the same in the dialect.
        sfdi_of_lfdi: Return the SFDI that belongs to an LFDI.
        check_sfdi: Check that an SFDI belongs to an LFDI.
    """

    parse_lfdi: Callable[[str], bytes]
    own_lfdi: Callable[[bytes], bytes]
    lfdi_key: Callable[[bytes], bytes]
    sfdi_of_lfdi: Callable[[bytes], int]
    check_sfdi: Callable[[int, bytes], None]

    def same_lfdi(self, one: bytes | None, other: bytes) -> bool:
        """Whether two LFDIs are the same."""
        return one is not None and self.lfdi_key(one) == self.lfdi_key(other)


class LegacyLFDI(bytes):
    """An LFDI as envoy-client 0.1 writes it. As bytes it is the number, padded on the left to whole octets."""

    text: str

    def __new__(cls, text: str) -> LegacyLFDI:
        digits = text[2:]
        self = super().__new__(cls, bytes.fromhex(digits.zfill(len(digits) + len(digits) % 2)))
        self.text = text
        return self


def _refuse_legacy(lfdi: bytes) -> bytes:
    if isinstance(lfdi, LegacyLFDI):
        raise IdentityError(
            f"{lfdi.text} is an LFDI of envoy-client 0.1, and not of 20 octets",
            remedy="Give 20 octets, or load the site with the profile that it is registered in.",
        )
    return lfdi


def _parse_legacy(text: str) -> LegacyLFDI:
    if not _LFDI.match(text):
        raise IdentityError(
            f"{text!r} is not an LFDI of envoy-client 0.1",
            remedy="It is 0x and 1 to 40 hex digits, as in 0x21352135135.",
        )
    lfdi = LegacyLFDI(text)
    _legacy_sfdi(lfdi)
    return lfdi


def legacy_lfdi(lfdi: bytes) -> LegacyLFDI:
    """Return an LFDI as envoy-client 0.1 writes it: 0x and all its digits, unless it has a form of its own already."""
    return lfdi if isinstance(lfdi, LegacyLFDI) else LegacyLFDI(f"0x{lfdi.hex()}")


def _legacy_key(lfdi: bytes) -> bytes:
    return lfdi.lstrip(b"\0")


def _legacy_sfdi(lfdi: bytes) -> int:
    """Return the leftmost 36 bits from the first one that is set, and their check digit, which is 10 instead of 0."""
    number = int.from_bytes(lfdi)
    surplus = number.bit_length() - _SFDI_BITS
    if surplus < 0:
        raise IdentityError(
            f"the LFDI {legacy_lfdi(lfdi).text} has fewer than {_SFDI_BITS} bits after its leading zeros",
            remedy="The SFDI of envoy-client 0.1 is not defined for it: take a longer number.",
        )
    digits = str(number >> surplus)
    return int(digits + str(10 - sum(map(int, digits)) % 10))


def _check_legacy_sfdi(sfdi: int, lfdi: bytes) -> None:
    expected = _legacy_sfdi(lfdi)
    if sfdi != expected:
        raise IdentityError(
            f"SFDI {sfdi} does not belong to the LFDI {legacy_lfdi(lfdi).text}",
            remedy=f"envoy-client 0.1 computes {expected} for it.",
        )


IDENTITY_DIALECTS = {
    "standard": IdentityDialect(identity.parse_lfdi, _refuse_legacy, bytes, identity.sfdi_of_lfdi, identity.check_sfdi),
    "envoy-0.1": IdentityDialect(_parse_legacy, legacy_lfdi, _legacy_key, _legacy_sfdi, _check_legacy_sfdi),
}
"""The dialects by the name that a profile has for its own."""


def dialect_of(lfdi: bytes) -> IdentityDialect:
    """Return the dialect that an LFDI is written in."""
    return IDENTITY_DIALECTS["envoy-0.1" if isinstance(lfdi, LegacyLFDI) else "standard"]
