"""Long lists on the executor: bounded memory, and every item's end in the journal on its own."""

import gc
import os
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from flows.engine.events import StepSucceeded
from flows.engine.machine import Machine
from flows.journal import log, read
from flows.runtime.executor import Pace
from flows.security import safejson
from flows.security.limits import LIMITS
from tests.runtime.house import drive, journal, publish, start

pytestmark = pytest.mark.django_db(transaction=True)

ITEMS: Final = int(os.environ.get("MULGIL_ITEMS", "20000"))
"""Of the long list whose memory is measured; 100000 is the most there may be."""

LONG: Final = Pace(look=0.05, linger=0.05, slice=600.0, grace=0.2)


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


def pss() -> float:
    """MiB that this process weighs."""
    rows = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(int(row.split()[1]) for row in rows if row.startswith("Pss:")) / 1024


def test_a_long_list_weighs_no_more_at_its_end_than_at_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = 0
    seen: dict[int, tuple[int, float]] = {}
    looks = (ITEMS // 10, ITEMS // 2, ITEMS * 19 // 20)
    apply = Machine.apply

    def watched(machine: Machine, event: Any) -> None:
        nonlocal ended
        apply(machine, event)
        if type(event) is StepSucceeded and (event.step or "").endswith("/q"):
            ended += 1
            if ended in looks:
                gc.collect()
                seen[ended] = sys.getallocatedblocks(), pss()

    monkeypatch.setattr(Machine, "apply", watched)
    monkeypatch.setattr(log, "BACKLOG", 500)  # what waits to be written comes and goes, and is not to be seen here
    document = loop(ITEMS, concurrency=100)
    document["nodes"][-1]["config"] = {"value": {"n": "{{ nodes.p.n }}", "text": "{{ item }} of many"}}
    run = start(publish(document), {"items": list(range(ITEMS))})
    drive(pace=LONG)
    run.refresh_from_db()
    assert (run.status, ended) == ("succeeded", ITEMS)
    (first, light), _, (last, heavy) = (seen[look] for look in looks)
    assert last - first < ITEMS / 2, f"objects and MiB after so many items: {seen}"
    assert heavy - light < 12 + ITEMS / 5_000, f"objects and MiB after so many items: {seen}"


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
