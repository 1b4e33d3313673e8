"""The fault matrix: an executor is killed at each of thirteen points of each shape of flow, and another goes on.

Afterwards fsck finds nothing, every effect happened, none contradicts itself, and none was repeated that wasn't
under way at the moment of death.
"""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from builder_ui.environment import PROJECT
from flows.models import Outbox, Run
from flows.operations.fsck import check
from flows.runtime.context import idempotency_key
from tests.crash.failpoints import EFFECTLESS, POINTS, UNDOING
from tests.crash.hosts import address_of_test_database
from tests.crash.shapes import SHAPES, TOGETHER, effects_of, shape, undos_of
from tests.crash.stagehands import CATALOGUE, WORLD, told
from tests.runtime.house import journal, publish, start

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 60.0
"""Seconds a state may take to come on a machine that has much else to do."""


class Hatchery:
    """Forks executors on demand."""

    def __init__(self, world: Path) -> None:
        surroundings = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "builder_ui.settings",
            "DATABASE_URL": address_of_test_database(),
            "MULGIL_SECRET_KEY": secrets.token_urlsafe(48),
            WORLD: str(world),
        }
        self.world = world
        self.living: set[int] = set()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.hatchery"],
            cwd=PROJECT,
            env=surroundings,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()

    def hatch(self, point: str | None = None) -> int:
        pid: int = self._ask({"point": point})["pid"]
        self.living.add(pid)
        return pid

    def status(self, pid: int) -> int | None:
        """The signal it ended by, negative, or its exit code; None while it lives."""
        status: int | None = self._ask({"pid": pid})["status"]
        if status is not None:
            self.living.discard(pid)
        return status

    def bury_all(self) -> None:
        for pid in list(self.living):
            os.kill(pid, signal.SIGKILL)
            while self.status(pid) is None:
                time.sleep(0.002)

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the hatchery has ended"
        answer: dict[str, Any] = json.loads(line)
        return answer


@pytest.fixture(scope="module")
def the_hatchery(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hatchery]:
    hatchery = Hatchery(tmp_path_factory.mktemp("world") / "effects")
    yield hatchery
    hatchery.close()


@pytest.fixture
def hatchery(the_hatchery: Hatchery, transactional_db: None) -> Iterator[Hatchery]:
    the_hatchery.world.unlink(missing_ok=True)
    yield the_hatchery
    the_hatchery.bury_all()


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


def wait_until(holds: Any, otherwise: str) -> None:
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until, otherwise
        time.sleep(0.005)


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
