"""Redis is absent, falls silent, dies and comes back: nothing fails by it, and what is less than before is told once."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.layers import channel_layers
from django.contrib.auth.models import User
from django.core.cache import caches
from django.test import Client

from builder_ui import redis_watch
from builder_ui.bridged_layer import BridgedLayer
from builder_ui.guessing import FOR_ONE_NAME
from builder_ui.redis_cache import ForgivingCache
from builder_ui.redis_watch import Watch
from flows.models import Flow, Run
from flows.operations.starting import start
from tests.cast import Person, person
from tests.live.conftest import Open, appended
from tests.live.small_redis import SmallRedis
from tests.live.test_presence import window

PASSWORD = "water-flows-down-1"
NOWHERE = "redis://127.0.0.1:9/0"
PATIENCE = 60.0


@pytest.fixture
def redis() -> Iterator[SmallRedis]:
    redis = SmallRedis()
    yield redis
    redis.close()


@pytest.fixture(autouse=True)
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """What this process knows of Redis, afresh."""
    fresh = Watch()
    for module in ("redis_watch", "redis_cache", "bridged_layer"):
        monkeypatch.setattr(f"builder_ui.{module}.watch", fresh)
    monkeypatch.setattr(redis_watch, "LEFT_ALONE", 0.2)
    monkeypatch.setattr("builder_ui.bridged_layer.AGAIN_AFTER", 0.2)
    return fresh


@pytest.fixture
def viewer(transactional_db: None) -> Person:
    return person("viewer", "viewer")


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was told of Redis; nothing was told with a traceback."""
    assert not [record for record in caplog.records if record.exc_info]
    return [record.message.partition(" (")[0] for record in caplog.records if record.name == redis_watch.__name__]


class Process:
    """What one web process has: a layer, and a channel in a group."""

    async def open(self, url: str) -> "Process":
        self.layer = BridgedLayer(url)
        self.channel = await self.layer.new_channel()
        await self.layer.group_add("flow", self.channel)
        return self

    async def hear(self) -> Any:
        async with asyncio.timeout(PATIENCE):
            return (await self.layer.receive(self.channel))["word"]

    async def say_until_heard(self, other: "Process", word: str) -> None:
        """Signs of life are said again and again."""
        hearing = asyncio.ensure_future(other.hear())
        while not hearing.done() or hearing.result() != word:
            if hearing.done():
                hearing = asyncio.ensure_future(other.hear())
            await self.layer.group_send("flow", {"type": "said", "word": word})
            await asyncio.wait([hearing], timeout=0.1)


@pytest.fixture
async def tasks_end() -> AsyncIterator[None]:
    """Bridges end with their process, and here with their test."""
    yield
    bridges = [task for task in asyncio.all_tasks() if task.get_name() == "bridge"]
    for task in bridges:
        task.cancel()
    await asyncio.wait(bridges)


@pytest.mark.usefixtures("tasks_end")
async def test_two_processes_hear_each_other_until_redis_dies_and_again_when_it_is_back(
    redis: SmallRedis, caplog: pytest.LogCaptureFixture
) -> None:
    one, other = await Process().open(redis.url), await Process().open(redis.url)
    await one.say_until_heard(other, "hello")
    await other.layer.send(one.channel, {"type": "said", "word": "to you alone"})
    while await one.hear() != "to you alone":
        pass
    redis.die()
    await asyncio.to_thread(_until, lambda: bool(told(caplog)))
    await one.layer.group_send("flow", {"type": "said", "word": "alone"})
    while await one.hear() != "alone":
        pass
    redis.start()
    await one.say_until_heard(other, "back")
    await other.say_until_heard(one, "you too")
    assert told(caplog) == ["Redis does not answer", "Redis answers again"]


@pytest.mark.usefixtures("tasks_end")
async def test_words_that_are_not_ours_bring_the_bridge_down_for_a_moment(
    redis: SmallRedis, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builder_ui.bridged_layer.AGAIN_AFTER", 0.05)
    one, other = await Process().open(redis.url), await Process().open(redis.url)
    await one.say_until_heard(other, "hello")
    one.layer._bridge().put({"neither": "by whom nor to whom"})
    await asyncio.to_thread(_until, lambda: any("bridge" in record.message for record in caplog.records))
    await one.say_until_heard(other, "again")
    await other.say_until_heard(one, "you too")


@pytest.mark.usefixtures("tasks_end")
async def test_a_redis_that_falls_silent_is_noticed(
    redis: SmallRedis, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builder_ui.bridged_layer.PING_EVERY", 0.1)
    monkeypatch.setattr("builder_ui.bridged_layer.SILENT", 1.5)
    one, other = await Process().open(redis.url), await Process().open(redis.url)
    await one.say_until_heard(other, "hello")
    redis.is_silent = True
    await asyncio.to_thread(_until, lambda: bool(told(caplog)))
    redis.is_silent = False
    await one.say_until_heard(other, "back")
    assert told(caplog)[:2] == ["Redis does not answer", "Redis answers again"]


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The layer of a process whose Redis isn't there."""
    monkeypatch.setitem(channel_layers.backends, "default", BridgedLayer(NOWHERE))


@pytest.mark.usefixtures("tasks_end", "alone")
async def test_without_redis_a_run_is_watched_and_people_of_one_process_see_each_other(
    open_socket: Open,
    editor: Person,
    viewer: Person,
    chain: Flow,
    caplog: pytest.LogCaptureFixture,
) -> None:
    run = (await database_sync_to_async(_started)(editor, chain)).pk
    socket = open_socket(f"/ws/runs/{run}/?after=0", editor)
    assert (await socket.connect())[0]
    assert (await socket.receive_json_from(timeout=PATIENCE))["type"] == "snapshot"
    await appended(run, 3)
    assert [(await socket.receive_json_from(timeout=PATIENCE))["seq"] for _ in range(3)] == [1, 2, 3]
    await socket.disconnect()
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(window(open_socket, editor, chain))
        other = await stack.enter_async_context(window(open_socket, viewer, chain))
        await one.say("one")
        await other.say("two")
        assert [peer["name"] for peer in (await other.news())["here"]] == ["editor"]
    await asyncio.to_thread(_until, lambda: bool(told(caplog)))
    assert told(caplog) == ["Redis does not answer"]


def _started(editor: Person, chain: Flow) -> Run:
    return Run.objects.get(pk=start(editor.actor, chain.pk).run.id)


def _until(holds: Any) -> None:
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.01)


# --- the cache ----------------------------------------------------------------------------------------------


@pytest.fixture
def someone(transactional_db: None) -> None:
    User.objects.create_user("someone", password=PASSWORD)


def gets_in(name: str, password: str) -> bool:
    client = Client(REMOTE_ADDR="192.0.2.1")
    return client.post("/sign-in/", {"username": name, "password": password}).status_code == 302


@pytest.fixture
def cached(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Any:
    """Have the site count in the cache at this address."""

    def use(url: str) -> None:
        cache = ForgivingCache(url, {})
        cache._near.clear()
        monkeypatch.setattr(caches._connections, "default", cache, raising=False)  # type: ignore[attr-defined]  # asgiref's
        assert caches["default"] is cache

    return use


@pytest.mark.parametrize("how", ["absent", "silent"])
@pytest.mark.usefixtures("someone")
def test_without_redis_people_get_in_and_who_guesses_is_slowed_all_the_same(
    how: str, cached: Any, redis: SmallRedis, caplog: pytest.LogCaptureFixture
) -> None:
    redis.is_silent = how == "silent"
    cached(redis.url if how == "silent" else NOWHERE)
    caplog.set_level(logging.WARNING)
    assert gets_in("someone", PASSWORD)
    assert Client().get("/").status_code == 200
    for n in range(FOR_ONE_NAME):
        gets_in("someone", f"guess {n}")
    assert not gets_in("someone", PASSWORD)
    assert told(caplog) == ["Redis does not answer"]


@pytest.mark.usefixtures("someone")
def test_a_counter_goes_on_when_redis_dies_between_two_guesses_and_comes_back(
    cached: Any, redis: SmallRedis, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    cached(redis.url)
    for n in range(FOR_ONE_NAME):
        gets_in("someone", f"guess {n}")
    assert not gets_in("someone", PASSWORD)
    redis.die()
    assert gets_in("someone", PASSWORD), "what Redis counted is gone with it"
    assert caches["default"].incr("begun-elsewhere") == 1
    redis.start()
    _until(lambda: watch.may_be_asked)
    assert gets_in("someone", PASSWORD)
    assert told(caplog) == ["Redis does not answer", "Redis answers again"]
