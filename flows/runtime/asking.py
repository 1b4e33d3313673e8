"""What a run and the people it asks say to each other: the question, the decision, the end of the waiting.

It refuses to know who may decide and how many must: that is settled where votes are counted.
"""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID, uuid5

import orjson

from flows.dsl.instants import Instant
from flows.engine.events import Event, StepEscalated, StepSucceeded
from flows.engine.machine import Machine
from flows.engine.outcomes import Succeeded, WaitsFor
from flows.journal.rows import ApprovalEnd, ApprovalRow, ApprovalStage, Message, Payload
from flows.journal.values import clean, settle
from flows.nodes.results import Result, WaitFor
from flows.runtime.claims import Letter

APPROVAL: Final = "approval"
"""The kind of the letter that tells a decision, and what a step waiting for one waits on."""


def asked_of(result: Result, run: UUID, step: str, seed: int) -> ApprovalRow | None:
    """What people are asked by this answer of a node; each attempt asks anew."""
    if not isinstance(result, WaitFor) or result.asks is None:
        return None
    asks: dict[str, Any] = result.asks
    return ApprovalRow(
        id=uuid5(run, f"{step} {seed}"),
        step=step,
        title=clean(asks["title"]),
        message=clean(asks["message"]),
        users=[clean(user) for user in asks["assignees"]["users"]],
        roles=asks["assignees"]["roles"],
        groups=[clean(group) for group in asks["assignees"]["groups"]],
        escalation=_stages(asks["escalation"], result.stages),
        stages=tuple(result.stages),
        quorum=asks["quorum"],
        comment=asks["comment"],
        form=orjson.dumps(asks["form"]).decode(),
        due=result.due,
        default=result.default,
    )


def _stages(escalation: list[dict[str, Any]], instants: Sequence[Instant]) -> str:
    people = [
        {"after": stage["after"], "at": at, **stage["assignees"]}
        for stage, at in zip(escalation, instants, strict=True)
    ]
    return clean(orjson.dumps(people).decode())


def waits_for(approval: ApprovalRow) -> WaitsFor:
    """What the engine is told of a question."""
    return WaitsFor("approval", str(approval.id), approval.due, approval.default, approval.stages)


def news_of(approval: UUID) -> Message:
    """What the world is told of a question, for those asked to be written to."""
    return Message(topic=APPROVAL, key=str(approval), payload=orjson.dumps({"approval": str(approval)}).decode())


def escalated(machine: Machine, event: Event) -> ApprovalStage | None:
    """The stage that an approval reaches by this event."""
    if not isinstance(event, StepEscalated):
        return None
    _, ref = machine.waits(event.step) or ("", "")
    return ApprovalStage(id=UUID(ref), stage=event.stage)


def closed_by(machine: Machine, event: Event) -> ApprovalEnd | None:
    """The end of the approval that a step waits for until this event, which isn't applied yet."""
    on, ref = machine.waits(event.step) or ("", "")
    if on != APPROVAL or isinstance(event, StepEscalated):
        return None
    return ApprovalEnd(id=UUID(ref), outcome=event.port if isinstance(event, StepSucceeded) else "cancelled")


def decided(letter: Letter, machine: Machine, now: Instant) -> tuple[Event | None, Payload | None]:
    """The event of a decision; None where nobody waits for it any more."""
    told: dict[str, Any] = letter.payload if isinstance(letter.payload, dict) else {}
    value, payload = settle({"decision": told.get("decision"), "votes": told.get("votes")})
    outcome = Succeeded(value, str(told.get("decision")))
    event = machine.answer(str(told.get("step")), APPROVAL, letter.name, outcome, now)
    return event, payload if event is not None else None
