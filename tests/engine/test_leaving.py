"""A step that does its work in several goes and asked for a farewell is not cut between them: it takes back what it began."""

from typing import Any

import pytest

from flows.engine.commands import Finish, Gather, Record, StartAttempt
from flows.engine.compile import compile_plan
from flows.engine.events import (
    AlertRaised,
    CancelRequested,
    ErrorInfo,
    Event,
    RunPaused,
    RunResumed,
    RunStarted,
    StepCancelled,
    StepFailed,
    StepRetrying,
    StepStarted,
)
from flows.engine.machine import Machine
from flows.engine.outcomes import Failed, Items, Lost, Outcome, Postponed, Succeeded, WaitsFor, WaitsUntil
from flows.engine.simulate import assemble
from flows.engine.snapshot import dump_state, load_state
from tests.engine.catalogue import CATALOGUE
from tests.engine.drafting import flow

HOUR = 3_600_000_000
NO = ErrorInfo(code="drawn", message="no")
DEPLOY: dict[str, Any] = {"type": "effect.keyed"}


class Drive:
    """A run, driven by hand: what is begun stays under way until it is told what it came to."""

    def __init__(self, *paths: str, settings: dict[str, Any] | None = None, **nodes: dict[str, Any]) -> None:
        self.plan = compile_plan(flow(*paths, settings=settings, **nodes), CATALOGUE)
        self.machine = Machine(self.plan)
        self.now = 0
        self.journal: list[Event] = []
        self.begun: dict[str, StartAttempt] = {}
        self.seeds = 0
        self.record(RunStarted(at=0, input={}, trigger="start"))
        self.settle()

    def record(self, event: Event) -> None:
        self.journal.append(event)
        self.machine.apply(event)
        if isinstance(event, StepCancelled):
            self.begun.pop(event.step or "", None)

    def settle(self) -> None:
        while commands := self.machine.decide(self.now):
            for command in commands:
                match command:
                    case Record():
                        self.record(command.event)
                    case StartAttempt():
                        self.seeds += 1
                        self.record(command.started(self.now, self.seeds))
                        self.begun[command.step] = command
                    case Gather():
                        self.record(command.gathered(self.now, assemble(command.output)))
                    case Finish():
                        self.record(command.finished(self.now, assemble(command.output)))

    def comes(self, step: str, outcome: Outcome) -> None:
        """The attempt under way came to this."""
        self.all_come((step, outcome))

    def all_come(self, *came: tuple[str, Outcome]) -> None:
        """They came to this before anything more was decided."""
        for step, outcome in came:
            del self.begun[step]
            event = self.machine.report(step, self.machine.state.flights[step].seed, outcome, self.now)
            assert event is not None
            self.record(event)
        self.settle()

    def waits(self, step: str, after: int = HOUR, *, farewell: bool = True, gone: int = 1) -> None:
        self.comes(step, WaitsUntil(self.now + after, {"gone": gone}, farewell))

    def cancel(self) -> None:
        self.record(CancelRequested(at=self.now, reason="enough"))
        self.settle()

    def passes(self, time: int = HOUR) -> None:
        self.now += time
        self.settle()

    def is_under_way(self, step: str = "deploy") -> bool:
        return step in self.begun

    def state_of(self, step: str) -> str:
        found = self.machine.step(step)
        assert found is not None
        return found.status

    def takes_over(self, *, thaw: bool) -> None:
        """Another process has the run: by its journal, or by a snapshot."""
        kept = dump_state(self.machine.state)
        self.machine = Machine(self.plan, load_state(self.plan, kept)) if thaw else Machine(self.plan)
        if not thaw:
            for event in self.journal:
                self.machine.apply(event)
        assert dump_state(self.machine.state) == kept


def deploying(**more: Any) -> Drive:
    run = Drive("start > deploy > after", deploy=DEPLOY | more)
    run.waits("deploy")
    return run


def test_a_cancel_between_two_goes_gives_the_step_its_last_go_at_once() -> None:
    run = deploying()
    run.cancel()
    last = run.begun["deploy"]
    assert (last.leaves, last.again) == (True, {"gone": 1})
    assert run.machine.status == "running"
    assert run.state_of("after") == "cancelled"
    run.comes("deploy", Failed(NO))
    assert run.machine.status == "cancelled"
    assert run.state_of("deploy") == "failed"


def test_a_last_go_that_succeeds_leads_nowhere() -> None:
    run = deploying()
    run.cancel()
    run.comes("deploy", Succeeded({"settled": True}))
    assert (run.machine.status, run.state_of("deploy"), run.state_of("after")) == (
        "cancelled",
        "succeeded",
        "cancelled",
    )


def test_a_step_that_asked_for_none_is_cut() -> None:
    run = Drive("start > deploy", deploy=DEPLOY)
    run.waits("deploy", farewell=False)
    run.cancel()
    assert (run.machine.status, run.state_of("deploy")) == ("cancelled", "cancelled")


def test_its_first_go_has_begun_nothing_yet_and_is_cut() -> None:
    run = Drive("start > deploy", deploy=DEPLOY)
    run.cancel()
    assert (run.machine.status, run.state_of("deploy")) == ("cancelled", "cancelled")


def test_a_go_under_way_ends_by_itself_and_the_last_one_follows() -> None:
    run = deploying()
    run.passes()
    assert not run.begun["deploy"].leaves
    run.cancel()
    assert run.is_under_way(), "it isn't cut"
    run.waits("deploy", gone=2)
    assert (run.begun["deploy"].leaves, run.begun["deploy"].again) == (True, {"gone": 2})


@pytest.mark.parametrize("thaw", [False, True])
def test_last_goes_wait_for_their_time_and_survive_a_take_over(*, thaw: bool) -> None:
    run = deploying()
    run.cancel()
    run.waits("deploy", 2 * HOUR, gone=7)
    assert not run.is_under_way()
    assert (run.machine.status, run.machine.wake_at(run.now)) == ("waiting", run.now + 2 * HOUR)
    run.takes_over(thaw=thaw)
    run.passes(HOUR)
    assert not run.is_under_way()
    run.passes(HOUR)
    assert (run.begun["deploy"].leaves, run.begun["deploy"].again) == (True, {"gone": 7})
    run.comes("deploy", Lost())
    assert run.begun["deploy"].leaves, "gone again from what the one before came to"
    run.comes("deploy", Failed(NO))
    assert run.machine.status == "cancelled"


def test_a_last_go_that_is_put_off_begins_when_it_may() -> None:
    run = deploying()
    run.cancel()
    run.comes("deploy", Postponed(NO, run.now + HOUR))
    assert not run.is_under_way()
    run.passes()
    assert run.begun["deploy"].leaves


def test_a_last_go_that_kills_three_processes_alone_is_given_up_and_somebody_is_told() -> None:
    run = deploying()
    run.cancel()
    for _ in range(3):
        run.comes("deploy", Lost(alone=True))
    assert run.machine.status == "cancelled"
    assert [event.reason for event in run.journal if isinstance(event, AlertRaised)] == ["poisoned"]
    assert run.state_of("deploy") == "failed"


def test_one_that_waits_for_something_else_then_is_cut() -> None:
    run = deploying()
    run.cancel()
    run.comes("deploy", WaitsFor("signal", "go"))
    assert (run.machine.status, run.state_of("deploy")) == ("cancelled", "cancelled")


def test_the_end_of_the_runs_time_gives_it_a_last_go_too() -> None:
    run = Drive("start > deploy", deploy=DEPLOY, settings={"timeout": "90m"})
    run.waits("deploy", 5 * HOUR)
    run.passes(2 * HOUR)
    assert run.begun["deploy"].leaves
    run.comes("deploy", Failed(NO))
    assert run.machine.error is not None
    assert (run.machine.status, run.machine.error.code) == ("failed", "run_timeout")


def test_the_failure_of_another_branch_does_so_and_stays_the_reason() -> None:
    run = Drive("start > deploy", "start > other", deploy=DEPLOY, other={"type": "effect.read"})
    run.waits("deploy")
    run.comes("other", Failed(ErrorInfo(code="mine", message="broken")))
    assert run.begun["deploy"].leaves
    run.comes("deploy", Failed(NO))
    assert run.machine.error is not None
    assert (run.machine.status, run.machine.error.code) == ("failed", "mine")


def test_a_paused_run_begins_no_last_go_before_it_goes_on() -> None:
    run = deploying()
    run.cancel()
    run.waits("deploy")
    run.record(RunPaused(at=run.now))
    run.passes()
    assert not run.is_under_way()
    run.record(RunResumed(at=run.now))
    run.settle()
    assert run.is_under_way()


def test_last_goes_keep_to_the_most_that_may_run_at_once() -> None:
    nodes = dict.fromkeys(("a", "b", "c"), DEPLOY)
    run = Drive("start > a", "start > b", "start > c", settings={"max_parallel": 2}, **nodes)
    for name in ("a", "b", "c"):
        run.waits(name)
    run.cancel()
    assert len(run.begun) == 2
    for _ in range(3):
        run.comes(next(iter(run.begun)), Failed(NO))
    assert run.machine.status == "cancelled"


def test_the_items_of_a_list_each_have_their_own() -> None:
    run = Drive("start > deploy", deploy=DEPLOY | {"each": {"items": [1, 2, 3], "concurrency": 2}})
    run.comes("deploy", Items(3, [1, 2, 3], 2))
    run.waits("deploy[0]")
    run.cancel()
    assert not run.is_under_way("deploy[1]"), "its first go was cut"
    assert run.begun["deploy[0]"].leaves
    run.comes("deploy[0]", Failed(NO))
    assert (run.machine.status, run.state_of("deploy")) == ("cancelled", "cancelled")


def test_a_loop_that_is_tried_again_waits_for_it_and_begins_it_from_nothing() -> None:
    loop = {"type": "flow.for_each", "config": {"items": [1, 2], "concurrency": 2}, "retry": {"max_attempts": 2}}
    run = Drive("start > loop", "deploy@loop", deploy=DEPLOY, loop=loop)
    run.comes("loop", Items(2, [1, 2], 2))
    run.waits("loop[0]/deploy")
    run.comes("loop[1]/deploy", Failed(ErrorInfo(code="busy", message="busy", klass="recoverable")))
    assert any(isinstance(event, StepRetrying) for event in run.journal)
    assert run.begun["loop[0]/deploy"].leaves
    run.passes(60_000_000)
    assert set(run.begun) == {"loop[0]/deploy"}, "the second try waits until the first is out of the way"
    run.comes("loop[0]/deploy", Failed(NO))
    anew = run.begun["loop[0]/deploy"]
    assert (anew.leaves, anew.again) == (False, None)
    for index in (0, 1):
        run.comes(f"loop[{index}]/deploy", Succeeded(index))
    assert run.machine.status == "succeeded"


def test_who_leaves_is_told_so_in_no_other_kind_of_event() -> None:
    """The journal holds what happened: an attempt, and what came of it."""
    run = deploying()
    run.cancel()
    run.comes("deploy", Failed(NO))
    after = run.journal[run.journal.index(next(one for one in run.journal if isinstance(one, CancelRequested))) :]
    assert [type(event) for event in after if event.step == "deploy"] == [StepStarted, StepFailed]


RETRIED: dict[str, Any] = {"type": "flow.for_each", "config": {"items": [1]}, "retry": {"max_attempts": 3, "jitter": 0}}
BUSY = ErrorInfo(code="busy", message="busy", klass="recoverable")
MINUTE = 60_000_000


def test_a_last_go_that_succeeds_leads_on_where_the_loop_around_it_is_tried_again() -> None:
    run = Drive("start > loop", "deploy@loop > after@loop", "other@loop", deploy=DEPLOY, other=DEPLOY, loop=RETRIED)
    run.comes("loop", Items(1, [1], 1))
    run.waits("loop[0]/deploy")
    run.comes("loop[0]/other", Failed(BUSY))
    run.comes("loop[0]/deploy", Succeeded({"settled": True}))
    run.passes(MINUTE)
    assert set(run.begun) == {"loop[0]/after", "loop[0]/other"}
    run.comes("loop[0]/other", Succeeded(1))
    run.comes("loop[0]/after", Succeeded(2))
    assert run.machine.status == "succeeded"


def test_work_that_failed_and_is_begun_anew_by_the_loop_around_it_has_begun_nothing_and_is_cut() -> None:
    run = Drive("start > loop", "deploy@loop", deploy=DEPLOY, loop=RETRIED)
    run.comes("loop", Items(1, [1], 1))
    run.waits("loop[0]/deploy")
    run.passes()
    run.comes("loop[0]/deploy", Failed(BUSY))
    run.passes(MINUTE)
    assert (run.begun["loop[0]/deploy"].again, run.begun["loop[0]/deploy"].leaves) == (None, False)
    run.cancel()
    assert run.machine.status == "cancelled"


def test_a_last_go_takes_no_turn_that_was_reserved_for_later() -> None:
    run = deploying()
    run.passes()
    run.comes("deploy", Postponed(ErrorInfo(code="rate_limited", message="later"), run.now + HOUR))
    run.cancel()
    assert (run.begun["deploy"].leaves, run.begun["deploy"].put_off_by) == (True, "")
    run.comes("deploy", Postponed(ErrorInfo(code="rate_limited", message="later"), run.now + HOUR))
    run.passes()
    assert (run.begun["deploy"].leaves, run.begun["deploy"].put_off_by) == (True, "rate_limited")
