"""One owner at a time: a process that slept past its lease, and two that claim at one instant."""

import asyncio
import contextlib
import os
import signal
import time
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connection, transaction
from django.db.models import Count

from flows.journal.connection import connect
from flows.journal.flush import SESSION
from flows.models import Event, Executor, Run, Version
from flows.operations.fsck import check
from flows.runtime.claims import Claimed, Claims
from flows.runtime.context import idempotency_key
from flows.runtime.executor import Pace
from tests.crash.hatching import PATIENCE, Hatchery, wait_until
from tests.crash.stagehands import CATALOGUE, told
from tests.runtime.house import chain, executing, publish, start
from tests.runtime.nodes import Catalogue, forever, make

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 1_000
GONE = UUID(int=7)
HOLD = {"type": "test.hold", "config": {"value": 1}}


def test_a_process_stopped_past_its_lease_writes_nothing_when_it_goes_on(hatchery: Hatchery) -> None:
    run = start(publish(chain(1, HOLD)))
    sleeper = hatchery.hatch()
    wait_until(lambda: len(told(hatchery.world, "holding")) == 1, "nobody began the step")
    os.kill(sleeper, signal.SIGSTOP)
    heir = hatchery.hatch()
    wait_until(lambda: len(told(hatchery.world, "holding")) == 2, "nobody took the run over")
    hatchery.let_go()
    wait_until(lambda: is_over(run), "the run did not end")
    before = list(Event.objects.filter(run=run).order_by("seq").values_list("seq", "kind", "data"))
    os.kill(sleeper, signal.SIGCONT)
    wait_until(lambda: bool(told(hatchery.world, "refused")), "the sleeper never tried to write")
    assert told(hatchery.world, "refused") == [[str(run.pk), "RunLost"]]
    assert list(Event.objects.filter(run=run).order_by("seq").values_list("seq", "kind", "data")) == before
    assert [pid for _, pid in told(hatchery.world, "holding")] == [str(sleeper), str(heir)]
    assert {key for key, _ in told(hatchery.world, "effect")} == {idempotency_key(run.pk, "n0")}
    assert Run.objects.get(pk=run.pk).fence == 2
    assert check(known=CATALOGUE).faults == []


def test_two_executors_that_claim_at_one_instant_share_a_thousand_runs(hatchery: Hatchery) -> None:
    version = publish(chain(2))
    both = {str(hatchery.hatch()), str(hatchery.hatch())}
    wait_until(lambda: Executor.objects.count() == len(both), "they did not come up")
    with transaction.atomic(), connection.cursor() as cursor:
        Run.objects.bulk_create(one_of(version, number) for number in range(MANY))
        cursor.execute("SELECT pg_notify('mulgil_ready', 'default')")  # rings for both once all are there
    wait_until(lambda: not Run.objects.filter(finished_at__isnull=True).exists(), "not all runs ended")
    claims = told(hatchery.world, "claimed")
    assert {pid for pid, *_ in claims} == both, "one of them took them all"
    taken = [run for _, *runs in claims for run in runs]
    assert len(taken) == len(set(taken)) == MANY
    assert set(Run.objects.values_list("status", "fence")) == {("succeeded", 1)}
    assert set(Event.objects.values("run").annotate(count=Count("*")).values_list("count", flat=True)) == {6}
    assert check().faults == []


def test_a_run_that_comes_back_to_a_process_that_still_drives_it_is_driven_by_one() -> None:
    """It fell silent, another took the run and gave it back: the new driver gets the run's mail, the old one ends."""
    run = start(publish(chain(1, {"type": "test.node"})))
    catalogue = Catalogue(make(forever))

    async def comes_back() -> None:
        async with executing(
            pace=Pace(look=0.05, linger=60.0, slice=600.0, grace=0.2), catalogue=catalogue
        ) as executor:
            turn = asyncio.ensure_future(executor.turn())
            while not executor.drivers:
                await asyncio.sleep(0.01)
            old = executor._tasks[run.pk]  # what it is about: who is driven by which task
            async with await connect("test other") as other:
                await other.execute("UPDATE flows_run SET owner = %s WHERE id = %s", (GONE, run.pk))
            while executor._tasks[run.pk] is old:
                assert not turn.done()
                executor.look()
                await asyncio.sleep(0.01)
            await asyncio.wait([old])
            assert old.cancelled()
            assert len(executor.drivers) == len(executor._tasks) == 1
            executor.stop()
            await turn

    asyncio.run(comes_back())
    assert check(known=catalogue).faults == []


def test_a_transaction_left_open_by_a_host_that_is_cut_off_holds_its_runs_up_for_seconds_alone() -> None:
    """Its rows stay locked as long as the server waits for it, and a claim passes locked rows over."""
    run = start(publish(chain(1)), owner=GONE, status="running", fence=1)

    async def cut_off() -> list[Claimed]:
        async with await connect("test left open") as left, await connect("test claims") as claiming:
            await left.execute(SESSION, prepare=False)
            await left.execute("BEGIN")
            await left.execute("UPDATE flows_run SET seq = 0 WHERE id = %s", (run.pk,))
            claims = Claims(claiming, uuid4(), ["default"])
            assert await claims.orphaned(1, [GONE]) == []
            until = time.monotonic() + PATIENCE
            while not (taken := await claims.orphaned(1, [GONE])):
                assert time.monotonic() < until, "the server waits for ever"
                await asyncio.sleep(0.1)
            with contextlib.suppress(psycopg.OperationalError):
                await left.close()
            return taken

    assert [claimed.id for claimed in asyncio.run(cut_off())] == [run.pk]


def one_of(version: Version, number: int) -> Run:
    run = Run(version=version, number=number, trigger="start", input="{}")
    run.workspace_id, run.flow_id = version.flow.workspace_id, version.flow_id
    run.document_hash, run.created_at = version.hash, version.published_at
    return run


def is_over(run: Run) -> bool:
    return Run.objects.filter(pk=run.pk, finished_at__isnull=False).exists()
