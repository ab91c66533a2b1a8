"""Words of an explanation: times, origins and responses as people read them."""

from __future__ import annotations

from datetime import UTC, datetime

from envoy._text import printable
from envoy.der.in_force import Origin
from envoy.der.modes import MODES
from envoy.der.record import Record
from envoy.der.state.changes import REPEATED
from envoy.der.state.explanation import Explanation
from envoy.der.state.history import RecordedResponse, Span
from sep2 import ResponseStatus

_STATUSES = {
    ResponseStatus.EVENT_RECEIVED: "received",
    ResponseStatus.EVENT_STARTED: "started",
    ResponseStatus.EVENT_COMPLETED: "completed",
    ResponseStatus.OPTED_OUT: "opted out",
    ResponseStatus.OPTED_IN: "opted in",
    ResponseStatus.CANCELLED: "cancelled",
    ResponseStatus.SUPERSEDED: "superseded",
    ResponseStatus.PARTIALLY_COMPLETED_OPT_OUT: "partially completed",
    ResponseStatus.COMPLETED_NO_USER_PARTICIPATION: "completed without participation",
    ResponseStatus.RESUMED: "resumed",
    ResponseStatus.NOT_SUPPORTED: "rejected, not supported",
    ResponseStatus.NOT_APPLICABLE: "rejected, not applicable",
    ResponseStatus.INVALID: "rejected, invalid",
    ResponseStatus.EXPIRED: "rejected, expired",
}


_MODES = {
    "opModConnect": "Connection",
    "opModEnergize": "Energizing",
    "opModExpLimW": "Export limit",
    "opModFixedW": "Fixed power",
    "opModGenLimW": "Generation limit",
    "opModImpLimW": "Import limit",
    "opModLoadLimW": "Load limit",
    "opModMaxLimW": "Maximum power",
    "opModStorageTargetW": "Storage target",
    "opModTargetVar": "Reactive power",
    "opModTargetW": "Target power",
}


def name_mode(mode: str) -> str:
    """Return what a mode is called; those that are rare have the name of their element alone."""
    return _MODES.get(mode, mode.removeprefix("opMod"))


def name_status(status: int) -> str:
    """Return what a response says."""
    return _STATUSES.get(ResponseStatus(status), "other")


def name_outcome(response: RecordedResponse) -> str:
    """Return what became of a response."""
    if response.done is None:
        return "still owed"
    if response.outcome.startswith("HTTP 2"):
        return "sent, perhaps twice" if response.outcome.endswith(REPEATED) else "sent"
    if response.outcome == "found":
        return "sent, found on the server after its receipt was lost"
    return f"not taken ({response.outcome})" if response.outcome else "withdrawn"


def name_origin(span: Span) -> str:
    """Return where a value comes from."""
    if span.origin is Origin.EVENT:
        return f"event {shorten_mrid(span.mrid)}"
    return f"default of program {shorten_mrid(span.program)}" if span.origin is Origin.DEFAULT else "failsafe"


def name_program(record: Record) -> str:
    """Return the name and the priority of a program."""
    return f"program {shorten_mrid(record.program.mrid)} (primacy {record.program.primacy})"


def list_values(record: Record) -> str:
    """Return what an event asks for."""
    values = record.event.values.items()
    asked = [f"{mode} {MODES[mode].format(value)}" for mode, value in values]
    return ", ".join([*asked, *(f"{mode} off" for mode in sorted(record.event.off))]) or "nothing"


def shorten_mrid(mrid: str) -> str:
    """Return the beginning of an mRID, which tells it apart for people; an href stays whole."""
    return printable(mrid if mrid.startswith("/") or len(mrid) <= 12 else f"{mrid[:8]}…")


def show_time(time: int, beside: int) -> str:
    """Return a time in UTC, with its date unless that is the one of another time."""
    try:
        moment, day = (datetime.fromtimestamp(each, UTC) for each in (time, beside))
    except (OverflowError, ValueError, OSError):
        return f"second {time}"
    return f"{moment:%H:%M:%S}" if moment.date() == day.date() else f"{moment:%Y-%m-%d %H:%M:%S}"


def show_date(time: int) -> str:
    """Return a time in UTC with its date."""
    try:
        return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, ValueError, OSError):
        return f"second {time}"


def list_warnings(explanation: Explanation) -> list[str]:
    """Return what a reader has to know besides: nobody follows, no contact, or the server has another time."""
    warnings = []
    if not explanation.followed:
        warnings.append("No process follows: the device was left with what held last.")
    if explanation.runs and not explanation.followed:
        last = explanation.runs[-1]
        end = "was killed after" if last.stopped is None else "stopped at"
        warnings[0] += f" The last one {end} {show_date(last.seen if last.stopped is None else last.stopped)}."
    for gap in explanation.gaps:
        if gap.until is None and explanation.followed:
            side = "the device" if gap.side == "device" else "the server"
            warnings.append(f"No contact with {side} since {show_date(gap.since)}: {gap.reason}")
    offsets = {event.record.program.offset for event in explanation.events} - {0}
    if offsets:
        ahead = ", ".join(f"{offset} s" for offset in sorted(offsets))
        warnings.append(
            f"The clock of the server is ahead of this device's by {ahead}; times of responses are its own."
        )
    return [printable(warning) for warning in warnings]
