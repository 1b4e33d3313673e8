"""A canary of a model outlives its executors: killed while the run is parked, in the middle of a request, and while they put
everything back."""

import asyncio
import os
import queue
import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from flows.models import Deployment, Event, Run
from flows.operations.fsck import check
from tests.crash.hatching import Hatchery, wait_until
from tests.crash.stagehands import CATALOGUE
from tests.nodes.models_server import Models, serving
from tests.runtime.house import kinds, publish, send, start
from tests.security.http_server import Reply, Request, http_server

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = 3_600_000_000


class Target:
    """The server of the models, in a thread of its own: it outlives every executor, and may kill one."""

    def __init__(self) -> None:
        self.models: Models = serving()
        self.deadly = ""
        """Who asks for what has this in its method and address is killed before it hears the answer; once."""
        self.victims: queue.Queue[int] = queue.Queue()
        self.port = 0
        self._is_up = threading.Event()
        self._over = asyncio.Event()
        self._thread = threading.Thread(target=asyncio.run, args=(self._serve(),), daemon=True)
        self._thread.start()
        assert self._is_up.wait(30)

    def get(self, _path: str, _otherwise: object = None) -> Any:
        """Every path is answered by it."""
        return self._answer

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        async with http_server(self) as server:
            self.port = server.port
            self._is_up.set()
            await self._over.wait()

    def _answer(self, request: Request) -> Reply:
        reply = self.models.answer(request)
        if self.deadly and self.deadly in f"{request.method} {request.target}":
            self.deadly = ""
            os.kill(self.victims.get(timeout=30), signal.SIGKILL)  # it is done, and who asked for it never hears so
        return reply

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()


@pytest.fixture(scope="module")
def the_target() -> Iterator[Target]:
    found = Target()
    yield found
    found.close()


@pytest.fixture(scope="module")
def the_hatchery(
    the_target: Target, django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Hatchery]:
    world = tmp_path_factory.mktemp("world") / "effects"
    found = Hatchery(world, MULGIL_EGRESS_ALLOW=f"127.0.0.1:{the_target.port}")
    yield found
    found.close()


@pytest.fixture
def target(the_target: Target) -> Target:
    the_target.models = serving()
    return the_target


@pytest.fixture
def hatchery(the_hatchery: Hatchery, transactional_db: None) -> Iterator[Hatchery]:
    yield the_hatchery
    the_hatchery.bury_all()


def document(port: int, *, settings: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    url = f"http://127.0.0.1:{port}"
    config = {
        "registry": url, "model": "churn", "value": "candidate", "url": url, "endpoint": "churn",
        "strategy": "canary", "steps": [5, 50], "hold": "1h", **more,
    }  # fmt: skip
    nodes = [{"id": "start", "type": "trigger.manual"}, {"id": "deploy", "type": "ml.deploy", "config": config}]
    edges = [{"from": "start", "to": "deploy"}]
    return {"dsl": 1, "name": "Deploys", "nodes": nodes, "edges": edges, "settings": settings or {}}


def is_parked(run: Run) -> bool:
    return Run.objects.filter(pk=run.pk, status="waiting").exists()


def has_ended(run: Run) -> bool:
    run.refresh_from_db()
    return run.status in ("succeeded", "failed", "cancelled")


def kill(hatchery: Hatchery, executor: int) -> None:
    os.kill(executor, signal.SIGKILL)
    await_death(hatchery, executor)


def await_death(hatchery: Hatchery, executor: int) -> None:
    wait_until(lambda: hatchery.status(executor) == -signal.SIGKILL, "it didn't die")


def test_a_canary_goes_on_where_it_stood_after_each_death(target: Target, hatchery: Hatchery) -> None:
    run = start(publish(document(target.port)))
    models = target.models

    def shares() -> list[float]:
        return [weights["old"] for weights in models.weights]

    parked = hatchery.hatch()
    wait_until(lambda: shares() == [95] and is_parked(run), "the first step of the canary never came")
    kill(hatchery, parked)

    target.deadly = "/weights"
    moving = hatchery.hatch(skew=HOUR + 1)
    target.victims.put(moving)
    await_death(hatchery, moving)
    next_one = hatchery.hatch(skew=HOUR + 2)
    wait_until(lambda: shares() == [95, 50, 50] and is_parked(run), "the second step was not asked for again")
    os.kill(next_one, signal.SIGKILL)

    hatchery.hatch(skew=2 * HOUR + HOUR // 2)
    wait_until(lambda: Run.objects.filter(pk=run.pk, status="succeeded").exists(), "the run did not end")
    assert shares() == [95, 50, 50, 0]
    moves = [key for key in models.keys if "-weigh-" in key]
    assert (moves[1], len(set(moves))) == (moves[2], 3), "asked again, and under the same key"
    assert [one["version"] for one in models.variants.values()] == ["8"]
    assert Event.objects.filter(run=run, kind="attempt_lost").count() == 1
    assert [str(fault) for fault in check(known=CATALOGUE).faults] == []


@pytest.mark.parametrize("end", ["cancelled", "failed"], ids=["cancelled", "out of its time"])
def test_what_is_taken_back_is_taken_back_whoever_dies_over_it(target: Target, hatchery: Hatchery, end: str) -> None:
    """One dies while the weights are put back, the next while the variant is removed; the third does it in a process apart."""
    run = start(publish(document(target.port, settings={"timeout": "30m"})))
    models = target.models
    canary = hatchery.hatch()
    wait_until(lambda: len(models.weights) == 1 and is_parked(run), "the first step of the canary never came")
    skew = 0
    if end == "failed":
        kill(hatchery, canary)
        skew = HOUR // 2 + 1
    target.deadly = "/weights"
    if end == "failed":
        canary = hatchery.hatch(skew=skew)
    else:
        send(run, "cancel", {"reason": "enough"})
    target.victims.put(canary)
    await_death(hatchery, canary)

    target.deadly = "DELETE"
    removing = hatchery.hatch(skew=skew)
    target.victims.put(removing)
    await_death(hatchery, removing)

    hatchery.hatch(skew=skew)
    wait_until(lambda: has_ended(run), "the run did not end")
    assert run.status == end
    assert [weights["old"] for weights in models.weights] == [95, 100, 100]
    assert models.variants == {"old": {"version": "7", "weight": 100}}
    back, removed = models.keys[-4:-2], models.keys[-2:]
    assert (len(set(back)), len(set(removed))) == (1, 1), "what is asked again is asked under the same key"
    told = Deployment.objects.get()
    assert (told.state, told.share) == ("failed", 0)
    assert kinds(run).count("attempt_lost") == 2
    assert kinds(run)[-2] == "step_failed"
    assert [str(fault) for fault in check(known=CATALOGUE).faults] == []


def test_one_that_is_cancelled_while_its_health_is_asked_after_is_taken_back_by_whoever_comes_next(
    target: Target, hatchery: Hatchery
) -> None:
    run = start(publish(document(target.port, health_url=f"http://127.0.0.1:{target.port}/health")))
    models = target.models
    models.silent["GET /health"] = 1
    asking = hatchery.hatch()
    wait_until(lambda: models.silent["GET /health"] == 0, "nobody asked after its health")
    send(run, "cancel", {"reason": "enough"})
    wait_until(lambda: "cancel_requested" in kinds(run), "the cancel was not read")
    assert len(models.variants) == 2, "what is under way isn't cut"
    kill(hatchery, asking)

    hatchery.hatch()
    wait_until(lambda: has_ended(run), "the run did not end")
    assert run.status == "cancelled"
    assert models.variants == {"old": {"version": "7", "weight": 100}}
    assert (Deployment.objects.get().state, kinds(run)[-4:]) == (
        "failed",
        ["attempt_lost", "step_started", "step_failed", "run_cancelled"],
    )
    assert [str(fault) for fault in check(known=CATALOGUE).faults] == []
