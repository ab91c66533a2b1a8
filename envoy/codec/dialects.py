"""The dialects that messages are written in: that of the standard, and that of envoy-client 0.1."""

from __future__ import annotations

from typing import Any

from envoy.codec import encoder
from envoy.profiles import Profile


def encode(obj: Any, profile: Profile) -> bytes:
    """Return an object as a document of a profile: UTF-8 without an XML declaration.

    Args:
        obj: An object of a generated class.
        profile: How it looks on the wire.

    Raises:
        EncodeError: A value has the wrong type, or the profile does not know an element.
    """
    if profile.legacy:
        from envoy.codec import legacy

        return legacy.write(obj).encode()
    return encoder.write(obj, profile).encode()
