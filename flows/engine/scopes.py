"""What the end of a step means for what is around it: its scope, the window of its items, the run.

Everything here is worked out while folding and is journaled nowhere: it follows from the events. A scope
whose step failed closes: no edge leads on in it, and once all its steps have ended it hands its failure to
what it belongs to. Undoing (`saga`) is a scope like any other, after the run's own has ended.
"""

from flows.engine.commands import Assembly, ObjectOf
from flows.engine.events import Value
from flows.engine.failures import error_json
from flows.engine.plan import Region
from flows.engine.reopening import reopen
from flows.engine.routing import begin, make_ready, note, offer
from flows.engine.state import ENDED, Cause, Scope, ScopeKind, State, Step, Window


def settle(state: State, step: Step, port: str | None) -> None:
    """A step has ended and leaves by this port (None: all its edges are dead)."""
    if step.owner is not None:
        item_succeeded(state, step.owner, step)
        return
    scope = step.scope
    scope.open -= 1
    decide = note if scope.dead else offer
    for name, target in step.plan.out:
        decide(state, scope, target, taken=name == port)
    if not scope.open:
        end_scope(state, scope)


def leave(state: State, step: Step) -> None:
    """A step has ended that nothing follows from: it was cancelled, or is uncertain in a closed scope."""
    if step.owner is not None:
        drop_item(state, step.owner, _place(step), step.attempt)
        return
    scope = step.scope
    scope.open -= 1
    if not scope.open:
        end_scope(state, scope)


def fail(state: State, step: Step, cause: Cause) -> None:
    """A step has failed and its `on_error` says `fail`."""
    owner = step.owner
    if owner is not None:
        window = _window(owner)
        place = _place(step)
        _remember(window, place, step, step.attempt)
        state.steps.pop(step.key, None)
        item_failed(state, owner, place, cause)
        return
    scope = step.scope
    scope.open -= 1
    if scope.failure is None and not scope.dead:
        scope.failure = cause
        close(state, scope)
    elif not scope.open:
        end_scope(state, scope)


# --- scopes ----------------------------------------------------------------------------------------------


def open_scope(
    state: State, kind: ScopeKind, owner: Step, region: Region, *, name: str, prefix: str, index: int | None = None
) -> Scope:
    """A new scope under a step, its entries ready."""
    scope = Scope(kind, name, prefix, region, parent=owner.scope, owner=owner, index=index)
    state.scopes[name] = scope
    begin(state, scope)
    return scope


def enter(state: State, step: Step, kind: ScopeKind) -> None:
    """What holds its nodes once begins with them, or goes on with them where they stood."""
    region = step.plan.inner
    if step.inner is not None:
        reopen(state, step.inner)
        if not step.inner.open:
            end_scope(state, step.inner)  # it was cut when all in it was done
    elif region is not None and region.nodes:
        name = f"{step.key}/"
        step.inner = open_scope(state, kind, step, region, name=name, prefix=name)
    else:
        state.gathers[step.key] = step


def close(state: State, scope: Scope) -> None:
    """Nothing in the scope goes on: what has begun is to be cancelled, then the scope ends."""
    scope.dead = True
    _bury(state, scope)
    if scope.open:
        state.closing[scope.name] = scope
    else:
        end_scope(state, scope)


def orphan(state: State, step: Step) -> None:
    """A step with items or an inside has ended before those: they are to be cancelled.

    Until they are, they hold the scope around the step open.
    """
    _bury_inside(state, step)
    if has_live(step):
        state.closing[step.key] = step
        step.scope.open += 1
    else:
        state.locks.pop(step.key, None)


def inside_over(state: State, step: Step) -> None:
    """Something inside a step that has ended is over; with the last of it, its hold on the scope goes."""
    if has_live(step):
        return
    state.locks.pop(step.key, None)
    if state.closing.pop(step.key, None) is None:
        return
    step.scope.open -= 1
    if not step.scope.open:
        end_scope(state, step.scope)


def has_live(step: Step) -> bool:
    """Whether anything inside the step hasn't ended."""
    window = step.window
    if window is not None and (window.live or window.next < window.count):
        return True
    return step.inner is not None and step.inner.open > 0


def _bury(state: State, scope: Scope) -> None:
    for plan in scope.region.nodes:
        step = scope.steps.get(plan.id)
        if step is None or step.status in ENDED:
            continue
        state.verdicts.pop(step.key, None)
        state.gathers.pop(step.key, None)
        if step.status == "uncertain":
            scope.open -= 1  # it stays uncertain, and nobody waits for it any more
            state.uncertain.pop(step.key, None)
        else:
            _bury_inside(state, step)


def _bury_inside(state: State, step: Step) -> None:
    if step.inner is not None:
        step.inner.dead = step.inner.killed = True
        _bury(state, step.inner)
    if step.window is None:
        return
    for index, live in list(step.window.live.items()):
        if isinstance(live, Scope):
            live.dead = live.killed = True
            _bury(state, live)
            if not live.open:
                end_scope(state, live)
        elif live.status == "uncertain":
            state.uncertain.pop(live.key, None)
            del step.window.live[index]
            step.window.unsure[index] = live


def is_dead(step: Step) -> bool:
    """Whether what the step belongs to is over, so that it may not begin."""
    return step.scope.dead or (step.owner is not None and step.owner.status != "running")


def end_scope(state: State, scope: Scope) -> None:
    """All steps of a scope have ended."""
    state.closing.pop(scope.name, None)
    owner = scope.owner
    if owner is None:
        state.root_over = True
    elif scope.kind == "undo":
        end_undo(state, scope, owner)
    elif scope.kind in ("try", "lock"):
        _end_try(state, scope, owner)
    else:
        index = scope.index or 0
        _forget(state, scope)
        if scope.killed:
            drop_item(state, owner, index, 0)
        elif scope.failure is not None:
            item_failed(state, owner, index, scope.failure)
        else:
            _item_done(state, owner, index, output_of(scope))


def _end_try(state: State, scope: Scope, owner: Step) -> None:
    if not scope.killed:
        state.gathers[owner.key] = owner
    _forget(state, scope)
    if scope.killed:
        inside_over(state, owner)


def _forget(state: State, scope: Scope) -> None:
    """Let go of a finished scope, so that a run of many iterations stays small.

    Its steps are kept where an undo may still ask for their outputs, or a retry go on from them.
    """
    if (state.compensates and scope.region.has_undo) or (scope.keep and scope.dead):
        return
    state.scopes.pop(scope.name, None)
    for step in scope.steps.values():
        state.steps.pop(step.key, None)
        if step.window is not None:
            state.held -= len(step.window.outputs)
            for item in step.window.unsure.values():
                state.steps.pop(item.key, None)


def output_of(scope: Scope) -> Assembly:
    """The run-output rule: the single end node's output, or an object of end node id -> output."""
    ends = scope.region.ends
    if len(ends) == 1:
        return _output(scope, ends[0].id)
    return ObjectOf({plan.id: _output(scope, plan.id) for plan in ends}) if ends else None


def _output(scope: Scope, node_id: str) -> Value:
    step = scope.steps.get(node_id)
    return step.output if step is not None else None


# --- windows ---------------------------------------------------------------------------------------------


def fill(state: State, owner: Step) -> None:
    """Begin as many items as the window has room for; with nothing left to wait for, the step is gathered."""
    window = _window(owner)
    while len(window.live) < window.concurrency:
        if window.again:
            index = window.again.popleft()
        elif window.next < window.count:
            index = window.next
            window.next += 1
            pass_kept(window)
        else:
            break
        _begin_item(state, owner, index)
    if not window.live and owner.status == "running":
        state.gathers[owner.key] = owner


def pass_kept(window: Window) -> None:
    """The next item to begin is none that is kept from another run."""
    while window.next in window.kept:
        window.next += 1


def _begin_item(state: State, owner: Step, index: int) -> None:
    window = _window(owner)
    key = f"{owner.key}[{index}]"
    region = owner.plan.inner
    if region is None:
        item = Step(key, owner.plan, owner.scope, owner, index)
        item.attempt = item.base = window.spent.pop(index, 0)
        item.footing = window.footings.pop(index, None)
        item.again = window.came_to.pop(index, None)
        state.steps[key] = item
        window.live[index] = item
        item.status = "ready"
        state.ready.append(item)
    elif region.nodes:
        kept = state.scopes.get(f"{key}/")
        if kept is not None:
            window.live[index] = kept
            reopen(state, kept)
            if not kept.open:
                end_scope(state, kept)  # as above
        else:
            window.live[index] = open_scope(state, "item", owner, region, name=f"{key}/", prefix=f"{key}/", index=index)


def begin_turn(state: State, owner: Step, index: int) -> None:
    """One more turn of a `flow.while`."""
    window, region = _window(owner), owner.plan.inner
    window.next = window.count = index + 1
    if region is None or not region.nodes:
        make_ready(state, owner)
        return
    key = f"{owner.key}[{index}]/"
    window.live[index] = open_scope(state, "turn", owner, region, name=key, prefix=key, index=index)


def item_succeeded(state: State, owner: Step, item: Step) -> None:
    state.steps.pop(item.key, None)
    _item_done(state, owner, _place(item), item.output)


def _item_done(state: State, owner: Step, index: int, output: Assembly) -> None:
    window = _window(owner)
    window.live.pop(index, None)
    if owner.plan.kind == "while":
        window.last = output
    else:
        window.outputs[index] = output
        window.failed.pop(index, None)
    _go_on(state, owner)


def item_failed(state: State, owner: Step, index: int, cause: Cause) -> None:
    window = _window(owner)
    window.live.pop(index, None)
    window.failed[index] = cause
    if window.collect:
        window.outputs[index] = {"error": error_json(cause.error)}
    # A quotient, since a share such as 0.29 is no exact number: 29 of 100 are 0.29 as it is written.
    goes_on = window.collect and window.lost / window.count <= window.tolerate
    if not goes_on and window.cause is None:
        window.cause = cause
    _go_on(state, owner)


def drop_item(state: State, owner: Step, index: int, attempt: int) -> None:
    """An item was cancelled; its place may be run in a retry of the whole. One that may have acted stays as it is."""
    window = _window(owner)
    live = window.live.pop(index, None)
    if isinstance(live, Step) and live.status == "uncertain":
        window.unsure[index] = live
    else:
        if isinstance(live, Step):
            state.steps.pop(live.key, None)
            if live.again is not None:
                window.came_to[index] = live.again
        _remember(window, index, live, attempt)
        window.cut[index] = None
    _go_on(state, owner)


def _remember(window: Window, index: int, item: Step | Scope | None, attempt: int) -> None:
    """The step at this place is forgotten; one that takes its place goes on under the same key."""
    window.spent[index] = attempt
    if isinstance(item, Step) and item.footing is not None:
        window.footings[index] = item.footing


def _go_on(state: State, owner: Step) -> None:
    if owner.status != "running" or owner.scope.dead:
        inside_over(state, owner)
    elif _window(owner).cause is not None:
        state.gathers[owner.key] = owner
    elif owner.plan.kind == "while":
        make_ready(state, owner)
    else:
        fill(state, owner)


def _window(owner: Step) -> Window:
    if owner.window is None:
        raise ValueError(f"{owner.key} has no items")
    return owner.window


def _place(item: Step) -> int:
    if item.index is None:
        raise ValueError(f"{item.key} is no item")
    return item.index


# --- once more -------------------------------------------------------------------------------------------


def resume(state: State, owner: Step) -> None:
    """A step with items runs again: what succeeded is kept, only the rest is run. Whether an item acted that may have,
    a person decides before it goes on."""
    window = _window(owner)
    window.cause = None
    if window.resume is not None:
        window.next, window.resume = window.resume, None
    window.again.extend(sorted({**window.failed, **window.cut}))
    window.failed.clear()
    window.cut.clear()
    for index, item in window.unsure.items():
        window.live[index] = state.uncertain[item.key] = item
    window.unsure.clear()
    fill(state, owner)


# --- undoing ---------------------------------------------------------------------------------------------


def next_undo(state: State) -> None:
    """Begin to undo the step that was completed last, if one is left."""
    state.undoing = None
    while state.completed and state.undoing is None:
        step = state.completed.pop()
        region = step.plan.undo
        if region is not None and region.nodes:
            state.undoing = open_scope(state, "undo", step, region, name=f"{step.key}!", prefix=step.scope.prefix)


def end_undo(state: State, scope: Scope, owner: Step) -> None:
    """An undo has finished; one that failed raises an alert and the next begins all the same."""
    if scope.failure is None:
        state.undone = owner
        return
    state.alerts.append((scope.failure.step, scope.failure.error, "compensation_failed"))
    next_undo(state)
