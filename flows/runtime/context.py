"""What a node sees of its step in the executor: the `StepContext` of one attempt."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from hashlib import sha256
from typing import Final
from uuid import UUID

import httpx

from flows.dsl.instants import Instant, format_instant
from flows.expr.sandbox import Sandbox
from flows.journal.values import clean
from flows.nodes.step import LogLevel
from flows.runtime.clock import Clock
from flows.runtime.errors import NoProduct
from flows.runtime.patience import patiently
from flows.runtime.verbs import RollbackOrder, installed
from flows.security.credentials import Credential
from flows.security.egress import EgressGuard
from flows.security.safejson import Json

LOG_LINES: Final = 500
LOG_CHARACTERS: Final = 4_000


def idempotency_key(run: UUID, step: str) -> str:
    """The same for a step over all its attempts and crashes; safe in any header."""
    return f"{run}-{sha256(step.encode()).hexdigest()[:16]}"


class Context:
    """One attempt's surroundings. Log lines beyond the limits are dropped and counted."""

    __slots__ = (
        "_clock", "_on_progress", "_run", "_told", "attempt", "began", "cancelled", "clock", "credential", "deadline", "dropped", "egress", "http",
        "input", "key", "leaving", "lock_token", "logs", "own_database", "sandbox", "seed", "state",
    )  # fmt: skip

    def __init__(
        self, *, key: str, run: UUID, attempt: int, clock: Instant, began: Instant, seed: int, deadline: Instant | None, input: Json,  # noqa: A002  # its name in the SDK
        credential: Credential | None, http: httpx.AsyncClient, egress: EgressGuard, sandbox: Sandbox,
        own_database: str | None, time: Clock, lock_token: int | None = None,
        state: Mapping[str, Json] | None = None, leaving: bool = False, on_progress: Callable[[int, int | None], None] | None = None,
    ) -> None:  # fmt: skip
        self.key = key
        self._run = run
        self.attempt = attempt
        self.clock = clock
        self.began = began
        self.seed = seed
        self.deadline = deadline
        self.input = input
        self.credential = credential
        self.http = http
        self.egress = egress
        self.sandbox = sandbox
        self.own_database = own_database
        self.lock_token = lock_token
        self.state = state
        self.leaving = leaving
        self.logs: list[Json] = []
        self.dropped = 0
        self.cancelled = False
        self._told: asyncio.Event | None = None
        self._clock = time
        self._on_progress = on_progress

    @property
    def idempotency_key(self) -> str:
        return idempotency_key(self._run, self.key)

    def tell(self) -> None:
        """The attempt is to come to its end."""
        self.cancelled = True
        if self._told is not None:
            self._told.set()

    async def until_cancelled(self) -> None:
        if not self.cancelled:
            # Made when it is awaited, for hardly any attempt does.
            self._told = self._told or asyncio.Event()
            await self._told.wait()

    async def roll_back(self, *, flow: str, version: int | None, reason: str) -> dict[str, Json]:
        """Ask the product above; one release is made however often it is asked. Raises what it refuses with."""
        verbs = installed()
        if verbs is None:
            raise NoProduct(what="roll back")
        order = RollbackOrder(run=self._run, key=self.idempotency_key, flow=flow, version=version, reason=reason)
        return await patiently(verbs.roll_back, order)

    async def rival(self, *, target: str, endpoint: str) -> str | None:
        """Ask the product above."""
        verbs = installed()
        if verbs is None:
            raise NoProduct(what="look at deployments")
        return await patiently(partial(verbs.rival, self._run, self.key, target), endpoint)

    def log(self, level: LogLevel, message: str, fields: Mapping[str, Json]) -> None:
        if len(self.logs) >= LOG_LINES:
            self.dropped += 1
            return
        line: dict[str, Json] = {
            "at": format_instant(self._clock.now()),
            "level": level,
            "message": clean(str(message))[:LOG_CHARACTERS],
        }
        if fields:
            line["fields"] = dict(fields)
        self.logs.append(line)

    def progress(self, done: int, total: int | None) -> None:
        if self._on_progress is not None:
            self._on_progress(done, total)
