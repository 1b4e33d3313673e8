"""Items that a step collected the failures of: found, run again, or dismissed."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from flows.errors import Forbidden
from flows.models import AuditEntry, FailedItems, Run
from flows.operations.dead_items import dismiss, list_dead_items, retry
from flows.operations.draft_runs import DraftOrder, start_draft
from flows.operations.fsck import check
from flows.operations.rerunning import Again, rerun
from flows.operations.retention import delete_runs
from tests.cast import Person, flow, person
from tests.operations.test_items_again import begun, document, driven, ran
from tests.runtime.house import drive

pytestmark = pytest.mark.django_db(transaction=True)

LETTERS_SINCE = "UPDATE django_migrations SET applied = %s WHERE app = 'flows' AND name = '0022_failed_items'"


def letters(editor: Person) -> list[FailedItems]:
    return list_dead_items(editor.actor).rows


def test_what_a_step_went_on_without_is_a_dead_letter_until_it_is_run_again(editor: Person) -> None:
    old = ran(editor, flow(editor.actor, document()))
    (letter,) = letters(editor)
    assert (letter.run_id, letter.step, letter.failed, letter.count, letter.place) == (old.pk, "share", 2, 4, 1)
    assert "zero" in letter.message
    done = retry(editor.actor, [letter.pk, uuid4()])
    assert [error.code for _, error in done.refused] == ["not_found"]
    ((_, made),) = done.retried
    assert letters(editor) == []
    assert begun(driven(made).pk) == ["share[1]", "share[3]"]
    (again,) = letters(editor)
    assert (again.run_id, again.failed) == (made, 2), "they failed anew, in the run that ran them"
    assert AuditEntry.objects.get(verb="ran again").subject == "2 items of share"


def test_what_stays_failed_is_told_by_the_run_that_took_it_over(editor: Person) -> None:
    old = ran(editor, flow(editor.actor, document()))
    made = driven(rerun(editor.actor, old.pk, Again(from_step="share", items=(3,))).run.id)
    (letter,) = letters(editor)
    assert (letter.run_id, letter.failed, letter.place, letter.message) == (made.pk, 2, 1, "")


def test_a_rerun_of_what_lies_behind_leaves_it_a_dead_letter(editor: Person) -> None:
    old = ran(editor, flow(editor.actor, document()))
    driven(rerun(editor.actor, old.pk, Again(from_step="total")).run.id)
    assert [letter.run_id for letter in letters(editor)] == [old.pk]
    made = driven(rerun(editor.actor, old.pk, Again()).run.id)
    assert [letter.run_id for letter in letters(editor)] == [made.pk]


def test_what_failed_inside_an_item_stays_where_it_is_while_others_run_again(editor: Person) -> None:
    nodes = document()
    nodes["nodes"][2] = {"id": "share", "type": "flow.for_each", "config": {"items": "{{ input.items }}"}}
    each = {"items": [1, 0], "on_error": "collect"}
    config = {"value": "{{ 8 // item }}"}
    nodes["nodes"] += [{"id": "divide", "type": "data.transform", "parent": "share", "config": config, "each": each}]
    old = ran(editor, flow(editor.actor, nodes), [1, 2])
    second, first = letters(editor)
    assert [first.step, second.step] == ["share[0]/divide", "share[1]/divide"]
    made = driven(retry(editor.actor, [second.pk]).retried[0][1])
    assert begun(made.pk) == ["share[1]/divide", "share[1]/divide[0]", "share[1]/divide[1]"]
    assert {(letter.run_id, letter.step) for letter in letters(editor)} == {
        (old.pk, "share[0]/divide"),
        (made.pk, "share[1]/divide"),
    }


def test_dismissed_ones_are_gone_and_their_run_stays(editor: Person) -> None:
    run = ran(editor, flow(editor.actor, document()))
    (letter,) = letters(editor)
    viewer = person("viewer", "viewer").actor
    for verb in (dismiss, retry):
        with pytest.raises(Forbidden):
            verb(viewer, [letter.pk])
    assert dismiss(person("stranger", "admin", home="elsewhere").actor, [letter.pk]) == 0
    assert dismiss(editor.actor, [letter.pk]) == 1
    assert letters(editor) == []
    assert Run.objects.get(pk=run.pk).status == "succeeded"
    assert AuditEntry.objects.get(verb="dismissed").subject == "1 dead letters"


def test_a_test_run_is_nobodys_worry_and_a_purged_one_leaves_nothing(editor: Person) -> None:
    made = flow(editor.actor, document())
    driven(start_draft(editor.actor, made.pk, DraftOrder(input={"items": [0]})).run.id)
    assert letters(editor) == []
    run = ran(editor, made)
    delete_runs([run.pk])
    assert FailedItems.objects.count() == 0


def test_fsck_sees_a_letter_that_is_not_there_and_one_too_many(editor: Person) -> None:
    run = ran(editor, flow(editor.actor, document()))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE flows_faileditems SET failed = 3")
    assert [fault.finding.sentence for fault in check().faults] == ["2 items of share failed, and people are told of 3"]
    FailedItems.objects.all().delete()
    (fault,) = check(run.pk).faults
    assert (fault.finding.rule, fault.run) == ("items", run.pk)


def test_fsck_asks_for_no_letters_of_what_failed_before_there_were_any(editor: Person) -> None:
    run = ran(editor, flow(editor.actor, document()))
    letter = FailedItems.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT applied FROM django_migrations WHERE app = 'flows' AND name = '0022_failed_items'")
        ((applied,),) = cursor.fetchall()
        cursor.execute(LETTERS_SINCE, [timezone.now() + timedelta(hours=1)])
        try:
            FailedItems.objects.update(failed=3)
            (fault,) = check(run.pk).faults
            assert fault.finding.sentence == "2 items of share failed, and people are told of 3", (
                "a letter says the truth"
            )
            letter.delete()
            assert check(run.pk).faults == []
        finally:
            cursor.execute(LETTERS_SINCE, [applied])
    (fault,) = check(run.pk).faults
    assert fault.finding.sentence == "2 items of share failed, and people are told of 0"


def call(client: Client, editor: Person, path: str, body: Any = None) -> Any:
    if body is None:
        return client.get(f"/api/{path}", headers=editor.headers).json()
    return client.post(f"/api/{path}", body, content_type="application/json", headers=editor.headers).json()


def test_over_http(editor: Person, client: Client) -> None:
    run = ran(editor, flow(editor.actor, document()))
    (told,) = call(client, editor, "dead-items/")["results"]
    assert (told["run"], told["flow_name"], told["failed"], told["count"]) == (str(run.pk), "Chain", 2, 4)
    preview = call(client, editor, f"runs/{run.pk}/rerun/?preview=1", {"from_step": "share", "items": [3]})
    assert preview["items"] == {"step": "share", "again": 1, "kept": 3, "left": 1}
    refused = call(client, editor, f"runs/{run.pk}/rerun/", {"from_step": "share", "items": [0]})
    assert (refused["code"], refused["status"]) == ("not_a_failed_item", 422)
    assert call(client, editor, f"runs/{run.pk}/rerun/", {"items": "failed"})["status"] == 422
    done = call(client, editor, "dead-items/retry/", {"letters": [told["id"], str(uuid4())]})
    assert [one["letter"] for one in done["retried"]] == [told["id"]]
    assert [one["code"] for one in done["refused"]] == ["not_found"]
    drive()
    (again,) = call(client, editor, "dead-items/")["results"]
    assert call(client, editor, "dead-items/dismiss/", {"letters": [again["id"]]}) == {"dismissed": 1}
