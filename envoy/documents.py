"""Read a body as a typed object, and write an object as a body: ``loads`` and ``dumps``.

The media type decides the codec. Reading never resolves an entity, never loads anything from elsewhere and stops at a
size limit. It takes the namespaces that servers are known to use for CSIP-AUS and skips what it does not know (IEEE
2030.5-2018, 11.4). A value has to have the form of its type: a number, digits of hexBinary and no more than fit. The
bounds of a number and the length of a text are checked by the schema, with ``validate=True``. Writing is exact for the
profile: UTF-8, no XML declaration (5.6.2), the profile's namespace.
"""

from __future__ import annotations

import os
import re
from typing import Any, TypeVar, overload

from lxml import etree

from envoy._text import quote, show_value
from envoy.bindings.packages import class_of_element, package, package_of
from envoy.codec import decoder, parser
from envoy.codec.decoder import Report
from envoy.codec.dialects import encode, to_standard
from envoy.codec.location import name_of
from envoy.codec.parser import MAX_SIZE as MAX_SIZE
from envoy.codec.parser import parse, read_file, to_octets
from envoy.errors import DocumentError
from envoy.namespaces import XSI_NAMESPACE
from envoy.profiles import DEFAULT_PROFILE, Profile, get_profile
from envoy.validation.malformed import classify
from envoy.validation.validate import parse_valid
from envoy.xsd.schemas import schema_path

_XSI = XSI_NAMESPACE.encode()
_EXI = re.compile(r"[/+.-]exi\Z", re.IGNORECASE)

T = TypeVar("T")


@overload
def loads(
    data: bytes | str | os.PathLike[str],
    cls: type[T],
    *,
    media_type: str | None = ...,
    profile: str | Profile = ...,
    validate: bool = ...,
    max_size: int | None = ...,
    on_error: Report | None = ...,
    on_unknown: Report | None = ...,
) -> T: ...


@overload
def loads(
    data: bytes | str | os.PathLike[str],
    cls: None = ...,
    *,
    media_type: str | None = ...,
    profile: str | Profile = ...,
    validate: bool = ...,
    max_size: int | None = ...,
    on_error: Report | None = ...,
    on_unknown: Report | None = ...,
) -> Any: ...


def loads(
    data: bytes | str | os.PathLike[str],
    cls: type | None = None,
    *,
    media_type: str | None = None,
    profile: str | Profile = DEFAULT_PROFILE,
    validate: bool = False,
    max_size: int | None = MAX_SIZE,
    on_error: Report | None = None,
    on_unknown: Report | None = None,
) -> Any:
    """Return the typed object of a document.

    Args:
        data: The document, of which bytes are UTF-8; or the path of a file that has it.
        cls: The class it must be; None for whatever its root element stands for in the bindings of the profile.
        media_type: The Content-Type of the body, with or without parameters; None for XML. EXI cannot be read yet.
            Since servers get it wrong, a body of any other type is read as XML.
        profile: Decides which schema ``validate`` uses, and with which bindings a document is read if no class is
            asked for. All CSIP-AUS namespaces are read in every profile.
        validate: Validate the document against the schema of the profile first.
        max_size: Largest size in octets; None for no limit.
        on_error: Called with an error for each value that does not have the form of its type; the value is left out
            (None), and reading goes on. Without it the first such value raises. Of one document at most 10,000 are
            reported, then one more error says that there are others.
        on_unknown: Called for each element or attribute that the models do not have. They are skipped either way.
            Of one document at most 10,000 are reported, as of errors.

    Raises:
        DocumentError: It is EXI, not XML, too large, or its root element is not the one asked for. There is no such
            file, or it cannot be read.
        DecodeError: A value does not have the form of its type or a required one is missing, and ``on_error`` is None.
        ValidationError: ``validate`` was asked for and the schema does not allow the document.
        ProfileError: The profile does not exist, or its bindings cannot be imported.
    """
    chosen = get_profile(profile)
    if media_type is not None and _EXI.search(media_type.partition(";")[0].strip()):
        raise DocumentError(
            f"the body is {quote(media_type)}, the binary form of XML, which cannot be read",
            remedy="Ask the sender for application/sep+xml.",
        )
    data = _read_document(data, max_size)
    try:
        raw = to_octets(data, max_size)
        read = parse_valid(raw, chosen) if validate else parse(raw)
    except DocumentError as error:
        finding = classify(error, data, "")
        raise DocumentError(finding.reason, remedy=finding.remedy, line=finding.line) from None
    root = to_standard(read, chosen)
    bindings = (package_of(cls) if cls is not None else None) or package(chosen.package)
    found = class_of_element(bindings, str(root.tag))
    if found is None:
        raise _diagnose_root(read, chosen)
    if cls is not None and not issubclass(found, cls):
        raise DocumentError(f"the document is {name_of(root)}, expected {cls.__name__}")
    # The compiled decoders do not look for xsi:type, nor for what they do not know. Most documents do not even have the
    # first letter of XMLSchema-instance, which is found faster than the word.
    compiled = on_unknown is None and (b"X" not in raw or _XSI not in raw)
    return decoder.decode(root, found, on_error, on_unknown, compiled=compiled)


def _read_document(data: Any, max_size: int | None) -> bytes | str:
    """Return a document that is given, or is in a file of which the path is given."""
    if isinstance(data, (bytes, str)):
        return data
    if isinstance(data, os.PathLike):
        try:
            return read_file(data, max_size)
        except OSError as error:
            raise DocumentError(f"cannot be read: {error.strerror}", where=os.fspath(data)) from None
    if isinstance(data, (bytearray, memoryview)):
        return bytes(data)
    raise DocumentError(
        f"{show_value(data)} is not a document",
        remedy="Give its octets or text, or the Path of its file"
        + (": read() of this one returns them." if hasattr(data, "read") else "."),
    )


def _diagnose_root(root: etree._Element, profile: Profile) -> DocumentError:
    """Return the error of a root element that no message has."""
    from envoy.validation.diagnosis import diagnose_root  # deferred: most documents are messages
    from envoy.xsd.components import components_of

    components = components_of(schema_path(profile))
    if root.tag in components.roots:
        return DocumentError(f"{name_of(root)} is not a message of its own")
    found = diagnose_root(root, components, profile)
    return DocumentError(found.reason, remedy=found.remedy)


def dumps(
    obj: Any, *, profile: str | Profile = DEFAULT_PROFILE, validate: bool = True, indent: int | None = None
) -> bytes:
    """Return an object as a document of a profile: UTF-8 without an XML declaration.

    Args:
        obj: An object of a generated class.
        profile: How it looks on the wire.
        validate: Validate the result against the schema of the profile before returning it.
        indent: Spaces by which elements stand to the right of the one that they are in, each on a line of its own;
            None for all on one line, as messages are sent.

    Raises:
        EncodeError: A value has the wrong type, or the profile does not know an element.
        ValidationError: ``validate`` was asked for and the schema does not allow the result.
        ProfileError: The profile does not exist.
    """
    chosen = get_profile(profile)
    data = encode(obj, chosen)
    if validate:
        parse_valid(data, chosen)
    return data if indent is None else parser.indent(data, indent)
