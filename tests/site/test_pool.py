"""The web's pool and a database that went: nobody is held up by the connections to it, nor by pauses that outlast it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import psycopg
import pytest
from django.db import connection, connections
from django.db.utils import load_backend
from psycopg_pool import PoolTimeout

from builder_ui.databases import use_pool
from builder_ui.pooled import base
from builder_ui.pooled.base import Pool
from flows.journal.connection import connect_sync, conninfo

pytestmark = pytest.mark.django_db(transaction=True)

NOBODY = "host=127.0.0.1 port=1"
PATIENCE = 60


@pytest.fixture(autouse=True)
def _no_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    def slept(seconds: float) -> None:
        raise AssertionError(f"the pool slept for {seconds} s while a request waited")

    connection.ensure_connection()
    monkeypatch.setattr("psycopg_pool.pool.sleep", slept)


@pytest.fixture
def failed(monkeypatch: pytest.MonkeyPatch) -> list[psycopg.Connection[Any]]:
    """Connections that were taken out and found gone."""
    found: list[psycopg.Connection[Any]] = []
    check = Pool.check_connection

    def watched(tried: Any) -> None:
        try:
            check(tried)
        except psycopg.Error:
            found.append(tried)
            raise

    monkeypatch.setattr(Pool, "check_connection", staticmethod(watched))
    return found


@contextmanager
def pool_of(size: int, where: Callable[[], str] | str = "", **given: Any) -> Iterator[Pool]:
    kwargs = {"autocommit": True}
    with Pool(conninfo=where or conninfo("test pool"), kwargs=kwargs, min_size=size, open=True, **given) as pool:
        yield pool


def end_all(name: str) -> int:
    """Terminate the sessions of this name; how many there were."""
    with connect_sync("test cut") as other:
        ended = other.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = %s",
            (name,),
        ).fetchall()
    assert all(done for (done,) in ended)
    return len(ended)


def await_state(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.005)


def is_full(pool: Pool) -> bool:
    """Whether all there are rest in it, and none is being opened."""
    stats = pool.get_stats()
    return stats["pool_available"] == stats["pool_size"]


def test_the_first_dead_connection_is_the_last_that_anybody_meets(failed: list[Any]) -> None:
    with pool_of(6) as pool:
        pool.wait(PATIENCE)
        assert end_all("mulgil test pool") == 6
        for _ in range(8):
            with pool.connection() as given:
                assert given.execute("SELECT 1").fetchone() == (1,)
        assert len(failed) == 1


def test_who_was_handed_one_before_returns_it_and_nobody_gets_it(failed: list[Any]) -> None:
    with pool_of(3, max_size=4) as pool:
        pool.wait(PATIENCE)
        out = pool.getconn()
        end_all("mulgil test pool")
        with pool.connection() as given:
            assert given is not out
        pool.putconn(out)
        await_state(lambda: pool.get_stats()["pool_available"] >= 3)
        taken = [pool.getconn() for _ in range(3)]
        assert out not in taken
        assert len(failed) == 1
        for one in taken:
            pool.putconn(one)


def test_two_who_meet_dead_ones_at_once_clear_the_pool_once(monkeypatch: pytest.MonkeyPatch) -> None:
    cleared: list[Pool] = []
    drain = Pool.drain

    def watched(pool: Pool) -> None:
        cleared.append(pool)
        drain(pool)

    monkeypatch.setattr(Pool, "drain", watched)
    with pool_of(4) as pool:
        pool.wait(PATIENCE)
        first, second = pool.getconn(), pool.getconn()
        end_all("mulgil test pool")
        pool._replace(first)
        pool._replace(second)
        await_state(lambda: pool.get_stats()["pool_available"] == 4)
        assert cleared == [pool]


def test_after_an_outage_the_first_request_connects_by_itself() -> None:
    places = [NOBODY]
    asked: list[str] = []

    def where() -> str:
        asked.append(places[-1])
        return places[-1]

    with pool_of(1, where, max_size=4) as pool:
        with pytest.raises(PoolTimeout, match="no connection in time"):
            pool.getconn(timeout=0.05)
        # Nothing is pending: what would try again in some seconds would be what a request had to wait for.
        await_state(lambda: pool.get_stats()["pool_size"] == 0)
        places.append(conninfo("test pool"))
        asked.clear()
        with pool.connection(timeout=PATIENCE) as given:
            assert given.execute("SELECT 1").fetchone() == (1,)
        assert asked == [places[-1]]


def test_a_request_that_waits_has_the_database_tried_until_it_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "AGAIN", 0.01)
    asked: list[str] = []

    def where() -> str:
        asked.append(NOBODY if len(asked) < 9 else conninfo("test pool"))
        return asked[-1]

    with pool_of(1, where) as pool, pool.connection(timeout=PATIENCE) as given:
        assert given.execute("SELECT 1").fetchone() == (1,)
    assert asked.count(NOBODY) >= 9


def test_django_finds_the_pool_by_the_settings_of_the_web_and_goes_on_after_a_cut(failed: list[Any]) -> None:
    settings = deepcopy(connections["default"].settings_dict)
    settings["OPTIONS"] = {**settings["OPTIONS"], "application_name": "mulgil test web"}
    use_pool(settings)
    wrapper = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, "pooled")
    try:
        for _ in range(2):
            with wrapper.cursor() as cursor:
                cursor.execute("SELECT 1")
                assert cursor.fetchone() == (1,)
            wrapper.close()
            await_state(lambda: is_full(wrapper.pool))
            assert end_all("mulgil test web") >= 2
        assert isinstance(wrapper.pool, Pool)
        assert len(failed) == 1
    finally:
        wrapper.close_pool()
