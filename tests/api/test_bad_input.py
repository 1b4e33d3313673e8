"""Hostile and broken requests: a clear answer each, nothing stored, no 500."""

import json
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from flows.models import Draft, Run
from flows.operations import drafts, flows, starting
from flows.operations.starting import start
from tests.cast import CHAIN, Person, flow, person

JSON = "application/json"
BOMBS = ["9**9**9", '"a"*10**10', "[x for x in iter(int, 1)]", "1" + "+1" * 20_000, "(" * 5_000 + ")" * 5_000]


def send(client: Client, person: Person, path: str, body: Any, method: str = "post", *, kind: str = JSON) -> Any:
    data = body if isinstance(body, bytes | str) else json.dumps(body)
    return client.generic(method.upper(), path, data, content_type=kind, headers=person.headers)


def problem(response: Any) -> dict[str, Any]:
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert {"type", "title", "status", "code"} <= set(body)
    assert body["status"] == response.status_code
    return body


@pytest.mark.parametrize("body", ["{", "nonsense", b"\xff\xfe", '{"a":NaN}', "[1,2", '{"name": "\\ud800"}'])
def test_what_is_not_json_is_400(client: Client, editor: Person, body: bytes | str) -> None:
    response = send(client, editor, "/api/flows/", body)
    assert response.status_code == 400
    assert problem(response)["code"] == "not_json"


@pytest.mark.parametrize(
    "body",
    [
        [],
        '"text"',
        1,
        {"name": 1},
        {"name": ["x"]},
        {"name": "x", "document": []},
        {"name": ""},
        {"name": "x", "no": 1},
    ],
)
def test_wrong_types_are_422_and_name_the_place(client: Client, editor: Person, body: Any) -> None:
    response = send(client, editor, "/api/flows/", body)
    assert response.status_code == 422
    assert problem(response)["problems"]
    assert not Draft.objects.exists()


def test_a_text_with_a_nul_is_422(client: Client, editor: Person) -> None:
    response = send(client, editor, "/api/flows/", {"name": "a\x00b"})
    assert (response.status_code, problem(response)["code"]) == (422, "bad_value")


def test_a_body_that_is_no_json_by_its_type_is_415(client: Client, editor: Person) -> None:
    response = send(client, editor, "/api/flows/", "name=x", kind="application/x-www-form-urlencoded")
    assert response.status_code == 415
    problem(response)


def test_a_body_over_ten_mebibytes_is_413(client: Client, editor: Person) -> None:
    response = send(client, editor, "/api/flows/", b'{"name": "' + b"x" * (11 * 2**20) + b'"}')
    assert (response.status_code, problem(response)["code"]) == (413, "body_too_large")


def test_a_document_of_three_megabytes_is_413_and_changes_nothing(client: Client, editor: Person) -> None:
    made = flow(editor.actor, published=False)
    body = {"document": CHAIN | {"description": "x" * 3_000_000}, "revision": 1}
    response = send(client, editor, f"/api/flows/{made.pk}/draft/", body, "put")
    assert (response.status_code, problem(response)["code"]) == (413, "document_too_large")
    assert Draft.objects.get(flow=made).revision == 1


def test_ten_thousand_and_one_nodes_are_a_problem_that_says_so(client: Client, editor: Person) -> None:
    nodes = [{"id": f"n{i}", "type": "log"} for i in range(10_001)]
    response = send(client, editor, "/api/flows/validate/", {"document": {"nodes": nodes}})
    assert [found["code"] for found in response.json()["problems"]] == ["too_many_nodes"]


@pytest.mark.parametrize("path", ["/api/flows/validate/", "/api/flows/"])
def test_json_a_thousand_deep_is_422(client: Client, editor: Person, path: str) -> None:
    response = send(client, editor, path, '{"name": "x", "document": ' + "[" * 1000 + "]" * 1000 + "}")
    assert (response.status_code, problem(response)["code"]) == (422, "too_deep")


@pytest.mark.parametrize("bomb", BOMBS, ids=lambda bomb: bomb[:12])
def test_an_expression_bomb_is_a_problem_or_waits_for_the_sandbox(client: Client, editor: Person, bomb: str) -> None:
    nodes = [*CHAIN["nodes"][:1], {"id": "a", "type": "data.transform", "config": {"value": f"{{{{ {bomb} }}}}"}}]
    document = CHAIN | {"nodes": nodes, "edges": [{"from": "start", "to": "a"}]}
    response = send(client, editor, "/api/flows/validate/", {"document": document})
    assert response.status_code == 200
    made = flow(editor.actor, published=False)
    saved = send(client, editor, f"/api/flows/{made.pk}/draft/", {"document": document, "revision": 1}, "put")
    assert saved.status_code == 200
    assert saved.json()["problems"] == response.json()["problems"]


def test_hostile_labels_come_back_as_they_were_and_only_as_json(client: Client, editor: Person) -> None:
    label = "<img src=x onerror=alert(1)>"
    nodes = [{**CHAIN["nodes"][0], "label": label}, *CHAIN["nodes"][1:]]
    document = CHAIN | {"nodes": nodes, "settings": {"vars": {"__proto__": {"a": 1}, "constructor": 1}}}
    made = send(client, editor, "/api/flows/", {"name": label, "document": document})
    assert made.status_code == 201
    read = client.get(f"/api/flows/{made.json()['id']}/draft/", headers=editor.headers)
    assert read["Content-Type"] == "application/json"
    assert read["X-Content-Type-Options"] == "nosniff"
    assert read.json()["document"] == document
    assert send(client, editor, f"/api/flows/{made.json()['id']}/publish/", {}).status_code == 201


def paths_of(flow_id: object, run_id: object) -> list[tuple[str, str, Any]]:
    at, run = f"/api/flows/{flow_id}/", f"/api/runs/{run_id}/"
    return [
        ("get", at, None),
        ("get", f"{at}draft/", None),
        ("put", f"{at}draft/", {"document": CHAIN, "revision": 1}),
        ("post", f"{at}publish/", {}),
        ("post", f"{at}rollback/", {"version": 1}),
        ("post", f"{at}runs/", {"input": {"n": "not even checked"}}),
        ("post", f"{at}runs/", {"draft": True}),
        ("post", f"{at}runs/batch/", {"inputs": [{}]}),
        ("get", f"{at}versions/1/", None),
        ("delete", at, None),
        ("get", run, None),
        ("get", f"{run}events/", None),
        ("get", f"{run}steps/one/", None),
        ("post", f"{run}cancel/", {}),
        ("post", f"{run}rerun/", {}),
        ("post", f"{run}signals/paid/", {}),
    ]


def test_a_strangers_id_answers_the_same_bytes_as_a_missing_one(
    client: Client, editor: Person, stranger: Person
) -> None:
    made = flow(editor.actor)
    run = start(editor.actor, made.pk).run.id
    missing = "01a1fbf2-c178-77d8-99fa-9d28b103c781"
    for (method, path, body), (_, nowhere, _body) in zip(
        paths_of(made.pk, run), paths_of(missing, missing), strict=True
    ):
        answers = [send(client, stranger, where, body or {}, method) for where in (path, nowhere)]
        assert [answer.status_code for answer in answers] == [404, 404], path
        assert answers[0].content == answers[1].content, path
        headers = [{k: v for k, v in a.items() if k != "Content-Security-Policy"} for a in answers]
        assert headers[0] == headers[1]


@pytest.mark.parametrize(
    "path",
    [
        "/api/flows/?cursor=nonsense", "/api/flows/?limit=x", "/api/runs/?status=sleeping", "/api/runs/?flow=1",
        "/api/runs/?version=99999999999999999999", "/api/audit/?limit=0", "/api/flows/?limit=100000",
    ],
)  # fmt: skip
def test_a_bad_query_is_422(client: Client, admin: Person, path: str) -> None:
    response = client.get(path, headers=admin.headers)
    assert response.status_code == 422
    problem(response)


@pytest.mark.parametrize("path", ["/api/nothing/", "/api/flows/1/", "/api/flows", "/api/runs/x/steps/"])
def test_an_address_there_is_not_is_a_problem_too(client: Client, editor: Person, path: str) -> None:
    response = client.get(path, headers=editor.headers)
    assert response.status_code == 404
    problem(response)


@pytest.mark.parametrize("header", ["Bearer", "Basic abc", "Bearer mulgil_x", "Bearer \xff", "Token x"])
def test_a_bad_token_is_401(client: Client, db: None, header: str) -> None:
    response = client.get("/api/flows/", headers={"Authorization": header})
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    problem(response)


def test_a_method_an_address_does_not_take_is_405(client: Client, editor: Person) -> None:
    response = client.patch("/api/flows/", {}, content_type=JSON, headers=editor.headers)
    assert response.status_code == 405
    assert response["Allow"] == "GET, POST, HEAD"
    problem(response)


def test_a_database_that_goes_in_mid_request_is_503_and_loses_nothing(
    client: Client, editor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = flow(editor.actor)

    def gone(*_: Any, **__: Any) -> Any:
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(starting, "insert", gone)
    monkeypatch.setattr(drafts, "tell_watchers", gone)
    monkeypatch.setattr(flows, "_flows", gone)
    calls = [
        send(client, editor, f"/api/flows/{made.pk}/runs/", {}),
        send(client, editor, f"/api/flows/{made.pk}/draft/", {"document": CHAIN, "revision": 1}, "put"),
        client.get(f"/api/flows/{made.pk}/", headers=editor.headers),
    ]
    for response in calls:
        assert response.status_code == 503
        assert response["Retry-After"] == "2"
        assert problem(response)["code"] == "database_unavailable"
    assert Draft.objects.get(flow=made).revision == 1
    assert not Run.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_connection_cut_in_mid_save_is_503_and_the_draft_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    editor = person("editor", "editor")
    made = flow(editor.actor, published=False)

    def cut(_: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(drafts, "tell_watchers", cut)
    body = {"document": CHAIN | {"description": "never saved"}, "revision": 1}
    response = send(Client(), editor, f"/api/flows/{made.pk}/draft/", body, "put")
    assert (response.status_code, problem(response)["code"]) == (503, "database_unavailable")
    connection.close()
    assert Draft.objects.get(flow=made).revision == 1


def test_ten_thousand_and_one_inputs_are_refused(client: Client, editor: Person) -> None:
    made = flow(editor.actor)
    response = send(client, editor, f"/api/flows/{made.pk}/runs/batch/", {"inputs": [{}] * 10_001})
    assert response.status_code == 422
    assert not Run.objects.exists()


def test_a_number_beyond_the_database_is_422(client: Client, editor: Person) -> None:
    made = flow(editor.actor)
    for body in ({"version": 2**70}, {"version": 2**31}, {"priority": 2**40}, {"version": True}):
        assert send(client, editor, f"/api/flows/{made.pk}/runs/", body).status_code in (400, 422)


@pytest.mark.parametrize(
    "path",
    [
        "/api/flows/?search=a%00b",
        "/api/runs/{run}/steps/?parent=a%00b",
        "/api/runs/{run}/steps/a%00b/",
        "/api/runs/{run}/steps/loop%5B0%5D%2Fa%00b/",
        "/api/runs/?cursor=%00",
        "/api/runs/?status=%00",
        "/api/runs/?limit=99999999999999999999",
        "/api/runs/?version=99999999999999999999",
        "/api/runs/{run}/events/?after=99999999999999999999",
        "/api/flows/{flow}/versions/99999999999999999999/",
        "/api/flows/{flow}/diff/?from=99999999999999999999",
    ],
)
def test_what_no_column_holds_is_refused_wherever_it_stands(client: Client, editor: Person, path: str) -> None:
    made = flow(editor.actor)
    run = start(editor.actor, made.pk).run.id
    response = client.get(path.format(flow=made.pk, run=run), headers=editor.headers)
    assert response.status_code in (404, 422)
    problem(response)


@pytest.mark.parametrize("key", ["a%00b", "a" * 2_001])
def test_a_step_that_cannot_be_is_not_resolved(client: Client, editor: Person, key: str) -> None:
    run = start(editor.actor, flow(editor.actor).pk).run.id
    response = send(client, editor, f"/api/runs/{run}/steps/{key}/resolve/", {"verdict": "failed"})
    assert response.status_code == 404
    problem(response)
