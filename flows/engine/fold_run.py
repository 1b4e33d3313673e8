"""Folding what happens to the run as a whole: its beginning, its end, and what people ask of it."""

from collections import deque
from heapq import heappush

from flows.engine.events import (
    AlertRaised,
    CancelRequested,
    CompensationStarted,
    RunCancelled,
    RunFailed,
    RunOverLimit,
    RunPaused,
    RunResumed,
    RunStarted,
    RunSucceeded,
    RunTimedOut,
    SignalReceived,
)
from flows.engine.failures import RUN_TIMEOUT, too_many_events
from flows.engine.plan import Plan
from flows.engine.routing import judge, make_ready, step_in
from flows.engine.scopes import close, next_undo, settle
from flows.engine.state import Cause, Ending, State, Step


def run_started(plan: Plan, state: State, event: RunStarted) -> None:
    if state.begun:
        raise ValueError("a run begins once")
    state.begun = True
    state.input = event.input
    state.started_at = event.at
    if plan.timeout is not None:
        state.deadline = event.at + plan.timeout
        heappush(state.timers, (state.deadline, ""))
    done = [
        (given.step, given.status, None if given.status == "skipped" else given.port, given.output)
        for given in event.given
    ]
    if event.trigger is not None:
        done.append((event.trigger, "succeeded", "out", event.input))
    ended: list[Step] = []
    for key, status, port, output in done:
        node = plan.nodes.get(key)
        if node is None:
            state.given[key] = output
            continue
        step = step_in(state, state.root, node)
        step.status, step.port, step.output = status, port, output
        step.started_at = step.finished_at = event.at
        ended.append(step)
    state.listed = {listed.step: listed for listed in event.listed if listed.step is not None}
    for entry in state.root.region.entries:
        step = step_in(state, state.root, entry)
        if step.status == "pending":
            if entry.kind == "trigger":
                judge(state, step, "skip")
            else:
                make_ready(state, step)
    for step in ended:
        settle(state, step, step.port)
    if not state.root.region.nodes:
        state.root_over = True


def run_succeeded(plan: Plan, state: State, event: RunSucceeded) -> None:
    state.result = "succeeded"
    state.output = event.output
    _end(state)


def run_failed(plan: Plan, state: State, event: RunFailed) -> None:
    state.result = "failed"
    state.failure = event.error
    state.output = event.output
    _end(state)


def run_cancelled(plan: Plan, state: State, event: RunCancelled) -> None:
    state.result = "cancelled"
    _end(state)


def _end(state: State) -> None:
    state.timers.clear()
    state.ready.clear()
    state.verdicts.clear()


def cancel_requested(plan: Plan, state: State, event: CancelRequested) -> None:
    state.paused = False
    if state.ending is not None or state.root.dead or state.root_over:
        return  # it is ending already, and what is being undone is undone to its end
    state.ending = Ending("cancelled", reason=event.reason, compensate=event.compensate)
    close(state, state.root)


def run_timed_out(plan: Plan, state: State, event: RunTimedOut) -> None:
    state.ending = Ending("timed_out", cause=Cause("", "", RUN_TIMEOUT))
    close(state, state.root)


def run_over_limit(plan: Plan, state: State, event: RunOverLimit) -> None:
    state.ending = Ending("over_limit", cause=Cause("", "", too_many_events(event.limit)))
    close(state, state.root)


def run_paused(plan: Plan, state: State, event: RunPaused) -> None:
    state.paused = True
    if state.corrupt is not None and event.error is not None:
        state.alerts.append((state.corrupt.key, event.error, "corruption"))
        state.corrupt = None


def run_resumed(plan: Plan, state: State, event: RunResumed) -> None:
    state.paused = False


def signal_received(plan: Plan, state: State, event: SignalReceived) -> None:
    state.mail.setdefault(event.name, deque()).append(event.payload)
    if state.awaiting.get(event.name):
        state.matched[event.name] = None


def alert_raised(plan: Plan, state: State, event: AlertRaised) -> None:
    state.alerts.popleft()


def compensation_started(plan: Plan, state: State, event: CompensationStarted) -> None:
    state.compensating = True
    next_undo(state)
