"""Long lists on the executor: bounded memory, and every item's end in the journal on its own."""

from typing import Any

import pytest

from flows.engine.machine import Machine
from flows.journal import read
from tests.runtime.house import drive, journal, publish, start

pytestmark = pytest.mark.django_db(transaction=True)


def loop(count: int, **config: Any) -> dict[str, Any]:
    return {
        "dsl": 1,
        "nodes": [
            {"id": "start", "type": "trigger.manual"},
            {"id": "l", "type": "flow.for_each", "config": {"items": "{{ input.items }}", **config}},
            {"id": "p", "type": "data.set", "config": {"fields": {"n": "{{ item }}"}}, "parent": "l"},
            {"id": "q", "type": "data.transform", "config": {"value": "{{ nodes.p.n }}"}, "parent": "l"},
        ],
        "edges": [{"from": "start", "to": "l"}, {"from": "p", "to": "q"}],
    }


def test_a_long_list_holds_no_more_steps_in_memory_than_its_window(monkeypatch: pytest.MonkeyPatch) -> None:
    most = 0
    apply = Machine.apply

    def watched(machine: Machine, event: Any) -> None:
        nonlocal most
        apply(machine, event)
        most = max(most, len(machine.state.steps) + len(machine.state.scopes) + len(machine.state.timers))

    monkeypatch.setattr(Machine, "apply", watched)
    run = start(publish(loop(2_000, concurrency=7)), {"items": list(range(2_000))})
    drive()
    run.refresh_from_db()
    assert run.status == "succeeded"
    assert most <= 40
    assert sum(type(event).__name__ == "StepSucceeded" for event in journal(run)) == 4_001
    assert read.step_detail(run.pk, "l")["output"] == list(range(2_000))  # type: ignore[index]  # it is there
