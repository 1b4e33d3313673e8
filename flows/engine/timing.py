"""Due times: which entries of the state's heap still mean something, what is due, and when to look again.

An entry is never taken out when its step moves on; it is let go when it surfaces. An entry without a key is
the run's own deadline.
"""

from heapq import heappop, heappush

from flows.dsl.instants import Instant
from flows.engine.scopes import is_dead
from flows.engine.state import State, Step


def is_timer(state: State, due: Instant, key: str) -> bool:
    """Whether an entry still means something."""
    if not key:
        return not state.root.dead and not state.root_over
    step = state.steps.get(key)
    if step is None:
        return False
    if step.status in ("waiting", "retrying"):
        return due in (step.due, step.deadline) or due in step.stages[:1]
    return step.status in ("running", "ready") and step.deadline == due


def goes_on(step: Step, now: Instant) -> bool:
    """Whether a waiting step does its work in several goes and the next is due."""
    return step.again is not None and step.status == "waiting" and step.due is not None and step.due <= now


def is_run_over(state: State, now: Instant) -> bool:
    """Whether the run's own time is up."""
    return state.deadline is not None and state.deadline <= now and not state.root.dead and not state.root_over


def due_steps(state: State, now: Instant) -> list[Step]:
    """Steps whose time has come, in the order of their times, each once."""
    popped = []
    found: dict[str, Step] = {}
    while state.timers and state.timers[0][0] <= now:
        entry = heappop(state.timers)
        if is_timer(state, *entry):
            popped.append(entry)
            step = state.steps.get(entry[1])
            if step is not None and not is_dead(step):
                found[step.key] = step
    for entry in popped:
        heappush(state.timers, entry)
    return list(found.values())


def wake_at(state: State, now: Instant) -> Instant | None:
    """The first time after `now` at which something falls due; None: never."""
    if state.paused or state.result is not None:
        return None
    timers = state.timers
    while timers and not is_timer(state, *timers[0]):
        heappop(timers)
    if not timers or timers[0][0] > now:
        return timers[0][0] if timers else None
    # What is due and wasn't begun waits for room (`max_parallel`), not for time.
    return min((due for due, key in timers if due > now and is_timer(state, due, key)), default=None)
