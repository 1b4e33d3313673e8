"""The fault matrix: an executor is killed at each of thirteen points of each shape of flow, and another goes on.

Afterwards fsck finds nothing, every effect happened, none contradicts itself, and none was repeated that wasn't
under way at the moment of death.
"""

import signal
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection

from flows.journal.outbox import message_id
from flows.models import Delivery, Destination, Outbox, Run
from flows.operations.fsck import check
from flows.runtime.context import idempotency_key
from tests.crash.failpoints import EFFECTLESS, POINTS, UNDOING
from tests.crash.hatching import Hatchery, wait_until
from tests.crash.shapes import (
    DEPTHS,
    PARKED_FOR,
    SHAPES,
    TOGETHER,
    called,
    called_effects,
    effects_of,
    published_by,
    shape,
    undos_of,
)
from tests.crash.stagehands import CATALOGUE, told
from tests.runtime.house import journal, publish, publish_for_calls, start, workspace

pytestmark = pytest.mark.django_db(transaction=True)


NOT_ITS_OWN = {("after the run row", "parked")}
"""A run that was parked is in the queue no more; the same death before that is another shape's."""
CELLS = [
    (point, name, depth)
    for point in POINTS
    for name in SHAPES
    for depth in DEPTHS.get(name, (0,))
    if (point, name) not in NOT_ITS_OWN
]


@pytest.mark.parametrize(("point", "name", "depth"), CELLS)
def test_a_run_survives_a_death_at(point: str, name: str, depth: int, hatchery: Hatchery) -> None:
    document = shape(name, undone=point in UNDOING)
    publish_for_calls(called(undone=point in UNDOING))
    Destination.objects.create(workspace=workspace(), name="world", kind="world", topics=["orders.paid"])
    run = start(publish(document))
    skew = parked(run, hatchery) if name == "parked" else 0
    victim = hatchery.hatch(point, depth, skew=skew)
    wait_until(lambda: hatchery.status(victim) == -signal.SIGKILL, f"nobody died {point}")
    hatchery.hatch(skew=skew)
    wait_until(lambda: is_over(run), "the run did not end")
    wait_until(lambda: not Delivery.objects.filter(state="waiting").exists(), "the outbox was not emptied")
    hatchery.bury_all()
    assert [str(fault) for fault in check(known=CATALOGUE).faults] == []
    is_undone = len(document["nodes"]) > len(shape(name, undone=False)["nodes"]) or name == "saga"
    assert {run.status for run in Run.objects.all()} == {"failed" if is_undone else "succeeded"}
    assert_effects(run, name, point, hatchery.world, is_undone=is_undone)


def parked(run: Run, hatchery: Hatchery) -> int:
    """Have it parked until long after now; by how much the clocks of those are ahead who find it due."""
    hatchery.hatch()
    wait_until(lambda: Run.objects.filter(pk=run.pk, status="waiting", owner=None).exists(), "it is not parked")
    hatchery.bury_all()
    return 2 * PARKED_FOR


def is_over(run: Run) -> bool:
    return Run.objects.filter(pk=run.pk, finished_at__isnull=False).exists()


def assert_effects(run: Run, name: str, point: str, world: Path, *, is_undone: bool) -> None:
    keys = {idempotency_key(run.pk, key) for key in effects_of(name) + (undos_of(name) if is_undone else [])}
    children = list(Run.objects.filter(parent_run_id=run.pk))
    assert len(children) == (name == "sub-flow"), "a run was called twice, or never"
    for child in children:
        keys |= {idempotency_key(child.pk, key) for key in called_effects(name, undone=is_undone)}
    sent = told(world, "effect")
    times = Counter(key for key, _ in sent)
    assert set(times) == keys, "an effect is missing, or one too many"
    assert len({value for _, value in sent}) == 1, "an effect contradicts another"
    again = sum(times.values()) - len(times)
    assert again <= repeatable(name, point)
    if TOGETHER[name] == 1 and point in ("after the effect", "inside the commit", "after the undo's effect"):
        assert again == 1, "what was cut between effect and commit is sent again, under the same key"
    again = messages_sent_again(run, name, world)
    alarms = sum(type(event).__name__ == "AlertRaised" for one in (run, *children) for event in journal(one))
    delivered = len(told(world, "alert"))
    assert delivered >= alarms, "people were not told"
    # What was delivered in the same transaction as what was not marked goes out again with it.
    most = alarms + len(published_by(name))
    assert again + delivered - alarms in (range(1, most + 1) if point == "published, not marked" else range(1))
    connection.close()


def messages_sent_again(run: Run, name: str, world: Path) -> int:
    """Each message that was published is in the outbox and arrived; how many of them arrived again."""
    expected = [str(message_id(run.pk, step)) for step in published_by(name)]
    assert [str(one) for one in Outbox.objects.exclude(step="").values_list("pk", flat=True)] == expected
    came = [message for message, _ in told(world, "published")]
    assert set(came) == set(expected), "a message did not arrive, or one too many"
    return len(came) - len(expected)


def repeatable(name: str, point: str) -> int:
    """How many effects may have been cut in the middle."""
    if point == "before the end" and name == "saga":
        return 1  # the result of the last undo and the run's end are one commit
    if point in (
        "after the run row",
        "after the claim",
        "before the end",
        "published, not marked",
        "while a timer fires",
    ):
        return 0
    if TOGETHER[name] == 1 and (point in EFFECTLESS or point in ("after the commit", "after the result")):
        return 0
    return 1 if point in UNDOING else TOGETHER[name]
