"""The state of a run as it stands in another version of its flow, and what keeps it from standing there.

Nodes are matched by id. What has begun or ended keeps all it has and goes on by its node in the new version; what never
began is forgotten and weighed anew by the new version's edges. It decides when the two versions fit the run; it is pure,
and asks neither who wants the run moved nor why.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from heapq import heapify, heappush

from flows.dsl.instants import Instant
from flows.engine.likeness import UNDO, contradiction, differences, is_same_work, places, settings, was_passed
from flows.engine.obstacles import Obstacle, Why
from flows.engine.plan import NodePlan, Plan
from flows.engine.routing import judge, make_ready, weigh
from flows.engine.snapshot import dump_state, load_state
from flows.engine.state import ENDED, Scope, State, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A step that waits, is to be tried again or is uncertain, and stays so. `is_changed`: its node has other settings,
    which count from its next attempt on."""

    step: str
    node: str
    status: str
    waits: tuple[str, str] | None
    due: Instant | None
    is_changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How a run fits another version. `matched`, `new`, `gone` and `begins` are nodes at the top.

    `matched`: have begun and stay as they are; `new`: only the new version has them; `gone`: only the old one; `begins`:
    would begin at once; `deadline`: when the run's time would be over. With obstacles there is no `state`, and what
    matches and begins is told only where nothing keeps the nodes themselves from matching.
    """

    obstacles: tuple[Obstacle, ...]
    state: State | None = None
    matched: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    begins: tuple[str, ...] = ()
    stands: tuple[Standing, ...] = ()
    deadline: Instant | None = None


def transplant(plan: Plan, state: State, new: Plan) -> State:
    """The state in the new plan; the old one is left as it is. Raises ValueError for one that doesn't fit.

    What the two plans' values make of a step between two goes is asked before a run is moved, and not of a journal that
    says it was: whoever reads that may have the plans without what an environment gave.
    """
    found = _fit(plan, state, new)
    if found.state is None:
        raise ValueError(", ".join(f"{one.node} {one.why}".strip() for one in found.obstacles))
    return found.state


def fit(plan: Plan, state: State, new: Plan) -> Fit:
    """How the run would stand in the new plan. Changes nothing."""
    found = _fit(plan, state, new)
    between = tuple(dict.fromkeys(_between_goes(plan, state, new)))
    return replace(found, obstacles=(*found.obstacles, *between), state=None) if between else found


def _fit(plan: Plan, state: State, new: Plan) -> Fit:
    if whole := tuple(Obstacle(why) for why in _against(state, new)):
        return Fit(obstacles=whole)
    return _Transplant(plan, load_state(plan, dump_state(state)), new).fit()


def _against(state: State, new: Plan) -> Iterator[Why]:
    if not state.begun:
        yield "not_begun"
    elif state.result is not None:
        yield "over"
    elif state.ending is not None or state.root.dead or state.root_over or state.compensating:
        yield "ending"
    else:
        if state.flights:
            yield "in_flight"
        if state.compensates != new.compensates:
            yield "undo_setting"


def _between_goes(plan: Plan, state: State, new: Plan) -> Iterator[Obstacle]:
    """What has done a part of its work can't do the rest of another's."""
    for step in state.steps.values():
        if not _is_between_goes(step):
            continue
        node = new.nodes.get(step.plan.id)
        if node is not None and not is_same_work(step.plan, node, plan.vars, new.vars):
            yield Obstacle("between_goes", node.id)


def _is_between_goes(step: Step) -> bool:
    """Whether a part of its work is done, or of an item's that was cut, and may be gone on with. What failed is begun anew."""
    has_items_cut = step.window is not None and bool(step.window.came_to)
    return (has_items_cut or (step.again is not None and step.status != "failed")) and _may_go_on(step)


def _may_go_on(step: Step) -> bool:
    """Whether the step isn't over for good: what was cancelled in the middle goes on when a container around it is tried
    again."""
    if step.status not in ENDED:
        return True
    owner = step.scope.owner
    return step.status in ("cancelled", "failed") and owner is not None and _may_go_on(owner)


def has_begun(step: Step) -> bool:
    """Whether something of the step has happened that no other version can take back."""
    return step.started_at is not None or step.passed or step.status not in ("pending", "ready")


@dataclass(slots=True)
class _Transplant:
    """One move: `state` is a copy of its own."""

    plan: Plan
    state: State
    new: Plan
    obstacles: list[Obstacle] = field(default_factory=list)

    def fit(self) -> Fit:
        state, stands = self.state, self._standing()
        before, after = ({node.id: None for node in plan.root.nodes} for plan in (self.plan, self.new))
        self._match(after)
        matched: tuple[str, ...] = ()
        begins: tuple[str, ...] = ()
        if not self.obstacles:
            self._rebind()
            matched = tuple(node for node in after if node in state.steps)
            self._route()
            begins = tuple(node for node in after if node not in matched and self._is_to_begin(node))
            self._restart_clock()
        return Fit(
            obstacles=tuple(dict.fromkeys(self.obstacles)),
            state=state if not self.obstacles else None,
            matched=matched,
            new=tuple(node for node in after if node not in before),
            gone=tuple(node for node in before if node not in after),
            begins=begins,
            stands=stands,
            deadline=state.deadline,
        )

    def _is_to_begin(self, node: str) -> bool:
        step = self.state.steps.get(node)
        return step is not None and (step.status == "ready" or step.verdict == "open")

    def _standing(self) -> tuple[Standing, ...]:
        found = []
        for step in self.state.steps.values():
            if step.status in ("waiting", "retrying", "uncertain"):
                node = self.new.nodes.get(step.plan.id)
                is_changed = node is not None and settings(node) != settings(step.plan)
                due = step.due if step.status != "uncertain" else None
                waits = step.wait if step.status == "waiting" else None
                found.append(
                    Standing(
                        step=step.key,
                        node=step.plan.id,
                        status=step.status,
                        waits=waits,
                        due=due,
                        is_changed=is_changed,
                    )
                )
        return tuple(found)

    # --- what has begun ---------------------------------------------------------------------------------------

    def _match(self, after: Collection[str]) -> None:
        """Find the node of every step that has begun; forget those that haven't, and those that are gone for good."""
        state = self.state
        completed = {step.key for step in state.completed}
        holders = {_holder(scope).key for scope in state.scopes.values() if scope.owner is not None}
        steps = [step for step in state.steps.values() if step.scope is state.root and step.owner is None]
        begun = [step for step in steps if has_begun(step)]
        for step in steps:
            node = self.new.nodes.get(step.plan.id) if step.plan.id in after else None
            if not has_begun(step):
                self._forget(step)
            elif node is not None:
                for why in differences(step, node, is_completed=step.key in completed, holds=step.key in holders):
                    self.obstacles.append(Obstacle(why, step.plan.id))
            elif self._is_done_with(step, completed, holders):
                self._forget(step)
            else:
                self.obstacles.append(Obstacle("node_gone", step.plan.id))
        self._match_lists(after)
        self._remember({step.plan.id for step in begun if step.status != "skipped"})

    def _is_done_with(self, step: Step, completed: Collection[str], holders: Collection[str]) -> bool:
        """Whether nothing asks any more for a step whose node is gone. All that happens follows from the trigger."""
        if step.plan.kind == "trigger" and step.status == "succeeded":
            return False
        return step.status in ENDED and not any(step.key in held for held in (completed, holders, self.state.closing))

    def _match_lists(self, after: Collection[str]) -> None:
        """What is known beforehand of the items of a step, since another run had some of them, is its node's alone."""
        for key in self.state.listed:
            name = key.partition("/")[0].partition("[")[0]
            old, new = self.plan.nodes[name], self.new.nodes.get(name) if name in after else None
            if new is None:
                self.obstacles.append(Obstacle("node_gone", name))
            elif (new.type.name, new.kind) != (old.type.name, old.kind):
                self.obstacles.append(Obstacle("type_changed", name))

    def _remember(self, ran: Collection[str]) -> None:
        """What has been done, in a step or inside it, is done by no node of the same id that stands elsewhere or comes back."""
        old, new = places(self.plan), places(self.new)
        for node, around in old.items():
            if UNDO in around or (around[0] if around else node) not in ran:
                continue
            if node not in new:
                self.state.retired[node] = None
            elif new[node] != around:
                self.obstacles.append(Obstacle("node_gone", node))
        self.obstacles += [Obstacle("came_back", node) for node in self.state.retired if node in new]

    def _forget(self, step: Step) -> None:
        del self.state.steps[step.key]
        self.state.verdicts.pop(step.key, None)
        if step.window is not None:
            self.state.held -= len(step.window.outputs)
            for item in step.window.unsure.values():
                self.state.steps.pop(item.key, None)

    def _rebind(self) -> None:
        """Every step and every scope goes by the new version's nodes."""
        state = self.state
        for step in state.steps.values():
            if step.status == "skipped" and was_passed(step):
                step.port = "out"
            step.plan = self.new.nodes[step.plan.id]
            if step.inner is not None and step.status in ENDED and step.inner.name not in state.scopes:
                step.inner = None  # what was inside is over and forgotten, and may be no node of this version
        for scope in state.scopes.values():
            region = scope.owner.plan.inner if scope.owner is not None else self.new.root
            if region is None:
                raise ValueError(f"{scope.name} holds nothing in this version")
            scope.region = region
            scope.keep = _is_retried(scope)
        state.ready = type(state.ready)(step for step in state.ready if state.steps.get(step.key) is step)

    # --- what leads where ---------------------------------------------------------------------------------------

    def _route(self) -> None:
        """Count the edges of the new version: what has begun must have had reason to, all else is weighed."""
        state, root = self.state, self.state.root
        leading: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for source in self.new.root.nodes:
            for port, target in source.out:
                leading[target.id].append((source.id, port))
        begun = dict(state.steps)
        for node in self.new.root.nodes:
            decided = [(begun[source].port, port) for source, port in leading[node.id] if self._has_left(begun, source)]
            left, taken = len(leading[node.id]) - len(decided), sum(went == port for went, port in decided)
            step = begun.get(node.id)
            if step is None:
                self._weigh(node, left, taken, is_entry=not leading[node.id])
                continue
            if (why := contradiction(step, left, taken, is_entry=not leading[node.id])) is not None:
                self.obstacles.append(Obstacle(why, node.id))
            step.left, step.taken = left, taken
        root.open = sum(
            (step := state.steps.get(node.id)) is None or step.status not in ENDED for node in self.new.root.nodes
        ) + sum(isinstance(closing, Step) and closing.scope is root for closing in state.closing.values())
        state.root_over = root.open == 0

    @staticmethod
    def _has_left(begun: Mapping[str, Step], source: str) -> bool:
        step = begun.get(source)
        return step is not None and step.status in ENDED

    def _weigh(self, node: NodePlan, left: int, taken: int, *, is_entry: bool) -> None:
        """A node nothing of which has happened: it is where the edges that are decided leave it."""
        if left == node.incoming and not is_entry:
            return  # no edge is decided; its step is made at the first touch
        step = Step(node.id, node, self.state.root)
        step.left, step.taken = left, taken
        self.state.steps[step.key] = step
        if not is_entry:
            weigh(self.state, step)
        elif node.kind == "trigger":
            judge(self.state, step, "skip")
        else:
            make_ready(self.state, step)

    def _restart_clock(self) -> None:
        """The run's own time is that of the new version, from its start."""
        state, timeout = self.state, self.new.timeout
        state.timers = [(due, key) for due, key in state.timers if key]
        heapify(state.timers)
        state.deadline = state.started_at + timeout if timeout is not None else None
        if state.deadline is not None:
            heappush(state.timers, (state.deadline, ""))


def _holder(scope: Scope) -> Step:
    """The step at the top that the scope lies in."""
    owner = scope.owner
    while owner is not None:
        if owner.scope.owner is None:
            return owner
        owner = owner.scope.owner
    raise ValueError("the run itself lies in no step")


def _is_retried(scope: Scope) -> bool:
    """Whether a container around it may be retried, so that what is done inside must stay known."""
    around: Scope | None = scope
    while around is not None and around.owner is not None:
        if around.owner.plan.retry is not None:
            return True
        around = around.parent
    return False
