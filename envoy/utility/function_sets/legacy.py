"""The five messages of envoy-client 0.1, at the fixed paths that it knows; nothing else is served in its profile.

What it writes is kept as it was written, and can be read again.
"""

from __future__ import annotations

from typing import ClassVar

from lxml import etree

from envoy.codec.parser import parse
from envoy.errors import IdentityError
from envoy.identity.dialects import IDENTITY_DIALECTS, legacy_lfdi
from envoy.utility.resource import Reply, RequestError, Resource, not_found
from envoy.utility.router import Route
from sep2 import DER, DERCapability, DeviceInformation, EndDevice, EnvoyConnectionPoint

_LIST = "/edev"


class _Written(Resource):
    """What a client has written."""

    def get(self) -> Reply:
        document = self.store.own_document(self.client, self.path)
        if document is None:
            raise not_found()
        return Reply(200, content=document, content_type=self.profile.content_type)


class _WrittenList(Resource):
    """The list of what a client has written, each with its address."""

    list_name: ClassVar[str]

    def get(self) -> Reply:
        if self.parent:
            self.require(self.parent)
        start, limit = self.query_number("s", 0), min(self.query_number("l", 1), self.settings.page_limit)
        rows = self.store.rows(
            "SELECT path, document FROM resource WHERE owner = ? AND list = ? ORDER BY position, rowid",
            *(self.client, self.path),
        )
        page = etree.Element(self.list_name, all=str(len(rows)), results=str(len(rows[start : start + limit])))
        for path, document in rows[start : start + limit]:
            item = parse(document)
            item.set("href", path)
            page.append(item)
        return Reply(200, content=etree.tostring(page, encoding="utf-8"), content_type=self.profile.content_type)


class LegacyEndDeviceListResource(_WrittenList):
    """The EndDevices of the client, to which it adds."""

    list_name = "EndDeviceList"

    def post(self) -> Reply:
        """Register an EndDevice; 409 if its LFDI is known, whoever owns it."""
        if not self.settings.in_band:
            raise RequestError(403, "devices are registered out of band here")
        device: EndDevice = self.body
        if device.lfdi is None:
            raise RequestError(400, "the EndDevice has no lFDI")
        dialect = IDENTITY_DIALECTS[self.profile.dialect]
        try:
            dialect.check_sfdi(device.sfdi, device.lfdi)
        except IdentityError as error:
            raise RequestError(400, str(error)) from None
        key = dialect.lfdi_key(device.lfdi).hex()
        if self.store.find(self.path, key):
            raise RequestError(409, f"there is an EndDevice with the LFDI {legacy_lfdi(device.lfdi).text}")
        path = self.store.add(self.client, self.path, device, key=key)
        self.store.put_document(self.client, path, self.content)
        return Reply(201, location=path)


class LegacyDERListResource(_WrittenList):
    """The DERs of an EndDevice, to which the client adds."""

    list_name = "DERList"

    def post(self) -> Reply:
        self.require(self.parent)
        path = self.store.add(self.client, self.path, self.body)
        self.store.put_document(self.client, path, self.content)
        return Reply(201, location=path)


class LegacyDocument(_Written):
    """What a client writes below one of its EndDevices or DERs."""

    def put(self) -> Reply:
        self.require(self.parent)
        return Reply(201 if self.store.put_document(self.client, self.path, self.content) else 204, location=self.path)


ROUTES = (
    Route(_LIST, LegacyEndDeviceListResource, (EndDevice,)),
    Route("/edev/{edev}", _Written),
    Route("/edev/{edev}/di", LegacyDocument, (DeviceInformation,)),
    Route("/edev/{edev}/cp", LegacyDocument, (EnvoyConnectionPoint,)),
    Route("/edev/{edev}/der", LegacyDERListResource, (DER,)),
    Route("/edev/{edev}/der/{der}", _Written),
    Route("/edev/{edev}/der/{der}/dercap", LegacyDocument, (DERCapability,)),
)
