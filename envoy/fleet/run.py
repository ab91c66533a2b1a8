"""The registration of a fleet: its rows are checked, the server is surveyed, and sites are registered many at a time.

A site is registered by the same protocol run as a single one (``envoy.registration``), which is told what is known of
the server. Where that is not enough, because the answer to a POST was lost or the server says 409, the site is put
aside; the list is read again once all others are done, and what was put aside has another turn. So nothing is posted
without looking first, and the list is read once for all and not once for each.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Container, Iterator
from dataclasses import dataclass

from envoy.async_client import AsyncClient
from envoy.errors import EnvoyError, FleetError, RegistrationError, ResponseError, SiteError, TransportError
from envoy.exchange import Flow
from envoy.fleet.index import Index
from envoy.fleet.journal import Journal
from envoy.fleet.results import SiteResult
from envoy.fleet.rows import Fleet, Row
from envoy.fleet.survey import Survey, survey
from envoy.messages import Messages
from envoy.registration import compare, register
from envoy.results import Registration
from envoy.site import Site

MAX_TURNS = 10
"""Most turns that a site may have."""

_IN_VAIN = 3
"""Turns in a row in which no site came through, after which there is no further one."""

_ASIDE = 10_000
"""Most sites that are put aside at a time. A server that has so many of them wrong will not mend."""

_BREAK = 100
"""Rows that are checked before others have their turn: a progress bar, a signal."""


@dataclass(slots=True)
class Progress:
    """How far a run is.

    Attributes:
        checked: Rows that were checked.
        rows: Rows of the fleet; 0 until all are checked.
        under_way: Sites that are being registered now.
        turn: Which turn of the sites it is, from 1; 0 before the first.
    """

    checked: int = 0
    rows: int = 0
    under_way: int = 0
    turn: int = 0


class FleetRun:
    """One run over a fleet; ``register_fleet`` is the short way.

    Call ``check``, then iterate over ``results``. Use it as a context manager, or call ``close``.

    Args:
        client: A client of the server.
        fleet: The fleet. Its profile has to be that of the client.
        concurrency: Sites that are registered at a time; each takes one connection.
        journal: What earlier runs did; None to do without.
        update: Believe no journal, and write also the EndDevices that differ.
        writes: Register the sites; otherwise only compare them with what the server has.

    Attributes:
        progress: How far it is.
        survey: What is known of the server; None before it was asked.
    """

    def __init__(
        self,
        client: AsyncClient,
        fleet: Fleet,
        *,
        concurrency: int = 20,
        journal: Journal | None = None,
        update: bool = False,
        writes: bool = True,
    ) -> None:
        if client.profile != fleet.profile:
            raise EnvoyError(
                f"the fleet was opened in the profile {fleet.profile.name}, the client speaks {client.profile.name}",
                remedy="Give both the same profile.",
            )
        self._client = client
        self._fleet = fleet
        self._concurrency = concurrency
        self._journal = journal
        self._update = update
        self._writes = writes
        self._index = Index(fleet.profile)
        self._stopping = False
        self._aside: dict[int, SiteResult] = {}
        self._breaker = _Breaker(2 * concurrency)
        self.progress = Progress()
        self.survey: Survey | None = None

    async def check(self) -> int:
        """Check every row, and return how many there are. Nothing is sent.

        Raises:
            SiteError: The file cannot be read.
            FleetError: Rows cannot be registered; all of them are told.
        """
        bad: list[EnvoyError] = []
        for row in self._fleet.rows():
            self.progress.checked += 1
            if self.progress.checked % _BREAK == 0:
                await asyncio.sleep(0)
            if (fault := self._fault(row)) is not None:
                bad.append(fault)
        if bad:
            raise FleetError(bad, self.progress.checked, where=str(self._fleet.path))
        self.progress.rows = self.progress.checked
        return self.progress.rows

    def _fault(self, row: Row) -> EnvoyError | None:
        try:
            site = row.site(self._fleet.profile)
        except SiteError as error:
            return error
        why = self._index.add_row(site.lfdi, site.nmi, row.where, row.digest)
        if why:
            return SiteError(why, where=row.where)
        try:
            Messages.of(site, self._fleet.profile, now=0, validate=self._client.validate)
        except EnvoyError as error:
            return SiteError(str(error).replace("\n", "\n  "), where=row.where)
        return None

    async def results(self) -> AsyncIterator[SiteResult]:
        """Register all sites, and give the result of each as it comes, in no order.

        Raises:
            ResponseError, TransportError: DeviceCapability or the list of EndDevices cannot be read.
            EnvoyError: The server does not answer any more. What is not done is found by running it again.
        """
        only: Container[int] | None = None
        unsure, in_vain = True, 0
        while True:
            self.progress.turn += 1
            if unsure:
                self.survey = await survey(self._client, self._index)
            in_vain += 1
            async for result in self._turn(self._fleet.rows(only)):
                in_vain = 0
                yield result
            if in_vain == _IN_VAIN or not self._aside or self._stopping or self._breaker.broken:
                break
            # Where only what is below an EndDevice failed, the list has nothing new to tell.
            unsure = any(not result.href for result in self._aside.values())
            only, self._aside = frozenset(self._aside), {}
        for result in self._aside.values():
            yield result
        self._breaker.check()

    def stop(self) -> None:
        """Begin no more sites; those under way are finished, and ``results`` ends after them."""
        self._stopping = True

    @property
    def stopping(self) -> bool:
        """Whether ``stop`` was called."""
        return self._stopping

    @property
    def aside(self) -> int:
        """Sites that were put aside until the list is read again."""
        return len(self._aside)

    async def _turn(self, rows: Iterator[Row]) -> AsyncIterator[SiteResult]:
        done: asyncio.Queue[SiteResult | None] = asyncio.Queue(self._concurrency)
        failures: list[Exception] = []

        async def work() -> None:
            for row in rows:
                if self._stopping or self._breaker.broken:
                    break
                result = await self._settle(row)
                if result is not None:
                    await done.put(result)

        async def work_all() -> None:
            try:
                async with asyncio.TaskGroup() as group:
                    for _ in range(self._concurrency):
                        group.create_task(work())
            except ExceptionGroup as group_of:
                failures.append(group_of.exceptions[0])
            await done.put(None)

        working = asyncio.create_task(work_all())
        try:
            while (result := await done.get()) is not None:
                yield result
            if failures:
                raise failures[0]
        finally:
            working.cancel()
            await asyncio.wait([working])

    async def _settle(self, row: Row) -> SiteResult | None:
        """Return the result of a site, None if it was put aside."""
        try:
            site = self._checked(row)
        except EnvoyError as error:
            return SiteResult(row.where, b"", error=error)
        assert self.survey is not None
        href = self._index.href_of(site.lfdi)
        if href and self._journal and not self._update and self._journal.done(site.lfdi, row.digest) == href:
            return SiteResult(row.where, site.lfdi, site.nmi, href, done_before=True)
        flow = self._flow(site, self.survey)
        self.progress.under_way += 1
        try:
            registration = await self._client.run(flow)
        except RegistrationError as error:
            self._breaker.failed(error)
            href = error.registration.href
            if href:
                self._index.add_device(site.lfdi, href)
            failed = SiteResult(row.where, site.lfdi, site.nmi, href, error.registration, error)
            return failed if not self._put_aside(row, failed, error) else None
        finally:
            self.progress.under_way -= 1
        self._breaker.worked()
        self._note(site, row, registration)
        return SiteResult(row.where, site.lfdi, site.nmi, registration.href, registration)

    def _flow(self, site: Site, survey: Survey) -> Flow[Registration]:
        profile, entry, known = self._client.profile, self._client.entry, survey.known
        if not self._writes:
            return compare(site, profile, entry=entry, known=known)
        # What the schema has to say was said when the row was checked.
        return register(site, profile, entry=entry, validate=False, known=known, update=self._update)

    def _checked(self, row: Row) -> Site:
        site = row.site(self._fleet.profile)
        if self._index.digest_of(site.lfdi) != row.digest:
            raise SiteError("was changed since it was checked", where=row.where, remedy="Run it again.")
        return site

    def _put_aside(self, row: Row, failed: SiteResult, error: RegistrationError) -> bool:
        if self.progress.turn >= MAX_TURNS or len(self._aside) >= _ASIDE or not _may_pass(error):
            return False
        self._aside[row.number] = failed
        return True

    def _note(self, site: Site, row: Row, registration: Registration) -> None:
        if self._journal is None:
            return
        if registration.faults:
            # What the server did not keep is looked at again.
            self._journal.remove(site.lfdi)
        else:
            self._journal.add(site.lfdi, row.digest, registration.href)

    def extra_devices(self) -> Iterator[tuple[bytes, str]]:
        """Return LFDI and href of the EndDevices in the list that no row describes, the client's own included."""
        return self._index.extra_devices()

    def close(self) -> None:
        """Remove what the run kept for itself. The client and the journal are the caller's."""
        self._index.close()

    def __enter__(self) -> FleetRun:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _may_pass(error: RegistrationError) -> bool:
    """Whether a site may come through once the list was read again."""
    cause = error.__cause__
    if isinstance(cause, ResponseError):
        unsure = error.step == "end-device" and (cause.status in (404, 409) or 200 <= cause.status < 300)
        return unsure or cause.status >= 500 or cause.status == 429
    return isinstance(cause, TransportError)


class _Breaker:
    """Ends a run when the server does not answer any more, instead of trying each site in vain."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._count = 0
        self._last: RegistrationError | None = None

    @property
    def broken(self) -> bool:
        return self._count >= self._limit

    def worked(self) -> None:
        self._count = 0

    def failed(self, error: RegistrationError) -> None:
        cause = error.__cause__
        if isinstance(cause, TransportError) or (isinstance(cause, ResponseError) and cause.status >= 500):
            self._count += 1
            self._last = error
        else:
            self._count = 0

    def check(self) -> None:
        if self.broken and self._last is not None:
            raise EnvoyError(
                f"the last {self._count} sites had no answer from the server, so the others were not tried: "
                f"{self._last.what}",
                where=self._last.where,
                remedy="Run it again once the server answers: what was done will be found and not repeated.",
            )


async def register_fleet(
    client: AsyncClient,
    fleet: Fleet,
    *,
    concurrency: int = 20,
    journal: Journal | None = None,
    update: bool = False,
) -> AsyncIterator[SiteResult]:
    """Register the sites of a fleet, and give the result of each as it comes; running it again changes nothing.

    Every row is checked before anything is sent. A site that fails has its error in its result, and stops no other::

        async with AsyncClient("https://utility.example", cert=cert, key=key, ca=ca) as client:
            async for result in register_fleet(client, Fleet("fleet.csv")):
                print(result.lfdi.hex(), result.state, result.error or "")

    Args:
        client: A client of the server. Its ``rate`` and ``max_connections`` hold for all sites together.
        fleet: The fleet. Its profile has to be that of the client.
        concurrency: Sites that are registered at a time; each takes one connection.
        journal: What earlier runs did; None to do without.
        update: Believe no journal, and write also the EndDevices that differ.

    Raises:
        SiteError: The file cannot be read.
        FleetError: Rows cannot be registered; all of them are told, and nothing was sent.
        ResponseError, TransportError: DeviceCapability or the list of EndDevices cannot be read.
        EnvoyError: The server does not answer any more.
    """
    with FleetRun(client, fleet, concurrency=concurrency, journal=journal, update=update) as run:
        await run.check()
        async for result in run.results():
            yield result
