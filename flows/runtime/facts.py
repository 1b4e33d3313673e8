"""What is known of a claimed run before and after it is driven: its opening event, its facts, its columns."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, Literal
from uuid import UUID

import orjson

from flows.dsl.instants import Instant
from flows.engine.events import (
    AlertRaised,
    ErrorInfo,
    Event,
    GivenStep,
    PayloadRef,
    RunFailed,
    RunStarted,
    Value,
)
from flows.engine.machine import Machine
from flows.engine.plan import Plan
from flows.journal.codec import listed_of, unpack_ref
from flows.journal.rows import AlertRow, FailedItemsRow, Message, Payload, Projection
from flows.journal.values import settle
from flows.runtime.claims import Claimed
from flows.runtime.kit import Facts
from flows.security import safejson
from flows.security.safejson import Json

ENDED: Final = frozenset({"succeeded", "failed", "cancelled"})


def facts_of(claimed: Claimed, plan: Plan, machine: Machine, now: Instant) -> Facts:
    """What expressions may know of the run."""
    return Facts(
        run=claimed.id,
        workspace=claimed.workspace,
        number=claimed.number,
        attempt=claimed.attempt,
        started_at=machine.state.started_at if machine.state.begun else now,
        flow=_flow(claimed.flow, claimed.flow_name, claimed.version),
        input=safejson.loads(claimed.input),
        vars=plan.vars,
        depth=claimed.depth,
        priority=claimed.priority,
        is_test=claimed.is_test,
        started_by=claimed.started_by,
        environment=claimed.environment,
    )


@lru_cache(maxsize=256)
def _flow(flow: UUID, name: str, version: int | None) -> Mapping[str, Json]:
    """What expressions see of the flow; whoever hands it on hands on a copy."""
    return {"id": str(flow), "name": name, "version": version}


def opening_of(claimed: Claimed, facts: Facts, now: Instant) -> tuple[RunStarted, Payload | None]:
    """The first event of a run, and its input where that is large."""
    part = orjson.loads(claimed.part) if claimed.part else {}
    given = tuple(given_step(**one) for one in part.get("given") or ())
    listed = tuple(listed_of(**one) for one in part.get("listed") or ())
    value, payload = settle(facts.input, what="The input", is_plain="\\u0000" not in claimed.input)
    return RunStarted(at=now, input=value, trigger=claimed.trigger or None, given=given, listed=listed), payload


def given_step(
    step: str,
    status: Literal["succeeded", "failed", "skipped"] = "succeeded",
    port: str | None = "out",
    output: Json = None,
    refs: Sequence[str] = (),
) -> GivenStep:
    """A step taken over, as the start of a part or a rerun names it; `refs` as in the journal's own text."""
    value: Value = unpack_ref(output) if "output" in refs else output
    return GivenStep(step=step, status=status, port=port, output=value)


def projected(
    machine: Machine, facts: Facts, *, ended: Event | None, wake_at: Instant | None, let_go: bool, careful: bool
) -> Projection:
    """The columns of the run after all that was put into its journal."""
    status = machine.status
    if ended is None:
        return Projection(status=status, started_at=facts.started_at, wake_at=wake_at, let_go=let_go, careful=careful)
    return Projection(
        status=status,
        started_at=facts.started_at,
        finished_at=ended.at,
        let_go=True,
        output=column(machine.output) if status == "succeeded" else None,
        error=error_column(ended) if isinstance(ended, RunFailed) else None,
    )


def column(value: Value) -> str:
    """A value as a column of the run holds it: JSON, or `@` and the hash of one that stands beside."""
    return f"@{value.hash}" if isinstance(value, PayloadRef) else orjson.dumps(value).decode()


def error_column(ended: RunFailed) -> str:
    """`run.error` as everyone outside sees it."""
    return orjson.dumps(error_json(ended.error, ended.node, ended.origin)).decode()


def error_json(error: ErrorInfo, node: str | None, step: str | None) -> dict[str, Json]:
    shown: dict[str, Json] = {"code": error.code, "class": error.klass, "message": error.message}
    shown |= {"node": node, "step": step, "hint": error.hint}
    return shown | ({"details": error.details} if error.details is not None else {})


def given_up(machine: Machine, step: str) -> FailedItemsRow | None:
    """The items that failed of a step that goes on without them; None where all went well."""
    found = machine.state.steps.get(step)
    window = found.window if found is not None else None
    if window is None or not window.lost:
        return None
    place = min(window.left.union(window.failed))
    error = window.failed[place].error if place in window.failed else None
    return FailedItemsRow(
        step=step,
        failed=window.lost,
        count=window.count,
        place=place,
        code=error.code if error is not None else "",
        message=error.message if error is not None else "",
    )


def alert_of(event: AlertRaised, run: UUID) -> tuple[AlertRow, Message]:
    """The row and the message of an alert."""
    row = AlertRow(step=event.step or "", code=event.reason, message=event.error.message)
    told = {
        "run": str(run),
        "step": event.step,
        "reason": event.reason,
        "error": error_json(event.error, None, event.step),
    }
    return row, Message(topic="alert", key=str(run), payload=orjson.dumps(told).decode())
