"""What people are told of a deployment stands beside the journal, written with it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import pytest
from django.db import connection
from django.utils import timezone

from flows.journal.connection import connect
from flows.journal.deployments import deploy
from flows.journal.rows import Batch, DeploymentRow, Projection
from flows.models import Credential, Deployment, Event, Flow, Run, Workspace
from flows.nodes import ml_rollout
from flows.operations.actor import system
from flows.operations.credentials import create_credential
from flows.operations.deployments import rival_of
from flows.runtime.clock import VirtualClock
from tests.cast import person
from tests.nodes.models_server import Models, serving
from tests.runtime.house import executing, kinds, publish, send, start, workspace
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


# --- what ends in the midst of it ------------------------------------------------------------------------------

Act = Callable[[Run], object]


def nothing(_run: Run) -> None:
    """Time passes."""


def shares(models: Models) -> dict[str, float]:
    return {name: one["weight"] for name, one in models.variants.items()}


@dataclass
class Endpoints:
    """Several at one target."""

    models: dict[str, Models]

    def routes(self) -> "Endpoints":
        return self

    def get(self, path: str, _otherwise: object = None) -> Any:
        asked = path.removeprefix("/endpoints/").partition("/")[0]
        return self.models.get(asked, self.models["churn"]).answer


def played(*acts: Act, home: Workspace | None = None, **more: Any) -> tuple[Run, list[dict[str, float]]]:
    """A canary that has moved 5 %, and what happens to its run half an hour after half an hour; the weights after each."""
    models, seen = serving(), list[dict[str, float]]()

    async def play() -> Run:
        async with http_server(models) as server:
            whole = document(server) | {"settings": more.pop("settings", {})}
            whole["nodes"][1] |= more
            run = await apart(lambda: start(publish(whole, home=home)))
            for half, act in enumerate((nothing, *acts)):
                await apart(partial(act, run))
                async with executing(clock=VirtualClock(start=10 * HOUR + half * HOUR // 2)) as executor:
                    await executor.turn()
                seen.append(shares(models))
            return run

    run = asyncio.run(play())
    run.refresh_from_db()
    assert 5 in seen[0].values()
    return run, seen


def test_a_run_that_is_cancelled_puts_back_what_its_canary_had_moved() -> None:
    run, seen = played(lambda run: send(run, "cancel", {"reason": "enough"}))
    assert (run.status, seen[-1]) == ("cancelled", {"old": 100})
    told = Deployment.objects.get()
    assert (told.state, told.share) == ("failed", 0)
    assert "its run went on without it or ended before it was through" in told.reason
    assert kinds(run)[-4:] == ["cancel_requested", "step_started", "step_failed", "run_cancelled"]


def test_a_run_whose_time_is_over_does_so_too() -> None:
    run, seen = played(nothing, settings={"timeout": "20m"})
    assert (run.status, seen[-1]) == ("failed", {"old": 100})
    assert Deployment.objects.get().state == "failed"


def test_a_run_that_is_cancelled_leaves_nothing_under_way_of_all_that_it_deployed_to() -> None:
    """Of three endpoints two are under way, and the third isn't begun."""
    endpoints = Endpoints({name: serving() for name in ("churn", "ranks", "prices")})
    taken_back = [("churn", "failed", 0), ("ranks", "failed", 0)]

    async def play() -> Run:
        async with http_server(endpoints) as server:
            whole = document(server)
            whole["nodes"][1]["each"] = {"items": list(endpoints.models), "concurrency": 2}
            whole["nodes"][1]["config"]["endpoint"] = "{{ item }}"
            run = await apart(lambda: start(publish(whole)))
            for half, act in enumerate((nothing, lambda run: send(run, "cancel", {"reason": "enough"}))):
                await apart(partial(act, run))
                async with executing(clock=VirtualClock(start=10 * HOUR + half * HOUR // 2)) as executor:
                    await executor.turn()
                told = await apart(lambda: sorted(Deployment.objects.values_list("endpoint", "state", "share")))
                assert told == ([("churn", "under_way", 5), ("ranks", "under_way", 5)] if not half else taken_back)
            return run

    run = asyncio.run(play())
    run.refresh_from_db()
    assert run.status == "cancelled"
    assert [shares(models) for models in endpoints.models.values()] == [{"old": 100}] * 3


def test_one_whose_own_time_is_over_before_its_target_answers_puts_back_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ml_rollout, "TRIES", 1)
    models = serving()

    async def play() -> Run:
        async with http_server(models) as server:
            whole = document(server)
            whole["nodes"][1]["timeout"] = "2s"
            run = await apart(lambda: start(publish(whole)))
            for half in range(2):
                async with executing(clock=VirtualClock(start=10 * HOUR + half * HOUR // 2)) as executor:
                    await executor.turn()
                models.silent = {"GET /endpoints": 1}
                assert half or 5 in shares(models).values()
            return run

    run = asyncio.run(play())
    run.refresh_from_db()
    assert (run.status, shares(models)) == ("failed", {"old": 100})
    told = Deployment.objects.get()
    assert (told.state, told.share) == ("failed", 0)
    assert "the time of the attempt was over" in told.reason


def test_a_deployment_whose_flow_is_archived_goes_on() -> None:
    run, seen = played(
        lambda run: Flow.objects.filter(pk=run.flow_id).update(archived_at=timezone.now()), *[nothing] * 3
    )
    assert (run.status, list(seen[-1].values())) == ("succeeded", [100])


def test_one_whose_step_ends_without_a_word_of_its_node_is_abandoned_as_it_stands() -> None:
    actor = person("editor", "editor").actor
    create_credential(actor, name="models", kind="ml", values={"target_token": "t"}, hosts=["127.0.0.1"])
    home = Workspace.objects.get(pk=actor.workspace)
    run, seen = played(lambda _: Credential.objects.all().delete(), home=home, credential="models")
    assert run.status == "failed"
    assert 5 in seen[-1].values(), "nobody put anything back"
    told = Deployment.objects.get()
    assert (told.state, told.share) == ("abandoned", 5)
    assert "models" in told.reason


# --- two at once -----------------------------------------------------------------------------------------------


def two(models: Models, *, hours: int = 1) -> list[Run]:
    """Runs that deploy to one endpoint at once, the one with the smaller number first."""

    async def play() -> list[Run]:
        async with http_server(models) as server:
            runs = [await apart(lambda: start(publish(document(server)))) for _ in range(2)]
            for hour in range(hours):
                async with executing(clock=VirtualClock(start=(10 + hour) * HOUR)) as executor:
                    await executor.turn()
            return runs

    runs = asyncio.run(play())
    for run in runs:
        run.refresh_from_db()
    return runs


def test_of_two_that_begin_at_once_one_fails_with_the_number_of_the_other() -> None:
    models = serving()
    first, second = sorted(two(models), key=lambda run: run.status, reverse=True)
    assert (first.status, second.status) == ("waiting", "failed")
    assert f"run {first.number} was deploying there when this one began" in (second.error or "")
    assert sorted(models.variants) == sorted(["old", Deployment.objects.get(run=first.pk).variant])
    assert {(told.run, told.state) for told in Deployment.objects.all()} == {
        (first.pk, "under_way"),
        (second.pk, "failed"),
    }


def test_the_one_that_goes_on_comes_to_its_end_as_if_it_were_alone() -> None:
    models = serving()
    runs = two(models, hours=3)
    assert sorted(run.status for run in runs) == ["failed", "succeeded"]
    assert [one["weight"] for one in models.variants.values()] == [100]


def test_one_that_begins_while_another_is_taken_back_fails_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ml_rollout, "SECOND", 10 * ml_rollout.SECOND)  # trouble is waited out parked, not in memory
    models = serving()
    runs = list[Run]()

    async def play() -> None:
        async with http_server(models) as server:
            runs.append(await apart(lambda: start(publish(document(server)))))
            await turn(10 * HOUR)
            models.busy["PUT /endpoints/churn/weights"] = 1
            await apart(lambda: send(runs[0], "cancel", {"reason": "enough"}))
            runs.append(await apart(lambda: start(publish(document(server)))))
            await turn(10 * HOUR + HOUR // 2)
            assert 5 in shares(models).values(), "the first is not through with what it takes back"
            assert len(models.variants) == 2
            await turn(11 * HOUR)
            assert shares(models) == {"old": 100}
            runs.append(await apart(lambda: start(publish(document(server)))))
            for hour in (12, 13, 14):
                await turn(hour * HOUR)

    async def turn(instant: int) -> None:
        async with executing(clock=VirtualClock(start=instant)) as executor:
            await executor.turn()

    asyncio.run(play())
    for run in runs:
        run.refresh_from_db()
    assert [run.status for run in runs] == ["cancelled", "failed", "succeeded"]
    assert f"run {runs[0].number} was deploying there" in (runs[1].error or "")
    assert [one["weight"] for one in models.variants.values()] == [100]
    assert sorted(Deployment.objects.values_list("state", flat=True)) == ["failed", "failed", "succeeded"]


def idle() -> Run:
    return start(publish({"dsl": 1, "nodes": [{"id": "start", "type": "trigger.manual"}], "edges": []}))


async def tell(run: Run, **told: Any) -> None:
    """What the journal writes beside an event, over a connection of its own."""
    whole = {
        "environment": "dev", "endpoint": "churn", "target": "https://models.example", "model": "m", "version": "1",
        "previous": "", "strategy": "canary", "variant": "v", "share": 0, "state": "under_way", "reason": "", **told,
    }  # fmt: skip
    batch = Batch(
        run=run.pk, fence=1, was=0, rows=[], projection=Projection(status="waiting", started_at=0), consumed=[],
        messages=[], alerts=[], children=[], letters=[], payloads=[], snapshot=None,
        deployments=[DeploymentRow(step="deploy", told=whole)],
    )  # fmt: skip
    async with await connect("test") as there, there.transaction():
        await deploy(there, [batch])


def test_of_many_that_are_recorded_at_once_by_many_processes_one_stands() -> None:
    runs = [idle() for _ in range(8)]

    async def all_at_once() -> None:
        await asyncio.gather(*map(tell, runs))

    asyncio.run(all_at_once())
    assert Deployment.objects.get().state == "under_way"


@pytest.mark.parametrize("way", ["succeeded", "failed", "abandoned"])
def test_what_is_over_keeps_nobody_from_deploying_and_what_stands_elsewhere_neither(way: str) -> None:
    first, second, third = idle(), idle(), idle()

    async def one_after_the_other() -> None:
        await tell(first)
        await tell(first, state=way)
        await tell(second)
        await tell(third, endpoint="ranks")

    asyncio.run(one_after_the_other())
    assert dict(Deployment.objects.values_list("run", "state")) == {
        first.pk: way,
        second.pk: "under_way",
        third.pk: "under_way",
    }
    assert rival_of(second.pk, "deploy", target="https://models.example", endpoint="churn") is None
    other = idle().pk
    assert rival_of(other, "deploy", target="https://models.example", endpoint="churn") == str(second.number)
    assert rival_of(other, "deploy", target="https://models.example", endpoint="new") == ""


def test_a_step_that_begins_once_more_is_told_with_what_it_deploys_then() -> None:
    """In a container that is tried again: by then the alias may name another version."""
    run = idle()

    async def twice() -> None:
        await tell(run, version="1", state="failed", reason="not well")
        await tell(run, version="2", previous="1", endpoint="ranks", variant="m-v2", model="n", strategy="all_at_once")

    asyncio.run(twice())
    told = Deployment.objects.get()
    assert (told.model, told.version, told.previous, told.endpoint) == ("n", "2", "1", "ranks")
    assert (told.variant, told.strategy, told.state, told.reason) == ("m-v2", "all_at_once", "under_way", "")
