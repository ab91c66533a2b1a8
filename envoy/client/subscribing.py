"""Subscribing by a client: its subscriptions, with the secret of their paths from the run before, and their end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from envoy.client.base import BaseClient
from envoy.errors import EnvoyError
from envoy.protocol.flow import Flow
from envoy.protocol.session import Session
from envoy.subscriptions.listener import Listener
from envoy.subscriptions.notification_paths import NotificationPaths
from envoy.subscriptions.subscriptions import Rediscover, Refresh, Subscriptions
from envoy.tls.expiry import read_own

SECRET = "notifications"  # noqa: S105  # the name of one
"""What the secret of the notification paths is kept under in a state."""

END_SECONDS = 10.0
"""Seconds that deleting the subscriptions at the end may take; those that are left, servers forget after 36 hours."""


class KeepsFacts(Protocol):
    """Keeps plain data under names, as ``StateFile`` does."""

    def get(self, name: str) -> Any:
        """Return what was kept under a name; None if that is nothing."""

    def put(self, name: str, value: Any) -> None:
        """Keep plain data under a name."""


def open_subscriptions(
    client: BaseClient,
    listener: Listener,
    state: KeepsFacts | None,
    *,
    session: Session,
    clock: Callable[[], float],
    refresh: Refresh,
    rediscover: Rediscover,
    wake: Callable[[], object],
) -> Subscriptions:
    """Return the subscriptions of a client, which are to be connected to the listener.

    Args:
        client: The client.
        listener: Where notifications come.
        state: Keeps the secret of the notification paths; None for a new one in each run.
        session: Keeps what is odd.
        clock: Returns the time in seconds since 1970.
        refresh: Has a resource read again.
        rediscover: Has everything read again.
        wake: Called by any thread when there is something to do at the server.

    Raises:
        EnvoyError: The public URL of the listener is not one.
    """
    saved = None if state is None else state.get(SECRET)
    paths = NotificationPaths(listener.public_url, bytes.fromhex(saved) if isinstance(saved, str) else None)
    if state is not None and paths.secret.hex() != saved:
        state.put(SECRET, paths.secret.hex())
    return Subscriptions(
        session,
        paths,
        owner=find_lfdi(client),
        clock=clock,
        refresh=refresh,
        rediscover=rediscover,
        wake=wake,
    )


def find_lfdi(client: BaseClient) -> bytes | None:
    """Return the LFDI of the certificate of a client; None if it has none that can be read."""
    cert, key = client.certificate
    try:
        return None if cert is None else read_own(cert, key)[0].lfdi
    except EnvoyError:
        return None


def end_subscriptions(
    subscriptions: Subscriptions, clock: Callable[[], float], note: Callable[[str], None]
) -> Flow[None]:
    """Delete all subscriptions, as far as that takes no longer than ``END_SECONDS``."""
    until = clock() + END_SECONDS
    flow = subscriptions.end()
    try:
        wanted = next(flow)
        while clock() < until:
            wanted = flow.send((yield wanted))
        note("some subscriptions were not deleted in time: the server forgets them after 36 hours")
    except StopIteration:
        return
    except EnvoyError as error:
        note(f"{error.where}: {error.what}; subscriptions are left, which the server forgets after 36 hours")
    finally:
        flow.close()
