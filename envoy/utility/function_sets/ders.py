"""The DERs of an EndDevice, and what a client writes of them."""

from __future__ import annotations

from envoy.protocol.paths import der_links
from envoy.utility.resource import Document, Reply, Resource, StoredList, WritableDocument, clear_links
from envoy.utility.router import Route
from sep2 import (
    DER,
    AssociatedDERProgramListLink,
    CurrentDERProgramLink,
    DERAvailability,
    DERCapability,
    DERList,
    DERSettings,
    DERStatus,
)


class _DERs(Resource):
    """DERs as they are sent: with their address and links."""

    def present(self, path: str, found: DER) -> None:
        super().present(path, found)
        for name, link in der_links(path).items():
            setattr(found, name, link)
        device = path.rpartition("/der/")[0]
        programs = len(self.programs.programs_of(self.site()))
        found.associated_der_program_list_link = AssociatedDERProgramListLink(href=f"{device}/derp", all=programs)
        found.current_der_program_link = CurrentDERProgramLink(href=f"{path}/cdp") if programs else None


class DERListResource(_DERs, StoredList):
    """The DERs of an EndDevice."""

    list_class = DERList

    def post(self) -> Reply:
        """Add a DER."""
        self.require(self.parent)
        clear_links(self.body)
        self.note_change(DERList)
        return Reply(201, location=self.store.add(self.client, self.path, self.body))


class DERResource(_DERs, Document):
    """A DER."""

    def delete(self) -> Reply:
        """Remove it with what was written of it."""
        self.store.changes.note(DERList, "{edev}/der", [self.site()])
        return self.remove()


ROUTES = (
    Route("/edev/{edev}/der", DERListResource, (DER,)),
    Route("/edev/{edev}/der/{der}", DERResource),
    Route("/edev/{edev}/der/{der}/dercap", WritableDocument, (DERCapability,)),
    Route("/edev/{edev}/der/{der}/derg", WritableDocument, (DERSettings,)),
    Route("/edev/{edev}/der/{der}/ders", WritableDocument, (DERStatus,)),
    Route("/edev/{edev}/der/{der}/dera", WritableDocument, (DERAvailability,)),
)
