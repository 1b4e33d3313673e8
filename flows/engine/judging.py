"""From what an attempt came to, to the one event that is journaled of it.

Whether a failure is tried again, is final, or leaves nobody knowing (`uncertain`) is decided here and
nowhere else. Nothing is changed: the event changes the state when it is folded.
"""

from typing import Final, assert_never

from flows.dsl.effects import Effect
from flows.dsl.instants import Instant
from flows.engine import retry
from flows.engine.events import (
    AttemptLost,
    ErrorInfo,
    Event,
    ItemsListed,
    LockGranted,
    StepFailed,
    StepRetrying,
    StepSucceeded,
    StepUncertain,
    StepWaiting,
    TimerSet,
    TurnDecided,
)
from flows.engine.failures import (
    LOST,
    STEP_TIMEOUT,
    lock_within_itself,
    of_items,
    too_many_failed,
    too_many_turns,
    unknown_port,
)
from flows.engine.outcomes import (
    Condition,
    Failed,
    Granted,
    Items,
    Lost,
    Outcome,
    Postponed,
    Succeeded,
    TimedOut,
    WaitsFor,
    WaitsUntil,
)
from flows.engine.retry import RetryPolicy
from flows.engine.state import Cause, Step, Window, locks_around

UNHEARD: Final = RetryPolicy(
    max_attempts=12,
    backoff="exponential",
    initial=2_000_000,
    factor=2,
    max=600_000_000,
    jitter=0,
    max_elapsed=None,
)
"""How a go that its time cut off is gone again, whatever the node's own retries: its step asked not to be cut, and its node
had no say. With the growing times between them that is for more than half an hour."""


def judge_outcome(step: Step, outcome: Outcome, now: Instant) -> Event:
    """The event of an outcome of an attempt in flight, or of what a waiting step was answered with."""
    match outcome:
        case Succeeded():
            return _succeeded(step, outcome, now)
        case Failed():
            return failure(step, outcome.error, now, not_sent=outcome.not_sent, retry_after=outcome.retry_after)
        case Postponed():
            return _postponed(step, outcome, now)
        case TimedOut():
            return failure(step, STEP_TIMEOUT, now)
        case Lost():
            return _lost(step, outcome, now)
        case WaitsUntil() | WaitsFor() | Granted():
            return _waits(step, outcome, now)
        case Items():
            return ItemsListed(
                at=now,
                step=step.key,
                count=outcome.count,
                items=outcome.items,
                concurrency=outcome.concurrency,
                on_error=outcome.on_error,
                tolerate=outcome.tolerate,
            )
        case Condition():
            return _turn(step, outcome, now)
        case _:
            assert_never(outcome)


def _succeeded(step: Step, outcome: Succeeded, now: Instant) -> Event:
    # An item's own port leads nowhere, what follows hangs on the step whose item it is; nor does that of a stop.
    if step.owner is None and outcome.stop is None and outcome.port not in step.plan.ports:
        return StepFailed(at=now, step=step.key, error=unknown_port(outcome.port, step.plan.ports))
    return StepSucceeded(at=now, step=step.key, port=outcome.port, output=outcome.output, stop=outcome.stop)


def failure(
    step: Step, error: ErrorInfo, now: Instant, *, not_sent: bool = False, retry_after: int | None = None
) -> StepFailed | StepRetrying | StepUncertain:
    """What a failed attempt means: another try, the end, or a question to a person.

    A `once` step is tried again only where the node vouches that nothing was sent; a failure that might be
    over by another try (a timeout, a cut connection) leaves nobody knowing. Corruption is neither a failure
    nor a try: the run is paused at its last good event, and the step begins anew when it is resumed.
    """
    if error.klass == "corruption":
        return StepRetrying(at=now, step=step.key, error=error, due=now)
    if error.klass == "recoverable":
        if may_have_acted(step) and not not_sent:
            return StepUncertain(at=now, step=step.key, error=error)
        due = next_try(step, now, retry_after)
        if due is None and error is STEP_TIMEOUT and step.farewell:
            due = next_try(step, now, policy=UNHEARD)
        if due is not None:
            return StepRetrying(at=now, step=step.key, error=error, due=due)
    return StepFailed(at=now, step=step.key, error=error)


def next_try(
    step: Step, now: Instant, retry_after: int | None = None, *, policy: RetryPolicy | None = None
) -> Instant | None:
    """When the step is tried once more; None where no try is left, by its node's policy or by this one."""
    return retry.due(
        policy or step.plan.retry,
        attempt=step.attempt - step.base,
        first_at=_first_at(step, now),
        now=now,
        seed=step.seed,
        retry_after=retry_after,
    )


def _first_at(step: Step, now: Instant) -> Instant:
    """When the first of the tries that count began; a snapshot of before says only when the very first did."""
    since = step.tried_since if step.tried_since is not None else step.started_at
    return now if since is None else since


def failure_inside(step: Step, cause: Cause, now: Instant) -> StepFailed | StepRetrying:
    """What a failed item, turn or inner step means for the step around it.

    Only the items of a `flow.for_each` are tried again by its own `retry`; what succeeded is kept.
    """
    window = step.window
    if window is not None and window.collect:
        return _too_many(step, window, cause, now)
    some = window is not None and window.done > window.lost + len(window.cut) + len(window.unsure)
    error = of_items(cause.error, cause.step, some_succeeded=some)
    if step.plan.kind == "for_each" and cause.error.klass in ("recoverable", "partial"):
        due = next_try(step, now)
        if due is not None:
            return StepRetrying(at=now, step=step.key, error=error, due=due)
    return StepFailed(at=now, step=step.key, error=error)


def _too_many(step: Step, window: Window, cause: Cause, now: Instant) -> StepFailed | StepRetrying:
    """More items failed than are tolerated. With tries left they are run again, whatever failed them."""
    error = too_many_failed(window.lost, window.count, window.tolerate, cause.error, cause.step)
    if step.plan.kind == "for_each":
        due = next_try(step, now)
        if due is not None:
            return StepRetrying(at=now, step=step.key, error=error, due=due)
    return StepFailed(at=now, step=step.key, error=error)


def may_have_acted(step: Step) -> bool:
    """Whether an attempt cut now leaves nobody knowing: it is of effect `once`, and performs it."""
    return step.plan.effect is Effect.ONCE and step.purpose == "run"


def _postponed(step: Step, outcome: Postponed, now: Instant) -> StepRetrying | StepFailed:
    """It waits however few attempts are left, unless its retries have a time after which nobody wants it any more; what
    asked for a farewell is wanted, for nobody else takes back what it has begun."""
    policy = step.plan.retry
    most = policy.max_elapsed if policy is not None else None
    if most is not None and not step.farewell and outcome.due - _first_at(step, now) > most:
        return StepFailed(at=now, step=step.key, error=outcome.error)
    return StepRetrying(at=now, step=step.key, error=outcome.error, due=outcome.due, counts=False)


def _waits(step: Step, outcome: WaitsUntil | WaitsFor | Granted, now: Instant) -> Event:
    if isinstance(outcome, Granted):
        return LockGranted(at=now, step=step.key, token=outcome.token)
    if isinstance(outcome, WaitsUntil):
        return TimerSet(at=now, step=step.key, due=outcome.due, again=outcome.again, farewell=outcome.farewell)
    if outcome.on == "lock" and any(outer.wait == ("lock", outcome.ref) for outer in locks_around(step)):
        return StepFailed(at=now, step=step.key, error=lock_within_itself(outcome.ref))
    return StepWaiting(
        at=now,
        step=step.key,
        on=outcome.on,
        ref=outcome.ref,
        due=outcome.due,
        default=outcome.default,
        stages=outcome.stages,
    )


def _lost(step: Step, outcome: Lost, now: Instant) -> Event:
    if outcome.begun and may_have_acted(step):
        return StepUncertain(at=now, step=step.key, error=LOST)
    return AttemptLost(at=now, step=step.key, cause=outcome.cause, alone=outcome.alone)


def _turn(step: Step, outcome: Condition, now: Instant) -> Event:
    index = step.window.next if step.window is not None else 0
    if outcome.holds and index >= outcome.max:
        return StepFailed(at=now, step=step.key, error=too_many_turns(outcome.max))
    return TurnDecided(at=now, step=step.key, index=index, begins=outcome.holds)
