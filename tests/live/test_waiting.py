import asyncio
import contextlib
import json
import time
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.test import AsyncClient

from flows.live import waiting
from flows.live.hub import hub
from flows.live.reader import Reader
from flows.live.waiting import read_wait, result_of, room
from flows.models import Flow, Run
from tests.cast import Person, flow, with_nodes
from tests.live.conftest import append


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30.0), ("250ms", 0.25), ("5", 5.0), ("1h", 300.0), ("soon", None), ("-1", None), ("", None)],
)
def test_a_wait_is_a_duration(text: str, seconds: float | None) -> None:
    assert read_wait(text) == seconds


async def test_a_start_that_waits_answers_when_the_run_has_ended(editor: Person, chain: Flow) -> None:
    asked = asyncio.ensure_future(
        AsyncClient().post(
            f"/api/flows/{chain.pk}/runs/?wait=20s", {}, content_type="application/json", headers=editor.headers
        )
    )
    run = None
    while run is None:  # the run is another connection's to make
        await asyncio.sleep(0.02)
        run = await database_sync_to_async(Run.objects.first)()
    await database_sync_to_async(append)(run.pk, 1, status="succeeded")
    response = await asked
    told = json.loads(response.content)
    assert (response.status_code, told["status"], told["id"]) == (201, "succeeded", str(run.pk))
    assert room.waiting == 0


@pytest.mark.parametrize("listens", [True, False], ids=["it listened", "it begins to listen"])
async def test_a_run_that_ends_before_anyone_watches_it_is_answered(
    editor: Person, chain: Flow, monkeypatch: pytest.MonkeyPatch, listens: bool
) -> None:
    async def ends_meanwhile() -> None:
        run = await database_sync_to_async(Run.objects.latest)("created_at")
        await database_sync_to_async(append)(run.pk, 1, status="succeeded")
        while listens and hub().was_silent(str(run.pk), since):
            await asyncio.sleep(0.01)  # until it has rung, and nobody watches

    monkeypatch.setattr(waiting, "_let_go", ends_meanwhile)
    async with contextlib.AsyncExitStack() as stack:
        if listens:
            await stack.enter_async_context(hub().watching("run:other"))
        since = time.monotonic()
        async with asyncio.timeout(waiting.LOOK_EVERY - 1):
            response = await AsyncClient().post(
                f"/api/flows/{chain.pk}/runs/?wait=60s", {}, content_type="application/json", headers=editor.headers
            )
    assert json.loads(response.content)["status"] == "succeeded"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that are asked over the connection of the loop."""
    statements: list[str] = []
    ask = Reader.ask

    def noting(self: Reader, *asked: Any) -> Any:
        statements.extend(statement for statement, _ in asked)
        return ask(self, *asked)

    monkeypatch.setattr(Reader, "ask", noting)
    return statements


async def test_a_wait_that_is_over_answers_with_the_run_as_it_is_once_that_stands_on_the_disk(
    editor: Person, chain: Flow, asked: list[str]
) -> None:
    response = await AsyncClient().post(
        f"/api/flows/{chain.pk}/runs/?wait=50ms", {}, content_type="application/json", headers=editor.headers
    )
    assert (response.status_code, json.loads(response.content)["status"]) == (201, "queued")
    assert asked[-1] == waiting.STANDS


async def test_a_run_that_is_gone_before_its_end_is_not_said_to_be_accepted(
    editor: Person, chain: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def goes() -> None:
        await database_sync_to_async(Run.objects.all().delete)()

    monkeypatch.setattr(waiting, "_let_go", goes)
    response = await AsyncClient().post(
        f"/api/flows/{chain.pk}/runs/?wait=50ms", {}, content_type="application/json", headers=editor.headers
    )
    assert (response.status_code, json.loads(response.content)["code"]) == (503, "run_gone")
    assert response["Content-Type"] == "application/problem+json"


async def test_too_many_waiters_are_refused_before_anything_starts(
    editor: Person, chain: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "MAX_WAITERS", 0)
    response = await AsyncClient().post(
        f"/api/flows/{chain.pk}/runs/?wait=5s", {}, content_type="application/json", headers=editor.headers
    )
    assert (response.status_code, response["Retry-After"]) == (503, "1")
    assert not await database_sync_to_async(Run.objects.exists)()


async def test_an_error_is_answered_at_once(editor: Person, chain: Flow) -> None:
    response = await AsyncClient().post(
        f"/api/flows/{chain.pk}/runs/?wait=20s",
        {"input": {"n": "x"}},
        content_type="application/json",
        headers=editor.headers,
    )
    assert response.status_code == 422


async def test_a_webhook_that_answers_with_the_result_gives_the_runs_output(editor: Person) -> None:
    document = with_nodes(
        {"id": "hook", "type": "trigger.webhook", "config": {"path": "ask", "respond": "result"}},
        {"id": "say", "type": "log", "config": {"message": "hi"}},
    )
    await database_sync_to_async(flow)(editor.actor, document)
    asked = asyncio.ensure_future(AsyncClient().post("/hooks/home/ask", {"a": 1}, content_type="application/json"))
    run = None
    while run is None:
        await asyncio.sleep(0.02)
        run = await database_sync_to_async(Run.objects.first)()
    await database_sync_to_async(Run.objects.filter(pk=run.pk).update)(output='{"answer":42}')
    await database_sync_to_async(append)(run.pk, 1, status="succeeded")
    response = await asked
    assert (response.status_code, json.loads(response.content)) == (200, {"answer": 42})


@pytest.mark.parametrize(
    ("run", "status"),
    [
        ({"id": "1", "status": "failed", "output": None, "error": {"code": "x"}}, 502),
        ({"id": "1", "status": "cancelled", "output": None, "error": None}, 502),
        ({"id": "1", "status": "waiting", "output": None, "error": None}, 202),
        ({}, 202),
    ],
)
def test_a_run_without_a_result_says_so(run: dict[str, Any], status: int) -> None:
    assert result_of(run).status_code == status


async def test_a_hook_is_answered_at_once_where_too_many_wait(editor: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    document = with_nodes(
        {"id": "hook", "type": "trigger.webhook", "config": {"path": "ask", "respond": "result"}},
        {"id": "say", "type": "log", "config": {"message": "hi"}},
    )
    await database_sync_to_async(flow)(editor.actor, document)
    monkeypatch.setattr(waiting, "MAX_WAITERS", 0)
    response = await AsyncClient().post("/hooks/home/ask", {"a": 1}, content_type="application/json")
    assert (response.status_code, json.loads(response.content)["status"]) == (202, "queued")
