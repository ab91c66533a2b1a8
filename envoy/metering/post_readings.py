"""Post the readings of a spool: the requests, their order, and what each response means (10.11.3).

It is a generator of requests (see ``envoy.protocol.flow``) that both clients, the dry run and tests drive::

    posted = client.run(post_readings(spool, client))
    posted = await async_client.run(post_readings(spool, async_client))

For each mirror that has readings waiting: find it, create it if it is not there, and post the readings in order.

=============  =========================================================================================================
response       what is done
=============  =========================================================================================================
2xx            the readings leave the spool
413            half as many at a time, from then on
404, 410       the mirror has expired: it is looked for, created, and the same readings are posted again
400, 409, 422  the mirror is described to the server again, in case it has forgotten a channel; then the batch is halved
               until the refused readings stand alone, which are set aside with the reason; the others go on
5xx, none      it ends for this mirror, and the next run begins with the same batch; after a lost response the batch is
               sent again once, with the same mRIDs. After too many such runs over too long a time, the batch is halved
               as above, to find the readings that the server fails on
another        it ends for this mirror, and the next run begins with the same batch
=============  =========================================================================================================

Whether a server fails on a reading or on everything shows with the next readings: only when it has accepted some of
them, and then fails on that reading again, is the reading set aside.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import PurePath

from envoy import documents
from envoy._text import show_value
from envoy.errors import EnvoyError, OperationError, ProfileError, SpoolError, TransportError
from envoy.metering.messages import MAX_IN_SET, build_message
from envoy.metering.mirror_session import MirrorSession, Peer
from envoy.metering.results import Batch, Posted, PostingError
from envoy.metering.spool import Spool
from envoy.protocol import quirks
from envoy.protocol.dialects import PROTOCOL_DIALECTS
from envoy.protocol.error_response import read_error
from envoy.protocol.flow import Flow, Request

BATCH_SIZE = 200
"""Readings in one POST, unless the server takes fewer."""

MAX_REFUSED = 20
"""Readings that are set aside before a server that accepts none is left alone."""

ATTEMPTS = 5
"""How often a server may fail on the same readings before it is sent fewer of them,"""

PATIENCE = 3600
"""and seconds for which it may."""

_NO_RESPONSE = 0


def post_readings(
    spool: Spool, client: Peer, *, batch_size: int = BATCH_SIZE, now: Callable[[], float] = time.time
) -> Flow[list[Posted]]:
    """Post what a spool holds: yield requests, take responses, return what was done for each mirror.

    A mirror whose ``postRate`` says that it is too early is left for later. What one mirror fails with does not keep
    the others from being posted, unless the server is not reached, or leaves two of them without a response.

    Args:
        spool: The readings. It is read and written while requests are under way; each takes milliseconds.
        client: Whose server it is, in which profile; it runs what this returns.
        batch_size: Readings in one POST at most.
        now: Clock, in seconds since 1970.

    Raises:
        PostingError: Readings could not be posted; they are in the spool. It has what was done besides.
        ProfileError: The profile has no metering mirror.
        SpoolError: Another program posts from the spool, or the file cannot be used.
    """
    if not PROTOCOL_DIALECTS[client.profile.dialect].linked:
        raise ProfileError(
            f"there is no metering mirror in {client.profile.name}",
            remedy="Use the profile that the server speaks today: csip-aus-1.2, csip-aus-1.3 or ieee-2018.",
        )
    if isinstance(spool, (str, PurePath)):
        raise SpoolError(f"{show_value(spool)} is not a spool", remedy=f"Pass Spool({str(spool)!r}), which opens one.")
    results: list[Posted] = []
    without_response = 0
    with spool.posting():
        for mirror in spool.mirrors.mrids(with_readings=True):
            posting = _Posting(spool, mirror, client, min(max(batch_size, 1), MAX_IN_SET), now)
            results.append(posting.result)
            try:
                yield from posting.run()
            except EnvoyError as failure:
                posting.result.error = failure
            posting.result.waiting = spool.counts(mirror).waiting
            error = posting.result.error
            without_response = without_response + 1 if isinstance(error, TransportError) else 0
            if isinstance(error, TransportError) and (without_response > 1 or not error.maybe_received):
                break
    failures = [(result.name, result.error) for result in results if result.error is not None]
    if failures:
        name, first = failures[0]
        more = f" (and {len(failures) - 1} more mirrors failed)" if len(failures) > 1 else ""
        where = f"{name}, {first.where}" if first.where else name
        raise PostingError(f"{first.what}{more}", posted=results, where=where, remedy=first.remedy) from first
    return results


class _Posting(MirrorSession):
    """The state of posting the readings of one mirror."""

    def __init__(self, spool: Spool, mirror: bytes, client: Peer, size: int, now: Callable[[], float]) -> None:
        super().__init__(spool.mirrors, mirror, client)
        self.spool = spool
        self.size = size
        self.now = now
        self.searching = False
        self.suspects: list[tuple[Batch, EnvoyError]] = []
        self.proven: set[int] = set()

    def run(self) -> Flow[None]:
        if self._is_too_early():
            return
        yield from self.establish()
        # The server may have changed its mind about how often.
        if self._is_too_early():
            return
        last_suspect = 0
        # What is suspected, and the batches before it, wait for the outcome of the next ones.
        while batch := self.spool.next_batch(self.mirror, self.size, after=last_suspect):
            yield from self._deliver(batch)
            last_suspect = self.suspects[-1][0].number if self.suspects else 0
        if self.suspects:
            raise self.suspects[-1][1]

    def _is_too_early(self) -> bool:
        known = self.mirrors.get(self.mirror)
        if known.server not in ("", self.client.base) or None in (known.post_rate, known.last_post):
            return False
        due = (known.last_post or 0) + (known.post_rate or 0)
        # A clock that was set back must not keep readings for years.
        self.result.due = due if known.last_post <= self.now() < due else None  # type: ignore[operator]
        return self.result.due is not None

    def _deliver(self, batch: Batch) -> Flow[None]:
        message = build_message(batch.entries, self.mirrors.channels(self.mirror), now=int(self.now()))
        content = documents.dumps(message, profile=self.profile, validate=self.client.validate)
        status, error = yield from self._post(content)
        if status in quirks.GONE:
            self.mirrors.clear_place(self.mirror)
            yield from self.establish()
            status, error = yield from self._post(content)
        if status in quirks.READINGS_REFUSED and not self.described_again:
            yield from self.describe_again()
            status, error = yield from self._post(content)
        if error is None:
            self._accept(batch)
        elif status == 413:
            self.size = max(1, len(batch) // 2)
            self._give_way(batch, error)
        elif status in quirks.READINGS_REFUSED:
            self._give_way(batch, error)
        elif status == _NO_RESPONSE or status >= 500:
            self._search(batch, error)
        else:
            raise error

    def _post(self, content: bytes) -> Flow[tuple[int, EnvoyError | None]]:
        """POST readings, and return the status and what is wrong, if anything is."""
        request = Request("readings", "POST", self.result.href, content)
        try:
            response = yield from self.send_idempotent(request)
        except TransportError as error:
            if not error.maybe_received:
                raise
            return _NO_RESPONSE, error
        return response.status, None if response.ok else read_error(request, response)

    def _accept(self, batch: Batch) -> None:
        self.spool.acknowledge(batch)
        self.mirrors.note_success(self.mirror)
        # The server may have recovered meanwhile, so they are posted again.
        self.proven.update(suspect.number for suspect, _ in self.suspects)
        self.suspects.clear()
        if not self.result.requests:
            self.mirrors.note_post(self.mirror, int(self.now()))
        self.result.requests += 1
        self.result.readings += len(batch)

    def _give_way(self, batch: Batch, error: EnvoyError) -> None:
        """Send half as many of what the server refuses, or set a single reading aside."""
        if len(batch) == 1 and self.result.set_aside >= MAX_REFUSED and not self.result.readings:
            raise OperationError(
                f"{error.what}; {self.result.set_aside} readings were set aside and none was accepted",
                where=error.where,
                remedy="The server seems to refuse all that comes from this mirror: ask the utility what is wrong with "
                "it. envoy spool retry puts back what was set aside.",
            )
        self._halve(batch, error)

    def _halve(self, batch: Batch, error: EnvoyError) -> None:
        if len(batch) > 1:
            self.spool.split(batch)
            return
        self.spool.set_aside(batch, error.what)
        self.result.set_aside += 1

    def _search(self, batch: Batch, error: EnvoyError) -> None:
        """End while the server may recover; when it had time for that, look which readings it fails on."""
        if not self.searching:
            self.searching = self.mirrors.note_failure(self.mirror, int(self.now()), often=ATTEMPTS, long=PATIENCE)
        if not self.searching or len(self.suspects) >= MAX_REFUSED:
            raise error
        if len(batch) > 1 or batch.number in self.proven:
            self._halve(batch, error)
        else:
            self.suspects.append((batch, error))
