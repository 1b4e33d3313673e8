"""Reading runs back. The journals here are written as the codec writes them."""

import json
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from flows.journal import read
from flows.journal.read import events_after, first_seen, plain_view, run_view, step_detail, steps_inside
from flows.journal.steps_seen import node_of
from flows.models import Event, Payload, PayloadUse, Run
from flows.operations.starting import start
from tests.cast import flow, person, with_nodes

DOCUMENT = with_nodes(
    {"id": "start", "type": "trigger.manual"},
    {"id": "list", "type": "data.transform", "config": {"value": [1, 2]}, "each": {"items": [1, 2]}},
    {"id": "last", "type": "log", "config": {"message": "done"}},
)


@pytest.fixture
def run(db: None) -> Run:
    editor = person("editor", "editor").actor
    return Run.objects.get(pk=start(editor, flow(editor, DOCUMENT).pk).run.id)


def write(run: Run, *events: tuple[str, str | None, dict[str, Any]]) -> None:
    head = Run.objects.get(pk=run.pk).seq
    for place, (kind, step, data) in enumerate(events, head + 1):
        Event.objects.create(run=run, seq=place, kind=kind, step=step, at=place * 1_000_000, data=json.dumps(data))
    Run.objects.filter(pk=run.pk).update(seq=head + len(events))


def view(run: Run) -> dict[str, Any]:
    found: Any = run_view(run.pk)
    return dict(found)


def test_a_step_is_what_its_events_say(run: Run) -> None:
    write(
        run,
        ("run_started", None, {"input": {"n": 1}, "trigger": "start"}),
        ("step_started", "list", {"attempt": 1, "seed": 1}),
        (
            "step_retrying",
            "list",
            {"error": {"code": "busy", "message": "Busy", "klass": "recoverable"}, "due": 9_000_000},
        ),
        ("step_started", "list", {"attempt": 2, "seed": 2}),
        ("items_listed", "list", {"count": 2, "items": [1, 2]}),
    )
    steps = {step["key"]: step for step in view(run)["steps"]}
    assert steps["start"]["status"] == "succeeded"
    assert (steps["list"]["status"], steps["list"]["attempt"], steps["list"]["items"]) == ("running", 2, 2)
    assert steps["list"]["started_at"] == "1970-01-01T00:00:02Z"
    assert steps["last"]["status"] == "pending"
    detail: Any = step_detail(run.pk, "list")
    assert [(a["attempt"], a["status"]) for a in detail["attempts"]] == [(1, "failed"), (2, "running")]
    assert detail["attempts"][0]["error"]["class"] == "recoverable"


LOOP: Any = {
    "nodes": [
        {"id": "start", "type": "trigger.manual"},
        {"id": "loop", "type": "flow.for_each", "config": {"items": [1, 2, 3]}},
        {"id": "a", "type": "log", "parent": "loop"},
        {"id": "b", "type": "log", "parent": "loop"},
    ],
    "edges": [{"from": "start", "to": "loop"}, {"from": "a", "to": "b"}],
}


def test_how_many_items_have_ended_is_told_with_the_step(db: None) -> None:
    editor = person("editor", "editor").actor
    run = Run.objects.get(pk=start(editor, flow(editor, LOOP).pk).run.id)
    write(run, ("step_started", "loop", {"attempt": 1, "seed": 1}), ("items_listed", "loop", {"count": 3, "items": []}))
    told: Any = step_detail(run.pk, "loop")
    assert (told["items"], told["done"]) == (3, 0)
    ended = [(0, "a", "failed"), (0, "a", "succeeded"), (0, "b", "skipped"), (1, "a", "succeeded")]
    error = {"error": {"code": "x", "message": "x"}}
    write(run, *((f"step_{how}", f"loop[{at}]/{node}", error) for at, node, how in ended))
    assert [(step["items"], step["done"]) for step in view(run)["steps"] if step["key"] == "loop"] == [(3, 1)]
    write(run, ("step_cancelled", "loop[1]/b", {}), ("step_succeeded", "loop[10]/a", {}))
    assert step_detail(run.pk, "loop")["done"] == 2  # type: ignore[index]  # it is there
    write(run, ("step_succeeded", "loop", {"output": []}))
    assert step_detail(run.pk, "loop")["done"] == 3  # type: ignore[index]  # as above


def test_ended_items_of_a_single_node_are_counted(run: Run) -> None:
    write(
        run,
        ("items_listed", "list", {"count": 2, "items": [1, 2]}),
        ("step_started", "list[0]", {"attempt": 1, "seed": 1}),
        ("step_started", "list[1]", {"attempt": 1, "seed": 1}),
        ("step_succeeded", "list[1]", {"output": 1}),
    )
    assert [(step["items"], step["done"]) for step in view(run)["steps"] if step["key"] == "list"] == [(2, 1)]


def test_the_input_and_logs_of_a_step_are_those_of_its_attempt(run: Run) -> None:
    seen = {"input": {"message": "done"}, "logs": [{"level": "info", "message": "hi"}]}
    write(
        run,
        ("step_started", "last", {"attempt": 1, "seed": 1}),
        ("step_succeeded", "last", {"output": {"a": 1}, "seen": seen}),
    )
    detail: Any = step_detail(run.pk, "last")
    assert (detail["status"], detail["output"], detail["input"]) == ("succeeded", {"a": 1}, {"message": "done"})
    assert detail["logs"] == [{"level": "info", "message": "hi"}]


def test_a_large_output_is_read_from_beside_and_one_that_only_looks_so_is_not(run: Run) -> None:
    Payload.objects.create(hash="a" * 64, size=9, data=b'"a value"')
    reference = {"$payload": "a" * 64, "size": 9}
    write(
        run,
        ("step_succeeded", "list", {"output": reference, "refs": ["output"]}),
        ("step_succeeded", "last", {"output": reference}),
    )
    kept: Any = step_detail(run.pk, "list")
    plain: Any = step_detail(run.pk, "last")
    assert (kept["output"], plain["output"]) == ("a value", reference)
    Run.objects.filter(pk=run.pk).update(output="@" + "a" * 64)
    assert view(run)["output"] == "a value"
    PayloadUse.objects.create(run=run, hash="a" * 64, removed_after=7)
    assert view(run)["output"] == {"$omitted": "removed", "after_days": 7}, "though another run may still need it"
    PayloadUse.objects.all().delete()
    Payload.objects.all().delete()
    gone: Any = step_detail(run.pk, "list")
    assert gone["output"] == {"$omitted": "missing"}


def test_items_are_listed_under_their_step_in_pages(run: Run) -> None:
    for item in range(5):
        write(run, ("step_started", f"list[{item}]", {"attempt": 1, "seed": item}))
    write(run, ("step_started", "list[0]/inner", {"attempt": 1, "seed": 9}))
    first = steps_inside(run.pk, "list", after=0, limit=3)
    assert [step.key for step in first] == ["list[0]", "list[1]", "list[2]"]
    rest = steps_inside(run.pk, "list", after=first_seen(run.pk, "list[2]"), limit=3)
    assert [step.key for step in rest] == ["list[3]", "list[4]", "list[0]/inner"]
    assert [step.key for step in steps_inside(run.pk, "list[0]", after=0, limit=9)] == ["list[0]/inner"]
    assert [step["key"] for step in view(run)["steps"]] == ["start", "list", "last"]


def test_a_key_is_no_pattern(run: Run) -> None:
    assert steps_inside(run.pk, ".*", after=0, limit=9) == []
    assert steps_inside(run.pk, "list[", after=0, limit=9) == []
    for strange in ("\N{LATIN SMALL LETTER E WITH ACUTE}", "A", "\\", "a-b", "물길", "(", "\N{EM DASH}"):
        assert steps_inside(run.pk, strange, after=0, limit=9) == []
    assert step_detail(run.pk, "nowhere") is None


def test_events_come_in_order_from_any_place(run: Run) -> None:
    write(run, *((f"k{n}", None, {}) for n in range(5)))
    assert [row.kind for row in events_after(run.pk, 2, 2)] == ["k2", "k3"]


@pytest.mark.parametrize(
    ("key", "node"), [("charge", "charge"), ("list[3]", "list"), ("loop[0]/charge[2]", "charge"), ("try/x", "x")]
)
def test_a_key_names_its_node(key: str, node: str) -> None:
    assert node_of(key) == node


PLAIN = with_nodes({"id": "start", "type": "trigger.manual"}, {"id": "one", "type": "log", "config": {"message": "hi"}})


def plainly(run: Run) -> Any:
    """The view of a run by its row and its events alone, as who waits for its end reads them."""
    with connection.cursor() as cursor:
        cursor.execute(read.RUN_WITH_TOPS, [run.pk])
        return plain_view(dict(zip((column.name for column in cursor.description), cursor.fetchone(), strict=True)))


def test_a_plain_run_is_told_from_its_row_and_events_once_its_document_is_known(db: None) -> None:
    editor = person("editor", "editor").actor
    run = Run.objects.get(pk=start(editor, flow(editor, PLAIN).pk).run.id)
    write(
        run,
        ("run_started", None, {"input": {"n": 1}, "trigger": "start"}),
        ("step_started", "one", {"attempt": 1, "seed": 1}),
        ("step_succeeded", "one", {"output": {"n": 2}, "port": "out"}),
        ("run_succeeded", None, {"output": {"n": 2}}),
    )
    Run.objects.filter(pk=run.pk).update(status="succeeded", output='{"n": 2}', finished_at=timezone.now())
    whole = run_view(run.pk)
    assert whole is not None
    assert plainly(run) == whole


def test_a_run_of_which_more_must_be_asked_is_not_told_plainly(run: Run) -> None:
    assert run_view(run.pk) is not None
    assert plainly(run) is not None
    write(run, ("step_started", "list", {"attempt": 1, "seed": 1}), ("items_listed", "list", {"count": 2, "items": []}))
    assert plainly(run) is None, "how far its items are is counted"
    other = Run.objects.get(pk=start(person("two", "editor").actor, run.flow_id).run.id)
    for asks_more in ({"output": "@" + "0" * 64}, {"held": True}, {"parent_run_id": run.pk}, {"seq": read.SHORT + 1}):
        assert plainly(other) is not None
        before = {name: getattr(other, name) for name in asks_more}
        Run.objects.filter(pk=other.pk).update(**asks_more)
        assert plainly(other) is None, asks_more
        Run.objects.filter(pk=other.pk).update(**before)
