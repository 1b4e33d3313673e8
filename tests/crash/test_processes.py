"""A worker host whose processes are killed one kind after the other, and one that is asked to stop in mid-step."""

import os
import signal
from pathlib import Path

import pytest

from flows.engine.events import AttemptLost, StepStarted
from flows.models import Executor, Run
from flows.operations.fsck import check
from tests.crash.hatching import Hatchery, wait_until
from tests.crash.hosts import parent_of
from tests.crash.stagehands import CATALOGUE, told
from tests.runtime.house import chain, journal, publish, start
from tests.runtime.test_supervisor import below, group_of

pytestmark = pytest.mark.django_db(transaction=True)

HOLD = {"type": "test.hold", "config": {"value": 1}}


def in_mid_step(hatchery: Hatchery) -> Run:
    """A run whose step is under way in a worker of a host."""
    run = start(publish(chain(1, HOLD)))
    wait_until(lambda: bool(told(hatchery.world, "holding")), "nobody began the step")
    return run


def processes(host: int) -> dict[str, int]:
    """What django-q2 calls its processes: below the cluster the sentinel, below it workers, monitor, pusher in order."""
    sentinel = group_of(host)[1]
    own = [child for child in sorted(below(sentinel)) if parent_of(child) == sentinel]
    busy = Executor.objects.get(pk=Run.objects.get().owner).pid
    idle = next(pid for pid in own[:-2] if pid != busy)
    return {"sentinel": sentinel, "monitor": own[-2], "pusher": own[-1], "busy worker": busy, "idle worker": idle}


@pytest.mark.parametrize("which", ["sentinel", "pusher", "monitor", "idle worker", "busy worker"])
def test_a_killed_process_of_the_cluster_costs_no_run(which: str, hatchery: Hatchery) -> None:
    host = hatchery.host()
    run = in_mid_step(hatchery)
    os.kill(processes(host)[which], signal.SIGKILL)
    hatchery.let_go()
    wait_until(lambda: is_over(run), "the run did not end")
    after = start(publish(chain(2)))
    wait_until(lambda: is_over(after), "the host takes no runs any more")
    hatchery.bury_all()
    assert set(Run.objects.values_list("status", flat=True)) == {"succeeded"}
    assert check(known=CATALOGUE).faults == []


@pytest.mark.parametrize("how", ["once", "twice", "to its group", "to all its groups"])
def test_a_host_told_to_stop_in_mid_step_gives_the_run_back(how: str, hatchery: Hatchery) -> None:
    host = hatchery.host()
    run = in_mid_step(hatchery)
    groups = groups_of(host)
    assert groups[0] == host
    assert len(groups) == 2, "the cluster has a group of its own"
    for _ in range(2 if how == "twice" else 1):
        if "group" in how:
            for group in groups if how == "to all its groups" else groups[:1]:
                os.killpg(group, signal.SIGTERM)
        else:
            os.kill(host, signal.SIGTERM)
    wait_until(lambda: hatchery.status(host) is not None, "the host did not stop")
    lost = [event for event in journal(run) if isinstance(event, AttemptLost)]
    if how != "to all its groups":  # else django-q2 may end a worker before its turn has
        assert [event.cause for event in lost] == ["released"]
        assert Run.objects.get(pk=run.pk).owner is None
        assert not Executor.objects.exists()
    hatchery.host()
    hatchery.let_go()
    wait_until(lambda: is_over(run), "the run did not end")
    hatchery.bury_all()
    events = journal(run)
    assert [event.attempt for event in events if isinstance(event, StepStarted)] == [1, 1], "a loss counts for nothing"
    assert sum(isinstance(event, AttemptLost) for event in events) == 1
    assert check(known=CATALOGUE).faults == []


def groups_of(host: int) -> list[int]:
    """The process groups of a host, its own first."""
    return list(dict.fromkeys(os.getpgid(pid) for pid in (host, *below(host))))


def test_a_host_whose_redis_is_absent_drives_runs_all_the_same(tmp_path: Path) -> None:
    hatchery = Hatchery(tmp_path / "world", REDIS_URL="redis://127.0.0.1:9/0")
    try:
        hatchery.host()
        run = start(publish(chain(2)))
        wait_until(lambda: is_over(run), "the run did not end")
    finally:
        hatchery.bury_all()
        hatchery.close()
    assert check().faults == []


def is_over(run: Run) -> bool:
    return Run.objects.filter(pk=run.pk, finished_at__isnull=False).exists()
