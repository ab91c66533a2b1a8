"""Stories of the CSIP-AUS certification, with a process that is killed in them: over TLS, under a manual clock."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from envoy.der.state.history import read_history
from envoy.testing import UtilityServer
from tests.der.kills.victim import Order, SharedClock, follow
from tests.support.processes import FORKED, prepare_fork

_SECONDS = 120
_BLINK = 0.02


class House:
    """A house whose device is followed for by a process. Times are seconds since the beginning.

    Attributes:
        server: Its utility.
        begin: When it begins.
        folder: Where the state is.
    """

    def __init__(self, folder: Path, server: UtilityServer) -> None:
        self.server = server
        self.begin = server.now()
        self.now = 0
        self.folder = folder / "state"
        self._clock = SharedClock(folder / "clock")
        self._clock.set(self.begin)
        files = server.client_files()
        self._order = Order(server.url, files, files.lfdi, self.folder, folder / "clock", folder / "log", seed=1)
        self._process: Any = None
        server.poll_rates(
            device_capability=60,
            end_device_list=60,
            function_set_assignments_list=60,
            der_program_list=60,
            der_list=60,
            time=60,
        )

    def start(self) -> None:
        """Start the process."""
        self._order.log.unlink(missing_ok=True)
        prepare_fork()
        self._process = FORKED.Process(target=follow, args=(self._order,))
        self._process.start()

    def kill(self) -> None:
        """Kill it."""
        if self._process is not None:
            self._process.kill()
            self._process.join()

    def go(self, now: int) -> None:
        """Go on to a time."""
        self.server.advance(now - self.now)
        self.now = now
        self._clock.set(self.begin + now)

    def wait(self, happened: Callable[[], object]) -> None:
        """Wait until something has happened."""
        deadline = time.monotonic() + _SECONDS
        while not happened():
            assert self._process.is_alive() and time.monotonic() < deadline, self.applied
            time.sleep(_BLINK)

    def wait_for(self, **values: Any) -> None:
        """Wait until the device has been given values."""
        self.wait(lambda: self.applied and self.applied[-1] == {name: str(value) for name, value in values.items()})

    def wait_for_responses(self, count: int) -> None:
        """Wait until as many responses have come."""
        self.wait(lambda: len(self.server.responses()) >= count)

    def go_on(self, count: int) -> None:
        """Let time go on until as many responses have come: what failed is tried again only then."""

        def go() -> bool:
            self.go(self.now + 5)
            return len(self.server.responses()) >= count

        self.wait(go)

    @property
    def applied(self) -> list[dict[str, Any]]:
        """What the device was given since the process started."""
        return [values[0] for step, *values in self._read() if step == "applied"]

    @property
    def settings(self) -> dict[str, int]:
        """What it was given last besides modes."""
        found: dict[str, int] = [values[1] for step, *values in self._read() if step == "applied"][-1]
        return found

    def responses(self, control: Any) -> list[tuple[int, int]]:
        """Return the responses to a control: status and time of what happened."""
        return [(each.status, (each.created or 0) - self.begin) for each in self.server.responses(control)]

    def _read(self) -> list[Any]:
        log = self._order.log
        return [json.loads(line) for line in log.read_bytes().split(b"\n")[:-1]] if log.exists() else []


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    options = ["--pre-registered", "--quiet"]
    with UtilityServer(options=options, folder=tmp_path / "pki", clock="manual") as server:
        house = House(tmp_path, server)
        yield house
        house.kill()


def test_known_controls_are_followed_through_an_outage_and_a_kill(house: House) -> None:
    """ALL-23: five controls are known when the server fails for seven minutes. In the third, the process is killed."""
    program = house.server.program("export", primacy=1)
    program.default(op_mod_exp_lim_w=0)
    starts = range(60, 360, 60)
    controls = [
        program.control(start=house.begin + start, duration=60, op_mod_exp_lim_w=start * 10) for start in starts
    ]
    house.start()
    house.wait_for(opModExpLimW=0)
    house.wait_for_responses(5)
    house.server.outage(420)
    for start in (60, 120, 180):
        house.go(start)
        house.wait_for(opModExpLimW=start * 10)
    house.kill()
    house.go(270)
    house.start()
    # From its disk, without contact.
    house.wait_for(opModExpLimW=2400)
    assert house.applied == [{"opModExpLimW": "2400"}]
    house.go(300)
    house.wait_for(opModExpLimW=3000)
    house.go(360)
    house.wait_for(opModExpLimW=0)
    assert [house.responses(control) for control in controls] == [[(1, 0)]] * 5
    house.go(480)
    house.go_on(15)
    assert [house.responses(control) for control in controls] == [
        [(1, 0), (2, 60), (3, 120)],
        [(1, 0), (2, 120), (3, 180)],
        [(1, 0), (2, 180), (3, 240)],
        # It began while there was no process.
        [(1, 0), (2, 270), (3, 300)],
        [(1, 0), (2, 300), (3, 360)],
    ]


def test_the_default_survives_a_kill_without_contact(house: House) -> None:
    """ALL-30: all is cancelled, and the process is killed; the server fails when it comes up."""
    program = house.server.program("export", primacy=1)
    program.default(op_mod_exp_lim_w=3000, op_mod_imp_lim_w=3000, set_grad_w=600)
    cancelled = program.control(start=house.begin, duration=900, op_mod_exp_lim_w=100)
    house.start()
    house.wait_for(opModExpLimW=100, opModImpLimW=3000)
    house.wait_for_responses(2)
    cancelled.cancel()
    house.go(60)
    house.wait_for(opModExpLimW=3000, opModImpLimW=3000)
    house.wait_for_responses(3)
    house.kill()
    house.server.outage(60)
    house.go(90)
    house.start()
    house.wait_for(opModExpLimW=3000, opModImpLimW=3000)
    assert house.settings == {"setGradW": 600} and len(house.applied) == 1
    history = read_history(house.folder)
    assert history.followed and len(history.runs) == 2
    assert {span.mode: span.text for span in history.held if span.until is None} == {
        "opModExpLimW": "3000 W",
        "opModImpLimW": "3000 W",
    }
    late = program.control(start=house.begin + 60, duration=900, op_mod_exp_lim_w=200)
    house.go(150)
    house.wait_for(opModExpLimW=200, opModImpLimW=3000)
    house.wait_for_responses(5)
    assert house.responses(cancelled) == [(1, 0), (2, 0), (6, 60)]
    # It is asked for 60 s after its start.
    assert house.responses(late) == [(1, 150), (2, 150)]
