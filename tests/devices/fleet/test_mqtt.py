"""One connection to a broker for the devices of all sites of a fleet: topics, presence, sites that come and go."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import paho.mqtt.client as paho
import pytest

from envoy import Site
from envoy.der.follow.device import DeviceStatus, Readings
from envoy.der.limits import Limit, Limits
from envoy.devices.fleet import open_fleet_devices
from envoy.devices.fleet.mqtt import FleetMQTTOptions, MQTTDevices
from envoy.devices.json_form import parse_order
from envoy.devices.mqtt_connection import Address
from envoy.errors import DeviceError, DeviceRefusal
from tests.support.brokers import BY_MOSQUITTO, Broker
from tests.support.fleets import until

pytestmark = pytest.mark.parametrize("broker", [BY_MOSQUITTO], indirect=True)

SITE = Site(lfdi=bytes(20))
Open = Callable[..., MQTTDevices]


def held(watts: int) -> Limits:
    return Limits(
        generation_w=Limit(Decimal(5000), "device"),
        export_w=Limit(Decimal(watts), "opModExpLimW"),
        values={"opModExpLimW": Decimal(watts)},
    )


class Plants:
    """The devices of all sites, which take their orders with another library than the one that gives them.

    Args:
        port: Of the broker.

    Attributes:
        orders: The limits that each site was given, by its key.
        silent: The sites that acknowledge nothing.
        refusing: The sites that refuse a mode.
        presence: What is known of the client.
    """

    def __init__(self, port: int) -> None:
        self.orders: dict[str, list[Limits]] = {}
        self.silent: set[str] = set()
        self.refusing: set[str] = set()
        self.presence = ""
        self.client = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id="plants")
        self.client.on_connect = self._enter
        self.client.on_message = self._take
        self.client.reconnect_delay_set(0.05, 0.05)
        self.client.connect("localhost", port)
        self.client.loop_start()

    def publish(self, site: str, part: str, payload: str, *, retain: bool = False) -> None:
        self.client.publish(f"envoy/{site}/{part}", payload, qos=1, retain=retain).wait_for_publish(60)

    def leave(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def _enter(self, client: paho.Client, *_: Any) -> None:
        client.subscribe([("envoy/+/limits", 1), ("envoy-fleet/client", 1)])

    def _take(self, client: paho.Client, _: Any, message: paho.MQTTMessage) -> None:
        if message.topic == "envoy-fleet/client":
            self.presence = message.payload.decode()
            return
        site = message.topic.split("/")[1]
        order = parse_order(message.payload)
        self.orders.setdefault(site, []).append(order.limits)
        if site not in self.silent:
            taken = {"taken": order.number} | ({"refused": ["opModExpLimW"]} if site in self.refusing else {})
            client.publish(f"envoy/{site}/taken", json.dumps(taken), qos=1)


@pytest.fixture
def connect(broker: Broker) -> Iterator[Open]:
    """Return the devices of a fleet behind the broker."""
    opened: list[MQTTDevices] = []

    def start(**options: Any) -> MQTTDevices:
        address = Address(host="127.0.0.1", port=broker.port, client="envoy-fleet")
        read = FleetMQTTOptions(**{"broker": f"mqtt://127.0.0.1:{broker.port}", "deadline": 60} | options)
        opened.append(MQTTDevices(address, read, first_pause=0.05))
        return opened[-1]

    yield start
    for devices in opened:
        devices.close()


@pytest.fixture
def plants(broker: Broker) -> Iterator[Plants]:
    started = Plants(broker.port)
    yield started
    started.leave()


def test_all_sites_get_their_orders_by_one_connection_and_report_each_for_itself(connect: Open, plants: Plants) -> None:
    plants.refusing.add("c")
    before = {*threading.enumerate()}
    devices = connect()
    one, two, three = (devices.open(key, SITE) for key in "abc")
    for watts in (1, 2):
        one.apply(held(watts))
        two.apply(held(watts + 10))
    with pytest.raises(DeviceRefusal, match="site c") as caught:
        three.apply(held(3))
    assert caught.value.modes == {"opModExpLimW"}
    assert plants.orders == {"a": [held(1), held(2)], "b": [held(11), held(12)], "c": [held(3)]}
    plants.publish("b", "status", '{"state_of_charge": 55.5}')
    plants.publish("b", "readings", '{"site": {"active-power": -1}}')
    until(lambda: two.readings() == Readings(site={"active-power": Decimal(-1)}))
    assert two.status() == DeviceStatus(state_of_charge=Decimal("55.5"))
    assert (one.status(), one.readings()) == (DeviceStatus(), Readings())
    assert [thread.name for thread in {*threading.enumerate()} - before].count("device mqtt") == 1
    until(lambda: plants.presence == "online")
    devices.close()
    until(lambda: plants.presence == "offline")


def test_a_device_that_is_offline_or_silent_concerns_its_site_alone(connect: Open, plants: Plants) -> None:
    plants.silent.add("silent")
    devices = connect(deadline=1)
    silent, other, offline = (devices.open(key, SITE) for key in ("silent", "other", "offline"))
    plants.publish("offline", "device", "offline", retain=True)
    until(lambda: is_gone(offline))
    waiting = silent.begin(held(1), lambda: None)
    other.apply(held(2))
    with pytest.raises(DeviceError, match="offline"):
        offline.apply(held(3))
    assert not other.status().failed and silent.status().failed
    with pytest.raises(DeviceError, match="not acknowledged"):
        until(waiting)


def test_a_site_that_comes_later_hears_what_is_retained_for_it(connect: Open, plants: Plants) -> None:
    devices = connect()
    first = devices.open("a", SITE)
    first.apply(held(1))
    plants.publish("b", "device", "offline", retain=True)
    plants.publish("c", "status", '{"local_control": true}', retain=True)
    third = devices.open("c", SITE)
    until(lambda: third.status().local_control)
    second = devices.open("b", SITE)
    until(lambda: is_gone(second))
    plants.publish("b", "device", "online", retain=True)
    until(lambda: not is_gone(second))
    second.apply(held(2))
    first.close()
    first = devices.open("a", SITE)
    first.apply(held(3))
    assert plants.orders["a"] == [held(1), held(3)]


def test_a_broker_that_is_gone_is_reached_again_with_the_newest_order_of_each_site(
    connect: Open, plants: Plants, broker: Broker
) -> None:
    devices = connect()
    sites = [devices.open(f"site-{number}", SITE) for number in range(250)]
    for device, taken in [(device, device.begin(held(1), lambda: None)) for device in sites]:
        until(taken)
        assert not device.status().failed
    broker.stop()
    until(lambda: all(map(is_gone, sites)))
    for device in sites:
        with pytest.raises(DeviceError, match="broker"):
            device.apply(held(2))
    late, gone = devices.open("late", SITE), sites.pop()
    with pytest.raises(DeviceError, match="broker"):
        late.apply(held(3))
    gone.close()
    broker.start()
    until(lambda: not any(map(is_gone, sites)) and not any(device.status().failed for device in [late, *sites]))
    # What was the last for a site that has left is published all the same.
    assert all(plants.orders[f"site-{number}"] == [held(1), held(2)] for number in range(250))
    assert plants.orders["late"] == [held(3)]


def test_the_last_order_is_published_before_the_broker_is_left(connect: Open, plants: Plants) -> None:
    devices = connect()
    device = devices.open("a", SITE)
    devices.ensure_started()
    device.begin(held(1), lambda: None)
    devices.close()
    until(lambda: plants.presence == "offline")
    assert plants.orders == {"a": [held(1)]}


def test_a_key_that_cannot_be_part_of_a_topic_is_refused(connect: Open) -> None:
    devices = connect()
    for key in ("a/b", "a+", "#"):
        with pytest.raises(DeviceError, match="topic"):
            devices.open(key, SITE)


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({}, "broker"),
        ({"broker": "mqtt://localhost", "topic": "envoy"}, "topic"),
        ({"broker": "mqtt://localhost", "topic": "envoy/{site}/#"}, "topic"),
        ({"broker": "mqtt://localhost", "client": "+"}, "client"),
        ({"broker": "mqtt://localhost", "name": "x"}, "name"),
    ],
)
def test_an_option_that_is_wrong_is_named(options: dict[str, str], key: str, broker: Broker) -> None:
    with pytest.raises(DeviceError) as caught:
        open_fleet_devices("mqtt", options)
    assert key in str(caught.value) and caught.value.remedy


def is_gone(device: Any) -> bool:
    try:
        device.status()
    except DeviceError:
        return True
    return False
