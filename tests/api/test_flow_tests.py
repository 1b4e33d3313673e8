"""The tests of a flow over HTTP."""

from typing import Any

from django.test import Client

from tests.cast import CHAIN, Person, flow

JSON = "application/json"
RIGHT = {"name": "adds one", "input": {"n": 4}, "expect": {"run": "succeeded", "output_of": {"two": 5}}}
WRONG = {"name": "adds two", "input": {"n": 4}, "expect": {"output_of": {"two": 6}}}


def play(client: Client, person: Person, made: Any, body: Any = None) -> Any:
    return client.post(f"/api/flows/{made.pk}/test/", body or {}, content_type=JSON, headers=person.headers)


def test_the_tests_of_the_draft_are_played_and_tell_what_they_reach(
    client: Client, viewer: Person, editor: Person
) -> None:
    made = flow(editor.actor, {**CHAIN, "tests": [RIGHT, WRONG]}, published=False)
    answer = play(client, viewer, made)
    assert answer.status_code == 200
    told = answer.json()
    assert [case | {"seconds": 0} for case in told["cases"]] == [
        {"index": 0, "name": "adds one", "passed": True, "wrong": [], "seconds": 0},
        {"index": 1, "name": "adds two", "passed": False, "wrong": ["output of two is 5, not 6"], "seconds": 0},
    ]
    coverage = told["coverage"]
    assert (coverage["share"], coverage["nodes"], coverage["never"]) == (100, {"reached": 3, "count": 3}, [])
    assert coverage["places"][:2] == [
        {"node": "start", "port": None, "cases": 2},
        {"node": "start", "port": "out", "cases": 2},
    ]


def test_a_document_stands_for_the_draft_and_nothing_is_saved(client: Client, editor: Person) -> None:
    made = flow(editor.actor, CHAIN, published=False)
    alone = {"nodes": [*CHAIN["nodes"], {"id": "far", "type": "log"}], "edges": CHAIN["edges"], "tests": [RIGHT]}
    told = play(client, editor, made, {"document": alone}).json()
    assert [case["passed"] for case in told["cases"]] == [True]
    draft = client.get(f"/api/flows/{made.pk}/draft/", headers=editor.headers).json()
    assert draft["revision"] == 1
    assert draft["document"] == CHAIN


def test_without_tests_nothing_is_reached(client: Client, editor: Person) -> None:
    told = play(client, editor, flow(editor.actor, CHAIN, published=False)).json()
    assert (told["cases"], told["coverage"]["share"]) == ([], 0)
    assert [place["node"] for place in told["coverage"]["never"]] == ["start", "one", "two"]


def test_what_cannot_run_is_answered_with_its_problems(client: Client, editor: Person) -> None:
    made = flow(editor.actor, CHAIN, published=False)
    broken = {"nodes": [*CHAIN["nodes"], {"id": "x", "type": "no.such"}], "edges": CHAIN["edges"], "tests": [RIGHT]}
    for document in (broken, {"nodes": 3}, {"dsl": 99}):
        answer = play(client, editor, made, {"document": document})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_document")
        assert answer.json()["problems"]


def test_strangers_are_told_of_no_flow(client: Client, editor: Person, stranger: Person) -> None:
    assert play(client, stranger, flow(editor.actor, CHAIN, published=False)).status_code == 404


def test_what_fails_is_said_in_the_readers_language_here_and_when_it_is_published(
    client: Client, editor: Person
) -> None:
    unmet = {"name": "two more", "input": {"n": 4}, "expect": {"run": "failed", "output_of": {"two": 6}}}
    made = flow(editor.actor, {**CHAIN, "tests": [unmet]}, published=False)
    korean = editor.headers | {"Accept-Language": "ko"}
    told = client.post(f"/api/flows/{made.pk}/test/", {}, content_type=JSON, headers=korean).json()
    run, output = "실행: failed이어야 하는데 succeeded입니다", "two의 출력: 6이어야 하는데 5입니다"
    assert told["cases"][0]["wrong"] == [run, output]
    refused = client.post(f"/api/flows/{made.pk}/publish/", {}, content_type=JSON, headers=korean)
    assert refused.status_code == 422
    (problem,) = refused.json()["problems"]
    assert f"{run}, {output}" in problem["message"]
