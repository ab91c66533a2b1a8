"""Run over a fleet: check its rows, survey the server, and register sites, many at a time.

A site is registered by the same protocol run as a single one (``envoy.registration``), with what is known of the server
already. Where that is not enough, because the response to a POST was lost or the server says 409, the site is deferred:
the list is read again once all others are done, and deferred sites have another turn. So nothing is posted without
looking first, and the list is read once for all and not once for each. In an outage of the server, all sites wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Container, Iterator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from itertools import takewhile
from pathlib import PurePath
from types import NoneType

from envoy._sqlite import Closing
from envoy._text import show_value
from envoy.client.async_client import AsyncClient
from envoy.errors import EnvoyError, FleetError, JournalError, ResponseError, SiteError, TransportError
from envoy.fleet.attempt import Attempt, Registrar, lacks_response
from envoy.fleet.concurrency import run_concurrently
from envoy.fleet.fleet_file import Fleet, Row
from envoy.fleet.journal import Journal
from envoy.fleet.outage import LONGEST_OUTAGE, Breaker, Outage
from envoy.fleet.results import SiteResult, State
from envoy.fleet.run_index import Index
from envoy.fleet.server_survey import Survey, survey
from envoy.protocol.end_devices import ListedDevice
from envoy.registration.messages import Messages
from envoy.registration.site import Site

MAX_TURNS = 20
"""Most turns that a site may have."""

_MAX_IDLE_TURNS = 5
"""Turns in a row without a result, after which there is no further one. Each waits longer than the one before."""

_MAX_DEFERRED = 10_000
"""Most deferred sites. A server that has that many of them wrong will not recover."""

_KEPT_ERRORS = 1000
"""Most bad rows whose errors are kept; others are counted."""

_YIELD_EVERY = 100
"""Rows that are checked before other tasks run: a progress bar, a signal."""


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


class FleetRun(Closing):
    """One run over a fleet; ``register_fleet`` is the short way.

    Call ``check``, then iterate over ``results``. Use it as a context manager, or call ``close``.

    Args:
        client: A client of the server.
        fleet: The fleet. Its profile has to be that of the client.
        concurrency: Sites that are registered at a time; None for one on each connection of the client.
        journal: What earlier runs did; None to do without.
        update: Believe no journal, and write also the EndDevices that differ.
        writes: Register the sites; otherwise only compare them with what the server has.
        outage: Seconds to wait for the server if it does not respond any more in the middle; 0 to end at once.
        on_outage: Called when such a wait begins, and when the outage is over.

    Attributes:
        progress: How far it is.
        survey: What is known of the server; None before it was asked.

    Raises:
        EnvoyError: Fleet and client differ in their profiles, or a number cannot be used.
    """

    def __init__(
        self,
        client: AsyncClient,
        fleet: Fleet,
        *,
        concurrency: int | None = None,
        journal: Journal | None = None,
        update: bool = False,
        writes: bool = True,
        outage: float = LONGEST_OUTAGE,
        on_outage: Callable[[Outage], None] | None = None,
    ) -> None:
        if not isinstance(fleet, Fleet):
            given = f"{str(fleet)!r}, client.profile" if isinstance(fleet, (str, PurePath)) else "path"
            raise SiteError(f"{show_value(fleet)} is not a Fleet", remedy=f"Pass Fleet({given}).")
        if not isinstance(journal, (Journal, NoneType)):
            remedy = "Pass Journal(path, client.base, client.profile)."
            raise JournalError(f"{show_value(journal)} is not a Journal", remedy=remedy)
        if client.profile != fleet.profile:
            raise EnvoyError(
                f"the fleet was opened in the profile {fleet.profile.name}, the client speaks {client.profile.name}",
                remedy="Give both the same profile.",
            )
        if concurrency is not None and concurrency < 1:
            raise EnvoyError(f"{concurrency} sites at a time", remedy="Give a concurrency of 1 or more.")
        self._client = client
        self._fleet = fleet
        self._concurrency = concurrency or client.max_connections
        self._journal = journal
        self._update = update
        self._writes = writes
        self._stopping = asyncio.Event()
        self._deferred: dict[int, Attempt] = {}
        self._breaker = Breaker(client, 2 * self._concurrency, outage, self._stopping, on_outage)
        self._trial = asyncio.Lock()
        self._index = Index(fleet.profile)
        self.progress = Progress()
        self.survey: Survey | None = None

    async def check(self) -> int:
        """Check every row, and return how many there are. Nothing is sent.

        Raises:
            SiteError: The file cannot be read, or has no sites.
            FleetError: Rows cannot be registered; all of them are counted, and those alike summed up.
        """
        bad: list[EnvoyError] = []
        count = 0
        for row in self._fleet.rows():
            self.progress.checked += 1
            if self.progress.checked % _YIELD_EVERY == 0:
                await asyncio.sleep(0)
            # Nobody reads what the others are like.
            if (error := self._check_row(row, suggest=count < _KEPT_ERRORS)) is not None:
                count += 1
                if len(bad) < _KEPT_ERRORS:
                    # The frames of a traceback would keep the row and more.
                    bad.append(error.with_traceback(None))
        if bad:
            raise FleetError(bad, self.progress.checked, where=str(self._fleet.path), bad=count)
        if not self.progress.checked:
            part = "" if self._fleet.shard is None else f" in shard {self._fleet.shard}"
            remedy = "See that it is the right file." if not part else "It may have fewer sites than there are shards."
            raise SiteError(f"has no sites{part}", where=str(self._fleet.path), remedy=remedy)
        self.progress.rows = self.progress.checked
        return self.progress.rows

    def _check_row(self, row: Row, *, suggest: bool) -> EnvoyError | None:
        try:
            site = row.site(self._fleet.profile, suggest=suggest)
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

    async def results(self) -> AsyncGenerator[SiteResult, None]:
        """Register all sites, and give the result of each as it comes, in no order.

        Who stops in the middle closes it (``contextlib.aclosing``), which ends what is under way.

        Raises:
            ProfileError: The server speaks another edition of CSIP-AUS; nothing was written.
            ResponseError, TransportError: DeviceCapability or the list of EndDevices cannot be read.
            EnvoyError: The server does not respond any more. The next run goes on from there.
        """
        only: Container[int] | None = None
        unsure, idle_turns = True, 0
        while True:
            self.progress.turn += 1
            if unsure:
                try:
                    await self._read_list()
                except EnvoyError:
                    for attempt in self._deferred.values():
                        yield attempt.result
                    raise
            if self._ending:
                break
            if self.progress.turn > 1:
                only = frozenset(self._deferred)
            idle_turns += 1
            async with aclosing(self._turn(self._fleet.rows(only))) as results:
                async for result in results:
                    idle_turns = 0
                    yield result
            if idle_turns and all(attempt.no_response for attempt in self._deferred.values()):
                # Too few sites to be an outage by themselves.
                error = await self._breaker.look()
                if error is not None and await self._breaker.wait(error):
                    idle_turns = 0
            if idle_turns == _MAX_IDLE_TURNS or not self._deferred or self._ending:
                break
            with suppress(TimeoutError):
                async with asyncio.timeout(idle_turns):
                    await self._stopping.wait()
            if self._ending:
                break
            unsure = any(attempt.unsure for attempt in self._deferred.values())
        for attempt in self._deferred.values():
            yield attempt.result
        self._breaker.check()

    async def _read_list(self) -> None:
        """Survey the server; after the first turn, wait for it if it does not respond."""
        while True:
            try:
                self.survey = await survey(self._client, self._index, self._find, writes=self._writes)
            except (ResponseError, TransportError) as error:
                if self.progress.turn == 1 or not lacks_response(error):
                    raise
                if await self._breaker.wait(error):
                    continue
                if not self.stopping:
                    raise
            else:
                self._breaker.href = self.survey.known.capability.href or self._breaker.href
                self._breaker.note_list()
            return

    def stop(self) -> None:
        """Begin no more sites; those under way are finished, and ``results`` ends after them."""
        self._stopping.set()

    @property
    def stopping(self) -> bool:
        """Whether ``stop`` was called."""
        return self._stopping.is_set()

    @property
    def deferred(self) -> int:
        """Sites that are deferred until the list is read again."""
        return len(self._deferred)

    async def _turn(self, rows: Iterator[Row]) -> AsyncGenerator[SiteResult, None]:
        """Give each row its turn; a deferred one has no result, nor has one that waits when the run ends."""
        begun = takewhile(lambda _: not self._ending, rows)
        async with aclosing(run_concurrently(begun, self._register, self._concurrency)) as results:
            async for result in results:
                yield result

    async def _register(self, row: Row) -> SiteResult | None:
        site = self._prepare(row)
        if isinstance(site, SiteResult):
            return site
        if self._breaker.broken:
            async with self._trial:
                # The one that was first may have had a response meanwhile, which lets all others go on.
                if self._breaker.broken:
                    return await self._attempt(row, site) if await self._breaker.wait() else None
        return await self._attempt(row, site)

    async def _attempt(self, row: Row, site: Site) -> SiteResult | None:
        assert self.survey is not None
        registrar = Registrar(self._client, self.survey.known, self._update, self._writes)
        self.progress.under_way += 1
        try:
            attempt = await registrar.attempt(row, site)
        finally:
            self.progress.under_way -= 1
        return self._settle_attempt(attempt)

    @property
    def _ending(self) -> bool:
        return self.stopping or self._breaker.ended

    def _prepare(self, row: Row) -> Site | SiteResult:
        """Return the site of a row, or its result if nothing has to be sent for it."""
        try:
            site = row.site(self._fleet.profile)
            if self._index.digest_of(site.lfdi) != row.digest:
                raise SiteError("was changed since it was checked", where=row.where, remedy="Run it again.")
        except SiteError as error:
            return SiteResult(row.where, b"", error=error)
        listed = self._index.find(site.lfdi)
        href = listed.href if listed else ""
        if href and self._journal and not self._update and self._journal.done(site.lfdi, row.digest) == href:
            return SiteResult(row.where, site.lfdi, site.nmi, href, done_before=True)
        return site

    def _find(self, lfdi: bytes) -> ListedDevice | None:
        """Return the EndDevice of a site as the list has it, and whether the server refuses to change it."""
        found, digest = self._index.find(lfdi), self._index.digest_of(lfdi)
        if found is None or self._journal is None or not self._update or digest is None:
            return found
        return found._replace(fixed=self._journal.refused(lfdi, digest) == found.href)

    def _settle_attempt(self, attempt: Attempt) -> SiteResult | None:
        """Take what an attempt came to into account, and return its result, None if it is deferred."""
        self._breaker.note(attempt)
        result = attempt.result
        if result.href:
            self._index.add_device(result.lfdi, None, result.href)
        if self._has_another_turn(attempt):
            self._deferred[attempt.number] = attempt
            return None
        self._deferred.pop(attempt.number, None)
        if self._journal is not None and result.registration is not None and result.error is None:
            if result.state is State.REFUSED:
                self._journal.add_refused(result.lfdi, attempt.digest, result.href)
            if result.registration.findings or result.registration.deviations:
                # What the server did not keep is looked at again.
                self._journal.remove(result.lfdi)
            else:
                self._journal.add(result.lfdi, attempt.digest, result.href)
        return result

    def _has_another_turn(self, attempt: Attempt) -> bool:
        if not attempt.transient or self.progress.turn >= MAX_TURNS:
            return False
        if len(self._deferred) >= _MAX_DEFERRED and attempt.number not in self._deferred:
            return False
        # In a second turn the list was read after the 409 of the first: the LFDI is somebody else's.
        contradicted = attempt.unsure and not attempt.no_response
        return not (contradicted and self.progress.turn > 1)

    def extra_devices(self, own: bytes | None = None) -> Iterator[tuple[bytes, str]]:
        """Return LFDI and href of the EndDevices in the list that no row describes. One without an LFDI has b"".

        Args:
            own: LFDI of the client, whose own EndDevice is left out; None to include it.
        """
        return self._index.extra_devices(own)

    def close(self) -> None:
        """Remove what the run kept for itself. The client and the journal are the caller's."""
        self._index.close()


async def register_fleet(
    client: AsyncClient,
    fleet: Fleet,
    *,
    concurrency: int | None = None,
    journal: Journal | None = None,
    update: bool = False,
    outage: float = LONGEST_OUTAGE,
) -> AsyncIterator[SiteResult]:
    """Register the sites of a fleet, and give the result of each as it comes; running it again changes nothing.

    Every row is checked before anything is sent. A site that fails has its error in its result, and stops no other::

        async with AsyncClient("https://utility.example", cert=cert, key=key, ca=ca) as client:
            async for result in register_fleet(client, Fleet("fleet.csv")):
                print(result.lfdi.hex(), result.state, result.error or "")

    Args:
        client: A client of the server. Its ``rate`` and ``max_connections`` hold for all sites together.
        fleet: The fleet. Its profile has to be that of the client.
        concurrency: Sites that are registered at a time; None for one on each connection of the client.
        journal: What earlier runs did; None to do without.
        update: Believe no journal, and write also the EndDevices that differ.
        outage: Seconds to wait for the server if it does not respond any more in the middle; 0 to end at once.

    Raises:
        SiteError: The file cannot be read.
        FleetError: Rows cannot be registered; all of them are reported, and nothing was sent.
        ResponseError, TransportError: DeviceCapability or the list of EndDevices cannot be read.
        EnvoyError: The server does not respond any more.
    """
    with FleetRun(client, fleet, concurrency=concurrency, journal=journal, update=update, outage=outage) as run:
        await run.check()
        async with aclosing(run.results()) as results:
            async for result in results:
                yield result
