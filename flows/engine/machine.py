"""The machine: a run as a fold over its journal, and what is to be done next.

It decides everything about a run's path and performs nothing: no clock, no random, no database, no asyncio,
no evaluation of expressions. A driver (the executor, the simulator) does this, for one run:

    machine = Machine(plan)                     # or Machine(plan, load_state(plan, snapshot))
    for event in journal: machine.apply(event)
    for lost in machine.in_flight():            # only after taking a run over
        journal(machine.report(lost.step, lost.seed, Lost(...), now))
    loop:
        while commands := machine.decide(now):
            journal every command's event, in order, applying each
            then begin what the `StartAttempt`s ask for
        park until `machine.wake_at(now)` or until something happens: an outcome, a signal, a cancel
        journal(machine.report(step, seed, outcome, now))   # None: nobody waits for it any more

where `journal(event)` is `writer.put(encode(event)); machine.apply(decode(encode(event)))`.

Who journals what. The driver makes these events by itself: `RunStarted` (first of all), and what people and
other runs ask for, `CancelRequested`, `RunPaused`, `RunResumed`, `SignalReceived`, all at any time while the
run isn't ended (`status`), and `RunMoved` where `flows.engine.transplant` finds nothing against it. `resolve` makes
`StepResolved`. All others come out of commands and of `report`.

Commands. `decide` changes nothing: it gives the same commands again until their events are applied, and it
is called again after applying them, since one thing leads to another; an empty list means that nothing is to
be done before `wake_at(now)` or the next happening. `Record`: journal the event. `StartAttempt`: journal
`started(at, seed)`, then perform. `Gather` and `Finish`: put an output together, then journal it.
A recorded event that ends a step whose attempt is in flight (`StepCancelled`, `StepUncertain`, or `StepFailed`
and `StepRetrying` of a container past its timeout) means: cut the attempt, its outcome is of no use. Where the
run was cancelled (`is_cancelled`) the driver may tell the attempt instead, and ask `decide` to spare its step until
it has ended or its grace is over; what is reported of it meanwhile is journaled like any outcome.

Barriers (the writer's `barrier()`: all that was put is committed) stand in three places only:
(a) between journaling and performing an attempt with `commits_first`;
(b) after the outcome of an attempt whose effect isn't pure, before anything that was decided from it on is
    performed. (In a chain of effects (a) and (b) are one commit.) A flag per run does it: set by such an
    outcome, it makes the next performance of any attempt wait for a barrier, and is cleared by that;
(c) after the run's end, before it is announced.

Times are instants in microseconds. A decision is for the `now` it was asked for; nothing else looks at time.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Literal

from flows.dsl.effects import Effect
from flows.dsl.instants import Instant
from flows.engine.breakpoints import BadBreakpoint, held_step, judge_look
from flows.engine.commands import Command
from flows.engine.deciding import decide
from flows.engine.events import KIND_OF, ErrorInfo, Event, RunMoved, StepLetGo, StepResolved, Value
from flows.engine.failures import CorruptHistory, NotUncertain
from flows.engine.fold import FOLDS, new_state
from flows.engine.judging import judge_outcome
from flows.engine.outcomes import Outcome
from flows.engine.plan import NO_PLANS, Plan
from flows.engine.state import Footing, State, Step
from flows.engine.timing import wake_at
from flows.engine.transplant import transplant
from flows.engine.views import InFlight, Reads, RunStatus, StepView, reads_of, run_status, step_views, view_of


class Machine:
    """One run of a plan. Not thread-safe; cheap to make.

    `plans`: those of the versions it may be moved to while it is folded, by their documents' hashes.
    """

    __slots__ = ("plan", "plans", "state")

    def __init__(self, plan: Plan, state: State | None = None, plans: Mapping[str, Plan] = NO_PLANS) -> None:
        self.plan = plan
        self.plans = plans
        self.state = state if state is not None else new_state(plan)

    def apply(self, event: Event) -> None:
        """Fold one journal event. Raises CorruptHistory for one that can't follow what went before."""
        try:
            if type(event) is RunMoved:
                self._move(event)
            else:
                FOLDS[type(event)](self.plan, self.state, event)
        except (KeyError, ValueError) as error:
            raise CorruptHistory(kind=KIND_OF[type(event)], step=event.step) from error
        self.state.seq += 1

    def _move(self, event: RunMoved) -> None:
        plan = self.plans[event.document_hash]
        self.state = transplant(self.plan, self.state, plan)
        self.plan = plan

    def decide(self, now: Instant, spared: Collection[str] = ()) -> list[Command]:
        """What is to be done now; empty when nothing is. Changes nothing.

        `spared`: keys of steps whose attempts were told of the run's cancel and may yet end by themselves.
        """
        return decide(self.plan, self.state, now, spared)

    def report(self, step: str, seed: int, outcome: Outcome, now: Instant) -> Event | None:
        """The event to journal for what an attempt came to (or what a waiting step was answered with).

        `seed` is that of the attempt's `StepStarted`. None: the attempt isn't in flight any more.
        """
        found = self.state.flights.get(step)
        if found is None:
            found = self.state.steps.get(step)
            if found is None or found.status != "waiting":
                return None
        if found.seed != seed:
            return None
        return judge_look(found, outcome, now) or judge_outcome(found, outcome, now)

    def answer(self, step: str, on: str, ref: str, outcome: Outcome, now: Instant) -> Event | None:
        """The event of what a waiting step was answered with; None: it doesn't wait for that (any more)."""
        found = self.state.steps.get(step)
        if found is None or found.status != "waiting" or found.wait != (on, ref):
            return None
        return judge_outcome(found, outcome, now)

    def waits(self, step: str | None) -> tuple[str, str] | None:
        """What a waiting step waits for: (signal, name), (lock, name), …; None: it doesn't wait."""
        found = self.state.steps.get(step) if step is not None else None
        return found.wait if found is not None and found.status == "waiting" else None

    def resolve(
        self,
        step: str,
        verdict: Literal["succeeded", "failed", "retry"],
        now: Instant,
        *,
        output: Value = None,
        port: str = "out",
        error: ErrorInfo | None = None,
        by: str = "",
    ) -> Event:
        """What a person decided about an uncertain step. Raises NotUncertain."""
        if step not in self.state.uncertain:
            found = self.state.steps.get(step)
            status = found.status if found is not None else "unknown"
            raise NotUncertain(
                step=step, status="left as it is, for its run has ended" if status == "uncertain" else status
            )
        return StepResolved(at=now, step=step, verdict=verdict, output=output, port=port, error=error, by=by)

    def let_go(
        self,
        step: str,
        verdict: Literal["continue", "over"],
        now: Instant,
        *,
        given: tuple[Value] | None = None,
        output: Value = None,
        port: str = "out",
        by: str = "",
    ) -> Event:
        """A person lets a step at a breakpoint go on, perhaps with another input, or steps over it.

        Raises NotHeld; BadBreakpoint for an input that a container can't take, or a port that isn't there.
        """
        found = held_step(self.state, step)
        if verdict == "over" and found.owner is None and port not in found.plan.ports:
            raise BadBreakpoint(node=found.plan.id, reason=f"it has no port {port}")
        if given is not None and found.purpose != "run":
            raise BadBreakpoint(node=found.plan.id, reason="what holds other nodes takes no other input")
        is_edited = given is not None and verdict == "continue"
        return StepLetGo(
            at=now,
            step=step,
            verdict=verdict,
            edited=is_edited,
            input=given[0] if given is not None and is_edited else None,
            output=output if verdict == "over" else None,
            port=port if verdict == "over" else "out",
            by=by,
        )

    def in_flight(self) -> list[InFlight]:
        """Attempts begun and not ended, in the order they began."""
        if not self.state.flights:
            return []
        return [
            InFlight(
                step.key,
                step.attempt,
                step.seed,
                step.plan.effect if step.purpose == "run" else Effect.PURE,
                step.losses,
            )
            for step in self.state.flights.values()
        ]

    def wake_at(self, now: Instant) -> Instant | None:
        """When, after `now`, `decide` may have something to say although nothing happens; None: never."""
        return wake_at(self.state, now)

    def reads(self, step: str) -> Reads:
        """The values a step's expressions look at; of nodes, only those named in its plan's `reads`."""
        return reads_of(self.state, self.state.steps[step])

    def footing(self, step: str) -> Footing | None:
        """The clock and the seed that what a step sends rests on, whichever attempt it is; None: its own."""
        return self.state.steps[step].footing

    def awaited(self) -> dict[str, list[str]]:
        """Names of awaited signals -> keys of the steps awaiting them."""
        return {name: list(steps) for name, steps in self.state.awaiting.items()}

    def uncertain(self) -> list[str]:
        """Keys of the steps a person must decide about."""
        return list(self.state.uncertain)

    def steps(self, parent: str = "") -> Iterator[StepView]:
        """The top-level steps (pending ones too), or those directly inside the step `parent` still in memory.

        Steps inside finished iterations are left to the journal.
        """
        return step_views(self.plan, self.state, parent)

    def step(self, key: str) -> StepView | None:
        """One step, if it is in memory."""
        found: Step | None = self.state.steps.get(key)
        return view_of(found, found.plan) if found is not None else None

    def dissolve(self) -> None:
        """Nobody asks for its steps any more. They and their scopes hold each other; apart they are freed at once."""
        for scope in self.state.scopes.values():
            scope.steps.clear()

    @property
    def is_cancelled(self) -> bool:
        """Whether someone asked the run to end, and it ends by that."""
        ending = self.state.ending
        return ending is not None and ending.way == "cancelled"

    def locks(self) -> dict[str, int]:
        """Steps that stand in line for a lock or hold one, and the seed each asked under."""
        return {key: step.seed for key, step in self.state.locks.items()}

    @property
    def status(self) -> RunStatus:
        return run_status(self.state)

    @property
    def seq(self) -> int:
        """How many events were applied: the seq of the last one."""
        return self.state.seq

    @property
    def size(self) -> int:
        """How much a snapshot would copy: steps in memory, and places for the outputs of items."""
        return len(self.state.steps) + self.state.held

    @property
    def output(self) -> Value:
        """The run's output once it succeeded."""
        return self.state.output

    @property
    def error(self) -> ErrorInfo | None:
        """Why the run failed."""
        return self.state.failure
