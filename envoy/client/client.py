"""The synchronous client: protocol flows over httpx, with mutual TLS and errors that say what to do."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar, overload

import httpx

import sep2
from envoy.client.attempt import Attempt
from envoy.client.attempt import Exchange as Exchange
from envoy.client.base import ONCE, BaseClient
from envoy.client.network import Transport, time_limit
from envoy.client.transport_errors import FAILURES, transport_error
from envoy.profiles import DEFAULT_PROFILE, Profile
from envoy.protocol.flow import Flow, Request, Response, drive
from envoy.protocol.links import Holds, LeadsTo
from envoy.protocol.paging import Pages
from envoy.protocol.resources import Target
from envoy.protocol.results import Registration
from envoy.registration.site import Site

if TYPE_CHECKING:
    from envoy.client.following import Following
    from envoy.der.follow.device import Device
    from envoy.der.follow.news import News
    from envoy.der.limits import Rating
    from envoy.der.modes import Values
    from envoy.der.policies import Policy
    from envoy.metering.mirror import Mirror
    from envoy.subscriptions.listener import Listener

T = TypeVar("T")
R = TypeVar("R", bound="sep2.Resource")


class Client(BaseClient):
    """A client of one utility server.

    Use it as a context manager, or call ``close``. Several threads may use one client.
    """

    def __init__(
        self,
        url: str,
        *,
        cert: str | Path | None = None,
        key: str | Path | None = None,
        ca: str | Path | None = None,
        profile: str | Profile = DEFAULT_PROFILE,
        check_hostname: bool = True,
        headers: Mapping[str, str] | None = None,
        auth: httpx.Auth | None = None,
        transport: httpx.BaseTransport | None = None,
        timeout: float = 30.0,
        connect_timeout: float = 10.0,
        exchange_timeout: float = 120.0,
        max_connections: int = 20,
        retries: int = 3,
        max_wait: float = 60.0,
        rate: float | None = None,
        validate: bool = True,
        allow_other_hosts: bool = False,
        on_exchange: Callable[[Exchange], None] | None = None,
        on_error: Callable[[str], None] | None = None,
    ) -> None:
        """Prepare a client; the first request connects.

        Args:
            url: The server: ``https://host:port``; a path in it is that of DeviceCapability.
            cert: PEM file with the client's certificate.
            key: PEM file with its private key; None if it is in ``cert``.
            ca: PEM file with the CA of the server; None for those of the system.
            profile: How messages look on the wire: a name of ``PROFILES`` or a Profile.
            check_hostname: Whether the server's certificate must name the host; its chain is verified either way.
            headers: Further headers for every request, such as ``{"X-Token": "..."}`` for a local server without TLS.
            auth: Any httpx authentication.
            transport: An httpx transport to use instead of the network; which then has its own TLS settings.
            timeout: Seconds to wait for each part of a response.
            connect_timeout: Seconds to wait for a connection, and for TLS on it; never longer than ``timeout``.
            exchange_timeout: Seconds that sending a request once and reading its response may take in all, the wait for
                a free connection included.
            max_connections: Connections at a time, all of which are kept for the next request.
            retries: How many times to retry a request after a transient failure; 0 for never.
            max_wait: Longest delay before a retry, in seconds. A longer Retry-After is not honoured.
            rate: Requests per second at most, retries included and evenly spaced; None for no limit.
            validate: Validate what is sent by the profile's schema before sending it.
            allow_other_hosts: Follow links and redirects to other hosts, which then get the certificate and headers.
            on_exchange: Called with each Exchange as it happens, retries included.
            on_error: Called with a description of each value in a response that does not fit, which is then left out;
                None to raise a ResponseError at the first. A registration reports them in its result instead.

        Raises:
            EnvoyError: The URL, a number or a file cannot be used.
            ProfileError: There is no such profile.
        """
        super().__init__(
            url,
            cert=cert,
            key=key,
            ca=ca,
            profile=profile,
            check_hostname=check_hostname,
            headers=headers,
            auth=auth,
            transport=transport,
            timeout=timeout,
            connect_timeout=connect_timeout,
            exchange_timeout=exchange_timeout,
            max_connections=max_connections,
            retries=retries,
            max_wait=max_wait,
            rate=rate,
            validate=validate,
            allow_other_hosts=allow_other_hosts,
            on_exchange=on_exchange,
            on_error=on_error,
        )

    _http: httpx.Client

    def _open(self, **options: Any) -> None:
        if options["transport"] is None:
            options["transport"] = Transport(options["verify"], options["limits"].max_connections)
        self._http = httpx.Client(**options)

    def register(self, site: Site, *, update: bool = False) -> Registration:
        """Register a site, or bring an existing registration up to date; running it again changes nothing.

        Args:
            site: The site.
            update: Write the EndDevice itself too where the server's differs; without it, it is left as it is.

        Returns:
            What each step did, and the findings in what the server sent.

        Raises:
            IdentityError, EncodeError, ValidationError: The profile cannot express the site; nothing was sent.
            RegistrationError: A step failed; run it again to continue from there.
        """
        return self.run(self._registration(site, update=update))

    def deregister(self, site: Site | bytes) -> bool:
        """Delete the EndDevice of a site, and with it what the server keeps below it.

        Args:
            site: The site, or its LFDI.

        Returns:
            Whether there was one to delete.

        Raises:
            ResponseError: The server refuses to find or delete it.
            TransportError: There is no response.
        """
        return self.run(self._deregistration(site))

    def follow(
        self,
        site: Site,
        device: Device,
        *,
        state: str | Path | None = None,
        policy: Policy | None = None,
        failsafe: Values | None = None,
        rating: Rating | None = None,
        mirrors: Sequence[Mirror] | None = None,
        keep: bool = True,
        period: float = 5.0,
        deadline: float = 5.0,
        on_news: Callable[[News], None] | None = None,
        notifications: Listener | None = None,
    ) -> Following:
        """Follow the controls of the server for a device: ``client.follow(site, device).run()`` does so until ``stop``.

        The site is registered first, and again if its EndDevice is gone. What the server wants is given to the device
        in the second in which it comes to hold, with or without contact, and responded to when the device has taken
        it. Its settings, status, alarms and readings are reported at the rates that the server asks for. Failures are
        not retried as other requests are: what fails is sent again when it is due.

        Args:
            site: The site; the server's PIN has to be its PIN, if it has one.
            device: What does it. It is called in a thread of its own.
            state: Folder of what is to survive a restart, made if there is none; None to remember nothing.
            policy: The choices where editions and utilities differ; None for the usual ones.
            failsafe: What holds as long as nothing has ever been read of a server, by the names of modes, powers in W:
                ``{"opModExpLimW": Decimal(1500)}``.
            rating: What the device is able to do; None for what the DERs of the site say.
            mirrors: What is measured and posted; none if it is empty, and None for what CSIP-AUS wants monitored, if
                there is a PEN for the mRIDs: the LFDI ends in it, or it is the maker's (``mf_id``).
            keep: Whether the device is left with its last limits at the end, instead of those of the defaults.
            period: Seconds between two looks at the device.
            deadline: Seconds that a call of the device may take before the device counts as failed.
            on_news: Called with what happens, by the thread that follows; see ``envoy.der.follow.news``.
            notifications: Where notifications come, a ``NotificationListener``: what is read is subscribed to, and read
                again when it changes; None to poll alone.

        Raises:
            IdentityError, EncodeError, ValidationError: The profile cannot express the site.
            StateError, SpoolError: The state cannot be used; another process may follow with it.
            ReadingsError: The state has readings of channels that meant something else.
        """
        # It takes half of all modules, which most clients do without.
        from envoy.client.follow_options import FollowOptions
        from envoy.client.following import Following

        options = FollowOptions(
            state=state,
            policy=policy,
            failsafe=failsafe,
            rating=rating,
            mirrors=mirrors,
            keep=keep,
            period=period,
            deadline=deadline,
            on_news=on_news,
            notifications=notifications,
        )
        return Following(self, site, device, options, self._send_once)

    def discover(self) -> sep2.DeviceCapability:
        """GET DeviceCapability, whose links say what the server offers.

        Raises:
            ResponseError: The server has none, or refuses it.
            TransportError: There is no response.
        """
        return self.run(self._access.discover())

    def time(self) -> sep2.Time:
        """GET the server's Time.

        Raises:
            EnvoyError: The server offers no TimeLink.
            ResponseError: The server refuses it.
            TransportError: There is no response.
        """
        return self.run(self._access.time())

    def end_devices(self) -> Iterator[sep2.EndDevice]:
        """Iterate over the EndDevices that this certificate may see; each page is read when it is needed.

        The list may change between two pages: one that moves to a later page comes once.

        Raises:
            ResponseError: The server has no such list, or refuses it.
            TransportError: There is no response.
        """
        yield from self._each(self.run(self._access.end_devices()))

    @overload
    def items(self, target: Target, item: type[T]) -> Iterator[T]: ...

    @overload
    def items(self, target: LeadsTo[Holds[T]] | Holds[T] | None) -> Iterator[T]: ...

    @overload
    def items(self, target: Target) -> Iterator[Any]: ...

    def items(self, target: Any, item: type[Any] | None = None) -> Iterator[Any]:
        """Iterate over the items of a list; each page is read when it is needed.

        Args:
            target: Link to the list, such as ``der.associated_der_program_list_link``, or its href.
            item: Class of the items, such as DERProgram; None if the link leads to a list of one class.

        Raises:
            EnvoyError: There is no link, or it leads to any class.
            ResponseError: The response is not such a list, or a refusal.
            TransportError: There is no response.
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
            cls: Class of the resource; None if the link leads to one class, or for a resource.

        Raises:
            EnvoyError: There is no link, or it leads to any class.
            ResponseError: The response is not such a resource, or a refusal.
            TransportError: There is no response.
        """
        return self.run(self._access.read_from(target, cls))

    def put(self, target: Target, resource: sep2.Resource) -> None:
        """PUT a resource.

        Args:
            target: The place: a link such as ``der.der_capability_link``, a resource with an href, or an href.
            resource: The new content.

        Raises:
            EncodeError, ValidationError: The profile cannot express it; nothing was sent.
            EnvoyError: There is no link.
            ResponseError: The server refuses it.
            TransportError: There is no response.
        """
        self.run(self._access.write_to(target, resource))

    def post(self, target: Target, resource: sep2.Resource) -> str:
        """POST a new member of a list, and return its href. It is never sent again where that might make two.

        Args:
            target: Link to the list, or its href.
            resource: The new member.

        Raises:
            EncodeError, ValidationError: The profile cannot express it; nothing was sent.
            EnvoyError: There is no link.
            ResponseError: The server refuses it.
            TransportError: There is no response; if ``maybe_received``, look whether it is there before posting again.
        """
        return self.run(self._access.add_to(target, resource))

    def delete(self, target: Target) -> None:
        """DELETE a resource.

        Args:
            target: A link to it, the resource itself, or its href.

        Raises:
            EnvoyError: There is no link.
            ResponseError: The server refuses it, or has it no longer (404).
            TransportError: There is no response.
        """
        self.run(self._access.remove(target))

    def run(self, flow: Flow[T]) -> T:
        """Run a protocol flow until it returns: send its requests and wait where it waits."""
        return drive(flow, self.send, time.sleep)

    def send(self, request: Request) -> Response:
        """Send one request and return its response, whatever its status. Redirects are followed.

        A redirected PUT or POST is sent again as it was, never turned into a GET. Transient failures are retried, see
        ``envoy.protocol.retry``.

        Raises:
            TransportError: There is no whole response, or it redirects too often or to another host.
            EnvoyError: The client is closed.
        """
        return drive(self._route(request), self._send, time.sleep)

    def _send_once(self, request: Request) -> Response:
        return drive(self._route(request, ONCE), self._send, time.sleep)

    def reload_certificates(self) -> None:
        """Read the files of the certificate, the key and the CA again, for all connections from now on.

        Requests that are under way go on.

        Raises:
            EnvoyError: A file is missing or cannot be used, or the client has a transport of its own; all stays as it
                was.
        """
        if (before := self._renew()) is not None:
            before.close()

    def close(self) -> None:
        """Close the connections."""
        for http in filter(None, (self._http, self._before)):
            http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _each(self, pages: Pages) -> Iterator[Any]:
        while page := self.run(pages.next()):
            yield from page

    def _send(self, attempt: Attempt) -> Response:
        attempt.start()
        try:
            with time_limit(self.exchange_timeout), self._http.stream(**attempt.parts) as response:
                # A transport of the user's may have read and unpacked it already.
                whole = response.is_stream_consumed
                attempt.check(response, unpacked=whole)
                for chunk in (response.content,) if whole else response.iter_raw():
                    attempt.receive(chunk)
                attempt.finish()
        except FAILURES as error:
            raise transport_error(attempt.request, attempt.url, error, anonymous=self._anonymous) from error
        return attempt.response(response)
