"""Convert plain values of fields: TimeType to datetime and back, mRIDs to hex digits.

The fields of the bindings stay what is on the wire, seconds and octets. LFDI, SFDI and PIN are in ``envoy.identity``.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from envoy.errors import EnvoyError, IdentityError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_MRID_OCTETS = 16


def to_datetime(time: int) -> datetime:
    """Return the moment that a TimeType stands for, such as ``event.creation_time``.

    Args:
        time: Seconds since 1970-01-01T00:00:00 UTC.

    Returns:
        The moment in UTC; ``.astimezone(zone)`` shows it in another zone.

    Raises:
        EnvoyError: It is outside of the years 1 to 9999, which is all that a datetime holds.
    """
    try:
        return _EPOCH + time * _SECOND
    except OverflowError:
        raise EnvoyError(
            f"the time {time} is not in the years 1 to 9999",
            remedy="A TimeType counts seconds since 1970; this number may count milliseconds, or mean no time at all.",
        ) from None


def to_time(moment: datetime) -> int:
    """Return the TimeType of a moment. A fraction of a second is dropped.

    Args:
        moment: An aware datetime, of any zone.

    Returns:
        Seconds since 1970-01-01T00:00:00 UTC; negative before.

    Raises:
        EnvoyError: The datetime is naive: it does not say its zone, and a guess would be hours off.
    """
    if moment.utcoffset() is None:
        raise EnvoyError(
            f"{moment} has no time zone",
            remedy="Give it one: moment.replace(tzinfo=UTC) if it is UTC, moment.astimezone() if it is local time.",
        )
    return (moment - _EPOCH) // _SECOND


def format_mrid(mrid: bytes) -> str:
    """Return an mRID as it is shown: 32 upper-case hex digits, of which the last 8 are the PEN of who made it.

    Raises:
        IdentityError: It has more than 16 octets.
    """
    if len(mrid) > _MRID_OCTETS:
        raise IdentityError(
            f"an mRID has at most {_MRID_OCTETS} octets, this one has {len(mrid)}",
            remedy="If this is text, pass bytes.fromhex(text); an LFDI has 20 octets, format_lfdi() is for that.",
        )
    return f"{int.from_bytes(mrid):032X}"
