"""A target, a registry and the goes of one deployment, for the tests of `ml.deploy`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from flows.nodes.base import Again, Answer, NodeError
from flows.nodes.deploying import deploy, variant_name
from flows.nodes.results import Deployed
from tests.nodes.models_server import Models, serving
from tests.nodes.stage import NOW, Stage, perform, stage
from tests.security.http_server import Server, http_server

MINUTE = 60_000_000
NEW = variant_name("churn", "8", f"run-1-charge-{NOW}")


@dataclass
class House:
    """A target, a registry, and the goes of one deployment, with the time between them passing at once."""

    models: Models
    server: Server
    on: Stage
    goes: list[Again] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)

    async def go(self, **config: Any) -> Answer | Again:
        url = self.server.url("")
        whole = {"registry": url, "model": "churn", "value": "candidate", "url": url, "endpoint": "churn", **config}
        told = await perform(deploy, whole, self.on)
        assert isinstance(told, Deployed)
        self.records.append(told.told)
        result = told.result
        if isinstance(result, Again):
            self.goes.append(result)
            self.on.state, self.on.began = result.state, result.instant
        return result

    async def deployed(self, **config: Any) -> dict[str, Any]:
        for _ in range(1_000):
            result = await self.go(**config)
            if isinstance(result, Answer):
                assert isinstance(result.output, dict)
                return result.output
        raise AssertionError("it never ends")

    async def fails(self, **config: Any) -> NodeError:
        with pytest.raises(NodeError) as failed:
            await self.deployed(**config)
        return failed.value

    @property
    def weights(self) -> dict[str, float]:
        return {name: one["weight"] for name, one in self.models.variants.items()}

    @property
    def minutes(self) -> float:
        return (self.on.began - NOW) / MINUTE


@asynccontextmanager
async def house(models: Models | None = None, **given: Any) -> AsyncIterator[House]:
    models = models or serving()
    async with http_server(models.routes()) as server, stage(**given) as on:
        yield House(models, server, on)
