"""What drivers share within one executor process, and what they know of their run. Data, no decisions."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol
from uuid import UUID

import httpx

from flows.dsl.instants import Instant
from flows.engine.plan import Plan
from flows.expr.sandbox import Sandbox
from flows.journal.log import RunLog, Source
from flows.journal.rows import ChildRow
from flows.journal.snapshots import EVENTS
from flows.runtime.clock import Clock
from flows.runtime.payloads import Payloads
from flows.runtime.verbs import CallOrder
from flows.security.credentials import Credential
from flows.security.egress import EgressGuard
from flows.security.safejson import Json

if TYPE_CHECKING:
    from flows.runtime.alone import AloneReply, AloneRequest
    from flows.runtime.breakers import Breakers
    from flows.runtime.rates import Rates

    Alone = Callable[[AloneRequest, Callable[[], Awaitable[None]]], Awaitable[AloneReply | None]]


CANCEL_GRACE: Final = 5_000_000
"""Microseconds an effect under way may take to end by itself once its run was cancelled."""


class Journal(Protocol):
    """Where drivers open the logs of their runs: the writer, or its double in memory."""

    def open(self, source: Source, run: UUID, fence: int, seq: int) -> RunLog: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """One per executor process; made after the last fork."""

    clock: Clock
    journal: Journal
    payloads: Payloads
    sandbox: Sandbox
    http: httpx.AsyncClient
    egress: EgressGuard
    own_database: str | None
    credential: Callable[[UUID, str], Awaitable[Credential]]
    breakers: "Breakers"
    rates: "Rates"
    alone: "Alone"
    call: Callable[[CallOrder], Awaitable[ChildRow]]
    plan_of: Callable[[UUID, int, str, UUID | None], Awaitable[Plan]]
    """Of a flow's version by its number, whose document has this hash and which may be put to new use."""
    set_aside: Callable[[UUID, int, Exception], Awaitable[None]]
    snapshots_after: int = EVENTS
    cancel_grace: int = CANCEL_GRACE


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What expressions and nodes may know of the run itself."""

    run: UUID
    workspace: UUID
    number: int
    attempt: int
    started_at: Instant
    flow: Mapping[str, Json]
    input: Json
    vars: Mapping[str, Json]
    depth: int
    priority: int
    is_test: bool
    started_by: str
    environment: UUID | None = None
