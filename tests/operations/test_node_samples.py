"""Samples of nodes: typed, kept out of a run, caught; and a node that runs alone on one."""

import json
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone

from flows.engine.part import Part
from flows.errors import BadInput, LimitExceeded, NotFound
from flows.models import NodeSample, Run
from flows.operations import node_samples
from flows.operations.credentials import create_credential
from flows.operations.draft_runs import DraftOrder, start_draft
from flows.operations.node_samples import LISTENS_FOR, Given, keep_run, keep_sample, list_samples, listen
from flows.operations.starting import start
from flows.triggers.webhook import hook
from tests.cast import CHAIN, Person, flow, person, with_nodes
from tests.runtime.house import drive

HOOK: dict[str, Any] = {"id": "hook", "type": "trigger.webhook", "config": {"path": "orders/:id", "methods": ["POST"]}}
SAY: dict[str, Any] = {"id": "say", "type": "log", "config": {"message": "hi"}}


@pytest.fixture
def editor(transactional_db: None) -> Person:
    return person("editor", "editor")


def value(sample: NodeSample) -> Any:
    sample.refresh_from_db()
    return json.loads(sample.value) if sample.value else None


def deliver(path: str, body: Any = None, **headers: str) -> Any:
    request = RequestFactory().post(f"/hooks/home/{path}", json.dumps(body), "application/json", headers=headers)
    return hook(request, "home", path)


def test_a_node_runs_alone_on_what_is_typed(editor: Person) -> None:
    made = flow(editor.actor)
    order = DraftOrder(part=Part("only", "two"), input={}, given={"one": {"x": 41}, "gone": 1})
    started = start_draft(editor.actor, made.pk, order)
    drive()
    run = Run.objects.get(pk=started.run.id)
    assert (run.status, json.loads(run.output or "")) == ("succeeded", 42)


def test_what_is_typed_stands_before_what_is_pinned_and_never_for_a_node_that_is_run(editor: Person) -> None:
    made = flow(editor.actor, CHAIN | {"pins": {"one": {"x": 1}}})
    both = DraftOrder(part=Part("only", "two"), use_pins=True, input={}, given={"one": {"x": 5}})
    inside = DraftOrder(part=Part("until", "two"), input={"n": 7}, given={"one": {"x": 5}})
    runs = [start_draft(editor.actor, made.pk, order).run.id for order in (both, inside)]
    drive()
    assert [json.loads(Run.objects.get(pk=run).output or "") for run in runs] == [6, 8]


def test_a_sample_out_of_a_run_is_its_input_and_what_lies_before_the_node(editor: Person) -> None:
    made = flow(editor.actor)
    run = start(editor.actor, made.pk, input={"n": 10}).run.id
    drive()
    kept = keep_run(editor.actor, made.pk, node="two", name="ten", run=run)
    assert value(kept) == {"input": {"n": 10}, "nodes": {"one": {"x": 10}}}
    assert value(keep_run(editor.actor, made.pk, node="one", name="ten", run=run)) == {"input": {"n": 10}, "nodes": {}}
    other = flow(editor.actor, name="Other")
    with pytest.raises(NotFound):
        keep_run(editor.actor, other.pk, node="two", name="ten", run=run)


def test_a_node_in_a_container_is_given_what_lies_before_the_container(editor: Person) -> None:
    document = with_nodes(
        CHAIN["nodes"][1],
        {"id": "every", "type": "flow.for_each", "config": {"items": "{{ [1, 2] }}"}},
    )
    document["nodes"].append({"id": "inner", "type": "log", "parent": "every", "config": {"message": "hi"}})
    assert node_samples._before(document, "inner") == {"one"}


def test_the_next_real_run_is_caught_and_test_runs_are_let_by(editor: Person) -> None:
    made = flow(editor.actor)
    start(editor.actor, made.pk, input={"n": 1})
    drive()
    waiting = listen(editor.actor, made.pk, node="two", name="next")
    start_draft(editor.actor, made.pk, DraftOrder(input={"n": 2}))
    drive()
    assert [one.value for one in list_samples(editor.actor, made.pk)] == [""]
    start(editor.actor, made.pk, input={"n": 3})
    start(editor.actor, made.pk, input={"n": 4})
    assert [one.value for one in list_samples(editor.actor, made.pk)] == [""], "it has not come to the node yet"
    drive()
    list_samples(editor.actor, made.pk)
    assert value(waiting) == {"input": {"n": 3}, "nodes": {"one": {"x": 3}}}


def test_a_trigger_catches_what_a_run_began_with(editor: Person) -> None:
    made = flow(editor.actor)
    waiting = listen(editor.actor, made.pk, node="start", name="next")
    begun = start(editor.actor, made.pk, input={"n": 9}).run.id
    list_samples(editor.actor, made.pk)
    assert value(waiting) == {"input": {"n": 9}, "nodes": {}}
    assert waiting.run == begun


def test_listening_ends_after_an_hour_and_begins_anew_where_it_is_asked_again(editor: Person) -> None:
    made = flow(editor.actor)
    first = listen(editor.actor, made.pk, node="start", name="a")
    second = listen(editor.actor, made.pk, node="start", name="b")
    assert [one.pk for one in list_samples(editor.actor, made.pk)] == [second.pk] != [first.pk]
    NodeSample.objects.update(created_at=timezone.now() - LISTENS_FOR * 2)
    assert list_samples(editor.actor, made.pk) == []


def test_a_delivery_to_a_webhook_that_is_not_released_is_caught_and_starts_nothing(editor: Person) -> None:
    made = flow(editor.actor, with_nodes(HOOK, SAY), published=False)
    assert deliver("orders/7").status_code == 404
    waiting = listen(editor.actor, made.pk, node="hook", name="first")
    assert deliver("elsewhere").status_code == 404
    answer = deliver("orders/7", {"paid": True}, cookie="secret=1")
    assert (answer.status_code, json.loads(answer.content)) == (202, {"caught": "first"})
    given = value(waiting)["input"]
    assert (given["params"], given["body"], "cookie" in given["headers"]) == ({"id": "7"}, {"paid": True}, False)
    assert not Run.objects.exists()
    assert deliver("orders/7").status_code == 404, "it caught one and listens no more"


def test_a_draft_s_webhook_is_as_strict_as_a_released_one(editor: Person) -> None:
    create_credential(editor.actor, name="sender", kind="webhook", values={"secret": "a long shared secret"})
    node = HOOK | {"credential": "sender", "config": HOOK["config"] | {"auth": "bearer"}}
    made = flow(editor.actor, with_nodes(node, SAY), published=False)
    waiting = listen(editor.actor, made.pk, node="hook", name="first")
    assert deliver("orders/7").status_code == 401
    assert value(waiting) is None
    assert deliver("orders/7", authorization="Bearer a long shared secret").status_code == 202
    assert "a long shared secret" not in json.dumps(value(waiting))


def test_a_released_webhook_s_delivery_starts_its_run_and_is_caught_too(editor: Person) -> None:
    made = flow(editor.actor, with_nodes(HOOK, SAY))
    waiting = listen(editor.actor, made.pk, node="hook", name="next")
    run = json.loads(deliver("orders/8", {"paid": False}).content)["run"]
    list_samples(editor.actor, made.pk)
    assert value(waiting)["input"]["params"] == {"id": "8"}
    assert str(waiting.run) == run


def test_a_name_is_the_node_s_own_and_too_much_is_refused(editor: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    made = flow(editor.actor)
    given = Given(input={"n": 1}, nodes={})
    first = keep_sample(editor.actor, made.pk, node="two", name=" big  order ", given=given)
    again = keep_sample(editor.actor, made.pk, node="two", name="big order", given=Given(input={"n": 2}, nodes={}))
    assert (first.pk, again.name, value(first)["input"]) == (again.pk, "big order", {"n": 2})
    with pytest.raises(BadInput):
        keep_sample(editor.actor, made.pk, node="two", name="  ", given=given)
    with pytest.raises(LimitExceeded):
        keep_sample(editor.actor, made.pk, node="two", name="huge", given=Given(input="x" * 2**20, nodes={}))
    monkeypatch.setattr(node_samples, "MAX_SAMPLES", 1)
    with pytest.raises(LimitExceeded):
        keep_sample(editor.actor, made.pk, node="two", name="one more", given=given)


def test_samples_over_http_are_kept_listed_and_removed_by_who_may(client: Client, editor: Person) -> None:
    made = flow(editor.actor)
    viewer, stranger = person("viewer", "viewer"), person("stranger", "admin", home="away")
    at = f"/api/flows/{made.pk}/samples/"

    def ask(body: Any, who: Person = editor) -> Any:
        return client.post(at, json.dumps(body), content_type="application/json", headers=who.headers)

    kept = ask({"node": "two", "name": "a", "value": {"input": {"n": 1}, "nodes": {"one": {"x": 1}}}})
    assert (kept.status_code, kept.json()["source"], kept.json()["by"]) == (201, "typed", "editor")
    assert ask({"node": "two", "name": "b", "listen": True}).json()["value"] is None
    run = start(editor.actor, made.pk, input={"n": 3}).run.id
    of_run = ask({"node": "start", "name": "run", "run": str(run)})
    assert (of_run.status_code, of_run.json()["value"]["input"], of_run.json()["run"]) == (201, {"n": 3}, str(run))
    assert ask({"node": "two", "name": "c", "listen": True, "value": {}}).status_code == 422
    assert ask({"node": "two", "name": "c"}).status_code == 422
    assert ask({"node": "two", "name": "c", "listen": True}, viewer).status_code == 403
    assert ask({"node": "two", "name": "c", "listen": True}, stranger).status_code == 404
    assert client.get(at, headers=stranger.headers).status_code == 404
    listed = client.get(at, headers=viewer.headers).json()["results"]
    assert [one["name"] for one in listed] == ["run", "b", "a"]
    one = f"{at}{kept.json()['id']}/"
    assert client.delete(one, headers=viewer.headers).status_code == 403
    assert client.delete(one, headers=editor.headers).status_code == 204
    assert client.delete(one, headers=editor.headers).status_code == 404


def test_outputs_are_given_to_a_part_only(client: Client, editor: Person) -> None:
    made = flow(editor.actor)
    body = json.dumps({"draft": True, "given": {"one": {"x": 1}}})
    answer = client.post(f"/api/flows/{made.pk}/runs/", body, content_type="application/json", headers=editor.headers)
    assert answer.status_code == 422
