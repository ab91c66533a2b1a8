"""Connection to a Dask cluster, for validation and for fleets. Needs the extra ``dask``, here and on each worker."""

from __future__ import annotations

import contextlib
import importlib.util
import logging
from collections.abc import Iterator, Mapping
from typing import Any

from envoy._version import __version__
from envoy.errors import ClusterError

CONNECT_SECONDS = 10.0
"""Seconds to wait for the scheduler, and for its first worker."""

SAME_VERSION = f"Each worker needs envoy-client {__version__} (pip install envoy-client=={__version__})"
"""Beginning of the remedy for what a worker cannot do."""


def require_dask() -> None:
    """Raise a ClusterError if the extra ``dask`` is not installed."""
    if importlib.util.find_spec("distributed") is None:
        remedy = "pip install 'envoy-client[dask]' brings it."
        raise ClusterError("Dask is not installed", remedy=remedy)


def make_client(address: str, *, asynchronous: bool = False) -> Any:
    """Return a client of a cluster, which logs nothing: what happens is reported by exceptions.

    Args:
        address: Of the scheduler: ``tcp://host:8786``.
        asynchronous: It connects when it is awaited; otherwise it is connected.

    Raises:
        ClusterError: No scheduler is at this address.
    """
    # deferred: needs the extra
    from distributed import Client
    from distributed.comm.addressing import get_address_host_port

    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with translate_connect_errors(address):
        # A client that is made in vain complains again when it is collected.
        get_address_host_port(address)
        return Client(address, asynchronous=asynchronous, timeout=CONNECT_SECONDS, set_as_default=False)


@contextlib.contextmanager
def translate_connect_errors(address: str) -> Iterator[None]:
    """Make a ClusterError of what Dask says when no scheduler responds, or no worker has come in time."""
    try:
        yield
    except TimeoutError:
        remedy = f"Start some: dask worker {address}"
        raise ClusterError("the cluster has no workers", where=address, remedy=remedy) from None
    except (OSError, ValueError) as error:
        remedy = "The scheduler prints its address as it starts: dask scheduler"
        raise ClusterError(f"no scheduler responds: {error}", where=address, remedy=remedy) from None


def check_versions(address: str, versions: Mapping[str, object], remedy: str) -> None:
    """Check that each worker has the version of envoy-client that is here.

    Args:
        address: Of the scheduler.
        versions: By worker, what ``importlib.metadata.version`` returned there, or raised.
        remedy: What each worker needs.

    Raises:
        ClusterError: One has another, or none.
    """
    others = {name: version for name, version in versions.items() if version != __version__}
    for name, version in others.items():
        there = "is not installed there" if isinstance(version, Exception) else f"there is {version}"
        others[name] = f"envoy-client {there}, and {__version__} here"
    check_workers(address, others, remedy)


def check_workers(address: str, errors: Mapping[str, object], remedy: str) -> None:
    """Raise a ClusterError if there are workers that cannot do their work; it names the first."""
    for name, error in errors.items():
        more = f" (and {len(errors) - 1} more workers)" if len(errors) > 1 else ""
        raise ClusterError(f"worker {name}{more}: {error}", where=address, remedy=remedy)
