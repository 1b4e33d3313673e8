"""Work in several goes: a node that answers `Again` is parked and called again with what it had come to."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from flows.engine.events import StepFailed, StepStarted, StepSucceeded, TimerSet
from flows.models import Run
from flows.nodes.base import Again, Effect, Json, Recoverable, Step
from flows.runtime.alone import AloneReply, AloneRequest
from flows.runtime.clock import VirtualClock
from tests.runtime.house import die_in_mid_step, drive, journal, kinds, publish, send, start
from tests.runtime.nodes import Catalogue, Given, forever, make

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = 3_600_000_000


async def looking(config: Given, step: Step) -> Again | Json:
    """Done in its third go; each is an hour after the one before."""
    gone = 0 if step.state is None else int(str(step.state["gone"]))
    if gone == 2:
        return {"gone": gone, "key": step.idempotency_key, "clock": step.clock}
    return Again(step.began + HOUR, {"gone": gone + 1})


async def failing_later(config: Given, step: Step) -> Again:
    if step.state is None:
        return Again(step.began + HOUR, {"gone": 1})
    raise Recoverable(f"not yet, after {step.state['gone']}")


async def greedy(config: Given, step: Step) -> Again:
    return Again(step.began + HOUR, {"much": "x" * 40_000})


def one(function: Callable[..., Any], **more: Any) -> tuple[Run, Catalogue]:
    document = {
        "dsl": 1,
        "name": "goes",
        "nodes": [{"id": "start", "type": "trigger.manual"}, {"id": "n0", "type": "test.node", **more}],
        "edges": [{"from": "start", "to": "n0"}],
    }
    return start(publish(document)), Catalogue(make(function, Effect.KEYED))


def test_each_go_is_given_what_the_last_came_to_and_the_run_is_parked_between_them() -> None:
    run, types = one(looking)
    for hour, status in enumerate(("waiting", "waiting", "succeeded")):
        drive(catalogue=types, clock=VirtualClock(start=10 * HOUR + hour * HOUR))
        run.refresh_from_db()
        assert run.status == status
    waits = [event for event in journal(run) if isinstance(event, TimerSet)]
    assert [event.again for event in waits] == [{"gone": 1}, {"gone": 2}]
    done = next(event for event in journal(run) if isinstance(event, StepSucceeded) and event.step == "n0")
    assert isinstance(done.output, dict)
    assert (done.output["gone"], done.output["clock"]) == (2, 10 * HOUR)  # one key, one content: the first go's clock


def test_a_go_before_its_time_is_not_begun() -> None:
    run, types = one(looking)
    drive(catalogue=types, clock=VirtualClock(start=10 * HOUR))
    drive(catalogue=types, clock=VirtualClock(start=10 * HOUR + HOUR // 2))
    assert kinds(run).count("step_started") == 1


def test_a_go_that_dies_is_gone_again_from_what_the_one_before_came_to() -> None:
    async def stuck(config: Given, step: Step) -> Again | Json:
        if step.state is not None and deaths:
            deaths.pop()
            await asyncio.Event().wait()
        return await looking(config, step)

    deaths = [1]
    run, types = one(stuck)
    drive(catalogue=types, clock=VirtualClock(start=10 * HOUR))
    die_in_mid_step(types, clock=VirtualClock(start=11 * HOUR))
    drive(catalogue=types, clock=VirtualClock(start=11 * HOUR))
    assert kinds(run).count("attempt_lost") == 1
    assert [event.again for event in journal(run) if isinstance(event, TimerSet)] == [{"gone": 1}, {"gone": 2}]


def test_the_tries_of_each_go_are_counted_from_one() -> None:
    run, types = one(failing_later, retry={"max_attempts": 2, "initial": "1h", "jitter": 0})
    for hour in (10, 11, 12):
        drive(catalogue=types, clock=VirtualClock(start=hour * HOUR))
    assert [event.attempt for event in journal(run) if isinstance(event, StepStarted)] == [1, 2, 3]
    failed = next(event for event in journal(run) if isinstance(event, StepFailed))
    assert failed.error.message == "not yet, after 1"


def test_a_run_cancelled_between_two_goes_begins_no_other() -> None:
    run, types = one(looking)
    drive(catalogue=types, clock=VirtualClock(start=10 * HOUR))
    send(run, "cancel", {"reason": "enough"})
    drive(catalogue=types, clock=VirtualClock(start=12 * HOUR))
    run.refresh_from_db()
    assert run.status == "cancelled"
    assert kinds(run).count("step_started") == 1


def test_more_than_an_event_holds_is_refused_at_the_step() -> None:
    run, types = one(greedy)
    drive(catalogue=types, clock=VirtualClock(start=10 * HOUR))
    failed = next(event for event in journal(run) if isinstance(event, StepFailed))
    assert failed.error.code == "output_too_large"


async def faithful(config: Given, step: Step) -> Json | Again:
    """Goes on for ever, and takes back what it began when nobody waits for it any more: in two goes."""
    gone = 0 if step.state is None else int(str(step.state["gone"]))
    if not step.leaving:
        return Again(step.began + HOUR, {"gone": gone + 1}, farewell=True)
    if gone < 100:
        return Again(step.began + HOUR, {"gone": 100}, farewell=True)
    return {"taken back": True}


def test_a_node_that_asked_for_it_takes_back_what_it_began_when_its_run_is_cancelled() -> None:
    run, types = one(faithful)
    drive(catalogue=types, clock=VirtualClock(start=10 * HOUR))
    send(run, "cancel", {"reason": "enough"})
    drive(catalogue=types, clock=VirtualClock(start=10 * HOUR + 1))
    run.refresh_from_db()
    assert (run.status, kinds(run).count("step_started")) == ("waiting", 2), "it has a go at once, and is parked"
    drive(catalogue=types, clock=VirtualClock(start=12 * HOUR))
    run.refresh_from_db()
    assert run.status == "cancelled"
    assert kinds(run)[-4:] == ["timer_set", "step_started", "step_succeeded", "run_cancelled"]


def test_alone_in_a_process_it_is_told_too() -> None:
    """What a suspect step is told comes over the line as it is."""
    run, types = one(faithful)
    asked: list[AloneRequest] = []

    async def alone(request: AloneRequest, until_told: object) -> AloneReply:
        asked.append(request)
        return AloneReply(result="Answer", fields={"output": None, "port": "out"}, logs=[])

    drive(catalogue=types, clock=VirtualClock(start=10 * HOUR))
    for hour in (11, 12):
        die_in_mid_step(Catalogue(make(forever, Effect.KEYED)), clock=VirtualClock(start=hour * HOUR))
    send(run, "cancel", {"reason": "enough"})
    drive(catalogue=types, clock=VirtualClock(start=13 * HOUR), alone=alone)
    assert [(request.leaving, request.state) for request in asked] == [(True, {"gone": 1})]
