"""Not run: what a type checker must know of the clients. ``test_access.py`` has mypy look at it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, assert_type

from envoy import AsyncClient, Client
from envoy.protocol.results import Registration
from envoy.registration.site import Site
from sep2 import DER, DERCapability, DERList, DERProgram, DeviceCapability, EndDevice, Time


def synchronous(client: Client, site: Site, device: EndDevice, der: DER) -> None:
    assert_type(client.discover(), DeviceCapability)
    assert_type(client.time(), Time)
    assert_type(client.end_devices(), Iterator[EndDevice])
    assert_type(client.get(device.der_list_link, DERList), DERList)
    assert_type(client.get("/edev/1/der/1/dercap", DERCapability), DERCapability)
    assert_type(client.get(device.der_list_link), DERList)
    assert_type(client.get(der.der_capability_link), DERCapability)
    assert_type(client.get(der.current_der_program_link), DERProgram)
    assert_type(client.get(device.connection_point_link), Any)
    assert_type(client.get(device), EndDevice)
    assert_type(client.get("/edev/1"), Any)
    assert_type(client.items(device.der_list_link, DER), Iterator[DER])
    assert_type(client.items(device.der_list_link), Iterator[DER])
    assert_type(client.items(der.associated_der_program_list_link), Iterator[DERProgram])
    assert_type(client.items(client.get(device.der_list_link)), Iterator[DER])
    assert_type(client.items("/edev/1/der"), Iterator[Any])
    assert_type(client.items(device.connection_point_link), Iterator[Any])
    assert_type(client.post(device.der_list_link, der), str)
    assert_type(client.register(site), Registration)
    assert_type(client.deregister(site), bool)


async def asynchronous(client: AsyncClient, site: Site, device: EndDevice, der: DER) -> None:
    assert_type(await client.discover(), DeviceCapability)
    assert_type(await client.time(), Time)
    assert_type(client.end_devices(), AsyncIterator[EndDevice])
    assert_type(await client.get(device.der_list_link, DERList), DERList)
    assert_type(await client.get("/edev/1/der/1/dercap", DERCapability), DERCapability)
    assert_type(await client.get(device.der_list_link), DERList)
    assert_type(await client.get(der.der_capability_link), DERCapability)
    assert_type(await client.get(der.current_der_program_link), DERProgram)
    assert_type(await client.get(device.connection_point_link), Any)
    assert_type(await client.get(device), EndDevice)
    assert_type(await client.get("/edev/1"), Any)
    assert_type(client.items(device.der_list_link, DER), AsyncIterator[DER])
    assert_type(client.items(device.der_list_link), AsyncIterator[DER])
    assert_type(client.items(der.associated_der_program_list_link), AsyncIterator[DERProgram])
    assert_type(client.items(await client.get(device.der_list_link)), AsyncIterator[DER])
    assert_type(client.items("/edev/1/der"), AsyncIterator[Any])
    assert_type(await client.post(device.der_list_link, der), str)
    assert_type(await client.register(site), Registration)
    assert_type(await client.deregister(site), bool)
