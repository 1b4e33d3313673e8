"""Circuit breakers: a target that fails is left alone by all workers together, tried by one, and never given up on."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

import pytest

from flows.dsl.durations import parse_duration
from flows.dsl.instants import Instant
from flows.engine.events import ErrorInfo
from flows.engine.outcomes import Failed, Postponed, Succeeded, TimedOut
from flows.journal.connection import connect
from flows.models import AuditEntry, Breaker
from flows.nodes.base import Effect, Json, NodeConfig, Recoverable, Step
from flows.operations.breakers import list_breakers, reset_breaker
from flows.runtime import breakers
from flows.runtime.breakers import AGAIN, PAUSE, THRESHOLD, TRY, WINDOW, Breakers
from flows.runtime.clock import SystemClock
from flows.runtime.equipment import Reading, patient
from tests.cast import Person, person
from tests.runtime.house import chain, drive, journal, publish, start, workspace
from tests.runtime.nodes import Catalogue, make

pytestmark = pytest.mark.django_db(transaction=True)

T0 = 1_800_000_000_000_000
TARGET = "host:pay.example"
DOWN = Failed(ErrorInfo(code="unanswered", message="no answer", klass="recoverable"))


def watching(scenario: Callable[[UUID, Reading], Coroutine[Any, Any, None]]) -> None:
    home = workspace().pk

    async def run() -> None:
        async with await connect("test") as connection:

            async def same() -> Any:
                return connection

            await scenario(home, patient(same))

    asyncio.run(run())


async def fail(breaker: Breakers, home: UUID, now: int, times: int = THRESHOLD) -> None:
    for _ in range(times):
        await breaker.learn(home, TARGET, DOWN, now)


def test_failures_of_all_workers_are_counted_together() -> None:
    async def scenario(home: UUID, read: Reading) -> None:
        one, other = Breakers(read), Breakers(read)
        await fail(one, home, T0, THRESHOLD - 1)
        assert await other.put_off(home, TARGET, T0) is None
        await other.learn(home, TARGET, TimedOut(), T0)
        for breaker in (other, Breakers(read)):
            held = await breaker.put_off(home, TARGET, T0 + 1)
            assert isinstance(held, Postponed)
            assert held.due == T0 + PAUSE
        assert await other.put_off(home, "host:other.example", T0) is None
        assert await other.put_off(UUID(int=5), TARGET, T0) is None, "another workspace's target is another target"

    watching(scenario)


def test_two_who_fail_at_once_both_know_that_it_is_open() -> None:
    """The second finds it open already; it must not take that for closed."""

    async def scenario(home: UUID, read: Reading) -> None:
        one = Breakers(read)
        await fail(one, home, T0, THRESHOLD - 1)
        assert await one.put_off(home, TARGET, T0) is None, "what is known is fresh"
        await asyncio.gather(*(fail(one, home, T0, 1) for _ in range(3)))
        assert isinstance(await one.put_off(home, TARGET, T0 + 1), Postponed)

    watching(scenario)


def test_one_tries_first_and_closes_it_for_all() -> None:
    async def scenario(home: UUID, read: Reading) -> None:
        one, other = Breakers(read), Breakers(read)
        await fail(one, home, T0)
        later = T0 + PAUSE
        assert await one.put_off(home, TARGET, later) is None
        held = await other.put_off(home, TARGET, later)
        assert held is not None
        assert held.due == later + AGAIN
        await one.learn(home, TARGET, Succeeded(), later)
        assert await Breakers(read).put_off(home, TARGET, later) is None
        assert await Breakers(read).put_off(home, TARGET, later) is None

    watching(scenario)


def test_a_failed_try_doubles_the_pause_and_the_other_sides_word_wins() -> None:
    async def scenario(home: UUID, read: Reading) -> None:
        one = Breakers(read)
        await fail(one, home, T0)
        now = T0 + PAUSE
        assert await one.put_off(home, TARGET, now) is None
        await one.learn(home, TARGET, DOWN, now)
        held = await one.put_off(home, TARGET, now)
        assert held is not None
        assert held.due == now + 2 * PAUSE
        now = held.due
        assert await one.put_off(home, TARGET, now) is None
        asked = parse_duration("1h")
        await one.learn(home, TARGET, Failed(DOWN.error, retry_after=asked), now)
        held = await one.put_off(home, TARGET, now)
        assert held is not None
        assert held.due == now + asked

    watching(scenario)


def test_a_try_that_never_tells_is_followed_by_another() -> None:
    async def scenario(home: UUID, read: Reading) -> None:
        one = Breakers(read)
        await fail(one, home, T0)
        assert await one.put_off(home, TARGET, T0 + PAUSE) is None
        assert await Breakers(read).put_off(home, TARGET, T0 + PAUSE + TRY - 1) is not None
        assert await Breakers(read).put_off(home, TARGET, T0 + PAUSE + TRY) is None

    watching(scenario)


def test_failures_far_apart_refusals_and_success_open_nothing() -> None:
    refused = Failed(ErrorInfo(code="http_status", message="404", details={"status": 404}))
    busy = Failed(ErrorInfo(code="http_status", message="429", klass="recoverable", details={"status": 429}))

    async def scenario(home: UUID, read: Reading) -> None:
        one = Breakers(read)
        for turn in range(THRESHOLD * 2):
            await one.learn(home, TARGET, DOWN, T0 + turn * WINDOW)
            await one.learn(home, "host:a.example", refused, T0)
            await one.learn(home, "host:b.example", busy, T0)
        for _ in range(3):
            await fail(one, home, T0 + 100 * WINDOW, THRESHOLD - 1)
            await one.learn(home, TARGET, Succeeded(), T0 + 100 * WINDOW)
        assert await Breakers(read).put_off(home, TARGET, T0 + 100 * WINDOW) is None

    watching(scenario)
    assert [breaker.target for breaker in Breaker.objects.all()] == [TARGET]


def test_success_asks_and_writes_nothing() -> None:
    asked: list[str] = []

    async def read(query: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        asked.append(query)
        return []

    async def scenario() -> None:
        one = Breakers(read)
        for _ in range(1_000):
            assert await one.put_off(UUID(int=1), TARGET, T0) is None
            await one.learn(UUID(int=1), TARGET, Succeeded(), T0)

    asyncio.run(scenario())
    assert set(asked) == {breakers.TROUBLED}
    assert len(asked) < 100


class Aimed(NodeConfig):
    url: str


class Later(SystemClock):
    """When the breaker's pause is over."""

    def now(self) -> Instant:
        return super().now() + PAUSE + 1_000_000


def test_a_step_waits_for_an_open_breaker_without_spending_its_attempts() -> None:
    """Its run parks until the breaker's time; when the target answers, it goes on by itself."""
    called: list[int] = []

    async def down(config: Aimed, step: Step) -> Json:
        await asyncio.sleep(0)  # what waits for nothing reaches for no target
        called.append(step.attempt)
        raise Recoverable("no answer")

    def aimed(retry: dict[str, Any]) -> Any:
        node = {"type": "test.node", "config": {"url": "https://pay.example:8443/x"}, "retry": retry}
        return publish(chain(1, node))

    patient_retry = {"max_attempts": THRESHOLD + 5, "initial": "1ms", "max": "1ms"}
    waiting = start(aimed(patient_retry))
    drive(catalogue=Catalogue(make(down, Effect.READ)))
    waiting.refresh_from_db()
    assert waiting.wake_at is not None, (waiting.status, waiting.error, called)
    assert called == list(range(1, THRESHOLD + 1))
    assert Breaker.objects.get().target == "host:pay.example:8443"
    hurried = start(aimed({"max_attempts": 2, "max_elapsed": "1s"}))
    drive(catalogue=Catalogue(make(down, Effect.READ)))
    hurried.refresh_from_db()
    assert hurried.status == "failed", "nobody wants it any more by then"
    assert len(called) == THRESHOLD
    held = [event for event in journal(waiting) if getattr(event, "counts", True) is False]
    assert held

    async def up(config: Aimed, step: Step) -> Json:
        await asyncio.sleep(0)  # what waits for nothing reaches for no target
        called.append(step.attempt)
        return {"ok": True}

    drive(catalogue=Catalogue(make(up, Effect.READ)), clock=Later())
    waiting.refresh_from_db()
    assert waiting.status == "succeeded"
    assert called[-1] == THRESHOLD + 1
    assert Breaker.objects.get().state == "closed"


@pytest.fixture
def operator() -> Person:
    return person("operator", "operator")


def test_it_is_closed_by_hand_once_and_written_down(operator: Person) -> None:
    async def scenario(home: UUID, read: Reading) -> None:
        await fail(Breakers(read), operator.actor.workspace, T0)

    watching(scenario)
    (breaker,) = list_breakers(operator.actor).rows
    assert breaker.state == "open"
    for _ in range(2):
        assert reset_breaker(operator.actor, breaker.pk).state == "closed"
    assert AuditEntry.objects.filter(verb="closed", subject=f"circuit breaker {TARGET}").count() == 1
    assert [one.failures for one in list_breakers(operator.actor).rows] == [0]
