"""DeviceCapability, Time, and what all resources have in common: reading, writing, removing, listing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from envoy.bindings.fields import fields_of
from envoy.utility.call import Call, Reply, not_found
from sep2 import (
    DeviceCapability,
    EndDeviceListLink,
    Link,
    List,
    MirrorUsagePointListLink,
    SubscribableList,
    Time,
    TimeLink,
    TimeQuality,
)


def read_device_capability(call: Call) -> Reply:
    """Answer with the links to everything that the server has."""
    body = DeviceCapability(
        href=call.path,
        time_link=TimeLink(href="/tm"),
        end_device_list_link=EndDeviceListLink(href="/edev", all=call.store.count(call.owner, "/edev")),
        mirror_usage_point_list_link=MirrorUsagePointListLink(href="/mup", all=call.store.count(call.owner, "/mup")),
    )
    return Reply(200, body)


def redirect_to_device_capability(call: Call) -> Reply:
    """Lead a CSIP-AUS 1.3 client from the well-known path to DeviceCapability."""
    return Reply(302, location="/dcap")


def read_time(call: Call) -> Reply:
    """Answer with the server's clock, in UTC."""
    body = Time(
        href=call.path,
        current_time=call.now,
        dst_end_time=0,
        dst_offset=0,
        dst_start_time=0,
        # What the clock of this machine is set by is not known here, so nothing better is promised.
        quality=TimeQuality.INTENTIONALLY_UNCOORDINATED,
        tz_offset=0,
    )
    return Reply(200, body)


def read(call: Call) -> Reply:
    """Answer with what the client wrote here before."""
    found = call.store.get(call.owner, call.path)
    if found is None:
        raise not_found()
    found.href = call.path
    return Reply(200, found)


def write(call: Call) -> Reply:
    """Keep what the client sent; 204 whether or not there was something before."""
    _put(call)
    return Reply(204)


def create_or_write(call: Call) -> Reply:
    """Keep what the client sent; 201 the first time, 204 after."""
    return Reply(201, location=call.path) if _put(call) else Reply(204)


def _put(call: Call) -> bool:
    if not call.store.exists(call.owner, call.parent):
        raise not_found()
    clear_links(call.body)
    return call.store.put(call.owner, call.path, call.body)


def remove(call: Call) -> Reply:
    """Remove a resource and all below it."""
    if not call.store.delete(call.owner, call.path):
        raise not_found()
    return Reply(204)


def clear_links(resource: Any) -> None:
    """Take out the address and all links that a client sent: which there are is for the server to say."""
    resource.href = None
    cls: type = type(resource)
    for field in fields_of(cls):
        if issubclass(field.type, Link):
            setattr(resource, field.name, [] if field.many else None)


def read_page(
    call: Call, cls: Callable[..., List | SubscribableList], member: str, present: Callable[[Call, str, Any], None]
) -> Reply:
    """Answer with one page of a list.

    Args:
        call: The request.
        cls: Class of the list.
        member: Its field that holds the members.
        present: Puts address and links into a member, given its path.
    """
    start, limit = call.page()
    members = []
    for path, item in call.store.page(call.owner, call.path, start, limit):
        present(call, path, item)
        members.append(item)
    total = call.store.count(call.owner, call.path)
    return Reply(200, cls(href=call.path, all=total, results=len(members), **{member: members}))
