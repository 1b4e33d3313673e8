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
        park until `machine.wake_at()` or until something happens: an outcome, a signal, a cancel
        journal(machine.report(step, seed, outcome, now))   # None: nobody waits for it any more

where `journal(event)` is `writer.put(encode(event)); machine.apply(decode(encode(event)))`.

Who journals what. The driver makes three events by itself: `RunStarted` (first of all), and what people and
other runs ask for, `CancelRequested`, `RunPaused`, `RunResumed`, `SignalReceived`, all at any time while the
run isn't ended (`status`). `resolve` makes `StepResolved`. All others come out of commands and of `report`.

Commands. `decide` changes nothing: it gives the same commands again until their events are applied, and it
is called again after applying them, since one thing leads to another; an empty list means that nothing is to
be done before `wake_at()` or the next happening. `Record`: journal the event. `StartAttempt`: journal
`started(at, seed)`, then perform. `Gather` and `Finish`: put an output together, then journal it.
A `StepCancelled` or `StepUncertain` whose step was running means: cut its attempt, its outcome is of no use.

Barriers (the writer's `barrier()`: all that was put is committed) stand in three places only:
(a) between journaling and performing an attempt with `commits_first`;
(b) after the outcome of an attempt whose effect isn't pure, before anything that was decided from it on is
    performed. (In a chain of effects (a) and (b) are one commit.) A flag per run does it: set by such an
    outcome, it makes the next performance of any attempt wait for a barrier, and is cleared by that;
(c) after the run's end, before it is announced.

Times are instants in microseconds. A decision is for the `now` it was asked for; nothing else looks at time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from flows.dsl.effects import Effect
from flows.dsl.instants import Instant
from flows.engine.commands import Assembly, Command, Purpose
from flows.engine.events import ErrorInfo, Event, Value
from flows.engine.outcomes import Outcome
from flows.engine.plan import Plan
from flows.engine.state import State

RunStatus: TypeAlias = Literal[
    "queued", "running", "waiting", "paused", "compensating", "succeeded", "failed", "cancelled"
]


@dataclass(frozen=True, slots=True)
class InFlight:
    """An attempt that was begun and has no outcome in the journal."""

    step: str
    attempt: int
    seed: int
    effect: Effect
    losses: int


@dataclass(frozen=True, slots=True)
class Reads:
    """What a step's expressions may look at, beside the run's own facts.

    `nodes`: outputs by id (None: skipped or cancelled); `items` and `index`: the list of the nearest
    iteration around the step and the place in it (`item` is `items[index]`); `last`: in a `flow.while`, the
    output of the turn before.
    """

    nodes: Mapping[str, Assembly]
    items: Value
    index: int | None
    last: Assembly


@dataclass(frozen=True, slots=True)
class StepView:
    """A step as people see it."""

    key: str
    node: str
    status: str
    attempt: int
    started_at: Instant | None
    finished_at: Instant | None
    due: Instant | None
    error: ErrorInfo | None
    output: Assembly
    items: tuple[int, int, int] | None
    """Of a step with items: how many are done, how many of those failed, how many there are."""


class Machine:
    """One run of a plan. Not thread-safe; cheap to make."""

    def __init__(self, plan: Plan, state: State | None = None) -> None:
        raise NotImplementedError

    def apply(self, event: Event) -> None:
        """Fold one journal event. Raises CorruptHistory for one that can't follow what went before."""
        raise NotImplementedError

    def decide(self, now: Instant) -> list[Command]:
        """What is to be done now; empty when nothing is. Changes nothing."""
        raise NotImplementedError

    def report(self, step: str, seed: int, outcome: Outcome, now: Instant) -> Event | None:
        """The event to journal for what an attempt came to (or what a waiting step was answered with).

        `seed` is that of the attempt's `StepStarted`. None: the attempt isn't in flight any more.
        """
        raise NotImplementedError

    def resolve(self, step: str, verdict: Literal["succeeded", "failed", "retry"], now: Instant, *,
                output: Value = None, port: str = "out", error: ErrorInfo | None = None, by: str = "") -> Event:
        """What a person decided about an uncertain step. Raises NotUncertain."""
        raise NotImplementedError

    def in_flight(self) -> list[InFlight]:
        """Attempts begun and not ended, in the order they began."""
        raise NotImplementedError

    def wake_at(self) -> Instant | None:
        """When `decide` may have something to say although nothing happens; None: never."""
        raise NotImplementedError

    def reads(self, step: str) -> Reads:
        """The values a step's expressions look at; only nodes named in its plan's `reads`."""
        raise NotImplementedError

    def awaited(self) -> dict[str, list[str]]:
        """Names of awaited signals -> keys of the steps awaiting them."""
        raise NotImplementedError

    def steps(self, parent: str = "") -> Iterator[StepView]:
        """The top-level steps (pending ones too), or those directly inside the step `parent` still in memory.

        Steps inside finished iterations are left to the journal.
        """
        raise NotImplementedError

    @property
    def status(self) -> RunStatus:
        raise NotImplementedError

    @property
    def seq(self) -> int:
        """How many events were applied: the seq of the last one."""
        raise NotImplementedError

    @property
    def output(self) -> Value:
        """The run's output once it succeeded."""
        raise NotImplementedError

    @property
    def error(self) -> ErrorInfo | None:
        """Why the run failed."""
        raise NotImplementedError
