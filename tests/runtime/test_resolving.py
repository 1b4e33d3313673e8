"""An uncertain step is resolved with an output that is checked and that the nodes after it read; waits show their input."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from flows.models import Inbox, Run
from flows.operations.approvals import decide
from flows.operations.runs import read_step
from flows.operations.starting import start
from tests.cast import Person, flow, person
from tests.operations.test_steering import uncertain
from tests.runtime.house import drive
from tests.runtime.test_approvals import asked

pytestmark = pytest.mark.django_db(transaction=True)

CHARGE: dict[str, Any] = {
    "dsl": 1,
    "nodes": [
        {"id": "start", "type": "trigger.manual"},
        {
            "id": "charge",
            "type": "http.request",
            "config": {"method": "POST", "url": "https://pay.example/charges"},
            "effect": "once",
        },
        {"id": "after", "type": "data.set", "config": {"fields": {"id": "{{ nodes.charge.body.id }}"}}},
    ],
    "edges": [{"from": "start", "to": "charge"}, {"from": "charge", "to": "after"}],
}
GAVE = {"status": 201, "headers": {}, "body": {"id": "ch_7"}}


@pytest.fixture
def editor() -> Person:
    return person("editor", "editor")


def charged(editor: Person) -> Run:
    """A run whose charge was cut off in mid-send."""
    run = Run.objects.get(pk=start(editor.actor, flow(editor.actor, CHARGE).pk).run.id)
    uncertain(run, "charge")
    return run


def outcome(run: Run) -> tuple[str, str]:
    drive()
    run.refresh_from_db()
    return run.status, run.output


def test_the_output_a_person_gives_is_read_by_the_nodes_after_it(editor: Person, client: Client) -> None:
    run = charged(editor)
    address = f"/api/runs/{run.pk}/steps/charge/resolve/"
    body = {"verdict": "succeeded", "output": GAVE}
    answer = client.post(address, body, content_type="application/json", headers=editor.headers)
    assert answer.status_code == 202
    assert outcome(run) == ("succeeded", '{"id":"ch_7"}')
    assert read_step(editor.actor, run.pk, "charge")["output"] == GAVE


def test_without_an_output_the_nodes_after_it_read_null(editor: Person, client: Client) -> None:
    run = charged(editor)
    address = f"/api/runs/{run.pk}/steps/charge/resolve/"
    client.post(address, {"verdict": "succeeded"}, content_type="application/json", headers=editor.headers)
    assert outcome(run) == ("succeeded", '{"id":null}')


def test_an_output_the_node_could_not_have_given_is_refused_field_by_field(editor: Person, client: Client) -> None:
    run = charged(editor)
    address = f"/api/runs/{run.pk}/steps/charge/resolve/"

    def refused(**body: Any) -> tuple[int, str, dict[str, str]]:
        made = {"verdict": "succeeded", **body}
        answer = client.post(address, made, content_type="application/json", headers=editor.headers)
        told = answer.json()
        problems = {one["path"]: one["message"] for one in told.get("problems") or ()}
        return answer.status_code, told["code"], problems

    status, code, problems = refused(output={"status": "fine", "body": {}})
    assert (status, code) == (422, "output_refused")
    assert problems == {"/output/status": "status must be a whole number.", "/output/headers": "headers is missing."}
    assert refused(output=[1])[:2] == (422, "output_refused")
    assert refused(output=GAVE, port="elsewhere")[:2] == (422, "port_refused")
    assert not Inbox.objects.exists()


def test_from_a_shell_a_step_is_resolved_alike(editor: Person) -> None:
    run = charged(editor)
    with pytest.raises(CommandError, match="could not have given"):
        call_command("runs", "resolve", str(run.pk), "charge", "succeeded", "--output", "{}")
    with pytest.raises(CommandError):
        call_command("runs", "resolve", str(run.pk), "charge", "succeeded", "--output", "{")
    out = StringIO()
    output = '{"status": 201, "headers": {}, "body": {"id": 7}}'
    call_command("runs", "resolve", str(run.pk), "charge", "succeeded", "--output", output, stdout=out)
    assert out.getvalue() == f"{run.pk}  charge: succeeded\n"
    assert outcome(run) == ("succeeded", '{"id":7}')
    with pytest.raises(CommandError, match="has ended"):
        call_command("runs", "resolve", str(run.pk), "charge", "retry")


# --- what a wait got ---------------------------------------------------------------------------------------


def waiting_input(editor: Person, node: dict[str, Any]) -> tuple[Any, Any]:
    """The input of a waiting step and of its attempt."""
    document = {
        "dsl": 1,
        "nodes": [{"id": "start", "type": "trigger.manual"}, {"id": "wait", **node}],
        "edges": [{"from": "start", "to": "wait"}],
    }
    run = start(editor.actor, flow(editor.actor, document).pk, input={"n": 7}).run.id
    drive()
    detail: Any = read_step(editor.actor, run, "wait")
    assert detail["status"] == "waiting"
    return detail["input"], detail["attempts"][-1]["input"]


@pytest.mark.parametrize(
    ("node", "resolved"),
    [
        (
            {"type": "flow.signal", "config": {"name": "paid {{ input.n }}", "timeout": "1h"}},
            {"name": "paid 7", "timeout": "1h"},
        ),
        ({"type": "flow.wait", "config": {"for": "{{ str(input.n) + 'h' }}"}}, {"for": "7h"}),
    ],
    ids=["signal", "wait"],
)
def test_a_step_that_waits_shows_what_it_got(editor: Person, node: dict[str, Any], resolved: Any) -> None:
    assert waiting_input(editor, node) == (resolved, resolved)


def test_a_wait_without_an_expression_shows_its_config(editor: Person) -> None:
    config = {"name": "paid", "timeout": "1h"}
    assert waiting_input(editor, {"type": "flow.signal", "config": config})[0] == config


def test_an_approval_shows_its_question_while_it_waits_and_after_it_was_decided(editor: Person) -> None:
    run, approval = asked(editor)
    during: Any = read_step(editor.actor, run.pk, "ask")
    assert during["input"]["title"] == "Refund 7?"

    decide(person("kim", "viewer").actor, approval.pk, "approved")
    drive()
    after: Any = read_step(editor.actor, run.pk, "ask")
    assert (after["status"], after["input"]["title"]) == ("succeeded", "Refund 7?")
