"""Large values: how long runs keep them, what stands in their place afterwards, and what is never taken."""

import importlib
import threading
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from flows.engine.part import Part
from flows.journal.connection import connect_sync
from flows.journal.kept import KEEP, NEED
from flows.journal.read import run_view, step_detail
from flows.models import Flow, Payload, PayloadUse, Run
from flows.operations import sweeping
from flows.operations.draft_runs import DraftOrder, start_draft
from flows.operations.freezing import ContentRemoved
from flows.operations.fsck import check
from flows.operations.rerunning import Again, preview_rerun, rerun
from flows.operations.retention import keep, purge
from flows.operations.starting import start
from tests.cast import Person, flow, person, with_nodes
from tests.runtime.house import drive

pytestmark = pytest.mark.django_db(transaction=True)

WIDE: dict[str, Any] = with_nodes(
    {"id": "start", "type": "trigger.manual"},
    {"id": "big", "type": "data.transform", "config": {"value": "{{ 'x' * 40000 }}"}},
    {"id": "after", "type": "data.transform", "config": {"value": "{{ len(nodes.big) }}"}},
)
CONTENT = "x" * 40_000


@pytest.fixture
def admin(transactional_db: None) -> Person:
    return person("admin", "admin")


def ran(who: Person, made: Flow) -> Run:
    run = Run.objects.get(pk=start(who.actor, made.pk).run.id)
    drive()
    run.refresh_from_db()
    assert run.status == "succeeded"
    return run


def later(days: int) -> datetime:
    """A moment so many days from now; nothing was used since."""
    Payload.objects.update(last_used_at=timezone.now() - timedelta(days=2))
    return timezone.now() + timedelta(days=days)


def output(run: Run, step: str = "big") -> Any:
    return (step_detail(run.pk, step) or {})["output"]


def test_a_flow_has_its_large_values_go_before_its_runs(admin: Person) -> None:
    made = flow(admin.actor, WIDE)
    keep(admin.actor, made.pk, days=None, failed_days=None, payload_days=3)
    run = ran(admin, made)
    purge(later(2))
    assert output(run) == CONTENT, "its time isn't over"
    assert sweeping.would_go(later(4)) == (1, 1)
    assert Payload.objects.count() == 1, "nothing was touched"
    purge(later(4))
    assert not Payload.objects.exists()
    assert output(run) == {"$omitted": "removed", "after_days": 3}
    assert output(run, "after") == 40_000
    assert (run_view(run.pk) or {})["status"] == "succeeded"
    assert sweeping.would_go(later(4)) == (0, 0)
    assert check().faults == []


def test_a_run_whose_own_output_was_removed_says_so(admin: Person) -> None:
    made = flow(admin.actor, with_nodes(*WIDE["nodes"][:2]))
    keep(admin.actor, made.pk, days=None, failed_days=None, payload_days=1)
    run = ran(admin, made)
    assert (run_view(run.pk) or {})["output"] == CONTENT
    purge(later(2))
    assert (run_view(run.pk) or {})["output"] == {"$omitted": "removed", "after_days": 1}


def test_without_days_of_its_own_a_value_stays_as_long_as_its_run(admin: Person) -> None:
    run = ran(admin, flow(admin.actor, WIDE))
    purge(later(29))
    assert output(run) == CONTENT
    assert purge(later(31)) == 1
    assert not Payload.objects.exists()
    assert not PayloadUse.objects.exists()


def test_the_setting_holds_where_a_flow_says_nothing(admin: Person, settings: Any) -> None:
    settings.MULGIL = settings.MULGIL | {"payload_days": 5}
    short, longer = flow(admin.actor, WIDE, name="Short"), flow(admin.actor, WIDE, name="Longer")
    assert keep(admin.actor, longer.pk, days=None, failed_days=None, payload_days=20).payload_days == 20
    assert keep(admin.actor, short.pk, days=None, failed_days=None).payload_days == 5
    one, other = ran(admin, short), ran(admin, longer)
    purge(later(6))
    assert output(one) == {"$omitted": "removed", "after_days": 5}
    assert output(other) == CONTENT, "the same content, that another run still keeps"
    purge(later(21))
    assert output(other) == {"$omitted": "removed", "after_days": 20}
    assert not Payload.objects.exists()


def test_a_run_that_has_not_ended_lets_nothing_go(admin: Person) -> None:
    rest = {"id": "rest", "type": "flow.wait", "config": {"for": "400d"}}
    made = flow(admin.actor, with_nodes(*WIDE["nodes"], rest))
    keep(admin.actor, made.pk, days=None, failed_days=None, payload_days=1)
    run = Run.objects.get(pk=start(admin.actor, made.pk).run.id)
    drive()
    purge(later(300))
    assert output(run) == CONTENT
    assert check().faults == []


def test_what_no_run_needs_goes_however_old_the_oldest_run_is(admin: Person) -> None:
    rest = {"id": "rest", "type": "flow.wait", "config": {"for": "400d"}}
    start(admin.actor, flow(admin.actor, with_nodes(WIDE["nodes"][0], rest), name="Waits").pk)
    made = flow(admin.actor, WIDE)
    keep(admin.actor, made.pk, days=1, failed_days=None)
    ran(admin, made)
    purge(later(2))
    assert not Payload.objects.exists(), "a run that waits for a year keeps its own values alone"


def test_a_run_again_takes_no_content_that_was_removed(admin: Person) -> None:
    made = flow(admin.actor, WIDE)
    keep(admin.actor, made.pk, days=None, failed_days=None, payload_days=3)
    run, twin = ran(admin, made), ran(admin, flow(admin.actor, WIDE, name="Twin"))
    again = rerun(admin.actor, run.pk, Again(from_step="after")).run.id
    drive()
    assert Run.objects.get(pk=again).output == "40000"
    purge(later(4))
    assert output(twin) == CONTENT
    [problem] = preview_rerun(admin.actor, run.pk, Again(from_step="after")).problems
    assert (problem["code"], problem["node"]) == ("content_removed", "big")
    with pytest.raises(ContentRemoved, match="What big returned was removed 3 days after its run had ended") as refused:
        rerun(admin.actor, run.pk, Again(from_step="after"))
    assert refused.value.status == 410
    fresh = rerun(admin.actor, run.pk, Again()).run.id
    drive()
    assert output(Run.objects.get(pk=fresh)) == CONTENT
    assert check().faults == []


def test_what_a_run_took_over_stays_when_the_run_it_is_from_is_purged(admin: Person) -> None:
    made = flow(admin.actor, WIDE)
    run = ran(admin, made)
    again = rerun(admin.actor, run.pk, Again(from_step="after")).run.id
    Run.objects.filter(pk=run.pk).update(finished_at=timezone.now() - timedelta(days=40))
    assert purge(later(0)) == 0, "its id says that it is young"
    Run.objects.filter(pk=again).update(created_at=timezone.now())
    keep(admin.actor, made.pk, days=1, failed_days=None)
    assert purge(later(2)) == 1
    drive()
    assert output(Run.objects.get(pk=again)) == CONTENT
    assert check().faults == []


def test_the_frozen_document_of_a_draft_stays_with_its_run(admin: Person) -> None:
    made = flow(admin.actor, WIDE, published=False)
    keep(admin.actor, made.pk, days=None, failed_days=None, payload_days=1)
    run = Run.objects.get(pk=start_draft(admin.actor, made.pk, DraftOrder()).run.id)
    drive()
    purge(later(2))
    assert output(run) == {"$omitted": "removed", "after_days": 1}
    assert [step["key"] for step in (run_view(run.pk) or {})["steps"]] == ["start", "big", "after"]
    assert check().faults == []
    assert purge(later(31)) == 1
    assert not Payload.objects.exists()


def test_a_part_of_a_draft_is_refused_the_outputs_that_were_removed(admin: Person) -> None:
    from_after = DraftOrder(part=Part("only", "after"))
    made = flow(admin.actor, WIDE)
    keep(admin.actor, made.pk, days=None, failed_days=None, payload_days=1)
    ran(admin, made)
    assert start_draft(admin.actor, made.pk, from_after).created
    drive()
    Run.objects.filter(is_test=True).delete()
    PayloadUse.objects.exclude(run__in=Run.objects.all()).delete()
    purge(later(2))
    with pytest.raises(ContentRemoved):
        start_draft(admin.actor, made.pk, from_after)


def test_what_a_called_run_gave_belongs_to_its_caller_too(admin: Person) -> None:
    child = flow(admin.actor, with_nodes(*WIDE["nodes"][:2]), name="child")
    keep(admin.actor, child.pk, days=1, failed_days=None)
    call = {"id": "call", "type": "flow.call", "config": {"flow": "child"}}
    caller = flow(admin.actor, with_nodes(WIDE["nodes"][0], call), name="caller")
    run = Run.objects.get(pk=start(admin.actor, caller.pk).run.id)
    for _ in range(20):
        drive()
        run.refresh_from_db()
        if run.finished_at is not None:
            break
    assert set(PayloadUse.objects.values_list("run__flow__name", flat=True)) == {"child", "caller"}
    assert purge(later(2)) == 1
    assert output(run, "call") == CONTENT
    assert check().faults == []


def test_a_value_that_is_being_written_again_is_passed_over(admin: Person) -> None:
    run = ran(admin, flow(admin.actor, WIDE))
    PayloadUse.objects.all().delete()
    later(0)
    name = Payload.objects.get().hash
    with connect_sync("test writer") as writer:
        with writer.transaction():
            writer.execute(KEEP, [[name], [b"1"]])
            assert sweeping.sweep(timezone.now()) == 0, "it doesn't wait for the writer, and doesn't take it"
            writer.execute(NEED, [[run.pk], [name]])
        assert sweeping.sweep(timezone.now()) == 0
    later(0)
    assert sweeping.sweep(timezone.now()) == 0, "it is needed now"


def test_a_value_written_while_it_is_deleted_is_there_afterwards(admin: Person) -> None:
    run = ran(admin, flow(admin.actor, WIDE))
    PayloadUse.objects.all().delete()
    later(0)
    name = Payload.objects.get().hash
    done = threading.Event()

    def write() -> None:
        with connect_sync("test late writer") as writer, writer.transaction():
            writer.execute(KEEP, [[name], [b'"%s"' % CONTENT.encode()]])
            writer.execute(NEED, [[run.pk], [name]])
        done.set()

    thread = threading.Thread(target=write)
    with transaction.atomic():
        assert sweeping.sweep(timezone.now()) == 1
        thread.start()
        with connect_sync("test watcher") as watcher:
            _until_it_waits(watcher)
        assert not done.is_set()
    thread.join(30)
    assert done.is_set()
    assert output(run) == CONTENT
    assert check().faults == []


def _until_it_waits(watcher: psycopg.Connection[Any]) -> None:
    asked = """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name LIKE '%late writer%' AND wait_event_type = 'Lock'
    """
    for _ in range(3_000):
        if watcher.execute(asked).fetchone() == (1,):
            return
        watcher.execute("SELECT pg_sleep(0.01)")
    raise AssertionError("the writer never met the row that is being deleted")


def test_what_a_starting_run_takes_over_is_not_taken_from_under_it(admin: Person) -> None:
    run = ran(admin, flow(admin.actor, WIDE))
    swept: list[int] = []

    def elsewhere() -> None:
        try:
            swept.append(sweeping.sweep(timezone.now()))
        finally:
            connection.close()

    with transaction.atomic():
        again = rerun(admin.actor, run.pk, Again(from_step="after")).run.id
        with connect_sync("test forgetting") as other:
            other.execute("DELETE FROM flows_payloaduse WHERE run_id = %s", [run.pk])
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join(30)
    assert swept == [0], "neither waited for nor taken"
    drive()
    assert output(Run.objects.get(pk=again)) == CONTENT


def test_what_runs_need_is_read_off_their_journals_once(admin: Person) -> None:
    made = flow(admin.actor, WIDE)
    run = ran(admin, made)
    rerun(admin.actor, run.pk, Again(from_step="after"))
    start_draft(admin.actor, made.pk, DraftOrder())
    before = set(PayloadUse.objects.values_list("run_id", "hash"))
    assert len(before) == 3
    with connection.cursor() as cursor:
        for _ in range(2):  # of the run that takes over, before it began and after
            cursor.execute("DELETE FROM flows_payloaduse")
            cursor.execute(importlib.import_module("flows.migrations.0023_payloads_by_need").NAMED)
            assert set(PayloadUse.objects.values_list("run_id", "hash")) == before
            drive()
            Run.objects.update(part="")
            before = set(PayloadUse.objects.values_list("run_id", "hash"))


@pytest.mark.parametrize(
    ("planted", "said"),
    [
        ("DELETE FROM flows_payload WHERE size = 40002", "that it needs is gone"),
        ("DELETE FROM flows_payloaduse", "nothing says that it is needed"),
        ("UPDATE flows_payloaduse SET removed_after = 1", "was let go while the run goes on"),
        ("DELETE FROM flows_payloaduse WHERE hash IN (SELECT document_hash FROM flows_run)", "its frozen document"),
        ("INSERT INTO flows_payloaduse (run_id, hash) VALUES (gen_random_uuid(), 'h')", "and it is gone"),
    ],
)
def test_fsck_names_what_does_not_hold(admin: Person, planted: str, said: str) -> None:
    rest = {"id": "rest", "type": "flow.wait", "config": {"for": "4d"}}
    start_draft(admin.actor, flow(admin.actor, with_nodes(*WIDE["nodes"], rest), published=False).pk, DraftOrder())
    drive()
    assert check().faults == []
    with connection.cursor() as cursor:
        cursor.execute(planted)
        assert cursor.rowcount > 0, "nothing was planted"
    assert any(fault.finding.rule == "payload" and said in fault.finding.sentence for fault in check().faults)


def test_the_command_tells_what_would_be_let_go(admin: Person, settings: Any) -> None:
    settings.MULGIL = settings.MULGIL | {"payload_days": 1}
    run = ran(admin, flow(admin.actor, WIDE))
    old = timezone.now() - timedelta(days=3)
    # The id of a run says when it was made.
    moved = run.pk.__class__(int=(int(old.timestamp() * 1000) << 80) | (run.pk.int & ((1 << 80) - 1)))
    Run.objects.filter(pk=run.pk).update(id=moved, finished_at=old)
    PayloadUse.objects.update(run=moved)
    told = StringIO()
    call_command("runs", "purge", "--dry-run", stdout=told)
    assert told.getvalue() == "0 runs would be deleted\n1 large values of 1 runs that stay would be let go\n"
    assert PayloadUse.objects.get().removed_after is None
