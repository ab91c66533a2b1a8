"""EndDevice with its Registration, DeviceInformation and ConnectionPoint."""

from __future__ import annotations

from operator import attrgetter

from envoy.errors import IdentityError
from envoy.identity import check_sfdi, format_lfdi, sfdi_of_lfdi
from envoy.protocol.paths import end_device_links
from envoy.utility.rates import post_rate
from envoy.utility.resource import Document, Reply, RequestError, Resource, StoredList, WritableDocument, clear_links
from envoy.utility.router import Route
from sep2 import (
    DER,
    ConnectionPoint,
    DeviceInformation,
    EndDevice,
    EndDeviceList,
    FunctionSetAssignmentsListLink,
    LogEventListLink,
    Registration,
)

_LIST = "/edev"


def ensure_own_end_device(request: Resource) -> None:
    """Make the EndDevice that stands for the client itself, first in its list, if there is none yet."""
    lfdi = request.client
    found = request.store.find(_LIST, format_lfdi(lfdi))
    if found is None:
        own = EndDevice(lfdi=lfdi, sfdi=sfdi_of_lfdi(lfdi), changed_time=request.now, enabled=True)
        _add(request, own, first=True)
    elif found[1] != lfdi:
        # Another client POSTed this LFDI earlier. The certificate proves whose it is.
        request.store.hand_over(found[0], lfdi)


class _EndDevices(Resource):
    """EndDevices as they are sent: with their address and links."""

    def present(self, path: str, found: EndDevice) -> None:
        super().present(path, found)
        ders = self.store.count(self.client, f"{path}/der")
        for name, link in end_device_links(path, ders=ders, connection_point=self.profile.csip_aus).items():
            setattr(found, name, link)
        rate = post_rate(self.store, EndDevice)
        if rate is not None:
            found.post_rate = rate
        assignments = len(self.programs.assignments_of(found.lfdi or b""))
        found.function_set_assignments_list_link = FunctionSetAssignmentsListLink(href=f"{path}/fsa", all=assignments)
        found.log_event_list_link = LogEventListLink(
            href=f"{path}/lel", all=self.store.count(self.client, f"{path}/lel")
        )


class EndDeviceListResource(_EndDevices, StoredList):
    """The EndDevices of the client, its own first."""

    list_class = EndDeviceList

    def post(self) -> Reply:
        """Register an EndDevice in band; 409 if the LFDI is known, whoever owns it."""
        if not self.settings.in_band:
            raise RequestError(403, "devices are registered out of band here")
        device: EndDevice = self.body
        if device.lfdi is None:
            raise RequestError(400, "the EndDevice has no lFDI")
        try:
            check_sfdi(device.sfdi, device.lfdi)
        except IdentityError as error:
            raise RequestError(400, str(error)) from None
        if self.store.find(self.path, format_lfdi(device.lfdi)):
            raise RequestError(409, f"there is an EndDevice with the LFDI {format_lfdi(device.lfdi)}")
        return Reply(201, location=_add(self, device))


class EndDeviceResource(_EndDevices, Document):
    """An EndDevice."""

    def put(self) -> Reply:
        """Take a new version; it stays the same device."""
        before: EndDevice = self.load()
        device: EndDevice = self.body
        if (device.lfdi, device.sfdi) != (before.lfdi, before.sfdi):
            raise RequestError(400, "lFDI and sFDI of an EndDevice cannot be changed")
        clear_links(device)
        device.changed_time = self.now
        self.store.put(self.client, self.path, device)
        return Reply(204)

    delete = Resource.remove


class RegistrationResource(Document):
    """The PIN of the settings, and when the device was registered."""

    def present(self, path: str, found: Registration) -> None:
        super().present(path, found)
        found.pin = self.settings.pin


class ConnectionPointResource(WritableDocument):
    """The ConnectionPoint of CSIP-AUS, which the first PUT creates."""

    def put(self) -> Reply:
        return Reply(201 if self.write() else 204, location=self.path)


def _add(request: Resource, device: EndDevice, *, first: bool = False) -> str:
    assert device.lfdi is not None
    clear_links(device)
    device.changed_time = request.now
    store, client = request.store, request.client
    path = store.add(client, _LIST, device, key=format_lfdi(device.lfdi), position=0 if first else None)
    store.put(client, f"{path}/rg", Registration(date_time_registered=request.now, pin=request.settings.pin))
    ready = request.settings.ready_ders
    for _ in range(int(request.profile.csip_aus) if ready is None else ready):
        store.add(client, f"{path}/der", DER())
    return path


ROUTES = (
    Route(_LIST, EndDeviceListResource, (EndDevice,)),
    Route("/edev/{edev}", EndDeviceResource, (EndDevice,)),
    Route("/edev/{edev}/rg", RegistrationResource),
    Route("/edev/{edev}/di", WritableDocument, (DeviceInformation,)),
    Route("/edev/{edev}/cp", ConnectionPointResource, (ConnectionPoint,), attrgetter("csip_aus")),
)
