"""A story of kills: a utility over TLS with a manual clock, and a process that follows it and is killed."""

from __future__ import annotations

import shutil
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from random import Random
from typing import Any

from envoy.der.record import LIVE
from envoy.der.state.state_file import STATE_FILE
from envoy.errors import EnvoyError
from envoy.testing import UtilityServer
from envoy.utility.operator import Control, Program
from tests.der.kills.victim import Order, SharedClock, follow
from tests.der.kills.witness import Witness, read_plain
from tests.support.processes import FORKED, prepare_fork

_LONGEST_LIFE = 1.2
_BLINK = 0.01
_BEGUN = 0.9
"""How many processes are killed after they have read their state; the others maybe before."""
_PATIENCE = 120


@dataclass
class Kills:
    """What came of a story.

    Attributes:
        kills: How often the process was killed.
        controls: How many controls there were.
        responses: How many responses arrived.
        lost: Responses that were owed and did not arrive: mRID, status and time.
        doubles: Responses that arrived more often than once, in the same way.
        untrue: Responses that arrived with another time than that of what happened.
        applied: How often what was applied was compared.
        undone: How often the last thing that was done was not on disk yet.
        errors: What else is not as it should be.
    """

    kills: int = 0
    controls: int = 0
    responses: int = 0
    lost: list[Any] = field(default_factory=list)
    doubles: list[Any] = field(default_factory=list)
    untrue: list[Any] = field(default_factory=list)
    applied: int = 0
    undone: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> list[Any]:
        """All that is not as it should be."""
        return [*self.lost, *self.doubles, *self.untrue, *self.errors]

    def __add__(self, other: Kills) -> Kills:
        return Kills(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {self.controls} controls, {self.responses} responses: {len(self.lost)} lost, "
            f"{len(self.doubles)} double, {len(self.untrue)} with another time; {self.applied} times what was applied "
            f"was compared, {self.undone} times the last step was not recorded yet; {len(self.errors)} errors"
        )


class Story:
    """Puts a process through kills.

    Args:
        folder: Where its files are.
        server: The utility, with a manual clock.
        seed: Of everything that is random, but for how the processes take turns.
    """

    def __init__(self, folder: Path, server: UtilityServer, seed: int) -> None:
        self._folder = folder
        self._server = server
        self._random = Random(seed)  # noqa: S311
        self._clock = SharedClock(folder / "clock")
        files = server.client_files()
        with server.client() as client:
            self._now = float(client.time().current_time or 0)
            (device,) = client.end_devices()
        self._clock.set(self._now)
        self._order = Order(
            server.url, files, device.lfdi or b"", folder / "state", folder / "clock", folder / "log", seed
        )
        self._witness = Witness()
        self._controls: list[Control] = []
        self._programs: list[Program] = []
        self.result = Kills()
        prepare_fork()

    def begin(self) -> None:
        """Let the utility have programs, of which lists are polled as often as a client may."""
        self._server.poll_rates(
            device_capability=60,
            end_device_list=60,
            function_set_assignments_list=40,
            der_program_list=10,
            der_list=60,
            time=60,
        )
        for number in range(3):
            program = self._server.program(f"P{number}", primacy=number + 1)
            program.default(op_mod_exp_lim_w=1000 * (number + 1), op_mod_gen_lim_w=4000)
            self._programs.append(program)

    def kill(self) -> None:
        """Let a process follow for some time, kill it, and see what it left."""
        # Half of them at any moment, which mostly is one of waiting; half of them soon after something was done.
        fuse = self._random.choice([None, (self._random.randint(1, 10), self._random.uniform(0, 0.002))])
        with self._run(fuse) as process:
            if self._random.random() < _BEGUN:
                self._wait_for("loaded", process)
            end = time.monotonic() + (2 * _LONGEST_LIFE if fuse else self._random.uniform(0, _LONGEST_LIFE))
            while time.monotonic() < end and process.is_alive():
                self._happen()
                time.sleep(_BLINK)
        if process.exitcode != -signal.SIGKILL:
            self.result.errors.append(f"the process ended by itself with {process.exitcode}")
        self.result.kills += 1
        self._look()
        for _ in range(self._random.choice([0, 0, 5, 20])):
            self._happen()

    def end(self) -> None:
        """Let a process follow until all is over, and compare what arrived with what was owed."""
        first = self._programs[0]
        self._controls.append(first.control(start=int(self._now) + 5, duration=30, op_mod_exp_lim_w=100))
        with self._run() as process:
            self._wait_for("update", process)
            deadline = time.monotonic() + _PATIENCE
            while time.monotonic() < deadline and not self._is_over():
                self._advance(5)
        self._look()
        arrived = Counter(
            (mrid, each.status, each.created)
            for each in self._server.responses()
            for mrid in [self._mrids()[each.control]]
        )
        times = {(mrid, status): created for mrid, status, created in arrived}
        owed = self._witness.owed
        self.result.controls = len(self._controls)
        self.result.responses = arrived.total()
        self.result.lost = [(*key, created) for key, created in owed.items() if key not in times]
        count = Counter((mrid, status) for mrid, status, _ in arrived.elements())
        self.result.doubles = [key for key, number in count.items() if number > 1]
        self.result.untrue = [
            (*key, created, owed.get(key)) for key, created in times.items() if created != owed.get(key)
        ]
        self.result.applied, self.result.undone = self._witness.applied, self._witness.undone
        self.result.errors += self._witness.errors
        if self._witness.schedule.owed:
            self.result.errors.append(f"still owed: {self._witness.schedule.owed}")

    def _is_over(self) -> bool:
        """Return whether every event is over and responded to, the last one too. The state is read meanwhile."""
        plain = read_plain(self._order.folder / STATE_FILE)
        states = {each["event"]["mrid"]: each["state"] for each in plain["records"]}
        last = self._controls[-1].mrid.hex().upper()
        return last in states and not plain["responses"]["owed"] and LIVE.isdisjoint(states.values())

    def _mrids(self) -> dict[int, str]:
        return {control.number: control.mrid.hex().upper() for control in self._controls}

    @contextmanager
    def _run(self, fuse: tuple[int, float] | None = None) -> Iterator[Any]:
        """Run a process that follows, and kill it."""
        self._order = replace(self._order, seed=self._random.randrange(2**32), fuse=fuse)
        process = FORKED.Process(target=follow, args=(self._order,), daemon=True)
        process.start()
        try:
            yield process
        finally:
            process.kill()
            process.join()

    def _wait_for(self, step: str, process: Any) -> None:
        """Wait until a process has done something, or has ended; on a busy machine it takes its time to start."""
        deadline = time.monotonic() + _PATIENCE
        said = f'["{step}"'.encode()
        log = self._order.log
        while process.is_alive() and time.monotonic() < deadline and not (log.exists() and said in log.read_bytes()):
            time.sleep(_BLINK)

    def _look(self) -> None:
        """Compare what a process left, in a copy: what it left is for the next one to find."""
        copy = self._folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        if self._order.folder.exists():
            shutil.copytree(self._order.folder, copy)
            self._witness.look(self._order.log, copy / STATE_FILE)
        self._order.log.unlink(missing_ok=True)

    def _advance(self, seconds: float) -> None:
        self._server.advance(seconds)
        self._now += seconds
        self._clock.set(self._now)

    def _happen(self) -> None:
        """Let something happen, or time pass."""
        random = self._random
        match random.choices(["time", "control", "cancel", "nothing"], [6, 1, 0.4, 4])[0]:
            case "time":
                self._advance(random.choice([1, 2, 5, 9]))
            case "control":
                self._controls.append(
                    random.choice(self._programs).control(
                        start=int(self._now) + random.randint(-5, 60),
                        duration=random.choice([15, 30, 60, 120]),
                        randomize_start=random.choice([None, None, 20]),
                        **random.choice(
                            [
                                {"op_mod_exp_lim_w": random.randrange(0, 5000, 100)},
                                {"op_mod_gen_lim_w": random.randrange(0, 5000, 100)},
                                {"op_mod_exp_lim_w": 0, "op_mod_gen_lim_w": 100},
                                {"op_mod_connect": False},
                            ]
                        ),
                    )
                )
            case "cancel" if self._controls:
                # One that is over cannot be cancelled.
                with suppress(EnvoyError):
                    random.choice(self._controls[-8:]).cancel()


def put_through(folder: Path, count: int, seed: int) -> Kills:
    """Kill a following process a number of times, and return what came of it.

    Args:
        folder: An empty folder.
        count: How often.
        seed: Of what is random.
    """
    options = ["--pre-registered", "--quiet"]
    with UtilityServer(options=options, folder=folder / "pki", clock="manual") as server:
        story = Story(folder, server, seed)
        story.begin()
        for _ in range(count):
            story.kill()
        story.end()
    return story.result
