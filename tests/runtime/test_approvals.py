"""Approvals, from the question to what becomes of the run: on the executor, through the operations people use."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from flows.engine.events import StepSucceeded
from flows.errors import BadInput, MulgilError
from flows.journal import writer
from flows.models import Approval, Inbox, Run, Vote
from flows.operations import approvals, steering
from flows.operations.approvals import ApprovalClosed, NotAsked, decide
from flows.operations.forms import FormRefused
from flows.operations.starting import start
from flows.runtime.clock import VirtualClock
from tests.cast import Person, flow, person
from tests.runtime.house import drive, executing, journal, vanish

pytestmark = pytest.mark.django_db(transaction=True)

FORM = {"type": "object", "properties": {"amount": {"type": "integer", "maximum": 100}}, "required": ["amount"]}


@pytest.fixture
def editor() -> Person:
    return person("editor", "editor")


def asking(**config: Any) -> dict[str, Any]:
    asked = {"title": "Refund {{ input.n }}?", "assignees": {"users": ["kim", "lee"]}, **config}
    names = ("yes", "no", "late")
    ports = ("approved", "rejected", "timeout")
    return {
        "dsl": 1,
        "nodes": [
            {"id": "start", "type": "trigger.manual"},
            {"id": "ask", "type": "flow.approval", "config": asked},
            *({"id": name, "type": "log", "config": {"message": name}} for name in names),
        ],
        "edges": [
            {"from": "start", "to": "ask"},
            *({"from": "ask", "to": name, "port": port} for name, port in zip(names, ports, strict=True)),
        ],
    }


def asked(editor: Person, **config: Any) -> tuple[Run, Approval]:
    """A run that has come to its question."""
    run = Run.objects.get(pk=start(editor.actor, flow(editor.actor, asking(**config)).pk, input={"n": 7}).run.id)
    drive()
    run.refresh_from_db()
    assert (run.status, run.owner) == ("waiting", None)
    return run, Approval.objects.get(run_id=run.pk)


def went(run: Run) -> tuple[str, Any]:
    """The port the question was left by, once, and its output."""
    ended = [event for event in journal(run) if isinstance(event, StepSucceeded) and event.step == "ask"]
    assert len(ended) == 1
    return ended[0].port, ended[0].output


def finished(run: Run, approval: Approval) -> str:
    drive()
    run.refresh_from_db()
    approval.refresh_from_db()
    assert (run.status, run.mail) == ("succeeded", 0)
    assert approval.closed_at is not None
    return approval.outcome


def test_who_is_asked_approves_and_the_run_goes_on_with_what_they_said(editor: Person) -> None:
    run, approval = asked(editor, form=FORM, comment=True)
    assert approval.title == "Refund 7?"
    kim = person("kim", "viewer")
    with pytest.raises(BadInput, match="comment"):
        decide(kim.actor, approval.pk, "approved", form={"amount": 5})
    for form in (None, {"amount": 500}):
        with pytest.raises(FormRefused):
            decide(kim.actor, approval.pk, "approved", comment="fine", form=form)
    decide(kim.actor, approval.pk, "approved", comment="fine", form={"amount": 5})
    assert finished(run, approval) == "approved"
    port, output = went(run)
    assert port == "approved"
    assert output["decision"] == "approved"
    assert [(vote["by"], vote["comment"], vote["form"]) for vote in output["votes"]] == [("kim", "fine", {"amount": 5})]


def test_a_quorum_is_counted_by_people_and_the_first_no_decides(editor: Person) -> None:
    run, approval = asked(editor, quorum=2)
    kim, lee = person("kim", "viewer"), person("lee", "viewer")
    for _ in range(3):
        decide(kim.actor, approval.pk, "approved")
    assert Vote.objects.count() == 1
    assert not Inbox.objects.exists()
    with pytest.raises(ApprovalClosed):
        decide(kim.actor, approval.pk, "rejected")
    decide(lee.actor, approval.pk, "rejected", comment="no")
    assert finished(run, approval) == "rejected"
    assert went(run)[0] == "rejected"


def test_nobody_else_decides_and_a_role_is_everyone_of_it(editor: Person) -> None:
    run, approval = asked(editor, assignees={"roles": ["operator"]})
    for other in (editor, person("root", "admin"), person("kim", "viewer")):
        with pytest.raises(NotAsked):
            decide(other.actor, approval.pk, "approved")
        assert not approvals.list_approvals(other.actor).rows
    with pytest.raises(MulgilError, match="no such approval"):
        decide(person("kim", "operator", home="elsewhere").actor, approval.pk, "approved")
    olga = person("olga", "operator")
    assert [row.pk for row in approvals.list_approvals(olga.actor).rows] == [approval.pk]
    decide(olga.actor, approval.pk, "approved")
    assert finished(run, approval) == "approved"


def test_past_its_timeout_an_approval_is_closed_and_a_decision_comes_too_late(editor: Person) -> None:
    run, approval = asked(editor, timeout="1h")
    assert approval.due_at is not None
    drive(clock=VirtualClock(int(approval.due_at.timestamp() * 1_000_000) + 1))
    assert finished(run, approval) == "timeout"
    assert went(run) == ("timeout", None)
    with pytest.raises(ApprovalClosed, match="timeout"):
        decide(person("kim", "viewer").actor, approval.pk, "approved")


@pytest.mark.parametrize(("on_timeout", "port"), [("approve", "approved"), ("reject", "rejected")])
def test_past_its_timeout_the_default_is_the_decision_and_is_made_once(
    editor: Person, client: Client, on_timeout: str, port: str
) -> None:
    run, approval = asked(editor, timeout="1h", on_timeout=on_timeout, quorum=2)
    assert (approval.default, approval.due_at is not None) == (port, True)
    kim, lee = person("kim", "viewer"), person("lee", "viewer")
    decide(kim.actor, approval.pk, "approved")
    address = f"/api/approvals/{approval.pk}/"
    before = client.get(address, headers=lee.headers).json()
    assert (before["state"], before["default"], before["by_default"]) == ("open", port, False)
    assert approval.due_at is not None
    drive(clock=VirtualClock(int(approval.due_at.timestamp() * 1_000_000) + 1))
    assert finished(run, approval) == port
    assert went(run) == (port, {"decision": port, "votes": []})
    with pytest.raises(ApprovalClosed, match=port):
        decide(lee.actor, approval.pk, "rejected")
    after = client.get(address, headers=lee.headers).json()
    assert (after["state"], after["by_default"]) == (port, True)


def test_a_decision_that_is_in_time_stands_whatever_the_default_is(editor: Person, client: Client) -> None:
    run, approval = asked(editor, timeout="1h", on_timeout="approve")
    lee = person("lee", "viewer")
    decide(lee.actor, approval.pk, "rejected", comment="no")
    assert approval.due_at is not None
    drive(clock=VirtualClock(int(approval.due_at.timestamp() * 1_000_000) + 1))
    assert finished(run, approval) == "rejected"
    assert [vote["comment"] for vote in went(run)[1]["votes"]] == ["no"]
    told = client.get(f"/api/approvals/{approval.pk}/", headers=lee.headers).json()
    assert (told["state"], told["by_default"]) == ("rejected", False)


def test_a_cancelled_run_asks_nobody_any_longer(editor: Person) -> None:
    run, approval = asked(editor)
    steering.cancel(editor.actor, run.pk)
    drive()
    run.refresh_from_db()
    approval.refresh_from_db()
    assert (run.status, approval.outcome) == ("cancelled", "cancelled")


def test_votes_cast_at_one_instant_decide_once(editor: Person) -> None:
    people = [person(f"p{number}", "operator") for number in range(6)]
    run, approval = asked(editor, assignees={"roles": ["operator"]}, quorum=3)

    def vote(at: int) -> str:
        try:
            decide(people[at].actor, approval.pk, "rejected" if at == 5 else "approved")
        except ApprovalClosed:
            return "late"
        else:
            return "counted"
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        told = list(pool.map(vote, range(6)))
    assert Vote.objects.count() == told.count("counted")
    assert Inbox.objects.filter(kind="approval").count() == 1
    outcome = finished(run, approval)
    assert (outcome, outcome) == (went(run)[0], approval.decided)
    assert len(went(run)[1]["votes"]) == told.count("counted")


def test_a_decision_outlives_the_executor_that_was_reading_it(editor: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    run, approval = asked(editor)
    decide(person("kim", "viewer").actor, approval.pk, "approved")
    reading, released = asyncio.Event(), asyncio.Event()
    flush = writer.flush

    async def held(to: Any, batches: Any) -> Any:
        if any(batch.consumed for batch in batches) and not reading.is_set():
            reading.set()
            await released.wait()
        return await flush(to, batches)

    async def dies() -> None:
        async with executing() as executor:
            turn = asyncio.ensure_future(executor.turn())
            await reading.wait()
            await vanish(executor)
            await asyncio.to_thread(in_a_thread, drive)
            released.set()
            turn.cancel()
            await asyncio.wait([turn])

    monkeypatch.setattr(writer, "flush", held)
    asyncio.run(dies())
    assert finished(run, approval) == "approved"
    assert went(run)[0] == "approved"


def test_over_http_a_viewer_sees_what_is_asked_of_them_and_decides(editor: Person, client: Client) -> None:
    run, approval = asked(editor)
    kim = person("kim", "viewer")
    listed = client.get("/api/approvals/", headers=kim.headers).json()["results"]
    assert [(one["id"], one["state"], one["may_decide"]) for one in listed] == [(str(approval.pk), "open", True)]
    body = {"decision": "approved"}
    address = f"/api/approvals/{approval.pk}/decide/"
    refused = client.post(address, body, content_type="application/json", headers=editor.headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_asked")
    answer = client.post(address, body, content_type="application/json", headers=kim.headers)
    assert (answer.status_code, answer.json()["state"], answer.json()["may_decide"]) == (202, "approved", False)
    finished(run, approval)
    assert client.get("/api/approvals/", headers=kim.headers).json()["results"] == []
    closed = client.get("/api/approvals/?closed=true", headers=kim.headers).json()["results"]
    assert [one["state"] for one in closed] == ["approved"]
    read = client.get(f"/api/approvals/{approval.pk}/", headers=editor.headers).json()
    assert [(vote["by"], vote["decision"]) for vote in read["votes"]] == [("kim", "approved")]


def test_a_form_is_refused_field_by_field_and_takes_nothing_down(editor: Person, client: Client) -> None:
    schema = {
        "type": "object",
        "properties": {
            "amount": {"type": "integer", "maximum": 100},
            "reason": {"type": "string", "minLength": 3},
            "kind": {"enum": ["full", "part"]},
            "by": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name", "role"]},
        },
        "required": ["amount", "reason"],
    }
    _, approval = asked(editor, form=schema)
    kim = person("kim", "viewer")

    def refused(form: Any, **headers: str) -> dict[str, str]:
        body = {"decision": "approved", "form": form}
        answer = client.post(
            f"/api/approvals/{approval.pk}/decide/",
            body,
            content_type="application/json",
            headers=kim.headers | headers,
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "form_refused")
        return {one["path"]: one["message"] for one in answer.json()["problems"]}

    assert refused(None) == {"/form/amount": "amount is missing.", "/form/reason": "reason is missing."}
    assert refused({"amount": "5", "reason": "x", "kind": "none", "by": {"name": 7}}) == {
        "/form/amount": "amount must be a whole number.",
        "/form/reason": "reason must have at least 3 characters.",
        "/form/kind": "kind must be full, part.",
        "/form/by/name": "name must be text.",
        "/form/by/role": "role is missing.",
    }
    assert refused({"amount": 500, "reason": "late"}, **{"Accept-Language": "ko"}) == {
        "/form/amount": "amount: 100 이하여야 합니다."
    }
    assert not Vote.objects.exists()
    decide(kim.actor, approval.pk, "approved", form={"amount": 5, "reason": "late"})


def in_a_thread(act: Callable[[], Any]) -> Any:
    try:
        return act()
    finally:
        connection.close()
