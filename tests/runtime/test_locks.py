"""Locks on the executor, on PostgreSQL: who is inside, who is next, and that nothing keeps a lock it lost."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from flows.engine.events import LockGranted, StepStarted, StepSucceeded
from flows.journal.connection import connect
from flows.models import LockPlace, Run
from flows.operations.actor import Actor
from flows.operations.fsck import check
from flows.operations.locks import release_lock
from flows.operations.retention import OF_RUNS
from flows.runtime.clock import VirtualClock
from flows.runtime.executor import Executor, Pace
from flows.runtime.locks import FIRST, OPEN, Locks
from tests.runtime import house
from tests.runtime.house import executing, journal, publish, send, start, vanish, workspace
from tests.runtime.stage import Stage

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = 3_600_000_000
PATIENT = Pace(look=0.05, linger=30.0, slice=120.0)


def guarded(*, each: Any = None, **config: Any) -> dict[str, Any]:
    """A lock around two steps; the second says under which token."""
    inside = [
        {"id": "work", "type": "data.set", "parent": "guard", "config": {"fields": {"n": 1}}},
        {"id": "say", "type": "data.transform", "parent": "guard", "config": {"value": "{{ lock.token }}"}},
    ]
    guard = {"id": "guard", "type": "flow.lock", "config": {"name": "printer", **config}}
    edges = [{"from": "start", "to": "guard"}, {"from": "work", "to": "say"}]
    return {"dsl": 1, "nodes": [{"id": "start", "type": "trigger.manual"}, guard, *inside], "edges": edges}


def held(**config: Any) -> dict[str, Any]:
    """A lock around a wait of an hour."""
    document = guarded(**config)
    document["nodes"][2] |= {"type": "flow.wait", "config": {"for": "1h"}}
    return document


def status(run: Run) -> str:
    run.refresh_from_db()
    return run.status


def spans(runs: list[Run]) -> list[tuple[int, int, int]]:
    """Token, beginning and end of each run's stay inside, by token."""
    found = []
    for run in runs:
        events = journal(run)
        grant = next(event for event in events if isinstance(event, LockGranted))
        end = next(event for event in events if isinstance(event, StepSucceeded) and event.step == "guard")
        found.append((grant.token, grant.at, end.at))
    return sorted(found)


def drive(clock: VirtualClock | None = None) -> None:
    """Turns of an executor until all that can happen without anything else has happened."""
    while True:
        house.drive(**({"clock": clock} if clock is not None else {}))
        if (
            not Run.objects.filter(Q(status="queued") | Q(mail__gt=0), finished_at__isnull=True).exists()
            and not _open()
        ):
            return


def _open() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(OPEN, {"workspace": FIRST[0], "name": FIRST[1], "window": 1_000})
        return any(is_open for _, _, is_open in cursor.fetchall())


def let_in() -> None:
    """What an executor does at each look, with none there to see to what follows."""

    async def look() -> None:
        async with await connect("test") as own:
            await Locks(own).let_in()

    asyncio.run(look())


def sound() -> None:
    assert [str(fault) for fault in check().faults] == []


async def until(executor: Executor, *runs: Run) -> None:
    """Let the executor turn until these runs have ended."""
    turn = asyncio.ensure_future(executor.turn())
    try:
        async with asyncio.timeout(120):
            while not turn.done() and await _live(runs):
                await asyncio.sleep(0.02)
    finally:
        executor.stop()
        await turn


@sync_to_async
def _live(runs: tuple[Run, ...]) -> bool:
    try:
        return Run.objects.filter(pk__in=[run.pk for run in runs], finished_at__isnull=True).exists()
    finally:
        connection.close()


def drive_all(*runs: Run, executors: int = 1, **given: Any) -> None:
    async def together() -> None:
        async def one() -> None:
            async with executing(pace=PATIENT, **given) as executor:
                await until(executor, *runs)

        await asyncio.gather(*(one() for _ in range(executors)))

    asyncio.run(together())


def test_fifty_runs_in_line_all_pass_and_never_two_at_once() -> None:
    version = publish(guarded())
    runs = [start(version) for _ in range(50)]
    drive_all(*runs, executors=2)
    assert {status(run) for run in runs} == {"succeeded"}
    stays = spans(runs)
    assert len({token for token, _, _ in stays}) == 50
    for (_, _, ended), (_, began, _) in pairwise(stays):
        assert ended <= began
    assert {run.output for run in runs} == {str(token) for token, _, _ in stays}
    assert not LockPlace.objects.exists()
    sound()


def test_with_a_limit_so_many_are_inside_and_the_next_comes_when_one_leaves() -> None:
    version = publish(held(limit=3))
    runs = [start(version) for _ in range(5)]
    clock = VirtualClock()
    drive(clock)
    inside = LockPlace.objects.filter(token__isnull=False).order_by("token")
    assert [status(run) for run in runs] == ["waiting"] * 5
    assert inside.count() == 3
    first = Run.objects.get(pk=inside[0].run_id)
    waiting = list(LockPlace.objects.filter(token__isnull=True).order_by("id").values_list("run_id", flat=True))
    sound()
    send(first, "cancel")
    drive(clock)
    assert status(first) == "cancelled"
    assert set(LockPlace.objects.filter(token__isnull=False).values_list("run_id", flat=True)) >= {waiting[0]}
    assert inside.count() == 3
    sound()


def test_who_waits_is_parked_with_one_row_and_goes_on_by_the_doorbell() -> None:
    clock = VirtualClock()
    holder = start(publish(held()))
    drive(clock)
    waiter = start(publish(guarded()))
    drive(clock)
    assert (status(waiter), waiter.owner, waiter.wake_at) == ("waiting", None, None)
    clock.jump(clock.now() + HOUR)

    async def both() -> None:
        # It looks at everything by itself once an hour: only the bell can wake it.
        async with executing(clock=clock, pace=Pace(look=3_600.0, linger=60.0, slice=120.0)) as executor:
            await until(executor, holder, waiter)

    asyncio.run(both())
    assert (status(holder), status(waiter)) == ("succeeded", "succeeded")
    sound()


def test_a_wait_is_over_in_time_and_leaves_no_place() -> None:
    holder = start(publish(held()))
    clock = VirtualClock()
    drive(clock)
    late = start(publish(guarded(wait="10m")))
    drive(clock)
    assert (status(late), LockPlace.objects.count()) == ("waiting", 2)
    clock.jump(clock.now() + 700_000_000)
    drive(clock)
    assert status(late) == "failed"
    assert '"lock_timeout"' in (late.error or "")
    assert [place.run_id for place in LockPlace.objects.all()] == [holder.pk]
    sound()


@pytest.mark.parametrize("who", ["holder", "waiter"])
def test_a_cancelled_run_leaves_the_line_or_lets_the_lock_go(who: str) -> None:
    holder = start(publish(held()))
    drive()
    waiter = start(publish(guarded()))
    drive()
    send({"holder": holder, "waiter": waiter}[who], "cancel")
    drive_all(*([holder, waiter] if who == "holder" else [waiter]))
    assert status(waiter) == ("succeeded" if who == "holder" else "cancelled")
    assert LockPlace.objects.count() == (0 if who == "holder" else 1)
    sound()


def test_a_run_that_fails_inside_lets_the_lock_go() -> None:
    document = guarded()
    document["nodes"][2] = {"id": "work", "type": "flow.stop", "parent": "guard", "config": {"outcome": "error"}}
    failing, after = start(publish(document)), start(publish(guarded()))
    drive_all(failing, after)
    assert (status(failing), status(after)) == ("failed", "succeeded")
    sound()


def test_a_killed_executor_loses_no_lock_and_no_place() -> None:
    stage = Stage({"guard/work": [{"after": "1h"}]}, VirtualClock())
    holder = start(publish(guarded()))

    async def dies() -> None:
        async with executing(catalogue=stage, pace=PATIENT) as executor:
            turn = asyncio.ensure_future(executor.turn())
            while not any(driver.sleeping for driver in executor.drivers):
                await asyncio.sleep(0.01)
            await vanish(executor)
            turn.cancel()
            await asyncio.wait([turn])

    asyncio.run(dies())
    place = LockPlace.objects.get()
    assert (place.run_id, place.token is None) == (holder.pk, False)
    waiter = start(publish(guarded()))
    drive_all(holder, waiter)
    (first, _, ended), (second, began, _) = spans([holder, waiter])
    assert (first, second > first, ended <= began) == (place.token, True, True)
    assert sum(isinstance(event, LockGranted) for event in journal(holder)) == 1
    assert sum(isinstance(event, StepStarted) and event.step == "guard" for event in journal(holder)) == 1
    sound()


@pytest.mark.parametrize("is_granted", [True, False])
def test_a_grant_and_the_end_of_the_wait_at_once_exactly_one_wins(is_granted: bool) -> None:
    clock = VirtualClock()
    holder = start(publish(held()))
    drive(clock)
    late = start(publish(guarded(wait="10m")))
    drive(clock)
    after = start(publish(guarded()))
    drive(clock)
    if is_granted:
        LockPlace.objects.filter(run_id=holder.pk).update(released_at=timezone.now())
        let_in()
    clock.jump(clock.now() + 700_000_000)
    send(holder, "cancel")
    drive_all(holder, late, after, clock=clock)
    assert status(late) == ("succeeded" if is_granted else "failed")
    assert status(after) == "succeeded"
    assert not LockPlace.objects.exists()
    sound()


def test_two_runs_that_take_two_locks_in_opposite_orders_end_by_the_time_of_one() -> None:
    def nested(first: str, second: str) -> dict[str, Any]:
        nodes = [
            {"id": "start", "type": "trigger.manual"},
            {"id": "outer", "type": "flow.lock", "config": {"name": first}},
            {"id": "pause", "type": "flow.wait", "parent": "outer", "config": {"for": "3s"}},
            {"id": "inner", "type": "flow.lock", "parent": "outer", "config": {"name": second, "wait": "10s"}},
            {"id": "work", "type": "data.set", "parent": "inner", "config": {"fields": {"n": 1}}},
        ]
        return {"dsl": 1, "nodes": nodes, "edges": [{"from": "start", "to": "outer"}, {"from": "pause", "to": "inner"}]}

    clock = VirtualClock()
    one, other = start(publish(nested("a", "b"))), start(publish(nested("b", "a")))
    drive(clock)
    clock.jump(clock.now() + 4_000_000)
    drive(clock)
    assert (status(one), status(other)) == ("waiting", "waiting")
    assert LockPlace.objects.filter(token__isnull=True).count() == 2
    clock.jump(clock.now() + 11_000_000)
    drive_all(one, other, clock=clock)
    assert "failed" in {status(one), status(other)}
    assert not LockPlace.objects.exists()
    sound()


def test_a_run_that_vanishes_with_all_it_had_lets_the_lock_go() -> None:
    holder = start(publish(held()))
    drive()
    waiter = start(publish(guarded()))
    drive()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM flows_event WHERE run_id = %s", [holder.pk])
        cursor.execute("DELETE FROM flows_run WHERE id = %s", [holder.pk])
    drive_all(waiter)
    assert status(waiter) == "succeeded"
    assert any("flows_lockplace" in statement for statement in OF_RUNS)


def test_a_lock_taken_away_by_hand_goes_to_who_is_next_and_leaves_a_stale_token_behind() -> None:
    clock = VirtualClock()
    holder = start(publish(held()))
    drive(clock)
    place = LockPlace.objects.get()
    waiter = start(publish(guarded()))
    drive(clock)
    operator = Actor(user=None, name="operator", workspace=holder.workspace_id, role="operator")
    release_lock(operator, place.pk)
    drive_all(waiter, clock=clock)
    assert status(waiter) == "succeeded"
    assert int(waiter.output or "0") > (place.token or 0) > 0
    sound()
    clock.jump(clock.now() + HOUR)
    drive_all(holder, clock=clock)
    assert (status(holder), holder.output) == ("succeeded", str(place.token))
    assert not LockPlace.objects.exists()
    sound()


def test_locks_of_one_name_in_two_workspaces_are_two() -> None:
    start(publish(held()))
    drive()
    other = start(publish(guarded(), home=workspace("other")))
    drive_all(other)
    assert status(other) == "succeeded"


@pytest.mark.parametrize(
    ("plant", "sentence"),
    [
        ("UPDATE flows_lockplace SET token = 9 WHERE token IS NULL", "is held by 2, and 1 may"),
        ("UPDATE flows_lockplace SET token = token + 1 WHERE token IS NOT NULL", "granted was"),
        ("DELETE FROM flows_lockplace WHERE token IS NOT NULL", "has no place"),
        (
            (
                'INSERT INTO flows_lockplace (workspace_id, run_id, step, seed, name, "limit", asked_at)'
                " SELECT workspace_id, run_id, 'stray', 1, 'other', 1, now() FROM flows_lockplace WHERE token IS NULL"
            ),
            "journal doesn't know",
        ),
    ],
)
def test_fsck_names_what_must_never_be(plant: str, sentence: str) -> None:
    start(publish(held()))
    drive()
    start(publish(guarded()))
    drive()
    sound()
    with connection.cursor() as cursor:
        cursor.execute(plant)
        assert cursor.rowcount == 1
    assert any(fault.finding.rule == "lock" and sentence in fault.finding.sentence for fault in check().faults)


def test_fsck_names_a_token_that_shrank() -> None:
    for _ in range(2):
        start(publish(held(limit=2)))
        drive()
    sound()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE flows_lockplace SET granted_at = granted_at - interval '1 hour'"
            " WHERE token = (SELECT max(token) FROM flows_lockplace)"
        )
    assert any("was granted under token" in fault.finding.sentence for fault in check().faults)
