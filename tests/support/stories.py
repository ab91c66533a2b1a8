"""Stories for schedules: random programs, events, edits, cancellations, clock jumps and pauses."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st

from tests.der.referee import Control, Group, Story

MODES = ("opModConnect", "opModExpLimW", "opModGenLimW", "opModFreqDroop")
TIMES = st.integers(0, 60)
LIMITS = [0, 500, 1500, 40_000]
SHAKES = st.sampled_from([0, 0, 0, 0, 7, 15, -6, -20])


@st.composite
def make_settings(draw: st.DrawFn, *, odd: bool = True) -> dict[str, Any]:
    """Return what a control or default sets, None for what it switches off.

    Odd values may be impossible, or of modes that the device lacks.
    """
    modes = draw(st.sets(st.sampled_from(MODES if odd else MODES[:3]), min_size=1, max_size=3))
    values: dict[str, Any] = {}
    for mode in sorted(modes):
        if mode == "opModConnect":
            values[mode] = draw(st.booleans())
        elif mode == "opModFreqDroop":
            values[mode] = True
        else:
            values[mode] = draw(st.sampled_from([*LIMITS * 8, None, None, -1] if odd else [*LIMITS, None]))
    return values


@st.composite
def make_controls(draw: st.DrawFn, mrid: str) -> Control:
    """Return a control."""
    return Control(
        mrid=mrid,
        href=f"/derc/{mrid}",
        made=draw(st.integers(0, 2)),
        start=draw(st.one_of(TIMES, st.sampled_from([20, 40, 60]))),
        length=draw(st.sampled_from([20, 20, 20, 5, 5, 35, 35, 60, 60, 60, 1, 0, -5])),
        values=draw(make_settings()),
        shake_start=draw(SHAKES),
        shake_length=draw(SHAKES),
        status=draw(st.sampled_from([0] * 12 + [1, 2, 3, 4, 5])),
        wants=draw(st.sampled_from([3] * 8 + [1, 2, 0])),
        category=draw(st.sampled_from([None] * 8 + [1, 2])),
    )


@dataclass
class _Server:
    """A server whose operators change their minds."""

    groups: dict[str, Group]
    placed: dict[str, str] = field(default_factory=dict)
    controls: dict[str, Control] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)
    partial: bool = False

    def show(self) -> tuple[Group, ...]:
        """Return what it shows."""
        shown = []
        for name, group in self.groups.items():
            controls = [
                control
                for mrid, control in self.controls.items()
                if self.placed[mrid] == name and mrid not in self.away
            ]
            if self.partial:
                controls = controls[1:]
            if name not in self.away:
                shown.append(replace(group, controls=tuple(controls), whole=not self.partial))
        return tuple(shown)


_CHANGES = ("status", "status", "hide", "show", "edit", "jump", "primacy", "default", "move", "new")


@st.composite
def _change(draw: st.DrawFn, server: _Server) -> None:
    """Let something happen at a server."""
    mrid = draw(st.sampled_from(sorted(server.controls)))
    name = draw(st.sampled_from(sorted(server.groups)))
    group, control = server.groups[name], server.controls[mrid]
    match draw(
        st.sampled_from(["status", "status", "hide", "show", "edit", "jump", "primacy", "default", "move", "new"])
    ):
        case "status":
            server.controls[mrid] = replace(control, status=draw(st.sampled_from([1, 2, 3, 3, 4, 5, 0])))
        case "hide":
            server.away.add(draw(st.sampled_from([mrid, name])))
        case "show":
            server.away.clear()
        case "edit":
            other = draw(make_controls(mrid))
            part = draw(st.sampled_from(["start", "length", "values", "shake_start", "made", "wants"]))
            server.controls[mrid] = replace(control, **{part: getattr(other, part)})
        case "jump":
            ahead = draw(st.sampled_from([0, 3, 15, 40, -10]))
            server.groups[name] = replace(group, ahead=ahead)
        case "primacy":
            server.groups[name] = replace(group, primacy=draw(st.integers(0, 2)))
        case "default":
            server.groups[name] = replace(group, default=draw(st.one_of(st.none(), make_settings(odd=False))))
        case "move":
            server.controls[mrid] = replace(control, href=f"/derc/elsewhere/{mrid}")
        case "new":
            mrid = f"E{len(server.controls):X}"
            server.controls[mrid] = draw(make_controls(mrid))
            server.placed[mrid] = name


@st.composite
def make_stories(draw: st.DrawFn, *, calm: bool = False) -> Story:
    """Return a story; in a calm one a single thing is read at the beginning, and nothing else happens."""
    names = [f"F{number}" for number in range(draw(st.integers(1, 3)))]
    server = _Server(
        {
            name: Group(name, draw(st.integers(0, 2)), 0, draw(st.one_of(st.none(), make_settings(odd=False))), ())
            for name in names
        }
    )
    for number in range(draw(st.integers(1, 5))):
        mrid = f"E{number}"
        server.controls[mrid] = draw(make_controls(mrid))
        server.placed[mrid] = draw(st.sampled_from(names))
    reads = {draw(st.integers(0, 25)): server.show()}
    for time in sorted(draw(st.sets(st.integers(1, 110), max_size=0 if calm else 5))):
        for _ in range(draw(st.integers(0, 2))):
            draw(_change(server))
        server.partial = draw(st.sampled_from([False, False, False, True]))
        if time not in reads:
            reads[time] = server.show()
    pauses = {} if calm else draw(st.dictionaries(st.integers(0, 100), st.integers(2, 30), max_size=2))
    pauses = {time: time + length for time, length in pauses.items() if time >= min(reads)}
    # Nothing is read while the process is away, nor is it stopped twice.
    back = -1
    for time in sorted(pauses):
        if time < back:
            del pauses[time]
        else:
            back = pauses[time]
    reads = {
        time: groups for time, groups in reads.items() if not any(stop < time < back for stop, back in pauses.items())
    }
    draws = {
        (mrid, what): draw(st.integers(0, 20))
        for mrid in sorted(server.controls)
        for what in ("start", "duration", "stop")
    }
    return Story(
        reads=reads,
        pauses=pauses,
        able=frozenset(MODES[:3]),
        category=draw(st.sampled_from([None, 1])),
        draws=draws,
        edition=draw(st.sampled_from([2018, 2023])),
        csip_aus=draw(st.booleans()),
        resumes=draw(st.booleans()),
    )
