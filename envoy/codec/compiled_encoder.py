"""Encoders compiled per class and profile: the fields of the schema in their order, one expression each.

A compiled encoder knows one case, which nearly every object is: each value has exactly the type of its field. On
anything else it raises ``FallBackError``, and the general encoder (``envoy.codec.encoder``) takes over, which is slower
and can say what is wrong. Both give the same text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from envoy.bindings.beside import PLACE
from envoy.bindings.enums import Bitmap, Code
from envoy.bindings.fields import Field, edition_of, fields_of, is_small
from envoy.bindings.lexical import escape, escape_attribute, make_formatter
from envoy.codec.compile import Source, compile_function
from envoy.namespaces import EXTENSION_NAMESPACES
from envoy.profiles import Profile
from envoy.xsd.schemas import knows_extension

Encode = Callable[[Any, str, set[str]], str]

_FALL_BACK = "raise FallBack"


class FallBackError(Exception):
    """A value that the compiled encoder leaves to the general one."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the names of a document depend on.

    Attributes:
        profile: How it looks on the wire.
        default_namespace: The namespace that needs no prefix.
        declared: The namespace of the root element, if that is another one.
        prefixes: The prefix of each other namespace.
    """

    profile: Profile
    default_namespace: str
    declared: frozenset[str]
    prefixes: tuple[tuple[str, str], ...]

    def prefix_of(self, namespace: str) -> str:
        """Return the prefix of a namespace."""
        return dict(self.prefixes)[namespace]

    def tag_of(self, local: str, namespace: str) -> str:
        """Return a name with the prefix that its namespace needs."""
        return local if namespace in (self.default_namespace, "") else f"{self.prefix_of(namespace)}:{local}"


@cache
def compile_encoder(cls: type, context: Context) -> Encode:
    """Return the compiled encoder of a class.

    It takes an object, the tag of its element, and a set that the namespaces in use are added to; it returns the text
    of the element after ``<tag``, so that the caller can put declarations there.

    Args:
        cls: A generated class.
        context: The names of the document.
    """
    source = _EncoderSource(context)
    lines = [f"    {line}" for line in source.fill(cls, "obj", "")]
    lines.append("    return f'{head}>{text}</{tag}>' if text else f'{head}/>'")
    label = f"encoder of {cls.__name__} for {context.profile.name}"
    return compile_function("encode", label, ["def encode(obj, tag, used):", *lines], source.names)


class _EncoderSource(Source):
    """The source text of one encoder: lines that fill the variables ``head`` (attributes) and ``text`` (elements)."""

    def __init__(self, context: Context) -> None:
        super().__init__(FallBack=FallBackError, escape=escape, escape_attribute=escape_attribute)
        self._context = context

    def fill(self, cls: type, obj: str, suffix: str) -> list[str]:
        """Return the lines for the object in the variable ``obj``; the variables they fill end in ``suffix``."""
        if edition_of(cls) > self._context.profile.edition:
            return [_FALL_BACK]
        lines = [f"head{suffix} = text{suffix} = ''"]
        if any(field.beside for field in fields_of(cls)):
            lines.append(f"if {obj}.{PLACE}: {_FALL_BACK}")
        for field in fields_of(cls):
            if not field.root:
                lines += self._field(field, obj, suffix)
        return lines

    def _field(self, field: Field, obj: str, suffix: str) -> list[str]:
        number = next(self.numbers)
        value = f"value{number}"
        if not field.compilable:
            return [_FALL_BACK]
        if field.edition > self._context.profile.edition:
            # It is not there if it is None, its default, or an empty list.
            self.names[f"default{number}"] = field.default
            absent = "" if field.many else f" not in (None, default{number})"
            return [f"if {obj}.{field.name}{absent}: {_FALL_BACK}"]
        lines = [f"{value} = {obj}.{field.name}"]
        # None is of no field's type, so that the check of the type refuses it where a value is required.
        inner = [f"if type({value}) is not type{number}: {_FALL_BACK}"]
        self.names[f"type{number}"] = field.type
        if field.many:
            lines += [f"if type({value}) is not list: {_FALL_BACK}", f"items{number} = []", f"for {value} in {value}:"]
        elif field.default is not None:
            self.names[f"default{number}"] = field.default
            lines.append(f"if {value} is not None and {value} != default{number}:")
        elif not field.required:
            lines.append(f"if {value} is not None:")
        more, expression = self._content(field, number)
        where = "head" if field.attribute else "text"
        add = f"items{number}.append({expression})" if field.many else f"{where}{suffix} += {expression}"
        inner += [*more, add]
        indented = field.many or not field.required
        lines += [f"    {line}" if indented else line for line in inner]
        # A long text that grew by each item would be moved in memory again and again.
        return [*lines, f"if items{number}: text{suffix} += ''.join(items{number})"] if field.many else lines

    def _content(self, field: Field, number: int) -> tuple[list[str], str]:
        """Return the lines that make the text of a field, whose type has been checked, and the expression of it."""
        if field.attribute:
            checks, expression = self._simple(field, number)
            return checks, f"f' {field.local}=\"{{{expression}}}\"'"
        lines = self._namespace(field)
        tag = self._context.tag_of(field.local, field.namespace)
        if not field.complex:
            checks, expression = self._simple(field, number)
            return [*lines, *checks], f"f'<{tag}>{{{expression}}}</{tag}>'"
        if not is_small(field.type):
            self.defer(f"encode{number}", lambda: compile_encoder(field.type, self._context))
            return lines, f"f'<{tag}{{encode{number}(value{number}, \"{tag}\", used)}}'"
        lines += self.fill(field.type, f"value{number}", str(number))
        if all(inner.attribute for inner in fields_of(field.type)):
            return lines, f"f'<{tag}{{head{number}}}/>'"
        whole, empty = f"<{tag}{{head{number}}}>{{text{number}}}</{tag}>", f"<{tag}{{head{number}}}/>"
        return lines, f"f'{whole}' if text{number} else f'{empty}'"

    def _namespace(self, field: Field) -> list[str]:
        if field.namespace == self._context.default_namespace:
            return []
        extension = field.namespace in EXTENSION_NAMESPACES
        if not field.namespace or (extension and not knows_extension(self._context.profile, field.local)):
            return [_FALL_BACK]
        return [f"used.add({field.namespace!r})"]

    def _simple(self, field: Field, number: int) -> tuple[list[str], str]:
        """Return the lines that check a simple value, and the expression of its text; it stands inside an f-string."""
        value, kind = f"value{number}", field.type
        if kind is bool:
            return [], f'"true" if {value} else "false"'
        if kind is int:
            return [], value
        if kind is bytes:
            return [], f"{value}.hex().upper()"
        if kind is str:
            name = "escape_attribute" if field.attribute else "escape"
            special = '&<>"' if field.attribute else "&<>"
            if field.white_space != "preserve":
                # The formatter knows which spaces may stay.
                special, name = f" {special}", f"format{number}"
                self.names[name] = make_formatter(field)
            found = " or ".join(f"{character!r} in {value}" for character in special)
            return [
                f"if not {value}.isprintable() or {found}:",
                f"    try: {value} = {name}({value})",
                f"    except ValueError: {_FALL_BACK} from None",
            ], value
        assert issubclass(kind, (Code, Bitmap))
        if not field.octets:
            return [], f"{value}._value_"
        check = f"if not 0 <= {value}._value_ < {1 << 8 * field.octets}: {_FALL_BACK}"
        return [check], f"{value}._value_:0{2 * field.octets}X"
