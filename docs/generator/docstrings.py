"""Docstrings as the pages of the API have them, in Markdown, with the types that the code says elsewhere."""

from __future__ import annotations

import re
from typing import Any

import griffe

_ANNOUNCED = re.compile(r"::(?=\n\n(?P<indent> *)    )")


class Docstrings(griffe.Extension):
    """Changes what is known of an object before its docstring is parsed."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        """Have a block of code announced by one colon, not by the two of reStructuredText."""
        if obj.docstring is not None:
            obj.docstring.value = _ANNOUNCED.sub(":", obj.docstring.value)

    def on_class(self, *, cls: griffe.Class, **_: Any) -> None:
        """Give an attribute the type of the parameter that has its name, or of what is made for it."""
        init = cls.members.get("__init__")
        parameters = init.parameters if isinstance(init, griffe.Function) else ()
        types = {parameter.name: parameter.annotation for parameter in parameters}
        for name, attribute in cls.members.items():
            if isinstance(attribute, griffe.Attribute) and attribute.annotation is None:
                made = attribute.value.function if isinstance(attribute.value, griffe.ExprCall) else None
                attribute.annotation = types.get(name) or (made if str(made)[:1].isupper() else None)
