"""What ``envoy follow`` is to do, read and checked before anything is sent: the site, the mirrors, the devices."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import typer

from envoy.cli.connection_options import LinkedProfileOption, PlainConnection, RateOption
from envoy.cli.discover import locate_server
from envoy.cli.follow.notifications import NotificationOptions
from envoy.cli.follow.options import DeviceChoice, DeviceOptions, PolicyOptions, choose_devices, parse_failsafe
from envoy.profiles import DEFAULT_PROFILE, get_profile

if TYPE_CHECKING:
    from envoy.client.client import Client
    from envoy.der.follow.device import Device
    from envoy.der.modes import Values
    from envoy.der.policies import Policy
    from envoy.der.state.state_file import StateFile
    from envoy.metering import Mirror
    from envoy.profiles import Profile
    from envoy.registration.site import Site
    from envoy.server.notification_listener import NotificationListener


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowConnection(PlainConnection):
    """How the server is connected to. What fails is sent again when it is due, and nothing goes to other hosts."""

    profile: LinkedProfileOption = DEFAULT_PROFILE
    rate: RateOption = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowOptions:
    """Options of what is kept, posted, and left behind."""

    state: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep here what has to survive a restart. Default: nothing does.")
    ] = None
    failsafe: Annotated[
        list[str] | None,
        typer.Option(metavar="MODE=VALUE", help="Hold this until a server was read: opModExpLimW=1500; repeatable."),
    ] = None
    mirror: Annotated[
        list[Path] | None,
        typer.Option("--mirror", metavar="MIRROR.toml", help="Post readings to this mirror; repeatable."),
    ] = None
    on_exit: Annotated[
        Literal["keep", "default"], typer.Option(help="Leave the device at its last limits, or at the default's.")
    ] = "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What is followed, for which device, and how.

    Attributes:
        path: The file of the site.
        site: The site.
        url: The server.
        connection: How it is connected to.
        choices: The devices, with their options.
        policy: The choices where editions and utilities differ.
        failsafe: What holds as long as nothing was ever read of the server.
        mirrors: The mirrors that readings are posted to.
        state: The folder of the state; None for none.
        keep: Whether the device is left at its last limits at the end.
        notifications: Where notifications come.
    """

    path: Path
    site: Site
    url: str
    connection: FollowConnection
    choices: list[DeviceChoice]
    policy: Policy
    failsafe: Values
    mirrors: list[Mirror]
    state: Path | None
    keep: bool
    notifications: NotificationOptions

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
    ) -> Self:
        """Read the files that are named.

        Raises:
            EnvoyError: An option or a file is wrong.
        """
        # deferred: --help needs none of it
        from envoy.metering.mirror_file import load_mirror
        from envoy.registration.site import Site

        notifications.check()
        site = Site.load(path, profile=connection.profile)
        url, connection = locate_server(url, connection, site.lfdi)
        return cls(
            path=path,
            site=site,
            url=url,
            connection=connection,
            choices=choose_devices(devices),
            policy=policy.choose(get_profile(connection.profile)),
            failsafe=parse_failsafe(following.failsafe or ()),
            mirrors=[load_mirror(file) for file in following.mirror or ()],
            state=following.state,
            keep=following.on_exit == "keep",
            notifications=notifications,
        )

    @property
    def profile(self) -> Profile:
        """The profile."""
        return get_profile(self.connection.profile)

    def client(self, **further: Any) -> Client:
        """Return a client of the server, not opened yet."""
        from envoy.client.client import Client  # deferred: --help does not need it

        return Client(**self.connection.arguments(self.url), retries=0, **further)

    def open_state(self, folder: Path) -> StateFile:
        """Open a state of the site at the server.

        Raises:
            StateError: It cannot be used.
        """
        # deferred: --help needs none of it
        from envoy.der.state.state_file import StateFile
        from envoy.urls import origin, server_url

        return StateFile(folder, lfdi=self.site.lfdi, server=origin(server_url(self.url)))

    def open_devices(self) -> Device:
        """Open the devices, as one.

        Raises:
            DeviceError: Options are wrong, or what they need is not there.
        """
        from envoy.devices import open_devices  # deferred: --help does not need it

        return open_devices([(choice.kind, choice.options) for choice in self.choices], self.site)

    def open_listener(self) -> NotificationListener | None:
        """Listen for notifications; None if nothing is subscribed to.

        Raises:
            EnvoyError: An option is wrong, a file cannot be used, or it cannot listen there.
        """
        return self.notifications.open(self.connection)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of the devices."""
        return tuple(choice.kind for choice in self.choices)
