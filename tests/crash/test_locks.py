"""Locks and death: whichever moment of a run's way through a lock it meets, nobody is inside twice and nobody is forgotten.

Two runs want one lock, and the executor of both dies on the way into the line, at the grant, inside and on the way out.
"""

import signal
from collections import Counter

import pytest

from flows.engine.events import LockGranted
from flows.models import Inbox, LockPlace, Run
from flows.operations.fsck import check
from flows.runtime.context import idempotency_key
from tests.crash.failpoints import AT_LOCKS
from tests.crash.hatching import Hatchery, wait_until
from tests.crash.shapes import guarded
from tests.crash.stagehands import CATALOGUE, told
from tests.runtime.house import journal, publish, start

pytestmark = pytest.mark.django_db(transaction=True)

REPEATED = {"after the effect": {1}, "inside the commit of letting go": {0, 1}}
"""How many effects are sent again: the result of the last step inside may be in one commit with the lock's end."""


@pytest.mark.parametrize("point", AT_LOCKS)
def test_a_lock_is_held_by_one_and_by_each_once_whatever_dies(point: str, hatchery: Hatchery) -> None:
    version = publish(guarded())
    runs = [start(version) for _ in range(2)]
    victim = hatchery.hatch(point)
    wait_until(lambda: hatchery.status(victim) == -signal.SIGKILL, f"nobody died {point}")
    hatchery.hatch()
    wait_until(lambda: not Run.objects.filter(finished_at__isnull=True).exists(), "the runs did not end")
    hatchery.bury_all()
    assert {run.status for run in Run.objects.all()} == {"succeeded"}
    assert [str(fault) for fault in check(known=CATALOGUE).faults] == []
    assert not LockPlace.objects.exists(), "a lock leaked"
    assert not Inbox.objects.filter(consumed_at__isnull=True).exists(), "a letter was not read"
    grants = [(event.token, run.pk) for run in runs for event in journal(run) if isinstance(event, LockGranted)]
    assert len(grants) == len(runs), "a run was let in twice"
    sent = told(hatchery.world, "effect")
    times = Counter((key, int(token)) for key, token in sent)
    assert set(times) == {
        (idempotency_key(run, f"guard/{step}"), token) for token, run in grants for step in ("open", "close")
    }
    assert [int(token) for _, token in sent] == sorted(int(token) for _, token in sent), "two were inside at once"
    assert sum(times.values()) - len(times) in REPEATED.get(point, {0})
