"""What people do wrong to runs is answered over HTTP with a status, a stable code and words that say what to do instead."""

import json
from typing import Any

import pytest
from django.test import Client

from flows.models import Inbox, Run
from flows.operations.starting import start
from tests.cast import Person, flow, person
from tests.runtime.house import drive

pytestmark = pytest.mark.django_db(transaction=True)

START = {"id": "start", "type": "trigger.manual"}
WAITS = [
    {"id": "paid", "type": "flow.signal", "config": {"name": "paid"}},
    {"id": "sent", "type": "flow.signal", "config": {"name": "sent"}},
    {"id": "after", "type": "log", "config": {"message": "sent"}},
]
CHAIN = [("start", "paid"), ("paid", "sent"), ("sent", "after")]


@pytest.fixture
def editor() -> Person:
    return person("editor", "editor")


def document(nodes: list[dict[str, Any]], edges: list[tuple[str, str]], **more: Any) -> dict[str, Any]:
    return {"dsl": 1, "nodes": [START, *nodes], "edges": [{"from": a, "to": b} for a, b in edges], **more}


def driven(editor: Person, made: dict[str, Any], **given: Any) -> Run:
    run = Run.objects.get(pk=start(editor.actor, flow(editor.actor, made).pk, input=given).run.id)
    drive()
    run.refresh_from_db()
    return run


def answer(client: Client, who: Person, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
    made = client.post(path, body or {}, content_type="application/json", headers=who.headers)
    return made.status_code, made.json()


def failed(run: Run) -> dict[str, Any]:
    assert run.status == "failed"
    told: dict[str, Any] = json.loads(run.error)
    return told


def test_a_signal_nobody_awaits_is_answered_with_the_names_that_are(editor: Person, client: Client) -> None:
    run = driven(editor, document(WAITS, CHAIN))
    status, told = answer(client, editor, f"/api/runs/{run.pk}/signals/shipped/", {"payload": 1})
    assert (status, told["code"]) == (404, "signal_not_awaited")
    assert told["title"] == "This run awaits no signal shipped; it awaits: paid, sent"
    assert not Inbox.objects.exists()


def test_a_signal_to_a_run_that_has_ended_is_a_conflict(editor: Person, client: Client) -> None:
    run = driven(editor, document([WAITS[2]], [("start", "after")]))
    status, told = answer(client, editor, f"/api/runs/{run.pk}/signals/paid/", {"payload": 1})
    assert (status, told["code"], told["title"]) == (409, "run_ended", "The run has ended: it succeeded.")


def test_a_step_that_is_not_uncertain_is_not_resolved(editor: Person, client: Client) -> None:
    run = driven(editor, document(WAITS, CHAIN))
    status, told = answer(client, editor, f"/api/runs/{run.pk}/steps/paid/resolve/", {"verdict": "retry"})
    assert (status, told["code"]) == (409, "not_uncertain")
    assert told["title"] == "The step paid is not uncertain, it is waiting."
    assert told["hint"] == "Only a step whose effect nobody knows can be resolved."
    status, told = answer(client, editor, f"/api/runs/{run.pk}/steps/nobody/resolve/", {"verdict": "retry"})
    assert (status, told["code"]) == (404, "not_found")


def test_a_rerun_from_a_step_that_never_ran_is_refused_and_previewed_as_such(editor: Person, client: Client) -> None:
    run = driven(editor, document(WAITS, CHAIN))
    count = Run.objects.count()
    address = f"/api/runs/{run.pk}/rerun/"
    status, told = answer(client, editor, address, {"from_step": "after"})
    assert (status, told["code"]) == (422, "never_ran")
    assert told["title"] == "The step after never ran in this run: there is nothing to run again from there."
    status, told = answer(client, editor, f"{address}?preview=1", {"from_step": "after"})
    assert [one["code"] for one in told["problems"]] == ["never_ran"]
    status, told = answer(client, editor, address, {"from_step": "nowhere"})
    assert (status, told["code"]) == (422, "bad_input")
    assert "There is no node nowhere" in told["title"]
    assert Run.objects.count() == count
    assert answer(client, editor, address, {"from_step": "paid"})[0] == 201


def test_a_while_without_an_end_fails_with_its_limit(editor: Person) -> None:
    loop = {"id": "loop", "type": "flow.while", "config": {"condition": "{{ True }}", "max": 3}}
    inside = {"id": "turn", "type": "log", "config": {"message": "again"}, "parent": "loop"}
    error = failed(driven(editor, document([loop, inside], [("start", "loop")])))
    assert (error["code"], error["step"]) == ("too_many_turns", "loop")
    assert error["message"] == "The condition still holds after 3 turns"
    assert error["hint"] == "Mend the condition so that it ends, or raise `max`."


def test_an_each_over_something_that_is_no_list_says_what_it_is(editor: Person) -> None:
    node = {"id": "charge", "type": "log", "config": {"message": "x"}, "each": {"items": "{{ input.rows }}"}}
    error = failed(driven(editor, document([node], [("start", "charge")]), rows={"a": 1}))
    assert (error["code"], error["step"]) == ("not_a_list", "charge")
    assert error["message"] == "The items are dict, not a list"
    assert error["hint"] == "Give `items` an expression whose value is a list."


def test_a_compensation_cycle_is_refused_at_its_place(editor: Person, client: Client) -> None:
    nodes = [{"id": name, "type": "log", "config": {"message": name}} for name in ("a", "undo", "more")]
    made = document(nodes, [("start", "a"), ("undo", "more"), ("more", "undo")])
    made["edges"].append({"from": "a", "to": "undo", "port": "compensate"})
    status, told = answer(client, editor, "/api/flows/validate/", {"document": made})
    assert status == 200
    cycles = [one for one in told["problems"] if one["code"] == "cycle"]
    assert len(cycles) == 1
    assert "lie on a cycle" in cycles[0]["message"]
    assert cycles[0]["hint"].startswith("Remove one of its edges")
    mine = flow(editor.actor, made, published=False)
    status, told = answer(client, editor, f"/api/flows/{mine.pk}/publish/", {"note": ""})
    assert status == 422
    assert "cycle" in {one["code"] for one in told["problems"]}


def test_a_flow_that_calls_itself_beyond_the_depth_fails_with_the_limit(editor: Person) -> None:
    made = document([{"id": "call", "type": "flow.call", "config": {"flow": "Circle"}}], [("start", "call")])
    mine = flow(editor.actor, made, name="Circle")
    run = Run.objects.get(pk=start(editor.actor, mine.pk).run.id)
    drive()
    run.refresh_from_db()
    error = failed(run)
    assert error["code"] == "calls_too_deep"
    assert "17 deep, over the limit of 16" in error["message"]
