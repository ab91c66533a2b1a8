"""EndDevice with its Registration, DeviceInformation and ConnectionPoint."""

from __future__ import annotations

from operator import attrgetter

from envoy.errors import IdentityError
from envoy.identity import check_nmi, check_sfdi, format_lfdi, sfdi_of_lfdi
from envoy.profiles import Profile
from envoy.protocol.paths import end_device_links
from envoy.utility.rates import post_rate
from envoy.utility.resource import Document, Reply, RequestError, Resource, StoredList, WritableDocument, clear_links
from envoy.utility.router import Route
from envoy.utility.settings import Settings
from envoy.utility.store import Store
from sep2 import (
    DER,
    ConnectionPoint,
    DeviceInformation,
    EndDevice,
    EndDeviceList,
    FunctionSetAssignmentsListLink,
    LogEventListLink,
    Registration,
    SubscribableType,
    SubscriptionListLink,
)

_LIST = "/edev"


def ensure_own_end_device(request: Resource) -> None:
    """Make the EndDevice that stands for the client itself, first in its list, if there is none yet but is to be."""
    lfdi = request.client
    found = request.store.find(_LIST, format_lfdi(lfdi))
    if found is None and request.settings.pre_registered:
        add_own_end_device(request.store, request.profile, request.settings, lfdi, request.now)
    elif found is not None and found[1] != lfdi:
        # Another client POSTed this LFDI earlier. The certificate proves whose it is.
        request.store.hand_over(found[0], lfdi)


def add_own_end_device(store: Store, profile: Profile, settings: Settings, client: bytes, now: int) -> None:
    """Add the EndDevice that stands for a client itself, first in its list, unless it is there.

    Args:
        store: The resources of the utility.
        profile: The edition of the protocol.
        settings: Settings of the utility.
        client: LFDI of the client's certificate.
        now: The time in seconds since 1970.
    """
    if store.find(_LIST, format_lfdi(client)) is None:
        own = EndDevice(lfdi=client, sfdi=sfdi_of_lfdi(client), changed_time=now, enabled=True)
        add_end_device(store, profile, settings, client, own, first=True)


class _EndDevices(Resource):
    """EndDevices as they are sent: with their address and links."""

    def present(self, path: str, found: EndDevice) -> None:
        super().present(path, found)
        ders = self.store.count(self.client, f"{path}/der")
        for name, link in end_device_links(path, ders=ders, connection_point=self.profile.csip_aus).items():
            setattr(found, name, link)
        if self.store.setting("registration_links") is False:
            found.registration_link = None
        rate = post_rate(self.store, EndDevice)
        if rate is not None:
            found.post_rate = rate
        assignments = len(self.programs.assignments_of(found.lfdi or b""))
        found.function_set_assignments_list_link = FunctionSetAssignmentsListLink(href=f"{path}/fsa", all=assignments)
        if found.lfdi == self.client:
            # In CSIP-AUS an aggregator subscribes at its own EndDevice, and looks for one list of subscriptions.
            subscriptions = self.store.count(self.client, f"{path}/sub")
            found.subscription_list_link = SubscriptionListLink(href=f"{path}/sub", all=subscriptions)
        found.subscribable = SubscribableType.NON_CONDITIONAL
        found.log_event_list_link = LogEventListLink(
            href=f"{path}/lel", all=self.store.count(self.client, f"{path}/lel")
        )


class EndDeviceListResource(_EndDevices, StoredList):
    """The EndDevices of the client, its own first."""

    list_class = EndDeviceList
    subscribable = True

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
        first = device.lfdi == self.client
        if not first:
            # A client that registers others is an aggregator, which has an EndDevice of its own from then on.
            add_own_end_device(self.store, self.profile, self.settings, self.client, self.now)
        device.changed_time = self.now
        location = add_end_device(self.store, self.profile, self.settings, self.client, device, first=first)
        return Reply(201, location=location)


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
        _note_change(self.store, self.site())
        return Reply(204)

    def delete(self) -> Reply:
        """Remove it with all below it."""
        _note_change(self.store, self.site())
        # Once it is gone, its LFDI leads to no path.
        self.store.changes.note(EndDevice, self.path)
        return self.remove()


class RegistrationResource(Document):
    """The PIN of the device, or else that of the settings, and when it was registered."""

    def present(self, path: str, found: Registration) -> None:
        super().present(path, found)
        pin = self.store.setting(_pin_of(self.parent))
        found.pin = self.settings.pin if pin is None else pin


class ConnectionPointResource(WritableDocument):
    """The ConnectionPoint of CSIP-AUS, which the first PUT creates."""

    def put(self) -> Reply:
        try:
            check_nmi(self.body.connection_point_id)
        except IdentityError as error:
            raise RequestError(400, str(error)) from None
        _note_change(self.store, self.site())
        return Reply(201 if self.write() else 204, location=self.path)


def add_end_device(
    store: Store,
    profile: Profile,
    settings: Settings,
    owner: bytes,
    device: EndDevice,
    *,
    first: bool = False,
    pin: int | None = None,
) -> str:
    """Add an EndDevice with all that a new one comes with, and return its path.

    Args:
        store: The resources of the utility.
        profile: The edition of the protocol.
        settings: Settings of the utility.
        owner: LFDI of the certificate that it belongs to.
        device: The EndDevice, with its LFDI and time.
        first: It goes before all others of its owner.
        pin: Its PIN; None for that of the settings.
    """
    assert device.lfdi is not None
    clear_links(device)
    path = store.add(owner, _LIST, device, key=format_lfdi(device.lfdi), position=0 if first else device.sfdi)
    store.put(owner, f"{path}/rg", Registration(date_time_registered=device.changed_time, pin=settings.pin))
    if pin is not None:
        store.set(_pin_of(path), pin)
    ready = settings.ready_ders
    usual = profile.csip_aus or store.profile.edition >= "2023"
    for _ in range(int(usual) if ready is None else ready):
        store.add(owner, f"{path}/der", DER())
    _note_change(store, device.lfdi)
    return path


def _note_change(store: Store, lfdi: bytes) -> None:
    store.changes.note(EndDevice, "{edev}", [lfdi])
    found = store.find(_LIST, format_lfdi(lfdi))
    store.changes.note(EndDeviceList, _LIST, [lfdi], owner=found and found[1])


def _pin_of(path: str) -> str:
    """Return the name of the setting that is the PIN of an EndDevice alone."""
    return f"pin of {path}"


ROUTES = (
    Route(_LIST, EndDeviceListResource, (EndDevice,)),
    Route("/edev/{edev}", EndDeviceResource, (EndDevice,)),
    Route("/edev/{edev}/rg", RegistrationResource),
    Route("/edev/{edev}/di", WritableDocument, (DeviceInformation,)),
    Route("/edev/{edev}/cp", ConnectionPointResource, (ConnectionPoint,), attrgetter("csip_aus")),
)
