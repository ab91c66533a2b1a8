"""Extensibility levels: which editions a peer says that it reads, and messages in the one that it does.

The media type of a message may have the level of its schema, ``-S1`` for the edition of 2018 and ``-S2`` for that of
2023 (IEEE 2030.5-2018, 5.7); with ``+`` its sender takes extensions. Since 2023 the root of each message has a
``schemaVer``, which the schema of 2018 refuses, as all that came with 2023.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, TypeVar

import sep2
from envoy import documents
from envoy.bindings.fields import fields_of
from envoy.codec.parser import parse
from envoy.errors import DocumentError, EncodeError
from envoy.profiles import LEVELS, Profile
from envoy.protocol.flow import Request, Response, get_headers

T = TypeVar("T")

_DISABLED = "disabled"
_SCHEMA_VERSION = "schemaVer"
_LEVEL = re.compile(r"level\s*=\s*\"?[+-]?([^\"\s]*)", re.IGNORECASE)
_REFUSALS = (406, 415)


def find_level(media_type: str) -> str:
    """Return the level of a media type, without its sign: ``S2``; empty if it has none."""
    for parameter in media_type.split(";")[1:]:
        if found := _LEVEL.match(parameter.strip()):
            return found[1].upper()
    return ""


def write_for_2018(content: bytes, profile: Profile, earlier: Profile) -> bytes:
    """Return a document as the edition of 2018 has it: without what came later.

    Args:
        content: The document.
        profile: The profile that it is of.
        earlier: The same for the edition of 2018.

    Raises:
        DocumentError: It is not one that can be read.
        EncodeError: All of it came later.
    """
    obj = documents.loads(content, profile=profile)
    if isinstance(obj, sep2.Subscription) and obj.level:
        # What comes of it is to be of 2018 as well.
        obj.level = obj.level.upper().replace(LEVELS[profile.edition], LEVELS[earlier.edition])
    return documents.dumps(leave_out_later(obj, earlier), profile=earlier, validate=False)


def leave_out_later(obj: T, profile: Profile) -> T:
    """Return an object without what came after the edition of a profile.

    A mode that is ``disabled`` is left out whole: without the attribute it would be in force.
    """
    changes: dict[str, Any] = {}
    cls: type = type(obj)
    for field in fields_of(cls):
        value = getattr(obj, field.name)
        later = [other.name for other in field.beside if other.edition > profile.edition]
        disabled = any(getattr(obj, other.name) for other in field.beside if other.local == _DISABLED)
        if value is None or not (field.complex or field.edition > profile.edition or later):
            continue
        if field.edition > profile.edition or (disabled and later) or getattr(value, _DISABLED, False):
            changes[field.name] = [] if field.many else field.default
        elif field.complex:
            items = value if field.many else [value]
            kept = [leave_out_later(item, profile) for item in items]
            changes[field.name] = kept if field.many else kept[0]
        changes |= {name: None for name in later if getattr(obj, name) is not None}
    changed = any(getattr(obj, name) != value for name, value in changes.items())
    return replace(obj, **changes) if changed else obj  # type: ignore[type-var]


class Level:
    """The level of one server, as far as its responses have shown it, and requests as it can read them.

    A server that has shown nothing of a later edition is sent nothing of it: no ``schemaVer``, nor an element that the
    schema of 2018 does not have.

    Args:
        profile: How messages look on the wire.

    Attributes:
        later: The server has shown that it speaks the edition of the profile, which is later than 2018.
    """

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._earlier = profile.for_2018
        self.later = False
        self._refused = False

    def adapt(self, request: Request) -> tuple[Request, dict[str, str]]:
        """Return a request and its headers as the server can read them.

        Raises:
            EncodeError: The server has not shown that it speaks the edition that all of the body came with.
        """
        headers = get_headers(request, self._profile)
        if self._earlier is None:
            return request, headers
        if self._refused:
            headers["Accept"] = self._earlier.content_type
        if request.content is None or self.later:
            return request, headers
        headers["Content-Type"] = self._earlier.content_type
        try:
            content = write_for_2018(request.content, self._profile, self._earlier)
        except EncodeError as error:
            raise EncodeError(
                f"{error.where} came with IEEE 2030.5-{self._profile.edition}, which the server has not shown to speak",
                where=str(request),
                remedy="Its responses have no schemaVer and no level: if it is of that edition, report that.",
            ) from None
        except DocumentError:
            return request, headers  # it is not ours, and goes as it is
        return replace(request, content=content), headers

    def observe(self, response: Response) -> bool:
        """Take a response into account, and return whether the request is to be sent again without the level."""
        if self._earlier is None:
            return False
        level = find_level(response.headers.get("content-type", ""))
        if level == LEVELS["2018"]:
            self.later = False
        elif level == LEVELS[self._profile.edition]:
            self.later = True
        elif not self.later and _SCHEMA_VERSION.encode() in response.content:
            self.later = _has_schema_version(response.content)
        if response.status in _REFUSALS and not self.later and not self._refused:
            self._refused = True
            return True
        return False


def _has_schema_version(content: bytes) -> bool:
    try:
        return parse(content).get(_SCHEMA_VERSION) is not None
    except DocumentError:
        return False
