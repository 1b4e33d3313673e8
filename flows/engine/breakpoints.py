"""Breakpoints: where a run stops before a step until a person lets it go.

They belong to the run and not to its document: what is published is never debugged by editing it. The machine
knows where they stand; whether a condition holds is resolved by an attempt that does nothing else, so that a
crash in the middle looks again. A step stops once, before its first attempt; an `each` at each of its items.
"""

from collections.abc import Mapping
from functools import lru_cache

from flows.engine.events import BreakpointPassed, BreakpointsSet, StepHeld, StepLetGo, StepSucceeded
from flows.engine.outcomes import Condition, Failed, Outcome
from flows.engine.plan import NodePlan, Plan
from flows.engine.state import State, Step
from flows.errors import BadInput, Conflict, MulgilError
from flows.expr.compile import Compiled, compile_value

CANNOT_STOP = frozenset({"trigger", "try"})


class BadBreakpoint(BadInput):
    """A run can't stop before {node}: {reason}"""

    code = "bad_breakpoint"


class NotHeld(Conflict):
    """The step {step} doesn't stand at a breakpoint: it is {status}."""

    code = "not_held"


def check_points(points: Mapping[str, str], nodes: Mapping[str, NodePlan]) -> dict[str, str]:
    """Breakpoints as they are kept: conditions as one expression. Raises BadBreakpoint."""
    kept = {}
    for node, condition in points.items():
        plan = nodes.get(node)
        if plan is None:
            raise BadBreakpoint(node=node, reason="there is no such node")
        if plan.kind in CANNOT_STOP or plan.disabled:
            raise BadBreakpoint(node=node, reason="it begins by itself; choose a node behind it or inside it")
        text = condition.strip()
        kept[node] = text if not text or text.startswith("{{") else f"{{{{ {text} }}}}"
        _check_condition(node, kept[node], nodes)
    return kept


def _check_condition(node: str, text: str, nodes: Mapping[str, NodePlan]) -> None:
    try:
        read = compile_value(text).nodes
    except MulgilError as error:
        raise BadBreakpoint(node=node, reason=error.message) from None
    if unknown := sorted(read - set(nodes)):
        raise BadBreakpoint(node=node, reason=f"its condition reads {', '.join(unknown)}, and there is no such node")


@lru_cache(maxsize=512)
def condition_of(text: str) -> Compiled | None:
    """The condition, compiled; None where the run always stops."""
    return compile_value(text) if text else None


def stands_before(state: State, step: Step) -> bool:
    """Whether the step is to look at a breakpoint before it begins."""
    if step.passed or step.plan.id not in state.breakpoints or step.attempt:
        return False
    return step.plan.kind != "each" or step.owner is not None


def reads_of_breakpoint(state: State, step: Step) -> frozenset[str]:
    """The nodes that the condition of a step being looked at reads."""
    condition = condition_of(state.breakpoints.get(step.plan.id, "")) if step.checking else None
    return condition.nodes if condition is not None else frozenset()


def judge_look(step: Step, outcome: Outcome, now: int) -> StepHeld | BreakpointPassed | None:
    """The event of a look at a breakpoint; None for a step that doesn't look, and for a look that was lost."""
    if not step.checking:
        return None
    match outcome:
        case Condition(holds=False):
            return BreakpointPassed(at=now, step=step.key)
        case Condition():
            return StepHeld(at=now, step=step.key)
        case Failed(error=error):
            return StepHeld(at=now, step=step.key, error=error)
        case _:
            return None


def held_step(state: State, key: str) -> Step:
    """The step, which stands at a breakpoint. Raises NotHeld."""
    step = state.steps.get(key)
    if step is None or step.status != "waiting" or step.wait is None or step.wait[0] != "breakpoint":
        raise NotHeld(step=key, status=step.status if step is not None else "not begun")
    return step


# --- the fold --------------------------------------------------------------------------------------------


def breakpoints_set(plan: Plan, state: State, event: BreakpointsSet) -> None:
    state.breakpoints = dict(event.points)


def step_held(plan: Plan, state: State, event: StepHeld) -> None:
    step = _looked(state, event.step)
    step.status = "waiting"
    step.wait = ("breakpoint", "")
    step.error = event.error


def _looked(state: State, key: str | None) -> Step:
    """The step is as it was before it looked."""
    step = state.flights.pop(key)  # type: ignore[arg-type]  # None raises KeyError, as any unknown step does
    step.checking = False
    step.attempt -= 1
    step.started_at = None
    return step


def passed(state: State, event: BreakpointPassed) -> Step:
    """The step, which may begin."""
    step = _looked(state, event.step)
    step.passed = True
    step.status = "pending"
    return step


def let_go(state: State, event: StepLetGo) -> Step:
    """The step, which may begin, perhaps with what a person gave it."""
    step = held_step(state, event.step or "")
    step.wait = None
    step.error = None
    step.passed = True
    step.status = "pending"
    step.given = (event.input,) if event.edited else None
    return step


def stepped_over(event: StepLetGo) -> StepSucceeded:
    """What a step that was stepped over looks like to those behind it."""
    return StepSucceeded(at=event.at, step=event.step, port=event.port, output=event.output)
