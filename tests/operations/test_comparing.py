"""Two runs beside each other, and the runs before and after one. The journals are written as the codec writes them."""

import json
from typing import Any

import pytest
from django.test import Client

from flows.errors import BadInput, NotFound
from flows.models import Event, Flow, Run, Version
from flows.operations.comparing import compare_runs
from flows.operations.runs import neighbours
from flows.operations.starting import start
from tests.cast import Person, flow, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor() -> Person:
    return person("editor", "editor")


def ran(editor: Person, made: Flow, *, n: int, fails: bool = False) -> Run:
    run = Run.objects.get(pk=start(editor.actor, made.pk, input={"n": n}).run.id)
    error = {"code": "bad", "message": "Bad", "klass": "permanent"}
    events: list[tuple[str, str | None, dict[str, Any]]] = [
        ("run_started", None, {"input": {"n": n}, "trigger": "start"}),
        ("step_started", "one", {"attempt": 1, "seed": 1}),
        ("step_succeeded", "one", {"output": {"x": n}, "seen": {"input": {"fields": {"x": n}}}}),
        ("step_started", "two", {"attempt": 1, "seed": 2}),
        ("step_failed", "two", {"error": error}) if fails else ("step_succeeded", "two", {"output": n + 1}),
    ]
    for seq, (kind, step, data) in enumerate(events, 1):
        Event.objects.create(run=run, seq=seq, kind=kind, step=step, at=seq * 1_000_000, data=json.dumps(data))
    Run.objects.filter(pk=run.pk).update(seq=len(events))
    return run


def differs(editor: Person, left: Run, right: Run) -> dict[str, list[str]]:
    return {step.key: step.differs for step in compare_runs(editor.actor, left.pk, right.pk).steps}


def test_runs_alike_differ_in_nothing(editor: Person) -> None:
    made = flow(editor.actor)
    pair = compare_runs(editor.actor, ran(editor, made, n=1).pk, ran(editor, made, n=1).pk)
    assert (pair.differs, pair.is_same_document) == ([], True)
    assert {step.key: step.differs for step in pair.steps} == {"start": [], "one": [], "two": []}


def test_where_values_went_apart_is_named_step_by_step(editor: Person) -> None:
    made = flow(editor.actor)
    left, right = ran(editor, made, n=1), ran(editor, made, n=2)
    assert compare_runs(editor.actor, left.pk, right.pk).differs == ["input"]
    assert differs(editor, left, right) == {"start": ["output"], "one": ["input", "output"], "two": ["output"]}


def test_a_failure_is_another_state_path_output_and_error(editor: Person) -> None:
    made = flow(editor.actor)
    found = differs(editor, ran(editor, made, n=1), ran(editor, made, n=1, fails=True))
    assert found == {"start": [], "one": [], "two": ["status", "path", "output", "error"]}


def test_a_step_that_one_version_lacks_is_told_as_not_there(editor: Person) -> None:
    made = flow(editor.actor)
    left, right = ran(editor, made, n=1), ran(editor, made, n=1)
    document = {
        "dsl": 1,
        "nodes": [
            {"id": "start", "type": "trigger.manual"},
            {"id": "one", "type": "data.set", "config": {"fields": {"x": 1}}},
            {"id": "three", "type": "data.transform", "config": {"value": 1}},
        ],
        "edges": [{"from": "start", "to": "one"}, {"from": "one", "to": "three"}],
    }
    version = Version.objects.get(flow=flow(editor.actor, document, name="Other"))
    Run.objects.filter(pk=right.pk).update(version=version, document_hash=version.hash)
    Event.objects.filter(run=right, step="two").delete()
    pair = compare_runs(editor.actor, left.pk, right.pk)
    assert not pair.is_same_document
    found = {step.key: (step.differs, step.left is None, step.right is None) for step in pair.steps}
    assert found["two"] == (["there"], False, True)
    assert found["three"] == (["there"], True, False)


def test_runs_of_two_flows_are_not_compared_and_foreign_ones_not_found(editor: Person) -> None:
    left = ran(editor, flow(editor.actor), n=1)
    other = ran(editor, flow(editor.actor, name="Other"), n=1)
    with pytest.raises(BadInput, match="two flows"):
        compare_runs(editor.actor, left.pk, other.pk)
    stranger = person("stranger", "admin", home="elsewhere")
    with pytest.raises(NotFound):
        compare_runs(stranger.actor, left.pk, left.pk)


def test_the_runs_before_and_after_one_are_those_of_its_flow(editor: Person) -> None:
    made = flow(editor.actor)
    first, second = ran(editor, made, n=1), ran(editor, made, n=2)
    ran(editor, flow(editor.actor, name="Other"), n=1)
    third = ran(editor, made, n=3)
    assert neighbours(editor.actor, second.pk) == (first, third)
    assert neighbours(editor.actor, first.pk) == (None, second)
    assert neighbours(editor.actor, third.pk) == (second, None)


def test_runs_compared_tell_how_they_were_moved(client: Client, editor: Person) -> None:
    made = flow(editor.actor)
    left, right = ran(editor, made, n=1), ran(editor, made, n=1)
    data = {"version": 2, "document_hash": "b", "was_version": 1, "was_hash": "a", "by": "kim", "reason": ""}
    Event.objects.create(run=right, seq=6, kind="run_moved", step=None, at=6_000_000, data=json.dumps(data))
    told = client.get(f"/api/runs/{left.pk}/compare/{right.pk}/", headers=editor.headers).json()
    assert told["left_moves"] == []
    assert told["right_moves"] == [{"at": "1970-01-01T00:00:06Z", "was_version": 1, "version": 2}]
