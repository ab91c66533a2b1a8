"""Options of commands that stand for parameters of the library, which its errors name: ``cert=`` is ``--cert``."""

from __future__ import annotations

import re

PARAMETERS = (
    "allow_other_hosts",
    "ca",
    "cert",
    "check_hostname",
    "delimiter",
    "key",
    "output",
    "package",
    "public_url",
    "timeout",
    "update",
    "workers",
)
"""The parameters that errors name. Each option has the name of its parameter."""

# A URL in an error may have ?key=... in it.
_ARGUMENT = re.compile(rf"(?<![\w?&.])({'|'.join(PARAMETERS)})=(True|False|'\w+'|[0-9]+(?:\.[0-9]+)?)?(?![\w(])")


def name_options(text: str) -> str:
    """Return a text of the library with options instead of parameters: ``delimiter='auto'`` is ``--delimiter auto``."""
    return _ARGUMENT.sub(_option, text)


def _option(found: re.Match[str]) -> str:
    name, value = found[1].replace("_", "-"), (found[2] or "").strip("'")
    if value == "False":
        return f"--no-{name}"
    return f"--{name} {value}" if value not in ("", "True") else f"--{name}"
