"""Our own connections: what is sent is not unanswered for long, and who is cut in mid-statement waits for nobody."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection as database

from flows.journal import flush as flushing
from flows.journal.connection import UNANSWERED, Line, connect, conninfo
from flows.journal.writer import Writer
from flows.models import Event, Run
from flows.runtime.leases import LEASE
from tests.crash.hatching import PATIENCE, wait_until
from tests.crash.networks import Door
from tests.journal.test_writer import STARTED, Shown, taken

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 4.0
"""Seconds; asking the server to stop, and waiting for its answer, would take 10."""

THROUGH_THE_DOOR = "pg_stat_activity WHERE datname = current_database() AND application_name = 'mulgil test door'"


@pytest.fixture
def door() -> Iterator[Door]:
    door = Door()
    yield door
    door.close()
    with database.cursor() as cursor:
        cursor.execute(f"SELECT pg_terminate_backend(pid) FROM {THROUGH_THE_DOOR}")
    until_left()


def until_left() -> None:
    """The server has ended what came through the door: what it still does would meet the next test on the tables."""
    wait_until(nobody_is_through, "the server still holds what came through the door")


def nobody_is_through() -> bool:
    with database.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {THROUGH_THE_DOOR}")
        return bool(cursor.fetchone() == (0,))


async def through(door: Door) -> psycopg.AsyncConnection[tuple[Any, ...]]:
    return await Line.connect(conninfo("test door"), host="127.0.0.1", port=door.port, autocommit=True)


def test_what_is_sent_may_be_unanswered_for_less_than_a_lease(door: Door) -> None:
    async def option() -> int:
        async with await through(door) as connection:
            with socket.fromfd(connection.fileno(), socket.AF_INET, socket.SOCK_STREAM) as line:
                return line.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)

    assert asyncio.run(option()) == UNANSWERED < LEASE * 1_000


def test_who_is_cut_in_mid_statement_does_not_wait_for_the_server(door: Door) -> None:
    async def scenario() -> None:
        connection = await through(door)
        asking = asyncio.ensure_future(connection.execute("SELECT pg_sleep(1000)"))
        while not connection.lock.locked():
            await asyncio.sleep(0.01)
        door.cut()
        loop = asyncio.get_running_loop()
        began = loop.time()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert loop.time() - began < AT_ONCE
        assert connection.closed

    asyncio.run(scenario())


def test_a_writer_that_is_abandoned_in_mid_copy_of_a_cut_network_ends_at_once_and_has_written_nothing(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = taken()
    original, cut = flushing._copy, asyncio.Event()

    async def copy(connection: Any, batches: Any) -> None:
        await connection.execute("SELECT 1")  # what came before it is through
        door.cut()
        cut.set()
        await original(connection, batches)

    async def scenario() -> float:
        writer = Writer(lambda _: through(door))
        writer.start()
        writer.open(Shown(), run.pk, run.fence, 0).put(STARTED, None)
        await asyncio.wait_for(cut.wait(), PATIENCE)
        loop = asyncio.get_running_loop()
        began = loop.time()
        await writer.abandon()
        return loop.time() - began

    monkeypatch.setattr(flushing, "AT_ONCE_ROWS", 0)  # one batch alone would need no COPY
    monkeypatch.setattr(flushing, "_copy", copy)
    assert asyncio.run(scenario()) < AT_ONCE
    door.heal()
    until_left()
    assert not Event.objects.filter(run=run).exists()
    assert Run.objects.get(pk=run.pk).seq == 0


def test_one_that_only_listens_is_left_whole_when_who_listens_is_cut() -> None:
    async def scenario() -> None:
        async with await connect("test listening") as connection:
            await connection.execute("LISTEN mulgil_test")

            async def listen() -> None:
                async for _ in connection.notifies():
                    pass

            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(listen(), 0.05)
            cursor = await connection.execute("SELECT 1")
            assert await cursor.fetchone() == (1,)

    asyncio.run(scenario())
