"""What only an eye sees in the published procedures, decided on what a simulated DER puts out.

A share is one of the rating of 5 kW. Where a limit is above what the DER generates, which is 90 %, or consumes, that is
what is seen, so that neither a limit that is exceeded nor one that is too tight passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf

from envoy.procedures.outcome import Outcome
from tests.support.powered import Moment, PoweredClient, Trace

GENERATED = 0.9
CONSUMED = 1.0

NEAR = 0.02
"""Shares that count as equal."""

START = ""
"""Instead of a step: when the run started."""


def find_time(outcome: Outcome, step: str) -> float:
    """Return when a step was done, or the run started."""
    if step == START:
        assert outcome.started is not None
        return outcome.started
    done = next(each.done for each in outcome.steps if each.name == step)
    assert done is not None
    return done


def get_flow(moment: Moment, name: str, of: str) -> float:
    """Return what flows in the direction that a procedure is about: loads import."""
    sign = -1.0 if is_load(name) else 1.0
    return sign * (moment.output if of == "output" else moment.export)


def is_load(name: str) -> bool:
    """Return whether the DER of a procedure consumes."""
    return "LOA-" in name or name in ("ALT-ALL-29", "DRL-01")


@dataclass(frozen=True, slots=True)
class Level:
    """A power that is to be seen.

    Attributes:
        step: The step that it is reckoned from, when that was done.
        share: The power.
        seconds: Seconds after that, or below 0 before: what happens just then is not seen yet.
        of: ``site`` for the connection point, ``output`` for the DER.
    """

    step: str
    share: float
    seconds: float = -1.0
    of: str = "site"

    def check(self, name: str, outcome: Outcome, trace: Trace) -> str:
        """Return what is wrong, empty if it is as it should be."""
        time = find_time(outcome, self.step) + self.seconds
        seen = get_flow(trace.at(time), name, self.of)
        if abs(seen - self.share) <= NEAR:
            return ""
        where = f"{self.seconds:+.0f} s from {self.step or 'the start'}"
        return f"{where}: {seen:.3f} at the {self.of}, expected {self.share}"


@dataclass(frozen=True, slots=True)
class Ramp:
    """A power that goes from one value to another in a straight line.

    Attributes:
        step: It begins after this step was done.
        until: It ends before this step was done.
        before: The share at the beginning.
        after: The share at the end.
        seconds: How long it takes.
        of: As of ``Level``.
    """

    step: str
    until: str
    before: float
    after: float
    seconds: float
    of: str = "site"

    def check(self, name: str, outcome: Outcome, trace: Trace) -> str:
        """Return what is wrong, empty if it is as it should be."""
        seen = [
            (moment.time, get_flow(moment, name, self.of))
            for moment in trace.during(find_time(outcome, self.step), find_time(outcome, self.until))
        ]
        where = f"from {self.step} to {self.until}"
        ends = [time for time, share in seen if abs(share - self.after) <= NEAR / 4]
        begins = [time for time, share in seen if abs(share - self.before) <= NEAR / 4 and (not ends or time < ends[0])]
        if not begins or not ends:
            return f"{where}: not from {self.before} to {self.after}"
        took = ends[0] - begins[-1]
        if abs(took - self.seconds) > 3:
            return f"{where}: took {took:.0f} s, expected {self.seconds}"
        rate = (self.after - self.before) / self.seconds
        for time, share in seen:
            if begins[-1] < time < ends[0]:
                expected = self.before + rate * (time - begins[-1])
                if abs(share - expected) > NEAR + abs(rate):
                    return f"{where}: {share:.3f} after {time - begins[-1]:.0f} s, expected {expected:.3f}"
        return ""


@dataclass(frozen=True, slots=True)
class Never:
    """A power that is never exceeded from one step to another.

    Attributes:
        step: From when this step was done.
        until: Until this one was.
        share: The most, in either direction.
        seconds: Seconds after the first.
        of: As of ``Level``.
    """

    step: str
    until: str
    share: float
    seconds: float = 0.0
    of: str = "site"

    def check(self, name: str, outcome: Outcome, trace: Trace) -> str:
        """Return what is wrong, empty if it is as it should be."""
        begin = find_time(outcome, self.step) + self.seconds
        moments = trace.during(begin, find_time(outcome, self.until))
        most = max((abs(get_flow(moment, name, self.of)) for moment in moments), default=0.0)
        return (
            "" if most <= self.share + NEAR else f"after {self.step}: {most:.3f} at the {self.of}, at most {self.share}"
        )


Sight = Level | Ramp | Never


def chain(*shares: float, step: str = START, of: str = "site", each: int = 120, first: int = 0) -> list[Sight]:
    """Return the levels at the ends of controls that follow each other."""
    return [Level(step, share, first + each * (number + 1) - 10, of) for number, share in enumerate(shares)]


def active(most: float, of: str) -> list[Sight]:
    """GEN-01 and the like: as much as there is, then nothing."""
    return [
        Level("WAIT-CONTROL", most, of=of),
        Ramp("GET-DERC-ZERO", "WAIT-REACH-ZERO", most, 0.0, most / 0.06, of),
        Level("WAIT-REACH-ZERO", 0.0, of=of),
    ]


def default(most: float, of: str) -> list[Sight]:
    """GEN-03 and the like: a default of 30 % after controls that limit nothing, and 0 in the end."""
    return [
        Ramp("GET-DERC-1", "WAIT-RAMP-DEFAULT-DERC", most, 0.3, (most - 0.3) / 0.0167, of),
        Ramp("GET-DERC-2", "WAIT-CONTROL-END", 0.3, most, (most - 0.3) / 0.0167, of),
        Level("WAIT-CONTROL-END", most, -10, of),
        Level("WAIT-RAMP-DEFAULT-DERC-2", 0.3, of=of),
        Ramp("GET-DERC-3", "WAIT-TEST-END", 0.3, 0.0, 0.3 / 0.0167, of),
    ]


def primacy(most: float) -> list[Sight]:
    """GEN-10 and LOA-10."""
    return [
        Level("WAIT-OBSERVE-DEFAULT-DERC", 0.3),
        Level("WAIT-DERC-1", most),
        Level("POST-DERC-2-RESPONSE-COMPLETED", 0.0, -10),
        Level("POST-DERC-3-RESPONSE-COMPLETED", most, -10),
        Level("WAIT-OBSERVE-DEFAULT-AFTER-DERC-3", 0.3),
        Never("POST-DERC-4-RESPONSE-STARTED", "POST-DERC-4-RESPONSE-COMPLETED", 0.0),
        Level("POST-DERC-4-RESPONSE-COMPLETED", 0.0, 58),
        Level("WAIT-OBSERVE-DERC-5", most),
        Level("WAIT-OBSERVE-DERC-6", 0.5),
        Level("POST-DERC-7-RESPONSE-COMPLETED", 0.0, -10),
        Level("WAIT-OBSERVE-DERC-9-10", 0.2),
        Level("WAIT-OBSERVE-DERP-1-6-DEFAULTS", 0.5),
    ]


def track(limit: float, most: float, sign: float) -> list[Sight]:
    """GEN-13 and the like: a limit at the connection point is held while the load goes from 0 to 20, 10 and 0 %."""
    levels: list[Sight] = [Level(START, most, 50), Level(START, limit, 115)]
    for load, seconds in ((0.2, 235), (0.1, 355), (0.0, 475)):
        levels += [Level(START, limit, seconds), Level(START, limit + sign * load, seconds, "output")]
    return levels


def stop(status: str, again: str, pause: int = 0) -> list[Sight]:
    """ALL-26 and ALL-27: nothing flows, and later it comes back by its ramp, perhaps after a pause."""
    return [
        Level("PRECONDITION-STARTUP-WAIT", GENERATED),
        Never(status, again, 0.0, of="output"),
        # It has five minutes until somebody has seen enough.
        Level(again, 0.0, pause, "output"),
        Level(again, 0.0027 * (100 - pause), 100, "output"),
        Level(again, 0.0027 * (290 - pause), 290, "output"),
    ]


_DAYS = ((0.3, 0.9, 0.8, 0.1), (0.4, 0.9, 0.6, 0.2), (0.5, 0.9, 0.3, 0.8))

SIGHTS: dict[str, Sequence[Sight]] = {
    "ALL-07": [Level("PUT-DERSTATUS-DISCONNECT", 0.0, 1, "output")],
    "ALL-08": [Level("PUT-DERSTATUS-DISCONNECT", 0.0, 1, "output")],
    "ALL-23": [
        *chain(GENERATED, 0.2, 0.4, 0.3, 0.4),
        Level("WAIT-SCHEDULE-END", 0.0),
        Level("WAIT-TEST-FINISH", GENERATED),
    ],
    "ALL-25": [
        Ramp("GET-DERP-LIST-1", "WAIT-CONTROL-1-FINISH", GENERATED, 0.3, 60),
        Ramp("GET-DERP-LIST-2", "WAIT-CONTROL-2-FINISH", 0.0, 0.5, 50),
    ],
    "ALL-25-EXT": [
        *chain(*_DAYS[0], step="GET-DERC-DAY-1", each=21_600),
        *chain(*_DAYS[1], step="WAIT-DAY1-END", each=21_600),
        *chain(*_DAYS[2], step="WAIT-DAY2-END", each=21_600),
    ],
    "ALL-26": stop("PUT-DERSTATUS-DEENERGIZE", "PUT-DERSTATUS-REENERGIZE"),
    "ALL-27": stop("PUT-DERSTATUS-DISCONNECT", "PUT-DERSTATUS-CONNECT", 60),
    "ALL-28": [
        Level("WAIT-RAMP-DERC-1", 0.3),
        Ramp("GET-DERC-2", "WAIT-RAMP-DERC-2", 0.3, 0.1, 10),
        Ramp("GET-DERC-3", "WAIT-RAMP-DERC-3", 0.1, 0.5, 60),
        Ramp("PUT-DERSETTINGS-SET-GRAD-W", "WAIT-RAMP-DEFAULT", 0.5, 0.0, 50),
        Ramp("GET-DERC-4", "WAIT-RAMP-DERC-4", 0.0, 0.3, 30),
    ],
    "ALL-29": chain(0.8, 0.3, 0.2, 0.1, 0.0),
    "ALT-ALL-29": chain(1.1, 0.5, 0.4, 0.3, 0.0),
    "ALL-30": [
        Level("PRECONDITION-STARTUP-WAIT", GENERATED),
        Level("CLIENT-POWER-CYCLE", 0.3),
        Never("GET-DEFAULT-DERC", "REESTABLISH-COMMUNICATION", 0.3, 15),
    ],
    "ALT-LOA-13": track(0.4, CONSUMED, -1),
    "DRA-02": [Level("PUT-DERSTATUS", 0.0, 1, "output")],
    "DRD-01": [Level("PUT-DERSTATUS-1", 0.0, 1, "output")],
    "DRG-01": [Level("GET-DERC-1", 0.75, 118)],
    # A minute is not enough for a quarter of the rating, by the rate of the default.
    "DRL-01": [Level("GET-DERC-1", CONSUMED - 58 * 0.0027, 118)],
    "GEN-01": active(GENERATED, "site"),
    "GEN-02": active(GENERATED, "output"),
    "GEN-03": default(GENERATED, "site"),
    "GEN-04": default(GENERATED, "output"),
    "GEN-09": [Level("PRECONDITION-STARTUP-WAIT", GENERATED), Level("WAIT-TILL-END", 0.3)],
    "GEN-10": primacy(GENERATED),
    "GEN-11": chain(GENERATED, GENERATED, 0.4, 0.25, 0.0, step="GET-DER-CONTROLS"),
    "GEN-12": chain(GENERATED, GENERATED, 0.4, 0.25, 0.0, step="GET-DER-CONTROLS", of="output"),
    "GEN-13": track(0.2, GENERATED, 1),
    "LOA-01": active(CONSUMED, "site"),
    "LOA-02": active(CONSUMED, "output"),
    "LOA-03": default(CONSUMED, "site"),
    "LOA-04": default(CONSUMED, "output"),
    "LOA-09": [Level("PRECONDITION-STARTUP-WAIT", CONSUMED), Level("WAIT-TILL-END", 0.3)],
    "LOA-10": primacy(CONSUMED),
    "LOA-11": chain(CONSUMED, CONSUMED, 0.4, 0.25, 0.0, step="GET-DER-CONTROLS"),
    "LOA-12": chain(CONSUMED, CONSUMED, 0.4, 0.25, 0.0, step="GET-DER-CONTROLS", of="output"),
    "LOA-13": track(0.2, CONSUMED, -1),
    "MUL-01": [Level("PUT-DERSTATUS-FULL-DISCONNECT", 0.0, 1, "output")],
    "MUL-02": chain(0.8, 0.0),
    "P-03": [Level("PROCEED-OBSERVE-ZERO", 0.0), Level("PROCEED-OBSERVE-DEFAULT", 0.3)],
    "STO-03": [Level("POST-RESPONSE-STARTED", 1.0, 475, "output")],
    "STO-06": chain(1.0, 0.5, -1.0, 0.0, 0.3, 0.0, step="GET-DERC-1", each=900, first=300),
}
"""What is seen in each procedure where that is not all decided by the utility."""


def look(name: str, outcome: Outcome, client: PoweredClient) -> Iterator[str]:
    """Yield what is wrong with what is seen in a run."""
    if not outcome.passed:
        return
    site = client.site
    for sight in SIGHTS.get(name, ()):
        if wrong := sight.check(name, outcome, site.trace):
            yield wrong
    if name in ("ALL-03-REJ", "ALL-04"):
        since = find_time(outcome, "GET-REGISTRATION")
        sent = any(since < time <= since + 120 for time, *_ in client.requests)
        if sent == (name == "ALL-03-REJ"):
            yield "it goes on after a wrong PIN" if sent else "it does not go on after the right PIN"
    if name == "ALL-22":
        begin = find_time(outcome, START)
        free = [moment.time - begin for moment in site.trace.moments if 0 < moment.limit < inf]
        # One after the other, all of them as late as the first by its random start; the default of 0 holds otherwise.
        gap = any(later - earlier > 2 * client.period for earlier, later in pairwise(free))
        if not free:
            yield "no control holds"
        elif gap or not (0 <= free[0] <= 60 + client.period and 600 - client.period <= free[-1] <= 660):
            yield f"the controls hold from {free[0]:.0f} to {free[-1]:.0f} s{', with a gap' if gap else ''}"
