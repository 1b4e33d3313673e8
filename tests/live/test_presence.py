"""Who has a flow open sees who else has, and nobody can pass for another, hurt the others, or stay when gone."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator

from flows.live import feed, presence
from flows.live.flow import FlowFeed
from flows.live.presence import BURST, MAX_SELECTED, Peer, Peers
from flows.models import Flow
from tests.cast import Person, flow, person
from tests.live.conftest import Open

PATIENCE = 30.0


@pytest.fixture
def viewer(transactional_db: None) -> Person:
    return person("viewer", "viewer")


class Here:
    """One open window, which acknowledges what it reads."""

    def __init__(self, socket: WebsocketCommunicator) -> None:
        self.socket = socket

    async def say(self, *selected: str, **more: Any) -> None:
        await self.socket.send_json_to({"type": "here", "selected": list(selected), **more})

    async def read(self) -> dict[str, Any]:
        message: dict[str, Any] = await self.socket.receive_json_from(timeout=PATIENCE)
        await self.socket.send_json_to({"type": "ack", "seq": message["seq"]})
        return message

    async def news(self) -> dict[str, Any]:
        """The next that is told of others."""
        while True:
            message = await self.read()
            if message["type"] == "people" and (message["here"] or message["gone"]):
                return message

    async def until_closed(self) -> int:
        while True:
            told = await self.socket.receive_output(timeout=PATIENCE)
            if told["type"] == "websocket.close":
                return int(told["code"])


@asynccontextmanager
async def window(open_socket: Open, who: Person, at: Flow) -> AsyncIterator[Here]:
    socket = open_socket(f"/ws/flows/{at.pk}/", who)
    assert (await socket.connect(timeout=PATIENCE))[0]
    opened = Here(socket)
    while (await opened.read())["type"] != "snapshot":
        pass
    yield opened
    await socket.disconnect()


async def test_two_people_see_one_another_by_name_right_and_place(
    editor: Person, viewer: Person, chain: Flow, open_socket: Open
) -> None:
    async with window(open_socket, editor, chain) as first, window(open_socket, viewer, chain) as second:
        await first.say("one")
        await second.say("two", pointer={"x": 10, "y": -20})
        (seen_by_first,) = (await first.news())["here"]
        (seen_by_second,) = (await second.news())["here"]
        assert seen_by_first == {
            "key": seen_by_first["key"],
            "person": viewer.actor.user,
            "name": "viewer",
            "initials": "VI",
            "colour": (viewer.actor.user or 0) % 8,
            "writes": False,
            "selected": ["two"],
            "pointer": {"x": 10, "y": -20},
        }
        assert (seen_by_second["name"], seen_by_second["writes"]) == ("editor", True)
        assert (seen_by_second["selected"], seen_by_second["pointer"]) == (["one"], None)
        await first.say("one", "two")
        (moved,) = (await second.news())["here"]
        assert (moved["key"], moved["selected"]) == (seen_by_second["key"], ["one", "two"])


async def test_a_window_that_the_layer_has_forgotten_is_told_of_others_again(
    editor: Person, viewer: Person, chain: Flow, open_socket: Open
) -> None:
    async with window(open_socket, editor, chain) as first, window(open_socket, viewer, chain) as second:
        await first.say()
        await second.say()
        await first.news()
        await second.news()
        members: dict[str, Any] = get_channel_layer().groups[f"flow.{chain.pk}"]
        assert len(members) == 2
        members.clear()  # as the layer does with whoever joined a day ago
        await second.say("one")
        async with asyncio.timeout(PATIENCE):
            while not members:
                await asyncio.sleep(0.01)
        await first.say("two")
        (seen,) = (await second.news())["here"]
        assert (seen["name"], seen["selected"]) == ("editor", ["two"])


async def test_who_closes_the_window_is_gone_at_once(
    editor: Person, viewer: Person, chain: Flow, open_socket: Open
) -> None:
    async with window(open_socket, editor, chain) as first:
        await first.say()
        async with window(open_socket, viewer, chain) as second:
            await second.say()
            (seen,) = (await first.news())["here"]
        told = await first.news()
        assert (told["here"], told["gone"]) == ([], [seen["key"]])


async def test_who_only_listens_is_told_of_nobody_and_seen_by_nobody(
    editor: Person, viewer: Person, admin: Person, chain: Flow, open_socket: Open
) -> None:
    async with (
        window(open_socket, editor, chain) as first,
        window(open_socket, viewer, chain) as listener,
        window(open_socket, admin, chain) as last,
    ):
        await first.say()
        await last.say()
        assert [one["name"] for one in (await first.news())["here"]] == ["admin"]
        assert [one["name"] for one in (await last.news())["here"]] == ["editor"]
        assert await listener.socket.receive_nothing(timeout=0.2)


async def test_ones_own_other_window_is_no_other_person(
    editor: Person, viewer: Person, chain: Flow, open_socket: Open
) -> None:
    async with window(open_socket, editor, chain) as left, window(open_socket, editor, chain) as right:
        await left.say("one")
        await right.say("two")
        async with window(open_socket, viewer, chain) as other:
            await other.say()
            assert [one["name"] for one in (await left.news())["here"]] == ["viewer"]
            assert [one["name"] for one in (await right.news())["here"]] == ["viewer"]
            seen = (await other.news())["here"]
            seen += [] if len(seen) == 2 else (await other.news())["here"]
            assert sorted(one["selected"] for one in seen) == [["one"], ["two"]]
            assert len({one["key"] for one in seen}) == 2


async def test_a_stranger_and_people_on_another_flow_see_nothing(
    editor: Person, viewer: Person, stranger: Person, chain: Flow, open_socket: Open
) -> None:
    assert not (await open_socket(f"/ws/flows/{chain.pk}/", stranger).connect(timeout=PATIENCE))[0]
    theirs = await database_sync_to_async(flow)(stranger.actor, name="Theirs")
    beside = await database_sync_to_async(flow)(editor.actor, name="Beside")
    async with (
        window(open_socket, editor, chain) as first,
        window(open_socket, stranger, theirs) as outside,
        window(open_socket, viewer, beside) as elsewhere,
        window(open_socket, viewer, chain) as second,
    ):
        for each in (outside, elsewhere, first, second):
            await each.say("one")
        assert [one["name"] for one in (await first.news())["here"]] == ["viewer"]
        assert [one["name"] for one in (await second.news())["here"]] == ["editor"]
        assert await outside.socket.receive_nothing(timeout=0.2)
        assert await elsewhere.socket.receive_nothing(timeout=0.2)


BAD = {
    "a name": {"name": "admin"},
    "a person": {"person": 1},
    "a key": {"key": "0"},
    "a right": {"writes": True},
    "selected words": {"selected": "one"},
    "what is no id": {"selected": ["<b>one</b>"]},
    "an id of numbers": {"selected": [1]},
    "too many": {"selected": [f"n{at}" for at in range(MAX_SELECTED + 1)]},
    "a pointer of words": {"pointer": {"x": "1", "y": 2}},
    "a pointer too far": {"pointer": {"x": 10**9, "y": 2}},
    "a pointer with more": {"pointer": {"x": 1, "y": 2, "z": 3}},
    "another type": {"type": "presence.here"},
}


@pytest.mark.parametrize("more", BAD.values(), ids=BAD.keys())
async def test_what_a_client_may_not_say_ends_it_and_reaches_nobody(
    editor: Person, viewer: Person, chain: Flow, open_socket: Open, more: dict[str, Any]
) -> None:
    async with window(open_socket, editor, chain) as first, window(open_socket, viewer, chain) as liar:
        await first.say()
        await liar.socket.send_json_to({"type": "here", "selected": [], **more})
        assert await liar.until_closed() == feed.BAD_MESSAGE
        assert await first.socket.receive_nothing(timeout=0.1)


async def test_a_word_that_is_right_and_too_long_ends_the_socket(
    editor: Person, chain: Flow, open_socket: Open
) -> None:
    async with window(open_socket, editor, chain) as first:
        await first.socket.send_to(text_data='{"type": "here"' + " " * presence.MAX_HERE + "}")
        assert await first.until_closed() == feed.BAD_MESSAGE


async def test_nobody_is_heard_where_no_flow_is_shown(editor: Person, chain: Flow, open_socket: Open) -> None:
    socket = open_socket("/ws/runs/", editor)
    await socket.connect(timeout=PATIENCE)
    await socket.send_json_to({"type": "here", "selected": []})
    assert await Here(socket).until_closed() == feed.BAD_MESSAGE
    await socket.disconnect()


Join = Callable[[Person], AbstractAsyncContextManager[Here]]


@pytest.fixture
def join(open_socket: Open, chain: Flow) -> Join:
    """Open a window on the flow as this person."""
    return lambda who: window(open_socket, who, chain)


class Clock:
    """The time as the sockets know it, standing until it is moved."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        monkeypatch.setattr(FlowFeed, "_now", lambda _feed: self.now)


async def test_a_flood_ends_the_one_who_floods_and_the_others_go_on(
    editor: Person, viewer: Person, admin: Person, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    Clock(monkeypatch)
    async with (
        join(editor) as first,
        join(viewer) as flooding,
        join(admin) as third,
    ):
        await first.say()
        await third.say()
        await first.news()
        await flooding.say()
        (seen,) = (await first.news())["here"]
        for at in range(int(BURST + presence.PATIENCE) + 1):
            await flooding.say(pointer={"x": at, "y": 0})
        assert await flooding.until_closed() == 4429
        await flooding.socket.disconnect()
        told = 0
        while seen["key"] not in (news := await first.news())["gone"]:
            told += len(news["here"])
        assert told <= BURST
        await third.say("two")
        (moved,) = (await first.news())["here"]
        assert (moved["name"], moved["selected"]) == ("admin", ["two"])


async def test_who_is_cut_off_is_gone_within_half_a_minute_and_who_answers_stays(
    editor: Person, viewer: Person, admin: Person, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(monkeypatch)
    monkeypatch.setattr(feed, "LOOK_EVERY", 0.02)
    signs: asyncio.Queue[str] = asyncio.Queue()
    hear = Peers.hear

    def noted(peers: Peers, peer: Peer) -> None:
        hear(peers, peer)
        signs.put_nowait(peer["name"])

    monkeypatch.setattr(Peers, "hear", noted)
    async with (
        join(editor) as first,
        join(viewer) as answers,
        join(admin) as silent,
    ):
        await first.say()
        await answers.say()
        await first.news()
        await silent.say()
        (cut,) = (await first.news())["here"]
        while not signs.empty():
            signs.get_nowait()
        # The one who answers says nothing by itself: it takes in what it is sent, as a page in the background does.
        for _ in range(3):
            clock.now += 8
            async with asyncio.timeout(PATIENCE):
                await _signed("viewer", answers, signs)
        told = await first.news()
        assert (told["here"], told["gone"]) == ([], [cut["key"]])
        assert feed.SILENCE > 3 * 8


async def _signed(name: str, who: Here, signs: asyncio.Queue[str]) -> None:
    """Take in what comes until the others had a sign of life of this one, which may come after the last message."""
    reading = asyncio.create_task(_take_in(who))
    try:
        while await signs.get() != name:
            pass
    finally:
        reading.cancel()
        await asyncio.wait([reading])


async def _take_in(who: Here) -> None:
    while True:
        await who.read()


async def test_rights_that_change_are_told_with_the_next_sign_of_life(
    editor: Person, viewer: Person, chain: Flow, open_socket: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "LOOK_EVERY", 0.02)
    async with window(open_socket, viewer, chain) as first, window(open_socket, editor, chain) as second:
        await first.say()
        await second.say()
        assert [one["writes"] for one in (await first.news())["here"]] == [True]
        monkeypatch.setattr(feed, "RIGHT_EVERY", 0.0)
        await database_sync_to_async(person)("editor", "viewer")
        writes = True
        while writes:
            await second.say()
            await second.read()
            await second.say("one")
            writes = (await first.news())["here"][0]["writes"]
