"""The operator of a utility: who makes programs and controls, and looks at the responses.

It is one vocabulary for a utility in this process (``envoy.utility.Utility``) and for one in another
(``envoy.testing.UtilityServer``)::

    program = utility.program("export", primacy=1)
    program.default(op_mod_exp_lim_w=5000, set_grad_w=27)
    control = program.control(duration=600, op_mod_exp_lim_w=1500)
    utility.wait_for(response=2, control=control, timeout=120)
    control.cancel()

Each call is one order: a name, and values that JSON can express (``envoy.utility.orders``).
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from envoy.bindings.base import ComplexType
from envoy.bindings.fields import every_field_of
from envoy.bindings.times import to_time
from envoy.errors import OperationError

Site = bytes | str
"""An EndDevice: its LFDI, as octets or hex digits, its href, or the identifier of its connection point (the NMI)."""

Sites = Site | Iterable[Site] | Literal["all"] | None
"""One site, several, or all. None leaves it as it is; what is new is for all."""

_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class ReceivedResponse:
    """A Response to a control that the utility has received.

    Attributes:
        status: Its status: 1 received, 2 started, 3 completed, 6 cancelled, 7 superseded, 251 to 254 rejected.
        control: Number of the control.
        lfdi: LFDI of the site.
        created: What the site says when it happened, in seconds since 1970; None if it does not.
        arrived: When it arrived by the clock of the utility, in seconds since 1970.
    """

    status: int
    control: int
    lfdi: bytes
    created: int | None
    arrived: int


class Control:
    """A DERControl of a utility.

    Attributes:
        number: Its number in the utility.
        mrid: Its mRID.
        program: Its program.
    """

    def __init__(self, program: Program, number: int, mrid: bytes) -> None:
        self.program = program
        self.number = number
        self.mrid = mrid

    def cancel(self, *, randomized: bool | None = None) -> None:
        """Cancel it.

        Args:
            randomized: Whether devices are to end it at a random moment; None for those that start at one.

        Raises:
            EnvoyError: It is over.
        """
        self.program.operator.ask("cancel", control=self.number, randomized=randomized)

    def __repr__(self) -> str:
        return f"Control({self.number}, mrid={self.mrid.hex().upper()})"


class Curve:
    """A DERCurve of a utility, which a control may lead to: ``op_mod_volt_var=curve``.

    Attributes:
        number: Its number in the utility.
    """

    def __init__(self, number: int) -> None:
        self.number = number


class Program:
    """A DERProgram of a utility.

    Attributes:
        operator: Who gives the orders.
        number: Its number in the utility.
    """

    def __init__(self, operator: Operator, number: int) -> None:
        self.operator = operator
        self.number = number

    def default(self, **values: Any) -> None:
        """Replace the default control; without values nothing is controlled by default.

        Args:
            values: Fields of ``sep2.DefaultDERControl`` and ``sep2.DERControlBase``, quantities as plain numbers in
                W, var, V or A: ``op_mod_exp_lim_w=5000, set_grad_w=27``.

        Raises:
            EnvoyError: A value is not what it should be.
        """
        self.operator.ask("default", program=self.number, values=to_plain(values))

    def control(
        self, *, duration: int, start: datetime | int | None = None, sites: Sites = None, **values: Any
    ) -> Control:
        """Make a control.

        Args:
            duration: Seconds that it lasts.
            start: When it starts, in seconds since 1970 or as a datetime with a time zone; None for now.
            sites: Which sites of the program it is for; None for all of them.
            values: Fields of ``sep2.DERControl`` and ``sep2.DERControlBase``, quantities as plain numbers:
                ``op_mod_exp_lim_w=1500, randomize_start=30``.

        Raises:
            EnvoyError: A value is not what it should be.
        """
        (made,) = self.operator.control([self], duration=duration, start=start, sites=sites, **values)
        return made

    def curve(self, **values: Any) -> Curve:
        """Make a curve.

        Args:
            values: Fields of ``sep2.DERCurve``.

        Raises:
            EnvoyError: A value is not what it should be.
        """
        return Curve(self.operator.ask("curve", program=self.number, values=to_plain(values))["curve"])

    def remove(self) -> None:
        """Remove it, with its controls."""
        self.operator.ask("remove-program", program=self.number)


class Operator(ABC):
    """Who operates a utility."""

    @abstractmethod
    def ask(self, order: str, **parts: Any) -> dict[str, Any]:
        """Give an order (``envoy.utility.orders``) and return the response.

        Raises:
            EnvoyError: It cannot be followed.
        """

    def pause(self, seconds: float) -> None:
        """Let time pass while waiting for a site."""
        time.sleep(seconds)

    def program(self, name: str, *, primacy: int | None = None, fsa: int | None = None, sites: Sites = None) -> Program:
        """Make a program, or change the one of that name.

        Args:
            name: Its name, which the sites see as its description.
            primacy: Its primacy, 0 to 255; the lowest wins. A new program has 1 unless this says otherwise.
            fsa: Number of its function set assignment; a new program is in 1 unless this says otherwise.
            sites: Who sees it; added to those who do already, except for "all".

        Raises:
            EnvoyError: A value is not what it should be.
        """
        made = self.ask("program", name=name, primacy=primacy, fsa=fsa, sites=name_sites(sites))
        return Program(self, made["program"])

    def control(
        self,
        programs: Iterable[Program],
        *,
        duration: int,
        start: datetime | int | None = None,
        sites: Sites = None,
        **values: Any,
    ) -> list[Control]:
        """Make one control in several programs, with one mRID; see ``Program.control``."""
        several = list(programs)
        made = self.ask(
            "control",
            program=[program.number for program in several],
            duration=duration,
            start=to_time(start) if isinstance(start, datetime) else start,
            sites=name_sites(sites),
            values=to_plain(values),
        )
        mrid = bytes.fromhex(made["mrid"])
        return [Control(*each, mrid) for each in zip(several, made["control"], strict=True)]

    def site_program(self, site: Site, primacy: int = 1) -> Program:
        """Return the program that limits of one site, or of ``all``, are put in; make it if there is none yet.

        Args:
            site: The site, or ``all``.
            primacy: Its primacy, 0 to 255; there is one program for each.

        Raises:
            EnvoyError: There is no such site, or that is not a primacy.
        """
        if site == "all":
            return self.program(f"all sites at primacy {primacy}", primacy=primacy, sites="all")
        lfdi = self.list_sites(site)[0]["lfdi"]
        return self.program(f"{lfdi} at primacy {primacy}", primacy=primacy, sites=lfdi)

    def list_programs(self, site: Site | None = None, *, since: int | None = None) -> list[dict[str, Any]]:
        """Return what there is: each program with its sites, default and the controls that are not over.

        Args:
            site: Only what this site sees, as it sees it; None for everything.
            since: Also the controls that were not over at this earlier time, in seconds since 1970; None for no more.
        """
        parts = {"site": None if site is None else _name_site(site), "since": since}
        found: list[dict[str, Any]] = self.ask("programs", **parts)["programs"]
        return found

    def list_sites(self, site: Site | None = None) -> list[dict[str, Any]]:
        """Return the EndDevices: ``href``, ``lfdi``, and ``nmi``, None if there is none.

        Args:
            site: Only this one, which has no ``href`` as long as it is not registered; None for all.
        """
        found: list[dict[str, Any]] = self.ask("sites", site=None if site is None else _name_site(site))["sites"]
        return found

    def register(
        self, lfdi: bytes, *, owner: bytes | None = None, pin: int | None = None, nmi: str | None = None
    ) -> str:
        """Register an EndDevice out of band, and return its href.

        Args:
            lfdi: Its LFDI.
            owner: LFDI of the certificate of the aggregator that it is behind, which has an EndDevice of its own from
                then on; None if the certificate is its own.
            pin: Its PIN, check digit included; None for that of the settings.
            nmi: Identifier of its connection point; None for none.

        Raises:
            EnvoyError: There is one already, or a value is not what it should be.
        """
        whose = None if owner is None else owner.hex()
        href: str = self.ask("register", lfdi=lfdi.hex(), owner=whose, pin=pin, nmi=nmi)["href"]
        return href

    def show_registration_links(self, shown: bool) -> None:
        """Let EndDevices have the link to their Registration, or not."""
        self.ask("registration-links", shown=shown)

    def remove_assignment(self, fsa: int, site: Site, *, reachable: bool = False) -> None:
        """Take a function set assignment, with its programs, away from a site alone.

        Args:
            fsa: Its number.
            site: The site.
            reachable: Whether the site still finds the programs where they were, though nothing leads there.
        """
        self.ask("remove-assignment", fsa=fsa, sites=name_sites(site), reachable=reachable)

    def restore_assignment(self, fsa: int, site: Site) -> None:
        """Give it back."""
        self.ask("restore-assignment", fsa=fsa, sites=name_sites(site))

    def poll_rates(self, **seconds: int) -> None:
        """Change the pollRate of resources.

        Args:
            seconds: By name of the resource: ``device_capability``, ``end_device_list``,
                ``function_set_assignments_list``, ``der_program_list``, ``der_list``, ``mirror_usage_point_list``,
                ``response_set_list``, ``log_event_list``, ``time``.

        Raises:
            EnvoyError: There is no such resource, or that is not a rate.
        """
        self.ask("poll-rates", rates=seconds)

    def post_rates(self, **seconds: int) -> None:
        """Change the postRate of all resources of a kind.

        Args:
            seconds: By name of the resource: ``end_device``, ``mirror_usage_point``.

        Raises:
            EnvoyError: There is no such resource, or that is not a rate.
        """
        self.ask("post-rates", rates=seconds)

    def set_time(self, *, quality: int | None = None, offset: int | None = None, zone: str | None = None) -> None:
        """Change the clock that the sites see; None leaves a part as it is.

        Args:
            quality: Quality of Time, 3 to 7.
            offset: Seconds that the clock is ahead. Events follow it.
            zone: Name of the time zone; empty for UTC.

        Raises:
            EnvoyError: A value is not what it should be.
        """
        self.ask("time", quality=quality, offset=offset, zone=zone)

    def outage(self, seconds: float, status: int = 500, *, path: str = "*", retry_after: int | None = None) -> None:
        """Respond to requests with an error for some time by the clock of the utility, from now on.

        Args:
            seconds: For how long; 0 ends what is there before its time.
            status: HTTP status, 400 to 599.
            path: Pattern of the paths; ``*`` stands for anything.
            retry_after: Seconds in a header Retry-After; None for no header.

        Raises:
            EnvoyError: A value is not what it should be.
        """
        self.ask("outage", seconds=seconds, status=status, path=path, retry_after=retry_after)

    def responses(self, control: Control | None = None, *, site: Site | None = None) -> list[ReceivedResponse]:
        """Return the responses that have come, in the order they did.

        Args:
            control: Only those to this control; None for all.
            site: Only those of this site; None for all.
        """
        number = None if control is None else control.number
        found = self.ask("responses", control=number, site=None if site is None else _name_site(site))["responses"]
        return [ReceivedResponse(**{**each, "lfdi": bytes.fromhex(each["lfdi"])}) for each in found]

    def wait_for(
        self, *, response: int, control: Control | None = None, site: Site | None = None, timeout: float = 60
    ) -> ReceivedResponse:
        """Wait until there is a response of a status, and return the first.

        Args:
            response: Its status.
            control: The control that it is to; None for any.
            site: The site that it is of; None for any.
            timeout: Seconds to wait.

        Raises:
            OperationError: None has come.
        """
        left = timeout
        while True:
            for found in self.responses(control, site=site):
                if found.status == response:
                    return found
            if left <= 0:
                seen = ", ".join(str(each.status) for each in self.responses(control, site=site))
                raise OperationError(
                    f"no response {response} has come within {timeout:g} s",
                    remedy=f"What has come: {seen or 'nothing'}. A client reads new controls at its next poll.",
                )
            step = min(left, _POLL_SECONDS)
            self.pause(step)
            left -= step

    def now(self) -> int:
        """Return the time of the utility, in seconds since 1970."""
        return int(self.ask("now")["now"])

    def advance(self, seconds: float) -> None:
        """Put the clock forward, which must be one that stands still by itself (``clock="manual"``).

        Raises:
            EnvoyError: The clock runs by itself.
        """
        self.ask("advance", seconds=seconds)


def name_sites(sites: Sites) -> Any:
    """Return sites as an order names them."""
    if sites is None or sites == "all":
        return sites
    if isinstance(sites, (bytes, str)):
        return [_name_site(sites)]
    return [_name_site(site) for site in sites]


def _name_site(site: Site) -> str:
    return site.hex().upper() if isinstance(site, bytes) else site


def to_plain(value: Any) -> Any:
    """Return a value as JSON can express it, and as it can be read again."""
    if isinstance(value, dict):
        return {name: to_plain(each) for name, each in value.items() if each is not None}
    if isinstance(value, (list, tuple)):
        return [to_plain(each) for each in value]
    if isinstance(value, Curve):
        return {"href": str(value.number)}
    if isinstance(value, ComplexType):
        cls: type = type(value)
        return to_plain({field.name: getattr(value, field.name) for field in every_field_of(cls)})
    if isinstance(value, bytes):
        return value.hex().upper()
    if isinstance(value, datetime):
        return to_time(value)
    if isinstance(value, Decimal):
        return float(value)
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else value
