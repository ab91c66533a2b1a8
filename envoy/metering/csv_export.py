"""Export of readings to CSV, which ``envoy.metering.csv_import`` reads."""

from __future__ import annotations

import csv
from typing import TextIO

from envoy.errors import SpoolError
from envoy.metering.reading import decode_entry
from envoy.metering.spool import Spool
from sep2 import ReadingQualityFlags

COLUMNS = ("time", "mirror", "channel", "value", "duration", "quality", "reason")


def export_csv(spool: Spool, to: TextIO, *, waiting: bool = False) -> int:
    """Write the readings that are set aside, or those that wait, in the long form, and return how many.

    Args:
        spool: The spool.
        to: Where to.
        waiting: Those that wait.

    Raises:
        EnvoyError: A time is outside of the years 1 to 9999, or the description of a channel has been lost.
    """
    channels = spool.mirrors.all_channels()
    writer = csv.writer(to, lineterminator="\n")
    writer.writerow(COLUMNS)
    number = 0
    for kept in spool.waiting() if waiting else spool.aside():
        channel = channels.get((kept.mirror, kept.entry.channel))
        if channel is None:
            raise SpoolError(
                f"the spool has no description of the channel {kept.entry.channel.hex().upper()}, which was damaged",
                where=spool.file,
                remedy="Run post-readings with the mirror file, which describes it again.",
            )
        sample = decode_entry(kept.entry, channel)
        time = sample.start.strftime("%Y-%m-%dT%H:%M:%SZ")
        mirror, value, reason = kept.mirror.hex().upper(), f"{sample.value:f}", " ".join(kept.reason.split())
        quality = _quality(sample.quality)
        writer.writerow((time, mirror, sample.channel, value, sample.duration, quality, reason))
        number += 1
    return number


def _quality(flags: ReadingQualityFlags | None) -> str:
    if flags is None:
        return ""
    named = [flag for flag in ReadingQualityFlags if flag in flags]
    return "|".join(flag.name or "" for flag in named) if flags and sum(named) == flags else str(int(flags))
