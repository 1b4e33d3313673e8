"""Who gets which run: fairness, orphans, careful mode, leases."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.utils import timezone

from flows.engine.events import AttemptLost
from flows.journal.connection import connect
from flows.models import Executor, Run
from flows.nodes.base import Effect
from flows.runtime.claims import Claims
from flows.runtime.executor import Pace
from flows.runtime.leases import LEASE, Lease, forget, vanished
from tests.runtime import nodes
from tests.runtime.house import (
    QUICK,
    chain,
    die_in_mid_step,
    drive,
    executing,
    journal,
    kinds,
    publish,
    start,
    workspace,
)
from tests.runtime.nodes import Catalogue, make

pytestmark = pytest.mark.django_db(transaction=True)


def claiming(scenario: Callable[[Claims], Coroutine[Any, Any, None]]) -> None:
    async def run() -> None:
        async with await connect("test") as connection:
            await scenario(Claims(connection, uuid4(), ["default"]))

    asyncio.run(run())


def test_workspaces_take_turns_however_many_runs_one_has() -> None:
    crowd = publish(chain(1))
    for _ in range(30):
        start(crowd, priority=9)
    lone = [start(publish(chain(1), home=workspace(name))) for name in ("b", "c")]

    async def scenario(claims: Claims) -> None:
        first = {run.id for run in await claims.ready(3)}
        assert {run.pk for run in lone} < first

    claiming(scenario)


def test_a_claim_raises_the_fence_and_takes_nothing_twice() -> None:
    runs = [start(publish(chain(1)), {"x": 1}) for _ in range(5)]

    async def scenario(claims: Claims) -> None:
        taken = await claims.ready(3) + await claims.ready(3)
        assert {run.id for run in taken} == {run.pk for run in runs}
        assert {run.fence for run in taken} == {1}
        assert await claims.ready(3) == []

    claiming(scenario)


def test_two_who_claim_at_one_instant_get_different_runs() -> None:
    for _ in range(20):
        start(publish(chain(1)))

    async def scenario(claims: Claims) -> None:
        async with await connect("other") as connection:
            other = Claims(connection, uuid4(), ["default"])
            mine, theirs = await asyncio.gather(claims.ready(10), other.ready(10))
            assert not {run.id for run in mine} & {run.id for run in theirs}
            assert len(mine) + len(theirs) + len(await claims.ready(20)) == 20

    claiming(scenario)


def test_what_is_due_is_judged_by_the_instant_it_is_asked_for() -> None:
    from datetime import UTC, datetime

    run = start(publish(chain(1)), status="waiting", wake_at=datetime(1970, 1, 1, 0, 0, 5, tzinfo=UTC))

    async def scenario(claims: Claims) -> None:
        assert await claims.next_due() == 5_000_000
        assert await claims.due(5, 4_999_999) == []
        assert [taken.id for taken in await claims.due(5, 5_000_000)] == [run.pk]
        assert await claims.next_due() is None

    claiming(scenario)


def test_mail_wakes_a_parked_run_but_no_ended_one() -> None:
    parked = start(publish(chain(1)), status="waiting", mail=1)
    start(publish(chain(1)), status="succeeded", mail=1, finished_at=timezone.now())

    async def scenario(claims: Claims) -> None:
        assert [run.id for run in await claims.due(5, 0)] == [parked.pk]

    claiming(scenario)


async def _gone(lease: Lease) -> None:
    """The process behind a lease is no more."""
    assert lease._beating is not None  # a death has no lawful way
    lease._beating.cancel()
    assert lease._connection is not None
    await lease._connection.close()


def leasing(scenario: Callable[[psycopg.AsyncConnection[Any], Lease], Coroutine[Any, Any, None]]) -> None:
    async def run() -> None:
        lease = Lease(["default"], lambda: None)
        async with await connect("test") as connection:
            await lease.begin()
            try:
                await scenario(connection, lease)
            finally:
                await lease.end()

    asyncio.run(run())


def test_an_executor_whose_process_ended_is_gone_at_once() -> None:
    async def scenario(connection: psycopg.AsyncConnection[Any], lease: Lease) -> None:
        assert await vanished(connection, uuid4()) == []
        await _gone(lease)
        while lease.id not in await vanished(connection, uuid4()):
            await asyncio.sleep(0.01)
        await forget(connection, [lease.id])

    leasing(scenario)
    assert not Executor.objects.exists()


def test_an_executor_that_is_silent_for_a_lease_is_gone_although_its_lock_stands() -> None:
    async def scenario(connection: psycopg.AsyncConnection[Any], lease: Lease) -> None:
        await connection.execute("UPDATE flows_executor SET seen_at = now() - %s * interval '1 second'", (LEASE + 1,))
        assert await vanished(connection, uuid4()) == [lease.id]
        await forget(connection, [lease.id])  # its lock stands: it may only be cut off
        assert await vanished(connection, lease.id) == []
        assert await lease.renew()
        assert await vanished(connection, uuid4()) == []

    leasing(scenario)


def test_an_executor_with_runs_is_not_forgotten() -> None:
    async def scenario(connection: psycopg.AsyncConnection[Any], lease: Lease) -> None:
        await asyncio.to_thread(_own, lease.id)
        await _gone(lease)
        await forget(connection, [lease.id])
        found = await connection.execute("SELECT count(*) FROM flows_executor")
        assert await found.fetchone() == (1,)

    leasing(scenario)


def _own(owner: UUID) -> None:
    from django.db import connection

    start(publish(chain(1)), owner=owner, status="running")
    connection.close()


def test_the_runs_of_one_that_vanished_go_on_in_careful_mode_without_doing_again_what_was_done() -> None:
    document = chain(2)
    document["nodes"][2] = {"id": "n1", "type": "log", "effect": "keyed"}
    run = start(publish(document))

    die_in_mid_step(Catalogue(make(nodes.forever, name="log")))
    run.refresh_from_db()
    assert run.owner is not None
    drive(pace=Pace(look=0.05, linger=0.3))
    run.refresh_from_db()
    assert run.status == "succeeded"
    assert run.fence == 2
    assert kinds(run).count("step_started") == 3
    losses = [event for event in journal(run) if isinstance(event, AttemptLost)]
    assert [(loss.step, loss.cause) for loss in losses] == [("n1", "vanished")]


def test_a_lost_lease_drops_the_runs_and_writes_nothing_more() -> None:
    run = start(publish(chain(1, {"type": "test.node"})))

    async def loses() -> None:
        async with executing(catalogue=Catalogue(make(nodes.forever)), pace=QUICK) as executor:
            turn = asyncio.ensure_future(executor.turn())
            while not any(driver.sleeping for driver in executor.drivers):
                await asyncio.sleep(0.01)
            async with await connect("test") as connection:
                # Due only later, so that whoever takes it is not this executor, before it is told.
                later = "UPDATE flows_run SET fence = fence + 1, owner = NULL, wake_at = now() + interval '1 hour'"
                await connection.execute(later)
            executor._station.lose()  # as the lease says it
            await turn

    asyncio.run(loses())
    assert Run.objects.get(pk=run.pk).fence == 2
    Run.objects.update(wake_at=timezone.now())
    drive(catalogue=Catalogue(make(nodes.telling)))
    run.refresh_from_db()
    assert run.status == "succeeded"


def test_the_runs_of_one_that_left_without_giving_them_back_go_on() -> None:
    run = start(publish(chain(1, {"type": "test.node"})))

    async def loses() -> None:
        async with executing(catalogue=Catalogue(make(nodes.forever)), pace=QUICK) as executor:
            turn = asyncio.ensure_future(executor.turn())
            while not any(driver.sleeping for driver in executor.drivers):
                await asyncio.sleep(0.01)
            executor._station.lose()  # as the bell says it: the lease still stands
            await turn

    asyncio.run(loses())
    assert not Executor.objects.exists()
    drive(catalogue=Catalogue(make(nodes.telling)))
    run.refresh_from_db()
    assert (run.status, run.fence) == ("succeeded", 2)


def test_a_run_claimed_late_for_an_executor_that_is_forgotten_is_taken_over() -> None:
    run = start(publish(chain(1)))

    async def claims_late() -> None:
        lease = Lease(["default"], lambda: None)
        async with await connect("test") as connection, await connect("test") as other:
            await lease.begin()
            await _gone(lease)
            while lease.id not in await vanished(other, uuid4()):
                await asyncio.sleep(0.01)
            await forget(other, [lease.id])
            # Sent into the cut, carried out now that the network is healed.
            assert [claimed.id for claimed in await Claims(connection, lease.id, ["default"]).ready(5)] == [run.pk]
            assert await vanished(other, uuid4()) == [lease.id]
            assert await vanished(other, lease.id) == []

    asyncio.run(claims_late())
    drive()
    run.refresh_from_db()
    assert (run.status, run.fence) == ("succeeded", 2)


def test_a_database_that_cuts_every_connection_costs_no_run_and_no_attempt() -> None:
    run = start(publish(chain(1, {"type": "test.node", "retry": {"max_attempts": 1}})))

    async def cut() -> None:
        async with executing(catalogue=Catalogue(make(nodes.forever, Effect.READ)), pace=QUICK) as executor:
            turn = asyncio.ensure_future(executor.turn())
            while not any(driver.sleeping for driver in executor.drivers):
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.05)
            async with await connect("test") as connection:
                await connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND application_name LIKE 'mulgil %' AND pid <> pg_backend_pid()"
                )
            await asyncio.wait_for(turn, 30)

    asyncio.run(cut())
    drive(catalogue=Catalogue(make(nodes.telling, Effect.READ)), pace=Pace(look=0.05, linger=0.5))
    run.refresh_from_db()
    assert run.status == "succeeded"
