"""Statements that somebody has the server give up (57014: an operator, a time limit), and rights that are withdrawn (42501).

Neither says anything of a run: what is under way goes on, is written as soon as it can be, and nothing is done twice.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from psycopg import sql

from flows.engine.events import AttemptLost
from flows.journal.connection import connect, connect_sync
from flows.models import Alert, Run
from flows.nodes.base import Effect, Json, Step
from flows.operations.fsck import check
from flows.runtime.executor import Executor, Pace
from tests.runtime.house import chain, executing, journal, publish, start
from tests.runtime.nodes import Catalogue, Nothing, make

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 90.0
PACE = Pace(look=0.05, linger=0.2)
WAITS = """
SELECT pid, query_start, query FROM pg_stat_activity
WHERE datname = current_database() AND application_name = %s AND state = 'active' AND wait_event_type = 'Lock'
"""
STILL = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = %s AND query_start = %s AND state = 'active')"


class Gate:
    """A step with an effect that waits in the midst of it; `times` it was performed."""

    def __init__(self, answer: Json = None) -> None:
        self.begun, self.may_go_on = asyncio.Event(), asyncio.Event()
        self.times = 0

        async def gate(config: Nothing, step: Step) -> Json:
            self.times += 1
            self.begun.set()
            await self.may_go_on.wait()
            return answer

        self.catalogue = Catalogue(make(gate, Effect.KEYED))


@pytest.fixture(autouse=True)
def quick_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.runtime.leases.HEARTBEAT", 0.2)


@contextlib.asynccontextmanager
async def driving(run: Run, executor: Executor) -> AsyncIterator[None]:
    """Turn after turn until the run is over, at the end of the block."""

    async def turns() -> None:
        async with await connect("test watch") as watch:
            while True:
                cursor = await watch.execute("SELECT finished_at IS NOT NULL FROM flows_run WHERE id = %s", (run.pk,))
                if await cursor.fetchone() == (True,):
                    return
                await executor.turn()

    under_way = asyncio.ensure_future(turns())
    yield
    await under_way


async def cancelled(name: str, table: str, what: str, begin: Callable[[], object]) -> None:
    """Have the server give up two statements of the connections of this name that begin so, each in its midst."""
    left, held = 2, sql.SQL("BEGIN; LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.Identifier(table))
    async with await connect("test hand") as hand, await connect("test eye") as eye:
        await hand.execute(held)
        begin()
        while left > 0:
            for pid, began, query in await (await eye.execute(WAITS, (f"mulgil {name}",))).fetchall():
                if query.strip().startswith(what):
                    left -= 1
                    await eye.execute("SELECT pg_cancel_backend(%s)", (pid,))
                    while await (await eye.execute(STILL, (pid, began))).fetchone() == (True,):
                        await asyncio.sleep(0.01)
                else:  # in one message, so that what comes behind it meets the lock again
                    await hand.execute(sql.SQL("ROLLBACK; ") + held)
            await asyncio.sleep(0.01)
        await hand.execute("ROLLBACK")


def gated(last: dict[str, Any]) -> dict[str, Any]:
    """A chain whose second step has an effect and waits, and whose last is this one."""
    document = chain(2, {"type": "test.node"})
    document["nodes"].append({"id": "last"} | last)
    document["edges"].append({"from": "n1", "to": "last"})
    return document


ONE = {"type": "data.set", "config": {"fields": {"n": 1}}}
MESSAGE = {"type": "outbox.publish", "config": {"topic": "orders", "payload": 1}}


@pytest.mark.parametrize(
    ("name", "table", "what", "last"),
    [
        pytest.param("journal", "flows_event", "WITH ours", ONE, id="the journal, in one statement"),
        pytest.param("journal", "flows_run", "", ONE, id="the journal, before anything is written"),
        pytest.param("journal", "flows_event", "COPY", MESSAGE, id="the journal, in mid-COPY"),
        pytest.param("journal", "flows_outbox", "INSERT", MESSAGE, id="the journal, behind its events"),
        pytest.param("lease", "flows_executor", "UPDATE", ONE, id="the lease"),
        pytest.param("claims", "flows_run", "", ONE, id="the claims"),
        pytest.param("claims", "flows_lockplace", "", ONE, id="the claims, at the locks"),
    ],
)
def test_a_statement_that_is_cancelled_is_made_again_and_costs_no_attempt(
    name: str, table: str, what: str, last: dict[str, Any]
) -> None:
    gate = Gate()
    run = start(publish(gated(last)))

    async def play() -> None:
        async with (
            asyncio.timeout(PATIENCE),
            executing(catalogue=gate.catalogue, pace=PACE) as executor,
            driving(run, executor),
        ):
            await gate.begun.wait()
            await cancelled(name, table, what, gate.may_go_on.set if name == "journal" else lambda: None)
            gate.may_go_on.set()

    asyncio.run(play())
    ended_well(run, gate)


def ended_well(run: Run, gate: Gate) -> None:
    run.refresh_from_db()
    assert run.status == "succeeded"
    assert gate.times == 2
    assert not [event for event in journal(run) if isinstance(event, AttemptLost)]
    assert not Alert.objects.exists()
    assert check(known=gate.catalogue).faults == []


# --- rights -------------------------------------------------------------------------------------------------------


@pytest.fixture
def role() -> Iterator[str]:
    """A role that may do what the product does, and no more."""
    with connect_sync("test owner") as owner:
        name = f"limited_{owner.info.dbname}"
        role = sql.Identifier(name)
        owner.execute(sql.SQL("CREATE ROLE {}").format(role))
        owner.execute(sql.SQL("GRANT ALL ON ALL TABLES IN SCHEMA public TO {}").format(role))
        owner.execute(sql.SQL("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {}").format(role))
        try:
            yield name
        finally:
            owner.execute(sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(role))


@pytest.mark.parametrize(
    ("right", "table", "last"),
    [
        pytest.param("INSERT", "flows_event", ONE, id="to write events"),
        pytest.param("INSERT", "flows_event", MESSAGE, id="to copy events"),
        pytest.param("INSERT", "flows_outbox", MESSAGE, id="to write messages"),
        pytest.param("UPDATE", "flows_run", ONE, id="to change runs"),
        pytest.param("UPDATE", "flows_executor", ONE, id="to say that one lives"),
    ],
)
def test_a_right_that_is_withdrawn_for_a_while_costs_no_attempt(
    right: str, table: str, last: dict[str, Any], role: str, caplog: pytest.LogCaptureFixture
) -> None:
    gate = Gate()
    run = start(publish(gated(last)))

    async def limited(name: str) -> Any:
        connection = await connect(name)
        await connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
        return connection

    async def withdrawn(owner: Any) -> None:
        names = sql.SQL(right), sql.Identifier(table), sql.Identifier(role)
        await owner.execute(sql.SQL("REVOKE {} ON {} FROM {}").format(*names))
        if table != "flows_executor":
            gate.may_go_on.set()
        while sum("permission denied" in record.getMessage() for record in caplog.records) < 2:
            await asyncio.sleep(0.01)
        await owner.execute(sql.SQL("GRANT {} ON {} TO {}").format(*names))

    async def play() -> None:
        async with (
            asyncio.timeout(PATIENCE),
            await connect("test owner") as owner,
            executing(catalogue=gate.catalogue, pace=PACE, connecting=limited) as executor,
            driving(run, executor),
        ):
            await gate.begun.wait()
            await withdrawn(owner)
            gate.may_go_on.set()

    asyncio.run(play())
    ended_well(run, gate)
