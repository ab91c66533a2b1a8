"""A program as a device: orders, acknowledgements and reports through pipes, and programs that misbehave."""

from __future__ import annotations

import json
import logging
import os
import shlex
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from envoy import Site
from envoy.der.abilities import Abilities
from envoy.der.follow.device import DeviceStatus, Readings
from envoy.der.follow.worker import DeviceWorker
from envoy.der.limits import Limit, Limits
from envoy.devices import open_device
from envoy.devices.exec import ExecDevice, ExecOptions
from envoy.devices.json_form import parse_order
from envoy.devices.program import LONGEST
from envoy.errors import DeviceError, DeviceRefusal
from tests.conftest import ROOT
from tests.support.clock import VirtualClock
from tests.support.fleets import until
from tests.support.threads import ended_threads

FREE = Limits(generation_w=Limit(Decimal(5000), "device"))
HELD = Limits(
    generation_w=Limit(Decimal(5000), "device"),
    export_w=Limit(Decimal(1500), "opModExpLimW"),
    values={"opModExpLimW": Decimal(1500), "opModTargetVar": Decimal(10)},
)
OFF = Limits(connected=False, generation_w=Limit(Decimal(0), "opModConnect"))

HEAD = """
import json, os, sys, time
def say(**report):
    print(json.dumps(report), flush=True)
"""
OBEDIENT = """
for line in sys.stdin:
    with open("orders", "a") as orders:
        orders.write(line)
    say(taken=json.loads(line)["order"])
"""

Open = Callable[..., ExecDevice]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Return a device that is a Python program, by its text."""
    monkeypatch.chdir(tmp_path)
    devices: list[ExecDevice] = []

    def start(text: str, clock: Callable[[], float] = time.monotonic, **options: Any) -> ExecDevice:
        Path("plant.py").write_text(HEAD + textwrap.dedent(text), encoding="utf-8")
        arguments = [sys.executable, "-I", "-S", "plant.py"]
        read = ExecOptions(**{"command": shlex.join(arguments), "deadline": 60, "grace": 20} | options)
        devices.append(ExecDevice(arguments, Abilities(), read, clock=clock))
        return devices[-1]

    yield start
    for device in devices:
        device.close()


def orders() -> list[Limits]:
    return [parse_order(line).limits for line in Path("orders").read_text(encoding="utf-8").splitlines()]


def test_orders_come_one_by_one_and_are_taken_when_they_are_acknowledged(run: Open) -> None:
    device = run(OBEDIENT)
    for limits in (FREE, HELD, HELD, OFF):
        device.apply(limits)
    assert orders() == [FREE, HELD, HELD, OFF]
    numbers = [json.loads(line)["order"] for line in Path("orders").read_text(encoding="utf-8").splitlines()]
    assert numbers == sorted({*numbers})


def test_status_and_readings_are_those_that_were_reported_last(run: Open) -> None:
    device = run("""
        for number, line in enumerate(sys.stdin):
            say(status={"connected": False, "alarms": ["DER_FAULT_OVER_VOLTAGE"]}, mood="good")
            say(status={"state_of_charge": 55.5}, readings={"site": {"active-power": -0.1}})
            say(taken=json.loads(line)["order"])
    """)
    device.apply(FREE)
    assert device.status() == DeviceStatus(state_of_charge=Decimal("55.5"))
    assert device.readings() == Readings(site={"active-power": Decimal("-0.1")})
    assert device.describe()[1:] == ["it reports"]


def test_a_program_that_reports_no_status_is_as_the_order_says_that_it_has_taken(run: Open) -> None:
    device = run(OBEDIENT)
    assert device.status() == DeviceStatus()
    device.apply(OFF)
    assert device.status() == DeviceStatus(connected=False, operating=False)


def test_a_program_that_reports_nothing_is_described_so(run: Open) -> None:
    assert run(OBEDIENT, deadline=0.1).describe()[1:] == ["it has reported nothing in 0.1 s"]


def test_readings_grow_old(run: Open) -> None:
    clock = VirtualClock()
    device = run('say(readings={"der": {"voltage": 230}})' + OBEDIENT, clock=clock, stale=30)
    device.apply(FREE)
    clock.now += 30
    assert device.readings() == Readings(der={"voltage": Decimal(230)})
    clock.now += 1
    assert device.readings() == Readings()


def test_modes_that_a_program_refuses_are_named(run: Open) -> None:
    device = run("""
        for line in sys.stdin:
            say(taken=json.loads(line)["order"], refused=["opModTargetVar", "opModFixedW"])
    """)
    with pytest.raises(DeviceRefusal) as caught:
        device.apply(HELD)
    assert caught.value.modes == {"opModTargetVar"}
    device.apply(FREE)  # which has none of them
    assert device.status() == DeviceStatus()


def test_a_program_that_is_known_to_say_nothing_takes_what_was_written_to_it(run: Open) -> None:
    device = run("sys.stdout.close(); os.close(1); open('orders', 'w').write(sys.stdin.read())", acknowledge=False)
    device.apply(HELD)
    assert device.status() == DeviceStatus()
    device.close()
    assert orders() == [HELD]


@pytest.mark.parametrize("acknowledge", [True, False])
def test_a_program_that_never_reads_holds_nothing_up(run: Open, acknowledge: bool) -> None:
    device = run("time.sleep(600)", deadline=0.1, grace=0, acknowledge=acknowledge)
    large = Limits(generation_w=Limit(Decimal(5), "device"), settings={f"key{number}": 1 for number in range(20_000)})
    for _ in range(3):
        with pytest.raises(DeviceError, match="does not read"):
            device.apply(large)
    assert device.status().failed


def test_a_program_that_dies_is_started_again_after_a_pause_with_the_newest_order_first(run: Open) -> None:
    clock = VirtualClock()
    device = run(
        """
        for line in sys.stdin:
            with open("orders", "a") as orders:
                orders.write(line)
            if not os.path.exists("mended"):
                print("no inverter", file=sys.stderr, flush=True)
                sys.exit(3)
            say(taken=json.loads(line)["order"])
    """,
        clock,
    )
    with pytest.raises(DeviceError, match="has ended with exit status 3"):
        device.apply(HELD)
    with pytest.raises(DeviceError, match="started again in 1 s") as caught:
        device.status()
    assert "no inverter" in caught.value.remedy
    with pytest.raises(DeviceError, match="started again in 1 s"):
        device.readings()
    clock.now += 1
    with pytest.raises(DeviceError, match="exit status 3"):
        device.status()
    with pytest.raises(DeviceError, match="started again in 2 s"):
        device.apply(OFF)
    clock.now += 2
    Path("mended").touch()
    assert device.status() == DeviceStatus(connected=False, operating=False)
    assert orders() == [HELD, HELD, OFF]


def test_a_worker_gives_a_program_that_has_died_its_limits_again(run: Open) -> None:
    device = run("""
        for line in sys.stdin:
            if not os.path.exists("mended"):
                sys.exit("no inverter")
            say(taken=json.loads(line)["order"], readings={"der": {"active-power": 1}})
    """)
    worker = DeviceWorker(device, period=0.2)
    worker.give(HELD)
    until(lambda: worker.outcome is not None and bool(worker.outcome.error))
    assert worker.outcome is not None and "no inverter" in worker.outcome.error
    assert worker.status is not None and worker.status.failed
    Path("mended").touch()
    until(lambda: worker.outcome is not None and worker.outcome.taken)
    until(lambda: worker.status is not None and not worker.status.failed)
    until(lambda: any(sample.readings.der for sample in worker.take_samples()))
    worker.close()


def test_the_end_of_a_program_that_ran_for_long_is_not_held_against_it(run: Open) -> None:
    clock = VirtualClock()
    device = run("sys.stdin.readline()", clock)
    for pause in (1, 2, 4, 8, 16, 32, 60, 60):
        with pytest.raises(DeviceError, match="exit status 0"):
            device.apply(FREE)
        with pytest.raises(DeviceError, match=f"started again in {pause} s"):
            device.status()
        clock.now += pause
    with pytest.raises(DeviceError, match="exit status 0"):
        device.apply(FREE)
    clock.now += 60
    with pytest.raises(DeviceError, match="started again in 1 s"):
        device.status()


def test_a_program_that_is_killed_is_reported_so(run: Open) -> None:
    device = run("sys.stdin.readline(); os.kill(os.getpid(), 9)")
    with pytest.raises(DeviceError, match="was ended by SIGKILL"):
        device.apply(FREE)


def test_a_program_that_closes_its_input_is_ended_and_started_again(run: Open) -> None:
    clock = VirtualClock()
    device = run(
        """
        print(os.getpid(), file=open("pids", "a"), flush=True)
        os.close(0)
        say(status={})
        time.sleep(600)
    """,
        clock,
        grace=0.2,
    )
    device.describe()
    with pytest.raises(DeviceError, match="has closed its standard input"):
        device.apply(FREE)
    with pytest.raises(DeviceError, match="started again"):
        device.apply(FREE)
    assert not is_running(int(Path("pids").read_text()))


def test_what_a_program_writes_is_bounded_whatever_it_is(run: Open, caplog: pytest.LogCaptureFixture) -> None:
    device = run(f"""
        out = sys.stdout.buffer
        for _ in range(100):
            out.write(b"x" * {LONGEST})
        out.write(b"\\n\\xff\\xfe\\n\\n[1]\\n" + b"{{" * 1000 + b"\\n")
        for number in range(150):
            say(**{{f"unknown{{number}}": 1}})
        say(status={{"failed": True}})
        {OBEDIENT.strip().replace(chr(10), chr(10) + "        ")}
    """)
    device.apply(FREE)
    assert device.status() == DeviceStatus(failed=True)
    notices = [record.getMessage() for record in caplog.records]
    assert len(notices) == 21
    assert f"a line of more than {LONGEST} octets" in notices[0]
    assert "unknown key 'unknown0'" in "".join(notices)


def test_a_program_that_never_stops_writing_is_read_at_a_pace_and_can_be_ended(run: Open) -> None:
    with ended_threads("device"):
        device = run(
            """
        for line in sys.stdin:
            say(taken=json.loads(line)["order"])
            while True:
                print("garbage", flush=True)
    """,
            grace=0.1,
        )
        device.apply(FREE)
        device.close()


def test_what_a_program_writes_on_its_error_output_is_logged_line_by_line(
    run: Open, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="envoy.devices")
    device = run("print('warm\\n\\x1b[2Jhot', file=sys.stderr, flush=True)" + OBEDIENT)
    device.apply(FREE)
    device.close()
    lines = [record.getMessage().partition(": ")[2] for record in caplog.records]
    assert lines == ["warm", r"\x1b[2Jhot"]


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # In a container nobody collects what has lost its parent.
    if not Path("/proc/self/stat").exists():
        return True
    with suppress(FileNotFoundError, ProcessLookupError):  # it ends while this is read
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@pytest.mark.skipif(os.name != "posix", reason="needs groups of processes")
@pytest.mark.parametrize("stubborn", [False, True])
def test_closing_ends_a_program_with_what_it_has_started(run: Open, stubborn: bool) -> None:
    device = run(
        f"""
        import signal, subprocess
        if {stubborn}:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        child = subprocess.Popen([sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)"])
        open("pids", "w").write(f"{{os.getpid()}} {{child.pid}}")
        say(status={{}})
        time.sleep(600)
    """,
        grace=0.3,
    )
    device.describe()
    pids = [int(pid) for pid in Path("pids").read_text().split()]
    assert all(is_running(pid) for pid in pids)
    device.close()
    until(lambda: not any(is_running(pid) for pid in pids))
    with pytest.raises(ChildProcessError):
        os.waitpid(pids[0], os.WNOHANG)  # it is collected: no zombie is left


@pytest.mark.skipif(os.name != "posix", reason="needs groups of processes")
def test_what_a_program_leaves_behind_is_ended_when_it_ends(run: Open) -> None:
    device = run("""
        import subprocess
        sys.stdin.readline()
        child = subprocess.Popen([sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)"])
        open("pids", "w").write(str(child.pid))
    """)
    with pytest.raises(DeviceError, match="exit status 0"):
        device.apply(FREE)
    pid = int(Path("pids").read_text())
    until(lambda: not is_running(pid))


def test_a_program_that_ends_at_the_end_of_its_input_is_not_killed(run: Open) -> None:
    device = run("sys.stdin.read(); open('ended', 'w').write('by itself')")
    assert device.status() == DeviceStatus()
    device.close()
    assert Path("ended").read_text() == "by itself"


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({}, "device exec"),
        ({"command": ""}, "device exec"),
        ({"command": " "}, "command"),
        ({"command": "sh 'x"}, "command"),
        ({"command": "no-such-program --now"}, "command"),
        ({"command": "sh", "deadline": "0"}, "device exec"),
        ({"command": "sh", "modes": "opModExpLimW, opModExportW"}, "modes"),
        ({"command": "sh", "modes": "opModVoltVar"}, "modes"),
    ],
)
def test_an_option_that_is_wrong_is_named(options: dict[str, str], where: str) -> None:
    with pytest.raises(DeviceError) as caught:
        open_device("exec", options, Site(lfdi=bytes(20)))
    assert caught.value.where == where
    assert caught.value.remedy


def test_a_program_that_cannot_be_started_is_tried_again(tmp_path: Path) -> None:
    clock = VirtualClock()
    device = ExecDevice([str(tmp_path)], Abilities(), ExecOptions(command=""), clock=clock)
    for pause in (1, 2):
        with pytest.raises(DeviceError, match="cannot be started: Permission denied"):
            device.apply(FREE)
        with pytest.raises(DeviceError, match=f"started again in {pause} s"):
            device.apply(FREE)
        clock.now += pause


def test_the_modes_are_those_that_are_named_or_those_of_the_site_without_curves() -> None:
    site = Site.load(ROOT / "examples" / "site.toml")
    own = open_device("exec", {"command": "sh"}, site).abilities()
    described = Abilities.from_models(site.ders[0].capability, site.ders[0].settings, site.device_category)
    assert (own.modes, own.device_category) == (described.modes, described.device_category)
    assert "opModExpLimW" in own.modes
    named = open_device("exec", {"command": "sh", "modes": "opModExpLimW opModConnect"}, site).abilities()
    assert named.modes == {"opModExpLimW", "opModConnect"}
    free = open_device("exec", {"command": "sh"}, Site(lfdi=bytes(20))).abilities()
    assert "opModVoltVar" not in free.modes and "opModFixedVar" in free.modes
    assert free.device_category is None
