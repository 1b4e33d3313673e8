"""A step that executors died over is performed alone: it hears of a cancel there, and what befalls others isn't its doing."""

import os
import signal

import pytest

from flows.engine.events import AttemptLost, StepSucceeded
from flows.models import Executor, Run
from flows.operations import steering
from flows.operations.actor import system
from flows.operations.fsck import check
from tests.crash.hatching import Hatchery, wait_until
from tests.crash.hosts import children_of
from tests.crash.stagehands import CATALOGUE, told
from tests.runtime.house import chain, journal, publish, start

pytestmark = pytest.mark.django_db(transaction=True)

HOLD = {"type": "test.hold", "config": {"value": 1}}


def losses(run: Run) -> list[tuple[str, bool]]:
    return [(event.cause, event.alone) for event in journal(run) if isinstance(event, AttemptLost)]


def tries(hatchery: Hatchery) -> list[int]:
    """The processes that began the step, in order."""
    return [int(pid) for _, pid in told(hatchery.world, "holding")]


def begun(hatchery: Hatchery, times: int) -> None:
    wait_until(lambda: len(tries(hatchery)) == times, f"the step was not begun {times} times")


def owner_of(run: Run) -> int:
    return Executor.objects.get(pk=Run.objects.get(pk=run.pk).owner).pid


@pytest.mark.parametrize("node", ["test.oblige", "test.oblige_in_thread"])
def test_a_cancel_reaches_a_step_in_a_process_of_its_own(node: str, hatchery: Hatchery) -> None:
    run = start(publish(chain(1, {"type": node})))
    for died in (1, 2):
        hatchery.hatch()
        begun(hatchery, died)
        hatchery.bury_all()
    living = hatchery.hatch()
    begun(hatchery, 3)
    assert tries(hatchery)[-1] != living, "it is not alone"
    steering.cancel(system(run.workspace_id, "boss"), run.pk)
    wait_until(lambda: Run.objects.filter(pk=run.pk, status="cancelled").exists(), "the run did not end")
    hatchery.bury_all()
    done = journal(run)[-2]
    assert isinstance(done, StepSucceeded)
    assert done.output == {"told": True}
    assert check(known=CATALOGUE).faults == []


def alone_in_a_host(hatchery: Hatchery, *, without_nursery: bool = False) -> tuple[int, Run]:
    """A host, and a run whose step is under way alone after two workers died over it."""
    host = hatchery.host()
    run = start(publish(chain(1, HOLD)))
    for died in (1, 2):
        begun(hatchery, died)
        if died == 2 and without_nursery:
            os.kill(nursery_of(host), signal.SIGKILL)
        os.kill(owner_of(run), signal.SIGKILL)
    begun(hatchery, 3)
    assert tries(hatchery)[-1] not in Executor.objects.values_list("pid", flat=True)
    return host, run


def nursery_of(host: int) -> int:
    """Beside the cluster, which has a group of its own."""
    (nursery,) = [pid for pid in children_of(host) if os.getpgid(pid) == os.getpgid(host)]
    return nursery


def test_a_nursery_that_is_killed_is_there_again_for_the_next_step(hatchery: Hatchery) -> None:
    _, run = alone_in_a_host(hatchery, without_nursery=True)
    hatchery.let_go()
    wait_until(lambda: Run.objects.filter(pk=run.pk, finished_at__isnull=False).exists(), "the run did not end")
    hatchery.bury_all()
    assert Run.objects.get(pk=run.pk).status == "succeeded"
    assert losses(run) == [("vanished", False)] * 2
    assert check(known=CATALOGUE).faults == []


def test_a_stop_of_the_whole_group_is_no_death_of_a_step_alone(hatchery: Hatchery) -> None:
    host, run = alone_in_a_host(hatchery)
    os.killpg(host, signal.SIGTERM)
    wait_until(lambda: hatchery.status(host) is not None, "the host did not stop")
    assert losses(run) == [*[("vanished", False)] * 2, ("released", False)]
    hatchery.host()
    hatchery.let_go()
    wait_until(lambda: Run.objects.filter(pk=run.pk, finished_at__isnull=False).exists(), "the run did not end")
    hatchery.bury_all()
    assert Run.objects.get(pk=run.pk).status == "succeeded"
    assert check(known=CATALOGUE).faults == []
