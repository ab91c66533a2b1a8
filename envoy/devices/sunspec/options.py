"""The options of a SunSpec device, as texts from a command line or a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from envoy.devices.options import option
from envoy.devices.sunspec.bus import Address

_MOST_UNITS = 247


@dataclass(frozen=True, slots=True, kw_only=True)
class SunSpecOptions:
    """What a SunSpec device is given.

    Attributes:
        address: Where the inverter is.
        unit: Its Modbus address.
        base: The register at which its models begin; None to look at 40000, 0 and 50000.
        ca: Certificates that sign that of the inverter, for TLS.
        cert: The client's own certificate, for TLS.
        key: Its private key.
        meter: Where the meter is; None for the address of the inverter.
        meter_unit: Its Modbus address; None for the one of the inverter, if that has the models of a meter.
        invert_meter: Whether the meter counts export as positive.
        reversion: Seconds after which the inverter reverts when nothing renews its limit; 0 for never.
        period: Seconds between two looks at the meter.
        timeout: Seconds that a response may take.
    """

    address: str = option("where the inverter is: tcp://HOST:PORT, tls://HOST:PORT or rtu:///dev/ttyUSB0?baud=9600")
    unit: int = option("Modbus address of the inverter", 1, least=0, most=_MOST_UNITS)
    base: int | None = option(
        "register at which its models begin; looked for at 40000, 0 and 50000 otherwise", None, least=0, most=65_000
    )
    ca: Path | None = option("certificates that sign that of the inverter, PEM, for tls", None)
    cert: Path | None = option("certificate of this client, PEM, for tls", None)
    key: Path | None = option("its private key, PEM, for tls", None)
    meter: str | None = option("where the meter of the connection point is, if it has an address of its own", None)
    meter_unit: int | None = option(
        "Modbus address of the meter; that of the inverter otherwise, if it has a meter",
        None,
        least=0,
        most=_MOST_UNITS,
    )
    invert_meter: bool = option("whether the meter counts export as positive", False)
    reversion: int = option(
        "seconds after which the inverter reverts to its own settings if nothing renews its limit; 0 for never",
        60,
        least=0,
        most=3600,
    )
    period: float = option("seconds between two looks at the meter", 1.0, least=0.2, most=5)
    timeout: float = option("seconds that a response may take", 1.0, least=0.1, most=4)

    def __post_init__(self) -> None:
        """Check the addresses.

        Raises:
            ValueError: One cannot be used.
        """
        for address in (self.inverter_address, self.meter_address):
            address.make_client(self.timeout)

    @property
    def inverter_address(self) -> Address:
        """Where the inverter is."""
        return self._make_address(self.address)

    @property
    def meter_address(self) -> Address:
        """Where the meter is."""
        return self._make_address(self.meter or self.address)

    def _make_address(self, url: str) -> Address:
        files = (self.ca, self.cert, self.key) if url.startswith("tls:") else (None, None, None)
        return Address(url, *files)
