"""When a failed attempt is tried again."""

import pytest

from flows.dsl.document import Retry
from flows.engine import retry
from flows.engine.events import StepStarted
from flows.engine.outcomes import Failed, Lost
from flows.engine.retry import RetryPolicy, delay, policy
from tests.engine.drafting import fails, flow, run, states

SECOND = 1_000_000


def a_policy(**fields: object) -> RetryPolicy:
    return policy(Retry.model_validate({"initial": "1s", "jitter": 0, **fields}))


@pytest.mark.parametrize(
    ("backoff", "waits"),
    [("constant", [1, 1, 1, 1]), ("linear", [1, 2, 3, 4]), ("exponential", [1, 2, 4, 8])],
)
def test_the_wait_grows_as_the_backoff_says(backoff: str, waits: list[int]) -> None:
    found = [delay(a_policy(backoff=backoff), attempt, seed=1) for attempt in (1, 2, 3, 4)]
    assert found == [wait * SECOND for wait in waits]


def test_no_wait_is_longer_than_the_maximum() -> None:
    assert delay(a_policy(max="5s"), 1_000_000, seed=1) == 5 * SECOND


def test_the_jitter_is_drawn_from_the_seed_and_stays_in_its_bounds() -> None:
    jittery = a_policy(jitter=0.5)
    waits = [delay(jittery, 1, seed) for seed in range(200)]
    assert waits == [delay(jittery, 1, seed) for seed in range(200)]
    assert min(waits) >= SECOND // 2
    assert max(waits) <= SECOND * 3 // 2
    assert len(set(waits)) > 100


def test_a_longer_retry_after_is_honoured_and_a_shorter_one_changes_nothing() -> None:
    def due(retry_after: int) -> int | None:
        return retry.due(a_policy(), attempt=1, first_at=0, now=0, seed=1, retry_after=retry_after)

    assert due(30 * SECOND) == 30 * SECOND
    assert due(1) == SECOND


def test_no_try_begins_after_the_maximum_elapsed_time() -> None:
    patient = a_policy(max_attempts=100, max_elapsed="10s")
    assert retry.due(patient, attempt=2, first_at=0, now=8 * SECOND, seed=1) == 10 * SECOND
    assert retry.due(patient, attempt=3, first_at=0, now=8 * SECOND, seed=1) is None


def test_there_is_no_try_beyond_the_last_and_none_without_a_policy() -> None:
    assert retry.due(a_policy(max_attempts=2), attempt=2, first_at=0, now=0, seed=1) is None
    assert retry.due(None, attempt=1, first_at=0, now=0, seed=1) is None


def test_a_vanished_attempt_never_counts() -> None:
    document = flow("start > a", a={"retry": {"max_attempts": 2, "jitter": 0}})
    mocks = {"a": [fails("recoverable"), {"output": 1}]}
    simulation = run(document, mocks=mocks, crash_after=(2, 4, 6))
    begun = [event.attempt for event in simulation.journal if isinstance(event, StepStarted)]
    assert begun == [1, 1, 1, 1, 2]
    assert states(simulation)["a"] == "succeeded"


def test_retries_due_at_one_instant_wait_for_room() -> None:
    again = {"retry": {"max_attempts": 2, "initial": "9s", "backoff": "constant", "jitter": 0}}
    document = flow("start > a", "start > b", settings={"max_parallel": 1}, a=again, b=again)
    mocks = {key: [fails("recoverable"), {"after": "2s"}] for key in ("a", "b")}
    begun = [event.at for event in run(document, mocks=mocks).journal if isinstance(event, StepStarted)]
    assert begun == [0, 0, 9 * SECOND, 11 * SECOND]


def test_each_attempt_has_a_seed_of_its_own() -> None:
    document = flow("start > a", a={"retry": {"max_attempts": 3}})
    simulation = run(document, mocks={"a": [fails("recoverable")] * 3})
    seeds = [event.seed for event in simulation.journal if isinstance(event, StepStarted)]
    assert len(set(seeds)) == 3


def test_an_outcome_of_another_attempt_means_nothing() -> None:
    document = flow("start > a", a={"retry": {"max_attempts": 3}})
    machine = run(document, mocks={"a": [{"after": "60s"}]}, happenings=()).machine
    assert machine.report("a", 1, Lost(), 0) is None
    assert machine.report("nobody", 1, Failed(error=machine.error), 0) is None  # type: ignore[arg-type]  # never looked at
