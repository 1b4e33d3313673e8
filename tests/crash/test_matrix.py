"""The fault matrix: an executor is killed at each of thirteen points of each shape of flow, and another goes on.

Afterwards fsck finds nothing, every effect happened, none contradicts itself, and none was repeated that wasn't
under way at the moment of death.
"""

import signal
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection

from flows.models import Outbox, Run
from flows.operations.fsck import check
from flows.runtime.context import idempotency_key
from tests.crash.failpoints import EFFECTLESS, POINTS, UNDOING
from tests.crash.hatching import Hatchery, wait_until
from tests.crash.shapes import SHAPES, TOGETHER, effects_of, shape, undos_of
from tests.crash.stagehands import CATALOGUE, told
from tests.runtime.house import journal, publish, start

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("point", POINTS)
def test_a_run_survives_a_death_at(point: str, name: str, hatchery: Hatchery) -> None:
    document = shape(name, undone=point in UNDOING)
    run = start(publish(document))
    victim = hatchery.hatch(point)
    wait_until(lambda: hatchery.status(victim) == -signal.SIGKILL, f"nobody died {point}")
    hatchery.hatch()
    wait_until(lambda: is_over(run), "the run did not end")
    wait_until(lambda: not Outbox.objects.filter(sent_at__isnull=True).exists(), "the outbox was not emptied")
    hatchery.bury_all()
    assert [str(fault) for fault in check(run.pk, known=CATALOGUE).faults] == []
    is_undone = len(document["nodes"]) > len(shape(name, undone=False)["nodes"]) or name == "saga"
    assert Run.objects.get(pk=run.pk).status == ("failed" if is_undone else "succeeded")
    assert_effects(run, name, point, hatchery.world, is_undone=is_undone)


def is_over(run: Run) -> bool:
    return Run.objects.filter(pk=run.pk, finished_at__isnull=False).exists()


def assert_effects(run: Run, name: str, point: str, world: Path, *, is_undone: bool) -> None:
    keys = effects_of(name) + (undos_of(name) if is_undone else [])
    sent = told(world, "effect")
    times = Counter(key for key, _ in sent)
    assert set(times) == {idempotency_key(run.pk, key) for key in keys}, "an effect is missing, or one too many"
    assert len({value for _, value in sent}) == 1, "an effect contradicts another"
    again = sum(times.values()) - len(times)
    assert again <= repeatable(name, point)
    if name in ("linear", "saga") and point in ("after the effect", "inside the commit", "after the undo's effect"):
        assert again == 1, "what was cut between effect and commit is sent again, under the same key"
    alarms = sum(type(event).__name__ == "AlertRaised" for event in journal(run))
    delivered = len(told(world, "alert"))
    assert delivered == alarms + (point == "published, not marked")
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
