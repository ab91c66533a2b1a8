"""The registration of a site and its end: which requests it takes, in which order, and what each answer means.

It is a generator of requests (see ``envoy.exchange``), so that a client, the dry run and a test drive the same one. It
follows the links that the server gives. Running it again changes nothing: what exists is found by LFDI. The profile
says which steps there are; ``envoy.steps`` says what each does.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from envoy.discovery import discover, end_device_list, find_end_device
from envoy.errors import RegistrationError, ResponseError, TransportError
from envoy.exchange import Conversation, Flow, Request, error_of, target
from envoy.messages import Messages
from envoy.profiles import DEFAULT_PROFILE, Profile, get_profile
from envoy.results import Outcome, Registration
from envoy.run import Run
from envoy.site import Site
from envoy.steps import STEPS


def register(
    site: Site,
    profile: str | Profile = DEFAULT_PROFILE,
    *,
    entry: str | None = None,
    now: Callable[[], float] = time.time,
    validate: bool = True,
) -> Flow[Registration]:
    """Register a site: yield requests, take responses, return what was done.

    All messages are made, and judged by the profile's schema, before the first request is yielded. A driver that gets
    no response throws a ``TransportError`` in.

    Args:
        site: The site.
        profile: How messages look, and which steps there are.
        entry: Path of DeviceCapability; None for the usual one.
        now: Clock, in seconds since 1970.
        validate: Judge the messages by the schema.

    Raises:
        IdentityError, EncodeError, ValidationError: The site cannot be expressed; nothing was sent.
        RegistrationError: A step failed; it has what was done before. Its ``__cause__`` is the ResponseError with the
            status, or the TransportError.
    """
    chosen = get_profile(profile)
    messages = Messages.of(site, chosen, now=int(now()), validate=validate)
    run = Run(site, chosen, messages, entry, now)
    step = chosen.steps[0]
    try:
        for step in chosen.steps:
            yield from STEPS[step](run)
    except (ResponseError, TransportError) as error:
        raise RegistrationError(
            error.what, step=step, registration=run.result, where=f"{step}, {error.where}", remedy=error.remedy
        ) from error
    if site.nmi is not None and "connection-point" not in chosen.steps:
        run.note(
            "connection-point", Outcome.SKIPPED, detail=f"the profile {chosen.name} has none; the NMI was not sent"
        )
    return run.result


def deregister(lfdi: bytes, profile: str | Profile = DEFAULT_PROFILE, *, entry: str | None = None) -> Flow[bool]:
    """Delete the EndDevice of an LFDI: yield requests, take responses, return whether there was one to delete.

    What the server keeps below the EndDevice goes with it. That it is gone already is as good.

    Args:
        lfdi: LFDI of the site.
        profile: How messages look.
        entry: Path of DeviceCapability; None for the usual one.

    Raises:
        ResponseError: The server does not let it be found or deleted.
    """
    talk = Conversation(get_profile(profile))
    capability = yield from discover(talk, entry)
    found = yield from find_end_device(talk, end_device_list(capability), lfdi)
    if found is None:
        return False
    request = Request("end-device", "DELETE", target(found))
    response = yield request
    if response.ok or response.status in (404, 410):
        return response.ok
    raise error_of(request, response)
