"""From typed objects to XML text.

The compiled writers do the work (``envoy.compiled_writer``). The general writer here takes over what they refuse:
objects of derived classes, which need ``xsi:type``, and values that cannot be written, of which it says what is wrong.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import cache
from typing import Any

from envoy import compiled_writer
from envoy.compiled_writer import NotPlainError
from envoy.errors import EncodeError
from envoy.fields import XSI_NAMESPACE, Field, element_name, fields_of, formatter, type_name, type_namespace
from envoy.profiles import MODEL_EXTENSION_NAMESPACE, SEP_NAMESPACE, Profile
from envoy.schemas import extension_elements

_PREFIXES = {SEP_NAMESPACE: "sep", MODEL_EXTENSION_NAMESPACE: "csipaus", XSI_NAMESPACE: "xsi"}

Write = Callable[[Any, list[str], set[str], str, str], None]


def write(obj: Any, profile: Profile) -> str:
    """Return the XML text of an object as a document of this profile.

    Raises:
        EncodeError: A value has the wrong type or does not fit, a required one is missing, or the profile does not
            know an element.
    """
    if not dataclasses.is_dataclass(obj) or isinstance(obj, type):
        raise EncodeError(f"{type(obj).__name__} is not a generated class")
    cls: type = type(obj)
    name, root, declarations, compiled = _document(cls, profile)
    used: set[str] = set()
    try:
        rest = compiled(obj, name, used)
    except (NotPlainError, ValueError):  # int() refuses to print a number of thousands of digits
        out: list[str] = []
        _writer(cls, profile, root)(obj, out, used, name, name)
        rest = "".join(out)
    for namespace in sorted(used):
        declarations += f' xmlns:{_PREFIXES[namespace]}="{_wire(namespace, profile)}"'
    return f"<{name}{declarations}{rest}"


@cache
def _document(cls: type, profile: Profile) -> tuple[str, str, str, compiled_writer.Write]:
    """Return what all documents of a class share: name and namespace of the root, its declaration, and its writer."""
    root = type_namespace(cls)
    name = element_name(cls)
    if root == MODEL_EXTENSION_NAMESPACE:
        _check_extension(name, name, profile)
    declaration = f' xmlns="{_wire(root, profile)}"' if root else ""
    return name, root, declaration, compiled_writer.compiled_writer(cls, profile, root, tuple(_PREFIXES.items()))


def _wire(namespace: str, profile: Profile) -> str:
    return (profile.extension_namespace or "") if namespace == MODEL_EXTENSION_NAMESPACE else namespace


def _check_extension(local: str, where: str, profile: Profile) -> None:
    if local in extension_elements(profile):
        return
    if profile.extension_namespace is None:
        remedy = f"{profile.name} has no extension elements: leave it out, or use a csip-aus profile."
    elif profile.extension_namespace != MODEL_EXTENSION_NAMESPACE:
        remedy = "Leave it out, or use the profile csip-aus-1.3."
    else:
        remedy = ""
    raise EncodeError(f"the profile {profile.name} has no element {local}", where=where, remedy=remedy)


@cache
def _writer(cls: type, profile: Profile, default_namespace: str) -> Write:
    """Return the function that writes an object after its ``<name``, from the attributes to the closing tag."""
    plan = [(field, None if field.complex else formatter(field)) for field in fields_of(cls)]
    attributes = [(field, form) for field, form in plan if field.attribute and form is not None]
    elements = [
        (field, form, _prefixed(field.local, field.namespace, default_namespace))
        for field, form in plan
        if not field.attribute
    ]

    def write_object(obj: Any, out: list[str], used: set[str], name: str, path: str) -> None:
        for field, form in attributes:
            value = getattr(obj, field.name)
            if value is None:
                _allow_absence(field, path)
            elif value != field.default:
                out.append(f' {field.local}="{_text(form, value, field, path)}"')
        start = len(out)
        out.append(">")
        for field, text_form, tag in elements:
            value = getattr(obj, field.name)
            if value is None:
                _allow_absence(field, path)
                continue
            if field.many and not isinstance(value, (list, tuple)):
                place = f"{path}.{field.name}"
                raise EncodeError(f"is {_kind(value)}, expected a list of {field.type.__name__}", where=place)
            if field.many and not value:
                continue
            if field.namespace != default_namespace and field.namespace:
                if field.namespace == MODEL_EXTENSION_NAMESPACE:
                    _check_extension(field.local, f"{path}.{field.name}", profile)
                used.add(field.namespace)
            for index, item in enumerate(value if field.many else (value,)):
                if text_form is None:
                    place = f"{path}.{field.name}[{index}]" if field.many else f"{path}.{field.name}"
                    out.append(f"<{tag}")
                    _write_child(item, field, out, used, tag, place)
                else:
                    out.append(f"<{tag}>{_text(text_form, item, field, path)}</{tag}>")
        if len(out) == start + 1:
            out[start] = "/>"
        else:
            out.append(f"</{name}>")

    def _write_child(item: Any, field: Field, out: list[str], used: set[str], tag: str, place: str) -> None:
        kind: type = type(item)
        if kind is not field.type:
            if not isinstance(item, field.type):
                raise EncodeError(f"is {_kind(item)}, expected {field.type.__name__}", where=place)
            namespace = type_namespace(kind)
            used.update({XSI_NAMESPACE, namespace} - {default_namespace, ""})
            out.append(f' xsi:type="{_prefixed(type_name(kind), namespace, default_namespace)}"')
        _writer(kind, profile, default_namespace)(item, out, used, tag, place)

    return write_object


def _prefixed(local: str, namespace: str, default_namespace: str) -> str:
    return local if namespace in (default_namespace, "") else f"{_PREFIXES[namespace]}:{local}"


def _allow_absence(field: Field, path: str) -> None:
    if field.required:
        raise EncodeError("is required and None", where=f"{path}.{field.name}")


def _text(form: Callable[[Any], str], value: Any, field: Field, path: str) -> str:
    wrong = type(value) is not field.type and not _acceptable(value, field.type)
    if not wrong:
        try:
            return form(value)
        except (ValueError, OverflowError, TypeError) as error:
            raise EncodeError(str(error), where=f"{path}.{field.name}") from None
    raise EncodeError(f"is {_kind(value)}, expected {field.type.__name__}", where=f"{path}.{field.name}")


def _acceptable(value: Any, kind: type) -> bool:
    if kind is bool:
        return False
    if issubclass(kind, int):
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, kind)


def _kind(value: Any) -> str:
    return f"{type(value).__name__} {value!r}"[:80]
