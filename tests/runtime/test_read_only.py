"""A database that takes no writes for a while, as when its disk is full or another server is to take over.

Sessions that begin meanwhile stay as they are however long they live, so whoever has one needs another.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import psycopg
import pytest
from psycopg import sql

from flows.journal.connection import connect, connect_sync
from flows.journal.flush import flush
from flows.models import Run
from flows.nodes.base import Effect, Json, Step
from flows.operations.fsck import check
from flows.runtime.executor import Executor, Pace
from tests.runtime.house import chain, executing, publish, start
from tests.runtime.nodes import Catalogue, Nothing, make

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 90.0
CUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE %s AND application_name NOT LIKE 'mulgil test%%'
"""


@contextlib.contextmanager
def taking_no_writes(cut: str) -> Iterator[None]:
    """New sessions may only read, and those of this name have to begin anew."""
    with connect_sync("test switch") as switch:
        name = sql.Identifier(switch.info.dbname)
        switch.execute("SET default_transaction_read_only = off")
        switch.execute(sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name))
        try:
            switch.execute(CUT, (f"mulgil {cut}",))
            yield
        finally:
            switch.execute(sql.SQL("ALTER DATABASE {} RESET default_transaction_read_only").format(name))


Done = Callable[[], Awaitable[bool]]


@contextlib.asynccontextmanager
async def watching(run: Run) -> AsyncIterator[Done]:
    """Whether it is over, asked over a session from before: one of Django's would stay as it was when it began."""
    async with await connect("test watch") as watch:

        async def is_over() -> bool:
            cursor = await watch.execute("SELECT finished_at IS NOT NULL FROM flows_run WHERE id = %s", (run.pk,))
            return await cursor.fetchone() == (True,)

        yield is_over


@pytest.mark.parametrize("cut", ["journal", "lease", "claims", "%"])
def test_a_database_that_takes_no_writes_for_a_while_costs_no_run(cut: str, caplog: pytest.LogCaptureFixture) -> None:
    begun, may_go_on = asyncio.Event(), asyncio.Event()

    async def gate(config: Nothing, step: Step) -> Json:
        begun.set()
        await may_go_on.wait()
        return None

    catalogue = Catalogue(make(gate, Effect.KEYED))
    run = start(publish(chain(3, {"type": "test.node"})))

    def refusals() -> int:
        return sum("read-only" in record.getMessage() for record in caplog.records)

    async def turns(executor: Executor, is_over: Done) -> None:
        while not await is_over():
            await executor.turn()

    async def play() -> None:
        pace = Pace(look=0.05, linger=0.2)
        async with (
            asyncio.timeout(PATIENCE),
            watching(run) as is_over,
            executing(catalogue=catalogue, pace=pace) as executor,
        ):
            driving = asyncio.ensure_future(turns(executor, is_over))
            await begun.wait()
            with taking_no_writes(cut):
                if cut == "journal":
                    may_go_on.set()  # only then there is something to write
                while refusals() < 2:
                    assert not driving.done()
                    await asyncio.sleep(0.01)
            may_go_on.set()
            await driving

    asyncio.run(play())
    run.refresh_from_db()
    assert run.status == "succeeded"
    assert check(known=catalogue).faults == []


def test_a_writer_that_ends_by_what_nobody_foresaw_ends_its_executors_turn_and_the_run_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = start(publish(chain(2)))
    failures = [psycopg.errors.InternalError_("that should never be")]

    async def failing(*given: object) -> object:
        if failures:
            raise failures.pop()
        return await flush(*given)  # type: ignore[arg-type]  # as they were given

    monkeypatch.setattr("flows.journal.writer.flush", failing)

    async def play() -> None:
        async with asyncio.timeout(PATIENCE), watching(run) as is_over, executing() as executor:
            await executor.turn()
            assert not failures
            assert not executor.drivers, "it holds on to runs that it can't write"
            while not await is_over():
                await executor.turn()

    asyncio.run(play())
    run.refresh_from_db()
    assert run.status == "succeeded"
    assert check().faults == []
