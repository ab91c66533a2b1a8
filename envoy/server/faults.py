"""Faults that are injected on purpose, for the tests of clients: which requests suffer them, and what happens."""

from __future__ import annotations

import asyncio
import itertools
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from random import Random
from typing import Literal

from envoy.errors import EnvoyError

_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "*")

_FORMS = (
    "a status from 300 to 599 (503, or 503,retry-after=2, or 307,location=/dcap), delay=SECONDS, drop-before, "
    "drop-after, truncate or garbage"
)


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """The request is not processed, and the response is an error or a redirect.

    Attributes:
        status: HTTP status code, 300 to 599; from 400 on an Error document comes with it.
        retry_after: Seconds for the header ``Retry-After``; None for none.
        location: For the header ``Location``; empty for none.
    """

    status: int
    retry_after: int | None = None
    location: str = ""

    def __str__(self) -> str:
        wait = "" if self.retry_after is None else f",retry-after={self.retry_after}"
        return f"{self.status}{wait}{self.location and f',location={self.location}'}"


@dataclass(frozen=True, slots=True)
class Delay:
    """The request waits these seconds before it is processed, whether or not the client waits as well."""

    seconds: float

    def __str__(self) -> str:
        return f"delay={self.seconds}"


@dataclass(frozen=True, slots=True)
class Drop:
    """The connection breaks instead of a response.

    Attributes:
        after: The request is processed first, so that only its response is lost.
        end: How: a TCP reset, or the end of the stream without TLS being closed.
    """

    after: bool
    end: Literal["reset", "eof"] = "reset"

    def __str__(self) -> str:
        return f"drop-{'after' if self.after else 'before'}{',eof' if self.end == 'eof' else ''}"


@dataclass(frozen=True, slots=True)
class Spoil:
    """The request is processed, and the response is spoilt.

    Attributes:
        how: ``truncate``: half of its body, or without one of its head, is sent, then the end; ``garbage``: it arrives
            whole, but its body is not XML.
    """

    how: Literal["truncate", "garbage"]

    def __str__(self) -> str:
        return self.how


Action = ErrorResponse | Delay | Drop | Spoil
"""What a fault does to a request. As text, each is written as ``parse_action`` reads it."""

TRANSIENT: tuple[Action, ...] = (
    Drop(after=False),
    Drop(after=True),
    ErrorResponse(503, retry_after=1),
    Spoil("truncate"),
    Delay(1.0),
)
"""What happens to a request that chance picks: each passes, so that a client which retries gets through."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that some requests suffer.

    Attributes:
        method: HTTP method, or ``*`` for any.
        path: Pattern of the path, as in ``fnmatch``: ``*`` stands for any characters, slashes too.
        action: What is done to them.
        count: How many matching requests it happens to, the first ones; None for all.
    """

    method: str
    path: str
    action: Action
    count: int | None = 1

    def matches(self, method: str, path: str) -> bool:
        """Return whether a request is one of those meant."""
        return self.method in ("*", method) and fnmatchcase(path, self.path)


def make_fault(method: str, path: str, action: str, count: int | None = 1) -> Fault:
    """Return a fault from its parts.

    Raises:
        EnvoyError: One of them is not what it should be.
    """
    text = f"{method} {path} {action}"
    if method.upper() not in _METHODS:
        raise _not_a_fault(text, f"{method} is not one of the methods {', '.join(_METHODS)}")
    if not path.startswith(("/", "*", "?", "[")):
        raise _not_a_fault(text, f"no path matches {path}: paths begin with /")
    if count is not None and count < 1:
        raise _not_a_fault(text, f"{count} is not a number of requests")
    return Fault(method.upper(), path, parse_action(action), count)


def parse_fault(text: str) -> Fault:
    """Return the fault that a text describes: ``METHOD PATH WHAT [COUNT]``, such as ``PUT */cp 500``.

    WHAT is as in ``parse_action``, and a COUNT of ``*`` stands for all.

    Raises:
        EnvoyError: The text does not have that form.
    """
    words = text.split()
    if not 3 <= len(words) <= 4:
        raise _not_a_fault(text, f"it has {len(words)} words")
    method, path, action, count = words if len(words) == 4 else [*words, "1"]
    if count != "*" and not (count.isascii() and count.isdecimal()):
        raise _not_a_fault(text, f"{count} is not a number of requests")
    return make_fault(method, path, action, None if count == "*" else int(count))


def parse_action(text: str) -> Action:
    """Return the action that a text describes: ``503,retry-after=2``, ``delay=0.5``, ``drop-after`` and so on.

    Raises:
        EnvoyError: It is not an action.
    """
    word, *rest = text.split(",")
    options = {name: value for name, _, value in (part.partition("=") for part in rest)}
    name, _, value = word.partition("=")
    if name.isascii() and name.isdecimal() and 300 <= int(name) <= 599 and word == name:
        wait, location = options.pop("retry-after", None), options.pop("location", "")
        sendable = location.isascii() and location.isprintable()
        if not options and (wait is None or (wait.isascii() and wait.isdecimal())) and sendable:
            return ErrorResponse(int(name), None if wait is None else int(wait), location)
    elif name == "delay" and not rest and (seconds := _seconds(value)) is not None:
        return Delay(seconds)
    elif word in ("drop-before", "drop-after") and rest in ([], ["eof"]):
        return Drop(after=word == "drop-after", end="eof" if rest else "reset")
    elif text in ("truncate", "garbage"):
        return Spoil("truncate" if text == "truncate" else "garbage")
    raise EnvoyError(f"{text!r} is not an action of a fault", remedy=f"Write {_FORMS}.")


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if 0 <= seconds < math.inf else None


def _not_a_fault(text: str, why: str) -> EnvoyError:
    return EnvoyError(
        f"{text!r} is not a fault: {why}",
        remedy="Write METHOD PATH WHAT [COUNT], for instance 'PUT */cp 500' or 'POST /edev drop-after 3'. "
        f"In the path * stands for anything; WHAT is {_FORMS}.",
    )


@dataclass(frozen=True, slots=True)
class Chance:
    """Picks requests at random, the same ones in each run.

    Which ones does not depend on the order in which different requests arrive, so it holds for concurrent clients too.

    Attributes:
        rate: Share of the requests that it picks, 0 to 1.
        seed: Another seed picks others.
        actions: What may happen to those, each as likely as the others.

    Raises:
        EnvoyError: The rate is not from 0 to 1, or there are no actions.
    """

    rate: float = 0.0
    seed: int = 0
    actions: tuple[Action, ...] = TRANSIENT

    def __post_init__(self) -> None:
        if not 0 <= self.rate <= 1:
            raise EnvoyError(f"{self.rate} is not a share of the requests", remedy="Give 0 to 1: 0.05 is every 20th.")
        if not self.actions:
            raise EnvoyError("there are no actions to pick from", remedy=f"Name one or more of {_FORMS}.")

    def pick(self, method: str, href: str, time: int) -> Action | None:
        """Return what happens to a request that comes for the n-th time; None for nothing."""
        random = Random(f"{self.seed} {time} {method} {href}")  # noqa: S311
        return random.choice(self.actions) if random.random() < self.rate else None


class Faults:
    """The faults of a running server: those in force, how often each is still to happen, and what has happened.

    A request suffers one of them: the first ordered that matches, or else what chance has for it.

    Args:
        faults: Those in force from the start.
        chance: What happens to other requests.
        latency: Seconds that every request waits.

    Attributes:
        chance: As above.
        latency: As above.
        happened: How often each action happened, by its text.
        ended: Set at the next reset, which puts another in its place; what waits then is not to go on after it.

    Raises:
        EnvoyError: The latency is negative.
    """

    def __init__(self, faults: Iterable[Fault] = (), chance: Chance | None = None, latency: float = 0.0) -> None:
        self._at_start = (tuple(faults), chance or Chance(), latency)
        self.ended = asyncio.Event()
        self.reset()

    def reset(self) -> None:
        """Go back to the start."""
        faults, self.chance, latency = self._at_start
        self._ordered: list[tuple[Fault, Iterator[int]]] = []
        self._times: Counter[str] = Counter()
        self.happened: Counter[str] = Counter()
        self.ended.set()
        self.ended = asyncio.Event()
        self.slow_down(latency)
        for fault in faults:
            self.order(fault)

    def order(self, fault: Fault) -> None:
        """Put a fault behind those that wait already."""
        self._ordered.append((fault, itertools.count() if fault.count is None else iter(range(fault.count))))

    def slow_down(self, latency: float) -> None:
        """Let every request wait these seconds."""
        if not 0 <= latency < math.inf:
            raise EnvoyError(f"{latency} is not a latency", remedy="Give seconds, 0 for none.")
        self.latency = latency

    def next_for(self, method: str, path: str, href: str) -> Action | None:
        """Return what happens to this request, and count it; None for nothing.

        Args:
            method: HTTP method.
            path: Path, without the query.
            href: Path with the query.
        """
        action = self._next_ordered(method, path)
        if action is None and self.chance.rate:
            self._times[f"{method} {href}"] += 1
            action = self.chance.pick(method, href, self._times[f"{method} {href}"])
        if action is not None:
            self.happened[str(action)] += 1
        return action

    def _next_ordered(self, method: str, path: str) -> Action | None:
        for fault, left in self._ordered:
            if fault.matches(method, path) and next(left, None) is not None:
                return fault.action
        return None
