"""Links: the class of the resource that one leads to, and of the items if that is a list."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

import sep2
from envoy.bindings.fields import fields_of
from envoy.bindings.link_names import resource_names
from envoy.errors import EnvoyError

T_co = TypeVar("T_co", covariant=True)


class LeadsTo(Protocol[T_co]):
    """A link as a type checker sees it: of a class that says what it leads to. The method is not there at run time."""

    def _leads_to(self) -> T_co: ...


class Holds(Protocol[T_co]):
    """A list as a type checker sees it: of a class that says what it holds. The method is not there at run time."""

    def _holds(self) -> T_co: ...


def resource_class(link: type[sep2.Link]) -> type[Any]:
    """Return the class of the resource that a link leads to, which gives the link its name.

    Raises:
        EnvoyError: The link may lead to anything, as Link itself does.
    """
    for name in resource_names(link.__name__):
        if name in sep2.__all__:
            cls: type[Any] = getattr(sep2, name)
            return cls
    raise EnvoyError(
        f"a {link.__name__} does not say what it leads to",
        remedy="Give the class of the resource as well: client.get(link, ConnectionPoint).",
    )


def is_list(cls: type[Any]) -> bool:
    """Whether a class is that of a list."""
    return issubclass(cls, (sep2.List, sep2.SubscribableList))


def list_class(item: type[Any]) -> type[Any]:
    """Return the class of the lists that hold items of a class.

    Raises:
        EnvoyError: There is no such list.
    """
    found = getattr(sep2, f"{item.__name__}List", None)
    if not (isinstance(found, type) and is_list(found)):
        raise EnvoyError(
            f"there is no list of {item.__name__}", remedy="Give the class of the items: DER for a DERList."
        )
    return found


def items_attribute(cls: type[Any]) -> str:
    """Return the name of the attribute that holds the items of a list.

    Raises:
        EnvoyError: It is not the class of a list.
    """
    model: type = cls
    if not is_list(cls):
        raise EnvoyError(f"{cls.__name__} is not a list", remedy="Read it with client.get.")
    return next(field.name for field in fields_of(model) if field.many)
