"""What a loop that is tried again leaves alone: a step of which nobody knows whether it acted."""

from typing import Any

import pytest

from flows.engine.commands import Gather, ListOf, Record, StartAttempt
from flows.engine.compile import compile_plan
from flows.engine.events import ErrorInfo, RunStarted, StepFailed, StepStarted, TimerSet
from flows.engine.machine import Machine
from flows.engine.simulate import Simulator
from flows.engine.snapshot import dump_state, load_state
from tests.engine.catalogue import CATALOGUE
from tests.engine.drafting import fails, flow

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
