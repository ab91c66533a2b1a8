"""What is done beside following a fleet: its file and the certificates are watched, and signals are obeyed."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from envoy.cli.follow.command_news import Reloaded, Warned
from envoy.cli.follow.fleet.fleet_display import FleetDisplay
from envoy.cli.follow.fleet.fleet_news import FleetChanged, SiteFailed, SiteNews
from envoy.cli.follow.fleet.fleet_retries import Retries
from envoy.cli.follow.fleet.fleet_setup import FleetSetup
from envoy.cli.follow.fleet.fleet_view import FleetView
from envoy.errors import EnvoyError
from envoy.fleet.roster import Entry, Roster, RosterChanges
from envoy.tls.expiry import ExpiryWatch, find_expiries

if TYPE_CHECKING:
    from envoy.client.async_client import AsyncClient
    from envoy.client.fleet_following import AsyncFleetFollowing
    from envoy.server.notification_listener import NotificationListener

_LOG = logging.getLogger("envoy.cli")

PERIOD = 2.0
"""Seconds between two looks at whether the file of the fleet has changed."""

_SHARE = 0.02
"""How much of its time it takes for that at most: a folder may have thousands of files."""

_AT_ONCE = 20
"""Sites that are added before the others have their turn."""

_LONGEST_PAUSE = 300.0
"""Seconds between two looks at most, if they fail."""

_FILE = ""
"""Stands for the file of the fleet among what has failed; the keys of sites are not empty."""


class FleetAttendant:
    """Adds and removes sites, does what signals ask for, and watches the certificates.

    Args:
        setup: What is followed.
        client: The client.
        following: The following.
        listener: Where notifications come; None for nowhere.
        display: Shows what is done.
        view: What is known.

    Attributes:
        reason: The name of the signal that ended it; empty as long as none did.
    """

    def __init__(
        self,
        setup: FleetSetup,
        client: AsyncClient,
        following: AsyncFleetFollowing,
        listener: NotificationListener | None,
        display: FleetDisplay,
        view: FleetView,
    ) -> None:
        self.reason = ""
        self._listener = listener
        self._setup = setup
        self._client = client
        self._following = following
        self._display = display
        self._view = view
        self._loop = asyncio.get_running_loop()
        self._reading = asyncio.Lock()
        self._to_reload = False
        self._sites: dict[str, Entry] = {}
        self._retries = Retries()
        self._leaving: set[str] = set()
        self._watch = ExpiryWatch([])
        self._read_expiries()

    def begin(self) -> None:
        """Follow the sites that the fleet has at the start.

        Raises:
            EnvoyError: None of them can be followed.
        """
        roster = self._setup.roster
        self._view.left_out = len(roster.errors)
        with self._following.adding():
            errors = [error for key, entry in roster.sites.items() if (error := self._add(key, entry)) is not None]
        if errors and len(errors) == len(roster.sites):
            raise errors[0]

    # Signals, in their thread

    def end(self, signal: str) -> None:
        """End it."""
        self.reason = signal
        self._following.stop()

    def reload(self) -> None:
        """Read the certificates and the fleet again. What cannot be used is left as it is.

        The signal for that is also the one for a terminal that has gone, which ends it.
        """
        if self._display.hung_up:
            self.end("SIGHUP")
        elif not self._to_reload:
            # Of signals that come faster than all is read, the last will do.
            self._to_reload = True
            asyncio.run_coroutine_threadsafe(self._reload(), self._loop)

    def look(self) -> None:
        """Warn of certificates that expire."""
        for text in self._watch.look(datetime.now(UTC)):
            self._warn(text)

    # The event loop

    async def watch(self) -> None:
        """Follow the sites that the fleet has, until it is cancelled: whenever its file has changed, or it is time to
        try again what has failed.
        """
        pause = PERIOD
        while True:
            await asyncio.sleep(pause)
            began = time.monotonic()
            try:
                changed = await asyncio.to_thread(self._setup.file.look)
                pause = max(PERIOD, (time.monotonic() - began) / _SHARE)
                await self.attend(changed=changed)
            except Exception as error:  # what nobody has thought of must not end the watching
                pause = min(2 * pause, _LONGEST_PAUSE)
                self._note_unexpected(error)

    async def attend(self, *, changed: bool = False) -> None:
        """Do what is to be done now.

        Args:
            changed: Whether the file of the fleet has changed.
        """
        due = self._retries.find_due(self._display.now())
        async with self._reading:
            if changed or _FILE in due:
                await self._take_over()
            await self._try_again(due)
        self._part()

    async def _reload(self) -> None:
        try:
            async with self._reading:
                self._to_reload = False
                self._retries.hurry()
                await self._reload_certificates()
                await self._take_over()
                await self._try_again(self._retries.find_due(self._display.now()))
        except Exception as error:  # nobody waits for this to end
            self._note_unexpected(error)
        self._following.hurry()

    def _note_unexpected(self, error: Exception) -> None:
        _LOG.exception("the fleet was not attended to")
        self._warn(f"the fleet was not attended to, which is tried again: {type(error).__name__}: {error}")

    async def _reload_certificates(self) -> None:
        try:
            await self._client.reload_certificates()
            if self._listener is not None:
                self._listener.reload_certificates()
        except EnvoyError as error:
            self._warn(f"the certificates were not read again: {error.where}: {error.what}")
        else:
            self._read_expiries()
            first = min((each.ends for each in self._view.expiries), default=None)
            self._display.take(Reloaded(time=self._display.now(), expires=first))
            self.look()

    async def _take_over(self) -> None:
        """Read the file of the fleet, and follow what it says; if it cannot be read, what it said before."""
        try:
            roster = await asyncio.to_thread(self._setup.file.read)
            _check(roster)
            await self._take(roster)
        except EnvoyError as error:
            self._note_file_error(f"{error.where}: {error.what}")
        except Exception as error:
            _LOG.exception("the fleet was not taken over")
            self._note_file_error(f"{type(error).__name__}: {error}")
        else:
            self._retries.forget([_FILE])
            self._view.file_error, self._view.left_out = "", 0

    async def _take(self, roster: Roster) -> None:
        changes = RosterChanges.between(self._sites, roster.sites)
        if not changes:
            return
        await self._follow(changes, roster)
        self._display.take(
            FleetChanged(
                time=self._display.now(),
                added=changes.added,
                removed=changes.removed,
                changed=changes.changed,
                sites=len(self._sites),
            )
        )

    def _note_file_error(self, text: str) -> None:
        self._view.file_error = text
        if self._retries.note(_FILE, text, self._display.now()):
            self._warn(f"the fleet was not taken over, and is followed as it was: {text}")

    async def _follow(self, changes: RosterChanges, roster: Roster) -> None:
        async for keys in _by_turns(changes.removed):
            for key in keys:
                self._leave(key)
        self._retries.forget(changes.changed)
        await self._begin({key: roster.sites[key] for key in (*changes.changed, *changes.added)})

    async def _try_again(self, keys: Sequence[str]) -> None:
        """Follow sites that could not be followed."""
        await self._begin({key: self._sites[key] for key in keys if key in self._sites})

    async def _begin(self, entries: Mapping[str, Entry]) -> None:
        """Follow sites by what the file says of them now.

        Raises:
            EnvoyError: Some could not be begun with.
        """
        late: EnvoyError | None = None
        async for keys in _by_turns(tuple(entries)):
            try:
                with self._following.adding():
                    for key in keys:
                        self._remove(key)
                        self._add(key, entries[key])
            except EnvoyError as error:
                # They are followed all the same, and their states are written once that is possible.
                self._warn(f"the states of {len(keys)} sites were not written: {error.where}: {error.what}")
                for key in keys:
                    if self._sites.get(key) is not entries[key]:
                        late = error
                    elif key not in self._following.sites:
                        self._note_failure(key, entries[key], error)
        if late is not None:
            raise late

    def _leave(self, key: str) -> None:
        """Have a site left; it is removed once that is done."""
        del self._sites[key]
        self._retries.forget([key])
        self._view.remove(key)
        if (found := self._following.sites.get(key)) is not None:
            found.follower.leave(keep=self._setup.keep)
            self._leaving.add(key)

    def _add(self, key: str, entry: Entry) -> EnvoyError | None:
        """Follow a site, and return why that is not possible; None if it is."""
        try:
            found = self._following.add(key, entry.site)
        except EnvoyError as error:
            self._note_failure(key, entry, error)
            return error
        except Exception as error:  # of a device that is somebody else's program
            _LOG.exception("site %s", key)
            unknown = EnvoyError(f"{type(error).__name__}: {error}", where=entry.where)
            self._note_failure(key, entry, unknown)
            return unknown
        self._sites[key] = entry
        self._retries.forget([key])
        self._view.add(key, len(found.follower.schedule.owed))
        return None

    def _note_failure(self, key: str, entry: Entry, error: EnvoyError) -> None:
        """Note that a site is not followed, which is tried again."""
        self._sites[key] = entry
        if self._retries.note(key, error.problem, self._display.now()):
            self._view.add(key)
            self._display.take(SiteNews(key, SiteFailed(time=self._display.now(), reason=error.problem)))

    def _remove(self, key: str) -> None:
        self._leaving.discard(key)
        if key in self._following.sites:
            self._following.remove(key)

    def _part(self) -> None:
        """Remove the sites that have left."""
        for key in [key for key in self._leaving if self._following.sites[key].follower.left]:
            self._remove(key)

    # Both

    def _read_expiries(self) -> None:
        files = self._setup.connection
        try:
            expiries = find_expiries(files.cert, files.key, files.ca)
            self._view.expiries = [*expiries, *self._setup.notifications.find_expiries(files)]
        except EnvoyError as error:
            # TLS takes what another library may not be able to read.
            self._view.expiries = ()
            self._warn(f"the expiry of the certificates is not known: {error.where}: {error.what}")
        self._watch = ExpiryWatch(list(self._view.expiries))

    def _warn(self, text: str) -> None:
        self._display.take(Warned(time=self._display.now(), text=text))


def _check(roster: Roster) -> None:
    """Raise an EnvoyError if rows are wrong: which sites they are is not known, and those would be released."""
    if roster.errors:
        first = roster.errors[0]
        more = f" ({len(roster.errors) - 1:,} further rows are wrong)" if len(roster.errors) > 1 else ""
        raise EnvoyError(f"{first.what}{more}", where=first.where, remedy=first.remedy)


async def _by_turns(keys: Sequence[str]) -> AsyncIterator[Sequence[str]]:
    """Yield some keys at a time, and give others their turn before the next ones."""
    for begin in range(0, len(keys), _AT_ONCE):
        yield keys[begin : begin + _AT_ONCE]
        await asyncio.sleep(0)
