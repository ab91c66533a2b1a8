"""A device behind a message broker (MQTT 3.1.1): orders are retained for it, and it publishes its reports.

The topics are ``limits`` for orders, ``taken``, ``status`` and ``readings`` for reports, and ``client`` and ``device``
for who is there, each below ``<prefix>/<name>/``.
"""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import SplitResult, urlsplit

from envoy.der.abilities import Abilities
from envoy.der.follow.device import DeviceStatus, Readings
from envoy.der.limits import Limits
from envoy.devices.mqtt_connection import Address, MQTTConnection
from envoy.devices.options import option, read_options
from envoy.devices.orders import OrderOptions, Orders, find_abilities
from envoy.errors import DeviceError, EnvoyError
from envoy.registration.site import Site
from envoy.tls.context import load_files

_PORTS = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True, kw_only=True)
class MQTTOptions(OrderOptions):
    """The options of a device behind a broker. A password is read from a file or a variable, where nobody sees it."""

    broker: str = option("where the broker is, as mqtt://host:1883, or mqtts://host:8883 with TLS")
    prefix: str = option("what each topic begins with", "envoy")
    name: str | None = option("what comes behind the prefix; the LFDI of the site if left out", None)
    ca: Path | None = option("a PEM file with the CAs of the broker; those of the system if left out", None)
    cert: Path | None = option("a PEM file with the certificate that the broker asks for", None)
    key: Path | None = option("a PEM file with its private key, if the certificate's file does not have it", None)
    user: str | None = option("the name of the user", None)
    password_file: Path | None = option("a file with the password", None)
    password_env: str | None = option("the environment variable with the password", None)
    keepalive: int = option(
        "how long the broker may hear nothing before it says that a side is gone, in seconds", 30, least=1, most=3600
    )

    def __post_init__(self) -> None:
        """Check what concerns several keys.

        Raises:
            ValueError: Something does not fit.
        """
        url = self.url
        if url.scheme not in _PORTS or not url.hostname or url.path.strip("/") or url.query or url.fragment:
            raise ValueError(f"broker: {url.scheme}://{url.hostname} is not one. Write mqtt://host or mqtts://host.")
        if "@" in url.netloc:
            raise ValueError("broker: has a user or a password in it, which others see. Write user and password_file.")
        if url.scheme == "mqtt" and (self.ca or self.cert or self.key):
            raise ValueError("broker: mqtt has no TLS, which ca, cert and key are for. Write mqtts://.")
        if self.password_file and self.password_env:
            raise ValueError("password_env: password_file says it as well. Leave one out.")
        if (self.password_file or self.password_env) and not self.user:
            raise ValueError("user: is missing; a password needs it.")
        for name in ("prefix", "name"):
            if set(getattr(self, name) or "x") & set("+#\0"):
                raise ValueError(f"{name}: has a wildcard in it. Write a topic without + and #.")

    @property
    def url(self) -> SplitResult:
        """The URL of the broker; its port may be missing.

        Raises:
            ValueError: It has a port that is none.
        """
        url = urlsplit(self.broker)
        try:
            _ = url.port
        except ValueError:
            raise ValueError("broker: has a port that is not one. Write a number from 1 to 65535.") from None
        return url

    def read_password(self) -> str | None:
        """Return the password; None if there is none.

        Raises:
            DeviceError: The file cannot be read, or the variable is not set.
        """
        if self.password_file is not None:
            try:
                return self.password_file.read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
            except (OSError, UnicodeDecodeError) as error:
                what = f"cannot be read: {getattr(error, 'strerror', error)}"
                raise DeviceError(what, where=str(self.password_file), remedy="Write the password into it.") from None
        if self.password_env is not None and self.password_env not in os.environ:
            raise DeviceError(f"{self.password_env} is not set", where="password_env", remedy="Set it to the password.")
        return None if self.password_env is None else os.environ[self.password_env]

    def make_context(self) -> ssl.SSLContext | None:
        """Return the TLS settings; None without TLS.

        Raises:
            DeviceError: A file is missing or cannot be used.
        """
        if self.url.scheme == "mqtt":
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.ca is None:
            context.load_default_certs()
        try:
            load_files(context, cert=self.cert, key=self.key, ca=self.ca)
        except EnvoyError as error:
            raise DeviceError(error.what, where=error.where, remedy=error.remedy) from None
        return context


class MQTTDevice:
    """A device behind a broker.

    Args:
        address: The broker, and how to get in.
        topic: What all topics begin with.
        abilities: What the device is able to follow.
        options: How it takes orders.
        clock: Returns seconds, which readings grow old by.
        first_pause: Seconds before the broker is tried again; twice as long each time.
    """

    def __init__(
        self,
        address: Address,
        topic: str,
        abilities: Abilities,
        options: OrderOptions,
        *,
        clock: Callable[[], float] = time.monotonic,
        first_pause: float = 1.0,
    ) -> None:
        self._topic = topic
        self._address = address
        self._abilities = abilities
        self._options = options
        self._first_pause = first_pause
        self._orders = Orders(options, f"MQTT {topic}", unread="the broker does not take the order", clock=clock)
        self._connection: MQTTConnection | None = None

    @classmethod
    def from_options(cls, options: Mapping[str, str], site: Site) -> Self:
        """Return a device of options as text; ``MQTTOptions`` has the keys.

        Raises:
            DeviceError: An option is wrong.
        """
        read = read_options(MQTTOptions, "mqtt", options)
        url, name = read.url, read.name or site.lfdi.hex().upper()
        address = Address(
            host=url.hostname or "",
            port=url.port or _PORTS[url.scheme],
            client=f"envoy-{name}",
            user=read.user,
            password=read.read_password(),
            tls=read.make_context(),
            keepalive=read.keepalive,
        )
        return cls(address, f"{read.prefix}/{name}", find_abilities(read.modes, site), read)

    def abilities(self) -> Abilities:
        """Return the modes that the options or the DERs of the site name."""
        return self._abilities

    def apply(self, limits: Limits) -> None:
        """Publish an order, and wait until the device has taken it.

        Raises:
            DeviceRefusal: It refuses some modes.
            DeviceError: The broker or the device is gone, or the device does not take the order in time. The broker
                is given the order as soon as it is there, and keeps it for the device.
        """
        order = self._orders.make(limits)
        self._ensure_started().notify()
        self._orders.wait(order)

    def status(self) -> DeviceStatus:
        """Return what it has reported last; of a device that reports nothing, what the order says that it has taken.

        Raises:
            DeviceError: The broker or the device is gone.
        """
        self._ensure_started()
        return self._orders.get_status()

    def readings(self) -> Readings:
        """Return what it has measured last; nothing if that is too long ago.

        Raises:
            DeviceError: The broker or the device is gone.
        """
        self._ensure_started()
        return self._orders.get_readings()

    def close(self) -> None:
        """Leave the broker, which keeps the order for the device."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def describe(self) -> list[str]:
        """Connect to the broker, and return what it is, and whether the device reports anything.

        Raises:
            DeviceError: The broker or the device is gone.
        """
        self._ensure_started()
        secured = " with TLS" if self._address.tls else ""
        where = f"broker: {self._address.host}:{self._address.port}{secured}, topics {self._topic}/..."
        return [where, self._orders.describe_silence()]

    def _ensure_started(self) -> MQTTConnection:
        if self._connection is None:
            self._orders.restart()
            self._connection = MQTTConnection(
                self._address, self._topic, self._orders, timeout=self._options.deadline, first_pause=self._first_pause
            )
        self._connection.wait(self._options.deadline)
        return self._connection
