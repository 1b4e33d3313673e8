"""A canary of a model outlives its executors: one killed while the run is parked, one in the middle of a request."""

import asyncio
import os
import queue
import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from flows.models import Event, Run
from flows.operations.fsck import check
from tests.crash.hatching import Hatchery, wait_until
from tests.crash.stagehands import CATALOGUE
from tests.nodes.models_server import Models, serving
from tests.runtime.house import publish, start
from tests.security.http_server import Reply, Request, http_server

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = 3_600_000_000


class Target:
    """The server of the models, in a thread of its own: it outlives every executor, and may kill one."""

    def __init__(self) -> None:
        self.models: Models = serving()
        self.is_deadly = False
        self.victims: queue.Queue[int] = queue.Queue()
        self.port = 0
        self._is_up = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),), daemon=True)
        self._thread.start()
        assert self._is_up.wait(30)

    def get(self, _path: str, _otherwise: object = None) -> Any:
        """Every path is answered by it."""
        return self._answer

    async def _serve(self) -> None:
        async with http_server(self) as server:
            self.port = server.port
            self._is_up.set()
            await self._over.wait()

    def _answer(self, request: Request) -> Reply:
        reply = self.models.answer(request)
        if self.is_deadly and request.target.endswith("/weights"):
            self.is_deadly = False
            os.kill(self.victims.get(timeout=30), signal.SIGKILL)  # the weights are set, and it never hears so
        return reply

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()
        self._loop.close()


@pytest.fixture
def target() -> Iterator[Target]:
    found = Target()
    yield found
    found.close()


@pytest.fixture
def hatchery(target: Target, transactional_db: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hatchery]:
    world = tmp_path_factory.mktemp("world") / "effects"
    found = Hatchery(world, MULGIL_EGRESS_ALLOW=f"127.0.0.1:{target.port}")
    yield found
    found.bury_all()
    found.close()


def document(port: int) -> dict[str, Any]:
    url = f"http://127.0.0.1:{port}"
    config = {
        "registry": url, "model": "churn", "value": "candidate", "url": url, "endpoint": "churn",
        "strategy": "canary", "steps": [5, 50], "hold": "1h",
    }  # fmt: skip
    nodes = [{"id": "start", "type": "trigger.manual"}, {"id": "deploy", "type": "ml.deploy", "config": config}]
    return {"dsl": 1, "name": "Deploys", "nodes": nodes, "edges": [{"from": "start", "to": "deploy"}]}


def test_a_canary_goes_on_where_it_stood_after_each_death(target: Target, hatchery: Hatchery) -> None:
    run = start(publish(document(target.port)))
    models = target.models

    def shares() -> list[float]:
        return [weights["old"] for weights in models.weights]

    def is_parked() -> bool:
        return Run.objects.filter(pk=run.pk, status="waiting").exists()

    parked = hatchery.hatch()
    wait_until(lambda: shares() == [95] and is_parked(), "the first step of the canary never came")
    os.kill(parked, signal.SIGKILL)
    wait_until(lambda: hatchery.status(parked) == -signal.SIGKILL, "it didn't die")

    target.is_deadly = True
    moving = hatchery.hatch(skew=HOUR + 1)
    target.victims.put(moving)
    wait_until(lambda: hatchery.status(moving) == -signal.SIGKILL, "nobody died in mid-request")
    next_one = hatchery.hatch(skew=HOUR + 2)
    wait_until(lambda: shares() == [95, 50, 50] and is_parked(), "the second step was not asked for again")
    os.kill(next_one, signal.SIGKILL)

    hatchery.hatch(skew=2 * HOUR + HOUR // 2)
    wait_until(lambda: Run.objects.filter(pk=run.pk, status="succeeded").exists(), "the run did not end")
    assert shares() == [95, 50, 50, 0]
    moves = [key for key in models.keys if "-weigh-" in key]
    assert (moves[1], len(set(moves))) == (moves[2], 3), "asked again, and under the same key"
    assert [one["version"] for one in models.variants.values()] == ["8"]
    assert Event.objects.filter(run=run, kind="attempt_lost").count() == 1
    assert [str(fault) for fault in check(known=CATALOGUE).faults] == []
