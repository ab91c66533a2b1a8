"""Run over a fleet on the workers of a Dask cluster (extra ``dask``).

The rows are sent to the workers in batches. A batch whose worker dies is done by another one, by Dask's own doing;
since nobody knows how far the first came, the second reads the list of EndDevices before it posts anything. That it is
the second it sees by an event that lives in the scheduler, which the first has set.

Certificates and keys do not travel: the workers read the files that the client names, at the same paths.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import uuid
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any, Self

import distributed

from envoy import _dask
from envoy._dask import SAME_VERSION, check_versions, make_client, translate_connect_errors
from envoy.client.async_client import AsyncClient
from envoy.errors import ClusterError, EnvoyError, ResponseError, TransportError
from envoy.fleet.attempt import Attempt, Registrar, lacks_response, untried
from envoy.fleet.concurrency import run_concurrently
from envoy.fleet.fleet_file import Fleet, Row
from envoy.fleet.fleet_run import FleetRun
from envoy.fleet.journal import Journal
from envoy.fleet.outage import LONGEST_OUTAGE, Outage
from envoy.fleet.results import SiteResult
from envoy.fleet.run_index import Index
from envoy.fleet.server_survey import survey
from envoy.protocol.end_devices import ListedDevice, ServerFacts
from envoy.registration.site import Site
from sep2 import DeviceCapability

BATCH = 100
"""Most rows of a batch: what a worker does between two reports, and what is looked for again if it dies."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows for one worker.

    Attributes:
        name: Name of the batch, which no other has.
        connection: Arguments of the worker's ``AsyncClient``.
        rows: The rows.
        capability: DeviceCapability of the server.
        listed: The EndDevices of the rows, by LFDI, as far as the list has them.
        undecided: An EndDevice of which nobody knows whose it is, empty if there is none.
        concurrency: Sites at a time.
        update: Write also the EndDevices that differ.
    """

    name: str
    connection: dict[str, Any]
    rows: list[Row]
    capability: DeviceCapability
    listed: dict[bytes, ListedDevice]
    undecided: str
    concurrency: int
    update: bool


def register_batch(batch: Batch) -> list[Attempt]:
    """Register the sites of a batch; this runs on a worker.

    Raises:
        EnvoyError: Nothing could be done, for instance because a certificate is not there.
    """
    begun = distributed.Event(batch.name)
    again = begun.is_set()
    begun.set()
    try:
        return asyncio.run(_register(batch, again=bool(again)))
    except EnvoyError as error:
        where = f"{distributed.get_worker().address}, {error.where}".removesuffix(", ")
        raise EnvoyError(error.what, where=where, remedy=error.remedy) from None


async def _register(batch: Batch, *, again: bool) -> list[Attempt]:
    async with AsyncClient(**batch.connection, max_connections=batch.concurrency) as client:
        with Index(client.profile) as index:
            known = ServerFacts(batch.capability, lambda lfdi: batch.listed.get(bytes(lfdi)), batch.undecided)
            if again:
                try:
                    known = (await survey(client, index)).known
                except (ResponseError, TransportError) as error:
                    if not lacks_response(error):
                        raise
                    # An outage of the server, which is waited for where the run is.
                    return [untried(row, row.site(client.profile), error) for row in batch.rows]
            registrar = Registrar(client, known, batch.update)

            async def register(row: Row) -> Attempt:
                return await registrar.attempt(row, row.site(client.profile))

            return [attempt async for attempt in run_concurrently(iter(batch.rows), register, batch.concurrency)]


class ClusterRun(FleetRun):
    """A ``FleetRun`` over the workers of a Dask cluster.

    Use it as an asynchronous context manager. What has to be asked once, this side asks; the sites are the workers'.

    Args:
        address: Address of the Dask scheduler, such as ``tcp://scheduler:8786``.
        connection: Arguments of the workers' ``AsyncClient``. Files it names have to be there on every worker. Its
            ``rate`` is shared out.
        client, fleet, concurrency, journal, update, outage, on_outage: As for ``FleetRun``. ``concurrency`` is that of
            each worker.
    """

    def __init__(
        self,
        address: str,
        connection: dict[str, Any],
        client: AsyncClient,
        fleet: Fleet,
        *,
        concurrency: int | None = None,
        journal: Journal | None = None,
        update: bool = False,
        outage: float = LONGEST_OUTAGE,
        on_outage: Callable[[Outage], None] | None = None,
    ) -> None:
        super().__init__(
            client,
            fleet,
            concurrency=concurrency,
            journal=journal,
            update=update,
            outage=outage,
            on_outage=on_outage,
        )
        self._address = address
        self._connection = connection
        self._name = f"envoy-{uuid.uuid4().hex}"
        self._batches = 0

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            stack.callback(self.close)
            self._dask = make_client(self._address, asynchronous=True)
            stack.push_async_callback(self._dask.close)
            with translate_connect_errors(self._address):
                await self._dask
            await self._count_workers()
            versions = await self._dask.run(importlib.metadata.version, "envoy-client", on_error="return")
            check_versions(self._address, versions, f"{SAME_VERSION}.")
            self._stack = stack.pop_all()
        return self

    async def _count_workers(self) -> int:
        """Return how many workers there are; wait for the first."""
        with translate_connect_errors(self._address):
            await self._dask.wait_for_workers(1, timeout=_dask.CONNECT_SECONDS)
        return len(self._dask.scheduler_info(n_workers=-1)["workers"])

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def _turn(self, rows: Iterator[Row]) -> AsyncGenerator[SiteResult, None]:
        workers = await self._count_workers()
        connection = dict(self._connection)
        if connection.get("rate") is not None:
            # Never more batches are under way than this, so the shares never add up to more than the whole.
            connection["rate"] /= workers
        working: set[asyncio.Task[list[Attempt]]] = set()
        more = True
        try:
            while more or working:
                while more and len(working) < workers and not self._ending:
                    broken = self._breaker.broken
                    if broken and working:
                        break
                    # In an outage one site is tried alone.
                    batch, settled = self._batch(rows, 1 if broken else BATCH)
                    for result in settled:
                        yield result
                    more = bool(batch or settled)
                    if batch and (not broken or await self._breaker.wait()):
                        working.add(asyncio.create_task(self._send(batch, connection)))
                if not working:
                    break
                done, working = await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
                # Results are given before errors.
                for task in sorted(done, key=lambda task: task.exception() is not None):
                    for attempt in task.result():
                        taken = self._settle_attempt(attempt)
                        if taken is not None:
                            yield taken
        finally:
            for task in working:
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)

    def _batch(self, rows: Iterator[Row], most: int) -> tuple[list[tuple[Row, Site]], list[SiteResult]]:
        """Return the next rows that have something to be asked, at most some, and results of those that have not."""
        begun = [(row, self._prepare(row)) for row in islice(rows, most)]
        settled = [site for _, site in begun if isinstance(site, SiteResult)]
        return [(row, site) for row, site in begun if not isinstance(site, SiteResult)], settled

    async def _send(self, sites: list[tuple[Row, Site]], connection: dict[str, Any]) -> list[Attempt]:
        assert self.survey is not None
        self._batches += 1
        listed = {bytes(site.lfdi): self._find(site.lfdi) for _, site in sites}
        batch = Batch(
            f"{self._name}-{self._batches}",
            connection,
            [row for row, _ in sites],
            self.survey.known.capability,
            {lfdi: device for lfdi, device in listed.items() if device},
            self.survey.known.undecided,
            self._concurrency,
            self._update,
        )
        self.progress.under_way += len(sites)
        future = self._dask.submit(register_batch, batch, key=batch.name, pure=False, retries=2)
        try:
            attempts: list[Attempt] = await future
        except EnvoyError:
            raise
        except distributed.KilledWorker as error:
            attempts = [_lost(row, site, error) for row, site in sites]
        except asyncio.CancelledError:
            await future.cancel()
            raise
        except Exception as error:
            if future.status in ("cancelled", "lost"):
                raise ClusterError(
                    "the Dask scheduler is gone",
                    where=self._address,
                    remedy="Run it again once it is there: sites that are done are skipped.",
                ) from error
            raise ClusterError(
                f"a worker could not do its part: {type(error).__name__}: {error}",
                where=self._address,
                remedy=f"{SAME_VERSION}, and the same Python.",
            ) from error
        finally:
            self.progress.under_way -= len(sites)
        # A scheduler that is gone by now has the event no longer; the next batch will report it.
        with suppress(OSError):
            await distributed.Event(batch.name, client=self._dask).clear()
        return attempts


def _lost(row: Row, site: Site, error: Exception) -> Attempt:
    what = ClusterError(
        "the workers that had it died one after the other",
        where=row.where,
        remedy="See their logs, and run it again: sites that are done are skipped.",
    )
    return Attempt(row.number, row.digest, SiteResult(row.where, site.lfdi, site.nmi, error=what))
