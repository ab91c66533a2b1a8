"""Typed objects from XML and back: ``loads`` and ``dumps``.

Reading never resolves an entity, never loads anything from elsewhere and stops at a size limit. It takes the
namespaces that servers are known to use for CSIP-AUS and skips what it does not know (IEEE 2030.5-2018, 11.4). A value
has to have the form of its type: a number, digits of hexBinary and no more than fit. The bounds of a number and the
length of a text are for the schema to judge, which ``validate=True`` asks. Writing is exact for the profile: UTF-8, no
XML declaration (5.6.2), the profile's namespace.
"""

from __future__ import annotations

from typing import Any, TypeVar, overload

from lxml import etree

from envoy.bindings.packages import class_of_element, package, package_of
from envoy.codec import decoder
from envoy.codec.decoder import Report
from envoy.codec.dialects import encode, to_standard
from envoy.codec.parser import MAX_SIZE as MAX_SIZE
from envoy.codec.parser import octets_of, parse
from envoy.errors import DocumentError
from envoy.namespaces import XSI_NAMESPACE
from envoy.profiles import DEFAULT_PROFILE, Profile, get_profile
from envoy.validation.validate import valid_root

_XSI = XSI_NAMESPACE.encode()

T = TypeVar("T")


@overload
def loads(
    data: bytes | str,
    cls: type[T],
    *,
    profile: str | Profile = ...,
    validate: bool = ...,
    max_size: int | None = ...,
    on_error: Report | None = ...,
    on_unknown: Report | None = ...,
) -> T: ...


@overload
def loads(
    data: bytes | str,
    cls: None = ...,
    *,
    profile: str | Profile = ...,
    validate: bool = ...,
    max_size: int | None = ...,
    on_error: Report | None = ...,
    on_unknown: Report | None = ...,
) -> Any: ...


def loads(
    data: bytes | str,
    cls: type | None = None,
    *,
    profile: str | Profile = DEFAULT_PROFILE,
    validate: bool = False,
    max_size: int | None = MAX_SIZE,
    on_error: Report | None = None,
    on_unknown: Report | None = None,
) -> Any:
    """Return the typed object of a document.

    Args:
        data: The document; bytes are UTF-8.
        cls: The class it must be; None for whatever its root element stands for in the bindings of the profile.
        profile: Decides by which schema ``validate`` judges, and with which bindings a document is read if no class is
            asked for. All CSIP-AUS namespaces are read in every profile.
        validate: Judge the document by the schema of the profile first.
        max_size: Largest size in octets; None for no limit.
        on_error: Told of each value that has not the form of its type; it is left out (None), and reading goes on.
            Without it the first such value raises.
        on_unknown: Told of each element or attribute that the models do not have. They are skipped either way.

    Raises:
        DocumentError: It is not XML, too large, or its root element is not the one asked for.
        DecodeError: A value has not the form of its type or a required one is missing, and there is no ``on_error``.
        ValidationError: ``validate`` was asked for and the schema does not allow the document.
        ProfileError: There is no such profile, or its bindings cannot be imported.
    """
    chosen = get_profile(profile)
    raw = octets_of(data, max_size)
    root = to_standard(valid_root(raw, chosen) if validate else parse(raw), chosen)
    bindings = (package_of(cls) if cls is not None else None) or package(chosen.package)
    found = class_of_element(bindings, str(root.tag))
    if found is None:
        name = etree.QName(root)
        raise DocumentError(
            f"no message has the root element {name.localname}"
            + (f" in the namespace {name.namespace}" if name.namespace else " without a namespace"),
            remedy="" if name.namespace else 'IEEE 2030.5 messages have xmlns="urn:ieee:std:2030.5:ns".',
        )
    if cls is not None and not issubclass(found, cls):
        raise DocumentError(f"the document is {etree.QName(root).localname}, expected {cls.__name__}")
    # The compiled readers do not look for xsi:type, nor for what they do not know. Most documents do not even have the
    # first letter of XMLSchema-instance, which is found faster than the word.
    plain = on_unknown is None and (b"X" not in raw or _XSI not in raw)
    return decoder.read(root, found, on_error, on_unknown, plain=plain)


def dumps(obj: Any, *, profile: str | Profile = DEFAULT_PROFILE, validate: bool = True) -> bytes:
    """Return an object as a document of a profile: UTF-8 without an XML declaration.

    Args:
        obj: An object of a generated class.
        profile: How it looks on the wire.
        validate: Judge the result by the schema of the profile before returning it.

    Raises:
        EncodeError: A value has the wrong type, or the profile does not know an element.
        ValidationError: ``validate`` was asked for and the schema does not allow the result.
        ProfileError: There is no such profile.
    """
    chosen = get_profile(profile)
    data = encode(obj, chosen)
    if validate:
        valid_root(data, chosen)
    return data
