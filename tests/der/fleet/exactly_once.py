"""A fleet that is followed by a process which is killed, over a network that fails: what has to come of it.

``python -m tests.der.fleet.exactly_once --sites 1000 --controls 24`` prints the counts of a long one.

The utility is in this process, the follower in another; its requests come by a pipe, with the time of its clock. So the
process can be killed with SIGKILL between any two requests, and nobody waits for time to pass.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from envoy.errors import TransportError
from envoy.protocol.flow import Request, Response
from envoy.utility import Control
from envoy.utility.clock import ManualClock
from tests.support.fleet_world import FleetWorld, FollowedFleet

DURATION = 60
"""Seconds that each control lasts; each begins when the one before ends."""

OUTAGE = 600
"""Seconds for which nothing comes through."""

DOWN = 7
"""Seconds from a kill until the process runs again."""

DISTURBED = 0.05
"""The part of the requests that are disturbed."""

_FIRST_LIMIT = 1000


@dataclass
class Story:
    """What is to happen, and what has.

    Attributes:
        sites: How many sites.
        controls: How many controls.
        kills: How often the process is killed.
        seed: Of what is random.
        applied: When which limit was applied, by site.
        downs: When the process was killed, and ran again.
        wrong: What should not be.
        requests: How many requests there were.
        disturbed: How many of them were disturbed.
        responses: How many responses the server has.
        delays: Seconds from the start of each control to when each site was given its limit, without those in which the
            process was down.
    """

    sites: int
    controls: int
    kills: int = 3
    seed: int = 1
    applied: dict[str, list[tuple[float, int]]] = field(default_factory=lambda: defaultdict(list))
    downs: list[tuple[float, float]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    requests: int = 0
    disturbed: int = 0
    responses: int = 0
    delays: list[float] = field(default_factory=list)


def put_through(story: Story, folder: Path) -> None:
    """Have a story happen, and note what is wrong."""
    chance = random.Random(story.seed)  # noqa: S311
    world = FleetWorld(story.sites)
    program = world.utility.program("export", primacy=1)
    program.default(op_mod_exp_lim_w=5000)
    # Of a thousand sites, one or two have the first reads of their controls disturbed four times in a row.
    begin = int(world.clock()) + 900
    chain = [
        program.control(start=begin + DURATION * number, duration=DURATION, op_mod_exp_lim_w=_FIRST_LIMIT + number)
        for number in range(story.controls)
    ]
    end = begin + DURATION * story.controls
    # All controls are known by then.
    dark = begin + DURATION * story.controls // 4
    until = max(end, dark + OUTAGE) + 900
    kills = iter(sorted(chance.uniform(begin, end) for _ in range(story.kills)))
    next_kill = next(kills, None)
    while True:
        process, pipe = _start(world, folder, until)
        try:
            for request in _serve(pipe, world.clock, story):
                now = world.clock()
                if next_kill is not None and now >= next_kill:
                    # Of half of the kills the utility has the last request, and nobody knows.
                    if chance.random() < 0.5 and not dark <= now < dark + OUTAGE:
                        world.send(request)
                    process.kill()
                    break
                pipe.send(_respond(world, request, chance, story, failing=dark <= now < dark + OUTAGE))
            else:
                break
        finally:
            process.join()
            pipe.close()
        next_kill = next(kills, None)
        story.downs.append((world.clock(), world.clock() + DOWN))
        world.clock.advance(DOWN)
    _validate(story, world, chain, begin)


def _start(world: FleetWorld, folder: Path, until: float) -> tuple[multiprocessing.process.BaseProcess, Connection]:
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    process = context.Process(target=follow, args=(theirs, world.clock(), world.lfdis, folder, until), daemon=True)
    process.start()
    theirs.close()
    return process, mine


def _serve(pipe: Connection, clock: ManualClock, story: Story) -> Iterator[Request]:
    """Yield the requests that come, and keep what was applied; end with the process."""
    while True:
        try:
            now, found = pipe.recv()
        except EOFError:
            return
        clock.now = max(clock.now, now)
        if isinstance(found, Request):
            yield found
        else:
            key, limit = found
            story.applied[key].append((now, limit))


def _respond(
    world: FleetWorld, request: Request, chance: random.Random, story: Story, *, failing: bool
) -> Response | TransportError:
    story.requests += 1
    lost = TransportError("was not reached", where=str(request))
    if failing:
        return lost
    fate = chance.random()
    if fate >= DISTURBED:
        return world.send(request)
    story.disturbed += 1
    if fate < DISTURBED / 3:
        return lost
    if fate < DISTURBED * 2 / 3:
        return Response(503)
    world.send(request)
    return TransportError("the response was lost", where=str(request), maybe_received=True)


def _validate(story: Story, world: FleetWorld, chain: Sequence[Control], begin: int) -> None:
    """Note what should not be: of responses, in the order they came, and of limits."""
    arrived: dict[tuple[bytes, int], list[int]] = defaultdict(list)
    for response in world.utility.responses():
        story.responses += 1
        arrived[response.lfdi, response.control].append(int(response.status))
    for number, control in enumerate(chain):
        start = begin + DURATION * number
        # A process that is down cannot apply anything.
        latest = max([start, *(back for down, back in story.downs if down <= start + 1 and start < back)])
        for lfdi in world.lfdis:
            key = lfdi.hex().upper()
            if (statuses := arrived[lfdi, control.number]) != [1, 2, 3]:
                story.wrong.append(f"{key}: control {number} has the responses {statuses}")
            times = [time for time, limit in story.applied[key] if limit == _FIRST_LIMIT + number]
            if times:
                story.delays.append(times[0] - latest)
            if not times or not start <= times[0] <= latest + 1:
                story.wrong.append(f"{key}: control {number} of {start} was applied at {times}")


def follow(pipe: Connection, now: float, lfdis: Sequence[bytes], folder: Path, until: float) -> None:
    """Follow in a process of its own, until a time."""
    clock = ManualClock(now)

    def send(request: Request) -> Response:
        pipe.send((clock(), request))
        outcome: Any = pipe.recv()
        if isinstance(outcome, TransportError):
            raise outcome
        response: Response = outcome
        return response

    def report(key: str, time: float, limit: Any) -> None:
        pipe.send((time, (key, -1 if limit is None else int(limit))))

    fleet = FollowedFleet(clock, send, folder, register=False, report=report)
    fleet.add(*lfdis)
    fleet.run(until)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.der.fleet.exactly_once")
    parser.add_argument("--sites", type=int, default=60)
    parser.add_argument("--controls", type=int, default=24)
    parser.add_argument("--seed", type=int, default=2)
    told = Story(**vars(parser.parse_args()))
    with tempfile.TemporaryDirectory() as name:
        put_through(told, Path(name))
    print(f"{told.sites:,} sites, {told.controls} controls of {DURATION} s, one after the other")
    print(f"{told.requests:,} requests, {told.disturbed:,} disturbed; {len(told.downs)} kills; nothing for {OUTAGE} s")
    print(f"{told.responses:,} responses on the server; limits {max(told.delays):.2f} s late at most")
    print(f"{len(told.wrong)} wrong", *told.wrong[:20], sep="\n")
