"""One input takes more memory than there is: whoever performs it is killed from outside, as by the system's killer.

What it takes down is its own; the others go on, and after three deaths in a process of its own it is given up.
"""

import contextlib
import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.engine.events import AttemptLost
from flows.models import Alert, Run
from flows.operations.fsck import check
from tests.crash.hatching import Hatchery, wait_until
from tests.crash.stagehands import CATALOGUE
from tests.runtime.house import chain, journal, publish, start
from tests.runtime.test_supervisor import below

pytestmark = pytest.mark.django_db(transaction=True)

MOST = 400 * 1024 * 1024
"""Bytes; an executor or a step alone needs a third of it."""


class Killer(threading.Thread):
    """Kills whatever below a process takes more than there is."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self.killed: Counter[int] = Counter()
        self._root = root
        self._ending = threading.Event()

    def run(self) -> None:
        while not self._ending.wait(0.01):
            for pid in below(self._root):
                with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                    if memory_of(pid) > MOST:
                        os.kill(pid, signal.SIGKILL)
                        self.killed[pid] += 1

    def stop(self) -> None:
        self._ending.set()
        self.join()


def memory_of(pid: int) -> int:
    """The bytes a process has touched."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.fixture
def killer(hatchery: Hatchery) -> Iterator[Killer]:
    killer = Killer(hatchery.pid)
    killer.start()
    yield killer
    killer.stop()


def test_an_input_that_takes_all_memory_is_given_up_and_the_others_go_on(hatchery: Hatchery, killer: Killer) -> None:
    bad = start(publish(chain(1, {"type": "test.greedy"})))
    others = [start(publish(chain(2))) for _ in range(3)]
    deaths = []
    while not is_over(bad):
        living = hatchery.hatch()  # as its host does
        if ends_before(living, bad, hatchery):
            deaths.append(living)
    wait_until(lambda: not Run.objects.filter(finished_at__isnull=True).exists(), "the others did not end")
    hatchery.bury_all()
    losses = [event.alone for event in journal(bad) if isinstance(event, AttemptLost)]
    assert losses == [False, False, True, True, True]
    assert len(deaths) == 2
    assert set(deaths) < set(killer.killed)
    assert len(killer.killed) == len(losses)
    bad.refresh_from_db()
    assert (bad.status, Alert.objects.get().code) == ("failed", "poisoned")
    assert {Run.objects.get(pk=other.pk).status for other in others} == {"succeeded"}
    assert check(known=CATALOGUE).faults == []


def is_over(run: Run) -> bool:
    return Run.objects.filter(pk=run.pk, finished_at__isnull=False).exists()


def ends_before(executor: int, run: Run, hatchery: Hatchery) -> bool:
    """Wait until a run or the executor is at its end; whether it was the executor."""
    wait_until(lambda: hatchery.status(executor) is not None or is_over(run), "neither the run nor its executor ends")
    return executor not in hatchery.living
