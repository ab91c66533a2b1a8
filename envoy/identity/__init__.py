"""The identity of a device: LFDI, SFDI and PIN (IEEE 2030.5-2018, 6.3).

A device with a certificate takes its LFDI from it: the leftmost 160 bits of the SHA-256 fingerprint. The SFDI is the
leftmost 36 bits of the LFDI as a decimal number, and the PIN of a Registration is a five-digit number, each with a
check digit behind it that makes the sum of all digits a multiple of 10.

The SFDI is the left part of the LFDI, leading zero bits included. That is why an LFDI is never padded on the left.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

from envoy._text import shorten, show_value
from envoy.errors import IdentityError

if TYPE_CHECKING:
    # Importing cryptography takes longer than importing all of envoy; functions that need it import it.
    from cryptography.x509 import Certificate

LFDI_OCTETS = 20
"""Octets of an LFDI."""

ZERO_SFDI = "The LFDI begins with nine zeros, so its SFDI is 0: a number of your own is padded with zeros on the right."
"""What to say of an LFDI whose SFDI is 0."""

_LFDI_DIGITS = 2 * LFDI_OCTETS
_FINGERPRINT_OCTETS = 32
_LARGEST_SFDI_PART = (1 << 36) - 1
_PEM_LABEL = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----")
_PEM_KEY = re.compile(rb"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?-----END \1-----", re.DOTALL)
_HEX_DIGITS = re.compile(r"[0-9A-Fa-f]*")
_SEPARATORS = re.compile(r"[\s:_-]")


def lfdi_of_fingerprint(fingerprint: bytes) -> bytes:
    """Return the LFDI for a certificate fingerprint (6.3).

    Args:
        fingerprint: SHA-256 of the DER-encoded certificate, 32 octets.

    Returns:
        Its leftmost 20 octets.

    Raises:
        IdentityError: The fingerprint does not have 32 octets.
    """
    if len(fingerprint) != _FINGERPRINT_OCTETS:
        remedies = {
            LFDI_OCTETS: "20 octets are a SHA-1 fingerprint, which is of no use here, or an LFDI already.",
            2 * _FINGERPRINT_OCTETS: "This looks like text: pass bytes.fromhex(text).",
        }
        raise IdentityError(
            f"a SHA-256 fingerprint has {_FINGERPRINT_OCTETS} octets, this one has {len(fingerprint)}",
            remedy=remedies.get(len(fingerprint), "`openssl x509 -fingerprint -sha256 -in FILE` prints it."),
        )
    return fingerprint[:LFDI_OCTETS]


def lfdi_of_certificate(certificate: Certificate | bytes) -> bytes:
    """Return the LFDI of the device that a certificate belongs to (6.3).

    Args:
        certificate: A certificate, or the content of a file that holds one: DER or PEM. Of several certificates in PEM
            the one of the key among them counts, else the first; text around them is skipped.

    Returns:
        The LFDI, 20 octets.

    Raises:
        IdentityError: The bytes are not a certificate, or begin with that of a CA and have no key.
    """
    from cryptography.hazmat.primitives.hashes import SHA256

    if isinstance(certificate, bytes):
        certificate = _load_certificate(certificate)
    return lfdi_of_fingerprint(certificate.fingerprint(SHA256()))


def _load_certificate(data: bytes) -> Certificate:
    from cryptography import x509

    labels = [label.decode() for label in _PEM_LABEL.findall(data)]
    try:
        if labels.count("CERTIFICATE") > 1:
            return _own_certificate(x509.load_pem_x509_certificates(data), data)
        return x509.load_pem_x509_certificate(data) if labels else x509.load_der_x509_certificate(data)
    except ValueError as error:
        if not data.strip():
            remedy = "There is nothing in it."
        elif "CERTIFICATE" in labels:
            remedy = f"There is a certificate in it that cannot be read: {error}"
        elif "CERTIFICATE REQUEST" in labels:
            remedy = "It is a certificate request: pass the certificate that the CA made of it."
        elif {"PKCS7", "CMS"} & {*labels}:
            remedy = "It is PKCS#7, a bundle of certificates: openssl pkcs7 -print_certs -in FILE makes PEM of it."
        elif any(label.endswith("PRIVATE KEY") for label in labels):
            remedy = "It is a private key: pass the certificate, which is often in a file beside it."
        else:
            remedy = "It is neither PEM nor DER. A PKCS#12 file (.p12, .pfx) has to be unpacked first."
        raise IdentityError("not a certificate", remedy=remedy) from None


def certificate_of_key(certificates: list[Certificate], pem: bytes) -> Certificate | None:
    """Return which of some certificates belongs to a private key.

    Args:
        certificates: The certificates.
        pem: PEM with the key in it; what is around it is skipped.

    Returns:
        The certificate; None if it is none of them, or there is no key that can be read.
    """
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if key := _PEM_KEY.search(pem):
        # An encrypted key does not say whose it is.
        with suppress(ValueError, TypeError):
            own = load_pem_private_key(key[0], None).public_key()
            return next((each for each in certificates if each.public_key() == own), None)
    return None


def _own_certificate(certificates: list[Certificate], data: bytes) -> Certificate:
    """Return the certificate of the device in a bundle: the one of the key in it, else the first.

    Raises:
        IdentityError: The first is that of a CA.
    """
    from cryptography import x509

    if (own := certificate_of_key(certificates, data)) is not None:
        return own
    first = certificates[0]
    with suppress(x509.ExtensionNotFound):
        if first.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            raise IdentityError(
                "the first of several certificates is that of a CA",
                remedy="Put the certificate of the device first, as TLS has it, or pass it alone.",
            )
    return first


def sfdi_of_lfdi(lfdi: bytes) -> int:
    """Return the SFDI that belongs to an LFDI: its leftmost 36 bits and a check digit (6.3).

    Raises:
        IdentityError: The LFDI does not have 20 octets.
    """
    _require_lfdi(lfdi)
    return _with_check_digit(int.from_bytes(lfdi) >> (8 * LFDI_OCTETS - 36))


def check_sfdi(sfdi: int, lfdi: bytes | None = None) -> None:
    """Check that an SFDI is one, and that it belongs to an LFDI if one is given (6.3).

    Raises:
        IdentityError: It is out of range, its check digit is wrong, it belongs to another LFDI, or the LFDI does not
            have 20 octets. The remedy says the right value.
    """
    _require_number(sfdi, "an SFDI")
    if not 0 <= sfdi // 10 <= _LARGEST_SFDI_PART:
        raise IdentityError(
            f"{sfdi} is not an SFDI",
            remedy="An SFDI is a number of 36 bits and a check digit: "
            f"{_with_check_digit(_LARGEST_SFDI_PART)} is the largest.",
        )
    if lfdi is not None:
        if sfdi != sfdi_of_lfdi(lfdi):
            raise IdentityError(
                f"SFDI {format_sfdi(sfdi)} does not belong to LFDI {format_lfdi(lfdi)}",
                remedy=f"The SFDI of this LFDI is {format_sfdi(sfdi_of_lfdi(lfdi))}.",
            )
    elif sfdi != _with_check_digit(sfdi // 10):
        raise IdentityError(
            f"SFDI {format_sfdi(sfdi)} has a wrong check digit",
            remedy=f"The last digit would be {_check_digit(sfdi // 10)}; another digit may be mistyped as well.",
        )


def format_lfdi(lfdi: bytes) -> str:
    """Return an LFDI as it is shown and written: 40 upper-case hex digits (6.3).

    Raises:
        IdentityError: The LFDI does not have 20 octets.
    """
    _require_lfdi(lfdi)
    return lfdi.hex().upper()


def format_sfdi(sfdi: int) -> str:
    """Return an SFDI as it is shown: 12 decimal digits (6.3). Nothing is checked."""
    return f"{sfdi:012d}"


def parse_lfdi(text: str) -> bytes:
    """Return the LFDI that a text of exactly 40 hex digits stands for, in upper or lower case.

    Nothing is guessed: 0x, spaces, separators and missing digits are errors, since a digit in the wrong place is
    another device.

    Raises:
        IdentityError: The text is anything else. The remedy says what to change.
    """
    if not isinstance(text, str):
        octets = isinstance(text, bytes) and len(text) == LFDI_OCTETS
        remedy = "These octets are an LFDI already." if octets else f"Pass its {_LFDI_DIGITS} hex digits as text."
        raise IdentityError(f"{show_value(text)} is not the text of an LFDI", remedy=remedy)
    if len(text) != _LFDI_DIGITS or not _HEX_DIGITS.fullmatch(text):
        raise IdentityError(f"{shorten(text, 80)!r} is not an LFDI", remedy=_lfdi_remedy(text))
    return bytes.fromhex(text)


def _lfdi_remedy(text: str) -> str:
    hints = []
    if text[:2].lower() == "0x":
        hints.append("Leave out the 0x.")
        text = text[2:]
    digits = _SEPARATORS.sub("", text)
    if digits != text:
        hints.append("Leave out spaces and separators.")
    foreign = next((character for character in digits if not _HEX_DIGITS.fullmatch(character)), "")
    if foreign:
        hints.append(f"{foreign!r} is not a hex digit (0-9, A-F).")
    elif len(digits) != _LFDI_DIGITS:
        hints.append(f"An LFDI has {_LFDI_DIGITS} hex digits, here are {len(digits)}.")
        hints.append(_length_hint(digits))
    return " ".join(hints)


def _length_hint(digits: str) -> str:
    if len(digits) == 2 * _FINGERPRINT_OCTETS:
        return f"If this is a SHA-256 fingerprint, its first {_LFDI_DIGITS} digits are the LFDI."
    if len(digits) > _LFDI_DIGITS:
        return "If this is a number of your own, cut it on the right, provided that what is left is still unique."
    if len(digits) == 12 and digits.isdecimal() and int(digits) == _with_check_digit(int(digits) // 10):
        return "It may be an SFDI, from which the LFDI cannot be found: look for the LFDI where the SFDI is from."
    if len(digits) % 2:
        return "A digit has been lost, often a leading zero, since the number of digits is odd: see where it is from."
    return (
        "If this is a number of your own, add zeros on the right, never on the left, where the SFDI is taken from. "
        "One can also be made of a site number and the aggregator's PEN."
    )


def site_lfdi(number: int, pen: int, *, pen_form: Literal["decimal", "hex"] = "decimal") -> bytes:
    """Return an LFDI for a site behind an aggregator, which has no certificate to take one from.

    The site number stands in the leftmost 9 hex digits, the part that the SFDI is made of; zeros follow, and the
    aggregator's PEN is in the last 8. Site 255 of PEN 28547 is ``0000000FF 00000000000000000000000 00028547``, without
    the spaces. The number always takes all 9 digits: written as short as possible and then padded on the right, 1 and
    16 would be the same site.

    So different numbers have different LFDIs and SFDIs. Between aggregators the LFDIs still differ by PEN, the SFDIs
    do not if both use the same number; starting from a random number instead of 1 makes that unlikely.

    Args:
        number: The aggregator's own number for the site, 1 to 2^36 - 1. It may never be used for another site.
        pen: IANA Private Enterprise Number of the aggregator.
        pen_form: How the PEN is written: ``decimal`` shows its decimal digits, as CSIP-AUS asks, so it has to be at
            most 99999999; ``hex`` makes it the last 32 bits as a number, which some servers expect.

    Returns:
        The LFDI, 20 octets.

    Raises:
        IdentityError: The number, the PEN or its form is out of range.
    """
    _require_number(number, "a site number")
    _require_number(pen, "a PEN")
    if not 1 <= number <= _LARGEST_SFDI_PART:
        raise IdentityError(
            f"site number {number} is not in 1..{_LARGEST_SFDI_PART}",
            remedy="If your own identifiers are longer, such as a UUID, write each with the same number of hex digits, "
            "32 at most, zeros behind them up to 32, then 8 digits for the PEN: these 40 digits are an LFDI.",
        )
    forms = {"decimal": ("08d", 99_999_999), "hex": ("08X", 0xFFFF_FFFF)}
    if pen_form not in forms:
        raise IdentityError(f"unknown form of a PEN {pen_form!r}", remedy="The forms are decimal and hex.")
    form, largest_pen = forms[pen_form]
    if not 1 <= pen <= largest_pen:
        raise IdentityError(
            f"PEN {pen} is not in 1..{largest_pen}",
            remedy="IANA lists the Private Enterprise Number of each organisation; it is a decimal number.",
        )
    return bytes.fromhex(f"{number:09X}{0:023d}{pen:{form}}")


def pin_with_check_digit(number: int) -> int:
    """Return the PIN for a number of five digits: the number and a check digit.

    Raises:
        IdentityError: The number is not in 0..99999.
    """
    _require_number(number, "a PIN")
    if not 0 <= number <= 99_999:
        raise IdentityError(
            f"{number} is not in 0..99999",
            remedy="A PIN is made of five digits; the sixth is the check digit. check_pin() takes all six.",
        )
    return _with_check_digit(number)


def check_pin(pin: int) -> None:
    """Check that a PIN has at most six digits and the right check digit.

    Raises:
        IdentityError: It has not. The remedy says the right check digit.
    """
    _require_number(pin, "a PIN")
    if not 0 <= pin <= 999_999:
        raise IdentityError(f"{pin} is not a PIN", remedy="A PIN is five digits and a check digit.")
    if pin != _with_check_digit(pin // 10):
        raise IdentityError(
            f"PIN {format_pin(pin)} has a wrong check digit",
            remedy=f"The last digit would be {_check_digit(pin // 10)}; another digit may be mistyped as well.",
        )


def format_pin(pin: int) -> str:
    """Return a PIN as it is shown: 6 decimal digits. Nothing is checked."""
    return f"{pin:06d}"


def has_check_digit(digits: bytes) -> bool:
    """Whether the last of some decimal digits is the check digit of the others, as in an SFDI or a PIN (6.3)."""
    return (sum(digits) - len(digits) * ord("0")) % 10 == 0


def _check_digit(number: int) -> int:
    digits = str(number).encode()
    return (len(digits) * ord("0") - sum(digits)) % 10


def _with_check_digit(number: int) -> int:
    return 10 * number + _check_digit(number)


def _require_number(value: int, name: str) -> None:
    if isinstance(value, int) and not isinstance(value, bool):
        return
    digits = value.strip() if isinstance(value, str) else ""
    plain = digits.isascii() and digits.isdecimal() and len(digits) <= _LFDI_DIGITS
    remedy = f"Pass the number {int(digits)}." if plain else "Pass a whole number."
    raise IdentityError(f"{show_value(value)} is not {name}", remedy=remedy)


def _require_lfdi(lfdi: bytes) -> None:
    if not isinstance(lfdi, bytes):
        text = isinstance(lfdi, str)
        raise IdentityError(
            f"{show_value(lfdi)} is not an LFDI",
            remedy=f"Pass its octets: parse_lfdi({lfdi!r})." if text else "Pass its 20 octets.",
        )
    if len(lfdi) != LFDI_OCTETS:
        raise IdentityError(
            f"an LFDI has {LFDI_OCTETS} octets, this one has {len(lfdi)}",
            remedy="parse_lfdi() reads hex digits, lfdi_of_certificate() a certificate, site_lfdi() a site number.",
        )


_NMI = re.compile(r"[0-9A-HJ-NP-Z]{10}[0-9]?")


def check_nmi(nmi: str) -> None:
    """Check that a text can be a National Metering Identifier of Australia's electricity market.

    Raises:
        IdentityError: It is not 10 digits and capitals without I and O, or the check digit behind them is wrong.
    """
    if not _NMI.fullmatch(nmi):
        raise IdentityError(
            f"{nmi!r} is not an NMI",
            remedy="An NMI is 10 digits and capital letters, without I and O; a check digit may follow.",
        )
    total = 0
    for place, character in enumerate(reversed(nmi[:10])):
        total += sum(map(int, str(ord(character) * (1 if place % 2 else 2))))
    digit = -total % 10
    if nmi[10:] not in ("", str(digit)):
        raise IdentityError(f"the NMI {nmi} has a wrong check digit", remedy=f"For {nmi[:10]} it is {digit}.")
