"""Options of a message broker: where it is, how to get in, and how devices behind it take orders."""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from envoy.devices.mqtt_connection import Address
from envoy.devices.options import option
from envoy.devices.orders import OrderOptions
from envoy.errors import DeviceError, EnvoyError
from envoy.tls.context import load_files

_PORTS = {"mqtt": 1883, "mqtts": 8883}

WILDCARDS = frozenset("+#\0")
"""What no topic has that is published to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerOptions(OrderOptions):
    """The options of devices behind a broker. A password is read from a file or a variable, where nobody sees it."""

    broker: str = option("where the broker is, as mqtt://host:1883, or mqtts://host:8883 with TLS")
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

    def check_topics(self, *names: str) -> None:
        """Check options that are parts of topics.

        Raises:
            ValueError: One has a wildcard in it.
        """
        for name in names:
            if set(getattr(self, name) or "x") & WILDCARDS:
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

    def make_address(self, client: str) -> Address:
        """Return the broker, and how to get in.

        Args:
            client: The identifier of this client, which no other one has.

        Raises:
            DeviceError: A file is missing or cannot be used, or a variable is not set.
        """
        url = self.url
        return Address(
            host=url.hostname or "",
            port=url.port or _PORTS[url.scheme],
            client=client,
            user=self.user,
            password=self.read_password(),
            tls=self.make_context(),
            keepalive=self.keepalive,
        )
