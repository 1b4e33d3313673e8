"""A suspect step in a process of its own."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest
from django.db import connection

from flows.engine.events import AttemptLost
from flows.models import Alert, Run
from flows.nodes.results import Again, Answer, Deployed
from flows.runtime.alone import NOT_BEGUN, NURSERY, Alone, AloneReply, AloneRequest, result_from
from flows.runtime.executor import Pace
from flows.security.credentials import Credential
from tests.runtime import nodes
from tests.runtime.house import chain, die_in_mid_step, drive, executing, journal, kinds, publish, send, start
from tests.runtime.nodes import Catalogue, make

RUN = uuid4()
BANK = Credential("c", "basic", {"user": "min"}, ("pay.example",))


def request(type: str, config: dict[str, Any], credential: Credential | None = None) -> AloneRequest:
    return AloneRequest(
        type=type,
        config=config,
        run=RUN,
        key="n0",
        attempt=2,
        clock=5,
        began=8,
        seed=6,
        deadline=None,
        input={"x": 1},
        credential=credential,
        own_database=None,
        lock_token=7,
        state={"gone": 1},
    )


async def never() -> None:
    await asyncio.Event().wait()


async def alone(given: AloneRequest) -> AloneReply | None:
    return await Alone().perform(given, never)


def test_a_request_comes_over_whole() -> None:
    given = request("log", {}, BANK)
    there = AloneRequest.from_bytes(given.to_bytes())
    assert (there.run, there.key, there.attempt, there.clock, there.began, there.seed) == (RUN, "n0", 2, 5, 8, 6)
    assert there.credential is not None
    assert (there.credential.name, there.credential["user"], there.credential.hosts) == ("c", "min", ("pay.example",))


def test_a_step_alone_answers_as_it_does_in_company() -> None:
    reply = asyncio.run(alone(request("log", {"message": "here"})))
    assert reply is not None
    assert result_from(reply) == Answer(None, "out")
    assert [line["message"] for line in reply.logs] == ["here"]  # type: ignore[index,call-overload]  # JSON of any shape


def test_its_errors_keep_their_code_and_class() -> None:
    reply = asyncio.run(alone(request("log", {"level": "loud"})))
    assert reply is not None
    with pytest.raises(Exception, match="does not fit") as failed:
        result_from(reply)
    assert (failed.value.code, failed.value.klass) == ("bad_config", "permanent")  # type: ignore[attr-defined]  # JSON of any shape


def test_an_unknown_type_is_named() -> None:
    reply = asyncio.run(alone(request("no.such", {})))
    assert reply is not None
    assert reply.fields["code"] == "node_type_missing"


@contextlib.asynccontextmanager
async def silent_server() -> AsyncIterator[tuple[str, asyncio.Event]]:
    reached = asyncio.Event()

    async def keep_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        reached.set()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(keep_silent, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        yield f"{host}:{port}", reached


def test_a_process_that_dies_answers_nothing_and_kills_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    async def dies() -> AloneReply | None:
        async with silent_server() as (address, reached):
            monkeypatch.setenv("MULGIL_EGRESS_ALLOW", address)
            before = _children()
            asking = asyncio.ensure_future(alone(request("http.request", {"url": f"http://{address}/"})))
            await asyncio.wait([asking, asyncio.ensure_future(reached.wait())], return_when="FIRST_COMPLETED")
            for child in _children() - before:
                os.kill(child, signal.SIGKILL)
            return await asking

    assert asyncio.run(dies()) is None


def _children() -> set[int]:
    return {int(pid) for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()}


def test_who_is_told_to_end_before_there_is_room_is_not_begun() -> None:
    async def full() -> tuple[AloneReply | None, AloneReply | None]:
        busy, told = Alone(at_once=1), asyncio.Event()
        async with silent_server() as (address, reached):
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("MULGIL_EGRESS_ALLOW", address)
                first = request("http.request", {"url": f"http://{address}/"})
                within = asyncio.ensure_future(busy.perform(first, never))
                await reached.wait()
            waits = asyncio.ensure_future(busy.perform(request("log", {}), lambda: _until(told)))
            await asyncio.sleep(0)
            told.set()
            answer = await waits
            within.cancel()
            await asyncio.wait([within])
        return answer, await busy.perform(request("log", {}), never)

    answer, after = asyncio.run(full())
    assert answer is NOT_BEGUN
    assert after is not None
    assert after.result == "Answer", "the room that was waited for is lost"


async def _until(event: asyncio.Event) -> None:
    await event.wait()


def test_a_nursery_that_is_not_there_is_done_without(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(NURSERY, str(tmp_path / "swept away"))
    reply = asyncio.run(alone(request("log", {})))
    assert reply is not None
    assert reply.result == "Answer"


@pytest.mark.django_db(transaction=True)
def test_a_cancelled_step_that_waits_for_room_to_be_alone_was_never_begun() -> None:
    run = start(publish(chain(1, {"type": "log", "effect": "keyed"})))
    catalogue = Catalogue(make(nodes.forever, nodes.Effect.KEYED, name="log"))
    for _ in range(2):
        die_in_mid_step(catalogue)

    async def cancelled() -> None:
        async with executing(catalogue=catalogue, alone=Alone(at_once=0).perform, cancel_grace=600_000_000) as executor:
            turn = asyncio.ensure_future(executor.turn())
            while not any(driver.sleeping for driver in executor.drivers):
                await asyncio.sleep(0.01)
            await asyncio.to_thread(_send_cancel, run)
            await turn

    asyncio.run(cancelled())
    assert kinds(run)[-4:] == ["cancel_requested", "attempt_lost", "step_cancelled", "run_cancelled"]


def _send_cancel(run: Run) -> None:
    send(run, "cancel")
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_step_that_two_executors_died_over_runs_alone_and_three_deaths_there_poison_it() -> None:
    run = start(publish(chain(1, {"type": "log", "effect": "keyed"})))
    for _ in range(2):
        die_in_mid_step(Catalogue(make(nodes.forever, name="log")))
    asked: list[str] = []

    async def dying(request: AloneRequest, until_told: object) -> None:
        asked.append(request.key)

    drive(alone=dying, pace=Pace(look=0.05, linger=0.3))
    run.refresh_from_db()
    assert asked == ["n0"] * 3
    assert run.status == "failed"
    assert '"code":"poisoned"' in run.error
    losses = [event for event in journal(run) if isinstance(event, AttemptLost)]
    assert [loss.alone for loss in losses] == [False, False, True, True, True]
    assert Alert.objects.get().code == "poisoned"


def test_what_a_step_alone_tells_of_a_deployment_comes_over_whole() -> None:
    for inner in (Answer({"x": 1}), Again(5, {"phase": "watch"})):
        told = Deployed(inner, {"state": "under_way"})
        fields = orjson.loads(orjson.dumps({name: getattr(told, name) for name in told.__slots__}))
        assert result_from(AloneReply(result="Deployed", fields=fields, logs=[])) == told
