"""Tests of the connections: TCP, TLS and a serial line, failures of each, and what is shared."""

from __future__ import annotations

import os
import pty
import socket
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from pathlib import Path

import pytest
from pymodbus.constants import ExcCodes

from envoy.devices import open_device
from envoy.devices.sunspec import SunSpecDevice, SunSpecOptions
from envoy.devices.sunspec.bus import Address, Bus
from envoy.errors import DeviceError, DeviceRefusal
from envoy.registration.site import Site as EndDevice
from envoy.server.tls import server_context
from envoy.tls.pki import Pki, create_pki
from tests.devices.sunspec.conftest import Site
from tests.support.sunspec import BASE, INVERTER, METER, ModbusServer, Plant


def test_an_inverter_is_controlled_over_tls(pki: Pki) -> None:
    files = pki.server
    context = server_context(certificate=files.certificate, key=files.key, ca=pki.ca.certificate, tls12_only=True)
    own = pki.devices["device"]
    with ModbusServer(Plant(), context=context) as server:
        device = SunSpecDevice(
            SunSpecOptions(
                address=server.url, ca=pki.ca.certificate, cert=own.certificate, key=own.key, meter_unit=2, timeout=4
            ),
            threaded=False,
        )
        assert device.readings().der["active-power"] == 9000
        device.close()


def test_an_inverter_that_another_ca_signed_is_refused(pki: Pki, tmp_path: Path) -> None:
    other = create_pki(tmp_path, devices=["device"])
    files, own = other.server, pki.devices["device"]
    context = server_context(certificate=files.certificate, key=files.key, ca=pki.ca.certificate, tls12_only=True)
    with ModbusServer(Plant(), context=context) as server:
        bus = Bus.open(Address(server.url, pki.ca.certificate, own.certificate, own.key), 4)
        with pytest.raises(DeviceError, match="certificate"):
            bus.read(INVERTER, BASE, 2)
        bus.close()


@contextmanager
def serial_line() -> Iterator[tuple[str, str]]:
    """Two serial ports that are joined: two pseudo terminals, and a thread that carries bytes between them."""
    ends = [pty.openpty() for _ in range(2)]
    for _, port in ends:
        tty.setraw(port)

    def carry(source: int, target: int) -> None:
        try:
            while data := os.read(source, 1024):
                os.write(target, data)
        except OSError:
            return

    (first, _), (second, _) = ends
    threads = [threading.Thread(target=carry, args=pair, daemon=True) for pair in ((first, second), (second, first))]
    for thread in threads:
        thread.start()
    try:
        yield os.ttyname(ends[0][1]), os.ttyname(ends[1][1])
    finally:
        for _, port in ends:
            os.close(port)


def test_an_inverter_and_a_meter_are_on_one_serial_line() -> None:
    plant = Plant(load=2000)
    with serial_line() as (server_port, client_port), ModbusServer(plant, serial=server_port):
        options = SunSpecOptions(address=f"rtu://{client_port}?baud=115200&parity=none", meter_unit=METER, timeout=4)
        device = SunSpecDevice(options, threaded=False)
        assert device.readings().site["active-power"] == -7000
        assert "opModGenLimW" in device.abilities().modes
        device.close()


@pytest.mark.parametrize(
    "url",
    [
        "10.0.0.7",
        "http://10.0.0.7",
        "tcp://",
        "tcp://10.0.0.7/path",
        "tcp://10.0.0.7:port",
        "tls://10.0.0.7",
        "rtu://",
        "rtu:///dev/ttyUSB0?baud=fast",
        "rtu:///dev/ttyUSB0?stopbits=2",
        "rtu:///dev/ttyUSB0?parity=odd",
    ],
)
def test_an_address_that_cannot_be_used_is_an_error(url: str) -> None:
    with pytest.raises(DeviceError) as error:
        open_device("sunspec", {"address": url}, EndDevice(lfdi=bytes(20)))
    assert error.value.where == "device sunspec"


def test_a_device_is_opened_without_contact() -> None:
    device = open_device("sunspec", {"address": "tcp://127.0.0.1:1", "meter_unit": "200"}, EndDevice(lfdi=bytes(20)))
    with pytest.raises(DeviceError):
        device.abilities()
    device.close()


def test_a_port_that_is_not_there_is_an_error() -> None:
    bus = Bus.open(Address("rtu:///dev/this-is-not-a-port"), 1)
    with pytest.raises(DeviceError, match="this-is-not-a-port"):
        bus.read(1, 0, 1)
    bus.close()


def test_an_inverter_that_does_not_respond_is_found_again(open_site: Callable[..., Site]) -> None:
    site = open_site(timeout=0.2)
    site.apply(opModGenLimW=Decimal(5000))
    site.plant.silent = True
    with pytest.raises(DeviceError):
        site.device.status()
    site.plant.silent = False
    assert site.device.status().operating


def test_a_server_that_was_restarted_is_found_again_and_set_again(open_site: Callable[..., Site]) -> None:
    site = open_site()
    site.apply(opModGenLimW=Decimal(5000))
    site.server.stop()
    with pytest.raises(DeviceError):
        site.device.step()
    with site.plant.lock:  # it has forgotten what it was set to
        site.plant.inverter.set(704, "WMaxLimPctEna", 0)
        site.plant.inverter.set(704, "WMaxLimPct", 1000)
    site.server.start()
    site.device.step()
    assert site.plant.cap == 5000
    assert not site.device.status().failed


def test_a_limit_in_a_restarted_inverter_with_other_scale_factors_is_the_same(open_site: Callable[..., Site]) -> None:
    site = open_site()
    site.apply(opModGenLimW=Decimal(5000))
    inverter = site.plant.inverter
    with site.plant.lock:
        inverter.set(704, "WMaxLimPct_SF", -2)
        inverter.set(701, "W_SF", 1)
        inverter.set(702, "W_SF", 1)
        inverter.set(702, "WMax", 1000)
    site.clock.now += 30
    site.run(2)
    assert inverter.get(704, "WMaxLimPct") == 5000 and site.plant.cap == 5000
    assert site.device.readings().der["active-power"] == 5000


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (ExcCodes.ILLEGAL_VALUE, DeviceRefusal),
        (ExcCodes.ILLEGAL_ADDRESS, DeviceRefusal),
        (ExcCodes.ILLEGAL_FUNCTION, DeviceRefusal),
        (ExcCodes.DEVICE_FAILURE, DeviceError),
        (ExcCodes.DEVICE_BUSY, DeviceError),
        (ExcCodes.GATEWAY_NO_RESPONSE, DeviceError),
    ],
)
def test_what_stays_refused_is_told_from_what_may_be_tried_again(
    open_site: Callable[..., Site], code: ExcCodes, kind: type[DeviceError]
) -> None:
    site = open_site()
    site.plant.inverter.refused["WMaxLimPct"] = code
    with pytest.raises(DeviceError) as error:
        site.apply(opModGenLimW=Decimal(5000), opModConnect=True)
    assert type(error.value) is kind
    if isinstance(error.value, DeviceRefusal):
        assert error.value.modes == {"opModGenLimW"}
    assert site.device.status().failed
    site.plant.inverter.refused.clear()
    site.device.step()
    assert site.plant.cap == 5000 and not site.device.status().failed


def test_one_register_is_written_as_several_where_the_function_for_one_is_missing(
    open_site: Callable[..., Site],
) -> None:
    site = open_site()
    site.plant.multiple_only = True
    site.apply(opModConnect=False)
    site.apply(opModConnect=True)
    site.apply(opModConnect=False)
    assert not site.plant.connected


def test_units_behind_an_address_share_a_connection(open_site: Callable[..., Site]) -> None:
    site = open_site()
    other = SunSpecDevice(SunSpecOptions(address=site.server.url, timeout=4), threaded=False)
    site.device.readings()
    other.readings()
    assert site.plant.connections == 1
    other.close()
    site.device.readings()


def test_a_meter_may_have_an_address_of_its_own(open_site: Callable[..., Site]) -> None:
    with ModbusServer(Plant(load=2000)) as meter:
        site = open_site(Plant(meter=None), meter=meter.url, meter_unit=METER)
        assert site.device.readings().site["active-power"] == -7000
        site.device.close()


def test_a_unit_without_sunspec_is_an_error(open_site: Callable[..., Site]) -> None:
    site = open_site(base=100)
    with pytest.raises(DeviceError, match="no SunSpec models"):
        site.device.abilities()


@contextmanager
def respond_with(reply: bytes) -> Iterator[str]:
    """Serve a Modbus address that responds to all with the same bytes, and ends the connection; give its URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        connection.recv(1024)
                        connection.sendall(reply)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"tcp://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(60)


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        bytes(9),
        bytes.fromhex("000000000003 01 03"),
        bytes.fromhex("000000000003 01 83 09"),
        bytes.fromhex("000000000002 01 83"),
        bytes.fromhex("000000000005 01 03 02 0001"),
        bytes.fromhex("00000000ffff 01 03 02 0001"),
        bytes.fromhex("000000000007 01 03 04 53756e53"),
    ],
)
def test_a_response_that_is_not_one_is_an_error(reply: bytes) -> None:
    """The last is the mark of SunSpec, and nothing behind it."""
    with respond_with(reply) as url:
        device = SunSpecDevice(SunSpecOptions(address=url, timeout=4), threaded=False)
        with pytest.raises(DeviceError):
            device.status()
        device.close()
