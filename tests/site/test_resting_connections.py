"""A pooled connection is tried before it is handed out, and that costs a round trip only where something was heard of it."""

from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg_pool import ConnectionPool

from builder_ui import databases
from builder_ui.databases import Rested
from builder_ui.pooled.base import Pool
from flows.journal.connection import connect_sync, conninfo

pytestmark = pytest.mark.django_db(transaction=True)


def opened() -> Rested:
    connection.ensure_connection()
    return Rested.connect(conninfo("test rested"), autocommit=True)


def test_one_that_answered_a_moment_ago_and_is_silent_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    execute = psycopg.Connection.execute
    monkeypatch.setattr(
        psycopg.Connection, "execute", lambda self, *given, **more: asked.append(given) or execute(self, *given, **more)
    )
    with opened() as rested:
        ConnectionPool.check_connection(rested)
        assert len(asked) == 1
        ConnectionPool.check_connection(rested)
        assert len(asked) == 1
        monkeypatch.setattr(databases, "TRIED_EVERY", 0.0)
        ConnectionPool.check_connection(rested)
        assert len(asked) == 2
        assert rested.execute("SELECT 1").fetchone() == (1,)


def test_one_whose_server_process_has_gone_is_found_out() -> None:
    with opened() as rested, connect_sync("test cut") as other:
        ConnectionPool.check_connection(rested)
        ended = other.execute("SELECT pg_terminate_backend(%s, 10000)", (rested.info.backend_pid,)).fetchone()
        assert ended == (True,)
        with pytest.raises(psycopg.OperationalError):
            ConnectionPool.check_connection(rested)


def test_one_that_may_only_read_is_replaced_after_a_while_for_it_stays_so(monkeypatch: pytest.MonkeyPatch) -> None:
    connection.ensure_connection()
    only_reads = "-c default_transaction_read_only=on"
    with Rested.connect(conninfo("test rested"), autocommit=True, options=only_reads) as reading, opened() as writing:
        for rested in (reading, writing):
            ConnectionPool.check_connection(rested)
            ConnectionPool.check_connection(rested)
        monkeypatch.setattr(databases, "REPLACED_AFTER", 0.0)
        ConnectionPool.check_connection(writing)
        with pytest.raises(psycopg.OperationalError, match="may only read"):
            ConnectionPool.check_connection(reading)


def test_a_pool_of_sessions_that_may_only_read_hands_out_others_once_the_server_takes_writes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connection.ensure_connection()
    monkeypatch.setattr(databases, "REPLACED_AFTER", -1.0)
    only_reads = {"autocommit": True, "options": "-c default_transaction_read_only=on"}
    pool = Pool(conninfo=conninfo("test rested"), kwargs=only_reads, min_size=2, open=True, timeout=10)
    with pool:
        pool.wait()
        only_reads.pop("options")
        with pool.connection() as given:
            assert given.execute("SHOW transaction_read_only").fetchone() == ("off",)
