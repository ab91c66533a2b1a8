"""The codec of each dialect: that of the standard, and that of envoy-client 0.1."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from lxml import etree

from envoy.codec import encoder
from envoy.profiles import Profile


@dataclass(frozen=True, slots=True)
class CodecDialect:
    """How a dialect writes messages, and how they are made readable.

    Attributes:
        write: Return the XML text of an object in a profile; raises EncodeError.
        to_standard: Return the root element of a message as the standard would have it.
    """

    write: Callable[[Any, Profile], str]
    to_standard: Callable[[etree._Element], etree._Element]


@cache
def _dialect(name: str) -> CodecDialect:
    if name == "envoy-0.1":
        from envoy.codec import legacy  # deferred: few use it, and it imports many of the models

        return CodecDialect(legacy.write, legacy.to_standard)
    return CodecDialect(encoder.encode, lambda root: root)


def encode(obj: Any, profile: Profile) -> bytes:
    """Return an object as a document of a profile: UTF-8 without an XML declaration.

    Args:
        obj: An object of a generated class.
        profile: How it looks on the wire.

    Raises:
        EncodeError: A value has the wrong type, or the profile does not know an element.
    """
    return _dialect(profile.dialect).write(obj, profile).encode()


def to_standard(root: etree._Element, profile: Profile) -> etree._Element:
    """Return the root element of a message of a profile as the standard would have it, for the typed decoder."""
    return _dialect(profile.dialect).to_standard(root)
