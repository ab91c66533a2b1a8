"""Devices are opened by the name of their kind."""

from __future__ import annotations

import pytest

from envoy import Site
from envoy.devices import KINDS, open_device
from envoy.errors import DeviceError

SITE = Site(lfdi=bytes(20))


def test_a_kind_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(DeviceError) as caught:
        open_device("simulatd", {}, SITE)
    assert "simulatd" in caught.value.what
    assert caught.value.remedy == f"The kinds are {', '.join(KINDS)}. Did you mean simulated?"
