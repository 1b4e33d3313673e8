"""A dry run over HTTP."""

from typing import Any

from django.test import Client

from tests.cast import CHAIN, Person, flow

JSON = "application/json"


def play(client: Client, person: Person, made: Any, body: Any = None) -> Any:
    return client.post(f"/api/flows/{made.pk}/dry-run/", body or {}, content_type=JSON, headers=person.headers)


def test_the_draft_is_played_on_an_input_for_whoever_may_read_it(
    client: Client, viewer: Person, editor: Person
) -> None:
    answer = play(client, viewer, flow(editor.actor, CHAIN, published=False), {"input": {"n": 4}})
    assert answer.status_code == 200
    told = answer.json()
    assert (told["status"], told["output"], told["asked"]) == ("succeeded", 5, [])
    assert (told["events"][0]["seq"], told["events"][0]["kind"]) == (1, "run_started")
    assert told["events"][-1] | {"at": ""} == {
        "seq": len(told["events"]), "kind": "run_succeeded", "step": None, "at": "", "data": {"output": 5}
    }  # fmt: skip


def test_a_document_stands_for_the_draft_and_nothing_is_saved(client: Client, editor: Person) -> None:
    made = flow(editor.actor, CHAIN, published=False)
    call = {"id": "two", "type": "http.request", "config": {"url": "https://there.example"}}
    other = {**CHAIN, "nodes": [*CHAIN["nodes"][:2], call]}
    told = play(client, editor, made, {"document": other}).json()
    assert [(one["step"], one["pinned"], one["input"]["url"]) for one in told["asked"]] == [
        ("two", False, "https://there.example")
    ]
    draft = client.get(f"/api/flows/{made.pk}/draft/", headers=editor.headers).json()
    assert (draft["revision"], draft["document"]) == (1, CHAIN)


def test_what_cannot_run_is_answered_with_its_problems(client: Client, editor: Person) -> None:
    answer = play(client, editor, flow(editor.actor, CHAIN, published=False), {"document": {"nodes": 3}})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_document")
    assert answer.json()["problems"]


def test_strangers_are_told_of_no_flow(client: Client, editor: Person, stranger: Person) -> None:
    assert play(client, stranger, flow(editor.actor, CHAIN, published=False)).status_code == 404
