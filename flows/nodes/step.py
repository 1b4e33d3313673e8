"""What a node sees of the step it performs.

`StepContext` is what the runtime (or the simulator, or a test) hands in; `Step` is the small face of
it that node authors program against. Neither knows of journals, leases or databases of the product.
"""

from collections.abc import Mapping
from typing import Literal, Protocol, TypeAlias

import httpx

from flows.expr.sandbox import Sandbox
from flows.nodes.errors import NotSent
from flows.security.credentials import Credential
from flows.security.egress import EgressGuard
from flows.security.safejson import Json

LogLevel: TypeAlias = Literal["debug", "info", "warning", "error"]


class StepContext(Protocol):
    """What performs a step must supply. Instants are microseconds since the epoch."""

    @property
    def key(self) -> str:
        """The step's path in the run: `notify`, `each[3]/charge`."""

    @property
    def idempotency_key(self) -> str:
        """The same over all attempts and crashes of this step, and no other step's."""

    @property
    def attempt(self) -> int:
        """1 for the first try."""

    @property
    def deadline(self) -> int | None:
        """When the attempt will be cut off; None without a timeout."""

    @property
    def clock(self) -> int:
        """What the step takes for now, journaled: in each attempt of a step with an effect the first one's, so that
        the same key carries the same content."""

    @property
    def began(self) -> int:
        """When this very attempt began: what waits and deadlines count from."""

    @property
    def seed(self) -> int:
        """The random seed, journaled; of a step with an effect the same in each attempt, as its clock."""

    @property
    def lock_token(self) -> int | None:
        """The fencing token of the nearest lock around the step; None outside of any."""

    @property
    def state(self) -> Mapping[str, Json] | None:
        """What the node answered `Again` with; None in its first go."""

    @property
    def leaving(self) -> bool:
        """Whether nobody waits for the step any more, and this go is to take back what it has begun."""

    @property
    def input(self) -> Json:
        """The run's input."""

    @property
    def credential(self) -> Credential | None: ...
    @property
    def http(self) -> httpx.AsyncClient:
        """A client behind the egress guard, shared; it follows no redirect by itself."""

    @property
    def egress(self) -> EgressGuard: ...
    @property
    def sandbox(self) -> Sandbox: ...
    @property
    def own_database(self) -> str | None:
        """The system identifier of the product's own PostgreSQL, which no node may reach."""

    @property
    def cancelled(self) -> bool:
        """Whether the attempt is to come to its end: its run was cancelled, or nobody waits for it any more."""

    async def until_cancelled(self) -> None:
        """Return once `cancelled` is true."""

    async def roll_back(self, *, flow: str, version: int | None, reason: str) -> dict[str, Json]:
        """Make an older version of a flow live; `{flow, version, previous, release, missing_credentials}`."""

    async def rival(self, *, target: str, endpoint: str) -> str | None:
        """The number of the run that deploys to this endpoint beside the step; None where it is alone there."""

    def log(self, level: LogLevel, message: str, fields: Mapping[str, Json]) -> None: ...
    def progress(self, done: int, total: int | None) -> None: ...


class Step:
    """One attempt of one step, as its node sees it."""

    __slots__ = ("context",)

    def __init__(self, context: StepContext) -> None:
        self.context = context

    @property
    def key(self) -> str:
        return self.context.key

    @property
    def idempotency_key(self) -> str:
        return self.context.idempotency_key

    @property
    def attempt(self) -> int:
        return self.context.attempt

    @property
    def deadline(self) -> int | None:
        return self.context.deadline

    @property
    def clock(self) -> int:
        return self.context.clock

    @property
    def began(self) -> int:
        return self.context.began

    @property
    def seed(self) -> int:
        return self.context.seed

    @property
    def lock_token(self) -> int | None:
        """Greater than that of whoever held the lock before: a target that remembers it refuses who comes late."""
        return self.context.lock_token

    @property
    def state(self) -> Mapping[str, Json] | None:
        """What the node answered `Again` with; None in its first go."""
        return self.context.state

    @property
    def leaving(self) -> bool:
        """Whether this go is to take back what the step has begun: its run goes on without it, or not at all."""
        return self.context.leaving

    @property
    def input(self) -> Json:
        return self.context.input

    @property
    def credential(self) -> Credential | None:
        return self.context.credential

    @property
    def http(self) -> httpx.AsyncClient:
        return self.context.http

    @property
    def egress(self) -> EgressGuard:
        return self.context.egress

    @property
    def sandbox(self) -> Sandbox:
        return self.context.sandbox

    @property
    def cancelled(self) -> bool:
        """Whether the attempt is to come to its end, for its run was cancelled or the attempt was cut.

        To be looked at from a thread too. What it answers within the grace stands.
        """
        return self.context.cancelled

    async def until_cancelled(self) -> None:
        """Return once `cancelled` is true; on the loop alone."""
        await self.context.until_cancelled()

    def log(self, level: LogLevel, message: str, **fields: Json) -> None:
        """A line in the step's log, beside its input and output."""
        self.context.log(level, message, fields)

    def progress(self, done: int, total: int | None = None) -> None:
        """How far the step is; shown live, never journaled."""
        self.context.progress(done, total)

    async def roll_back(self, *, flow: str, version: int | None = None, reason: str = "") -> dict[str, Json]:
        """Make an older version of a flow live, once for this step; the last good one without `version`."""
        return await self.context.roll_back(flow=flow, version=version, reason=reason)

    async def rival(self, *, target: str, endpoint: str) -> str | None:
        """The number of the run that is deploying to this endpoint, where the step, which told of its own deployment
        before, came second; empty where that one is through by now. None: the step is alone there."""
        return await self.context.rival(target=target, endpoint=endpoint)

    def not_sent(self, error: BaseException | str) -> NotSent:
        """To raise when the effect surely did not begin: `raise step.not_sent(error) from error`."""
        return NotSent(str(error) or type(error).__name__)
