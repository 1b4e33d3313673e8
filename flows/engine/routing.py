"""How the ends of steps become beginnings: edges, joins, dead paths.

An edge is decided once, taken or dead, when its source ends. This module counts them at their targets and
puts on the state's lists what became ready or can never be; what a list is for is decided elsewhere.
"""

from flows.engine.plan import ALL, NodePlan
from flows.engine.state import Scope, State, Step, Verdict


def step_in(state: State, scope: Scope, plan: NodePlan) -> Step:
    """The step of a node in a scope, made at the first touch."""
    step = scope.steps.get(plan.id)
    if step is None:
        step = Step(scope.prefix + plan.id, plan, scope)
        scope.steps[plan.id] = step
        state.steps[step.key] = step
    return step


def offer(state: State, scope: Scope, plan: NodePlan, *, taken: bool) -> None:
    """Decide one edge that leads to a node."""
    step = step_in(state, scope, plan)
    if step.status != "pending" or step.key in state.verdicts:
        return
    step.left -= 1
    if taken:
        step.taken += 1
    weigh(state, step)


def note(state: State, scope: Scope, plan: NodePlan, *, taken: bool) -> None:
    """Decide one edge in a scope that has closed: it is weighed where the scope is opened once more."""
    step = step_in(state, scope, plan)
    step.left -= 1
    if taken:
        step.taken += 1


def weigh(state: State, step: Step) -> None:
    """Put a pending step on its list if its join is decided."""
    need = step.plan.need
    if need == ALL:
        if step.left == 0:
            if step.taken:
                make_ready(state, step)
            else:
                judge(state, step, "skip")
    elif step.taken >= need:
        make_ready(state, step)
    elif step.taken + step.left < need and step.taken:
        judge(state, step, "unreachable")
    elif step.left == 0:
        judge(state, step, "skip")


def make_ready(state: State, step: Step) -> None:
    """The step begins as soon as the driver and `max_parallel` let it."""
    plan = step.plan
    if plan.disabled:
        judge(state, step, "pass")
    elif plan.kind == "try" or (step.window is not None and plan.kind != "while"):
        judge(state, step, "open")
    else:
        step.status = "ready"
        state.ready.append(step)


def judge(state: State, step: Step, verdict: Verdict) -> None:
    """Something is to be journaled of the step without an attempt."""
    step.verdict = verdict
    state.verdicts[step.key] = step


def begin(state: State, scope: Scope) -> None:
    """Make the entries of a scope ready."""
    for plan in scope.region.entries:
        if plan.kind == "trigger":
            judge(state, step_in(state, scope, plan), "skip")
        else:
            make_ready(state, step_in(state, scope, plan))
