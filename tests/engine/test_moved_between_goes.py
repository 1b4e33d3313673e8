"""A run that is to go by another version while a node of it has done a part of its work in several goes."""

from typing import Any

import pytest

from flows.dsl.document import Document
from flows.engine.events import RunStarted, StepStarted, TimerSet
from flows.engine.machine import Machine
from flows.engine.transplant import fit
from tests.engine.drafting import fails, flow, run
from tests.engine.golden import SECOND, moved
from tests.engine.test_transplant import plan_of, why

GOES: dict[str, Any] = {"type": "effect.keyed", "config": {"to": "{{ vars.target }}"}, "credential": "models"}
VARS: dict[str, Any] = {"target": "https://a.example", "other": 1}


def going(config: dict[str, Any] | None = None, *, given: dict[str, Any] | None = None, **more: Any) -> Document:
    node = {**GOES, **({"config": config} if config else {}), **more}
    return flow("start > a > b", a=node, settings={"vars": given or VARS})


def between(before: Document) -> Machine:
    """A run whose step has come to something and waits for its next go."""
    machine = Machine(plan_of(before))
    machine.apply(RunStarted(at=0, input={}, trigger="start"))
    for event in run(before, mocks={"a": [{"after": "9s"}]}).journal[1:2]:
        machine.apply(event)
    machine.apply(TimerSet(at=SECOND, step="a", due=9 * SECOND, again={"at": 2}))
    return machine


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (going(), []),
        (going(label="Deploy", retry={"max_attempts": 3}, timeout="1h"), []),
        (going(given={**VARS, "other": 2}), []),
        (going({"to": "https://b.example"}), ["between_goes a"]),
        (going(credential="others"), ["between_goes a"]),
        (going(given={**VARS, "target": "https://b.example"}), ["between_goes a"]),
        (going(effect="once"), ["between_goes a"]),
    ],
    ids=["same", "other words and tries", "a variable of others", "config", "credential", "its variable", "effect"],
)
def test_work_in_several_goes_goes_on_by_what_it_was_begun_with(after: Document, told: list[str]) -> None:
    machine = between(going())
    assert why(fit(machine.plan, machine.state, plan_of(after))) == told


def test_work_that_tells_the_version_is_not_gone_on_with_by_another() -> None:
    by_version, by_name = going({"to": "v{{ flow.version }}"}), going({"to": "{{ flow.name }}"})
    machine = between(by_version)
    assert why(fit(machine.plan, machine.state, plan_of(by_version))) == ["between_goes a"]
    machine = between(by_name)
    assert why(fit(machine.plan, machine.state, plan_of(by_name))) == []


@pytest.mark.parametrize("tries", [3, 1])
def test_what_was_cancelled_in_the_middle_is_gone_on_with_by_the_loop_that_is_tried_again(tries: int) -> None:
    def looping(config: dict[str, Any]) -> Document:
        retry = {"max_attempts": tries, "initial": "1m", "jitter": 0}
        loop = {"type": "flow.for_each", "config": {"items": [1]}, "on_error": "continue", "retry": retry}
        beside = {"type": "flow.signal", "config": {"name": "go"}}
        return flow("start > loop", "start > s", "a@loop", "c@loop", loop=loop, a={**GOES, "config": config}, s=beside)

    before = looping({"to": "https://a.example"})
    mocks: Any = {"loop[0]/a": [{"after": "9s"}], "loop[0]/c": [fails("recoverable", after="5s")] * 3}
    machine = Machine(plan_of(before))
    for event in run(before, mocks=mocks).journal:
        if event.at >= 60 * SECOND:
            break
        machine.apply(event)
        if isinstance(event, StepStarted) and event.step == "loop[0]/a":
            machine.apply(TimerSet(at=event.at, step="loop[0]/a", due=9 * SECOND, again={"at": 2}))
    assert machine.state.steps["loop"].status == ("retrying" if tries > 1 else "failed")
    told = why(fit(machine.plan, machine.state, plan_of(looping({"to": "https://b.example"}))))
    assert told == (["between_goes a"] if tries > 1 else [])


def test_a_journal_that_says_a_run_was_moved_is_followed_whatever_its_values_were() -> None:
    machine = between(going())
    after = plan_of(going(given={**VARS, "target": "https://b.example"}))
    machine.plans = {"v2": after}
    machine.apply(moved(2 * SECOND, 2))
    assert machine.plan is after
    assert machine.state.steps["a"].again == {"at": 2}
