"""What ``envoy follow`` is to do for a fleet, read and checked before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

import typer

from envoy.cli.connection_options import DelimiterOption, ShardOption
from envoy.cli.discover import locate_server
from envoy.cli.follow.notifications import NotificationOptions
from envoy.cli.follow.options import DeviceChoice, DeviceOptions, PolicyOptions, choose_devices, parse_failsafe
from envoy.cli.follow.setup import FollowConnection, FollowOptions
from envoy.errors import EnvoyError
from envoy.profiles import get_profile

if TYPE_CHECKING:
    from envoy.client.async_client import AsyncClient
    from envoy.der.modes import Values
    from envoy.der.policies import Policy
    from envoy.der.state.fleet_state import FleetState
    from envoy.devices.fleet import FleetDevices
    from envoy.fleet.roster import Roster, RosterFile
    from envoy.profiles import Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetFollowOptions:
    """Options of ``envoy follow`` for fleets alone; each is None if it is not given."""

    delimiter: DelimiterOption = None
    shard: ShardOption = None
    in_flight: Annotated[
        int | None, typer.Option(min=1, max=1000, metavar="N", help="Fleet: requests under way at a time. Default: 20.")
    ] = None

    def first_given(self) -> str | None:
        """Return the first option that is given, None if there is none."""
        given = (field.name for field in fields(self) if getattr(self, field.name) is not None)
        return next((f"--{name.replace('_', '-')}" for name in given), None)


IN_FLIGHT = 20
"""Requests under way at a time, unless an option says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetSetup:
    """What is followed, for which devices, and how.

    Attributes:
        file: The file of the fleet.
        roster: Its sites, as they are at the start.
        url: The server.
        connection: How it is connected to.
        choice: The kind of the devices, with its options.
        policy: The choices where editions and utilities differ.
        failsafe: What holds at a site as long as nothing was ever read for it.
        state: The folder of the state; None for none.
        shard: Which shard of the fleet it is; empty for all of it.
        keep: Whether devices are left at their last limits at the end.
        notifications: Where notifications come.
        in_flight: Requests under way at a time.
    """

    file: RosterFile
    roster: Roster
    url: str
    connection: FollowConnection
    choice: DeviceChoice
    policy: Policy
    failsafe: Values
    state: Path | None
    shard: str
    keep: bool
    notifications: NotificationOptions
    in_flight: int

    @classmethod
    def load(
        cls,
        path: Path,
        url: str,
        connection: FollowConnection,
        devices: DeviceOptions,
        policy: PolicyOptions,
        following: FollowOptions,
        notifications: NotificationOptions,
        fleet: FleetFollowOptions,
    ) -> Self:
        """Read the files that are named.

        Raises:
            EnvoyError: An option or a file is wrong, or no row of the fleet is right.
        """
        # deferred: --help needs none of it
        from envoy.fleet.roster import RosterFile
        from envoy.fleet.shard import Shard

        if devices.devices is not None:
            remedy = "Give --device KIND, which opens a device for each site: {site} in an option is the site's LFDI."
            raise EnvoyError("--devices is for one site, and not for a fleet", remedy=remedy)
        notifications.check()
        if following.mirror:
            remedy = "Leave it out. envoy post posts readings for many sites."
            raise EnvoyError("--mirror is for one site, and not for a fleet", remedy=remedy)
        url, connection = locate_server(url, connection)
        (choice,) = choose_devices(devices)
        shard = Shard.parse(fleet.shard) if fleet.shard is not None else None
        file = RosterFile(path, connection.profile, delimiter=fleet.delimiter or ",", shard=shard)
        roster = file.read()
        if not roster.sites and roster.errors:
            raise roster.errors[0]
        return cls(
            file=file,
            roster=roster,
            url=url,
            connection=connection,
            choice=choice,
            policy=policy.choose(get_profile(connection.profile)),
            failsafe=parse_failsafe(following.failsafe or ()),
            state=following.state,
            shard="" if shard is None else str(shard),
            keep=following.on_exit == "keep",
            notifications=notifications,
            in_flight=fleet.in_flight or IN_FLIGHT,
        )

    @property
    def profile(self) -> Profile:
        """The profile."""
        return get_profile(self.connection.profile)

    def client(self, **further: Any) -> AsyncClient:
        """Return a client of the server, not opened yet."""
        from envoy.client.async_client import AsyncClient  # deferred: --help does not need it

        arguments = self.connection.arguments(self.url)
        return AsyncClient(**arguments, retries=0, max_connections=self.in_flight, **further)

    def open_state(self, folder: Path) -> FleetState:
        """Open a state of the fleet at the server.

        Raises:
            StateError: It cannot be used.
        """
        # deferred: --help needs none of it
        from envoy.der.state.fleet_state import FleetState
        from envoy.urls import origin, server_url

        return FleetState(folder, server=origin(server_url(self.url)), shard=self.shard)

    def open_devices(self) -> FleetDevices:
        """Open what the devices of all sites share.

        Raises:
            DeviceError: Options are wrong, or what they need is not there.
        """
        from envoy.devices.fleet import open_fleet_devices  # deferred: --help does not need it

        return open_fleet_devices(self.choice.kind, self.choice.options)
