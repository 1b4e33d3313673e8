"""How a run ends once all its steps have: undo first if it must be, then the one last event."""

from flows.dsl.instants import Instant
from flows.engine.commands import Command, Finish, Record
from flows.engine.events import (
    CompensationStarted,
    RunCancelled,
    RunFailed,
    StepCompensated,
    StepSkipped,
)
from flows.engine.plan import Plan
from flows.engine.scopes import output_of
from flows.engine.state import Cause, State


def ends(plan: Plan, state: State, now: Instant) -> list[Command]:
    """What is left to do when the last step of the flow has ended; empty while an undo runs."""
    if state.undone is not None:
        return [Record(StepCompensated(at=now, step=state.undone.key))]
    if state.undoing is not None:
        return []
    if state.completed and not state.compensating and _wants_undo(state):
        return [Record(CompensationStarted(at=now))]
    not_needed = [undo.id for undo in plan.undos if undo.id not in state.steps]
    return [*(Record(StepSkipped(at=now, step=key)) for key in not_needed), _last(state, now)]


def cause_of_end(state: State) -> Cause | None:
    """Why the run fails, if it does."""
    return state.ending.cause if state.ending is not None else state.root.failure


def _wants_undo(state: State) -> bool:
    cancelled = state.ending is not None and state.ending.compensate
    return cancelled or cause_of_end(state) is not None


def _last(state: State, now: Instant) -> Command:
    ending = state.ending
    if ending is not None and ending.way == "cancelled":
        return Record(RunCancelled(at=now, reason=ending.reason))
    cause = cause_of_end(state)
    if cause is not None:
        return Record(RunFailed(at=now, error=cause.error, origin=cause.step or None, node=cause.node or None))
    return Finish(ending.output if ending is not None else output_of(state.root))
