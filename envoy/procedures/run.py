"""The run of a procedure: its steps, from the first to the verdict.

It has no input or output and no clock of its own: it is shown each request before and after the utility responds, and
is given a chance now and then to see what time it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from envoy.errors import EnvoyError, ProcedureError
from envoy.identity import format_lfdi
from envoy.procedures.actions import Actions
from envoy.procedures.checks import DECIDED, Decision
from envoy.procedures.evidence import Evidence, Exchange, Sites
from envoy.procedures.interventions import INTERVENTIONS, Interventions, matches
from envoy.procedures.outcome import CriterionOutcome, Happening, Outcome, StepOutcome, Verdict
from envoy.procedures.procedure import Action, Check, Procedure, Step
from envoy.procedures.progress import Phase, Progress, RunSettings
from envoy.procedures.variables import Variables
from envoy.procedures.vocabulary import ANY_REQUEST
from envoy.utility import Utility

_REQUEST = "-request-received"


class Run:
    """A run of a procedure against a client.

    Args:
        procedure: What is done and waited for.
        utility: The utility, with nothing in it yet.
        clock: The clock of the utility, in seconds since 1970.
        settings: What can be set; None for the usual.
        notify: Called with a line for what people should know: instructions, steps, the end.

    Attributes:
        procedure: As above.
        phase: How far it has come.
        evidence: The evidence so far.
        interventions: What stands between the client and the utility.

    Raises:
        ProcedureError: The utility has programs already.
    """

    def __init__(
        self,
        procedure: Procedure,
        utility: Utility,
        *,
        clock: Callable[[], float],
        settings: RunSettings | None = None,
        notify: Callable[[str], None] = lambda line: None,
    ) -> None:
        if utility.list_programs():
            raise ProcedureError(
                "the utility has programs already, a procedure makes its own",
                where=procedure.file,
                remedy="Name a database that does not exist yet, or none.",
            )
        self.procedure = procedure
        self.phase = Phase.PREPARING
        self._settings = settings or RunSettings()
        self._clock = clock
        self._notify = notify
        self._utility = utility
        sites = Sites(utility, aggregator=self._settings.aggregator)
        self.evidence = Evidence(utility, sites, pen=self._settings.pen)
        self.interventions = Interventions(clock)
        self._actions = Actions(self.evidence)
        self._variables = Variables(self.evidence)
        self._steps = {name: Progress(step) for name, step in procedure.steps.items()}
        self._ignored = {
            name
            for check in procedure.criteria
            if check.type == "all-steps-complete"
            for name in check.parameters.get("ignored_steps", ())
        }
        self._timeline: list[Exchange | Happening] = []
        self._failure = ""
        self._began = self._latest = clock()
        self._complete: float | None = None
        self._news = True
        self._ended = 0.0
        self._criteria: list[CriterionOutcome] = []
        self._list_open_steps()
        self._say(f"{procedure.name}: {procedure.description}")
        for instruction in procedure.instructions:
            self._say(f"before the start: {instruction}")
        self._perform(procedure.init_actions)

    # Requests

    def begin(self, exchange: Exchange) -> None:
        """Take note of a request before it is responded to."""
        self.advance()
        sites = self.evidence.sites
        if not sites.client:
            sites.client = exchange.client
            self._say(f"the client {format_lfdi(exchange.client)} has come")
        if exchange.client != sites.client or self.phase is Phase.FINISHED:
            return
        if self.phase is Phase.PREPARING and self.procedure.immediate_start:
            self._start()
        exchange.during = self.phase is Phase.RUNNING
        exchange.endpoint = sites.locate(exchange.path)
        self.evidence.exchanges.append(exchange)
        self._timeline.append(exchange)
        self._news = True
        if self.interventions.reachable:
            self._trigger(exchange, served=False)

    def end(self, exchange: Exchange) -> None:
        """Take note of the response to a request that ``begin`` was shown."""
        if exchange.client != self.evidence.sites.client:
            return
        self._news = True
        if not exchange.forced:
            self._trigger(exchange, served=True)
        self.advance()

    def note_delivery(self, status: int | None, why: str = "") -> None:
        """Take note of what a subscriber responded to a notification; None if there was no response."""
        self.evidence.deliveries.append(status)
        self._note(f"a notification was sent: {status or why or 'no response'}")

    def _trigger(self, exchange: Exchange, *, served: bool) -> None:
        """Let a request make the first step happen that waits for it."""
        if self.phase is not Phase.RUNNING or not exchange.first_page:
            return
        for progress in self._waiting:
            event = progress.step.event
            method, is_request, _ = event.type.partition(_REQUEST)
            if not is_request or event.parameters.get("serve_request_first", False) is not served:
                continue
            if event.type != ANY_REQUEST and not (
                method == exchange.method and matches(self._variables.resolve(event.parameters["endpoint"]), exchange)
            ):
                continue
            if self._happens(progress):
                exchange.step = progress.step.name
                return

    # Time and people

    def advance(self) -> None:
        """Do what the time has come for."""
        now = self._clock()
        if self.phase is Phase.RUNNING:
            # Each step may enable or remove those that come after it.
            for progress in self._open:
                due = self._due(progress) if progress.waits else None
                if due is not None and now >= due and self.phase is Phase.RUNNING:
                    self._come_due(progress)
        if self.phase is Phase.PREPARING and self._can_start():
            self._start()
        if self.phase is Phase.RUNNING:
            self._look_for_end(now)
        if self.phase is Phase.PREPARING and self._lost_patience(now):
            self._failure = "the preconditions did not come to hold: " + "; ".join(
                outcome.detail
                for outcome in self._decide(self.procedure.preconditions)
                if outcome.verdict is Verdict.FAILED
            )
            self._finish()

    def proceed(self) -> str:
        """Go on with the step that waits for people, and return its name.

        Raises:
            EnvoyError: No step does.
        """
        for progress in self._waiting:
            if progress.step.event.type == "proceed":
                self._happens(progress)
                self.advance()
                return progress.step.name
        raise EnvoyError("no step waits for people to proceed", where=self.procedure.name)

    @property
    def next_due(self) -> float | None:
        """When time alone makes something happen, in seconds since 1970; None if it does not."""
        if self.phase is Phase.FINISHED:
            return None
        dues = [self._due(progress) for progress in self._waiting]
        dues.append(None if self._complete is None else self._settled)
        dues.append(self._patience_ends)
        return min((due for due in dues if due is not None), default=None)

    @property
    def _settled(self) -> float:
        """When nothing more is expected after the last step: when all controls are over, and a while later."""
        return max([self._complete or 0, *self.evidence.controls.values()]) + self._settings.settle

    def _due(self, progress: Progress) -> float | None:
        """Return when time alone makes a step happen or fail."""
        if progress.enabled is None:
            return None
        event = progress.step.event
        if event.type == "wait":
            seconds: float | None = event.parameters["duration_seconds"]
        elif event.type == "proceed":
            seconds = event.parameters.get("timeout_seconds", self._settings.proceed_after)
        else:
            seconds = progress.step.within
        return None if seconds is None else progress.enabled + seconds

    def _come_due(self, progress: Progress) -> None:
        kind = progress.step.event.type
        # What is expected of any request may have come true without one.
        if kind in ("wait", "proceed", ANY_REQUEST) and (self._happens(progress) or kind != ANY_REQUEST):
            return
        self._fail(f"{progress.step.name} did not happen within {progress.step.within:g} s. {progress.detail}".strip())

    @property
    def _patience_ends(self) -> float | None:
        waiting = [due for progress in self._waiting if (due := self._due(progress)) is not None]
        patience = self._settings.patience
        return None if patience is None else max([self._latest, *waiting]) + patience

    def _lost_patience(self, now: float) -> bool:
        ends = self._patience_ends
        return ends is not None and now >= ends

    # From the start to the end

    def _can_start(self) -> bool:
        if self.procedure.immediate_start or not self.evidence.sites.client or not self._take_news():
            return False
        return self._all_pass(self.procedure.preconditions)

    def _take_news(self) -> bool:
        """Return whether anything has happened since the last time, so that checks may come out differently."""
        news, self._news = self._news, False
        return news

    def _start(self) -> None:
        self.phase = Phase.RUNNING
        self.evidence.started = self._latest = self._clock()
        self._say("the run starts")
        self._perform(self.procedure.actions)
        self._enable([next(iter(self._steps))])

    def _look_for_end(self, now: float) -> None:
        """Finish when nothing is left to happen, or nothing can happen any more."""
        left = [progress for progress in self._open if progress.step.name not in self._ignored]
        if not left:
            self._complete = now if self._complete is None else self._complete
            if now >= self._settled or (self._take_news() and self._all_pass(self.procedure.criteria)):
                self._finish()
            return
        self._complete = None
        if not self._waiting:
            self._fail("no step waits for anything, and not all are done")
        elif self._lost_patience(now):
            waiting = ", ".join(progress.step.name for progress in left if progress.waits)
            self._fail(f"nothing has happened for {self._settings.patience:g} s; what is waited for: {waiting}")

    def _finish(self) -> None:
        self._ended = self._clock()
        self._criteria = self._decide(self.procedure.criteria)
        self.phase = Phase.FINISHED
        self._say(f"the run has ended: {self.outcome.verdict}" + (f", {self._failure}" if self._failure else ""))

    def _fail(self, reason: str) -> None:
        if self.phase is not Phase.FINISHED:
            self._failure = self._failure or reason
            self._finish()

    # Steps, actions and checks

    def _happens(self, progress: Progress) -> bool:
        """Let a step happen whose event has come, if its checks allow; return whether it did."""
        failed = [each for each in self._decide(progress.step.event.checks) if each.verdict is Verdict.FAILED]
        if failed:
            progress.detail = "; ".join(each.detail for each in failed)
            return False
        progress.done = self._latest = self._clock()
        progress.detail = ""
        self._say(f"{progress.step.name} has happened")
        if progress.step.instructs_then:
            self._instruct(progress.step)
        self._perform(progress.step.actions)
        return True

    def _perform(self, actions: Iterable[Action]) -> None:
        for action in actions:
            try:
                parameters = {name: self._variables.resolve(value) for name, value in action.parameters.items()}
                if action.type == "enable-steps":
                    self._enable(parameters["steps"])
                elif action.type == "remove-steps":
                    for name in parameters["steps"]:
                        self._steps[name].removed = True
                    self._list_open_steps()
                elif action.type == "finish-test":
                    self._failure = self._failure or " ".join(parameters.get("fail_message", "").split())
                    self._finish()
                    return
                else:
                    performer = self.interventions if action.type in INTERVENTIONS else self._actions
                    performer.perform(action.type, parameters)
                    self._note(f"{action.type} is done")
            except EnvoyError as error:
                self._fail(f"{action.type} of line {action.line} cannot be done: {error}")
                return

    def _enable(self, names: Sequence[str]) -> None:
        for name in names:
            progress = self._steps[name]
            if progress.removed:
                continue
            progress.enabled = self._clock()
            self._note(f"{name} is enabled")
            if not progress.step.instructs_then:
                self._instruct(progress.step)
        self._list_open_steps()

    def _instruct(self, step: Step) -> None:
        for instruction in step.instructions:
            self._say(f"{step.name}: {instruction}")

    def _list_open_steps(self) -> None:
        """List the steps that may still happen, and those that wait: they are looked through at each request."""
        self._open = [progress for progress in self._steps.values() if not progress.removed]
        self._waiting = [progress for progress in self._open if progress.waits]
        self.evidence.open_steps = [progress.step.name for progress in self._open]

    def _decide(self, checks: Iterable[Check]) -> list[CriterionOutcome]:
        outcomes = []
        for check in checks:
            try:
                parameters = {name: self._variables.resolve(value) for name, value in check.parameters.items()}
                decision = DECIDED[check.type](self.evidence, parameters)
            except EnvoyError as error:
                decision = Decision(False, str(error))
            verdict = Verdict.PASSED if decision.passed else Verdict.FAILED
            outcomes.append(CriterionOutcome(check.type, verdict, decision.detail))
        return outcomes

    def _all_pass(self, checks: Iterable[Check]) -> bool:
        return all(each.verdict is Verdict.PASSED for each in self._decide(checks))

    def _say(self, what: str) -> None:
        self._note(what)
        self._notify(what)

    def _note(self, what: str) -> None:
        self._news = True
        self._timeline.append(Happening(self._clock(), what))

    # The outcome

    @property
    def outcome(self) -> Outcome:
        """What has come of the run, as far as it is."""
        finished = self.phase is Phase.FINISHED
        criteria = self._criteria if finished else self._decide(self.procedure.criteria)
        failed = [each for each in criteria if each.verdict is Verdict.FAILED]
        reason = self._failure or ("" if finished else "the run has not ended")
        reason = reason or "; ".join(f"{each.name}: {each.detail}" for each in failed)
        passed = finished and self.evidence.started is not None and not reason
        return Outcome(
            procedure=self.procedure.name,
            description=self.procedure.description,
            profile=self._utility.profile.name,
            client=self.evidence.sites.client,
            verdict=Verdict.PASSED if passed else Verdict.FAILED,
            reason=reason,
            began=self._began,
            started=self.evidence.started,
            ended=self._ended if finished else self._clock(),
            preconditions=self._decide(self.procedure.preconditions),
            steps=[self._step_outcome(progress) for progress in self._steps.values()],
            criteria=criteria,
            instructions=self.procedure.instructions,
            timeline=list(self._timeline),
        )

    def _step_outcome(self, progress: Progress) -> StepOutcome:
        if progress.removed:
            verdict = Verdict.PASSED
        elif progress.step.name in self._ignored:
            verdict = Verdict.IGNORED
        else:
            reached = progress.enabled is not None and progress.step.event.type not in ("wait", "proceed")
            verdict = Verdict.FAILED if reached else Verdict.UNREACHED
        return StepOutcome(
            name=progress.step.name,
            verdict=verdict,
            enabled=progress.enabled,
            done=progress.done,
            detail=progress.detail,
            instructions=progress.step.instructions,
        )
