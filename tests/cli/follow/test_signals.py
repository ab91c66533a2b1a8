"""Signals of a command that runs for ever, sent to this process or to one of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from functools import partial

import pytest

from envoy.cli.follow.signals import SignalThread
from tests.support.fleets import until
from tests.support.threads import ended_threads

SECOND = """
import os, signal, time
from envoy.cli.follow.signals import SignalThread
with SignalThread(end=print, reload=print, look=lambda: None, leave=lambda: print("leaving", flush=True)):
    while True:
        os.kill(os.getpid(), signal.SIG{})
        time.sleep(0.01)
"""


def test_each_signal_has_its_function() -> None:
    called: list[object] = []
    before = signal.getsignal(signal.SIGTERM)
    reload, look = (partial(called.append, word) for word in ("reload", "look"))
    with ended_threads("signals"), SignalThread(end=called.append, reload=reload, look=look):
        for number in (signal.SIGHUP, signal.SIGHUP, signal.SIGTERM):
            os.kill(os.getpid(), number)
        until(lambda: len(called) == 4)
    assert called == ["look", "reload", "reload", "SIGTERM"]
    assert signal.getsignal(signal.SIGTERM) is before


def test_it_looks_again_and_again() -> None:
    looks: list[None] = []
    with SignalThread(end=lambda _: None, reload=lambda: None, look=lambda: looks.append(None), period=0.001):
        until(lambda: len(looks) > 3)


def test_signals_that_come_together_are_one() -> None:
    called: list[object] = []
    with SignalThread(
        end=called.append, reload=lambda: called.append("reload"), look=lambda: None, together=float("inf")
    ):
        for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            os.kill(os.getpid(), number)
        until(lambda: "reload" in called)
    assert called == ["SIGTERM", "reload"]


@pytest.mark.parametrize("name", ["TERM", "INT"])
def test_a_second_one_ends_the_process_at_once(name: str) -> None:
    done = subprocess.run([sys.executable, "-c", SECOND.format(name)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (128 + getattr(signal, f"SIG{name}"), f"SIG{name}\nleaving\n")
