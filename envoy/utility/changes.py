"""Changes of resources: what has become another in a transaction, and at which sites."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a resource.

    Attributes:
        resource: Its class, such as ``DERControlList``.
        path: Its path, with ``{edev}`` for that of the EndDevice of each site: ``{edev}/derp/1/derc``.
        sites: LFDIs of the sites at which it has changed; None for all that see it.
        items: Numbers of the items that have changed or are new, if it is a list of controls.
        owner: LFDI of the client whose resource it is; None if whoever sees the sites sees the change.
        values: The values that are new, if it is a list of readings.
    """

    resource: type[Any]
    path: str
    sites: frozenset[bytes] | None = None
    items: tuple[int, ...] = ()
    owner: bytes | None = None
    values: tuple[int, ...] = ()

    def href(self, end_device: str) -> str:
        """Return the href of the resource below an EndDevice, or at the root."""
        return self.path.replace("{edev}", end_device)


class Changes(list[Change]):
    """The changes of a transaction, so far."""

    def note(
        self,
        resource: type[Any],
        path: str,
        sites: Collection[bytes] | None = None,
        items: Collection[int] = (),
        *,
        owner: bytes | None = None,
        values: Collection[int] = (),
    ) -> None:
        """Add one."""
        of_sites = None if sites is None else frozenset(sites)
        self.append(Change(resource, path, of_sites, tuple(items), owner, tuple(values)))

    def take(self) -> list[Change]:
        """Return all and forget them."""
        taken = list(self)
        self.clear()
        return taken
