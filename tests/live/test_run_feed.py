import asyncio
from typing import Any

import pytest
from channels.auth import AuthMiddlewareStack
from channels.db import database_sync_to_async
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from flows.live import feed
from flows.live.run import RunFeed
from flows.models import Membership, Run
from flows.operations.members import deactivate
from flows.operations.steering import cancel
from flows.operations.tokens import create_token, revoke_token
from flows.routing import websocket_urlpatterns
from tests.cast import Person
from tests.live.conftest import Open, appended, seqs


async def test_a_snapshot_comes_first_and_then_every_event_in_order(
    editor: Person, run: Run, open_socket: Open
) -> None:
    socket = open_socket(f"/ws/runs/{run.pk}/", editor)
    assert (await socket.connect(timeout=5))[0]
    first = await socket.receive_json_from(timeout=5)
    assert (first["type"], first["seq"], first["run"]["status"]) == ("snapshot", 0, "queued")
    assert [step["key"] for step in first["run"]["steps"]] == ["start", "one", "two"]
    await appended(run.pk, 3)
    await appended(run.pk, 2)
    assert await seqs(socket, 5) == [1, 2, 3, 4, 5]
    await socket.disconnect()


async def test_a_snapshot_says_that_the_end_of_a_run_was_asked_for(editor: Person, run: Run, open_socket: Open) -> None:
    told = []
    for _ in range(2):
        socket = open_socket(f"/ws/runs/{run.pk}/", editor)
        await socket.connect(timeout=5)
        told.append((await socket.receive_json_from(timeout=5))["run"]["is_cancelling"])
        await socket.disconnect()
        await database_sync_to_async(cancel)(editor.actor, run.pk)
    assert told == [False, True]


async def test_a_client_that_comes_back_goes_on_from_its_own_place(editor: Person, run: Run, open_socket: Open) -> None:
    await appended(run.pk, 10)
    socket = open_socket(f"/ws/runs/{run.pk}/?after=6", editor)
    assert (await socket.connect(timeout=5))[0]
    assert (await socket.receive_json_from(timeout=5))["seq"] == 10
    assert await seqs(socket, 4) == [7, 8, 9, 10]
    await socket.disconnect()


async def test_without_a_place_only_what_lies_past_the_snapshot_comes(
    editor: Person, run: Run, open_socket: Open
) -> None:
    await appended(run.pk, 10)
    socket = open_socket(f"/ws/runs/{run.pk}/", editor)
    await socket.connect(timeout=5)
    assert (await socket.receive_json_from(timeout=5))["seq"] == 10
    await appended(run.pk, 1)
    assert await seqs(socket, 1) == [11]
    await socket.disconnect()


async def test_beyond_its_credit_a_client_gets_the_state_and_goes_on_from_there(
    editor: Person, run: Run, open_socket: Open
) -> None:
    socket = open_socket(f"/ws/runs/{run.pk}/", editor)
    await socket.connect(timeout=5)
    await socket.receive_json_from(timeout=5)
    await appended(run.pk, 100, size=2_000)
    seen = 0
    message: dict[str, Any] = {"type": "event"}
    while message["type"] == "event":
        message = await socket.receive_json_from(timeout=5)
        seen += message["type"] == "event"
    assert 25 <= seen <= 40
    assert (message["type"], message["reset"], message["seq"]) == ("snapshot", True, 100)
    await appended(run.pk, 1)
    assert await socket.receive_nothing(timeout=0.2)
    await socket.send_json_to({"type": "ack", "seq": 100})
    assert await seqs(socket, 1) == [101]
    await socket.disconnect()


async def test_a_client_that_acknowledges_gets_every_event(editor: Person, run: Run, open_socket: Open) -> None:
    socket = open_socket(f"/ws/runs/{run.pk}/", editor)
    await socket.connect(timeout=5)
    await socket.receive_json_from(timeout=5)
    got: list[int] = []
    for _ in range(10):
        await appended(run.pk, 10, size=2_000)
        got += await seqs(socket, 10)
        await socket.send_json_to({"type": "ack", "seq": got[-1]})
        await asyncio.sleep(0)
    assert got == list(range(1, 101))
    await socket.disconnect()


async def test_a_silent_client_is_let_go(
    editor: Person, run: Run, open_socket: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "SILENCE", 0.2)
    monkeypatch.setattr(feed, "LOOK_EVERY", 0.1)
    socket = open_socket(f"/ws/runs/{run.pk}/", editor)
    await socket.connect(timeout=5)
    await socket.receive_json_from(timeout=5)
    closed = await socket.receive_output(timeout=5)
    assert (closed["type"], closed["code"]) == ("websocket.close", 4408)


@pytest.mark.parametrize(
    ("text", "code"), [("{", 4400), ('{"type": "ack"}', 4400), ("[]", 4400), ('"' + "x" * 70_000 + '"', 1009)]
)
async def test_what_is_no_acknowledgement_ends_the_socket(
    editor: Person, run: Run, open_socket: Open, text: str, code: int
) -> None:
    socket = open_socket(f"/ws/runs/{run.pk}/", editor)
    await socket.connect(timeout=5)
    await socket.receive_json_from(timeout=5)
    await socket.send_to(text_data=text)
    closed = await socket.receive_output(timeout=5)
    assert (closed["type"], closed["code"]) == ("websocket.close", code)


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://localhost:9999", "https://localhost:8000", "http://localhost", ""],
)
async def test_a_foreign_origin_is_refused_even_with_a_token(
    editor: Person, run: Run, open_socket: Open, origin: str
) -> None:
    assert not (await open_socket(f"/ws/runs/{run.pk}/", editor, origin).connect(timeout=5))[0]


async def test_our_own_origin_is_let_in(editor: Person, run: Run, open_socket: Open) -> None:
    socket = open_socket(f"/ws/runs/{run.pk}/", editor, "http://localhost:8000")
    assert (await socket.connect(timeout=5))[0]
    await socket.disconnect()


async def test_without_an_origin_a_token_is_asked_for(run: Run, open_socket: Open) -> None:
    assert not (await open_socket(f"/ws/runs/{run.pk}/", None).connect(timeout=5))[0]


async def test_nobody_gets_in_without_a_name(run: Run, open_socket: Open) -> None:
    assert not (await open_socket(f"/ws/runs/{run.pk}/", None, "http://localhost:8000").connect(timeout=5))[0]


async def test_a_strangers_run_and_flow_are_refused(stranger: Person, run: Run, open_socket: Open) -> None:
    for path in (f"/ws/runs/{run.pk}/", f"/ws/flows/{run.flow_id}/"):
        assert not (await open_socket(path, stranger).connect(timeout=5))[0]


async def test_a_token_without_the_scope_is_refused(editor: Person, run: Run, open_socket: Open) -> None:
    made = await database_sync_to_async(create_token)(editor.actor, name="n", scopes=["flows:read"])
    narrow = Person(actor=editor.actor, token=made.secret)
    assert not (await open_socket(f"/ws/runs/{run.pk}/", narrow).connect(timeout=5))[0]


async def test_who_is_put_out_of_the_workspace_is_cut(
    admin: Person, editor: Person, run: Run, open_socket: Open
) -> None:
    socket = open_socket(f"/ws/runs/{run.pk}/", editor)
    await socket.connect(timeout=5)
    await socket.receive_json_from(timeout=5)
    await database_sync_to_async(_put_out)(admin, editor)
    closed = await socket.receive_output(timeout=5)
    assert (closed["type"], closed["code"]) == ("websocket.close", 4403)


def _put_out(admin: Person, editor: Person) -> None:
    member = Membership.objects.get(user_id=editor.actor.user, workspace_id=editor.actor.workspace)
    deactivate(admin.actor, member.pk)


async def test_a_revoked_token_ends_its_socket(editor: Person, run: Run, open_socket: Open) -> None:
    made = await database_sync_to_async(create_token)(editor.actor, name="n")
    socket = open_socket(f"/ws/runs/{run.pk}/", Person(actor=editor.actor, token=made.secret))
    await socket.connect(timeout=5)
    await socket.receive_json_from(timeout=5)
    await database_sync_to_async(revoke_token)(editor.actor, made.token.pk)
    closed = await socket.receive_output(timeout=5)
    assert (closed["type"], closed["code"]) == ("websocket.close", 4403)


@pytest.mark.parametrize("password", [None, "another-river-2"])
async def test_a_session_that_is_over_ends_its_socket(
    editor: Person, run: Run, monkeypatch: pytest.MonkeyPatch, password: str | None
) -> None:
    monkeypatch.setattr(feed, "RIGHT_EVERY", 0.0)
    client = Client()
    await database_sync_to_async(client.force_login)(await User.objects.aget(pk=editor.actor.user))
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    headers = [(b"host", b"localhost:8000"), (b"origin", b"http://localhost:8000"), (b"cookie", cookie.encode())]
    application = AuthMiddlewareStack(URLRouter([*websocket_urlpatterns]))
    socket = WebsocketCommunicator(application, f"/ws/runs/{run.pk}/", headers=headers)
    assert (await socket.connect(timeout=5))[0]
    await socket.receive_json_from(timeout=5)
    await database_sync_to_async(_end_session)(editor, client, password)
    await appended(run.pk, 1)
    # It may have looked whether it may just before: then the event is told, and the next look ends it.
    while (told := await socket.receive_output(timeout=20))["type"] == "websocket.send":
        assert '"seq":1,' in told["text"], "told once"
        await appended(run.pk, 1)
    assert (told["type"], told["code"]) == ("websocket.close", 4403)


def _end_session(editor: Person, client: Client, password: str | None) -> None:
    if password is None:
        client.logout()
        return
    user = User.objects.get(pk=editor.actor.user)
    user.set_password(password)
    user.save()


async def test_a_feed_that_fails_by_what_nobody_foresaw_ends_its_socket(
    editor: Person, run: Run, open_socket: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An open socket by which nothing comes any more would show the past for ever."""

    async def fails(self: RunFeed, hints: set[str], missed: bool) -> None:
        raise LookupError("nobody foresaw this")

    monkeypatch.setattr(RunFeed, "go_on", fails)
    socket = open_socket(f"/ws/runs/{run.pk}/", editor)
    await socket.connect(timeout=5)
    await socket.receive_json_from(timeout=5)
    await appended(run.pk, 1)
    assert await socket.receive_output(timeout=20) == {"type": "websocket.close", "code": feed.AWAY}
    await socket.disconnect()
