"""Long lists on the executor: bounded memory, and every item's end in the journal on its own."""

from typing import Any

import pytest

from flows.engine.events import StepSucceeded
from flows.engine.machine import Machine
from flows.journal import read
from flows.security import safejson
from flows.security.limits import LIMITS
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


def test_a_run_at_the_limit_of_events_fails_by_itself_and_nobody_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.engine.compile.LIMITS", LIMITS.changed({"run_events": 100}))
    long = start(publish(loop(2_000, concurrency=2)), {"items": list(range(2_000))})
    short = start(publish(loop(3)), {"items": [1, 2, 3]})
    drive()
    long.refresh_from_db()
    short.refresh_from_db()
    assert (long.status, short.status) == ("failed", "succeeded")
    assert safejson.loads(long.error)["code"] == "too_many_events"  # type: ignore[arg-type,index,call-overload]  # it failed
    assert 100 < long.seq < 120
    assert [type(event).__name__ for event in journal(long)].count("RunOverLimit") == 1


def test_a_thousand_side_by_side_run_whole_and_join() -> None:
    wide = [{"id": f"w{i}", "type": "data.set", "config": {"fields": {"n": i}}} for i in range(1_000)]
    document = {
        "dsl": 1,
        "nodes": [
            {"id": "start", "type": "trigger.manual"},
            *wide,
            {"id": "all", "type": "data.transform", "config": {"value": "{{ nodes.w0.n + nodes.w999.n }}"}},
        ],
        "edges": [
            edge for node in wide for edge in ({"from": "start", "to": node["id"]}, {"from": node["id"], "to": "all"})
        ],
    }
    run = start(publish(document))
    drive()
    run.refresh_from_db()
    assert (run.status, run.output) == ("succeeded", "999")
    ended = [event.step for event in journal(run) if isinstance(event, StepSucceeded)]
    assert sorted(ended) == sorted(["all", *(node["id"] for node in wide)])
    assert ended[-1] == "all"
