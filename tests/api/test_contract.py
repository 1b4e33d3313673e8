"""What clients outside rely on to the letter: fields by name and type, statuses, and where an answer says what."""

import re
from collections.abc import Iterator
from types import UnionType
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.test import Client

from flows.models import Run
from tests.cast import CHAIN, Person, flow, with_nodes
from tests.runtime.house import drive

pytestmark = pytest.mark.django_db(transaction=True)

JSON = "application/json"
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
START = {"id": "start", "type": "trigger.manual"}
Shape = type | UnionType | str | dict[str, Any] | list[Any]

ID, TIME = "an id", "an instant"
STEP: dict[str, Any] = {"key": str, "node": str, "status": str, "attempt": int, "error": dict | None}
STEP |= {"started_at": TIME, "finished_at": TIME}
STARTED: dict[str, Any] = {"id": ID, "flow": ID, "version": int, "status": str, "input": dict, "created_at": TIME}
ENDED: Shape = STARTED | {
    "output": int, "error": type(None), "started_at": TIME, "finished_at": TIME, "number": int, "attempt": int,
    "steps": [STEP],
}  # fmt: skip
EVENT: Shape = {"seq": int, "kind": str, "step": str | None, "at": TIME, "data": dict}
PROBLEM: Shape = {"code": str, "node": str | None, "path": str, "message": str, "hint": str}
CANARY: Shape = {"version": int, "weight": int, "guards": dict, "figures": dict}


def misfits(told: Any, shape: Shape, at: str = "$") -> Iterator[str]:
    """Where an answer isn't as promised; more fields than promised are welcome."""
    match shape:
        case dict():
            yield from (f"{at}.{name} is missing" for name in shape if name not in told)
            yield from (
                one
                for name, inner in shape.items()
                if name in told
                for one in misfits(told[name], inner, f"{at}.{name}")
            )
        case [inner]:
            yield from ([] if told else [f"{at} is empty"])
            yield from (one for place, item in enumerate(told) for one in misfits(item, inner, f"{at}[{place}]"))
        case "an id":
            yield from [] if UUID(told).version == 7 else [f"{at} is no UUIDv7: {told}"]
        case "an instant":
            yield from [] if INSTANT.fullmatch(told) else [f"{at} is no instant of UTC: {told}"]
        case type() | UnionType():
            yield from [] if isinstance(told, shape) else [f"{at} is {told!r}"]
        case _:
            raise AssertionError(f"{shape!r} is no shape")


def fits(answer: Any, status: int, shape: Shape) -> Any:
    assert answer.status_code == status, answer.content
    told = answer.json()
    assert list(misfits(told, shape)) == []
    return told


class Caller:
    """A program with a token."""

    def __init__(self, person: Person) -> None:
        self.client, self.headers = Client(), person.headers

    def get(self, path: str) -> Any:
        return self.client.get(path, headers=self.headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.client.post(path, body or {}, content_type=JSON, headers={**self.headers, **headers})

    def put(self, path: str, body: Any) -> Any:
        return self.client.put(path, body, content_type=JSON, headers=self.headers)

    def delete(self, path: str) -> Any:
        return self.client.delete(path, headers=self.headers)


@pytest.fixture
def caller(editor: Person) -> Caller:
    return Caller(editor)


def test_a_flow_from_its_making_to_its_rollback(caller: Caller) -> None:
    made = fits(
        caller.post("/api/flows/", {"name": "Orders", "document": CHAIN}),
        201,
        {"id": ID, "name": str, "live_version": type(None), "draft": {"revision": int}},
    )
    at = f"/api/flows/{made['id']}/"
    fits(caller.get(f"{at}draft/"), 200, {"document": dict, "revision": int})
    saved = fits(
        caller.put(f"{at}draft/", {"document": CHAIN, "revision": 1}), 200, {"document": dict, "revision": int}
    )
    assert saved["problems"] == []
    published: dict[str, Any] = {"version": int, "hash": str, "note": str, "published_at": TIME}
    assert fits(caller.post(f"{at}publish/"), 201, published)["note"] == ""
    assert fits(caller.post(f"{at}publish/", {"note": "n", "release": False}), 201, published)["version"] == 2
    told = fits(caller.get(at), 200, {"id": ID, "name": str, "live_version": int, "canary": type(None), "active": bool})
    assert told["live_version"] == 1, "the second was not released"
    fits(caller.get(f"{at}versions/"), 200, {"results": [published], "next": type(None)})
    fits(caller.get(f"{at}versions/2/"), 200, published | {"document": dict})
    guards = {"error_rate": 0.05, "p99_ms": 1000, "min_runs": 20, "minutes": 10}
    for weight in (0, 100):
        begun = caller.post(f"{at}canary/", {"version": 2, "weight": weight, "guards": guards})
        assert begun.status_code == 201
        canary = fits(caller.get(at), 200, {"canary": CANARY})["canary"]
        assert (canary["version"], canary["weight"], canary["guards"]) == (2, weight, guards)
    assert caller.delete(f"{at}canary/").status_code == 200
    assert caller.get(at).json()["canary"] is None
    back = fits(caller.post(f"{at}rollback/", {"version": 2, "reason": "x"}), 201, {"release": ID})
    assert (back["live_version"], back["previous_version"]) == (2, 1)


def test_a_run_from_its_start_to_a_rerun(caller: Caller, editor: Person) -> None:
    at = f"/api/flows/{flow(editor.actor).pk}/runs/"
    run = fits(caller.post(at, {"input": {"n": 3}}), 201, STARTED)["id"]
    drive()
    told = fits(caller.get(f"/api/runs/{run}/"), 200, ENDED)
    assert [step["key"] for step in told["steps"]] == ["start", "one", "two"]
    listed = fits(
        caller.get(f"/api/runs/?status=queued,succeeded&flow={told['flow']}&version=1&limit=1"),
        200,
        {"results": [{"id": ID}], "next": type(None)},
    )
    assert [one["id"] for one in listed["results"]] == [run]
    detail = fits(caller.get(f"/api/runs/{run}/steps/one/"), 200, STEP | {"attempts": [dict], "logs": list})
    assert (detail["input"], detail["output"]) == ({"fields": {"x": 3}}, {"x": 3})
    fits(caller.get(f"/api/runs/{run}/steps/?parent=&status=succeeded"), 200, {"results": [STEP], "next": type(None)})
    events = fits(caller.get(f"/api/runs/{run}/events/?after=0"), 200, {"results": [EVENT], "next": type(None)})[
        "results"
    ]
    assert [event["seq"] for event in events] == [*range(1, len(events) + 1)]
    assert [events[0]["kind"], events[-1]["kind"]] == ["run_started", "run_succeeded"]
    first = fits(caller.get(f"/api/runs/{run}/events/?after=1&limit=2"), 200, {"results": [EVENT], "next": str})
    assert [event["seq"] for event in first["results"]] == [2, 3]
    assert caller.get(first["next"]).json()["results"] == events[3:5]
    preview = fits(caller.post(f"/api/runs/{run}/rerun/?preview=1", {"from_step": "two"}), 200, {"problems": list})
    assert (preview["reused"], preview["run_again"]) == (["start", "one"], ["two"])
    again = fits(caller.post(f"/api/runs/{run}/rerun/", {"from_step": "two"}), 201, STARTED)
    assert (again["rerun_of"], again["version"]) == (run, 1)


def test_a_batch_tells_its_ends_and_how_many_they_are(caller: Caller, editor: Person) -> None:
    at = f"/api/flows/{flow(editor.actor).pk}/runs/batch/"
    told = fits(caller.post(at, {"inputs": [{"n": 1}, {"n": 2}, {}]}), 201, {"count": int, "first": ID, "last": ID})
    runs = [str(run) for run in Run.objects.order_by("pk").values_list("pk", flat=True)]
    assert (told["count"], told["first"], told["last"]) == (3, runs[0], runs[-1])


def test_a_failed_run_says_what_why_where_and_what_helps(caller: Caller, editor: Person) -> None:
    stop = {"id": "stop", "type": "flow.stop", "config": {"outcome": "error", "message": "no more"}}
    at = f"/api/flows/{flow(editor.actor, with_nodes(START, stop)).pk}/runs/"
    run = caller.post(at).json()["id"]
    drive()
    error = caller.get(f"/api/runs/{run}/").json()["error"]
    assert set(error) >= {"code", "class", "message", "node", "step", "hint"}
    assert (error["class"], error["message"], error["node"], error["step"]) == ("permanent", "no more", "stop", "stop")


def test_without_a_stop_the_ends_are_the_output(caller: Caller, editor: Person) -> None:
    one, two = ({"id": name, "type": "data.transform", "config": {"value": name}} for name in ("one", "two"))
    document = {
        "dsl": 1,
        "nodes": [START, one, two],
        "edges": [{"from": "start", "to": "one"}, {"from": "start", "to": "two"}],
    }
    run = caller.post(f"/api/flows/{flow(editor.actor, document).pk}/runs/").json()["id"]
    drive()
    assert caller.get(f"/api/runs/{run}/").json()["output"] == {"one": "one", "two": "two"}


def test_where_a_start_enters(caller: Caller, editor: Person) -> None:
    hooks = [{"id": name, "type": "trigger.webhook", "config": {"path": name}} for name in ("left", "right")]
    say = {"id": "say", "type": "log"}

    def starts(*triggers: dict[str, Any], **body: Any) -> tuple[int, str | None]:
        edges = [{"from": trigger["id"], "to": "say"} for trigger in triggers]
        paths = [
            {**one, "config": {"path": f"{len(triggers)}/{one['id']}"}} if one in hooks else one for one in triggers
        ]
        document = {"dsl": 1, "nodes": [*paths, say], "edges": edges}
        made = caller.post("/api/flows/", {"name": "x", "document": document}).json()["id"]
        caller.post(f"/api/flows/{made}/publish/", {"release": False})
        answer = caller.post(f"/api/flows/{made}/runs/", {"version": 1, **body})
        run = Run.objects.filter(pk=answer.json()["id"]).first() if answer.status_code == 201 else None
        return answer.status_code, run.trigger if run else None

    assert starts(*hooks, START) == (201, "start"), "the manual one where there is one"
    assert starts(hooks[0]) == (201, "left"), "else the only one"
    assert starts(*hooks) == (422, None), "else it has to be said"
    assert starts(*hooks, trigger="right") == (201, "right")


def test_every_refusal_of_what_was_sent_holds_its_problems(caller: Caller, editor: Person) -> None:
    at = f"/api/flows/{flow(editor.actor).pk}/"
    caller.post(f"{at}runs/", {"input": {}}, **{"Idempotency-Key": "k"})
    refused = {
        "a field nobody knows": caller.post("/api/flows/", {"name": "x", "no": 1}),
        "a text with a NUL": caller.post("/api/flows/", {"name": "a\0b"}),
        "an input that doesn't fit": caller.post(f"{at}runs/", {"input": {"n": "x"}}),
        "another body under a key": caller.post(f"{at}runs/", {"input": {"n": 2}}, **{"Idempotency-Key": "k"}),
        "a trigger there isn't": caller.post(f"{at}runs/", {"trigger": "none"}),
        "one of a batch": caller.post(f"{at}runs/batch/", {"inputs": [{}, {"n": "x"}]}),
        "a cursor of nobody's": caller.get("/api/runs/?cursor=x"),
        "a guard that means nothing": caller.post(
            f"{at}canary/", {"version": 1, "weight": 5, "guards": {"p99_ms": -1}}
        ),
        "a canary of what is live": caller.post(f"{at}canary/", {"version": 1, "weight": 5, "guards": {}}),
    }
    for what, answer in refused.items():
        assert answer.status_code == 422, what
        assert answer["Content-Type"] == "application/problem+json", what
        assert list(misfits(answer.json(), {"title": str, "code": str, "problems": [PROBLEM]})) == [], what
    (problem,) = refused["an input that doesn't fit"].json()["problems"]
    assert (problem["code"], problem["path"]) == ("input_refused", "/input/n")
    assert refused["another body under a key"].json()["problems"][0]["code"] == "idempotency_key_reused"


def test_a_signal_is_taken_refused_with_the_names_or_too_late(caller: Caller, editor: Person) -> None:
    asks = [{"id": name, "type": "flow.signal", "config": {"name": name}} for name in ("paid", "goes")]
    at = f"/api/flows/{flow(editor.actor, with_nodes(START, *asks)).pk}/runs/"
    run = caller.post(at).json()["id"]
    drive()
    told = caller.get(f"/api/runs/{run}/").json()
    states = [(step["key"], step["status"]) for step in told["steps"]]
    assert states == [("start", "succeeded"), ("paid", "waiting"), ("goes", "pending")]
    wrong = caller.post(f"/api/runs/{run}/signals/payed/", {"payload": 1})
    assert (wrong.status_code, wrong.json()["awaited"]) == (404, ["goes", "paid"])
    for name in ("paid", "goes"):
        assert caller.post(f"/api/runs/{run}/signals/{name}/", {"payload": name, "key": "k"}).status_code == 202
    drive()
    assert caller.get(f"/api/runs/{run}/").json()["output"] == "goes"
    assert caller.post(f"/api/runs/{run}/signals/paid/", {"payload": 1}).status_code == 409


def test_a_step_is_found_by_its_key_whatever_its_node_is_called(caller: Caller, editor: Person) -> None:
    names = ("items", "resolve")
    inner = [{"id": n, "type": "data.transform", "parent": "round", "config": {"value": n}} for n in names]
    last = {"id": "list", "type": "log", "each": {"items": [1, 2]}}
    nodes = [START, {"id": "round", "type": "flow.try"}, *inner, last]
    edges = [{"from": "start", "to": "round"}, {"from": "items", "to": "resolve"}, {"from": "round", "to": "list"}]
    made = flow(editor.actor, {"dsl": 1, "nodes": nodes, "edges": edges})
    run = caller.post(f"/api/flows/{made.pk}/runs/").json()["id"]
    drive()
    for name in names:
        told = fits(caller.get(f"/api/runs/{run}/steps/round%2F{name}/"), 200, STEP)
        assert (told["key"], told["output"]) == (f"round/{name}", name)
    assert caller.get(f"/api/runs/{run}/steps/list%5B1%5D/").json()["status"] == "succeeded"
    assert caller.get(f"/api/runs/{run}/steps/list/items/").json()["states"] == "ss"


@pytest.mark.parametrize(
    "path", ["home/nothing", "home/", "no.where/x", "a%00b/x", "home@no.where/x", "ho%20me/x", "home/a%0Ab"]
)
def test_a_delivery_to_nowhere_is_a_problem_as_any(caller: Caller, path: str) -> None:
    answer = caller.post(f"/hooks/{path}")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["code"] == "not_found"


FIELDS = {
    "trigger.manual": "", "trigger.webhook": "path methods auth respond", "trigger.schedule": "cron every timezone",
    "http.request": "method url query headers json form body response timeout accept", "flow.if": "condition",
    "flow.switch": "value cases fallback", "flow.wait": "for until", "flow.stop": "outcome output message",
    "data.set": "fields", "data.transform": "value", "data.filter": "items condition",
    "data.aggregate": "items by fields", "code.python": "input code", "database.postgres": "sql params mode",
    "log": "message level", "flow.signal": "name timeout", "flow.call": "flow version input wait",
    "flow.while": "condition max", "flow.for_each": "items",
}  # fmt: skip


def test_the_catalogue_names_the_fields_that_documents_are_written_with(caller: Caller) -> None:
    answer = caller.get("/api/node-types/")
    told = {one["name"]: one for one in fits(answer, 200, {"results": [dict], "next": type(None)})["results"]}
    for name, fields in FIELDS.items():
        assert set(told[name]) >= {"schema", "ports", "effect", "icon", "docs"}
        assert set(told[name]["schema"].get("properties", {})) >= set(fields.split()), name
    assert told["flow.if"]["ports"] == ["true", "false"]
    assert told["flow.signal"]["ports"] == ["out", "timeout"]
    assert told["flow.switch"]["ports"].items() >= {"from": "/cases/*/port", "then": ["fallback"]}.items()


def test_a_session_is_where_it_was_last(caller: Caller, editor: Person) -> None:
    client = Client()
    client.force_login(User.objects.get(pk=editor.actor.user))
    second = client.post("/api/workspaces/", {"name": "Second"}, content_type=JSON)
    there = fits(second, 201, {"id": ID})["id"]
    home = client.get("/api/session/").json()["workspace"]["id"]
    for place in (there, home, there):
        client.get("/api/flows/", headers={"X-Workspace": place})
        assert client.get("/api/session/").json()["workspace"]["id"] == place
    assert client.get("/api/flows/", headers={"X-Workspace": "nobodys"}).status_code == 404
