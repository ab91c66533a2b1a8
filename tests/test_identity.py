"""LFDI, SFDI and PIN: the standard's example, the rules as properties, and what each error advises."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs7 import serialize_certificates
from cryptography.x509.oid import NameOID
from hypothesis import assume, given
from hypothesis import strategies as st

from envoy import identity
from envoy.errors import IdentityError
from envoy.tls.pki import Pki

FINGERPRINT = bytes.fromhex("3E4F45AB31EDFE5B67E343E5E4562E31984E23E5349E2AD745672ED145EE213A")
LFDI_TEXT = "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5"
LFDI = bytes.fromhex(LFDI_TEXT)
SFDI = 167261211391

lfdis = st.binary(min_size=20, max_size=20)
site_numbers = st.integers(1, 2**36 - 1)
decimal_pens = st.integers(1, 99_999_999)


def digit_sum(number: int) -> int:
    return sum(int(digit) for digit in str(number))


def make_certificate(name: str = "device") -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, SHA256())
    )
    return certificate, key


def error_of(function: Callable[..., object], *arguments: object) -> str:
    """Return the text of the error that a function raises."""
    with pytest.raises(IdentityError) as caught:
        function(*arguments)
    return str(caught.value)


def private_key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


# The LFDI is the left part of the fingerprint.


def test_lfdi_of_the_example() -> None:
    assert identity.format_lfdi(identity.lfdi_of_fingerprint(FINGERPRINT)) == LFDI_TEXT


def test_a_fingerprint_of_another_length_is_refused(snapshot: Any) -> None:
    wrong = (FINGERPRINT[:20], FINGERPRINT.hex().encode(), b"")
    assert [error_of(identity.lfdi_of_fingerprint, fingerprint) for fingerprint in wrong] == snapshot


def test_der_pem_and_object_have_the_same_lfdi() -> None:
    certificate, key = make_certificate()
    der, pem = certificate.public_bytes(Encoding.DER), certificate.public_bytes(Encoding.PEM)
    expected = certificate.fingerprint(SHA256())[:20]
    assert identity.lfdi_of_certificate(certificate) == expected
    assert identity.lfdi_of_certificate(der) == expected
    assert identity.lfdi_of_certificate(pem) == expected
    assert identity.lfdi_of_certificate(private_key_pem(key) + b"\nBag Attributes: none\n" + pem) == expected


def test_the_first_certificate_of_a_bundle_counts() -> None:
    first, second = (make_certificate(name)[0] for name in ("device", "issuer"))
    bundle = first.public_bytes(Encoding.PEM) + second.public_bytes(Encoding.PEM)
    assert identity.lfdi_of_certificate(bundle) == identity.lfdi_of_certificate(first)


def test_lfdi_agrees_with_openssl(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if not openssl:
        pytest.skip("no openssl command")
    certificate, _ = make_certificate()
    path = tmp_path / "device.pem"
    path.write_bytes(certificate.public_bytes(Encoding.PEM))
    command = [openssl, "x509", "-noout", "-fingerprint", "-sha256", "-in", str(path)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    digits = printed.strip().rpartition("=")[2].replace(":", "")
    assert identity.format_lfdi(identity.lfdi_of_certificate(path.read_bytes())) == digits[:40]


def test_in_a_bundle_that_begins_with_the_ca_the_certificate_of_the_key_counts(pki: Pki) -> None:
    files = next(iter(pki.devices.values()))
    ca, own, key = (path.read_bytes() for path in (pki.ca.certificate, files.certificate, files.key))
    expected = identity.lfdi_of_certificate(own)
    for bundle in (ca + own + key, key + ca + own, own + ca):
        assert identity.lfdi_of_certificate(bundle) == expected
    with pytest.raises(IdentityError, match="that of a CA"):
        identity.lfdi_of_certificate(ca + own)
    # One alone is what it is.
    assert identity.lfdi_of_certificate(ca) != expected


def test_bytes_that_are_not_a_certificate_are_named(snapshot: Any) -> None:
    certificate, key = make_certificate()
    request = x509.CertificateSigningRequestBuilder().subject_name(certificate.subject).sign(key, SHA256())
    damaged = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    kinds = {
        "nothing": b"",
        "a line end": b"\n",
        "a key": private_key_pem(key),
        "a request": request.public_bytes(Encoding.PEM),
        "a PKCS#12 file": b"\x30\x82\x01\x02",
        "a PKCS#7 file": serialize_certificates([certificate], Encoding.PEM),
    }
    assert {name: error_of(identity.lfdi_of_certificate, data) for name, data in kinds.items()} == snapshot
    # What is wrong with it is for cryptography to say.
    assert "certificate" in error_of(identity.lfdi_of_certificate, damaged)


# The SFDI is the left part of the LFDI.


def test_sfdi_of_the_example() -> None:
    assert identity.sfdi_of_lfdi(LFDI) == SFDI


@pytest.mark.parametrize(
    ("start", "sfdi"),
    [
        ("0000000000", 0),
        ("0000000010", 19),
        ("000000001F", 19),  # 36 bits are nine hex digits, the tenth is not part of it
        ("0000000130", 190),  # 0x13 is 19: the digits already add up to 10, so the check digit is 0
        ("0213521351", 5571300379),
        ("FFFFFFFFFF", 687194767357),
    ],
)
def test_leading_zero_bits_belong_to_the_sfdi(start: str, sfdi: int) -> None:
    assert identity.sfdi_of_lfdi(bytes.fromhex(start) + bytes(15)) == sfdi


@given(lfdis)
def test_the_digits_of_an_sfdi_add_up_to_a_multiple_of_ten(lfdi: bytes) -> None:
    sfdi = identity.sfdi_of_lfdi(lfdi)
    assert digit_sum(sfdi) % 10 == 0
    assert f"{sfdi // 10:09X}" == identity.format_lfdi(lfdi)[:9]
    assert len(identity.format_sfdi(sfdi)) == 12
    identity.check_sfdi(sfdi)
    identity.check_sfdi(sfdi, lfdi)


@given(lfdis, st.integers(1, 9))
def test_any_other_check_digit_is_refused_and_the_right_one_named(lfdi: bytes, shift: int) -> None:
    sfdi = identity.sfdi_of_lfdi(lfdi)
    wrong = sfdi // 10 * 10 + (sfdi + shift) % 10
    with pytest.raises(IdentityError) as caught:
        identity.check_sfdi(wrong)
    assert f" {sfdi % 10};" in caught.value.remedy


def test_an_sfdi_of_another_lfdi_is_refused_and_the_right_one_named(snapshot: Any) -> None:
    assert error_of(identity.check_sfdi, 669044845563, LFDI) == snapshot


@pytest.mark.parametrize("sfdi", [-1, 687194767360, 10**12])
def test_a_number_that_36_bits_cannot_give_is_not_an_sfdi(sfdi: int) -> None:
    with pytest.raises(IdentityError) as caught:
        identity.check_sfdi(sfdi)
    assert "687194767357" in caught.value.remedy


def test_a_short_sfdi_is_shown_with_zeros() -> None:
    assert identity.format_sfdi(19) == "000000000019"


@pytest.mark.parametrize("octets", [0, 5, 19, 21, 32])
def test_an_lfdi_of_another_length_is_refused(octets: int) -> None:
    for function in (identity.sfdi_of_lfdi, identity.format_lfdi, lambda lfdi: identity.check_sfdi(SFDI, lfdi)):
        with pytest.raises(IdentityError) as caught:
            function(bytes(octets))
        assert str(octets) in caught.value.what


# The text form is exact.


@given(lfdis)
def test_an_lfdi_survives_being_written_and_read(lfdi: bytes) -> None:
    text = identity.format_lfdi(lfdi)
    assert len(text) == 40 and text == text.upper()
    assert identity.parse_lfdi(text) == identity.parse_lfdi(text.lower()) == lfdi


@given(st.text(alphabet="0123456789abcdefABCDEFx :-\n\u0661", max_size=90))
def test_any_other_text_is_an_error_with_a_remedy(text: str) -> None:
    assume(not re.fullmatch("[0-9A-Fa-f]{40}", text))
    with pytest.raises(IdentityError) as caught:
        identity.parse_lfdi(text)
    assert caught.value.remedy


def test_the_remedy_says_what_is_wrong_with_a_text(snapshot: Any) -> None:
    texts = (
        f"0x{LFDI_TEXT}",
        f"0X{LFDI_TEXT}",
        "0x21352135135",
        "0x" * 2000,
        "",
        "213521351350",
        LFDI_TEXT[:-1],
        LFDI_TEXT + "00",
        FINGERPRINT.hex(),
        FINGERPRINT.hex(":"),
        str(SFDI),
        f" {LFDI_TEXT}\n",
        "3E4F-45AB-31ED-FE5B-67E3-43E5-E456-2E31-984E-23E5",
        "O" + LFDI_TEXT[1:],
        "\u0663" + LFDI_TEXT[1:],
    )
    assert [error_of(identity.parse_lfdi, text) for text in texts] == snapshot


# A site behind an aggregator gets an LFDI without a certificate.


def test_a_site_lfdi_shows_the_number_first_and_the_pen_last() -> None:
    assert identity.site_lfdi(255, 28547).hex().upper() == "0000000FF" + 23 * "0" + "00028547"


def test_the_pen_can_be_written_as_a_hex_number() -> None:
    assert identity.site_lfdi(255, 28547, pen_form="hex").hex().upper() == "0000000FF" + 23 * "0" + "00006F83"


@given(site_numbers, decimal_pens)
def test_number_and_pen_can_be_read_back_from_a_site_lfdi(number: int, pen: int) -> None:
    lfdi = identity.site_lfdi(number, pen)
    assert identity.sfdi_of_lfdi(lfdi) // 10 == number
    assert int(identity.format_lfdi(lfdi)[-8:]) == pen
    assert int.from_bytes(identity.site_lfdi(number, pen, pen_form="hex")[-4:]) == pen


@given(st.integers(1, 2**16), st.integers(1, 8), decimal_pens)
def test_numbers_that_differ_by_trailing_zeros_are_different_sites(number: int, zeros: int, pen: int) -> None:
    assume(number << 4 * zeros < 2**36)
    first, second = identity.site_lfdi(number, pen), identity.site_lfdi(number << 4 * zeros, pen)
    assert first != second
    assert identity.sfdi_of_lfdi(first) != identity.sfdi_of_lfdi(second)


@pytest.mark.parametrize("number", [-1, 0, 2**36, 2**128])
def test_a_site_number_out_of_range_is_refused(number: int) -> None:
    with pytest.raises(IdentityError) as caught:
        identity.site_lfdi(number, 28547)
    assert "UUID" in caught.value.remedy


def test_the_form_of_a_pen_limits_it() -> None:
    for pen in (-1, 0, 100_000_000):
        with pytest.raises(IdentityError):
            identity.site_lfdi(1, pen)
    for pen in (0, 2**32):
        with pytest.raises(IdentityError):
            identity.site_lfdi(1, pen, pen_form="hex")
    assert identity.site_lfdi(1, 2**32 - 1, pen_form="hex").endswith(b"\xff\xff\xff\xff")
    with pytest.raises(IdentityError):
        identity.site_lfdi(1, 1, pen_form="octal")  # type: ignore[arg-type]


# The PIN has a check digit by the same rule.


@given(st.integers(0, 99_999))
def test_a_pin_is_the_number_and_a_check_digit(number: int) -> None:
    pin = identity.pin_with_check_digit(number)
    assert pin // 10 == number
    assert digit_sum(pin) % 10 == 0
    assert len(identity.format_pin(pin)) == 6
    identity.check_pin(pin)


@pytest.mark.parametrize(("number", "shown"), [(0, "000000"), (1, "000019"), (19, "000190"), (11111, "111115")])
def test_pins_are_shown_with_six_digits(number: int, shown: str) -> None:
    assert identity.format_pin(identity.pin_with_check_digit(number)) == shown


def test_numbers_that_are_refused_are_reported_so(snapshot: Any) -> None:
    assert [
        error_of(identity.check_sfdi, 167261211392),
        error_of(identity.check_sfdi, -1),
        error_of(identity.site_lfdi, 0, 28547),
        error_of(identity.site_lfdi, 1, 0),
        error_of(partial(identity.site_lfdi, pen_form="octal"), 1, 1),  # type: ignore[arg-type]
        error_of(identity.check_pin, 111111),
        error_of(identity.check_pin, 1_000_000),
        error_of(identity.pin_with_check_digit, -1),
    ] == snapshot


def test_a_pin_out_of_range_is_refused() -> None:
    for number in (-1, 100_000):
        with pytest.raises(IdentityError):
            identity.pin_with_check_digit(number)
    for pin in (-1, 1_000_000):
        with pytest.raises(IdentityError):
            identity.check_pin(pin)


def test_importing_the_module_does_not_import_cryptography() -> None:
    program = "import sys, envoy.identity; sys.exit('cryptography' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize(
    "nmi", ["2001985732", "20019857328", "20019857336", "QAAAVZZZZZ3", "VKTS7861502", "7001888333"]
)
def test_an_nmi_has_ten_characters_and_perhaps_a_check_digit(nmi: str) -> None:
    identity.check_nmi(nmi)


@pytest.mark.parametrize(
    "nmi",
    [
        "",
        "NMI1",
        "200198573",
        "20019857327",
        "200198573289",
        "2OO1985732",
        "qaaavzzzzz",
        "QAAAVZZZZZA",
        "\uff12001985732",
    ],
)
def test_what_cannot_be_an_nmi_is_refused(nmi: str) -> None:
    with pytest.raises(IdentityError) as caught:
        identity.check_nmi(nmi)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("call", "remedy"),
    [
        (lambda: identity.site_lfdi("1", 28547), "Pass the number 1."),
        (lambda: identity.site_lfdi(1, "28547"), "Pass the number 28547."),
        (lambda: identity.site_lfdi(1, 28547.0), "Pass a whole number."),
        (lambda: identity.check_pin("111115"), "Pass the number 111115."),
        (lambda: identity.check_pin(None), "Pass a whole number."),
        (lambda: identity.pin_with_check_digit("11111"), "Pass the number 11111."),
        (lambda: identity.check_sfdi("167261211391"), "Pass the number 167261211391."),
        (lambda: identity.format_lfdi("x" * 20), f"Pass its octets: parse_lfdi('{'x' * 20}')."),
        (lambda: identity.sfdi_of_lfdi(None), "Pass its 20 octets."),
        (lambda: identity.parse_lfdi(bytes(20)), "These octets are an LFDI already."),
        (lambda: identity.parse_lfdi(5), "Pass its 40 hex digits as text."),
    ],
)
def test_value_of_the_wrong_type_gets_what_to_pass(call: Any, remedy: str) -> None:
    with pytest.raises(IdentityError) as caught:
        call()
    assert caught.value.remedy == remedy
