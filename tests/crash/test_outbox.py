"""What a step publishes is there once and arrives at least once, wherever the process dies that writes or sends it."""

import signal
from collections import Counter
from typing import Any

import pytest
from django.db import connection

from flows.journal.outbox import message_id
from flows.models import Delivery, Destination, Outbox, Run
from flows.operations.fsck import check
from tests.crash.hatching import Hatchery, wait_until
from tests.crash.stagehands import CATALOGUE, told
from tests.runtime.house import publish, start, workspace

pytestmark = pytest.mark.django_db(transaction=True)

ITEMS = 3
POINTS = ("inside the commit", "after the commit", "before the end", "published, not marked")


def document() -> dict[str, Any]:
    each = {"items": list(range(ITEMS))}
    config = {"topic": "orders.paid", "key": "one", "payload": "{{ item }}"}
    nodes = [
        {"id": "start", "type": "trigger.manual"},
        {"id": "pay", "type": "outbox.publish", "config": config, "each": each},
    ]
    return {"dsl": 1, "name": "Tells", "nodes": nodes, "edges": [{"from": "start", "to": "pay"}]}


@pytest.mark.parametrize("point", POINTS)
def test_messages_outlive_a_death(point: str, hatchery: Hatchery) -> None:
    Destination.objects.create(workspace=workspace(), name="world", kind="world", topics=["*"])
    run = start(publish(document()))
    victim = hatchery.hatch(point)
    wait_until(lambda: hatchery.status(victim) == -signal.SIGKILL, f"nobody died {point}")
    hatchery.hatch()
    wait_until(lambda: Run.objects.filter(pk=run.pk, status="succeeded").exists(), "the run did not end")
    wait_until(lambda: list(Delivery.objects.values_list("state", flat=True)) == ["sent"] * ITEMS, "not all arrived")
    hatchery.bury_all()
    assert [str(fault) for fault in check(known=CATALOGUE).faults] == []
    expected = [str(message_id(run.pk, f"pay[{n}]")) for n in range(ITEMS)]
    assert {str(one) for one in Outbox.objects.values_list("pk", flat=True)} == set(expected)
    came = [name for name, _ in told(hatchery.world, "published")]
    assert list(dict.fromkeys(came)) == expected, "they came out of order"
    again = Counter(came)[expected[0]] - 1
    assert again == (point == "published, not marked"), "only what was sent and not marked is sent again, under its id"
    connection.close()
