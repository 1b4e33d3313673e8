import json
from typing import Any

import pytest
from django.test import RequestFactory
from django.urls import resolve

from flows.models import Run, Trigger
from flows.operations.credentials import create_credential
from flows.operations.drafts import save_draft
from flows.operations.environments import change_environment
from flows.operations.flows import archive_flow, switch_triggers
from flows.operations.publishing import publish
from flows.operations.releases import release
from flows.security.limits import LIMITS
from flows.security.signatures import sign
from flows.triggers.webhook import find, hook
from tests.cast import CHAIN, Person, flow, with_nodes

SAY = {"id": "say", "type": "log", "config": {"message": "hi"}}
SECRET = "a long shared secret"


def hooked(editor: Person, name: str = "Hooked", **config: Any) -> Any:
    node: dict[str, Any] = {
        "id": "hook",
        "type": "trigger.webhook",
        "config": {"path": "orders/:id", "methods": ["POST"], **config},
    }
    if config.get("auth", "none") != "none":
        node["credential"] = "sender"
        values = {"secret": SECRET, "user": "me"} if config["auth"] == "basic" else {"secret": SECRET}
        create_credential(editor.actor, name="sender", kind="webhook", values=values)
    return flow(editor.actor, with_nodes(node, SAY), name=name)


def deliver(path: str = "orders/7", body: Any = None, method: str = "POST", **headers: str) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body)
    kind = headers.pop("content_type", "application/json")
    # Called in the test's own transaction; how the view waits for a result is tested with the live views.
    request = RequestFactory().generic(method, f"/hooks/home/{path}", data, content_type=kind, headers=headers)
    return hook(request, "home", path.partition("?")[0])


def test_a_delivery_to_another_environment_starts_what_is_live_there_with_its_secret(admin: Person) -> None:
    made = hooked(admin, auth="bearer")
    create_credential(admin.actor, name="sender-test", kind="webhook", values={"secret": "another long secret"})
    change_environment(admin.actor, "staging", credentials={"sender": "sender-test"})
    release(admin.actor, made.pk, version=1, environment="staging")

    def delivered(place: str, secret: str) -> int:
        headers = {"authorization": f"Bearer {secret}"}
        request = RequestFactory().generic("POST", f"/hooks/{place}/orders/7", headers=headers)
        return hook(request, place, "orders/7").status_code

    assert [delivered("home", SECRET), delivered("home@staging", SECRET)] == [202, 401]
    assert delivered("home@staging", "another long secret") == 202
    assert delivered("home@dev", SECRET) == 404
    runs = Run.objects.select_related("environment").order_by("pk")
    assert [run.environment.name if run.environment else None for run in runs] == [None, "staging"]


def told(response: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(response.content)
    return body


def test_an_address_names_a_workspace_and_perhaps_one_of_its_environments() -> None:
    for place in ("home", "home@staging"):
        assert resolve(f"/hooks/{place}/orders/7").kwargs == {"workspace": place, "rest": "orders/7"}
    for wrong in ("ho\0me", "home@", "home@a@b", "@staging"):
        answer = hook(RequestFactory().post("/hooks/"), wrong, "orders/7")
        assert (answer.status_code, told(answer)["code"]) == (404, "not_found")


def test_a_delivery_starts_a_run_with_the_request_as_its_input(editor: Person) -> None:
    made = hooked(editor)
    response = deliver("orders/7?a=1&b=2&b=3", {"paid": True}, cookie="secret=1", authorization="Bearer x")
    assert response.status_code == 202
    run = Run.objects.get(pk=told(response)["run"])
    given = json.loads(run.input)
    assert (run.flow_id, run.trigger, run.status) == (made.pk, "hook", "queued")
    assert (given["method"], given["params"], given["body"]) == ("POST", {"id": "7"}, {"paid": True})
    assert given["query"] == {"a": "1", "b": ["2", "3"]}
    assert not {"authorization", "cookie"} & set(given["headers"])


def test_a_delivery_that_comes_twice_starts_one_run(editor: Person) -> None:
    hooked(editor)
    first = deliver(body={"n": 1}, **{"idempotency-key": "d-1"})
    again = deliver(body={"n": 2}, **{"idempotency-key": "d-1"})
    assert (first.status_code, again.status_code) == (202, 200)
    assert told(first)["run"] == told(again)["run"]
    assert Run.objects.count() == 1


def test_a_signed_delivery_is_let_in_and_a_forged_one_is_not(editor: Person) -> None:
    hooked(editor, auth="github")
    body = b'{"action": "opened"}'
    good = deliver(body=body, **{"x-hub-signature-256": f"sha256={sign(SECRET, body)}", "x-github-delivery": "1"})
    forged = deliver(body=body + b" ", **{"x-hub-signature-256": f"sha256={sign(SECRET, body)}"})
    unsigned = deliver(body=body)
    assert (good.status_code, forged.status_code, unsigned.status_code) == (202, 401, 401)
    assert Run.objects.count() == 1
    assert SECRET not in Run.objects.get().input


def test_a_bearer_token_is_asked_for(editor: Person) -> None:
    hooked(editor, auth="bearer")
    assert deliver(authorization=f"Bearer {SECRET}").status_code == 202
    assert deliver(authorization="Bearer wrong").status_code == 401


def test_a_body_over_the_cap_is_413(editor: Person) -> None:
    hooked(editor)
    response = deliver(body=b'"' + b"x" * LIMITS.request_body + b'"')
    assert (response.status_code, told(response)["code"]) == (413, "body_too_large")
    assert not Run.objects.exists()


@pytest.mark.parametrize(("body", "status"), [(b"{", 400), (b"[" * 1000, 422), (b'"\\u0000"', 422), (b"\xff", 400)])
def test_a_body_that_is_no_json_though_it_says_so_is_refused(editor: Person, body: bytes, status: int) -> None:
    hooked(editor)
    assert deliver(body=body).status_code == status
    assert not Run.objects.exists()


def test_other_bodies_arrive_as_text_form_or_base64(editor: Person) -> None:
    hooked(editor)
    for kind, body, expected in (
        ("text/plain", "물길".encode(), "물길"),
        ("application/x-www-form-urlencoded", b"a=1&b=2&b=3", {"a": "1", "b": ["2", "3"]}),
        ("application/octet-stream", b"\xff\x00", {"base64": "/wA="}),
    ):
        run = told(deliver(body=body, content_type=kind))["run"]
        assert json.loads(Run.objects.get(pk=run).input)["body"] == expected


def test_a_method_it_does_not_take_is_405(editor: Person) -> None:
    hooked(editor)
    response = deliver(method="GET", body=b"")
    assert (response.status_code, response["Allow"]) == (405, "POST")


@pytest.mark.parametrize("path", ["orders", "orders/7/8", "other/7", ""])
def test_a_path_nobody_holds_is_404(editor: Person, path: str) -> None:
    hooked(editor)
    assert deliver(path).status_code == 404


def test_a_flow_that_rests_or_is_archived_takes_no_deliveries(editor: Person) -> None:
    made = hooked(editor)
    switch_triggers(editor.actor, made.pk, active=False)
    assert deliver().status_code == 404
    switch_triggers(editor.actor, made.pk, active=True)
    assert deliver().status_code == 202
    archive_flow(editor.actor, made.pk)
    assert deliver().status_code == 404


def test_of_two_paths_that_fit_the_literal_one_answers(editor: Person) -> None:
    hooked(editor)
    hooked(editor, name="New orders", path="orders/new")
    new, seventh = find("home", "orders/new"), find("home", "orders/7")
    assert new is not None
    assert new.trigger.flow.name == "New orders"
    assert seventh is not None
    assert seventh.params == {"id": "7"}


def test_a_published_change_of_path_moves_the_webhook(editor: Person) -> None:
    made = hooked(editor)
    save_draft(editor.actor, made.pk, document=CHAIN, revision=1)
    publish(editor.actor, made.pk)
    assert deliver().status_code == 404
    assert not Trigger.objects.exists()


def test_the_flows_inputs_are_not_asked_of_a_delivery(editor: Person) -> None:
    node = {"id": "hook", "type": "trigger.webhook", "config": {"path": "orders/:id"}}
    inputs = {"type": "object", "required": ["order_id"]}
    flow(editor.actor, with_nodes(node, SAY, inputs=inputs))
    assert deliver().status_code == 202


def test_the_header_that_carries_the_secret_is_in_no_input(editor: Person) -> None:
    hooked(editor, auth="header")
    response = deliver(**{"x-token": SECRET, "x-other": "seen"})
    assert response.status_code == 202
    run = Run.objects.get(pk=told(response)["run"])
    assert SECRET not in run.input
    assert json.loads(run.input)["headers"]["x-other"] == "seen"
