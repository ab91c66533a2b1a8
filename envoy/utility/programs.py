"""The programs, controls and curves of a utility: kept once, and seen by each site that they are for.

A site is an EndDevice, by its LFDI. A program or control is for all sites or for some; which of them a site sees, and
in which state, is worked out when it asks, so an order takes as long for one site as for ten thousand.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from envoy.bindings.fields import fields_of
from envoy.errors import EnvoyError
from envoy.utility.store import Store
from sep2 import (
    DefaultDERControl,
    DERControl,
    DERControlBase,
    DERControlList,
    DERCurve,
    DERCurveLink,
    DERList,
    DERProgram,
    DERProgramList,
    EndDeviceList,
    EventCurrentStatus,
    EventStatus,
    FunctionSetAssignmentsList,
)

_CONTROL = (
    "c.number, c.program, c.mrid, c.creation, c.start, c.stop, c.earliest, c.latest, c.for_all, c.cancelled, "
    "c.randomized"
)
_PROGRAM = "number, fsa, name, mrid, primacy, for_all, version"


@dataclass(frozen=True, slots=True)
class StoredProgram:
    """A DERProgram.

    Attributes:
        number: Its number, which no other program has had or will have.
        fsa: Number of the function set assignment that it is in.
        name: Its name.
        mrid: Its mRID.
        primacy: Its primacy.
        for_all: Whether all sites see it.
        version: How often its default control was set.
    """

    number: int
    fsa: int
    name: str
    mrid: bytes
    primacy: int
    for_all: bool
    version: int


@dataclass(frozen=True, slots=True)
class StoredControl:
    """A DERControl. Times are in seconds since 1970.

    Attributes:
        number: Its number, which no other control has had or will have.
        program: Number of its program.
        mrid: Its mRID.
        creation: When it was created.
        start: When it starts.
        stop: When it ends, without randomization.
        earliest: When it starts at the earliest.
        latest: When it ends at the latest.
        for_all: Whether all sites of its program see it.
        cancelled: When it was cancelled, None if it was not.
        randomized: Whether it is cancelled with randomization.
        superseded: When it was superseded at the site that looks, None if it was not.
    """

    number: int
    program: int
    mrid: bytes
    creation: int
    start: int
    stop: int
    earliest: int
    latest: int
    for_all: bool
    cancelled: int | None
    randomized: bool
    superseded: int | None = None

    def status(self, now: int) -> EventStatus:
        """Return its EventStatus at a time."""
        superseded, cancelled = self.superseded, self.cancelled
        if superseded is not None and (cancelled is None or superseded <= cancelled):
            current, since = EventCurrentStatus.SUPERSEDED, superseded
        elif cancelled is not None:
            current, since = EventCurrentStatus.CANCELLED, cancelled
            if self.randomized:
                current = EventCurrentStatus.CANCELLED_WITH_RANDOMIZATION
        elif now >= self.earliest:
            current, since = EventCurrentStatus.ACTIVE, max(self.earliest, self.creation)
        else:
            current, since = EventCurrentStatus.SCHEDULED, self.creation
        return EventStatus(
            current_status=current,
            date_time=since,
            potentially_superseded=superseded is not None,
            potentially_superseded_time=superseded,
        )

    def is_active(self, now: int) -> bool:
        """Whether its status is active."""
        return self.superseded is None and self.cancelled is None and self.earliest <= now < self.latest

    def next_change(self, now: int) -> int | None:
        """Return when the clock changes its status or removes it from its list, None if it does not any more."""
        return min((at for at in (self.earliest, self.latest) if at > now), default=None)


class Programs:
    """The programs, controls and curves in a store.

    Args:
        store: Where they are.
        pen: The IANA Private Enterprise Number that mRIDs end in.
    """

    def __init__(self, store: Store, pen: int) -> None:
        self.store = store
        self._pen = pen

    def new_mrid(self) -> bytes:
        """Return an mRID that nothing has had before, in this run of the server or another."""
        return self.make_mrid(secrets.token_bytes(12))

    def make_mrid(self, number: bytes) -> bytes:
        """Return the mRID of a number of 12 octets."""
        return number + bytes.fromhex(f"{self._pen:08d}")

    # What the operator does

    def put_program(
        self, name: str, primacy: int | None, fsa: int | None, sites: Iterable[bytes] | None, *, for_all: bool
    ) -> int:
        """Make a program, or change the one of that name; return its number.

        Args:
            name: Its name.
            primacy: Its primacy; None for that of before, or 1.
            fsa: Number of its function set assignment; None for that of before, or 1.
            sites: LFDIs of the sites that are to see it, beside those that do; None for no change.
            for_all: Whether all sites are to see it. With no sites either, a new program is for all.
        """
        found = self._programs("FROM program WHERE name = ?", name)
        before = found[0] if found else None
        fsa = fsa or (before.fsa if before else 1)
        if primacy is None:
            primacy = before.primacy if before else 1
        everyone = for_all or (sites is None and (before is None or before.for_all))
        # Their list is in descending order of the mRID, and clients expect that of their numbers.
        mrid = self.make_mrid(((1 << 32) - fsa).to_bytes(4) + secrets.token_bytes(8))
        self.store.execute("INSERT OR IGNORE INTO fsa VALUES (?, ?)", fsa, mrid)
        if before is None:
            mrid = self.new_mrid()
            default = DefaultDERControl(mrid=self.new_mrid(), der_control_base=DERControlBase())
            number = self.store.insert(
                "INSERT INTO program (fsa, name, mrid, primacy, for_all, version, default_document) "
                "VALUES (?, ?, ?, ?, ?, 0, ?)",
                *(fsa, name, mrid, primacy, everyone, self.store.dumps(default)),
            )
        else:
            number = before.number
            change = "UPDATE program SET fsa = ?, primacy = ?, for_all = ? WHERE number = ?"
            self.store.execute(change, fsa, primacy, everyone, number)
            if everyone:
                self.store.execute("DELETE FROM program_site WHERE program = ?", number)
        if not everyone:
            self.store.execute_many(
                "INSERT OR IGNORE INTO program_site VALUES (?, ?)", [(lfdi, number) for lfdi in sites or ()]
            )
        self._note_program(fsa, number)
        return number

    def remove_program(self, number: int) -> None:
        """Remove a program and all that it has."""
        self._note_program(self.program(number).fsa, number)
        self._remove_controls("program = ?", number)
        for table, column in (("program_site", "program"), ("curve", "program"), ("program", "number")):
            self.store.execute(f"DELETE FROM {table} WHERE {column} = ?", number)  # noqa: S608  # names of our own

    def set_default(self, program: int, default: DefaultDERControl) -> None:
        """Replace the default control of a program; its mRID stays."""
        document = self.store.dumps(default)
        change = "UPDATE program SET default_document = ?, version = version + 1 WHERE number = ?"
        self.store.execute(change, document, program)
        self.store.changes.note(DefaultDERControl, f"{{edev}}/derp/{program}/dderc", self._sites_of_program(program))

    def add_controls(
        self, programs: Iterable[int], control: DERControl, sites: Collection[bytes] | None, now: int
    ) -> list[int]:
        """Add a control to programs, in each of which it supersedes those that it overlaps in time, mode and site.

        Args:
            programs: Numbers of the programs.
            control: The control, with mRID, creation time, interval and modes.
            sites: LFDIs of the sites that see it; None for all of each program.
            now: Time of the utility.

        Returns:
            Its number in each of the programs.
        """
        start, stop = control.interval.start, control.interval.start + control.interval.duration
        shift, stretch = control.randomize_start or 0, control.randomize_duration or 0
        earliest, latest = start + min(0, shift), stop + max(0, shift) + max(0, stretch)
        modes = modes_of(control.der_control_base)
        rest = (json.dumps(sorted(modes)), self.store.dumps(control))
        numbers = []
        for program in programs:
            losers = self._overlapped(program, start, stop, modes, sites, now)
            number = self.store.insert(
                "INSERT INTO control (program, mrid, creation, start, stop, earliest, latest, for_all, modes, "
                "randomized, document) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)",
                *(program, control.mrid, control.creation_time, start, stop, earliest, latest, sites is None, *rest),
            )
            if sites is not None:
                self.store.execute_many(
                    "INSERT OR IGNORE INTO control_site VALUES (?, ?, ?)", [(lfdi, program, number) for lfdi in sites]
                )
            self.store.execute_many(
                "INSERT INTO supersession VALUES (?, ?, ?)", [(loser, number, now) for loser in losers]
            )
            self._note_controls(program, sites, (number, *losers))
            numbers.append(number)
        return numbers

    def _overlapped(
        self, program: int, start: int, stop: int, modes: set[str], sites: Collection[bytes] | None, now: int
    ) -> list[int]:
        """Return the numbers of the controls of a program that a new one supersedes at some site at least."""
        if sites is None:
            rows = self._in_time("program = ?", program, start, stop, now)
        else:
            rows = self._in_time("program = ? AND for_all", program, start, stop, now)
            for lfdi in sites:
                own = "number IN (SELECT control FROM control_site WHERE lfdi = ? AND program = ?)"
                rows |= self._in_time(own, lfdi, program, start, stop, now)
        return [number for number, text in rows if modes.intersection(json.loads(text))]

    def _in_time(self, where: str, *parameters: Any) -> set[tuple[int, str]]:
        rows = self.store.rows(
            # Names of our own.
            f"SELECT number, modes FROM control WHERE {where} "  # noqa: S608
            "AND stop > ? AND start < ? AND latest > ? AND cancelled IS NULL",
            *parameters,
        )
        return {(number, modes) for number, modes in rows}

    def cancel(self, number: int, now: int, *, randomized: bool | None = None) -> None:
        """Cancel a control that is not over; nothing happens to one that is cancelled already.

        Args:
            number: Its number.
            now: Time of the utility.
            randomized: Whether devices may take their time; None for what the control is: those with randomizeStart do.

        Raises:
            EnvoyError: It is over.
        """
        control = self.control(number)
        if control.cancelled is not None:
            return
        if control.latest <= now:
            raise EnvoyError(f"the control {number} is over", remedy="Only one that is still to end can be cancelled.")
        if randomized is None:
            randomized = bool(self.control_document(number).randomize_start)
        self.store.execute("UPDATE control SET cancelled = ?, randomized = ? WHERE number = ?", now, randomized, number)
        sites = None if control.for_all else self.sites_of("control", number)
        self._note_controls(control.program, sites, (number,))

    def add_curve(self, program: int, curve: DERCurve) -> int:
        """Add a curve to a program and return its number."""
        insert = "INSERT INTO curve (program, mrid, creation, document) VALUES (?, ?, ?, ?)"
        return self.store.insert(insert, program, curve.mrid, curve.creation_time, self.store.dumps(curve))

    def remove_assignment(self, fsa: int, sites: Iterable[bytes], *, reachable: bool = False) -> None:
        """Take a function set assignment with its programs away from some sites.

        Args:
            fsa: Its number.
            sites: LFDIs of the sites.
            reachable: Whether they still find the programs where they were, though nothing leads there.
        """
        gone = set(sites)
        self.store.execute_many(
            "INSERT OR IGNORE INTO fsa_removed VALUES (?, ?, ?)", [(lfdi, fsa, reachable) for lfdi in gone]
        )
        self._note_assignment(fsa, gone)

    def restore_assignment(self, fsa: int, sites: Iterable[bytes]) -> None:
        """Give a function set assignment back to some sites."""
        back = set(sites)
        self.store.execute_many("DELETE FROM fsa_removed WHERE lfdi = ? AND fsa = ?", [(lfdi, fsa) for lfdi in back])
        self._note_assignment(fsa, back)

    def prune(self, before: int) -> None:
        """Remove the controls that were over before a time, with the responses to them.

        One stays as long as another that it has superseded: that one would come to life again.
        """
        self._remove_controls(
            "latest <= ? AND NOT EXISTS (SELECT 1 FROM supersession JOIN control AS loser ON loser.number = loser "
            "WHERE winner = control.number AND loser.latest > ?)",
            before,
            before,
        )

    def _remove_controls(self, where: str, *parameters: Any) -> None:
        gone = self.store.rows(f"SELECT number FROM control WHERE {where}", *parameters)  # noqa: S608  # our own names
        for table, column in (
            *(("control_site", "control"), ("response", "control"), ("supersession", "loser")),
            *(("supersession", "winner"), ("control", "number")),
        ):
            self.store.execute_many(f"DELETE FROM {table} WHERE {column} = ?", gone)  # noqa: S608  # our own names

    # What has changed

    def _note_controls(self, program: int, sites: Collection[bytes] | None, items: Collection[int]) -> None:
        if sites is None:
            sites = self._sites_of_program(program)
        for path in ("derc", "actderc"):
            self.store.changes.note(DERControlList, f"{{edev}}/derp/{program}/{path}", sites, items)

    def _note_program(self, fsa: int, number: int) -> None:
        sites = self._sites_of_program(number)
        self.store.changes.note(DERProgram, f"{{edev}}/derp/{number}", sites)
        self._note_assignment(fsa, sites)

    def _note_assignment(self, fsa: int, sites: Collection[bytes] | None) -> None:
        self.store.changes.note(FunctionSetAssignmentsList, "{edev}/fsa", sites)
        for path in ("{edev}/derp", f"{{edev}}/fsa/{fsa}/derp"):
            self.store.changes.note(DERProgramList, path, sites)

    def note_rates(self, resources: Iterable[str]) -> None:
        """Note that the rates of some resources have changed (``envoy.utility.rates``)."""
        names = set(resources)
        if "end_device_list" in names:
            self.store.changes.note(EndDeviceList, "/edev")
        if "function_set_assignments_list" in names:
            self.store.changes.note(FunctionSetAssignmentsList, "{edev}/fsa")
        if "der_program_list" in names:
            fsas = self.store.rows("SELECT number FROM fsa")
            for path in ("{edev}/derp", *(f"{{edev}}/fsa/{number}/derp" for (number,) in fsas)):
                self.store.changes.note(DERProgramList, path)
        if "der_list" in names:
            self.store.changes.note(DERList, "{edev}/der")

    def _sites_of_program(self, number: int) -> list[bytes] | None:
        return None if self.program(number).for_all else self.sites_of("program", number)

    # What there is, whoever sees it

    def programs(self) -> list[StoredProgram]:
        """Return all programs."""
        return self._programs("FROM program ORDER BY number")

    def program(self, number: int) -> StoredProgram:
        """Return a program.

        Raises:
            EnvoyError: There is none of that number.
        """
        found = self._programs("FROM program WHERE number = ?", number)
        if not found:
            raise EnvoyError(f"there is no program {number}", remedy="The order 'programs' lists those there are.")
        return found[0]

    def control(self, number: int) -> StoredControl:
        """Return a control, as a site sees it that no other control is for.

        Raises:
            EnvoyError: There is none of that number.
        """
        found = self._controls("FROM control AS c WHERE number = ?", None, number)
        if not found:
            raise EnvoyError(f"there is no control {number}", remedy="The order 'programs' lists those there are.")
        return found[0]

    def all_controls(self, program: int, now: int) -> list[StoredControl]:
        """Return the controls of a program that are not over, whoever sees them; superseded if they are everywhere."""
        query = "FROM control AS c WHERE program = ? AND latest > ? ORDER BY start, creation DESC, mrid DESC"
        return self._controls(query, _SUPERSEDED_EVERYWHERE, program, now)

    def sites_of(self, kind: str, number: int) -> list[bytes]:
        """Return the LFDIs of the sites that a ``program`` or a ``control`` is for, if it is not for all."""
        rows = self.store.rows(f"SELECT lfdi FROM {kind}_site WHERE {kind} = ? ORDER BY lfdi", number)  # noqa: S608
        return [lfdi for (lfdi,) in rows]

    def control_document(self, number: int) -> DERControl:
        """Return the DERControl of a number, as it was ordered."""
        control: DERControl = self._document("control", "document", number)
        return control

    def curve_document(self, number: int) -> DERCurve:
        """Return the DERCurve of a number, as it was ordered."""
        curve: DERCurve = self._document("curve", "document", number)
        return curve

    def default_of(self, program: int) -> DefaultDERControl:
        """Return the default control of a program; empty if none was set."""
        default: DefaultDERControl = self._document("program", "default_document", program)
        return default

    def _document(self, table: str, column: str, number: int) -> Any:
        query = f"SELECT {column} FROM {table} WHERE number = ?"  # noqa: S608  # names of our own
        return self.store.loads(self.store.value(query, number))

    # What a site sees

    def assignments_of(self, lfdi: bytes) -> list[tuple[int, bytes]]:
        """Return number and mRID of each function set assignment of a site, by mRID, descending."""
        rows = self.store.rows(
            "SELECT number, mrid FROM fsa WHERE number IN (SELECT fsa FROM program WHERE for_all UNION "
            "SELECT fsa FROM tariff UNION "
            "SELECT fsa FROM program_site JOIN program ON number = program WHERE lfdi = ?) "
            "AND number NOT IN (SELECT fsa FROM fsa_removed WHERE lfdi = ?) ORDER BY mrid DESC",
            *(lfdi, lfdi),
        )
        return [(number, mrid) for number, mrid in rows]

    def programs_of(self, lfdi: bytes, fsa: int | None = None) -> list[StoredProgram]:
        """Return the programs of a site, or those in one of its assignments: by primacy, then by mRID, descending."""
        return self._programs(
            "FROM program WHERE number IN (SELECT number FROM program WHERE for_all UNION ALL "
            "SELECT program FROM program_site WHERE lfdi = ?) "
            "AND fsa NOT IN (SELECT fsa FROM fsa_removed WHERE lfdi = ?) AND (? IS NULL OR fsa = ?) "
            "ORDER BY primacy, mrid DESC",
            *(lfdi, lfdi, fsa, fsa),
        )

    def program_of(self, lfdi: bytes, number: int) -> StoredProgram | None:
        """Return a program if a site has it."""
        found = self._programs(
            "FROM program WHERE number = ? "
            "AND (for_all OR EXISTS (SELECT 1 FROM program_site WHERE lfdi = ? AND program = number)) "
            "AND fsa NOT IN (SELECT fsa FROM fsa_removed WHERE lfdi = ? AND NOT reachable)",
            *(number, lfdi, lfdi),
        )
        return found[0] if found else None

    def controls_of(self, lfdi: bytes, program: int, now: int) -> list[StoredControl]:
        """Return the controls of a program that a site sees and that are not over, in the order of their list."""
        return self._controls(
            "FROM control AS c WHERE number IN "
            "(SELECT number FROM control WHERE program = ? AND for_all AND latest > ? "
            "UNION ALL SELECT control FROM control_site WHERE lfdi = ? AND program = ?) AND latest > ? "
            "ORDER BY start, creation DESC, mrid DESC",
            _SUPERSEDED,
            *(lfdi, program, now, lfdi, program, now),
        )

    def control_of(self, lfdi: bytes, program: int, number: int) -> StoredControl | None:
        """Return a control of a program if a site sees it, over or not."""
        found = self._controls(
            "FROM control AS c WHERE number = ? AND program = ? "
            "AND (for_all OR EXISTS (SELECT 1 FROM control_site WHERE lfdi = ? AND control = c.number))",
            _SUPERSEDED,
            *(lfdi, number, program, lfdi),
        )
        return found[0] if found else None

    def find_control(self, lfdi: bytes, mrid: bytes) -> int | None:
        """Return the number of the latest control of an mRID that is for a site, None if there is none.

        One whose assignment was taken away counts too: a device may have something to report of it.
        """
        number: int | None = self.store.value(
            "SELECT max(c.number) FROM control AS c JOIN program AS p ON p.number = c.program WHERE c.mrid = ? "
            "AND CASE WHEN c.for_all THEN p.for_all OR EXISTS (SELECT 1 FROM program_site WHERE lfdi = ? "
            "AND program = p.number) "
            "ELSE EXISTS (SELECT 1 FROM control_site WHERE lfdi = ? AND control = c.number) END",
            *(mrid, lfdi, lfdi),
        )
        return number

    def curves(self, program: int) -> list[tuple[int, bytes]]:
        """Return number and document of each curve of a program, the latest first, then by mRID, descending."""
        rows = self.store.rows(
            "SELECT number, document FROM curve WHERE program = ? ORDER BY creation DESC, mrid DESC", program
        )
        return [(number, document) for number, document in rows]

    def _programs(self, query: str, *parameters: Any) -> list[StoredProgram]:
        rows = self.store.rows(f"SELECT {_PROGRAM} {query}", *parameters)
        return [StoredProgram(*row) for row in rows]

    def _controls(self, query: str, superseded: str | None, *parameters: Any) -> list[StoredControl]:
        rows = self.store.rows(f"SELECT {_CONTROL}, {superseded or 'NULL'} {query}", *parameters)
        return [StoredControl(*row) for row in rows]


_SUPERSEDED = (
    "(SELECT min(at) FROM supersession JOIN control AS w ON w.number = winner WHERE loser = c.number "
    "AND (w.for_all OR EXISTS (SELECT 1 FROM control_site WHERE lfdi = ? AND control = winner)))"
)
"""When a control was superseded at a site, the LFDI of which is the first parameter."""


_SUPERSEDED_EVERYWHERE = (
    "(SELECT min(at) FROM supersession JOIN control AS w ON w.number = winner WHERE loser = c.number "
    "AND (w.for_all OR NOT (c.for_all OR EXISTS (SELECT 1 FROM control_site AS s WHERE s.control = c.number "
    "AND s.lfdi NOT IN (SELECT lfdi FROM control_site WHERE control = winner)))))"
)
"""When another control that is for all of its sites superseded it."""

CURVE_MODES = tuple(field.name for field in fields_of(DERControlBase) if field.type is DERCurveLink)
"""Names of the modes that a curve belongs to."""


def modes_of(base: DERControlBase) -> set[str]:
    """Return the names of the modes that a DERControlBase asks for: all that it has but rampTms."""
    return {
        field.name
        for field in fields_of(DERControlBase)
        if field.name != "ramp_tms" and getattr(base, field.name) is not None
    }
