"""A run as it stood after any of its events. The journals here are written as the codec writes them."""

import json
from typing import Any

import pytest

from flows.journal.moments import item_states, run_at
from flows.journal.read import step_detail
from flows.models import Event, Run
from flows.operations.starting import start
from tests.cast import flow, person

DOCUMENT: dict[str, Any] = {
    "dsl": 1,
    "nodes": [
        {"id": "start", "type": "trigger.manual"},
        {"id": "loop", "type": "flow.for_each", "config": {"items": [1, 2, 3]}},
        {"id": "pick", "type": "data.set", "parent": "loop", "config": {"fields": {}}},
        {"id": "pack", "type": "data.set", "parent": "loop", "config": {"fields": {}}},
        {"id": "list", "type": "data.transform", "config": {"value": 1}, "each": {"items": [1, 2]}},
    ],
    "edges": [{"from": "start", "to": "loop"}, {"from": "pick", "to": "pack"}, {"from": "loop", "to": "list"}],
}
ERROR = {"code": "busy", "message": "Busy", "klass": "permanent"}


@pytest.fixture
def run(db: None) -> Run:
    editor = person("editor", "editor").actor
    return Run.objects.get(pk=start(editor, flow(editor, DOCUMENT).pk).run.id)


def write(run: Run, *events: tuple[str, str | None, dict[str, Any]]) -> None:
    for seq, (kind, step, data) in enumerate(events, 1):
        Event.objects.create(run=run, seq=seq, kind=kind, step=step, at=seq * 1_000_000, data=json.dumps(data))
    Run.objects.filter(pk=run.pk).update(seq=len(events))


def journal(run: Run) -> None:
    """Three items of which the first ends, the second fails and the third has begun; the flow fails by it."""
    write(
        run,
        ("run_started", None, {"input": {"n": 1}, "trigger": "start"}),
        ("step_started", "loop", {"attempt": 1, "seed": 1}),
        ("items_listed", "loop", {"count": 3, "items": [1, 2, 3]}),
        ("step_started", "loop[0]/pick", {"attempt": 1, "seed": 2}),
        ("step_succeeded", "loop[0]/pick", {"output": 7}),
        ("step_started", "loop[1]/pick", {"attempt": 1, "seed": 3}),
        ("step_started", "loop[0]/pack", {"attempt": 1, "seed": 4}),
        ("step_succeeded", "loop[0]/pack", {"output": 8}),
        ("step_failed", "loop[1]/pick", {"error": ERROR}),
        ("step_skipped", "loop[1]/pack", {}),
        ("step_started", "loop[2]/pick", {"attempt": 1, "seed": 5}),
        ("timer_set", "loop[2]/pick", {"due": 99_000_000}),
        ("run_failed", None, {"error": ERROR, "origin": "loop", "node": "loop"}),
    )


def moment(run: Run, seq: int) -> dict[str, Any]:
    found = run_at(run.pk, seq)
    assert found is not None
    return found


def statuses(told: dict[str, Any]) -> dict[str, str]:
    return {step["key"]: step["status"] for step in told["steps"]}


def test_before_its_end_a_run_runs_and_after_it_has_failed(run: Run) -> None:
    journal(run)
    assert (moment(run, 12)["status"], moment(run, 12)["finished_at"]) == ("running", None)
    last = moment(run, 13)
    assert (last["status"], last["finished_at"]) == ("failed", "1970-01-01T00:00:13Z")
    assert (last["error"]["code"], last["error"]["step"]) == ("busy", "loop")


def test_steps_under_way_are_told_and_those_that_ended_inside_others_are_counted(run: Run) -> None:
    journal(run)
    early = moment(run, 7)
    assert statuses(early) == {
        "start": "succeeded",
        "loop": "running",
        "loop[0]/pack": "running",
        "loop[1]/pick": "running",
    }
    assert (early["seq"], early["at"]) == (7, "1970-01-01T00:00:07Z")
    assert early["ended"] == {"pick": {"succeeded": 1}}
    late = moment(run, 12)
    assert statuses(late) == {"start": "succeeded", "loop": "running", "loop[2]/pick": "waiting"}
    assert late["ended"] == {"pick": {"succeeded": 1, "failed": 1}, "pack": {"succeeded": 1, "skipped": 1}}
    assert {step["key"]: step["done"] for step in late["steps"]}["loop"] == 2


def test_past_the_last_event_it_is_the_run_as_it_is_and_before_the_first_nothing(run: Run) -> None:
    assert run_at(run.pk, 5) is None
    journal(run)
    assert moment(run, 10_000) == moment(run, 13)


def test_each_item_has_a_letter_now_and_then(run: Run) -> None:
    journal(run)
    assert [(item_states(run.pk, "loop", at) or {}).get("states") for at in (3, 5, 7, 9, 11, 12)] == [
        "ppp",
        "rpp",
        "rrp",
        "sfp",
        "sfr",
        "sfw",
    ]
    found = item_states(run.pk, "loop", 12)
    assert found is not None
    assert (found["total"], found["inside"]) == (3, ["pack", "pick"])
    assert item_states(run.pk, "list", 12) is None


def test_what_a_person_decided_is_the_state_of_the_item(run: Run) -> None:
    write(
        run,
        ("run_started", None, {"input": {}, "trigger": "start"}),
        ("step_started", "list", {"attempt": 1, "seed": 1}),
        ("items_listed", "list", {"count": 4, "items": [1, 2, 3, 4]}),
        ("step_started", "list[0]", {"attempt": 1, "seed": 2}),
        ("step_uncertain", "list[0]", {"error": ERROR}),
        ("step_started", "list[1]", {"attempt": 1, "seed": 3}),
        ("step_uncertain", "list[1]", {"error": ERROR}),
        ("step_resolved", "list[1]", {"verdict": "succeeded", "output": 1}),
        ("step_started", "list[2]", {"attempt": 1, "seed": 4}),
        ("step_uncertain", "list[2]", {"error": ERROR}),
        ("step_resolved", "list[2]", {"verdict": "failed", "error": ERROR}),
    )
    found = item_states(run.pk, "list", 11)
    assert found is not None
    assert found["states"] == "usfp"
    assert moment(run, 11)["ended"] == {"list": {"succeeded": 1, "failed": 1}}


def test_a_step_is_told_as_it_stood_then(run: Run) -> None:
    journal(run)
    before: Any = step_detail(run.pk, "loop[0]/pick", 4)
    after: Any = step_detail(run.pk, "loop[0]/pick", 5)
    assert (before["status"], before["output"], after["status"], after["output"]) == ("running", None, "succeeded", 7)
    loop: Any = step_detail(run.pk, "loop", 7)
    assert (loop["items"], loop["done"]) == (3, 0)
