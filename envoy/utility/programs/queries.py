"""What programs, controls and curves there are, and what a site sees of them."""

from __future__ import annotations

from typing import Any

from envoy.errors import EnvoyError
from envoy.utility.programs.records import StoredControl, StoredProgram
from envoy.utility.store import Store
from sep2 import DefaultDERControl, DERControl

_CONTROL = (
    "c.number, c.program, c.mrid, c.creation, c.start, c.stop, c.earliest, c.latest, c.for_all, c.cancelled, "
    "c.randomized"
)
_PROGRAM = "number, fsa, name, mrid, primacy, for_all, version"
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


class ProgramQueries:
    """Looks for the programs, controls and curves in a store.

    Args:
        store: Where they are.
    """

    def __init__(self, store: Store) -> None:
        self.store = store

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
