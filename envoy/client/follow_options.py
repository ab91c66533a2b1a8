"""Options of following: what ``Client.follow`` takes besides the site and the device."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from envoy._text import show_value
from envoy.der.follow.device import Device
from envoy.der.follow.news import News
from envoy.der.follow.worker import DEADLINE, PERIOD
from envoy.der.limits import Rating
from envoy.der.modes import Values
from envoy.der.policies import Policy
from envoy.errors import DeviceError, EnvoyError, ReadingsError
from envoy.metering.mirror import Mirror
from envoy.subscriptions.listener import Listener


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowOptions:
    """What ``Client.follow`` takes besides the site and the device; see there."""

    state: str | Path | None = None
    policy: Policy | None = None
    failsafe: Values | None = None
    rating: Rating | None = None
    mirrors: Sequence[Mirror] | None = None
    keep: bool = True
    period: float = PERIOD
    deadline: float = DEADLINE
    on_news: Callable[[News], None] | None = None
    notifications: Listener | None = None


def check_listener(listener: Listener | None) -> None:
    """Check what is easily mistaken: a URL or an address instead of a listener.

    Raises:
        EnvoyError: It is not a listener.
    """
    if listener is not None and not callable(getattr(listener, "connect", None)):
        remedy = 'Pass a NotificationListener("192.0.2.10:8444", cert=..., key=...).'
        raise EnvoyError(f"{show_value(listener)} does not listen for notifications", remedy=remedy)


def check_arguments(device: Device, options: FollowOptions) -> None:
    """Check what is easily mistaken: a device or a mirror of which the name or the options are given.

    Raises:
        DeviceError: It is not a device.
        EnvoyError: The listener is not one.
        ReadingsError: One of the mirrors is not a mirror.
    """
    if not callable(getattr(device, "apply", None)):
        remedy = 'open_device("simulated", {}, site) opens one, and open_devices those of a file.'
        raise DeviceError(f"{show_value(device)} is not a device", remedy=remedy)
    check_listener(options.notifications)
    mirrors = options.mirrors or ()
    if isinstance(mirrors, Mirror):
        raise ReadingsError("one mirror was given, a sequence is expected", remedy="Put it in a list: [mirror].")
    for mirror in [mirrors] if isinstance(mirrors, (str, PurePath)) else mirrors:
        if not isinstance(mirror, Mirror):
            remedy = "envoy.metering.mirror_file.load_mirror reads the file of one."
            raise ReadingsError(f"{show_value(mirror)} is not a mirror", remedy=remedy)
