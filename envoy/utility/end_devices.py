"""EndDevice with its Registration, and the DERs below it."""

from __future__ import annotations

from envoy.errors import IdentityError
from envoy.identity import check_sfdi, format_lfdi, sfdi_of_lfdi
from envoy.protocol.paths import der_links, end_device_links, with_links
from envoy.utility.call import Call, RefusedError, Reply, not_found
from envoy.utility.resources import clear_links, read_page
from sep2 import (
    DER,
    DERList,
    EndDevice,
    EndDeviceList,
    Registration,
)

_END_DEVICES = "/edev"


def ensure_own_end_device(call: Call) -> None:
    """Make the EndDevice that stands for the client itself, first in its list, if there is none yet."""
    lfdi = call.owner
    found = call.store.find(_END_DEVICES, format_lfdi(lfdi))
    if found is None:
        own = EndDevice(lfdi=lfdi, sfdi=sfdi_of_lfdi(lfdi), changed_time=call.now, enabled=True)
        _add(call, own, first=True)
    elif found[1] != lfdi:
        # Somebody else POSTed this LFDI earlier. The certificate proves whose it is.
        call.store.hand_over(found[0], lfdi)


def list_end_devices(call: Call) -> Reply:
    """Answer with a page of the EndDevices of this client, its own first."""
    return read_page(call, EndDeviceList, "end_device", _present_end_device)


def create_end_device(call: Call) -> Reply:
    """Register an EndDevice in band; 409 if the LFDI is known, whoever owns it."""
    if not call.settings.in_band:
        raise RefusedError(403, "devices are registered out of band here")
    device: EndDevice = call.body
    if device.lfdi is None:
        raise RefusedError(400, "the EndDevice has no lFDI")
    try:
        check_sfdi(device.sfdi, device.lfdi)
    except IdentityError as error:
        raise RefusedError(400, str(error)) from None
    if call.store.find(_END_DEVICES, format_lfdi(device.lfdi)):
        raise RefusedError(409, f"there is an EndDevice with the LFDI {format_lfdi(device.lfdi)}")
    return Reply(201, location=_add(call, device))


def read_end_device(call: Call) -> Reply:
    """Answer with one EndDevice."""
    device = _existing(call, call.path)
    _present_end_device(call, call.path, device)
    return Reply(200, device)


def replace_end_device(call: Call) -> Reply:
    """Take a new version of an EndDevice; it stays the same device."""
    before = _existing(call, call.path)
    device: EndDevice = call.body
    if (device.lfdi, device.sfdi) != (before.lfdi, before.sfdi):
        raise RefusedError(400, "lFDI and sFDI of an EndDevice cannot be changed")
    clear_links(device)
    device.changed_time = call.now
    call.store.put(call.owner, call.path, device)
    return Reply(204)


def read_registration(call: Call) -> Reply:
    """Answer with the PIN that the server was started with, and when the device was registered."""
    registration = call.store.get(call.owner, call.path)
    if registration is None:
        raise not_found()
    registration.href = call.path
    registration.pin = call.settings.pin
    return Reply(200, registration)


def list_ders(call: Call) -> Reply:
    """Answer with a page of the DERs of an EndDevice."""
    _existing(call, call.parent)
    return read_page(call, DERList, "der", _present_der)


def create_der(call: Call) -> Reply:
    """Add a DER to an EndDevice."""
    _existing(call, call.parent)
    clear_links(call.body)
    return Reply(201, location=call.store.add(call.owner, call.path, call.body))


def read_der(call: Call) -> Reply:
    """Answer with one DER."""
    der = call.store.get(call.owner, call.path)
    if der is None:
        raise not_found()
    _present_der(call, call.path, der)
    return Reply(200, der)


def _existing(call: Call, path: str) -> EndDevice:
    device: EndDevice | None = call.store.get(call.owner, path)
    if device is None:
        raise not_found()
    return device


def _add(call: Call, device: EndDevice, *, first: bool = False) -> str:
    assert device.lfdi is not None
    clear_links(device)
    device.changed_time = call.now
    path = call.store.add(call.owner, _END_DEVICES, device, key=format_lfdi(device.lfdi), first=first)
    registration = Registration(date_time_registered=call.now, pin=call.settings.pin)
    call.store.put(call.owner, f"{path}/rg", registration)
    ready = call.settings.ready_ders
    for _ in range(int(call.csip_aus) if ready is None else ready):
        call.store.add(call.owner, f"{path}/der", DER())
    return path


def _present_end_device(call: Call, path: str, device: EndDevice) -> None:
    device.href = path
    ders = call.store.count(call.owner, f"{path}/der")
    with_links(device, end_device_links(path, ders=ders, connection_point=call.csip_aus))


def _present_der(call: Call, path: str, der: DER) -> None:
    der.href = path
    with_links(der, der_links(path))
