"""Responses to events: which are wanted and allowed, which were sent, and which are owed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from envoy.der.events import Event
from envoy.der.modes import MODES
from envoy.der.policies import Policy
from sep2 import DERControlResponse, DERControlType, DERControlType2, ResponseRequired, ResponseStatus

_FROM_USER = frozenset(
    {
        ResponseStatus.OPTED_OUT,
        ResponseStatus.OPTED_IN,
        ResponseStatus.PARTIALLY_COMPLETED_OPT_OUT,
        ResponseStatus.PARTIALLY_COMPLETED_OPT_IN,
    }
)


def is_wanted(event: Event, status: ResponseStatus) -> bool:
    """Return whether a server wants a response of a status (IEEE 2030.5-2018, ``responseRequired``)."""
    if status == ResponseStatus.EVENT_RECEIVED:
        bit = ResponseRequired.MESSAGE_RECEIVED
    elif status in _FROM_USER:
        bit = ResponseRequired.RESPONSE_FROM_END_USER
    else:
        bit = ResponseRequired.SPECIFIC_RESPONSE
    return bool(event.response_required & bit) and bool(event.reply_to)


@dataclass(frozen=True, slots=True)
class DueResponse:
    """A response that is owed to a server.

    Attributes:
        mrid: The mRID of the event, its subject.
        status: What happened.
        created: When, in server time.
        reply_to: Where to send it.
        modes: Names of the modes that it is about; empty in the edition of 2018, which does not say it.
    """

    mrid: str
    status: ResponseStatus
    created: int
    reply_to: str
    modes: tuple[str, ...] = ()

    def to_model(self, lfdi: bytes) -> DERControlResponse:
        """Return the message.

        Args:
            lfdi: The LFDI of the EndDevice; not that of an aggregator's certificate.
        """
        first, second = DERControlType(0), DERControlType2(0)
        for mode in self.modes:
            flag = MODES[mode].flag
            first |= flag if isinstance(flag, DERControlType) else DERControlType(0)
            second |= flag if isinstance(flag, DERControlType2) else DERControlType2(0)
        return DERControlResponse(
            created_date_time=self.created,
            end_device_lfdi=lfdi,
            status=self.status,
            subject=bytes.fromhex(self.mrid),
            modes_responded=first if self.modes else None,
            modes_responded_2=second or None,
        )

    def dump(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        status = int(self.status)
        plain = {"mrid": self.mrid, "status": status, "created": self.created, "reply_to": self.reply_to}
        return {**plain, "modes": list(self.modes)} if self.modes else plain

    @classmethod
    def load(cls, plain: Mapping[str, Any]) -> Self:
        """Return the response that ``dump`` wrote."""
        return cls(**{**plain, "status": ResponseStatus(plain["status"]), "modes": tuple(plain.get("modes", ()))})


class ResponseLog:
    """The responses of one EndDevice: at most one for each mRID and status, in the order of what happened.

    Args:
        policy: Which statuses may be sent.

    Attributes:
        owed: The responses that no server has acknowledged.
        held: The mRIDs of events that have started, and that the device has not taken yet.
    """

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._given: dict[str, set[int]] = {}
        self.owed: list[DueResponse] = []
        self.held: set[str] = set()

    def add(self, event: Event, status: ResponseStatus, created: int, modes: tuple[str, ...] = ()) -> bool:
        """Owe a response, if it is wanted, allowed and the first of its status; return whether it is the first."""
        given = self._given.setdefault(event.mrid, set())
        if status in given:
            return False
        given.add(int(status))
        if is_wanted(event, status) and self._policy.allows(status):
            self.owed.append(DueResponse(event.mrid, status, created, event.reply_to, modes))
        return True

    def withdraw(self, mrid: str, status: ResponseStatus) -> bool:
        """Take back a response that was not sent; return False if it is no longer owed."""
        kept = [due for due in self.owed if (due.mrid, due.status) != (mrid, status)]
        withdrawn = len(kept) < len(self.owed)
        self.owed = kept
        return withdrawn

    def release(self, mrid: str, created: int) -> None:
        """Let the response "started" of a held event go, with the time at which the device has taken it."""
        self.held.discard(mrid)
        started = (mrid, ResponseStatus.EVENT_STARTED)
        self.owed = [replace(due, created=created) if (due.mrid, due.status) == started else due for due in self.owed]

    def drop_start(self, mrid: str) -> bool:
        """Take back the response "started" of an event if it is held; return whether it was."""
        if mrid not in self.held:
            return False
        self.held.discard(mrid)
        self.withdraw(mrid, ResponseStatus.EVENT_STARTED)
        self._given[mrid].discard(int(ResponseStatus.EVENT_STARTED))
        return True

    def find_sendable(self) -> list[DueResponse]:
        """Return what is owed and not held."""
        return [due for due in self.owed if due.mrid not in self.held or due.status != ResponseStatus.EVENT_STARTED]

    def forget(self, mrid: str) -> None:
        """Forget which statuses an mRID was given; what is owed stays owed."""
        self._given.pop(mrid, None)
        self.held.discard(mrid)

    def dump(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        given = {mrid: sorted(statuses) for mrid, statuses in self._given.items()}
        owed = [due.dump() for due in self.owed]
        return {"given": given, "owed": owed, "held": sorted(self.held)}

    def load(self, plain: Mapping[str, Any]) -> None:
        """Take over what ``dump`` wrote."""
        self._given = {mrid: set(statuses) for mrid, statuses in plain["given"].items()}
        self.held = set(plain["held"])
        owed: Iterable[Mapping[str, Any]] = plain["owed"]
        self.owed = [DueResponse.load(due) for due in owed]
