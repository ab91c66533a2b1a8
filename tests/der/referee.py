"""A referee for schedules: goes through a story second by second, and says what holds and what is sent.

It is written from the rules alone and imports nothing of what it is the referee of. It is slow and plain on purpose:
every second it looks at every event again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

RECEIVED, STARTED, COMPLETED, CANCELLED, SUPERSEDED = 1, 2, 3, 6, 7
MISSED, RESUMED, NOT_SUPPORTED, UNSUITABLE, INVALID, LATE = 10, 15, 251, 252, 253, 254


@dataclass(frozen=True)
class Control:
    """An event as a server shows it."""

    mrid: str
    href: str
    made: int
    start: int
    length: int
    values: Mapping[str, Any]
    shake_start: int = 0
    shake_length: int = 0
    status: int = 0
    wants: int = 3
    category: int | None = None


@dataclass(frozen=True)
class Group:
    """A program as a server shows it."""

    name: str
    primacy: int
    ahead: int
    default: Mapping[str, Any] | None
    controls: tuple[Control, ...]
    whole: bool = True


@dataclass(frozen=True)
class Story:
    """What happens.

    Attributes:
        reads: What is read, by the second.
        pauses: When the process comes back, by the second in which it stops.
        able: The modes that the device has.
        category: Its category.
        draws: Numbers from 0 up, by mRID and what they are for.
        edition: 2018 or 2023.
        csip_aus: Only the five statuses of CSIP-AUS are sent.
        resumes: What was superseded comes back.
        end: The last second.
    """

    reads: Mapping[int, tuple[Group, ...]]
    able: frozenset[str]
    draws: Mapping[tuple[str, str], int]
    pauses: Mapping[int, int] = field(default_factory=dict)
    category: int | None = None
    edition: int = 2018
    csip_aus: bool = False
    resumes: bool = False
    end: int = 180

    def draw(self, mrid: str, what: str, bound: int) -> int:
        """Return what is drawn for an mRID, from 0 to a bound."""
        return self.draws.get((mrid, what), 0) % (bound + 1)


@dataclass(frozen=True)
class Verdict:
    """What a device has to do.

    Attributes:
        holds: The value and the source of each mode, by the second; a second of a pause is not in it.
        sent: The responses: mRID, status and time, in the order of what happened.
    """

    holds: Mapping[int, Mapping[str, tuple[Any, str]]]
    sent: list[tuple[str, int, int]]


@dataclass
class _Case:
    """What the referee knows of one event."""

    control: Control
    group: Group
    made: int
    phase: str = "waiting"  # waiting, running, winding, gone, over
    completed_at: int | None = None
    began: int | None = None  # effective start minus specified start
    wound: int | None = None
    given_up: set[str] = field(default_factory=set)
    beaten: bool = False


class Referee:
    """Goes through one story."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.cases: dict[tuple[str, str], _Case] = {}
        self.groups: dict[str, Group] = {}
        self.sent: list[tuple[str, int, int]] = []
        self.said: set[tuple[str, int]] = set()
        self.first_draw: dict[tuple[str, str], int] = {}

    def run(self) -> Verdict:
        """Return what has to be done in the story."""
        holds: dict[int, Mapping[str, tuple[Any, str]]] = {}
        back = -1
        for now in range(self.story.end + 1):
            self._stop_what_is_over(now)
            if now < back:
                continue
            if now == back:
                # Back from a pause, it goes on with what it knows before it reads anything.
                while self._start_what_has_come(now):
                    pass
            if now in self.story.reads:
                self._read(now, self.story.reads[now])
                self._stop_what_is_over(now)
            while self._start_what_has_come(now):
                pass
            holds[now] = dict(self._look())
            back = max(back, self.story.pauses.get(now, -1))
        return Verdict(holds, self.sent)

    # When

    def _chance(self, case: _Case, what: str, bound: int) -> int:
        if bound == 0:
            return 0
        place = (case.control.mrid, what)
        if place not in self.first_draw:
            self.first_draw[place] = self.story.draw(*place, abs(bound))
        number = min(self.first_draw[place], abs(bound))
        return number if bound > 0 else -number

    def _said_start(self, case: _Case) -> int:
        return case.control.start - case.group.ahead

    def _said_end(self, case: _Case) -> int:
        return self._said_start(case) + case.control.length

    def _modes(self, case: _Case) -> set[str]:
        return set(case.control.values) & self.story.able

    def _start(self, case: _Case, known: dict[int, int] | None = None) -> int:
        """Return when an event starts; for those before it that is found once, or a chain takes for ever."""
        known = {} if known is None else known
        if id(case) not in known:
            known[id(case)] = self._find_start(case, known)
        return known[id(case)]

    def _find_start(self, case: _Case, known: dict[int, int]) -> int:
        if case.began is not None:
            return self._said_start(case) + case.began
        own = self._said_start(case) + self._chance(case, "start", case.control.shake_start)
        earlier = [
            other
            for other in self.cases.values()
            if other is not case
            and (other.phase in ("waiting", "running") or other.completed_at is not None)
            and other.group.primacy <= case.group.primacy
            and self._modes(other) & self._modes(case)
            and self._said_end(other) <= self._said_start(case)
        ]
        just_before = [self._end(other, known) for other in earlier if self._said_end(other) == self._said_start(case)]
        wanted = max(just_before) if just_before else own
        return max([wanted] + [self._end(other, known) for other in earlier])

    def _end(self, case: _Case, known: dict[int, int] | None = None) -> int:
        if case.completed_at is not None:
            return case.completed_at
        length = case.control.length + self._chance(case, "duration", case.control.shake_length)
        end = self._start(case, known) + max(0, length)
        return end if case.wound is None else min(end, case.wound)

    # Who

    def _better(self, one: _Case, other: _Case) -> bool:
        """Return whether one event goes before another."""
        if (one.phase == "winding") != (other.phase == "winding"):
            return other.phase == "winding"
        if one.group.primacy != other.group.primacy:
            return one.group.primacy < other.group.primacy
        if one.made != other.made:
            return one.made > other.made
        return (one.control.mrid, one.control.href) > (other.control.mrid, other.control.href)

    def _best(self, mode: str, cases: list[_Case]) -> _Case | None:
        rivals = [case for case in cases if mode in self._modes(case) and mode not in case.given_up]
        for case in rivals:
            if all(other is case or self._better(case, other) for other in rivals):
                return case
        return None

    # What happens

    def _say(self, case: _Case, status: int, now: int) -> bool:
        if (case.control.mrid, status) in self.said:
            return False
        self.said.add((case.control.mrid, status))
        bit = 1 if status == RECEIVED else 2
        allowed = not self.story.csip_aus or status in (RECEIVED, STARTED, COMPLETED, CANCELLED, SUPERSEDED)
        if case.control.wants & bit and allowed:
            self.sent.append((case.control.mrid, status, now + case.group.ahead))
        return True

    def _in_order(self, *phases: str) -> list[_Case]:
        return [case for _, case in sorted(self.cases.items()) if case.phase in phases]

    def _stop_what_is_over(self, now: int) -> None:
        for case in [case for case in self._in_order("running", "winding") if self._end(case) <= now]:
            if case.phase == "running" and not case.beaten:
                case.completed_at = now
                self._say(case, COMPLETED, now)
            case.phase = "over"

    def _start_what_has_come(self, now: int) -> bool:
        late = [case for case in self._in_order("waiting") if self._end(case) <= now]
        for case in late:
            case.phase = "over"
            self._say(case, MISSED, now)
        if late:
            return True
        starts = {id(case): self._start(case) for case in self._in_order("waiting") if self._start(case) <= now}
        rivals = [case for case in self._in_order("waiting", "running", "winding") if self._has_come(case, now)]
        best = {mode: self._best(mode, rivals) for mode in self.story.able}
        moved = bool(starts)
        winners, losers = [], []
        for case in rivals:
            mine = {mode for mode in self._modes(case) if best[mode] is case}
            if not self.story.resumes:
                case.given_up |= self._modes(case) - mine
            (winners if mine else losers).append(case)
        for case in losers:
            began = starts[id(case)] - self._said_start(case) if id(case) in starts else case.began
            if not self.story.resumes:
                if case.phase != "winding":
                    self._say(case, SUPERSEDED, now)
                case.phase = "over"
                moved = True
            elif case.phase != "winding" and not case.beaten:
                case.phase, case.beaten, case.began = "running", True, began
                self._say(case, SUPERSEDED, now)
        for case in winners:
            if case.phase == "waiting":
                case.phase, case.began = "running", starts[id(case)] - self._said_start(case)
                self._say(case, STARTED, now)
            elif case.beaten:
                case.beaten = False
                if not self._say(case, STARTED, now) and self.story.edition == 2023:
                    self._say(case, RESUMED, now)
        return moved

    def _has_come(self, case: _Case, now: int) -> bool:
        return case.phase != "waiting" or self._start(case) <= now

    # What is read

    def _read(self, now: int, groups: tuple[Group, ...]) -> None:
        self.groups = {group.name: group for group in groups}
        shown = {
            (control.mrid, control.href): (control, group)
            for group in sorted(groups, key=lambda group: -group.primacy)
            for control in group.controls
        }
        self._follow_moves(shown)
        for key, case in sorted(self.cases.items()):
            group = self.groups.get(case.group.name)
            case.group = group or case.group
            if key in shown:
                continue
            if group is None or (group.whole and self.story.edition == 2023):
                if case.phase in ("waiting", "running"):
                    case.phase = "gone"
                    self._say(case, CANCELLED, now)
                elif case.phase == "winding":
                    case.phase = "over"
        for key, (control, group) in sorted(shown.items()):
            if key in self.cases:
                self._read_again(now, self.cases[key], control, group)
            elif not (control.category and self.story.category and not control.category & self.story.category):
                self._read_first(now, control, group)

    def _follow_moves(self, shown: dict[tuple[str, str], tuple[Control, Group]]) -> None:
        """An event that is shown elsewhere and is the same in everything is the same event."""
        for key in list(shown):
            lost = [old for old in self.cases if old[0] == key[0] and old not in shown]
            if key not in self.cases and len(lost) == 1 and _same(self.cases[lost[0]].control, shown[key][0]):
                self.cases[key] = self.cases.pop(lost[0])

    def _read_first(self, now: int, control: Control, group: Group) -> None:
        case = _Case(control, group, control.made)
        self.cases[control.mrid, control.href] = case
        last: int | None = None
        if control.status in (2, 3):
            last = CANCELLED
        elif control.status == 4:
            last = SUPERSEDED
        elif control.length < 0 or _is_impossible(control):
            last = INVALID
        elif control.length == 0 or self._said_end(case) <= now or control.status == 5:
            last = LATE
        elif not self._modes(case):
            last = UNSUITABLE if self.story.edition == 2018 else NOT_SUPPORTED
        if last != LATE:
            self._say(case, RECEIVED, now)
        if last is not None:
            case.phase = "over"
            self._say(case, last, now)

    def _read_again(self, now: int, case: _Case, control: Control, group: Group) -> None:
        case.group = group
        if case.phase == "over":
            return
        old = case.control
        case.control = control
        if not _same(old, control) and (control.length <= 0 or _is_impossible(control) or not self._modes(case)):
            case.control = Control(**{**vars(old), "status": control.status})
        if control.status == 2 or (control.status == 3 and case.phase in ("waiting", "gone")):
            self._say(case, CANCELLED, now)
            case.phase = "over"
        elif control.status == 3 and case.phase == "running":
            bound = max(abs(case.control.shake_start), abs(case.control.shake_length))
            case.phase, case.wound = "winding", now + self._chance(case, "stop", bound)
            self._say(case, CANCELLED, now)
        elif control.status == 4:
            if case.phase not in ("winding", "gone"):
                self._say(case, SUPERSEDED, now)
            case.phase = "over"
        elif control.status == 5 and case.phase in ("waiting", "running", "winding"):
            if case.phase == "waiting":
                self._say(case, MISSED, now)
            elif case.phase == "running" and not case.beaten:
                self._say(case, COMPLETED, now)
            case.phase = "over"
        elif control.status in (0, 1) and case.phase == "gone" and self._said_end(case) > now:
            case.phase, case.began = "waiting", None

    # What holds

    def _look(self) -> Iterator[tuple[str, tuple[Any, str]]]:
        running = self._in_order("running", "winding")
        groups = sorted(self.groups.values(), key=lambda group: group.name, reverse=True)
        groups.sort(key=lambda group: group.primacy)
        for mode in self.story.able:
            if best := self._best(mode, running):
                if best.control.values[mode] is not None:
                    yield mode, (best.control.values[mode], best.control.mrid)
                continue
            for group in groups:
                if group.default and mode in group.default:
                    if group.default[mode] is not None:
                        yield mode, (group.default[mode], group.name)
                    break


def _same(one: Control, other: Control) -> bool:
    asked: Callable[[Control], Any] = lambda control: (  # noqa: E731
        control.start,
        control.length,
        control.shake_start,
        control.shake_length,
        dict(control.values),
    )
    return bool(asked(one) == asked(other))


def _is_impossible(control: Control) -> bool:
    """Return whether a limit is below 0."""
    numbers = [value for value in control.values.values() if not (value is None or isinstance(value, bool))]
    return any(value < 0 for value in numbers)
