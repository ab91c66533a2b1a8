"""The DERs of an EndDevice, and what a client writes of them."""

from __future__ import annotations

from envoy.protocol.paths import der_links
from envoy.utility.resource import ListResource, Reply, Resource, WritableDocument, clear_links
from envoy.utility.router import Route
from sep2 import DER, DERAvailability, DERCapability, DERList, DERSettings, DERStatus


class DERListResource(ListResource):
    """The DERs of an EndDevice."""

    list_class = DERList

    def get(self) -> Reply:
        self.require(self.parent)
        return super().get()

    def post(self) -> Reply:
        """Add a DER."""
        self.require(self.parent)
        clear_links(self.body)
        return Reply(201, location=self.store.add(self.client, self.path, self.body))

    def present(self, path: str, member: DER) -> None:
        _present(path, member)


class DERResource(Resource):
    """A DER."""

    def get(self) -> Reply:
        der = self.load()
        _present(self.path, der)
        return Reply(200, der)

    delete = Resource.remove


def _present(path: str, der: DER) -> None:
    der.href = path
    for name, link in der_links(path).items():
        setattr(der, name, link)


ROUTES = (
    Route("/edev/{edev}/der", DERListResource, (DER,)),
    Route("/edev/{edev}/der/{der}", DERResource),
    Route("/edev/{edev}/der/{der}/dercap", WritableDocument, (DERCapability,)),
    Route("/edev/{edev}/der/{der}/derg", WritableDocument, (DERSettings,)),
    Route("/edev/{edev}/der/{der}/ders", WritableDocument, (DERStatus,)),
    Route("/edev/{edev}/der/{der}/dera", WritableDocument, (DERAvailability,)),
)
