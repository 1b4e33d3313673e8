"""Folding what steps do without an attempt: waiting, items, turns, being skipped, cancelled or undone."""

from heapq import heappush

from flows.engine.events import (
    ItemsCancelled,
    ItemsListed,
    LockGranted,
    StepCancelled,
    StepCompensated,
    StepEscalated,
    StepSkipped,
    StepWaiting,
    TimerSet,
    TurnDecided,
)
from flows.engine.fold_attempts import leave_list
from flows.engine.plan import Plan
from flows.engine.ranges import places
from flows.engine.scopes import begin_turn, enter, fill, inside_over, is_dead, leave, next_undo, pass_kept, settle
from flows.engine.state import ENDED, Scope, State, Step, Window


def timer_set(plan: Plan, state: State, event: TimerSet) -> None:
    step = _wait(state, event.step, ("timer", ""), event.due)
    if event.again is not None:
        step.again, step.farewell = event.again, event.farewell
        step.base = step.attempt  # what it came to is no failure: the next go has all its tries
        step.tried_since = None  # and all their time
        step.error = None  # nor has it the turn that this one had come back with, after being put off


def step_waiting(plan: Plan, state: State, event: StepWaiting) -> None:
    step = _wait(state, event.step, (event.on, event.ref), event.due)
    step.default = event.default
    step.stages, step.stage = event.stages, 0
    _await_stage(state, step)
    if event.on == "signal":
        state.awaiting.setdefault(event.ref, {})[step.key] = step
        if state.mail.get(event.ref):
            state.matched[event.ref] = None
    elif event.on == "lock":
        state.locks[step.key] = step


def lock_granted(plan: Plan, state: State, event: LockGranted) -> None:
    step = state.locks[event.step]  # type: ignore[index]  # as above
    if step.status != "waiting":
        raise ValueError("the step doesn't stand in line")
    step.status = "running"
    step.due = None
    step.token = event.token
    if not is_dead(step):
        enter(state, step, "lock")


def step_escalated(plan: Plan, state: State, event: StepEscalated) -> None:
    step = state.steps[event.step]  # type: ignore[index]  # as above
    if step.status != "waiting" or not step.stages:
        raise ValueError("the step waits for no stage")
    step.stages = step.stages[1:]
    step.stage = event.stage
    _await_stage(state, step)


def _await_stage(state: State, step: Step) -> None:
    if step.stages:
        heappush(state.timers, (step.stages[0], step.key))


def _wait(state: State, key: str | None, wait: tuple[str, str], due: int | None) -> Step:
    step = state.flights.pop(key)  # type: ignore[arg-type]  # as above
    step.status = "waiting"
    step.wait = wait
    step.again, step.farewell = None, False
    step.due = due
    if due is not None:
        heappush(state.timers, (due, step.key))
    return step


# --- items and turns -------------------------------------------------------------------------------------


def items_listed(plan: Plan, state: State, event: ItemsListed) -> None:
    step = state.flights.pop(event.step)  # type: ignore[arg-type]  # None raises KeyError, as any unknown step does
    step.window = Window(
        event.items,
        event.count,
        event.concurrency,
        collect=event.on_error == "collect",
        tolerate=event.tolerate,
    )
    state.listed.pop(step.key, None)
    step.window.kept, step.window.left = places(event.kept), places(event.left)
    step.window.base = event.outputs
    state.held += event.count
    pass_kept(step.window)
    fill(state, step)


def items_cancelled(plan: Plan, state: State, event: ItemsCancelled) -> None:
    step = state.steps[event.step]  # type: ignore[index]  # as above
    window = step.window
    if window is None:
        raise ValueError("the step has no items")
    window.resume = event.first
    window.next = window.count
    inside_over(state, step)


def turn_decided(plan: Plan, state: State, event: TurnDecided) -> None:
    step = state.flights.pop(event.step)  # type: ignore[arg-type]  # as above
    step.attempt = step.base = 0
    step.tried_since = None
    if step.window is None:
        step.window = Window(None, 0, 1, collect=False)
    if event.begins:
        begin_turn(state, step, event.index)
    else:
        state.gathers[step.key] = step


# --- ends without an attempt -----------------------------------------------------------------------------


def step_skipped(plan: Plan, state: State, event: StepSkipped) -> None:
    key = event.step or ""
    step = state.steps.get(key)
    if step is None:
        _undo_not_needed(plan, state, key, event.at)
        return
    del state.verdicts[key]
    step.finished_at = event.at
    step.status = "skipped"
    # A disabled node is stepped over: what follows it goes on, as if it had given null.
    settle(state, step, "out" if step.verdict == "pass" else None)
    step.verdict = None


def _undo_not_needed(plan: Plan, state: State, key: str, at: int) -> None:
    step = Step(key, plan.nodes[key], state.root)
    step.status = "skipped"
    step.finished_at = at
    state.steps[key] = step


def step_cancelled(plan: Plan, state: State, event: StepCancelled) -> None:
    key = event.step or ""
    step = state.steps.get(key) or _never_begun(plan, state, key)
    if step.status in ENDED:
        raise ValueError("the step has ended")
    leave_list(state, step)
    state.verdicts.pop(key, None)
    step.verdict = None
    step.status = "cancelled"
    step.finished_at = event.at
    leave(state, step)


def _never_begun(plan: Plan, state: State, key: str) -> Step:
    prefix, _, node_id = key.rpartition("/")
    node = plan.nodes[node_id]
    scope: Scope = state.scopes[f"{prefix}/" if prefix else ""]
    undoing = state.undoing
    if undoing is not None and undoing.prefix == scope.prefix and node in undoing.region.nodes:
        scope = undoing
    step = Step(key, node, scope)
    scope.steps[node_id] = state.steps[key] = step
    return step


def step_compensated(plan: Plan, state: State, event: StepCompensated) -> None:
    step = state.steps[event.step]  # type: ignore[index]  # as above
    step.status = "compensated"
    state.undone = None
    next_undo(state)
