"""What a loop that is tried again leaves alone: a step of which nobody knows whether it acted."""

from typing import Any

import pytest

from flows.engine.commands import Gather, ListOf, Record, StartAttempt
from flows.engine.compile import compile_plan
from flows.engine.events import ErrorInfo, RunStarted, StepFailed, StepStarted, TimerSet, TurnDecided
from flows.engine.invariants import Examiner
from flows.engine.machine import Machine
from flows.engine.outcomes import Condition, Failed, Granted, Items, Succeeded, WaitsFor
from flows.engine.simulate import Simulation, Simulator
from flows.engine.snapshot import dump_state, load_state
from tests.engine.catalogue import CATALOGUE
from tests.engine.drafting import fails, flow, run, states
from tests.engine.test_leaving import BUSY, Drive

SECOND = 1_000_000
LOOP: dict[str, Any] = {
    "type": "flow.for_each",
    "config": {"items": [1]},
    "retry": {"max_attempts": 3, "initial": "1s", "jitter": 0},
}


def torn() -> Simulator:
    """An item in which `pay` is cut in its midst because `check` beside it fails; then the loop is tried again."""
    document = flow(
        "start > loop", "pay@loop > done@loop", "check@loop > done@loop", loop=LOOP, pay={"type": "effect.once"}
    )
    mocks: Any = {
        "loop[0]/pay": [{"after": "1m"}, {"output": "sent again"}],
        "loop[0]/check": [fails("recoverable", after="1s"), {"output": 1}],
    }
    simulator = Simulator(plan=compile_plan(document, CATALOGUE), mocks=mocks)
    simulator.go(RunStarted(at=0, input={}, trigger="start"))
    return simulator


def torn_items(**loop: Any) -> Simulator:
    """The same where `pay` runs once per item: its second item is cut in its midst."""
    document = flow(
        "start > loop",
        "pay@loop > done@loop",
        "check@loop > done@loop",
        loop={**LOOP, **loop},
        pay={"type": "effect.once", "each": {"items": [1, 2, 3], "concurrency": 2}},
    )
    mocks: Any = {
        "loop[0]/pay[0]": [{"output": "one"}],
        "loop[0]/pay[1]": [{"after": "1m"}, {"output": "sent again"}],
        "loop[0]/pay[2]": [{"output": "three"}],
        "loop[0]/check": [fails("recoverable", after="1s"), {"output": 1}],
    }
    simulator = Simulator(plan=compile_plan(document, CATALOGUE), mocks=mocks)
    simulator.go(RunStarted(at=0, input={}, trigger="start"))
    return simulator


def begun(simulator: Simulator, step: str) -> int:
    return sum(event.step == step and type(event).__name__ == "StepStarted" for event in simulator.journal)


def test_what_is_uncertain_is_not_sent_again_by_the_loop_around_it() -> None:
    simulator = torn()
    assert begun(simulator, "loop[0]/check") == 2
    assert begun(simulator, "loop[0]/pay") == 1
    assert simulator.machine.uncertain() == ["loop[0]/pay"]
    assert simulator.machine.status == "waiting"


def test_a_person_decides_and_the_loop_goes_on() -> None:
    machine = torn().machine
    machine.apply(machine.resolve("loop[0]/pay", "succeeded", 90_000_000, output="paid"))
    started = [command for command in machine.decide(90_000_000) if getattr(command, "step", "") == "loop[0]/done"]
    assert len(started) == 1


def test_an_item_that_is_uncertain_is_not_sent_again_by_the_loop_around_it() -> None:
    simulator = torn_items()
    assert begun(simulator, "loop[0]/check") == 2
    assert begun(simulator, "loop[0]/pay") == 2
    assert [begun(simulator, f"loop[0]/pay[{index}]") for index in range(3)] == [1, 1, 1]
    assert simulator.machine.uncertain() == ["loop[0]/pay[1]"]
    assert simulator.machine.status == "waiting"


@pytest.mark.parametrize("is_loaded", [False, True], ids=["folded", "from a snapshot"])
def test_a_person_decides_about_the_item_and_its_output_stands_at_its_place(is_loaded: bool) -> None:
    simulator = torn_items()
    machine = simulator.machine
    if is_loaded:
        machine = Machine(simulator.plan, load_state(simulator.plan, dump_state(machine.state)))
    machine.apply(machine.resolve("loop[0]/pay[1]", "succeeded", 90_000_000, output="paid"))
    (gathered,) = [one for one in machine.decide(90_000_000) if isinstance(one, Gather)]
    assert gathered.step == "loop[0]/pay"
    assert isinstance(gathered.output, ListOf)
    assert list(gathered.output.parts) == ["one", "paid", "three"]


def test_a_journal_of_before_in_which_it_was_sent_again_still_folds() -> None:
    simulator = torn()
    machine = Machine(simulator.plan)
    for event in simulator.journal:
        machine.apply(event)
    again = next(e for e in simulator.journal if e.step == "loop[0]/pay" and type(e).__name__ == "StepStarted")
    machine.apply(again)
    assert machine.uncertain() == []
    assert [flight.step for flight in machine.in_flight()] == ["loop[0]/pay"]


def test_what_failed_in_the_middle_of_its_work_is_begun_anew_by_the_loop_around_it() -> None:
    document = flow("start > loop", "deploy@loop", loop=LOOP, deploy={"type": "effect.keyed"})
    plan = compile_plan(document, CATALOGUE)
    machine = Machine(plan)
    simulator = Simulator(plan=plan, mocks={"loop[0]/deploy": [{"after": "1m"}]})
    simulator.go(RunStarted(at=0, input={}, trigger="start"))
    for event in simulator.journal:
        machine.apply(event)
        if isinstance(event, StepStarted) and event.step == "loop[0]/deploy":
            break
    machine.apply(TimerSet(at=1, step="loop[0]/deploy", due=2, again={"phase": "back"}))
    (go,) = [one for one in machine.decide(2) if isinstance(one, StartAttempt)]
    assert go.again == {"phase": "back"}
    machine.apply(go.started(2, 5))
    error = ErrorInfo(code="taken_back", message="not well", klass="recoverable")
    machine.apply(StepFailed(at=3, step="loop[0]/deploy", error=error))
    begun = None
    for now in range(3, 4_000_000, 500_000):
        for command in machine.decide(now):
            if isinstance(command, Record):
                machine.apply(command.event)
            elif isinstance(command, StartAttempt):
                begun = command
    assert begun is not None
    assert (begun.step, begun.again, begun.attempt) == ("loop[0]/deploy", None, 3), "nothing of what failed"


# --- where what is inside goes on ------------------------------------------------------------------------------


def started(simulation: Simulation, step: str) -> int:
    return sum(isinstance(event, StepStarted) and event.step == step for event in simulation.journal)


def test_what_succeeded_as_the_loop_around_it_closed_leads_on_when_that_is_tried_again() -> None:
    drive = Drive("start > loop", "a@loop > c@loop", "b@loop", loop=LOOP)
    drive.comes("loop", Items(1, [1], 1))
    drive.all_come(("loop[0]/b", Failed(BUSY)), ("loop[0]/a", Succeeded(1)))
    drive.passes(SECOND)
    assert set(drive.begun) == {"loop[0]/b", "loop[0]/c"}, "a is done, and c waits for nothing else"
    for step in ("b", "c"):
        drive.comes(f"loop[0]/{step}", Succeeded(2))
    assert drive.machine.status == "succeeded"


def test_what_was_skipped_as_the_loop_around_it_closed_is_skipped_when_that_is_tried_again() -> None:
    choice = {"type": "flow.if", "config": {"condition": True}}
    paths = ("start > loop", "i@loop", "i.false > no@loop", "i.true > yes@loop", "b@loop")
    drive = Drive(*paths, loop=LOOP, i=choice)
    drive.comes("loop", Items(1, [1], 1))
    drive.all_come(("loop[0]/b", Failed(BUSY)), ("loop[0]/i", Succeeded(None, "true")))
    drive.passes(SECOND)
    assert set(drive.begun) == {"loop[0]/b", "loop[0]/yes"}
    assert drive.state_of("loop[0]/no") == "skipped"


def turning(mocks: dict[str, Any]) -> Simulation:
    """Three turns inside a loop that is tried again, beside another step."""
    turns = {"type": "flow.while", "config": {"condition": "{{ index < 3 }}"}}
    document = flow("start > loop", "w@loop", "p@w", "beside@loop", loop=LOOP, w=turns)
    return run(document, mocks={"loop[0]/w[2]/p": [{"output": "last"}]} | mocks)


@pytest.mark.parametrize(
    "mocks",
    [
        {"loop[0]/w[1]/p": [fails("recoverable"), {}]},
        {"loop[0]/w[1]/p": [{"after": "9s"}, {}], "loop[0]/beside": [fails("recoverable", after="1s"), {}]},
    ],
    ids=["failed", "cut"],
)
def test_a_turn_that_was_not_done_is_done_by_the_loop_around_it_before_the_next(mocks: dict[str, Any]) -> None:
    simulation = turning(mocks)
    assert simulation.status == "succeeded"
    assert [started(simulation, f"loop[0]/w[{turn}]/p") for turn in range(4)] == [1, 2, 1, 0]
    assert simulation.ledger.steps["loop[0]/w"].output == "last"
    examiner = Examiner(simulation.machine.plan)
    for seq, event in enumerate(simulation.journal, 1):
        examiner.take(seq, event)
    assert examiner.finish() == []


def test_a_journal_of_before_in_which_a_turn_was_passed_over_still_folds() -> None:
    simulation = turning({"loop[0]/w[1]/p": [fails("recoverable"), {}]})
    machine = Machine(simulation.machine.plan)
    for event in simulation.journal:
        if isinstance(event, StepStarted) and event.step == "loop[0]/w" and "loop[0]/w" in machine.state.verdicts:
            machine.apply(StepStarted(at=event.at, step="loop[0]/w", attempt=event.attempt, seed=77))
            break
        machine.apply(event)
    machine.apply(TurnDecided(at=0, step="loop[0]/w", index=2, begins=True))
    assert "loop[0]/w[2]/p" in [getattr(command, "step", "") for command in machine.decide(90_000_000)]


def test_a_condition_that_is_tried_again_decides_about_the_turn_it_was_asked_for() -> None:
    again = {"retry": {"max_attempts": 2, "initial": "1s", "jitter": 0}}
    turns = {"type": "flow.while", "config": {"condition": "{{ index < 2 }}"}, **again}
    drive = Drive("start > w", "p@w", w=turns)
    drive.comes("w", Condition(True, 9))
    drive.comes("w[0]/p", Succeeded("one"))
    drive.comes("w", Failed(BUSY))
    drive.passes(SECOND)
    drive.comes("w", Condition(True, 9))
    drive.comes("w[1]/p", Succeeded("two"))
    drive.comes("w", Condition(False, 9))
    assert drive.machine.status == "succeeded"
    assert drive.machine.output == "two"


def test_a_join_that_could_not_be_met_is_not_begun_by_the_loop_around_it() -> None:
    collects = LOOP | {"config": {"items": [1], "on_error": "collect"}}
    choice = {"type": "flow.if", "config": {"condition": True}}
    document = flow(
        "start > loop", "i@loop", "i.true > yes@loop > both@loop", "i.false > no@loop > both@loop",
        loop=collects, i=choice, both={"join": {"count": 2}},
    )  # fmt: skip
    simulation = run(document)
    assert started(simulation, "loop") > 1
    assert started(simulation, "loop[0]/both") == 0
    assert states(simulation)["loop[0]/both"] == "failed"


def test_the_time_of_what_is_inside_counts_anew_when_the_loop_around_it_is_tried_again() -> None:
    slow = {"type": "flow.lock", "config": {"name": "x"}, "timeout": "2s"}
    document = flow("start > loop", "l@loop", "p@l", loop=LOOP, l=slow)
    simulation = run(document, mocks={"loop[0]/l/p": [{"after": "1h"}] * 3})
    assert (simulation.status, simulation.finished_at) == ("failed", (2 + 1 + 2 + 2 + 2) * SECOND)


@pytest.mark.parametrize("around", [(), ("flow.lock", {"name": "x"}), ("flow.while", {"condition": True})])
def test_what_was_all_done_as_the_loop_around_it_closed_is_over_when_that_is_tried_again(around: Any) -> None:
    loop = LOOP | {"config": {"items": [1, 2], "concurrency": 2}}
    nodes = {"c": {"type": around[0], "config": around[1]}} if around else {}
    drive = Drive("start > loop", *(("c@loop", "a@c") if around else ("a@loop",)), loop=loop, **nodes)
    drive.comes("loop", Items(2, [1, 2], 2))
    inside = {"": "a", "flow.lock": "c/a", "flow.while": "c[0]/a"}[around[0] if around else ""]

    def go_in(*items: int) -> None:
        for item in items if around else ():
            key = f"loop[{item}]/c"
            if around[0] == "flow.while":
                drive.comes(key, Condition(True, 9))
            else:
                drive.comes(key, WaitsFor("lock", "x"))
                granted = drive.machine.answer(key, "lock", "x", Granted(item + 1), drive.now)
                assert granted is not None
                drive.record(granted)
                drive.settle()

    go_in(0, 1)
    drive.waits(f"loop[0]/{inside}")
    drive.comes(f"loop[1]/{inside}", Failed(BUSY))
    drive.comes(f"loop[0]/{inside}", Succeeded(1))  # its farewell
    drive.passes(SECOND)
    if around and around[0] == "flow.lock":
        go_in(0, 1)
    assert f"loop[0]/{inside}" not in drive.begun, "it is done"
    drive.comes(f"loop[1]/{inside}", Succeeded(2))
    for item in (0, 1) if around and around[0] == "flow.while" else ():
        drive.comes(f"loop[{item}]/c", Condition(False, 9))
    assert drive.machine.status == "succeeded"


def test_the_conditions_of_a_loop_that_was_begun_once_more_have_no_more_tries_than_the_first() -> None:
    turns = {
        "type": "flow.while",
        "config": {"condition": "{{ index < 5 }}", "max": 9},
        "retry": {"max_attempts": 2, "initial": "1s", "jitter": 0},
    }
    run = Drive("start > loop", "turns@loop", "a@turns", loop=LOOP, turns=turns)
    run.comes("loop", Items(1, [1], 1))

    def fails_twice() -> None:
        run.comes("loop[0]/turns", Failed(BUSY))
        assert run.state_of("loop[0]/turns") == "retrying"
        run.passes(9 * SECOND)
        run.comes("loop[0]/turns", Failed(BUSY))
        assert run.state_of("loop[0]/turns") == "failed"
        run.passes(9 * SECOND)

    fails_twice()
    run.comes("loop[0]/turns", Condition(holds=True, max=9))
    run.comes("loop[0]/turns[0]/a", Succeeded(1))
    fails_twice()
