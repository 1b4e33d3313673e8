import asyncio
import time

import pytest
from channels.db import database_sync_to_async
from django.db import connection

from flows.live.hub import MAX_HINTS, REMEMBERED, Hub, Watch
from flows.observe import lasting


def notify(channel: str, payload: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [channel, payload])


async def test_only_those_who_watch_a_run_are_woken(transactional_db: None) -> None:
    hub = Hub()
    async with hub.watching("run:a") as mine, hub.watching("run:b") as other:
        mine.take(), other.take()
        await database_sync_to_async(notify)("mulgil_runs", "a,c")
        await mine.wait(5)
        assert mine.take() == ({"a"}, False)
        assert other.take() == (set(), False)


async def test_a_bell_without_names_wakes_everyone(transactional_db: None) -> None:
    hub = Hub()
    async with hub.watching("run:a") as watch:
        watch.take()
        await database_sync_to_async(notify)("mulgil_runs", "*")
        await watch.wait(5)
        assert watch.take() == (set(), True)


async def test_a_cut_connection_wakes_everyone_and_is_made_anew(transactional_db: None) -> None:
    hub = Hub()
    async with hub.watching("run:a") as watch:
        watch.take()
        await database_sync_to_async(cut_hubs)()
        await watch.wait(5)
        assert watch.take()[1]
        for _ in range(100):
            await database_sync_to_async(notify)("mulgil_runs", "a")
            await watch.wait(0.1)
            if "a" in watch.take()[0]:
                return
        raise AssertionError("the hub does not hear again")


def cut_hubs() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'mulgil hub' AND datname = current_database()"
        )


async def test_hints_are_coalesced_and_bounded() -> None:
    watch = Watch()
    for number in range(MAX_HINTS + 5):
        watch.ring(str(number % (MAX_HINTS + 1)))
    hints, missed = watch.take()
    assert (len(hints), missed) == (MAX_HINTS, True)


async def test_a_hub_nobody_watches_lets_its_connection_go_after_a_while(transactional_db: None) -> None:
    hub = Hub(linger=0)
    async with hub.watching("run:a"):
        pass
    for _ in range(3):
        await asyncio.sleep(0)
    assert hub._task is None


async def test_who_watches_soon_after_another_finds_the_hub_listening(transactional_db: None) -> None:
    hub = Hub()
    async with hub.watching("run:a"):
        listening = hub._task
    async with hub.watching("run:b") as watch:
        assert hub._task is listening
        await database_sync_to_async(notify)("mulgil_runs", "b")
        await watch.wait(5)
        assert watch.take() == ({"b"}, False)
    assert hub._leaving is not None
    hub._leaving.cancel()
    hub._leave()


async def test_it_knows_whether_a_run_rang_since_a_moment(transactional_db: None) -> None:
    hub = Hub()
    before = time.monotonic()
    assert not hub.was_silent("a", before)
    async with hub.watching("run:b") as watch:
        assert not hub.was_silent("a", before)  # it did not listen yet
        since = time.monotonic()
        assert hub.was_silent("a", since)
        hub.hear("mulgil_runs", "a,b")
        assert not hub.was_silent("a", since)
        assert hub.was_silent("c", since)
        for number in range(2 * REMEMBERED):
            hub.hear("mulgil_runs", str(number))
        assert not hub.was_silent("c", since)  # it can't tell any more: too many rang meanwhile
        since = time.monotonic()
        assert hub.was_silent("c", since)
        hub.hear("mulgil_runs", "*")
        assert not hub.was_silent("c", since)
        watch.take()
        since = time.monotonic()
        await database_sync_to_async(cut_hubs)()
        await watch.wait(20)
        assert not hub.was_silent("c", since)


async def test_what_rang_lately_is_remembered_for_long_enough() -> None:
    hub = Hub()
    hub.hear("mulgil_runs", "*")
    since = time.monotonic()
    for number in range(REMEMBERED + REMEMBERED // 2):
        hub.hear("mulgil_runs", f"a{number}")
    assert hub.was_silent("b", since)
    assert not hub.was_silent("a0", since)


async def test_a_hub_that_fails_by_what_nobody_foresaw_wakes_everyone_and_hears_again(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lasting, "FIRST_PAUSE", 0.0)
    hub = Hub()
    hears = hub.hear

    def fails_once(channel: str, payload: str) -> None:
        monkeypatch.setattr(hub, "hear", hears)
        raise LookupError("nobody foresaw this")

    async with hub.watching("run:a") as watch:
        watch.take()
        monkeypatch.setattr(hub, "hear", fails_once)
        await database_sync_to_async(notify)("mulgil_runs", "a")
        await watch.wait(5)
        assert watch.take()[1]
        while "a" not in watch.take()[0]:
            await database_sync_to_async(notify)("mulgil_runs", "a")
            await watch.wait(0.1)
