"""The fold itself: it is complete, it is strict, and it says what losses come to."""

import ast
import inspect

import pytest

from flows.engine import events
from flows.engine.commands import Record, StartAttempt
from flows.engine.compile import compile_plan
from flows.engine.events import (
    EVENT_TYPES,
    KINDS,
    AlertRaised,
    AttemptLost,
    ErrorInfo,
    Event,
    RunMoved,
    RunStarted,
    StepFailed,
    StepSucceeded,
)
from flows.engine.failures import CorruptHistory
from flows.engine.fold import FOLDS
from flows.engine.machine import Machine
from flows.engine.outcomes import Lost, Postponed, WaitsUntil
from flows.engine.snapshot import StaleSnapshot, load_state
from tests.engine.catalogue import CATALOGUE
from tests.engine.drafting import flow


def begun() -> Machine:
    machine = Machine(compile_plan(flow("start > a > b"), CATALOGUE))
    machine.apply(RunStarted(at=0, input={}, trigger="start"))
    return machine


def next_attempt(machine: Machine) -> StartAttempt:
    (command,) = machine.decide(0)
    assert isinstance(command, StartAttempt)
    return command


def next_event(machine: Machine) -> Event:
    command = machine.decide(0)[0]
    assert isinstance(command, Record)
    return command.event


def started(machine: Machine, seed: int = 1) -> Machine:
    machine.apply(next_attempt(machine).started(0, seed))
    return machine


def test_every_kind_of_event_is_folded() -> None:
    assert {*FOLDS, RunMoved} == set(EVENT_TYPES), "a move changes the plan, and is the machine's own"


def test_kinds_are_the_snake_case_of_their_classes() -> None:
    assert {"run_started", "step_started", "step_succeeded", "step_retrying", "timer_set", "run_failed"} <= set(KINDS)


def test_events_are_frozen_for_whoever_checks_the_code() -> None:
    tree = ast.parse(inspect.getsource(events))
    made = {each.name: ast.unparse(each.decorator_list[0]) for each in tree.body if isinstance(each, ast.ClassDef)}
    assert {made[event.__name__] for event in EVENT_TYPES} == {"sealed(frozen=True, slots=True, kw_only=True)"}


def test_an_event_is_equal_to_its_like_and_hashed_so_and_has_no_room_for_more() -> None:
    event, like = (events.StepStarted(at=1, step="a", attempt=1, seed=2) for _ in range(2))
    assert event == like
    assert len({event, like, events.StepStarted(at=1, step="a", attempt=1, seed=3)}) == 2
    with pytest.raises(AttributeError):
        event.more = 1  # type: ignore[attr-defined]  # it is what is tested


def test_what_put_an_attempt_off_is_over_with_the_attempt_that_came_back() -> None:
    """A turn at a rate is one attempt's: who goes on after a crash reserves another."""
    machine = started(begun())
    busy = ErrorInfo(code="rate_limited", message="later", klass="recoverable")
    put_off = machine.report("a", 1, Postponed(busy, due=5), 0)
    assert put_off is not None
    machine.apply(put_off)
    (back,) = machine.decide(5)
    assert isinstance(back, StartAttempt)
    assert back.put_off_by == "rate_limited"
    machine.apply(back.started(5, 2))
    lost = machine.report("a", 2, Lost(), 6)
    assert lost is not None
    machine.apply(lost)
    assert next_attempt(machine).put_off_by == ""


def test_what_put_a_go_off_is_over_with_what_it_came_to() -> None:
    """The next go of a work in several is an attempt of its own, and reserves a turn of its own."""
    machine = started(begun())
    busy = ErrorInfo(code="rate_limited", message="later", klass="recoverable")
    put_off = machine.report("a", 1, Postponed(busy, due=5), 0)
    assert put_off is not None
    machine.apply(put_off)
    (back,) = machine.decide(5)
    assert isinstance(back, StartAttempt)
    machine.apply(back.started(5, 2))
    parked = machine.report("a", 2, WaitsUntil(9, again={"gone": 1}), 6)
    assert parked is not None
    machine.apply(parked)
    (go,) = machine.decide(9)
    assert isinstance(go, StartAttempt)
    assert (go.again, go.put_off_by) == ({"gone": 1}, "")


def test_deciding_changes_nothing() -> None:
    machine = begun()
    assert machine.decide(0) == machine.decide(0) != []


@pytest.mark.parametrize(
    "event",
    [
        StepSucceeded(at=0, step="nobody"),
        StepSucceeded(at=0),
        RunStarted(at=0, input={}, trigger="start"),
        AttemptLost(at=0, step="b", cause="vanished"),
    ],
)
def test_an_event_that_cant_follow_is_refused(event: StepSucceeded) -> None:
    with pytest.raises(CorruptHistory):
        begun().apply(event)


def test_a_snapshot_of_another_format_is_refused() -> None:
    with pytest.raises(StaleSnapshot):
        load_state(begun().plan, {"format": 0})


def test_an_attempt_given_back_begins_again_under_the_same_number() -> None:
    machine = started(begun())
    (flight,) = machine.in_flight()
    lost = machine.report(flight.step, flight.seed, Lost("released"), 0)
    assert lost is not None
    machine.apply(lost)
    again = next_attempt(machine)
    assert (again.step, again.attempt, again.losses) == ("a", 1, 0)


def test_three_losses_alone_poison_a_step() -> None:
    machine = begun()
    for seed in range(5):
        started(machine, seed)
        lost = machine.report("a", seed, Lost(alone=seed >= 2), 0)
        assert lost is not None
        machine.apply(lost)
    failed = next_event(machine)
    assert isinstance(failed, StepFailed)
    assert failed.error.code == "poisoned"
    machine.apply(failed)
    alert = next_event(machine)
    assert isinstance(alert, AlertRaised)
    assert alert.reason == "poisoned"


def test_a_flow_that_waits_for_nothing_but_time_says_when() -> None:
    machine = Machine(compile_plan(flow("start > a", settings={"timeout": "10s"}), CATALOGUE))
    machine.apply(RunStarted(at=5, input={}, trigger="start"))
    assert machine.wake_at(5) == 10_000_005
    assert machine.status == "running"
