"""Orders about the EndDevices."""

from __future__ import annotations

from typing import Any

from envoy.errors import EnvoyError
from envoy.identity import check_nmi, check_pin, format_lfdi, parse_lfdi, sfdi_of_lfdi
from envoy.utility.function_sets.end_devices import add_end_device, add_own_end_device
from envoy.utility.orders.order import Desk, order
from sep2 import ConnectionPoint, EndDevice


@order("sites")
def list_sites(desk: Desk, *, site: str | None = None) -> dict[str, Any]:
    """Return the EndDevices, or one."""
    points = desk.connection_points()
    found = desk.store.rows("SELECT path, key FROM resource WHERE list = '/edev' ORDER BY rowid")
    sites = [{"href": path, "lfdi": lfdi, "nmi": points.get(path)} for path, lfdi in found]
    if site is None:
        return {"sites": sites}
    wanted = format_lfdi(desk.site(site))
    known = [each for each in sites if each["lfdi"] == wanted]
    return {"sites": known or [{"href": None, "lfdi": wanted, "nmi": None}]}


@order("register")
def register(
    desk: Desk, *, lfdi: str, owner: str | None = None, pin: int | None = None, nmi: str | None = None
) -> dict[str, Any]:
    """Register an EndDevice out of band."""
    octets = parse_lfdi(lfdi)
    whose = octets if owner is None else parse_lfdi(owner)
    if pin is not None:
        check_pin(pin)
    if nmi is not None:
        check_nmi(nmi)
    if desk.store.find("/edev", format_lfdi(octets)):
        raise EnvoyError(f"there is an EndDevice with the LFDI {format_lfdi(octets)}", remedy="Use that one.")
    profile, first = desk.store.profile, whose == octets
    if not first:
        # At its own EndDevice an aggregator subscribes.
        add_own_end_device(desk.store, profile, desk.settings, whose, desk.now())
    device = EndDevice(lfdi=octets, sfdi=sfdi_of_lfdi(octets), changed_time=desk.now(), enabled=True)
    href = add_end_device(desk.store, profile, desk.settings, whose, device, first=first, pin=pin)
    if nmi is not None:
        point = ConnectionPoint(connection_point_id=nmi)
        desk.check(point)
        desk.store.put(whose, f"{href}/cp", point)
    return {"href": href}


@order("registration-links")
def show_registration(desk: Desk, *, shown: bool) -> None:
    """Let EndDevices have the link to their Registration, or not."""
    desk.store.set("registration_links", shown)
