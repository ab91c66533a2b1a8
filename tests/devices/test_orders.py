"""Orders in the JSON form: which one is taken, and what holds of what the device reports."""

from __future__ import annotations

from decimal import Decimal

import pytest

from envoy.der.limits import Limit, Limits
from envoy.devices.orders import OrderOptions, Orders
from envoy.errors import DeviceError

FREE = Limits(generation_w=Limit(Decimal(5000), "device"))


def orders_of(now: float = 1000.0) -> Orders:
    return Orders(OrderOptions(deadline=0.05), "plant", now=lambda: now)


def test_a_late_acknowledgement_is_not_that_of_a_newer_order() -> None:
    orders = orders_of()
    first, second = orders.make(FREE), orders.make(FREE)
    orders.receive(b'{"taken": %d}' % first.number)
    with pytest.raises(DeviceError):
        orders.wait(second)
    assert orders.get_status().failed
    orders.receive(b'{"taken": %d}' % second.number)
    orders.wait(second)
    assert not orders.get_status().failed


def test_the_acknowledgement_of_an_earlier_run_is_not_that_of_a_later_one() -> None:
    before = [orders_of(1000.0).make(FREE).number for _ in range(3)]
    assert orders_of(1001.0).make(FREE).number > max(before)


def test_the_error_about_an_order_says_whether_it_was_read_and_what_was_wrong_with_the_last_report() -> None:
    orders = orders_of()
    order = orders.make(FREE)
    with pytest.raises(DeviceError, match="does not read"):
        orders.wait(order)
    orders.deliver(order)
    orders.receive(b'{"taken": "yes"}')
    with pytest.raises(DeviceError, match=f"order {order.number} was not acknowledged") as caught:
        orders.wait(order)
    assert "taken: " in caught.value.remedy and "acknowledge=no" in caught.value.remedy


def test_nothing_that_was_reported_before_a_restart_holds_after_it() -> None:
    orders = orders_of()
    order = orders.make(FREE)
    orders.receive(
        b'{"taken": %d, "status": {"connected": false}, "readings": {"site": {"voltage": 230}}}' % order.number
    )
    assert not orders.get_status().connected
    orders.restart()
    assert orders.newest is order
    assert orders.get_status().connected and orders.get_status().failed
    assert orders.get_readings().site == {}
