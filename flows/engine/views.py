"""A run as people and drivers look at it: steps with their states, what expressions may read, what waits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from flows.dsl.effects import Effect
from flows.dsl.instants import Instant
from flows.engine.breakpoints import reads_of_breakpoint
from flows.engine.commands import Assembly
from flows.engine.events import ErrorInfo, Value
from flows.engine.plan import NodePlan, Plan
from flows.engine.state import Scope, State, Step, Window, locks_around

RunStatus: TypeAlias = Literal[
    "queued", "running", "waiting", "paused", "compensating", "succeeded", "failed", "cancelled"
]


@dataclass(frozen=True, slots=True)
class InFlight:
    """An attempt that was begun and has no outcome in the journal."""

    step: str
    attempt: int
    seed: int
    effect: Effect
    losses: int


@dataclass(slots=True)  # made for each step: frozen it would cost three times as much
class Reads:
    """What a step's expressions may look at, beside the run's own facts.

    `nodes`: outputs by id (None: skipped, cancelled or not ended when the step, if it has an effect, first
    began); `items` and `index`: the list of the
    nearest iteration around the step and the place in it (`item` is `items[index]`; in a `flow.while` only
    the index is set); `last`: in a `flow.while`, the output of the turn before; `lock`: name and fencing token of
    the nearest lock it runs inside.
    """

    nodes: Mapping[str, Value]
    items: Value = None
    index: int | None = None
    last: Assembly = None
    lock: tuple[str, int] | None = None


NOTHING: Final = Reads({})


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """A step as people see it.

    `items`: of a step with items, how many ended, failed, and are in all. `waits`: what it waits or waited
    for: ("timer", ""), ("signal", name), ("child", run id), ("approval", id), ("lock", name) or ("breakpoint", "").
    """

    key: str
    node: str
    status: str
    attempt: int = 0
    losses: int = 0
    started_at: Instant | None = None
    finished_at: Instant | None = None
    due: Instant | None = None
    error: ErrorInfo | None = None
    port: str | None = None
    output: Value = None
    items: tuple[int, int, int] | None = None
    waits: tuple[str, str] | None = None


def run_status(state: State) -> RunStatus:
    if state.result is not None:
        return state.result
    if not state.begun:
        return "queued"
    if state.paused:
        return "paused"
    if state.compensating:
        return "compensating"
    is_busy = state.flights or state.ready or state.verdicts or state.gathers or state.closing
    if is_busy and state.closing and not state.flights and _takes_leave(state):
        return "waiting"
    return "running" if is_busy or state.root_over or state.alerts else "waiting"


def _takes_leave(state: State) -> bool:
    """Whether what has closed waits for a step's next last go, and for nothing else."""
    return any(step.leaving and step.status in ("waiting", "retrying") for step in state.steps.values())


def step_views(plan: Plan, state: State, parent: str) -> Iterator[StepView]:
    """The top-level steps, pending ones too, or those directly inside `parent` that are still in memory."""
    if not parent:
        for node in (*plan.root.nodes, *plan.undos):
            yield view_of(state.steps.get(node.id), node)
        return
    owner = state.steps.get(parent)
    if owner is not None:
        yield from _inside(state, owner)


def _inside(state: State, owner: Step) -> Iterator[StepView]:
    scopes = [owner.inner] if owner.inner is not None else []
    for live in owner.window.live.values() if owner.window is not None else ():
        if isinstance(live, Scope):
            scopes.append(live)
        else:
            yield view_of(live, live.plan)
    for scope in scopes:
        for node in scope.region.nodes:
            yield view_of(scope.steps.get(node.id), node, scope.prefix)


def view_of(step: Step | None, node: NodePlan, prefix: str = "") -> StepView:
    if step is None:
        return StepView(key=prefix + node.id, node=node.id, status="pending")
    status: str = step.status
    if status == "ready":
        status = "running" if step.window is not None else "pending"
    return StepView(
        key=step.key,
        node=node.id,
        status=status,
        attempt=step.attempt,
        losses=step.losses,
        started_at=step.started_at,
        finished_at=step.finished_at,
        due=step.due if status in ("waiting", "retrying") else None,
        error=step.error,
        port=step.port,
        output=step.output,
        items=_progress(step.window),
        waits=step.wait,
    )


def _progress(window: Window | None) -> tuple[int, int, int] | None:
    return (window.done, window.lost, window.count) if window is not None else None


# --- what expressions read -------------------------------------------------------------------------------


def reads_of(state: State, step: Step) -> Reads:
    """The values a step's expressions look at: its own scope first, then those around it."""
    scope: Scope | None = step.scope
    wanted = step.plan.reads | reads_of_breakpoint(state, step) if step.checking else step.plan.reads
    if not wanted and step.owner is None and scope is state.root and step.plan.kind != "while":
        return NOTHING
    unread = step.footing.unread if step.footing is not None else ()
    nodes = {node_id: None if node_id in unread else _output(state, step.scope, node_id) for node_id in wanted}
    lock = _lock_around(state, step) if state.locks else None
    if step.owner is not None and step.owner.window is not None:
        return Reads(nodes, step.owner.window.items, step.index, lock=lock)
    if step.plan.kind == "while":
        window = step.window
        return Reads(nodes, None, window.next if window else 0, window.last if window else None, lock)
    while scope is not None and scope.kind not in ("item", "turn"):
        scope = scope.parent
    if scope is None or scope.owner is None or scope.owner.window is None:
        return Reads(nodes, lock=lock)
    window = scope.owner.window
    return Reads(nodes, window.items, scope.index, window.last, lock)


def _lock_around(state: State, step: Step) -> tuple[str, int] | None:
    """The nearest lock that is held around the step; an undo runs when it was let go of."""
    for outer in locks_around(step):
        if outer.key in state.locks and outer.token is not None and outer.wait is not None:
            return outer.wait[1], outer.token
    return None


def _output(state: State, scope: Scope | None, node_id: str) -> Value:
    while scope is not None:
        step = scope.steps.get(node_id)
        if step is not None:
            return step.output
        scope = scope.parent
    return state.given.get(node_id)
