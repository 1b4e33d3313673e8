"""Starts and deliveries that come at one moment under one key are one run, and each is answered with it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from flows.models import Run
from flows.operations.starting import KeyReused, start
from tests.cast import CHAIN, Person, flow, with_nodes

pytestmark = pytest.mark.django_db(transaction=True)

CALLERS = 6
ROUNDS = 5


def at_once(call: Callable[[int], Any]) -> list[Any]:
    together = Barrier(CALLERS)

    def one(number: int) -> Any:
        try:
            together.wait()
            return call(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(CALLERS) as pool:
        return list(pool.map(one, range(CALLERS)))


@pytest.mark.parametrize("kept", [{}, {"concurrency": {"limit": 1}}], ids=["freely", "in line"])
def test_starts_at_one_moment_under_one_key_are_one_run(editor: Person, kept: dict[str, Any]) -> None:
    made = flow(editor.actor, CHAIN | {"settings": kept})
    for turn in range(ROUNDS):
        key = f"order-{turn}"
        found = at_once(lambda _, key=key: start(editor.actor, made.pk, input={"n": 1}, idempotency_key=key))  # type: ignore[misc]  # bound at once
        assert len({one.run.id for one in found}) == 1
        assert sum(one.created for one in found) == 1
    assert Run.objects.count() == ROUNDS


def test_of_other_bodies_at_one_moment_under_one_key_one_is_started_and_the_others_are_refused(editor: Person) -> None:
    made = flow(editor.actor)

    def begin(number: int) -> bool:
        try:
            return start(editor.actor, made.pk, input={"n": number}, idempotency_key="order").created
        except KeyReused:
            return False

    assert sorted(at_once(begin)) == [False] * (CALLERS - 1) + [True]
    assert Run.objects.count() == 1


def test_deliveries_at_one_moment_under_one_id_are_one_run(editor: Person) -> None:
    hook = {"id": "hook", "type": "trigger.webhook", "config": {"path": "orders", "methods": ["POST"]}}
    flow(editor.actor, with_nodes(hook, {"id": "say", "type": "log"}))

    def deliver(number: int) -> tuple[int, str]:
        answer = Client().post(
            "/hooks/home/orders", {"n": number}, content_type="application/json", headers={"Idempotency-Key": "d-1"}
        )
        return answer.status_code, answer.json()["run"]

    found = at_once(deliver)
    assert sorted(status for status, _ in found) == [200] * (CALLERS - 1) + [202]
    assert len({run for _, run in found}) == 1
    assert Run.objects.count() == 1
