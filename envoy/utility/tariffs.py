"""The tariffs of a utility: TariffProfiles, their RateComponents, and the prices of times (CSIP-AUS 1.3).

They are for all sites. A price is a TimeTariffInterval with a ConsumptionTariffInterval for each block of consumption.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from envoy.errors import EnvoyError
from envoy.utility.store import Store
from sep2 import EventCurrentStatus, EventStatus, ReadingType

_TARIFF = "number, fsa, name, mrid, primacy, multiplier"
_RATE = "number, tariff, mrid, role_flags, document"
_PRICE = "p.number, p.rate, r.tariff, p.mrid, p.creation, p.start, p.stop, p.cancelled, p.blocks"


@dataclass(frozen=True, slots=True)
class StoredTariff:
    """A TariffProfile.

    Attributes:
        number: Its number.
        fsa: Number of the function set assignment that it is in.
        name: Its name.
        mrid: Its mRID.
        primacy: Its primacy.
        multiplier: Power of ten of its prices.
    """

    number: int
    fsa: int
    name: str
    mrid: bytes
    primacy: int
    multiplier: int


@dataclass(frozen=True, slots=True)
class StoredRate:
    """A RateComponent.

    Attributes:
        number: Its number.
        tariff: Number of its tariff.
        mrid: Its mRID.
        role_flags: Its roleFlags.
        document: Its ReadingType, as it is kept.
    """

    number: int
    tariff: int
    mrid: bytes
    role_flags: int
    document: bytes


@dataclass(frozen=True, slots=True)
class StoredPrice:
    """A TimeTariffInterval. Times are in seconds since 1970.

    Attributes:
        number: Its number.
        rate: Number of its rate.
        tariff: Number of its tariff.
        mrid: Its mRID.
        creation: When it was created.
        start: When it starts.
        stop: When it ends.
        cancelled: When it was cancelled, None if it was not.
        blocks: Price and start value of each block, as JSON.
    """

    number: int
    rate: int
    tariff: int
    mrid: bytes
    creation: int
    start: int
    stop: int
    cancelled: int | None
    blocks: str

    def status(self, now: int) -> EventStatus:
        """Return its EventStatus at a time."""
        if self.cancelled is not None:
            current, since = EventCurrentStatus.CANCELLED, self.cancelled
        elif now >= self.start:
            current, since = EventCurrentStatus.ACTIVE, max(self.start, self.creation)
        else:
            current, since = EventCurrentStatus.SCHEDULED, self.creation
        return EventStatus(current_status=current, date_time=since, potentially_superseded=False)


class Tariffs:
    """The tariffs in a store.

    Args:
        store: Where they are.
        new_mrid: Gives an mRID that nothing has had before.
    """

    def __init__(self, store: Store, new_mrid: Callable[[], bytes]) -> None:
        self._store = store
        self._new_mrid = new_mrid

    # What the operator does

    def add_tariff(self, name: str, primacy: int, fsa: int, multiplier: int) -> int:
        """Make a tariff and return its number."""
        self._store.execute("INSERT OR IGNORE INTO fsa VALUES (?, ?)", fsa, self._new_mrid())
        insert = "INSERT INTO tariff (fsa, name, mrid, primacy, multiplier) VALUES (?, ?, ?, ?, ?)"
        return self._store.insert(insert, fsa, name, self._new_mrid(), primacy, multiplier)

    def add_rate(self, tariff: int, role_flags: int, reading_type: ReadingType) -> int:
        """Add a rate to a tariff and return its number.

        Raises:
            EnvoyError: There is no such tariff.
        """
        if not any(each.number == tariff for each in self.tariffs()):
            raise EnvoyError(f"there is no tariff {tariff}", remedy="Make it first.")
        insert = "INSERT INTO rate (tariff, mrid, role_flags, document) VALUES (?, ?, ?, ?)"
        document = self._store.dumps(reading_type)
        return self._store.insert(insert, tariff, self._new_mrid(), role_flags, document)

    def remove_rate(self, number: int) -> None:
        """Remove a rate with its prices, and the responses to them."""
        self._require("rate", number)
        responses = "DELETE FROM price_response WHERE price IN (SELECT number FROM price WHERE rate = ?)"
        for delete in (responses, "DELETE FROM price WHERE rate = ?", "DELETE FROM rate WHERE number = ?"):
            self._store.execute(delete, number)

    def add_price(self, rate: int, start: int, duration: int, blocks: Sequence[tuple[int, int]], now: int) -> int:
        """Add a price to a rate and return its number.

        Args:
            rate: Number of the rate.
            start: When it starts, in seconds since 1970.
            duration: Seconds that it lasts.
            blocks: Price and start value of each block.
            now: Time of the utility.

        Raises:
            EnvoyError: There is no such rate.
        """
        self._require("rate", rate)
        insert = "INSERT INTO price (rate, mrid, creation, start, stop, blocks) VALUES (?, ?, ?, ?, ?, ?)"
        return self._store.insert(insert, rate, self._new_mrid(), now, start, start + duration, json.dumps(blocks))

    def cancel_price(self, number: int, now: int) -> None:
        """Cancel a price; nothing happens to one that is cancelled or over.

        Raises:
            EnvoyError: There is no such price.
        """
        self._require("price", number)
        change = "UPDATE price SET cancelled = ? WHERE number = ? AND cancelled IS NULL AND stop > ?"
        self._store.execute(change, now, number, now)

    def prune(self, before: int) -> None:
        """Remove the prices that were over before a time, with the responses to them."""
        gone = self._store.rows("SELECT number FROM price WHERE stop <= ?", before)
        self._store.execute_many("DELETE FROM price_response WHERE price = ?", gone)
        self._store.execute_many("DELETE FROM price WHERE number = ?", gone)

    def _require(self, kind: str, number: int) -> None:
        if not self._store.value(f"SELECT 1 FROM {kind} WHERE number = ?", number):  # noqa: S608  # names of our own
            raise EnvoyError(f"there is no {kind} {number}", remedy="Make it first.")

    # What there is

    def tariffs(self, fsa: int | None = None) -> list[StoredTariff]:
        """Return all tariffs, or those of a function set assignment: by primacy, then by mRID, descending."""
        where = "FROM tariff WHERE (? IS NULL OR fsa = ?) ORDER BY primacy, mrid DESC"
        return [StoredTariff(*row) for row in self._store.rows(f"SELECT {_TARIFF} {where}", fsa, fsa)]

    def rates(self, tariff: int) -> list[StoredRate]:
        """Return the rates of a tariff, by mRID, descending."""
        query = f"SELECT {_RATE} FROM rate WHERE tariff = ? ORDER BY mrid DESC"  # noqa: S608  # names of our own
        return [StoredRate(*row) for row in self._store.rows(query, tariff)]

    def prices(self, now: int, *, tariff: int, rate: int | None = None) -> list[StoredPrice]:
        """Return the prices of a tariff, or of one of its rates, that are not over, in the order of their list."""
        return self._prices(
            "WHERE r.tariff = ? AND (? IS NULL OR p.rate = ?) AND p.stop > ? "
            "ORDER BY p.start, p.creation DESC, p.mrid DESC",
            *(tariff, rate, rate, now),
        )

    def price(self, rate: int, number: int) -> StoredPrice | None:
        """Return a price of a rate, over or not; None if there is no such one."""
        found = self._prices("WHERE p.rate = ? AND p.number = ?", rate, number)
        return found[0] if found else None

    def find_price(self, mrid: bytes) -> int | None:
        """Return the number of the price of an mRID, None if there is none."""
        number: int | None = self._store.value("SELECT number FROM price WHERE mrid = ?", mrid)
        return number

    def _prices(self, where: str, *parameters: Any) -> list[StoredPrice]:
        query = f"SELECT {_PRICE} FROM price AS p JOIN rate AS r ON r.number = p.rate {where}"  # noqa: S608
        return [StoredPrice(*row) for row in self._store.rows(query, *parameters)]
