"""The enrolment of the sites of a fleet: a site that is in the server's list is registered already."""

from __future__ import annotations

from collections.abc import Callable

from envoy.der.fleet.fleet_directory import FleetDirectory
from envoy.errors import EnvoyError, PINError, ResponseError, TransportError
from envoy.identity import format_pin
from envoy.profiles import Profile
from envoy.protocol.flow import Flow, get_href
from envoy.protocol.paging import Pages
from envoy.protocol.results import Outcome, Registration, RegistrationError, StepResult
from envoy.protocol.session import Session
from envoy.registration.register import register
from envoy.registration.site import Site
from sep2 import DERList
from sep2 import Registration as ServerRegistration


def enrol(
    site: Site,
    session: Session,
    directory: FleetDirectory,
    *,
    prepare: Callable[[], Site],
    now: Callable[[], float],
    validate: bool,
    verified: bool,
) -> Flow[Registration]:
    """Register a site of a fleet, as far as that is not done.

    One that the directory has is not written to: its PIN is compared, and the place of its DER is read. One that is not
    there is registered, and so is one of several DERs, to find out which of the server's is which.

    Args:
        site: The site.
        session: Reads what it has at the server.
        directory: The directory of the fleet.
        prepare: Returns the site as it is to be registered.
        now: Returns the server's time.
        validate: Whether messages are validated.
        verified: The PIN was compared in a run before, at the EndDevice where it is now.

    Raises:
        RegistrationError: It has failed, or the PIN is another one.
    """
    listed = directory.find_listed(site.lfdi)
    if listed is None or len(site.ders) > 1:
        try:
            made = yield from _register(prepare(), session.profile, directory, now, validate)
        except RegistrationError:
            # It may be there by now, or what is known of the list is no longer so.
            directory.note_gone()
            raise
        directory.note_created(site.lfdi, made.href)
        return made
    result = Registration(lfdi=site.lfdi, findings=[])
    result.href = listed.href
    result.steps.append(StepResult("end-device", Outcome.FOUND, listed.href, ""))
    step = "end-device"
    try:
        if (site.pin is None or verified) and not site.ders:
            return result
        device = yield from directory.peek(site.lfdi)
        assert device is not None  # it is listed
        if site.pin is not None and not verified:
            step = "registration"
            yield from _compare_pin(site.pin, session, get_href(device.registration_link))
        if site.ders and (href := get_href(device.der_list_link)):
            step = "der"
            ders = yield from Pages(session, step, href, DERList).read_all()
            result.ders.extend(ders[: len(site.ders)])
    except (ResponseError, TransportError) as error:
        raise _fail(error, step, result) from error
    return result


def _register(
    site: Site, profile: Profile, directory: FleetDirectory, now: Callable[[], float], validate: bool
) -> Flow[Registration]:
    return register(site, profile, now=now, validate=validate, known=directory.facts, tolerant=True)


def _compare_pin(pin: int, session: Session, href: str) -> Flow[None]:
    """Compare the PIN of the server with that of the site, if the server has one to compare."""
    if not href:
        session.note("the PIN could not be compared: the EndDevice has no RegistrationLink")
        return
    found: ServerRegistration = yield from session.get("registration", href, ServerRegistration)
    if found.pin != pin:
        theirs = "none" if found.pin is None else format_pin(found.pin)
        raise PINError(
            f"the server's PIN is {theirs}, the site's PIN is {format_pin(pin)}",
            status=200,
            where=f"GET {href}",
            remedy="Check the PIN with the utility. If it is right, this is not the server to use.",
        )


def _fail(error: EnvoyError, step: str, result: Registration) -> RegistrationError:
    where = ", ".join(filter(None, (step, error.where)))
    return RegistrationError(error.what, step=step, registration=result, where=where, remedy=error.remedy)
