"""TXT record of a service: what a server says of itself (RFC 6763, 6; IEEE 2030.5-2018, 7.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

LONGEST = 255
"""Most octets of one string in a record."""


def read_txt(octets: bytes) -> dict[str, str | None]:
    """Return the values of a TXT record by key in lower case, in their order.

    A key without ``=`` has None. Strings without a key are left out, and of several with one key the first counts. What
    is cut off is left out too.

    Args:
        octets: The record: strings, each with its length before it.
    """
    found: dict[str, str | None] = {}
    while octets:
        length, octets = octets[0], octets[1:]
        string, octets = octets[:length], octets[length:]
        key, mark, value = string.partition(b"=")
        name = key.decode("ascii", "replace").lower()
        if len(string) == length and name:
            found.setdefault(name, value.decode("utf-8", "replace") if mark else None)
    return found


def write_txt(values: Mapping[str, str | None]) -> bytes:
    """Return the TXT record with values by key; a key whose value is None has no ``=``.

    Raises:
        ValueError: A key with its value is too long for a record, or a key is empty or has ``=`` in it.
    """
    return b"".join(_write(key, value) for key, value in values.items())


def show_txt(values: Mapping[str, str | None]) -> str:
    """Return the values as text: ``txtvers=1 dcap=/dcap https``."""
    return " ".join(_join(values.items()))


def _join(values: Iterable[tuple[str, str | None]]) -> Iterable[str]:
    return (key if value is None else f"{key}={value}" for key, value in values)


def _write(key: str, value: str | None) -> bytes:
    (text,) = _join([(key, value)])
    string = text.encode()
    if not key or "=" in key or not key.isascii() or len(string) > LONGEST:
        raise ValueError(f"{text!r} cannot be in a TXT record")
    return bytes([len(string)]) + string
