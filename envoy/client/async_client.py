"""The asynchronous client: the flows of ``Client`` over httpx on asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar, overload

import httpx

import sep2
from envoy.client.attempt import Attempt, Exchange
from envoy.client.base import ONCE, BaseClient
from envoy.client.connection_pool import ConnectionPool
from envoy.client.transport_errors import FAILURES, transport_error
from envoy.profiles import DEFAULT_PROFILE, Profile
from envoy.protocol.flow import Flow, Request, Response, drive_async
from envoy.protocol.links import Holds, LeadsTo
from envoy.protocol.paging import Pages
from envoy.protocol.resources import Target
from envoy.protocol.results import Registration
from envoy.registration.site import Site
from envoy.urls import proxies

if TYPE_CHECKING:
    from envoy.client.fleet_following import AsyncFleetFollowing
    from envoy.client.following import AsyncFollowing
    from envoy.der.follow.device import Device
    from envoy.der.follow.news import News
    from envoy.der.limits import Rating
    from envoy.der.modes import Values
    from envoy.der.policies import Policy
    from envoy.devices.fleet import FleetDevices
    from envoy.metering.mirror import Mirror
    from envoy.subscriptions.listener import Listener

T = TypeVar("T")
R = TypeVar("R", bound="sep2.Resource")


class AsyncClient(BaseClient):
    """A client of one utility server for asyncio.

    Each method is the one of the same name of ``Client``, takes the same and raises the same. Use it as an asynchronous
    context manager, or await ``aclose``. Many tasks may use one client.
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
        transport: httpx.AsyncBaseTransport | None = None,
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

        The parameters are those of ``Client``.

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

    _http: httpx.AsyncClient | ConnectionPool

    def _open(self, **options: Any) -> None:
        if options["transport"] is None and options["auth"] is None and not proxies():
            limit = options["limits"].max_connections
            self._http = ConnectionPool(options["verify"], options["headers"], options["timeout"], limit)
        else:
            self._http = httpx.AsyncClient(**options)

    async def register(self, site: Site, *, update: bool = False) -> Registration:
        """Register a site, or bring an existing registration up to date; running it again changes nothing."""
        return await self.run(self._registration(site, update=update))

    async def deregister(self, site: Site | bytes) -> bool:
        """Delete the EndDevice of a site, or of an LFDI, and return whether there was one to delete."""
        return await self.run(self._deregistration(site))

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
    ) -> AsyncFollowing:
        """Follow the controls of the server for a device: ``await client.follow(site, device).run()``."""
        # It takes half of all modules, which most clients do without.
        from envoy.client.follow_options import FollowOptions
        from envoy.client.following import AsyncFollowing

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
        return AsyncFollowing(self, site, device, options, self._send_once)

    def follow_fleet(
        self,
        sites: Mapping[str, Site] | Iterable[Site],
        devices: FleetDevices,
        *,
        state: str | Path | None = None,
        shard: str = "",
        policy: Policy | None = None,
        failsafe: Values | None = None,
        register: bool = True,
        keep: bool = True,
        period: float = 60.0,
        deadline: float = 5.0,
        threads: int = 8,
        in_flight: int = 20,
        on_news: Callable[[str, News], None] | None = None,
        notifications: Listener | None = None,
    ) -> AsyncFleetFollowing:
        """Follow the controls of the server for the sites of a fleet: ``await client.follow_fleet(...).run()``.

        Each site is followed as ``follow`` follows one, with a schedule and responses of its own. What they share on
        the server is read once, and the reads of all sites are spread over the period of each. Readings are not posted:
        ``Client.post_readings`` and ``envoy post`` do that.

        Args:
            sites: The sites by their names; or sites, which are named by their LFDIs in hexadecimal.
            devices: Opens the device of each site. Devices are called by a few threads, each by one at a time.
            state: Folder of what is to survive a restart, one for all sites; None to remember nothing.
            shard: Which part of a fleet the sites are, such as ``1/4``: a state is of one part. Empty for all of it.
            policy: The choices where editions and utilities differ; None for the usual ones.
            failsafe: What holds at a site as long as nothing has ever been read for it, as in ``follow``.
            register: Whether a site that is not in the server's list is registered. The PIN of one that is in the list
                is compared, and nothing of it is written; False to do neither.
            keep: Whether devices are left with their last limits at the end, instead of those of the defaults.
            period: Seconds between two looks at a device.
            deadline: Seconds that a call of a device may take before the device counts as failed.
            threads: Threads that call devices, besides those that hang.
            in_flight: Requests under way at a time; the rate of the client holds for all of them.
            on_news: Called with the name of a site and what has happened there, by the thread of the event loop; the
                name is empty for what all share.
            notifications: Where notifications come, as in ``follow``: one subscription for each resource, however many
                sites read it.

        Raises:
            SiteError, IdentityError: Something is not a site, or has another LFDI than the profile writes.
            DeviceError: A device cannot be opened.
            StateError: The state cannot be used; another process may follow with it.
        """
        from envoy.client.fleet_following import AsyncFleetFollowing
        from envoy.client.fleet_options import FleetOptions

        options = FleetOptions(
            state=state,
            shard=shard,
            policy=policy,
            failsafe=failsafe,
            register=register,
            keep=keep,
            period=period,
            deadline=deadline,
            threads=threads,
            in_flight=in_flight,
            on_news=on_news,
            notifications=notifications,
        )
        return AsyncFleetFollowing(self, sites, devices, options, self._send_once)

    async def discover(self) -> sep2.DeviceCapability:
        """GET DeviceCapability, whose links say what the server offers."""
        return await self.run(self._access.discover())

    async def time(self) -> sep2.Time:
        """GET the server's Time."""
        return await self.run(self._access.time())

    async def end_devices(self) -> AsyncIterator[sep2.EndDevice]:
        """Iterate over the EndDevices that this certificate may see; each page is read when it is needed."""
        async for device in self._each(await self.run(self._access.end_devices())):
            yield device

    @overload
    def items(self, target: Target, item: type[T]) -> AsyncIterator[T]: ...

    @overload
    def items(self, target: LeadsTo[Holds[T]] | Holds[T] | None) -> AsyncIterator[T]: ...

    @overload
    def items(self, target: Target) -> AsyncIterator[Any]: ...

    def items(self, target: Any, item: type[Any] | None = None) -> AsyncIterator[Any]:
        """Iterate over the items of a list; each page is read when it is needed."""
        return self._each(self._access.pages(target, item))

    @overload
    async def get(self, target: Target, cls: type[T]) -> T: ...

    @overload
    async def get(self, target: LeadsTo[T] | None) -> T: ...

    @overload
    async def get(self, target: R) -> R: ...

    @overload
    async def get(self, target: Target) -> Any: ...

    async def get(self, target: Any, cls: type[Any] | None = None) -> Any:
        """GET what a link leads to, or a resource again. A list is read to its end, and comes as one."""
        return await self.run(self._access.read_from(target, cls))

    async def put(self, target: Target, resource: sep2.Resource) -> None:
        """PUT a resource."""
        await self.run(self._access.write_to(target, resource))

    async def post(self, target: Target, resource: sep2.Resource) -> str:
        """POST a new member of a list, and return its href. It is never sent again where that might make two."""
        return await self.run(self._access.add_to(target, resource))

    async def delete(self, target: Target) -> None:
        """DELETE a resource."""
        await self.run(self._access.remove(target))

    async def run(self, flow: Flow[T]) -> T:
        """Run a protocol flow until it returns: send its requests and wait where it waits."""
        return await drive_async(flow, self.send, asyncio.sleep)

    async def send(self, request: Request) -> Response:
        """Send one request and return its response, whatever its status. Redirects are followed."""
        return await drive_async(self._route(request), self._send, asyncio.sleep)

    async def _send_once(self, request: Request) -> Response:
        return await drive_async(self._route(request, ONCE), self._send, asyncio.sleep)

    async def reload_certificates(self) -> None:
        """Read the files of the certificate, the key and the CA again, for all connections from now on."""
        if (before := self._renew()) is not None:
            await before.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        for http in filter(None, (self._http, self._before)):
            await http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.aclose()

    async def _each(self, pages: Pages) -> AsyncIterator[Any]:
        while page := await self.run(pages.next()):
            for item in page:
                yield item

    async def _send(self, attempt: Attempt) -> Response:
        attempt.start()
        try:
            async with asyncio.timeout(self.exchange_timeout), self._http.stream(**attempt.parts) as response:
                # A transport of the user's may have read and unpacked it already.
                whole = response.is_stream_consumed
                attempt.check(response, unpacked=whole)
                if whole:
                    attempt.receive(response.content)
                else:
                    async for chunk in response.aiter_raw():
                        attempt.receive(chunk)
                attempt.finish()
        except FAILURES as error:
            raise transport_error(attempt.request, attempt.url, error, anonymous=self._anonymous) from error
        return attempt.response(response)
