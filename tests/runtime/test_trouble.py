"""What may go wrong around a run: doorbells, clocks, disks, sizes, changes of its flow, a night without executors."""

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import Client

from flows.engine.events import StepFailed, TimerSet
from flows.journal import flush as flushing
from flows.journal.connection import connect, connect_sync
from flows.models import Payload, Run
from flows.nodes.base import Json, Step
from flows.operations.drafts import save_draft
from flows.operations.fsck import check
from flows.operations.publishing import publish as publish_flow
from flows.operations.releases import roll_back
from flows.operations.starting import start as start_flow
from flows.runtime.clock import VirtualClock
from flows.runtime.executor import Pace
from flows.security.limits import LIMITS
from tests.cast import flow, person, with_nodes
from tests.runtime.house import QUICK, chain, drive, executing, journal, kinds, publish, start
from tests.runtime.nodes import Catalogue, Nothing, large, make

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = 3_600_000_000
WAIT = {"type": "flow.wait", "config": {"for": "1h"}}


def faults(catalogue: Any = None) -> list[str]:
    return [str(fault) for fault in check(known=catalogue).faults]


def test_the_same_doorbell_ten_times_is_one_run_taken_once() -> None:
    run = start(publish(chain(3)))

    async def rung() -> None:
        async with executing(pace=QUICK) as one, executing(pace=QUICK) as two:
            turns = asyncio.gather(one.turn(), two.turn())
            async with await connect("test bell") as bell:
                for _ in range(10):
                    await bell.execute("NOTIFY mulgil_ready, 'default'")
                    await bell.execute("NOTIFY mulgil_ready, ''")
            await turns

    asyncio.run(rung())
    run.refresh_from_db()
    assert (run.status, run.fence) == ("succeeded", 1)
    assert kinds(run).count("step_started") == 3
    assert faults() == []


def test_a_timer_that_fell_due_while_nobody_was_there_fires_once() -> None:
    run = start(publish(chain(1, WAIT)))
    drive(clock=VirtualClock(start=HOUR))
    assert Run.objects.get(pk=run.pk).status == "waiting"

    async def morning() -> None:
        clock = VirtualClock(start=10 * HOUR)
        async with executing(clock=clock) as one, executing(clock=clock) as two:
            await asyncio.gather(one.turn(), two.turn())

    asyncio.run(morning())
    run.refresh_from_db()
    assert (run.status, run.fence) == ("succeeded", 2)
    assert kinds(run).count("step_succeeded") == 1
    assert faults() == []


@pytest.mark.parametrize("jump", [-5 * HOUR, 5 * HOUR], ids=["back", "ahead"])
def test_a_clock_that_jumps_between_two_executors_neither_loses_a_timer_nor_fires_it_twice(jump: int) -> None:
    run = start(publish(chain(1, WAIT)))
    drive(clock=VirtualClock(start=10 * HOUR))
    due = next(event.due for event in journal(run) if isinstance(event, TimerSet))
    drive(clock=VirtualClock(start=10 * HOUR + jump))
    assert kinds(run).count("step_succeeded") == (jump > 0)
    drive(clock=VirtualClock(start=due))
    run.refresh_from_db()
    assert run.status == "succeeded"
    assert kinds(run).count("step_succeeded") == 1
    assert faults() == []


def test_a_clock_that_goes_back_while_a_run_is_driven_leaves_its_journal_in_order() -> None:
    class Wrong(VirtualClock):
        """Goes back a second at every look."""

        def now(self) -> int:
            self._now -= 1_000_000
            return self._now

    run = start(publish(chain(3, {"type": "data.set", "config": {"fields": {"n": 1}}})))
    drive(clock=Wrong(start=HOUR))
    run.refresh_from_db()
    assert run.status == "succeeded"
    assert faults() == []


@contextlib.contextmanager
def full_disk() -> Iterator[None]:
    """No payload can be stored, as when the disk is full."""
    with connect_sync("test disk") as disk:
        disk.execute(
            "CREATE FUNCTION is_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full'; END $$; "
            "CREATE TRIGGER full_disk BEFORE INSERT ON flows_payload EXECUTE FUNCTION is_full()"
        )
    try:
        yield
    finally:
        with connect_sync("test disk") as disk:
            disk.execute("DROP TRIGGER full_disk ON flows_payload; DROP FUNCTION is_full()")


def test_a_full_disk_holds_runs_up_and_loses_nothing_once_there_is_room() -> None:
    catalogue = Catalogue(make(large))
    run = start(publish(chain(1, {"type": "test.node"})))
    tries: list[float] = []
    original = flushing.flush

    async def until_room() -> None:
        async with executing(catalogue=catalogue, pace=Pace(look=0.05, linger=0.2)) as executor:
            with full_disk():
                turn = asyncio.ensure_future(executor.turn())
                while len(tries) < 4:
                    await asyncio.sleep(0.01)
                assert not turn.done()
                assert await asyncio.to_thread(stored) == 0
            await turn

    async def counted(*given: Any) -> Any:
        tries.append(asyncio.get_running_loop().time())
        return await original(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.journal.writer.flush", counted)
        asyncio.run(until_room())
    run.refresh_from_db()
    assert run.status == "succeeded"
    assert stored() == 1
    assert tries[3] - tries[0] > 0.1, "it asked again and again without a pause"
    assert faults(catalogue) == []


def stored() -> int:
    try:
        return Payload.objects.count()
    finally:
        connection.close()


def test_an_output_of_100_mb_fails_its_step_with_its_size_and_nobody_elses() -> None:
    async def huge(config: Nothing, step: Step) -> Json:
        return "x" * 100_000_000

    catalogue = Catalogue(make(huge))
    run, other = start(publish(chain(1, {"type": "test.node"}))), start(publish(chain(2)))
    drive(catalogue=catalogue)
    run.refresh_from_db()
    other.refresh_from_db()
    assert (run.status, other.status) == ("failed", "succeeded")
    error = next(event.error for event in journal(run) if isinstance(event, StepFailed))
    size = 100_000_000 + len('""')
    assert (error.code, error.klass) == ("output_too_large", "permanent")
    assert error.message == f"The output is {size} bytes, over the limit of {LIMITS.step_output}."
    assert Payload.objects.count() == 0
    assert faults(catalogue) == []


def test_publishing_rolling_back_and_deleting_leave_a_run_on_its_own_version(client: Client) -> None:
    """To delete a flow archives it; nothing in the product erases one."""
    editor = person("editor", "editor")
    first = with_nodes(
        {"id": "start", "type": "trigger.manual"}, {"id": "wait", **WAIT}, {"id": "say", **value("first")}
    )
    made = flow(editor.actor, first)
    started = start_flow(editor.actor, made.pk).run.id
    drive(clock=VirtualClock(start=HOUR))
    second = with_nodes({"id": "start", "type": "trigger.manual"}, {"id": "say", **value("second")})
    save_draft(editor.actor, made.pk, document=second, revision=1)
    publish_flow(editor.actor, made.pk)
    roll_back(editor.actor, made.pk, version=1)
    roll_back(editor.actor, made.pk, version=2)
    assert client.delete(f"/api/flows/{made.pk}/", headers=editor.headers).status_code == 204
    made.refresh_from_db()
    assert made.archived_at is not None
    drive(clock=VirtualClock(start=3 * HOUR))
    run = Run.objects.get(pk=started)
    assert (run.status, run.output) == ("succeeded", '"first"')
    assert made.versions.count() == 2
    assert faults() == []


def value(said: str) -> dict[str, Any]:
    return {"type": "data.transform", "config": {"value": said}}


@pytest.mark.parametrize("half", [True, False], ids=["in mid-copy", "before it"])
def test_a_connection_cut_in_mid_copy_writes_the_batch_once(half: bool) -> None:
    runs = [start(publish(chain(3))) for _ in range(5)]
    original, cuts = flushing._copy, []

    async def cut(copying: Any, batches: Any) -> None:
        if cuts:
            return await original(copying, batches)
        cuts.append(True)
        async with copying.cursor() as cursor, cursor.copy(flushing.COPY_EVENTS) as copy:
            if half:
                text = flushing.copy_text(batches)
                await copy.write(text[: text.index(b"\n") + 1])
            await asyncio.to_thread(terminate, copying.info.backend_pid)
            await copy.write(flushing.copy_text(batches))
        raise AssertionError("the connection was not cut")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flushing, "AT_ONCE_ROWS", -1)
        patch.setattr(flushing, "_copy", cut)
        drive()
    assert cuts
    assert {run.status for run in Run.objects.all()} == {"succeeded"}
    assert {len(kinds(run)) for run in runs} == {8}
    assert faults() == []


def terminate(pid: int) -> None:
    with connect_sync("test cut") as other, contextlib.suppress(psycopg.OperationalError):
        other.execute("SELECT pg_terminate_backend(%s, 10000)", (pid,))
