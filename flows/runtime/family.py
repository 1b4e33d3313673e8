"""What runs that call one another say to each other: the call itself, the end of a child, the recall of one.

It decides the letters; that each stands in the transaction of the event it follows from is the journal's doing,
so that none is lost and none is sent for what didn't happen.
"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import orjson

from flows.dsl.instants import Instant
from flows.engine.events import ErrorInfo, Event, PayloadRef, RunFailed, StepSucceeded, Value
from flows.engine.machine import Machine
from flows.engine.outcomes import Failed, Outcome, Succeeded
from flows.journal.rows import ChildRow, LetterRow
from flows.runtime.claims import Claimed, Letter
from flows.runtime.errors import NobodyCalls
from flows.runtime.facts import error_json
from flows.runtime.patience import patiently
from flows.runtime.verbs import CallOrder, installed

CHILD: Final = "child"
"""The kind of the letter that tells the end of a child, and what a step waiting for one waits on."""


async def call(order: CallOrder) -> ChildRow:
    """The run to be made for a call. Raises MulgilError; a database that is away is waited for."""
    verbs = installed()
    if verbs is None:
        raise NobodyCalls
    return await patiently(verbs.call, order)


def told_to_parent(claimed: Claimed, machine: Machine, ended: Event) -> LetterRow | None:
    """How a run ended, for the step that waits for it; None where none does."""
    if claimed.parent_run is None or not claimed.awaited:
        return None
    told: dict[str, Any] = {"step": claimed.parent_step, "status": machine.status, "number": claimed.number}
    if isinstance(ended, RunFailed):
        told["error"] = error_json(ended.error, ended.node, ended.origin)
    elif machine.status == "succeeded":
        told["output"] = _packed(machine.output)
    name = str(claimed.id)
    large = machine.output.hash if "output" in told and isinstance(machine.output, PayloadRef) else None
    text = orjson.dumps(told).decode()
    return LetterRow(to=claimed.parent_run, kind=CHILD, name=name, key=name, payload=text, names=large)


def recalled(machine: Machine, event: Event, run: UUID) -> LetterRow | None:
    """The cancel for a child that nobody will wait for any more once this event is applied."""
    on, ref = machine.waits(event.step) or ("", "")
    if on != CHILD or isinstance(event, StepSucceeded):
        return None
    # Sent after a child's own failure too, and dropped: a run that has ended gets no letters.
    told = {"reason": "the run that called it goes on without it", "by": f"run {run}"}
    ending = machine.state.ending
    undo = ending.compensate if ending is not None and ending.way == "cancelled" else machine.state.compensates
    payload = orjson.dumps(told | {"compensate": undo}).decode()
    return LetterRow(to=UUID(ref), kind="cancel", name="", key=None, payload=payload)


def answered(letter: Letter, machine: Machine, now: Instant) -> Event | None:
    """The event of a child's end; None where nobody waits for it any more."""
    told: dict[str, Any] = letter.payload if isinstance(letter.payload, dict) else {}
    return machine.answer(str(told.get("step")), CHILD, letter.name, _outcome(letter.name, told), now)


def _outcome(child: str, told: Mapping[str, Any]) -> Outcome:
    if told.get("status") == "succeeded":
        return Succeeded(_unpacked(told["output"]))
    link = {"run": child, "number": told.get("number")}
    if told.get("status") == "cancelled":
        return Failed(
            ErrorInfo(
                code="child_cancelled",
                message=f"The run #{told.get('number')} that the step waited for was cancelled",
                hint="Run the flow again from this step, or let the flow go on by its error port.",
                details=link,
            )
        )
    error = told["error"]
    info = ErrorInfo(
        code=error["code"],
        message=error["message"],
        klass=error["class"],
        hint=error["hint"],
        details=link | {"node": error["node"], "step": error["step"]},
    )
    return Failed(info)


def _packed(value: Value) -> dict[str, Any]:
    if isinstance(value, PayloadRef):
        return {"hash": value.hash, "size": value.size}
    return {"value": value}


def _unpacked(packed: Mapping[str, Any]) -> Value:
    return PayloadRef(packed["hash"], packed["size"]) if "hash" in packed else packed["value"]
