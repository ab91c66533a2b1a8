"""The steps for the DERs of a site: which DER of the server is which of the site, and what is written to each."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import sep2
from envoy.errors import ResponseError
from envoy.identity import format_lfdi
from envoy.protocol import quirks
from envoy.protocol.error_response import read_error
from envoy.protocol.flow import Flow, Request, get_href
from envoy.protocol.paging import Pages
from envoy.protocol.results import Outcome
from envoy.registration.description import describe
from envoy.registration.site import SiteDER, SiteDERComponent
from envoy.registration.state import RegistrationRun


def register_ders(run: RegistrationRun) -> Flow[None]:
    """Bring the DERs of the EndDevice to the state that the site has."""
    href = get_href(run.device.der_list_link)
    if not run.messages.ders:
        return
    if not href:
        run.record("der", Outcome.SKIPPED, detail=quirks.LINK_ABSENT.format("DERListLink"))
        return
    existing = yield from _existing(run, href)
    capabilities = yield from _capabilities(run, existing)
    places = _places(run, capabilities)
    left = [number for number in range(len(existing)) if number not in places]
    for wanted, number in zip(run.messages.ders, places, strict=True):
        if number is None and not run.writes:
            run.record("der", Outcome.MISSING, detail=describe(wanted.capability.type))
            continue
        if number is None:
            number = yield from _add_der(run, href, existing, capabilities, left)
        else:
            detail = _replaced(wanted.capability, capabilities[number])
            run.record("der", Outcome.FOUND, get_href(existing[number]), detail)
        place = existing[number]
        run.result.ders.append(place)
        yield from _put_all(run, place, wanted, capability=capabilities[number])
        if wanted.components:
            yield from _register_components(run, place, wanted.components)
    for number in left:
        if _blank(capabilities[number]):
            continue
        if run.writes:
            run.note(
                f"{get_href(existing[number])}: the site has no such DER; it was left as it is (update=True puts a DER "
                "of the site in its place, if one of each is left over)"
            )
        else:
            run.record("der", Outcome.DIFFERENT, get_href(existing[number]), "the site has no such DER")


def _put_all(
    run: RegistrationRun,
    place: sep2.DER | sep2.DERComponent,
    wanted: SiteDER | SiteDERComponent,
    **known: sep2.DERCapability | None,
) -> Flow[None]:
    """Bring what a DER, or a part of one, has below it to the state that the site has."""
    current = {"current": known["capability"]} if known else {}
    yield from run.put("der-capability", place.der_capability_link, wanted.capability, sep2.DERCapability, **current)
    yield from run.put("der-settings", place.der_settings_link, wanted.settings, sep2.DERSettings)
    yield from run.put("der-status", place.der_status_link, wanted.status, sep2.DERStatus)
    yield from run.put("der-availability", place.der_availability_link, wanted.availability, sep2.DERAvailability)


def _register_components(run: RegistrationRun, der: sep2.DER, wanted: Sequence[SiteDERComponent]) -> Flow[None]:
    """Bring the parts of a DER to the state that the site has (IEEE 2030.5-2023, 10.10)."""
    step, href = "der-component", get_href(der.der_component_list_link)
    if not href:
        run.record(step, Outcome.SKIPPED, detail=quirks.LINK_ABSENT.format("DERComponentListLink"))
        return
    listed: list[sep2.DERComponent] = yield from Pages(run, step, href, sep2.DERComponentList).read_all()
    existing = {component.lfdi: component for component in listed if component.href}
    for component in wanted:
        lfdi = format_lfdi(component.lfdi)
        place = existing.pop(component.lfdi, None)
        if place is None and not run.writes:
            run.record(step, Outcome.MISSING, detail=lfdi)
            continue
        if place is None:
            place = yield from _add_component(run, href, component.lfdi)
        else:
            run.record(step, Outcome.FOUND, get_href(place), lfdi)
        run.result.components.append(place)
        yield from _put_all(run, place, component)
    for place in existing.values():
        if run.writes:
            run.note(f"{get_href(place)}: the site has no such part of its DER; it was left as it is")
        else:
            run.record(step, Outcome.DIFFERENT, get_href(place), "the site has no such part of its DER")


def _add_component(run: RegistrationRun, href: str, lfdi: bytes) -> Flow[sep2.DERComponent]:
    def look() -> Flow[str]:
        listed = yield from Pages(run, "der-component", href, sep2.DERComponentList).read_all()
        return next((get_href(component) for component in listed if component.lfdi == lfdi), "")

    request = Request("der-component", "POST", href, run.messages.content(sep2.DERComponent(lfdi=lfdi)))
    response, detail = yield from run.post(request, look)
    if not response.ok:
        raise read_error(request, response)
    run.record("der-component", Outcome.CREATED, response.location, detail or format_lfdi(lfdi))
    found: sep2.DERComponent = yield from run.resource("der-component", response.location, sep2.DERComponent)
    return found


def _existing(run: RegistrationRun, href: str) -> Flow[list[sep2.DER]]:
    if run.fresh and not run.dialect.lists_ders:
        return []
    ders: list[sep2.DER] = yield from Pages(run, "der", href, sep2.DERList).read_all()
    return [run.dialect.resource(get_href(der), sep2.DER) or der for der in ders if der.href or run.dialect.linked]


def _capabilities(run: RegistrationRun, ders: list[sep2.DER]) -> Flow[list[sep2.DERCapability | None]]:
    """Return the capability of each DER on the server; a new EndDevice can have none."""
    found: list[sep2.DERCapability | None] = []
    # It is read as what the site has, which may be a vendor's, with fields of its own.
    kind = type(run.messages.ders[0].capability)
    for der in ders:
        href = "" if run.fresh else get_href(der.der_capability_link)
        found.append((yield from run.find("der-capability", href, kind)) if href else None)
    return found


def _blank(capability: sep2.DERCapability | None) -> bool:
    """Whether a DER is one that the server has ready, with nothing in it yet."""
    return capability is None or capability.type in quirks.BLANK_DER


def _replaced(wanted: sep2.DERCapability, found: sep2.DERCapability | None) -> str:
    """Return the detail that a DER of another type is the one that is wanted."""
    if found is None or _blank(found) or found.type == wanted.type:
        return ""
    return f"was {describe(found.type)}, is {describe(wanted.type)}"


def _places(run: RegistrationRun, capabilities: list[sep2.DERCapability | None]) -> list[int | None]:
    """Return for each DER of the site its number on the server; None if it has none there.

    Nothing in a DER says which one it is, and a list may change its order. So it is the one of the same capability,
    else one of the same type, else the only one that is left where the site has only one (or may replace it), else a
    blank one.
    """
    wanted = [der.capability for der in run.messages.ders]
    free = list(range(len(capabilities)))
    places: list[int | None] = [None] * len(wanted)

    def assign(fits: Callable[[sep2.DERCapability, sep2.DERCapability | None], bool]) -> None:
        for index, capability in enumerate(wanted):
            if places[index] is None:
                places[index] = next((x for x in free if fits(capability, capabilities[x])), None)
                free[:] = [x for x in free if x != places[index]]

    assign(lambda wanted, found: found is not None and not run.differences(wanted, found))
    assign(lambda wanted, found: found is not None and found.type == wanted.type)
    described = [number for number, found in enumerate(capabilities) if not _blank(found)]
    left = [number for number in described if number in free]
    if len(left) == places.count(None) == 1 and (run.update or len(described) == len(wanted) == 1):
        assign(lambda _, found: not _blank(found))
    assign(lambda _, found: _blank(found))
    return places


def _add_der(
    run: RegistrationRun,
    href: str,
    existing: list[sep2.DER],
    capabilities: list[sep2.DERCapability | None],
    left: list[int],
) -> Flow[int]:
    """Return the number of a DER that was added, or of one that is left if the server lets none be added."""
    known = {_path(der) for der in existing}

    def look() -> Flow[str]:
        ders = yield from Pages(run, "der", href, sep2.DERList).read_all()
        return next((get_href(der) for der in ders if _path(der) not in known), "")

    request = Request("der", "POST", href, run.messages.content(sep2.DER()))
    response, detail = yield from run.post(request, look)
    if response.ok:
        run.record("der", Outcome.CREATED, response.location, detail)
        existing.append((yield from run.resource("der", response.location, sep2.DER)))
        capabilities.append(None)
        return len(existing) - 1
    error = read_error(request, response)
    if response.status not in quirks.FIXED_DER_LIST:
        raise error
    if not left:
        raise ResponseError(
            f"{error.what}: the server's DER list is fixed and has no place for another DER",
            status=error.status,
            where=error.where,
            remedy="Describe the site with fewer [[der]], such as one COMBINED_PV_AND_STORAGE.",
        )
    number = left.pop(0)
    run.record("der", Outcome.FOUND, get_href(existing[number]), f"the DER list is fixed ({response.status})")
    return number


def _path(der: sep2.DER) -> str:
    # A Location may be absolute where the list has paths. urlsplit does not take what is not a URL at all.
    return re.sub(r"^\w+://[^/]*", "", get_href(der))
