"""Dask cluster that checks sources. It is there already. Needs the extra ``dask``, here and on each worker.

The content of local files travels with the batch, so the workers need not see the disk of this machine; what a URL
names is read by the worker that checks it. Dask checks a batch again if its worker dies. A batch counts when its result
is here, and that is asked for as soon as it is there, so it is reported once however often it was begun.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import pickle
import time
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import Any

import distributed

from envoy import _dask
from envoy._dask import SAME_VERSION, check_versions, check_workers, make_client, translate_connect_errors
from envoy._sqlite import Closing
from envoy.checker.batching import Batch, BatchSchedule, Result, SourceQueue, check_batch
from envoy.checker.checker import Checker, Source
from envoy.checker.reports import Verdict
from envoy.checker.sources import Document, FileSource
from envoy.checker.sources.remote import is_url
from envoy.errors import ClusterError, EnvoyError
from envoy.xsd.schemas import schema_for

_BATCH = 0.25
"""Seconds that a batch ought to take: a scheduler needs about a millisecond for each."""

_DEEP = 3
"""Batches that each thread of the cluster has, so that it need not wait for the next."""

_WINDOW = 4
"""Batches that may be given and not reported, as a multiple of those that the cluster has."""

_FETCH = 30
"""Seconds to wait for a result that is there; one that is lost never comes if there is no worker to check again."""

_PATIENCE = 60
"""Seconds to wait for workers when none is left; a cluster may start others."""

_LOAD = 8 << 20
"""Octets of one file's documents that travel at a time."""

_LOOK = 2
"""Seconds between two looks at the size of the cluster."""


@dataclass(frozen=True, slots=True)
class LoadedSource:
    """Source whose documents have been read and travel to the worker: all that are in a file, or a part of them."""

    name: str
    inputs: tuple[Document, ...]

    @property
    def weight(self) -> int:
        """Octets of their content."""
        return sum(len(each.data or b"") for each in self.inputs)

    def read(self, max_size: int | None) -> Iterator[Document]:
        """Yield them."""
        yield from self.inputs


def load_sources(sources: Iterable[FileSource], max_size: int | None) -> Iterator[Source]:
    """Yield what a cluster can check: URLs as they are, and the content of all else, read when it is asked for.

    What is in one archive or capture stays together as far as ``_LOAD`` allows, since some rules compare its documents.
    """
    for source in sources:
        if is_url(source.name):
            yield source
            continue
        inputs: list[Document] = []
        load = 0
        for document in source.read(max_size):
            inputs.append(document)
            load += len(document.data or b"")
            if load > _LOAD:
                yield LoadedSource(source.name, tuple(inputs))
                inputs, load = [], 0
        if inputs:
            yield LoadedSource(source.name, tuple(inputs))


class Cluster(Closing):
    """A cluster, connected."""

    def __init__(self, address: str, checker: Checker) -> None:
        """Connect, and see that each worker can check.

        Args:
            address: Of the scheduler: ``tcp://host:8786``.
            checker: How to check.

        Raises:
            ClusterError: There is no scheduler at this address, or it has no workers, or one of them cannot check.
        """
        self._address = address
        self._checker = checker
        self._client = make_client(address)
        self._slots = 1
        self._looked = 0.0
        self._alone_since: float | None = None
        try:
            self._check()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Leave the cluster. It goes on."""
        with contextlib.suppress(Exception):
            self._client.close(timeout=2)

    def check_sources(self, queue: SourceQueue) -> Generator[Verdict, None, None]:
        """Check sources; yield the verdicts in the order in which the sources were found.

        Args:
            queue: The sources, of ``load_sources``.

        Raises:
            ClusterError: The cluster is gone, or cannot check. What was yielded before stands.
        """
        schedule = BatchSchedule(self._checker, queue, seconds=_BATCH)
        given: dict[Any, Batch] = {}
        try:
            while not schedule.is_finished:
                self._measure()
                self._submit_batches(schedule, given)
                yield from schedule.take_verdicts()
                for future in self._done(given):
                    if self._take(schedule, future, given[future]):
                        del given[future]
        finally:
            with contextlib.suppress(Exception):
                self._client.cancel(list(given))

    def _submit_batches(self, schedule: BatchSchedule, given: dict[Any, Batch]) -> None:
        """Give the cluster batches. A suspect has it for itself: Dask blames all that a dead worker had."""
        while len(given) < self._slots:
            if given and (schedule.has_suspects or any(batch.deaths for batch in given.values())):
                return
            batch = schedule.next_batch(_WINDOW * self._slots)
            if batch is None:
                return
            given[self._submit(batch)] = batch

    def _submit(self, batch: Batch) -> Any:
        # Pickled here, because Dask would look for tasks of its own in all that it is given.
        work = pickle.dumps((self._checker, batch.sources))
        with self._translate_errors():
            return self._client.submit(_check_pickled, work, pure=False)

    def _done(self, given: Iterable[Any]) -> set[Any]:
        futures = list(given)
        if not futures:
            return set()
        with self._translate_errors(), self._client.as_current():
            try:
                return set(distributed.wait(futures, timeout=_LOOK, return_when="FIRST_COMPLETED").done)
            except TimeoutError:
                return set()

    def _take(self, schedule: BatchSchedule, future: Any, batch: Batch) -> bool:
        """Take back a batch that is done; return whether it is here. It is not, if its worker died with the result."""
        with self._translate_errors():
            try:
                schedule.add_results(batch, *future.result(timeout=_FETCH))
            except TimeoutError:
                return False
            except distributed.KilledWorker:
                schedule.add_death(batch)
        return True

    def _measure(self) -> None:
        """Count the threads of the cluster."""
        now = time.monotonic()
        if now - self._looked < _LOOK:
            return
        self._looked = now
        with self._translate_errors():
            threads = sum(self._client.nthreads().values())
        self._slots = _DEEP * max(threads, 1)
        if threads:
            self._alone_since = None
        elif self._alone_since is None:
            self._alone_since = now
        elif now - self._alone_since > _PATIENCE:
            raise ClusterError("has no worker left", where=self._address, remedy=_RESTART)

    @contextlib.contextmanager
    def _translate_errors(self) -> Iterator[None]:
        """Make a ClusterError of whatever Dask says when a cluster is gone, or a worker cannot do its work."""
        try:
            yield
        except EnvoyError:
            raise
        except (CancelledError, OSError) as error:
            raise ClusterError("the cluster is gone", where=self._address, remedy=_RESTART) from error
        except Exception as error:
            what = f"the cluster cannot validate: {type(error).__name__}: {error}"
            raise ClusterError(what, where=self._address, remedy=_REQUIREMENTS) from error

    def _check(self) -> None:
        with self._translate_errors():
            with translate_connect_errors(self._address):
                self._client.wait_for_workers(1, timeout=_dask.CONNECT_SECONDS)
            versions = self._client.run(importlib.metadata.version, "envoy-client", on_error="return")
            check_versions(self._address, versions, _REQUIREMENTS)
            loaded = self._client.run(_load_schema, self._checker, on_error="return")
            errors = {name: error for name, error in loaded.items() if isinstance(error, Exception)}
            check_workers(self._address, errors, _REQUIREMENTS)


_RESTART = "What was validated before is reported. Start the cluster again, or do without one."

_REQUIREMENTS = f"{SAME_VERSION}, the packages that URLs need, and the file of the schema at the same path."


def _load_schema(checker: Checker) -> None:
    """Load the schema; it raises what is in the way."""
    if checker.profile is not None:
        schema_for(checker.profile)


def _check_pickled(work: bytes) -> tuple[list[Result], float]:
    checker, sources = pickle.loads(work)  # noqa: S301 - of the client, whom Dask lets run anything
    return check_batch(checker, sources)
