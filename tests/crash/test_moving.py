"""Moves and death: whichever moment of a run's way to another version it meets, the run goes over once, and does nothing twice."""

import signal
from collections import Counter
from hashlib import sha256
from itertools import pairwise
from typing import Any

import pytest

from flows.engine.events import RunMoved, StepStarted
from flows.models import Inbox, Run, Version
from flows.operations.fsck import check
from flows.runtime.context import idempotency_key
from flows.security import safejson
from tests.crash.failpoints import AT_MOVES
from tests.crash.hatching import Hatchery, wait_until
from tests.crash.stagehands import CATALOGUE, told
from tests.runtime.house import journal, publish, send, start

pytestmark = pytest.mark.django_db(transaction=True)


def document(*behind: str) -> dict[str, Any]:
    """An effect, a wait for people, and further effects behind it."""
    effect = {"type": "test.effect", "config": {"value": "x"}}
    nodes: list[dict[str, Any]] = [
        {"id": "start", "type": "trigger.manual"},
        {"id": "pay", **effect},
        {"id": "paid", "type": "flow.signal", "config": {"name": "paid"}},
        *({"id": name, **effect} for name in behind),
    ]
    edges = [{"from": one["id"], "to": two["id"]} for one, two in pairwise(nodes)]
    return {"dsl": 1, "name": "moving", "nodes": nodes, "edges": edges}


def rests(run: Run, version: Version) -> bool:
    return Run.objects.filter(pk=run.pk, status="waiting", owner=None, mail=0, version=version).exists()


@pytest.mark.parametrize("point", AT_MOVES)
def test_a_run_goes_over_once_whatever_dies(point: str, hatchery: Hatchery) -> None:
    first = publish(document("ship"))
    text = safejson.dumps(document("pack", "ship"))
    second = Version.objects.create(flow=first.flow, number=2, document=text, hash=sha256(text.encode()).hexdigest())
    run = start(first)
    hatchery.hatch()
    wait_until(lambda: rests(run, first), "it does not wait")
    hatchery.bury_all()
    letter = {"version": 2, "version_id": str(second.pk), "hash": second.hash, "by": "owner", "reason": ""}
    send(run, "move", letter)
    victim = hatchery.hatch(point)
    wait_until(lambda: hatchery.status(victim) == -signal.SIGKILL, f"nobody died {point}")
    hatchery.hatch()
    wait_until(lambda: rests(run, second), "it is not moved")
    send(run, "signal", 1, name="paid")
    wait_until(lambda: Run.objects.filter(pk=run.pk, status="succeeded").exists(), "it did not end")
    hatchery.bury_all()
    assert [str(fault) for fault in check(known=CATALOGUE).faults] == []
    assert not Inbox.objects.filter(consumed_at__isnull=True).exists(), "a letter was not read"
    events = journal(run)
    assert sum(isinstance(event, RunMoved) for event in events) == 1
    assert [event.step for event in events if isinstance(event, StepStarted)] == ["pay", "paid", "pack", "ship"]
    sent = Counter(key for key, _ in told(hatchery.world, "effect"))
    assert sent == {idempotency_key(run.pk, step): 1 for step in ("pay", "pack", "ship")}
