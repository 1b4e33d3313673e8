"""A run that is to go by another version while a node of it has done a part of its work in several goes."""

from typing import Any

import pytest

from flows.dsl.document import Document
from flows.engine.events import RunStarted, TimerSet
from flows.engine.machine import Machine
from flows.engine.transplant import fit
from tests.engine.drafting import flow, run
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


def test_a_journal_that_says_a_run_was_moved_is_followed_whatever_its_values_were() -> None:
    machine = between(going())
    after = plan_of(going(given={**VARS, "target": "https://b.example"}))
    machine.plans = {"v2": after}
    machine.apply(moved(2 * SECOND, 2))
    assert machine.plan is after
    assert machine.state.steps["a"].again == {"at": 2}
