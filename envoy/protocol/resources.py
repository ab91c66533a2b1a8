"""Typed access to single resources and lists, as flows that both clients drive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import sep2
from envoy import documents
from envoy._text import printable, shorten, show_value
from envoy.bindings.base import ComplexType
from envoy.errors import LONGEST_LINE, EncodeError, EnvoyError, OperationError, ResponseError
from envoy.profiles import Profile
from envoy.protocol.discovery import discover, end_device_list
from envoy.protocol.flow import Flow, Request, Response, get_href
from envoy.protocol.links import is_list, items_attribute, list_class, resource_class
from envoy.protocol.paging import Pages
from envoy.protocol.session import Session

Target: TypeAlias = "sep2.Link | sep2.Resource | str | None"
"""What can be read or written: a link, a resource that has an href, or an href. None is an absent link."""

_STEP = "access"
_RESOURCE = "Pass an object of a class of sep2; loads() makes one of a document, and register() takes a Site."


class Access(Session):
    """Reads and writes resources in one profile.

    Args:
        profile: How messages look on the wire.
        entry: Path of DeviceCapability; None for the usual one.
        validate: Validate what is written by the profile's schema.
        on_error: Called with each value that does not fit, which is left out; None to raise at the first.
    """

    def __init__(
        self, profile: Profile, entry: str | None, *, validate: bool, on_error: Callable[[str], None] | None
    ) -> None:
        super().__init__(profile, strict=on_error is None)
        self._entry = entry
        self._validate = validate
        self._on_error = on_error

    def note(self, text: str) -> None:
        if self._on_error is not None:
            self._on_error(shorten(printable(text), LONGEST_LINE))

    def report_incomplete(self, error: ResponseError) -> None:
        if self._on_error is None:
            raise error
        self.note(f"{error.where}: {error.what}")

    def discover(self) -> Flow[sep2.DeviceCapability]:
        return (yield from discover(self, self._entry, _STEP))

    def time(self) -> Flow[sep2.Time]:
        capability = yield from self.discover()
        return (yield from self.get(_STEP, _href(capability.time_link, "TimeLink"), sep2.Time))

    def end_devices(self) -> Flow[Pages]:
        capability = yield from self.discover()
        return self._pages(end_device_list(capability), sep2.EndDeviceList)

    def pages(self, target: Target, item: type[Any] | None) -> Pages:
        return self._pages(_href(target), _class_of(target) if item is None else list_class(item))

    def read_from(self, target: Target, cls: type[Any] | None) -> Flow[Any]:
        """GET the resource of a target; of a list all pages, as one list."""
        href, cls = _href(target), cls or _class_of(target)
        if not isinstance(cls, type):
            raise EnvoyError(f"{show_value(cls)} is not a class", remedy="Pass a class of sep2, such as EndDevice.")
        if not is_list(cls) or "?" in href:
            return (yield from self.get(_STEP, href, cls))
        pages = self._pages(href, cls)
        items = yield from pages.read_all()
        whole = pages.last
        setattr(whole, items_attribute(cls), items)
        whole.results = len(items)
        return whole

    def write_to(self, target: Target, resource: Any) -> Flow[None]:
        yield from self._send("PUT", _href(target), resource)

    def add_to(self, target: Target, resource: Any) -> Flow[str]:
        href = _href(target)
        response = yield from self._send("POST", href, resource)
        if not response.location:
            raise ResponseError(
                f"the server responded with {response.status} without a Location",
                status=response.status,
                where=f"POST {href}",
                remedy="It may have been created: look before posting it again.",
            )
        return response.location

    def remove(self, target: Target) -> Flow[None]:
        yield from self._send("DELETE", _href(target), None)

    def _send(self, method: str, href: str, resource: Any) -> Flow[Response]:
        if method != "DELETE" and not isinstance(resource, ComplexType):
            raise EncodeError(f"{show_value(resource)} is not a resource", remedy=_RESOURCE)
        content = None if resource is None else documents.dumps(resource, profile=self.profile, validate=self._validate)
        return (yield from self.send(Request(_STEP, method, href, content)))

    def _pages(self, href: str, cls: type[Any]) -> Pages:
        return Pages(self, _STEP, href, cls)


def _href(target: Target, name: str = "link") -> str:
    if target is not None and not isinstance(target, str) and not hasattr(target, "href"):
        raise EnvoyError(
            f"{show_value(target)} is not a link",
            remedy="Pass a link such as end_device.der_list_link, a resource that has an href, or an href as text.",
        )
    href = target if isinstance(target, str) else get_href(target)
    if not href:
        found = name if target is None or isinstance(target, str) else type(target).__name__
        raise OperationError(
            f"the server offers no {found}" if target is None else f"the {found} has no href",
            remedy="A server leaves out the links to what it does not offer: see whether there is one before using it.",
        )
    return href


def _class_of(target: Target) -> type[Any]:
    if isinstance(target, sep2.Link):
        return resource_class(type(target))
    if isinstance(target, sep2.Resource):
        return type(target)
    raise EnvoyError(
        f"what is at {target} is not known",
        remedy="Give the class of the resource as well: client.get(href, EndDevice).",
    )
