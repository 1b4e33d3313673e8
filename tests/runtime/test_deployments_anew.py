"""A deployment that its step begins anew is another one: to its target, and on the record it takes over."""

import asyncio
from typing import Any

import pytest

from flows.models import Deployment, Run
from flows.runtime.clock import VirtualClock
from tests.nodes.models_server import serving
from tests.runtime.house import executing, publish, start
from tests.runtime.test_deployments import HOUR, _near, apart, document, idle, shares, tell  # noqa: F401  # a fixture
from tests.security.http_server import http_server

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_that_its_step_begins_anew_takes_the_whole_record_over() -> None:
    run = idle()
    anew = {
        "environment": "staging", "endpoint": "ranks", "target": "https://other.example", "model": "n", "version": "2",
        "previous": "1", "strategy": "blue_green", "variant": "w", "share": 5, "state": "under_way", "reason": "",
    }  # fmt: skip

    def told() -> dict[str, Any]:
        return {name: value for name, value in Deployment.objects.values().get().items() if name in anew}

    async def one_after_the_other() -> Any:
        await tell(run)
        await tell(run, state="failed", reason="no memory")
        began = await apart(lambda: Deployment.objects.values_list("created_at", flat=True).get())
        await tell(run, **anew)
        return began

    before = asyncio.run(one_after_the_other())
    assert told() == anew
    began = Deployment.objects.get().created_at
    assert began > before
    asyncio.run(tell(run, **anew | {"share": 100, "state": "succeeded"}))
    assert told() == anew | {"share": 100, "state": "succeeded"}
    assert Deployment.objects.get().created_at == began, "it is the same deployment"


def test_one_in_a_container_that_is_tried_again_is_another_to_its_target_and_on_its_record() -> None:
    """Beside a canary a check fails for a while. The target takes no name of a variant twice."""
    models = serving()
    models.busy["GET /health"] = 1
    told = list[dict[str, Any]]()

    async def play() -> Run:
        async with http_server(models) as server:
            whole = document(server)
            retry = {"max_attempts": 2, "initial": "1h", "max": "1h", "jitter": 0}
            inside = [
                whole["nodes"][1] | {"parent": "alone"},
                {"id": "later", "type": "flow.wait", "parent": "alone", "config": {"for": "30m"}},
                {"id": "check", "type": "http.request", "parent": "alone", "config": {"url": server.url("/health")}},
            ]
            guard = {"id": "alone", "type": "flow.for_each", "config": {"items": [1]}, "retry": retry}
            whole["nodes"] = [whole["nodes"][0], guard, *inside]
            whole["edges"] = [{"from": "start", "to": "alone"}, {"from": "later", "to": "check"}]
            run = await apart(lambda: start(publish(whole)))
            for half in (0, 1, 3, 6):
                async with executing(clock=VirtualClock(start=10 * HOUR + half * HOUR // 2)) as executor:
                    await executor.turn()
                told.append(await apart(lambda: Deployment.objects.values().get()))
                if half == 1:
                    assert shares(models) == {"old": 100}
                    models.variants["old"]["version"], models.aliases["candidate"] = "7b", "9"
            return run

    run = asyncio.run(play())
    run.refresh_from_db()
    assert run.status == "succeeded", run.error
    shown = [(one["version"], one["previous"], one["state"], one["share"]) for one in told]
    assert shown == [
        ("8", "7", "under_way", 5),
        ("8", "7", "failed", 0),
        ("9", "7b", "under_way", 5),
        ("9", "7b", "succeeded", 100),
    ]
    first, second = told[0]["variant"], told[2]["variant"]
    assert first != second
    assert list(models.variants) == [second]
    assert told[2]["reason"] == ""
