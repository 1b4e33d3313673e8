from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import ProgrammingError, connection
from django.utils import timezone

from flows.errors import BadInput, Forbidden, NotFound
from flows.models import Delivery, Destination, Event, Flow, Inbox, Outbox, Payload, PayloadUse, Run, Workspace
from flows.models.base import first_id_at
from flows.operations.draft_runs import DraftOrder, start_draft
from flows.operations.retention import keep, purge, would_go
from flows.operations.starting import start
from flows.triggers import tick
from flows.triggers.tick import ProductVerbs
from tests.cast import Person, flow


def ended(editor: Person, made: Flow, days: int) -> Run:
    moment = timezone.now() - timedelta(days=days)
    # The id of a run says when it was made, so an old one has an old id.
    made_then = UUID(int=first_id_at(moment).int + uuid4().int % 2**60)
    Run.objects.filter(pk=start(editor.actor, made.pk).run.id).update(
        id=made_then, status="succeeded", created_at=moment, finished_at=moment, seq=1
    )
    run = Run.objects.get(pk=made_then)
    Event.objects.create(run=run, seq=1, kind="run_started", at=1, data="{}")
    Inbox.objects.create(run=run, kind="cancel")
    return run


@contextmanager
def table_away(name: str) -> Iterator[None]:
    """As where a migration is half done."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {name} RENAME TO away")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE away RENAME TO {name}")


def test_a_finished_run_goes_after_thirty_days_with_all_that_hangs_on_it(editor: Person) -> None:
    made = flow(editor.actor)
    old, young = ended(editor, made, 31), ended(editor, made, 29)
    assert purge() == 1
    assert list(Run.objects.values_list("pk", flat=True)) == [young.pk]
    assert list(Event.objects.values_list("run_id", flat=True)) == [young.pk]
    assert Inbox.objects.filter(run_id=old.pk).count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_purge_that_failed_is_done_again_soon_and_one_that_was_done_is_not(
    editor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tick, "PURGE_AGAIN", 0.0)
    old = ended(editor, flow(editor.actor), 31)
    verbs = ProductVerbs()
    with table_away("flows_wentby"), pytest.raises(ProgrammingError):
        verbs.tick(0)
    assert Run.objects.filter(pk=old.pk).exists()
    verbs.tick(0)
    assert not Run.objects.filter(pk=old.pk).exists()
    ended(editor, old.flow, 31)
    verbs.tick(0)
    assert Run.objects.count() == 1


def test_a_workspace_says_how_long(editor: Person) -> None:
    made = flow(editor.actor)
    ended(editor, made, 5)
    Workspace.objects.filter(pk=editor.actor.workspace).update(retention_days=3)
    assert purge() == 1


def test_a_run_that_goes_on_is_kept_however_old(editor: Person) -> None:
    run = start(editor.actor, flow(editor.actor).pk).run.id
    Run.objects.filter(pk=run).update(created_at=timezone.now() - timedelta(days=900), status="waiting")
    assert purge() == 0
    assert Run.objects.filter(pk=run).exists()


def test_a_run_that_names_a_purged_one_stays(editor: Person) -> None:
    made = flow(editor.actor)
    old, young = ended(editor, made, 31), ended(editor, made, 1)
    Run.objects.filter(pk=young.pk).update(rerun_of=old.pk)
    assert purge() == 1
    assert Run.objects.get(pk=young.pk).rerun_of_id == old.pk


def test_the_frozen_draft_of_an_old_run_that_goes_on_is_kept(editor: Person) -> None:
    made = flow(editor.actor, published=False)
    started = start_draft(editor.actor, made.pk, DraftOrder()).run.id
    moment = timezone.now() - timedelta(days=400)
    Run.objects.filter(pk=started).update(id=first_id_at(moment), created_at=moment, status="waiting")
    PayloadUse.objects.update(run=first_id_at(moment))
    Payload.objects.update(last_used_at=moment - timedelta(seconds=1))
    purge()
    assert Payload.objects.filter(hash=Run.objects.get().document_hash).exists()


def test_a_message_goes_with_its_run_and_one_that_has_not_arrived_keeps_its_run(editor: Person) -> None:
    made = flow(editor.actor)
    home = editor.actor.workspace
    shop = Destination.objects.create(workspace_id=home, name="shop")
    runs = {state: ended(editor, made, 31) for state in ("sent", "dropped", "waiting", "dead", "lost")}
    for state, run in runs.items():
        told = Outbox.objects.create(run=run, workspace_id=home, step="a", topic="t", payload="1")
        where = None if state == "lost" else shop
        Delivery.objects.create(
            message=told, workspace_id=home, destination=where, state="dead" if state == "lost" else state
        )
    assert purge() == 3
    assert set(Run.objects.values_list("pk", flat=True)) == {runs["waiting"].pk, runs["dead"].pk}
    assert Outbox.objects.count() == Delivery.objects.count() == 2
    Delivery.objects.update(state="sent")
    assert purge() == 2
    assert not Outbox.objects.exists()


def test_a_flow_says_how_long_and_keeps_failed_runs_longer(editor: Person, admin: Person, stranger: Person) -> None:
    short, other = flow(editor.actor, name="Short"), flow(editor.actor, name="Other")
    keep(admin.actor, short.pk, days=3, failed_days=10)
    old, failed, older = (ended(editor, short, days) for days in (5, 5, 11))
    Run.objects.filter(pk__in=[failed.pk, older.pk]).update(status="failed")
    parked = ended(editor, short, 400)
    Run.objects.filter(pk=parked.pk).update(status="waiting", finished_at=None)
    kept = ended(editor, other, 20)
    told = [(one.name, one.status, one.days, one.count) for one in would_go()]
    assert told == [("Short", "failed", 10, 1), ("Short", "succeeded", 3, 1)]
    assert Run.objects.filter(pk__in=[old.pk, older.pk]).count() == 2, "nothing was touched"
    assert (purge(), would_go()) == (2, [])
    assert set(Run.objects.values_list("pk", flat=True)) == {failed.pk, parked.pk, kept.pk}
    # Without words of its own it goes by the workspace's again.
    assert keep(admin.actor, short.pk, days=None, failed_days=None).days == 30
    assert purge() == 0
    for who, wrong in ((editor, Forbidden), (stranger, NotFound)):
        with pytest.raises(wrong):
            keep(who.actor, short.pk, days=1, failed_days=None)
    with pytest.raises(BadInput):
        keep(admin.actor, short.pk, days=0, failed_days=None)


def test_a_flow_may_keep_its_runs_longer_than_the_workspace(editor: Person, admin: Person) -> None:
    made = flow(editor.actor)
    keep(admin.actor, made.pk, days=60, failed_days=None)
    ended(editor, made, 40)
    assert purge() == 0
    keep(admin.actor, made.pk, days=60, failed_days=7)
    assert purge() == 0, "it didn't fail"
    Run.objects.update(status="failed")
    assert purge() == 1
