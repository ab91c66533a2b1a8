"""Shard of a fleet: the sites that one of several processes is for, by a hash of their LFDIs.

Which shard a site is in depends on its LFDI and the number of shards alone, so processes on different machines need not
know each other, and a site that comes or goes moves no other. The hash is the jump consistent hash of Lamping and Veach
(2014): with one shard more, every shard gives the new one its part, and nothing moves between those that were there.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Self

from envoy.errors import EnvoyError

MAX_SHARDS = 10_000
"""Most shards of a fleet."""

_FORM = re.compile(r"([0-9]{1,6})/([0-9]{1,6})")
_REMEDY = f"Write it as 1/4 to 4/4, with at most {MAX_SHARDS:,} shards."
# Knuth's generator of random numbers, as in the paper; any good one would do, but has to stay the same.
_MULTIPLIER, _MASK = 2862933555777941757, (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Shard:
    """One shard of a fleet: ``str(Shard(1, 4))`` is ``1/4``.

    Attributes:
        number: Which one, from 1.
        count: How many there are.

    Raises:
        EnvoyError: There is no such shard, or there are too many.
    """

    number: int
    count: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.count <= MAX_SHARDS:
            raise _error(str(self))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the shard that ``K/N`` names.

        Raises:
            EnvoyError: It is not a shard.
        """
        found = _FORM.fullmatch(text.strip())
        if found is None:
            raise _error(text)
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def __contains__(self, lfdi: object) -> bool:
        """Whether the site with this LFDI, 20 octets, is in the shard."""
        return isinstance(lfdi, bytes) and number_of(lfdi, self.count) == self.number


def number_of(lfdi: bytes, count: int) -> int:
    """Return the number of the shard that a site is in, from 1.

    Args:
        lfdi: LFDI of the site.
        count: How many shards there are.
    """
    # The generator needs keys that differ in many bits, and the LFDIs of an aggregator differ in few.
    key = int.from_bytes(hashlib.blake2b(lfdi, digest_size=8).digest())
    found, candidate = 0, 0
    while candidate < count:
        found = candidate
        key = (key * _MULTIPLIER + 1) & _MASK
        candidate = (found + 1) * (1 << 31) // ((key >> 33) + 1)
    return found + 1


def _error(text: str) -> EnvoyError:
    return EnvoyError(f"{text!r} is not a shard of a fleet", remedy=_REMEDY)
