"""`outbox.publish`: the message is there if and only if its step succeeded, and once, whatever dies or is tried again."""

import asyncio
from itertools import pairwise
from typing import Any

import orjson
import pytest
from django.db import connection

from flows.engine.events import StepFailed, StepSucceeded
from flows.journal.outbox import message_id
from flows.models import Delivery, Outbox, Run
from flows.nodes.base import Effect, Recoverable
from flows.operations.fsck import check
from tests.runtime.house import die_in_mid_step, drive, journal, publish, start
from tests.runtime.nodes import Catalogue, Nothing, make

pytestmark = pytest.mark.django_db(transaction=True)

PUBLISH: dict[str, Any] = {
    "type": "outbox.publish",
    "config": {"topic": "orders.paid", "key": "{{ input.order }}", "payload": {"order": "{{ input.order }}"}},
}


def flow(*nodes: dict[str, Any], **rest: Any) -> dict[str, Any]:
    whole = [{"id": "start", "type": "trigger.manual"}, *nodes]
    inner = {node["id"] for node in nodes if "parent" in node}
    outer = [node["id"] for node in whole if node["id"] not in inner]
    edges = [{"from": one, "to": two} for one, two in pairwise(outer)]
    return {"dsl": 1, "name": "Orders", "nodes": whole, "edges": edges + rest.pop("edges", []), **rest}


def run_of(document: dict[str, Any], **given: Any) -> Run:
    return start(publish(document), {"order": "A-1"}, **given)


def sound(run: Run) -> bool:
    return [str(fault) for fault in check(run.pk).faults] == []


def test_a_step_publishes_one_message_and_says_its_id() -> None:
    run = run_of(flow({"id": "tell", **PUBLISH}))
    drive()
    run.refresh_from_db()
    row = Outbox.objects.get()
    assert run.status == "succeeded"
    assert orjson.loads(run.output) == {"message": str(row.pk)}
    assert (row.pk, row.run_id, row.step) == (message_id(run.pk, "tell"), run.pk, "tell")
    assert (row.topic, row.key, orjson.loads(row.payload)) == ("orders.paid", "A-1", {"order": "A-1"})
    assert row.workspace_id == run.workspace_id
    assert sound(run)


def test_each_item_publishes_its_own_in_the_order_of_the_items() -> None:
    each = {"items": [3, 1, 2]}
    config = {"topic": "n", "key": "k", "payload": "{{ item }}"}
    run = run_of(flow({"id": "tell", "type": "outbox.publish", "config": config, "each": each}))
    drive()
    found = Delivery.objects.order_by("position").values_list("message__step", "message__payload")
    assert list(found) == [("tell[0]", "3"), ("tell[1]", "1"), ("tell[2]", "2")]
    assert sound(run)


@pytest.mark.parametrize(
    ("config", "code"),
    [
        ({"topic": "{{ 'no topic' }}"}, "bad_config"),
        ({"topic": "t", "headers": {"Idempotency-Key": "{{ 'mine' }}"}}, "bad_config"),
        ({"topic": "t", "headers": {"X": "{{ 'a\\nb' }}"}}, "bad_config"),
        ({"topic": "t", "payload": "{{ ['x' * 1000] * 1100 }}"}, "limit_exceeded"),
    ],
)
def test_what_cannot_be_sent_fails_the_step_and_leaves_no_message(config: dict[str, Any], code: str) -> None:
    run = run_of(flow({"id": "tell", "type": "outbox.publish", "config": config}))
    drive()
    failed = [event for event in journal(run) if isinstance(event, StepFailed)]
    assert [event.error.code for event in failed] == [code]
    assert not Outbox.objects.exists()
    assert sound(run)


def test_a_loop_that_is_retried_publishes_nothing_twice() -> None:
    tries: list[int] = []

    async def stumble(config: Nothing, step: Any) -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise Recoverable("once")
        return {}

    catalogue = Catalogue(make(stumble, Effect.PURE, "test.stumble"))
    document = flow(
        {
            "id": "all",
            "type": "flow.for_each",
            "config": {"items": [1]},
            "retry": {"max_attempts": 2, "initial": "1ms"},
        },
        {"id": "tell", **PUBLISH, "parent": "all"},
        {"id": "next", "type": "test.stumble", "parent": "all"},
        edges=[{"from": "tell", "to": "next"}],
    )
    run = run_of(document)
    drive(catalogue=catalogue)
    run.refresh_from_db()
    succeeded = [event.step for event in journal(run) if isinstance(event, StepSucceeded)]
    assert (run.status, succeeded.count("all[0]/tell"), len(tries)) == ("succeeded", 1, 2)
    assert Outbox.objects.count() == Delivery.objects.count() == 1
    assert [str(fault) for fault in check(run.pk, known=catalogue).faults] == []


def test_an_executor_that_dies_before_the_commit_leaves_no_message_and_the_next_one_leaves_one() -> None:
    async def slow(config: Nothing, step: Any) -> Any:
        await asyncio.sleep(0 if again else 600)
        return {}

    again: list[int] = []
    catalogue = Catalogue(make(slow, Effect.KEYED, "test.slow"))
    run = run_of(flow({"id": "wait", "type": "test.slow"}, {"id": "tell", **PUBLISH}))
    die_in_mid_step(catalogue)
    assert not Outbox.objects.exists()
    again.append(1)
    drive(catalogue=catalogue)
    run.refresh_from_db()
    assert run.status == "succeeded"
    assert Outbox.objects.count() == 1


def test_fsck_names_a_message_without_its_step_and_a_step_without_its_message() -> None:
    run = run_of(flow({"id": "tell", **PUBLISH}))
    drive()
    told = message_id(run.pk, "tell")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE flows_outbox SET step = 'other' WHERE id = %s", [told])
    found = sorted(str(fault) for fault in check(run.pk).faults)
    assert found == [
        f"run {run.pk}: the message {told} of other is in the outbox alone [outbox]",
        f"run {run.pk}: the message {told} of tell is in the journal alone [outbox]",
    ]
