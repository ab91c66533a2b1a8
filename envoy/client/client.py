"""The client: protocol runs over httpx, with mutual TLS and errors that say what to do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self, TypeVar, overload

import httpx

from envoy.client.attempt import Attempt
from envoy.client.attempt import Exchange as Exchange
from envoy.client.base import BaseClient, closed_error
from envoy.client.transport_errors import FAILURES, transport_error
from envoy.protocol.flow import Flow, Request, Response, drive
from envoy.protocol.links import LeadsTo
from envoy.protocol.paging import Pages
from envoy.protocol.resources import Target
from envoy.protocol.results import Registration
from envoy.registration.site import Site
from sep2 import DeviceCapability, EndDevice, Resource, Time

T = TypeVar("T")
R = TypeVar("R", bound=Resource)


class Client(BaseClient[httpx.BaseTransport]):
    """A client of one utility server; ``BaseClient`` says what it takes.

    Use it as a context manager, or call ``close``. Several threads may use one client.
    """

    def _open(self, **options: Any) -> None:
        self._http = httpx.Client(**options)

    def register(self, site: Site, *, update: bool = False) -> Registration:
        """Register a site, or bring an existing registration up to date; running it again changes nothing.

        Args:
            site: The site.
            update: Write the EndDevice itself too where the server's differs; without it, it is left as it is.

        Returns:
            What each step did, and what the server sent that does not fit.

        Raises:
            IdentityError, EncodeError, ValidationError: The site cannot be expressed in the profile; nothing was sent.
            RegistrationError: A step failed; it has what was done before, and running it again continues from there.
        """
        return self.run(self._registration(site, update=update))

    def deregister(self, site: Site | bytes) -> bool:
        """Delete the EndDevice of a site, and with it what the server keeps below it.

        Args:
            site: The site, or its LFDI.

        Returns:
            Whether there was one to delete.

        Raises:
            ResponseError: The server does not let it be found or deleted.
            TransportError: No answer came.
        """
        return self.run(self._deregistration(site))

    def discover(self) -> DeviceCapability:
        """GET DeviceCapability, whose links say what the server offers.

        Raises:
            ResponseError: The server has none, or refuses it.
            TransportError: No answer came.
        """
        return self.run(self._access.discover())

    def time(self) -> Time:
        """GET the server's Time.

        Raises:
            EnvoyError: The server offers no TimeLink.
            ResponseError: The server refuses it.
            TransportError: No answer came.
        """
        return self.run(self._access.time())

    def end_devices(self) -> Iterator[EndDevice]:
        """Give the EndDevices that this certificate may see, and GET each page of the list when it is needed.

        The list may change between two pages: one that moves to a later page is given once.

        Raises:
            ResponseError: The server has no such list, or refuses it.
            TransportError: No answer came.
        """
        yield from self._each(self.run(self._access.end_devices()))

    @overload
    def items(self, target: Target, item: type[T]) -> Iterator[T]: ...

    @overload
    def items(self, target: Target) -> Iterator[Any]: ...

    def items(self, target: Target, item: type[Any] | None = None) -> Iterator[Any]:
        """Give the items of a list, and GET each page when it is needed.

        Args:
            target: Link to the list, such as ``der.associated_der_program_list_link``, or its href.
            item: Class of the items, such as DERProgram; None where the link tells it, at the loss of types.

        Raises:
            EnvoyError: There is no link, or it does not tell the class.
            ResponseError: The answer is no such list, or a refusal.
            TransportError: No answer came.
        """
        return self._each(self._access.pages(target, item))

    @overload
    def get(self, target: Target, cls: type[T]) -> T: ...

    @overload
    def get(self, target: LeadsTo[T] | None) -> T: ...

    @overload
    def get(self, target: R) -> R: ...

    @overload
    def get(self, target: Target) -> Any: ...

    def get(self, target: Any, cls: type[Any] | None = None) -> Any:
        """GET what a link leads to, or a resource again. A list is read to its end, and comes as one.

        Args:
            target: A link such as ``end_device.der_list_link``, a resource with an href, or an href.
            cls: Class of the resource; None where the link or the resource tells it.

        Raises:
            EnvoyError: There is no link, or it does not tell the class.
            ResponseError: The answer is no such resource, or a refusal.
            TransportError: No answer came.
        """
        return self.run(self._access.read_from(target, cls))

    def put(self, target: Target, resource: Resource) -> None:
        """PUT a resource.

        Args:
            target: Where to: a link such as ``der.der_capability_link``, a resource with an href, or an href.
            resource: What is to be there.

        Raises:
            EncodeError, ValidationError: It cannot be written in the profile; nothing was sent.
            EnvoyError: There is no link.
            ResponseError: The server refuses it.
            TransportError: No answer came.
        """
        self.run(self._access.write_to(target, resource))

    def post(self, target: Target, resource: Resource) -> str:
        """POST a new member of a list, and return its href. It is never sent again where that might make two.

        Args:
            target: Link to the list, or its href.
            resource: The new member.

        Raises:
            EncodeError, ValidationError: It cannot be written in the profile; nothing was sent.
            EnvoyError: There is no link.
            ResponseError: The server refuses it.
            TransportError: No answer came; with ``maybe_received`` look whether it is there before posting it again.
        """
        return self.run(self._access.add_to(target, resource))

    def delete(self, target: Target) -> None:
        """DELETE a resource.

        Args:
            target: A link to it, the resource itself, or its href.

        Raises:
            EnvoyError: There is no link.
            ResponseError: The server refuses it, or has it no longer (404).
            TransportError: No answer came.
        """
        self.run(self._access.remove(target))

    def run(self, flow: Flow[T]) -> T:
        """Send the requests of a protocol run and give it the responses, until it returns."""
        return drive(flow, self.send, time.sleep)

    def send(self, request: Request) -> Response:
        """Send one request and return its response, whatever its status. Redirects are followed.

        A redirected PUT or POST is sent again as what it was, never turned into a GET. What fails for a reason that may
        pass is repeated, see ``envoy.protocol.retry``.

        Raises:
            TransportError: No whole answer came, or it redirects too often or to another host.
            EnvoyError: The client is closed.
        """
        if self._http.is_closed:
            raise closed_error(request)
        return drive(self._route(request), self._send, time.sleep)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _each(self, pages: Pages) -> Iterator[Any]:
        while page := self.run(pages.next()):
            yield from page

    def _send(self, attempt: Attempt) -> Response:
        attempt.start()
        try:
            with self._http.stream(**attempt.parts) as response:
                attempt.check(response)
                for chunk in response.iter_bytes():
                    attempt.receive(chunk)
        except FAILURES as error:
            raise transport_error(attempt.request, attempt.url, error) from error
        return attempt.response(response)
