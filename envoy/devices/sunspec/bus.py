"""The Modbus connections to SunSpec devices: by TCP, TLS or RTU, one for each address."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeVar
from urllib.parse import parse_qs, urlsplit

from sunspec2.modbus.modbus import (
    PARITY_EVEN,
    PARITY_NONE,
    ModbusClientException,
    ModbusClientRTU,
    ModbusClientTCP,
    ModbusClientTimeout,
)

from envoy.errors import DeviceError, DeviceRefusal

T = TypeVar("T")

TCP_PORT = 502
"""The port of Modbus."""
TLS_PORT = 802
"""The port of Modbus over TLS."""

_ILLEGAL_FUNCTION = 1
_REFUSALS = {_ILLEGAL_FUNCTION: "illegal function", 2: "illegal data address", 3: "illegal data value"}
"""Exceptions of Modbus that stay as they are however often a request is sent."""
_FAILURES = {
    4: "device failure",
    5: "not done yet",
    6: "device is busy",
    8: "memory parity error",
    10: "gateway has no path",
    11: "device behind the gateway does not respond",
}
_CODE = re.compile(r"Modbus exception:? (\d+)")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a Modbus device is.

    Attributes:
        url: ``tcp://host:port``, ``tls://host:port``, or ``rtu:///dev/ttyUSB0?baud=9600&parity=even``.
        ca: Certificates of who signed that of the device, for TLS; PEM.
        cert: The client's own certificate, for TLS; PEM.
        key: Its private key, without a password; PEM.
    """

    url: str
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None

    def make_client(self, timeout: float) -> Any:
        """Return the client for it, not connected yet.

        Raises:
            ValueError: The address cannot be used.
        """
        parts = urlsplit(self.url)
        if parts.scheme == "rtu":
            return self._make_rtu_client(parts.path, parts.query, timeout)
        if parts.scheme not in ("tcp", "tls") or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ValueError(
                f"{self.url!r} is not an address such as tcp://host:502, tls://host:802 or rtu:///dev/ttyUSB0?baud=9600."
            )
        if parts.scheme == "tcp":
            return ModbusClientTCP(ipaddr=parts.hostname, ipport=parts.port or TCP_PORT, timeout=timeout)
        missing = [name for name in ("ca", "cert", "key") if getattr(self, name) is None]
        if missing:  # without them the library takes a key that everybody has
            raise ValueError(
                f"{self.url} needs the files {', '.join(missing)} too: both ends of Modbus/TLS are verified."
            )
        return ModbusClientTCP(
            ipaddr=parts.hostname,
            ipport=parts.port or TLS_PORT,
            timeout=timeout,
            tls=True,
            cafile=str(self.ca),
            certfile=str(self.cert),
            keyfile=str(self.key),
        )

    def _make_rtu_client(self, port: str, query: str, timeout: float) -> Any:
        options = {name: values[-1] for name, values in parse_qs(query).items()}
        baud, parity = options.pop("baud", "9600"), options.pop("parity", "none")
        if options or not port or not baud.isdecimal() or parity not in ("none", "even"):
            raise ValueError(f"{self.url!r} is not an address such as rtu:///dev/ttyUSB0?baud=9600&parity=even.")
        parities = {"none": PARITY_NONE, "even": PARITY_EVEN}
        return _SerialClient(port, int(baud), parities[parity], timeout)


class _SerialClient:
    """A client of Modbus RTU that is opened when it is needed, with the face of the one for TCP."""

    def __init__(self, port: str, baud: int, parity: str, timeout: float) -> None:
        self._settings = (port, baud, parity, timeout)
        self._client: Any = None
        self.slave_id = 1

    def is_connected(self) -> bool:
        return self._client is not None

    def connect(self) -> None:
        self._client = ModbusClientRTU(*self._settings)

    def disconnect(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def read(self, address: int, count: int) -> bytes:
        return bytes(self._client.read(self.slave_id, address, count) or b"")

    def write(self, address: int, data: bytes) -> None:
        self._client.write(self.slave_id, address, data)

    def _write(self, address: int, data: bytes) -> None:
        self._client._write(self.slave_id, address, data)


_REMEDY = "Look at its address, its unit and the cable. It is tried again."


class Bus:
    """A connection to the units behind an address: one request at a time, connected when it is needed.

    After a failure it is closed, so that no late response is taken for that to another request.

    Args:
        address: Where it is.
        timeout: How long a response may take, in seconds.

    Raises:
        ValueError: The address cannot be used.
    """

    _open: ClassVar[dict[Address, Bus]] = {}
    _opening: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, address: Address, timeout: float) -> None:
        self.url = address.url
        self.connections = 0
        self._address = address
        self._client = address.make_client(timeout)
        self._lock = threading.Lock()
        self._users = 0
        self._writes_single = True

    @classmethod
    def open(cls, address: Address, timeout: float) -> Bus:
        """Return the connection to an address: the same one for all who ask for it, until each has closed it.

        Many devices take one connection alone, and a serial line has one place for a request.

        Raises:
            ValueError: The address cannot be used.
        """
        with cls._opening:
            bus = cls._open.get(address)
            if bus is None:
                bus = cls._open[address] = cls(address, timeout)
            bus._users += 1
            return bus

    def close(self) -> None:
        """Let go of it; the last one who does ends the connection."""
        with self._opening:
            self._users -= 1
            if self._users > 0:
                return
            self._open.pop(self._address, None)
        with self._lock:
            self._client.disconnect()

    def read(self, unit: int, address: int, count: int) -> bytes:
        """Return the holding registers from an address on.

        Args:
            unit: Modbus address of the unit.
            address: The first register, from 0.
            count: How many, at most 125.

        Raises:
            DeviceRefusal: The unit does not have them.
            DeviceError: It cannot be reached, or does not respond in time.
        """
        data: bytes = self._run(unit, lambda client: client.read(address, count), f"read {address}")
        if len(data) != 2 * count:
            self._disconnect()
            raise DeviceError(f"a response of {len(data)} bytes instead of {2 * count}", where=self._name(unit))
        return data

    def write(self, unit: int, address: int, data: bytes) -> None:
        """Write holding registers.

        Args:
            unit: Modbus address of the unit.
            address: The first register, from 0.
            data: Their bytes.

        Raises:
            DeviceRefusal: The unit does not take them.
            DeviceError: It cannot be reached, or does not respond in time.
        """
        if self._writes_single or len(data) > 2:
            try:
                self._run(unit, lambda client: client.write(address, data), f"write {address}")
                return
            except DeviceRefusal as refusal:
                # SunSpec asks for function 16 alone; the library writes one register with function 6.
                if len(data) > 2 or _REFUSALS[_ILLEGAL_FUNCTION] not in refusal.what:
                    raise
                self._writes_single = False
        self._run(unit, lambda client: client._write(address, data), f"write {address}")

    def _run(self, unit: int, request: Callable[[Any], T], doing: str) -> T:
        where = self._name(unit)
        with self._lock:
            if self._users == 0:
                raise DeviceError("its connection was closed", where=where)
            try:
                if not self._client.is_connected():
                    self._client.connect()
                    self.connections += 1
                self._client.slave_id = unit
                return request(self._client)
            except ModbusClientException as error:
                found = _CODE.search(str(error))
                code = int(found[1]) if found else 0
                if code in _REFUSALS:
                    raise DeviceRefusal(f"{doing}: {_REFUSALS[code]}", modes=(), where=where) from error
                raise DeviceError(f"{doing}: {_FAILURES.get(code, error)}", where=where) from error
            except Exception as error:  # of a response that is not one, the library raises what its bytes happen to hit
                # On a serial line what is late is thrown away before the next request.
                if not (isinstance(error, ModbusClientTimeout) and isinstance(self._client, _SerialClient)):
                    self._client.disconnect()
                what = str(error) or type(error).__name__
                raise DeviceError(f"{doing}: {what}", where=where, remedy=_REMEDY) from error
            except BaseException:
                self._client.disconnect()
                raise

    def _disconnect(self) -> None:
        with self._lock:
            self._client.disconnect()

    def _name(self, unit: int) -> str:
        return f"{self.url} unit {unit}"
