"""Fixtures of devices."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.brokers import BY_MOSQUITTO, Amqtt, Broker, Mosquitto


@pytest.fixture(params=["amqtt", BY_MOSQUITTO])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Broker]:
    """A message broker that runs, on loopback."""
    started: Broker = Amqtt() if request.param == "amqtt" else Mosquitto(tmp_path)
    started.start()
    yield started
    started.stop()
