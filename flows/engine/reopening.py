"""How a failed scope goes on where it stood, when the container around it is tried again."""

from collections import deque

from flows.engine.routing import judge, make_ready, weigh
from flows.engine.state import Scope, State, Step


def reopen(state: State, scope: Scope) -> None:
    """A failed scope goes on where it stood: its failed and cancelled steps run again, uncertain ones wait for a person,
    the others stand."""
    # Entries of cancelled steps are left on the list until they surface; they must not come alive again.
    state.ready = deque(step for step in state.ready if step.status == "ready")
    scope.dead = scope.killed = False
    scope.failure = None
    scope.open = 0
    for plan in scope.region.nodes:
        step = scope.steps.get(plan.id)
        if step is None:
            scope.open += 1
            continue
        if step.status == "uncertain":
            # Nobody knows whether it acted: what is around it goes on without asking, it doesn't.
            scope.open += 1
            state.uncertain[step.key] = step
            continue
        was_failure = step.status == "failed" and plan.on_error == "fail"
        if was_failure or step.status == "cancelled":
            scope.open += 1
            if was_failure:  # what it had come to is what failed: its work is begun anew
                step.again, step.farewell = None, False
            _rewind(state, step, begun=step.attempt > 0 or (was_failure and step.started_at is not None))


def _rewind(state: State, step: Step, *, begun: bool) -> None:
    step.status = "pending"
    step.base = step.attempt
    step.tried_since = None
    step.error = None
    step.finished_at = None
    step.deadline = None
    if step.leaving:  # what it had begun is taken back: it begins from nothing
        step.again, step.farewell, step.leaving = None, False, False
    if _goes_on_inside(step):
        judge(state, step, "open")
    elif begun:
        make_ready(state, step)
    else:
        _weigh_again(state, step)


def _goes_on_inside(step: Step) -> bool:
    """Whether it begins with what was cut inside it, before it asks for anything: a `flow.while` with the turn that it
    was in the midst of."""
    if step.plan.kind == "while":
        return step.window is not None and bool(step.window.failed or step.window.cut)
    return step.plan.kind == "try" and step.inner is not None


def _weigh_again(state: State, step: Step) -> None:
    """A step that had never begun: it is ready if its edges said so, else it waits for them."""
    if step.plan.incoming == 0:
        make_ready(state, step)
    elif step.left == 0 or step.taken:
        weigh(state, step)
