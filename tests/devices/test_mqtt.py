"""A device behind a broker: orders are retained, reports come back, and either side or the broker may be gone."""

from __future__ import annotations

import json
import logging
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest

from envoy import Site
from envoy.der.abilities import Abilities
from envoy.der.follow.device import DeviceStatus, Readings
from envoy.der.limits import Limit, Limits
from envoy.devices import open_device
from envoy.devices.json_form import Order, parse_order
from envoy.devices.mqtt import MQTTDevice
from envoy.devices.mqtt_connection import LONGEST, Address
from envoy.devices.orders import OrderOptions
from envoy.errors import DeviceError, DeviceRefusal
from envoy.tls.pki import Pki, create_pki
from tests.support.brokers import BY_MOSQUITTO, NEEDS_MOSQUITTO, Broker, Mosquitto
from tests.support.fleets import until
from tests.support.threads import ended_threads

# The broker in a thread leaves sockets of connections that broke to the collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),
]
by_mosquitto_alone = pytest.mark.parametrize("broker", [BY_MOSQUITTO], indirect=True)
"""amqtt waits for clients that vanish, and may do so for good when it is stopped under one that comes back."""

FREE = Limits(generation_w=Limit(Decimal(5000), "device"))
HELD = Limits(
    generation_w=Limit(Decimal(5000), "device"),
    export_w=Limit(Decimal(1500), "opModExpLimW"),
    values={"opModExpLimW": Decimal(1500), "opModTargetVar": Decimal(10)},
)
OFF = Limits(connected=False, generation_w=Limit(Decimal(0), "opModConnect"))
TOPIC = "envoy/plant"

Open = Callable[..., MQTTDevice]


class Plant:
    """A device that takes its orders from a broker, with another library than the one that gives them.

    Args:
        port: Of the broker.
        report: Added to each acknowledgement.
        obedient: Whether it acknowledges orders.
        prepare: Called with its client before it connects.
    """

    def __init__(
        self,
        port: int,
        *,
        report: dict[str, Any] | None = None,
        obedient: bool = True,
        prepare: Callable[[paho.Client], object] = lambda client: None,
    ) -> None:
        self.orders: list[Order] = []
        self.client = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id="plant")
        self.presence = ""
        self._report = report or {}
        self._obedient = obedient
        self.client.will_set(f"{TOPIC}/device", "offline", qos=1, retain=True)
        self.client.on_connect = self._enter
        self.client.on_message = self._take
        self.client.reconnect_delay_set(0.05, 0.05)
        prepare(self.client)
        self.client.connect("localhost", port)
        self.client.loop_start()

    def publish(self, part: str, payload: str | bytes, *, retain: bool = False) -> None:
        self.client.publish(f"{TOPIC}/{part}", payload, qos=1, retain=retain).wait_for_publish(60)

    def vanish(self) -> None:
        """Break the connection, without a word."""
        self.client._reconnect_on_failure = False
        sock = self.client.socket()
        assert sock is not None
        sock.shutdown(socket.SHUT_RDWR)
        self.client.loop_stop()

    def leave(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def _enter(self, client: paho.Client, *_: Any) -> None:
        client.publish(f"{TOPIC}/device", "online", qos=1, retain=True)
        client.subscribe([(f"{TOPIC}/limits", 1), (f"{TOPIC}/client", 1)])

    def _take(self, client: paho.Client, _: Any, message: paho.MQTTMessage) -> None:
        if message.topic.endswith("client"):
            self.presence = message.payload.decode()
            return
        self.orders.append(parse_order(message.payload))
        if self._obedient:
            taken = {"taken": self.orders[-1].number} | self._report
            client.publish(f"{TOPIC}/taken", json.dumps(taken), qos=1)


@pytest.fixture
def connect(broker: Broker) -> Iterator[Open]:
    """Return a device behind the broker."""
    devices: list[MQTTDevice] = []

    def start(**options: Any) -> MQTTDevice:
        address = Address(host="127.0.0.1", port=broker.port, client="envoy-plant")
        read = OrderOptions(**{"deadline": 60} | options)
        devices.append(MQTTDevice(address, TOPIC, Abilities(), read, first_pause=0.05))
        return devices[-1]

    yield start
    for device in devices:
        device.close()


@pytest.fixture
def enter(broker: Broker) -> Iterator[Callable[..., Plant]]:
    """Have a plant connect to the broker."""
    plants: list[Plant] = []

    def start(**options: Any) -> Plant:
        plants.append(Plant(broker.port, **options))
        return plants[-1]

    yield start
    for plant in plants:
        plant.leave()


Enter = Callable[..., Plant]


def test_orders_are_taken_and_reports_come_back(connect: Open, enter: Enter) -> None:
    plant, device = enter(), connect()
    assert device.status() == DeviceStatus()
    for limits in (FREE, HELD, OFF):
        device.apply(limits)
    assert [order.limits for order in plant.orders] == [FREE, HELD, OFF]
    assert device.status() == DeviceStatus(connected=False, operating=False)
    plant.publish("status", '{"connected": false, "state_of_charge": 55.5}')
    plant.publish("readings", '{"site": {"active-power": -0.1}}')
    until(lambda: device.readings() == Readings(site={"active-power": Decimal("-0.1")}))
    assert device.status() == DeviceStatus(connected=False, state_of_charge=Decimal("55.5"))
    assert device.describe()[1:] == ["it reports"]


def test_modes_that_a_device_refuses_are_named(connect: Open, enter: Enter) -> None:
    enter(report={"refused": ["opModTargetVar", "opModFixedW"]})
    device = connect()
    with pytest.raises(DeviceRefusal) as caught:
        device.apply(HELD)
    assert caught.value.modes == {"opModTargetVar"}


def test_an_order_waits_for_a_device_that_comes_later(connect: Open, enter: Enter) -> None:
    device = connect(deadline=0.5)
    for limits in (FREE, HELD):
        with pytest.raises(DeviceError):
            device.apply(limits)
    device.close()
    plant = enter()
    until(lambda: plant.orders)
    assert [order.limits for order in plant.orders] == [HELD]


@by_mosquitto_alone
def test_a_device_that_vanishes_is_gone_until_it_is_back_with_the_order(connect: Open, enter: Enter) -> None:
    plant, device = enter(), connect()
    device.apply(HELD)
    plant.publish("status", '{"local_control": true}')
    plant.vanish()
    until(lambda: is_gone(device))
    with pytest.raises(DeviceError, match="offline"):
        device.apply(OFF)
    again = enter()
    until(lambda: not is_gone(device) and not device.status().failed)
    assert again.orders[-1].limits == OFF
    assert device.status() == DeviceStatus(connected=False, operating=False)


@by_mosquitto_alone
def test_a_broker_that_is_gone_is_reached_again_with_the_newest_order_first(
    connect: Open, enter: Enter, broker: Broker
) -> None:
    plant, device = enter(), connect()
    device.apply(FREE)
    broker.stop()
    until(lambda: is_gone(device))
    for limits in (HELD, OFF):
        with pytest.raises(DeviceError, match="broker"):
            device.apply(limits)
    broker.start()
    until(lambda: not is_gone(device) and not device.status().failed)
    assert [order.limits for order in plant.orders] == [FREE, OFF]
    device.apply(HELD)
    assert plant.orders[-1].limits == HELD


def test_a_broker_that_is_not_there_at_first_is_an_error(connect: Open, enter: Enter, broker: Broker) -> None:
    broker.stop()
    device = connect()
    for call in (device.status, device.readings, device.describe):
        with pytest.raises(DeviceError, match=str(broker.port)):
            call()
    broker.start()
    enter()
    until(lambda: not is_gone(device))
    device.apply(FREE)


def test_the_device_sees_whether_there_is_somebody_who_gives_orders(
    connect: Open, enter: Enter, broker: Broker
) -> None:
    plant, device = enter(), connect()
    device.apply(FREE)
    until(lambda: plant.presence == "online")
    device.close()
    until(lambda: plant.presence == "offline")
    code = (
        "from envoy import Site; from envoy.devices import open_device; import time\n"
        f"options = {{'broker': 'mqtt://127.0.0.1:{broker.port}', 'name': 'plant'}}\n"
        "open_device('mqtt', options, Site(lfdi=bytes(20))).status(); print('ready', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline()
        until(lambda: plant.presence == "online")
        process.kill()
    until(lambda: plant.presence == "offline")


def test_what_cannot_be_used_is_ignored_and_logged(
    connect: Open, enter: Enter, caplog: pytest.LogCaptureFixture
) -> None:
    plant = enter()
    plant.publish("readings", '{"site": {"voltage": 229}}', retain=True)
    plant.publish("status", '{"failed": true}', retain=True)
    device = connect()
    device.apply(FREE)
    plant.publish("status", b"\xff")
    plant.publish("status", "[]")
    plant.publish("status", b"")
    plant.publish("readings", b"x" * (LONGEST + 1))
    plant.publish("taken", '{"taken": 1, "refused": ["opModConnect"]}')
    plant.publish("readings", '{"site": {"current": 1}, "sites": 2}')
    until(lambda: device.readings().site)
    assert device.readings().site == {"current": 1}
    assert device.status().failed  # as it has said before; what is retained is how it is
    device.apply(FREE)
    notices = [record.getMessage() for record in caplog.records if record.name.startswith("envoy.devices")]
    assert len(notices) == 5
    assert sum("retained" in notice for notice in notices) == 1
    assert sum("readings.sites" in notice for notice in notices) == 1


def test_an_order_that_comes_twice_and_its_acknowledgements_do_no_harm(connect: Open, enter: Enter) -> None:
    plant, device = enter(), connect()
    device.apply(HELD)
    first = plant.orders[-1].number
    device.apply(OFF)
    for _ in range(3):
        plant.publish("taken", json.dumps({"taken": first}))
        plant.publish("taken", json.dumps({"taken": plant.orders[-1].number}))
    plant.publish("readings", '{"der": {"voltage": 1}}')
    until(lambda: device.readings().der)
    assert device.status() == DeviceStatus(connected=False, operating=False)


def test_a_device_that_is_known_to_say_nothing_takes_what_the_broker_has(connect: Open, enter: Enter) -> None:
    plant, device = enter(obedient=False), connect(acknowledge=False)
    device.apply(HELD)
    assert device.status() == DeviceStatus()
    until(lambda: plant.orders)


def test_a_device_that_floods_the_broker_is_read_at_a_pace(connect: Open, enter: Enter) -> None:
    plant, device = enter(), connect()
    device.apply(FREE)
    for number in range(250):
        plant.client.publish(f"{TOPIC}/readings", f'{{"der": {{"voltage": {number}}}}}', qos=0)
    plant.publish("readings", '{"der": {"voltage": 250}}')
    until(lambda: device.readings().der == {"voltage": 250})


def test_nothing_is_left_when_it_is_closed(connect: Open, enter: Enter) -> None:
    enter()
    with ended_threads("device mqtt"):
        device = connect()
        device.apply(FREE)
        device.close()
        device.close()


def is_gone(device: MQTTDevice) -> bool:
    try:
        device.status()
    except DeviceError:
        return True
    return False


@pytest.fixture
def secured(pki: Pki, tmp_path: Path) -> Iterator[Mosquitto]:
    """A broker that wants TLS, the certificate of a device, and a password."""
    passwords = tmp_path / "passwords"
    program = shutil.which("mosquitto_passwd")
    assert program is not None
    subprocess.run([program, "-b", "-c", str(passwords), "site", "secret"], check=True, capture_output=True)
    broker = Mosquitto(
        tmp_path,
        f"cafile {pki.ca.certificate}",
        f"certfile {pki.server.certificate}",
        f"keyfile {pki.server.key}",
        "require_certificate true",
        f"password_file {passwords}",
    )
    broker.start()
    yield broker
    broker.stop()


def options_of(broker: Mosquitto, pki: Pki) -> dict[str, str]:
    device = pki.devices["device"]
    return {
        "broker": f"mqtts://localhost:{broker.port}",
        "name": "plant",
        "ca": str(pki.ca.certificate),
        "cert": str(device.certificate),
        "key": str(device.key),
        "user": "site",
        "password_env": "PLANT_PASSWORD",
        "deadline": "60",
    }


@NEEDS_MOSQUITTO
def test_a_broker_that_wants_certificates_and_a_password(
    secured: Mosquitto, pki: Pki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def prepare(client: paho.Client) -> None:
        files = pki.devices["rival"]
        client.tls_set(str(pki.ca.certificate), str(files.certificate), str(files.key))
        client.username_pw_set("site", "secret")

    plant = Plant(secured.port, prepare=prepare)
    password = tmp_path / "password"
    password.write_text("secret\n", encoding="utf-8")
    monkeypatch.setenv("PLANT_PASSWORD", "secret")
    by_variable = options_of(secured, pki)
    by_file = by_variable | {"password_file": str(password)}
    del by_file["password_env"]
    for options in (by_variable, by_file):
        device = MQTTDevice.from_options(options, Site(lfdi=bytes(20)))
        device.apply(HELD)
        assert "with TLS" in device.describe()[0]
        device.close()
    assert [order.limits for order in plant.orders][-1] == HELD
    plant.leave()


@NEEDS_MOSQUITTO
@pytest.mark.parametrize("wrong", ["password", "ca", "plain"])
def test_a_broker_that_does_not_let_in_or_is_not_the_right_one(
    wrong: str, secured: Mosquitto, pki: Pki, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANT_PASSWORD", "wrong" if wrong == "password" else "secret")
    options = options_of(secured, pki)
    if wrong == "ca":
        options["ca"] = str(create_pki(tmp_path_factory.mktemp("strangers")).ca.certificate)
    if wrong == "plain":
        options |= {"broker": f"mqtt://localhost:{secured.port}", "deadline": "1"}
        for key in ("ca", "cert", "key"):
            del options[key]
    device = MQTTDevice.from_options(options, Site(lfdi=bytes(20)))
    with pytest.raises(DeviceError, match=str(secured.port)) as caught:
        device.status()
    device.close()
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({}, "broker"),
        ({"broker": "localhost"}, "broker"),
        ({"broker": "http://localhost"}, "broker"),
        ({"broker": "mqtt://localhost:x"}, "broker"),
        ({"broker": "mqtt://localhost:99999"}, "broker"),
        ({"broker": "mqtt://localhost/topic"}, "broker"),
        ({"broker": "mqtt://me:secret@localhost"}, "broker"),
        ({"broker": "mqtt://localhost", "ca": "ca.pem"}, "broker"),
        ({"broker": "mqtts://localhost", "ca": "no-such.pem"}, "no-such.pem"),
        ({"broker": "mqtt://localhost", "prefix": "a/#"}, "prefix"),
        ({"broker": "mqtt://localhost", "name": "+"}, "name"),
        ({"broker": "mqtt://localhost", "password_file": "x"}, "user"),
        ({"broker": "mqtt://localhost", "user": "me", "password_file": "x", "password_env": "X"}, "password_env"),
        ({"broker": "mqtt://localhost", "user": "me", "password_file": "no-such-file"}, "no-such-file"),
        ({"broker": "mqtt://localhost", "user": "me", "password_env": "NO_SUCH_VARIABLE"}, "NO_SUCH_VARIABLE"),
        ({"broker": "mqtt://localhost", "keepalive": "0"}, "keepalive"),
        ({"broker": "mqtt://localhost", "modes": "opModX"}, "modes"),
    ],
)
def test_an_option_that_is_wrong_is_named(options: dict[str, str], key: str) -> None:
    with pytest.raises(DeviceError) as caught:
        open_device("mqtt", options, Site(lfdi=bytes(20)))
    assert key in str(caught.value) and caught.value.remedy
    assert "secret" not in str(caught.value)


def test_the_topics_have_the_lfdi_of_the_site_if_no_name_is_given(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    site = Site(lfdi=bytes.fromhex("0000003E90000000000000000000000000032473"))
    device = open_device("mqtt", {"broker": "mqtt://localhost", "prefix": "home/der"}, site)
    assert isinstance(device, MQTTDevice)
    assert device._topic == "home/der/0000003E90000000000000000000000000032473"
    device.close()
