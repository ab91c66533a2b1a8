"""The states of events at each site, compared with a plain model of what the operator has done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from envoy.utility import Control, ManualClock, Utility
from sep2 import DERControlList
from tests.support.utilities import Client, new_lfdi

NOW = 1_700_000_000
SITES = 3
MODES: dict[str, Any] = {"op_mod_connect": True, "op_mod_exp_lim_w": 1, "op_mod_imp_lim_w": 2}


@dataclass
class Modelled:
    """A control as the model knows it, with when it was superseded, by site."""

    start: int
    duration: int
    randomize_start: int
    randomize_duration: int
    modes: frozenset[str]
    sites: frozenset[int]
    made: Control
    cancelled: int | None = None

    def __post_init__(self) -> None:
        self.superseded: dict[int, int] = {}

    @property
    def latest(self) -> int:
        return self.start + self.duration + max(0, self.randomize_start) + max(0, self.randomize_duration)

    def supersede(self, other: Modelled, now: int) -> None:
        """Supersede an older one where it overlaps."""
        overlaps = other.start < self.start + self.duration and self.start < other.start + other.duration
        if overlaps and self.duration and self.modes & other.modes and other.cancelled is None and other.latest > now:
            for site in self.sites & other.sites:
                other.superseded.setdefault(site, now)

    def status(self, site: int, now: int) -> int:
        superseded = self.superseded.get(site)
        if superseded is not None:
            return 4
        if self.cancelled is not None:
            return 3 if self.randomize_start else 2
        return int(now >= self.start + min(0, self.randomize_start))


seconds = st.integers(0, 60)
randomized = st.sampled_from([0, 0, 0, 20, -20])
controls = st.tuples(
    seconds,
    seconds,
    randomized,
    randomized,
    st.sets(st.sampled_from(sorted(MODES)), min_size=1),
    st.one_of(st.none(), st.sets(st.integers(0, SITES - 1), min_size=1)),
)
steps = st.lists(
    st.one_of(controls, st.integers(0, 9), st.just("wait").flatmap(lambda _: st.floats(1, 40))), max_size=14
)


@given(steps)
def test_each_site_sees_the_state_that_the_model_has(steps: list[Any]) -> None:
    clock = ManualClock(NOW)
    with Utility(now=clock) as utility:
        client = Client(utility)
        lfdis = [new_lfdi() for _ in range(SITES)]
        hrefs = [client.register(lfdi) for lfdi in lfdis]
        program, model = utility.program("export"), list[Modelled]()
        for step in steps:
            now = utility.now()
            if isinstance(step, float):
                utility.advance(int(step))
            elif isinstance(step, int):
                if step < len(model) and model[step].latest > now:
                    model[step].made.cancel()
                    model[step].cancelled = now if model[step].cancelled is None else model[step].cancelled
            else:
                start, duration, randomize_start, randomize_duration, modes, sites = step
                made = program.control(
                    start=now + start,
                    duration=duration,
                    randomize_start=randomize_start or None,
                    randomize_duration=randomize_duration or None,
                    sites=None if sites is None else [lfdis[site] for site in sites],
                    **{mode: MODES[mode] for mode in modes},
                )
                parts = (now + start, duration, randomize_start, randomize_duration, frozenset(modes))
                new = Modelled(*parts, frozenset(range(SITES) if sites is None else sites), made)
                for other in model:
                    new.supersede(other, now)
                model.append(new)
            now = utility.now()
            for site, href in enumerate(hrefs):
                listed = client.load(f"{href}/derp/1/derc", DERControlList, l=50).der_control
                seen = {each.mrid: int(each.event_status.current_status) for each in listed}
                expected = {each.made.mrid: each for each in model if each.latest > now and site in each.sites}
                assert seen == {mrid: each.status(site, now) for mrid, each in expected.items()}
                assert all(each.event_status.date_time <= now for each in listed)
                active = client.load(f"{href}/derp/1/actderc", DERControlList, l=50).der_control
                assert {each.mrid for each in active} == {mrid for mrid, status in seen.items() if status == 1}
