"""Attempt to register one site of a fleet, here or on a worker, and its outcome."""

from __future__ import annotations

from dataclasses import dataclass

from envoy.client.async_client import AsyncClient
from envoy.errors import EnvoyError, ResponseError, TransportError
from envoy.fleet.fleet_file import Row
from envoy.fleet.results import SiteResult
from envoy.protocol import quirks
from envoy.protocol.end_devices import ServerFacts
from envoy.protocol.results import RegistrationError
from envoy.registration.register import register
from envoy.registration.site import Site

_CONTRADICTIONS = quirks.DEVICE_EXISTS | quirks.GONE
"""Statuses that say that the list was changed since it was read."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """The outcome of an attempt.

    Attributes:
        number: Which row of the fleet it was.
        digest: The digest of the row.
        result: The result, final unless the failure is transient.
        unsure: It failed because it is not known what the server has; the list has to be read again.
        transient: It failed for a reason that may pass.
        no_response: The server did not respond, or failed.
    """

    number: int
    digest: bytes
    result: SiteResult
    unsure: bool = False
    transient: bool = False
    no_response: bool = False


@dataclass(frozen=True, slots=True)
class Registrar:
    """Registers sites with a server of which something is known.

    Attributes:
        client: A client of the server.
        known: What need not be asked again.
        update: Write also the EndDevices that differ.
        writes: Register the sites; otherwise only compare them with what the server has.
    """

    client: AsyncClient
    known: ServerFacts
    update: bool = False
    writes: bool = True

    async def attempt(self, row: Row, site: Site) -> Attempt:
        """Register the site of a row."""
        profile, entry, known = self.client.profile, self.client.entry, self.known
        # The schema was checked when the row was.
        flow = register(site, profile, entry=entry, validate=False, known=known, update=self.update, writes=self.writes)
        try:
            registration = await self.client.run(flow)
        except RegistrationError as error:
            return _failed(row, site, error)
        result = SiteResult(row.where, site.lfdi, site.nmi, registration.href, registration)
        return Attempt(row.number, row.digest, result)


def untried(row: Row, site: Site, error: EnvoyError) -> Attempt:
    """Return the attempt of a site for which nothing was sent, since the server did not respond before."""
    result = SiteResult(row.where, site.lfdi, site.nmi, error=error)
    return Attempt(row.number, row.digest, result, unsure=True, transient=True, no_response=True)


def lacks_response(error: BaseException | None) -> bool:
    """Return whether an error says that the server did not respond, or failed (5xx)."""
    # A TransportError that no other one caused is about a response that came, such as a link to another host.
    return error is not None and (
        error.status >= 500
        if isinstance(error, ResponseError)
        else isinstance(error, TransportError) and error.__cause__ is not None
    )


def _failed(row: Row, site: Site, error: RegistrationError) -> Attempt:
    cause = error.__cause__
    status = cause.status if isinstance(cause, ResponseError) else 0
    no_response = lacks_response(cause)
    astray = isinstance(cause, TransportError) and not no_response
    contradicted = error.step == "end-device" and (status in _CONTRADICTIONS or 200 <= status < 300 or astray)
    registration = error.registration
    result = SiteResult(row.where, site.lfdi, site.nmi, registration.href, registration, error)
    return Attempt(
        row.number,
        row.digest,
        result,
        # Where only what is below an EndDevice failed, the list says nothing new.
        unsure=contradicted or (no_response and not registration.href),
        transient=contradicted or no_response or status == 429,
        no_response=no_response,
    )
