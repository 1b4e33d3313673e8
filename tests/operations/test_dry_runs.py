"""A dry run shows the way a flow would take; nothing of it happens."""

from typing import Any

import pytest

from flows.dsl.read import InvalidDocument
from flows.engine.events import Event, StepSucceeded
from flows.journal.codec import encode
from flows.journal.rows import Row
from flows.models import Alert, Outbox, Run
from flows.operations import dry_runs
from flows.operations.dry_runs import DryRun, DryRunTooLong, dry_run
from flows.operations.facts import InputRefused, NoTrigger
from flows.security import safejson
from tests.cast import CHAIN, Person, flow, with_nodes

START = {"id": "start", "type": "trigger.manual"}
CHARGE = {
    "id": "charge",
    "type": "http.request",
    "config": {"method": "POST", "url": "http://127.0.0.1:9/charges", "json": {"of": "{{ input.order }}"}},
}
PAID = {"id": "paid", "type": "flow.if", "config": {"condition": "{{ nodes.charge.status == 201 }}"}}
PINNED = {"charge": {"status": 201, "headers": {}, "body": {"id": 7}}}


def charging(**more: Any) -> dict[str, Any]:
    """A charge, a choice that rests on it, a day of waiting and a sum."""
    nodes = [
        START,
        CHARGE,
        PAID,
        {"id": "wait", "type": "flow.wait", "config": {"for": "24h"}},
        {"id": "say", "type": "data.transform", "config": {"value": "{{ nodes.charge.body.id * 2 }}"}},
        {"id": "no", "type": "log"},
    ]
    edges = [{"from": a, "to": b} for a, b in (("start", "charge"), ("charge", "paid"), ("wait", "say"))]
    edges += [{"from": "paid", "port": "true", "to": "wait"}, {"from": "paid", "port": "false", "to": "no"}]
    return {"dsl": 1, "nodes": nodes, "edges": edges, **more}


def dry(editor: Person, document: dict[str, Any], **given: Any) -> DryRun:
    return dry_run(editor.actor, flow(editor.actor, document, published=False).pk, **given)


def kinds(played: DryRun, step: str) -> list[str]:
    return [row.kind for row in played.events if row.step == step]


def test_what_would_reach_the_world_is_told_and_answered_by_its_pin_and_all_else_is_worked_out(editor: Person) -> None:
    played = dry(editor, charging(pins=PINNED), given={"order": "A1"})
    assert (played.status, played.output) == ("succeeded", {"say": 14, "no": None})
    (asked,) = played.asked
    assert (asked.step, asked.effect, asked.is_pinned) == ("charge", "keyed", True)
    assert isinstance(asked.input, dict)
    assert (asked.input["method"], asked.input["json"]) == ("POST", {"of": "A1"})
    assert kinds(played, "no") == ["step_skipped"]
    assert [row.seq for row in played.events] == list(range(1, len(played.events) + 1))
    day = 24 * 3_600 * 1_000_000
    assert played.events[-1].at - played.events[0].at == day, "it waited on a clock of its own"


def test_without_a_pin_the_world_answers_with_nothing_and_it_is_said(editor: Person) -> None:
    played = dry(editor, charging(), given={"order": "A1"})
    assert [one.is_pinned for one in played.asked] == [False]
    assert kinds(played, "wait") == ["step_skipped"]
    assert played.status == "succeeded"


def test_nothing_of_it_is_kept(editor: Person) -> None:
    publishing = {"id": "tell", "type": "outbox.publish", "config": {"topic": "orders", "payload": 1}}
    played = dry(editor, with_nodes(START, publishing))
    assert [one.effect for one in played.asked] == ["transactional"]
    assert not Run.objects.exists()
    assert not Outbox.objects.exists()


def test_a_failure_is_undone_as_it_would_be_and_raises_no_alert(editor: Person) -> None:
    undo = {"id": "refund", "type": "http.request", "config": {"method": "POST", "url": "https://pay.example/back"}}
    boom = {"id": "boom", "type": "flow.stop", "config": {"outcome": "error", "message": "enough"}}
    document = with_nodes(START, CHARGE, boom, settings={"on_failure": "compensate"})
    document["nodes"].append(undo)
    document["edges"].append({"from": "charge", "port": "compensate", "to": "refund"})
    played = dry(editor, document, given={"order": "A1"})
    assert played.status == "failed"
    assert [one.step for one in played.asked] == ["charge", "refund"]
    assert kinds(played, "charge")[-1] == "step_compensated"
    assert not Alert.objects.exists()


@pytest.mark.parametrize(
    ("node", "pin", "way"),
    [
        ({"type": "flow.signal", "config": {"name": "go"}}, {"by": "mail"}, "out"),
        (
            {"type": "flow.approval", "config": {"title": "Pay?", "assignees": {"users": ["editor"]}}},
            {"port": "rejected"},
            "rejected",
        ),
    ],
    ids=["a signal", "an approval"],
)
def test_nobody_answers_a_question_but_its_pin(editor: Person, node: dict[str, Any], pin: Any, way: str) -> None:
    asking = with_nodes(START, {"id": "ask", **node})
    assert dry(editor, asking).status == "waiting"
    played = dry(editor, {**asking, "pins": {"ask": pin}})
    assert played.status == "succeeded"
    ended = next(row for row in played.events if row.kind == "step_succeeded" and row.step == "ask")
    assert safejson.loads(ended.data).get("port", "out") == way  # type: ignore[union-attr]  # an object


def test_of_a_list_each_item_is_answered_by_its_place_in_the_pin(editor: Person) -> None:
    each = {**CHARGE, "each": {"items": "{{ input.orders }}"}, "config": {**CHARGE["config"], "json": "{{ item }}"}}
    played = dry(editor, with_nodes(START, each, pins={"charge": ["first"]}), given={"orders": ["a", "b"]})
    assert played.output == ["first", None]
    assert [one.step for one in played.asked] == ["charge[0]", "charge[1]"]


def test_what_cannot_run_or_does_not_fit_is_refused_as_a_run_would_be(editor: Person) -> None:
    made = flow(editor.actor, CHAIN, published=False)
    with pytest.raises(InputRefused):
        dry_run(editor.actor, made.pk, given={"n": "four"})
    with pytest.raises(NoTrigger):
        dry_run(editor.actor, made.pk, trigger="two")
    with pytest.raises(InvalidDocument):
        dry_run(editor.actor, made.pk, document={**CHAIN, "nodes": [{"id": "x", "type": "no.such"}]})


def test_what_is_too_long_to_be_told_is_refused(editor: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    loop = {"id": "loop", "type": "log", "each": {"items": "{{ input.rows }}"}}
    many = {"rows": list(range(dry_runs.MOST_EVENTS // 2))}
    with pytest.raises(DryRunTooLong):
        dry(editor, with_nodes(START, loop), given=many)
    monkeypatch.setattr(dry_runs, "MOST_BYTES", 50)
    with pytest.raises(DryRunTooLong):
        dry(editor, CHAIN)


@pytest.mark.parametrize(
    "node",
    [
        {**CHARGE, "config": {**CHARGE["config"], "json": "{{ input.text }}"}},
        {"id": "copy", "type": "data.transform", "config": {"value": "{{ input.text }}"}},
    ],
    ids=["what is asked for", "what comes of it"],
)
def test_what_is_too_large_to_be_told_ends_where_it_becomes_so(
    editor: Person, monkeypatch: pytest.MonkeyPatch, node: dict[str, Any]
) -> None:
    """Each is small beside the limit; a thousand of them would have filled the memory before they were counted."""
    told: list[Event] = []

    def telling(event: Event, seq: int) -> Row:
        told.append(event)
        return encode(event, seq)

    monkeypatch.setattr(dry_runs, "encode", telling)
    many = with_nodes(START, {**node, "each": {"items": "{{ input.rows }}"}})
    with pytest.raises(DryRunTooLong):
        dry(editor, many, given={"rows": list(range(1_000)), "text": "x" * 100_000})
    ended = [event for event in told if isinstance(event, StepSucceeded)]
    assert 1 < len(ended) <= dry_runs.MOST_BYTES // 100_000 + 1
