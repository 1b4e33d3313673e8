"""When a failed attempt is tried again: a pure function of the policy, the try and a seed."""

import random
from dataclasses import dataclass
from typing import Literal

from flows.dsl.document import Retry
from flows.dsl.durations import parse_duration
from flows.dsl.instants import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """A document's `retry`, its durations in microseconds. `max_attempts` counts the first try."""

    max_attempts: int
    backoff: Literal["constant", "linear", "exponential"]
    initial: int
    factor: float
    max: int
    jitter: float
    max_elapsed: int | None


def policy(retry: Retry) -> RetryPolicy:
    return RetryPolicy(
        max_attempts=retry.max_attempts,
        backoff=retry.backoff,
        initial=parse_duration(retry.initial),
        factor=retry.factor,
        max=parse_duration(retry.max),
        jitter=retry.jitter,
        max_elapsed=parse_duration(retry.max_elapsed) if retry.max_elapsed is not None else None,
    )


def delay(policy: RetryPolicy, attempt: int, seed: int) -> int:
    """Microseconds to wait after the failure of `attempt` (from 1). The jitter is drawn from the seed."""
    base = _base(policy, attempt)
    if policy.jitter:
        spread = 2 * random.Random(seed).random() - 1  # noqa: S311  # repeatable on purpose, and no secret
        base *= 1 + policy.jitter * spread
    return round(base)


def _base(policy: RetryPolicy, attempt: int) -> float:
    match policy.backoff:
        case "constant":
            wait: float = policy.initial
        case "linear":
            wait = policy.initial * attempt
        case "exponential":
            # Beyond 64 doublings every cap is reached; the exponent is held so that floats don't overflow.
            wait = policy.initial * policy.factor ** min(attempt - 1, 64)
    return min(wait, policy.max)


def due(
    policy: RetryPolicy | None,
    *,
    attempt: int,
    first_at: Instant,
    now: Instant,
    seed: int,
    retry_after: int | None = None,
) -> Instant | None:
    """When the next try begins after a recoverable failure of `attempt`; None when none is left.

    A Retry-After of the other side is never undercut. `first_at`: when the first attempt began.
    """
    if policy is None or attempt >= policy.max_attempts:
        return None
    at = now + max(delay(policy, attempt, seed), retry_after or 0)
    if policy.max_elapsed is not None and at - first_at > policy.max_elapsed:
        return None
    return at
