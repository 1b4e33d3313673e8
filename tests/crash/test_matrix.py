"""The fault matrix: an executor is killed at each of thirteen points of each shape of flow, and another goes on.

Afterwards fsck finds nothing, every effect happened, none contradicts itself, and none was repeated that wasn't
under way at the moment of death.
"""

import signal
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection

from flows.models import Delivery, Run
from flows.operations.fsck import check
from flows.runtime.context import idempotency_key
from tests.crash.failpoints import EFFECTLESS, POINTS, UNDOING
from tests.crash.hatching import Hatchery, wait_until
from tests.crash.shapes import DEPTHS, SHAPES, TOGETHER, called, called_effects, effects_of, shape, undos_of
from tests.crash.stagehands import CATALOGUE, told
from tests.runtime.house import journal, publish, publish_for_calls, start

pytestmark = pytest.mark.django_db(transaction=True)


CELLS = [(point, name, depth) for point in POINTS for name in SHAPES for depth in DEPTHS.get(name, (0,))]


@pytest.mark.parametrize(("point", "name", "depth"), CELLS)
def test_a_run_survives_a_death_at(point: str, name: str, depth: int, hatchery: Hatchery) -> None:
    document = shape(name, undone=point in UNDOING)
    publish_for_calls(called(undone=point in UNDOING))
    run = start(publish(document))
    victim = hatchery.hatch(point, depth)
    wait_until(lambda: hatchery.status(victim) == -signal.SIGKILL, f"nobody died {point}")
    hatchery.hatch()
    wait_until(lambda: is_over(run), "the run did not end")
    wait_until(lambda: not Delivery.objects.filter(state="waiting").exists(), "the outbox was not emptied")
    hatchery.bury_all()
    assert [str(fault) for fault in check(known=CATALOGUE).faults] == []
    is_undone = len(document["nodes"]) > len(shape(name, undone=False)["nodes"]) or name == "saga"
    assert {run.status for run in Run.objects.all()} == {"failed" if is_undone else "succeeded"}
    assert_effects(run, name, point, hatchery.world, is_undone=is_undone)


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
    alarms = sum(type(event).__name__ == "AlertRaised" for one in (run, *children) for event in journal(one))
    delivered = len(told(world, "alert"))
    # What was delivered in the same transaction as what was not marked goes out again with it.
    twice = range(1, alarms + 1) if point == "published, not marked" else range(1)
    assert delivered - alarms in twice
    connection.close()


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
