"""What is to be cancelled: everything unfinished in what has closed, the innermost first."""

from collections.abc import Collection, Iterator

from flows.dsl.instants import Instant
from flows.engine.events import Event, ItemsCancelled, StepCancelled, StepUncertain
from flows.engine.failures import CUT
from flows.engine.judging import may_have_acted
from flows.engine.state import ENDED, Scope, State, Step


def cuts(state: State, now: Instant, spared: Collection[str] = ()) -> Iterator[Event]:
    """The events that end what still stands in closed scopes and under ended steps, each once.

    `spared`: steps that may yet end by themselves; they stay, and so does what holds them.
    """
    seen = set()
    for closed in state.closing.values():
        inside = _cut_scope(state, closed, now) if isinstance(closed, Scope) else _cut_inside(state, closed, now)
        for event in inside:
            if spared and _is_spared(event.step or "", spared) and not isinstance(event, ItemsCancelled):
                continue
            # One closed place may lie within another.
            if (mark := (type(event), event.step)) not in seen:
                seen.add(mark)
                yield event


def _is_spared(key: str, spared: Collection[str]) -> bool:
    return any(other == key or other.startswith((f"{key}/", f"{key}[")) for other in spared)


def _cut_scope(state: State, scope: Scope, now: Instant) -> Iterator[Event]:
    for plan in scope.region.nodes:
        step = scope.steps.get(plan.id)
        if step is None:
            yield StepCancelled(at=now, step=scope.prefix + plan.id)
        else:
            yield from _cut_step(state, step, now)


def _cut_step(state: State, step: Step, now: Instant) -> Iterator[Event]:
    yield from _cut_inside(state, step, now)
    if step.status in ENDED or step.status == "uncertain":
        return
    if step.key in state.flights and may_have_acted(step):
        yield StepUncertain(at=now, step=step.key, error=CUT)
    else:
        yield StepCancelled(at=now, step=step.key)


def _cut_inside(state: State, step: Step, now: Instant) -> Iterator[Event]:
    if step.inner is not None and step.inner.open:
        yield from _cut_scope(state, step.inner, now)
    window = step.window
    if window is None:
        return
    for live in list(window.live.values()):
        if isinstance(live, Scope):
            yield from _cut_scope(state, live, now)
        else:
            yield from _cut_step(state, live, now)
    if window.next < window.count:
        yield ItemsCancelled(at=now, step=step.key, first=window.next)
