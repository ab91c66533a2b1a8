"""Command ``envoy identity``: print the LFDI and SFDI of a device, or a PIN."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from envoy.cli.terminal.exit_status import show_warnings
from envoy.errors import IdentityError


def identity(
    subject: Annotated[
        str | None, typer.Argument(metavar="CERT|LFDI", help="Certificate file (PEM or DER), or LFDI of 40 hex digits.")
    ] = None,
    number: Annotated[int | None, typer.Option(help="Make the LFDI of this site number, with --pen.")] = None,
    pen: Annotated[int | None, typer.Option(help="Private Enterprise Number (IANA) of the aggregator.")] = None,
    pen_form: Annotated[str, typer.Option(help="Write the PEN in the LFDI as decimal (CSIP-AUS) or hex.")] = "decimal",
    pin: Annotated[str | None, typer.Option(help="Add the check digit to five digits of a PIN, or check six.")] = None,
) -> None:
    """Print LFDI and SFDI of a device or site, or a PIN.

    A certificate has an LFDI and an LFDI has an SFDI; a site without a certificate gets an LFDI from its number.
    """
    from envoy import identity as ids  # deferred: loads cryptography

    if pin is not None:
        typer.echo(f"PIN   {_pin(pin)}")
    if number is not None or pen is not None:
        if number is None or pen is None:
            raise IdentityError("--number and --pen go together", remedy="Write both: --number 1001 --pen 32473.")
        if subject is not None:
            raise IdentityError(f"{subject} and --number are two devices", remedy="Ask for one at a time.")
        if pen_form not in ("decimal", "hex"):
            raise IdentityError(f"--pen-form {pen_form} is unknown", remedy="It is decimal or hex.")
        lfdi = ids.site_lfdi(number, pen, pen_form="hex" if pen_form == "hex" else "decimal")
    elif subject is not None:
        lfdi = _lfdi_of(subject)
    elif pin is not None:
        return
    else:
        raise IdentityError("nothing to identify", remedy="Give a certificate, an LFDI, --number and --pen, or --pin.")
    typer.echo(f"LFDI  {ids.format_lfdi(lfdi)}")
    sfdi = ids.sfdi_of_lfdi(lfdi)
    typer.echo(f"SFDI  {ids.format_sfdi(sfdi)}")
    if not sfdi:
        show_warnings([ids.ZERO_SFDI])


def _pin(text: str) -> str:
    from envoy import identity as ids  # deferred: loads cryptography

    if not re.fullmatch(r"[0-9]{5,6}", text):
        raise IdentityError(f"{text!r} is not a PIN", remedy="It has five digits, or six with the check digit.")
    if len(text) == 5:
        return ids.format_pin(ids.pin_with_check_digit(int(text)))
    ids.check_pin(int(text))
    return text


def _lfdi_of(subject: str) -> bytes:
    from envoy import identity as ids  # deferred: loads cryptography

    file = Path(subject)
    try:
        if file.exists() or not re.fullmatch(r"(0[xX])?[0-9a-fA-F\s:_-]+", subject):
            return ids.lfdi_of_certificate(file.read_bytes())
    except OSError as error:
        remedy = "Give a certificate file, or an LFDI of 40 hex digits."
        raise IdentityError(f"cannot be read: {error.strerror}", where=subject, remedy=remedy) from None
    except IdentityError as error:
        raise IdentityError(error.what, where=subject, remedy=error.remedy) from None
    return ids.parse_lfdi(subject)
