"""What people are told of a deployment stands beside the journal, written with it."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from django.db import connection

from flows.models import Deployment, Event, Run
from flows.operations.actor import system
from flows.operations.credentials import create_credential
from flows.runtime.clock import VirtualClock
from tests.nodes.models_server import Models, serving
from tests.runtime.house import executing, kinds, publish, start, workspace
from tests.security.http_server import Server, http_server

pytestmark = pytest.mark.django_db(transaction=True)

T = TypeVar("T")
HOUR = 3_600_000_000


@pytest.fixture(autouse=True)
def _near(settings: Any) -> None:
    settings.MULGIL = settings.MULGIL | {"egress_allow": ("127.0.0.0/8",)}


def document(server: Server, **node: Any) -> dict[str, Any]:
    url = server.url("")
    config = {
        "registry": url, "model": "churn", "value": "candidate", "url": url, "endpoint": "churn",
        "strategy": "canary", "steps": [5], "hold": "1h", "environment": "staging",
    }  # fmt: skip
    nodes = [{"id": "start", "type": "trigger.manual"}, {"id": "deploy", "type": "ml.deploy", "config": config, **node}]
    return {"dsl": 1, "name": "Deploys", "nodes": nodes, "edges": [{"from": "start", "to": "deploy"}]}


async def apart(work: Callable[[], T]) -> T:
    """In a thread, whose connection is closed with it."""

    def done() -> T:
        try:
            return work()
        finally:
            connection.close()

    return await asyncio.to_thread(done)


def deployed(models: Models, *, then: str, **node: Any) -> tuple[Run, list[tuple[str, int]]]:
    """The run of a canary, and its record at each hour's end; `then`: how the variant is from the second hour on."""
    seen: list[tuple[str, int]] = []

    async def play() -> Run:
        async with http_server(models) as server:
            run = await apart(lambda: start(publish(document(server, **node))))
            for hour in range(4):
                async with executing(clock=VirtualClock(start=(10 + hour) * HOUR)) as executor:
                    await executor.turn()
                seen.append(await apart(lambda: Deployment.objects.values_list("state", "share").get()))
                models.states = [then]
            return run

    return asyncio.run(play()), seen


def test_a_canary_is_told_while_it_is_under_way_and_when_it_is_done() -> None:
    run, seen = deployed(serving(), then="ready")
    assert seen == [("under_way", 5), ("succeeded", 100), ("succeeded", 100), ("succeeded", 100)]
    told = Deployment.objects.get()
    run.refresh_from_db()
    assert (told.run, told.number, told.step, told.workspace_id) == (run.pk, run.number, "deploy", run.workspace_id)
    assert (told.environment, told.endpoint, told.model, told.version) == ("staging", "churn", "churn", "8")
    assert (told.previous, told.strategy, told.reason) == ("7", "canary", "")
    assert run.status == "succeeded"


def test_one_that_is_taken_back_is_told_with_the_reason() -> None:
    run, seen = deployed(serving(), then="failed")
    run.refresh_from_db()
    assert (run.status, seen[0], seen[-1]) == ("failed", ("under_way", 5), ("failed", 0))
    assert "the target says that the variant failed: no memory" in Deployment.objects.get().reason
    assert kinds(run).count("step_failed") == 1


def test_a_registry_that_tells_more_than_a_row_takes_stops_no_run() -> None:
    models = serving("7" * 300)
    models.aliases["candidate"] = "8" * 300
    run, _ = deployed(models, then="ready")
    run.refresh_from_db()
    told = Deployment.objects.get()
    assert (run.status, told.state) == ("succeeded", "succeeded")
    assert (told.version, told.previous) == ("8" * 100, "7" * 100)


def test_a_secret_that_a_target_repeats_is_not_told_of_the_deployment() -> None:
    secret = "t0ken-of-our-own"
    keeper = system(workspace().pk, "keeper")
    create_credential(keeper, name="models", kind="ml", values={"target_token": secret}, hosts=["127.0.0.1"])
    models = serving()
    models.why = f"{secret} was given as a weight"
    run, seen = deployed(models, then="failed", credential="models")
    assert seen[-1] == ("failed", 0)
    assert "was given as a weight" in Deployment.objects.get().reason
    assert secret not in Deployment.objects.get().reason
    assert not Event.objects.filter(run=run, data__contains=secret).exists()
