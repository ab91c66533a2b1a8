"""The DERs of an EndDevice, and what a client writes of them."""

from __future__ import annotations

from typing import Any

from envoy.identity import format_lfdi
from envoy.profiles import Profile
from envoy.protocol.paths import der_links
from envoy.utility.resource import (
    Document,
    Reply,
    RequestError,
    Resource,
    StoredList,
    WritableDocument,
    clear_links,
)
from envoy.utility.router import Route
from sep2 import (
    DER,
    AssociatedDERProgramListLink,
    CurrentDERProgramLink,
    DERAvailability,
    DERCapability,
    DERComponent,
    DERComponentList,
    DERComponentListLink,
    DERList,
    DERSettings,
    DERStatus,
)


class _Parts(Resource):
    """DERs and their parts as they are sent: with their address and links."""

    def present(self, path: str, found: Any) -> None:
        super().present(path, found)
        for name, link in der_links(path).items():
            setattr(found, name, link)


class _DERs(_Parts):
    def present(self, path: str, found: DER) -> None:
        super().present(path, found)
        if _is_of_2023(self.store.profile):
            parts = self.store.count(self.client, f"{path}/dercomp")
            found.der_component_list_link = DERComponentListLink(href=f"{path}/dercomp", all=parts)
        device = path.rpartition("/der/")[0]
        programs = len(self.programs.programs_of(self.site()))
        found.associated_der_program_list_link = AssociatedDERProgramListLink(href=f"{device}/derp", all=programs)
        found.current_der_program_link = CurrentDERProgramLink(href=f"{path}/cdp") if programs else None


class DERListResource(_DERs, StoredList):
    """The DERs of an EndDevice; a single one in the edition of 2023."""

    list_class = DERList

    def post(self) -> Reply:
        """Add a DER."""
        self.require(self.parent)
        if _is_of_2023(self.store.profile) and self.store.count(self.client, self.path):
            raise RequestError(403, "in IEEE 2030.5-2023 an EndDevice has one DER; its parts are DERComponents")
        clear_links(self.body)
        self.note_change(DERList)
        return Reply(201, location=self.store.add(self.client, self.path, self.body))


class DERResource(_DERs, Document):
    """A DER."""

    def delete(self) -> Reply:
        """Remove it with what was written of it."""
        self.store.changes.note(DERList, "{edev}/der", [self.site()])
        return self.remove()


class DERComponentListResource(_Parts, StoredList):
    """The parts of a DER."""

    list_class = DERComponentList

    def post(self) -> Reply:
        """Add a part; 409 if there is one of its LFDI."""
        self.require(self.parent)
        clear_links(self.body)
        key = format_lfdi(self.body.lfdi)
        if self.store.find(self.path, key):
            raise RequestError(409, f"there is a DERComponent with the LFDI {key}")
        self.note_change(DERList)
        return Reply(201, location=self.store.add(self.client, self.path, self.body, key=key))


class DERComponentResource(_Parts, Document):
    """A part of a DER."""

    def delete(self) -> Reply:
        """Remove it with what was written of it."""
        self.store.changes.note(DERList, "{edev}/der", [self.site()])
        return self.remove()


def _is_of_2023(profile: Profile) -> bool:
    return profile.edition >= "2023"


_WRITTEN = (
    ("dercap", DERCapability),
    ("derg", DERSettings),
    ("ders", DERStatus),
    ("dera", DERAvailability),
)

ROUTES = (
    Route("/edev/{edev}/der", DERListResource, (DER,)),
    Route("/edev/{edev}/der/{der}", DERResource),
    *(Route(f"/edev/{{edev}}/der/{{der}}/{name}", WritableDocument, (cls,)) for name, cls in _WRITTEN),
    Route("/edev/{edev}/der/{der}/dercomp", DERComponentListResource, (DERComponent,), _is_of_2023),
    Route("/edev/{edev}/der/{der}/dercomp/{dercomp}", DERComponentResource, (), _is_of_2023),
    *(
        Route(f"/edev/{{edev}}/der/{{der}}/dercomp/{{dercomp}}/{name}", WritableDocument, (cls,), _is_of_2023)
        for name, cls in _WRITTEN
    ),
)
