"""What people ask of a run: cancel, pause, resume, resolve; and what the machine asks of people."""

from typing import Any

import pytest

from flows.dsl.document import Document
from flows.engine.commands import Record, StartAttempt
from flows.engine.compile import compile_plan
from flows.engine.events import (
    AlertRaised,
    CancelRequested,
    ErrorInfo,
    RunCancelled,
    RunPaused,
    RunResumed,
    RunStarted,
    SignalReceived,
    StepEscalated,
    StepStarted,
    StepSucceeded,
)
from flows.engine.failures import CorruptHistory, NotUncertain
from flows.engine.machine import Machine
from flows.engine.outcomes import Failed, Outcome, Succeeded, TimedOut
from flows.engine.simulate import Simulation, Simulator
from flows.engine.snapshot import dump_state, load_state
from tests.engine.catalogue import CATALOGUE
from tests.engine.drafting import fails, flow, run, states

SECOND = 1_000_000


def test_a_cancelled_run_cuts_what_runs_and_never_begins_the_rest() -> None:
    simulation = run(
        flow("start > a > b", "start > c"),
        mocks={"a": [{"after": "60s"}]},
        happenings=[CancelRequested(at=SECOND, reason="enough")],
    )
    assert simulation.status == "cancelled"
    assert simulation.finished_at == SECOND
    assert states(simulation) == {"start": "succeeded", "a": "cancelled", "b": "cancelled", "c": "succeeded"}


def test_a_second_cancel_does_nothing() -> None:
    simulation = run(
        flow("start > a"),
        mocks={"a": [{"after": "60s"}]},
        happenings=[CancelRequested(at=SECOND), CancelRequested(at=SECOND)],
    )
    assert simulation.status == "cancelled"


def test_a_cancel_undoes_only_when_asked_to() -> None:
    document = flow("start > a > b", "a.compensate > ua", settings={"on_failure": "compensate"})

    def cancelled(*, compensate: bool) -> dict[str, str]:
        wish = CancelRequested(at=SECOND, compensate=compensate)
        return states(run(document, mocks={"b": [{"after": "60s"}]}, happenings=[wish]))

    assert cancelled(compensate=False)["ua"] == "skipped"
    assert cancelled(compensate=True)["a"] == "compensated"


def test_nothing_begins_while_a_run_is_paused_and_what_runs_may_end() -> None:
    simulation = run(
        flow("start > a > b"),
        mocks={"a": [{"after": "2s"}]},
        happenings=[RunPaused(at=SECOND), RunResumed(at=10 * SECOND)],
    )
    times = {event.step: event.at for event in simulation.journal if isinstance(event, StepStarted)}
    assert times == {"a": 0, "b": 10 * SECOND}
    assert simulation.ledger.steps["a"].finished_at == 2 * SECOND


def test_a_paused_run_says_so_and_asks_for_no_alarm() -> None:
    simulation = run(
        flow("start > w > b", w={"type": "flow.wait", "config": {"for": "1h"}}), happenings=[RunPaused(at=1)]
    )
    assert simulation.status == "paused"
    assert simulation.machine.wake_at(1) is None


def test_a_paused_run_can_be_cancelled() -> None:
    simulation = run(
        flow("start > a > b"),
        mocks={"a": [{"after": "2s"}]},
        happenings=[RunPaused(at=1), CancelRequested(at=SECOND)],
    )
    assert simulation.status == "cancelled"


def test_corruption_pauses_the_run_at_its_last_good_event_and_the_step_begins_anew_on_resume() -> None:
    mocks = {"a": [fails("corruption")]}
    simulation = run(flow("start > a"), mocks=mocks)
    assert simulation.status == "paused"
    assert [event.reason for event in simulation.journal if isinstance(event, AlertRaised)] == ["corruption"]
    resumed = run(flow("start > a"), mocks={"a": [fails("corruption")]}, happenings=[RunResumed(at=SECOND)])
    assert [event.at for event in resumed.journal if isinstance(event, StepStarted)] == [0, SECOND]


# --- uncertain steps -------------------------------------------------------------------------------------


def an_uncertain_run() -> Simulator:
    """A `once` step that was cut by its timeout."""
    document = flow("start > a > b", a={"type": "effect.once", "timeout": "5s", "retry": {"max_attempts": 3}})
    simulator = Simulator(plan=compile_plan(document, CATALOGUE), mocks={"a": [{"after": "60s"}, {"output": 2}]})
    simulator.go(run(document).journal[0])  # type: ignore[arg-type]  # a journal begins with RunStarted
    assert simulator.machine.status == "waiting"
    assert simulator.machine.uncertain() == ["a"]
    return simulator


def resolved(machine: Machine, verdict: str) -> Machine:
    machine.apply(machine.resolve("a", verdict, SECOND, output="by hand", by="owner"))  # type: ignore[arg-type]  # a word
    return machine


def test_an_uncertain_step_resolved_as_succeeded_goes_on_with_the_output_given() -> None:
    machine = resolved(an_uncertain_run().machine, "succeeded")
    assert machine.reads("b").nodes == {}
    step = machine.step("a")
    assert step is not None
    assert (step.status, step.output) == ("succeeded", "by hand")
    assert [command.step for command in machine.decide(SECOND)] == ["b"]  # type: ignore[union-attr]  # a StartAttempt


def test_an_uncertain_step_resolved_as_failed_fails_with_its_own_error() -> None:
    machine = resolved(an_uncertain_run().machine, "failed")
    step = machine.step("a")
    assert step is not None
    assert step.error is not None
    assert (step.status, step.error.code) == ("failed", "step_timeout")


def test_an_uncertain_step_resolved_as_retry_begins_again() -> None:
    machine = resolved(an_uncertain_run().machine, "retry")
    (again,) = machine.decide(SECOND)
    assert (again.step, again.attempt) == ("a", 2)  # type: ignore[union-attr]  # a StartAttempt


def test_only_an_uncertain_step_can_be_resolved() -> None:
    machine = an_uncertain_run().machine
    with pytest.raises(NotUncertain):
        machine.resolve("b", "succeeded", SECOND)
    resolved(machine, "succeeded")
    with pytest.raises(NotUncertain):
        machine.resolve("a", "succeeded", SECOND)


def test_a_once_step_is_tried_again_when_the_node_vouches_that_nothing_was_sent() -> None:
    document = flow("start > a", a={"type": "effect.once", "retry": {"max_attempts": 2}})
    assert states(run(document, mocks={"a": [fails("recoverable", not_sent=True), {}]}))["a"] == "succeeded"
    assert states(run(document, mocks={"a": [fails("recoverable"), {}]}))["a"] == "uncertain"


def test_a_once_step_cut_by_a_cancel_is_uncertain() -> None:
    document = flow("start > a", a={"type": "effect.once"})
    simulation = run(document, mocks={"a": [{"after": "60s"}]}, happenings=[CancelRequested(at=SECOND)])
    assert (simulation.status, states(simulation)["a"]) == ("cancelled", "uncertain")


def told(document: Document, *ends: tuple[str, Outcome]) -> Machine:
    """A cancelled run that spares these steps until they come to these ends."""
    simulator = Simulator(plan=compile_plan(document, CATALOGUE), mocks={key: [{"after": "60s"}] for key, _ in ends})
    machine = simulator.machine
    machine.apply(run(document).journal[0])
    for command in machine.decide(0):
        assert isinstance(command, StartAttempt)
        machine.apply(command.started(0, 7))
    waits = [key for key, _ in ends]
    machine.apply(CancelRequested(at=1))
    for key, outcome in ends:
        for command in machine.decide(1, waits):
            assert isinstance(command, Record)
            machine.apply(command.event)
        assert machine.status == "running"
        event = machine.report(key, 7, outcome, 2)
        assert event is not None
        machine.apply(event)
        waits.remove(key)
    return machine


def test_a_failure_after_a_cancel_ends_its_own_step_and_leaves_the_count_of_the_others_right() -> None:
    document = flow(
        "start > a", "start > b", "start > c", **{key: {"type": "effect.once", "timeout": "1s"} for key in "abc"}
    )
    failed = Failed(ErrorInfo(code="refused", message="no"))
    machine = told(document, ("a", TimedOut()), ("b", failed), ("c", Succeeded("done")))
    assert [view.status for view in machine.steps()][1:] == ["uncertain", "failed", "succeeded"]
    assert [type(command.event) for command in machine.decide(3) if isinstance(command, Record)] == [RunCancelled]


def test_a_run_waits_for_what_it_spares_and_cuts_all_else() -> None:
    document = flow("start > a > d", "start > b", a={"type": "effect.once"}, b={"type": "effect.once"})
    machine = told(document, ("a", Succeeded()), ("b", Succeeded()))
    assert {view.node: view.status for view in machine.steps()} == {
        "start": "succeeded", "a": "succeeded", "b": "succeeded", "d": "cancelled"
    }  # fmt: skip
    assert machine.is_cancelled


def test_an_uncertain_step_doesnt_hold_a_failed_run() -> None:
    document = flow("start > a", "start > b", a={"type": "effect.once", "timeout": "1s"})
    simulation = run(document, mocks={"a": [{"after": "9s"}], "b": [fails(after="3s")]})
    assert (simulation.status, states(simulation)["a"]) == ("failed", "uncertain")


# --- signals ---------------------------------------------------------------------------------------------


def awaits(timeout: str | None = None) -> dict[str, object]:
    config = {"name": "go"} if timeout is None else {"name": "go", "timeout": timeout}
    return {"type": "flow.signal", "config": config}


def test_a_signal_wakes_the_step_that_awaits_it() -> None:
    simulation = run(
        flow("start > s > b", s=awaits()), happenings=[SignalReceived(at=SECOND, name="go", payload={"x": 1})]
    )
    assert simulation.status == "succeeded"
    assert simulation.ledger.steps["s"].output == {"x": 1}


def test_an_early_signal_is_kept() -> None:
    simulation = run(
        flow("start > a > s", s=awaits()),
        mocks={"a": [{"after": "5s"}]},
        happenings=[SignalReceived(at=SECOND, name="go", payload=7)],
    )
    assert simulation.ledger.steps["s"].finished_at == 5 * SECOND
    assert simulation.ledger.steps["s"].output == 7


def test_a_signal_and_its_timeout_never_both_win() -> None:
    document = flow("start > s", "s > came", "s.timeout > late", s=awaits("3s"))
    for at, won in ((2, "came"), (3, "came"), (4, "late")):
        simulation = run(document, happenings=[SignalReceived(at=at * SECOND, name="go", payload=1)])
        assert states(simulation)[won] == "succeeded"
        ends = [event for event in simulation.journal if isinstance(event, StepSucceeded) and event.step == "s"]
        assert len(ends) == 1


@pytest.mark.parametrize(
    ("on_timeout", "went", "output"),
    [
        ("timeout", "late", None),
        ("approve", "yes", {"decision": "approved", "votes": []}),
        ("reject", "no", {"decision": "rejected", "votes": []}),
    ],
)
def test_a_question_nobody_answers_in_time_is_left_by_its_default(on_timeout: str, went: str, output: object) -> None:
    config = {"title": "Refund?", "assignees": {"roles": ["admin"]}, "timeout": "3s", "on_timeout": on_timeout}
    edges = ("start > ask", "ask.approved > yes", "ask.rejected > no", "ask.timeout > late")
    simulation = run(flow(*edges, ask={"type": "flow.approval", "config": config}))
    ended = [event for event in simulation.journal if isinstance(event, StepSucceeded) and event.step == "ask"]
    assert [(event.at, event.output) for event in ended] == [(3 * SECOND, output)]
    assert {step for step, state in states(simulation).items() if state == "succeeded"} == {"start", "ask", went}


def test_a_default_is_kept_while_the_question_sleeps() -> None:
    config = {"title": "Refund?", "assignees": {"roles": ["admin"]}, "timeout": "3s", "on_timeout": "reject"}
    document = flow("start > ask", ask={"type": "flow.approval", "config": config})
    plan = compile_plan(document, CATALOGUE)
    machine = Machine(plan)
    for event in run(document).journal:
        if isinstance(event, StepSucceeded) and event.step == "ask":
            break
        machine.apply(event)
    woken = Machine(plan, load_state(plan, dump_state(machine.state)))
    (command,) = woken.decide(3 * SECOND)
    assert command == Record(
        StepSucceeded(at=3 * SECOND, step="ask", port="rejected", output={"decision": "rejected", "votes": []})
    )


ESCALATING: dict[str, Any] = {
    "title": "Refund?",
    "assignees": {"users": ["kim"]},
    "timeout": "10s",
    "escalation": [
        {"after": "2s", "assignees": {"roles": ["admin"]}},
        {"after": "5s", "assignees": {"groups": ["board"]}},
    ],
}


def stages_of(simulation: Simulation) -> list[tuple[int, int]]:
    return [(event.at, event.stage) for event in simulation.journal if isinstance(event, StepEscalated)]


def test_a_question_nobody_answers_goes_on_stage_by_stage_and_ends_by_its_timeout() -> None:
    document = flow("start > ask", "ask.timeout > late", ask={"type": "flow.approval", "config": ESCALATING})
    calm = run(document)
    assert stages_of(calm) == [(2 * SECOND, 1), (5 * SECOND, 2)]
    assert states(calm)["late"] == "succeeded"
    # Whoever takes over, after whichever event, goes on with the stage that comes next.
    for seq in range(1, len(calm.journal)):
        assert stages_of(run(document, crash_after=(seq,))) == stages_of(calm)


def test_a_cancelled_question_goes_on_to_nobody() -> None:
    document = flow("start > ask", ask={"type": "flow.approval", "config": ESCALATING})
    simulation = run(document, happenings=[CancelRequested(at=3 * SECOND)])
    assert stages_of(simulation) == [(2 * SECOND, 1)]
    assert simulation.status == "cancelled"


def test_the_stages_left_are_kept_while_the_question_sleeps() -> None:
    document = flow("start > ask", ask={"type": "flow.approval", "config": ESCALATING})
    plan = compile_plan(document, CATALOGUE)
    machine = Machine(plan)
    for event in run(document).journal:
        machine.apply(event)
        if isinstance(event, StepEscalated):
            break
    woken = Machine(plan, load_state(plan, dump_state(machine.state)))
    assert woken.wake_at(3 * SECOND) == 5 * SECOND
    assert woken.decide(5 * SECOND) == [Record(StepEscalated(at=5 * SECOND, step="ask", stage=2))]
    # Slept through: the timeout has come too, and nobody is asked after the end.
    (command,) = woken.decide(10 * SECOND)
    assert isinstance(command, Record)
    assert isinstance(command.event, StepSucceeded)


def test_an_escalation_of_a_step_that_waits_for_no_stage_is_refused() -> None:
    machine = Machine(compile_plan(flow("start > a"), CATALOGUE))
    machine.apply(RunStarted(at=0, input={}, trigger="start"))
    with pytest.raises(CorruptHistory):
        machine.apply(StepEscalated(at=1, step="a", stage=1))


def test_two_steps_take_two_signals_in_order() -> None:
    document = flow("start > s", "start > z", s=awaits(), z=awaits())
    came = [SignalReceived(at=at, name="go", payload=at) for at in (1, 2)]
    simulation = run(document, happenings=came)
    assert [simulation.ledger.steps[key].output for key in ("s", "z")] == [1, 2]


def test_the_run_names_the_signals_it_awaits() -> None:
    machine = run(flow("start > s", s=awaits())).machine
    assert (machine.status, machine.awaited()) == ("waiting", {"go": ["s"]})
    step = machine.step("s")
    assert step is not None
    assert step.waits == ("signal", "go")
