"""The driver in memory: runs a document against mocks, under a clock that jumps.

It stands beside the executor as the second driver of the same machine: for tests of flows, for a dry run in
the editor, and for trying what a crash after any event would do. It decides nothing about a run's path.
"""

import random
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Final, TypeAlias

from flows.dsl.catalogue import Catalogue
from flows.dsl.document import Document
from flows.dsl.effects import Effect
from flows.dsl.instants import Instant, format_instant
from flows.engine.commands import Assembly, Finish, Gather, Record, StartAttempt, put_together
from flows.engine.compile import compile_plan
from flows.engine.events import AlertRaised, ErrorInfo, Event, GivenStep, ItemsListed, PayloadRef, RunStarted, Value
from flows.engine.ledger import Ledger, read_ledger
from flows.engine.machine import Machine
from flows.engine.mocks import Mocks, play
from flows.engine.nowhere import flow_seen, run_seen
from flows.engine.outcomes import Condition, Failed, Lost, Outcome, Succeeded, TimedOut, WaitsFor
from flows.engine.part import Part
from flows.engine.performing import CONTROL, list_items, look, perform
from flows.engine.plan import Plan
from flows.engine.standing import SimulatedLocks
from flows.engine.views import Reads, RunStatus
from flows.errors import MulgilError
from flows.expr.compile import Compiled
from flows.security.safejson import Json

_ASKS_OUTSIDE: Final = frozenset({"flow.signal", "flow.approval"})

Resolve: TypeAlias = Callable[[Compiled, Mapping[str, Json], Instant, int], Json]
"""How a config is resolved: the compiled config, the roots, the attempt's clock and seed."""

Perform: TypeAlias = Callable[[StartAttempt, Json, Instant], Outcome | None]
"""What a pure node that isn't mocked answers, by its resolved config; None leaves it at null."""

Answer: TypeAlias = Callable[[StartAttempt, Json, Instant], tuple[Outcome, int]]
"""What the world outside answers an attempt with this resolved config, and after how many microseconds."""

Then: TypeAlias = Callable[[StartAttempt], tuple[Instant, int] | None]
"""The clock and the seed that an attempt was given once; None: it never was."""


def closed_forms(config: Compiled, roots: Mapping[str, Json], clock: Instant, seed: int) -> Json:
    """Resolve without a sandbox; expressions beyond the closed forms fail their step."""
    return config.resolve(roots)


@dataclass(frozen=True, slots=True)
class Resolved:
    """The config of an attempt with its expressions resolved."""

    value: Json


class StandsBeside(MulgilError):
    """The value {hash} stands beside the journal, and a simulation has nothing beside it."""

    code = "payload_missing"


@dataclass(frozen=True, slots=True)
class Simulation:
    """What came out. `status` is the run's; `finished_at` is in microseconds from the start."""

    machine: Machine
    journal: tuple[Event, ...]
    ledger: Ledger
    status: RunStatus
    output: Value
    error: ErrorInfo | None
    origin: str | None
    finished_at: Instant | None
    alerts: int

    @property
    def output_json(self) -> Json:
        """The run's output, which stands in the journal of a simulation."""
        return plain(self.output)


@dataclass(slots=True, kw_only=True)
class Simulator:
    """One simulated run. `crash_after`: seqs after whose event the process dies and another takes over;
    `happenings`: events from outside (signals, cancels, pauses) by their times; `journal_through`: what every
    event passes before it is folded (a codec's there and back)."""

    plan: Plan
    plans: Mapping[str, Plan] = field(default_factory=dict)
    mocks: Mocks = field(default_factory=dict)
    seed: int = 0
    crash_after: Container[int] = ()
    happenings: Sequence[Event] = ()
    resolve: Resolve = closed_forms
    perform: Perform | None = None
    journal_through: Callable[[Event], Event] = lambda event: event
    answer: Answer | None = None
    then: Then = lambda start: None
    run: Mapping[str, Json] = field(default_factory=dict)
    flow: Mapping[str, Json] = field(default_factory=dict)
    now: Instant = 0
    journal: list[Event] = field(default_factory=list)
    machine: Machine = field(init=False)
    _random: random.Random = field(init=False)
    _flights: list[tuple[Instant, int, str, int, Outcome]] = field(default_factory=list)
    _ahead: list[Event] = field(init=False)
    _locks: SimulatedLocks = field(default_factory=SimulatedLocks)
    _tie: int = 0

    def __post_init__(self) -> None:
        self.machine = Machine(self.plan, plans=self.plans)
        self._random = random.Random(self.seed)  # noqa: S311  # seeded on purpose: a simulation repeats exactly
        self._ahead = sorted(self.happenings, key=lambda event: event.at, reverse=True)

    def go(self, started: RunStarted) -> Simulation:
        """Run to the end, or until nothing can happen any more."""
        self._record(started)
        while True:
            self._settle()
            if self.machine.state.result is not None or not self._advance():
                return self._result()

    # --- the machine's commands

    def _settle(self) -> None:
        while commands := self.machine.decide(self.now):
            begun: list[tuple[StartAttempt, int]] = []
            for command in commands:
                match command:
                    case Record(event=event):
                        alive = self._record(event)
                    case StartAttempt():
                        seed = self._random.getrandbits(63)
                        alive = self._record(command.started(self.now, seed))
                        begun.append((command, seed))
                    case Gather():
                        alive = self._record(command.gathered(self.now, assemble(command.output)))
                    case Finish():
                        alive = self._record(command.finished(self.now, assemble(command.output)))
                if not alive:
                    begun.clear()
                    break
            for start, seed in begun:
                self._begin(start, seed)

    def _record(self, event: Event) -> bool:
        """Journal and fold an event. False: the process died after it, and another has taken over."""
        event = self.journal_through(event)
        self.journal.append(event)
        self.machine.apply(event)
        if self.machine.seq not in self.crash_after:
            return True
        self._take_over()
        return False

    def _take_over(self) -> None:
        self.machine = Machine(self.plan, plans=self.plans)
        self._flights.clear()
        for event in self.journal:
            self.machine.apply(event)
        for lost in self.machine.in_flight():
            gone = self.machine.report(lost.step, lost.seed, Lost(), self.now)
            if gone is not None:
                self._record(gone)

    # --- the world

    def _begin(self, start: StartAttempt, seed: int) -> None:
        outcome, duration = self._attempt(start, seed)
        if start.timeout is not None and duration > start.timeout:
            outcome, duration = TimedOut(), start.timeout
        self._tie += 1
        heappush(self._flights, (self.now + duration, self._tie, start.step, seed, outcome))

    def _attempt(self, start: StartAttempt, seed: int) -> tuple[Outcome, int]:
        reads = self.machine.reads(start.step)
        if start.purpose == "breakpoint":
            return self._looked(start, reads, seed), 0
        if start.step in self.mocks:
            turn = (reads.index or 0) if start.purpose == "condition" else start.attempt - 1
            outcome, duration = play(self.mocks, start.step, turn)
            if not isinstance(outcome, Succeeded):
                return outcome, duration
            match start.purpose:
                case "run" if start.node.kind == "lock":
                    return self._asked(start, reads, seed, duration), 0
                case "run":
                    return outcome, duration
                case "condition":
                    return Condition(bool(outcome.output), 1_000), duration
                case "items":
                    return _mocked_items(start, plain(outcome.output)), duration
        if self.answer is not None and start.purpose == "run" and self._asks(start):
            return self._answered(start, reads, seed)
        return self._unmocked(start, reads, seed), 0

    def _unmocked(self, start: StartAttempt, reads: Reads, seed: int) -> Outcome:
        if start.node.kind == "lock":
            return self._asked(start, reads, seed, 0)
        if start.purpose == "run" and not self._is_performed(start):
            return Succeeded()
        return self._resolved(start, reads, seed)

    def _asked(self, start: StartAttempt, reads: Reads, seed: int, held: int) -> Outcome:
        """A lock is asked for that others hold for so long yet; a mock says how long."""
        config = self._config(start, reads, seed)
        if isinstance(config, Failed):
            return config
        value = config.value
        outcome = perform(start.node.type.name, value, self.now)
        if isinstance(outcome, WaitsFor):
            limit = value.get("limit", 1) if isinstance(value, dict) else 1
            self._locks.ask(start.step, seed, limit if isinstance(limit, int) else 1, self.now + held)
        return outcome

    def _answered(self, start: StartAttempt, reads: Reads, seed: int) -> tuple[Outcome, int]:
        config = self._config(start, reads, seed)
        assert self.answer is not None  # asked for by the one caller
        return (config, 0) if isinstance(config, Failed) else self.answer(start, config.value, self.now)

    def _config(self, start: StartAttempt, reads: Reads, seed: int) -> Resolved | Failed:
        """What the attempt is given, resolved; the failure of its expressions else."""
        node = start.node
        config = node.items if start.purpose == "items" and node.items is not None else node.config
        footing = self.machine.footing(start.step)
        own = (footing.at, footing.seed) if footing is not None else (self.now, seed)
        clock, chance = self.then(start) or own
        try:
            value = (
                plain(start.given)
                if start.is_given
                else self.resolve(config, self._roots(start, reads, clock), clock, chance)
            )
        except MulgilError as error:
            return Failed(ErrorInfo(code=error.code, message=error.message, klass=error.klass, hint=error.hint))
        return Resolved(value)

    def _resolved(self, start: StartAttempt, reads: Reads, seed: int) -> Outcome:
        config = self._config(start, reads, seed)
        if isinstance(config, Failed):
            return config
        node, value = start.node, config.value
        match start.purpose:
            case "items":
                return list_items(value, each=node.node.each.model_dump() if node.node.each is not None else None)
            case "condition":
                return look(value)
            case _:
                own = self.perform(start, value, self.now) if self.perform is not None else None
                return own if own is not None else perform(node.type.name, value, self.now)

    def _looked(self, start: StartAttempt, reads: Reads, seed: int) -> Outcome:
        """Whether the condition of a breakpoint holds; what has no value stops the step too."""
        if start.breakpoint is None:
            return Condition(True, 0)
        roots = self._roots(start, reads, self.now)
        try:
            return Condition(bool(self.resolve(start.breakpoint, roots, self.now, seed)), 0)
        except MulgilError as error:
            return Failed(ErrorInfo(code=error.code, message=error.message, klass=error.klass, hint=error.hint))

    def _is_performed(self, start: StartAttempt) -> bool:
        """Whether an unmocked node does what it does; what has effects is never performed in a simulation."""
        is_pure = self.perform is not None and start.effect is Effect.PURE
        return is_pure or start.node.type.name in CONTROL

    def _asks(self, start: StartAttempt) -> bool:
        """Whether only the world outside knows what comes of it: effects, and what people or programs say."""
        if start.node.kind == "lock":
            return False
        return start.node.type.name in _ASKS_OUTSIDE or not self._is_performed(start)

    def _roots(self, start: StartAttempt, reads: Reads, clock: Instant) -> dict[str, Json]:
        roots: dict[str, Json] = {
            "input": plain(self.machine.state.input),
            "nodes": {node_id: plain(output) for node_id, output in reads.nodes.items()},
            "vars": dict(self.machine.plan.vars),
            "run": run_seen(self.run, begun=self.machine.state.started_at or 0, attempt=start.attempt),
            "flow": flow_seen(self.flow),
            "now": format_instant(clock),
            "last": assemble(reads.last),
            "lock": dict(zip(("name", "token"), reads.lock, strict=True)) if reads.lock is not None else None,
        }
        if reads.index is not None:
            roots["index"] = reads.index
            if isinstance(reads.items, list):
                roots["item"] = reads.items[reads.index]
        return roots

    def _advance(self) -> bool:
        """Jump to the next thing due and let it happen. False: nothing is."""
        while self._flights and self._is_cut(self._flights[0]):
            heappop(self._flights)
        if (let_in := self._locks.next(self.machine.state.locks, self.now)) is not None:
            event = self.machine.report(*let_in, self.now)
            if event is not None:
                self._record(event)
            return True
        ends = self._flights[0][0] if self._flights else None
        comes = self._ahead[-1].at if self._ahead else None
        free_at = self._locks.next_at(self.machine.state.locks)
        times = [time for time in (ends, comes, free_at, self.machine.wake_at(self.now)) if time is not None]
        if not times:
            return False
        self.now = max(self.now, min(times))
        if comes is not None and comes <= self.now:
            self._record(self._ahead.pop())
        elif ends is not None and ends <= self.now:
            _, _, step, seed, outcome = heappop(self._flights)
            event = self.machine.report(step, seed, outcome, self.now)
            if event is not None:
                self._record(event)
        return True

    def _is_cut(self, flight: tuple[Instant, int, str, int, Outcome]) -> bool:
        step = self.machine.state.flights.get(flight[2])
        return step is None or step.seed != flight[3]

    def _result(self) -> Simulation:
        machine, last = self.machine, self.journal[-1]
        return Simulation(
            machine=machine,
            journal=tuple(self.journal),
            ledger=read_ledger(self.journal),
            status=machine.status,
            output=machine.output,
            error=machine.error,
            origin=getattr(last, "origin", None),
            finished_at=last.at if machine.state.result is not None else None,
            alerts=sum(isinstance(event, AlertRaised) for event in self.journal),
        )


def simulate(
    document: Document,
    catalogue: Catalogue,
    *,
    input: Json = None,  # noqa: A002  # the word of the design
    mocks: Mocks | None = None,
    trigger: str | None = None,
    part: Part | None = None,
    given: Sequence[GivenStep] = (),
    listed: Sequence[ItemsListed] = (),
    seed: int = 0,
    crash_after: Container[int] = (),
    happenings: Sequence[Event] = (),
    resolve: Resolve = closed_forms,
    perform: Perform | None = None,
    journal_through: Callable[[Event], Event] = lambda event: event,
    versions: Mapping[str, Document] | None = None,
) -> Simulation:
    """Run a document in memory, its clock starting at 0.

    `trigger` defaults to the manual one, else the first; `versions` are what happenings may move it to. Raises NotRunnable, BadMock.
    """
    plan = compile_plan(document, catalogue, part)
    simulator = Simulator(
        plan=plan,
        plans={name: compile_plan(version, catalogue) for name, version in (versions or {}).items()},
        mocks=mocks or {},
        seed=seed,
        crash_after=crash_after,
        happenings=happenings,
        resolve=resolve,
        perform=perform,
        journal_through=journal_through,
    )
    entry = trigger if trigger is not None else default_trigger(plan)
    return simulator.go(RunStarted(at=0, input=input, trigger=entry, given=tuple(given), listed=tuple(listed)))


def default_trigger(plan: Plan) -> str | None:
    """The manual trigger, else the first; None for a part without one."""
    triggers = [node for node in plan.root.nodes if node.kind == "trigger"]
    manual = [node for node in triggers if node.type.name == "trigger.manual"]
    return (manual or triggers)[0].id if triggers else None


def assemble(value: Assembly) -> Json:
    """Put a value together that stands wholly in the journal. Raises StandsBeside for one that doesn't."""
    return put_together(value, plain)


def plain(value: Value) -> Json:
    """The JSON of a value that stands in the journal."""
    if isinstance(value, PayloadRef):
        raise StandsBeside(hash=value.hash)
    return value


def _mocked_items(start: StartAttempt, items: Json) -> Outcome:
    each = start.node.node.each
    if each is not None:
        return list_items(items, each=each.model_dump())
    return list_items({**start.node.node.config, "items": items}, each=None)
