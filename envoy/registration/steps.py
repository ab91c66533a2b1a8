"""The steps of a registration: the requests of each, and what the responses mean.

A step without a link is skipped, and recorded as such. What exists is read and compared, and written only where it
differs.
"""

from __future__ import annotations

from collections.abc import Callable

import sep2
from envoy import identity
from envoy.errors import PINError, ResponseError, TransportError
from envoy.identity import ZERO_SFDI
from envoy.protocol import quirks
from envoy.protocol.discovery import discover, end_device_list
from envoy.protocol.end_devices import find_end_device
from envoy.protocol.error_response import read_error
from envoy.protocol.flow import Flow, Request, get_href
from envoy.protocol.paging import Pages
from envoy.protocol.results import Outcome
from envoy.registration.der_steps import register_ders
from envoy.registration.state import RegistrationRun


def device_capability(run: RegistrationRun) -> Flow[None]:
    """Read DeviceCapability, which has the links to all else."""
    step = "device-capability"
    run.capability = yield from discover(run, run.entry, step)
    run.record(step, Outcome.READ, get_href(run.capability))


def server_time(run: RegistrationRun) -> Flow[None]:
    """Read the server's Time, to report how far its clock is from this one."""
    step, href = "time", get_href(run.capability.time_link)
    if not href:
        run.record(step, Outcome.SKIPPED, detail=quirks.LINK_ABSENT.format("TimeLink"))
        return
    try:
        time = yield from run.get(step, href, sep2.Time)
    except (ResponseError, TransportError) as error:
        # The clock is only compared.
        run.record(step, Outcome.SKIPPED, href, "it cannot be read")
        run.note(f"{error.where}: {error.what}; the clocks were not compared")
        return
    if time.current_time is None:
        run.record(step, Outcome.READ, href, "the server's Time has no currentTime")
        return
    run.result.clock_offset = time.current_time - int(run.now())
    run.record(step, Outcome.READ, href, f"server clock {run.result.clock_offset:+d} s")


def end_device(run: RegistrationRun) -> Flow[None]:
    """Find the EndDevice of the site by its LFDI or SFDI, or create it."""
    href = end_device_list(run.capability)
    if not run.identity.sfdi:
        run.note(f"{ZERO_SFDI} Every other such LFDI has the same SFDI, and a server has one EndDevice for each.")
    found = yield from run.find_device(href)
    if found is not None:
        yield from _use(run, found)
    elif run.writes:
        yield from _create(run, href)
    else:
        run.record("end-device", Outcome.MISSING)


def _use(run: RegistrationRun, found: sep2.EndDevice) -> Flow[None]:
    href = get_href(found)
    run.result.href = href
    run.device = run.dialect.resource(href, sep2.EndDevice) or found
    # Where its dialect does not let it be read, only its place may be known.
    readable = run.dialect.linked or found.lfdi is not None
    differences = run.differences(run.messages.end_device, found) if readable else []
    if not differences:
        run.record("end-device", Outcome.FOUND, href, "" if found.lfdi or not readable else "by its SFDI")
    elif not run.writes:
        run.record("end-device", Outcome.DIFFERENT, href, run.contrast(run.messages.end_device, found))
    elif run.update:
        yield from _replace(run, href, f"another {', '.join(differences)}")
    else:
        run.record("end-device", Outcome.FOUND, href)
        for name in differences:
            run.note(f"{href}: EndDevice has another {name} than the site; it was left as it is")


def _replace(run: RegistrationRun, href: str, differences: str) -> Flow[None]:
    """PUT the EndDevice. Not every server takes that; one that has refused it before is not asked again."""
    # Nothing of the site is written to a device whose PIN is another.
    if "registration" in run.profile.steps:
        run.step = "registration"
        yield from registration(run)
        run.step = "end-device"
    run.edition.check()
    if run.fixed:
        run.record("end-device", Outcome.REFUSED, href, f"{differences}; the server has refused it before")
        return
    request = Request("end-device", "PUT", href, run.messages.content(run.messages.end_device))
    response = yield request
    if response.status in quirks.END_DEVICE_FIXED:
        run.record("end-device", Outcome.REFUSED, href, f"{differences}; PUT gives {response.status}")
    elif response.ok:
        run.record("end-device", Outcome.WRITTEN, href, differences)
    else:
        raise read_error(request, response)


def _create(run: RegistrationRun, href: str) -> Flow[None]:
    def look() -> Flow[str]:
        return get_href((yield from find_end_device(run, href, run.site.lfdi)))

    request = Request("end-device", "POST", href, run.messages.content(run.messages.end_device))
    response, detail = yield from run.post(request, look if run.known is None else None)
    if response.ok:
        run.fresh = True
        run.result.href = response.location
        run.record("end-device", Outcome.CREATED, response.location, detail)
        run.device = yield from run.resource("end-device", response.location, sep2.EndDevice)
        if run.identity.is_of(run.device) is False:
            run.result.href = ""
            raise ResponseError(
                quirks.LOCATION_ASTRAY,
                status=200,
                where=f"GET {response.location}",
                remedy="Nothing was written to it. Run it again: the new one will be looked for in the list.",
            )
        return
    error = read_error(request, response)
    if response.status not in quirks.DEVICE_EXISTS or run.known is not None:
        raise error
    found = yield from find_end_device(run, href, run.site.lfdi)
    if found is None:
        lfdi = run.site.lfdi.hex().upper()
        raise ResponseError(
            f"{error.what}: the LFDI {lfdi} is taken, and not by a device that this certificate may see",
            status=response.status,
            where=str(request),
            remedy="Another aggregator may have registered the site: ask the utility.",
        )
    yield from _use(run, found)


def registration(run: RegistrationRun) -> Flow[None]:
    """Compare the PIN of the server's Registration with that of the site."""
    step, href = "registration", get_href(run.device.registration_link)
    if any(done.step == step for done in run.result.steps):
        return
    if run.site.pin is None:
        run.record(step, Outcome.SKIPPED, detail="the site has no PIN to compare")
        return
    if not href:
        absent = quirks.LINK_ABSENT.format("RegistrationLink")
        run.record(step, Outcome.SKIPPED, detail=absent)
        run.note(f"the PIN could not be compared: {absent}")
        return
    found = yield from run.get(step, href, sep2.Registration)
    if found.pin != run.site.pin:
        pin = "none" if found.pin is None else identity.format_pin(found.pin)
        raise PINError(
            f"the server's PIN is {pin}, the site's PIN is {identity.format_pin(run.site.pin)}",
            status=200,
            where=f"GET {href}",
            remedy="Check the PIN with the utility. If it is right, this is not the server to use.",
        )
    run.record(step, Outcome.READ, href, "the PIN matches")


def connection_point(run: RegistrationRun) -> Flow[None]:
    """Write the NMI as the ConnectionPoint (CSIP-AUS)."""
    if run.site.nmi is not None and run.dialect.linked and len(run.site.nmi) not in _NMI_LENGTHS:
        run.note(f"the NMI has {len(run.site.nmi)} characters; an NMI has 10, or 11 with its check digit")
    yield from run.put(
        "connection-point", run.device.connection_point_link, run.messages.connection_point, sep2.ConnectionPoint
    )


def device_information(run: RegistrationRun) -> Flow[None]:
    """Write maker, model and versions as the DeviceInformation."""
    step, link = "device-information", run.device.device_information_link
    try:
        yield from run.put(step, link, run.messages.device_information, sep2.DeviceInformation)
    except ResponseError as error:
        if error.status not in quirks.DEVICE_INFORMATION_REFUSED:
            raise
        run.record(step, Outcome.SKIPPED, get_href(link), "the server takes none")
        run.note(f"{error.where}: {error.what}; DeviceInformation was not written")


def function_set_assignments(run: RegistrationRun) -> Flow[None]:
    """Read which programs the server has assigned to the EndDevice, to report how many there are."""
    step, href = "fsa", get_href(run.device.function_set_assignments_list_link)
    if not run.writes:
        return
    if not href:
        run.record(step, Outcome.SKIPPED, detail=quirks.LINK_ABSENT.format("FunctionSetAssignmentsListLink"))
        return
    try:
        assignments = yield from Pages(run, step, href, sep2.FunctionSetAssignmentsList).read_all()
        # Two of them may lead to the same list.
        links = {get_href(found.der_program_list_link): found.der_program_list_link for found in assignments}
        programs = 0
        for link in links.values():
            programs += yield from _count_programs(run, step, link)
    except ResponseError as error:
        # They can be assigned, or fixed, at any later time.
        run.record(step, Outcome.SKIPPED, href, "it cannot be read")
        if error.status not in quirks.ABSENT_RESOURCE:
            run.note(f"{error.where}: {error.what}; the programs were not counted")
        return
    run.result.programs = programs
    run.record(step, Outcome.READ, href, f"{programs} program{'' if programs == 1 else 's'}")


def _count_programs(run: RegistrationRun, step: str, link: sep2.DERProgramListLink | None) -> Flow[int]:
    """Return how many programs a list has; its link says so on most servers."""
    if link is None or not link.href:
        return 0
    if link.all is not None:
        return link.all
    return len((yield from Pages(run, step, link.href, sep2.DERProgramList).read_all()))


_NMI_LENGTHS = (10, 11)

KNOWN_STEPS = frozenset({"device-capability", "time"})
"""Steps that ask what is the same for all sites of a server."""

STEPS: dict[str, Callable[[RegistrationRun], Flow[None]]] = {
    "device-capability": device_capability,
    "time": server_time,
    "end-device": end_device,
    "registration": registration,
    "connection-point": connection_point,
    "device-information": device_information,
    "der": register_ders,
    "fsa": function_set_assignments,
}
