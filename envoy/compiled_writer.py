"""Writers compiled per class and profile: the fields of the schema in their order, one expression each.

A compiled writer knows one case, which nearly every object is: each value has exactly the type of its field. On
anything else it raises ``NotPlainError``, and the general writer (``envoy.writer``) takes over, which is slower and can
say what is wrong. Both give the same text.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from envoy.compiling import compile_function
from envoy.fields import Field, escape, escape_attribute, fields_of
from envoy.model import Bitmap, Code
from envoy.profiles import MODEL_EXTENSION_NAMESPACE, Profile
from envoy.schemas import extension_elements

Write = Callable[[Any, str, set[str]], str]

_REFUSE = "raise NotPlain"


class NotPlainError(Exception):
    """A value that the compiled writer leaves to the general one."""


@cache
def compiled_writer(
    cls: type, profile: Profile, default_namespace: str, prefixes: tuple[tuple[str, str], ...]
) -> Write:
    """Return the compiled writer of a class.

    It takes an object, the tag of its element, and a set that the namespaces in use are added to; it returns the text
    of the element after ``<tag``, so that the caller can put declarations there.

    Args:
        cls: A generated class.
        profile: How the document looks on the wire.
        default_namespace: The namespace that needs no prefix.
        prefixes: The prefix of each other namespace.
    """
    context = (profile, default_namespace, prefixes)
    names: dict[str, Any] = {"NotPlain": NotPlainError, "escape": escape, "escape_attribute": escape_attribute}
    lines = ["def write(obj, tag, used):", "    head = text = ''"]
    for number, field in enumerate(fields_of(cls)):
        lines += _field(field, number, names, context)
    lines.append("    return f'{head}>{text}</{tag}>' if text else f'{head}/>'")
    return compile_function("write", f"writer of {cls.__name__} for {profile.name}", lines, names)


_Context = tuple[Profile, str, tuple[tuple[str, str], ...]]


def _field(field: Field, number: int, names: dict[str, Any], context: _Context) -> list[str]:
    profile, default_namespace, prefixes = context
    lines = [f"    value = obj.{field.name}"]
    if field.many:
        lines += ["    if type(value) is not list:", f"        {_REFUSE}", "    for value in value:"]
    elif field.required:
        lines += ["    if value is None:", f"        {_REFUSE}", "    else:"]
    elif field.default is None:
        lines.append("    if value is not None:")
    else:
        names[f"default{number}"] = field.default
        lines.append(f"    if value is not None and value != default{number}:")
    checks, expression = _value(field, number, names, context)
    lines += [f"        {line}" for line in checks]
    if field.attribute:
        return [*lines, f"        head += f' {field.local}=\"{{{expression}}}\"'"]
    if field.namespace not in (default_namespace, ""):
        if field.namespace == MODEL_EXTENSION_NAMESPACE and field.local not in extension_elements(profile):
            lines.append(f"        {_REFUSE}")
        lines.append(f"        used.add({field.namespace!r})")
    tag = _tag(field, default_namespace, prefixes)
    if field.complex:
        return [*lines, f"        text += f'<{tag}{{{expression}}}'"]
    return [*lines, f"        text += f'<{tag}>{{{expression}}}</{tag}>'"]


def _tag(field: Field, default_namespace: str, prefixes: tuple[tuple[str, str], ...]) -> str:
    if field.attribute or field.namespace in (default_namespace, ""):
        return field.local
    return f"{dict(prefixes)[field.namespace]}:{field.local}"


def _value(field: Field, number: int, names: dict[str, Any], context: _Context) -> tuple[list[str], str]:
    """Return the lines that check a value, and the expression of its text; it stands inside an f-string."""
    kind = field.type
    names[f"type{number}"] = kind
    checks = [f"if type(value) is not type{number}: {_REFUSE}"]
    if field.complex:
        names[f"write{number}"] = _first_use(names, f"write{number}", kind, context)
        return checks, f'write{number}(value, "{_tag(field, *context[1:])}", used)'
    if kind is bool:
        return checks, '"true" if value else "false"'
    if kind is int:
        return checks, "value"
    if kind is bytes:
        return checks, "value.hex().upper()"
    if kind is str:
        name = "escape_attribute" if field.attribute else "escape"
        special = "not value.isprintable() or '&' in value or '<' in value or '>' in value or '\"' in value"
        return [
            *checks,
            f"if {special}:",
            f"    try: value = {name}(value)",
            f"    except ValueError: {_REFUSE} from None",
        ], "value"
    assert issubclass(kind, (Code, Bitmap))
    if not field.octets:
        return checks, "value._value_"
    return [*checks, f"if not 0 <= value._value_ < {1 << 8 * field.octets}: {_REFUSE}"], (
        f"value._value_:0{2 * field.octets}X"
    )


def _first_use(names: dict[str, Any], name: str, cls: type, context: _Context) -> Write:
    """Return a writer that compiles itself when it is first called, since classes may contain each other."""

    def write(obj: Any, tag: str, used: set[str]) -> str:
        compiled = compiled_writer(cls, *context)
        names[name] = compiled
        return compiled(obj, tag, used)

    return write
