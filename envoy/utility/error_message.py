"""The Error that says why: it has an element ``message``, which the standard's schema does not have and servers use."""

from __future__ import annotations

from dataclasses import dataclass, field

from envoy.namespaces import SEP_NAMESPACE
from sep2 import Error


@dataclass(repr=False, slots=True, kw_only=True)
class DetailedError(Error):
    """An Error with the reason as text, for people.

    Attributes:
        message: The reason.
    """

    class Meta:
        name = "Error"
        namespace = SEP_NAMESPACE

    message: str = field(metadata={"name": "message", "type": "Element"})
