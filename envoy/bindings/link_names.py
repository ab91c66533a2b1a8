"""Names of the resources that links lead to. Code generation needs them too, before there are any bindings."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SELECTION = re.compile(r"(Active|Associated|Current)(?=[A-Z])")
"""Before the name of a resource it says which of them are meant, as in CurrentDERProgramLink."""


def resource_names(link: str) -> Iterator[str]:
    """Yield the names that the resource behind a link may have, the likeliest first.

    Args:
        link: Name of the link's type, such as ``DERListLink``.
    """
    name = link.removesuffix("Link")
    if name not in ("", "List"):
        yield name
        yield _SELECTION.sub("", name, count=1)
