"""Python functions made from source text, which a traceback and a debugger can show."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from typing import Any


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
