"""What the operator does with programs, controls and curves, and what changes by that."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Iterable
from typing import Any

from envoy.bindings.fields import fields_of
from envoy.errors import EnvoyError
from envoy.utility.programs.queries import ProgramQueries
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
    FunctionSetAssignmentsList,
)

CURVE_MODES = tuple(field.name for field in fields_of(DERControlBase) if field.type is DERCurveLink)
"""Names of the modes that a curve belongs to."""


class Programs(ProgramQueries):
    """The programs, controls and curves in a store.

    Args:
        store: Where they are.
        pen: The IANA Private Enterprise Number that mRIDs end in.
    """

    def __init__(self, store: Store, pen: int) -> None:
        super().__init__(store)
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
            # Some may see it no more, or no more there.
            self._note_program(before.fsa, number)
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
            # One without duration is never active.
            losers = self._overlapped(program, start, stop, modes, sites, now) if start < stop else []
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


def modes_of(base: DERControlBase) -> set[str]:
    """Return the names of the modes that a DERControlBase asks for: all that it has but rampTms."""
    return {
        field.name
        for field in fields_of(DERControlBase)
        if field.name != "ramp_tms" and getattr(base, field.name) is not None
    }
