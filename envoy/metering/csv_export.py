"""Export of readings to CSV, which ``envoy.metering.csv_import`` reads."""

from __future__ import annotations

import csv
from typing import TextIO

from envoy.metering.channel import Channel
from envoy.metering.reading import decode_entry
from envoy.metering.spool import Spool
from sep2 import ReadingQualityFlags, ReadingType

COLUMNS = ("time", "mirror", "channel", "value", "duration", "quality", "reason")


def export_csv(spool: Spool, to: TextIO, *, waiting: bool = False) -> int:
    """Write the readings that are set aside, or those that wait, in the long form, and return how many.

    Args:
        spool: The spool.
        to: Where to.
        waiting: Those that wait.

    Raises:
        EnvoyError: A time is outside of the years 1 to 9999.
    """
    names = spool.mirrors.channel_names()
    channels = {
        (mirror, mrid): Channel(name=names[mirror, mrid], reading_type=found.reading_type or ReadingType(), mrid=mrid)
        for mirror in spool.mirrors.mrids()
        for mrid, found in spool.mirrors.channels(mirror).items()
    }
    writer = csv.writer(to, lineterminator="\n")
    writer.writerow(COLUMNS)
    number = 0
    for kept in spool.waiting() if waiting else spool.aside():
        sample = decode_entry(kept.entry, channels[kept.mirror, kept.entry.channel])
        time = sample.start.strftime("%Y-%m-%dT%H:%M:%SZ")
        quality = _quality(sample.quality)
        mirror = kept.mirror.hex().upper()
        row = (
            time,
            mirror,
            sample.channel,
            f"{sample.value:f}",
            sample.duration,
            quality,
            " ".join(kept.reason.split()),
        )
        writer.writerow(row)
        number += 1
    return number


def _quality(flags: ReadingQualityFlags | None) -> str:
    if flags is None:
        return ""
    named = [flag for flag in ReadingQualityFlags if flag in flags]
    return "|".join(flag.name or "" for flag in named) if flags and sum(named) == flags else str(int(flags))
