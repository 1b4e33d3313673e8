"""What is to be cancelled: everything unfinished in what has closed, the innermost first.

A step that does its work in several goes and asked for a farewell is not cancelled: it has a last go, or as many as it
takes, and ends by what those come to.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from flows.dsl.instants import Instant
from flows.engine.events import Event, ItemsCancelled, StepCancelled, StepFailed, StepUncertain
from flows.engine.failures import CUT, POISONED
from flows.engine.judging import may_have_acted
from flows.engine.state import ENDED, Scope, State, Step

_Found: TypeAlias = Event | Step
"""What ends a step, or a step that takes its leave first."""


@dataclass(slots=True)
class Cuts:
    """`events` end what still stands in closed scopes and under ended steps, each once; `goes` are steps whose next
    last go is to begin."""

    events: list[Event] = field(default_factory=list)
    goes: list[Step] = field(default_factory=list)


def cuts(state: State, now: Instant, spared: Collection[str] = ()) -> Cuts:
    """`spared`: steps that may yet end by themselves; they stay, and so does what holds them."""
    found = [one for closed in state.closing.values() for one in _inside(state, closed, now)]
    leaving = {one.key: one for one in found if isinstance(one, Step)}
    staying = {*spared, *leaving}
    result = Cuts(goes=[step for step in leaving.values() if _is_its_turn(step, now)])
    seen = set()
    for event in found:
        if isinstance(event, Step):
            continue
        if staying and _is_spared(event.step or "", staying) and not isinstance(event, ItemsCancelled):
            continue
        # One closed place may lie within another.
        if (mark := (type(event), event.step)) not in seen:
            seen.add(mark)
            result.events.append(event)
    return result


def _is_its_turn(step: Step, now: Instant) -> bool:
    """Whether the next last go begins now: the first at once, whatever the step was waiting for."""
    if step.status in ("waiting", "retrying"):
        return not step.leaving or (step.due is not None and step.due <= now)
    return step.status in ("pending", "ready")


def _is_spared(key: str, spared: Collection[str]) -> bool:
    return any(other == key or other.startswith((f"{key}/", f"{key}[")) for other in spared)


def _inside(state: State, closed: Scope | Step, now: Instant) -> Iterator[_Found]:
    return _cut_scope(state, closed, now) if isinstance(closed, Scope) else _cut_inside(state, closed, now)


def _cut_scope(state: State, scope: Scope, now: Instant) -> Iterator[_Found]:
    for plan in scope.region.nodes:
        step = scope.steps.get(plan.id)
        if step is None:
            yield StepCancelled(at=now, step=scope.prefix + plan.id)
        else:
            yield from _cut_step(state, step, now)


def _cut_step(state: State, step: Step, now: Instant) -> Iterator[_Found]:
    yield from _cut_inside(state, step, now)
    if step.status in ENDED or step.status == "uncertain":
        return
    if step.farewell and step.verdict is None:
        yield step
    elif step.farewell and step.verdict == "poisoned":
        yield StepFailed(at=now, step=step.key, error=POISONED)
    elif step.key in state.flights and may_have_acted(step):
        yield StepUncertain(at=now, step=step.key, error=CUT)
    else:
        yield StepCancelled(at=now, step=step.key)


def _cut_inside(state: State, step: Step, now: Instant) -> Iterator[_Found]:
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
