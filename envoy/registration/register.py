"""The registration of a site: the requests in their order, and what each response means.

It is a generator of requests (see ``envoy.protocol.flow``), so that a client, the dry run and a test drive the same
one. It follows the links that the server gives. Running it again changes nothing: what exists is found by LFDI, else
by SFDI. The profile says which steps there are; ``envoy.registration.steps`` says what each does.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from envoy.errors import IdentityError, ProfileError, ResponseError, TransportError
from envoy.profiles import DEFAULT_PROFILE, Profile, get_profile
from envoy.protocol.end_devices import ServerFacts
from envoy.protocol.flow import Flow
from envoy.protocol.results import Outcome, Registration, RegistrationError
from envoy.registration.messages import Messages
from envoy.registration.site import Site
from envoy.registration.state import RegistrationRun
from envoy.registration.steps import KNOWN_STEPS, STEPS


def register(
    site: Site,
    profile: str | Profile = DEFAULT_PROFILE,
    *,
    entry: str | None = None,
    now: Callable[[], float] = time.time,
    validate: bool = True,
    known: ServerFacts | None = None,
    update: bool = False,
    writes: bool = True,
    tolerant: bool = False,
) -> Flow[Registration]:
    """Register a site: yield requests, take responses, return what was done.

    All messages are encoded and validated before the first request is yielded. A driver that gets no response throws
    a ``TransportError`` in.

    Args:
        site: The site.
        profile: How messages look, and which steps there are.
        entry: Path of DeviceCapability; None for the usual one.
        now: Clock, in seconds since 1970.
        validate: Validate the messages against the profile's schema.
        known: What was asked of the server before, for all sites of a fleet at once; those steps are left out. Where
            that is not enough (the response to a POST is lost, or the server says 409), the registration fails in
            the step ``end-device``: read the list again, and run it again with what that says.
        update: Write the EndDevice itself too where the server's differs, and put a DER of the site in the place of one
            that it does not have; without it, both are left as they are.
        writes: False to compare the site with what the server has: what is missing or different is recorded and left.
        tolerant: Go on after a resource below the EndDevice that the server refuses, which is recorded as refused.

    Raises:
        IdentityError, EncodeError, ValidationError: The site cannot be expressed; nothing was sent.
        RegistrationError: A step failed; it has what was done before. Its ``__cause__`` is the ResponseError with the
            status, the TransportError, the IdentityError if another EndDevice has the SFDI of the site, or the
            ProfileError if the server speaks another edition of CSIP-AUS.
    """
    chosen = get_profile(profile)
    messages = Messages.of(site, chosen, now=int(now()), validate=validate)
    run = RegistrationRun(
        site, chosen, messages, entry, now, known=known, update=update, writes=writes, tolerant=tolerant
    )
    steps = [step for step in run.profile.steps if run.known is None or step not in KNOWN_STEPS]
    try:
        for step in steps:
            run.step = step
            yield from STEPS[step](run)
            if not run.writes and not run.result.href and step == "end-device":
                return run.result
    except (ResponseError, TransportError, IdentityError, ProfileError) as error:
        where = ", ".join(filter(None, (run.step, error.where)))
        raise RegistrationError(
            error.what, step=run.step, registration=run.result, where=where, remedy=error.remedy
        ) from error
    if run.site.nmi is not None and "connection-point" not in run.profile.steps:
        detail = f"the profile {run.profile.name} has none; the NMI was not sent"
        run.record("connection-point", Outcome.SKIPPED, detail=detail)
    return run.result
