"""A hypothesis state machine: whatever a driver, the world and people do, in whatever order, the rules hold."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from flows.engine.commands import Finish, Gather, Record, StartAttempt
from flows.engine.compile import compile_plan
from flows.engine.events import CancelRequested, ErrorInfo, Event, RunPaused, RunResumed, RunStarted, SignalReceived
from flows.engine.ledger import Ledger
from flows.engine.machine import Machine
from flows.engine.outcomes import Condition, Failed, Items, Lost, Outcome, Succeeded, TimedOut, WaitsFor, WaitsUntil
from flows.engine.simulate import assemble
from flows.engine.snapshot import dump_state, load_state
from tests.engine.catalogue import CATALOGUE
from tests.engine.worlds import flows

ENDED = ("succeeded", "failed", "cancelled")
CLASSES = ("recoverable", "permanent", "critical", "corruption", "partial")


class Driving(RuleBasedStateMachine):
    """A driver that journals, dies, and reports whatever it likes of what is in flight."""

    @initialize(drawn=flows(everything=True))
    def begin(self, drawn: Any) -> None:
        self.plan = compile_plan(drawn[0], CATALOGUE)
        self.machine = Machine(self.plan)
        self.ledger = Ledger()
        self.journal: list[Event] = []
        self.purposes: dict[int, str] = {}
        self.now = 0
        self.seed = 0
        self.record(RunStarted(at=0, input={}, trigger="start"))
        self.settle()

    def record(self, event: Event) -> None:
        self.journal.append(event)
        self.machine.apply(event)
        self.ledger.apply(event)

    def settle(self, *, most: int = 1_000_000) -> None:
        """Do what is to be done, at most so many events of it."""
        while commands := self.machine.decide(self.now):
            for command in commands:
                if most <= 0:
                    return
                most -= 1
                self.record(self.event_of(command))

    def event_of(self, command: Any) -> Event:
        match command:
            case Record():
                return command.event
            case StartAttempt():
                self.seed += 1
                self.purposes[self.seed] = command.purpose
                entry = self.ledger.steps.get(command.step)
                assert entry is None or entry.completions == 0 or command.purpose == "condition"
                return command.started(self.now, self.seed)
            case Gather():
                return command.gathered(self.now, assemble(command.output))
            case Finish():
                return command.finished(self.now, assemble(command.output))
        raise AssertionError(command)

    def report(self, step: str, seed: int, outcome: Outcome) -> None:
        event = self.machine.report(step, seed, outcome, self.now)
        assert event is not None
        self.record(event)

    def is_over(self) -> bool:
        return self.machine.status in ENDED

    # --- what may happen

    @precondition(lambda self: self.machine.in_flight())
    @rule(data=st.data(), most=st.sampled_from([0, 1, 2, 1_000_000]))
    def an_attempt_ends(self, data: Any, most: int) -> None:
        flight = data.draw(st.sampled_from(self.machine.in_flight()))
        self.report(flight.step, flight.seed, data.draw(self.outcomes(flight.step, flight.seed)))
        self.settle(most=most)

    def outcomes(self, step: str, seed: int) -> st.SearchStrategy[Any]:
        purpose = self.purposes[seed]
        plan = self.machine.state.flights[step].plan
        if purpose == "items":
            return st.builds(
                lambda count, size, way: Items(count, [0] * count, size, way),
                st.integers(0, 4),
                st.integers(1, 3),
                st.sampled_from(["stop", "collect"]),
            )
        if purpose == "condition":
            return st.builds(Condition, st.booleans(), st.just(3))
        errors = st.builds(lambda klass: ErrorInfo(code="drawn", message="no", klass=klass), st.sampled_from(CLASSES))
        return st.one_of(
            st.builds(Succeeded, st.integers(), st.sampled_from(sorted(plan.ports))),
            st.builds(Failed, errors, st.booleans()),
            st.just(TimedOut()),
            st.builds(Lost, st.sampled_from(["vanished", "released"]), st.booleans(), st.booleans()),
            st.builds(lambda wait: WaitsUntil(self.now + wait), st.integers(0, 9)),
            st.builds(
                lambda wait, farewell: WaitsUntil(self.now + wait, {"gone": 1}, farewell),
                st.integers(0, 9),
                st.booleans(),
            ),
            st.builds(lambda wait: WaitsFor("signal", "go", self.now + wait), st.integers(1, 9)),
        )

    @rule(ahead=st.integers(1, 5))
    def time_passes(self, ahead: int) -> None:
        self.now = self.machine.wake_at(self.now) or self.now + ahead
        self.settle()

    @precondition(lambda self: not self.is_over())
    @rule(event=st.sampled_from(["pause", "resume", "signal"]))
    def people_steer(self, event: str) -> None:
        match event:
            case "pause":
                self.record(RunPaused(at=self.now))
            case "resume":
                self.record(RunResumed(at=self.now))
            case "signal":
                self.record(SignalReceived(at=self.now, name="go", payload=1))
        self.settle()

    @precondition(lambda self: not self.is_over() and len(self.journal) > 20)
    @rule(compensate=st.booleans())
    def people_cancel(self, compensate: bool) -> None:
        self.record(CancelRequested(at=self.now, compensate=compensate))
        self.settle()

    @precondition(lambda self: not self.is_over() and self.machine.uncertain())
    @rule(data=st.data(), verdict=st.sampled_from(["succeeded", "failed", "retry"]))
    def a_person_decides(self, data: Any, verdict: Any) -> None:
        step = data.draw(st.sampled_from(self.machine.uncertain()))
        self.record(self.machine.resolve(step, verdict, self.now))
        self.settle()

    @rule(thaw=st.booleans())
    def the_process_dies(self, thaw: bool) -> None:
        """Another takes over, from the journal or from a snapshot; it finds the very same state."""
        before, decided = dump_state(self.machine.state), self.machine.decide(self.now)
        if thaw:
            self.machine = Machine(self.plan, load_state(self.plan, before))
        else:
            self.machine = Machine(self.plan)
            for event in self.journal:
                self.machine.apply(event)
        assert dump_state(self.machine.state) == before
        assert self.machine.decide(self.now) == decided
        for lost in self.machine.in_flight():
            self.report(lost.step, lost.seed, Lost())
        self.settle()

    # --- what always holds

    @invariant()
    def no_step_is_completed_twice(self) -> None:
        assert all(entry.completions <= 1 for entry in self.ledger.steps.values())

    @invariant()
    def the_cap_holds(self) -> None:
        cap = self.plan.max_parallel
        assert cap is None or len(self.machine.in_flight()) <= cap

    @invariant()
    def a_run_never_hangs_without_a_reason(self) -> None:
        machine = self.machine
        if machine.decide(self.now) or machine.in_flight() or self.is_over():
            return
        asleep = machine.wake_at(self.now) is not None
        assert machine.status == "paused" or machine.uncertain() or machine.awaited() or asleep

    @invariant()
    def an_ended_run_has_nothing_left_open(self) -> None:
        if self.is_over():
            assert self.machine.in_flight() == []
            assert self.machine.wake_at(self.now) is None
            assert all(
                step.status in {"succeeded", "failed", "skipped", "cancelled", "compensated", "uncertain"}
                for step in self.machine.steps()
            )

    @invariant()
    def the_ledger_and_the_machine_agree(self) -> None:
        for step in self.machine.steps():
            entry = self.ledger.steps.get(step.key)
            assert (entry.status if entry is not None else "pending") in (step.status, "pending"), step.key

    def teardown(self) -> None:
        """Whatever was done to it, a run comes to an end once everyone does their part."""
        if not hasattr(self, "machine"):
            return
        for _ in range(2_000):
            if self.is_over():
                return
            if self.machine.status == "paused":
                self.record(RunResumed(at=self.now))
            for step in self.machine.uncertain():
                self.record(self.machine.resolve(step, "succeeded", self.now))
            for flight in self.machine.in_flight():
                self.report(flight.step, flight.seed, self.good(flight.step, flight.seed))
            self.settle()
            self.now = self.machine.wake_at(self.now) or self.now
        raise AssertionError("the run doesn't end")

    def good(self, step: str, seed: int) -> Outcome:
        match self.purposes[seed]:
            case "items":
                return Items(1, [0])
            case "condition":
                return Condition(holds=False, max=1)
        return Succeeded(None, min(self.machine.state.flights[step].plan.ports))


TestDriving = Driving.TestCase
TestDriving.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
