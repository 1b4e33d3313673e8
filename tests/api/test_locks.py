"""Locks over HTTP: holders and the line as they are, and a lock taken away by hand."""

from typing import Any

from django.test import Client
from django.utils import timezone

from flows.models import AuditEntry, LockPlace, Run
from flows.operations.starting import start
from tests.cast import Person, flow


def place(owner: Person, name: str = "printer", **fields: Any) -> LockPlace:
    run = Run.objects.get(pk=start(owner.actor, flow(owner.actor).pk).run.id)
    return LockPlace.objects.create(
        workspace_id=owner.actor.workspace, run=run, step="guard", seed=1, name=name, asked_at=timezone.now(), **fields
    )


def shown(client: Client, who: Person, query: str = "") -> list[dict[str, Any]]:
    answer = client.get(f"/api/locks/{query}", headers=who.headers)
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def test_who_holds_a_lock_and_the_line_are_listed_in_the_order_of_arrival(
    client: Client, editor: Person, viewer: Person, stranger: Person
) -> None:
    holder = place(editor, token=7, granted_at=timezone.now())
    first, other, second = place(editor), place(editor, "scanner"), place(editor)
    ended = place(editor)
    Run.objects.filter(pk=ended.run_id).update(status="cancelled", finished_at=timezone.now())
    found = shown(client, viewer)
    assert [(one["id"], one["token"], one["line"]) for one in found] == [
        (str(holder.pk), 7, None),
        (str(first.pk), None, 1),
        (str(other.pk), None, 1),
        (str(second.pk), None, 2),
    ]
    assert [one["id"] for one in shown(client, viewer, "?name=scanner")] == [str(other.pk)]
    assert [one["line"] for one in shown(client, viewer, f"?run={second.run_id}")] == [2]
    page = client.get("/api/locks/?limit=3", headers=viewer.headers).json()
    assert [one["id"] for one in client.get(page["next"], headers=viewer.headers).json()["results"]] == [str(second.pk)]
    assert client.get("/api/locks/?cursor=x", headers=viewer.headers).status_code == 422
    assert shown(client, stranger) == []


def test_a_lock_is_taken_away_by_who_may_steer_once_and_written_down(
    client: Client, editor: Person, operator: Person, viewer: Person, stranger: Person
) -> None:
    holder = place(editor, token=7, granted_at=timezone.now())
    waiter = place(editor)
    at = f"/api/locks/{holder.pk}/release/"
    assert client.post(at, headers=viewer.headers).status_code == 403
    assert client.post(at, headers=stranger.headers).status_code == 404
    told = client.post(at, headers=operator.headers).json()
    assert (told["token"], told["released_by"], told["released_at"] is not None) == (7, operator.actor.name, True)
    again = client.post(at, headers=operator.headers)
    assert (again.status_code, again.json()["code"]) == (409, "lock_not_held")
    assert client.post(f"/api/locks/{waiter.pk}/release/", headers=operator.headers).status_code == 409
    entry = AuditEntry.objects.get(verb="released")
    assert (entry.subject, entry.details["token"], entry.details["run"]) == ("lock printer", 7, str(holder.run_id))
