"""The DERs of a registration: which DER on the server is which of the site, and what is written to each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envoy.errors import ResponseError
from envoy.exchange import Flow, Request, error_of
from envoy.results import Outcome
from sep2 import DER, DERAvailability, DERCapability, DERList, DERSettings, DERStatus

if TYPE_CHECKING:
    from envoy.steps import Run


def register_ders(run: Run) -> Flow[None]:
    """Bring the DERs of the EndDevice to the state that the site has."""
    link = run.device.der_list_link
    if not run.messages.ders:
        return
    if link is None:
        run.note("der", Outcome.SKIPPED, detail="the server offers no DERListLink")
        return
    # The old server has no DER ready, and its client never asked.
    existing: list[DER] = []
    if not (run.profile.legacy and run.fresh):
        existing = yield from run.items("der", link.href, DERList, "der")
    known = yield from _capabilities(run, existing)
    places = _places(run, existing, known)
    left = [der for der in existing if all(der is not place for place in places)]
    for wanted, found in zip(run.messages.ders, places, strict=True):
        if found is None:
            place = yield from _add_der(run, link.href, left)
        else:
            place = found
            run.note("der", Outcome.FOUND, place.href or "")
        yield from run.put(
            "der-capability",
            place.der_capability_link,
            wanted.capability,
            DERCapability,
            known.get(place.href or ""),
        )
        yield from run.put("der-settings", place.der_settings_link, wanted.settings, DERSettings)
        yield from run.put("der-status", place.der_status_link, wanted.status, DERStatus)
        yield from run.put("der-availability", place.der_availability_link, wanted.availability, DERAvailability)


def _capabilities(run: Run, existing: list[DER]) -> Flow[dict[str, DERCapability]]:
    """Return what is known of the DERs on the server, by href; of a new EndDevice nothing can be known yet."""
    known: dict[str, DERCapability] = {}
    for der in () if run.fresh else existing:
        if der.href and der.der_capability_link is not None:
            found = yield from run.find("der-capability", der.der_capability_link.href, DERCapability)
            if found is not None:
                known[der.href] = found
    return known


def _places(run: Run, existing: list[DER], known: dict[str, DERCapability]) -> list[DER | None]:
    """Return for each DER of the site its place on the server: one of its type, else a blank one, else None.

    A list may change its order, so the position in it means nothing.
    """
    free = list(existing)
    places: list[DER | None] = [None] * len(run.messages.ders)
    for blank in (False, True):
        for index, wanted in enumerate(run.messages.ders):
            kind = None if blank else wanted.capability.type
            for der in free if places[index] is None else ():
                capability = known.get(der.href or "")
                if (capability.type if capability is not None else None) == kind:
                    places[index] = der
                    free = [other for other in free if other is not der]
                    break
    return places


def _add_der(run: Run, href: str, left: list[DER]) -> Flow[DER]:
    request = Request("der", "POST", href, run.messages.content(DER()))
    response = yield request
    location = response.location
    if response.ok and location:
        run.note("der", Outcome.CREATED, location)
        added: DER = yield from run.resource("der", location, DER)
        return added
    if response.status in (403, 405) and left:
        place = left.pop(0)
        run.note("der", Outcome.FOUND, place.href or "", f"the DER list is fixed ({response.status})")
        return place
    error = error_of(request, response)
    if response.status in (403, 405):
        error = ResponseError(
            f"{error.what}: the server's DER list is fixed and has no place for another DER",
            status=error.status,
            where=error.where,
            remedy="Describe the site with fewer [[der]], such as one COMBINED_PV_AND_STORAGE.",
        )
    raise error
