"""Documents judged by a Dask cluster that is there already. Needs the extra ``dask``, here and on each worker.

The content of local files travels with the batch, so the workers need not see the disk of this machine; what a URL
names is read by the worker that judges it. Dask judges a batch again if its worker dies. A batch counts when its result
is here, and that is asked for as soon as it is there, so it is told once however often it was begun.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import logging
import pickle
import time
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from envoy._version import __version__
from envoy.checker.batching import Ahead, Batch, Result, Run, judge_batch
from envoy.checker.checker import Judge, Place
from envoy.checker.reports import Verdict
from envoy.checker.sources import Input, Source
from envoy.checker.sources.remote import is_url
from envoy.errors import EnvoyError
from envoy.xsd.schemas import schema_for

_BATCH = 0.25
"""Seconds that a batch ought to take: a scheduler needs about a millisecond for each."""

_DEEP = 3
"""Batches that each thread of the cluster has, so that it need not wait for the next."""

_WINDOW = 4
"""Batches that may be given and not told, as a multiple of those that the cluster has."""

_CONNECT = 10
"""Seconds to wait for the scheduler, and for its first worker."""

_FETCH = 30
"""Seconds to wait for a result that is there; one that is lost never comes if there is no worker to judge again."""

_PATIENCE = 60
"""Seconds to wait for workers when none is left; a cluster may start others."""

_LOAD = 8 << 20
"""Octets of one file's documents that are carried at a time."""

_LOOK = 2
"""Seconds after which to see how large the cluster is."""


class ClusterError(EnvoyError):
    """A cluster that cannot be reached, cannot judge, or is gone."""


@dataclass(frozen=True, slots=True)
class Carried:
    """Documents that have been read and are carried to the worker: all that are in a file, or a part of them."""

    name: str
    inputs: tuple[Input, ...]

    @property
    def weight(self) -> int:
        """Octets of their content."""
        return sum(len(each.data or b"") for each in self.inputs)

    def documents(self, max_size: int | None) -> Iterator[Input]:
        """Yield them."""
        yield from self.inputs


def carried(sources: Iterable[Source], max_size: int | None) -> Iterator[Place]:
    """Yield what a cluster can judge: URLs as they are, and the content of all else, read when it is asked for.

    What is in one archive or capture stays together as far as ``_LOAD`` allows, since its documents are judged by what
    the others say too.
    """
    for source in sources:
        if is_url(source.name):
            yield source
            continue
        inputs: list[Input] = []
        load = 0
        for document in source.documents(max_size):
            inputs.append(document)
            load += len(document.data or b"")
            if load > _LOAD:
                yield Carried(source.name, tuple(inputs))
                inputs, load = [], 0
        if inputs:
            yield Carried(source.name, tuple(inputs))


class Cluster:
    """A cluster, connected."""

    def __init__(self, address: str, judge: Judge) -> None:
        """Connect, and see that each worker can judge.

        Args:
            address: Of the scheduler: ``tcp://host:8786``.
            judge: How to judge.

        Raises:
            ClusterError: There is no scheduler at this address, or it has no workers, or one of them cannot judge.
        """
        self._address = address
        self._judge = judge
        self._client = _connect(address)
        self._slots = 1
        self._looked = 0.0
        self._alone_since: float | None = None
        try:
            self._check()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Cluster:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave the cluster. It goes on."""
        with contextlib.suppress(Exception):
            self._client.close(timeout=2)

    def judged(self, ahead: Ahead) -> Generator[Verdict, None, None]:
        """Judge documents; yield the verdicts in the order in which the documents were found.

        Args:
            ahead: What ``carried`` yields.

        Raises:
            ClusterError: The cluster is gone, or cannot judge. What was yielded before stands.
        """
        run = Run(self._judge, ahead, seconds=_BATCH)
        given: dict[Any, Batch] = {}
        try:
            while not run.finished:
                self._look()
                self._give(run, given)
                yield from run.tell()
                for future in self._done(given):
                    if self._take(run, future, given[future]):
                        del given[future]
        finally:
            with contextlib.suppress(Exception):
                self._client.cancel(list(given))

    def _give(self, run: Run, given: dict[Any, Batch]) -> None:
        """Give the cluster batches. One that is suspected has it for itself: Dask blames all that a dead worker had."""
        while len(given) < self._slots:
            if given and (run.suspects or any(batch.deaths for batch in given.values())):
                return
            batch = run.next(_WINDOW * self._slots)
            if batch is None:
                return
            given[self._submit(batch)] = batch

    def _submit(self, batch: Batch) -> Any:
        # Pickled here, because Dask would look for tasks of its own in all that it is given.
        work = pickle.dumps((self._judge, batch.places))
        with self._watched():
            return self._client.submit(_judge_pickled, work, pure=False)

    def _done(self, given: Iterable[Any]) -> set[Any]:
        futures = list(given)
        if not futures:
            return set()
        with self._watched(), self._client.as_current():
            try:
                return set(_distributed().wait(futures, timeout=_LOOK, return_when="FIRST_COMPLETED").done)
            except TimeoutError:
                return set()

    def _take(self, run: Run, future: Any, batch: Batch) -> bool:
        """Take back a batch that is done; return whether it is here. It is not, if its worker died with the result."""
        with self._watched():
            try:
                run.returned(batch, *future.result(timeout=_FETCH))
            except TimeoutError:
                return False
            except _distributed().KilledWorker:
                run.died(batch)
        return True

    def _look(self) -> None:
        """See how large the cluster is."""
        now = time.monotonic()
        if now - self._looked < _LOOK:
            return
        self._looked = now
        with self._watched():
            threads = sum(self._client.nthreads().values())
        self._slots = _DEEP * max(threads, 1)
        if threads:
            self._alone_since = None
        elif self._alone_since is None:
            self._alone_since = now
        elif now - self._alone_since > _PATIENCE:
            raise ClusterError("has no worker left", where=self._address, remedy=_AGAIN)

    @contextlib.contextmanager
    def _watched(self) -> Iterator[None]:
        """Make a ClusterError of whatever Dask says when a cluster is gone, or a worker cannot do its work."""
        try:
            yield
        except EnvoyError:
            raise
        except (CancelledError, OSError) as error:
            raise ClusterError("the cluster is gone", where=self._address, remedy=_AGAIN) from error
        except Exception as error:
            what = f"the cluster cannot judge: {type(error).__name__}: {error}"
            raise ClusterError(what, where=self._address, remedy=_SAME) from error

    def _check(self) -> None:
        with self._watched():
            try:
                self._client.wait_for_workers(1, timeout=_CONNECT)
            except TimeoutError:
                remedy = f"Start some: dask worker {self._address}"
                raise ClusterError("the cluster has no workers", where=self._address, remedy=remedy) from None
            versions = self._client.run(importlib.metadata.version, "envoy-client", on_error="return")
            faults = {name: _fault(version) for name, version in versions.items() if version != __version__}
            if not faults:
                compiled = self._client.run(_compile, self._judge, on_error="return")
                faults = {name: str(answer) for name, answer in compiled.items() if isinstance(answer, Exception)}
        for name, fault in faults.items():
            more = f" (and {len(faults) - 1} more workers)" if len(faults) > 1 else ""
            raise ClusterError(f"worker {name}{more}: {fault}", where=self._address, remedy=_SAME)


_AGAIN = "What was judged before is reported. Start the cluster again, or judge here, without --dask."

_SAME = (
    f"Each worker needs envoy-client {__version__} (pip install envoy-client=={__version__}), the packages that URLs"
    " need, and the file of --schema at the same path."
)


def _connect(address: str) -> Any:
    distributed = _distributed()
    # What happens is told by the errors of this module.
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        # A client that is made in vain complains again when it is collected.
        distributed.comm.get_address_host_port(address)
        return distributed.Client(address, timeout=_CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        remedy = "The scheduler prints its address as it starts: dask scheduler"
        raise ClusterError(f"no scheduler answers: {error}", where=address, remedy=remedy) from None


def _distributed() -> Any:
    try:
        return importlib.import_module("distributed")
    except ImportError:
        remedy = "pip install 'envoy-client[dask]' brings it."
        raise ClusterError("Dask is not installed", where="--dask", remedy=remedy) from None


def _fault(version: object) -> str:
    if isinstance(version, importlib.metadata.PackageNotFoundError):
        return "envoy-client is not installed there"
    return f"envoy-client there is {version}, and {__version__} here"


def _compile(judge: Judge) -> None:
    """Make ready to judge; it raises what is in the way."""
    if judge.profile is not None:
        schema_for(judge.profile)


def _judge_pickled(work: bytes) -> tuple[list[Result], float]:
    judge, places = pickle.loads(work)  # noqa: S301 - of the client, whom Dask lets run anything
    return judge_batch(judge, places)
