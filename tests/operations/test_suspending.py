"""Flows that only fail stand still until a person resumes them."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from flows.errors import Forbidden
from flows.models import Alert, AuditEntry, Flow, Outbox, Run, Trigger
from flows.operations.drafts import save_draft
from flows.operations.flows import archive_flow, find_flow, restore_flow, switch_triggers
from flows.operations.publishing import publish
from flows.operations.starting import start
from flows.operations.suspending import resume_flow, suspend_failing
from flows.triggers.schedule import start_due
from flows.triggers.tick import ProductVerbs
from tests.cast import Person, flow, with_nodes

EVERY_MINUTE = {"id": "tick", "type": "trigger.schedule", "config": {"every": "1m"}}


def document(**settings: Any) -> dict[str, Any]:
    return with_nodes(EVERY_MINUTE, {"id": "a", "type": "data.set", "config": {"fields": {"x": 1}}}, settings=settings)


def scheduled(editor: Person, **settings: Any) -> Flow:
    return flow(editor.actor, document(**settings), name="Nightly")


def ended(editor: Person, made: Flow, *statuses: str, **fields: Any) -> list[UUID]:
    """Runs that ended so, one after the other."""
    runs = []
    for status in statuses:
        row = Run.objects.get(pk=start(editor.actor, made.pk, trigger="tick").run.id)
        error = '{"code":"no_stock","message":"the shelf is empty"}' if status == "failed" else None
        Run.objects.filter(pk=row.pk).update(status=status, finished_at=timezone.now(), error=error, **fields)
        runs.append(row.pk)
    return runs


def active(made: Flow) -> list[bool]:
    return list(Trigger.objects.filter(flow=made).values_list("active", flat=True))


def test_a_flow_whose_last_runs_all_failed_is_suspended_and_says_why(editor: Person) -> None:
    made = scheduled(editor, suspend_after=3)
    ended(editor, made, "succeeded")
    runs = ended(editor, made, "failed", "failed", "failed")
    assert suspend_failing() == [made.pk]
    found = find_flow(editor.actor, made.pk)
    assert found.suspended_at is not None
    assert {name: found.suspension[name] for name in ("failed", "run", "version", "code", "message")} == {
        "failed": 3,
        "run": str(runs[-1]),
        "version": 1,
        "code": "no_stock",
        "message": "the shelf is empty",
    }
    assert active(made) == [False]
    alert = Alert.objects.get(code="flow_suspended")
    assert (alert.flow_id, alert.run_id) == (made.pk, runs[-1])
    assert "its last 3 runs failed" in alert.message
    assert "the shelf is empty" in alert.message
    entry = AuditEntry.objects.get(verb="suspended")
    assert (entry.actor, entry.details["suspension"]["failed"]) == ("suspension", 3)


def test_its_schedule_starts_nothing_and_a_person_still_can(editor: Person) -> None:
    made = scheduled(editor, suspend_after=2)
    ended(editor, made, "failed", "failed")
    suspend_failing()
    before = Run.objects.count()
    start_due(timezone.now() + timedelta(hours=1))
    assert Run.objects.count() == before
    assert start(editor.actor, made.pk, trigger="tick").created


@pytest.mark.parametrize(
    "statuses",
    [["failed"] * 2, ["failed", "failed", "succeeded", "failed"], ["failed", "failed", "failed", "succeeded"]],
    ids=["too few", "a success between", "a success last"],
)
def test_a_flow_that_does_not_only_fail_goes_on(editor: Person, statuses: Sequence[str]) -> None:
    made = scheduled(editor, suspend_after=3)
    ended(editor, made, *statuses)
    assert suspend_failing() == []
    assert active(made) == [True]


def test_cancelled_runs_tell_nothing_and_break_no_streak(editor: Person) -> None:
    made = scheduled(editor, suspend_after=2)
    ended(editor, made, "failed", "cancelled", "failed")
    assert suspend_failing() == [made.pk]


def test_test_runs_and_runs_of_drafts_do_not_count(editor: Person) -> None:
    made = scheduled(editor, suspend_after=2)
    ended(editor, made, "failed", "failed", is_test=True)
    ended(editor, made, "failed", "failed", version=None)
    assert suspend_failing() == []


def test_twenty_in_a_row_are_too_many_where_the_settings_say_nothing(editor: Person) -> None:
    made = scheduled(editor)
    ended(editor, made, *["failed"] * 19)
    assert suspend_failing() == []
    ended(editor, made, "failed")
    assert suspend_failing() == [made.pk]


def test_zero_means_never(editor: Person) -> None:
    made = scheduled(editor, suspend_after=0)
    ended(editor, made, *["failed"] * 21)
    assert suspend_failing() == []


def test_a_flow_that_nothing_outside_starts_is_left_alone(editor: Person) -> None:
    by_hand = with_nodes({"id": "tick", "type": "trigger.manual"}, settings={"suspend_after": 1})
    made = flow(editor.actor, by_hand)
    ended(editor, made, "failed")
    assert suspend_failing() == []


def test_failures_of_the_version_before_do_not_count(editor: Person) -> None:
    made = scheduled(editor, suspend_after=2)
    ended(editor, made, "failed")
    save_draft(editor.actor, made.pk, document=document(suspend_after=2) | {"description": "mended"}, revision=1)
    publish(editor.actor, made.pk)
    ended(editor, made, "failed")
    assert suspend_failing() == []
    ended(editor, made, "failed")
    assert suspend_failing() == [made.pk]


def test_resuming_starts_the_triggers_and_counts_anew(editor: Person) -> None:
    made = scheduled(editor, suspend_after=2)
    ended(editor, made, "failed", "failed")
    suspend_failing()
    resumed = resume_flow(editor.actor, made.pk)
    assert (resumed.suspended_at, resumed.suspension, active(made)) == (None, {}, [True])
    assert Trigger.objects.get(flow=made).next_at > timezone.now()  # type: ignore[operator]  # it has a schedule
    ended(editor, made, "failed")
    assert suspend_failing() == []
    ended(editor, made, "failed")
    assert suspend_failing() == [made.pk]
    resume_flow(editor.actor, made.pk)
    resume_flow(editor.actor, made.pk)
    entries = AuditEntry.objects.filter(verb="resumed")
    assert [entry.actor for entry in entries] == [editor.actor.name] * 2
    assert entries[0].details["suspension"]["failed"] == 2


def test_neither_publishing_nor_restoring_nor_the_switch_resumes(editor: Person) -> None:
    made = scheduled(editor, suspend_after=1)
    ended(editor, made, "failed")
    suspend_failing()
    switch_triggers(editor.actor, made.pk, active=False)
    switch_triggers(editor.actor, made.pk, active=True)
    archive_flow(editor.actor, made.pk)
    restore_flow(editor.actor, made.pk)
    save_draft(editor.actor, made.pk, document=document() | {"description": "mended"}, revision=1)
    publish(editor.actor, made.pk)
    assert not any(active(made))
    resume_flow(editor.actor, made.pk)
    assert any(active(made))


def test_who_may_not_publish_resumes_nothing(editor: Person, operator: Person) -> None:
    made = scheduled(editor, suspend_after=1)
    ended(editor, made, "failed")
    suspend_failing()
    with pytest.raises(Forbidden):
        resume_flow(operator.actor, made.pk)
    assert active(made) == [False]


@pytest.mark.django_db(transaction=True)
def test_the_alert_is_sent_too(editor: Person, admin: Person, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    made = scheduled(editor, suspend_after=1)
    ended(editor, made, "failed")
    ProductVerbs().tick(0)
    message = Outbox.objects.get(topic="alert", key=str(made.pk))
    ProductVerbs().deliver(message.topic, message.key, orjson.loads(message.payload))
    assert "is suspended: its last 1 runs failed" in mail.outbox[0].body


@pytest.mark.django_db(transaction=True)
def test_many_hosts_look_and_one_suspends(editor: Person) -> None:
    made = scheduled(editor, suspend_after=3)
    ended(editor, made, "failed", "failed", "failed")

    def look(_: int) -> list[UUID]:
        try:
            return suspend_failing()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as hosts:
        acted = [flow for found in hosts.map(look, range(8)) for flow in found]
    assert acted == [made.pk]
    assert Alert.objects.filter(code="flow_suspended").count() == 1
    assert Outbox.objects.filter(topic="alert").count() == 1
    assert AuditEntry.objects.filter(verb="suspended").count() == 1


def test_over_http_a_flow_says_that_it_is_suspended_and_is_resumed(editor: Person, client: Any) -> None:
    made = scheduled(editor, suspend_after=1)
    (run,) = ended(editor, made, "failed")
    suspend_failing()
    told = client.get(f"/api/flows/{made.pk}/", headers=editor.headers).json()["suspended"]
    assert (told["failed"], told["run"], told["code"]) == (1, str(run), "no_stock")
    answer = client.post(f"/api/flows/{made.pk}/resume/", headers=editor.headers)
    assert (answer.status_code, answer.json()["suspended"]) == (200, None)
    assert active(made) == [True]
