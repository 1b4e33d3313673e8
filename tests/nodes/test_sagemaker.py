"""Deploying to what speaks SageMaker's API: signed, by configurations that follow one another, and taken back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from flows.nodes.base import Again, Answer, BadConfig, Credential, NodeError
from flows.nodes.deploying import deploy, variant_name
from flows.nodes.results import Deployed
from tests.nodes.models_server import Models
from tests.nodes.sagemaker_server import SageMaker
from tests.nodes.stage import NOW, Stage, perform, stage
from tests.security.http_server import http_server

OLD = "churn-v7-0123abcd"
NEW = variant_name("churn", "8", f"run-1-charge-{NOW}")
KEYS = {"access_key_id": "AKIDEXAMPLE", "secret_access_key": "s3cret"}


class Deployment:
    """One deployment, its goes following one another at once."""

    def __init__(self, on: Stage, config: dict[str, Any]) -> None:
        self.on = on
        self.config = config

    async def go(self) -> Answer | Again:
        told = await perform(deploy, self.config, self.on)
        assert isinstance(told, Deployed)
        return told.result

    async def whole(self, *, dies: bool = False) -> dict[str, Any]:
        """`dies`: each go is done twice, as after a crash."""
        for _ in range(300):
            if dies:
                await self.go()
            result = await self.go()
            if isinstance(result, Answer):
                assert isinstance(result.output, dict)
                return result.output
            self.on.state, self.on.began = result.state, result.instant
        raise AssertionError("it never ends")


@asynccontextmanager
async def deploying(there: SageMaker, keys: dict[str, Any] = KEYS, **more: Any) -> AsyncIterator[Deployment]:
    credential = Credential("models", "ml", keys, ("127.0.0.1",))
    async with (
        http_server(Models()) as registry,
        http_server(there) as server,
        stage(credential=credential) as on,
    ):
        config = {
            "registry": registry.url(""), "model": "churn", "value": "candidate", "target": "sagemaker",
            "url": server.url(""), "endpoint": "churn", "region": "eu-central-1", "role": "arn:aws:iam::1:role/models",
            "image": "registry.example/serve:3", **more,
        }  # fmt: skip
        yield Deployment(on, config)


@pytest.mark.parametrize("dies", [False, True], ids=["once", "each go twice"])
async def test_a_canary_moves_the_weights_of_an_endpoint(dies: bool) -> None:
    there = SageMaker().serve()
    async with deploying(there, strategy="canary", steps=[10]) as one:
        told = await one.whole(dies=dies)
    assert (told["version"], told["previous"], told["replaced"]) == ("8", "7", [OLD])
    assert there.weights == [{OLD: 90, NEW: 10}, {OLD: 0, NEW: 100}]
    container = there.models[NEW]["PrimaryContainer"]
    assert (container["ModelDataUrl"], container["Image"]) == ("s3://models/churn/8", "registry.example/serve:3")
    last = there.configs[list(there.configs)[-1]]
    assert [one["VariantName"] for one in last] == [NEW]


async def test_the_first_deployment_makes_the_endpoint() -> None:
    there = SageMaker()
    async with deploying(there) as one:
        await one.whole()
    assert "CreateEndpoint" in there.actions
    assert there.shares == {NEW: 100}


async def test_an_update_that_fails_at_the_target_leaves_the_old_one_serving() -> None:
    there = SageMaker(fails=True).serve()
    async with deploying(there) as one:
        with pytest.raises(NodeError, match="the target no longer knows the new variant") as failed:
            await one.whole()
    assert failed.value.code == "deployment_failed"
    assert there.shares == {OLD: 1}


async def test_a_health_check_that_fails_puts_the_weights_back_and_the_variant_away() -> None:
    there = SageMaker().serve()
    async with deploying(there, health_url="http://127.0.0.1:9/health", patience="2m") as one:
        with pytest.raises(NodeError, match="it was not healthy in time") as failed:
            await one.whole()
    assert failed.value.code == "deployment_failed"
    last = there.configs[list(there.configs)[-1]]
    assert [variant["VariantName"] for variant in last] == [OLD]
    assert there.shares[OLD] == 1


async def test_a_throttled_target_is_asked_again() -> None:
    there = SageMaker().serve()
    async with deploying(there) as one:
        first = await one.go()
        assert isinstance(first, Again)
        one.on.state = first.state
        there.busy = 3
        await one.whole()
    assert there.weights[-1] == {OLD: 0, NEW: 100}


async def test_a_wrong_secret_is_refused_by_the_target_and_never_shown() -> None:
    there = SageMaker().serve()
    async with deploying(there, {**KEYS, "secret_access_key": "wr0ng"}) as one:
        with pytest.raises(NodeError, match="answered 403: The request signature") as failed:
            await one.go()
    assert "wr0ng" not in str(failed.value)
    assert there.actions == []


@pytest.mark.parametrize(
    ("more", "keys"),
    [({"region": ""}, KEYS), ({"max_error_rate": 0.1}, KEYS), ({}, {"target_token": "t"})],
    ids=["no region", "figures it doesn't tell", "no keys"],
)
async def test_what_it_lacks_is_said_before_anything_is_asked(more: dict[str, Any], keys: dict[str, Any]) -> None:
    there = SageMaker().serve()
    async with deploying(there, keys, **more) as one:
        with pytest.raises(BadConfig):
            await one.go()
    assert there.actions == []


async def test_variants_that_have_no_names_are_an_answer_that_cannot_be_read() -> None:
    there = SageMaker().serve()
    assert there.endpoint is not None
    there.endpoint["ProductionVariants"][0]["VariantName"] = ["churn"]
    async with deploying(there) as one:
        with pytest.raises(NodeError, match="a variant has no name"):
            await one.go()
