from copy import deepcopy
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from flows.models import Flow
from flows.operations.drafts import save_draft
from flows.operations.starting import start
from flows.operations.tokens import create_token
from tests.cast import CHAIN, Person, flow

JSON = "application/json"


def post(client: Client, person: Person, path: str, body: Any = None, **headers: str) -> Any:
    return client.post(path, body or {}, content_type=JSON, headers={**person.headers, **headers})


def test_a_flow_is_made_saved_published_and_rolled_back(client: Client, editor: Person) -> None:
    made = post(client, editor, "/api/flows/", {"name": "Orders", "document": CHAIN})
    assert made.status_code == 201
    assert made.json().items() >= {"name": "Orders", "live_version": None}.items()
    assert made.json()["draft"] == {"revision": 1}
    at = f"/api/flows/{made.json()['id']}/"
    saved = client.put(
        f"{at}draft/", {"document": CHAIN, "revision": 1}, content_type=JSON, headers=editor.headers
    ).json()
    assert (saved["revision"], saved["problems"]) == (2, [])
    assert [post(client, editor, f"{at}publish/", {"note": str(n)}).json()["version"] for n in (1, 2)] == [1, 2]
    rolled = post(client, editor, f"{at}rollback/", {"version": 1, "reason": "slow"})
    assert rolled.status_code == 201
    assert rolled.json() | {"release": 0} == {"live_version": 1, "previous_version": 2, "release": 0}
    versions = client.get(f"{at}versions/", headers=editor.headers).json()["results"]
    assert [version["version"] for version in versions] == [2, 1]
    assert client.get(f"{at}versions/1/", headers=editor.headers).json()["document"]["nodes"][0]["id"] == "start"
    assert client.get(f"{at}diff/?from=1&to=2", headers=editor.headers).json() == {
        "changes": [],
        "text": "Nothing differs.",
    }


def test_a_stale_save_answers_409_with_what_stands(client: Client, editor: Person) -> None:
    at = f"/api/flows/{flow(editor.actor, published=False).pk}/draft/"
    body = {"document": CHAIN, "revision": 1}
    assert client.put(at, body, content_type=JSON, headers=editor.headers).status_code == 200
    stale = client.put(at, body, content_type=JSON, headers=editor.headers)
    assert stale.status_code == 409
    assert stale.json()["code"] == "stale_revision"
    assert (stale.json()["revision"], stale.json()["document"]) == (2, CHAIN)


def test_a_broken_document_is_published_with_422_and_every_problem(client: Client, editor: Person) -> None:
    broken = CHAIN | {"nodes": [*CHAIN["nodes"], {"id": "if", "type": "no.such"}]}
    made = flow(editor.actor, broken, published=False)
    response = post(client, editor, f"/api/flows/{made.pk}/publish/")
    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    codes = {problem["code"] for problem in response.json()["problems"]}
    assert {"unknown_type", "reserved_id"} <= codes
    assert set(response.json()["problems"][0]) == {"code", "node", "path", "message", "hint"}


def test_problems_speak_the_readers_language(client: Client, editor: Person) -> None:
    body: dict[str, Any] = {"document": {"nodes": []}}
    english = post(client, editor, "/api/flows/validate/", body).json()
    korean = post(client, editor, "/api/flows/validate/", body, **{"Accept-Language": "ko"}).json()
    assert [p["code"] for p in english["problems"]] == [p["code"] for p in korean["problems"]] == ["no_trigger"]
    assert korean["problems"][0]["message"] == "플로에 트리거가 없습니다."


def test_what_a_crash_would_do_is_told_beside_the_problems_and_blocks_nothing(client: Client, editor: Person) -> None:
    charge = {"id": "charge", "type": "http.request", "config": {"method": "POST", "url": "https://pay.example"}}
    document = {
        "nodes": [{"id": "start", "type": "trigger.manual"}, charge],
        "edges": [{"from": "start", "to": "charge"}],
    }
    korean = post(client, editor, "/api/flows/validate/", {"document": document}, **{"Accept-Language": "ko"}).json()
    assert korean["problems"] == []
    (told,) = korean["findings"]
    assert (told["severity"], told["code"], told["node"]) == ("warning", "may_be_sent_twice", "charge")
    assert told["message"].startswith("charge")
    assert "두 번" in told["message"]
    made = flow(editor.actor, document, published=False)
    saved = client.put(
        f"/api/flows/{made.pk}/draft/", {"document": document, "revision": 1}, content_type=JSON, headers=editor.headers
    ).json()
    assert [one["code"] for one in saved["findings"]] == ["may_be_sent_twice"]
    assert post(client, editor, f"/api/flows/{made.pk}/publish/").status_code == 201


def test_nothing_is_foreseen_of_a_document_that_is_no_plan(client: Client, editor: Person) -> None:
    odd = {"id": "t", "type": "flow.try", "config": {"catch": [{}]}}
    body: dict[str, Any] = {"document": {"nodes": [{"id": "start", "type": "trigger.manual"}, odd], "edges": []}}
    told = post(client, editor, "/api/flows/validate/", body)
    assert (told.status_code, told.json()["findings"]) == (200, [])


def test_an_archived_flow_answers_410_and_comes_back(client: Client, editor: Person) -> None:
    made = flow(editor.actor)
    at = f"/api/flows/{made.pk}/"
    assert client.delete(at, headers=editor.headers).status_code == 204
    assert post(client, editor, f"{at}runs/").status_code == 410
    assert client.get("/api/flows/", headers=editor.headers).json()["results"] == []
    assert client.patch(at, {"archived": False}, content_type=JSON, headers=editor.headers).status_code == 200
    assert post(client, editor, f"{at}runs/").status_code == 201


def test_a_flow_is_renamed_and_duplicated(client: Client, editor: Person) -> None:
    made = flow(editor.actor)
    at = f"/api/flows/{made.pk}/"
    renamed = client.patch(at, {"name": "  New   name "}, content_type=JSON, headers=editor.headers).json()
    assert renamed["name"] == "New name"
    copy = post(client, editor, f"{at}duplicate/").json()
    assert (copy["name"], copy["live_version"]) == ("New name (copy)", None)


def test_lists_come_in_pages(client: Client, editor: Person) -> None:
    made = flow(editor.actor)
    for _ in range(5):
        start(editor.actor, made.pk)
    numbers, address = [], f"/api/runs/?flow={made.pk}&limit=2"
    while address:
        page = client.get(address, headers=editor.headers).json()
        numbers += [run["number"] for run in page["results"]]
        address = page["next"]
    assert numbers == [5, 4, 3, 2, 1]


def test_a_repeated_start_answers_200_and_the_same_run(client: Client, editor: Person) -> None:
    at = f"/api/flows/{flow(editor.actor).pk}/runs/"
    first = post(client, editor, at, {"input": {"n": 1}}, **{"Idempotency-Key": "k"})
    again = post(client, editor, at, {"input": {"n": 1}}, **{"Idempotency-Key": "k"})
    other = post(client, editor, at, {"input": {"n": 2}}, **{"Idempotency-Key": "k"})
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 422)
    assert first.json() == again.json()
    assert set(first.json()) >= {"id", "flow", "version", "status", "input", "created_at"}


def test_a_run_tells_every_top_level_step_from_the_first_moment(client: Client, editor: Person) -> None:
    run = start(editor.actor, flow(editor.actor).pk).run
    told = client.get(f"/api/runs/{run.id}/", headers=editor.headers).json()
    assert [(step["key"], step["status"]) for step in told["steps"]] == [
        ("start", "pending"),
        ("one", "pending"),
        ("two", "pending"),
    ]


def test_times_are_utc_with_a_z(client: Client, editor: Person) -> None:
    run = post(client, editor, f"/api/flows/{flow(editor.actor).pk}/runs/").json()
    assert run["created_at"].endswith("Z")


def test_a_token_without_the_scope_is_refused(client: Client, editor: Person) -> None:
    body = {"name": "reader", "scopes": ["flows:read"]}
    token = post(client, editor, "/api/tokens/", body).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/flows/", headers=headers).status_code == 200
    assert client.get("/api/runs/", headers=headers).status_code == 403


def test_a_session_needs_the_csrf_token(editor: Person) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get(username="editor"))
    assert strict.get("/api/session/").json()["role"] == "editor"
    assert strict.post("/api/flows/", {"name": "x"}, content_type=JSON).status_code == 403


def test_a_foreign_workspace_is_404(client: Client, editor: Person, stranger: Person) -> None:
    headers = editor.headers | {"X-Workspace": str(stranger.actor.workspace)}
    assert client.get("/api/flows/", headers=headers).status_code == 404


def test_lists_and_details_hold_the_newest_run_in_one_query(client: Client, editor: Person) -> None:
    idle = flow(editor.actor, name="Idle")
    busy = [flow(editor.actor, name=f"Busy {n}") for n in range(3)]
    newest = {str(one.pk): [start(editor.actor, one.pk, input={}).run for _ in range(2)][-1] for one in busy}
    with CaptureQueriesContext(connection) as asked:
        listed = client.get("/api/flows/", headers=editor.headers).json()["results"]
    assert len([query for query in asked.captured_queries if "flows_run" in query["sql"]]) == 1
    for told in [*listed, client.get(f"/api/flows/{busy[0].pk}/", headers=editor.headers).json()]:
        run = newest.get(told["id"])
        assert told["last_run"] == (
            None
            if run is None
            else {
                "id": str(run.id),
                "status": "queued",
                "number": 2,
                "created_at": run.created_at.isoformat().replace("+00:00", "Z"),
            }
        )
    assert [told["name"] for told in listed if told["last_run"] is None] == [idle.name]


def test_a_token_for_flows_alone_is_told_of_no_runs(client: Client, editor: Person) -> None:
    made = flow(editor.actor)
    start(editor.actor, made.pk, input={})
    narrow = create_token(editor.actor, name="narrow", scopes=["flows:read"]).secret
    told = client.get(f"/api/flows/{made.pk}/", headers={"Authorization": f"Bearer {narrow}"}).json()
    assert told["last_run"] is None


def test_publishing_a_flow_whose_test_fails_answers_422_and_names_it(client: Client, editor: Person) -> None:
    case = {"name": "adds two", "input": {"n": 4}, "expect": {"output_of": {"two": 6}}}
    made = flow(editor.actor, {**CHAIN, "tests": [case]}, published=False)
    answer = post(client, editor, f"/api/flows/{made.pk}/publish/")
    assert answer.status_code == 422
    (found,) = answer.json()["problems"]
    assert (found["code"], found["path"]) == ("test_failed", "/tests/0")
    assert "adds two" in found["message"]
    fine = post(client, editor, "/api/flows/validate/", {"document": {**CHAIN, "tests": [case]}})
    assert fine.json()["problems"] == []


def test_a_run_in_line_tells_its_place_and_a_refused_one_why(client: Client, editor: Person) -> None:
    def limited(when_full: str) -> Any:
        return flow(editor.actor, CHAIN | {"settings": {"concurrency": {"limit": 1, "when_full": when_full}}}).pk

    waits, refuses = limited("queue"), limited("reject")
    runs = [post(client, editor, f"/api/flows/{waits}/runs/").json()["id"] for _ in range(3)]
    places = [client.get(f"/api/runs/{run}/", headers=editor.headers).json() for run in runs]
    assert [place["queue_position"] for place in places] == [None, 1, 2]
    assert {place["queue_limit"] for place in places} == {1}
    assert post(client, editor, f"/api/flows/{refuses}/runs/").status_code == 201
    answered = post(client, editor, f"/api/flows/{refuses}/runs/")
    assert (answered.status_code, answered.json()["code"]) == (429, "concurrency_limit")
    assert answered["Retry-After"]


def test_flows_are_tagged_and_found_by_a_tag(client: Client, editor: Person, viewer: Person) -> None:
    one, two = flow(editor.actor, name="One"), flow(editor.actor, name="Two")
    kind = "application/json"

    def tag(made: Flow, *tags: str) -> Any:
        at = f"/api/flows/{made.pk}/"
        return client.patch(at, {"tags": tags}, content_type=kind, headers=editor.headers)

    assert tag(one, " billing ", "night", "billing").json()["tags"] == ["billing", "night"]
    assert tag(two, "night").status_code == 200
    assert [tag(two, wrong).status_code for wrong in ("", "a,b", "x" * 41)] == [422, 422, 422]

    def listed(asked: str) -> list[str]:
        return [
            each["name"] for each in client.get(f"/api/flows/?tag={asked}", headers=viewer.headers).json()["results"]
        ]

    assert (listed("night"), listed("billing"), listed("bill")) == (["Two", "One"], ["One"], [])
    shown = client.get("/api/flows/tags/", headers=viewer.headers).json()
    assert shown == {"results": [{"tag": "billing", "flows": 1}, {"tag": "night", "flows": 2}]}


def test_a_flow_says_how_long_its_runs_are_kept(client: Client, editor: Person, admin: Person) -> None:
    at = f"/api/flows/{flow(editor.actor).pk}/retention/"
    body, kind = {"days": 7, "failed_days": 90, "payload_days": 2}, "application/json"
    assert client.put(at, body, content_type=kind, headers=editor.headers).status_code == 403
    assert client.get(at, headers=editor.headers).json()["keeps"] == 30
    told = client.put(at, body, content_type=kind, headers=admin.headers).json()
    said = body | {"workspace_days": 30, "keeps": 7, "keeps_failed": 90, "keeps_payloads": 2}
    assert told == said == client.get(at, headers=editor.headers).json()
    for wrong in ({"days": None, "failed_days": None, "payload_days": 0}, {"failed_days": None}):
        assert client.put(at, wrong, content_type=kind, headers=admin.headers).status_code == 422
    assert client.put(at, {"days": 0, "failed_days": None}, content_type=kind, headers=admin.headers).status_code == 422


def test_a_diff_tells_which_tokens_of_an_expression_changed_and_what_is_layout_alone(
    client: Client, editor: Person
) -> None:
    made = flow(editor.actor)
    changed = deepcopy(CHAIN)
    changed["nodes"][2] |= {"config": {"value": "{{ nodes.one.x + 10 }}"}, "position": {"x": 5, "y": 5}}
    save_draft(editor.actor, made.pk, document=changed, revision=1)
    told = client.get(f"/api/flows/{made.pk}/diff/?from=1", headers=editor.headers).json()
    moved, value = told["changes"]
    assert (moved["what"], moved["layout"], moved["pieces"]) == ("moved", True, [])
    assert (value["what"], value["layout"]) == ("changed", False)
    assert [(one["what"], one["text"]) for one in value["pieces"]] == [
        ("same", "{{ nodes.one.x + "),
        ("removed", "1"),
        ("added", "10"),
        ("same", " }}"),
    ]
    assert "{{ nodes.one.x + [-1-]{+10+} }}" in told["text"]
