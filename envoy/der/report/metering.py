"""The metering of a device that is followed: its samples become readings, wait in a spool, and are posted.

It posts one request at a time, so that responses, reports and polls of the follower come between them. Whatever is
wrong with the spool or with what was measured is noted, and ends nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from envoy.der.follow.duties import Duty
from envoy.der.follow.news import News, Reported
from envoy.der.follow.polling.polls import choose_rate
from envoy.der.follow.worker import MOST_SAMPLES
from envoy.der.follow.worker import Sample as DeviceSample
from envoy.der.report.averages import MINUTE, Averages
from envoy.errors import EnvoyError, ResponseError, TransportError
from envoy.metering.mirror import Mirror
from envoy.metering.post_readings import post_readings
from envoy.metering.reading import Entry, Sample, encode_sample
from envoy.metering.results import Posted, PostingError
from envoy.metering.spool import Spool
from envoy.profiles import Profile
from envoy.protocol.flow import Flow, Request, Wait, get_href
from envoy.protocol.paging import Pages
from envoy.protocol.retry import grow_pause
from envoy.protocol.session import Session
from sep2 import DeviceCapability, MirrorUsagePointList, RoleFlagsType

STEP = "metering"

USUAL_POST_RATE = 300
"""Seconds between two posts of a mirror for which neither the server nor its description has any."""

FIRST_PAUSE = 30
"""Seconds after which readings are posted again that the server failed to take; they double each time."""

LONGEST_PAUSE = 300

NEVER = float("inf")


@dataclass(slots=True)
class _Peer:
    """The server, as posting has to know it; see ``envoy.metering.mirror_session.Peer``."""

    profile: Profile
    base: str
    entry: str | None = None
    validate: bool = True


class Metering(Duty):
    """Keeps and posts the readings of a device.

    Args:
        session: Reads the list of mirrors, and keeps what is odd.
        spool: The readings; nobody else posts from it meanwhile.
        mirrors: What is measured: at the site, or at the DER where the roles say ``IS_DER``.
        base: The server: scheme, host and port; it is another mirror on another server.
        clock: Returns the time in seconds since 1970.
        get_offset: Returns the seconds that the server's time is ahead of the clock; None as long as that is not known.
        publish: Called with news.

    Raises:
        ReadingsError: The spool has readings of a channel that meant something else.
        SpoolError: The spool cannot be used.
    """

    def __init__(
        self,
        session: Session,
        spool: Spool,
        mirrors: Sequence[Mirror],
        *,
        base: str = "",
        clock: Callable[[], float],
        get_offset: Callable[[], float | None] = lambda: 0,
        publish: Callable[[News], None] = lambda _: None,
    ) -> None:
        self._session = session
        self._spool = spool
        self._clock = clock
        self._get_offset = get_offset
        self._publish = publish
        self._peer = _Peer(session.profile, base)
        self._averages = [Averages(mirror) for mirror in mirrors]
        for mirror in mirrors:
            spool.mirrors.describe(mirror)
        self._samples: deque[DeviceSample] = deque(maxlen=MOST_SAMPLES)
        self._closed: float | None = None
        self._list_href = ""
        self._list_rate: int | None = None
        self._list_due = NEVER
        # What was not posted before a restart is, as soon as there is contact.
        self._post_due = 0.0 if spool.mirrors.mrids(with_readings=True) else NEVER
        self._failures = 0
        self._run: Flow[list[Posted]] | None = None
        self._wanted: Request | Wait = Wait(0)

    def note_capability(self, capability: DeviceCapability) -> None:
        """Take over where the server has its mirrors."""
        self._peer.entry = get_href(capability) or None
        href = get_href(capability.mirror_usage_point_list_link)
        if href != self._list_href:
            self._list_href, self._list_due = href, self._clock() if href else NEVER

    def note_samples(self, samples: Sequence[DeviceSample]) -> None:
        """Take what a device has measured. It waits until the server's time is known, by which the minutes count."""
        self._samples.extend(samples)
        offset = self._get_offset()
        if offset is None:
            return
        for time, readings in [self._samples.popleft() for _ in range(len(self._samples))]:
            for averages in self._averages:
                at_der = RoleFlagsType.IS_DER in averages.mirror.role_flags
                averages.add(time + offset, readings.der if at_der else readings.site)

    def note_contact(self) -> None:
        """Note that contact was regained: readings that could not be posted are posted at once."""
        if self._failures:
            self._post_due, self._failures = self._clock(), 0

    @property
    def due(self) -> float:
        """When there is something to do; infinite if there is nothing. Without a list of mirrors nothing is posted."""
        return min(self._list_due, self._find_close(), self._post_due if self._list_href else NEVER)

    def send(self) -> Flow[None]:
        """Do what is due: make readings of what was measured, and send one request."""
        if self._find_close() <= self._clock():
            self._close_periods()
        if self._run is None and self._list_due <= self._clock():
            yield from self._read_list()
        elif self._list_href and self._post_due <= self._clock():
            yield from self._post()

    def close(self) -> None:
        """End what is being posted; the readings stay in the spool."""
        if self._run is not None:
            self._run.close()
            self._run = None

    # Readings

    def _server_time(self) -> float:
        return self._clock() + (self._get_offset() or 0)

    def _find_period(self, mirror: Mirror) -> int:
        """Return the seconds that a reading of a mirror covers: the time between two posts, in full minutes."""
        known = self._spool.mirrors.get(mirror.mrid)
        if not known.href:
            # It is made with the first reading, and then the server says how often it wants them.
            return MINUTE
        rate = known.post_rate or mirror.post_rate or USUAL_POST_RATE
        return max(MINUTE, choose_rate(rate) // MINUTE * MINUTE)

    def _find_close(self) -> float:
        """Return when the next minute has passed, by the clock."""
        if self._get_offset() is None:
            return NEVER
        minute = self._server_time() // MINUTE
        # The server's clock may have been set back.
        return 0.0 if minute != self._closed else (minute + 1) * MINUTE - (self._get_offset() or 0)

    def _close_periods(self) -> None:
        """Have the readings of all periods that have ended kept in the spool."""
        now = self._server_time()
        self._closed = now // MINUTE
        try:
            # One transaction for all mirrors: each writes to the disk.
            entries = [
                (averages.mirror, entry)
                for averages in self._averages
                for entry in self._encode(averages.mirror, averages.close(now, self._find_period(averages.mirror)))
            ]
            if entries:
                self._spool.put_entries(entries)
        except EnvoyError as error:
            self._session.note(f"readings were lost: {error}")
            return
        # A pause after a failure is kept.
        if entries and self._post_due == NEVER:
            self._post_due = self._clock()

    def _encode(self, mirror: Mirror, samples: Iterable[Sample]) -> Iterator[Entry]:
        for sample in samples:
            try:
                yield encode_sample(sample, mirror)
            except EnvoyError as error:
                self._session.note(f"a reading of {mirror.name} was left out: {error.where}: {error.what}")

    # Requests

    def _read_list(self) -> Flow[None]:
        """Read the list of mirrors, which says how often the server wants readings of each."""
        began = self._clock()
        pages = Pages(self._session, STEP, self._list_href, MirrorUsagePointList)
        try:
            found = yield from pages.read_all()
        except (ResponseError, TransportError) as error:
            self._session.note(f"{error.where}: {error.what}")
        else:
            self._list_rate = pages.last.poll_rate
            rates = {each.mrid: each.post_rate for each in found if each.mrid is not None}
            self._note_rates(rates)
        self._list_due = began + choose_rate(self._list_rate)

    def _note_rates(self, rates: dict[bytes, int | None]) -> None:
        try:
            for averages in self._averages:
                known = self._spool.mirrors.get(averages.mirror.mrid)
                rate = rates.get(averages.mirror.mrid, known.post_rate)
                if rate == known.post_rate or not known.href:
                    continue
                self._spool.mirrors.set_place(averages.mirror.mrid, known.server, known.href, rate, ())
                # Periods end sooner now, or later.
                self._closed = None
                if not self._failures and self._post_due != NEVER:
                    self._post_due = self._clock()
        except EnvoyError as error:
            self._session.note(f"the post rates were not kept: {error}")

    def _post(self) -> Flow[None]:
        """Send the next request of what is posted."""
        try:
            if self._run is None:
                self._run = post_readings(self._spool, self._peer, now=self._server_time)
                self._wanted = next(self._run)
            try:
                response = yield self._wanted
            except TransportError as error:
                self._wanted = self._run.throw(error)
            else:
                self._wanted = self._run.send(response)
        except StopIteration as stop:
            self._settle(stop.value)
        except PostingError as error:
            self._settle(error.posted, error)
        except EnvoyError as error:
            self._settle([], error)

    def _settle(self, results: Sequence[Posted], error: EnvoyError | None = None) -> None:
        """Note what was posted, and plan when to post again."""
        self._run = None
        now = self._clock()
        for result in results:
            if result.readings:
                self._publish(
                    Reported(
                        time=now,
                        resource="MirrorMeterReading",
                        href=result.href,
                        detail=f"{result.readings} readings of {result.name}",
                    )
                )
            for finding in result.findings:
                self._session.note(finding)
        if error is not None:
            self._session.note(f"{error.where}: {error.what}")
            self._post_due = now + grow_pause(self._failures, FIRST_PAUSE, LONGEST_PAUSE)
            self._failures += 1
            return
        self._failures = 0
        offset = self._get_offset() or 0
        # Of those that it was too early for; what has come meanwhile is posted at the end of the next period.
        self._post_due = min((result.due - offset for result in results if result.due is not None), default=NEVER)
