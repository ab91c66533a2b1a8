"""Settings of the utility."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import Literal

from envoy.documents import MAX_SIZE
from envoy.errors import EnvoyError
from envoy.identity import check_pin
from envoy.profiles import DEFAULT_PROFILE, Profile, get_profile
from envoy.utility.clock import find_zone

_NAME = re.compile(r"[A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of the utility.

    Attributes:
        profile: The edition of the protocol that it speaks. In envoy-0.1 it takes the five messages of envoy-client 0.1
            and has nothing else.
        page_limit: Most items in one page of a list, however many are asked for.
        in_band: Whether clients may POST EndDevices; 403 if not.
        pre_registered: Whether the EndDevice of a client's own certificate is there before it registers. If not, it is
            made when the client POSTs it, or the first of another device, as an aggregator does.
        pin: PIN in every Registration: five digits and their check digit.
        ready_ders: DERs that a new EndDevice comes with; None for none in the standard of 2018, and else for one.
        max_readings: Most Readings in one POST; 413 above.
        poll_rate: Seconds between two reads that every resource asks for; None for the usual ones of each.
        post_rate: Seconds between posts of readings that every MirrorUsagePoint asks for; None to keep what the client
            asked for.
        mirror_lifetime: Seconds after which a MirrorUsagePoint expires that nothing was posted to; None for never.
        max_body: Most octets in one body; 413 above.
        lenient: Whether MirrorMeterReadingLists without ``all`` and ``results``, as many clients send them, are taken,
            with a warning in the log; 400 if not.
        pen: The IANA Private Enterprise Number that the mRIDs of programs and controls end in.
        time_quality: What Time says of the clock: 3 set by an authority, 4 to 6 further away from one, 7 by none.
        time_offset: Seconds that the clock of the utility is ahead of the one it is given.
        time_zone: Name of the time zone that Time reports, such as Australia/Brisbane; empty for UTC.
        keep_events: Seconds after which events that are over are forgotten, with the responses to them; None for never.
        notification_hosts: Hosts that notifications may go to, by HTTPS, beside this machine. A client subscribes with
            the URI where it wants to be notified, and without such a list it could have the server call anybody.
        notifications: What a notification of a list holds: the ``whole`` list, up to the limit of the subscription, or
            ``changed`` items as the reference server of CSIP-AUS sends them, so that a client can be hardened.
        subscription_lifetime: Seconds after which a subscription is forgotten that was not renewed, 36 hours by the
            standard; None for never, as the reference server has it.

    Raises:
        ProfileError: There is no such profile.
        IdentityError: The PIN is not one.
        EnvoyError: There is no such time zone on this machine, or a host is not one.
    """

    profile: str | Profile = DEFAULT_PROFILE
    page_limit: int = 50
    in_band: bool = True
    pre_registered: bool = False
    pin: int = 111115
    ready_ders: int | None = None
    max_readings: int = 1000
    poll_rate: int | None = None
    post_rate: int | None = None
    mirror_lifetime: int | None = None
    max_body: int = MAX_SIZE
    lenient: bool = False
    pen: int = 32473
    time_quality: int = 7
    time_offset: int = 0
    time_zone: str = ""
    keep_events: int | None = 86_400
    notification_hosts: Sequence[str] | None = None
    notifications: Literal["whole", "changed"] = "whole"
    subscription_lifetime: int | None = None

    def __post_init__(self) -> None:
        get_profile(self.profile)
        check_pin(self.pin)
        find_zone(self.time_zone)
        for host in self.notification_hosts or ():
            if not (_NAME.fullmatch(host) or _is_ipv6(host)):
                raise EnvoyError(
                    f"{host!r} is not a host that notifications can go to",
                    remedy="Write its name or address alone: no scheme, no port, no path.",
                )


def _is_ipv6(host: str) -> bool:
    try:
        return bool(IPv6Address(host))
    except ValueError:
        return False
