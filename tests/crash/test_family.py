"""Runs that call one another: whatever one tells the other is told once, whichever commit on its way a death meets.

The call itself, the end of the called run (a success and a failure), and a cancel in both directions.
"""

import signal
from collections import Counter
from typing import Any

import pytest

from flows.models import Inbox, Run
from flows.operations import steering
from flows.operations.actor import system
from flows.operations.fsck import check
from flows.runtime.context import idempotency_key
from tests.crash.failpoints import BETWEEN_RUNS
from tests.crash.hatching import Hatchery, wait_until
from tests.crash.shapes import called, shape
from tests.crash.stagehands import CATALOGUE, told
from tests.runtime.house import publish, publish_for_calls, start

pytestmark = pytest.mark.django_db(transaction=True)

STATUSES = {
    "success": ("succeeded", "succeeded"),
    "failure": ("failed", "failed"),
    "the caller is cancelled": ("cancelled", "cancelled"),
    "the called is cancelled": ("failed", "cancelled"),
}
"""What happens, and how the caller and the called run end."""
SAID = {
    "success": ("a call", "the end that is told", "the end that is heard"),
    "failure": ("the end that is told", "the end that is heard"),
    "the caller is cancelled": ("the recall that is told", "the recall that is heard"),
    "the called is cancelled": ("the recall that is heard", "the end that is told", "the end that is heard"),
}
CELLS = [(way, point) for way, said in SAID.items() for what in said for point in BETWEEN_RUNS if point.endswith(what)]


@pytest.mark.parametrize(("way", "point"), CELLS)
def test_what_runs_tell_each_other_survives_a_death(way: str, point: str, hatchery: Hatchery) -> None:
    publish_for_calls(waiting() if "cancelled" in way else called(undone=way == "failure"))
    run = start(publish(shape("sub-flow", undone=way != "success")))
    victim = hatchery.hatch(point)
    if "cancelled" in way:
        wait_until(lambda: statuses() == ["waiting", "waiting"], "they do not wait")
        steered = run if way == "the caller is cancelled" else Run.objects.get(parent_run_id=run.pk)
        steering.cancel(system(run.workspace_id, "boss"), steered.pk, compensate=True)
    wait_until(lambda: hatchery.status(victim) == -signal.SIGKILL, f"nobody died {point}")
    hatchery.hatch()
    wait_until(lambda: not Run.objects.filter(finished_at__isnull=True).exists(), "the runs did not end")
    hatchery.bury_all()
    child = Run.objects.get(parent_run_id=run.pk)
    assert (Run.objects.get(pk=run.pk).status, child.status) == STATUSES[way]
    assert [str(fault) for fault in check(known=CATALOGUE).faults] == []
    assert not Inbox.objects.filter(consumed_at__isnull=True).exists(), "a letter was not read"
    sent = told(hatchery.world, "effect")
    steps = [(run, "pay"), (child, "sub_pay")] + ([(run, "refund"), (child, "sub_refund")] if way != "success" else [])
    times = Counter(key for key, _ in sent)
    assert set(times) == {idempotency_key(one.pk, step) for one, step in steps}
    # The result of a called run's last undo and the end that it tells are one commit; it is sent again, under its key.
    last = idempotency_key(child.pk, "sub_refund")
    assert {key for key, count in times.items() if count > 1} <= ({last} if point.startswith("inside") else set())
    assert max(times.values()) <= 2
    assert len({value for _, value in sent}) == 1


def waiting() -> dict[str, Any]:
    """The called flow, which waits for what never comes."""
    document = called(undone=True)
    for node in document["nodes"]:
        if node["type"] == "flow.wait":
            node["config"] = {"for": "7d"}
    return document


def statuses() -> list[str]:
    return sorted(Run.objects.values_list("status", flat=True))
