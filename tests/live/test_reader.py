"""What sockets and those who wait read, over one connection."""

import asyncio

import psycopg
import pytest
from channels.db import database_sync_to_async
from django.db import connection

from flows.live.reader import Reader, reader

WHO = "SELECT pg_backend_pid()"


def cut(pid: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])


async def until_it_fails(asked: Reader) -> None:
    """The end of its connection comes through in a moment."""
    while True:
        await asked.ask(("SELECT 1", ()))


async def test_all_who_ask_at_once_are_answered_each_with_its_own(transactional_db: None) -> None:
    answers = await asyncio.gather(*(reader().ask(("SELECT %s::int AS n", (n,)), (WHO, ())) for n in range(20)))
    assert [(found[0].names, found[0].rows) for found in answers] == [(["n"], [(n,)]) for n in range(20)]
    assert len({found[1].rows[0] for found in answers}) == 1, "over one connection"


async def test_one_who_has_gone_keeps_nobody_else_from_an_answer(transactional_db: None) -> None:
    own = Reader()
    gone = asyncio.ensure_future(own.ask((WHO, ())))
    await asyncio.sleep(0)
    gone.cancel()
    [found] = await own.ask(("SELECT 1", ()))
    assert found.rows == [(1,)]


async def test_who_asks_over_a_connection_that_went_is_told_and_the_next_gets_another(transactional_db: None) -> None:
    own = Reader()
    [first] = await own.ask((WHO, ()))
    await database_sync_to_async(cut)(first.rows[0][0])
    with pytest.raises(psycopg.OperationalError):
        await until_it_fails(own)
    [other] = await own.ask((WHO, ()))
    assert other.rows != first.rows


async def test_a_statement_that_fails_is_told_to_who_asked(transactional_db: None) -> None:
    own = Reader()
    with pytest.raises(psycopg.Error):
        await own.ask(("SELECT 1 / 0", ()), ("SELECT 1", ()))
    [found] = await own.ask(("SELECT 1", ()))
    assert found.rows == [(1,)]
