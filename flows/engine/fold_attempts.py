"""Folding what attempts come to: beginnings, ends, failures, losses, and what people decide about them."""

from heapq import heappush
from typing import Final

from flows.engine.breakpoints import let_go, passed, stands_before, stepped_over
from flows.engine.commands import COMMITS_FIRST
from flows.engine.events import (
    AttemptLost,
    BreakpointPassed,
    StepFailed,
    StepLetGo,
    StepResolved,
    StepRetrying,
    StepStarted,
    StepSucceeded,
    StepUncertain,
    Stop,
)
from flows.engine.failures import error_json, stopped_with_error
from flows.engine.footing import footing_of
from flows.engine.outputs import Outputs
from flows.engine.plan import Plan
from flows.engine.routing import judge, make_ready
from flows.engine.scopes import close, enter, fail, has_live, is_dead, leave, orphan, resume, settle
from flows.engine.state import Cause, Ending, State, Step

MAX_ALONE_LOSSES: Final = 3
TIMEOUT: Final = "timeout"


def step_started(plan: Plan, state: State, event: StepStarted) -> None:
    step = state.steps[event.step]  # type: ignore[index]  # None raises KeyError, as any unknown step does
    ready = state.ready
    if step.status == "ready":
        if ready and ready[0] is step:
            ready.popleft()
        else:
            ready.remove(step)
    state.uncertain.pop(step.key, None)
    opens = step.status == "retrying" and step.window is not None and step.plan.kind != "while"
    is_look = bool(state.breakpoints) and not opens and step.verdict is None and stands_before(state, step)
    step.status = "running"
    if step.again is not None:
        step.wait = None
        step.leaving = step.leaving or (step.farewell and is_dead(step))
    step.attempt = event.attempt
    step.seed = event.seed
    step.checking = is_look
    if step.started_at is None:
        step.started_at = event.at
    if step.tried_since is None:
        step.tried_since = event.at
    if step.verdict is not None:
        # A journal of before asked a `flow.while` for its next turn where one now goes on with the turn that was cut, and
        # began what now fails for want of its inputs.
        opens = step.verdict == "open" and (step.plan.kind != "while" or event.seed == 0)
        step.verdict = None
        state.verdicts.pop(step.key, None)
    if not opens:
        state.flights[step.key] = step
    elif not is_dead(step):
        _open(state, step)
    node = step.plan
    if step.footing is None and node.effect in COMMITS_FIRST and step.purpose == "run":
        step.footing = footing_of(state, step, event.at, event.seed)
    if node.inner is not None and node.timeout is not None and step.deadline is None and not is_look:
        step.deadline = event.at + node.timeout
        heappush(state.timers, (step.deadline, step.key))


def _open(state: State, step: Step) -> None:
    """The step begins without an attempt: the inside of a try, or once more what has items."""
    if step.window is not None:
        resume(state, step)
    else:
        enter(state, step, "try")


def step_succeeded(plan: Plan, state: State, event: StepSucceeded) -> None:
    step = state.steps[event.step]  # type: ignore[index]  # as above
    wait = leave_list(state, step)
    if wait is not None and wait[0] == "signal" and event.port != TIMEOUT:
        _take_mail(state, wait[1])
    step.status = "succeeded"
    step.finished_at = event.at
    step.port = event.port
    step.output = event.output
    step.error = None
    if step.plan.inner is not None or step.window is not None:
        state.gathers.pop(step.key, None)
        _lighten(state, step)
    if step.plan.undo is not None and step.owner is None and state.compensates and not step.stepped_over:
        state.completed.append(step)
    settle(state, step, event.port)
    if event.stop is not None and state.ending is None and not state.root.dead:
        _stop(state, step, event.stop)


def breakpoint_passed(plan: Plan, state: State, event: BreakpointPassed) -> None:
    make_ready(state, passed(state, event))


def step_let_go(plan: Plan, state: State, event: StepLetGo) -> None:
    step = let_go(state, event)
    if event.verdict == "continue":
        make_ready(state, step)
    else:
        step.stepped_over = True
        step_succeeded(plan, state, stepped_over(event))


def _lighten(state: State, step: Step) -> None:
    """The items have become the output; what is left of them says how many there were."""
    window = step.window
    if window is None:
        return
    state.held -= len(window.outputs)
    window.outputs = Outputs(0)
    window.base = window.last = None
    region = step.plan.inner
    if not (state.compensates and region is not None and region.has_undo):
        window.items = None  # else an undo inside may still read its item


def _stop(state: State, step: Step, stop: Stop) -> None:
    if stop.outcome == "success":
        state.ending = Ending("stopped", output=step.output)
    else:
        state.ending = Ending("failed", cause=Cause(step.key, step.plan.id, stopped_with_error(stop.message)))
    close(state, state.root)


def step_failed(plan: Plan, state: State, event: StepFailed) -> None:
    step = state.steps[event.step]  # type: ignore[index]  # as above
    leave_list(state, step)
    state.verdicts.pop(step.key, None)
    step.verdict = None
    cause = _cause(step, event)
    step.status = "failed"
    step.finished_at = event.at
    step.error = event.error
    _alert_if_critical(state, step, event)
    if step.plan.inner is not None or step.window is not None:
        state.gathers.pop(step.key, None)
        orphan(state, step)
    on_error = step.plan.on_error
    if step.owner is not None or on_error == "fail":
        fail(state, step, cause)
        return
    step.output = {"error": error_json(event.error)}
    step.port = "error" if on_error == "route" else "out"
    settle(state, step, step.port)


def _cause(step: Step, event: StepFailed) -> Cause:
    """Where the failure began: in an item or an inner step, if it did."""
    if step.window is not None and step.window.cause is not None and not step.window.collect:
        return step.window.cause
    if step.inner is not None and step.inner.failure is not None:
        return step.inner.failure
    return Cause(step.key, step.plan.id, event.error)


def _alert_if_critical(state: State, step: Step, event: StepFailed) -> None:
    if event.error.klass == "critical" and step.scope.kind != "undo":
        reason = "poisoned" if event.error.code == "poisoned" else "critical"
        state.alerts.append((step.key, event.error, reason))


def step_retrying(plan: Plan, state: State, event: StepRetrying) -> None:
    step = state.steps[event.step]  # type: ignore[index]  # as above
    leave_list(state, step)
    state.gathers.pop(step.key, None)
    step.status = "retrying"
    step.error = event.error
    step.due = event.due
    step.deadline = None
    heappush(state.timers, (event.due, step.key))
    if step.window is not None:
        orphan(state, step)
    if not event.counts:
        step.attempt -= 1
    if event.error.klass == "corruption":
        step.attempt -= 1
        state.corrupt = step


def attempt_lost(plan: Plan, state: State, event: AttemptLost) -> None:
    step = state.steps[event.step]  # type: ignore[index]  # as above
    del state.flights[step.key]
    step.attempt -= 1
    step.checking = False
    step.status = "pending"
    step.error = None  # a turn that it had come back with, after being put off, was this attempt's alone
    if event.cause == "vanished":
        step.losses += 1
        step.alone_losses += event.alone
    if step.alone_losses >= MAX_ALONE_LOSSES:
        judge(state, step, "poisoned")
    else:
        make_ready(state, step)


def step_uncertain(plan: Plan, state: State, event: StepUncertain) -> None:
    step = state.steps[event.step]  # type: ignore[index]  # as above
    leave_list(state, step)
    step.status = "uncertain"
    step.error = event.error
    if is_dead(step):
        leave(state, step)
    else:
        state.uncertain[step.key] = step


def step_resolved(plan: Plan, state: State, event: StepResolved) -> None:
    step = state.uncertain[event.step]  # type: ignore[index]  # as above
    if event.verdict == "retry":
        del state.uncertain[step.key]
        step.status = "pending"
        make_ready(state, step)
    elif event.verdict == "succeeded":
        done = StepSucceeded(at=event.at, step=event.step, port=event.port, output=event.output)
        step_succeeded(plan, state, done)
    else:
        error = event.error or step.error
        if error is None:
            raise ValueError("a failure has an error")
        step_failed(plan, state, StepFailed(at=event.at, step=event.step, error=error))


def leave_list(state: State, step: Step) -> tuple[str, str] | None:
    """Take the step off the lists its status had put it on; what it waited for, if it did."""
    if state.flights.pop(step.key, None) is not None:
        return None
    if state.locks and not has_live(step):
        state.locks.pop(step.key, None)
    if step.status == "uncertain":
        state.uncertain.pop(step.key, None)
    wait = step.wait if step.status == "waiting" else None
    if wait is not None and wait[0] == "signal":
        awaiting = state.awaiting[wait[1]]
        del awaiting[step.key]
        if not awaiting:
            del state.awaiting[wait[1]]
            state.matched.pop(wait[1], None)
    return wait


def _take_mail(state: State, name: str) -> None:
    mail = state.mail[name]
    mail.popleft()
    if not mail:
        del state.mail[name]
        state.matched.pop(name, None)
