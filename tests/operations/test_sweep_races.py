"""A run begins to need a value between the sweep's look and its lock: on the real database nothing needed is deleted.

The sweep is held where it has seen that nobody needs the value and has not locked it yet: a clause that waits stands
beside the condition, and is asked while the rows are looked at.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from flows.engine.part import Part
from flows.journal.connection import connect_sync
from flows.models import Payload, PayloadUse, Run
from flows.operations import sweeping
from flows.operations.draft_runs import DraftOrder, start_draft
from flows.operations.fsck import check
from flows.operations.rerunning import Again, rerun
from flows.operations.starting import start
from tests.cast import Person, flow, person, with_nodes
from tests.operations.test_sweeping import CONTENT, WIDE, later, output, ran
from tests.runtime.house import drive

pytestmark = pytest.mark.django_db(transaction=True)

LOCK: Final = 7_403
# The locks of a server are those of all its databases: what stands beside this test may wait for a lock of that name too.
WAITS: Final = """
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@pytest.fixture
def admin(transactional_db: None) -> Person:
    return person("admin", "admin")


@contextmanager
def sweeping_meanwhile(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The block runs after the sweep's look and before its lock; afterwards stands how many values went."""
    slow = sweeping.SWEEP.replace(
        "AND NOT EXISTS", f"AND pg_advisory_xact_lock_shared({LOCK})::text = '' AND NOT EXISTS"
    )
    assert slow != sweeping.SWEEP
    monkeypatch.setattr(sweeping, "SWEEP", slow)
    swept: list[int] = []

    def sweep() -> None:
        try:
            swept.append(sweeping.sweep(timezone.now()))
        finally:
            connection.close()

    thread = threading.Thread(target=sweep)
    with connect_sync("test sweep races") as held:
        held.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        thread.start()
        try:
            _until_it_waits(held, thread)
            yield swept
        finally:
            held.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
            thread.join(30)
    assert swept, "the sweep ended"


def _until_it_waits(held: psycopg.Connection[Any], thread: threading.Thread) -> None:
    for _ in range(3_000):
        if held.execute(WAITS, [LOCK]).fetchone() == (1,):
            return
        assert thread.is_alive(), "the sweep ended without having looked"
        held.execute("SELECT pg_sleep(0.01)")
    raise AssertionError("the sweep never came to a value")


def nobodys() -> None:
    """Values that nobody needs, and nobody has used for long."""
    PayloadUse.objects.all().delete()
    later(0)


def by_a_run_of_its_own(admin: Person) -> Callable[[], UUID]:
    """The executor writes an event that names the content."""
    made = flow(admin.actor, WIDE)
    ran(admin, made)
    nobodys()
    waiting = start(admin.actor, made.pk).run.id

    def begin() -> UUID:
        drive()
        return waiting

    return begin


def by_a_run_again(admin: Person) -> Callable[[], UUID]:
    """A start takes the content over from a run that doesn't need it any more by the time of the lock."""
    run = ran(admin, flow(admin.actor, WIDE))
    nobodys()

    def begin() -> UUID:
        made = rerun(admin.actor, run.pk, Again(from_step="after")).run.id
        drive()
        return made

    return begin


def by_a_part_of_a_draft(admin: Person) -> Callable[[], UUID]:
    made = flow(admin.actor, WIDE)
    ran(admin, made)
    nobodys()

    def begin() -> UUID:
        found = start_draft(admin.actor, made.pk, DraftOrder(part=Part("only", "after"))).run.id
        drive()
        return found

    return begin


def by_its_input(admin: Person) -> Callable[[], UUID]:
    """The content is what the run was started with."""
    made = flow(admin.actor, with_nodes(WIDE["nodes"][0]))
    first = start(admin.actor, made.pk, input={"text": CONTENT}).run.id
    drive()
    assert Run.objects.get(pk=first).status == "succeeded"
    nobodys()
    waiting = start(admin.actor, made.pk, input={"text": CONTENT}).run.id

    def begin() -> UUID:
        drive()
        return waiting

    return begin


WAYS: Final = [by_a_run_of_its_own, by_a_run_again, by_a_part_of_a_draft, by_its_input]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_what_begins_to_be_needed_between_look_and_lock_stays(
    admin: Person, monkeypatch: pytest.MonkeyPatch, way: Callable[[Person], Callable[[], UUID]]
) -> None:
    begin = way(admin)
    before = set(Payload.objects.values_list("hash", flat=True))
    with sweeping_meanwhile(monkeypatch) as swept:
        run = begin()
        needed = set(PayloadUse.objects.filter(run_id=run).values_list("hash", flat=True))
        assert needed & before, "it needs what nobody did when the sweep looked"
    assert swept == [len(before - needed)]
    assert needed <= set(Payload.objects.values_list("hash", flat=True))
    assert [one for one in check(run).faults if one.finding.rule == "payload"] == []
    assert Run.objects.get(pk=run).status == "succeeded"


def test_the_document_of_a_draft_that_starts_between_look_and_lock_stays(
    admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = flow(admin.actor, WIDE, published=False)
    start_draft(admin.actor, made.pk, DraftOrder())
    drive()
    nobodys()
    with sweeping_meanwhile(monkeypatch):
        run = Run.objects.get(pk=start_draft(admin.actor, made.pk, DraftOrder()).run.id)
    assert Payload.objects.filter(hash=run.document_hash).exists()
    drive()
    assert output(run) == CONTENT
    assert check(run.pk).faults == []


def test_what_a_called_run_gives_between_look_and_lock_stays_with_its_caller(
    admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = flow(admin.actor, with_nodes(*WIDE["nodes"][:2]), name="child")
    ran(admin, child)
    nobodys()
    call = {"id": "call", "type": "flow.call", "config": {"flow": "child"}}
    run = Run.objects.get(
        pk=start(admin.actor, flow(admin.actor, with_nodes(WIDE["nodes"][0], call), name="caller").pk).run.id
    )
    with sweeping_meanwhile(monkeypatch) as swept:
        for _ in range(20):
            drive()
            run.refresh_from_db()
            if run.finished_at is not None:
                break
        assert PayloadUse.objects.filter(run=run).exists()
    assert swept == [0]
    assert output(run, "call") == CONTENT
    assert check(run.pk).faults == []


def test_what_nobody_needs_goes_although_the_sweep_was_held(admin: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    ran(admin, flow(admin.actor, WIDE))
    nobodys()
    with sweeping_meanwhile(monkeypatch) as swept:
        pass
    assert swept == [1]
    assert not Payload.objects.exists()
