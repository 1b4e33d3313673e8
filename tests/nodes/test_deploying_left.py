"""Deployments that nobody waits for any more, that came second to their endpoint, or whose settings changed meanwhile."""

import pytest

from flows.nodes.base import Answer, NodeError
from tests.nodes.deploying_house import NEW, house


@pytest.mark.parametrize("moved", [0, 5, 100])
async def test_one_that_is_left_puts_everything_back_in_a_single_go(moved: int) -> None:
    plan = {"strategy": "canary", "steps": [5], "grace": "1h"}
    async with house() as at:
        while at.weights.get(NEW) != moved:
            await at.go(**plan)
        at.on.leaving = True
        with pytest.raises(NodeError) as failed:
            await at.go(**plan)
    assert (failed.value.code, at.weights) == ("deployment_failed", {"old": 100})
    assert "its run went on without it or ended before it was through" in failed.value.message
    assert failed.value.deployment is not None
    assert (failed.value.deployment["state"], failed.value.deployment["share"]) == ("failed", 0)


async def test_one_that_is_left_before_it_changed_anything_touches_no_weights() -> None:
    async with house() as at:
        await at.go()
        at.models.variants["old"]["weight"], at.models.variants["other"] = 60, {"version": "6", "weight": 40}
        at.on.leaving = True
        with pytest.raises(NodeError, match="What served before serves on"):
            await at.go()
    assert at.weights == {"old": 60, "other": 40}, "what others do meanwhile is not its business"


async def test_one_that_is_left_when_the_new_version_serves_alone_is_brought_to_its_end() -> None:
    async with house() as at:
        while not (at.goes and at.goes[-1].state["phase"] == "settle"):
            await at.go(set_alias="champion")
        at.on.leaving = True
        assert isinstance(await at.go(set_alias="champion"), Answer)
    assert (at.weights, at.models.aliases["champion"]) == ({NEW: 100}, "8")


async def test_one_that_is_left_tries_to_put_back_for_as_long_as_any() -> None:
    async with house() as at:
        while at.weights.get(NEW) != 5:
            await at.go(strategy="canary")
        at.models.busy["PUT /endpoints/churn"] = 1_000
        at.on.leaving = True
        failed = await at.fails(strategy="canary")
    assert (failed.code, failed.klass) == ("deployment_not_put_back", "critical")
    assert at.goes[-1].farewell


async def test_it_ends_with_what_it_began_with_whatever_its_settings_say_meanwhile() -> None:
    async with house() as at:
        while at.weights.get(NEW) != 5:
            await at.go(strategy="canary")
        told = await at.deployed(strategy="blue_green", endpoint="ranks", environment="dev", set_alias="champion")
    assert (told["endpoint"], told["environment"], told["strategy"], told["alias"]) == (
        "churn",
        "production",
        "canary",
        "",
    )
    assert not any("/ranks" in request.target for request in at.server.requests)


@pytest.mark.parametrize(("rival", "who"), [("12", "run 12"), ("", "another run")])
async def test_one_that_came_second_to_its_endpoint_fails_before_it_changes_anything(rival: str, who: str) -> None:
    async with house(rivals=rival) as at:
        failed = await at.fails()
    assert (
        failed.message
        == f"Version 8 of churn was not deployed to churn: {who} was deploying there when this one began."
    )
    assert (failed.code, failed.klass, at.models.keys) == ("endpoint_taken", "permanent", [])
    assert failed.deployment is not None
    assert (failed.deployment["state"], failed.deployment["share"]) == ("failed", 0)
