"""A stage for one step: the real guard, client and sandbox, and a log to look at afterwards."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from flows.expr.compile import compile_value
from flows.expr.sandbox import Sandbox
from flows.nodes.base import Credential, NodeType, Result, Step
from flows.nodes.step import LogLevel
from flows.security.egress import EgressGuard, parse_allowances
from flows.security.safejson import Json
from flows.security.transport import guarded_client

NOW = 1_770_000_000_000_000
LOCAL = "127.0.0.0/8"


@dataclass
class Stage:
    """A `StepContext`."""

    egress: EgressGuard
    http: httpx.AsyncClient
    sandbox: Sandbox
    credential: Credential | None = None
    input: Json = None
    key: str = "charge"
    idempotency_key: str = "run-1-charge"
    attempt: int = 1
    deadline: int | None = None
    clock: int = NOW
    began: int = NOW
    seed: int = 7
    own_database: str | None = None
    lock_token: int | None = None
    state: Mapping[str, Json] | None = None
    leaving: bool = False
    cancelled: bool = False
    rivals: str | None = None
    lines: list[tuple[str, str, dict[str, Json]]] = field(default_factory=list)
    shown: list[tuple[int, int | None]] = field(default_factory=list)

    async def until_cancelled(self) -> None:
        raise AssertionError("what is told to an attempt is shown with the driver around it, in tests/runtime")

    async def roll_back(self, *, flow: str, version: int | None, reason: str) -> dict[str, Json]:
        raise AssertionError("what a rollback does is shown with the product around it, in tests/runtime")

    async def rival(self, *, target: str, endpoint: str) -> str | None:
        return self.rivals

    def log(self, level: LogLevel, message: str, fields: Mapping[str, Json]) -> None:
        self.lines.append((level, message, dict(fields)))

    def progress(self, done: int, total: int | None) -> None:
        self.shown.append((done, total))


@asynccontextmanager
async def stage(*, allow: str = LOCAL, **given: Any) -> AsyncIterator[Stage]:
    """A stage behind a guard that allows `allow`."""
    guard = given.pop("egress", None) or EgressGuard(parse_allowances(allow))
    async with guarded_client(guard) as http, Sandbox(processes=1) as sandbox:
        yield Stage(guard, http, sandbox, **given)


async def perform(
    node_type: NodeType, config: dict[str, Any], on: Stage, *, variables: dict[str, Json] | None = None
) -> Result:
    """Resolve a config, as the runtime does, and run the node with it."""
    compiled = compile_value(config, node_type.rules.verbatim, node_type.rules.per_item)
    roots: dict[str, Json] = {"input": on.input, "vars": variables or {}, "index": 0, "last": None}
    resolved = await compiled.resolve_with(roots, on.sandbox, clock=on.clock, seed=on.seed)
    return await node_type.perform(node_type.validate(resolved), Step(on))
