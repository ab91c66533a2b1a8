"""Programs and devices behind a broker follow the published procedures, which a plant of its own stands behind."""

from __future__ import annotations

import json
import shlex
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest

from envoy import Site
from envoy.der.follow.device import Device
from envoy.der.limits import Rating
from envoy.devices import open_device
from tests.conftest import ROOT
from tests.support.brokers import Broker
from tests.support.device_stories import STORIES, Measured, Rig
from tests.support.plant import follow, report

RATING = Rating(max_w=Decimal(5000), max_charge_w=Decimal(5000))
SITE = Site(lfdi=bytes(20))

stories = pytest.mark.parametrize("story", STORIES)
kinds = pytest.mark.parametrize("kind", ["generates", "consumes"])


@stories
@kinds
def test_a_program_follows_as_the_procedures_want(story: str, kind: str, tmp_path: Path) -> None:
    power = tmp_path / "power.json"
    arguments = [sys.executable, "-I", "-S", str(ROOT / "tests" / "support" / "plant.py"), kind, str(power)]

    def reopen() -> Device:
        return open_device("exec", {"command": shlex.join(arguments), "deadline": "60", "grace": "20"}, SITE)

    def measure() -> Measured:
        flow = json.loads(power.read_text(encoding="utf-8"))
        return Measured(site_w=flow["site"], output_w=flow["output"])

    rig = Rig(device=reopen(), rating=RATING, measure=measure, reopen=reopen, imports=kind == "consumes", step_s=0.01)
    STORIES[story](rig)
    readings = rig.device.readings()
    assert float(readings.site["active-power"]) == measure().site_w
    rig.device.close()


@pytest.mark.unmeasured
@stories
@kinds
def test_a_device_behind_a_broker_follows_as_the_procedures_want(story: str, kind: str, broker: Broker) -> None:
    flow = {"site": 0.0, "output": 0.0}

    def keep(client: paho.Client, _: Any, message: paho.MQTTMessage) -> None:
        order = json.loads(message.payload)
        flow.update(follow(order, consumes=kind == "consumes"))
        said = report(order, flow)
        for part in ("status", "readings"):
            client.publish(f"envoy/plant/{part}", json.dumps(said[part]), qos=1, retain=part == "status")
        client.publish("envoy/plant/taken", json.dumps({"taken": said["taken"]}), qos=1)

    client = paho.Client(paho.CallbackAPIVersion.VERSION2)
    client.on_message = keep
    client.connect("127.0.0.1", broker.port)
    client.subscribe("envoy/plant/limits", 1)
    client.loop_start()

    def reopen() -> Device:
        options = {"broker": f"mqtt://127.0.0.1:{broker.port}", "name": "plant", "deadline": "60"}
        return open_device("mqtt", options, SITE)

    def measure() -> Measured:
        return Measured(site_w=flow["site"], output_w=flow["output"])

    rig = Rig(device=reopen(), rating=RATING, measure=measure, reopen=reopen, imports=kind == "consumes", step_s=0.01)
    STORIES[story](rig)
    assert float(rig.device.readings().site["active-power"]) == measure().site_w
    rig.device.close()
    client.disconnect()
    client.loop_stop()
