"""Exactly once in the target: the note stands beside the effect, or neither does."""

import asyncio
from typing import Any

import psycopg
import pytest

from flows.dsl.effects import Effect
from flows.journal import flush as flushing
from flows.journal import writer
from flows.models import Credential as CredentialRow
from flows.models import Event
from flows.nodes import postgres as node_module
from flows.nodes.base import Answer, Unanswered
from flows.nodes.postgres import QueryFailed, postgres
from flows.nodes.postgres_once import NotesUnusable
from flows.runtime.sealing import seal
from tests.nodes.conftest import PASSWORD, Postgres
from tests.nodes.stage import perform, stage
from tests.nodes.test_postgres import admin, shop
from tests.runtime.house import chain, drive, executing, publish, start, vanish

INSERT = "INSERT INTO paid (who) VALUES ($1) RETURNING who"


@pytest.fixture
async def paid(postgres_server: Postgres) -> Postgres:
    await admin(postgres_server, "drop table if exists paid, mulgil_done")
    await admin(postgres_server, "create table paid (id serial primary key, who text check (who <> 'nobody'))")
    return postgres_server


async def pay(server: Postgres, who: str = "Min", *, key: str = "run-1-charge", **config: Any) -> Any:
    asked = {"sql": INSERT, "params": [who], "mode": "exactly_once"} | config
    async with stage(credential=shop(server), idempotency_key=key) as on:
        answer = await perform(postgres, asked, on)
    assert isinstance(answer, Answer)
    return answer.output


async def rows(server: Postgres, table: str = "paid") -> int:
    return int((await admin(server, f"select count(*) from {table}"))[0][0])  # a name of ours


def test_the_effect_class_follows_the_mode() -> None:
    assert postgres.effect({"mode": "exactly_once"}) is Effect.TRANSACTIONAL
    assert postgres.effect({"mode": "execute"}) is Effect.ONCE
    assert postgres.effect({"mode": "{{ input.mode }}"}) is Effect.ONCE


async def test_a_second_attempt_finds_what_the_first_did(paid: Postgres) -> None:
    first = await pay(paid)
    assert first == {"rows": [{"who": "Min"}], "count": 1}
    assert await pay(paid, "Seo") == first
    assert await rows(paid) == 1


async def test_another_step_is_another_effect(paid: Postgres) -> None:
    await pay(paid)
    await pay(paid, key="run-1-charge-again")
    assert await rows(paid) == 2


async def test_a_statement_that_fails_leaves_no_note(paid: Postgres) -> None:
    with pytest.raises(QueryFailed):
        await pay(paid, "nobody")
    assert await rows(paid, "mulgil_done") == 0
    assert (await pay(paid))["count"] == 1


async def test_ten_first_attempts_at_once_make_the_table_once(paid: Postgres) -> None:
    answers = await asyncio.gather(*(pay(paid, key=f"run-{n}") for n in range(10)))
    assert all(answer["count"] == 1 for answer in answers)
    assert await rows(paid) == await rows(paid, "mulgil_done") == 10


async def test_two_attempts_of_one_step_at_once_act_once(paid: Postgres) -> None:
    slow = "WITH slept AS MATERIALIZED (SELECT pg_sleep(0.3)) INSERT INTO paid (who) SELECT $1 FROM slept RETURNING who"
    answers = await asyncio.gather(*(pay(paid, sql=slow) for _ in range(3)))
    assert answers == [{"rows": [{"who": "Min"}], "count": 1}] * 3
    assert await rows(paid) == 1


async def test_the_table_may_have_another_name_and_schema(paid: Postgres) -> None:
    await admin(paid, "create schema if not exists notes; drop table if exists notes.done")
    await pay(paid, done_table="notes.done")
    await pay(paid, done_table="notes.done")
    assert await rows(paid) == await rows(paid, "notes.done") == 1


async def test_a_table_that_cannot_be_made_is_told_with_what_helps(paid: Postgres) -> None:
    with pytest.raises(NotesUnusable, match=r"nowhere\.done") as told:
        await pay(paid, done_table="nowhere.done")
    assert "credential's user" in told.value.hint


async def test_a_commit_whose_answer_is_lost_is_looked_up(paid: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    commit, lost = psycopg.AsyncConnection.commit, []

    async def cut(connection: Any) -> None:
        noted = not lost and await _is_noted(connection)
        await commit(connection)
        if noted:
            lost.append(connection)
            raise psycopg.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(psycopg.AsyncConnection, "commit", cut)
    assert (await pay(paid))["rows"] == [{"who": "Min"}]
    assert len(lost) == 1
    assert await rows(paid) == 1


async def _is_noted(connection: Any) -> bool:
    found = await (await connection.execute("SELECT to_regclass('mulgil_done') IS NOT NULL AS it")).fetchone()
    if not found["it"]:
        return False
    noted = await (await connection.execute("SELECT count(*) AS n FROM mulgil_done")).fetchone()
    return bool(noted["n"])


async def test_a_target_that_never_answers_is_not_asked_for_ever(
    paid: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    async def mute(*_: Any) -> Any:
        asked.append(1)
        raise Unanswered("the line was cut")

    monkeypatch.setattr(node_module, "_performed", mute)
    with pytest.raises(Unanswered):
        await pay(paid)
    assert len(asked) == 1 + node_module.ASKED_AGAIN


@pytest.mark.django_db(transaction=True)
def test_a_death_between_the_target_and_our_journal_leaves_one_row(
    postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.MULGIL = settings.MULGIL | {"egress_allow": ["127.0.0.0/8"]}
    asyncio.run(admin(postgres_server, "drop table if exists paid, mulgil_done; create table paid (who text)"))
    config = {"sql": INSERT, "params": ["Min"], "mode": "exactly_once"}
    run = start(publish(chain(1, {"type": "database.postgres", "credential": "shop", "config": config})))
    row = CredentialRow(workspace_id=run.workspace_id, name="shop", kind="postgres", hosts=[])
    values = {"host": "127.0.0.1", "port": postgres_server.port, "database": "shop", "user": "shop", "tls": "off"}
    row.secret = seal(row.pk, values | {"password": PASSWORD})
    row.save()
    reached = asyncio.Event()

    async def flush(connection: Any, batches: Any) -> Any:
        if any(event.kind == "step_succeeded" for batch in batches for event in batch.rows):
            reached.set()
            return await asyncio.get_running_loop().create_future()
        return await flushing.flush(connection, batches)

    async def dies() -> None:
        async with executing() as executor:
            turn = asyncio.ensure_future(executor.turn())
            await reached.wait()
            await vanish(executor)
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.wait([turn, *others])
            await executor._station.abandon()  # what waits for its answer would wait for ever

    with monkeypatch.context() as patched:
        patched.setattr(writer, "flush", flush)
        asyncio.run(dies())
    assert asyncio.run(rows(postgres_server)) == 1
    assert not Event.objects.filter(run=run, kind="step_succeeded").exists()
    for _ in range(50):
        drive()
        run.refresh_from_db()
        if run.finished_at is not None:
            break
    assert (run.status, run.output) == ("succeeded", '{"rows":[{"who":"Min"}],"count":1}')
    assert asyncio.run(rows(postgres_server)) == 1
