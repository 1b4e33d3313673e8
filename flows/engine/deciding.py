"""What is to be done now: a look at the state's lists that changes nothing.

The order matters. Alarms come first, then what must be cancelled, then what became certain (due waits, dead
ways, gathered outputs), and only when none of these has anything to say do new attempts begin: an event of
the former may close the scope that the latter would begin in.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace

from flows.dsl.effects import Effect
from flows.dsl.instants import Instant, format_instant
from flows.engine.breakpoints import condition_of, stands_before
from flows.engine.commands import Assembly, Command, Gather, ListOf, ListOver, Record, StartAttempt
from flows.engine.cutting import cuts
from flows.engine.ending import ends
from flows.engine.events import (
    AlertRaised,
    ErrorInfo,
    Event,
    RunOverLimit,
    RunPaused,
    RunTimedOut,
    StepEscalated,
    StepFailed,
    StepRetrying,
    StepSkipped,
    StepStarted,
    StepSucceeded,
)
from flows.engine.failures import (
    JOIN_UNREACHABLE,
    POISONED,
    STEP_TIMEOUT,
    WAIT_TIMEOUT,
    error_json,
    lock_timeout,
    of_items,
)
from flows.engine.judging import failure, failure_inside, next_try
from flows.engine.plan import Plan
from flows.engine.scopes import is_dead, output_of
from flows.engine.state import Scope, State, Step, Window
from flows.engine.timing import due_steps, goes_on, is_run_over
from flows.security.safejson import Json

_TIMEOUT_PORT = "timeout"
_PURE = Effect.PURE  # asking an enum class for a member is dear


def decide(plan: Plan, state: State, now: Instant, spared: Collection[str] = ()) -> list[Command]:
    """The commands of a run in this state, at this time; what is `spared` is not cut yet."""
    if state.result is not None or not state.begun:
        return []
    if state.alerts or state.corrupt is not None or state.paused or state.closing:
        found = _urgent(plan, state, now, spared)
        if found or state.paused:
            return found
    if state.seq >= plan.max_events and not state.root.dead and not state.root_over:
        return [Record(RunOverLimit(at=now, limit=plan.max_events))]
    due: list[Step] = []
    if state.timers and state.timers[0][0] <= now:
        if is_run_over(state, now):
            return [Record(RunTimedOut(at=now))]
        # What is tried again begins once nothing of the time before stands inside it any more.
        due = [step for step in due_steps(state, now) if step.key not in state.closing]
    found = _certain(state, due, now) if due or state.verdicts or state.gathers or state.matched else []
    if not found and (state.ready or due):
        _start(plan, state, due, found, now)
    if not found and state.root_over:
        return ends(plan, state, now)
    return found


def _urgent(plan: Plan, state: State, now: Instant, spared: Collection[str]) -> list[Command]:
    found: list[Command] = [Record(_alert(*alert, now)) for alert in state.alerts]
    if state.corrupt is not None and not state.paused:
        found.append(Record(RunPaused(at=now, reason="corruption", error=state.corrupt.error)))
    elif not state.paused:
        cut = cuts(state, now, spared)
        found += [Record(event) for event in cut.events]
        room = plan.max_parallel - len(state.flights) if plan.max_parallel is not None else None
        found += [_attempt(state, step, leaves=True) for step in cut.goes[: None if room is None else max(room, 0)]]
    return found


def _alert(step: str, error: ErrorInfo, reason: str, now: Instant) -> AlertRaised:
    return AlertRaised(at=now, step=step, error=error, reason=reason)  # type: ignore[arg-type]  # one of its reasons


# --- what became certain ---------------------------------------------------------------------------------


def _certain(state: State, due: list[Step], now: Instant) -> list[Command]:
    found: list[Command] = []
    for command in _all_certain(state, due, now):
        found.append(command)
        if isinstance(command, Record) and isinstance(command.event, StepFailed | StepRetrying):
            break  # it may close what the next would be about
    return found


def _all_certain(state: State, due: list[Step], now: Instant) -> Iterator[Command]:
    for step in state.verdicts.values():
        if not is_dead(step):
            yield Record(_verdict(step, now))
    for step in state.gathers.values():
        if not is_dead(step):
            yield _gathered(step, now)
    answered = set()
    for name in state.matched:
        for step, payload in zip(state.awaiting[name].values(), state.mail[name], strict=False):
            answered.add(step.key)
            yield Record(StepSucceeded(at=now, step=step.key, output=payload))
    for step in due:
        if goes_on(step, now):
            continue  # by an attempt, as what is retried
        if step.status != "retrying" and step.key not in answered:
            yield Record(_waited(step, now))
        elif step.window is not None and step.plan.kind != "while":
            yield Record(StepStarted(at=now, step=step.key, attempt=step.attempt + 1, seed=step.seed))


def _verdict(step: Step, now: Instant) -> Event:
    match step.verdict:
        case "unreachable":
            return StepFailed(at=now, step=step.key, error=JOIN_UNREACHABLE)
        case "poisoned":
            return StepFailed(at=now, step=step.key, error=POISONED)
        case "open":
            return StepStarted(at=now, step=step.key, attempt=step.attempt + 1, seed=0)
        case _:
            return StepSkipped(at=now, step=step.key)


def _gathered(step: Step, now: Instant) -> Command:
    """All inside the step is over, or one of it failed and the rest is to stop."""
    if step.inner is not None:
        return _tried(step, step.inner, now)
    window = step.window
    if window is None:
        return Gather(step.key, None)
    if window.cause is not None:
        return Record(failure_inside(step, window.cause, now))
    if window.failed and (again := _only_the_rest(step, now)) is not None:
        return Record(again)
    return Gather(step.key, window.last if step.plan.kind == "while" else outputs_of(window))


def outputs_of(window: Window) -> Assembly:
    """The list of what its items gave, each at its place."""
    if not window.kept:
        return ListOf(window.outputs)
    return ListOver(window.base, {at: output for at, output in enumerate(window.outputs) if at not in window.kept})


def _tried(step: Step, inner: Scope, now: Instant) -> Command:
    cause = inner.failure
    if cause is None:
        return Gather(step.key, output_of(inner))
    if cause.error.klass not in step.plan.catch:
        return Record(failure_inside(step, cause, now))
    caught = {"error": error_json(cause.error)}
    return Record(StepSucceeded(at=now, step=step.key, port="caught", output=caught))


def _only_the_rest(step: Step, now: Instant) -> StepRetrying | None:
    """Collected failures of a `flow.for_each` with tries left are run once more, the rest is kept."""
    window = step.window
    if window is None or step.plan.kind != "for_each" or step.plan.retry is None:
        return None
    first = window.failed[min(window.failed)]
    due = next_try(step, now)
    if due is None:
        return None
    error = of_items(first.error, first.step, some_succeeded=window.lost < window.count)
    return StepRetrying(at=now, step=step.key, error=error, due=due)


def _lock_over(step: Step, now: Instant) -> Event:
    """The time of a lock, or of its wait, is over; its retries are for taking it, never for what is done under it."""
    if step.status != "waiting":
        return StepFailed(at=now, step=step.key, error=STEP_TIMEOUT)
    if step.due is None or step.due > now or step.wait is None:
        return failure(step, STEP_TIMEOUT, now)
    return failure(step, lock_timeout(step.wait[1]), now)


def _waited(step: Step, now: Instant) -> Event:
    if step.plan.kind == "lock":
        return _lock_over(step, now)
    if step.status != "waiting":
        return failure(step, STEP_TIMEOUT, now)  # a container whose time is over
    on = step.wait[0] if step.wait is not None else "timer"
    if step.due is None or step.due > now:
        return StepEscalated(at=now, step=step.key, stage=step.stage + 1)
    if on == "timer":
        return StepSucceeded(at=now, step=step.key, output={"until": format_instant(step.due or now)})
    if on == "child":
        return failure(step, STEP_TIMEOUT, now)
    if step.default is not None:
        decided: Json = {"decision": step.default, "votes": []}
        return StepSucceeded(at=now, step=step.key, port=step.default, output=decided)
    if _TIMEOUT_PORT in step.plan.ports:
        return StepSucceeded(at=now, step=step.key, port=_TIMEOUT_PORT)
    return StepFailed(at=now, step=step.key, error=WAIT_TIMEOUT)


# --- beginning -------------------------------------------------------------------------------------------


def _start(plan: Plan, state: State, due: list[Step], found: list[Command], now: Instant) -> None:
    room = plan.max_parallel - len(state.flights) if plan.max_parallel is not None else None
    for step in due:
        if room is not None and len(found) >= room:
            return
        found.append(_attempt(state, step))
    ready = state.ready
    while ready and ready[0].status != "ready":
        ready.popleft()
    for step in ready:
        if room is not None and len(found) >= room:
            return
        if step.status == "ready" and not is_dead(step):
            if state.listed and step.purpose == "items":
                found += _beginning(state, step, now)
            else:
                found.append(_attempt(state, step))


def _beginning(state: State, step: Step, now: Instant) -> list[Command]:
    """Its attempt; of a step whose items are known already, that it begins and what they are."""
    listed = state.listed.get(step.key)
    if listed is None or stands_before(state, step):
        return [_attempt(state, step)]
    began = StepStarted(at=now, step=step.key, attempt=step.attempt + 1, seed=0)
    return [Record(began), Record(replace(listed, at=now))]


def _attempt(state: State, step: Step, *, leaves: bool = False) -> StartAttempt:
    node = step.plan
    is_look = bool(state.breakpoints) and stands_before(state, step)
    purpose = "breakpoint" if is_look else step.purpose
    is_run = purpose == "run"
    # The first last go comes before the time it was put off to, and takes no turn that was reserved for then.
    put_off = step.error if step.leaving or not leaves else None
    return StartAttempt(
        step.key,
        node,
        step.attempt + 1,
        purpose,
        node.effect if is_run else _PURE,
        node.timeout if is_run else None,
        step.losses,
        condition_of(state.breakpoints[node.id]) if is_look else None,
        is_given=is_run and step.given is not None,
        given=step.given[0] if is_run and step.given is not None else None,
        put_off_by=put_off.code if put_off is not None else "",
        again=step.again if is_run else None,
        leaves=leaves or step.leaving,
    )
