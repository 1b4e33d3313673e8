"""A pooled connection is tried before it is handed out, and that costs a round trip only where something was heard of it."""

from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg_pool import ConnectionPool

from builder_ui import databases
from builder_ui.databases import Rested
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
