"""The general encoder: from typed objects to XML text.

The compiled encoders do the work (``envoy.codec.compiled_encoder``). This one takes over what they leave:
objects of derived classes, which need ``xsi:type``, and values that cannot be written, of which it says what is wrong.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import PurePath
from typing import Any, TypeVar

from envoy.bindings.fields import Field, edition_of, element_name, fields_of, type_namespace
from envoy.bindings.lexical import make_formatter
from envoy.bindings.packages import prefixes_for, type_name
from envoy.codec.compiled_encoder import Context, FallBackError, compile_encoder
from envoy.codec.compiled_encoder import Encode as CompiledEncode
from envoy.errors import EncodeError
from envoy.namespaces import EXTENSION_NAMESPACES, MODEL_EXTENSION_NAMESPACE, XSI_NAMESPACE
from envoy.profiles import Profile
from envoy.xsd.schemas import knows_extension

_XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"

E = TypeVar("E", bound=tuple[Any, ...])
Encode = Callable[[Any, list[str], set[str], str, str], None]


def encode(obj: Any, profile: Profile) -> str:
    """Return the XML text of an object as a document of this profile.

    Raises:
        EncodeError: A value has the wrong type or does not fit, a required one is missing, or the profile does not
            know an element.
    """
    cls: type = type(obj)
    tag, declarations, by_namespace, context, compiled = _prepare(cls, profile)
    if profile.schema_version:
        for field, form in _root_attributes(cls):
            version = getattr(obj, field.name) or profile.schema_version
            declarations += f' {field.local}="{_text(form, version, field, element_name(cls))}"'
    used = set(context.declared)
    try:
        rest = compiled(obj, tag, used)
    except (FallBackError, ValueError):  # int() refuses to print a number of thousands of digits
        out: list[str] = []
        _make_encoder(cls, context)(obj, out, used, tag, element_name(cls))
        rest = "".join(out)
    for namespace in sorted(used):
        declarations += by_namespace[namespace]
    return f"<{tag}{declarations}{rest}"


@cache
def _prepare(cls: type, profile: Profile) -> tuple[str, str, dict[str, str], Context, CompiledEncode]:
    """Return what all documents of a class share.

    These are the tag of the root, the declaration of the default namespace, those of the other namespaces, the context
    of names, and the compiled encoder.
    """
    if not dataclasses.is_dataclass(cls):
        remedy = "loads() makes an object of a document." if issubclass(cls, (str, bytes, PurePath)) else ""
        raise EncodeError(f"{cls.__name__} is not a generated class", remedy=remedy)
    root = type_namespace(cls)
    name = element_name(cls)
    if root in EXTENSION_NAMESPACES:
        _check_extension(name, name, profile)
    # Where elements without a namespace stand inside, a default one is not possible.
    default = "" if _has_unqualified(cls) else root
    prefixes = tuple({**prefixes_for(cls), XSI_NAMESPACE: "xsi", _XML_NAMESPACE: "xml"}.items())
    context = Context(profile, default, frozenset({root} - {default}), prefixes)
    declaration = f' xmlns="{_wire(default, profile)}"' if default else ""
    compiled = compile_encoder(cls, context)
    others = {namespace: f' xmlns:{prefix}="{_wire(namespace, profile)}"' for namespace, prefix in prefixes}
    return context.tag_of(name, root), declaration, others, context, compiled


@cache
def _root_attributes(cls: type) -> list[tuple[Field, Callable[[Any], str]]]:
    """Return the attributes that the root alone has: schemaVer, if anything."""
    return [(field, make_formatter(field)) for field in fields_of(cls) if field.root]


def _has_unqualified(cls: type) -> bool:
    """Whether an element without a namespace may stand in an element of a class."""
    inside = [cls]
    for inner in inside:  # which grows by the classes that are found
        elements = [field for field in fields_of(inner) if not field.attribute and not field.text]
        if not all(field.namespace for field in elements):
            return True
        inside += {field.type for field in elements if field.complex}.difference(inside)
    return False


def _wire(namespace: str, profile: Profile) -> str:
    return (profile.extension_namespace or "") if namespace in EXTENSION_NAMESPACES else namespace


def _check_extension(local: str, where: str, profile: Profile) -> None:
    if knows_extension(profile, local):
        return
    if profile.extension_namespace is None:
        remedy = f"{profile.name} has no extension elements: leave it out, or use a csip-aus profile."
    elif profile.extension_namespace != MODEL_EXTENSION_NAMESPACE:
        remedy = "Leave it out, or use the profile csip-aus-1.3."
    else:
        remedy = ""
    raise EncodeError(f"the profile {profile.name} has no element {local}", where=where, remedy=remedy)


def _check_edition(edition: str, local: str, where: str, profile: Profile) -> None:
    if edition > profile.edition:
        what = f"{local} came with IEEE 2030.5-{edition}, and the profile {profile.name} is of {profile.edition}"
        raise EncodeError(what, where=where, remedy=f"Leave it out, or use the profile ieee-{edition}.")


@cache
def _make_encoder(cls: type, context: Context) -> Encode:
    """Return the function that writes an object after its ``<name``, from the attributes to the closing tag."""
    own = [field for field in fields_of(cls) if not field.root]
    plan = [(field, None if field.complex else make_formatter(field)) for field in own]
    beside = {field.name: [(x, make_formatter(x)) for x in field.beside] for field in own if field.beside}
    attributes = [
        # An attribute without a prefix has no namespace, not the default one.
        (field, form, f"{context.prefix_of(field.namespace)}:{field.local}" if field.namespace else field.local)
        for field, form in plan
        if field.attribute and form is not None
    ]
    contents = [(field, form) for field, form in plan if field.text and form is not None]
    elements = [
        (field, form, context.tag_of(field.local, field.namespace))
        for field, form in plan
        if not field.attribute and not field.text
    ]

    def encode_object(obj: Any, out: list[str], used: set[str], name: str, path: str) -> None:
        _check_edition(edition_of(cls), cls.__name__, path, context.profile)
        for (field, form, label), value in _present(obj, attributes, path):
            if value != field.default:
                check_edition(field, path)
                used.update({field.namespace} - {"", _XML_NAMESPACE})
                out.append(f' {label}="{_text(form, value, field, path)}"')
        start = len(out)
        out.append(">")
        for (field, form), value in _present(obj, contents, path):
            out.append(_text(form, value, field, path))
        for (field, text_form, tag), value in _present(obj, elements, path):
            if field.many:
                _check_list(value, field, f"{path}.{field.name}")
            if field.many and not value:
                continue
            check_edition(field, path)
            if field.namespace != context.default_namespace:
                _use(field, used, path)
            for index, item in enumerate(value if field.many else (value,)):
                out.append(f"<{tag}")
                for (other, other_form), setting in _present(obj, beside.get(field.name, ()), path):
                    check_edition(other, path)
                    out.append(f' {other.local}="{_text(other_form, setting, other, path)}"')
                if text_form is None:
                    place = f"{path}.{field.name}[{index}]" if field.many else f"{path}.{field.name}"
                    _encode_child(item, field, out, used, tag, place)
                else:
                    out.append(f">{_text(text_form, item, field, path)}</{tag}>")
        for field_name, others in beside.items():
            if getattr(obj, field_name) is None:
                for (other, _), _ in _present(obj, others, path):
                    what = f"is an attribute of {field_name}, which is None"
                    raise EncodeError(what, where=f"{path}.{other.name}")
        if len(out) == start + 1:
            out[start] = "/>"
        else:
            out.append(f"</{name}>")

    def check_edition(field: Field, path: str) -> None:
        _check_edition(field.edition, field.local, f"{path}.{field.name}", context.profile)

    def _use(field: Field, used: set[str], path: str) -> None:
        """Note that the namespace of an element is not that of the document."""
        if not field.namespace:
            what = f"has no namespace, which an element inside of {context.default_namespace} cannot have here"
            raise EncodeError(what, where=f"{path}.{field.name}")
        if field.namespace in EXTENSION_NAMESPACES:
            _check_extension(field.local, f"{path}.{field.name}", context.profile)
        used.add(field.namespace)

    def _encode_child(item: Any, field: Field, out: list[str], used: set[str], tag: str, place: str) -> None:
        kind: type = type(item)
        if kind is not field.type:
            check_type(item, field, place)
            namespace = type_namespace(kind)
            used.update({XSI_NAMESPACE, namespace} - {context.default_namespace, ""})
            out.append(f' xsi:type="{context.tag_of(type_name(kind), namespace)}"')
        _make_encoder(kind, context)(item, out, used, tag, place)

    return encode_object


def _present(obj: Any, entries: Iterable[E], path: str) -> Iterator[tuple[E, Any]]:
    """Yield the entries, each of which begins with a field, that an object has a value for, and the values."""
    for entry in entries:
        field = entry[0]
        value = getattr(obj, field.name)
        if value is not None:
            yield entry, value
        elif field.required:
            raise EncodeError("is required and None", where=f"{path}.{field.name}")


def _text(form: Callable[[Any], str], value: Any, field: Field, path: str) -> str:
    where = f"{path}.{field.name}"
    if field.words:
        _check_list(value, field, where)
    text = " ".join(_word(form, item, field, where) for item in (value if field.words else (value,)))
    if field.empty and not text:
        raise EncodeError(f"is empty, and an empty element means {field.empty}", where=where)
    return text


def _word(form: Callable[[Any], str], value: Any, field: Field, where: str) -> str:
    check_type(value, field, where)
    try:
        return form(value)
    except (ValueError, OverflowError, TypeError) as error:
        raise EncodeError(str(error), where=where) from None


def check_type(value: Any, field: Field, where: str) -> None:
    """Check that a value can stand in a field: a plain number also in one of codes, or of decimal numbers.

    Raises:
        EncodeError: It cannot; the remedy says what to write.
    """
    if type(value) is not field.type:
        from envoy.bindings import type_errors  # deferred: nearly every value has the type of its field

        if found := type_errors.diagnose_type(value, field):
            raise EncodeError(found.reason, where=where, remedy=found.remedy)


def _check_list(value: Any, field: Field, where: str) -> None:
    if type(value) is not list:
        from envoy.bindings import type_errors  # deferred, as above

        if found := type_errors.diagnose_list(value, field):
            raise EncodeError(found.reason, where=where, remedy=found.remedy)
