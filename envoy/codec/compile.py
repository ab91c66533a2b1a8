"""Source text of Python functions, compiled so that a traceback and a debugger can show it."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from itertools import count
from typing import Any


class Source:
    """The source text of one function while it is written.

    Args:
        names: Global names of the function.

    Attributes:
        names: The same, with those that are added.
    """

    def __init__(self, **names: Any) -> None:
        self.names = names
        self.numbers = count()

    def defer(self, name: str, make: Callable[[], Callable[..., Any]]) -> None:
        """Add a function under a name that is made when it is first called, since classes may contain each other."""

        def first(*arguments: Any) -> Any:
            self.names[name] = made = make()
            return made(*arguments)

        self.names[name] = first


def compile_function(name: str, label: str, lines: list[str], names: dict[str, Any]) -> Callable[..., Any]:
    """Return the function that some source text defines.

    Args:
        name: Name of the function in the text.
        label: What it is for; a traceback shows it as the file name.
        lines: The source text.
        names: Global names of the function.
    """
    source = "\n".join(lines) + "\n"
    filename = f"<envoy {label}>"
    # An entry without a modification time is never dropped as stale.
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    exec(compile(source, filename, "exec"), names)  # noqa: S102 - the text comes from the field metadata alone
    function: Callable[..., Any] = names[name]
    return function
