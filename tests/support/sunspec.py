"""A plant that SunSpec Modbus serves: an inverter with its timers, a load and a meter, behind a server of pymodbus."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from pymodbus import FramerType
from pymodbus.constants import ExcCodes
from pymodbus.datastore import ModbusServerContext
from pymodbus.exceptions import NoSuchIdException
from pymodbus.server import ModbusSerialServer, ModbusTcpServer, ModbusTlsServer
from sunspec2 import mb
from sunspec2.device import Model

BASE = 40_000
INVERTER, METER = 1, 2

COMMON = {"Mn": "Maker", "Md": "Model", "Vr": "1.2.3", "SN": "S1"}
MEASURING = {
    "ACType": 0, "St": 1, "InvSt": 3, "ConnSt": 1, "Alrm": 0, "W": 0, "Var": 0, "LNV": 2305, "Hz": 50_000,
    "W_SF": 0, "Var_SF": 0, "V_SF": -1, "Hz_SF": -3,
}  # fmt: skip
CAPACITY = {"WMaxRtg": 10_000, "WMax": 10_000, "VarMaxInjRtg": 6000, "W_SF": 0, "Var_SF": 0}
STORAGE_CAPACITY = CAPACITY | {"WChaRteMaxRtg": 5000, "WDisChaRteMaxRtg": 5000, "WChaRteMax": 5000}
CONTROLS = {
    "WMaxLimPctEna": 0, "WMaxLimPct": 1000, "WMaxLimPctRvrt": 1000, "WMaxLimPctEnaRvrt": 0, "WMaxLimPctRvrtTms": 0,
    "WMaxLimPct_SF": -1,
    "WSetEna": 0, "WSetMod": 1, "WSet": 0, "WSetRvrtTms": 0, "WSet_SF": 0,
    "VarSetEna": 0, "VarSetMod": 4, "VarSet": 0, "VarSetPct": 0, "VarSetRvrtTms": 0, "VarSet_SF": 0, "VarSetPct_SF": -1,
    "PFWInjEna": 0, "PFWInjRvrtTms": 0, "PFWInj": {"PF": 1000, "Ext": 0},
    "PFWAbsEna": 0, "PFWAbsRvrtTms": 0, "PFWAbs": {"PF": 1000, "Ext": 0}, "PF_SF": -3,
}  # fmt: skip
OLD_MEASURING = {
    "A": 0, "PhVphA": 2301, "PhVphB": 2303, "PhVphC": 2305, "V_SF": -1, "W": 0, "W_SF": 0, "Hz": 5001, "Hz_SF": -2,
    "VAr": 0, "VAr_SF": 0, "St": 4, "Evt1": 0,
}  # fmt: skip
OLD_NAMEPLATE = {"DERTyp": 4, "WRtg": 1000, "WRtg_SF": 1, "VArRtgQ1": 600, "VArRtg_SF": 1}
OLD_SETTINGS = {"WMax": 1000, "WMax_SF": 1}
OLD_STATUS = {"PVConn": 7, "StorConn": 0, "WAval": 900, "WAval_SF": 1}
OLD_CONTROLS = {
    "Conn_WinTms": 0, "Conn_RvrtTms": 0, "Conn": 1,
    "WMaxLimPct": 100, "WMaxLimPct_WinTms": 0, "WMaxLimPct_RvrtTms": 0, "WMaxLimPct_RmpTms": 0, "WMaxLim_Ena": 0,
    "OutPFSet": 1000, "OutPFSet_WinTms": 0, "OutPFSet_RvrtTms": 0, "OutPFSet_RmpTms": 0, "OutPFSet_Ena": 0,
    "VArWMaxPct": 0, "VArPct_WinTms": 0, "VArPct_RvrtTms": 0, "VArPct_RmpTms": 0, "VArPct_Mod": 0, "VArPct_Ena": 0,
    "WMaxLimPct_SF": 0, "OutPFSet_SF": -3, "VArPct_SF": 0,
}  # fmt: skip
OLD_STORAGE = {
    "WChaMax": 5000, "StorCtl_Mod": 0, "ChaState": 560, "ChaState_SF": -1, "ChaSt": 4, "OutWRte": 100, "InWRte": 100,
    "InOutWRte_WinTms": 0, "InOutWRte_RvrtTms": 0, "InOutWRte_RmpTms": 0, "WChaMax_SF": 0, "InOutWRte_SF": 0,
}  # fmt: skip
METERING = {"PhV": 2306, "V_SF": -1, "Hz": 5002, "Hz_SF": -2, "W": 0, "W_SF": 0, "VAR": 100, "VAR_SF": 0}

NEW: list[tuple[int, Mapping[str, Any]]] = [
    (1, COMMON), (701, MEASURING), (702, CAPACITY), (703, {"ES": 1}), (704, CONTROLS),
]  # fmt: skip
NEW_STORAGE: list[tuple[int, Mapping[str, Any]]] = [
    (1, COMMON), (701, MEASURING), (702, STORAGE_CAPACITY), (703, {"ES": 1}), (704, CONTROLS),
    (713, {"SoC": 625, "Pct_SF": -1}),
]  # fmt: skip
OLD: list[tuple[int, Mapping[str, Any]]] = [
    (1, COMMON), (103, OLD_MEASURING), (120, OLD_NAMEPLATE), (121, OLD_SETTINGS), (122, OLD_STATUS),
    (123, OLD_CONTROLS),
]  # fmt: skip
METERS: list[tuple[int, Mapping[str, Any]]] = [(1, COMMON), (203, METERING)]


_TIMERS = {
    "WMaxLimPctRvrtTms": (704, "WMaxLimPctEna"),
    "WSetRvrtTms": (704, "WSetEna"),
    "WMaxLimPct_RvrtTms": (123, "WMaxLim_Ena"),
    "InOutWRte_RvrtTms": (124, "StorCtl_Mod"),
}
"""What a timer ends, and the model that has both."""


class Registers:
    """The holding registers of a unit: its SunSpec models, one after the other.

    Attributes:
        refused: What a write of some points is responded to with, by their names.
        failing: What every read is responded to with.
        stuck: Points whose writes are acknowledged and change nothing.
        writes: The names of points that were written, a tuple for each request.
    """

    def __init__(self, models: list[tuple[int, Mapping[str, Any]]], base: int = BASE) -> None:
        self.base = base
        self.refused: dict[str, ExcCodes] = {}
        self.failing: ExcCodes | None = None
        self.stuck: set[str] = set()
        self.writes: list[tuple[str, ...]] = []
        self.on_write: Callable[[set[str]], None] = lambda names: None
        self._data = bytearray(b"SunS")
        self._points: dict[tuple[int, str], tuple[int, Any]] = {}
        for number, values in models:
            model = Model(number, data={"ID": number, **values})
            begin = len(self._data)
            self._data += model.get_mb()
            for name, point in [
                *model.points.items(),
                *((f"{group}.{name}", p) for group, g in model.groups.items() if not isinstance(g, list)
                  for name, p in g.points.items()),
            ]:  # fmt: skip
                self._points[number, name] = begin + 2 * point.offset, point
        self._length = len(self._data)
        self.end(b"\xff\xff\0\0")

    def end(self, data: bytes) -> None:
        """Have other registers behind the last model."""
        self._data[self._length :] = data

    def get(self, number: int, name: str) -> Any:
        """Return the raw value of a point; None if it is not implemented."""
        begin, point = self._points[number, name]
        value = point.info.data_to(bytes(self._data[begin : begin + 2 * point.len]))
        return value if point.info.is_impl(value) else None

    def set(self, number: int, name: str, value: int | None) -> None:
        """Set the raw value of a point; None for not implemented."""
        begin, point = self._points[number, name]
        size = 2 * point.len
        data = mb.create_unimpl_value(point.pdef["type"], size) if value is None else point.info.to_data(value, size)
        self._data[begin : begin + size] = data

    def has(self, number: int) -> bool:
        return (number, "ID") in self._points

    def read(self, address: int, count: int) -> list[int] | ExcCodes:
        if self.failing is not None:
            return self.failing
        begin = 2 * (address - self.base)
        if begin < 0 or begin + 2 * count > len(self._data):
            return ExcCodes.ILLEGAL_ADDRESS
        data = self._data[begin : begin + 2 * count]
        return [int.from_bytes(data[place : place + 2], "big") for place in range(0, len(data), 2)]

    def write(self, address: int, values: list[int]) -> ExcCodes | None:
        begin = 2 * (address - self.base)
        end = begin + 2 * len(values)
        found = {
            name: (place, point)
            for (_, name), (place, point) in self._points.items()
            if begin <= place and place + 2 * point.len <= end
        }
        if sum(2 * point.len for _, point in found.values()) != end - begin or any(
            point.pdef.get("access") != "RW" for _, point in found.values()
        ):
            return ExcCodes.ILLEGAL_ADDRESS
        self.writes.append(tuple(found))
        for name in found:
            if name in self.refused:
                return self.refused[name]
        data = b"".join(value.to_bytes(2, "big") for value in values)
        for name, (place, point) in found.items():
            if name not in self.stuck:
                self._data[place : place + 2 * point.len] = data[place - begin : place - begin + 2 * point.len]
        self.on_write(set(found))
        return None


class Plant:
    """An inverter, a load and a meter, whose time is put forward with ``tick``.

    Args:
        inverter: The models of the inverter; its timers and set points are those of 704, or 123.
        meter: Those of the meter; none for no meter.
        sun: What the panels could put out, in W; or what storage does by itself, below 0 for charging.
        load: What the site consumes, in W.
        lag: The share of the way to its set point that the inverter goes in a second.
        meter_delay: How many seconds the meter is behind.

    Attributes:
        units: The registers of each unit.
        silent: Whether it leaves requests without a response.
        output: What the inverter puts out, in W.
        multiple_only: Whether it lacks the function that writes one register.
        connections: How many connections there were.
    """

    def __init__(
        self,
        inverter: list[tuple[int, Mapping[str, Any]]] = NEW,
        meter: list[tuple[int, Mapping[str, Any]]] | None = METERS,
        *,
        sun: float = 9000,
        load: float = 2000,
        lag: float = 1.0,
        meter_delay: int = 0,
    ) -> None:
        self.sun, self.load, self.lag, self.meter_delay = sun, load, lag, meter_delay
        self.lock = threading.RLock()
        self.silent = False
        self.multiple_only = False
        self.connections = 0
        self.output = sun
        self.inverter = Registers(inverter)
        self.inverter.on_write = self._start_timers
        self.units = {INVERTER: self.inverter}
        if meter is not None:
            self.units[METER] = Registers(meter)
        self._new = self.inverter.has(704)
        self._left: dict[str, int] = {}
        self._sites: deque[float] = deque(maxlen=20)
        self._show()

    @property
    def export(self) -> float:
        """What the site exports, in W."""
        return self.output - self.load

    @property
    def cap(self) -> float | None:
        """What the output is limited to, in W; None if it is not."""
        point = (704, "WMaxLimPctEna", "WMaxLimPct", "WMaxLimPct_SF") if self._new else (
            123, "WMaxLim_Ena", "WMaxLimPct", "WMaxLimPct_SF")  # fmt: skip
        number, enable, percent, scale = point
        if not self.inverter.get(number, enable):
            return None
        return float(
            self.inverter.get(number, percent) * 10 ** (self.inverter.get(number, scale) or 0) * self._most / 100
        )

    @property
    def connected(self) -> bool:
        number, name = (703, "ES") if self._new else (123, "Conn")
        if not self.inverter.has(number) or self.inverter.get(number, name) is None:
            return True
        return bool(self.inverter.get(number, name))

    def tick(self, seconds: int = 1) -> None:
        """Put its time forward."""
        with self.lock:
            for _ in range(seconds):
                self._run_timers()
                goal = self._find_goal()
                self.output += (goal - self.output) * self.lag
                self._show()

    @property
    def _most(self) -> float:
        if self._new:
            return float(self.inverter.get(702, "WMax") * 10 ** (self.inverter.get(702, "W_SF") or 0))
        number, name = (121, "WMax") if self.inverter.has(121) else (120, "WRtg")
        return float(self.inverter.get(number, name) * 10 ** self.inverter.get(number, f"{name}_SF"))

    def _find_goal(self) -> float:
        if not self.connected:
            return 0.0
        cap = self._most if self.cap is None else self.cap
        goal = self.sun
        if self._new and self.inverter.get(704, "WSetEna"):
            goal = float((self.inverter.get(704, "WSet") or 0) * 10 ** (self.inverter.get(704, "WSet_SF") or 0))
        if self._new and self.inverter.get(702, "WChaRteMax") is not None:
            goal = max(goal, -self.inverter.get(702, "WChaRteMax"))
        if self.inverter.has(124) and self.inverter.get(124, "StorCtl_Mod"):
            most = self.inverter.get(124, "WChaMax") / 100
            least, highest = -self.inverter.get(124, "InWRte") * most, self.inverter.get(124, "OutWRte") * most
            goal = max(least, min(goal, highest))
        return min(cap, goal)

    def _start_timers(self, names: set[str]) -> None:
        for timer, (number, _) in _TIMERS.items():
            if timer in names:
                self._left[timer] = self.inverter.get(number, timer)

    def _run_timers(self) -> None:
        for timer, left in list(self._left.items()):
            self._left[timer] = left - 1
            if left != 1:
                continue
            number, enable = _TIMERS[timer]
            self.inverter.set(number, enable, 0)
            if timer == "WMaxLimPctRvrtTms":
                self.inverter.set(704, "WMaxLimPctEna", self.inverter.get(704, "WMaxLimPctEnaRvrt"))
                self.inverter.set(704, "WMaxLimPct", self.inverter.get(704, "WMaxLimPctRvrt"))

    def _show(self) -> None:
        self._sites.append(self.load - self.output)
        site = self._sites[max(-1 - self.meter_delay, -len(self._sites))]
        number = next(number for number in (701, 103, 113) if self.inverter.has(number))
        self._show_power(self.inverter, number, self.output)
        if self._new:
            for name, value in (
                ("InvSt", 3 if self.connected else 0),
                ("St", self.connected),
                ("ConnSt", self.connected),
            ):
                if self.inverter.get(701, name) is not None:
                    self.inverter.set(701, name, int(value))
        else:
            self.inverter.set(number, "St", 4 if self.connected else 1)
            if self.inverter.has(122):
                self.inverter.set(122, "PVConn", 7 if self.connected else 0)
        if METER in self.units:
            meter = self.units[METER]
            self._show_power(meter, next(number for number in (203, 213) if meter.has(number)), site)

    def _show_power(self, unit: Registers, number: int, watts: float) -> None:
        scale = unit.get(number, "W_SF") if number in (701, 103, 203) else 0
        unit.set(number, "W", round(watts / 10**scale))


class _Context(ModbusServerContext):
    """Has the server of pymodbus ask the plant."""

    def __init__(self, plant: Plant) -> None:
        self.simdevices = []
        self.old_simulator = True
        self._plant = plant

    def _get_unit(self, number: int) -> Registers:
        plant = self._plant
        if plant.silent or number not in plant.units:
            raise NoSuchIdException("silent")
        return plant.units[number]

    async def async_getValues(self, device_id: int, func_code: int, address: int, count: int = 1) -> Any:  # noqa: N802
        with self._plant.lock:
            return self._get_unit(device_id).read(address, count)

    async def async_setValues(self, device_id: int, func_code: int, address: int, values: Any) -> Any:  # noqa: N802
        with self._plant.lock:
            unit = self._get_unit(device_id)
            if func_code == 6 and self._plant.multiple_only:
                return ExcCodes.ILLEGAL_FUNCTION
            return unit.write(address, [int(value) for value in values])


class ModbusServer:
    """Serves a plant from a thread: by TCP on a loopback port, by TLS there, or by RTU on a serial port.

    Args:
        plant: The plant.
        context: The TLS context, for TLS.
        serial: The serial port, for RTU.
    """

    def __init__(self, plant: Plant, *, context: ssl.SSLContext | None = None, serial: str = "") -> None:
        self.plant = plant
        self.port = 0
        self._context, self._serial = context, serial
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: Any = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        if self._serial:
            return f"rtu://{self._serial}?baud=115200"
        return f"{'tls' if self._context else 'tcp'}://127.0.0.1:{self.port}"

    def start(self) -> ModbusServer:
        """Begin to serve, on the same port as before."""
        started = threading.Event()

        async def serve() -> None:
            self._loop = asyncio.get_running_loop()
            address = ("127.0.0.1", self.port)
            context = _Context(self.plant)
            if self._serial:
                self._server = ModbusSerialServer(
                    context, port=self._serial, baudrate=115200, ignore_missing_devices=True, framer=FramerType.RTU
                )
            elif self._context is not None:
                # By the specification of Modbus/TLS the header of TCP stays; the framer TLS of pymodbus leaves it out.
                self._server = ModbusTlsServer(
                    context,
                    address=address,
                    sslctx=self._context,
                    framer=FramerType.SOCKET,
                    ignore_missing_devices=True,
                )
            else:
                self._server = ModbusTcpServer(
                    context, address=address, ignore_missing_devices=True, trace_connect=self._count_connection
                )
            await self._server.serve_forever(background=True)
            if not self._serial:
                self.port = self._server.transport.sockets[0].getsockname()[1]
            started.set()
            await self._server.serving

        self._thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
        self._thread.start()
        assert started.wait(60)
        return self

    def _count_connection(self, connected: bool) -> None:
        self.plant.connections += connected

    def stop(self) -> None:
        """Stop, and end the connections."""
        if self._thread is None or self._loop is None:
            return
        asyncio.run_coroutine_threadsafe(self._server.shutdown(), self._loop)
        self._thread.join(60)
        self._thread = None

    def __enter__(self) -> ModbusServer:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
